"""What training a simplifier descends.

`published`: the squared error of 2016, weighted by each pixel's window
(`simplification2016.window_weights`). `tolerant`: binary cross-entropy, plus one minus
the F-score of the drawn lines under a tolerance. Where the line lies within some
pixels is often open in a rough sketch; squared error and cross-entropy alone
then draw a pale band where the F-score wants one sure line somewhere in it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from .settings import check_ranges
from .simplification2016 import window_weights

# Keeps shares of empty pictures finite: px of ink.
EMPTY = 1.0


@dataclass(frozen=True)
class SimplifierLossConfig:
    """What the loss weighs."""

    kind: Literal["tolerant", "published"] = "tolerant"
    """published: the weighted squared error of 2016."""
    line_weight: float = 2.0
    """Cross-entropy of a line's pixel, as a multiple of paper's."""
    score_weight: float = 1.0
    """Of one minus the F-score."""
    tolerance: int = 3
    """px by which a line may be off in the F-score."""
    adversarial: float = 0.0
    """Weight of the critic's judgement; the 2018 stage takes 8e-5 of a sum."""

    def __post_init__(self) -> None:
        check_ranges(
            self,
            {
                "line_weight": (0, math.inf),
                "score_weight": (0, math.inf),
                "tolerance": (0, 32),
                "adversarial": (0, math.inf),
            },
        )


def pair_loss(logits: Tensor, clean: Tensor, config: SimplifierLossConfig) -> Tensor:
    """The loss of logits (B, 1, H, W) against clean ink (B, 1, H, W), a mean over pixels."""
    if config.kind == "published":
        weights = window_weights(1 - clean)
        return (weights * (torch.sigmoid(logits) - clean).square()).mean()
    weights = 1 + (config.line_weight - 1) * clean
    entropy = F.binary_cross_entropy_with_logits(logits, clean, weights)
    if not config.score_weight:
        return entropy
    score = soft_f_score(torch.sigmoid(logits.float()), clean, config.tolerance)
    return entropy + config.score_weight * (1 - score)


def soft_f_score(ink: Tensor, clean: Tensor, tolerance: int) -> Tensor:
    """F-score of ink against clean ink, both (B, 1, H, W) in [0, 1], over the whole batch.

    Precision is the share of ink within `tolerance` px (in each axis) of clean ink, recall
    the share of clean ink with ink within it: with a mean over 3 x 3 px of it, for single
    px that are dark would otherwise count as a line, and a halftone of dots win.
    """
    window = 2 * tolerance + 1
    solid = F.avg_pool2d(ink, 3, 1, 1, count_include_pad=False)
    precision = (ink * _spread(clean, window)).sum() / (ink.sum() + EMPTY)
    recall = (clean * _spread(solid, window)).sum() / (clean.sum() + EMPTY)
    return 2 * precision * recall / (precision + recall + 1e-6)


def _spread(ink: Tensor, window: int) -> Tensor:
    """Each pixel the most of its window: two passes, for a maximum is separable."""
    half = window // 2
    rows = F.max_pool2d(ink, (1, window), 1, (0, half))
    return F.max_pool2d(rows, (window, 1), 1, (half, 0))
