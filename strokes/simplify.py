"""Fewer points for the same line, and evenly spaced ones: Ramer-Douglas-Peucker and resampling.

Ramer-Douglas-Peucker (Ramer 1972; Douglas and Peucker 1973) keeps the point
farthest from the chord and splits there, as long as it is farther than epsilon.
Here all chords of one depth, over all polylines given, are one round of array
operations: thousands of short strokes cost little more than one long one.

The distance is to the infinite line through the chord, which is what Quick,
Draw! was simplified with, or to the chord as a segment, which never cuts off a
line that doubles back.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from .drawing import Drawing, Stroke
from .errors import DrawingError

Float64Array = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Distance = Literal["line", "segment"]

# Splits a 53-bit significand into two halves whose products are exact (Dekker 1971).
_DEKKER = 134_217_729.0  # 2**27 + 1


def simplify(drawing: Drawing, epsilon: float = 2.0, distance: Distance = "segment") -> Drawing:
    """Every stroke with only the points that Ramer-Douglas-Peucker keeps.

    The points kept are those given, with their time and pressure; the first and
    last point of a stroke always stay.

    Args:
        epsilon: px; with "segment", no point dropped lies farther from the result.
        distance: to the "line" through a chord, or to the "segment" that it is.

    Raises:
        DrawingError: epsilon below 0 or not finite.
    """
    if not drawing.strokes:
        _check_epsilon(epsilon)
        return drawing
    lengths = [len(s) for s in drawing.strokes]
    points = np.concatenate([s.points for s in drawing.strokes]).astype(np.float64)
    keep = rdp_keep(points, np.cumsum(lengths), epsilon, distance)
    pieces = np.split(keep, np.cumsum(lengths)[:-1])
    return drawing.with_strokes(
        [_pick(stroke, mask) for stroke, mask in zip(drawing.strokes, pieces, strict=True)]
    )


def rdp_keep(
    points: npt.ArrayLike,
    ends: npt.ArrayLike,
    epsilon: float,
    distance: Distance = "segment",
) -> npt.NDArray[np.bool_]:
    """Which points Ramer-Douglas-Peucker keeps, of many polylines at once.

    Args:
        points: (P, 2), the polylines one after another; computed in float64.
        ends: (S,), the index after each polyline's last point; no polyline is empty.
        epsilon: a chord is split where its farthest point (the first of equals)
            lies above this.
        distance: to the "line" through the chord, or to the "segment"; where a
            chord's two ends coincide, both are the distance to that point.

    Returns:
        bool (P,).

    Raises:
        DrawingError: epsilon below 0 or not finite.
    """
    _check_epsilon(epsilon)
    array = np.asarray(points, np.float64)
    last = np.asarray(ends, np.int64) - 1
    keep = np.zeros(len(array), np.bool_)
    if len(last) == 0:
        return keep
    first = np.concatenate([[0], last[:-1] + 1])
    keep[first] = keep[last] = True
    x, y = np.ascontiguousarray(array[:, 0]), np.ascontiguousarray(array[:, 1])
    while True:
        open_chords = last - first > 1
        first, last = first[open_chords], last[open_chords]
        if len(first) == 0:
            return keep
        far, distances = _farthest(x, y, first, last, distance)
        split = distances > epsilon
        first, far, last = first[split], far[split], last[split]
        keep[far] = True
        first, last = np.concatenate([first, far]), np.concatenate([far, last])


def resample(drawing: Drawing, spacing: float) -> Drawing:
    """Every stroke as points `spacing` px apart along its length, then its last point.

    Time and pressure are interpolated along with x and y. A dot stays one point.
    The corners of the line given are not kept: it may be cut by up to half of
    `spacing` there.

    Raises:
        DrawingError: spacing not above 0, or so small that a stroke would have
            more than `MAX_SAMPLES` points.
    """
    if not (np.isfinite(spacing) and spacing > 0):
        raise DrawingError(f"spacing of {spacing:g} px; wanted above 0")
    return drawing.with_strokes([_resample_stroke(s, spacing) for s in drawing.strokes])


# A stroke of 100,000 px at 1/40 px; beyond, the spacing is in the wrong unit.
MAX_SAMPLES = 4_000_000


def arc_length(points: npt.NDArray[np.floating]) -> Float64Array:
    """Length of the line from its first point to each point: float64 (n,), px."""
    steps = np.diff(np.asarray(points, np.float64), axis=0)
    return np.concatenate([[0.0], np.cumsum(np.hypot(steps[:, 0], steps[:, 1]))])


def fma_square(a: npt.NDArray[np.float64], c: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """a * a + c rounded once, as a fused multiply-add gives it; float64, element by element.

    numpy has no fma. The product's exact error (Dekker 1971), an exact sum
    (Knuth) and one rounding to odd make the same result (Boldo and Melquiond
    2008, "Emulation of FMA and correctly rounded sums"), barring under- and overflow.
    """
    high = _DEKKER * a
    high -= high - a
    low = a - high
    product = a * a
    product_error = low * low - ((product - high * high) - 2.0 * high * low)
    small, small_error = _exact_sum(c, product_error)
    total, total_error = _exact_sum(product, small)
    rest, rest_error = _exact_sum(total_error, small_error)
    # Round to odd: where the sum was inexact and ended even, its odd neighbour towards
    # the true value; a later rounding to nearest then cannot go wrong.
    even = (rest.view(np.int64) & 1) == 0
    odd = np.nextafter(rest, np.where(rest_error > 0, np.inf, -np.inf))
    return np.asarray(total + np.where((rest_error != 0) & even, odd, rest), np.float64)


def _exact_sum(
    a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]
) -> tuple[Float64Array, Float64Array]:
    """The rounded sum and its exact error (Knuth's two-sum)."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def _farthest(
    x: Float64Array, y: Float64Array, first: IntArray, last: IntArray, distance: Distance
) -> tuple[IntArray, Float64Array]:
    """For each chord, the index of its farthest inner point, first of equals, and how far."""
    inner = last - first - 1
    begin = np.cumsum(inner) - inner  # where each chord's inner points begin in the flat arrays
    index = np.arange(inner.sum()) + np.repeat(first + 1 - begin, inner)
    chord_x, chord_y = x[last] - x[first], y[last] - y[first]
    from_x = x[index] - np.repeat(x[first], inner)
    from_y = y[index] - np.repeat(y[first], inner)
    norm = np.sqrt(fma_square(chord_x, chord_y * chord_y))
    is_point = norm == 0
    with np.errstate(divide="ignore", invalid="ignore"):
        away = np.abs(
            np.repeat(chord_x, inner) * from_y - np.repeat(chord_y, inner) * from_x
        ) / np.repeat(norm, inner)
    if distance == "segment":
        away = _to_segment(away, from_x, from_y, chord_x, chord_y, inner)
    at_point = np.repeat(is_point, inner)
    if at_point.any():
        away[at_point] = np.sqrt(from_x[at_point] ** 2 + from_y[at_point] ** 2)
    farthest = np.maximum.reduceat(away, begin)
    hits = np.flatnonzero(away == np.repeat(farthest, inner))
    # Every chord has a hit; the first one at or after its beginning is its own.
    return index[hits[np.searchsorted(hits, begin)]], farthest


def _to_segment(
    away: Float64Array,
    from_x: Float64Array,
    from_y: Float64Array,
    chord_x: Float64Array,
    chord_y: Float64Array,
    inner: IntArray,
) -> Float64Array:
    """Distances to the line, replaced by those to the nearer end where the foot lies outside."""
    cx, cy = np.repeat(chord_x, inner), np.repeat(chord_y, inner)
    along = from_x * cx + from_y * cy
    away = np.where(along < 0, np.hypot(from_x, from_y), away)
    past = along > cx * cx + cy * cy
    return np.where(past, np.hypot(from_x - cx, from_y - cy), away)


def _resample_stroke(stroke: Stroke, spacing: float) -> Stroke:
    length = arc_length(stroke.points)
    if length[-1] == 0:
        return _pick(stroke, np.arange(len(stroke)) == 0)
    if length[-1] / spacing > MAX_SAMPLES:
        raise DrawingError(
            f"a stroke {length[-1]:g} px long at {spacing:g} px would have more than "
            f"{MAX_SAMPLES:,} points; use a larger spacing"
        )
    at = np.append(np.arange(0.0, length[-1], spacing), length[-1])
    if len(at) > 2 and at[-1] - at[-2] < 1e-9 * spacing:  # the last step came out as rounding
        at = np.delete(at, -2)

    def along(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        return np.asarray(np.interp(at, length, values.astype(np.float64)), np.float32)

    return stroke.replace(
        points=np.stack([along(stroke.points[:, 0]), along(stroke.points[:, 1])], axis=1),
        time=None if stroke.time is None else along(stroke.time),
        pressure=None if stroke.pressure is None else along(stroke.pressure),
    )


def _pick(stroke: Stroke, mask: npt.NDArray[np.bool_]) -> Stroke:
    """The stroke with only some of its points, and what belongs to them."""
    return stroke.replace(
        points=stroke.points[mask],
        time=None if stroke.time is None else stroke.time[mask],
        pressure=None if stroke.pressure is None else stroke.pressure[mask],
    )


def _check_epsilon(epsilon: float) -> None:
    if not (np.isfinite(epsilon) and epsilon >= 0):
        raise DrawingError(f"epsilon of {epsilon:g} px; wanted 0 or more")
