"""The simplifier: a rough grey picture of any size to the clean lines that it means.

A fully convolutional encoder and decoder after the networks of Simo-Serra et al.,
"Learning to Simplify" (2016; `simplification2016.py` is theirs), made small: the picture
is folded to 1/4 of its size without losing a pixel (space to depth), narrow residual
blocks work at 1/4 and 1/8, dilated ones with a wide view at 1/16, and sums carry
detail across, as in a U-Net. The last two layers see the picture itself again at full
size, so that a clean line can stay what it is.

The output is a logit of ink for each pixel. `strength` of `simplify` shifts it: an
uncertain line (a logit near 0) falls away before a sure one, and no pixel's ink
grows with strength.

No batch statistics at inference: `fused` folds every normalisation into its
convolution, so that a picture may be cut into tiles.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..strokes.errors import LineworkError
from .residual import Conv, Residual, chain, double, pad_to_multiple
from .settings import check_ranges

# The picture is folded by this much before the first layer.
FOLD = 4
# Sizes are padded to a multiple: three halvings below the fold would be 32, there are two.
MULTIPLE = 4 * FOLD
# Logits that strength 0 adds and strength 1 takes away. At 4, what is left at full
# strength has a probability of at least .98, and what comes at none at least .02.
STRENGTH_LOGITS = 4.0


@dataclass(frozen=True)
class SimplifierConfig:
    """Shape of a simplifier."""

    channels: tuple[int, ...] = (48, 96, 128)
    """Channels at 1/4, 1/8 and 1/16 of the picture."""
    blocks: tuple[int, ...] = (1, 1, 8)
    """Residual blocks there; at 1/4 and 1/8 as many again on the way back."""
    dilations: tuple[int, ...] = (1, 2, 4)
    """Of the blocks at 1/16, in turn."""
    detail: int = 4
    """Channels at full size, in the last two layers."""

    def __post_init__(self) -> None:
        if len(self.channels) != 3 or len(self.blocks) != 3 or not self.dilations:
            raise LineworkError(
                f"channels {self.channels} and blocks {self.blocks}: wanted three numbers each, "
                "and at least one dilation"
            )
        check_ranges(self, {"detail": (1, 256)})

    @property
    def reach(self) -> int:
        """How far an output pixel sees, px to each side."""
        coarse = sum(self.dilations[i % len(self.dilations)] + 1 for i in range(self.blocks[2]))
        middle = 2 + 4 * self.blocks[1]
        fine = 3 + 4 * self.blocks[0]
        return FOLD * (4 * coarse + 2 * middle + fine) + MULTIPLE


class Simplifier(nn.Module):
    """Ink (B, 1, H, W) in [0, 1], 1 black, to logits of clean ink (B, 1, H, W); H, W any."""

    def __init__(self, config: SimplifierConfig) -> None:
        super().__init__()
        self.config = config
        c1, c2, c3 = config.channels
        n1, n2, n3 = config.blocks
        self.fold = nn.PixelUnshuffle(FOLD)
        self.stem = Conv(FOLD * FOLD, c1)
        self.fine = chain(c1, n1)
        self.down1 = Conv(c1, c2, stride=2)
        self.middle = chain(c2, n2)
        self.down2 = Conv(c2, c3, stride=2)
        self.coarse = nn.Sequential(
            *(Residual(c3, config.dilations[i % len(config.dilations)]) for i in range(n3))
        )
        self.up2 = Conv(c3, c2, kernel=1, relu=False)
        self.middle_back = chain(c2, n2)
        self.up1 = Conv(c2, c1, kernel=1, relu=False)
        self.fine_back = chain(c1, n1)
        self.unfold = nn.Sequential(
            nn.Conv2d(c1, config.detail * FOLD * FOLD // 2, 1), nn.PixelShuffle(FOLD)
        )
        self.detail = nn.Sequential(
            nn.Conv2d(
                config.detail // 2 + 1, config.detail, 3, padding=1, padding_mode="replicate"
            ),
            nn.ReLU(),
            nn.Conv2d(config.detail, 1, 3, padding=1, padding_mode="replicate"),
        )

    def forward(self, ink: Tensor) -> Tensor:
        """Logits of clean ink."""
        height, width = ink.shape[-2:]
        padded = pad_to_multiple(ink, MULTIPLE)
        a = self.fine(self.stem(self.fold(padded)))  # (B, c1, H/4, W/4)
        b = self.middle(self.down1(a))  # (B, c2, H/8, W/8)
        c = self.coarse(self.down2(b))  # (B, c3, H/16, W/16)
        b = self.middle_back(b + double(self.up2(c)))
        a = self.fine_back(a + double(self.up1(b)))
        drawn = torch.cat([self.unfold(a), padded], dim=1)  # (B, detail / 2 + 1, H, W)
        logits: Tensor = self.detail(drawn)
        return logits[..., :height, :width]


def simplify(logits: Tensor, strength: float = 0.5) -> Tensor:
    """Ink (B, 1, H, W) in [0, 1] from logits; pixel by pixel no more ink with more strength.

    Args:
        strength: 0 keeps whatever may be a line, 1 only what surely is; .5 as trained.
    """
    return torch.sigmoid(logits + STRENGTH_LOGITS * (1 - 2 * strength))
