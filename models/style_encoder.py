"""The style of a picture as the painter's latent: half of the picture, half of each label.

A small encoder as in SPADE (Park et al. 2019, the image encoder), that says of each number of
the latent where it lies and how surely (a variational autoencoder's posterior). The picture's
half is pooled over all of the picture and asks for no label map; each label's half is pooled
over its region alone. Labels that the picture does not show keep the prior: mean 0, variance 1.

No painting here: `painter.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SLOPE = 0.2  # of the leaky ReLU
GRID = 4  # px of the picture to one of what is pooled
CODE = 16  # channels of what a label's region is called
# Log variances stay within ± this: exp of more is of no use.
SUREST = 8.0
# Added to a variance before its root, whose slope at 0 has no end.
TINY = 1e-5


@dataclass(frozen=True, slots=True)
class StyleCode:
    """Where the styles of pictures lie.

    Args:
        mean, log_variance: (B, classes, latent); the first half alike for all labels.
        kl: (B,), Kullback-Leibler divergence from the prior, nats, each number counted once.
        shown: bool (B, classes), the labels that the picture shows.
    """

    mean: Tensor
    log_variance: Tensor
    kl: Tensor
    shown: Tensor

    def sample(self, normal: Tensor) -> Tensor:
        """Latents (B, classes, latent) of what is normal, of the same shape."""
        return self.mean + normal * torch.exp(0.5 * self.log_variance)


class StyleEncoder(nn.Module):
    """Pictures (B, 3, H, W) in [-1, 1] and labels (B, H, W) to a `StyleCode`.

    Args:
        width: channels of the finest level; twice and four times as many above it.
    """

    def __init__(self, classes: int, latent: int, width: int) -> None:
        super().__init__()
        self.whole = latent // 2
        self.own = latent - self.whole
        self.down = nn.Sequential(
            nn.Conv2d(3, width, 3, stride=2, padding=1, padding_mode="replicate"),
            nn.LeakyReLU(SLOPE),
            nn.Conv2d(width, 2 * width, 3, stride=2, padding=1, padding_mode="replicate"),
            nn.LeakyReLU(SLOPE),
            nn.Conv2d(2 * width, 2 * width, 3, padding=1, padding_mode="replicate"),
            nn.LeakyReLU(SLOPE),
        )
        pooled = 4 * width  # means and deviations
        self.say_whole = _head(pooled, 4 * width, 2 * self.whole)
        self.names = nn.Parameter(torch.randn(classes, CODE))
        self.say_own = _head(pooled + CODE, 4 * width, 2 * self.own)

    def forward(self, pictures: Tensor, labels: Tensor) -> StyleCode:
        """Where the styles lie; labels are read at every fourth px."""
        features = self.down(pictures).flatten(2).transpose(1, 2)  # (B, h w, C)
        seen = labels[:, GRID // 2 :: GRID, GRID // 2 :: GRID].flatten(1)  # (B, h w)
        regions = F.one_hot(seen, len(self.names)).to(features.dtype).transpose(1, 2)
        everywhere = torch.ones_like(regions[:, :1])
        whole, _ = _pooled(features, everywhere)
        own, count = _pooled(features, regions)
        shown = count > 0  # (B, classes)
        names = self.names.expand(len(pictures), -1, -1)
        whole_at, whole_spread = self.say_whole(whole).float().chunk(2, dim=2)
        own_at, own_spread = self.say_own(torch.cat([own, names], 2)).float().chunk(2, dim=2)
        own_at, own_spread = own_at * shown[:, :, None], own_spread * shown[:, :, None]
        whole_spread, own_spread = (_bounded(s) for s in (whole_spread, own_spread))
        kl = _divergence(whole_at, whole_spread) + _divergence(own_at, own_spread)
        wide = (-1, len(self.names), -1)
        return StyleCode(
            torch.cat([whole_at.expand(*wide), own_at], dim=2),
            torch.cat([whole_spread.expand(*wide), own_spread], dim=2),
            kl,
            shown,
        )


def _head(before: int, between: int, after: int) -> nn.Sequential:
    last = nn.Linear(between, after)
    nn.init.normal_(last.weight, std=0.02)  # begins near the prior
    nn.init.zeros_(last.bias)
    return nn.Sequential(nn.Linear(before, between), nn.LeakyReLU(SLOPE), last)


def _pooled(features: Tensor, regions: Tensor) -> tuple[Tensor, Tensor]:
    """Means and deviations of features (B, P, C) in regions (B, R, P): (B, R, 2 C); their px."""
    count = regions.sum(dim=2)
    share = regions / count.clamp(min=1)[:, :, None]
    mean = share @ features
    variance = (share @ features.square() - mean.square()).clamp(min=0)
    return torch.cat([mean, (variance + TINY).sqrt()], dim=2), count


def _bounded(log_variance: Tensor) -> Tensor:
    return SUREST * torch.tanh(log_variance / SUREST)


def _divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """(B,), nats from the standard normal."""
    each = mean.square() + log_variance.exp() - 1 - log_variance
    return 0.5 * each.flatten(1).sum(dim=1)
