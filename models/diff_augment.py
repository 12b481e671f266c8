"""Changes to pictures before a critic sees them, real and made alike, that gradients pass through.

Zhao et al., "Differentiable Augmentation for Data-Efficient GAN Training" (2020): with few
pictures a critic learns them by heart; changed each time, it cannot, and what it asks for is not
changed. Each picture is changed by itself, by numbers of the generator that is passed in.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

# Shares of the side: shifted by at most, and the side of what is cut out; as published.
SHIFT, CUT = 0.125, 0.5
# Of brightness, to either side; saturation goes to 0 to 2 times, contrast to .5 to 1.5.
BRIGHTNESS = 0.5


def augmented(pictures: Tensor, generator: torch.Generator, share: float = 1.0) -> Tensor:
    """Pictures (B, 3, S, S) in [-1, 1]: colours, place, and a square cut out to grey.

    Args:
        share: of the pictures, picked at random, that are changed; the others stay (Karras et al.,
            "Training Generative Adversarial Networks with Limited Data", 2020).
    """
    if share == 0:
        return pictures
    changed = _cut(_shifted(_recoloured(pictures, generator), generator), generator)
    return torch.where(_each(pictures, generator) < share, changed, pictures)


def _each(pictures: Tensor, generator: torch.Generator) -> Tensor:
    """A number from 0 to 1 for each picture, (B, 1, 1, 1)."""
    return torch.rand(len(pictures), 1, 1, 1, generator=generator, device=pictures.device)


def _recoloured(x: Tensor, generator: torch.Generator) -> Tensor:
    x = x + (_each(x, generator) - 0.5) * 2 * BRIGHTNESS
    grey = x.mean(dim=1, keepdim=True)
    x = grey + (x - grey) * (2 * _each(x, generator))
    mean = x.mean(dim=(1, 2, 3), keepdim=True)
    return mean + (x - mean) * (0.5 + _each(x, generator))


def _shifted(x: Tensor, generator: torch.Generator) -> Tensor:
    batch, _, height, width = x.shape
    most = round(SHIFT * height)
    by = torch.randint(-most, most + 1, (2, batch, 1), generator=generator, device=x.device)
    rows = torch.arange(height, device=x.device) + by[0]  # (B, H)
    columns = torch.arange(width, device=x.device) + by[1]
    inside = ((rows >= 0) & (rows < height))[:, :, None] & ((columns >= 0) & (columns < width))[
        :, None
    ]
    rows, columns = rows.clamp(0, height - 1), columns.clamp(0, width - 1)
    at = torch.arange(batch, device=x.device)[:, None, None]
    moved = x.permute(0, 2, 3, 1)[at, rows[:, :, None], columns[:, None]].permute(0, 3, 1, 2)
    return moved * inside[:, None]


def _cut(x: Tensor, generator: torch.Generator) -> Tensor:
    batch, _, height, width = x.shape
    side = round(CUT * height)
    at = torch.randint(0, height + 1, (2, batch, 1), generator=generator, device=x.device)
    rows = (torch.arange(height, device=x.device) - at[0] + side // 2) % (2 * height)
    columns = (torch.arange(width, device=x.device) - at[1] + side // 2) % (2 * width)
    gone = (rows < side)[:, :, None] & (columns < side)[:, None]
    return x.masked_fill(gone[:, None], 0.0)


def pooled(pictures: Tensor, side: int) -> Tensor:
    """Pictures as small as a critic redraws them."""
    return F.adaptive_avg_pool2d(pictures, side)
