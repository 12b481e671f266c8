"""A hand that draws with a mouse: ideal curves in, human strokes out.

A word of the generator says *what* to draw (an oval here, a line there); the
`Hand` says how it comes out. Each drawing has one hand with a temper of its own:
a careful one closes its circles, a hasty one overshoots, rounds corners, leaves
gaps, bows its straight lines and lifts the pen midway. The imperfections are
those seen in Quick, Draw! drawings; their sizes were set by eye against sheets
of real ones. Nothing here is learned from data.

Words draw in a frame of about -1 to 1, x right, y down; `finished` turns that
into px.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ..strokes import Drawing, Stroke

Points = npt.NDArray[np.float64]
Pair = tuple[float, float]

SAMPLES = 10  # points a segment of a path: smooth at 256 px
OVAL_SAMPLES = 60
UNIT_PX = 100.0  # px of one unit of the frame: a doodle fills most of 256 px
CANVAS = (256.0, 256.0)
MARGIN = 12.0  # px kept free at the edges

# Waves along a stroke that its wobble is made of; slower ones are larger.
WOBBLE_WAVES = np.array([0.5, 1.0, 1.5, 2.0, 3.0])
SHORTEST_WAVE = 0.3  # units; waves below it fade
# Share of a stroke's extent by which a hasty hand strays from the ideal.
WOBBLE = 0.045
# Unsteadiness that does not shrink with the stroke, in units: about a pixel of the mouse.
TREMOR = 0.01
# How far a hasty hand misplaces a whole stroke, in units.
MISPLACE = 0.035
# Overshoot (above 0) or gap (below) of a closed curve: share of its length.
CLOSURE = 0.04
ROUNDINGS = (0.0, 0.08, 0.2)  # how much of a side each corner may eat

# A mouse moves about 600 px/s on straight runs and slows in curves; pauses lie
# between strokes. Only the ratio matters to a model; the scale is for playback.
SPEED_PX_PER_MS = 0.6
CURVE_SLOWING = 6.0
PAUSE_MS = 250.0


class Hand:
    """Draws the strokes of one doodle.

    Args:
        rng: source of everything that differs between doodles.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        # 0 careful, 1 hasty; most people in the game are in between.
        self.haste = float(rng.beta(2.0, 2.5))
        self._rounding = ROUNDINGS[min(int(3 * self.haste * rng.uniform(0.5, 1.5)), 2)]
        self._clockwise = rng.random() < 0.3  # most right-handed people draw circles the other way
        self._mirrored = self.chance(0.4)
        self._spot = self.pick({"touch": 2.0, "ring": 2.5, "scribble": 2.0})
        self._scale, self._offset = np.ones(2), np.zeros(2)
        self._strokes: list[Points] = []

    # --- choices -----------------------------------------------------------------

    def chance(self, p: float) -> bool:
        """True with probability `p`."""
        return bool(self.rng.random() < p)

    def between(self, low: float, high: float) -> float:
        """A number from `low` to `high`."""
        return low + (high - low) * float(self.rng.random())

    def about(self, value: float, spread: float = 0.12) -> float:
        """`value`, give or take a share `spread` of it (one standard deviation)."""
        return value * math.exp(spread * float(self.rng.standard_normal()))

    def count(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return int(self.rng.integers(low, high + 1))

    def pick(self, odds: dict[str, float]) -> str:
        """One of the keys, with these relative odds."""
        mark = float(self.rng.random()) * sum(odds.values())
        for name, weight in odds.items():
            mark -= weight
            if mark < 0:
                return name
        return name

    def in_some_order(self, *parts: Callable[[], object]) -> None:
        """Draw parts in an order that differs from doodle to doodle."""
        for index in self.rng.permutation(len(parts)):
            parts[index]()

    @staticmethod
    def ring(x: float, y: float, rx: float, ry: float, n: int) -> list[Pair]:
        """`n` points around an oval, clockwise on screen from the top."""
        angles = (math.tau * i / n - math.pi / 2 for i in range(n))
        return [(x + rx * math.cos(a), y + ry * math.sin(a)) for a in angles]

    # --- marks -------------------------------------------------------------------

    def curve(self, *points: Pair, closed: bool = False) -> None:
        """A smooth line through points."""
        self._draw(_smooth_basis(len(points), closed) @ np.array(points), closed)

    def lines(self, *points: Pair, closed: bool = False) -> None:
        """Straight lines from point to point, its corners as sharp as this hand makes them."""
        basis = _corner_basis(len(points), closed, self._rounding)
        self._draw(basis @ np.array(points), closed)

    def oval(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float | None = None,
        tilt: float = 0.0,
        start: float | None = None,
    ) -> None:
        """A closed oval around (x, y), begun near the top unless `start` (radians) says where."""
        if start is None:
            start = -math.pi / 2 + 0.6 * float(self.rng.standard_normal())
        turn = -math.tau if self.chance(0.12) != (not self._clockwise) else math.tau
        # The radius drifts, so that the end misses the start sideways too.
        drift = 0.09 * self.haste * float(self.rng.standard_normal())
        along = _along(OVAL_SAMPLES)
        radius = 1 + drift * (along - 0.5)
        self._draw(_ellipse(x, y, rx, ry or rx, tilt, start + turn * along, radius), closed=True)

    def arc(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float,
        begin: float,
        end: float,
        tilt: float = 0.0,
    ) -> None:
        """Part of an oval, from angle `begin` to `end` in turns (0 right, .25 down, .5 left)."""
        angles = math.tau * (begin + (end - begin) * _along(OVAL_SAMPLES // 2))
        self._draw(_ellipse(x, y, rx, ry, tilt, angles, 1.0), closed=False)

    def scallops(
        self, points: Sequence[Pair], bulge: float, closed: bool = False, steps: int = 7
    ) -> None:
        """Bumps from point to point in one stroke: clouds, tree crowns, petals.

        Args:
            bulge: height of a bump as a share of its width, to the left of the
                direction of drawing (outwards for a clockwise outline on screen).
        """
        ring = np.array([*points, points[0]] if closed else points)
        a, step = ring[:-1, None, :], np.diff(ring, axis=0)[:, None, :]
        u = np.linspace(0, 1, steps, endpoint=False)
        height = bulge * np.exp(0.3 * self.rng.standard_normal(len(step)))
        lift = np.sqrt(np.sin(np.pi * u))[None, :, None] * height[:, None, None]
        normal = np.stack([step[..., 1], -step[..., 0]], axis=-1)
        bumps = (a + u[None, :, None] * step + lift * normal).reshape(-1, 2)
        self._draw(np.concatenate([bumps, ring[-1:]]), closed)

    def spiral(self, x: float, y: float, r: float, turns: float, start: float = 0.0) -> None:
        """A spiral from the outside in, `start` in turns."""
        along = _along(int(12 * turns) + 12)
        angles = math.tau * (start + turns * along)
        self._draw(_ellipse(x, y, r, r, 0.0, angles, 1 - 0.9 * along), closed=False)

    def zigzag(self, start: Pair, end: Pair, teeth: int, height: float) -> None:
        """A zigzag of `teeth` between two points, `height` to either side."""
        along = np.linspace(0, 1, 2 * teeth + 1)[:, None]
        a, b = np.array(start), np.array(end)
        normal = np.array([b[1] - a[1], a[0] - b[0]]) / max(math.dist(start, end), 1e-9)
        side = np.where(np.arange(2 * teeth + 1) % 2, 1.0, -1.0)[:, None]
        side = side * np.exp(0.15 * self.rng.standard_normal(side.shape))
        points = a + along * (b - a) + height * side * normal
        self.lines(*map(tuple, points.tolist()))

    def dot(self, x: float, y: float, size: float = 0.05) -> None:
        """A spot; one hand makes all its spots alike: a dab of the pen, a ring or a scribble."""
        if self._spot == "touch":
            self.lines((x, y - 0.5 * size), (x + self.between(-0.4, 0.4) * size, y + 0.5 * size))
        elif self._spot == "ring":
            self.oval(x, y, size, size)
        else:
            self.spiral(x, y, size, 2.5)

    @contextlib.contextmanager
    def frame(self, x: float, y: float, sx: float = 1.0, sy: float | None = None) -> Iterator[None]:
        """Draw within a frame of its own: origin at (x, y), scaled, mirrored where `sx` < 0."""
        scale, offset = self._scale, self._offset
        self._offset = offset + scale * (x, y)
        self._scale = scale * (sx, abs(sx) if sy is None else sy)
        yield
        self._scale, self._offset = scale, offset

    # --- the result --------------------------------------------------------------

    def finished(self, word: str) -> Drawing:
        """The strokes as a drawing in px with times in ms, tilted as this hand tilts things."""
        ends = np.cumsum([len(s) for s in self._strokes])[:-1]
        points = _fitted(self._posed(np.concatenate(self._strokes)))
        time = self._times(points, ends)
        pieces = zip(np.split(points, ends), np.split(time, ends), strict=True)
        strokes = tuple(Stroke(p.astype(np.float32), time=t.astype(np.float32)) for p, t in pieces)
        return Drawing(strokes, size=CANVAS, label=word)

    def _posed(self, points: Points) -> Points:
        """All points turned, slanted, stretched and warped a little, as one."""
        turn, slant, aspect, *warp = self.rng.standard_normal(7) * [
            0.05, 0.05, 0.09, 0.03, 0.03, 0.03, 0.03,
        ]  # fmt: skip
        x, y = points[:, 0] * math.exp(aspect), points[:, 1] * math.exp(-aspect)
        x = -x if self._mirrored else x
        # One side larger than the other, and lines that lean together or apart.
        x, y = x * (1 + warp[0] * y + warp[1] * x), y * (1 + warp[2] * x + warp[3] * y)
        x = x + slant * y
        cos, sin = math.cos(turn), math.sin(turn)
        return np.stack([cos * x - sin * y, sin * x + cos * y], axis=1)

    def _times(self, points: Points, ends: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """ms of each point: slower where the line turns, a pause before each stroke."""
        step = np.diff(points, axis=0, prepend=points[:1])
        length = np.hypot(step[:, 0], step[:, 1])
        heading = np.arctan2(step[:, 1], step[:, 0])
        turning = np.abs(np.angle(np.exp(1j * np.diff(heading, prepend=heading[:1]))))
        speed = SPEED_PX_PER_MS * (0.5 + self.haste)
        duration = length / speed * (1 + CURVE_SLOWING * turning / (1 + length))
        duration[ends] += PAUSE_MS * self.rng.uniform(0.4, 1.6, len(ends))
        times: npt.NDArray[np.float64] = np.rint(np.cumsum(duration))
        return times

    # --- how a stroke comes out --------------------------------------------------

    def _draw(self, points: Points, closed: bool = False) -> None:
        """Add an ideal line as this hand draws it."""
        points = points * self._scale + self._offset
        if closed:
            points = self._closed(points)
        elif len(points) > 2 and self.chance(0.15):
            points = points[::-1]
        n = len(points)
        extent = float(np.max(np.max(points, axis=0) - np.min(points, axis=0)))
        basis = _wobble_basis(n)
        size = WOBBLE * (0.3 + self.haste) * extent + TREMOR
        # A hand cannot shake within a short line as often as along a long one.
        slow = 1 / (1 + (SHORTEST_WAVE * WOBBLE_WAVES / (extent + 0.01)) ** 2)
        coefficients = self.rng.standard_normal((2, len(slow), 2)) * slow[:, None]
        misplaced = MISPLACE * self.haste * min(1.0, 2 * extent + 0.2)
        points = (
            points
            + size * (basis @ coefficients.reshape(-1, 2))
            + misplaced * self.rng.standard_normal(2)
        )
        if n > 30 and self.chance(0.1 * self.haste):  # the pen lifts midway and goes on
            cut = self.count(n // 3, 2 * n // 3)
            self._strokes += [points[:cut], points[cut - self.count(-1, 2) :]]
        else:
            self._strokes.append(points)

    def _closed(self, points: Points) -> Points:
        """A closed line drawn on past its start, or stopped short of it."""
        n = len(points)
        extra = round(n * CLOSURE * (0.2 + 1.6 * self.haste) * float(self.rng.standard_normal()))
        extra = max(extra, -n // 4)  # beyond a quarter it is another shape
        if extra > 0:
            return np.concatenate([points, points[1 : extra + 1]])
        return points[: n + extra] if extra else points


def _fitted(points: Points) -> Points:
    """Units to px, centred on the canvas, smaller only where it would not fit."""
    low, high = np.min(points, axis=0), np.max(points, axis=0)
    scale = min(UNIT_PX, float(np.min((np.array(CANVAS) - 2 * MARGIN) / (high - low + 1e-9))))
    fitted: Points = (points - (low + high) / 2) * scale + np.array(CANVAS) / 2
    return fitted


def _ellipse(
    x: float,
    y: float,
    rx: float,
    ry: float,
    tilt: float,
    angles: npt.NDArray[np.float64],
    radius: float | npt.NDArray[np.float64],
) -> Points:
    u, v = rx * radius * np.cos(angles), ry * radius * np.sin(angles)
    cos, sin = math.cos(tilt), math.sin(tilt)
    return np.stack([x + cos * u - sin * v, y + sin * u + cos * v], axis=1)


@lru_cache(maxsize=64)
def _along(n: int) -> npt.NDArray[np.float64]:
    return np.linspace(0, 1, n)


@lru_cache(maxsize=256)
def _wobble_basis(n: int) -> Points:
    """Slow waves along n points: (n, 2 waves), columns of falling size."""
    phase = math.tau * np.linspace(0, 1, n)[:, None] * WOBBLE_WAVES
    size = 1 / (1 + WOBBLE_WAVES) ** 1.3
    return np.concatenate([np.cos(phase) * size, np.sin(phase) * size], axis=1)


@lru_cache(maxsize=256)
def _smooth_basis(k: int, closed: bool) -> Points:
    """Catmull-Rom weights (n, k): samples of the spline through k points are weights @ points."""
    segments = k if closed else k - 1
    u = np.linspace(0, 1, SAMPLES, endpoint=False)
    weights = 0.5 * np.stack(
        [-u + 2 * u**2 - u**3, 2 - 5 * u**2 + 3 * u**3, u + 4 * u**2 - 3 * u**3, -(u**2) + u**3]
    )
    basis = np.zeros((segments * SAMPLES + 1, k))
    for s in range(segments):
        rows = slice(s * SAMPLES, (s + 1) * SAMPLES)
        for j in range(4):
            at = s + j - 1
            basis[rows, at % k if closed else min(max(at, 0), k - 1)] += weights[j]
    basis[-1] = basis[0] if closed else np.eye(k)[-1]
    return basis


@lru_cache(maxsize=256)
def _corner_basis(k: int, closed: bool, rounding: float) -> Points:
    """Weights (n, k) of the polyline through k points, each corner cut by a parabola."""
    sides = k if closed else k - 1
    u = np.linspace(0, 1, SAMPLES, endpoint=False)
    basis = np.zeros((sides * SAMPLES + 1, k))
    for s in range(sides):
        rows = np.arange(s * SAMPLES, (s + 1) * SAMPLES)
        basis[rows, s] += 1 - u
        basis[rows, (s + 1) % k] += u
        for at, near in (
            ((s, 1 - u / rounding), (s + 1, 1 - (1 - u) / rounding)) if rounding else ()
        ):
            if not closed and at in (0, sides):
                continue
            # Within `rounding` of a corner c between p and q, the line moves
            # towards the other side by (near²/4) rounding (p + q - 2c).
            pull = np.where(near > 0, near, 0.0) ** 2 * rounding / 4
            basis[rows, (at - 1) % k] += pull
            basis[rows, (at + 1) % k] += pull
            basis[rows, at % k] -= 2 * pull
    basis[-1] = basis[0] if closed else np.eye(k)[-1]
    return basis
