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

    def _sum(self, values: FloatArray) -> FloatArray:
        return np.asarray(np.add.reduceat(values, self.starts, axis=-1))

    def chord_length(self) -> FloatArray:
        """Parameters from 0 to 1 by distance along the points."""
        begin = self.along[self.starts]
        end = self.along[np.append(self.starts[1:], len(self.along)) - 1]
        return np.asarray(
            (self.along - begin[self.piece]) / np.maximum(end - begin, 1e-9)[self.piece]
        )

    def feet(self, p0: FloatArray, p3: FloatArray) -> FloatArray:
        """Where on the chord of its piece each point's foot lies, 0 to 1."""
        chord = p3 - p0
        scaled = (chord / np.maximum((chord**2).sum(axis=1), 1e-12)[:, None]).T
        begin = (p0.T * scaled).sum(axis=0)
        at = (self.xy * np.repeat(scaled, self.count, axis=-1)).sum(axis=0) - begin[self.piece]
        return np.asarray(np.clip(at, 0.0, 1.0))

    def solve(self, u: FloatArray, line: Curves, away: FloatArray, firm: FloatArray) -> Curves:
        """Curves of least squares; directions `away` (k, 2, 2) at both ends are kept where firm."""
        v, w = 1 - u, self.weight
        b1, b2 = 3 * u * v * v, 3 * u * u * v
        p0, p3 = line[:, 0], line[:, 3]
        ends = np.repeat(np.stack([p0.T, p3.T]), self.count, axis=-1)
        rest = self.xy - (v * v * v) * ends[0] - (u * u * u) * ends[1]
        wb1, wb2 = w * b1, w * b2
        s11, s12, s22 = self._sum(wb1 * b1), self._sum(wb1 * b2), self._sum(wb2 * b2)
        r1, r2 = self._sum(wb1 * rest), self._sum(wb2 * rest)
        k = len(line)
        a = np.zeros((k, 4, 4))
        r = np.zeros((k, 4))
        for axis in (0, 1):
            a[:, axis, axis] = s11 + _STIFFNESS
            a[:, 2 + axis, 2 + axis] = s22 + _STIFFNESS
            a[:, axis, 2 + axis] = a[:, 2 + axis, axis] = s12
            r[:, axis] = r1[axis] + _STIFFNESS * line[:, 1, axis]
            r[:, 2 + axis] = r2[axis] + _STIFFNESS * line[:, 2, axis]
        for side, place in ((0, p0), (1, p3)):
            normal = np.stack([-away[:, side, 1], away[:, side, 0]], axis=1)
            for i in (0, 1):
                for j in (0, 1):
                    a[:, 2 * side + i, 2 * side + j] += firm[:, side] * normal[:, i] * normal[:, j]
                r[:, 2 * side + i] += firm[:, side] * normal[:, i] * (normal * place).sum(axis=1)
        controls = np.linalg.solve(a, r[:, :, None])[:, :, 0].reshape(k, 2, 2)
        # A control that points backwards or far away makes a loop: a third of the chord instead.
        third = np.hypot(*(p3 - p0).T) / 3
        for side, (place, out) in enumerate(((p0, away[:, 0]), (p3, -away[:, 1]))):
            forward = ((controls[:, side] - place) * out).sum(axis=1)
            wrong = (firm[:, side] > 0) & ((forward <= 0) | (forward > 9 * third + 3))
            controls[wrong, side] = (place + third[:, None] * out)[wrong]
        return np.stack([p0, controls[:, 0], controls[:, 1], p3], axis=1)

    def closer(self, u: FloatArray, curves: Curves) -> FloatArray:
        """Newton's step of each point's parameter towards the nearest place on its curve."""
        c0, c1, c2, c3 = np.repeat(_powers(curves), self.count, axis=-1)
        off = ((c3 * u + c2) * u + c1) * u + c0 - self.xy
        first = (3 * c3 * u + 2 * c2) * u + c1
        second = 6 * c3 * u + 2 * c2
        slope = (first * first + off * second).sum(axis=0)
        step = (off * first).sum(axis=0) / np.where(slope > 1e-9, slope, np.inf)
        return np.asarray(np.clip(u - step, 0.0, 1.0))

    def error(self, curves: Curves, u: FloatArray) -> tuple[FloatArray, IntArray]:
        """How far pieces miss in parts of what is allowed, and where most."""
        c0, c1, c2, c3 = np.repeat(_powers(curves), self.count, axis=-1)
        off = ((c3 * u + c2) * u + c1) * u + c0 - self.xy
        known = self.weight >= MEASURED
        square = np.where(known, (off * off).sum(axis=0), 0.0)
        rms = np.sqrt(self._sum(square) / np.maximum(self._sum(known.astype(np.float64)), 1.0))
        worst = np.maximum.reduceat(square, self.starts)
        hits = np.flatnonzero(square >= worst[self.piece])
        at = hits[np.searchsorted(hits, self.starts)] - self.starts + self.first
        return np.maximum(rms, np.sqrt(worst) / _WORST) / self.allowed, at


def _powers(curves: Curves) -> FloatArray:
    """Coefficients of 1, t, t^2 and t^3 of cubics: (m, 4, 2) -> (4, 2, m)."""
    p0, p1, p2, p3 = curves.transpose(1, 2, 0)
    return np.stack([p0, 3 * (p1 - p0), 3 * (p0 - 2 * p1 + p2), p3 - p0 + 3 * (p1 - p2)])
