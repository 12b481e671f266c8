"""Training the network that proposes dense label maps; its figures."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..datasets.doodled_scenes import DoodledScenes, MapSample
from ..datasets.labels import vocabulary
from ..strokes.png_bytes import write_array
from .dense_map import DenseMap, DenseMapConfig
from .picture_batches import Ahead, SeededSteps
from .settings import check_ranges
from .training import StepLoss, TrainConfig

# Truth that is no label: not learnt from.
NO_LABEL = 255
# Held-out scenes looked at while training; on a sheet; read at a time.
WATCHED, SHEET, BATCH = 96, 8, 16


@dataclass(frozen=True)
class MapLossConfig:
    """What the loss weighs."""

    rarity: float = 0.35
    """A label of share s of all px weighs s ** -rarity: 0 counts px, 1 counts labels."""
    workers: int = 0
    """Processes that draw scenes ahead."""

    def __post_init__(self) -> None:
        check_ranges(self, {"rarity": (0, 1), "workers": (0, 256)})


@dataclass(frozen=True, slots=True)
class MapFigures:
    """How well label maps agree with the truth.

    Args:
        accuracy: share of the px.
        miou: mean over the labels that occur of intersection over union.
        by_label: that of each.
    """

    accuracy: float
    miou: float
    by_label: dict[str, float]


class DenseMapTask:
    """The `Task` of training a dense-map network."""

    name = "densemap"
    work_unit = "scenes"

    def __init__(
        self,
        config: DenseMapConfig,
        scenes: DoodledScenes,
        held_out: DoodledScenes,
        loss: MapLossConfig,
        train: TrainConfig,
    ) -> None:
        self.config = dataclasses.replace(config, labels=scenes.labels)
        self.scenes, self.held_out = scenes, held_out
        self.loss_config, self.train_config = loss, train
        torch.manual_seed(train.seed)
        self.module: nn.Module = DenseMap(self.config)
        self._ahead = Ahead(loss.workers)
        count = min(len(held_out), WATCHED)
        # Every other one with half of its objects' labels withheld.
        self.watch = stacked(
            [held_out.plain(k, self.config.side, withheld=0.5 * (k % 2)) for k in range(count)]
        )
        self.weights = _weights(scenes, loss.rarity)

    def header(self) -> dict[str, Any]:
        """Everything the weights were made with."""
        return {
            "config": dataclasses.asdict(self.config),
            "loss": dataclasses.asdict(self.loss_config),
            "train": dataclasses.asdict(self.train_config),
            "scenes": len(self.scenes),
        }

    def loss(self, module: nn.Module, step: int, rank: int, world: int) -> StepLoss:
        """Cross-entropy, rare labels weighing more."""
        draw = partial(self.scenes.sample, self.config.side)
        rows = range(rank, self.train_config.batch_size, world)
        ink, area, truth = self._ahead.at(
            step,
            lambda: SeededSteps(draw, stacked, self.train_config.seed, rows),
        )
        device = next(module.parameters()).device
        logits = module(ink.to(device).long(), area.to(device).long())
        wanted = _halved(truth).to(device).long()
        loss = F.cross_entropy(logits, wanted, self.weights.to(device), ignore_index=NO_LABEL)
        right = (logits.argmax(1) == wanted).float().mean()
        return StepLoss(loss, {"loss": loss, "accuracy": right}, self.train_config.batch_size)

    def evaluate(self) -> dict[str, float]:
        """Figures on held-out scenes; the score is 1 - mIoU."""
        said = read_maps(self.module, *self.watch[:2])
        figures = map_figures(said, _halved(self.watch[2]).numpy(), self.config.labels)
        return {"score": 1 - figures.miou, "miou": figures.miou, "accuracy": figures.accuracy}

    def sheet(self, path: Path) -> None:
        """Doodles, what the network says of them, and the truth: a PNG."""

        ink, area, truth = (part[:SHEET] for part in self.watch)
        said = read_maps(self.module, ink, area)
        names = vocabulary("scene")
        colors = np.zeros((256, 3), np.uint8)
        for index, label in enumerate(self.config.labels):
            colors[index] = names.label(label).rgb
        paper = np.where((ink == self.config.nothing).numpy(), 255, 0).astype(np.uint8)
        large = said.repeat(2, axis=1).repeat(2, axis=2)
        rows = [
            np.hstack([np.repeat(p[:, :, None], 3, axis=2), colors[s], colors[t]])
            for p, s, t in zip(paper, large, truth.numpy(), strict=True)
        ]
        half = (len(rows) + 1) // 2
        rows += [np.zeros_like(rows[0])] * (2 * half - len(rows))
        picture = np.hstack([np.vstack(rows[:half]), np.vstack(rows[half:])])
        write_array(path.with_suffix(".png"), picture)


def read_maps(module: nn.Module, ink: Tensor, area: Tensor) -> npt.NDArray[np.uint8]:
    """Proposed indices, uint8 (N, S/2, S/2), of indices uint8 (N, S, S). Leaves it in eval."""
    device = next(module.parameters()).device
    module.eval()
    found = []
    with torch.inference_mode():
        for first in range(0, len(ink), BATCH):
            part = slice(first, first + BATCH)
            logits = module(ink[part].to(device).long(), area[part].to(device).long())
            found.append(logits.argmax(1).to(torch.uint8).cpu())
    return np.asarray(torch.cat(found).numpy(), np.uint8)


def map_figures(
    said: npt.NDArray[np.uint8], truth: npt.NDArray[np.uint8], labels: Sequence[str]
) -> MapFigures:
    """Figures over all px of all maps together; a label that never occurs does not count.

    Args:
        said, truth: of one shape, indices of `labels`; px of `NO_LABEL` in truth do not count.
    """
    count = len(labels)
    known = truth != NO_LABEL
    pairs = truth[known].astype(np.int64) * 256 + said[known]
    table = np.bincount(pairs, minlength=256 * 256).reshape(256, 256)
    hit = np.diag(table)[:count].astype(np.float64)
    union = table.sum(axis=1)[:count] + table.sum(axis=0)[:count] - hit
    occurs = table.sum(axis=1)[:count] > 0
    each = {label: float(hit[k] / union[k]) for k, label in enumerate(labels) if occurs[k]}
    total = int(known.sum())
    return MapFigures(
        float(hit.sum() / max(total, 1)), float(np.mean(list(each.values()) or [0.0])), each
    )


def stacked(samples: Sequence[MapSample]) -> tuple[Tensor, Tensor, Tensor]:
    """Ink, area and truth, uint8 (N, S, S)."""
    ink, area, truth = (
        torch.from_numpy(np.stack([getattr(sample, part) for sample in samples]))
        for part in ("ink", "area", "truth")
    )
    return ink, area, truth


def _halved(truth: Tensor) -> Tensor:
    """Every other px: the size of what the network says."""
    return truth[:, ::2, ::2]


def _weights(scenes: DoodledScenes, rarity: float, looked_at: int = 200) -> Tensor:
    """The weight of each label, float32 (labels,), 1 on average over px."""
    counts = np.ones(len(scenes.labels))  # one px of each, for those that are not met
    for k in np.unique(np.linspace(0, len(scenes) - 1, looked_at).astype(np.int64)).tolist():
        found = np.bincount(scenes.read(k).truth.ravel(), minlength=256)
        counts += found[: len(scenes.labels)]
    share = counts / counts.sum()
    weights = np.maximum(share, 1e-4) ** -rarity
    return torch.from_numpy((weights / (weights * share).sum()).astype(np.float32))
