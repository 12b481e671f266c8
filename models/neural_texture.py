"""A pattern, more of it, by descending the distance between the patches of two pictures.

Elnekave and Weiss, "Generating natural images with direct patch distributions matching" (2022)
after Heitz et al., "A Sliced Wasserstein Loss for Neural Texture Synthesis" (2021): random
filters, drawn anew at each step, look at the texture and at the sample; sorted, their answers
should be the same. From coarse to fine. No network was trained for it: random filters do. It runs
on a GPU where there is one.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

# px of a filter's side, and filters a step.
SIDE, FILTERS = 7, 48
# Sizes, each twice the one before, and steps at each, the coarsest first.
LEVELS = 4
STEPS = (120, 80, 60, 40)
RATE = 0.03
# px of the answers that are sorted a step; more is slower, not better.
SORTED = 16_384
# The coarsest sample is not smaller than this, px.
_COARSEST = 24


def match_patches(
    sample: npt.NDArray[np.uint8],
    size: tuple[int, int],
    generator: torch.Generator,
) -> npt.NDArray[np.uint8]:
    """More of a pattern.

    Args:
        sample: uint8 (h, w) or (h, w, 3).
        size: (width, height) wanted, px.
        generator: of the noise it begins with and of the filters; says the device.

    Returns:
        uint8 (height, width), or (height, width, 3).
    """
    device = generator.device
    values = torch.from_numpy(np.ascontiguousarray(sample)).to(device).float() / 255
    known = (values[..., None] if values.ndim == 2 else values).permute(2, 0, 1)[None]
    width, height = size
    levels = [k for k in range(LEVELS) if k == 0 or min(known.shape[-2:]) / 2**k >= _COARSEST][::-1]
    texture: Tensor | None = None
    for level, steps in zip(levels, STEPS[-len(levels) :], strict=True):
        small = F.avg_pool2d(known, 2**level) if level else known
        wide, high = (max(SIDE, -(-n // 2**level)) for n in (width, height))
        if texture is None:
            middle, spread = small.mean((2, 3), keepdim=True), small.std()
            noise = torch.randn(1, known.shape[1], high, wide, generator=generator, device=device)
            texture = middle + spread * noise
        else:
            texture = F.interpolate(texture, size=(high, wide), mode="bicubic")
        texture = _descend(texture, small, steps, generator)
    assert texture is not None
    found = texture[0, :, :height, :width].clamp(0, 1).permute(1, 2, 0)
    pixels = (found * 255).round().to(torch.uint8).cpu().numpy()
    return pixels[..., 0] if sample.ndim == 2 else pixels


def _descend(texture: Tensor, sample: Tensor, steps: int, generator: torch.Generator) -> Tensor:
    """The texture after some steps of Adam."""
    texture = texture.detach().clamp(0, 1).requires_grad_(True)
    descent = torch.optim.Adam([texture], lr=RATE)
    shape = (FILTERS, texture.shape[1], SIDE, SIDE)
    for _ in range(steps):
        filters = torch.randn(shape, generator=generator, device=generator.device)
        filters = filters - filters.mean((2, 3), keepdim=True) * 0.5
        filters = filters / filters.flatten(1).norm(dim=1)[:, None, None, None]
        mine = _answers(F.pad(texture, (SIDE // 2,) * 4, mode="reflect"), filters, generator)
        with torch.no_grad():
            theirs = _answers(sample, filters, generator)
        loss = (mine - theirs).abs().mean()
        descent.zero_grad()
        loss.backward()
        descent.step()
    return texture.detach()


def _answers(picture: Tensor, filters: Tensor, generator: torch.Generator) -> Tensor:
    """What filters say at some places, sorted: (FILTERS, SORTED)."""
    said = F.conv2d(picture, filters)[0].flatten(1)
    count = said.shape[1]
    places = torch.randint(count, (SORTED,), generator=generator, device=said.device)
    return said[:, places].sort(dim=1).values
