"""Dots and dashes: ink that fits into a box of two line widths.

Thinning leaves a px of them, a knot, or nothing. What a touch of the pen was is said
by the moments of its ink: about as long as wide is a dot, longer is a short line
along its longer axis.
"""

from __future__ import annotations

import cv2
import numpy as np

from .ink import Ink
from .ragged import BoolArray, FloatArray
from .skeleton import Skeleton

# Ink is a dot where it is not longer than its width times this.
_ROUND = 1.45
# A piece of ink within a box of this many line widths is a dot or a dash.
_SMALL = 2.2


def find_dots(ink: Ink, skeleton: Skeleton) -> tuple[list[tuple[FloatArray, float]], BoolArray]:
    """Dots and dashes, and the chains that they replace.

    Returns:
        pairs of points (1 or 2, 2) and width, working px; bool (C,).
    """
    longest = _SMALL * ink.line_width + 1
    mask = ink.mask.view(np.uint8)
    contours, tree = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    # An outline that fits into the box has at most so many px.
    most = longest**2
    small = []
    for k, contour in enumerate(contours):
        if len(contour) <= most and tree[0, k, 3] < 0:
            box = cv2.boundingRect(contour)
            if max(box[2:]) <= longest:
                small.append((contour, box))
    page = np.zeros(mask.shape, np.uint8)
    cv2.drawContours(page, [contour for contour, _ in small], -1, 1, cv2.FILLED)
    begins = skeleton.points[skeleton.offsets[:-1]].astype(np.int64)
    replaced = page[begins[:, 1], begins[:, 0]] > 0
    found = []
    for contour, (left, top, width, height) in small:
        patch = np.zeros((height, width), np.uint8)
        cv2.drawContours(patch, [contour - np.array([left, top])], -1, 1, cv2.FILLED)
        patch &= mask[top : top + height, left : left + width]
        area = int(patch.sum())
        y, x = np.nonzero(patch)
        spread = np.cov(np.stack([x, y]).astype(np.float64), ddof=0) + np.eye(2) / 12
        values, vectors = np.linalg.eigh(spread)
        # A bar of sides a, b has variances a^2 / 12, b^2 / 12; a disc d^2 / 16 both ways.
        long, wide = np.sqrt(12 * values[1]), np.sqrt(12 * values[0])
        middle = np.array([left + x.mean(), top + y.mean()]) + 0.5
        if long <= _ROUND * wide:
            found.append((middle[None], 2 * float(np.sqrt(area / np.pi))))
        else:
            half = 0.5 * (long - wide) * vectors[:, 1]
            found.append((np.stack([middle - half, middle + half]), float(wide)))
    return found, replaced
