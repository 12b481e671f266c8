"""Textures made from samples: crisp, of the sample's patches, and bent along shapes."""

import numpy as np
import pytest
from linework.datasets.tangles import SIDE, TANGLES, tangle
from linework.strokes import draw_ink
from linework.strokes.cutout import cut_out
from linework.strokes.errors import LineworkError
from linework.strokes.texture import compare_patches, quilt, synthesise
from linework.strokes.texture.following import follow
from linework.strokes.texture.quilting import _right_of_cut


def stripes(period: int = 8, side: int = 40) -> np.ndarray:
    return np.tile(np.where(np.arange(side) % period < 2, 0, 255).astype(np.uint8), (side, 1))


@pytest.mark.parametrize("make", [quilt, synthesise])
@pytest.mark.parametrize("size", [(70, 50), (9, 33)])
def test_size_and_kind_are_as_wanted(make, size):
    found = make(stripes(), size, np.random.default_rng(0))
    assert found.shape == size[::-1]
    assert found.dtype == np.uint8
    color = np.stack([stripes()] * 3, axis=2)
    assert make(color, size, np.random.default_rng(0)).shape == (*size[::-1], 3)


@pytest.mark.parametrize("make", [quilt, synthesise])
def test_stripes_go_on_as_stripes(make):
    found = make(stripes(), (90, 60), np.random.default_rng(1))
    assert set(np.unique(found)) <= {0, 255}  # px are copied, not averaged
    assert np.mean(found == found[:1]) > 0.9  # straight down
    assert found.mean() == pytest.approx(stripes().mean(), rel=0.08)


def test_the_same_seed_is_the_same_texture():
    one, other = (quilt(stripes(), (50, 50), np.random.default_rng(7)) for _ in range(2))
    assert (one == other).all()


def test_the_cut_goes_where_it_costs_nothing():
    wrong = np.ones((30, 9), np.float32)
    way = 4 + np.rint(2 * np.sin(np.arange(30) / 6)).astype(int)
    wrong[np.arange(30), way] = 0
    assert (_right_of_cut(wrong).argmax(axis=1) == way).all()


def test_copies_are_told_from_what_is_new():
    rng = np.random.default_rng(0)
    sample = rng.integers(0, 256, (60, 60)).astype(np.uint8)
    other = rng.integers(0, 256, (60, 60)).astype(np.uint8)
    assert compare_patches(sample[5:50, 5:50], sample, rng).copied == 1
    found = compare_patches(other, sample, rng)
    assert found.copied == 0
    assert found.distance < 2 * found.spread  # the same noise, px by px anew
    black = compare_patches(np.zeros((40, 40), np.uint8), sample, rng)
    assert black.distance > 5 * black.spread


def test_only_patches_inside_count():
    rng = np.random.default_rng(0)
    sample = rng.integers(0, 256, (40, 40)).astype(np.uint8)
    texture = np.zeros((40, 80), np.uint8)
    texture[:, :40] = sample
    inside = np.zeros(texture.shape, np.bool_)
    inside[:, :40] = True
    assert compare_patches(texture, sample, rng).copied < 0.6
    assert compare_patches(texture, sample, rng, inside=inside).copied == 1


@pytest.mark.parametrize(
    ("make", "sample", "what"),
    [
        (quilt, np.zeros((4, 90), np.uint8), "a pattern of 90 x 4 px; wanted 8"),
        (synthesise, np.zeros((7, 7), np.uint8), "a pattern of 7 x 7 px"),
    ],
)
def test_tiny_patterns_are_refused(make, sample, what):
    with pytest.raises(LineworkError, match=what):
        make(sample, (20, 20), np.random.default_rng(0))


@pytest.mark.parametrize("make", [quilt, synthesise])
def test_one_colour_stays_one_colour(make):
    assert (make(np.full((30, 30), 77, np.uint8), (40, 40), np.random.default_rng(0)) == 77).all()


def test_rows_follow_the_outline():
    y, x = np.mgrid[:120, :120]
    disc = np.hypot(y - 60, x - 60) < 50

    def rows(size: tuple[int, int]) -> np.ndarray:
        width, height = size
        return np.tile((np.arange(height) * 4 % 256).astype(np.uint8)[:, None], (1, width))

    bent = follow(disc, rows)
    depth = 50 - np.hypot(y - 60, x - 60)
    ring = disc & (depth > 3) & (depth < 45)
    assert np.abs(bent[ring] / 4 - depth[ring]).max() < 2


def test_a_shape_is_cut_out_of_plain_paper():
    y, x = np.mgrid[:100, :140]
    disc = np.hypot(y - 50, x - 60) < 30
    picture = np.where(disc, 60, 235).astype(np.uint8)
    assert (cut_out(picture) ^ disc).mean() < 0.01
    ring = disc & (np.hypot(y - 50, x - 60) > 27)  # an outline is filled
    assert (cut_out(np.where(ring, 0, 250).astype(np.uint8)) ^ disc).mean() < 0.01
    white = cut_out(np.where(disc, 255, 20).astype(np.uint8))
    assert (white ^ disc).mean() < 0.01


@pytest.mark.parametrize("value", [0, 255])
def test_nothing_to_cut_out_is_said(value):
    with pytest.raises(LineworkError, match="nothing stands out"):
        cut_out(np.full((50, 50), value, np.uint8))


@pytest.mark.parametrize("name", TANGLES)
def test_tangles_cover_their_tile(name):
    ink = draw_ink(tangle(name, np.random.default_rng(0))) < 128
    assert ink.shape == (SIDE, SIDE)
    quarters = [ink[:80, :80], ink[:80, 80:], ink[80:, :80], ink[80:, 80:]]
    assert all(0.05 < quarter.mean() < 0.7 for quarter in quarters)


def test_unknown_tangles_are_said():
    with pytest.raises(LineworkError, match="'zigzag' is no pattern; there are hatch, scales"):
        tangle("zigzag", np.random.default_rng(0))
