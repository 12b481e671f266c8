"""Tracing: drawings that the tests draw themselves, found again."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from linework.strokes import Drawing, LineworkError, Stroke
from linework.strokes.raster import draw_color, draw_ink
from linework.strokes.trace import trace, trace_curves

FloatArray = npt.NDArray[np.float64]
Image = npt.NDArray[np.uint8]


def drawn(*strokes: npt.ArrayLike, size: int = 200) -> Drawing:
    return Drawing.from_arrays(strokes, size=(size, size))


def paper(drawing: Drawing, width: float = 4.0, noise: float = 6.0, seed: int = 0) -> Image:
    """Ink on paper as a scanner sees it: a little blur, a little grain."""
    ink = cv2.GaussianBlur(draw_ink(drawing, line_width=width), (0, 0), 0.6).astype(np.float64)
    grain = np.random.default_rng(seed).normal(0, noise, ink.shape)
    return np.clip(ink * 0.95 + grain, 0, 255).astype(np.uint8)


def arc(x: float, y: float, r: float, a: float, b: float, n: int = 60) -> FloatArray:
    t = np.radians(np.linspace(a, b, n))
    return np.stack([x + r * np.cos(t), y + r * np.sin(t)], axis=1)


def dense(points: npt.ArrayLike) -> FloatArray:
    p = np.asarray(points, np.float64)
    if len(p) == 1:
        return p
    at = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(p, axis=0).T))])
    s = np.linspace(0, at[-1], max(2, int(at[-1] * 2)))
    return np.stack([np.interp(s, at, p[:, k]) for k in (0, 1)], axis=1)


def worst_miss(found: Drawing, truth: Drawing) -> float:
    """The largest distance of either from the other, px."""
    a = np.concatenate([dense(s.points) for s in found.strokes])
    b = np.concatenate([dense(s.points) for s in truth.strokes])
    between = np.hypot(a[:, None, 0] - b[None, :, 0], a[:, None, 1] - b[None, :, 1])
    return float(max(between.min(axis=0).max(), between.min(axis=1).max()))


LINE = [(30, 40), (170, 150)]
CASES: dict[str, tuple[Drawing, int]] = {
    "a line": (drawn(LINE), 1),
    "a line at 45 degrees, which thinning eats": (drawn([(30, 30), (170, 170)]), 1),
    "an arc": (drawn(arc(100, 100, 60, 20, 250)), 1),
    "a circle": (drawn(arc(100, 100, 60, 0, 360)), 1),
    "a corner": (drawn([(40, 40), (40, 160), (160, 160)]), 1),
    "a sharp corner": (drawn([(40, 160), (100, 40), (160, 160)]), 1),
    "a square": (drawn([(40, 40), (160, 40), (160, 160), (40, 160), (40, 40)]), 1),
    "two lines that cross": (drawn([(30, 100), (170, 100)], [(100, 30), (100, 170)]), 2),
    "a flat crossing": (drawn([(20, 80), (180, 120)], [(20, 120), (180, 80)]), 2),
    "a line over a circle": (drawn(arc(100, 100, 50, 0, 360), [(20, 100), (180, 100)]), 2),
    "a tee": (drawn([(30, 60), (170, 60)], [(100, 60), (100, 170)]), 2),
    "an arrow": (drawn([(100, 180), (100, 40)], [(60, 80), (100, 40), (140, 80)]), 2),
}
TOUCHING = drawn([(20, 140), (180, 140)], arc(100, 100, 40, 0, 360))


@pytest.mark.parametrize(("truth", "strokes"), CASES.values(), ids=CASES.keys())
def test_strokes_are_found_where_they_were_drawn(truth: Drawing, strokes: int) -> None:
    found = trace(paper(truth))
    assert len(found.strokes) == strokes
    assert worst_miss(found, truth) < 1.0
    assert [s.width for s in found.strokes] == pytest.approx([4.0] * strokes, rel=0.08)


def test_strokes_that_touch_along_the_way_run_on() -> None:
    found = trace(paper(TOUCHING))
    assert len(found.strokes) == 2
    # Where both lie in one line's ink, which is which is not to be seen.
    assert worst_miss(found, TOUCHING) < 1.6


@pytest.mark.parametrize("width", [1.5, 2.5, 4, 8, 14, 24])
def test_lines_of_any_width(width: float) -> None:
    truth = drawn([(60, 90), (440, 260)], arc(150, 330, 90, 0, 250), size=500)
    found = trace(paper(truth, width))
    assert len(found.strokes) == 2
    assert worst_miss(found, truth) < max(0.8, 0.14 * width)
    assert [s.width for s in found.strokes] == pytest.approx([width] * 2, rel=0.1, abs=0.3)


def test_straight_lines_are_one_piece_and_circles_few() -> None:
    square = trace_curves(paper(CASES["a square"][0]))
    assert [len(c) for c in square.curves] == [4]
    circle = trace_curves(paper(CASES["a circle"][0]))
    assert 2 <= len(circle.curves[0]) <= 4


def test_curves_are_what_the_points_lie_on() -> None:
    tracing = trace_curves(paper(CASES["a line over a circle"][0]))
    for stroke, curves in zip(tracing.drawing.strokes, tracing.curves, strict=True):
        np.testing.assert_allclose(stroke.points[0], curves[0, 0], atol=1e-3)
        np.testing.assert_allclose(stroke.points[-1], curves[-1, 3], atol=1e-3)
        np.testing.assert_allclose(curves[1:, 0], curves[:-1, 3], atol=1e-9)


def test_a_gap_is_closed_up_to_the_width_allowed() -> None:
    halves = drawn([(20, 100), (92, 100)], [(108, 100), (180, 100)])  # 12 px of paper, 3 widths
    image = paper(halves)
    assert len(trace(image, gap=4).strokes) == 1
    assert len(trace(image, gap=1.5).strokes) == 2
    assert len(trace(image, gap=0).strokes) == 2


def test_dots_stay_dots() -> None:
    found = trace(paper(drawn([(50, 140)], [(150, 60)], LINE), 6))
    dots = [s for s in found.strokes if s.is_dot]
    assert sorted(round(float(s.points[0, 0])) for s in dots) == [50, 150]
    assert [len(s) for s in dots] == [1, 1]


def test_a_solid_area_is_a_filled_shape() -> None:
    lines = drawn([(20, 30), (180, 30)], [(20, 180), (180, 180)])
    blob = Stroke(np.asarray(arc(100, 105, 40, 0, 360), np.float32), fill=True)
    image = paper(lines.replace(strokes=(*lines.strokes, blob)))
    found = trace(image)
    [shape] = [s for s in found.strokes if s.fill]
    radius = np.hypot(*(shape.points - (100, 105)).T)
    assert abs(float(radius.mean()) - 40) < 0.7
    assert len(found.strokes) == 3
    again = draw_ink(found)
    assert ((again < 128) == (image < 128)).mean() > 0.99


PAPERS: dict[str, Callable[[Image], Image]] = {
    "a phone's shadow": lambda im: (im * np.linspace(1.0, 0.45, im.shape[1])).astype(np.uint8),
    "grey paper": lambda im: (im * 0.6 + 30).astype(np.uint8),
    "jpeg": lambda im: np.asarray(
        cv2.imdecode(cv2.imencode(".jpg", im, [cv2.IMWRITE_JPEG_QUALITY, 35])[1], 0), np.uint8
    ),
    "grain": lambda im: np.clip(
        im + np.random.default_rng(3).normal(0, 16, im.shape), 0, 255
    ).astype(np.uint8),
    "faint pencil": lambda im: (200 + im * 0.16).astype(np.uint8),
}


@pytest.mark.parametrize("spoil", PAPERS.values(), ids=PAPERS.keys())
def test_paper_is_not_ink(spoil: Callable[[Image], Image]) -> None:
    truth = CASES["two lines that cross"][0]
    found = trace(spoil(paper(truth, noise=1.0)))
    assert len(found.strokes) == 2
    assert worst_miss(found, truth) < 1.2


def test_pens_of_different_colours_become_layers() -> None:
    strokes = [
        Stroke(np.array([(20, 50), (180, 50)], np.float32), color="#000000"),
        Stroke(np.array([(20, 100), (180, 130)], np.float32), color="#d02020"),
        Stroke(np.array([(60, 20), (60, 180)], np.float32), color="#2040d0"),
    ]
    image = draw_color(Drawing(tuple(strokes), (200, 200)), line_width=4)
    found = trace(image, layers=True)
    assert [s.layer for s in found.strokes] == ["black", "red", "blue"]
    assert worst_miss(found, Drawing(tuple(strokes), (200, 200))) < 2.0


def test_the_order_begins_at_the_top_left_and_runs_right() -> None:
    rows = [[(20, y), (180, y)] for y in (30, 80, 130)]
    found = trace(paper(drawn(*rows)))
    starts = [s.points[0] for s in found.strokes]
    assert starts[0][0] < 30
    assert starts[0][1] < 40
    assert [round(float(s[1]), -1) for s in starts] == [30, 80, 130]


def test_the_same_picture_gives_the_same_strokes() -> None:
    image = paper(CASES["an arrow"][0])
    assert trace(image) == trace(image)


EMPTY: dict[str, Image] = {
    "blank": np.full((80, 120), 255, np.uint8),
    "1 x 1": np.full((1, 1), 255, np.uint8),
    "1 x 10,000": np.full((1, 10_000), 255, np.uint8),
    "noise": np.clip(np.random.default_rng(1).normal(230, 9, (300, 300)), 0, 255).astype(np.uint8),
    "much noise": np.clip(np.random.default_rng(1).normal(128, 40, (200, 200)), 0, 255).astype(
        np.uint8
    ),
}


@pytest.mark.parametrize("image", EMPTY.values(), ids=EMPTY.keys())
def test_nothing_drawn_is_an_empty_drawing(image: Image) -> None:
    found = trace(image)
    assert found.strokes == ()
    assert found.size == (image.shape[1], image.shape[0])


AWKWARD: dict[str, Image] = {
    "all black": np.zeros((90, 90), np.uint8),
    "a black row": np.zeros((1, 500), np.uint8),
    "a black px": np.zeros((1, 1), np.uint8),
    "ink at the rim": paper(drawn([(0, 0), (199, 0), (199, 199), (0, 199), (0, 0)])),
    "a checkerboard": (np.indices((60, 60)).sum(axis=0) % 2 * 255).astype(np.uint8),
    "a grid": np.where(np.indices((200, 200)) % 12 < 2, 0, 255).min(axis=0).astype(np.uint8),
}


@pytest.mark.parametrize("image", AWKWARD.values(), ids=AWKWARD.keys())
def test_awkward_pictures_end_well(image: Image) -> None:
    found = trace(image)
    x0, y0, x1, y1 = found.bounds
    assert min(x0, y0) >= -2
    assert x1 <= image.shape[1] + 2
    assert y1 <= image.shape[0] + 2


IMAGES: dict[str, Callable[[Image], npt.NDArray[np.generic]]] = {
    "rgb": lambda im: np.repeat(im[..., None], 3, axis=2),
    "alpha": lambda im: np.stack([im * 0, im * 0, im * 0, 255 - im], axis=2),
    "16 bit": lambda im: im.astype(np.uint16) * 257,
    "float": lambda im: im / 255.0,
    "bool": lambda im: im > 128,
}


@pytest.mark.parametrize("convert", IMAGES.values(), ids=IMAGES.keys())
def test_any_kind_of_array(convert: Callable[[Image], npt.NDArray[np.generic]]) -> None:
    truth = CASES["a line"][0]
    assert worst_miss(trace(convert(paper(truth))), truth) < 1.0


@pytest.mark.parametrize(
    ("image", "options", "says"),
    [
        (np.zeros((4, 4, 2), np.uint8), {}, "shape"),
        (np.zeros((0, 4), np.uint8), {}, "shape"),
        (np.full((4, 4), np.nan), {}, "finite"),
        (np.zeros((4, 4), np.int64), {}, "int64"),
        (EMPTY["blank"], {"gap": -1}, "gap"),
        (EMPTY["blank"], {"accuracy": 0}, "accuracy"),
        (EMPTY["blank"], {"width": 0}, "width"),
    ],
)
def test_what_is_refused(
    image: npt.NDArray[np.generic], options: dict[str, float], says: str
) -> None:
    with pytest.raises(LineworkError, match=says):
        trace(image, **options)
