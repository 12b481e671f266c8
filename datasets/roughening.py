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
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from ..strokes import Drawing, Stroke
from ..strokes.errors import LineworkError
from .even_lines import Box
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
from .rough_strokes import sketch_stroke, thick_strokes
from .sketch_scene import (
    LINE_WIDTH,
    THINNEST,
    draw_clean,
    emptiest_spot,
    gaps_beside,
    is_near,
    length_inside,
    longest_side,
    place_drawing,
    with_widths,
)
from .sketching_habits import Habits, random_habits

# Patches with less ink than this share of their px are drawn anew, this often at most.
LEAST_INK = 0.004
TRIES = 6
# Scatter, a standard deviation, over the distance to the next line: beyond it nobody, a network
# included, can tell whose stroke is whose.
KEPT_APART = 0.3
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
        self._drawings = [d for d in drawings if longest_side(d) > 0]
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
            across = math.exp(rng.uniform(math.log(least), math.log(most))) * unit
            if number:
                across *= rng.uniform(0.4, 0.9)
            placed = place_drawing(drawing, across, emptiest_spot(strokes, size, rng), size, rng)
            strokes += with_widths(placed, usual, unit, rng)
            if sum(length_inside(s.points, size) for s in strokes) > wanted:
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
    near = [stroke for stroke in scene.strokes if is_near(stroke, window)]
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


def _with_additions(
    density: Density, scene: Drawing, unit: float, rng: np.random.Generator
) -> Density:
    """Ink of what stands on a sketch beside its lines, added to it or rubbed out of it."""
    size = density.shape[0]
    light = PENCILS["hard pencil"].scaled(unit)
    light = replace(light, opacity=light.opacity * rng.uniform(0.35, 0.8))
    near = scene.with_strokes([s for s in scene.strokes if is_near(s, (0, 0, size, size))])
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
