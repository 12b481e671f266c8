"""The painter of sketches: ink and a style to a picture.

Paired translation as pix2pix has it (Isola et al., "Image-to-Image Translation with Conditional
Adversarial Networks", 2017), by the painter's own generator: where that looks up what a label is
called, here an encoder reads the ink, down to squares of `multiple` px, so that a place far
from any line is told what shape it lies in. Each level of the generator is normalised and then
scaled and shifted by what the encoder saw at that size (SPADE; at the finer levels px by px).
Latent, noise, style encoder and prior are the painter's, with one label: the picture.

No training here, and no files: `sketch_painter_task.py` and `registry.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..strokes.errors import LineworkError
from .painter import FIRST_NOISE, SLOPE, Block, PainterConfig, Spade, conv, place_of
from .settings import check_ranges
from .style_encoder import StyleCode, StyleEncoder
from .style_prior import StylePrior


@dataclass(frozen=True)
class SketchPainterConfig(PainterConfig):
    """Shape of a painter of sketches; what is not named here is as a painter has it."""

    classes: int = 1
    """Always one: a sketch has no labels."""
    ink: int = 1
    """Channels of a sketch: 1 is ink, 3 are strokes in their colours."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_ranges(self, {"classes": (1, 1)})
        if self.ink not in (1, 3):
            raise LineworkError(f"ink is {self.ink}; wanted 1, ink alone, or 3, colours")


class SketchPainter(nn.Module):
    """Ink (B, ink, H, W) in [0, 1], 0 paper, and a style to pictures (B, 3, H, W) in [-1, 1].

    H and W are multiples of `config.multiple`, of any aspect.
    """

    def __init__(self, config: SketchPainterConfig) -> None:
        super().__init__()
        self.config = config
        code = config.embedding
        # Fine levels are told px by px, by as few channels as they have themselves.
        spade = [level < config.spade_levels for level in range(len(config.channels))]
        told = [
            code if coarse else min(code, channels)
            for coarse, channels in zip(spade, config.channels, strict=True)
        ]
        self.read = _InkReader(config.ink, told)
        self.mapping = nn.Sequential(nn.Linear(config.latent, 2 * code), nn.LeakyReLU(SLOPE))
        self.say = nn.ModuleList(nn.Linear(2 * code, width) for width in told)
        # Besides what is read, and noise, the place: skies lie above.
        self.begin = conv(code + FIRST_NOISE + 2, config.channels[0])
        self.blocks = nn.ModuleList(
            Block(Spade if coarse else _Tell, channels, width)
            for coarse, channels, width in zip(spade, config.channels, told, strict=True)
        )
        self.narrow = nn.ModuleList(
            nn.Conv2d(before, after, 1)
            for before, after in zip(config.channels[:-1], config.channels[1:], strict=True)
        )
        self.color = conv(config.channels[-1], 3)
        self.prior = StylePrior(1, config.latent)
        self.encoder: StyleEncoder | None = None
        if config.encoder:
            self.encoder = StyleEncoder(1, config.latent, config.encoder)

    def forward(self, ink: Tensor, latent: Tensor, noise: Sequence[Tensor]) -> Tensor:
        """Pictures.

        Args:
            latent: (B, 1, latent), as `prior` makes it, or as read off pictures.
            noise: of a `Style`.

        Raises:
            LineworkError: sides that are no multiples of `config.multiple`.
        """
        height, width = ink.shape[-2:]
        multiple = self.config.multiple
        if height % multiple or width % multiple:
            raise LineworkError(
                f"a sketch of {width} x {height} px; wanted multiples of {multiple}"
            )
        style = self.mapping(latent[:, 0])
        told = [
            seen + say(style)[:, :, None, None]
            for seen, say in zip(self.read(ink), self.say, strict=True)
        ]
        x = self.begin(torch.cat([told[0], noise[0], place_of(told[0])], dim=1))
        for level, block in enumerate(self.blocks):
            x = block(x, told[level], noise[level][:, :1])
            if level < len(self.narrow):
                x = F.interpolate(self.narrow[level](x), scale_factor=2.0, mode="bilinear")
        picture: Tensor = torch.tanh(self.color(F.leaky_relu(x, SLOPE)))
        return picture

    def read_style(self, pictures: Tensor) -> StyleCode:
        """Where the styles of pictures (B, 3, H, W) lie.

        Raises:
            LineworkError: a painter that was trained without an encoder.
        """
        if self.encoder is None:
            raise LineworkError("this painter reads no styles: it was trained with model.encoder=0")
        everywhere = pictures.new_zeros(pictures[:, 0].shape, dtype=torch.long)
        code: StyleCode = self.encoder(pictures, everywhere)
        return code


class _InkReader(nn.Module):
    """Ink (B, C, H, W) to what is seen at each size, the coarsest, (B, E, h, w), first.

    Args:
        widths: channels of each, the coarsest first.
    """

    def __init__(self, ink: int, widths: Sequence[int]) -> None:
        super().__init__()
        fine = list(reversed(widths))
        self.first = conv(ink, fine[0])
        self.down = nn.ModuleList(
            nn.Sequential(nn.Conv2d(before, after, 4, stride=2, padding=1), nn.LeakyReLU(SLOPE))
            for before, after in pairwise(fine)
        )
        # Over squares of 5: the coarsest sees beyond its own place.
        self.around = nn.Sequential(
            conv(fine[-1], fine[-1]), nn.LeakyReLU(SLOPE), conv(fine[-1], fine[-1])
        )

    def forward(self, ink: Tensor) -> list[Tensor]:
        found = [F.leaky_relu(self.first(ink), SLOPE)]
        for step in self.down:
            found.append(step(found[-1]))
        found[-1] = found[-1] + self.around(found[-1])
        return found[::-1]


class _Tell(nn.Module):
    """Normalised, then scaled, shifted and roughened px by px by what is told of it."""

    def __init__(self, channels: int, code: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, affine=False)
        self.table = nn.Conv2d(code, 3 * channels, 1)
        nn.init.zeros_(self.table.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor, told: Tensor, noise: Tensor) -> Tensor:
        scale, shift, gain = self.table(told).chunk(3, dim=1)
        found: Tensor = self.norm(x) * (1 + scale) + shift + gain * noise
        return found
