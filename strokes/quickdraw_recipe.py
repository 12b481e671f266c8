"""Quick, Draw! raw -> simplified, bit for bit as Google made the simplified files.

Google published what was done ("align to 0, scale to 255, resample at 1 px,
Ramer-Douglas-Peucker with epsilon 2.0") but not the code. The order of every
operation below was found by comparing with drawings published in both forms;
in float64 it reproduces each stroke of 6,285 pairs (`benchmarks/bench_simplify.py`).
Departures that look harmless are not: float32 changes 1.4 % of the strokes, the
distance to the segment 25 %.

Works on any number of drawings at once, since the cost is in numpy's calls.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .drawing import MAX_COORDINATE
from .errors import DrawingError
from .simplify import Float64Array, IntArray, rdp_keep

BOX = 255.0  # the longer side of a simplified drawing
EPSILON = 2.0  # px in that box
# A stroke that fills the box solidly at 1 px spacing is 65,025 px long. Real
# drawings stay below 20,000 px; ten million samples would take 1 GB.
MAX_INK = 4_000_000

Int16Array = npt.NDArray[np.int16]


def simplify_raw(strokes: Sequence[tuple[npt.ArrayLike, npt.ArrayLike]]) -> list[Int16Array]:
    """The simplified strokes of one raw drawing.

    Args:
        strokes: (x, y) sequences in any unit, not empty, finite.

    Returns:
        int16 (n, 2) arrays within 0..255, n of 2 or more: a dot is its point twice.

    Raises:
        DrawingError: no strokes, an empty one, unequal x and y, values that are
            not finite or beyond `MAX_COORDINATE`, or more than `MAX_INK` px of line
            in the 255 px box.
    """
    xs = [np.asarray(x, np.float64) for x, _ in strokes]
    ys = [np.asarray(y, np.float64) for _, y in strokes]
    for i, (x, y) in enumerate(zip(xs, ys, strict=True)):
        if x.shape != y.shape or x.ndim != 1 or len(x) == 0:
            raise DrawingError(
                f"stroke {i} has {x.size} x and {y.size} y; wanted as many of both, 1 or more"
            )
        if not ((np.abs(x) <= MAX_COORDINATE).all() and (np.abs(y) <= MAX_COORDINATE).all()):
            raise DrawingError(
                f"stroke {i} holds a coordinate that is not finite or beyond ±{MAX_COORDINATE:g} px"
            )
    if not xs:
        raise DrawingError("a drawing without strokes; wanted 1 or more")
    points = np.stack([np.concatenate(xs), np.concatenate(ys)], axis=1)
    flat, offsets = simplify_batch(
        points, np.cumsum([0] + [len(x) for x in xs]), np.array([0, len(xs)])
    )
    return np.split(flat, offsets[1:-1])


def simplify_batch(
    points: Float64Array, stroke_offsets: npt.ArrayLike, drawing_offsets: npt.ArrayLike
) -> tuple[Int16Array, IntArray]:
    """The simplified strokes of many raw drawings at once.

    Args:
        points: float64 (P, 2), x and y of all drawings, within ±`MAX_COORDINATE`.
        stroke_offsets: (S + 1,), where each stroke begins in `points`; none is empty.
        drawing_offsets: (D + 1,), where each drawing begins among the strokes;
            none is empty.

    Returns:
        int16 (Q, 2) within 0..255, and int64 (S + 1,), where each stroke begins
        in it. The drawings keep their strokes, so their offsets stay.

    Raises:
        DrawingError: more than `MAX_INK` px of line in a drawing's box.
    """
    begins = np.asarray(stroke_offsets, np.int64)
    drawings = np.asarray(drawing_offsets, np.int64)
    x, y = _fit_box(points, begins, drawings)
    sampled, ends = _resample(x, y, begins, drawings)
    keep = rdp_keep(sampled, ends, EPSILON, "line")
    kept = np.rint(sampled[keep]).astype(np.int16)  # halves to even
    counts = np.diff(np.concatenate([[0], np.cumsum(keep)[ends - 1]]))
    alone = counts == 1  # dots: their point stands twice
    if alone.any():
        kept = np.repeat(kept, np.repeat(np.where(alone, 2, 1), counts), axis=0)
        counts = np.where(alone, 2, counts)
    return kept, np.concatenate([[0], np.cumsum(counts)])


def _fit_box(
    points: Float64Array, begins: IntArray, drawings: IntArray
) -> tuple[Float64Array, Float64Array]:
    """x and y moved to 0 and scaled so that a drawing's longer side is `BOX`."""
    starts = begins[drawings[:-1]]
    lengths = np.diff(begins[drawings])
    low = np.minimum.reduceat(points, starts, axis=0)
    side = (np.maximum.reduceat(points, starts, axis=0) - low).max(axis=1)
    side[side == 0] = 1.0  # a dot alone: everything stays at 0
    low, side = np.repeat(low, lengths, axis=0), np.repeat(side, lengths)
    return (points[:, 0] - low[:, 0]) * BOX / side, (points[:, 1] - low[:, 1]) * BOX / side


def _resample(
    x: Float64Array, y: Float64Array, begins: IntArray, drawings: IntArray
) -> tuple[Float64Array, IntArray]:
    """Samples at 0, 1, 2, ... px along each stroke, then its last point; and the strokes' ends.

    A stroke without length becomes one sample.
    """
    step_x, step_y = np.diff(x), np.diff(y)
    length = np.sqrt(step_x * step_x + step_y * step_y)
    length[begins[1:-1] - 1] = 0  # from one stroke to the next the pen was up
    drawn = np.flatnonzero(length)
    # Segments of length zero take no part; `cuts` is where strokes begin in the rest.
    cuts = np.searchsorted(drawn, begins)
    length = length[drawn]
    travelled = np.empty(len(drawn))  # up to each segment's end, within its stroke
    for i, j in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
        np.cumsum(length[i:j], out=travelled[i:j])  # one after another: the sum's order matters
    before = np.empty_like(travelled)
    before[1:] = travelled[:-1]
    before[cuts[:-1][cuts[:-1] < len(before)]] = 0.0
    # Segment j holds the whole numbers f with before <= f < travelled.
    first_sample = np.ceil(before)
    counts = (np.ceil(travelled) - first_sample).astype(np.int64)
    samples = np.concatenate([[0], np.cumsum(counts)])
    _check_ink(samples[cuts[drawings]])

    segment = np.repeat(np.arange(len(drawn)), counts)
    f = np.arange(len(segment)) - np.repeat(samples[:-1] - first_sample, counts)
    u = (f - before[segment]) / length[segment]
    a = drawn[segment]
    sampled_x = (1 - u) * x[a] + u * x[a + 1]
    sampled_y = (1 - u) * y[a] + u * y[a + 1]

    # Each stroke's samples, then its last point.
    ends = samples[cuts[1:]]
    last = begins[1:] - 1
    sampled = np.stack(
        [np.insert(sampled_x, ends, x[last]), np.insert(sampled_y, ends, y[last])], axis=1
    )
    return sampled, ends + np.arange(1, len(ends) + 1)


def _check_ink(samples: IntArray) -> None:
    ink = np.diff(samples)
    if len(ink) and ink.max() > MAX_INK:
        raise DrawingError(
            f"a drawing with {ink.max():,} px of line in its 255 px box; "
            f"wanted at most {MAX_INK:,}: this is noise, not a drawing"
        )
