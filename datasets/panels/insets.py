"""Panels that lie within a panel, with a moat of paper all around them: `find_insets`.

A house on white ground is an island with four sides too; but what is drawn in an inset is cut off
at its border, where a house has a wall. An inset without a moat is not found.
"""

from __future__ import annotations

import cv2
import numpy as np

from .outlines import Mask, Polygon, UInt8Array, agreement, four_sides

# An inset: agreement with four sides, size as share of its panel, paper in the ring around it.
INSET_FOUR_SIDED, INSET_SHARE, MOAT = 0.93, (0.03, 0.7), 0.9
# Share of the px along the inside of its border that differ: a house has a wall there.
CUT_OFF = 0.06
RING = 0.006  # how far inside the outline that is looked at, share of the page's longer side


def find_insets(picture: UInt8Array, paper: Mask, panel: Polygon, least: float) -> list[Polygon]:
    """The outlines of panels that lie within one.

    Args:
        picture: uint8 (H, W, 3), the page.
        paper: bool (H, W), px of the paper's tone.
        panel: (n, 2), the outline in which they are looked for.
        least: the least side of a panel, px.
    """
    inside = _filled(panel, paper.shape)
    area = int(inside.sum())
    inside = cv2.erode(inside, np.ones((5, 5), np.uint8))
    islands = inside & ~paper
    count, labels, stats, _ = cv2.connectedComponentsWithStats(islands)
    found = []
    for number in range(1, count):
        x, y, w, h = (int(v) for v in stats[number, :4])
        share = w * h / max(area, 1)
        if min(w, h) < least or not INSET_SHARE[0] <= share <= INSET_SHARE[1]:
            continue
        part = (labels[y : y + h, x : x + w] == number).astype(np.uint8)
        outlines, _ = cv2.findContours(np.pad(part, 1), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        filled = np.zeros((h + 2, w + 2), np.uint8)
        cv2.drawContours(filled, outlines, -1, 1, -1)
        quad = four_sides(np.ascontiguousarray(filled[1:-1, 1:-1]))
        if quad is None or agreement(quad, filled[1:-1, 1:-1]) < INSET_FOUR_SIDED:
            continue
        placed = quad + np.array([x, y])
        if _moat(paper, placed) >= MOAT and _is_cut_off(picture, placed):
            found.append(placed)
    return found


def _moat(paper: Mask, quad: Polygon) -> float:
    """Which share of the ring around a polygon is paper."""
    near = cv2.dilate(_filled(quad, paper.shape), np.ones((7, 7), np.uint8))
    ring = (cv2.dilate(near, np.ones((3, 3), np.uint8)) > 0) & (near == 0)
    return float(paper[ring].mean()) if ring.any() else 0.0


def _is_cut_off(picture: UInt8Array, quad: Polygon) -> bool:
    """Whether what is drawn in a polygon runs on to its border."""
    r = max(int(RING * max(picture.shape[:2])), 3)
    deep = cv2.erode(_filled(quad, picture.shape), np.ones((2 * r + 1, 2 * r + 1), np.uint8))
    deeper = cv2.erode(deep, np.ones((5, 5), np.uint8))
    px = picture[(deep > 0) & (deeper == 0)].astype(np.int16)
    if len(px) == 0:
        return False
    return bool((np.abs(px - np.median(px, axis=0)).max(axis=1) > 25).mean() > CUT_OFF)


def _filled(polygon: Polygon, shape: tuple[int, ...]) -> UInt8Array:
    """A polygon's px, uint8 (H, W) of 0 and 1."""
    mask = np.zeros(shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.rint(polygon).astype(np.int32)], 1)
    return mask
