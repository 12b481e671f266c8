"""stroke-3 and stroke-5: a drawing as the offsets that sketch-rnn reads and writes.

stroke-3 is (n, 3): dx, dy, and a pen column that is 1 where the pen lifts after
this point. stroke-5 is (n, 5): dx, dy, then one-hot down, up, end (Ha and Eck
2017, arXiv 1704.03477, section 3.1). In both, the first point of the drawing is
the origin and is not a row: the start token [0, 0, 1, 0, 0] stands for it.

So a drawing of n points has n - 1 rows. The one exception is a first stroke of
a single point: nothing would carry its pen lift, so it becomes the row
(0, 0, 1), and comes back as a dot of two equal points, which is also how Quick,
Draw! writes a dot.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .drawing import Drawing, FloatArray, Stroke
from .errors import DrawingError

START_TOKEN = (0.0, 0.0, 1.0, 0.0, 0.0)


def to_stroke3(drawing: Drawing) -> FloatArray:
    """Offsets from each point to the next: float32 (n - 1, 3), columns dx, dy, pen lifted.

    Times, pressures, colours and the place of the first point are not kept.
    """
    if not drawing.strokes:
        return np.zeros((0, 3), np.float32)
    points = np.concatenate([s.points for s in drawing.strokes])
    ends = np.cumsum([len(s) for s in drawing.strokes])
    return offsets_from_points(points, ends)


def offsets_from_points(points: npt.NDArray[Any], ends: npt.NDArray[Any]) -> FloatArray:
    """stroke-3 from flat points (n, 2) and the index after each stroke's last point.

    Returns:
        float32 (n - 1, 3), or (n, 3) where the first stroke is a single point.
    """
    lifted = np.zeros(len(points), np.float32)
    lifted[np.asarray(ends) - 1] = 1
    absolute = points.astype(np.float64)
    if ends[0] == 1:  # a lone first point carries its pen lift on a row of its own
        absolute = np.concatenate([absolute[:1], absolute])
        lifted = np.concatenate([lifted[:1], lifted])
    rows = np.empty((len(absolute) - 1, 3), np.float32)
    rows[:, :2] = np.diff(absolute, axis=0)
    rows[:, 2] = lifted[1:]
    return rows


def from_stroke3(
    rows: npt.ArrayLike, start: tuple[float, float] = (0.0, 0.0), **fields: object
) -> Drawing:
    """The drawing of stroke-3 rows (n, 3); `fields` go to `Drawing`.

    Args:
        rows: columns dx, dy, pen lifted after this point (above 0.5 is lifted).
        start: where the first point stands, in px.

    Raises:
        DrawingError: a shape other than (n, 3), or values that are not finite.
    """
    array = np.asarray(rows, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != 3:
        raise DrawingError(f"stroke-3 has shape (n, 3); got {array.shape}")
    if len(array) == 0:
        return Drawing(**fields)  # type: ignore[arg-type]
    points = np.concatenate([[start], np.asarray(start) + np.cumsum(array[:, :2], axis=0)])
    cuts = np.flatnonzero(array[:, 2] > 0.5) + 2
    pieces = np.split(points, cuts[cuts < len(points)])
    return Drawing(tuple(Stroke(piece) for piece in pieces), **fields)  # type: ignore[arg-type]


def to_stroke5(rows: npt.ArrayLike) -> FloatArray:
    """stroke-5 of stroke-3 rows: float32 (n + 1, 5), closed by an end row [0, 0, 0, 0, 1]."""
    array = np.asarray(rows, dtype=np.float32)
    five = np.zeros((len(array) + 1, 5), np.float32)
    five[:-1, :2] = array[:, :2]
    five[:-1, 3] = array[:, 2] > 0.5
    five[:-1, 2] = 1 - five[:-1, 3]
    five[-1, 4] = 1
    return five


def from_stroke5(rows: npt.ArrayLike) -> FloatArray:
    """stroke-3 of stroke-5 rows up to, not including, the first end row: float32 (n, 3).

    Raises:
        DrawingError: a shape other than (n, 5).
    """
    array = np.asarray(rows, dtype=np.float32)
    if array.ndim != 2 or array.shape[1] != 5:
        raise DrawingError(f"stroke-5 has shape (n, 5); got {array.shape}")
    over = np.flatnonzero(array[:, 4] > 0.5)
    array = array[: over[0]] if len(over) else array
    return np.concatenate([array[:, :2], (array[:, 3:4] > 0.5).astype(np.float32)], axis=1)
