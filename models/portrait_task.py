"""Training a portrait painter against its critic, on a folder of pictures.

FastGAN (Liu et al. 2021) with its hinge loss and the critic's redrawing, every picture changed
before the critic sees it (DiffAugment). What is kept is the average of the generator's weights.
The score is the discrepancy (MMD) from pictures that were held out, in an encoder that was never
trained.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..strokes.png_bytes import write_array
from .averaging import average_in
from .diff_augment import augmented, pooled
from .fastgan import (
    FastGAN,
    FastGANConfig,
    PortraitCritic,
    PortraitCriticConfig,
    told_apart,
    truer,
    with_spectral_norm,
)
from .frozen_features import FrozenFeatures, kernel_width, mean_discrepancy
from .picture_batches import as_bytes, as_tanh, seeded_generator
from .settings import check_ranges
from .training import StepLoss, TrainConfig

UInt8Array = npt.NDArray[np.uint8]

# Pictures made to judge by, and on a sheet of so many a row.
JUDGED, SHEET, COLUMNS = 256, 40, 8
WATCH_SEED = 4242
# Pictures made at a time where nothing is learnt.
BATCH = 32
# Apart from each other: which pictures, latents, and how they are changed, for both networks.
ORDER, LATENT, CHANGE, CRITIC_CHANGE = 0, 1, 2, 3


@dataclass(frozen=True)
class PortraitLossConfig:
    """What the networks descend."""

    redraw: float = 1.0
    """Weight of the critic's redrawing of real pictures; as published."""
    augment: float = 1.0
    """Share of the pictures that are changed before the critic sees them, real and made alike. All
    of them in a long training; with few steps a critic learns more from what is as it is, and
    below .8 what it is shown cannot teach changed pictures (Karras et al. 2020)."""
    mirror: bool = True
    """Whether half of the pictures are mirrored."""
    decay: float = 0.998
    """Share of the average that stays at each step."""

    def __post_init__(self) -> None:
        check_ranges(self, {"redraw": (0, 1000), "augment": (0, 1), "decay": (0, 1)})


class PortraitTask:
    """The `Task` of training a portrait painter.

    Args:
        pictures: uint8 (N, 3, size, size), to learn from.
        held: the same, to judge by; two or more.
        about: what else the header of the weights should say.
    """

    name = "portraits"
    work_unit = "pictures"

    def __init__(
        self,
        config: FastGANConfig,
        critic: PortraitCriticConfig,
        pictures: UInt8Array,
        held: UInt8Array,
        loss: PortraitLossConfig,
        train: TrainConfig,
        *,
        about: dict[str, Any] | None = None,
    ) -> None:
        self.config, self.critic_config = config, critic
        self.loss_config, self.train_config = loss, train
        self.about = about or {}
        layout: dict[str, Any] = {"memory_format": torch.channels_last}
        torch.manual_seed(train.seed)
        generator = FastGAN(config)
        self.average: nn.Module = FastGAN(config).to(**layout)
        self.average.load_state_dict(generator.state_dict())
        self.average.eval().requires_grad_(False)
        self.module: nn.Module = with_spectral_norm(generator).to(**layout)
        self.critic: nn.Module | None = PortraitCritic(critic).to(**layout)
        self.pictures = torch.from_numpy(pictures)
        self.encoder = FrozenFeatures()
        self.held = self._features(torch.from_numpy(held))
        self._made: Tensor | None = None

    def header(self) -> dict[str, Any]:
        """Everything the weights were made with."""
        return {
            "config": dataclasses.asdict(self.config),
            "critic": dataclasses.asdict(self.critic_config),
            "loss": dataclasses.asdict(self.loss_config),
            "train": dataclasses.asdict(self.train_config),
            "encoder": self.encoder.fingerprint,
            "pictures": len(self.pictures),
            **self.about,
        }

    def loss(self, module: nn.Module, step: int, rank: int, world: int) -> StepLoss:
        """How little the critic takes what is made for true."""
        assert self.critic is not None
        device = next(self.module.parameters()).device
        rows = self._rows(step, rank, world)
        generator = self._generator(step, rank, LATENT, device)
        latent = torch.randn(len(rows), self.config.latent, generator=generator, device=device)
        made = module(latent)
        self._made = made.detach()
        words, _ = self.critic(self._changed(made, step, rank, CHANGE))
        loss = truer(words)
        return StepLoss(loss, {"loss": loss}, len(rows) * world)

    def critic_loss(self, critic: nn.Module, step: int, rank: int, world: int) -> StepLoss:
        """Of real pictures and those made in the same step; and of redrawing the real ones."""
        assert self._made is not None, "the critic is asked after the loss of the step"
        device = self._made.device
        real = self._real(step, rank, world, device)
        changed = self._changed(real, step, rank, CRITIC_CHANGE)
        made = self._changed(self._made.to(real.dtype), step, rank, CHANGE)
        said_real, features = critic(changed)
        said_made, _ = critic(made)
        apart = told_apart(said_real, said_made)
        inner: Any = critic.module if hasattr(critic, "module") else critic
        drawn = inner.redrawn(features)
        again = F.l1_loss(drawn.float(), pooled(changed, drawn.shape[-1]).float())
        loss = apart + self.loss_config.redraw * again
        return StepLoss(loss, {"critic": apart, "redrawn": again}, 0)

    def follow(self, step: int) -> None:
        """Takes the generator as it is now into the average."""
        average_in(self.average, self.module, step, self.loss_config.decay)

    def evaluate(self) -> dict[str, float]:
        """The discrepancy of what the average makes from the held-out pictures."""
        made = self._features(self._painted(JUDGED))
        width = kernel_width(self.held)
        return {"score": mean_discrepancy(made, self.held, width)}

    def sheet(self, path: Path) -> None:
        """What the average makes of the same latents every time: a PNG."""

        rows = self._painted(SHEET).unflatten(0, (-1, COLUMNS))  # (R, COLUMNS, 3, S, S)
        picture = rows.permute(0, 3, 1, 4, 2).reshape(-1, COLUMNS * self.config.size, 3)
        write_array(path.with_suffix(".png"), picture.numpy())

    def _painted(self, count: int) -> Tensor:
        """uint8 (count, 3, S, S), on the CPU."""
        device = next(self.average.parameters()).device
        generator = torch.Generator(device).manual_seed(WATCH_SEED)
        latent = torch.randn(count, self.config.latent, generator=generator, device=device)
        with torch.no_grad():
            made = [as_bytes(self.average(part)).cpu() for part in latent.split(BATCH)]
        return torch.cat(made)

    def _features(self, pictures: Tensor) -> npt.NDArray[np.float64]:
        return np.concatenate([self.encoder(as_tanh(part)) for part in pictures.split(BATCH)])

    def _rows(self, step: int, rank: int, world: int) -> Tensor:
        """Which pictures this process sees in a step: each once before any comes again."""
        batch, count = self.train_config.batch_size, len(self.pictures)
        places = np.arange(step * batch, (step + 1) * batch)
        orders = {
            epoch: np.random.default_rng((self.train_config.seed, epoch, ORDER)).permutation(count)
            for epoch in np.unique(places // count).tolist()
        }
        rows = [int(orders[p // count][p % count]) for p in places.tolist()]
        return torch.tensor(rows[rank::world])

    def _real(self, step: int, rank: int, world: int, device: torch.device) -> Tensor:
        rows = self._rows(step, rank, world)
        pictures = self.pictures[rows]
        if self.loss_config.mirror:
            coins = torch.rand(len(rows), generator=self._generator(step, rank, ORDER, "cpu")) < 0.5
            pictures = torch.where(coins[:, None, None, None], pictures.flip(3), pictures)
        return as_tanh(pictures.to(device).contiguous(memory_format=torch.channels_last))

    def _changed(self, pictures: Tensor, step: int, rank: int, use: int) -> Tensor:
        generator = self._generator(step, rank, use, pictures.device)
        return augmented(pictures, generator, self.loss_config.augment)

    def _generator(
        self, step: int, rank: int, use: int, device: torch.device | str
    ) -> torch.Generator:
        return seeded_generator(device, self.train_config.seed, step, rank, use)
