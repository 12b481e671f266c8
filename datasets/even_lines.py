"""Lines walked at an even pace: resampled, cut at their corners, read off at any arc length.

What a hand redraws is a run from corner to corner, so the roughening works on these and not
on the points that a file happens to hold. Nothing here is random.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ..strokes.simplify import arc_length

Box = tuple[float, float, float, float]  # x0, y0, x1, y1
Points = npt.NDArray[np.float64]

# A polyline that turns further than this at one vertex, radians, has a corner there: a hand
# stops and sets off anew. Lower turns are curves that a file holds with few points.
CORNER = 0.75
# A sparse curve is rounded with this share of its segments' mean length, and px at most.
ROUNDING = 0.5
MAX_ROUNDING = 14.0
# A line is closed where its ends lie this near, as a share of its length, or px.
CLOSED = 0.004


@dataclass(frozen=True, slots=True, eq=False)
class EvenLine:
    """A smooth run.

    Args:
        points: float64 (n, 2), n >= 2, even steps of arc length, px.
        length: px.
        closed: whether the last point is the first one again, without a corner there.
    """

    points: Points
    length: float
    closed: bool = False

    @property
    def step(self) -> float:
        """Arc length from point to point, px."""
        return self.length / (len(self.points) - 1)

    def at(self, s: Points) -> Points:
        """Places (n, 2) at ascending arc lengths: round and round where closed, else straight on
        beyond the ends."""
        if self.closed:
            s = np.mod(s, self.length)
        inside = np.clip(s, 0.0, self.length) / self.step
        low = np.minimum(inside.astype(np.int64), len(self.points) - 2)
        share = (inside - low)[:, None]
        places: Points = self.points[low] * (1 - share) + self.points[low + 1] * share
        if not self.closed and s[0] < 0:
            places += np.minimum(s, 0.0)[:, None] * self.direction(0)
        if not self.closed and s[-1] > self.length:
            places += np.maximum(s - self.length, 0.0)[:, None] * self.direction(-1)
        return places

    def touches(self, window: Box, begin: float, end: float, reach: float) -> bool:
        """Whether the line between two arc lengths may come within `reach` px of a window."""
        points = self.points
        if not self.closed or 0 <= begin <= end <= self.length:
            first = max(int(begin / self.step), 0)
            points = points[min(first, len(points) - 2) : max(math.ceil(end / self.step), 1) + 1]
        (x0, y0), (x1, y1) = points.min(axis=0) - reach, points.max(axis=0) + reach
        return bool(x0 <= window[2] and x1 >= window[0] and y0 <= window[3] and y1 >= window[1])

    def direction(self, end: int) -> Points:
        """Unit vector along the line at its first (0) or last (-1) point."""
        reach = min(4, len(self.points) - 1)
        ends = (0, reach) if end == 0 else (-1 - reach, -1)
        step = self.points[ends[1]] - self.points[ends[0]]
        unit: Points = step / max(float(np.hypot(*step)), 1e-9)
        return unit


def even_lines(points: npt.ArrayLike, step: float) -> list[EvenLine]:
    """The smooth runs of a polyline, cut at its corners, in order.

    Args:
        points: (n, 2) px.
        step: px from point to point, about.

    Returns:
        runs of two points or more; none for a dot.
    """
    array = np.asarray(points, np.float64)
    keep = np.concatenate([[True], (np.abs(np.diff(array, axis=0)) > 1e-6).any(axis=1)])
    array = array[keep]
    if len(array) < 2:
        return []
    closed = _is_closed(array)
    corners = find_corners(array, closed)
    if closed and len(corners):
        # Begin at a corner, so that no run goes round the seam.
        array = np.concatenate([array[corners[0] : -1], array[: corners[0] + 1]])
        corners = corners[1:] - corners[0]
        closed = False
    cuts = [0, *corners.tolist(), len(array) - 1]
    runs = [array[a : b + 1] for a, b in pairwise(cuts) if b > a]
    return [even_line(run, step, closed) for run in runs]


def even_line(points: Points, step: float, closed: bool = False) -> EvenLine:
    """One run, its sparse curves rounded."""
    along = arc_length(points)
    length = float(along[-1])
    n = max(2, round(length / step) + 1)
    at = np.linspace(0.0, length, n)
    even = np.stack([np.interp(at, along, points[:, k]) for k in (0, 1)], axis=1)
    spacing = length / (len(points) - 1)
    sigma = min(ROUNDING * spacing, MAX_ROUNDING, length / 8) * (n - 1) / length
    if len(points) > 2 and sigma > 0.5:
        even = _smoothed(even, sigma, closed)
    return EvenLine(even, length, closed)


def find_corners(points: Points, closed: bool) -> npt.NDArray[np.int64]:
    """Indices of the vertices where a polyline turns by more than `CORNER`, its ends left out.

    Those of a closed one begin with 0 where its seam is a corner."""
    step = np.diff(points, axis=0)
    if closed:
        step = np.concatenate([step[-1:], step])
    cross = step[:-1, 0] * step[1:, 1] - step[:-1, 1] * step[1:, 0]
    turn = np.abs(np.arctan2(cross, (step[:-1] * step[1:]).sum(axis=1)))
    return np.flatnonzero(turn > CORNER) + (0 if closed else 1)


def _is_closed(points: Points) -> bool:
    if len(points) < 4:
        return False
    gap = float(np.hypot(*(points[-1] - points[0])))
    return gap <= max(CLOSED * float(arc_length(points)[-1]), 1e-3)


def _smoothed(points: Points, sigma: float, closed: bool) -> Points:
    """Averaged along the line with a Gaussian of `sigma` points; open ends stay."""
    radius = min(int(3 * sigma) + 1, len(points) - 1)
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    if closed:
        ring = points[:-1]
        around = np.concatenate([ring[-radius:], ring, ring[:radius]])
    else:
        around = np.concatenate(
            [
                2 * points[0] - points[radius:0:-1],
                points,
                2 * points[-1] - points[-2 : -radius - 2 : -1],
            ]
        )
    result = np.stack([np.convolve(around[:, k], kernel, "valid") for k in (0, 1)], axis=1)
    return np.concatenate([result, result[:1]]) if closed else result
