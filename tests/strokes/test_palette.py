"""Palettes: exact where there are few colours, near where there are many."""

import numpy as np
import pytest
from linework.strokes.errors import LineworkError
from linework.strokes.palette import find_palette, to_palette


def test_few_colours_are_kept_exactly():
    rng = np.random.default_rng(0)
    colors = rng.integers(0, 256, (5, 3)).astype(np.uint8)
    picture = colors[rng.integers(0, 5, (20, 30))]
    palette = find_palette([picture], 16, rng)
    assert {tuple(c) for c in palette.tolist()} == {
        tuple(c) for c in np.unique(picture.reshape(-1, 3), axis=0).tolist()
    }
    assert (palette[to_palette(picture, palette)] == picture).all()


def test_many_colours_become_near_ones():
    rng = np.random.default_rng(0)
    centres = np.array([[30, 30, 30], [220, 40, 40], [40, 60, 220], [240, 240, 230]])
    noise = rng.integers(-8, 9, (60, 60, 3))
    picture = (centres[rng.integers(0, 4, (60, 60))] + noise).clip(0, 255).astype(np.uint8)
    palette = find_palette([picture], 4, rng)
    assert len(palette) == 4
    off = np.abs(palette[to_palette(picture, palette)].astype(int) - picture)
    assert off.max() < 30
    assert palette.sum(axis=1).argmin() == 0


def test_grey_pictures_have_grey_palettes():
    picture = np.arange(256, dtype=np.uint8).reshape(16, 16)
    palette = find_palette([picture], 8, np.random.default_rng(0))
    assert np.ptp(palette.astype(int), axis=1).max() <= 1
    assert len(palette) == 8


@pytest.mark.parametrize("colors", [0, 257])
def test_numbers_of_colours_out_of_range(colors):
    with pytest.raises(LineworkError, match=f"{colors} colours; wanted 1 to 256"):
        find_palette([np.zeros((2, 2), np.uint8)], colors, np.random.default_rng(0))


def test_no_px_is_said():
    with pytest.raises(LineworkError, match="no px"):
        find_palette([np.zeros((0, 4), np.uint8)], 4, np.random.default_rng(0))
