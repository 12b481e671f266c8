"""`Stroke` and `Drawing`: what they accept, refuse and leave alone."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from linework.strokes import Drawing, DrawingError, Stroke


@pytest.mark.parametrize(
    ("points", "message"),
    [
        pytest.param(np.zeros((0, 2)), "shape", id="no points"),
        pytest.param(np.zeros((3, 3)), "shape", id="three columns"),
        pytest.param(np.zeros(4), "shape", id="flat"),
        pytest.param([[0, 1], [2]], "regular", id="ragged"),
        pytest.param([["a", "b"]], "numbers", id="text"),
        pytest.param([[0, np.nan]], "point 0", id="nan"),
        pytest.param([[0, 0], [np.inf, 1]], "point 1", id="infinite"),
        pytest.param([[1e30, 0]], "1e", id="1e30"),
        pytest.param([[1e300, 0]], "point 0", id="beyond float32"),
    ],
)
def test_a_stroke_refuses(points: Any, message: str) -> None:
    with pytest.raises(DrawingError, match=message):
        Stroke(points)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"time": [0.0]}, "time of shape"),
        ({"pressure": [[0.0, 1.0]]}, "pressure of shape"),
        ({"time": [0.0, np.nan]}, "not finite"),
        ({"width": 0.0}, "width"),
        ({"width": float("nan")}, "width"),
    ],
)
def test_a_stroke_refuses_what_goes_with_its_points(fields: Any, message: str) -> None:
    with pytest.raises(DrawingError, match=message):
        Stroke([[0, 0], [1, 1]], **fields)


@pytest.mark.parametrize("size", [(0, 10), (10, -1), (float("nan"), 10), (float("inf"), 10)])
def test_a_canvas_has_a_size(size: tuple[float, float]) -> None:
    with pytest.raises(DrawingError, match="canvas"):
        Drawing(size=size)


def test_nothing_can_be_changed_afterwards() -> None:
    source = np.zeros((3, 2), np.float32)
    stroke = Stroke(source)
    source[0] = 7
    assert stroke.points[0].tolist() == [0, 0]
    with pytest.raises(ValueError, match="read-only"):
        stroke.points[0] = 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        stroke.color = "#ff0000"  # type: ignore[misc]


def test_a_view_of_another_array_is_copied() -> None:
    source = np.zeros((5, 2), np.float32)
    stroke = Stroke(source[1:3])
    source[:] = 9
    assert not stroke.points.any()


def test_equality_is_by_content() -> None:
    a = Drawing.from_arrays([[[0, 0], [1, 2]]], label="cat", key=3)
    assert a == Drawing.from_arrays([[[0, 0], [1, 2]]], label="cat", key=3)
    assert a != a.replace(label="dog")
    assert a != a.map_points(lambda p: p + 1)
    assert a.strokes[0] != a.strokes[0].replace(time=[0, 1])
    assert a != "cat"


def test_bounds_and_counts() -> None:
    assert Drawing().bounds == (0, 0, 0, 0)
    drawing = Drawing.from_arrays([[[3, 4]], [], [[-1, 9], [2, 2]]])
    assert drawing.bounds == (-1, 2, 3, 9)
    assert drawing.n_points == 3
    assert len(drawing.strokes) == 2


def test_dots() -> None:
    assert Stroke([[1, 2]]).is_dot
    assert Stroke([[1, 2], [1, 2]]).is_dot
    assert not Stroke([[1, 2], [1, 3]]).is_dot


def test_a_long_stroke_is_a_stroke() -> None:
    points = np.linspace(0, 255, 200_000).reshape(-1, 2)
    assert len(Stroke(points)) == 100_000
