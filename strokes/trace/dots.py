"""Dots: ink that is about as long as it is wide.

Thinning leaves a px or a tail of a few; what a touch of the pen was is said by the
moments of its ink. A small piece of ink that is longer than wide, whose skeleton
was lost, is a short line along its longer axis.
"""

from __future__ import annotations

import cv2
import numpy as np

from .ink import Ink
from .ragged import BoolArray, FloatArray
from .skeleton import FREE, Skeleton

# Ink is a dot where it is not longer than its width times this.
_ROUND = 1.45
# Chains shorter than this many line widths may be dots.
_SHORT_CHAIN = 1.6


def find_dots(
    ink: Ink, skeleton: Skeleton, length: FloatArray
) -> tuple[list[tuple[FloatArray, float]], BoolArray]:
    """Dots and lost short lines, and the chains that they replace.

    Args:
        length: float64 (C,), of every chain, working px.

    Returns:
        pairs of points (1 or 2, 2) and width, working px; bool (C,).
    """
    lonely = (skeleton.ends == FREE).all(axis=1) & ~skeleton.loop
    short = lonely & (length < _SHORT_CHAIN * ink.line_width)
    seeds = np.concatenate([skeleton.dots, skeleton.points[skeleton.offsets[:-1][short]]])
    if len(seeds) == 0:
        return [], short
    _, labels, stats, middles = cv2.connectedComponentsWithStats(
        ink.mask.view(np.uint8), connectivity=8
    )
    at = seeds.astype(np.int64)
    found = []
    for label in sorted(set(labels[at[:, 1], at[:, 0]].tolist()) - {0}):
        left, top, width, height, area = stats[label].tolist()
        patch = labels[top : top + height, left : left + width] == label
        y, x = np.nonzero(patch)
        spread = np.cov(np.stack([x, y]).astype(np.float64), ddof=0) + np.eye(2) / 12
        values, vectors = np.linalg.eigh(spread)
        # A bar of sides a, b has variances a^2 / 12, b^2 / 12; a disc d^2 / 16 both ways.
        long, wide = np.sqrt(12 * values[1]), np.sqrt(12 * values[0])
        middle = middles[label] + 0.5
        if long <= _ROUND * wide:
            found.append((middle[None], 2 * float(np.sqrt(area / np.pi))))
        else:
            half = 0.5 * (long - wide) * vectors[:, 1]
            found.append((np.stack([middle - half, middle + half]), float(wide)))
    return found, short
