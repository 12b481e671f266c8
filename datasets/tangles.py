"""Pattern tiles drawn by rules, as strokes: what a zentangle is filled with.

Each is a drawing that wobbles a little, as a pen does, wider than what is shown of it, so that no
line ends inside. The names are those that people who draw zentangles use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from ..strokes import Drawing, Stroke
from ..strokes.errors import LineworkError

Points = npt.NDArray[np.float64]
Lines = Iterator[Points]

# px of a tile's side, of a line, and what a hand is off by.
SIDE, PEN, WOBBLE = 160.0, 2.0, 0.5
# px beyond the tile where lines end.
_BEYOND = 30.0


def tangle(name: str, rng: np.random.Generator) -> Drawing:
    """A tile of 160 px.

    Raises:
        LineworkError: no such pattern.
    """
    if name not in TANGLES:
        raise LineworkError(f"{name!r} is no pattern; there are {', '.join(TANGLES)}")
    strokes = [
        Stroke(points.astype(np.float32), width=PEN)
        for line in TANGLES[name](rng)
        for points in _inside(_wobbled(line, rng))
    ]
    return Drawing(tuple(strokes), size=(SIDE, SIDE), label=name)


def _wobbled(line: Points, rng: np.random.Generator) -> Points:
    """A line as a hand draws it: off by a slow wave."""
    phase = rng.uniform(0, 2 * np.pi, 2)
    along = np.linspace(0, 1, len(line))[:, None] * rng.uniform(3, 7) + phase
    return line + WOBBLE * np.sin(along)


def _inside(line: Points) -> Iterator[Points]:
    """The parts of a line that are on the tile or next to it."""
    near = ((line > -PEN) & (line < SIDE + PEN)).all(axis=1)
    cuts = np.flatnonzero(np.diff(near.astype(np.int8))) + 1
    for part, shown in zip(np.split(line, cuts), np.split(near, cuts), strict=True):
        if shown[0] and len(part) > 1:
            yield part


def _straight(a: npt.ArrayLike, b: npt.ArrayLike, points: int = 24) -> Points:
    share = np.linspace(0, 1, points)[:, None]
    return np.asarray(a) * (1 - share) + np.asarray(b) * share


def _arc(x: float, y: float, radius: float, first: float, last: float) -> Points:
    angle = np.linspace(first, last, max(8, round(radius * abs(last - first) / 2)))
    return np.column_stack([x + radius * np.cos(angle), y + radius * np.sin(angle)])


def _hatch(rng: np.random.Generator) -> Lines:
    """Two directions in a board of squares."""
    cell = SIDE / 4
    for row in range(4):
        for column in range(4):
            x, y = column * cell, row * cell
            for k in np.arange(0, cell, 6.7):
                if (row + column) % 2:
                    yield _straight((x, y + k), (x + cell, y + k), 8)
                else:
                    yield _straight((x + k, y), (x + k, y + cell), 8)


def _scales(rng: np.random.Generator) -> Lines:
    """Rows of half circles, each row between those above, with a smaller one inside."""
    radius = 16.0
    for row, y in enumerate(np.arange(-radius, SIDE + radius, radius)):
        for x in np.arange(-radius, SIDE + 2 * radius, 2 * radius):
            for inner in (radius, radius * 0.55):
                yield _arc(x + radius * (row % 2), y, inner, 0, np.pi)


def _bubbles(rng: np.random.Generator) -> Lines:
    """Circles of all sizes that touch and do not cross, some with a light."""
    placed: list[tuple[float, float, float]] = []
    for radius in (22.0, 16.0, 11.0, 7.0, 4.5, 3.0):
        for _ in range(260):
            x, y = rng.uniform(-_BEYOND, SIDE + _BEYOND, 2)
            if all(np.hypot(x - a, y - b) > radius + r + 2.5 for a, b, r in placed):
                placed.append((x, y, radius))
    for x, y, radius in placed:
        start = rng.uniform(0, 2 * np.pi)
        yield _arc(x, y, radius, start, start + 2 * np.pi)
        if radius > 6:
            yield _arc(x, y, radius * 0.6, np.pi * 1.05, np.pi * 1.45)


def _waves(rng: np.random.Generator) -> Lines:
    """Long waves, close together, drifting apart and together."""
    x = np.linspace(-_BEYOND, SIDE + _BEYOND, 90)
    for k, y in enumerate(np.arange(-_BEYOND, SIDE + _BEYOND, 9.0)):
        yield np.column_stack([x, y + 9 * np.sin(x / 15) + 2.5 * np.sin(k * 0.9 + x / 31)])


def _leaves(rng: np.random.Generator) -> Lines:
    """Stems with pairs of leaves, each with its rib."""
    for x in np.arange(10, SIDE + _BEYOND, 40.0):
        y = np.linspace(-_BEYOND, SIDE + _BEYOND, 40)
        yield np.column_stack([x + 3 * np.sin(y / 18), y])
        for stem in np.arange(-_BEYOND, SIDE + _BEYOND, 26.0):
            for side in (-1, 1):
                root = np.array([x + 3 * np.sin(stem / 18), stem])
                tip = root + np.array([side * 17, -14])
                swell = np.sin(np.linspace(0, np.pi, 16))[:, None] * np.array([side * 2.4, 4.6])
                yield _straight(root, tip, 16) + swell
                yield _straight(root, tip, 16) - swell
                yield _straight(root, root + (tip - root) * 0.8, 8)


def _paradox(rng: np.random.Generator) -> Lines:
    """Squares of turning lines (Rick's paradox): each side starts where the last one ended."""
    cell = SIDE / 2
    for row in range(2):
        for column in range(2):
            corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) * cell
            corners += np.array([column, row]) * cell
            if (row + column) % 2:
                corners = corners[::-1]
            for _ in range(11):
                for k in range(4):
                    following = corners[(k + 1) % 4]
                    target = following + (corners[(k + 2) % 4] - following) * 0.14
                    yield _straight(corners[k], target, 12)
                    corners[(k + 1) % 4] = target


def _florets(rng: np.random.Generator) -> Lines:
    """Flowers of five petals on a shifted grid, dots between."""
    for row, y in enumerate(np.arange(0, SIDE + _BEYOND, 40.0)):
        for x in np.arange(20 * (row % 2) - 20, SIDE + _BEYOND, 40.0):
            turn = rng.uniform(0, np.pi)
            yield _arc(x, y, 3.5, 0, 2 * np.pi)
            for petal in range(5):
                angle = turn + petal * 2 * np.pi / 5
                yield _arc(
                    x + 10 * np.cos(angle), y + 10 * np.sin(angle), 6.0, angle - 2.4, angle + 2.4
                )
            yield _arc(x + 20, y, 1.4, 0, 2 * np.pi)


def _bricks(rng: np.random.Generator) -> Lines:
    """Courses of bricks with rounded inner outlines."""
    for row, y in enumerate(np.arange(0, SIDE + _BEYOND, 20.0)):
        yield _straight((-_BEYOND, y), (SIDE + _BEYOND, y), 40)
        for x in np.arange(20 * (row % 2) - 40, SIDE + _BEYOND, 40.0):
            yield _straight((x, y), (x, y + 20), 8)
            if rng.random() < 0.5:
                for k in (6.0, 11.0, 16.0):
                    yield _straight((x + 5, y + k - 1), (x + 35, y + k - 1), 8)


TANGLES: dict[str, Callable[[np.random.Generator], Lines]] = {
    "hatch": _hatch,
    "scales": _scales,
    "bubbles": _bubbles,
    "waves": _waves,
    "leaves": _leaves,
    "paradox": _paradox,
    "florets": _florets,
    "bricks": _bricks,
}
