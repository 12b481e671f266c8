"""Training a painter against its critic, on pictures with label maps.

OASIS (Schönfeld et al. 2021): the painter descends the critic's cross-entropy with the label
map, px by px, labels weighted by rarity; the critic descends that of real pictures, of
painted ones with "painted", and LabelMix.

Most pictures are painted in the style of the real one, read by the painter's encoder (SPADE's,
a variational autoencoder's posterior); these are also brought near it in colour, at several
coarse scales, and in the critic's features (pix2pixHD). The others are painted in styles drawn
at random, and only have to convince. What is kept is the average of the painter's weights over
the steps.
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

from ..datasets.label_folder import Classes, Labelled
from .averaging import average_in
from .batch_share import BatchShare
from .painter import Painter, PainterConfig, Style, random_style, with_spectral_norm
from .painter_critic import (
    CriticConfig,
    PainterCritic,
    is_painted,
    is_shown,
    label_coins,
    label_mask,
    label_weights,
    mixed_alike,
)
from .painting_loss import PaintingLossConfig, loss_to_taught, taught_of
from .patch_distance import patch_distance
from .picture_batches import Ahead, SeededSteps, as_bytes, as_tanh, seeded_generator, write_rows
from .settings import check_ranges
from .style_prior import fit_both
from .training import StepLoss, TrainConfig

# Pictures watched while training, and on a sheet; seeded, so every evaluation sees the same.
WATCHED, SHEET = 24, 6
WATCH_SEED = 20_190_3
# Pictures whose styles say what styles are drawn from.
FITTED = 256
# Pictures painted at a time where nothing is learnt.
BATCH = 8
# Apart from each other: a step's styles and the coins of its mask.
STYLE, MASK = 0, 1


@dataclass(frozen=True)
class PicturesConfig:
    """Which pictures, and how they are read."""

    names: str = ""
    """What their labels mean: cocostuff, ade20k, cityscapes, scene, or a .csv with id,name,rgb;
    nothing asks the folder."""
    workers: int = 0
    """Processes that cut crops ahead."""

    def __post_init__(self) -> None:
        check_ranges(self, {"workers": (0, 256)})


class LabelledSource(Protocol):
    """Where pictures with labels come from; `LabelFolder` is one."""

    classes: Classes

    def patch(self, size: int, rng: np.random.Generator) -> Labelled:
        """A square of `size` px, labels as indices of `classes`."""
        ...


class PainterTask:
    """The `Task` of training a painter.

    Args:
        config: `classes` as many as the source has.
        source: to learn from.
        watched: to judge by, other pictures with the same classes.
        about: what else the header of the weights should say.
    """

    name = "painter"
    work_unit = "px"

    def __init__(
        self,
        config: PainterConfig,
        critic: CriticConfig,
        source: LabelledSource,
        watched: LabelledSource,
        loss: PaintingLossConfig,
        train: TrainConfig,
        *,
        pictures: PicturesConfig | None = None,
        about: dict[str, Any] | None = None,
    ) -> None:
        self.config, self.critic_config = config, critic
        self.loss_config, self.train_config = loss, train
        self.pictures = pictures or PicturesConfig()
        self.about = about or {}
        self.classes = source.classes
        layout: dict[str, Any] = {"memory_format": torch.channels_last}
        painter = _Learning(config)
        self.average: nn.Module = Painter(config).to(**layout)
        self.average.load_state_dict(painter.state_dict())
        self.average.eval().requires_grad_(False)
        if loss.spectral_norm:
            with_spectral_norm(painter)
        self.module: nn.Module = painter.to(**layout)
        self.critic: PainterCritic | None = PainterCritic(config.classes, critic).to(**layout)
        self.source = source
        self._ahead = Ahead(self.pictures.workers)
        crops = [
            watched.patch(config.size, np.random.default_rng((WATCH_SEED, i)))
            for i in range(WATCHED)
        ]
        self.watch = _stacked(crops)
        self._judged: tuple[Tensor, Tensor, Tensor, Tensor] | None = None

    def header(self) -> dict[str, Any]:
        """Everything the weights were made with, and what their labels mean."""
        return {
            "config": dataclasses.asdict(self.config),
            "critic": dataclasses.asdict(self.critic_config),
            "pictures": dataclasses.asdict(self.pictures),
            "loss": dataclasses.asdict(self.loss_config),
            "train": dataclasses.asdict(self.train_config),
            "classes": classes_as_plain(self.classes),
            **self.about,
        }

    def loss(self, module: nn.Module, step: int, rank: int, world: int) -> StepLoss:
        """How well the critic sees the labels in what is painted, and how near the real it is."""
        assert self.critic is not None
        weigh = self.loss_config
        share = BatchShare(rank, world, self.train_config.batch_size)
        device = next(self.module.parameters()).device
        picture, labels = self._batch(step, share, device)
        style = self._style(step, share, labels)
        all_taught = taught_of(share, bool(self.config.encoder), weigh.prior)
        taught = share.among_first(all_taught)
        # What means over this process's pictures, and over its taught ones, count.
        whole, part = share.weight(len(labels), share.count), share.weight(taught, all_taught)
        painted, kl = module(labels, style.latent, style.noise, picture[:taught])
        self.critic.requires_grad_(False)  # its own gradients are asked for in `critic_loss`
        judged = self.critic.judged(labels)
        weights = label_weights(judged, self.config.classes, weigh.balance, share.total)
        logits, features = self.critic(painted)
        loss = whole * is_shown(logits, judged, weights)
        figures = {"shown": loss}
        if taught:
            with torch.no_grad():
                real = self.critic.features(picture[:taught]) if weigh.feature_matching else []
            near, told = loss_to_taught(
                weigh, share, part, kl, painted[:taught], picture[:taught], features, real
            )
            loss = loss + near
            figures |= told
        self.critic.requires_grad_(True)
        self._judged = picture, labels, painted.detach(), weights
        return StepLoss(loss, {"loss": loss, **figures}, picture[:, :1].numel() * world)

    def critic_loss(self, critic: nn.Module, step: int, rank: int, world: int) -> StepLoss:
        """Of the real pictures, of the painted ones of the same step, and of both mixed."""
        assert self._judged is not None, "the critic is asked after the loss of the step"
        assert self.critic is not None
        share = BatchShare(rank, world, self.train_config.batch_size)
        picture, labels, painted, weights = self._judged
        whole = share.weight(len(labels), share.count)
        painted = painted.to(picture.dtype)
        judged = self.critic.judged(labels)
        shown = [picture, painted]
        if self.loss_config.label_mix:
            coins = self._generator(step, MASK, picture.device)
            each = label_coins(share.count, self.config.classes, coins)
            mask = label_mask(labels, share.take(each))
            shown.append(torch.where(mask, picture, painted))
        # Together, so that several processes know the forward pass as one.
        logits, _ = critic(torch.cat(shown))
        said_real, said_painted, *said_mixed = logits.split(len(picture))
        real = whole * is_shown(said_real, judged, weights)
        fake = whole * is_painted(said_painted)
        loss = real + fake
        figures = {"critic_real": real, "critic_painted": fake}
        if said_mixed:
            seen = self.critic.judged(mask)
            alike = whole * mixed_alike(said_mixed[0], said_real, said_painted, seen)
            figures["critic_mixed"] = alike
            loss = loss + self.loss_config.label_mix * alike
        return StepLoss(loss, {"critic": loss, **figures}, 0)

    def follow(self, step: int) -> None:
        """Takes the painter as it is now into the average."""
        average_in(self.average, self.module, step, self.loss_config.decay)

    def evaluate(self) -> dict[str, float]:
        """The patch distance from the watched pictures to their painted ones: the score.

        Before it, what styles are drawn from is fitted to those of pictures that are learnt from.
        """
        self._fit_prior()
        painted = self._painted(WATCHED)
        return {"score": patch_distance(painted, as_tanh(self.watch[0]))}

    def _fit_prior(self) -> None:
        average, learning = self.average, self.module
        assert isinstance(average, Painter)
        assert isinstance(learning, Painter)
        if average.encoder is None:
            return
        device = next(average.parameters()).device
        codes = []
        for first in range(0, FITTED, BATCH):
            rngs = [np.random.default_rng((WATCH_SEED, 1, first + k)) for k in range(BATCH)]
            crops = [self.source.patch(self.config.size, rng) for rng in rngs]
            picture, labels = _stacked(crops)
            with torch.no_grad():
                seen = as_tanh(picture).to(device), labels.long().to(device)
                codes.append(average.read_style(*seen))
        fit_both(average.prior, learning.prior, codes)

    def sheet(self, path: Path) -> None:
        """Label maps, painted in the real picture's style and in two others, the real: a PNG."""

        colors = torch.from_numpy(class_colors(self.classes))
        labels = colors[self.watch[1][:SHEET].long()].permute(0, 3, 1, 2)
        painted = [self._painted(SHEET), self._painted(SHEET, seed=1)]
        if self.config.encoder:
            painted.insert(0, self._painted(SHEET, like=as_tanh(self.watch[0][:SHEET])))
        shown = [labels, *(as_bytes(p) for p in painted), self.watch[0][:SHEET]]
        write_rows(path, shown)

    def _painted(self, count: int, seed: int = 0, like: Tensor | None = None) -> Tensor:
        """The first of the watched label maps, painted by the average; on the CPU.

        Args:
            like: (count, 3, S, S), pictures whose styles are taken; None draws them.
        """
        device = next(self.average.parameters()).device
        pieces = []
        for first in range(0, count, BATCH):
            labels = self.watch[1][first : min(first + BATCH, count)].long().to(device)
            generator = torch.Generator(device).manual_seed(WATCH_SEED + 1000 * seed + first)
            style = random_style(self.config, tuple(labels.shape), generator)
            with torch.no_grad():
                assert isinstance(self.average, Painter)
                if like is None:
                    latent = self.average.prior(style.latent)
                else:
                    rows = like[first : first + BATCH].to(device)
                    latent = self.average.read_style(rows, labels).mean
                pieces.append(self.average(labels, latent, style.noise).float().cpu())
        return torch.cat(pieces)

    def _style(self, step: int, share: BatchShare, labels: Tensor) -> Style:
        """Drawn for the whole batch, so that it does not depend on how that is shared."""
        generator = self._generator(step, STYLE, labels.device)
        style = random_style(self.config, (share.count, *labels.shape[1:]), generator)
        return Style(share.take(style.latent), tuple(share.take(n) for n in style.noise))

    def _batch(self, step: int, share: BatchShare, device: torch.device) -> tuple[Tensor, Tensor]:
        draw, rows = partial(self.source.patch, self.config.size), share.rows
        picture, labels = self._ahead.at(
            step, lambda: SeededSteps(draw, _stacked, self.train_config.seed, rows)
        )
        picture = picture.to(device, non_blocking=True, memory_format=torch.channels_last)
        return as_tanh(picture), labels.to(device, non_blocking=True).long()

    def _generator(self, step: int, use: int, device: torch.device) -> torch.Generator:
        # The 0 stands for all processes: what comes of it is drawn for the whole batch.
        return seeded_generator(device, self.train_config.seed, step, 0, use)


class _Learning(Painter):
    """A painter that also reads the styles of the first pictures of a batch, in one pass."""

    def forward(  # type: ignore[override]
        self, labels: Tensor, latent: Tensor, noise: Sequence[Tensor], taught: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Pictures (B, 3, H, W), and what the styles say of the taught ones, nats.

        Args:
            latent, noise: of a random `Style`; where a style is read, its latent moves within
                what is sure of it.
            taught: (n, 3, H, W), the pictures of the first n label maps.
        """
        n = len(taught)
        drawn = self.prior(latent[n:])
        kl = latent.new_zeros(())
        if n:
            code = self.read_style(taught, labels[:n])
            drawn = torch.cat([code.sample(latent[:n]), drawn])
            kl = code.kl.mean()
        return super().forward(labels, drawn, noise), kl


def class_colors(classes: Classes) -> np.ndarray:
    """uint8 (classes, 3), the colour of each index."""
    return classes.names.colors[list(classes.pixels)]


def classes_as_plain(classes: Classes) -> dict[str, Any]:
    """Classes for a JSON header: the vocabulary's name, and each index's pixel, name, colour."""
    colors = class_colors(classes).tolist()
    labels = [
        {"pixel": pixel, "name": classes.name(pixel), "rgb": rgb}
        for pixel, rgb in zip(classes.pixels, colors, strict=True)
    ]
    return {"vocabulary": classes.names.name, "labels": labels}


def _stacked(crops: list[Labelled]) -> tuple[Tensor, Tensor]:
    """Pictures (B, 3, S, S) and labels (B, S, S), uint8."""
    picture = torch.from_numpy(np.stack([crop.picture for crop in crops]))
    labels = torch.from_numpy(np.stack([crop.labels for crop in crops]))
    return picture.permute(0, 3, 1, 2), labels
