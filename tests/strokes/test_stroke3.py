"""stroke-3 and stroke-5 against drawings worked out by hand, and as round trips."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from linework.strokes import (
    Drawing,
    DrawingError,
    from_stroke3,
    from_stroke5,
    to_stroke3,
    to_stroke5,
)

coordinate = st.integers(-500, 500)
stroke = st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=8)
strokes = st.lists(stroke, max_size=5)


@pytest.mark.parametrize(
    ("points", "rows"),
    [
        pytest.param([], [], id="empty"),
        pytest.param([[[5, 5], [6, 8]]], [[1, 3, 1]], id="one line"),
        pytest.param([[[5, 5]]], [[0, 0, 1]], id="a dot"),
        pytest.param([[[5, 5]], [[7, 7]]], [[0, 0, 1], [2, 2, 1]], id="two dots"),
        pytest.param(
            [[[0, 0], [1, 0], [1, 1]], [[4, 4], [4, 5]]],
            [[1, 0, 0], [0, 1, 1], [3, 3, 0], [0, 1, 1]],
            id="two lines",
        ),
    ],
)
def test_rows_by_hand(points: list[list[list[int]]], rows: list[list[int]]) -> None:
    assert to_stroke3(Drawing.from_arrays(points)).tolist() == rows


@given(strokes)
def test_stroke3_comes_back(points: list[list[tuple[int, int]]]) -> None:
    drawing = Drawing.from_arrays(points)
    start = tuple(drawing.strokes[0].points[0].tolist()) if drawing.strokes else (0.0, 0.0)
    back = from_stroke3(to_stroke3(drawing), start)
    if drawing.strokes and len(drawing.strokes[0]) == 1:  # the first dot comes back doubled
        first = drawing.strokes[0]
        drawing = drawing.with_strokes(
            [first.replace(points=np.repeat(first.points, 2, axis=0)), *drawing.strokes[1:]]
        )
    assert back.strokes == drawing.strokes


@given(strokes)
def test_stroke5_comes_back(points: list[list[tuple[int, int]]]) -> None:
    rows = to_stroke3(Drawing.from_arrays(points))
    five = to_stroke5(rows)
    assert five.shape == (len(rows) + 1, 5)
    assert (five[:, 2:].sum(axis=1) == 1).all()
    padded = np.concatenate([five, np.tile(five[-1], (3, 1))])
    assert np.array_equal(from_stroke5(padded), rows)


@given(strokes, coordinate, coordinate)
def test_offsets_do_not_know_where_the_drawing_stands(
    points: list[list[tuple[int, int]]], dx: int, dy: int
) -> None:
    drawing = Drawing.from_arrays(points)
    moved = drawing.map_points(lambda p: p + np.float32([dx, dy]))
    assert np.array_equal(to_stroke3(drawing), to_stroke3(moved))


def test_an_unfinished_last_stroke_is_one() -> None:
    drawing = from_stroke3([[1, 0, 1], [2, 0, 0], [1, 1, 0]])
    assert [len(s) for s in drawing.strokes] == [2, 2]


@pytest.mark.parametrize("shape", [(3,), (4, 2), (2, 5)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(DrawingError, match="stroke-3"):
        from_stroke3(np.zeros(shape))


def test_not_finite_is_refused() -> None:
    with pytest.raises(DrawingError, match="finite"):
        from_stroke3([[0, np.nan, 0]])
    with pytest.raises(DrawingError, match="stroke-5"):
        from_stroke5(np.zeros((3, 3)))
