"""Pens of different colours told apart, on the papers that they are used on."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt
import papers
import pytest
from linework.strokes import Drawing, Stroke
from linework.strokes.raster import draw_color
from linework.strokes.trace import trace
from linework.strokes.trace.colors import split_pens

INKS = {"black": "#141418", "red": "#d02828", "blue": "#2848c8", "green": "#108040"}
CHALKS = {"black": "#f0f0f0", "red": "#ff9090", "blue": "#90b0ff", "green": "#90f0a0"}
# The pen of each stroke of the scene.
PENS = (
    *("black", "black", "red", "blue", "green", "red"),
    *("blue", "blue", "black", "black", "black", "black"),
)
Light = npt.NDArray[np.float64]


def drawing(colors: dict[str, str]) -> Drawing:
    """The scene in four pens, with red shading."""
    scene = papers.scene()
    strokes = [s.replace(color=colors[p]) for s, p in zip(scene.strokes, PENS, strict=True)]
    for k in range(5):
        line = np.array([(320 + 15 * k, 370), (345 + 15 * k, 290)], np.float32)
        strokes.append(Stroke(line, color=colors["red"]))
    return scene.with_strokes(strokes)


def seen(colors: dict[str, str], paper: str = "white") -> Light:
    """What the lines leave of the light, 0 to 1."""
    image = draw_color(drawing(colors), papers.SIZE, line_width=3.5, paper=paper)
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 0.7) / 255.0, np.float64)


def squares() -> Light:
    shape = papers.SIZE[::-1]
    lines = np.maximum(
        papers.rulings(shape, 23.6, 0.6, 1.2), papers.rulings(shape, 23.6, 90.6, 1.2)
    )
    return 1 - lines[..., None] * np.array([0.34, 0.24, 0.12])


def on(make: Callable[[np.random.Generator], Light], quality: int = 100) -> papers.Image:
    rng = np.random.default_rng(0)
    return papers.jpeg(papers.picture(make(rng), rng), quality)


def shade(rng: np.random.Generator) -> Light:
    return papers.shadow(papers.SIZE[::-1], rng, 20.0)[..., None]


SHEETS: dict[str, Callable[[], papers.Image]] = {
    "white": lambda: on(lambda rng: 0.97 * seen(INKS)),
    "cream, jpeg 40": lambda: on(lambda rng: seen(INKS) * [0.95, 0.9, 0.78], 40),
    "in lamplight and shadow": lambda: on(lambda rng: seen(INKS) * shade(rng) * [0.95, 0.88, 0.75]),
    "kraft": lambda: on(lambda rng: (0.15 + 0.85 * seen(INKS)) * [0.66, 0.52, 0.37]),
    "pencils": lambda: on(lambda rng: 0.53 + 0.43 * seen(INKS)),
    "a blackboard": lambda: on(lambda rng: 0.1 + 0.85 * seen(CHALKS, "black")),
    "squared paper": lambda: on(lambda rng: 0.97 * seen(INKS) * squares()),
}


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=SHEETS.keys())
def test_pens_are_told_apart(sheet: Callable[[], papers.Image]) -> None:
    image = sheet()
    found = trace(image, layers=True)
    assert {s.layer for s in found.strokes} == set(INKS)
    truth = drawing(INKS)
    assert min(papers.agreement(found, truth)) > 0.98
    for pen, color in INKS.items():
        mine = found.with_strokes([s for s in found.strokes if s.layer == pen])
        theirs = truth.with_strokes([s for s in truth.strokes if s.color == color])
        precision, recall = papers.agreement(mine, theirs, within=3.0)
        assert precision > 0.95, pen
        assert recall > 0.9, pen
        assert len(mine.strokes) <= len(theirs.strokes) + 6, pen


def test_a_pens_colour_is_that_of_its_ink_on_white() -> None:
    image = on(lambda rng: seen(INKS) * shade(rng) * [0.95, 0.88, 0.75])
    for pen in split_pens(image):
        wanted = np.array([int(INKS[pen.name][k : k + 2], 16) for k in (1, 3, 5)])
        got = np.array([int(pen.color[k : k + 2], 16) for k in (1, 3, 5)])
        assert np.abs(got - wanted).max() < 25


def test_one_pen_is_one_layer() -> None:
    image = on(lambda rng: 0.97 * seen(dict.fromkeys(INKS, "#202020")), 60)
    assert [pen.name for pen in split_pens(image)] == ["black"]


def test_coloured_lines_are_found_without_layers() -> None:
    """Yellow beside black is faint in grey, and a line all the same."""
    colors = INKS | {"green": "#f0d020"}
    found = trace(on(lambda rng: 0.97 * seen(colors)))
    assert min(papers.agreement(found, drawing(colors))) > 0.95


def test_a_blank_sheet_has_no_strokes_in_any_layer() -> None:
    blank = on(lambda rng: 0.9 * shade(rng) * np.ones(3) * squares(), 60)
    assert trace(blank, layers=True).strokes == ()
