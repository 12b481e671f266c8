"""Training a simplification network on pairs of rough and clean pictures.

Two stages, as published. The first learns from pairs alone. The second (`loss.adversarial`
above 0) adds a critic that has seen clean drawings, asked also about rough pictures
that have no clean one: Simo-Serra et al. 2018.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from ..datasets.pairs import PairSource
from ..strokes.atomic import write_atomically
from .picture_batches import PairBatches, as_ink, shrunk, with_identity
from .settings import check_ranges
from .simplifier_critic import SimplifierCritic, critic_hinge
from .simplifier_loss import SimplifierLossConfig, pair_loss, soft_f_score
from .training import StepLoss, TrainConfig

# Patches watched while training, and on a sheet. Seeded, so every evaluation sees the same.
WATCH_PATCHES = 64
SHEET_PATCHES = 6
WATCH_SEED = 20_161_1
# Apart from the pairs' own seeds.
ALONE_SEED = 1_000_003
# px by which a line may lie off in the watched score: half of what the final figure allows at
# 1000 px, for that is soon near 1 and tells runs apart no more.
WATCH_TOLERANCE = 2


@dataclass(frozen=True)
class PatchConfig:
    """Which pairs, and how they are cut."""

    size: int = 256
    """Side of a patch, px; a multiple of 32."""
    shrink: float = 0.7
    """Patches are cut larger and shrunk by this: what lies far apart is seen together, in less
    time. `linework clean` brings pictures to lines of the width that this leaves."""
    shares: tuple[float, ...] = ()
    """How often each `--data` is drawn from; none takes them equally often."""
    identity: float = 0.05
    """Share of patches whose rough side is the clean one: a clean line stays itself."""
    workers: int = 0
    """Processes that draw patches ahead."""

    def __post_init__(self) -> None:
        check_ranges(
            self,
            {"size": (32, 4096), "shrink": (0.1, 1), "identity": (0, 1), "workers": (0, 256)},
        )


class SimplifierTask:
    """The `Task` of training a simplifier, of either architecture.

    Args:
        module: gives logits of ink.
        source: pairs to learn from.
        watched: pairs to judge by, of other drawings.
        rough: rough pictures without clean ones, for the adversarial stage; None uses the
            rough side of further pairs.
        clean: clean pictures without rough ones, which the critic sees too; None shows it
            only those of the pairs.
        about: what else the header of the weights should say.
    """

    work_unit = "px"

    def __init__(
        self,
        name: str,
        module: nn.Module,
        config: Any,
        source: PairSource,
        watched: PairSource,
        patches: PatchConfig,
        loss: SimplifierLossConfig,
        train: TrainConfig,
        *,
        rough: PairSource | None = None,
        clean: PairSource | None = None,
        about: dict[str, Any] | None = None,
    ) -> None:
        self.name = name
        self.module = module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.config, self.patches = config, patches
        self.loss_config, self.train_config = loss, train
        self.about = about or {}
        size, batch = patches.size, train.batch_size
        source, watched = shrunk(source, patches.shrink), shrunk(watched, patches.shrink)
        settings = {"seed": train.seed, "workers": patches.workers}
        learnt = with_identity(source, patches.identity)
        self.batches = PairBatches(learnt, size, batch, **settings)
        self.critic: nn.Module | None = None
        self.clean: PairBatches | None = None
        if loss.adversarial:
            self.critic = SimplifierCritic()
            settings["seed"] += ALONE_SEED
            half = max(1, batch // 2)
            alone = shrunk(rough, patches.shrink) if rough is not None else source
            self.rough = PairBatches(alone, size, half, **settings)
            if clean is not None:
                self.clean = PairBatches(shrunk(clean, patches.shrink), size, half, **settings)
        self.watch = _watched(watched, size)
        self._judged: tuple[Tensor, Tensor] | None = None

    def header(self) -> dict[str, Any]:
        """Everything the weights were made with."""
        return {
            "config": dataclasses.asdict(self.config),
            "patches": dataclasses.asdict(self.patches),
            "loss": dataclasses.asdict(self.loss_config),
            "train": dataclasses.asdict(self.train_config),
            **self.about,
        }

    def loss(self, module: nn.Module, step: int, rank: int, world: int) -> StepLoss:
        """Of a batch of pairs, and of the critic's word on what was drawn."""
        device = next(self.module.parameters()).device
        rough, clean = _on(device, *self.batches.at(step, rank, world, device))
        logits = module(rough)
        loss = pair_loss(logits, clean, self.loss_config)
        figures = {"loss": loss}
        if self.critic is not None:
            unpaired, _ = _on(device, *self.rough.at(step, rank, world, device))
            drawn = torch.sigmoid(torch.cat([logits, module(unpaired)]))
            fooled = -self.critic(drawn).mean()
            loss = loss + self.loss_config.adversarial * fooled
            if self.clean is not None:
                alone, _ = _on(device, *self.clean.at(step, rank, world, device))
                clean = torch.cat([clean, alone])
            self._judged = clean, drawn.detach()
            figures["fooled"] = fooled
        return StepLoss(loss, figures, rough.numel() * world)

    def critic_loss(self, critic: nn.Module, step: int, rank: int, world: int) -> StepLoss:
        """Hinge on the clean pictures and the drawn ones of the same step."""
        assert self._judged is not None, "the critic is asked after the loss of the step"
        clean, drawn = self._judged
        loss = critic_hinge(critic(clean), critic(drawn))
        return StepLoss(loss, {"critic": loss}, 0)

    def evaluate(self) -> dict[str, float]:
        """The pair loss on the watched patches; the F-score beside it; the score is their sum's."""
        device = next(self.module.parameters()).device
        losses, found = [], []
        for rough, clean in _halves(self.watch):
            rough, clean = _on(device, rough, clean)
            logits = self.module(rough).float()
            losses.append(pair_loss(logits, clean, self.loss_config).item())
            sure = (logits > 0).float()
            found.append(soft_f_score(sure, (clean > 0.5).float(), WATCH_TOLERANCE).item())
        return {"score": 1 - _mean(found), "loss": _mean(losses)}

    def sheet(self, path: Path) -> None:
        """Rough, drawn and clean beside each other, six rows, as a PNG."""
        device = next(self.module.parameters()).device
        self.module.eval()
        rough, clean = (half[:SHEET_PATCHES] for half in self.watch)
        with torch.no_grad():
            drawn = torch.sigmoid(self.module(rough.to(device)).float()).cpu()
        rows = torch.cat([rough, drawn, clean], dim=3)[:, 0]
        picture = ((1 - rows.reshape(-1, rows.shape[-1]).numpy()) * 255).astype(np.uint8)
        encoded = cv2.imencode(".png", picture)[1]
        write_atomically(path.with_suffix(".png"), encoded.tobytes())


def _watched(source: PairSource, size: int) -> tuple[Tensor, Tensor]:
    pairs = [
        source.patch(size, np.random.default_rng((WATCH_SEED, i))) for i in range(WATCH_PATCHES)
    ]
    rough = torch.from_numpy(np.stack([pair.rough for pair in pairs]))[:, None]
    clean = torch.from_numpy(np.stack([pair.clean for pair in pairs]))[:, None]
    return as_ink(rough, clean)


def _halves(pair: tuple[Tensor, Tensor], batch: int = 16) -> Sequence[tuple[Tensor, Tensor]]:
    rough, clean = pair
    return list(zip(rough.split(batch), clean.split(batch), strict=True))


def _on(device: torch.device, *tensors: Tensor) -> tuple[Tensor, ...]:
    return tuple(
        t.to(device, non_blocking=True, memory_format=torch.channels_last) for t in tensors
    )


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)
