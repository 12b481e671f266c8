"""The procedural doodles: valid, seeded, varied, quick; whether they charm is for the eye."""

from __future__ import annotations

import itertools
import json
import time
from pathlib import Path

import numpy as np
import pytest
from linework.datasets.doodle_hand import Hand
from linework.datasets.doodles import (
    DOODLE_WORDS,
    draw_doodle,
    procedural_doodles,
    write_doodles,
)
from linework.datasets.words import UnknownWordError, quickdraw_words
from linework.strokes import Drawing, DrawingTable
from linework.strokes.quickdraw import read_ndjson
from linework.strokes.quickdraw_recipe import simplify_raw

EACH = 12


@pytest.fixture(scope="module")
def doodles() -> list[Drawing]:
    n = EACH * len(DOODLE_WORDS)
    return list(procedural_doodles(DOODLE_WORDS, n, np.random.default_rng(7)))


def test_the_words_are_words_of_quick_draw() -> None:
    assert len(DOODLE_WORDS) >= 14
    assert set(DOODLE_WORDS) <= set(quickdraw_words())


def test_each_is_a_simplified_drawing(doodles: list[Drawing]) -> None:
    assert [d.label for d in doodles] == list(DOODLE_WORDS) * EACH
    for drawing in doodles:
        points = np.concatenate([s.points for s in drawing.strokes])
        assert (points == np.rint(points)).all()
        # Sampling at 1 px cuts the very tip of a corner.
        assert (points.min(axis=0) <= 2).all()
        assert points.min() >= 0
        assert 253 <= points.max() <= 255
        assert all(len(s) >= 2 and s.time is None for s in drawing.strokes)
        assert drawing.size == (256, 256)
        assert drawing.recognized is True


def test_sizes_are_those_of_drawings_by_people(doodles: list[Drawing]) -> None:
    # Of the real simplified drawings, 98 % have 10 to 180 points and 1 to 30 strokes.
    for drawing in doodles:
        assert 5 <= drawing.n_points <= 220, drawing.label
        assert 1 <= len(drawing.strokes) <= 45, drawing.label


def test_no_two_are_alike(doodles: list[Drawing]) -> None:
    shapes = {b"".join(s.points.tobytes() + b"|" for s in d.strokes) for d in doodles}
    assert len(shapes) == len({d.key for d in doodles}) == len(doodles)


@pytest.mark.parametrize("word", DOODLE_WORDS)
def test_a_word_is_drawn_in_several_ways(doodles: list[Drawing], word: str) -> None:
    mine = [d for d in doodles if d.label == word]
    counts = {len(d.strokes) for d in mine}
    points = [d.n_points for d in mine]
    assert len(counts) >= 2
    assert np.std(points) > 2


def test_equal_seeds_give_equal_doodles() -> None:
    def draw(seed: int, n: int) -> list[Drawing]:
        return list(procedural_doodles(["cat", "sun"], n, np.random.default_rng(seed)))

    # 70 is beyond one batch, which must not show.
    assert draw(3, 70) == draw(3, 70)
    assert draw(3, 5) == draw(3, 70)[:5]
    assert draw(3, 5) != draw(4, 5)


def test_doodles_come_one_at_a_time_without_end_in_sight() -> None:
    endless = procedural_doodles(["fish"], 10**12, np.random.default_rng(0))
    assert len(list(itertools.islice(endless, 3))) == 3


@pytest.mark.parametrize("word", DOODLE_WORDS)
def test_the_raw_doodle_has_times_and_simplifies_to_the_same_form(word: str) -> None:
    drawing = draw_doodle(word, np.random.default_rng(11))
    times = np.concatenate([s.time for s in drawing.strokes if s.time is not None])
    assert len(times) == drawing.n_points
    assert (np.diff(times) >= 0).all()
    assert times[0] == 0
    assert 500 < times[-1] < 60_000  # ms; the game gave 20 s
    for first, second in itertools.pairwise(drawing.strokes):
        assert second.time[0] - first.time[-1] > 50  # the pen travels
    low_x, low_y, high_x, high_y = drawing.bounds
    assert max(high_x - low_x, high_y - low_y) > 100
    assert min(low_x, low_y) > 10
    assert max(high_x, high_y) < 246
    strokes = simplify_raw([(s.points[:, 0], s.points[:, 1]) for s in drawing.strokes])
    assert len(strokes) == len(drawing.strokes)


def test_the_file_is_simplified_ndjson(tmp_path: Path) -> None:
    path = tmp_path / "doodles.ndjson"
    assert write_doodles(path, DOODLE_WORDS, 40, seed=5) == 40
    expected = list(procedural_doodles(DOODLE_WORDS, 40, np.random.default_rng(5)))
    assert list(read_ndjson(path)) == expected
    record = json.loads(path.read_text("utf-8").splitlines()[0])
    assert {"word", "recognized", "key_id", "drawing"} <= record.keys()
    assert all(len(stroke) == 2 for stroke in record["drawing"])
    assert list(DrawingTable.from_drawings(expected)) == expected
    again = tmp_path / "again.ndjson.gz"
    write_doodles(again, DOODLE_WORDS, 40, seed=5)
    assert list(read_ndjson(again)) == expected


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["cat", "kat"], "no rules to draw 'kat'; did you mean 'cat'"),
        (["aircraft carrier"], "no rules to draw 'aircraft carrier'; "),
        ([], "no words given"),
    ],
)
def test_a_word_without_rules_is_an_error(words: list[str], message: str) -> None:
    with pytest.raises(UnknownWordError, match=message):
        procedural_doodles(words, 1, np.random.default_rng(0))


def test_no_doodles_are_no_doodles() -> None:
    assert list(procedural_doodles([], 0, np.random.default_rng(0))) == []


def test_300_doodles_a_cpu_second() -> None:
    rng = np.random.default_rng(0)
    list(procedural_doodles(DOODLE_WORDS, 64, rng))  # fills the caches
    begin = time.process_time()
    list(procedural_doodles(DOODLE_WORDS, 280, rng))
    assert 280 / (time.process_time() - begin) >= 300


def test_frames_nest_and_mirror() -> None:
    hand = Hand(np.random.default_rng(0))
    hand.haste = 0.0
    with hand.frame(0.5, 0.5, -0.5), hand.frame(0.2, 0.0, 2.0):
        hand.lines((0, 0), (0, 0.4), (0.3, 0.4))
    [points] = hand._strokes
    # (0.3, 0.4) doubled from 0.2 is 0.8, 0.8; halved and mirrored from 0.5 it is 0.1, 0.9.
    ends = sorted(map(tuple, points[[0, -1]].tolist()))
    assert np.allclose(ends, [(0.1, 0.9), (0.4, 0.5)], atol=0.05)


def test_closed_curves_nearly_close() -> None:
    gaps = []
    for seed in range(200):
        hand = Hand(np.random.default_rng(seed))
        hand.oval(0, 0, 1)
        points = np.concatenate(hand._strokes)
        assert np.abs(np.hypot(*points.T) - 1).max() < 0.4
        gaps.append(float(np.hypot(*(points[0] - points[-1]))))
    # Some close well, some gape or overshoot.
    assert np.median(gaps) < 0.4
    assert np.quantile(gaps, 0.95) > 0.3
