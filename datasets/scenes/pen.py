"""A person's pen on a scene: lines that tremble, are cut off behind nearer things, and take time.

Lines come in px of the picture. The hand strays from them as `doodle_hand` has it: slow
waves along the line and a misplacement of the whole; one drawing has one hand, careful or
hasty. What a nearer thing covers is not drawn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ...strokes import Stroke

Points = npt.NDArray[np.float64]

# Distance between points while a line is made, share of the picture's shorter side; 2 px of 256.
STEP = 0.008
# How far a finished line may lie off its points, in the same measure; what drawn points are.
SIMPLE = 0.0016
# Waves that the hand trembles in: lengths and sizes, shares of the shorter side.
WAVES = ((0.45, 0.0060), (0.16, 0.0026), (0.05, 0.0010))
# A whole line is misplaced by this much, one standard deviation.
MISPLACED = 0.003
# Pieces of a line shorter than this are not worth lifting the pen for.
SHORTEST = 0.016
# As in doodle_hand: px of a 256 px canvas per ms, and pauses between strokes and things.
SPEED, PAUSE_MS, THINK_MS = 0.6, 250.0, 900.0


@dataclass(frozen=True, slots=True)
class Line:
    """A finished line: few points (n, 2), px, and the thing that it is of."""

    points: Points
    thing: int
    layer: str


class Pen:
    """Draws one scene's doodle: lines of the nearest things first, for these hide the others.

    Args:
        width, height: of the picture, px.
        owner: uint8 (H, W), the id of the thing that each px shows.
        rng: of all that is random.
    """

    def __init__(
        self, width: int, height: int, owner: npt.NDArray[np.uint8], rng: np.random.Generator
    ) -> None:
        self.width, self.height, self.rng = width, height, rng
        self.unit = float(min(width, height))
        self.haste = float(rng.beta(2.0, 2.5))
        self.lines: list[Line] = []
        self._cover = owner.copy()
        lengths, sizes = np.array(WAVES).T
        self._sizes = sizes * self.unit * (0.35 + 1.1 * self.haste)
        self._lengths = lengths * self.unit

    def draw(
        self, lines: Sequence[npt.ArrayLike], thing: int, layer: str, *, tremble: float = 1.0,
        solid: bool = False,
    ) -> int:  # fmt: skip
        """Draws lines (n, 2) of a thing; returns how many pieces came of them.

        Args:
            thing: its id; px of higher ids hide it.
            tremble: times the usual; 0 for what a hand has drawn already.
            solid: whether the lines, and not the thing's own px alone, hide what is farther.
        """
        arrays = [np.asarray(line, np.float64).reshape(-1, 2) for line in lines]
        arrays = [points for points in arrays if len(points)]
        before = len(self.lines)
        if not arrays:
            return 0
        points, line = self._resampled(arrays)
        if tremble:
            points = self._shaken(points, line, tremble)
        for piece in self._shown(points, line, thing):
            self.lines.append(Line(self._simple(piece), thing, layer))
        if solid:
            hull = cv2.convexHull(np.concatenate(arrays).astype(np.float32))
            patch = np.zeros_like(self._cover)
            cv2.fillConvexPoly(patch, np.round(hull).astype(np.int32), thing)
            np.maximum(self._cover, patch, out=self._cover)
        return len(self.lines) - before

    def finished(self, order: Sequence[int]) -> list[Stroke]:
        """The strokes, thing after thing in this order, with times."""
        by_thing: dict[int, list[Line]] = {}
        for line in self.lines:
            by_thing.setdefault(line.thing, []).append(line)
        lines = [line for thing in order for line in by_thing.get(thing, ())]
        if not lines:
            return []
        flat = np.concatenate([line.points for line in lines])
        begins = np.cumsum([0, *(len(line.points) for line in lines[:-1])])
        moves = np.diff(flat, axis=0, prepend=flat[:1])
        steps = np.sqrt((moves * moves).sum(axis=1))
        steps /= SPEED * self.unit / 256 * (0.6 + 0.8 * self.haste)
        pauses = PAUSE_MS * self.rng.uniform(0.6, 1.6, len(lines))
        other = np.diff([line.thing for line in lines], prepend=-1) != 0
        pauses[other] += THINK_MS * self.rng.uniform(0.5, 1.5, int(other.sum()))
        steps[begins] = pauses
        steps[0] = 0
        times, points = np.round(np.cumsum(steps)).astype(np.float32), flat.astype(np.float32)
        # Views of what nobody can change are not copied by `Stroke`.
        times.flags.writeable = points.flags.writeable = False
        ends = [*begins[1:].tolist(), len(flat)]
        return [
            Stroke(points[a:b], time=times[a:b], layer=line.layer)
            for a, b, line in zip(begins.tolist(), ends, lines, strict=True)
        ]

    def _resampled(self, arrays: Sequence[Points]) -> tuple[Points, npt.NDArray[np.int64]]:
        """Points of all lines at even steps, corners kept, and which line each is of."""
        lengths = np.array([len(points) for points in arrays])
        flat, line = np.concatenate(arrays), np.repeat(np.arange(len(arrays)), lengths)
        steps = np.zeros_like(flat)
        steps[:-1] = flat[1:] - flat[:-1]
        steps[np.cumsum(lengths) - 1] = 0
        counts = np.ceil(np.sqrt((steps * steps).sum(axis=1)) / (STEP * self.unit)).astype(int)
        counts = np.maximum(counts, 1)
        which = np.repeat(np.arange(len(flat)), counts)
        share = (np.arange(len(which)) - (np.cumsum(counts) - counts)[which]) / counts[which]
        return flat[which] + share[:, None] * steps[which], line[which]

    def _shaken(self, points: Points, line: npt.NDArray[np.int64], tremble: float) -> Points:
        """Lines as the hand draws them."""
        steps = np.zeros(len(points))
        moves = points[1:] - points[:-1]
        steps[1:] = np.sqrt((moves * moves).sum(axis=1)) * (line[1:] == line[:-1])
        total = np.cumsum(steps)
        begins = np.flatnonzero(np.diff(line, prepend=-1))
        extents = np.diff(total[begins], append=total[-1:])
        n = len(begins)
        draws = self.rng.random((3, n, len(WAVES)))
        # The shorter a line, the less room for long waves.
        sizes = self._sizes * np.minimum(1.0, 2.0 * extents[:, None] / self._lengths)
        turns = math.tau / (self._lengths * (0.7 + 0.7 * draws[0]))
        off = self.rng.standard_normal((n, 2)) * (MISPLACED * self.unit)
        off *= np.minimum(1.0, 3 * extents / self.unit)[:, None]
        along = (total - total[begins][line])[:, None] * turns[line]
        moved = points + tremble * off[line]
        for k in (0, 1):
            wave = np.sin(along + math.tau * draws[k + 1][line]) * sizes[line]
            moved[:, k] += tremble * wave.sum(axis=1)
        return moved

    def _shown(self, points: Points, line: npt.NDArray[np.int64], thing: int) -> list[Points]:
        """The pieces of lines on the canvas that nothing nearer covers."""
        x, y = points[:, 0].astype(np.int32), points[:, 1].astype(np.int32)
        seen = (points.min(axis=1) >= 0) & (x < self.width) & (y < self.height)
        seen[seen] = self._cover[y[seen], x[seen]] <= thing
        # A number that changes wherever the pen is lifted.
        run = 2 * line + seen
        begins = np.flatnonzero(np.diff(run, prepend=-2))
        ends = np.append(begins[1:], len(run))
        least = SHORTEST * self.unit
        found = []
        for a, b in zip(begins.tolist(), ends.tolist(), strict=True):
            if not seen[a]:
                continue
            piece = points[a:b]
            whole = (a == 0 or line[a - 1] != line[a]) and (b == len(run) or line[b] != line[a])
            if whole or float((piece.max(axis=0) - piece.min(axis=0)).max()) >= least:
                found.append(piece)
        return found

    def _simple(self, points: Points) -> Points:
        """Few points on the canvas, to a tenth of a px."""
        if len(points) > 2:
            flat = points.astype(np.float32)[:, None]
            points = cv2.approxPolyDP(flat, SIMPLE * self.unit, False)[:, 0]
        return np.round(points.astype(np.float64), 1)
