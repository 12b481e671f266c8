"""Training a sketch-rnn on a table: joins the model, its batches and the loop."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import nn

from ..strokes import DrawingTable, from_stroke3
from ..strokes.errors import LineworkError
from ..strokes.sheet import sheet
from ..strokes.svg_write import write_svg
from .batch_share import BatchShare
from .batches import (
    Augmentation,
    Batches,
    Sequences,
    evaluation_batches,
    measure_box,
    measure_scales,
    select,
)
from .fused_cells import fuse
from .resident_batches import ResidentBatches
from .settings import check_ranges
from .sketchrnn import SketchRNN, SketchRNNConfig
from .sketchrnn_figures import WATCH_NODES, sketchrnn_figures
from .sketchrnn_sampling import Sampler, Temperatures
from .training import StepLoss, TrainConfig

# Drawings evaluated while training; the standard error of the score is then about 1 %.
WATCH_DRAWINGS = 1000
SHEET_DRAWINGS = 20


@dataclass(frozen=True)
class LossConfig:
    """What the loss weighs."""

    kl_weight: float = 0.08
    """Final weight of the divergence, a mean over the latent's dimensions."""
    kl_start: float = 0.02
    """Its weight at step 0."""
    kl_decay: float = 0.999
    """The gap to the final weight shrinks by this factor a step."""
    kl_tolerance: float = 0.0
    """Nats a dimension below which the divergence is not pressed; published 0.2."""
    normalise: Literal["points", "published"] = "points"
    """Divide nats by real points; or the published loss, exactly: divide by drawings x
    longest, count the pen over the padding, and so pad every batch to the longest."""

    def __post_init__(self) -> None:
        check_ranges(
            self,
            {
                "kl_weight": (0, math.inf),
                "kl_start": (0, math.inf),
                "kl_decay": (0, 1),
                "kl_tolerance": (0, math.inf),
            },
        )

    @property
    def published(self) -> bool:
        """Whether the loss is the published one, padding and all."""
        return self.normalise == "published"

    def weight(self, step: int) -> float:
        """The divergence's weight at a step."""
        return self.kl_weight - (self.kl_weight - self.kl_start) * self.kl_decay**step


@dataclass(frozen=True)
class DataConfig:
    """Which drawings, and how they are changed while training."""

    words: tuple[str, ...] = ()
    """Words to learn; none takes all in the table."""
    max_points: int = 250
    """Longer drawings are left out."""
    balance: float = 0.0
    """0 keeps the words' shares of the data, 1 shows all words equally often."""
    stretch: float = 0.15
    """Each axis is stretched by a factor within 1 ± this."""
    drop: float = 0.10
    """Probability that a point inside a stroke is left out."""
    rotate: float = 0.0
    """Rotation within ± this many degrees."""
    mirror: float = 0.0
    """Probability of a left-right mirror image."""
    fade: float = 0.2
    """Point dropping fades out over this last share of the steps."""

    def __post_init__(self) -> None:
        check_ranges(
            self,
            {
                "max_points": (1, math.inf),
                "balance": (0, 1),
                "stretch": (0, 0.9),
                "drop": (0, 1),
                "rotate": (0, 180),
                "mirror": (0, 1),
                "fade": (0, 1),
            },
        )

    def augmentation(self, progress: float) -> Augmentation:
        """The augmentation when a share `progress` of the steps is done."""
        rest = min(1.0, (1 - progress) / self.fade) if self.fade else 1.0
        return Augmentation(self.stretch, self.drop * rest, self.rotate, self.mirror)


@dataclass(frozen=True)
class KernelConfig:
    """How the arithmetic is carried out; not what is computed."""

    fused: bool = False
    """Train lstm, layernorm and hyper cells by fused kernels (models/fused_cells.py), which
    need CUDA and Triton; written without a GPU, and not yet measured."""


class SketchRNNTask:
    """The `Task` of training a sketch-rnn."""

    name = "sketchrnn"
    work_unit = "points"

    def __init__(
        self,
        table: DrawingTable,
        model: SketchRNNConfig,
        data: DataConfig,
        loss: LossConfig,
        config: TrainConfig,
        kernels: KernelConfig | None = None,
    ) -> None:
        self.kernels = kernels or KernelConfig()
        self.data, self.loss_config, self.train_config = data, loss, config
        words = data.words or tuple(table.words()[0])
        train = select(table, "train", words, data.max_points, data.balance)
        scale, position_scale = measure_scales(train)
        # Longer ones, when drawn, then meet no distance that was never trained.
        window = min(model.decoder_window, int(train.lengths.max()) + 1)
        self.config = dataclasses.replace(
            model,
            words=words,
            scale=scale,
            position_scale=position_scale,
            decoder_window=window,
        )
        self.train_drawings = len(train)
        # N_max, as published: of all splits.
        self.longest = int(select(table, None, words, data.max_points).lengths.max())
        self.box = measure_box(train)
        torch.manual_seed(config.seed)
        self.module: nn.Module = SketchRNN(self.config)
        if self.kernels.fused:
            fuse(self.module)
        self.batches = Batches(
            train,
            self.config,
            config.batch_size,
            seed=config.seed,
            bucket=not loss.published,
            pad_to=self.longest if loss.published else None,
        )
        self._resident: ResidentBatches | None = None
        self.watch = evaluation_batches(_watched(table, words, data), self.config)

    def header(self) -> dict[str, Any]:
        """Everything the weights were made with."""
        return {
            "config": dataclasses.asdict(self.config),
            "data": dataclasses.asdict(self.data),
            "loss": dataclasses.asdict(self.loss_config),
            "train": dataclasses.asdict(self.train_config),
            "kernels": dataclasses.asdict(self.kernels),
            "train_drawings": self.train_drawings,
            "box": self.box,
        }

    def loss(self, module: nn.Module, step: int, rank: int, world: int) -> StepLoss:
        """The published loss, or its form per real point."""
        augmentation = self.data.augmentation(step / self.train_config.steps)
        device = next(module.parameters()).device
        batch, points, drawings = self._batches_on(device).at(step, augmentation, rank, world)
        published = self.loss_config.published
        losses = module(batch.to(device), published)
        divisor = drawings * self.longest if published else points
        nats = (losses.offset + losses.pen) * (world / divisor)
        kl = losses.kl.sum() * (world / drawings / self.config.latent_size)
        weight = self.loss_config.weight(step) if self.config.variational else 0.0
        floor = self.loss_config.kl_tolerance
        # The floor is on the mean over the global batch, which no process knows alone.
        pressed = kl
        if floor:
            mean = BatchShare(rank, world, drawings).mean(kl)
            pressed = kl.where(mean > floor, floor)
        figures = {"loss": nats, "kl": kl, "kl_weight": weight}
        return StepLoss(nats + weight * pressed, figures, points)

    def _batches_on(self, device: torch.device) -> Batches | ResidentBatches:
        """Made by numpy on a CPU; on a GPU there, of drawings that lie there."""
        if device.type == "cpu":
            return self.batches
        if self._resident is None:
            self._resident = ResidentBatches(self.batches, device)
        return self._resident

    def evaluate(self) -> dict[str, float]:
        """Held-out figures; the score is what training descends, at the final weights."""
        model = self.module
        assert isinstance(model, SketchRNN)
        config = self.loss_config
        target = "lr" if config.published else self.config.likelihood
        figures = self._figures(model, with_latent=True)
        nats = figures[target]
        if self.config.latent_dropout and self.config.variational:
            without = self._figures(model, with_latent=False)
            figures["cell_without_latent"] = without["cell"]
            nats = 0.5 * (nats + without[target])
        for name in ("points", "drawings", "n_max"):
            del figures[name]
        pressed = max(figures.get("kl_dimension", 0.0), config.kl_tolerance)
        score = nats + (config.kl_weight * pressed if self.config.variational else 0.0)
        return {"score": score, **figures}

    def _figures(self, model: SketchRNN, with_latent: bool) -> dict[str, float]:
        return sketchrnn_figures(
            model,
            self.watch,
            nodes=WATCH_NODES,
            with_latent=with_latent,
            n_max=self.longest,
            padding=self.loss_config.published,
        )

    def sheet(self, path: Path) -> None:
        """Samples from the prior, five to a row."""
        model = self.module
        assert isinstance(model, SketchRNN)
        device = next(model.parameters()).device
        generator = torch.Generator(device).manual_seed(0)
        words = torch.arange(SHEET_DRAWINGS, device=device) % max(len(self.config.words), 1)
        z = None
        if self.config.variational and not self.config.latent_dropout:
            z = torch.randn(
                SHEET_DRAWINGS, self.config.latent_size, device=device, generator=generator
            )
        with torch.no_grad():
            condition = model.condition(z, words)
        sampled = Sampler(model).draw(
            condition,
            temperatures=Temperatures(),
            generator=generator,
            max_points=self.data.max_points,
        )
        write_svg(
            sheet([from_stroke3(rows) for rows in sampled.rows if len(rows)], columns=5), path
        )


def _watched(table: DrawingTable, words: tuple[str, ...], data: DataConfig) -> Sequences:
    """Drawings to watch while training: a fixed subset of the valid split.

    A small table may have none there; then training drawings, which at least show that
    the model learns.
    """
    try:
        found = select(table, "valid", words, data.max_points)
    except LineworkError:
        found = select(table, "train", words, data.max_points)
    if len(found) <= WATCH_DRAWINGS:
        return found
    chosen = np.linspace(0, len(found), WATCH_DRAWINGS, endpoint=False).astype(np.int64)
    return Sequences(found.table, found.rows[chosen], found.lengths[chosen], found.words[chosen])
