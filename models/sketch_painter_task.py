"""Training a painter of sketches against a critic that sees the sketch too.

As the painter is trained (`painter_task.py`): most pictures are painted in the style of the real
one, which is read off it, and brought near it in colour and in the critic's features; the others
in styles drawn at random, and only have to convince. The critic is OASIS's with one class, "a
photograph", beside "painted" (Schönfeld et al. 2021); as in pix2pix (Isola et al. 2017) it
judges pairs, so that a good picture of another sketch does not fool it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from ..datasets.sketch_folder import HALVES, Sketched
from ..strokes.errors import LineworkError
from .averaging import average_in
from .batch_share import BatchShare
from .painter import Style, random_style, with_spectral_norm
from .painter_critic import CriticConfig, PainterCritic, is_painted
from .painter_task import BATCH, FITTED, SHEET, WATCH_SEED, WATCHED
from .painting_loss import PaintingLossConfig, loss_to_taught, taught_of
from .patch_distance import patch_distance
from .picture_batches import Ahead, SeededSteps, as_bytes, as_tanh, seeded_generator, write_rows
from .settings import check_ranges
from .sketch_painter import SketchPainter, SketchPainterConfig
from .style_prior import fit_both
from .training import StepLoss, TrainConfig


@dataclass(frozen=True)
class SketchesConfig:
    """Which pictures, and how they are read."""

    halves: str = ""
    """What each picture of a folder holds: nothing is one picture; left or right, a picture in that
    half alone; sketch-picture or picture-sketch, a pair side by side."""
    workers: int = 0
    """Processes that cut crops ahead."""

    def __post_init__(self) -> None:
        check_ranges(self, {"workers": (0, 256)})
        if self.halves not in HALVES:
            raise LineworkError(f"halves is '{self.halves}'; wanted {', '.join(HALVES[1:])}")


class SketchSource(Protocol):
    """Where pictures with sketches come from; `SketchFolder` is one."""

    def patch(self, size: int, rng: np.random.Generator) -> Sketched:
        """A square of `size` px."""
        ...


class SketchPainterTask:
    """The `Task` of training a painter of sketches.

    Args:
        source: to learn from.
        watched: to judge by, other pictures.
        about: what else the header of the weights should say.
    """

    name = "sketchpainter"
    work_unit = "px"

    def __init__(
        self,
        config: SketchPainterConfig,
        critic: CriticConfig,
        source: SketchSource,
        watched: SketchSource,
        loss: PaintingLossConfig,
        train: TrainConfig,
        *,
        pictures: SketchesConfig | None = None,
        about: dict[str, Any] | None = None,
    ) -> None:
        self.config, self.critic_config = config, critic
        self.loss_config, self.train_config = loss, train
        self.pictures = pictures or SketchesConfig()
        self.about = about or {}
        layout: dict[str, Any] = {"memory_format": torch.channels_last}
        painter = _Learning(config)
        self.average: nn.Module = SketchPainter(config).to(**layout)
        self.average.load_state_dict(painter.state_dict())
        self.average.eval().requires_grad_(False)
        if loss.spectral_norm:
            with_spectral_norm(painter)
        self.module: nn.Module = painter.to(**layout)
        self.critic: PainterCritic | None = PainterCritic(1, critic, 3 + config.ink).to(**layout)
        self.source = source
        self._ahead = Ahead(self.pictures.workers)
        crops = [
            watched.patch(config.size, np.random.default_rng((WATCH_SEED, i)))
            for i in range(WATCHED)
        ]
        self.watch = _stacked(crops)
        self._judged: tuple[Tensor, Tensor, Tensor] | None = None

    def header(self) -> dict[str, Any]:
        """Everything the weights were made with."""
        return {
            "input": "sketch",
            "config": dataclasses.asdict(self.config),
            "critic": dataclasses.asdict(self.critic_config),
            "pictures": dataclasses.asdict(self.pictures),
            "loss": dataclasses.asdict(self.loss_config),
            "train": dataclasses.asdict(self.train_config),
            **self.about,
        }

    def loss(self, module: nn.Module, step: int, rank: int, world: int) -> StepLoss:
        """How real the critic finds what is painted, and how near the real it is."""
        assert self.critic is not None
        weigh = self.loss_config
        share = BatchShare(rank, world, self.train_config.batch_size)
        device = next(self.module.parameters()).device
        sketch, picture = self._batch(step, share, device)
        style = self._style(step, share, sketch)
        all_taught = taught_of(share, bool(self.config.encoder), weigh.prior)
        taught = share.among_first(all_taught)
        # What means over this process's pictures, and over its taught ones, count.
        whole, part = share.weight(len(sketch), share.count), share.weight(taught, all_taught)
        painted, kl = module(sketch, style.latent, style.noise, picture[:taught])
        self.critic.requires_grad_(False)  # its own gradients are asked for in `critic_loss`
        logits, features = self.critic(torch.cat([painted, sketch], dim=1))
        loss = whole * _is_real(logits)
        figures = {"real": loss}
        if taught:
            seen = torch.cat([picture[:taught], sketch[:taught]], dim=1)
            with torch.no_grad():
                real = self.critic.features(seen) if weigh.feature_matching else []
            near, told = loss_to_taught(
                weigh, share, part, kl, painted[:taught], picture[:taught], features, real
            )
            loss = loss + near
            figures |= told
        self.critic.requires_grad_(True)
        self._judged = sketch, picture, painted.detach()
        return StepLoss(loss, {"loss": loss, **figures}, picture[:, :1].numel() * world)

    def critic_loss(self, critic: nn.Module, step: int, rank: int, world: int) -> StepLoss:
        """Of the real pictures, and of the painted ones of the same step, with their sketches."""
        assert self._judged is not None, "the critic is asked after the loss of the step"
        sketch, picture, painted = self._judged
        count = self.train_config.batch_size
        whole = BatchShare(rank, world, count).weight(len(sketch), count)
        shown = torch.cat([picture, painted.to(picture.dtype)])
        # Together, so that several processes know the forward pass as one.
        logits, _ = critic(torch.cat([shown, torch.cat([sketch, sketch])], dim=1))
        said_real, said_painted = logits.split(len(picture))
        real, fake = whole * _is_real(said_real), whole * is_painted(said_painted)
        loss = real + fake
        return StepLoss(loss, {"critic": loss, "critic_real": real, "critic_painted": fake}, 0)

    def follow(self, step: int) -> None:
        """Takes the painter as it is now into the average."""
        average_in(self.average, self.module, step, self.loss_config.decay)

    def evaluate(self) -> dict[str, float]:
        """The patch distance from the watched pictures to their painted ones: the score.

        Before it, what styles are drawn from is fitted to those of pictures that are learnt from.
        """
        self._fit_prior()
        return {"score": patch_distance(self._painted(WATCHED), as_tanh(self.watch[1]))}

    def sheet(self, path: Path) -> None:
        """Sketches, painted in the real picture's style and in two others, the real: a PNG."""

        sketches = self.watch[0][:SHEET].expand(-1, 3, -1, -1)
        painted = [self._painted(SHEET), self._painted(SHEET, seed=1)]
        if self.config.encoder:
            painted.insert(0, self._painted(SHEET, like=as_tanh(self.watch[1][:SHEET])))
        shown = [sketches, *(as_bytes(p) for p in painted), self.watch[1][:SHEET]]
        write_rows(path, shown)

    def _fit_prior(self) -> None:
        average, learning = self.average, self.module
        assert isinstance(average, SketchPainter)
        assert isinstance(learning, SketchPainter)
        if average.encoder is None:
            return
        device = next(average.parameters()).device
        codes = []
        for first in range(0, FITTED, BATCH):
            rngs = [np.random.default_rng((WATCH_SEED, 1, first + k)) for k in range(BATCH)]
            _, picture = _stacked([self.source.patch(self.config.size, rng) for rng in rngs])
            with torch.no_grad():
                codes.append(average.read_style(as_tanh(picture).to(device)))
        fit_both(average.prior, learning.prior, codes)

    def _painted(self, count: int, seed: int = 0, like: Tensor | None = None) -> Tensor:
        """The first of the watched sketches, painted by the average; on the CPU.

        Args:
            like: (count, 3, S, S), pictures whose styles are taken; None draws them.
        """
        average = self.average
        assert isinstance(average, SketchPainter)
        device = next(average.parameters()).device
        pieces = []
        for first in range(0, count, BATCH):
            sketch = as_ink(self.watch[0][first : min(first + BATCH, count)]).to(device)
            generator = torch.Generator(device).manual_seed(WATCH_SEED + 1000 * seed + first)
            size = (len(sketch), sketch.shape[2], sketch.shape[3])
            style = random_style(self.config, size, generator)
            with torch.no_grad():
                if like is None:
                    latent = average.prior(style.latent)
                else:
                    latent = average.read_style(like[first : first + BATCH].to(device)).mean
                pieces.append(average(sketch, latent, style.noise).float().cpu())
        return torch.cat(pieces)

    def _style(self, step: int, share: BatchShare, sketch: Tensor) -> Style:
        """Drawn for the whole batch, so that it does not depend on how that is shared."""
        # The 0 stands for all processes.
        generator = seeded_generator(sketch.device, self.train_config.seed, step, 0)
        style = random_style(self.config, (share.count, *sketch.shape[2:]), generator)
        return Style(share.take(style.latent), tuple(share.take(n) for n in style.noise))

    def _batch(self, step: int, share: BatchShare, device: torch.device) -> tuple[Tensor, Tensor]:
        draw, rows = partial(self.source.patch, self.config.size), share.rows
        sketch, picture = self._ahead.at(
            step, lambda: SeededSteps(draw, _stacked, self.train_config.seed, rows)
        )
        picture = picture.to(device, non_blocking=True, memory_format=torch.channels_last)
        return as_ink(sketch.to(device, non_blocking=True)), as_tanh(picture)


class _Learning(SketchPainter):
    """A painter that also reads the styles of the first pictures of a batch, in one pass."""

    def forward(  # type: ignore[override]
        self, ink: Tensor, latent: Tensor, noise: Sequence[Tensor], taught: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Pictures (B, 3, H, W), and what the styles say of the taught ones, nats.

        Args:
            latent, noise: of a random `Style`; where a style is read, its latent moves within
                what is sure of it.
            taught: (n, 3, H, W), the pictures of the first n sketches.
        """
        n = len(taught)
        drawn = self.prior(latent[n:])
        kl = latent.new_zeros(())
        if n:
            code = self.read_style(taught)
            drawn = torch.cat([code.sample(latent[:n]), drawn])
            kl = code.kl.mean()
        return super().forward(ink, drawn, noise), kl


def as_ink(sketch: Tensor) -> Tensor:
    """Bytes, 255 paper, to [0, 1], 0 paper."""
    return 1 - sketch.float() / 255


def _is_real(logits: Tensor) -> Tensor:
    """Cross-entropy of logits (B, 2, h, w) with "a photograph", everywhere."""
    logits = logits.float()
    return (logits.logsumexp(dim=1) - logits[:, 0]).mean()


def _stacked(crops: list[Sketched]) -> tuple[Tensor, Tensor]:
    """Sketches (B, ink, S, S) and pictures (B, 3, S, S), uint8."""
    sketch = torch.from_numpy(np.stack([crop.sketch for crop in crops]))
    picture = torch.from_numpy(np.stack([crop.picture for crop in crops]))
    return sketch.permute(0, 3, 1, 2), picture.permute(0, 3, 1, 2)
