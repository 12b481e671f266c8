"""How far one set of pictures lies from another: sliced Wasserstein distance of their patches.

After Karras et al., "Progressive Growing of GANs" (2018), section 5: patches of 7 x 7 px are
taken from each level of a Laplacian pyramid, and the distances of their projections on
random directions, sorted, are averaged. It sees colours and textures at all scales, needs no
network that was trained on something, and does not see what a picture shows.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

PATCH = 7  # px
PATCHES = 64  # of each picture and level
DIRECTIONS = 128
COARSEST = 16  # px: levels go down to this side


def patch_distance(pictures: Tensor, others: Tensor, *, seed: int = 0) -> float:
    """The distance, 0 for equal sets; the mean over the levels.

    Args:
        pictures, others: (B, 3, H, W), as many of the same size.
        seed: of places and directions; equal seeds compare.
    """
    generator = torch.Generator().manual_seed(seed)
    levels = zip(_pyramid(pictures.float()), _pyramid(others.float()), strict=True)
    found = [_sliced(one, other, generator) for one, other in levels]
    return math.fsum(found) / len(found)


def _pyramid(pictures: Tensor) -> list[Tensor]:
    levels = []
    while min(pictures.shape[-2:]) >= 2 * COARSEST:
        smaller = F.avg_pool2d(pictures, 2)
        again = F.interpolate(smaller, size=pictures.shape[-2:], mode="bilinear")
        levels.append(pictures - again)
        pictures = smaller
    return [*levels, pictures]


def _sliced(one: Tensor, other: Tensor, generator: torch.Generator) -> float:
    batch, channels, height, width = one.shape
    size = min(PATCH, height, width)
    across = width - size + 1
    places = torch.randint((height - size + 1) * across, (batch, 1, PATCHES), generator=generator)
    y, x = places // across, places % across
    rows = y + torch.arange(size).view(1, -1, 1).repeat_interleave(size, 1)
    columns = x + torch.arange(size).repeat(size).view(1, -1, 1)
    at = (rows * width + columns).view(batch, 1, -1).expand(-1, channels, -1).to(one.device)

    def patches(pictures: Tensor) -> Tensor:
        cut = pictures.flatten(2).gather(2, at).view(batch, channels * size * size, PATCHES)
        return cut.transpose(1, 2).reshape(batch * PATCHES, -1)

    directions = torch.randn(channels * size * size, DIRECTIONS, generator=generator)
    directions = (directions / directions.norm(dim=0)).to(one.device)
    both = [(patches(p) @ directions).sort(dim=0).values for p in (one, other)]
    return float((both[0] - both[1]).abs().mean())
