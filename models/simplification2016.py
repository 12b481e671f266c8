"""The sketch simplification network of 2016, the baseline that `simplifier.py` is measured against.

Simo-Serra, Iizuka, Sasaki and Ishikawa, "Learning to Simplify: Fully Convolutional
Networks for Rough Sketch Cleanup", ACM TOG 35(4), 2016: three halvings down to a flat
part of 1/8, three doublings by transposed convolutions, every convolution with batch
normalisation and ReLU, a sigmoid at the end. Layer sizes as in the authors' training
script; 44.9 M parameters, 983 GMAC at 1024 x 1024.

Input is the grey picture, 1 white, as published; here ink, 1 black, is turned round on
the way in and out, so that both networks take and give the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .residual import pad_to_multiple

MULTIPLE = 8
# (channels, halvings: 1 down, -1 up, 0 flat), a convolution each.
LAYERS = (
    (48, 1), (128, 0), (128, 0),
    (256, 1), (256, 0), (256, 0),
    (256, 1), (512, 0), (1024, 0), (1024, 0), (1024, 0), (1024, 0), (512, 0), (256, 0),
    (256, -1), (256, 0), (128, 0),
    (128, -1), (128, 0), (48, 0),
    (48, -1), (24, 0),
)  # fmt: skip


@dataclass(frozen=True)
class Simplification2016Config:
    """Shape of the network."""

    width: float = 1.0
    """Of every layer, as a share of the published one."""


class Simplification2016(nn.Module):
    """Ink (B, 1, H, W) in [0, 1], 1 black, to logits of clean ink (B, 1, H, W); H, W any."""

    def __init__(self, config: Simplification2016Config) -> None:
        super().__init__()
        self.config = config
        layers: list[nn.Module] = []
        before = 1
        for i, (published, halving) in enumerate(LAYERS):
            after = max(1, round(published * config.width))
            kernel = 5 if i == 0 else 3
            layers += [
                nn.ConvTranspose2d(before, after, 4, 2, 1)
                if halving < 0
                else nn.Conv2d(before, after, kernel, 1 + halving, kernel // 2),
                nn.BatchNorm2d(after),
                nn.ReLU(),
            ]
            before = after
        self.layers = nn.Sequential(*layers, nn.Conv2d(before, 1, 3, padding=1))

    def forward(self, ink: Tensor) -> Tensor:
        """Logits of clean ink."""
        height, width = ink.shape[-2:]
        white: Tensor = self.layers(1 - pad_to_multiple(ink, MULTIPLE))
        return -white[..., :height, :width]


def window_weights(target: Tensor) -> Tensor:
    """The published weight of each pixel: exp(-h) + .5 (B, 1, H, W).

    h is the share of the 5 x 5 window of the target whose grey falls into the same of
    ten bins as the middle's: flat paper weighs little, a line's edge much.

    Args:
        target: grey (B, 1, H, W) in [0, 1].
    """
    bins = (target * 10).long().clamp(0, 9)
    padded = F.pad(bins.to(target.dtype), (2, 2, 2, 2), mode="replicate").long()
    height, width = target.shape[-2:]
    same = torch.zeros_like(target)
    for dy in range(5):
        for dx in range(5):
            same += padded[..., dy : dy + height, dx : dx + width] == bins
    return torch.exp(-same / 25) + 0.5
