"""A small GAN for hundreds of pictures: generator and critic after FastGAN.

Liu et al., "Towards Faster and Stabilized GAN Training for High-fidelity Few-shot Image Synthesis"
(2021). The generator doubles a small start until the picture's size; skip-layer excitation lets an
early layer weigh the channels of a late one, which shortens the way of its gradient. The critic
also has to redraw, from its own features, the pictures it is shown, which keeps it from judging by
a few of their traits. Narrower than the published one, for CPUs and 128 px.

No training here: `portrait_task.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from ..strokes.errors import LineworkError
from .settings import check_ranges

SLOPE = 0.2
# Side of the start, px.
START = 4
# Cells of the critic's last word, each judged by itself.
WORD = 5


@dataclass(frozen=True)
class FastGANConfig:
    """The shape of a generator."""

    size: int = 128
    """Side of its pictures, px: 4 doubled as often as there are `channels` after the first."""
    latent: int = 128
    """Numbers that a picture is made from."""
    channels: tuple[int, ...] = (256, 192, 128, 96, 64, 32)
    """At 4 px and after each doubling."""

    def __post_init__(self) -> None:
        check_ranges(self, {"latent": (1, 4096)})
        if len(self.channels) < 4 or min(self.channels) < 1:
            raise LineworkError(
                f"channels is {self.channels}; wanted four numbers or more, above 0"
            )
        if self.size != START << (len(self.channels) - 1):
            raise LineworkError(
                f"size is {self.size} with {len(self.channels)} channels; wanted "
                f"{START << (len(self.channels) - 1)}, or other channels"
            )


@dataclass(frozen=True)
class PortraitCriticConfig:
    """The shape of its critic."""

    depths: tuple[int, ...] = (32, 64, 96, 128)
    """Channels after each halving, down to an eighth of the picture's side or less."""

    def __post_init__(self) -> None:
        if len(self.depths) < 3 or min(self.depths) < 1:
            raise LineworkError(f"depths is {self.depths}; wanted three numbers or more, above 0")


class FastGAN(nn.Module):
    """Latents (B, latent), normal, to pictures (B, 3, size, size) in [-1, 1]."""

    def __init__(self, config: FastGANConfig) -> None:
        super().__init__()
        self.config = config
        first, *rest = config.channels
        self.start = nn.Sequential(
            nn.ConvTranspose2d(config.latent, 2 * first, START),
            nn.BatchNorm2d(2 * first),
            nn.GLU(dim=1),
        )
        self.doublings = nn.ModuleList(
            _Doubling(before, after)
            for before, after in zip(config.channels[:-1], rest, strict=True)
        )
        # The features at 4 << k px weigh those three doublings later.
        self.weigh = nn.ModuleList(
            _Excitation(config.channels[k], config.channels[k + 3])
            for k in range(len(config.channels) - 3)
        )
        self.color = nn.Conv2d(config.channels[-1], 3, 3, padding=1)

    def forward(self, latent: Tensor) -> Tensor:
        """Pictures."""
        x = self.start(F.normalize(latent, dim=1)[:, :, None, None] * latent.shape[1] ** 0.5)
        features = [x]
        for k, doubling in enumerate(self.doublings, 1):
            x = doubling(x)
            if k >= 3:
                x = self.weigh[k - 3](features[k - 3], x)
            features.append(x)
        picture: Tensor = torch.tanh(self.color(x))
        return picture


class _Doubling(nn.Module):
    """A gated convolution, twice the side, and noise."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.see = nn.Conv2d(before, 2 * after, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(2 * after)
        self.noise = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        # Enlarged last: everything before costs a quarter.
        x = F.glu(self.norm(self.see(x)), dim=1)
        x = F.interpolate(x, scale_factor=2.0, mode="nearest")
        if self.training:
            noise = torch.randn(x.shape[0], 1, *x.shape[2:], device=x.device, dtype=x.dtype)
            x = x + self.noise * noise
        return x


class _Excitation(nn.Module):
    """Channels of a large map, weighed by what a small one says."""

    def __init__(self, small: int, large: int) -> None:
        super().__init__()
        self.say = nn.Sequential(
            nn.AdaptiveAvgPool2d(START),
            nn.Conv2d(small, large, START, bias=False),
            nn.SiLU(),
            nn.Conv2d(large, large, 1, bias=False),
            nn.Sigmoid(),
        )

    def forward(self, small: Tensor, large: Tensor) -> Tensor:
        weighed: Tensor = large * self.say(small)
        return weighed


def with_spectral_norm(generator: FastGAN) -> FastGAN:
    """The same generator, its convolutions kept at norm 1 while it is trained (Miyato 2018)."""
    for part in generator.modules():
        if isinstance(part, nn.Conv2d | nn.ConvTranspose2d):
            spectral_norm(part)
    return generator


class PortraitCritic(nn.Module):
    """Pictures (B, 3, S, S) to words (B, WORD, WORD), higher is truer; and its redrawings."""

    def __init__(self, config: PortraitCriticConfig) -> None:
        super().__init__()
        self.config = config
        self.down = nn.ModuleList(
            _Halving(before, after, norm=k > 0)
            for k, (before, after) in enumerate(
                zip((3, *config.depths[:-1]), config.depths, strict=True)
            )
        )
        last = config.depths[-1]
        self.say = nn.Sequential(
            spectral_norm(nn.Conv2d(last, last, 3, padding=1, bias=False)),
            nn.LeakyReLU(SLOPE),
            spectral_norm(nn.Conv2d(last, 1, 1)),
        )
        self.redraw = _Decoder(last)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Words, and features (B, C, s, s) from which `redrawn` draws."""
        x = pictures
        for halving in self.down:
            x = halving(x)
        words: Tensor = F.adaptive_avg_pool2d(self.say(x), WORD)[:, 0]
        return words, x

    def redrawn(self, features: Tensor) -> Tensor:
        """What the features still know of the picture: (B, 3, 4 s, 4 s) in [-1, 1]."""
        drawn: Tensor = self.redraw(features)
        return drawn


class _Halving(nn.Module):
    """Half the side: a strided convolution beside a pooled one."""

    def __init__(self, before: int, after: int, *, norm: bool) -> None:
        super().__init__()

        def normed() -> nn.Module:
            return nn.BatchNorm2d(after) if norm else nn.Identity()

        self.strided = nn.Sequential(
            spectral_norm(nn.Conv2d(before, after, 4, 2, 1, bias=False)),
            normed(),
            nn.LeakyReLU(SLOPE),
        )
        self.pooled = nn.Sequential(
            nn.AvgPool2d(2),
            spectral_norm(nn.Conv2d(before, after, 1, bias=False)),
            normed(),
            nn.LeakyReLU(SLOPE),
        )

    def forward(self, x: Tensor) -> Tensor:
        both: Tensor = (self.strided(x) + self.pooled(x)) / 2
        return both


class _Decoder(nn.Sequential):
    """Features to small pictures, four times their side."""

    def __init__(self, before: int) -> None:
        stages: list[nn.Module] = []
        for after in (48, 24):
            stages += [
                nn.Upsample(scale_factor=2.0, mode="nearest"),
                nn.Conv2d(before, 2 * after, 3, padding=1, bias=False),
                nn.BatchNorm2d(2 * after),
                nn.GLU(dim=1),
            ]
            before = after
        super().__init__(*stages, nn.Conv2d(before, 3, 3, padding=1), nn.Tanh())


def truer(words: Tensor) -> Tensor:
    """The generator's loss: words about its pictures should be high."""
    return -words.float().mean()


def told_apart(real: Tensor, made: Tensor) -> Tensor:
    """The critic's hinge loss (Lim and Ye, "Geometric GAN", 2017)."""
    loss: Tensor = F.relu(1 - real.float()).mean() + F.relu(1 + made.float()).mean()
    return loss
