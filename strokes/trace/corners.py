"""Sharp corners found along a stroke, and put where its legs meet.

Ink is round and blurred at a corner, so the middle of the ink cuts it. A corner is
where a stroke turns more, between two legs, than the bend of the legs themselves
accounts for; there it is made of the legs' own directions. Legs of a hairpin hardly meet
and run into one another before they do: there the ink says how far the pen went.
"""

from __future__ import annotations

import numpy as np

from .assemble import Lines, fill_holes
from .ink import BoolArray, Ink
from .ragged import FloatArray, IntArray, lengths_along, row_of

# A leg begins this many line widths from the corner, beyond the ink that both share, and is
# this long; and never less than so many px, for lines of a px or two.
_LEG_START = 0.8
_LEG_LENGTH = 1.8
_LEAST_LEG = 3.0
# At a stroke's end, this part of a leg will do.
_LEAST_PART = 0.55
# Turns above this are corners, radians, after the legs' own bend is taken off.
_SHARP = 0.6
# A corner lies at most this many line widths off the middle of the ink.
_OFF = 1.0
# Turns above this are hairpins, radians: the pen went where ink ends ahead, less half a line width,
# if that is within so many line widths. Samples on the way.
_HAIRPIN = 1.9
_FARTHEST = 3.0
_SAMPLES = 31


def sharpen(ink: Ink, lines: Lines) -> Lines:
    """The lines with their corners as points of their own."""
    line_width = ink.line_width
    if len(lines.points) == 0:
        return lines
    points, offsets = lines.points, lines.offsets
    row = row_of(offsets)
    along = lengths_along(points, offsets)
    begin, leg = _LEG_START * line_width, max(_LEG_LENGTH * line_width, _LEAST_LEG)
    at = _Walker(lines, along)
    before, after = (np.clip(room - begin, 0.0, leg) for room in at.room())
    ok = np.minimum(before, after) >= _LEAST_PART * leg
    a0, a1, a2 = (at(-(begin + before * part)) for part in (1.0, 0.5, 0.0))
    b0, b1, b2 = (at(begin + after * part) for part in (0.0, 0.5, 1.0))
    turn = _angle(a2 - a0, b2 - b0)
    # A leg's own turn is over half of it; the corner's is over half of both and what lies between.
    bend_before = _angle(a1 - a0, a2 - a1) / np.maximum(0.5 * before, 1e-6)
    bend_after = _angle(b1 - b0, b2 - b1) / np.maximum(0.5 * after, 1e-6)
    expected = 0.5 * (bend_before + bend_after) * (2 * begin + 0.5 * (before + after))
    # Bends the same way count; a leg that bends the other way makes the corner sharper.
    excess = np.abs(turn) - np.clip(np.sign(turn) * expected, 0.0, None)
    strength = np.where(ok & (excess > _SHARP), np.abs(turn) + 0.5 * excess, 0.0)
    around = np.where(lines.closed, at.total, np.inf)
    peaks = _peaks(strength, along, row, around, begin + 0.5 * leg)
    near_given = _near_given(lines, along, row, begin + leg)
    peaks = peaks[~near_given[peaks]]
    if len(peaks) == 0:
        return lines
    met, good = _meet(a0[peaks], a2[peaks], b2[peaks], b0[peaks])
    off = np.hypot(*(met - points[peaks]).T)
    met = np.where((good & (off < _OFF * line_width))[:, None], met, points[peaks])
    hairpin = np.flatnonzero(np.abs(turn[peaks]) > _HAIRPIN)
    if len(hairpin):
        tips = peaks[hairpin]
        out = _unit(a2[tips] - a0[tips]) - _unit(b2[tips] - b0[tips])
        met[hairpin] = _turned(ink, points[tips], _unit(out), lines.width[row[tips]], met[hairpin])
    return _insert(lines, along, row, around, peaks, met, begin)


class _Walker:
    """Places a given distance before or after every point along its stroke."""

    def __init__(self, lines: Lines, along: FloatArray) -> None:
        offsets = lines.offsets
        self.row = row_of(offsets)
        self.along = along
        last = offsets[1:] - 1
        closing = lines.points[offsets[:-1]] - lines.points[last]
        self.total = along[last] + np.where(
            lines.closed, np.hypot(closing[:, 0], closing[:, 1]), 0.0
        )
        self.closed = lines.closed
        # Rows one after another on one axis, so that one interpolation serves all; closed
        # ones end with their first point again.
        self.base = np.concatenate([[0.0], np.cumsum(self.total + 1.0)])[:-1]
        place = [along + self.base[self.row], (self.total + self.base)[lines.closed]]
        x = [lines.points, lines.points[offsets[:-1]][lines.closed]]
        axis = np.concatenate(place)
        order = np.argsort(axis, kind="stable")
        self.axis = axis[order]
        self.values = np.concatenate(x)[order]

    def __call__(self, distance: float | FloatArray) -> FloatArray:
        total = self.total[self.row]
        to = self.along + distance
        to = np.where(self.closed[self.row], to % np.maximum(total, 1e-9), np.clip(to, 0, total))
        to = to + self.base[self.row]
        return np.stack([np.interp(to, self.axis, self.values[:, k]) for k in (0, 1)], axis=1)

    def room(self) -> tuple[FloatArray, FloatArray]:
        """How far the stroke goes on before and after each point; a third of a closed one."""
        total = self.total[self.row]
        third = total / 3
        closed = self.closed[self.row]
        return (
            np.where(closed, third, self.along),
            np.where(closed, third, total - self.along),
        )


def _turned(
    ink: Ink, places: FloatArray, out: FloatArray, width: FloatArray, met: FloatArray
) -> FloatArray:
    """Where hairpins turn, (K, 2): as far ahead as their ink goes; `met` where it goes on and on.

    Args:
        out: float64 (K, 2), unit, where they point.
        width: float64 (K,), of their lines.
        met: float64 (K, 2), where their legs meet; beyond the ink it is not believed.
    """
    way = np.linspace(0.0, _FARTHEST, _SAMPLES)[None] * width[:, None]
    density = ink.sample(places[:, :1] + way * out[:, :1], places[:, 1:] + way * out[:, 1:])
    paper = density < 0.5
    first = np.argmax(paper, axis=1)
    rows = np.arange(len(places))
    high, low = density[rows, np.maximum(first - 1, 0)], density[rows, first]
    part = np.clip((high - 0.5) / np.maximum(high - low, 1e-6), 0.0, 1.0)
    end = (first - 1 + part) * _FARTHEST / (_SAMPLES - 1) * width
    ends = paper.any(axis=1) & (first > 0)
    return np.where(ends[:, None], places + (end - 0.5 * width)[:, None] * out, met)


def _unit(v: FloatArray) -> FloatArray:
    return np.asarray(v / np.maximum(np.hypot(v[:, 0], v[:, 1]), 1e-9)[:, None])


def _angle(u: FloatArray, v: FloatArray) -> FloatArray:
    return np.asarray(
        np.arctan2(u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0], u[:, 0] * v[:, 0] + u[:, 1] * v[:, 1])
    )


def _peaks(
    strength: FloatArray,
    along: FloatArray,
    row: IntArray,
    around: FloatArray,
    apart: float,
) -> IntArray:
    """Points stronger than all others of their stroke within `apart`.

    Args:
        around: float64 (S,), the way around a closed stroke; infinite for open ones.
    """
    candidates = np.flatnonzero(strength > 0)
    order = candidates[np.argsort(-strength[candidates], kind="stable")]
    kept: list[int] = []
    by_row: dict[int, list[float]] = {}
    for k in order.tolist():
        taken, whole, place = (
            by_row.setdefault(int(row[k]), []),
            around[row[k]],
            float(along[k]),
        )
        if all(min(abs(place - t), whole - abs(place - t)) > apart for t in taken):
            taken.append(place)
            kept.append(k)
    return np.array(sorted(kept), np.int64)


def _near_given(lines: Lines, along: FloatArray, row: IntArray, distance: float) -> BoolArray:
    """Points that close to a corner already known."""
    near = np.zeros(len(along), np.bool_)
    for k in np.flatnonzero(lines.corner).tolist():
        first, last = lines.offsets[row[k]], lines.offsets[row[k] + 1]
        near[first:last] |= np.abs(along[first:last] - along[k]) < distance
    return near


def _meet(
    p: FloatArray, p2: FloatArray, q: FloatArray, q2: FloatArray
) -> tuple[FloatArray, BoolArray]:
    """Where the lines p-p2 and q-q2 meet, row by row, and whether they do."""
    u, v = p2 - p, q2 - q
    cross = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    good = np.abs(cross) > 0.3 * np.hypot(*u.T) * np.hypot(*v.T)
    gap = q - p
    t = (gap[:, 0] * v[:, 1] - gap[:, 1] * v[:, 0]) / np.where(good, cross, 1.0)
    return p + t[:, None] * u, good


def _insert(
    lines: Lines,
    along: FloatArray,
    row: IntArray,
    around: FloatArray,
    peaks: IntArray,
    met: FloatArray,
    clear: float,
) -> Lines:
    """Corners put in, the rounded points about them taken out, legs drawn straight to them."""
    keep = np.ones(len(along), np.bool_)
    for k in peaks.tolist():
        first, last = int(lines.offsets[row[k]]), int(lines.offsets[row[k] + 1])
        distance = np.abs(along[first:last] - along[k])
        if lines.closed[row[k]]:
            distance = np.minimum(distance, around[row[k]] - distance)
        keep[first:last] &= distance >= clear
    keep[lines.offsets[:-1][~lines.closed]] = True
    keep[lines.offsets[1:][~lines.closed] - 1] = True
    keep |= lines.corner
    place = np.concatenate([np.flatnonzero(keep).astype(np.float64), peaks + 0.5])
    order = np.argsort(place, kind="stable")
    old = np.flatnonzero(keep)
    rows = np.concatenate([row[old], row[peaks]])
    corner = np.concatenate([lines.corner[old], np.ones(len(peaks), np.bool_)])[order]
    sharpened = Lines(
        np.concatenate([lines.points[old], met])[order],
        np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(lines.closed)))]).astype(
            np.int64
        ),
        np.concatenate([lines.weight[old], np.ones(len(peaks))])[order],
        corner,
        lines.closed,
        lines.width,
    )
    anchor = corner.copy()
    anchor[sharpened.offsets[:-1][~lines.closed]] = True
    anchor[sharpened.offsets[1:][~lines.closed] - 1] = True
    return fill_holes(sharpened, anchor)
