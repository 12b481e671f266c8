"""Where a tracing's strokes begin and end: gaps, square ends, narrow spikes, dots."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from linework.strokes import Drawing
from linework.strokes.svg_read import read_svg
from linework.strokes.svg_write import svg_text, write_svg
from linework.strokes.trace import trace, trace_curves
from linework.strokes.trace.rulings import BAND, find_rulings

# Coordinates are drawn at a sixteenth of a px.
_SHIFT = 4
UInt8Array = npt.NDArray[np.uint8]


def drawn(*lines: npt.ArrayLike, size: int = 200, width: int = 5) -> npt.NDArray[np.float64]:
    """Sharp lines at four times the size, 255 paper, float64 (4 size, 4 size)."""
    image = np.full((4 * size, 4 * size), 255, np.uint8)
    for line in lines:
        points = np.rint(np.asarray(line, np.float64) * 4 * 2**_SHIFT).astype(np.int32)
        cv2.polylines(image, [points], False, 0, 4 * width, cv2.LINE_AA, _SHIFT)
    return image.astype(np.float64)


def scanned(image: npt.NDArray[np.float64], noise: float = 8.0) -> UInt8Array:
    """The picture at its size, a little blurred and with a scanner's noise."""
    small = cv2.resize(cv2.GaussianBlur(image, (0, 0), 2.8), None, fx=0.25, fy=0.25)
    grain = np.random.default_rng(5).normal(0, noise, small.shape)
    return np.clip(small * (245 / 255) + grain, 0, 255).astype(np.uint8)


def cut(
    image: npt.NDArray[np.float64], place: tuple[float, float], angle: float, length: float
) -> npt.NDArray[np.float64]:
    """A square gap in a line that runs at `angle`, radians; px of the small picture."""
    y, x = np.mgrid[0 : len(image), 0 : len(image)] / 4
    along = (x - place[0]) * np.cos(angle) + (y - place[1]) * np.sin(angle)
    across = (y - place[1]) * np.cos(angle) - (x - place[0]) * np.sin(angle)
    return np.where((np.abs(along) < length / 2) & (np.abs(across) < 9), 255.0, image)


def polar(angle: float, radius: float) -> tuple[float, float]:
    return (100 + radius * np.cos(angle), 100 + radius * np.sin(angle))


@pytest.mark.parametrize("degrees", range(0, 90, 9))
def test_square_gaps_of_any_direction_are_closed(degrees: int) -> None:
    # Thinning forks an end that is cut square.
    angle = np.radians(degrees)
    line = drawn([polar(angle, -80), polar(angle, 80)])
    for at in (-40.0, 30.0):
        line = cut(line, polar(angle, at), angle, 8.0)
    assert len(trace(scanned(line)).strokes) == 1


def corner_with_gap(apart: float) -> UInt8Array:
    """Two legs at right angles whose corner, (150, 50), was left out."""
    return scanned(drawn([(40, 50), (150 - apart, 50)], [(150, 50 + apart), (150, 160)]))


def test_a_gap_at_a_corner_is_closed_by_the_corner() -> None:
    found = trace(corner_with_gap(7.0))
    assert len(found.strokes) == 1
    assert np.hypot(*(found.strokes[0].points - [150, 50]).T).min() < 1.0


def test_a_gap_on_a_bend_is_closed_by_the_bend() -> None:
    angles = np.radians(np.linspace(-90, 0, 30))
    bend = np.stack([125 + 20 * np.cos(angles), 70 + 20 * np.sin(angles)], axis=1)
    line = drawn([(40, 50), *bend, (145, 160)])
    middle = np.radians(-45)
    place = (125 + 20 * np.cos(middle), 70 + 20 * np.sin(middle))
    found = trace(scanned(cut(line, place, middle + np.pi / 2, 9.0)))
    assert len(found.strokes) == 1
    assert np.hypot(*(found.strokes[0].points - place).T).min() < 1.5


@pytest.mark.parametrize("image", [corner_with_gap(30.0), corner_with_gap(7.0)])
def test_gaps_are_closed_within_the_tolerance_alone(image: UInt8Array) -> None:
    assert len(trace(image, gap=0).strokes) == 2


def test_ends_side_by_side_are_no_corner() -> None:
    apart = scanned(drawn([(40, 50), (150, 50)], [(150, 62), (40, 62)]))
    assert len(trace(apart).strokes) == 2


@pytest.mark.parametrize("short", [0.0, 5.2, 5.6, 6.2])
def test_a_stroke_that_touches_a_line_ends_before_it(short: float) -> None:
    # Lines are 5 px wide: nearer than that, a tip lies within the other's ink.
    ends = trace(scanned(drawn([(100, 20), (100, 180)], [(20, 90), (100 - short, 90)]))).strokes
    found = np.array([p for stroke in ends for p in (stroke.points[0], stroke.points[-1])])
    assert len(ends) == 2
    assert np.hypot(*(found - [100 - short, 90]).T).min() < 1.5


def test_a_narrow_hairpin_reaches_the_end_of_its_ink() -> None:
    found = trace(scanned(drawn([(85, 160), (95, 60), (105, 160)]))).strokes
    assert len(found) == 1
    assert found[0].points[:, 1].min() == pytest.approx(60, abs=2.5)


def spike(width_apart: float) -> UInt8Array:
    """A pen that comes down to (100, 150) and goes up again beside its own line."""
    half = 0.5 * width_apart
    lines = [(40, 60), (100 - half, 110), (100, 150), (100 + half, 110), (160, 60)]
    return scanned(drawn(lines))


@pytest.mark.parametrize("apart", [3.0, 4.0, 6.0])
def test_a_narrow_spike_is_drawn_there_and_back(apart: float) -> None:
    found = trace(spike(apart))
    assert len(found.strokes) == 1
    assert np.hypot(*(found.strokes[0].points - [100, 150]).T).min() < 5


def test_a_stem_one_line_wide_is_no_spike() -> None:
    stem = drawn([(40, 60), (100, 110), (160, 60)], [(100, 110), (100, 150)])
    assert len(trace(scanned(stem)).strokes) == 2


def test_a_dots_curve_is_short_and_no_closed_path(tmp_path: Path) -> None:
    tracing = trace_curves(scanned(drawn([(60, 70), (60, 70)], [(20, 150), (180, 150)])))
    dots = [k for k, stroke in enumerate(tracing.drawing.strokes) if stroke.is_dot]
    assert len(dots) == 1
    stroke, curve = tracing.drawing.strokes[dots[0]], tracing.curves[dots[0]]
    assert stroke.points == pytest.approx(np.array([[60, 70]]), abs=0.5)
    length = np.hypot(*(curve[-1, 3] - curve[0, 0]))
    assert stroke.width is not None
    assert 0.05 * stroke.width < length < 0.2 * stroke.width
    file = tmp_path / "dot.svg"
    write_svg(tracing.drawing, file, curves=tracing.curves)
    assert re.search(r'd="M[\d.]+,[\d.]+L[\d.]+,[\d.]+" linework:dot="true"', file.read_text())
    back = [s for s in read_svg(file).strokes if s.is_dot]
    assert back[0].points == pytest.approx(stroke.points, abs=0.002)


def test_a_dot_without_a_curve_of_its_own_has_no_length() -> None:
    curves = [np.full((1, 4, 2), 5.0)]
    assert 'd="M5,5h0"' in svg_text(Drawing.from_arrays([[[5, 5]]]), curves=curves)


def test_two_lines_followed_in_parts_are_no_rulings() -> None:
    # Each jumps up and down by 3 px, from band to band, so that it is followed as two.
    page = np.zeros((800, 30 * BAND), np.uint8)
    for band in range(30):
        for y in (300, 512):
            row = y + 3 * (band % 2)
            page[row - 1 : row + 2, band * BAND : (band + 1) * BAND] = 90
    assert find_rulings(page) == (None, None)
    more = page.copy()
    more[100:103], more[724:727] = 90, 90
    level, _ = find_rulings(more)
    assert level is not None
