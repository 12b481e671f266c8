"""Ink: as much of it as the line has area, in the right place, dots and all."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from drawings import AWKWARD, drawings
from hypothesis import given
from hypothesis import strategies as st
from linework.strokes import Drawing, Stroke
from linework.strokes.bitmap import quickdraw_bitmap
from linework.strokes.errors import LineworkError
from linework.strokes.quickdraw import read_ndjson
from linework.strokes.raster import draw_color, draw_ink, picture_size

WIDTHS = [0.5, 1, 1.5, 2, 3, 5.3, 8]


def _ink(pixels: np.ndarray) -> float:
    """Area of ink in px."""
    return float((255 - pixels.astype(float)).sum() / 255)


def _line(*points: tuple[float, float]) -> Drawing:
    return Drawing.from_arrays([points], size=(64, 64))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("end", [(52.3, 20.1), (12.3, 55.5), (50.3, 50.9), (40.0, 12.0)], ids=str)
def test_a_line_has_the_area_of_its_capsule(width: float, end: tuple[float, float]) -> None:
    start = (12.3, 12.7)
    area = width * math.dist(start, end) + math.pi * width**2 / 4
    # One pixel is sixteen samples: thin lines come out as well as those can say it.
    tolerance = max(0.05, 0.1 / width)
    assert _ink(draw_ink(_line(start, end), line_width=width)) == pytest.approx(area, rel=tolerance)


@pytest.mark.parametrize("width", [1.0, 2.0, 5.0, 12.0])
def test_a_dot_is_a_disc(width: float) -> None:
    pixels = draw_ink(_line((30.4, 31.2)), line_width=width, supersample=8)
    assert _ink(pixels) == pytest.approx(math.pi * width**2 / 4, rel=0.08)
    rows, columns = np.nonzero(pixels < 255)
    weight = 255.0 - pixels[rows, columns]
    assert np.average(columns + 0.5, weights=weight) == pytest.approx(30.4, abs=0.1)
    assert np.average(rows + 0.5, weights=weight) == pytest.approx(31.2, abs=0.1)


def test_dots_stay_however_small() -> None:
    assert (draw_ink(_line((3, 3), (3, 3)), 8, line_width=0.1) < 255).any()


def test_against_the_definition() -> None:
    """Every pixel is the share of it that lies within half a width of the line."""
    points = np.array([[6, 9], [25.5, 22.25], [26, 7.5], [14, 26]])
    centres = (np.arange(32 * 16) + 0.5) / 16
    grid = np.stack(np.meshgrid(centres, centres), axis=-1)
    inside = np.zeros(grid.shape[:2], bool)
    for a, b in pairwise(points):
        share = np.clip((grid - a) @ (b - a) / ((b - a) @ (b - a)), 0, 1)
        inside |= np.hypot(*np.moveaxis(grid - a - share[..., None] * (b - a), -1, 0)) <= 1.25
    truth = 255 * (1 - inside.reshape(32, 16, 32, 16).mean(axis=(1, 3)))
    drawing = Drawing.from_arrays([points], size=(32, 32))
    assert np.abs(draw_ink(drawing, line_width=2.5) - truth).mean() < 1.0
    assert np.abs(draw_ink(drawing, line_width=2.5, supersample=16) - truth).mean() < 0.3


@given(st.integers(0, 8), st.integers(0, 8))
def test_moves_with_the_drawing(dx: int, dy: int) -> None:
    line = _line((10.3, 10.1), (40.2, 30.9), (20, 44))
    moved = line.map_points(lambda points: points + np.array([dx, dy], np.float32))
    a, b = draw_ink(line, line_width=3), draw_ink(moved, line_width=3)
    assert np.array_equal(a[: 64 - dy, : 64 - dx], b[dy:, dx:])


@given(drawings())
def test_any_drawing(drawing: Drawing) -> None:
    ink, color = draw_ink(drawing, (24, 16)), draw_color(drawing, (24, 16))
    assert (ink.shape, color.shape, ink.dtype, color.dtype) == ((16, 24), (16, 24, 3), "u1", "u1")


@pytest.mark.parametrize("drawing", AWKWARD.values(), ids=AWKWARD)
def test_awkward(drawing: Drawing) -> None:
    pixels = draw_ink(drawing, 64)
    assert pixels.shape == (64, 64)
    assert (pixels < 255).any() == bool(drawing.strokes)


def test_canvas_is_fitted_and_centred() -> None:
    line = Drawing.from_arrays([[[0, 5], [20, 5]]], size=(20, 10))
    pixels = draw_ink(line, (40, 40), line_width=2)
    assert (pixels[19:21] < 10).all()
    assert (pixels[:18] == 255).all()


def test_own_widths_scale_and_the_pen_does_not() -> None:
    own = Drawing((Stroke([[0, 5], [10, 5]], width=2),), size=(10, 10))
    pen = Drawing((Stroke([[0, 5], [10, 5]]),), size=(10, 10))
    for drawing, expected in ((own, 8), (pen, 0.5 / 25.4 * 96)):
        column = draw_ink(drawing, 40)[:, 20]
        assert _ink(column) == pytest.approx(expected, abs=0.3)
    assert _ink(draw_ink(own, 40, line_width=3)[:, 20]) == pytest.approx(3, abs=0.3)


def test_pressure_widens() -> None:
    def drawn(*pressure: float) -> float:
        stroke = Stroke([[8, 8], [32, 32], [56, 56]], pressure=pressure)
        return _ink(draw_ink(Drawing((stroke,), size=(64, 64)), line_width=4))

    plain = _ink(draw_ink(_line((8, 8), (56, 56)), line_width=4))
    assert drawn(0.5, 0.5, 0.5) == pytest.approx(plain, rel=0.01)
    assert drawn(0, 0, 0) < 0.6 * plain
    assert drawn(1, 1, 1) > 1.5 * plain
    assert drawn(0, 0.5, 1) == pytest.approx(plain, rel=0.15)


def test_colors() -> None:
    drawing = Drawing(
        (Stroke([[0, 2], [9, 2]], color="red", width=2), Stroke([[0, 7], [9, 7]], width=2)), (9, 9)
    )
    pixels = draw_color(drawing, paper="#eee", ink="navy")
    assert [pixels[y, 4].tolist() for y in (1, 6, 4)] == [
        [255, 0, 0],
        [0, 0, 128],
        [238, 238, 238],
    ]


def test_bands_leave_no_seams() -> None:
    drawing = Drawing.from_arrays([[[0, 0], [3000, 3000]]], size=(3000, 3000))
    pixels = draw_ink(drawing, line_width=6)
    assert np.array_equal(pixels, pixels.T)
    assert np.abs(np.diff(_ink_by_row(pixels)[50:-50])).max() < 0.4


def _ink_by_row(pixels: np.ndarray) -> np.ndarray:
    return (255 - pixels.astype(float)).sum(axis=1) / 255


@pytest.mark.parametrize("size", [0, -1, (0, 5), 10**6, (5, 10**9)], ids=str)
def test_sizes_that_cannot_be(size: int | tuple[int, int]) -> None:
    with pytest.raises(LineworkError, match="picture of"):
        picture_size(size, (10, 10))


@pytest.mark.parametrize("width", [0, -1, math.nan])
def test_widths_that_cannot_be(width: float) -> None:
    with pytest.raises(LineworkError, match="line width"):
        draw_ink(AWKWARD["one line"], line_width=width)


@pytest.mark.parametrize("drawing", AWKWARD.values(), ids=AWKWARD)
def test_bitmap_of_awkward(drawing: Drawing) -> None:
    pixels = quickdraw_bitmap(drawing)
    assert (pixels.shape, pixels.dtype) == ((28, 28), np.uint8)
    assert (pixels > 0).any() == bool(drawing.strokes)


def test_bitmap_is_centred() -> None:
    weight = quickdraw_bitmap(Drawing.from_arrays([[[0, 0], [40, 0], [40, 90], [0, 90], [0, 0]]]))
    assert np.array_equal(weight, weight[::-1])
    assert np.array_equal(weight, weight[:, ::-1])


@pytest.mark.parametrize("word", ["cat", "bicycle"])
def test_bitmap_against_the_official(real_data: Path, word: str) -> None:
    """Each drawing's nearest official picture is its own, a fraction of a grey level away."""
    official = np.load(real_data / "quickdraw" / "numpy_bitmap" / f"{word}.npy")
    official = official.reshape(-1, 28 * 28).astype(np.float32)
    source = read_ndjson(real_data / "quickdraw" / "simplified" / f"{word}.ndjson")
    mine = np.stack([quickdraw_bitmap(d).ravel() for d, _ in zip(source, range(200), strict=False)])
    ours = mine.astype(np.float32)
    squares = (official**2).sum(axis=1) - 2 * ours @ official.T
    away = np.abs(ours - official[squares.argmin(axis=1)])
    assert len(ours) == 200
    assert away.mean() < 0.6
    assert np.sort(away.mean(axis=1))[-3] < 1.5
