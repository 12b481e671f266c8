"""Patches of oversketches: seeded, registered, with ink in them, fast enough to train on."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from linework.datasets.oversketches import (
    FIT_EDGE,
    TEST_NAMES,
    OversketchPairs,
    draw_lines,
    fit_sketch,
    split_oversketches,
)
from linework.datasets.pairs import PairSource
from linework.datasets.scap import Oversketch, read_scaps
from linework.strokes import LineworkError


@pytest.fixture(scope="module")
def sketch() -> Oversketch:
    """A wave drawn four times and a circle drawn twice; units of a tenth of what is fitted to."""
    rng = np.random.default_rng(0)
    t = np.linspace(0, 1, 60)
    wave = np.stack([100 * t, 20 + 8 * np.sin(9 * t)], axis=1)
    circle = np.stack([50 + 15 * np.cos(7 * t), 60 + 15 * np.sin(7 * t)], axis=1)
    strokes = [wave + rng.normal(0, 0.4, 2) for _ in range(4)]
    strokes += [circle + rng.normal(0, 0.4, 2) for _ in range(2)]
    return Oversketch("made", tuple(strokes), (0, 0, 0, 0, 1, 1))


@pytest.fixture(scope="module")
def pairs(sketch: Oversketch) -> PairSource:
    return OversketchPairs([fit_sketch(sketch)])


def test_fitted_to_the_long_edge(sketch: Oversketch) -> None:
    fitted = fit_sketch(sketch)
    every = np.concatenate(fitted.strokes)
    assert every.min(axis=0) == pytest.approx([0, 0])
    assert np.ptp(every, axis=0).max() == pytest.approx(FIT_EDGE)
    assert len(fitted.lines) == 2


def test_the_same_state_gives_the_same_patch(pairs: PairSource) -> None:
    for seed in range(4):
        a = pairs.patch(96, np.random.default_rng(seed))
        b = pairs.patch(96, np.random.default_rng(seed))
        assert (a.rough == b.rough).all()
        assert (a.clean == b.clean).all()
    assert (a.clean != pairs.patch(96, np.random.default_rng(99)).clean).any()


@pytest.mark.parametrize("size", [1, 31, 256])
def test_shape_and_type(pairs: PairSource, size: int) -> None:
    pair = pairs.patch(size, np.random.default_rng(1))
    for picture in (pair.rough, pair.clean):
        assert picture.shape == (size, size)
        assert picture.dtype == np.uint8


def test_ink_in_rough_lies_where_clean_has_a_line(pairs: PairSource) -> None:
    rng = np.random.default_rng(2)
    inked = 0
    for _ in range(40):
        pair = pairs.patch(192, rng)
        clean = pair.clean < 128
        inked += clean.mean() > 0.003
        near = cv2.dilate(clean.astype(np.uint8), np.ones((31, 31))) > 0
        paper = np.median(pair.rough)
        dark = (pair.rough < 0.6 * paper)[16:-16, 16:-16]
        if dark.sum() > 50:
            assert (near[16:-16, 16:-16] & dark).sum() > 0.97 * dark.sum()
    assert inked >= 38


def test_the_plain_look_is_two_px_of_55_per_cent(sketch: Oversketch) -> None:
    source = OversketchPairs([fit_sketch(sketch)], plain_share=1.0)
    for seed in range(5):
        rough = source.patch(128, np.random.default_rng(seed)).rough
        once = int(255 * (1 - 0.55))
        assert rough.max() == 255
        assert np.isin([once, once - 1, once + 1], np.unique(rough)).any()


@pytest.mark.parametrize("width", [2.0, 3.5, 4.25])
def test_lines_are_as_wide_as_asked(width: float) -> None:
    line = np.round(np.array([[20.0, 64], [108, 70]]) * 16).astype(np.int32)
    picture = draw_lines([(line, False)], 128, width)
    drawn = (255.0 - picture).sum() / 255 / np.hypot(88, 6)
    assert drawn == pytest.approx(width, abs=0.25)
    thinner = draw_lines([(line, False)], 128, width - 0.5)
    assert (thinner >= picture.astype(int) - 6).all()  # the core of a blend may be greyer
    assert thinner.sum() > picture.sum()


def test_the_cache_gives_the_same_lines_and_heals(sketch: Oversketch, tmp_path: Path) -> None:
    cache = tmp_path / "lines"
    first = fit_sketch(sketch, cache)
    again = fit_sketch(sketch, cache)
    for a, b in zip(first.lines, again.lines, strict=True):
        assert a.points == pytest.approx(b.points, abs=0.01)
    (kept,) = cache.iterdir()
    changed = json.loads(kept.read_text())
    changed["lines"] = []
    kept.write_text(json.dumps(changed))
    assert fit_sketch(sketch, cache).lines == ()  # it is read
    moved = Oversketch(sketch.name, sketch.strokes[1:], sketch.clusters[1:])
    assert len(fit_sketch(moved, cache).lines) == 2  # another drawing of that name is not
    kept.write_text("{ cut sho")
    assert len(fit_sketch(sketch, cache).lines) == 2


def test_the_split() -> None:
    train, test = split_oversketches(["duck", "giraffe", "Giraffe02", "my own", "carc"])
    assert train == ["Giraffe02", "giraffe", "my own"]
    assert test == ["carc", "duck"]
    assert len(TEST_NAMES) == 12


def test_no_drawings() -> None:
    with pytest.raises(LineworkError, match="no oversketches"):
        OversketchPairs([])


def test_a_real_drawing(real_data: Path) -> None:
    drawings = read_scaps(real_data / "rough_strokes")
    names = {d.name for d in drawings}
    assert names >= TEST_NAMES
    car = fit_sketch(next(d for d in drawings if d.name == "carc"))
    assert 25 <= len(car.lines) <= 35
    assert OversketchPairs([car]).patch(64, np.random.default_rng(0)).clean.shape == (64, 64)
