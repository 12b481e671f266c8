"""Run lengths and polygons beside pycocotools, the referee, and beside plain bitmaps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from linework.datasets.annotations.polygons import circle, clip, line, rasterise
from linework.datasets.annotations.rle import Rle, intersection, paste, union
from linework.strokes.errors import FormatError
from pycocotools import mask as referee

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

# Of examples, where each shows much.
FEWER = settings.default.max_examples // 2

sizes = st.tuples(st.integers(1, 60), st.integers(1, 60))
bitmaps = sizes.flatmap(lambda size: hnp.arrays(np.bool_, size))
# Whole, half and arbitrary coordinates: corners on px borders are where rasterisers differ.
numbers = st.one_of(
    st.integers(-40, 100).map(float),
    st.integers(-80, 200).map(lambda n: n / 2),
    st.floats(-40, 100),
)
polygons = st.lists(st.tuples(numbers, numbers), min_size=3, max_size=10).map(np.array)


@given(polygons, sizes)
def test_polygons_are_cocos(polygon: Any, size: tuple[int, int]) -> None:
    height, width = size
    [theirs] = referee.frPyObjects([polygon.ravel().tolist()], height, width)
    ours = rasterise(polygon, height, width)
    assert ours.to_text() == theirs["counts"].decode()
    assert ours.area == referee.area(theirs)
    if ours.area:
        assert list(ours.box) == referee.toBbox(theirs).tolist()


@settings(max_examples=FEWER)
@given(bitmaps)
def test_run_lengths_are_cocos(bitmap: Any) -> None:
    ours = Rle.of_bitmap(bitmap)
    theirs = referee.encode(np.asfortranarray(bitmap.astype(np.uint8)))
    assert ours.to_text() == theirs["counts"].decode()
    height, width = bitmap.shape
    for back in (
        Rle.of_text(height, width, ours.to_text()),
        Rle.of_counts(height, width, ours.counts.tolist()),
    ):
        assert back.same(ours)
        np.testing.assert_array_equal(back.to_bitmap(), bitmap)
    assert ours.area == bitmap.sum()
    if bitmap.any():
        x, y, w, h = ours.box
        np.testing.assert_array_equal(ours.crop(ours.box), bitmap[y : y + h, x : x + w])
        assert bitmap[y : y + h, x : x + w].sum() == bitmap.sum()
        assert paste(ours.crop(ours.box), x, y, height, width).same(ours)


@settings(max_examples=FEWER)
@given(bitmaps, st.data())
def test_union_and_intersection(bitmap: Any, data: Any) -> None:
    other = data.draw(hnp.arrays(np.bool_, bitmap.shape))
    a, b = Rle.of_bitmap(bitmap), Rle.of_bitmap(other)
    np.testing.assert_array_equal(union([a, b], *bitmap.shape).to_bitmap(), bitmap | other)
    np.testing.assert_array_equal(intersection(a, b).to_bitmap(), bitmap & other)


@settings(max_examples=FEWER)
@given(bitmaps, st.integers(-70, 70), st.integers(-70, 70))
def test_paste_cuts_off_what_lies_outside(bitmap: Any, x: int, y: int) -> None:
    large = np.zeros((220, 220), bool)
    large[y + 80 : y + 80 + bitmap.shape[0], x + 80 : x + 80 + bitmap.shape[1]] = bitmap
    np.testing.assert_array_equal(paste(bitmap, x, y, 30, 40).to_bitmap(), large[80:110, 80:120])


@settings(max_examples=FEWER)
@given(polygons)
def test_clipping_keeps_to_the_picture(polygon: Any) -> None:
    inside = clip(polygon, 30, 40)
    assert (inside >= 0).all()
    assert (inside <= (40, 30)).all()
    # Corners that arise on the border are rounded anew: px within one of an edge may differ.
    before, after = (rasterise(p, 30, 40).to_bitmap() for p in (polygon, inside))
    share = np.linspace(0, 1, 400)[:, None, None]
    walked = (polygon + share * (np.roll(polygon, -1, 0) - polygon)).reshape(-1, 2)
    x, y = np.clip(walked, -5, 99).astype(int).T + 6
    edges = np.zeros((110, 110), bool)
    for right in (-1, 0, 1):
        for down in (-1, 0, 1):
            edges[y + down, x + right] = True
    edges = edges[6:36, 6:46]
    assert not ((before != after) & ~edges).any()


@pytest.mark.parametrize("radius", [0.8, 3, 50, 700])
def test_a_circle_has_its_area(radius: float) -> None:
    area = rasterise(circle(800.3, 800.6, radius), 1600, 1600).area
    assert area == pytest.approx(np.pi * radius**2, rel=0.004, abs=3)


def test_a_line_is_as_wide_as_stated() -> None:
    bars = line(np.array([[5.0, 10.0], [35.0, 10.0]]), 4)
    mask = union((rasterise(bar, 20, 40) for bar in bars), 20, 40).to_bitmap()
    wanted = np.zeros((20, 40), bool)
    wanted[8:12, 5:35] = True
    np.testing.assert_array_equal(mask, wanted)


@pytest.mark.parametrize("text", ["", "0", "é", "P", "000000000000", "~~", "11", "zz"])
def test_texts_that_are_no_run_lengths(text: str) -> None:
    with pytest.raises(FormatError):
        Rle.of_text(10, 10, text)


def test_counts_that_do_not_add_up() -> None:
    with pytest.raises(FormatError, match="add up to 5"):
        Rle.of_counts(2, 2, [1, 4])
    with pytest.raises(FormatError, match="add up"):
        Rle.of_counts(2, 2, [-1, 5])
