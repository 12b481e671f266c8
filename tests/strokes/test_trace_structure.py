"""Which strokes a tracing sees: cusps, lines that touch, two ends that meet on a line."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from linework.strokes.trace import trace

# Coordinates are drawn at a sixteenth of a px.
_SHIFT = 4


def drawn(*lines: npt.ArrayLike, size: int = 256, width: int = 5) -> npt.NDArray[np.uint8]:
    """Dark lines on white paper, uint8 (size, size)."""
    image = np.full((4 * size, 4 * size), 255, np.uint8)
    for line in lines:
        points = np.rint(np.asarray(line, np.float64) * 4 * 2**_SHIFT).astype(np.int32)
        cv2.polylines(image, [points], False, 0, 4 * width, cv2.LINE_AA, _SHIFT)
    return np.asarray(cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA), np.uint8)


def arc(x: float, y: float, radius: float, start: float, stop: float) -> npt.NDArray[np.float64]:
    """Points of a circle, degrees clockwise from the right, float64 (n, 2)."""
    angle = np.radians(np.linspace(start, stop, 90))
    return np.stack([x + radius * np.cos(angle), y + radius * np.sin(angle)], axis=1)


def nearest_end(drawing_ends: npt.NDArray[np.float64], place: tuple[float, float]) -> float:
    return float(np.hypot(*(drawing_ends - np.array(place)).T).min())


def ends_of(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    return np.array([p for s in trace(image).strokes for p in (s.points[0], s.points[-1])])


def test_a_cusp_is_drawn_there_and_back() -> None:
    down = [(60, 60), (110, 110), (126, 170), (128, 200)]
    up = [(134, 165), (150, 110), (200, 60)]
    found = trace(drawn([*down, *up]))
    assert len(found.strokes) == 1
    points = found.strokes[0].points
    assert np.hypot(*(points - [128, 200]).T).min() < 4


def test_a_stroke_that_ends_past_a_line_keeps_its_end() -> None:
    # The stub beyond the crossing is one line wide: no cusp.
    found = trace(drawn([(128, 40), (128, 160)], [(40, 140), (128, 140)]))
    assert len(found.strokes) == 2
    assert (
        nearest_end(ends_of(drawn([(128, 40), (128, 160)], [(40, 140), (128, 140)])), (128, 160))
        < 2
    )


@pytest.mark.parametrize("radius", [50, 70])
def test_an_arc_ends_where_it_touches_a_line(radius: float) -> None:
    line = [(128, 20), (128, 236)]
    ends = ends_of(drawn(line, arc(128 + radius, 128, radius, 180, 290)))
    assert nearest_end(ends, (128, 128)) < 5


def test_two_ends_that_meet_on_a_line_are_a_corner() -> None:
    found = trace(drawn(arc(128, 300, 250, 230, 310), [(80, 180), (128, 50), (176, 180)]))
    assert len(found.strokes) == 2


def test_a_pointed_outline_is_closed() -> None:
    outline = [(60, 60), (110, 110), (200, 120), (190, 200), (70, 200), (60, 60)]
    found = trace(drawn(outline))
    assert len(found.strokes) == 1
    points = found.strokes[0].points
    assert np.hypot(*(points[0] - points[-1])) < 0.5
