"""Clean drawings made rough: training pairs without end, seeded.

A patch is a window onto a page of about a thousand px: one drawing is laid so that a place on its
lines falls into the window, others fill up what is empty. Its lines as they are give the
clean picture; the same lines redrawn by hand (rough_strokes.py), with what else stands on a
sketch (rough_additions.py), drawn by some pencil (pencils.py) on some paper (papers.py), give the
rough one. Only what touches the window is drawn.

    RoughenedDrawings(drawings).patch(256, np.random.default_rng(0))
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from ..strokes import Drawing, Stroke
from ..strokes.errors import LineworkError
from ..strokes.raster import add_area, add_line, average
from .even_lines import Box, even_lines
from .pairs import Grey, Pair
from .papers import (
    WHITE,
    Paper,
    paper_tooth,
    photographed_paper,
    rub_out,
    rub_over,
    scanned_paper,
    take_picture,
)
from .pencils import PENCILS, Density, Pencil, draw_density, line_width, through_grain
from .random_lines import random_figure
from .rough_additions import (
    construction_lines,
    hatching,
    is_closed,
    scribble,
    stray_marks,
    wrong_strokes,
)
from .rough_strokes import Habits, random_habits, sketch_stroke, thick_strokes

Points = npt.NDArray[np.float64]

# Width of an intended line on a page of 1000 px.
LINE_WIDTH = 3.5
# The thinnest line of a clean picture, px: thinner ones fade into grey.
THINNEST = 1.8
SUPERSAMPLE = 4
# Patches with less ink than this share of their px are drawn anew, this often at most.
LEAST_INK = 0.004
TRIES = 6
# Share of drawings that are bent: nobody draws lines as straight and circles as round as those
# of icons, and what was not meant to be straight must not come out so.
BENT = 0.75
# Height of the waves that bend them, as a share of the wave's length.
BEND = 0.03
BEND_STEP = 6.0
# Scatter, a standard deviation, over the distance to the next line: beyond it nobody, a network
# included, can tell whose stroke is whose.
KEPT_APART = 0.3
# Lines are compared at every so many px, and at so many places at most.
GAP_STEP = 8.0
MOST_SPOTS = 500
# Drawings made of few points (Quick, Draw!, Hershey) show their corners when enlarged further.
SPARSE_EXTENT = 360.0
# px around the window within which lines are still redrawn: a stroke may stray into it.
REACH = 40.0


@dataclass(frozen=True, slots=True)
class Looks:
    """Shares of patches that look so; they need not sum to 1.

    Args:
        plain: strokes of a screen pen on white, as drawing programs give them.
        identity: the clean drawing itself, half of them on paper: it must stay as it is.
        faint: pencil of a tenth to a quarter of the contrast.
        scan: pencils and pens under a scanner.
        photo: the same under a phone.
        blank: paper alone, scanned or photographed, which means nothing.
    """

    plain: float = 0.40
    identity: float = 0.10
    faint: float = 0.10
    scan: float = 0.25
    photo: float = 0.15
    blank: float = 0.015


class RoughenedDrawings:
    """Pairs made from clean drawings and from figures drawn by rules.

    Args:
        drawings: clean ones; lines at any scale, closed lines may become solid areas.
        looks: how often patches look how.
        figures: share of drawings made by rules (random_lines.py); 1 where there are no others.
        name: what messages call this source.

    Raises:
        LineworkError: shares below 0 or all 0, or `figures` outside 0 to 1.
    """

    def __init__(
        self,
        drawings: Sequence[Drawing] = (),
        *,
        looks: Looks | None = None,
        figures: float = 0.5,
        name: str = "roughened",
    ) -> None:
        looks = looks or Looks()
        names = tuple(field.name for field in fields(Looks))
        shares = np.array([getattr(looks, look) for look in names], np.float64)
        if not (np.isfinite(shares).all() and (shares >= 0).all() and shares.sum() > 0):
            raise LineworkError(f"{looks}: wanted shares of 0 or more, one of them above 0")
        if not 0 <= figures <= 1:
            raise LineworkError(f"a share of {figures:g} figures; wanted 0 to 1")
        self.name = name
        self._looks = names
        self._odds = shares / shares.sum()
        self._drawings = [d for d in drawings if _extent(d) > 0]
        self._figures = figures if self._drawings else 1.0

    def patch(self, size: int, rng: np.random.Generator) -> Pair:
        """A pair of `size` by `size` px; the same state of `rng` gives the same bytes."""
        for _ in range(TRIES):
            look = self._looks[int(rng.choice(len(self._looks), p=self._odds))]
            if look == "blank":
                return _blank(size, rng)
            unit = _unit(look, rng)
            pencil = _pencil(look, unit, rng)
            scene = self._scene(size, unit, pencil, rng)
            clean = draw_clean(scene, size)
            if float((255 - clean).mean()) / 255 >= LEAST_INK:
                break
        return Pair(draw_rough(scene, clean, look, pencil, unit, rng), clean)

    def _scene(self, size: int, unit: float, pencil: Pencil, rng: np.random.Generator) -> Drawing:
        """Lines in px of the window, with their intended widths; some may lie outside."""
        usual = LINE_WIDTH * unit * math.exp(0.1 * rng.standard_normal())
        usual = max(usual, 1.05 * line_width(pencil), THINNEST)
        wanted = rng.uniform(0.8, 5.0) * size  # px of line
        strokes: list[Stroke] = []
        for number in range(5):
            drawing, least, most = self._choose(rng)
            extent = math.exp(rng.uniform(math.log(least), math.log(most))) * unit
            if number:
                extent *= rng.uniform(0.4, 0.9)
            placed = _place(drawing, extent, _spot(strokes, size, rng), rng)
            strokes += _with_widths(placed, usual, unit, rng)
            if sum(_length_inside(s.points, size) for s in strokes) > wanted:
                break
        return Drawing(tuple(strokes), size=(size, size))

    def _choose(self, rng: np.random.Generator) -> tuple[Drawing, float, float]:
        """A drawing and the least and largest extent it is shown at, px of a page of 1000."""
        if rng.random() < self._figures:
            return random_figure(rng), 350.0, 1200.0
        drawing = self._drawings[int(rng.integers(len(self._drawings)))]
        curved = drawing.n_points > 12 * len(drawing.strokes)
        return drawing, 110.0, 700.0 if curved else SPARSE_EXTENT


def _blank(size: int, rng: np.random.Generator) -> Pair:
    """Paper without a drawing."""
    paper = scanned_paper(rng) if rng.random() < 0.5 else photographed_paper(rng)
    nothing = np.zeros((size, size), np.float32)
    picture = take_picture(nothing, paper_tooth(size, paper.coarse, rng), paper, rng)
    return Pair(picture, np.full((size, size), 255, np.uint8))


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


def draw_rough(
    scene: Drawing, clean: Grey, look: str, pencil: Pencil, unit: float, rng: np.random.Generator
) -> Grey:
    """The rough picture of a scene in one of the `Looks`, uint8 like `clean`."""
    size = clean.shape[0]
    if look == "identity":
        if rng.random() < 0.5:
            return clean.copy()
        density = -np.log(np.maximum(clean.astype(np.float32) / 255, 0.02))
        paper = scanned_paper(rng) if rng.random() < 0.5 else photographed_paper(rng)
        return take_picture(density, paper_tooth(size, paper.coarse, rng), paper, rng)
    habits = random_habits(rng, unit)
    if pencil.width > 1.4 * LINE_WIDTH * unit:
        # Who draws with something broad does not search with it.
        habits = replace(habits, cover=min(habits.cover, 1.4), scatter=0.4 * habits.scatter)
    density = draw_sketch(scene, pencil, habits, size, rng)
    if look == "plain":
        return take_picture(density, density, WHITE, rng)
    density = _with_additions(density, scene, unit, rng)
    paper = _paper(look, rng)
    tooth = paper_tooth(size, paper.coarse, rng)
    return take_picture(through_grain(density, tooth, pencil.grain), tooth, paper, rng)


def draw_sketch(
    scene: Drawing, pencil: Pencil, habits: Habits, size: int, rng: np.random.Generator
) -> Density:
    """The lines of a scene redrawn by hand, as ink density (size, size)."""
    reach = REACH * habits.unit
    window: Box = (-reach, -reach, size + reach, size + reach)
    made: list[Stroke] = []
    own: list[Stroke] = []
    near = [stroke for stroke in scene.strokes if _near(stroke, window)]
    for stroke, gap in zip(near, gaps_beside(near, window), strict=True):
        width = stroke.width or LINE_WIDTH * habits.unit
        if stroke.fill:
            outline = stroke.replace(fill=False)
            made += sketch_stroke(outline, replace(habits, cover=1.4), rng, window)
            if rng.random() < 0.5:
                own.append(stroke)
            else:
                made += scribble(stroke.points, pencil.width, habits.unit, rng)
        elif width > 1.9 * pencil.width and rng.random() < 0.5:
            made += thick_strokes(stroke, width, line_width(pencil), habits, rng, window)
        elif width > 1.9 * pencil.width:
            few = replace(habits, cover=min(habits.cover, 1.5), scatter=0.12 * width, growth=0.0)
            own += sketch_stroke(stroke, few, rng, window)
        else:
            made += sketch_stroke(stroke, replace(habits, room=KEPT_APART * gap), rng, window)
    density = draw_density(made, pencil, size)
    if own:
        broad = replace(pencil, opacity=max(pencil.opacity, 0.8), shading=0.2)
        density = draw_density(own, broad, size, own_widths=True, density=density)
    return density


def gaps_beside(strokes: Sequence[Stroke], window: Box) -> list[float]:
    """How far each line lies from its neighbours, or from itself on its way back, px.

    The distance that two thirds of its places in the window have to any place of a line but those
    shortly before and after them.
    """
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


def _with_additions(
    density: Density, scene: Drawing, unit: float, rng: np.random.Generator
) -> Density:
    """Ink of what stands on a sketch beside its lines, added to it or rubbed out of it."""
    size = density.shape[0]
    light = PENCILS["hard pencil"].scaled(unit)
    light = replace(light, opacity=light.opacity * rng.uniform(0.35, 0.8))
    near = scene.with_strokes([s for s in scene.strokes if _near(s, (0, 0, size, size))])
    marks: list[Stroke] = []
    if rng.random() < 0.35:
        marks += construction_lines(near, unit, rng)
    if rng.random() < 0.1:
        closed = [s for s in near.strokes if not s.fill and is_closed(s)]
        for stroke in closed[: int(rng.integers(1, 3))]:
            marks += hatching(stroke.points, unit, rng)
    if rng.random() < 0.1:
        marks += stray_marks(size, unit, rng)
    if rng.random() < 0.2:
        density = rub_over(density, unit, rng)
    if marks:
        density = draw_density(marks, light, size, density=density)
    if rng.random() < 0.15 and near.strokes:
        tried = wrong_strokes(near, unit, rng)
        ghost = draw_density(tried, PENCILS["pencil"].scaled(unit), size)
        density = density + rub_out(ghost, unit, rng)
    return density


def _unit(look: str, rng: np.random.Generator) -> float:
    """px of the patch for 1 px of a page of 1000 px."""
    low, high = (0.75, 1.4) if look == "plain" else (0.6, 2.2)
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def _pencil(look: str, unit: float, rng: np.random.Generator) -> Pencil:
    if look == "plain":
        opacity = 0.55 if rng.random() < 0.6 else rng.uniform(0.35, 0.95)
        pen = PENCILS["screen pen"]
        if rng.random() < 0.15:  # a tablet's, with pressure
            pen = replace(
                pen, swing=rng.uniform(0.2, 0.8), shading=rng.uniform(0, 0.8), supersample=3
            )
        return replace(pen, width=pen.width * unit, opacity=opacity)
    names = [
        "hard pencil",
        "pencil",
        "soft pencil",
        "ballpoint",
        "fineliner",
        "marker",
        "brush pen",
    ]
    odds = [0.2, 0.3, 0.16, 0.12, 0.12, 0.04, 0.06]
    if look == "faint":
        names, odds = names[:3], [0.4, 0.4, 0.2]
    pencil = PENCILS[names[int(rng.choice(len(names), p=odds))]]
    opacity = float(np.clip(pencil.opacity * rng.uniform(0.75, 1.2), 0.1, 0.97))
    if look == "faint":  # so that the paper's contrast is the line's
        opacity = rng.uniform(0.7, 0.9)
    return replace(pencil.scaled(unit * rng.uniform(0.8, 1.25)), opacity=opacity)


def _paper(look: str, rng: np.random.Generator) -> Paper:
    if look == "photo":
        return photographed_paper(rng)
    paper = scanned_paper(rng)
    if look == "faint":
        if rng.random() < 0.3:
            paper = replace(paper, tone=1.0, texture=0.0, noise=0.0)
        contrast = rng.uniform(0.1, 0.25) / (1 - paper.black)
        return replace(
            paper,
            contrast=contrast,
            threshold=None,
            noise=min(paper.noise, 2.0),
            rules=min(paper.rules, 0.05),
        )
    return paper


def _spot(strokes: Sequence[Stroke], size: int, rng: np.random.Generator) -> Points:
    """A place in the window, (2,) px, the emptiest of a few."""
    spots = rng.uniform(0.12, 0.88, (4 if strokes else 1, 2)) * size
    if not strokes:
        return spots[0]
    every = np.concatenate([s.points[:: max(1, len(s) // 60)] for s in strokes])
    away = np.hypot(*np.moveaxis(spots[:, None] - every[None], -1, 0)).min(axis=1)
    best: Points = spots[int(away.argmax())]
    return best


def _place(drawing: Drawing, extent: float, at: Points, rng: np.random.Generator) -> Drawing:
    """The drawing scaled, turned and mirrored so that a place on its lines lies at `at`."""
    turn = rng.uniform(0, math.tau) if rng.random() < 0.3 else rng.normal(0, 0.2)
    c, s = math.cos(turn), math.sin(turn)
    stretch = np.diag(np.exp(rng.normal(0, 0.08, 2)) * (rng.choice((-1, 1)), 1))
    shear = np.array([[1.0, rng.normal(0, 0.06)], [0.0, 1.0]])
    matrix = stretch @ shear @ np.array([[c, s], [-s, c]]) * (extent / _extent(drawing))
    lengths = [max(float(np.ptp(p.points, axis=0).sum()), 1e-6) for p in drawing.strokes]
    odds = np.array(lengths) / sum(lengths)
    points = drawing.strokes[int(rng.choice(len(odds), p=odds))].points.astype(np.float64)
    i = int(rng.integers(max(len(points) - 1, 1)))
    share = rng.random()
    spot = points[i] * (1 - share) + points[min(i + 1, len(points) - 1)] * share
    keystone = rng.normal(0, 0.08, 2) / max(extent, 256.0) if rng.random() < 0.2 else None

    bend = _bend(extent, rng) if rng.random() < BENT else None

    def moved(line: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        around = (line.astype(np.float64) - spot) @ matrix
        if bend is not None:
            runs = even_lines(around, BEND_STEP)
            if runs:
                around = np.concatenate([runs[0].points[:1], *(run.points[1:] for run in runs)])
                around = around + bend(around)
        if keystone is not None:  # the perspective of a photograph, about the spot
            around = around / np.maximum(1 + around @ keystone, 0.4)[:, None]
        return (around + at).astype(np.float32)

    return drawing.map_points(moved)


def _bend(extent: float, rng: np.random.Generator) -> Callable[[Points], Points]:
    """Slow waves over the page, which move the lines as a hand misplaces them."""
    waves = rng.uniform(0.35, 2.0, 3) * max(extent, 200.0)
    size = rng.uniform(0.2, 1.0) * BEND * waves * rng.choice((-1, 1), 3)
    angle, phase, aside = rng.uniform(0, math.tau, (3, 3))
    along = np.stack([np.cos(angle), np.sin(angle)]) * (math.tau / waves)
    shift = np.stack([np.cos(aside), np.sin(aside)], axis=1) * size[:, None]
    return lambda points: np.sin(points @ along + phase) @ shift


def _with_widths(
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
            solid and rng.random() < 0.5 and is_closed(stroke) and _extent_of(stroke) < 260 * unit
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


def _near(stroke: Stroke, window: Box) -> bool:
    """Whether any segment of a stroke may touch the window."""
    points = stroke.points
    a, b = (points, points) if len(points) < 2 else (points[:-1], points[1:])
    low, high = np.minimum(a, b), np.maximum(a, b)
    return bool(((high >= window[:2]).all(axis=1) & (low <= window[2:]).all(axis=1)).any())


def _length_inside(points: npt.NDArray[np.float32], size: int) -> float:
    """About how many px of a line lie in the window."""
    if len(points) < 2:
        return 0.0
    share = np.linspace(0.1, 0.9, 5)[:, None, None]
    places = points[:-1] * (1 - share) + points[1:] * share
    inside = ((places >= 0) & (places <= size)).all(axis=2).mean(axis=0)
    step = np.hypot(*np.diff(points, axis=0).T)
    return float((inside * step).sum())


def _extent(drawing: Drawing) -> float:
    x0, y0, x1, y1 = drawing.bounds
    return max(x1 - x0, y1 - y0)


def _extent_of(stroke: Stroke) -> float:
    return float(np.ptp(stroke.points, axis=0).max())
