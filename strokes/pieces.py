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
# Matrices of two rows, each (k,): xx, xy, yy. Stacking them would cost more than the arithmetic.
_Symmetric = tuple[FloatArray, FloatArray, FloatArray]

# A root mean square of `accuracy` misses by more than this many times as much at worst.
_WORST = 2.8
# Controls are held to a third of the chord as firmly as this part of one point, so that pieces
# with two points have a solution.
_STIFFNESS = 1e-4
# Directions lead on along the line; a piece's second end looks back.
_INWARDS = np.array([[1.0], [-1.0]])
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
        ends = line[:, ::3]
        places = self._each(ends.reshape(-1, 4).T)
        rest = self.xy - (v * v * v) * places[:2] - (u * u * u) * places[2:]
        wb1, wb2 = w * b1, w * b2
        terms = np.empty((7, len(u)))
        terms[0], terms[1], terms[2] = wb1 * b1, wb1 * b2, wb2 * b2
        np.multiply(wb1, rest, out=terms[3:5])
        np.multiply(wb2, rest, out=terms[5:])
        s11, s12, s22, *pull = self._sum(terms)
        # Normal equations of both controls, two rows and columns each, the second's taken out.
        a, (r1x, r1y) = _held(s11, pull[0], pull[1], line[:, 1], ends[:, 0], away[:, 0], firm[:, 0])
        d, (r2x, r2y) = _held(s22, pull[2], pull[3], line[:, 2], ends[:, 1], away[:, 1], firm[:, 1])
        d = _inverse(d)
        x, y = _times(d, r2x, r2y)
        square = s12 * s12
        left = (a[0] - square * d[0], a[1] - square * d[1], a[2] - square * d[2])
        controls = np.empty((len(line), 2, 2))
        x, y = _times(_inverse(left), r1x - s12 * x, r1y - s12 * y)
        controls[:, 0, 0], controls[:, 0, 1] = x, y
        controls[:, 1, 0], controls[:, 1, 1] = _times(d, r2x - s12 * x, r2y - s12 * y)
        # A control that points backwards or far away makes a loop: a third of the chord instead.
        chord = ends[:, 1] - ends[:, 0]
        third = np.hypot(chord[:, 0], chord[:, 1])[:, None] / 3
        out = away * _INWARDS
        off = (controls - ends) * out
        forward = off[:, :, 0] + off[:, :, 1]
        wrong = (firm > 0) & ((forward <= 0) | (forward > 9 * third + 3))
        if wrong.any():
            controls = np.where(wrong[:, :, None], ends + third[:, :, None] * out, controls)
        curves = line.copy()
        curves[:, 1:3] = controls
        return curves

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
    pull_x: FloatArray,
    pull_y: FloatArray,
    third: FloatArray,
    place: FloatArray,
    away: FloatArray,
    firm: FloatArray,
) -> tuple[_Symmetric, tuple[FloatArray, FloatArray]]:
    """Equations of one control alone.

    It is held a little to a third of the chord and, where firm, on the line from the piece's end.
    """
    x, y = -away[:, 1], away[:, 0]
    firm_x, firm_y, own = firm * x, firm * y, weight + _STIFFNESS
    on_line = x * place[:, 0] + y * place[:, 1]
    right = (
        pull_x + _STIFFNESS * third[:, 0] + on_line * firm_x,
        pull_y + _STIFFNESS * third[:, 1] + on_line * firm_y,
    )
    return (firm_x * x + own, firm_x * y, firm_y * y + own), right


def _inverse(matrix: _Symmetric) -> _Symmetric:
    xx, xy, yy = matrix
    part = 1 / (xx * yy - xy * xy)
    return yy * part, -xy * part, xx * part


def _times(matrix: _Symmetric, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    xx, xy, yy = matrix
    return xx * x + xy * y, xy * x + yy * y


def _powers(curves: Curves) -> FloatArray:
    """Coefficients of 1, t, t^2 and t^3 of cubics: (m, 4, 2) -> (4, 2, m)."""
    p0, p1, p2, p3 = curves.transpose(1, 2, 0)
    powers = np.empty((4, 2, len(curves)))
    powers[0] = p0
    powers[1] = 3 * (p1 - p0)
    powers[2] = 3 * (p0 - 2 * p1 + p2)
    powers[3] = p3 - p0 + 3 * (p1 - p2)
    return powers
