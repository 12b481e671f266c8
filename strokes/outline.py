"""Strokes of varying width as filled outlines: what editors without pressures can show.

Both sides of a stroke, offset by half its width at every point, with round ends and
joins. Where a stroke crosses itself its outline does: fill by the nonzero rule, as SVG does.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from .drawing import Stroke
from .raster import PRESSURE_SWING
from .units import PEN_WIDTH, to_px

FloatArray = npt.NDArray[np.float64]

# A corner turns by more than this, radians; round ends and joins step by as much or less.
_CORNER = 0.5
_ROUND = math.pi / 12


def widths_of(stroke: Stroke) -> FloatArray:
    """The width of a stroke at every point, px, (n,): its own, by its pressure."""
    width = to_px(PEN_WIDTH) if stroke.width is None else stroke.width
    if stroke.pressure is None:
        return np.full(len(stroke.points), width)
    pressure = np.clip(stroke.pressure.astype(np.float64), 0, 1)
    return np.asarray(width * (1 + 2 * PRESSURE_SWING * (pressure - 0.5)))


def outlined(stroke: Stroke) -> Stroke:
    """A stroke as the outline of its ink, closed, with `fill`; solid areas as they are."""
    if stroke.fill:
        return stroke
    points = stroke.points.astype(np.float64)
    outline = outline_of(points, widths_of(stroke))
    return stroke.replace(
        points=outline.astype(np.float32), pressure=None, time=None, width=None, fill=True
    )


def outline_of(points: FloatArray, widths: FloatArray) -> FloatArray:
    """The outline of a line, (m, 2), closed: its last point is its first.

    Args:
        points: float64 (n, 2), n >= 1.
        widths: float64 (n,).
    """
    moved = np.concatenate([[True], (np.diff(points, axis=0) != 0).any(axis=1)])
    points, radii = points[moved], widths[moved] / 2
    if len(points) == 1:
        return _arc(points[0], float(radii[0]), 0.0, 2 * math.pi)
    closed = len(points) > 3 and bool((points[0] == points[-1]).all())
    step = np.diff(points, axis=0)
    angle = np.unwrap(np.arctan2(step[:, 1], step[:, 0]))
    first, last = float(angle[0]), float(angle[-1])
    if closed:
        around = 2 * math.pi * round((last - first) / (2 * math.pi))
        first = 0.5 * (first + last - around)
        last = first + around
    before = np.concatenate([[first], angle])
    after = np.concatenate([angle, [last]])
    length = np.hypot(step[:, 0], step[:, 1])
    room = np.minimum(np.append(length, length[-1]), np.insert(length, 0, length[0]))
    left = _side(points, radii, room, before, after, math.pi / 2)
    right = _side(points, radii, room, before, after, -math.pi / 2)[::-1]
    parts = [left, right]
    if not closed:
        front = _arc(points[-1], float(radii[-1]), last + math.pi / 2, last - math.pi / 2)
        back = _arc(points[0], float(radii[0]), first - math.pi / 2, first - 3 * math.pi / 2)
        parts = [left, front[1:-1], right, back[1:-1]]
    return np.concatenate([*parts, left[:1]])


def _side(
    points: FloatArray,
    radii: FloatArray,
    room: FloatArray,
    before: FloatArray,
    after: FloatArray,
    turn: float,
) -> FloatArray:
    """One side; round on the outer side of a corner, where both sides meet on its inner one."""
    parts: list[FloatArray] = []
    for place, radius, most, a, b in zip(
        points, radii.tolist(), room.tolist(), before.tolist(), after.tolist(), strict=True
    ):
        if abs(b - a) > _CORNER and (b - a) * turn < 0:
            parts.append(_arc(place, radius, a + turn, b + turn))
            continue
        middle = 0.5 * (a + b) + turn
        far = radius / max(math.cos(0.5 * (b - a)), 0.1)
        reach = max(radius, min(far, math.hypot(radius, most)))
        parts.append((place + reach * np.array([math.cos(middle), math.sin(middle)]))[None])
    return np.concatenate(parts)


def _arc(middle: FloatArray, radius: float, begin: float, end: float) -> FloatArray:
    count = max(2, math.ceil(abs(end - begin) / _ROUND) + 1)
    t = np.linspace(begin, end, count)
    return np.asarray(middle + radius * np.stack([np.cos(t), np.sin(t)], axis=1))
