"""A panel that is known by its border alone, because its paper leads out of it: `framed`.

Where a border has a gap, where a hatched ground is cut open by what lies over its corner, the
gutter runs into a panel, and of the part only the border is left and what touches it. Four straight
sides of which nearly all is drawn are a panel nevertheless, but for what another panel covers.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from .outlines import SWAY, Mask, Polygon, agreement, four_sides
from .parts import Part

# Four sides that agree so well with the part itself are its outline anyway.
AGREED = 0.97
# Share of a side, and of all four, that is drawn.
DRAWN_SIDE, DRAWN = 0.7, 0.85
# Share of the part's hull that lies within: no more sticks out of a panel.
HELD = 0.85
# How much of a side must be seen, where another panel lies over the rest of it.
SEEN = 0.35
# How far around such a panel its moat may reach, share of the page's longer side.
MOAT = 0.022
# What lies in the four sides to this share is drawn in the panel and does not cover it.
INSIDE = 0.7
NEAR = 1.5  # times the sway of a border, px within which it is drawn


def framed(part: Part, others: Sequence[Part], shape: tuple[int, ...]) -> Mask | None:
    """The px of the panel whose border a part is, bool (H, W); None if it is no border.

    Args:
        part: of a page.
        others: the page's parts that are large enough for panels.
        shape: of the page, (H, W).
    """
    x, y, w, h = part.box
    quad = four_sides(part.mask.astype(np.uint8))
    if quad is None or agreement(quad, part.mask.astype(np.uint8)) >= AGREED:
        return None
    quad = quad + np.array([x, y])
    inside = np.zeros(shape[:2], np.uint8)
    cv2.fillPoly(inside, [np.rint(quad).astype(np.int32)], 1)
    hull = cv2.fillPoly(np.zeros_like(inside), [part.hull.astype(np.int32)], 1)
    if (hull & inside).sum() < HELD * hull.sum():
        return None
    mask = part.on(shape)
    over = [other for other in others if other is not part and _covers(other, inside)]
    cover = np.zeros(shape[:2], np.uint8)
    for other in over:
        cover |= other.on(shape)
    reach = int(MOAT * max(shape))
    covered = cv2.dilate(cover, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)) > 0
    if not _is_drawn(quad, mask, covered, max(NEAR * SWAY * max(w, h), 3.0)):
        return None
    for other in over:
        away = cv2.distanceTransform((~other.on(shape)).astype(np.uint8), cv2.DIST_L2, 3)
        inside[away < away[mask].min() - 1] = 0
    return np.asarray((inside > 0) & _kept(inside, mask))


def _covers(other: Part, inside: np.ndarray) -> bool:
    """Whether a part lies over the edge of an area."""
    x, y, w, h = other.box
    share = float(inside[y : y + h, x : x + w][other.mask].mean())
    return 0.02 < share < INSIDE


def _is_drawn(quad: Polygon, mask: Mask, covered: Mask, near: float) -> bool:
    """Whether the sides of a quadrilateral are in a mask, where nothing covers them."""
    r = int(np.ceil(near))
    grown = cv2.dilate(mask.astype(np.uint8), np.ones((2 * r + 1, 2 * r + 1), np.uint8)) > 0
    height, width = mask.shape
    seen = drawn = 0
    for a, b in zip(quad, np.roll(quad, -1, axis=0), strict=True):
        count = max(int(np.linalg.norm(b - a)), 2)
        points = np.rint(a + (b - a) * np.linspace(0.02, 0.98, count)[:, None]).astype(int)
        px, py = np.clip(points, 0, (width - 1, height - 1)).T
        free = ~covered[py, px]
        if free.mean() < SEEN or grown[py, px][free].mean() < DRAWN_SIDE:
            return False
        seen += int(free.sum())
        drawn += int(grown[py, px][free].sum())
    return drawn >= DRAWN * seen


def _kept(inside: np.ndarray, mask: Mask) -> Mask:
    """The piece of an area that most of a mask lies in, bool (H, W)."""
    _, pieces = cv2.connectedComponents(inside, connectivity=4)
    counts = np.bincount(pieces[mask & (inside > 0)])
    return np.asarray(pieces == int(counts.argmax()))
