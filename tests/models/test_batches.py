"""Batches: every drawing once an epoch, a function of the step, split among processes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
import torch
from linework.models.batches import (
    Augmentation,
    Batches,
    augment,
    collate,
    evaluation_batches,
    measure_box,
    measure_scales,
    select,
)
from linework.strokes import Drawing, DrawingTable, Stroke, from_stroke3, to_stroke3
from linework.strokes.errors import LineworkError
from linework.strokes.stroke3 import offsets_from_points
from sketches import WORDS, random_drawings, random_table, small_config


def batches(n: int = 23, batch_size: int = 5, **options: object) -> Batches:
    sequences = select(random_table(n), "train")
    return Batches(sequences, small_config(latent_dropout=0.3), batch_size, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("bucket", [True, False])
def test_an_epoch_has_every_drawing_once_but_for_the_remainder(bucket: bool) -> None:
    found = batches(bucket=bucket)
    assert found.per_epoch == 4
    left_out = []
    for epoch in range(6):
        seen = np.concatenate([found.indices(4 * epoch + i) for i in range(4)])
        assert len(set(seen.tolist())) == 20
        left_out.append(frozenset(range(23)) - set(seen.tolist()))
    assert len(set(left_out)) > 1


def test_fewer_drawings_than_a_batch_are_one_batch() -> None:
    found = batches(3, 64)
    assert (found.batch_size, found.per_epoch) == (3, 1)
    assert sorted(found.indices(11).tolist()) == [0, 1, 2]


def test_a_batch_depends_on_the_step_alone() -> None:
    first, second = batches(), batches()
    for step in (9, 2, 30, 9, 0):
        first.at(step, Augmentation())
    for step in (9, 30):
        one, points, drawings = first.at(step, Augmentation())
        two, *_ = second.at(step, Augmentation())
        assert (points, drawings) == (int(one.lengths.sum()), 5)
        for name in one.__slots__:
            assert torch.equal(getattr(one, name), getattr(two, name)), name
    other, *_ = batches(seed=1).at(9, Augmentation())
    assert not torch.equal(other.noise, first.at(9, Augmentation())[0].noise)
    assert not torch.equal(first.at(8)[0].noise, first.at(9)[0].noise)


@pytest.mark.parametrize("world", [2, 3, 5])
def test_processes_share_the_global_batch(world: int) -> None:
    found = batches()
    whole, points, drawings = found.at(6, Augmentation())
    seen = 0
    for rank in range(world):
        part, *totals = found.at(6, Augmentation(), rank, world)
        assert totals == [points, drawings]
        rows = len(part.offsets)
        mine = slice(rank, None, world)
        assert torch.equal(part.offsets, whole.offsets[:rows, mine])
        assert torch.equal(part.pen, whole.pen[: rows + 1, mine])
        for name in ("lengths", "words", "noise", "keep_latent"):
            assert torch.equal(getattr(part, name), getattr(whole, name)[mine]), name
        seen += len(part.lengths)
    assert seen == drawings


def test_more_processes_than_drawings_is_refused() -> None:
    with pytest.raises(LineworkError, match="batch of 5 drawings does not go round 6"):
        batches().at(0, None, 0, 6)


def test_bucketing_pads_little() -> None:
    table = random_table(2000, shortest=5, longest=125)
    shares = {}
    for bucket in (True, False):
        found = Batches(select(table, "train"), small_config(), 20, bucket=bucket)
        cells = rows = 0
        for step in range(found.per_epoch):
            lengths = found.sequences.lengths[found.indices(step)]
            cells += int(lengths.max()) * len(lengths)
            rows += int(lengths.sum())
        shares[bucket] = 1 - rows / cells
    assert shares[True] < 0.02
    assert shares[False] > 0.3


def test_pad_to_is_the_published_layout() -> None:
    whole, *_ = batches(bucket=False, pad_to=200).at(0)
    assert whole.offsets.shape == (200, 5, 2)
    assert whole.pen.shape == (201, 5)
    assert (whole.pen[-1] == 2).all()


# -- augmentation


def flat(drawing: Drawing) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    points = np.concatenate([s.points for s in drawing.strokes]).astype(np.float64)
    return points - points[0], np.cumsum([len(s) for s in drawing.strokes])


@pytest.mark.parametrize("seed", range(20))
def test_stretching_stays_in_bounds_and_on_integers(seed: int) -> None:
    points, ends = flat(random_drawings(1, seed)[0])
    how = Augmentation(scale=0.15, drop=0.0)
    whole, same = augment(points, ends, how, np.random.default_rng(seed))
    exact, _ = augment(points, ends, how, np.random.default_rng(seed), whole=False)
    assert np.array_equal(same, ends)
    assert np.array_equal(whole, np.rint(exact))
    factors = [
        exact[:, axis] @ points[:, axis] / (points[:, axis] @ points[:, axis]) for axis in (0, 1)
    ]
    assert all(0.85 <= f <= 1.15 for f in factors)
    assert abs(factors[0] - factors[1]) > 1e-6
    np.testing.assert_allclose(exact, points * factors, atol=1e-9)


@pytest.mark.parametrize("seed", range(10))
def test_rotation_is_within_its_degrees(seed: int) -> None:
    points, ends = flat(random_drawings(1, seed)[0])
    how = Augmentation(scale=0.0, drop=0.0, rotate=8.0)
    turned, _ = augment(points, ends, how, np.random.default_rng(seed), whole=False)
    a, b = (p[:, 0] + 1j * p[:, 1] for p in (points, turned))
    angle = np.angle(np.vdot(a, b), deg=True)
    assert 0 < abs(angle) <= 8
    np.testing.assert_allclose(np.abs(a), np.abs(b), atol=1e-9)


def test_mirror_turns_left_to_right() -> None:
    points, ends = flat(random_drawings(1)[0])
    how = Augmentation(scale=0.0, drop=0.0, mirror=1.0)
    turned, _ = augment(points, ends, how, np.random.default_rng(0))
    assert np.array_equal(turned, points * [-1, 1])


def test_fading_weakens_the_dropping_alone() -> None:
    assert Augmentation(0.1, 0.2, 3.0, 0.5).fade(0.25) == Augmentation(0.1, 0.05, 3.0, 0.5)


def published_drop(
    rows: npt.NDArray[np.float64], draws: npt.NDArray[np.float64], probability: float
) -> npt.NDArray[np.float64]:
    """The published rule said row by row: a dropped row's offset goes to the row kept before."""
    kept: list[list[float]] = []
    since_lift = 0
    for (dx, dy, lifts), draw in zip(rows.tolist(), draws, strict=True):
        after_lift = not kept or kept[-1][2] == 1
        since_lift = 0 if lifts or after_lift else since_lift + 1
        if not lifts and not after_lift and since_lift > 2 and draw < probability:
            kept[-1][0] += dx
            kept[-1][1] += dy
        else:
            kept.append([dx, dy, lifts])
    return np.array(kept)


@pytest.mark.parametrize("first_stroke", [1, 2, 9])
@pytest.mark.parametrize("seed", range(6))
def test_dropping_is_the_published_rule(seed: int, first_stroke: int) -> None:
    rng = np.random.default_rng(seed)
    sizes = [first_stroke, 1, 2, 3, 4, 5, 12, 30]
    drawing = Drawing(tuple(Stroke(rng.integers(0, 256, (n, 2))) for n in sizes))
    points, ends = flat(drawing)
    how = Augmentation(scale=0.0, drop=0.5)
    found = offsets_from_points(*augment(points, ends, how, np.random.default_rng(seed)))
    again = np.random.default_rng(seed)
    again.uniform(size=3)
    again.random()
    draws = again.random(len(points))
    # A draw is for the point that goes: the one that the row before leads to.
    rows = to_stroke3(drawing).astype(np.float64)
    extra = first_stroke == 1  # then the first row stands for the first point
    of_row = np.concatenate([[1.0, 1.0] if extra else [1.0], draws[1:-1]])
    wanted = published_drop(rows, of_row, 0.5)
    assert len(wanted) < len(rows)
    np.testing.assert_array_equal(found, wanted)


# -- choosing and measuring


def test_select_by_split_word_and_length() -> None:
    table = random_table(30, valid=6)
    assert len(select(table, "train")) == 30
    assert len(select(table, "valid")) == 6
    assert len(select(table, None)) == 36
    chosen = select(table, "train", ("house", "cat"))
    assert len(chosen) == 20
    assert [table[int(row)].label for row in chosen.rows] == [
        ("house", "cat")[word] for word in chosen.words
    ]
    short = select(table, "train", max_points=20)
    assert 0 < len(short) < 30
    assert short.lengths.max() <= 20
    with pytest.raises(LineworkError, match=r"no drawing of owl, fox in split train.*data info"):
        select(table, "train", ("owl", "fox"))


def test_balance_shows_rare_words_as_often() -> None:
    drawings = random_drawings(3)[:1] * 10 + [d.replace(label="dog") for d in random_drawings(90)]
    table = DrawingTable.from_drawings(drawings)
    for balance, share in ((0.0, 0.1), (1.0, 0.5)):
        sequences = select(table, "train", ("cat", "dog"), balance=balance)
        found = Batches(sequences, small_config(), 20)
        words = np.concatenate([sequences.words[found.indices(t)] for t in range(500)])
        assert (words == 0).mean() == pytest.approx(share, abs=0.03)


def test_scales_are_those_of_the_offsets_and_places() -> None:
    table = random_table(50)
    sequences = select(table, "train")
    scale, position_scale = measure_scales(sequences)
    offsets = np.concatenate([to_stroke3(table[i])[:, :2].ravel() for i in range(50)])
    assert scale == pytest.approx(offsets.std(), rel=1e-6)
    places = np.concatenate([flat(table[i])[0].ravel() for i in range(50)])
    assert position_scale == pytest.approx(np.sqrt((places**2).mean()) / scale, rel=1e-6)
    sides = [np.ptp(flat(table[i])[0], axis=0).max() for i in range(50)]
    assert measure_box(sequences) == np.median(sides)


def test_a_wild_offset_is_clamped_as_published() -> None:
    rows = np.array([[4000, -3000, 0], [1, 1, 1]], np.float32)
    batch = collate([rows], np.zeros(1), np.zeros((1, 2), np.float32), np.ones(1, bool), 10.0)
    assert batch.offsets[:, 0].tolist() == [[100.0, -100.0], [pytest.approx(0.1)] * 2]


def test_a_dot_is_a_drawing() -> None:
    table = DrawingTable.from_drawings([Drawing((Stroke([[3, 4]]),)), from_stroke3([[1, 2, 1]])])
    found, points, _ = Batches(select(table, "train"), small_config(), 2).at(0, Augmentation())
    assert points == 2
    assert sorted(found.pen[0].tolist()) == [1, 1]
    assert found.pen[1].tolist() == [2, 2]


def test_evaluation_reads_every_drawing_once_and_unchanged() -> None:
    table = random_table(25)
    found = evaluation_batches(select(table, "train", WORDS), small_config(words=WORDS), 10)
    assert [len(b.lengths) for b in found] == [10, 10, 5]
    lengths = torch.cat([b.lengths for b in found]).tolist()
    assert all(a <= b for a, b in pairwise(lengths))
    total = sum(float(b.offsets.double().sum()) for b in found) * 20
    wanted = sum(float(to_stroke3(table[i])[:, :2].astype(float).sum()) for i in range(25))
    assert total == pytest.approx(wanted, abs=0.01)
    assert all(b.keep_latent.all() for b in found)
    again = evaluation_batches(select(table, "train", WORDS), small_config(words=WORDS), 10)
    assert torch.equal(found[1].noise, again[1].noise)


@pytest.mark.parametrize(("likelihood", "whole"), [("cell", True), ("density", False)])
def test_training_rows_are_integers_where_cells_are_counted(likelihood: str, whole: bool) -> None:
    sequences = select(random_table(20), "train")
    found = Batches(sequences, small_config(likelihood=likelihood), 20)
    offsets = found.at(0, Augmentation())[0].offsets.double() * 20
    assert bool(((offsets - offsets.round()).abs() < 1e-4).all()) is whole
