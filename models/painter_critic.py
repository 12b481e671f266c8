"""The painter's critic: a segmenter that also knows what is painted.

After OASIS (Schönfeld et al. 2021): a U-Net says of every px which of N labels a
photographer saw there, or that it is painted: N + 1 classes. What fools it both looks real and
shows what the label map says, so that no other network is needed beside it. Labels count by
their rarity, and where a real and a painted picture are cut along labels and joined, its word
must be joined alike (LabelMix). Half as wide as the published one.

Also its encoder's features, for feature matching (Wang et al., "pix2pixHD", 2018).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from ..strokes.errors import LineworkError
from .settings import check_ranges

SLOPE = 0.2
# A label of few px weighs at most this: ten px of a bird would else outweigh the sky.
HEAVIEST = 50.0


@dataclass(frozen=True)
class CriticConfig:
    """Shape of a painter's critic."""

    depths: tuple[int, ...] = (64, 64, 128, 128, 256, 256)
    """Channels after each halving of the picture, and back up."""
    fold: int = 1
    """Squares of so many px a side are read, and judged, as one; 2 is a quarter of the work."""

    def __post_init__(self) -> None:
        check_ranges(self, {"fold": (1, 16)})
        if not self.depths or min(self.depths) < 1:
            raise LineworkError(f"depths is {self.depths}; wanted a number a halving, above 0")

    @property
    def multiple(self) -> int:
        """Sides of pictures are multiples of this, px."""
        return self.fold << len(self.depths)

    def check_side(self, side: int) -> None:
        """Raises LineworkError where pictures of that side, px, cannot be judged."""
        if side % self.multiple:
            raise LineworkError(
                f"model.size is {side}; wanted a multiple of {self.multiple}, or fewer "
                "critic.depths"
            )


class PainterCritic(nn.Module):
    """Pictures (B, 3, H, W) in [-1, 1] to logits (B, classes + 1, h, w); the last is "painted".

    h and w are H and W over `config.fold`.

    Args:
        channels: of what is judged, where more than the picture is: a sketch beside it.
    """

    def __init__(self, classes: int, config: CriticConfig, channels: int = 3) -> None:
        super().__init__()
        self.config = config
        depths = config.depths
        self.down = nn.ModuleList(
            _Residual(before, after, first=level == 0)
            for level, (before, after) in enumerate(
                zip((channels * config.fold**2, *depths[:-1]), depths, strict=True)
            )
        )
        self.up = nn.ModuleList()
        before = depths[-1]
        for level in range(len(depths) - 1, 0, -1):
            self.up.append(_Residual(before, depths[level - 1]))
            # Joined with what the way down had at this size.
            before = 2 * depths[level - 1]
        self.up.append(_Residual(before, depths[0]))
        self.say = nn.Conv2d(depths[0], classes + 1, 1)

    def forward(self, pictures: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The logits; and the features of the way down, finest first."""
        features = self.features(pictures)
        x = features[-1]
        for block, beside in zip(self.up, [*features[-2::-1], None], strict=True):
            x = block(F.interpolate(x, scale_factor=2.0, mode="nearest"))
            if beside is not None:
                x = torch.cat([x, beside], dim=1)
        return self.say(F.leaky_relu(x, SLOPE)), features

    def features(self, pictures: Tensor) -> list[Tensor]:
        """What the way down finds, finest first."""
        found = []
        x = F.pixel_unshuffle(pictures, self.config.fold)
        for block in self.down:
            x = F.avg_pool2d(block(x), 2)
            found.append(x)
        return found

    def judged(self, placed: Tensor) -> Tensor:
        """Of what lies on the px of pictures, (..., H, W), that which stands by the logits."""
        fold = self.config.fold
        return placed[..., fold // 2 :: fold, fold // 2 :: fold]


def label_weights(
    labels: Tensor,
    classes: int,
    balance: float = 1.0,
    total: Callable[[Tensor], Tensor] = lambda counts: counts,
) -> Tensor:
    """What a px of each label counts, (classes,), by its rarity in a batch; 1 in the mean.

    Args:
        labels: (B, H, W) in [0, classes).
        balance: power of the rarity; 1 lets every label count alike, 0 every px.
        total: sums the counts of processes that share the batch.
    """
    counts = total(torch.bincount(labels.reshape(-1), minlength=classes).float())
    weights = counts.clamp(min=1) ** -balance
    mean = (counts * weights).sum() / counts.sum()
    return (weights / mean).clamp(max=HEAVIEST)


def is_shown(logits: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    """Cross-entropy of logits (B, classes + 1, H, W) with labels, each px by its label's weight."""
    each = F.cross_entropy(logits.float(), labels, reduction="none")
    return (each * weights[labels]).mean()


def is_painted(logits: Tensor) -> Tensor:
    """Cross-entropy with "painted", everywhere."""
    logits = logits.float()
    return (logits.logsumexp(dim=1) - logits[:, -1]).mean()


def label_coins(count: int, classes: int, generator: torch.Generator) -> Tensor:
    """A coin for each label of each of `count` pictures: bool (count, classes)."""
    return torch.rand(count, classes, generator=generator, device=generator.device) < 0.5


def label_mask(labels: Tensor, coins: Tensor) -> Tensor:
    """Each px (B, H, W) by its label's coin (B, classes): what LabelMix takes of the real.

    Returns:
        bool (B, 1, H, W).
    """
    return coins.gather(1, labels.flatten(1)).view(labels.shape)[:, None]


def mixed_alike(mixed: Tensor, real: Tensor, painted: Tensor, mask: Tensor) -> Tensor:
    """How far the logits of a mixed picture lie off the mixed logits: mean square."""
    return F.mse_loss(mixed.float(), torch.where(mask, real, painted).float())


class _Residual(nn.Module):
    """x, brought to other channels, + two convolutions of it."""

    def __init__(self, before: int, after: int, *, first: bool = False) -> None:
        super().__init__()
        self.first = spectral_norm(nn.Conv2d(before, after, 3, padding=1))
        self.second = spectral_norm(nn.Conv2d(after, after, 3, padding=1))
        self.past: nn.Module = (
            nn.Identity() if before == after else spectral_norm(nn.Conv2d(before, after, 1))
        )
        # A picture is read as it is: a ReLU would drop its dark half.
        self.read = nn.Identity() if first else nn.LeakyReLU(SLOPE)

    def forward(self, x: Tensor) -> Tensor:
        y = self.second(F.leaky_relu(self.first(self.read(x)), SLOPE))
        total: Tensor = self.past(x) + y
        return total
