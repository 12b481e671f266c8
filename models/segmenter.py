"""The segmenter: a picture of any size to what each of its px shows.

A U-Net (Ronneberger et al., "U-Net: Convolutional Networks for Biomedical Image Segmentation",
2015) made for a CPU: the picture is folded to 1/2 of its size without losing a px (space to
depth), dense residual blocks work at 1/2, 1/4, 1/8 and 1/16, dilated ones with a wide view at
the coarsest, sums carry detail across, and the labels of the four px of each square come out of
one place. Nothing looks at the picture as a whole, so that it may be cut into tiles (`reach`).

No training here, and no files: `segmenter_task.py` and `registry.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from torch import Tensor, nn

from ..strokes.errors import LineworkError
from .residual import Conv, Residual, chain, double, pad_to_multiple
from .settings import check_ranges

# The picture is folded by this much before the first layer.
FOLD = 2
# Of the bytes of a picture, brought to about [-1, 1].
MIDDLE, SPREAD = 127.5, 127.5


@dataclass(frozen=True)
class SegmenterConfig:
    """Shape of a segmenter."""

    classes: int = 2
    """Labels it knows; measured from the data."""
    channels: tuple[int, ...] = (32, 64, 96, 128)
    """Channels at 1/2, 1/4, 1/8 ... of the picture."""
    blocks: tuple[int, ...] = (1, 1, 2, 4)
    """Residual blocks there; at all but the coarsest one more on the way back."""
    dilations: tuple[int, ...] = (1, 2, 4)
    """Of the coarsest blocks, in turn."""

    def __post_init__(self) -> None:
        if (
            len(self.channels) != len(self.blocks)
            or len(self.channels) < 2
            or not self.dilations
            or min((*self.channels, *self.blocks, *self.dilations)) < 1
        ):
            raise LineworkError(
                f"channels {self.channels}, blocks {self.blocks}, dilations {self.dilations}; "
                "wanted as many blocks as channels, two or more, and a dilation, all above 0"
            )
        check_ranges(self, {"classes": (2, 255)})

    @property
    def multiple(self) -> int:
        """Pictures are padded to multiples of this, px."""
        return FOLD << (len(self.channels) - 1)

    @property
    def reach(self) -> int:
        """How far an output px sees, px to each side."""
        *fine, coarse = self.blocks
        dilated = sum(self.dilations[i % len(self.dilations)] + 1 for i in range(coarse))
        scale = self.multiple
        total = scale * dilated
        for blocks in reversed(fine):
            scale //= 2
            # Halving, the blocks before it, one on the way back.
            total += scale * (1 + 2 * blocks + 2)
        return total + FOLD + self.multiple


class Segmenter(nn.Module):
    """Pictures (B, 3, H, W), float of 0 to 255, to logits (B, classes, H, W); H, W any."""

    def __init__(self, config: SegmenterConfig) -> None:
        super().__init__()
        self.config = config
        channels, (*fine, coarse) = config.channels, config.blocks
        self.fold = nn.PixelUnshuffle(FOLD)
        self.stem = Conv(3 * FOLD * FOLD, channels[0])
        self.levels = nn.ModuleList(chain(c, n) for c, n in zip(channels[:-1], fine, strict=True))
        self.halve = nn.ModuleList(Conv(a, b, stride=2) for a, b in pairwise(channels))
        self.coarse = nn.Sequential(
            *(
                Residual(channels[-1], config.dilations[i % len(config.dilations)])
                for i in range(coarse)
            )
        )
        self.narrow = nn.ModuleList(Conv(b, a, kernel=1, relu=False) for a, b in pairwise(channels))
        self.back = nn.ModuleList(chain(c, 1) for c in channels[:-1])
        self.head = nn.Conv2d(channels[0], config.classes * FOLD * FOLD, 1)
        self.unfold = nn.PixelShuffle(FOLD)

    def forward(self, picture: Tensor, phase: tuple[int, int] | None = None) -> Tensor:
        """Logits of the labels.

        Args:
            phase: row and column, 0 or 1, of the px of each square of `FOLD` px that are asked
                for: (B, classes, H / FOLD, W / FOLD), for sides that are multiples of `FOLD`.
        """
        height, width = picture.shape[-2:]
        padded = pad_to_multiple((picture - MIDDLE) / SPREAD, self.config.multiple)
        x = self.stem(self.fold(padded))  # (B, c0, H/2, W/2)
        seen: list[Tensor] = []
        for level, halve in zip(self.levels, self.halve, strict=True):
            seen.append(level(x))
            x = halve(seen[-1])
        x = self.coarse(x)  # (B, c, H/16, W/16)
        for narrow, back in zip(reversed(self.narrow), reversed(self.back), strict=True):
            x = back(seen.pop() + double(narrow(x)))
        folded = self.head(x)  # (B, classes * FOLD^2, H/2, W/2), the px of a square together
        if phase is not None:
            part: Tensor = folded[:, phase[0] * FOLD + phase[1] :: FOLD * FOLD]
            return part[..., : height // FOLD, : width // FOLD]
        logits: Tensor = self.unfold(folded)
        return logits[..., :height, :width]
