"""A panel's sides on the middle of the border that the pen drew: `on_border`.

A mask ends where the ink does, half a border outside of the line that was drawn; on small panels
with thick borders that is a tenth of the panel. Sides without a border of even thickness stay.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from .outlines import Polygon, UInt8Array

# Across a side is looked from so far outside to so far inside, px in steps; borders are thinner.
OUTSIDE, INSIDE, STEP = 4.0, 16.0, 0.5
# Along it at so many places, its ends left out, share of its length.
PLACES, END = 60, 0.06
INK = 110  # a border is darker, levels
LEAST_SIDE = 20  # px of a side that is looked at
# Share of the places that must show a border, and how far the middle half of them may differ, px.
SHOWN, EVEN = 0.4, 2.5


def on_border(polygon: Polygon, page: UInt8Array) -> Polygon:
    """A polygon with its sides on the middle of the border.

    Args:
        polygon: float64 (n, 2), clockwise as seen, x and y in px.
        page: uint8 (H, W, 3).
    """
    moved = [_moved(a, b, page) for a, b in zip(polygon, np.roll(polygon, -1, 0), strict=True)]
    corners = []
    for number, ((p, u), (q, v)) in enumerate(zip([moved[-1], *moved[:-1]], moved, strict=True)):
        cross = u[0] * v[1] - u[1] * v[0]
        if abs(cross) < 0.3:  # sides of nearly one direction meet anywhere
            corners.append(polygon[number])
            continue
        way = ((q[0] - p[0]) * v[1] - (q[1] - p[1]) * v[0]) / cross
        corners.append(p + way * u)
    return np.array(corners)


def _moved(a: Polygon, b: Polygon, page: UInt8Array) -> tuple[Polygon, Polygon]:
    """A point of a side and its direction, moved to the middle of its border."""
    length = float(np.linalg.norm(b - a))
    along = (b - a) / max(length, 1e-9)
    if length < LEAST_SIDE:
        return a, along
    inward = np.array([-along[1], along[0]])
    depths = np.arange(-OUTSIDE, INSIDE + STEP / 2, STEP)
    places = a + (b - a) * np.linspace(END, 1 - END, PLACES)[:, None]
    at = (places[:, None] + depths[None, :, None] * inward).astype(np.float32)
    seen = cv2.remap(page, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderValue=(255, 255, 255))
    middles = _middles(seen.max(axis=2) < INK, depths)
    if len(middles) < SHOWN * PLACES or np.subtract(*np.percentile(middles, (75, 25))) > EVEN:
        return a, along
    return a + inward * float(np.median(middles)), along


def _middles(dark: npt.NDArray[np.bool_], depths: npt.NDArray[np.float64]) -> Polygon:
    """Of the first dark run of each row that has light on both sides, its middle."""
    found = []
    for row in dark:
        edges = np.flatnonzero(np.diff(row.astype(np.int8)))
        if not row[0] and len(edges) > 1 and depths[edges[0]] < OUTSIDE:
            found.append((depths[edges[0] + 1] + depths[edges[1]]) / 2)
    return np.array(found)
