"""Sheets: cells row by row, everything inside its own, captions below."""

from __future__ import annotations

import numpy as np
import pytest
from drawings import AWKWARD, drawings
from hypothesis import given
from hypothesis import strategies as st
from linework.strokes import Drawing, Stroke
from linework.strokes.errors import LineworkError
from linework.strokes.sheet import sheet, sheet_captions


@given(st.lists(drawings(), max_size=6), st.none() | st.integers(1, 4), st.booleans())
def test_every_stroke_lies_in_its_cell(
    items: list[Drawing], columns: int | None, captions: bool
) -> None:
    page = sheet(items, columns, cell=100, margin=10, captions=captions)
    across = round(page.size[0] / 100)
    height = page.size[1] / max(1, -(-len(items) // across))
    placed = iter(page.strokes)
    for index, item in enumerate(items):
        corner = np.array([index % across * 100, index // across * height])
        for stroke in item.strokes:
            moved = next(placed)
            assert len(moved) == len(stroke)
            assert (moved.points >= corner + 10 - 0.01).all()
            assert (moved.points <= corner + 90 + 0.01).all()
    assert next(placed, None) is None


def test_shape_is_kept_and_centred() -> None:
    page = sheet([Drawing.from_arrays([[[5, 5], [15, 10]]])], cell=100, margin=10)
    assert page.strokes[0].points.tolist() == [[10, 30], [90, 70]]


def test_widths_scale_and_stay_inside() -> None:
    page = sheet([Drawing((Stroke([[0, 0], [30, 0]], width=10),))], cell=100, margin=10)
    (stroke,) = page.strokes
    assert stroke.width == 20
    assert stroke.points[:, 0].tolist() == [20, 80]


def test_a_dot_stands_in_the_middle() -> None:
    page = sheet([AWKWARD["a dot"], AWKWARD["a dot"]], cell=100)
    assert [s.points[0].tolist() for s in page.strokes] == [[50, 50], [150, 50]]


GRIDS = {
    "none": (0, None, (1, 1)),
    "one": (1, None, (1, 1)),
    "five": (5, None, (3, 2)),
    "nine": (9, None, (3, 3)),
    "one row": (4, 4, (4, 1)),
    "one column": (3, 1, (1, 3)),
    "a wide row": (2, 5, (5, 1)),
}


@pytest.mark.parametrize(("count", "columns", "cells"), GRIDS.values(), ids=GRIDS)
def test_grid(count: int, columns: int | None, cells: tuple[int, int]) -> None:
    page = sheet([AWKWARD["one line"]] * count, columns, cell=10)
    assert page.size == (cells[0] * 10, cells[1] * 10)


def test_label_where_all_agree() -> None:
    cat, dog = Drawing(label="cat"), Drawing(label="dog")
    assert sheet([cat, cat]).label == "cat"
    assert sheet([cat, dog]).label is None


def test_captions_stand_below_their_drawings() -> None:
    items = [Drawing(label="cat"), Drawing(), Drawing(label="a very long label indeed, yes")]
    page = sheet(items, 2, cell=100, captions=True)
    words = sheet_captions(items, 2, cell=100)
    assert [w.text for w in words] == ["cat", "a very long label ind…"]
    assert [w.x for w in words] == [50, 50]
    assert 100 < words[0].y < page.size[1] / 2
    assert page.size[1] / 2 + 100 < words[1].y < page.size[1]


@pytest.mark.parametrize(
    "options", [{"cell": 0}, {"cell": 10, "margin": 5}, {"margin": -1}], ids=str
)
def test_no_room(options: dict[str, float]) -> None:
    with pytest.raises(LineworkError, match="no room"):
        sheet([Drawing()], **options)


def test_no_columns() -> None:
    with pytest.raises(LineworkError, match="0 columns"):
        sheet([Drawing()], 0)


def test_aligned_endings_keep_what_they_share_in_place() -> None:
    begun = Drawing.from_arrays([[(0, 0), (10, 10)]])
    endings = [
        begun,
        begun.with_strokes([*begun.strokes, Stroke(np.array([[90, 50], [100, 0]], np.float32))]),
    ]
    first, second, _ = sheet(endings, 2, cell=120, margin=10, aligned=True).strokes
    np.testing.assert_array_equal(second.points - first.points, [[120, 0], [120, 0]])
    assert np.ptp(first.points, axis=0).tolist() == [10, 10]
