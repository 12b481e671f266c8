"""What a sketch holds beside its lines: construction lines, hatching, scribbled fills, stray marks.

None of it is meant, so none of it is in the clean picture, but for the areas that scribbles
fill. Every function gives strokes in px of the picture with pressure, drawn lightly.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ..strokes import Drawing, Stroke
from .even_lines import EvenLine, Points, even_lines

# Straight helper lines get a point every this many px, so that they can bow.
_STEP = 12.0


def construction_lines(
    drawing: Drawing, unit: float, rng: np.random.Generator, most: int = 6
) -> list[Stroke]:
    """Axes, boxes, ovals around parts and long tangents, as one lays out a drawing.

    Args:
        unit: px of what is 1 px in a drawing of 1000 px.
        most: lines at most.
    """
    parts = [s.points.astype(np.float64) for s in drawing.strokes if len(s) > 2]
    if not parts:
        return []
    made: list[Points] = []
    for _ in range(int(rng.integers(1, most + 1))):
        part = parts[rng.integers(len(parts))]
        low, high = part.min(axis=0), part.max(axis=0)
        middle, half = (low + high) / 2, (high - low) / 2 + 4 * unit
        kind = rng.random()
        if kind < 0.3:  # an axis through the part
            way = _way(rng.normal(0, 0.1) + rng.choice((0.0, math.pi / 2)))
            reach = float(np.hypot(*half)) * rng.uniform(0.9, 1.4)
            made.append(np.array([middle - reach * way, middle + reach * way]))
        elif kind < 0.5:  # an oval around it, gone round once or twice
            angle = rng.uniform(0, 6.3) + np.linspace(0, math.tau * rng.uniform(0.9, 2.2), 120)
            drift = np.linspace(0.98, 1.03, 120)[:, None]
            made.append(
                middle
                + drift
                * half
                * rng.uniform(0.9, 1.15)
                * np.stack([np.cos(angle), np.sin(angle)], 1)
            )
        elif kind < 0.65:  # a box around it, its sides running past the corners
            for axis in (0, 1):
                for side in (-1, 1):
                    ends = np.array([middle, middle])
                    ends[:, axis] += side * half[axis]
                    ends[:, 1 - axis] += (
                        half[1 - axis] * np.array([-1, 1]) * rng.uniform(1.02, 1.3, 2)
                    )
                    made.append(ends)
        else:  # a tangent, drawn on past both ends
            runs = even_lines(part, 6 * unit)
            if not runs:
                continue
            run = runs[rng.integers(len(runs))]
            at = run.points[rng.integers(len(run.points))]
            way = run.direction(int(rng.choice((0, -1))))
            reach = rng.uniform(60, 350, 2)[:, None] * unit
            made.append(at + np.array([[-1.0], [1.0]]) * reach * way)
    return [_light(_bowed(line, unit, rng), rng, 0.4) for line in made]


def hatching(
    outline: npt.ArrayLike, unit: float, rng: np.random.Generator, spacing: float | None = None
) -> list[Stroke]:
    """Parallel strokes inside a closed outline, crossed by others now and then.

    Args:
        outline: (n, 2) px.
        spacing: px from stroke to stroke.
    """
    ring = np.asarray(outline, np.float64)
    gap = rng.uniform(5, 14) * unit if spacing is None else spacing
    angle = rng.uniform(0, math.pi)
    made: list[Stroke] = []
    for turn in (0.0, rng.uniform(0.8, 1.6))[: 1 + int(rng.random() < 0.3)]:
        for a, b in inside_lines(ring, angle + turn, gap, rng):
            short = rng.uniform(-0.05, 0.1, 2)
            line = np.array([a + short[0] * (b - a), b - short[1] * (b - a)])
            made.append(_light(_bowed(line, unit, rng), rng, 0.4))
    return made


def scribble(
    outline: npt.ArrayLike, width: float, unit: float, rng: np.random.Generator
) -> list[Stroke]:
    """A solid area filled by a pencil that goes to and fro, in one or two directions.

    Args:
        outline: (n, 2) px.
        width: of the pencil's line, px; runs lie about so far apart.
    """
    ring = np.asarray(outline, np.float64)
    angle = rng.uniform(0, math.pi)
    made: list[Stroke] = []
    for turn in (0.0, rng.uniform(0.4, 1.6))[: 1 + int(rng.random() < 0.7)]:
        path: list[Points] = []
        for i, (a, b) in enumerate(
            inside_lines(ring, angle + turn, width * rng.uniform(0.5, 0.9), rng)
        ):
            slip = rng.normal(0, 0.8 * unit, (2, 2))
            ends = (np.array([a, b]) if i % 2 else np.array([b, a])) + slip
            if path and float(np.hypot(*(ends[0] - path[-1][1]))) > 6 * width + 8 * unit:
                made.append(_light(np.concatenate(path), rng, 0.7))
                path = []
            path.append(ends)
        if path:
            made.append(_light(np.concatenate(path), rng, 0.7))
    return made


def stray_marks(size: int, unit: float, rng: np.random.Generator) -> list[Stroke]:
    """Dabs, ticks, a testing scribble, a word that cannot be read."""
    made: list[Stroke] = []
    for _ in range(int(rng.integers(1, 5))):
        at = rng.uniform(0, size, 2)
        kind = rng.random()
        if kind < 0.5:
            way = _way(rng.uniform(0, math.tau)) * rng.uniform(2, 14) * unit
            line = at + np.array([[0.0], [1.0]]) * way
        elif kind < 0.8:
            line = at + np.cumsum(rng.normal(0, 5 * unit, (6, 2)), axis=0)
        else:
            line = at + _scrawl(rng, rng.uniform(40, 120) * unit, rng.uniform(9, 18) * unit)
        made.append(_light(line, rng, 0.4))
    return made


def wrong_strokes(
    drawing: Drawing, unit: float, rng: np.random.Generator, most: int = 3
) -> list[Stroke]:
    """Lines that were tried, and then rubbed out: some of the drawing's own, out of place."""
    lines = [s for s in drawing.strokes if len(s) > 1 and not s.fill]
    made: list[Stroke] = []
    for _ in range(min(int(rng.integers(1, most + 1)), len(lines))):
        points = lines[rng.integers(len(lines))].points.astype(np.float64)
        middle = points.mean(axis=0)
        turn = rng.normal(0, 0.06)
        way = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
        moved = (points - middle) @ way * rng.uniform(0.92, 1.1) + middle
        made.append(_light(moved + rng.normal(0, 12 * unit, 2), rng, 0.6))
    return made


def inside_lines(
    ring: Points, angle: float, gap: float, rng: np.random.Generator
) -> list[tuple[Points, Points]]:
    """Parallel lines cut by a closed outline (even-odd rule), as pairs of ends, in order."""
    way, across = _way(angle), _way(angle + math.pi / 2)
    along, side = ring @ way, ring @ across
    next_along, next_side = np.roll(along, -1), np.roll(side, -1)
    found: list[tuple[Points, Points]] = []
    level = float(side.min()) + gap * rng.uniform(0.3, 0.8)
    top = float(side.max())
    while level < top and len(found) < 400:
        crossing = (side <= level) != (next_side <= level)
        share = (level - side[crossing]) / (next_side[crossing] - side[crossing])
        ends = np.sort(along[crossing] + share * (next_along - along)[crossing])
        for a, b in zip(ends[::2], ends[1::2], strict=False):
            found.append((a * way + level * across, b * way + level * across))
        level += gap * rng.uniform(0.75, 1.25)
    return found


def is_closed(stroke: Stroke) -> bool:
    """Whether a stroke ends near its beginning and has an inside."""
    if len(stroke) < 4:
        return False
    gap = float(np.hypot(*(stroke.points[-1] - stroke.points[0])))
    return gap < 0.05 * float(np.ptp(stroke.points, axis=0).max())


def _scrawl(rng: np.random.Generator, length: float, height: float) -> Points:
    """Loops like handwriting, (n, 2) from the origin to the right."""
    u = np.linspace(0, length / height * 2.6, max(12, round(length / height * 18)))
    size = np.interp(
        u, np.arange(0, u[-1] + 2), rng.uniform(0.3, 1.2, len(np.arange(0, u[-1] + 2)))
    )
    x = u * height / 2.6 + 0.35 * height * np.sin(u * 5)
    return np.stack([x, -height * size * (0.5 - 0.5 * np.cos(u * 5))], axis=1)


def _bowed(line: Points, unit: float, rng: np.random.Generator) -> Points:
    """A helper line as a hand draws it: two ends become a slightly bowed curve."""
    if len(line) != 2:
        run = even_lines(line, _STEP * unit)
        return _shaky(run[0], unit, rng) if len(run) == 1 else line
    length = float(np.hypot(*(line[1] - line[0])))
    u = np.linspace(0, 1, max(3, round(length / (_STEP * unit))))[:, None]
    aside = (line[1] - line[0])[::-1] * (-1, 1) / max(length, 1e-9)
    bow = min(0.012 * length, 8 * unit) * rng.standard_normal()
    made: Points = line[0] + u * (line[1] - line[0]) + 4 * u * (1 - u) * bow * aside
    return made


def _shaky(run: EvenLine, unit: float, rng: np.random.Generator) -> Points:
    u = np.linspace(0, 1, len(run.points))[:, None]
    wave = np.sin(math.tau * (u * rng.uniform(1, 3, (1, 2)) + rng.uniform(0, 1, (1, 2))))
    made: Points = run.points + 2 * unit * wave * rng.standard_normal(2)
    return made


def _light(points: Points, rng: np.random.Generator, level: float) -> Stroke:
    """A stroke whose pressure comes and goes once."""
    n = len(points)
    u = np.linspace(0, 1, n)
    pressure = (
        level * rng.uniform(0.6, 1.2) * (0.55 + 0.45 * np.sin(math.pi * u ** rng.uniform(0.6, 1.6)))
    )
    return Stroke(points.astype(np.float32), pressure=np.clip(pressure, 0.05, 1).astype(np.float32))


def _way(angle: float) -> Points:
    return np.array([math.cos(angle), math.sin(angle)])
