"""The lines that are meant, laid onto the window of a patch: places, sizes, bends, widths.

A scene is a `Drawing` in px of a square window; its strokes may reach far beyond. It is what the
clean picture shows and what rough_strokes.py redraws.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from ..strokes import Drawing, Stroke
from ..strokes.raster import add_area, add_line, average
from .even_lines import Box, Points, even_lines
from .pairs import Grey
from .rough_additions import is_closed

# Width of an intended line on a page of 1000 px.
LINE_WIDTH = 3.5
# The thinnest line of a clean picture, px: thinner ones fade into grey.
THINNEST = 1.8
SUPERSAMPLE = 4
# Share of drawings that are bent: nobody draws lines as straight and circles as round as those
# of icons, and what was not meant to be straight must not come out so.
BENT = 0.75
# Height of the waves that bend them, as a share of the wave's length.
BEND = 0.03
BEND_STEP = 6.0
# px around the window beyond which strokes mean nothing for it, how far hands may stray.
NEARBY = 120.0
# Lines are compared at every so many px, and at so many places at most.
GAP_STEP = 8.0
MOST_SPOTS = 500


def draw_clean(scene: Drawing, size: int) -> Grey:
    """The intended lines, black on white, uint8 (size, size)."""
    samples = np.full((size * SUPERSAMPLE, size * SUPERSAMPLE), 255, np.uint8)
    for stroke in scene.strokes:
        if stroke.fill:
            add_area(samples, stroke.points, supersample=SUPERSAMPLE)
        else:
            width = stroke.width or LINE_WIDTH
            for part in _inside_runs(stroke, size, width):
                add_line(
                    samples, part.points, width, supersample=SUPERSAMPLE, pressure=part.pressure
                )
    return average(samples, SUPERSAMPLE)


def emptiest_spot(strokes: Sequence[Stroke], size: int, rng: np.random.Generator) -> Points:
    """A place in the window, (2,) px, the emptiest of a few."""
    spots = rng.uniform(0.12, 0.88, (4 if strokes else 1, 2)) * size
    if not strokes:
        return spots[0]
    every = np.concatenate([s.points[:: max(1, len(s) // 60)] for s in strokes])
    away = np.hypot(*np.moveaxis(spots[:, None] - every[None], -1, 0)).min(axis=1)
    best: Points = spots[int(away.argmax())]
    return best


def place_drawing(
    drawing: Drawing, extent: float, at: Points, size: int, rng: np.random.Generator
) -> Drawing:
    """The drawing scaled, turned, mirrored and bent so that a place on its lines lies at `at`.

    Args:
        extent: its longer side, px.
        at: (2,) px of the window.
        size: of the window; strokes that lie far from it are left out.
    """
    turn = rng.uniform(0, math.tau) if rng.random() < 0.3 else rng.normal(0, 0.2)
    c, s = math.cos(turn), math.sin(turn)
    stretch = np.diag(np.exp(rng.normal(0, 0.08, 2)) * (rng.choice((-1, 1)), 1))
    shear = np.array([[1.0, rng.normal(0, 0.06)], [0.0, 1.0]])
    matrix = stretch @ shear @ np.array([[c, s], [-s, c]]) * (extent / longest_side(drawing))
    lengths = [max(float(np.ptp(p.points, axis=0).sum()), 1e-6) for p in drawing.strokes]
    odds = np.array(lengths) / sum(lengths)
    points = drawing.strokes[int(rng.choice(len(odds), p=odds))].points.astype(np.float64)
    i = int(rng.integers(max(len(points) - 1, 1)))
    share = rng.random()
    spot = points[i] * (1 - share) + points[min(i + 1, len(points) - 1)] * share
    keystone = rng.normal(0, 0.08, 2) / max(extent, 256.0) if rng.random() < 0.2 else None
    bend = _bend(extent, rng) if rng.random() < BENT else None

    def moved(around: Points) -> npt.NDArray[np.float32]:
        if bend is not None:
            runs = even_lines(around, BEND_STEP)
            if runs:
                around = np.concatenate([runs[0].points[:1], *(run.points[1:] for run in runs)])
                around = around + bend(around)
        if keystone is not None:  # the perspective of a photograph, about the spot
            around = around / np.maximum(1 + around @ keystone, 0.4)[:, None]
        return (around + at).astype(np.float32)

    reach = NEARBY + 2 * BEND * extent
    window: Box = (-reach, -reach, size + reach, size + reach)
    made: list[Stroke] = []
    for stroke in drawing.strokes:
        around = (stroke.points.astype(np.float64) - spot) @ matrix
        if _reaches(around + at, window):
            made.append(stroke.replace(points=moved(around), time=None, pressure=None))
    return drawing.with_strokes(made)


def _bend(extent: float, rng: np.random.Generator) -> Callable[[Points], Points]:
    """Slow waves over the page, which move the lines as a hand misplaces them."""
    waves = rng.uniform(0.35, 2.0, 3) * max(extent, 200.0)
    size = rng.uniform(0.2, 1.0) * BEND * waves * rng.choice((-1, 1), 3)
    angle, phase, aside = rng.uniform(0, math.tau, (3, 3))
    along = np.stack([np.cos(angle), np.sin(angle)]) * (math.tau / waves)
    shift = np.stack([np.cos(aside), np.sin(aside)], axis=1) * size[:, None]
    return lambda points: np.sin(points @ along + phase) @ shift


def with_widths(
    drawing: Drawing, usual: float, unit: float, rng: np.random.Generator
) -> list[Stroke]:
    """Strokes with the widths they are meant to have, some of them solid areas."""
    heavy = rng.random()
    solid = rng.random() < 0.10
    brushed = rng.random() < 0.06
    made: list[Stroke] = []
    for stroke in drawing.strokes:
        width = usual
        if heavy < 0.05 or (heavy < 0.12 and rng.random() < 0.3):
            width = usual * rng.uniform(1.7, 4.0)
        fill = stroke.fill or (
            solid and rng.random() < 0.5 and is_closed(stroke) and _size_of(stroke) < 260 * unit
        )
        pressure = None
        if brushed and not fill and len(stroke) > 4:
            width = usual * 1.8
            u = np.linspace(0, 1, len(stroke))
            pressure = 0.15 + 0.6 * np.sin(math.pi * u ** rng.uniform(0.5, 2.0)) ** 0.8
        made.append(stroke.replace(width=width, fill=bool(fill), pressure=pressure, time=None))
    return made


def _inside_runs(stroke: Stroke, size: int, width: float) -> list[Stroke]:
    """The stretches of a stroke that can be seen in the window."""
    low, high = -width, size + width
    points = stroke.points
    if len(points) < 2:
        return [stroke]
    a, b = np.minimum(points[:-1], points[1:]), np.maximum(points[:-1], points[1:])
    seen = (b >= low).all(axis=1) & (a <= high).all(axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], seen.astype(np.int8), [0]])))
    if len(edges) == 2 and edges[1] - edges[0] == len(seen):
        return [stroke]
    pressure = stroke.pressure
    return [
        stroke.replace(
            points=points[i : j + 1], pressure=None if pressure is None else pressure[i : j + 1]
        )
        for i, j in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    ]


def is_near(stroke: Stroke, window: Box) -> bool:
    """Whether any segment of a stroke may touch the window."""
    return _reaches(stroke.points, window)


def _reaches(points: npt.NDArray[np.floating], window: Box) -> bool:
    a, b = (points, points) if len(points) < 2 else (points[:-1], points[1:])
    low, high = np.minimum(a, b), np.maximum(a, b)
    return bool(((high >= window[:2]).all(axis=1) & (low <= window[2:]).all(axis=1)).any())


def length_inside(points: npt.NDArray[np.float32], size: int) -> float:
    """About how many px of a line lie in the window."""
    if len(points) < 2:
        return 0.0
    share = np.linspace(0.1, 0.9, 5)[:, None, None]
    places = points[:-1] * (1 - share) + points[1:] * share
    inside = ((places >= 0) & (places <= size)).all(axis=2).mean(axis=0)
    step = np.hypot(*np.diff(points, axis=0).T)
    return float((inside * step).sum())


def longest_side(drawing: Drawing) -> float:
    x0, y0, x1, y1 = drawing.bounds
    return max(x1 - x0, y1 - y0)


def _size_of(stroke: Stroke) -> float:
    return float(np.ptp(stroke.points, axis=0).max())


def gaps_beside(strokes: Sequence[Stroke], window: Box) -> list[float]:
    """How far each line lies from its neighbours, or from itself on its way back, px.

    The distance that two thirds of its places in the window have to any place of a line but those
    shortly before and after them.
    """
    if not strokes:
        return []
    step = GAP_STEP * max(1.0, (window[2] - window[0]) / 256)
    spots, along, owner = [], [], []
    for number, stroke in enumerate(strokes):
        line = stroke.points.astype(np.float64)
        length = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
        at = np.arange(0.0, length[-1] + 1e-6, step)
        places = np.stack([np.interp(at, length, line[:, k]) for k in (0, 1)], axis=1)
        inside = ((places >= window[:2]) & (places <= window[2:])).all(axis=1)
        spots.append(places[inside])
        along.append(at[inside])
        owner.append(np.full(int(inside.sum()), number))
    places, at, line_of = np.concatenate(spots), np.concatenate(along), np.concatenate(owner)
    if len(places) > MOST_SPOTS:
        some = np.linspace(0, len(places) - 1, MOST_SPOTS).astype(np.int64)
        places, at, line_of = places[some], at[some], line_of[some]
    away = np.hypot(*np.moveaxis(places[:, None] - places[None], -1, 0))
    between = np.abs(at[:, None] - at[None])
    away[(line_of[:, None] == line_of[None]) & (between < 2.5 * away + 2 * step)] = np.inf
    nearest = away.min(axis=1, initial=np.inf)
    return [
        float(np.quantile(nearest[line_of == number], 1 / 3, method="lower"))
        if (line_of == number).any()
        else math.inf
        for number in range(len(strokes))
    ]
