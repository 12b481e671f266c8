"""Where a chain's end points to: lines and parabolas fitted to its clean points.

A hand runs on through a crossing the way it came. What leads into a crossing is
bent by the other stroke's ink, so the way is read further back, where points
are clean, and carried forward: straight over a short baseline, or with the
curvature of a longer one. `JoinCosts` says how badly two ends continue each other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .ragged import FloatArray, IntArray, ranges
from .recentre import Centred
from .skeleton import Skeleton

# Baselines in line widths: long enough to average jitter, short enough to follow a bend.
_LINE_BASE = 3.0
_PARABOLA_BASES = (2.5, 4.5, 8.0)
# Ends continue each other by position as well as by direction: a line that comes out one line
# width beside where it should counts as this turn, in radians.
_MISS = 0.7
# A parabola bends to meet almost anything; it has to be better than the line by this, in radians.
_PARABOLA_HANDICAP = 0.085


@dataclass(frozen=True, slots=True, eq=False)
class Branches:
    """The two ends of every chain; end 2 c is the beginning of chain c, 2 c + 1 its end.

    Args:
        place: float64 (2 C, 2), the clean point nearest the end, on the fitted line.
        away: float64 (2 C, 2), unit direction there, away from the end, into the chain.
        curves: the same of parabolas over `_PARABOLA_BASES`: place, direction and bend of
            place + direction s + bend s^2 with s the distance into the chain.
        start: float64 (2 C,), distance along the chain from its end to the first clean point.
    """

    place: FloatArray
    away: FloatArray
    curves: tuple[tuple[FloatArray, FloatArray, FloatArray], ...]
    start: FloatArray


def fit_branches(
    skeleton: Skeleton, centred: Centred, along: FloatArray, line_width: float
) -> Branches:
    """Lines and parabolas at both ends of every chain.

    Args:
        along: float64 (N,), distance along its chain of every point.
    """
    offsets = skeleton.offsets
    first, count = offsets[:-1], np.diff(offsets)
    ends = 2 * len(count)
    # One row of point numbers for each end, beginning at that end.
    steps = ranges(np.zeros(ends, np.int64), np.repeat(count, 2))
    row = np.repeat(np.arange(ends), np.repeat(count, 2))
    backwards = (row & 1) == 1
    chain = row >> 1
    index = np.where(backwards, first[chain] + count[chain] - 1 - steps, first[chain] + steps)
    total = along[offsets[1:] - 1] if len(along) else np.zeros(0)
    distance = np.where(backwards, total[chain] - along[index], along[index])
    usable = centred.clean[index]
    # Chains without a clean point are read as they are.
    none = np.bincount(row, usable, minlength=ends) == 0
    usable |= none[row]
    start = np.full(ends, np.inf)
    np.minimum.at(start, row[usable], distance[usable])
    start[np.isinf(start)] = 0.0
    into = distance - start[row]
    usable &= into <= max(_PARABOLA_BASES) * line_width
    row, index, into = row[usable], index[usable], into[usable]
    points = centred.points[index]
    short = into <= _LINE_BASE * line_width
    place, away, _ = _fit(row[short], into[short], points[short], ends, None)
    curves = []
    for base in _PARABOLA_BASES:
        near = into <= base * line_width
        curves.append(_fit(row[near], into[near], points[near], ends, line_width))
    return Branches(place, away, tuple(curves), start)


class JoinCosts:
    """How badly ends continue each other, each pair worked out once.

    Crossings are decided pair by pair in plain Python: there numbers of Python are many
    times as fast as arrays of two.
    """

    def __init__(self, branches: Branches, line_width: float) -> None:
        self.line_width = line_width
        self.lines = np.concatenate([branches.place, branches.away], axis=1).tolist()
        self.curves = [np.concatenate(parts, axis=1).tolist() for parts in branches.curves]
        self.known: dict[tuple[int, int], float] = {}

    def __call__(self, a: int, b: int) -> float:
        """Radians that a pen turns from end `a` to end `b`, with misses counted as turns."""
        key = (a, b) if a < b else (b, a)
        cost = self.known.get(key)
        if cost is None:
            cost = self.straight(a, b)
            for curves in self.curves:
                cost = min(cost, self._cost(*curves[a], *curves[b]) + _PARABOLA_HANDICAP)
            self.known[key] = cost
        return cost

    def straight(self, a: int, b: int) -> float:
        """The same by the lines alone, without a bend."""
        ax, ay, ux, uy = self.lines[a]
        bx, by, vx, vy = self.lines[b]
        return self._cost(ax, ay, ux, uy, 0.0, 0.0, bx, by, vx, vy, 0.0, 0.0)

    def _cost(
        self,
        ax: float, ay: float, ux: float, uy: float, px: float, py: float,
        bx: float, by: float, vx: float, vy: float, qx: float, qy: float,
    ) -> float:  # fmt: skip
        """Two ends at (ax, ay), (bx, by), leading away along u and v, bent by p and q."""
        half = 0.5 * math.hypot(bx - ax, by - ay)
        # Both are carried on to the middle between them and compared there.
        mx, my = ax - half * ux + half**2 * px, ay - half * uy + half**2 * py
        nx, ny = bx - half * vx + half**2 * qx, by - half * vy + half**2 * qy
        ux, uy, vx, vy = (
            ux - 2 * half * px, uy - 2 * half * py, vx - 2 * half * qx, vy - 2 * half * qy
        )  # fmt: skip
        turn = abs(math.atan2(ux * vy - uy * vx, -(ux * vx + uy * vy)))
        return turn + _MISS * math.hypot(mx - nx, my - ny) / self.line_width


def _fit(
    row: IntArray,
    s: FloatArray,
    points: FloatArray,
    rows: int,
    parabola_width: float | None,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Least squares of x, y over s, row by row: place, unit direction and bend at s = 0.

    With `parabola_width` a parabola, whose bend is held back as if by one point a line
    width away, so that short and noisy rows come out straight.
    """
    order = 3 if parabola_width is not None else 2
    powers = [np.ones_like(s)]
    for _ in range(order - 1):
        powers.append(powers[-1] * s)
    normal = np.zeros((rows, order, order))
    right = np.zeros((rows, order, 2))
    for i in range(order):
        for j in range(i, order):
            normal[:, i, j] = normal[:, j, i] = np.bincount(row, powers[i] * powers[j], rows)
        for axis in (0, 1):
            right[:, i, axis] = np.bincount(row, powers[i] * points[:, axis], rows)
    # A row of one point has no direction: a grain of stiffness keeps the system solvable.
    normal[:, 0, 0] += 1e-9
    normal[:, 1, 1] += 1e-6
    if parabola_width is not None:
        normal[:, 2, 2] += parabola_width**4
    solved = np.linalg.solve(normal, right)
    direction = solved[:, 1]
    norm = np.hypot(direction[:, 0], direction[:, 1])
    norm[norm == 0] = 1.0
    bend = solved[:, 2] if order == 3 else np.zeros_like(direction)
    return (
        np.asarray(solved[:, 0]),
        np.asarray(direction / norm[:, None]),
        np.asarray(bend),
    )
