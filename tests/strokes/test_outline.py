"""Strokes as the outlines of their ink: they cover what the stroke covers."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from linework.strokes import Drawing, Stroke
from linework.strokes.outline import outline_of, outlined, widths_of
from linework.strokes.raster import draw_ink
from linework.strokes.trace import trace
from linework.strokes.trace.widths import vary_widths

T = np.linspace(0, 1, 80)


def stroke(x: object, y: object, pressure: object = None, width: float = 10.0) -> Stroke:
    points = np.stack(np.broadcast_arrays(x, y), axis=1).astype(np.float32)
    return Stroke(
        points,
        width=width,
        pressure=None if pressure is None else np.asarray(pressure, np.float32),
    )


STROKES: dict[str, Stroke] = {
    "a line": stroke(30 + 140 * T, 100 + 0 * T),
    "a wedge": stroke(30 + 140 * T, 60 + 80 * T, T),
    "a bow that swells": stroke(30 + 140 * T, 100 + 40 * np.sin(6 * T), np.sin(np.pi * T)),
    "a corner": stroke(np.array([30, 100, 170]), np.array([160, 40, 160])),
    "a sharp corner": stroke(np.array([60, 140, 60]), np.array([80, 100, 120]), width=6.0),
    "a ring": stroke(100 + 60 * np.cos(2 * np.pi * T), 100 + 60 * np.sin(2 * np.pi * T)),
    "a dot": stroke(np.array([100.0]), np.array([90.0]), width=30.0),
    "a dot twice": stroke(np.array([100.0, 100.0]), np.array([90.0, 90.0]), width=30.0),
}


@pytest.mark.parametrize("given", STROKES.values(), ids=STROKES.keys())
def test_an_outline_covers_what_its_stroke_does(given: Stroke) -> None:
    if given.points[0].tolist() == given.points[-1].tolist() and len(given.points) > 3:
        points = given.points.copy()
        points[-1] = points[0]
        given = given.replace(points=points)
    shape = outlined(given)
    assert shape.fill
    assert shape.pressure is None
    assert (shape.points[0] == shape.points[-1]).all()
    line, area = (draw_ink(Drawing((s,), (200, 200)), 800) < 128 for s in (given, shape))
    assert (line & area).sum() / (line | area).sum() > 0.97


def test_a_solid_area_is_its_own_outline() -> None:
    area = stroke(np.array([10, 90, 50, 10]), np.array([10, 10, 90, 10])).replace(fill=True)
    assert outlined(area) is area


def test_widths_are_as_pictures_are_drawn() -> None:
    given = stroke(np.array([0, 1, 2]), np.zeros(3), [0.0, 0.5, 1.0])
    assert widths_of(given) == pytest.approx([4, 10, 16])


def test_an_outline_of_no_width_is_the_line() -> None:
    points = np.array([(0.0, 0.0), (10.0, 0.0)])
    assert np.abs(outline_of(points, np.zeros(2))[:, 1]).max() == 0


def test_a_traced_brush_gets_its_swelling_back() -> None:
    swelling = stroke(30 + 140 * T, 100 + 20 * np.sin(5 * T), 0.25 + 0.5 * np.sin(np.pi * T))
    plain = stroke(np.array([30, 170]), np.array([170, 160]), width=6.0)
    truth = Drawing((swelling, plain), (200, 200))
    image = cv2.GaussianBlur(draw_ink(truth), (0, 0), 0.7)
    found = vary_widths(trace(image), image)
    brush, pen = sorted(found.strokes, key=lambda s: float(s.points[:, 1].mean()))
    wide = widths_of(brush)
    assert wide.max() == pytest.approx(13, rel=0.08)
    assert wide[len(wide) // 8] < 10
    assert widths_of(pen) == pytest.approx(np.full(len(pen.points), 6.0), rel=0.1)
    again = draw_ink(found) < 128
    assert (again & (image < 128)).sum() / (again | (image < 128)).sum() > 0.9


def test_dots_areas_and_empty_drawings_have_no_pressure() -> None:
    image = np.full((120, 120), 255, np.uint8)
    assert vary_widths(trace(image), image).strokes == ()
    cv2.circle(image, (40, 40), 3, 0, -1, cv2.LINE_AA)
    cv2.line(image, (20, 100), (100, 100), 0, 4, cv2.LINE_AA)
    found = vary_widths(trace(image), image)
    assert [s.pressure is None for s in found.strokes] == [s.is_dot for s in found.strokes]
