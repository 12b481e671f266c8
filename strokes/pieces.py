"""The points of many pieces of line, and least squares of a cubic through each, all at once.

What `curves` fits piece by piece (Schneider 1990) is here one row of numbers for all
pieces: sums over a piece are `np.add.reduceat`, and what belongs to a piece is repeated
for its points. Which points make a piece is decided there.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
# (m, 4, 2): each piece's first point, two controls, last point.
Curves = FloatArray

# A root mean square of `accuracy` misses by more than this many times as much at worst.
_WORST = 2.8
# Controls are held to a third of the chord as firmly as this part of one point, so that pieces
# with two points have a solution.
_STIFFNESS = 1e-4
# Points weighed below this were filled in: they guide a fit but do not judge it.
MEASURED = 0.5


class PiecePoints:
    """The points of some pieces, one piece after another, and the arithmetic over them.

    Coordinates are rows of their own: long rows are several times as fast as pairs.

    Args:
        columns: float64 (2, N), x and y of all points, px.
        weight: float64 (N,), how well each is known.
        along: float64 (N,), distance along the line.
        first, last: int64 (k,), each piece's first and last point.
        allowed: float64 (k,), root mean square px that each piece may miss by.
    """

    def __init__(
        self,
        columns: FloatArray,
        weight: FloatArray,
        along: FloatArray,
        first: IntArray,
        last: IntArray,
        allowed: FloatArray,
    ) -> None:
        count = last - first + 1
        self.first, self.count = first, count
        self.starts = np.cumsum(count) - count
        self.piece = np.repeat(np.arange(len(first)), count)
        index = np.arange(len(self.piece)) + np.repeat(first - self.starts, count)
        self.xy = columns[:, index]
        self.weight = weight[index]
        self.along = along[index]
        self.allowed = allowed
        self.known = self.weight >= MEASURED
        self.known_count = np.maximum(self._sum(self.known.astype(np.float64)), 1.0)

    def _each(self, values: FloatArray) -> FloatArray:
        """What belongs to the pieces, (..., k), for each of their points."""
        return np.take(values, self.piece, axis=-1)

    def _sum(self, values: FloatArray) -> FloatArray:
        return np.asarray(np.add.reduceat(values, self.starts, axis=-1))

    def chord_length(self) -> FloatArray:
        """Parameters from 0 to 1 by distance along the points."""
        begin = self.along[self.starts]
        end = self.along[np.append(self.starts[1:], len(self.along)) - 1]
        return np.asarray(
            (self.along - begin[self.piece]) / np.maximum(end - begin, 1e-9)[self.piece]
        )

    def chord_error(self, p0: FloatArray, p3: FloatArray) -> tuple[FloatArray, IntArray]:
        """As `error`, of the straight lines from `p0` to `p3`, (k, 2)."""
        chord = (p3 - p0).T
        scaled = chord / np.maximum((chord * chord).sum(axis=0), 1e-12)
        off = self.xy - self._each(np.ascontiguousarray(p0.T))
        x, y = off * self._each(scaled)
        off -= np.clip(x + y, 0.0, 1.0) * self._each(chord)
        return self._missed(off)

    def solve(self, u: FloatArray, line: Curves, away: FloatArray, firm: FloatArray) -> Curves:
        """Curves of least squares; directions `away` (k, 2, 2) at both ends are kept where firm."""
        v, w = 1 - u, self.weight
        b1, b2 = 3 * u * v * v, 3 * u * u * v
        p0, p3 = line[:, 0], line[:, 3]
        ends = self._each(np.stack([p0.T, p3.T]))
        rest = self.xy - (v * v * v) * ends[0] - (u * u * u) * ends[1]
        wb1, wb2 = w * b1, w * b2
        s11, s12, s22 = self._sum(np.stack([wb1 * b1, wb1 * b2, wb2 * b2]))
        # Normal equations of both controls, two rows and columns each, the second's taken out.
        a, r1 = _held(s11, self._sum(wb1 * rest), line[:, 1], p0, away[:, 0], firm[:, 0])
        d, r2 = _held(s22, self._sum(wb2 * rest), line[:, 2], p3, away[:, 1], firm[:, 1])
        d = _inverse(d)
        first = _times(_inverse(a - s12 * s12 * d), r1 - s12 * _times(d, r2))
        second = _times(d, r2 - s12 * first)
        controls = np.stack([first.T, second.T], axis=1)
        # A control that points backwards or far away makes a loop: a third of the chord instead.
        third = np.hypot(*(p3 - p0).T) / 3
        for side, (place, out) in enumerate(((p0, away[:, 0]), (p3, -away[:, 1]))):
            forward = ((controls[:, side] - place) * out).sum(axis=1)
            wrong = (firm[:, side] > 0) & ((forward <= 0) | (forward > 9 * third + 3))
            controls[wrong, side] = (place + third[:, None] * out)[wrong]
        return np.stack([p0, controls[:, 0], controls[:, 1], p3], axis=1)

    def closer(self, u: FloatArray, curves: Curves) -> FloatArray:
        """Newton's step of each point's parameter towards the nearest place on its curve."""
        c0, c1, c2, c3 = self._each(_powers(curves))
        off = ((c3 * u + c2) * u + c1) * u + c0 - self.xy
        first = (3 * c3 * u + 2 * c2) * u + c1
        second = 6 * c3 * u + 2 * c2
        slope = (first * first + off * second).sum(axis=0)
        step = (off * first).sum(axis=0) / np.where(slope > 1e-9, slope, np.inf)
        return np.asarray(np.clip(u - step, 0.0, 1.0))

    def error(self, curves: Curves, u: FloatArray) -> tuple[FloatArray, IntArray]:
        """How far pieces miss in parts of what is allowed, and where most."""
        c0, c1, c2, c3 = self._each(_powers(curves))
        return self._missed(((c3 * u + c2) * u + c1) * u + c0 - self.xy)

    def _missed(self, off: FloatArray) -> tuple[FloatArray, IntArray]:
        """As `error`, of points that are so far off, (2, N)."""
        x, y = off
        square = np.where(self.known, x * x + y * y, 0.0)
        rms = np.sqrt(self._sum(square) / self.known_count)
        worst = np.maximum.reduceat(square, self.starts)
        hits = np.flatnonzero(square >= worst[self.piece])
        at = hits[np.searchsorted(hits, self.starts)] - self.starts + self.first
        return np.maximum(rms, np.sqrt(worst) / _WORST) / self.allowed, at


def _held(
    weight: FloatArray,
    pull: FloatArray,
    third: FloatArray,
    place: FloatArray,
    away: FloatArray,
    firm: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Equations of one control alone: symmetric matrices (3, k) as xx, xy, yy, and (2, k).

    It is held a little to a third of the chord and, where firm, on the line from the piece's end.
    """
    x, y = -away[:, 1], away[:, 0]
    matrix = np.stack([firm * x * x, firm * x * y, firm * y * y])
    matrix[::2] += weight + _STIFFNESS
    on_line = firm * (x * place[:, 0] + y * place[:, 1])
    return matrix, pull + _STIFFNESS * third.T + on_line * np.stack([x, y])


def _inverse(matrix: FloatArray) -> FloatArray:
    """Of symmetric matrices (3, k), as xx, xy, yy."""
    xx, xy, yy = matrix
    return np.stack([yy, -xy, xx]) / (xx * yy - xy * xy)


def _times(matrix: FloatArray, vector: FloatArray) -> FloatArray:
    """Symmetric matrices (3, k) by vectors (2, k)."""
    xx, xy, yy = matrix
    x, y = vector
    return np.stack([xx * x + xy * y, xy * x + yy * y])


def _powers(curves: Curves) -> FloatArray:
    """Coefficients of 1, t, t^2 and t^3 of cubics: (m, 4, 2) -> (4, 2, m)."""
    p0, p1, p2, p3 = curves.transpose(1, 2, 0)
    return np.stack([p0, 3 * (p1 - p0), 3 * (p0 - 2 * p1 + p2), p3 - p0 + 3 * (p1 - p2)])
