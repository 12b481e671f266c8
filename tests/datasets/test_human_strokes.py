"""Sketches that hands draw of pictures: strokes, near the edges, another each time."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from linework.datasets.human_strokes import draw_by_hand, find_outlines
from linework.strokes import Drawing
from linework.strokes.errors import LineworkError
from linework.strokes.raster import draw_ink
from scipy import ndimage


def house(side: int = 160) -> np.ndarray:
    """A red house with a blue door on a meadow below the sky, a little noisy."""
    picture = np.zeros((side, side, 3), np.uint8)
    picture[:] = (150, 190, 240)
    picture[side * 5 // 8 :] = (70, 150, 60)
    cv2.rectangle(
        picture, (side // 4, side // 3), (side * 3 // 4, side * 3 // 4), (190, 70, 50), -1
    )
    cv2.rectangle(
        picture, (side * 4 // 9, side // 2), (side * 5 // 9, side * 3 // 4), (40, 50, 120), -1
    )
    noise = np.random.default_rng(1).integers(-4, 5, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def true_edges(picture: np.ndarray) -> np.ndarray:
    """bool (H, W), where the colours of the picture change, but for its noise."""
    grey = cv2.medianBlur(picture, 5).astype(int)
    across = np.abs(np.diff(grey, axis=1, append=grey[:, -1:])).max(axis=2)
    down = np.abs(np.diff(grey, axis=0, append=grey[-1:])).max(axis=2)
    return np.maximum(across, down) > 25


@pytest.fixture(scope="module")
def outlines() -> Drawing:
    return find_outlines(house())


def test_outlines_lie_on_the_edges_and_find_most_of_them(outlines: Drawing) -> None:
    edges = true_edges(house())
    assert outlines.size == (160, 160)
    assert 3 <= len(outlines.strokes) <= 20
    ink = draw_ink(outlines, 160, line_width=1.0) < 128
    assert ndimage.distance_transform_edt(~edges)[ink].max() < 4
    assert (ndimage.distance_transform_edt(~ink)[edges] < 4).mean() > 0.9


@pytest.mark.parametrize("seed", range(4))
def test_a_hand_stays_near_the_edges(seed: int, outlines: Drawing) -> None:
    drawn = draw_by_hand(outlines, np.random.default_rng(seed))
    assert drawn.size == outlines.size
    assert drawn.strokes
    ink = draw_ink(drawn, 160, line_width=1.0) < 128
    apart = ndimage.distance_transform_edt(~true_edges(house()))[ink]
    assert np.median(apart) < 5
    assert np.quantile(apart, 0.95) < 14


def test_the_seed_says_who_draws(outlines: Drawing) -> None:
    one, again, other = (draw_by_hand(outlines, np.random.default_rng(s)) for s in (1, 1, 2))
    assert one == again
    assert one != other
    assert one != outlines


def test_hands_leave_out_what_is_small() -> None:
    long = np.array([[10, 10], [180, 10]], np.float32)
    short = np.array([[10, 100], [14, 100]], np.float32)
    both = Drawing.from_arrays([long, short], size=(192, 192))
    counts = {"long": 0, "short": 0}
    for seed in range(60):
        for stroke in draw_by_hand(both, np.random.default_rng(seed)).strokes:
            counts["short" if stroke.points[:, 1].mean() > 60 else "long"] += 1
    assert counts["long"] > 45
    assert counts["short"] < 0.4 * counts["long"]


def test_a_blank_picture_has_no_outlines_and_nothing_is_drawn_of_it() -> None:
    blank = find_outlines(np.full((40, 60, 3), 200, np.uint8))
    assert blank.size == (60, 40)
    assert blank.strokes == ()
    assert draw_by_hand(blank, np.random.default_rng(0)).strokes == ()


@pytest.mark.parametrize("shape", [(1, 1, 3), (2, 90, 3), (33, 31)])
def test_odd_pictures(shape: tuple[int, ...]) -> None:
    noise = np.random.default_rng(0).integers(0, 255, shape).astype(np.uint8)
    assert find_outlines(noise).size == (shape[1], shape[0])


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(LineworkError, match="wanted uint8"):
        find_outlines(np.zeros((4,), np.uint8))
