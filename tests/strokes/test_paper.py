"""Ink told from its paper: F1 against known strokes, and blank sheets that stay blank."""

from __future__ import annotations

import cv2
import numpy as np
import papers
import pytest
from linework.strokes import Drawing, Stroke
from linework.strokes.raster import draw_ink
from linework.strokes.trace import trace
from linework.strokes.trace.paper import find_paper, is_light_on_dark, tiles_of
from linework.strokes.trace.unruled import without_rulings

SCENE = papers.scene()
INK = papers.ink_of(SCENE)


@pytest.mark.parametrize("name", papers.SHEETS)
def test_strokes_are_found_on_any_paper(name: str) -> None:
    found = trace(papers.SHEETS[name](INK, np.random.default_rng(1)))
    precision, recall = papers.agreement(found, SCENE)
    assert precision > 0.99
    assert recall > 0.985
    assert len(found.strokes) <= len(SCENE.strokes) + 3


@pytest.mark.parametrize("name", papers.SHEETS)
def test_a_blank_sheet_is_an_empty_drawing(name: str) -> None:
    blank = papers.SHEETS[name](np.zeros_like(INK), np.random.default_rng(2))
    assert trace(blank).strokes == ()


def test_a_line_along_a_ruling_stays() -> None:
    """On ruled paper people draw along the lines."""
    gap = 40.0
    drawing = Drawing.from_arrays(
        [[(100, 4.5 * gap), (500, 4.5 * gap)], [(200, 100), (200, 300)]], size=papers.SIZE
    )
    ink = papers.ink_of(drawing)
    lines = cv2.GaussianBlur(papers.rulings(ink.shape, gap, 0.0, 1.5), (0, 0), 0.6)
    image = papers.picture(papers.inked(0.96 * (1 - 0.3 * lines), ink), np.random.default_rng(0))
    precision, recall = papers.agreement(trace(image), drawing)
    assert min(precision, recall) > 0.98


def test_a_few_lines_as_dark_as_the_rest_were_drawn() -> None:
    staves = [[(10, y), (630, y)] for y in (100, 130, 160, 190, 220)]
    drawing = Drawing.from_arrays([*staves, [(300, 80), (300, 240)]], size=papers.SIZE)
    image = papers.scan(papers.ink_of(drawing, 2.5), np.random.default_rng(0))
    assert min(papers.agreement(trace(image), drawing)) > 0.98


def test_rulings_leave_other_pictures_alone() -> None:
    density = np.asarray(np.rint(INK * 200), np.uint8)
    result, dark = without_rulings(density)
    assert result is density
    assert dark == 0


@pytest.mark.parametrize("tone", [0, 120])
def test_a_solid_area_is_ink_and_a_shadow_is_not(tone: int) -> None:
    """Both are wide and dark; a solid area's rim is sharp."""
    grey = np.full((480, 640), 240, np.uint8)
    cv2.circle(grey, (200, 200), 90, tone, -1, cv2.LINE_AA)
    paper = find_paper(tiles_of(grey))
    assert paper[50, 50] > 230
    soft = cv2.GaussianBlur(grey, (0, 0), 12.0)
    light = np.maximum(soft, 130)
    assert find_paper(tiles_of(light))[50, 50] < 160


def test_a_grey_solid_in_a_shadow_is_a_filled_shape() -> None:
    t = np.linspace(0, 2 * np.pi, 100)
    blob = Stroke(
        np.stack([200 + 60 * np.cos(t), 250 + 60 * np.sin(t)], axis=1).astype(np.float32), fill=True
    )
    lines = Drawing.from_arrays([[(30, 60), (600, 90)], [(350, 150), (600, 420)]], size=papers.SIZE)
    drawing = lines.with_strokes((*lines.strokes, blob))
    ink = cv2.GaussianBlur(1 - draw_ink(drawing, line_width=3.5) / 255.0, (0, 0), 0.7)
    found = trace(papers.phone(ink, np.random.default_rng(0)))
    assert [s.fill for s in found.strokes].count(True) == 1
    assert len(found.strokes) == 3


@pytest.mark.parametrize(
    ("paper", "ink", "light"),
    [(250, 20, False), (120, 20, False), (40, 200, True), (90, 230, True), (20, 60, True)],
)
def test_whether_lines_are_lighter_than_their_sheet(paper: int, ink: int, light: bool) -> None:
    grey = np.asarray(np.rint(paper + INK * (ink - paper)), np.uint8)
    assert is_light_on_dark(tiles_of(grey)) is light


def test_a_sheet_that_is_mostly_black_area_is_not_chalk() -> None:
    grey = np.full((300, 300), 245, np.uint8)
    cv2.rectangle(grey, (20, 20), (280, 230), 10, -1)
    cv2.line(grey, (20, 260), (280, 270), 10, 4, cv2.LINE_AA)
    assert not is_light_on_dark(tiles_of(grey))


def test_faint_and_dark_lines_are_equally_wide() -> None:
    found = trace(papers.SHEETS["pencil under ink"](INK, np.random.default_rng(3)))
    widths = [s.width for s in found.strokes if len(s.points) > 1]
    assert min(widths) > 0.75 * max(widths)


@pytest.mark.parametrize(("width", "blur"), [(2.0, 0.0), (3.0, 0.0), (3.0, 1.2), (6.0, 1.5)])
def test_blur_is_not_width(width: float, blur: float) -> None:
    """A sharp picture's thin lines are not thinned, a blurred one's not fattened."""
    image = draw_ink(SCENE, line_width=width)
    if blur:
        image = cv2.GaussianBlur(image, (0, 0), blur)
    found = trace(image).strokes
    assert not any(s.fill for s in found)
    widths = [s.width for s in found if not s.is_dot]
    assert float(np.median(widths)) == pytest.approx(width, rel=0.17)


def test_a_line_that_fades_holds_together() -> None:
    """Hard pencil, pressed less in the middle."""
    drawing = Drawing.from_arrays([[(60, 240), (580, 250)]], size=papers.SIZE)
    x = np.arange(papers.SIZE[0])
    fading = 0.6 - 0.36 * np.exp(-(((x - 320) / 40.0) ** 2))
    image = papers.picture(
        0.93 * (1 - fading * papers.ink_of(drawing)), np.random.default_rng(0), 14.0
    )
    assert len(trace(image).strokes) == 1
