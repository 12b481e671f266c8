"""A clean line as hands sketch it: several strokes that search for it, and mean it together.

A line is cut at its corners; each run is covered by overlapping arcs, some of them drawn again
and again. An arc is shifted, turned, drawn straighter than it should be, drifts slowly, runs
past its end and may hook there. What all arcs of a run stray *on average* is taken away
again, place by place, so that the clean line stays the middle of the rough ones: that
is what a network is asked to find. How far and how often stands in sketching_habits.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ..strokes import Drawing, Stroke
from .even_lines import Box, EvenLine, Points, even_lines
from .sketching_habits import USUAL_LENGTH, Habits

# px from point to point of a line as it is worked on, at a unit of 1: bends of 8 px stay.
STEP = 3.0
# Lines longer than this, px, are drawn with a longer sweep.
LONG_LINE = 300.0
# Arcs are never shorter than this, px: below, a hand makes dabs.
SHORTEST_ARC = 24.0
# The mean stray is taken away smoothed over this many px, so that a line does not jump
# where an arc begins.
MEAN_WINDOW = 30.0
# Waves of a hand's drift and of its tremor, px.
DRIFT_WAVES = (80.0, 360.0)
TREMOR_WAVES = (15.0, 45.0)
MOST_ARCS = 60


def roughen_strokes(
    drawing: Drawing, habits: Habits, rng: np.random.Generator, window: Box | None = None
) -> Drawing:
    """A drawing whose lines are redrawn by hand; solid areas and dots stay as they are.

    Args:
        window: box x0, y0, x1, y1 in px; strokes that surely do not touch it are left out.

    Returns:
        strokes with pressure, and with the widths of those they were made from.
    """
    made: list[Stroke] = []
    for stroke in drawing.strokes:
        made += sketch_stroke(stroke, habits, rng, window)
    return drawing.with_strokes(made)


def sketch_stroke(
    stroke: Stroke, habits: Habits, rng: np.random.Generator, window: Box | None = None
) -> list[Stroke]:
    """The hand-drawn strokes of one clean stroke, in the order they are drawn."""
    if stroke.fill:
        return [stroke]
    runs = even_lines(stroke.points, STEP * habits.unit)
    if not runs:
        return [stroke]
    made: list[Stroke] = []
    for run in runs if stroke.pressure is not None else _either_way(runs, rng):
        made += sketch_run(run, stroke, habits, rng, window, len(runs) == 1)
    return made


def thick_strokes(
    stroke: Stroke,
    width: float,
    pencil: float,
    habits: Habits,
    rng: np.random.Generator,
    window: Box | None = None,
) -> list[Stroke]:
    """A thick line made of thin strokes, side by side and close enough to fill it.

    Args:
        width: of the line, px.
        pencil: width of the pencil's line, px.
    """
    rows = max(2, math.ceil((width - pencil) / (0.8 * pencil)) + 1)
    aside = np.linspace(-0.5, 0.5, rows) * max(width - pencil, 0.0)
    one = replace(
        habits, cover=1.0, scatter=0.15 * pencil, growth=0.0, overlap=0.15, flatten=0.0, hook=0.02
    )
    made: list[Stroke] = []
    for run in even_lines(stroke.points, STEP * habits.unit):
        along = np.gradient(run.points, axis=0)
        normal = np.stack([-along[:, 1], along[:, 0]], axis=1)
        normal /= np.maximum(np.hypot(normal[:, 0], normal[:, 1]), 1e-9)[:, None]
        for row in rng.permutation(rows):
            beside = EvenLine(run.points + aside[row] * normal, run.length, run.closed)
            made += sketch_run(beside, stroke, one, rng, window)
    return made


def sketch_run(
    run: EvenLine,
    stroke: Stroke,
    habits: Habits,
    rng: np.random.Generator,
    window: Box | None = None,
    bare: bool = True,
) -> list[Stroke]:
    """The hand-drawn strokes of one run of a clean stroke; `bare` as `lay_arcs`."""
    strays, places = _draw_run(run, habits, rng, window, bare)
    along = _pressure_along(stroke) if bare else None
    made: list[Stroke] = []
    for (s, _), points in zip(strays, places, strict=True):
        pressure = _pressure(s, habits, rng)
        if along is not None:
            pressure = np.clip(pressure / 0.6, 0.5, 1.2) * np.interp(s / run.length, *along)
        made.append(
            Stroke(
                points.astype(np.float32),
                pressure=pressure.astype(np.float32),
                color=stroke.color,
                width=stroke.width,
                layer=stroke.layer,
            )
        )
    return made


def _draw_run(
    run: EvenLine,
    habits: Habits,
    rng: np.random.Generator,
    window: Box | None,
    bare: bool,
) -> tuple[list[tuple[Points, Points]], list[Points]]:
    """Arcs as (arc lengths, strays from the line), and their points, of what touches the window."""
    size = min(max(run.length / (USUAL_LENGTH * habits.unit), 0.04), 6.0)
    scatter = min(habits.scatter * size**habits.growth, habits.room)
    arcs = lay_arcs(run.length, run.closed, habits, rng, bare)
    strays: list[tuple[Points, Points]] = []
    for begin, end in arcs:
        if window is not None and not run.touches(window, begin, end, 5 * scatter + SHORTEST_ARC):
            continue
        n = max(3, math.ceil((end - begin) / (STEP * habits.unit)) + 1)
        s = begin + np.arange(n) * ((end - begin) / (n - 1))
        strays.append((s, _stray(run, s, scatter, habits, rng)))
    if not strays:
        return [], []
    _centre(run, strays, MEAN_WINDOW * habits.unit)
    kept, places = [], []
    for s, stray in strays:
        points = run.at(s) + stray
        points = _hooked(points, habits, rng)
        if window is None or _touches(points, window):
            kept.append((s, stray))
            places.append(points)
    return kept, places


def lay_arcs(
    length: float, closed: bool, habits: Habits, rng: np.random.Generator, bare: bool = True
) -> list[tuple[float, float]]:
    """Where the arcs of a run begin and end, in arc length; open runs may be run past.

    Args:
        bare: whether the run's ends are free; at a corner, hands run past more than short.
    """
    longer = max(length / (LONG_LINE * habits.unit), 1.0) ** 0.6
    arc = min(habits.arc * longer * math.exp(0.25 * rng.standard_normal()), length)
    arc = max(arc, min(length, SHORTEST_ARC * habits.unit))
    n = min(max(1, round(length / arc)), MOST_ARCS)
    whole = n == 1
    joints = np.arange(n + 1) * length / n
    if closed:
        joints = joints + rng.uniform(0, length)
    elif n > 1:
        joints[1:-1] += rng.uniform(-0.2, 0.2, n - 1) * length / n
    arcs: list[tuple[float, float]] = []
    reach = min(habits.overshoot, 0.12 * length)
    for a, b in pairwise(joints.tolist()):
        into = habits.overlap * (b - a) * rng.uniform(0.4, 1.6, 2)
        arcs.append((a - into[0] / 2, b + into[1] / 2))
    extra = (habits.cover - 1 - max(habits.overlap, 0)) * n
    for _ in range(min(int(rng.poisson(max(extra, 0.0))), MOST_ARCS)):
        span = arc * math.exp(0.35 * rng.standard_normal())
        if closed:
            begin = rng.uniform(0, length)
            arcs.append((begin, begin + min(span, 1.6 * length)))
            continue
        if whole or span > 0.85 * length:
            arcs.append((0.0, length))
            continue
        begin = rng.uniform(-0.3 * span, length - 0.7 * span)
        arcs.append((max(begin, 0.0), min(begin + span, length)))
    if closed:
        return arcs
    # Ends: short of the line or past it; at corners mostly past it.
    bias = 0.0 if bare else 0.5
    ended = []
    for begin, end in arcs:
        past = reach * (rng.standard_normal(2) * 0.7 + bias)
        if begin <= 0.02 * length:
            begin = -float(past[0])
        if end >= 0.98 * length:
            end = length + float(past[1])
        if end - begin < 0.2 * length / n:
            begin, end = 0.0, length
        ended.append((begin, end))
    return ended


def _stray(
    run: EvenLine, s: Points, scatter: float, habits: Habits, rng: np.random.Generator
) -> Points:
    """How far one arc is drawn from its place, (n, 2) px."""
    n = len(s)
    length = float(s[-1] - s[0])
    stray = np.repeat(scatter * rng.standard_normal((1, 2)), n, axis=0)
    # Turned and stretched about its middle: ends stray by scatter * turn.
    line = run.at(s)
    middle = line - line.mean(axis=0)
    reach = max(float(np.abs(middle).max()), 1.0)
    shear = habits.turn * scatter / reach * rng.standard_normal((2, 2)) * (1.0, 0.7)
    stray += middle @ shear
    stray += habits.drift * scatter * _waves(s, DRIFT_WAVES, habits.unit, min(1, length / 80), rng)
    if habits.tremor > 0:
        stray += habits.tremor * _waves(s, TREMOR_WAVES, habits.unit, 1.0, rng)
    if habits.flatten > 0 and n > 4:
        # Towards the straight line that fits the arc best: its mean stays where it is.
        u = s - s.mean()
        slope = (u @ middle) / max(float(u @ u), 1e-9)
        to_line = u[:, None] * slope - middle
        bulge = float(np.hypot(to_line[:, 0], to_line[:, 1]).max())
        most = min(habits.flatten, 2.5 * scatter / max(bulge, 1e-9))
        stray += rng.uniform(0, most) * to_line
    return stray


def _waves(
    s: Points, waves: tuple[float, float], unit: float, size: float, rng: np.random.Generator
) -> Points:
    """Three waves of about unit size along s, (n, 2)."""
    length = np.exp(rng.uniform(math.log(waves[0]), math.log(waves[1]), (1, 3))) * unit
    phase = rng.uniform(0, math.tau, (1, 3))
    sines = np.sin(s[:, None] * (math.tau / length) + phase)
    made: Points = sines @ (rng.standard_normal((3, 2)) * size * 0.8)
    return made


def _centre(run: EvenLine, strays: Sequence[tuple[Points, Points]], window: float) -> None:
    """Take from all arcs what they stray on average at each place of the run; in place, within
    this file."""
    step = max(run.length / 400, run.step)
    n = max(3, math.ceil(run.length / step) + 1)
    total = np.zeros((n, 3))
    grid = np.arange(n) * (run.length / (n - 1))
    spots = []
    for s, stray in strays:
        at = np.mod(s, run.length) if run.closed else np.clip(s, 0, run.length)
        cell = np.minimum((at * ((n - 1) / run.length) + 0.5).astype(np.int64), n - 1)
        inside = slice(None) if run.closed else (s >= 0) & (s <= run.length)
        for k in (0, 1):
            total[:, k] += np.bincount(cell[inside], stray[inside][:, k], n)
        total[:, 2] += np.bincount(cell[inside], minlength=n)
        spots.append(at)
    radius = max(1, min(round(window * (n - 1) / run.length), (n - 1) // 2))
    kernel = np.hanning(2 * radius + 3)[1:-1]
    if run.closed:
        total = np.concatenate([total[-radius:], total, total[:radius]])
    # Zeros beyond an open run's ends count for nothing: strays and counts are smoothed alike.
    mode = "valid" if run.closed else "same"
    sums = np.stack([np.convolve(total[:, k], kernel, mode) for k in range(3)], axis=1)
    mean = sums[:, :2] / np.maximum(sums[:, 2:], 1e-9)
    for at, (_, stray) in zip(spots, strays, strict=True):
        for k in (0, 1):
            stray[:, k] -= np.interp(at, grid, mean[:, k])


def _hooked(points: Points, habits: Habits, rng: np.random.Generator) -> Points:
    """The stroke with its ends bent aside, where they hook."""
    for end in (0, 1):
        if rng.random() >= habits.hook or len(points) < 6:
            continue
        line = points[::-1] if end else points
        reach = min(rng.uniform(5, 14) * habits.unit, 0.3 * STEP * habits.unit * len(points))
        along = np.arange(len(line)) * STEP * habits.unit
        share = np.maximum(1 - along / reach, 0.0) ** 2
        ahead = line[1] - line[0]
        aside = np.array([-ahead[1], ahead[0]]) / max(float(np.hypot(*ahead)), 1e-9)
        bend = rng.choice((-1.0, 1.0)) * rng.uniform(0.3, 0.9) * reach
        line = line + share[:, None] * bend * aside
        points = line[::-1] if end else line
    return points


def _pressure(s: Points, habits: Habits, rng: np.random.Generator) -> Points:
    """Pressure along a stroke, (n,): pressed in the middle, coming and going at its ends."""
    length = float(s[-1] - s[0])
    level = 0.6 + habits.pressure * float(rng.standard_normal())
    into, out = np.minimum(habits.taper * np.exp(0.5 * rng.standard_normal(2)), 0.45 * length)
    u = s - s[0]
    ramp = np.minimum(1.0, 0.3 + 0.7 * u / max(into, 1e-6))
    ramp *= np.minimum(1.0, 0.25 + 0.75 * (length - u) / max(out, 1e-6))
    wave = 1 + 0.12 * np.sin(
        u * (math.tau / max(length, 1)) * rng.uniform(0.5, 2.5) + rng.uniform(0, 6)
    )
    return np.clip(level * ramp * wave, 0.08, 1.0)


def _pressure_along(stroke: Stroke) -> tuple[Points, Points] | None:
    """Places 0 to 1 and pressure of a clean stroke that has one."""
    if stroke.pressure is None:
        return None
    step = np.hypot(*np.diff(stroke.points, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(step)])
    return along / max(float(along[-1]), 1e-9), stroke.pressure.astype(np.float64)


def _either_way(runs: list[EvenLine], rng: np.random.Generator) -> list[EvenLine]:
    """Runs in drawing order; half the hands draw each from either end."""
    if rng.random() < 0.5:
        return runs
    return [
        EvenLine(run.points[::-1], run.length, run.closed) if rng.random() < 0.4 else run
        for run in runs
    ]


def _touches(points: npt.NDArray[np.floating], window: Box) -> bool:
    low, high = points.min(axis=0), points.max(axis=0)
    return bool(
        low[0] <= window[2]
        and high[0] >= window[0]
        and low[1] <= window[3]
        and high[1] >= window[1]
    )
