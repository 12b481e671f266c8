"""Strokes of a plan's drawings as the pen goes: what a page shows before the whole is there.

Rows come in as the model draws them, for all drawings of an order at once; pieces of strokes go
out when the pen lifts, or after `PART` points of a long line, or when the drawing ends. Together
they are the strokes that `Plan.finish` makes of the same rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .plans import Place

# Points of a line that are shown together: about a tenth of a second on a busy laptop.
PART = 12


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A stroke, or the next part of one.

    Args:
        drawing, stroke: numbers, from 0.
        points: float32 (n, 2), px; none where a part before it was the last.
        more: whether the line goes on.
        ended: whether the drawing is over with it.
    """

    drawing: int
    stroke: int
    points: npt.NDArray[np.float32]
    more: bool
    ended: bool = False


class StrokeStream:
    """The strokes of n drawings that begin at one place."""

    def __init__(self, place: Place, joined: Sequence[bool]) -> None:
        """joined: of each, whether the pen is down at the place, so that its line begins there."""
        n = len(joined)
        self.place = place
        self._at = np.tile(np.asarray(place.at, np.float64), (n, 1))
        self._points = [[self._at[i].copy()] if joined[i] else [] for i in range(n)]
        self._stroke = [0] * n
        self._going = set(range(n))

    def add(self, going: Sequence[int], rows: npt.NDArray[np.float32]) -> list[Piece]:
        """What the rows (len(going), 3) of the drawings still going complete."""
        pieces = self.end(self._going.difference(going))
        for i, (dx, dy, lifted) in zip(going, rows.astype(np.float64), strict=True):
            self._at[i] += (dx, dy)
            self._points[i].append(self._at[i].copy())
            if lifted > 0.5:
                pieces.append(self._piece(i, more=False))
                self._stroke[i] += 1
            elif len(self._points[i]) >= PART:
                pieces.append(self._piece(i, more=True))
        return pieces

    def end(self, drawings: set[int] | None = None) -> list[Piece]:
        """What is left of drawings that are over; None is all that were not yet said to be."""
        over = sorted(self._going if drawings is None else drawings)
        self._going -= set(over)
        return [self._piece(i, more=False, ended=True) for i in over]

    def _piece(self, i: int, more: bool, ended: bool = False) -> Piece:
        points = np.array(self._points[i], np.float64).reshape(-1, 2)
        self._points[i] = []
        px = self.place.scale.to_user(points).astype(np.float32)
        return Piece(i, self._stroke[i], px, more, ended)
