"""The painter: a label map and a style to a picture.

A generator after SPADE (Park et al., "Semantic Image Synthesis with Spatially-Adaptive
Normalization", 2019): normalised features are scaled and shifted by what the label map says of
their place. Up to 1/8 of the picture the scale and shift come from convolutions over the
map, as there; above, each label has its own, looked up (CLADE, Tan et al., "Efficient Semantic
Image Synthesis via Class-Adaptive Normalization", 2021), which costs next to nothing. As in
OASIS (Schönfeld et al., "You Only Need Adversarial Supervision for Semantic Image Synthesis",
2021) variety comes from a latent that stands at every place.

The latent is half one for the picture (its light), half one for each label, so that the sky
alone can be painted anew. Beside it, noise at every level gives texture, as each label wants it
(StyleGAN, Karras et al. 2019). Labels stay index tensors: a label's code is made once, and
placed by lookup. A style is drawn at random (`style_prior.py`), or read off a picture
(`style_encoder.py`).

No training here, and no files: `painter_task.py` and `registry.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from ..strokes.errors import LineworkError
from .settings import check_ranges
from .style_encoder import StyleCode, StyleEncoder
from .style_prior import StylePrior

# Channels between a map and the scales and shifts made of it.
HIDDEN = 64
# Noise channels that the coarsest level begins with: where clouds and trees stand.
FIRST_NOISE = 8
SLOPE = 0.2  # of the leaky ReLU, as published
# Maps are read at every second px before they are averaged: a quarter of the work, and
# what is 2 px wide is still seen.
STRIDE = 2
# Beyond the picture's edge its last px go on: zeros there darken what is painted.
EDGE = "replicate"

PainterT = TypeVar("PainterT", bound=nn.Module)


@dataclass(frozen=True)
class PainterConfig:
    """Shape of a painter."""

    classes: int = 2
    """Labels it knows; measured from the data."""
    channels: tuple[int, ...] = (320, 256, 256, 160, 96, 48)
    """Channels at each level, each twice as fine as the one before; the last is the picture."""
    spade_levels: int = 3
    """How many of them, from the coarsest, read the map by convolutions; others look up."""
    latent: int = 64
    """Numbers of a style: half for the picture, half for each label."""
    embedding: int = 64
    """Channels of a label's code."""
    encoder: int = 32
    """Channels of the finest level of what reads styles off pictures; 0 is a painter without."""
    size: int = 256
    """Side of the pictures it is trained on, px; a multiple of `multiple`."""

    def __post_init__(self) -> None:
        check_ranges(
            self,
            {
                "classes": (1, 256),
                "latent": (2, 4096),
                "embedding": (1, 4096),
                "encoder": (0, 4096),
                "size": (8, 4096),
                "spade_levels": (1, max(1, len(self.channels))),
            },
        )
        if not self.channels or min(self.channels) < 1:
            raise LineworkError(f"channels is {self.channels}; wanted one number a level, above 0")
        if self.size % self.multiple:
            raise LineworkError(f"size is {self.size}; wanted a multiple of {self.multiple}")

    @property
    def multiple(self) -> int:
        """Sides of pictures are multiples of this, px: 32 with six levels."""
        return 1 << (len(self.channels) - 1)


@dataclass(frozen=True, slots=True)
class Style:
    """All that is random in a picture.

    Args:
        latent: (B, classes, latent), standard normal; the first half alike for all labels of a
            picture. A painter's `prior` makes of it what it paints from.
        noise: for each level, normal (B, 1, h, w), the first (B, FIRST_NOISE, h, w).
    """

    latent: Tensor
    noise: tuple[Tensor, ...]


def random_style(
    config: PainterConfig, size: tuple[int, int, int], generator: torch.Generator
) -> Style:
    """A style for pictures of size (B, H, W), on the generator's device."""
    batch, height, width = size
    shared = config.latent // 2

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator, device=generator.device)

    whole = normal(batch, 1, shared).expand(batch, config.classes, shared)
    own = normal(batch, config.classes, config.latent - shared)
    scales = [config.multiple >> level for level in range(len(config.channels))]
    noise = [
        normal(batch, 1 if level else FIRST_NOISE, height // scale, width // scale)
        for level, scale in enumerate(scales)
    ]
    return Style(torch.cat([whole, own], dim=2), tuple(noise))


def with_region(style: Style, other: Style, labels: Tensor, index: int) -> Style:
    """`style`, but one label's own latent and the noise under it from `other`.

    Args:
        labels: (B, H, W) indices of labels.
        index: of the label that is painted anew; the picture's latent stays.
    """
    shared = style.latent.shape[2] // 2
    latent = style.latent.clone()
    latent[:, index, shared:] = other.latent[:, index, shared:]
    here = (labels == index)[:, None].float()
    noise = []
    for old, new in zip(style.noise, other.noise, strict=True):
        place = F.adaptive_avg_pool2d(here, old.shape[-2:]) > 0.5
        noise.append(torch.where(place, new, old))
    return Style(latent, tuple(noise))


class Painter(nn.Module):
    """Labels (B, H, W) int64 in [0, classes) and a style to pictures (B, 3, H, W) in [-1, 1].

    H and W are multiples of `config.multiple`, of any aspect.
    """

    def __init__(self, config: PainterConfig) -> None:
        super().__init__()
        self.config = config
        code = config.embedding
        self.classes = nn.Parameter(torch.randn(config.classes, code))
        self.mapping = nn.Sequential(
            nn.Linear(code + config.latent, 2 * code),
            nn.LeakyReLU(SLOPE),
            nn.Linear(2 * code, code),
        )
        # Besides codes and noise the place, x and y: skies are paler at the horizon.
        self.begin = conv(code + FIRST_NOISE + 2, config.channels[0])
        self.blocks = nn.ModuleList(
            Block(Spade if level < config.spade_levels else _Clade, channels, code)
            for level, channels in enumerate(config.channels)
        )
        self.narrow = nn.ModuleList(
            nn.Conv2d(before, after, 1)
            for before, after in zip(config.channels[:-1], config.channels[1:], strict=True)
        )
        self.color = conv(config.channels[-1], 3)
        self.prior = StylePrior(config.classes, config.latent)
        self.encoder: StyleEncoder | None = None
        if config.encoder:
            self.encoder = StyleEncoder(config.classes, config.latent, config.encoder)

    def forward(self, labels: Tensor, latent: Tensor, noise: Sequence[Tensor]) -> Tensor:
        """Pictures.

        Args:
            latent: as `prior` makes it of a `Style`'s, or as read off pictures.
            noise: of a `Style`.
        """
        batch, height, width = labels.shape
        multiple = self.config.multiple
        if height % multiple or width % multiple:
            raise LineworkError(
                f"a label map of {width} x {height} px; wanted multiples of {multiple}"
            )
        classes = self.classes.expand(batch, -1, -1)
        codes = self.mapping(torch.cat([classes, latent], dim=2))  # (B, classes, E)
        maps = self._maps(codes, labels)  # coarsest first
        x = self.begin(torch.cat([maps[0], noise[0], place_of(maps[0])], dim=1))
        for level, block in enumerate(self.blocks):
            if level < self.config.spade_levels:
                x = block(x, maps[level], noise[level][:, :1])
            else:
                seen = _every(labels, multiple >> level)
                x = block(x, (codes, seen), noise[level])
            if level < len(self.narrow):
                # Smoothly: copied px leave a grid that takes long to unlearn.
                x = F.interpolate(self.narrow[level](x), scale_factor=2.0, mode="bilinear")
        picture: Tensor = torch.tanh(self.color(F.leaky_relu(x, SLOPE)))
        return picture

    def read_style(self, pictures: Tensor, labels: Tensor) -> StyleCode:
        """Where the styles of pictures (B, 3, H, W) with labels (B, H, W) lie.

        Raises:
            LineworkError: a painter that was trained without an encoder.
        """
        if self.encoder is None:
            raise LineworkError("this painter reads no styles: it was trained with model.encoder=0")
        code: StyleCode = self.encoder(pictures, labels)
        return code

    def _maps(self, codes: Tensor, labels: Tensor) -> list[Tensor]:
        """The codes placed by the labels, averaged: (B, E, h, w) for each level of SPADE."""
        finest = self.config.multiple >> (self.config.spade_levels - 1)
        stride = min(STRIDE, finest)
        placed = look_up(codes, _every(labels, stride))  # (B, E, H / stride, W / stride)
        maps = [F.avg_pool2d(placed, finest // stride)]
        for _ in range(self.config.spade_levels - 1):
            maps.insert(0, F.avg_pool2d(maps[0], 2))
        return maps


def with_spectral_norm(painter: PainterT) -> PainterT:
    """The same painter, whose residual convolutions are kept at norm 1 while it is trained.

    Of labels or of sketches. An adversarial training that lasts needs it in both networks
    (Miyato et al. 2018, SPADE).
    """
    for block in painter.get_submodule("blocks").children():
        assert isinstance(block, Block)
        spectral_norm(block.first)
        spectral_norm(block.second)
    return painter


def look_up(table: Tensor, labels: Tensor) -> Tensor:
    """Rows of a table, (B, classes, C), where labels (B, h, w) say: (B, C, h, w).

    The result lies channels last in memory, as the convolutions want it.
    """
    batch, classes, channels = table.shape
    first = torch.arange(batch, device=labels.device).view(-1, 1, 1) * classes
    placed = F.embedding(labels + first, table.reshape(batch * classes, channels))
    return placed.permute(0, 3, 1, 2)


class Block(nn.Module):
    """x + two convolutions of it, each of what is normalised, told of the map, and cut.

    Args:
        kind: what normalises and tells, of channels and those of what it is told.
    """

    def __init__(self, kind: Callable[[int, int], nn.Module], channels: int, code: int) -> None:
        super().__init__()
        self.tell_first = kind(channels, code)
        self.first = conv(channels, channels)
        self.tell_second = kind(channels, code)
        self.second = conv(channels, channels)

    def forward(self, x: Tensor, told: Tensor | tuple[Tensor, Tensor], noise: Tensor) -> Tensor:
        y = self.first(F.leaky_relu(self.tell_first(x, told, noise), SLOPE))
        y = self.second(F.leaky_relu(self.tell_second(y, told, noise), SLOPE))
        total: Tensor = x + y
        return total


class Spade(nn.Module):
    """Normalised, then scaled and shifted by convolutions of the map (B, E, h, w)."""

    def __init__(self, channels: int, code: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, affine=False)
        self.see = conv(code, HIDDEN)
        self.scale_shift = conv(HIDDEN, 2 * channels)
        self.noise_gain = nn.Parameter(torch.zeros(channels, 1, 1))

    def forward(self, x: Tensor, codes: Tensor, noise: Tensor) -> Tensor:
        scale, shift = self.scale_shift(F.relu(self.see(codes))).chunk(2, dim=1)
        told: Tensor = self.norm(x) * (1 + scale) + shift + self.noise_gain * noise
        return told


class _Clade(nn.Module):
    """Normalised, then scaled, shifted and roughened by what each label looks up."""

    def __init__(self, channels: int, code: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, affine=False)
        self.table = nn.Linear(code, 3 * channels)
        nn.init.normal_(self.table.weight, std=0.5 / math.sqrt(code))
        nn.init.zeros_(self.table.bias)

    def forward(self, x: Tensor, told: tuple[Tensor, Tensor], noise: Tensor) -> Tensor:
        codes, labels = told
        scale, shift, gain = (look_up(t, labels) for t in self.table(codes).chunk(3, dim=2))
        found: Tensor = self.norm(x) * (1 + scale) + shift + gain * noise
        return found


def conv(before: int, after: int) -> nn.Conv2d:
    """3 x 3, the size kept."""
    return nn.Conv2d(before, after, 3, padding=1, padding_mode=EDGE)


def _every(labels: Tensor, step: int) -> Tensor:
    """Labels at every `step`-th px, of the middle of each square."""
    return labels[:, step // 2 :: step, step // 2 :: step]


def place_of(like: Tensor) -> Tensor:
    """(B, 2, h, w): x and y from -1 to 1, of the middles of the px."""
    batch, _, height, width = like.shape
    y = (torch.arange(height, device=like.device) * 2 + 1) / height - 1
    x = (torch.arange(width, device=like.device) * 2 + 1) / width - 1
    both = torch.stack([x.expand(height, width), y[:, None].expand(height, width)])
    return both.to(like.dtype).expand(batch, 2, height, width)
