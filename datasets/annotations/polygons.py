"""Polygons onto px: the one rasteriser that mask, area and box all come from.

The rule is COCO's own (cocoapi, maskApi.c, rleFrPoly), so that a polygon in a COCO file
stands for exactly the px that were measured here: corners are rounded to a grid five times
as fine as the px, edges are drawn on it, and wherever an edge passes the middle of a
column the mask changes from there down. So px whose middle lies inside are set, what is
enclosed twice is outside (a hole may be reached through a slit), and a part narrower than
a px may set none. No anti-aliasing; masks of painted px are in `rle.py`.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from .rle import Rle

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

# Fine steps a px, and the step of five behind which a column's middle lies.
_SCALE, _MIDDLE = 5, 2
# A circle's polygon stays this near to it, px: far below what a px can show.
CIRCLE_TOLERANCE = 0.02
MOST_CIRCLE_POINTS = 720


def rasterise(polygon: FloatArray, height: int, width: int) -> Rle:
    """The px inside a polygon.

    Args:
        polygon: float64 (n, 2), x and y in px from the picture's top left corner, closed
            by itself; finite and within 10^8 px.
    """
    corners = (_SCALE * polygon + 0.5).astype(np.int64)  # towards zero, as C casts
    x0, y0 = corners.T
    x1, y1 = np.roll(corners, -1, axis=0).T
    flat = np.abs(x1 - x0) >= np.abs(y1 - y0)
    columns, rows = zip(
        _flat_crossings(*_upwards(x0[flat], y0[flat], x1[flat], y1[flat])),
        _steep_crossings(*_upwards(y0[~flat], x0[~flat], y1[~flat], x1[~flat])),
        strict=True,
    )
    x, row = np.concatenate(columns), np.concatenate(rows)
    y = -(-(row - _MIDDLE) // _SCALE)
    seen = (x >= 0) & (x < width)
    return Rle.toggled(height, width, x[seen] * height + np.clip(y[seen], 0, height))


def _upwards(
    along: IntArray, across: IntArray, along_end: IntArray, across_end: IntArray
) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
    """Edges from the smaller end of their longer axis, whatever their direction.

    So the edge that two neighbours share rounds to the same px.

    Returns:
        where each begins on its longer axis and on the other, where it ends on the longer
        one, and its slope.
    """
    turned = along > along_end
    begin, end = np.where(turned, along_end, along), np.where(turned, along, along_end)
    low, high = np.where(turned, across_end, across), np.where(turned, across, across_end)
    return begin, low, end, (high - low) / np.maximum(end - begin, 1)


def _flat_crossings(
    begin: IntArray, low: IntArray, end: IntArray, slope: FloatArray
) -> tuple[IntArray, IntArray]:
    """Columns whose middle each edge passes, and the fine row above which it does."""
    first = -(-(begin - _MIDDLE) // _SCALE)
    last = (end - _MIDDLE - 1) // _SCALE
    edge, place = _ranges(np.maximum(last - first + 1, 0))
    column = first[edge] + place
    step = _SCALE * column + _MIDDLE - begin[edge]
    before = (low[edge] + slope[edge] * step + 0.5).astype(np.int64)
    behind = (low[edge] + slope[edge] * (step + 1) + 0.5).astype(np.int64)
    return column, np.minimum(before, behind)


def _steep_crossings(
    begin: IntArray, low: IntArray, end: IntArray, slope: FloatArray
) -> tuple[IntArray, IntArray]:
    """The same of edges that are walked row by row."""
    edge, place = _ranges(end - begin + 1)
    fine = (low[edge] + slope[edge] * place + 0.5).astype(np.int64)
    left = np.minimum(fine[:-1], fine[1:])
    passed = (fine[:-1] != fine[1:]) & (edge[:-1] == edge[1:]) & (left % _SCALE == _MIDDLE)
    at = np.flatnonzero(passed)
    return left[at] // _SCALE, (begin[edge] + place)[at]


def _ranges(lengths: IntArray) -> tuple[IntArray, IntArray]:
    """For each length, 0, 1, ... below it: whose, and the number."""
    owner = np.repeat(np.arange(len(lengths)), lengths)
    first = np.cumsum(lengths) - lengths
    return owner, np.arange(len(owner)) - first[owner]


def clip(polygon: FloatArray, height: int, width: int) -> FloatArray:
    """The part of a polygon that lies on the picture (Sutherland and Hodgman, 1974).

    Parts that leave and come back stay joined by edges along the border, which set no px.

    Returns:
        float64 (n, 2); the polygon itself where nothing lies outside, (0, 2) where all does.
    """
    limits = (width, height)
    if len(polygon) and (polygon >= 0).all() and (polygon <= limits).all():
        return polygon
    for axis in (0, 1):
        for limit, sign in ((0.0, 1.0), (float(limits[axis]), -1.0)):
            polygon = _clip_half(polygon, axis, limit, sign)
    return polygon


def _clip_half(polygon: FloatArray, axis: int, limit: float, sign: float) -> FloatArray:
    """The part of a polygon with sign * (coordinate - limit) >= 0."""
    if not len(polygon):
        return polygon
    depth = sign * (polygon[:, axis] - limit)
    inside = depth >= 0
    if inside.all():
        return polygon
    following, deeper = np.roll(polygon, -1, axis=0), np.roll(depth, -1)
    leaves = inside != np.roll(inside, -1)
    share = np.where(leaves, depth / np.where(leaves, depth - deeper, 1.0), 0.0)
    crossing = polygon + share[:, None] * (following - polygon)
    crossing[:, axis] = limit
    both = np.stack([polygon, crossing], axis=1).reshape(-1, 2)
    kept = np.stack([inside, leaves], axis=1).ravel()
    clipped: FloatArray = both[kept]
    return clipped


def circle(x: float, y: float, radius: float) -> FloatArray:
    """A circle as a polygon within `CIRCLE_TOLERANCE` px of it, of the circle's own area.

    Returns:
        float64 (n, 2), 12 to `MOST_CIRCLE_POINTS` corners.
    """
    bend = np.arccos(max(1 - CIRCLE_TOLERANCE / max(radius, CIRCLE_TOLERANCE), 0.0))
    count = int(np.clip(np.ceil(np.pi / max(bend, 1e-6)), 12, MOST_CIRCLE_POINTS))
    angles = np.arange(count) * (2 * np.pi / count)
    # Corners a little outside make up for the chords inside.
    reach = radius * np.sqrt(2 * np.pi / (count * np.sin(2 * np.pi / count)))
    return np.stack([x + reach * np.cos(angles), y + reach * np.sin(angles)], axis=1)


def line(points: FloatArray, line_width: float) -> tuple[FloatArray, ...]:
    """A line through points (n, 2) as polygons whose union it is: bars, and discs at the bends.

    The ends are square, at the points themselves.
    """
    half = line_width / 2
    parts = []
    for start, end in pairwise(points):
        step = end - start
        length = float(np.hypot(*step))
        if length > 0:
            side = half / length * np.array([-step[1], step[0]])
            parts.append(np.array([start + side, end + side, end - side, start - side]))
    bends = [circle(float(x), float(y), half) for x, y in points[1:-1]] if parts else []
    return (*parts, *bends)
