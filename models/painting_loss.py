"""What a painter descends beside its critic: the pictures whose styles it was lent.

Of labels or of sketches alike: what is painted in the style of a real picture is brought near it in
colour, at several coarse scales, and in the critic's features (pix2pixHD, Wang et al. 2018), and
the style may say only so much (SPADE's encoder, a variational autoencoder's posterior).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ..strokes.errors import LineworkError
from .batch_share import BatchShare
from .settings import check_ranges

# Sizes at which colours are compared, each half of the one before.
COLOR_SCALES = 5


@dataclass(frozen=True)
class PaintingLossConfig:
    """What the painter and its critic descend."""

    label_mix: float = 10.0
    """Weight of LabelMix; as published."""
    feature_matching: float = 0.0
    """Weight of the critic's features, each level in shares of its mean; none in OASIS."""
    colors: float = 0.0
    """Weight of the mean difference of colours, at 1/1 to 1/16 of the size."""
    kl: float = 0.02
    """Weight of a nat that a style says of its picture; 0.05 in SPADE."""
    balance: float = 1.0
    """Power of a label's rarity that its px count by; 1 in OASIS. Less gives wide skies and
    meadows more of the critic's eye, and small things less, which turn gaudy otherwise."""
    prior: float = 0.25
    """Share of a batch that is painted in styles drawn at random."""
    spectral_norm: bool = True
    """Whether the painter's convolutions, too, are kept at norm 1."""
    decay: float = 0.999
    """Share of the average that stays at each step."""

    def __post_init__(self) -> None:
        check_ranges(
            self,
            {
                "label_mix": (0, math.inf),
                "feature_matching": (0, math.inf),
                "colors": (0, math.inf),
                "kl": (0, math.inf),
                "balance": (0, 1),
                "prior": (0, 1),
                "decay": (0, 1),
            },
        )


def loss_to_taught(
    weigh: PaintingLossConfig,
    share: BatchShare,
    part: float,
    kl: Tensor,
    painted: Tensor,
    picture: Tensor,
    features: Sequence[Tensor],
    real: Sequence[Tensor],
) -> tuple[Tensor, dict[str, Tensor]]:
    """How far what was painted is from the pictures (n, 3, H, W) whose styles it has, n above 0.

    Args:
        part: what a mean over them counts in that of the batch; `BatchShare.weight`.
        kl: nats that the styles say of their pictures, mean.
        features: the critic's of all that was painted, those of these n first.
        real: the critic's of the pictures; not looked at where `feature_matching` is 0.

    Returns:
        The loss, weighed, and its parts for the log.
    """
    figures = {"kl": part * kl}
    loss = weigh.kl * figures["kl"]
    if weigh.colors:
        figures["colors"] = part * colors_apart(painted, picture)
        loss = loss + weigh.colors * figures["colors"]
    if weigh.feature_matching:

        def size(level: Tensor) -> Tensor:
            return mean_size(level, share, part)

        own = [level[: len(picture)] for level in features]
        figures["features"] = part * features_apart(own, real, size)
        loss = loss + weigh.feature_matching * figures["features"]
    return loss, figures


def taught_of(share: BatchShare, reads: bool, prior: float) -> int:
    """How many of the first pictures of a batch lend their style; the others draw one.

    Args:
        reads: whether styles are read off pictures at all.

    Raises:
        LineworkError: too few of them to go round the processes.
    """
    if not reads:
        return 0
    taught = max(1, share.count - round(prior * share.count))
    if taught < share.world:
        raise LineworkError(
            f"of a batch of {share.count} pictures, {taught} lend their style, which does not go "
            f"round {share.world} processes; set a larger batch_size or a smaller loss.prior"
        )
    return taught


def mean_size(features: Tensor, share: BatchShare, weight: float) -> Tensor:
    """The mean size of the features of all processes, each mean weighed."""
    return share.mean(weight * features.float().abs().mean())


def colors_apart(painted: Tensor, real: Tensor) -> Tensor:
    """The mean difference of pictures (B, 3, H, W), as they are and averaged to 1/2 ... 1/16.

    Mostly not px by px: the place of every leaf is chance, and what expects it paints mud.
    """
    found = [F.l1_loss(painted.float(), real.float())]
    for _ in range(COLOR_SCALES - 1):
        painted, real = F.avg_pool2d(painted, 2), F.avg_pool2d(real, 2)
        found.append(F.l1_loss(painted.float(), real.float()))
    return torch.stack(found).mean()


def features_apart(
    painted: Sequence[Tensor], real: Sequence[Tensor], sized: Callable[[Tensor], Tensor]
) -> Tensor:
    """The mean difference of features, each level in shares of its own mean size.

    Args:
        sized: the mean size of a level of the real ones, as `mean_size` has it.
    """
    levels = zip(painted, real, strict=True)
    return torch.stack(
        [F.l1_loss(a.float(), b.float()) / sized(b).clamp(min=1e-6) for a, b in levels]
    ).mean()
