"""Training a segmenter on crops of pictures with label maps.

The loss is the cross-entropy of each px, rare labels weighing more, and beside it the overlap
of each label over the batch (soft Dice; Milletari et al., "V-Net", 2016), which is near
what intersection over union will say: to it, a bench counts as much as the sky.
Px that nobody labelled teach nothing.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import Dataset

from ..datasets.label_folder import Classes, Labelled
from ..datasets.label_score import count_pairs, no_counts, score_counts
from ..datasets.labelled_crops import IGNORED, CropLook
from ..datasets.labels import UNLABELLED
from ..strokes.errors import LineworkError
from ..strokes.png_bytes import write_array
from .painter_task import class_colors, classes_as_plain
from .picture_batches import Ahead
from .segmenter import FOLD, Segmenter, SegmenterConfig
from .settings import check_ranges
from .training import StepLoss, TrainConfig

# Pictures watched while training, and on a sheet; seeded, so every evaluation sees the same.
WATCHED, SHEET = 96, 6
WATCH_SEED = 20_150_5
# Apart from the seeds of a step's crops.
PHASE = 1_000_003
# A rare label weighs at most this many times what the median one does.
HEAVIEST = 8.0


@dataclass(frozen=True)
class CropsConfig:
    """Which pictures, and how crops are cut and changed."""

    names: str = ""
    """What the labels mean: cocostuff, ade20k, cityscapes, scene, or a .csv with id,name,rgb;
    nothing asks the folder."""
    ignored: tuple[str, ...] = ("void", "unlabelled", "unlabeled", "ignore", "__ignore__")
    """Labels that teach nothing and are never found."""
    sizes: tuple[int, ...] = (128, 128, 192, 256)
    """Sides of crops, px; each step takes one of them."""
    least_shown: float = 0.6
    """Least of a picture's shorter side that a crop shows."""
    most_shown: float = 1.0
    """Most of it; crops are scaled to their size."""
    balanced: float = 0.5
    """Share of crops around a px of a label, every label equally often."""
    mirrored: float = 0.5
    """Share of crops that are mirrored."""
    colour: float = 1.0
    """How much colours and light change, 0 to 1."""
    blurred: float = 0.2
    """Share of crops that are blurred."""
    noisy: float = 0.2
    """Share that gets noise."""
    compressed: float = 0.15
    """Share that is a JPEG in between."""
    workers: int = 0
    """Processes that cut crops ahead."""

    def __post_init__(self) -> None:
        shares = ("balanced", "mirrored", "colour", "blurred", "noisy", "compressed")
        limits: dict[str, tuple[float, float]] = dict.fromkeys(shares, (0, 1))
        limits |= {"least_shown": (0.01, self.most_shown), "most_shown": (0.01, 1)}
        check_ranges(self, limits | {"workers": (0, 256)})
        for size in self.sizes or (0,):
            check_ranges(_Size(size), {"sizes": (16, 4096)})
            if size % FOLD:
                raise LineworkError(f"sizes has {size}; wanted multiples of {FOLD}")

    @property
    def seen(self) -> tuple[int, int]:
        """Shorter sides of pictures as they are seen, px: others will be brought there.

        Up to the largest crops that show as much as the middle one: the ends of what is seen
        are rare.
        """
        middle = (self.least_shown + self.most_shown) / 2
        return min(self.sizes), round(max(self.sizes) / middle)

    @property
    def look(self) -> CropLook:
        """As `LabelledCrops` takes it."""
        return CropLook(
            (self.least_shown, self.most_shown),
            self.balanced,
            self.mirrored,
            self.colour,
            self.blurred,
            self.noisy,
            self.compressed,
        )


@dataclass(frozen=True, slots=True)
class _Size:
    sizes: int


@dataclass(frozen=True)
class SegmenterLossConfig:
    """What is descended."""

    rarity: float = 0.4
    """A label weighs as the median share of px over its own, to this power; 0 weighs all alike."""
    overlap: float = 1.0
    """Weight of the soft overlap beside the cross-entropy; 0 for none."""

    def __post_init__(self) -> None:
        check_ranges(self, {"rarity": (0, 2), "overlap": (0, math.inf)})


class CropSource(Protocol):
    """Where crops come from; `LabelledCrops` is one."""

    classes: Classes

    def patch(self, size: int, rng: np.random.Generator) -> Labelled:
        """A square of `size` px, labels as indices of `classes` or `IGNORED`."""
        ...


class SegmenterTask:
    """The `Task` of training a segmenter.

    Args:
        module: with as many classes as the source has.
        source: to learn from.
        watched: to judge by, other pictures with the same classes, unchanged.
        shares: of the px of the source, by class.
        about: what else the header of the weights should say.
    """

    name = "segmenter"
    work_unit = "px"

    def __init__(
        self,
        module: Segmenter,
        source: CropSource,
        watched: CropSource,
        shares: Sequence[float],
        crops: CropsConfig,
        loss: SegmenterLossConfig,
        train: TrainConfig,
        *,
        about: dict[str, Any] | None = None,
    ) -> None:
        self.config: SegmenterConfig = module.config
        self.module: nn.Module = module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.source, self.classes = source, source.classes
        self.crops, self.loss_config, self.train_config = crops, loss, train
        self.about = about or {}
        self.weights = label_weights(shares, loss.rarity)
        self._ahead = Ahead(crops.workers)
        sizes = sorted(set(crops.sizes))
        self.watch = [
            watched.patch(sizes[i % len(sizes)], np.random.default_rng((WATCH_SEED, i)))
            for i in range(WATCHED)
        ]

    def header(self) -> dict[str, Any]:
        """Everything the weights were made with, and what their labels mean."""
        return {
            "config": dataclasses.asdict(self.config),
            "crops": dataclasses.asdict(self.crops),
            "loss": dataclasses.asdict(self.loss_config),
            "train": dataclasses.asdict(self.train_config),
            "classes": classes_as_plain(self.classes),
            "seen": list(self.crops.seen),
            **self.about,
        }

    def loss(self, module: nn.Module, step: int, rank: int, world: int) -> StepLoss:
        """Of a batch of crops of one size."""
        device = next(self.module.parameters()).device
        picture, labels = self._batch(step, rank, world, device)
        # One px of each square, another at every step: the loss of all of them would cost as much
        # as the network, and they share what they come from.
        seed = (self.train_config.seed, step, PHASE)
        row, column = (int(n) for n in np.random.default_rng(seed).integers(0, FOLD, 2))
        said = torch.log_softmax(module(picture, (row, column)).float(), dim=1)
        labels = labels[:, row::FOLD, column::FOLD]
        weights = self.weights.to(device)
        told = F.nll_loss(said, labels, weights, ignore_index=IGNORED, reduction="sum")
        # By the weights of the px that are labelled; a batch without one teaches nothing.
        mass = weights[labels[labels != IGNORED]].sum().clamp(min=1)
        loss = told / mass
        figures = {"cross_entropy": loss}
        if self.loss_config.overlap:
            apart = 1 - soft_overlap(said.exp(), labels)
            figures["apart"] = apart
            loss = loss + self.loss_config.overlap * apart
        return StepLoss(loss, {"loss": loss, **figures}, picture[:, 0].numel() * world)

    def evaluate(self) -> dict[str, float]:
        """Mean intersection over union on the watched crops; the score is what lacks to 1."""
        counts = no_counts()
        pixels = np.array([*self.classes.pixels] + [UNLABELLED] * 256, np.uint8)[:256]
        for crop in self.watch:
            counts += count_pairs(pixels[crop.labels], pixels[self._found(crop)])
        score = score_counts(counts, self.classes.names)
        return {"score": 1 - score.mean_iou, "accuracy": score.pixel_accuracy}

    def sheet(self, path: Path) -> None:
        """Pictures, their labels and those found, as a PNG."""

        self.module.eval()
        colors = np.zeros((256, 3), np.uint8)
        colors[: len(self.classes)] = class_colors(self.classes)
        largest = max(self.crops.sizes)
        rows = []
        for crop in [c for c in self.watch if len(c.labels) == largest][:SHEET]:
            with torch.no_grad():
                found = self._found(crop)
            rows.append(np.hstack([crop.picture, colors[crop.labels], colors[found]]))
        write_array(path.with_suffix(".png"), np.vstack(rows))

    def _found(self, crop: Labelled) -> np.ndarray:
        """The likeliest class of each px, uint8 (S, S)."""
        device = next(self.module.parameters()).device
        picture = torch.from_numpy(crop.picture.copy()).permute(2, 0, 1)[None].to(device).float()
        logits = self.module(picture.contiguous(memory_format=torch.channels_last))
        return np.asarray(logits[0].argmax(dim=0).cpu().numpy(), np.uint8)

    def _batch(
        self, step: int, rank: int, world: int, device: torch.device
    ) -> tuple[Tensor, Tensor]:
        rows = range(rank, self.train_config.batch_size, world)
        picture, labels = self._ahead.at(
            step, lambda: _Steps(self.source, self.crops.sizes, self.train_config.seed, rows)
        )
        picture = picture.to(device, non_blocking=True).float()
        picture = picture.contiguous(memory_format=torch.channels_last)
        return picture, labels.to(device, non_blocking=True).long()


def label_weights(shares: Sequence[float], power: float) -> Tensor:
    """What a px of each label weighs: the median's share over its own, to a power; float32.

    At most `HEAVIEST`, and at least one over it.
    """
    known = np.asarray(shares, np.float64)
    weights = (np.median(known) / np.maximum(known, 1e-12)) ** power
    return torch.tensor(np.clip(weights, 1 / HEAVIEST, HEAVIEST), dtype=torch.float32)


def soft_overlap(probability: Tensor, labels: Tensor) -> Tensor:
    """Soft Dice of the labels that are there, mean over them; 1 is perfect.

    Args:
        probability: (B, classes, H, W), sums 1 over the classes.
        labels: int64 (B, H, W), `IGNORED` where there is none.
    """
    classes = probability.shape[1]
    here = labels != IGNORED
    safe = torch.where(here, labels, 0)
    right = probability.gather(1, safe[:, None])[:, 0] * here  # (B, H, W)
    flat = safe.flatten()
    both = torch.zeros(classes, device=probability.device).index_add(0, flat, right.flatten())
    true = torch.zeros_like(both).index_add(0, flat, here.flatten().float())
    found = (probability * here[:, None]).sum(dim=(0, 2, 3))
    there = true > 0
    # One px of slack: a label of a few px is not all or nothing.
    dice = (2 * both + 1) / (true + found + 1)
    return dice[there].mean() if there.any() else dice.sum() * 0 + 1


class _Steps(Dataset[tuple[Tensor, Tensor]]):
    """Item t is this process's share of batch t: pictures (B, 3, S, S), labels, both uint8."""

    def __init__(self, source: CropSource, sizes: Sequence[int], seed: int, rows: range) -> None:
        self.source, self.sizes, self.seed, self.rows = source, sizes, seed, rows

    def __getitem__(self, step: int) -> tuple[Tensor, Tensor]:
        # All processes take the same.
        size = int(np.random.default_rng((self.seed, step)).choice(self.sizes))
        crops = [
            self.source.patch(size, np.random.default_rng((self.seed, step, row)))
            for row in self.rows
        ]
        picture = torch.from_numpy(np.stack([crop.picture for crop in crops]))
        labels = torch.from_numpy(np.stack([crop.labels for crop in crops]))
        return picture.permute(0, 3, 1, 2), labels
