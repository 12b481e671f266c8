"""Polylines to few cubic Béziers and back: straight lines straight, corners sharp, the rest smooth.

Least squares with chord-length parameters and Newton's correction (Schneider 1990,
"An algorithm for automatically fitting digitized curves"), for all pieces of all
strokes at once: a piece that misses its points is split where it misses most, and
neighbours that one cubic can serve are merged again. Pieces of one smooth run share
their place and direction where they meet; a run's own ends are free.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from .drawing import Drawing
from .errors import LineworkError
from .pieces import MEASURED, PiecePoints

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
# (m, 4, 2): each piece's first point, two controls, last point; a piece begins where the one
# before ends.
Curves = FloatArray

# A polyline that turns this far at one point, radians, has a corner there.
_CORNER = 0.7
# A piece that turns further than this, radians, is never one cubic: a third of a circle.
_MOST_TURN = 2.2
# Where points jitter by more than the accuracy, as on pencil's grain, following them closer
# than this part of it makes pieces without end.
_JITTER = 1.4
# From the median distance to the root mean square, of a normal error on one side of a line.
_MAD_TO_RMS = 1.4826
_ROUNDS = 12
# Newton's corrections of each point's place on its curve: of no use to a piece that misses by less
# than the first of these parts of what is allowed, and none helps beyond the second.
_CORRECTIONS = 2
_SURE, _HOPELESS = 0.5, 6.0
_MERGES = 6
# Directions at knots are read over this many points to both sides.
_KNOT_REACH = 6
# The weight of a direction that must be kept, in points.
_FIRM = 1e4


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Points of many strokes, cut at corners into smooth runs.

    Args:
        points: float64 (N, 2); a corner stands at the end of one run and the beginning of the next.
        weight: float64 (N,).
        offsets: int64 (R + 1,).
        stroke: int64 (R,), the stroke that each run belongs to, ascending.
        cyclic: bool (R,), runs that end where they begin, smoothly.
    """

    points: FloatArray
    weight: FloatArray
    offsets: IntArray
    stroke: IntArray
    cyclic: BoolArray


def fit_curves(points: npt.ArrayLike, accuracy: float = 0.5, *, closed: bool = False) -> Curves:
    """One polyline as few cubics, with a corner where it turns by more than `_CORNER` at a point.

    Points that coincide with the one before are passed over.

    Args:
        points: (n, 2) in px.
        accuracy: root mean square distance of the points from the curve, px.
        closed: whether the last point runs on into the first.

    Returns:
        float64 (m, 4, 2); (1, 4, 2) with four equal points for a dot.

    Raises:
        LineworkError: accuracy not above 0.
    """
    if not accuracy > 0:
        raise LineworkError(f"accuracy is {accuracy:g} px; wanted above 0")
    array = np.asarray(points, np.float64)
    n = len(array)
    if n < 2 or (array == array[0]).all():
        return np.repeat(array[:1], 4, axis=0)[None]
    array = array[np.concatenate([[True], (np.diff(array, axis=0) != 0).any(axis=1)])]
    n = len(array)
    step = np.diff(array, axis=0)
    turn = np.arctan2(
        step[:-1, 0] * step[1:, 1] - step[:-1, 1] * step[1:, 0],
        (step[:-1] * step[1:]).sum(axis=1),
    )
    corner = np.zeros(n, np.bool_)
    corner[1:-1] = np.abs(turn) > _CORNER
    runs = cut_runs(array, np.array([0, n]), np.ones(n), corner, np.array([closed]))
    return fit_runs(runs, np.array([accuracy]))[0]


def flatten_curves(curves: Curves, accuracy: float = 0.1) -> FloatArray:
    """The polyline that stays within `accuracy` px of the curves, (n, 2); straight pieces
    give their ends alone."""
    return flatten_all([curves], accuracy)[0]


def flatten_all(drawn: Sequence[Curves], accuracy: float = 0.1) -> list[FloatArray]:
    """As `flatten_curves`, of many strokes at once."""
    if not drawn:
        return []
    curves = np.concatenate(drawn)
    begins = np.cumsum([0] + [len(own) for own in drawn[:-1]])
    # A cubic's chords over equal steps h of t miss by at most |B''| h^2 / 8.
    second = np.abs(curves[:, :-2] - 2 * curves[:, 1:-1] + curves[:, 2:]).max(axis=(1, 2)) * 6
    steps = np.maximum(1, np.ceil(np.sqrt(second / (8 * accuracy)))).astype(np.int64)
    steps[is_straight(curves)] = 1
    # The first curve of a stroke gives its first point as well.
    count = steps.copy()
    count[begins] += 1
    piece = np.repeat(np.arange(len(curves)), count)
    number = np.arange(len(piece)) - np.repeat(np.cumsum(count) - steps, count) + 1
    points = _evaluate(curves[piece], number / steps[piece])
    return np.split(points, np.cumsum(np.add.reduceat(count, begins))[:-1])


def is_straight(curves: Curves) -> BoolArray:
    """Pieces whose controls lie on their chord, at a thirtieth of a px: (m,)."""
    chord = curves[:, 3] - curves[:, 0]
    norm = np.maximum(np.hypot(chord[:, 0], chord[:, 1]), 1e-12)
    away = [
        np.abs(
            (curves[:, k, 0] - curves[:, 0, 0]) * chord[:, 1]
            - (curves[:, k, 1] - curves[:, 0, 1]) * chord[:, 0]
        )
        / norm
        for k in (1, 2)
    ]
    return np.asarray(np.maximum(*away) < 1 / 30)


def curves_of(drawing: Drawing, accuracy: float = 0.5) -> list[Curves]:
    """Curves for every stroke of a drawing, as `fit_curves` makes them."""
    return [fit_curves(stroke.points, accuracy) for stroke in drawing.strokes]


def cut_runs(
    points: FloatArray,
    offsets: IntArray,
    weight: FloatArray,
    corner: BoolArray,
    closed: BoolArray,
) -> Runs:
    """Strokes cut at their corners; closed ones begin at a corner, where they have one."""
    picks: list[IntArray] = []
    stroke: list[int] = []
    cyclic: list[bool] = []
    corners = np.flatnonzero(corner)
    first_corner = np.searchsorted(corners, offsets)
    for k in range(len(closed)):
        first, last = int(offsets[k]), int(offsets[k + 1])
        own = corners[first_corner[k] : first_corner[k + 1]]
        index = np.arange(first, last)
        if closed[k]:
            turn = int(own[0]) - first if len(own) else 0
            index = np.concatenate([index[turn:], index[: turn + 1]])
            own = own[1:] - turn if len(own) else own
            cuts = own - first
            smooth_loop = len(own) == 0 and not corner[first:last].any()
        else:
            cuts = own - first
            smooth_loop = False
        edges = [0, *cuts.tolist(), len(index) - 1]
        for a, b in pairwise(edges):
            if b > a:
                picks.append(index[a : b + 1])
                stroke.append(k)
                cyclic.append(smooth_loop)
    if not picks:
        return Runs(
            points[:0],
            weight[:0],
            np.zeros(1, np.int64),
            np.zeros(0, np.int64),
            corner[:0],
        )
    flat = np.concatenate(picks)
    return Runs(
        points[flat],
        weight[flat],
        np.concatenate([[0], np.cumsum([len(p) for p in picks])]).astype(np.int64),
        np.array(stroke, np.int64),
        np.array(cyclic),
    )


def fit_runs(runs: Runs, accuracy: FloatArray) -> list[Curves]:
    """Curves of every stroke that has runs.

    Args:
        accuracy: float64 (S,) by stroke, root mean square px.

    Returns:
        One array (m, 4, 2) for each stroke number that occurs, in ascending order.
    """
    if len(runs.stroke) == 0:
        return []
    fitter = _Fitter(runs, accuracy[runs.stroke])
    first, curves = fitter.fit()
    order = np.argsort(first, kind="stable")
    run = np.searchsorted(runs.offsets, first[order], side="right") - 1
    strokes = runs.stroke[run]
    cuts = np.flatnonzero(np.diff(strokes)) + 1
    return np.split(curves[order], cuts)


class _Fitter:
    """The pieces of all runs, each from one point to another of the same run."""

    def __init__(self, runs: Runs, accuracy: FloatArray) -> None:
        self.points, self.weight = runs.points, runs.weight
        self.columns = np.ascontiguousarray(runs.points.T)
        self.run = np.repeat(np.arange(len(runs.stroke)), np.diff(runs.offsets))
        self.begin, self.end = runs.offsets[:-1], runs.offsets[1:] - 1
        self.cyclic = runs.cyclic
        step = np.zeros(len(self.points))
        difference = np.diff(self.points, axis=0)
        step[1:] = np.hypot(difference[:, 0], difference[:, 1])
        step[self.begin] = 0.0
        self.along = np.cumsum(step)
        self.knot_place, self.knot_away = self._knots()
        self.turn = self._turning()
        self.accuracy = np.hypot(accuracy, _JITTER * self._jitter())

    def _jitter(self) -> float:
        """How far measured points lie off the smooth line about them, root mean square px."""
        measured = self.weight >= MEASURED
        if not measured.any():
            return 0.0
        off = (self.points - self.knot_place)[measured]
        return float(_MAD_TO_RMS * np.median(np.hypot(off[:, 0], off[:, 1])))

    def fit(self) -> tuple[IntArray, Curves]:
        """The first point and the curve of every piece."""
        first, last = self._start()
        done: list[tuple[IntArray, IntArray, Curves]] = []
        for number in range(_ROUNDS):
            curves, error, worst_at = self._fit(first, last)
            bad = (error > 1.0) & (last - first > 3)
            if number == _ROUNDS - 1:
                bad[:] = False
            good = ~bad
            done.append((first[good], last[good], curves[good]))
            if not bad.any():
                break
            a, b, middle = first[bad], last[bad], worst_at[bad]
            room = np.maximum((b - a) // 5, 1)
            middle = np.clip(middle, a + room, b - room)
            first, last = np.concatenate([a, middle]), np.concatenate([middle, b])
        first, last, curves = (np.concatenate([part[k] for part in done]) for k in range(3))
        order = np.argsort(first, kind="stable")
        return self._merge(first[order], last[order], curves[order])

    def _start(self) -> tuple[IntArray, IntArray]:
        """Runs cut into equal turns, none above the most that a cubic takes."""
        total = self.turn[self.end] - self.turn[self.begin]
        parts = np.maximum(1, np.ceil(total / _MOST_TURN)).astype(np.int64)
        parts = np.where(self.cyclic, np.maximum(parts, 2), parts)
        parts = np.minimum(parts, np.maximum(1, (self.end - self.begin) // 4))
        run = np.repeat(np.arange(len(parts)), parts)
        k = np.arange(len(run)) - np.repeat(np.cumsum(parts) - parts, parts)
        # Turning and a little length, so that straight stretches have an order, too.
        axis = self.turn + 1e-6 * self.along
        at = axis[self.begin[run]] + (k / parts[run]) * (
            axis[self.end[run]] - axis[self.begin[run]]
        )
        # Ascending within a run, and rows lie apart by their index: search run by run.
        big = float(axis.max() - axis.min()) + 1.0
        first = np.searchsorted(axis + self.run * big, at + run * big)
        first = np.clip(first, self.begin[run], self.end[run] - 1)
        first = np.where(k == 0, self.begin[run], first)
        last = np.append(first[1:], 0)
        final = k == parts[run] - 1
        last = np.where(final, self.end[run], last)
        ok = last > first
        return first[ok], last[ok]

    def _merge(self, first: IntArray, last: IntArray, curves: Curves) -> tuple[IntArray, Curves]:
        """Neighbours that one cubic serves become one, best first, until none is left."""
        # What it would cost to join each piece with the next, once known.
        joined, joined_error = np.zeros_like(curves), np.full(len(first), np.nan)
        for _ in range(_MERGES):
            pair = np.flatnonzero(
                (last[:-1] == first[1:]) & (self.run[first[:-1]] == self.run[first[1:]])
            )
            turned = self.turn[last[pair + 1]] - self.turn[first[pair]]
            whole_loop = self.cyclic[self.run[first[pair]]] & (
                (first[pair] == self.begin[self.run[first[pair]]])
                & (last[pair + 1] == self.end[self.run[first[pair]]])
            )
            pair = pair[(turned < _MOST_TURN) & ~whole_loop]
            if len(pair) == 0:
                break
            new = pair[np.isnan(joined_error[pair])]
            if len(new):
                joined[new], joined_error[new], _ = self._fit(first[new], last[new + 1])
            good = pair[joined_error[pair] <= 1.0]
            taken = np.zeros(len(first) + 1, np.bool_)
            chosen = []
            for p in good[np.argsort(joined_error[good], kind="stable")].tolist():
                if not (taken[p] or taken[p + 1]):
                    taken[p] = taken[p + 1] = True
                    chosen.append(p)
            if not chosen:
                break
            left = np.array(chosen)
            keep = np.ones(len(first), np.bool_)
            keep[left + 1] = False
            last, curves = last.copy(), curves.copy()
            last[left], curves[left] = last[left + 1], joined[left]
            joined_error[left] = joined_error[np.maximum(left - 1, 0)] = np.nan
            first, last, curves = first[keep], last[keep], curves[keep]
            joined, joined_error = joined[keep], joined_error[keep]
        return first, curves

    def _knots(self) -> tuple[FloatArray, FloatArray]:
        """Place and direction of the smooth line at every point, from a parabola about it.

        At a run's own ends, where windows shrink to nothing, the place is the point itself.
        """
        n = len(self.points)
        index = np.arange(n)
        first, last = self.begin[self.run], self.end[self.run]
        wraps = self.cyclic[self.run]
        room = np.where(wraps, _KNOT_REACH, np.minimum(index - first, last - index))
        room = np.minimum(room, (last - first) // 2)
        total = self.along[last] - self.along[first]
        span = np.maximum(last - first, 1)
        x, y = self.columns
        weight = np.maximum(self.weight, 0.02)
        # Weighted sums over the window of powers of distance, and of them times x and y.
        m0 = weight + 1e-9
        m1, m2, m3, m4, x0, x1, x2, y0, y1, y2 = np.zeros((10, n))
        rows = np.stack([x, y, self.along, weight])
        padded = np.pad(rows, ((0, 0), (_KNOT_REACH, _KNOT_REACH)), mode="edge")
        near_seam = np.flatnonzero(wraps & (np.minimum(index - first, last - index) < _KNOT_REACH))
        for k in (k for k in range(-_KNOT_REACH, _KNOT_REACH + 1) if k):
            other = padded[:, _KNOT_REACH + k : _KNOT_REACH + k + n]
            dx, dy, s = other[:3] - rows[:3]
            w = np.where(room >= abs(k), other[3], 0.0)
            to = near_seam + k
            beyond = (to > last[near_seam]) | (to < first[near_seam])
            seam, to = near_seam[beyond], to[beyond]
            if len(seam):
                past = np.where(to > last[seam], 1, -1)
                at = first[seam] + (to - first[seam]) % span[seam]
                dx[seam], dy[seam], s[seam] = rows[:3, at] - rows[:3, seam]
                s[seam] += past * total[seam]
                w[seam] = np.where(room[seam] >= abs(k), weight[at], 0.0)
            m0 += w
            x0 += w * dx
            y0 += w * dy
            w *= s
            m1 += w
            x1 += w * dx
            y1 += w * dy
            w *= s
            m2 += w
            x2 += w * dx
            y2 += w * dy
            w *= s
            m3 += w
            w *= s
            m4 += w
        # Normal equations by Cramer's rule; a grain of stiffness keeps short rows solvable.
        m11, m22 = m2 + 1e-6, m4 + 1.0
        c00, c01, c02 = m11 * m22 - m3 * m3, m3 * m2 - m1 * m22, m1 * m3 - m11 * m2
        c11, c12 = m0 * m22 - m2 * m2, m1 * m2 - m0 * m3
        scale = 1 / (m0 * c00 + m1 * c01 + m2 * c02)
        off = np.stack(
            [c00 * r0 + c01 * r1 + c02 * r2 for r0, r1, r2 in ((x0, x1, x2), (y0, y1, y2))],
            axis=1,
        )
        away = np.stack(
            [c01 * r0 + c11 * r1 + c12 * r2 for r0, r1, r2 in ((x0, x1, x2), (y0, y1, y2))],
            axis=1,
        )
        place = self.points + np.where(room > 0, scale, 0.0)[:, None] * off
        away *= scale[:, None]
        norm = np.hypot(away[:, 0], away[:, 1])
        away = np.where(norm[:, None] > 1e-6, away / np.maximum(norm, 1e-6)[:, None], 0.0)
        # The two ends of a smooth loop are one knot.
        loops = np.flatnonzero(self.cyclic)
        place[self.end[loops]] = place[self.begin[loops]]
        away[self.end[loops]] = away[self.begin[loops]]
        return np.asarray(place), np.asarray(away)

    def _turning(self) -> FloatArray:
        """Angle turned from the run's beginning to each point, without regard to the side."""
        away = self.knot_away
        turn = np.zeros(len(away))
        cross = away[:-1, 0] * away[1:, 1] - away[:-1, 1] * away[1:, 0]
        dot = (away[:-1] * away[1:]).sum(axis=1)
        turn[1:] = np.abs(np.arctan2(cross, dot))
        turn[self.begin] = 0.0
        return np.cumsum(turn)

    def _points_of(self, first: IntArray, last: IntArray) -> PiecePoints:
        allowed = self.accuracy[self.run[first]]
        return PiecePoints(self.columns, self.weight, self.along, first, last, allowed)

    def _fit(self, first: IntArray, last: IntArray) -> tuple[Curves, FloatArray, IntArray]:
        """Cubics from first to last point of each piece.

        Returns:
            curves (k, 4, 2), error in parts of what is allowed (k,), the worst point (k,).
        """
        run = self.run[first]
        inner_first = (first > self.begin[run]) | self.cyclic[run]
        inner_last = (last < self.end[run]) | self.cyclic[run]
        p0 = np.where(inner_first[:, None], self.knot_place[first], self.points[first])
        p3 = np.where(inner_last[:, None], self.knot_place[last], self.points[last])
        # A straight line first: where it serves, it is what was drawn.
        curves = np.empty((len(first), 4, 2))
        curves[:, 0], curves[:, 3], third = p0, p3, (p3 - p0) / 3
        curves[:, 1], curves[:, 2] = p0 + third, p0 + 2 * third
        along = self._points_of(first, last)
        error, worst = along.chord_error(p0, p3)
        bent = np.flatnonzero(error > 1.0)
        if len(bent):
            if len(bent) < len(first):
                along = self._points_of(first[bent], last[bent])
            line = curves[bent]
            firm = _FIRM * np.array([inner_first[bent], inner_last[bent]]).T
            away = self.knot_away[np.array([first[bent], last[bent]]).T]
            u = along.chord_length()
            fitted = along.solve(u, line, away, firm)
            curves[bent] = fitted
            error[bent], worst[bent] = along.error(fitted, u)
            open_ = (error[bent] > _SURE) & (error[bent] < _HOPELESS)
            if open_.any():
                u = u[open_[along.piece]]
                bent, line, fitted = bent[open_], line[open_], fitted[open_]
                away, firm = away[open_], firm[open_]
                along = self._points_of(first[bent], last[bent])
                for _ in range(_CORRECTIONS):
                    u = along.closer(u, fitted)
                    fitted = along.solve(u, line, away, firm)
                curves[bent] = fitted
                error[bent], worst[bent] = along.error(fitted, u)
        return curves, error, worst


def _evaluate(curves: Curves, t: FloatArray) -> FloatArray:
    """Each curve at its own parameter: (n, 4, 2), (n,) -> (n, 2)."""
    s = 1 - t
    return np.asarray(
        (s * s * s)[:, None] * curves[:, 0]
        + (3 * s * s * t)[:, None] * curves[:, 1]
        + (3 * s * t * t)[:, None] * curves[:, 2]
        + (t * t * t)[:, None] * curves[:, 3]
    )
