"""Markov chains: counts that back off, pictures, strokes, and what is copied."""

import numpy as np
import pytest
from linework.models.context_tree import count_contexts
from linework.models.copied_runs import longest_copied_run
from linework.models.markov_pixels import HIGHEST_ORDER, OFFSETS, contexts, learn_pixels
from linework.models.markov_strokes import CELLS, CODES, KINDS, MOST, learn_strokes
from linework.strokes.errors import LineworkError

PALETTE = np.array([[0, 0, 0], [255, 255, 255], [200, 0, 0]], np.uint8)


def stripes(size: int = 24) -> np.ndarray:
    """Rows of colours 0, 1, 2, 0, 1, 2 ..."""
    return np.repeat(np.arange(size)[:, None] % 3, size, axis=1).astype(np.uint8)


def test_shares_sum_to_one_and_follow_counts():
    rng = np.random.default_rng(0)
    found = rng.integers(0, 3, (500, 4)).astype(np.uint8)
    # The outcome repeats the nearest symbol nine times of ten.
    outcomes = np.where(rng.random(500) < 0.9, found[:, 0], rng.integers(0, 3, 500))
    tree = count_contexts(found, outcomes.astype(np.uint8), alphabet=3, kinds=3)
    assert np.allclose(tree.shares.sum(axis=1), 1, atol=1e-5)
    assert (tree.shares > 0).all()
    near = tree.shares[tree.find(np.array([[k, 0, 0, 0] for k in range(3)], np.uint8), order=1)]
    assert (near.argmax(axis=1) == np.arange(3)).all()
    assert (np.diag(near) > 0.85).all()


def test_unseen_contexts_are_answered_by_shorter_ones():
    seen = np.array([[0, 1]] * 6 + [[1, 1]] * 6, np.uint8)
    tree = count_contexts(seen, np.array([0] * 6 + [1] * 6, np.uint8), alphabet=3, kinds=2)
    nodes = tree.find(np.array([[0, 1], [0, 2], [2, 1]], np.uint8))
    deep, one, none = nodes.tolist()
    assert tree.firsts[2] <= deep < tree.firsts[3]
    assert tree.firsts[1] <= one < tree.firsts[2]
    assert none == 0
    assert tree.shares[one].argmax() == 0


def test_neighbours_come_before_and_by_distance():
    away = [dy * dy + dx * dx for dy, dx in OFFSETS]
    assert away == sorted(away)
    assert len(set(OFFSETS)) == HIGHEST_ORDER
    assert all(dy < 0 or (dy == 0 and dx < 0) for dy, dx in OFFSETS)


def test_contexts_are_what_lies_there():
    colors = np.arange(20, dtype=np.uint8).reshape(4, 5)
    found, outcomes = contexts(colors, 4, outside=99)
    row = found.reshape(4, 5, 4)
    assert row[2, 2].tolist() == [11, 7, 6, 8]  # left, above, above left, above right
    assert row[0, 0].tolist() == [99, 99, 99, 99]
    assert row[3, 4].tolist() == [18, 14, 13, 99]
    assert outcomes.tolist() == list(range(20))


@pytest.mark.parametrize("order", [2, 6, 15, 24])
def test_paints_stripes_after_stripes(order):
    chain = learn_pixels([stripes()], PALETTE, order)
    painted = chain.paint(40, 33, np.random.default_rng(1), temperature=0)
    assert painted.shape == (33, 40)
    assert (painted == painted[:, :1]).all()
    assert (np.diff(painted[:, 0].astype(int)) % 3 == 1).all()
    assert chain.bits([stripes(30)]) < 0.1


def test_fronts_paint_what_px_after_px_would():
    rng = np.random.default_rng(3)
    pictures = [rng.integers(0, 3, (30, 30)).astype(np.uint8).repeat(2, 0) for _ in range(2)]
    chain = learn_pixels(pictures, PALETTE, 10)
    width, height = 11, 9
    painted = chain.paint(width, height, np.random.default_rng(5))
    chance = np.random.default_rng(5).random((height, width), np.float32)
    slow = np.zeros((height, width), np.uint8)
    for y in range(height):
        for x in range(width):
            # What is not painted yet is not read: only px before (y, x) are in its context.
            found, _ = contexts(slow, chain.order, outside=3)
            node = chain.tree.find(found[y * width + x][None])
            sums = chain.tree.shares[node][0].cumsum()
            slow[y, x] = (chance[y, x] >= (sums / sums[-1])[:-1]).sum()
    assert (painted == slow).all()


def test_order_0_knows_shares_only():
    rng = np.random.default_rng(0)
    picture = rng.choice(3, (64, 64), p=[0.7, 0.2, 0.1]).astype(np.uint8)
    painted = learn_pixels([picture], PALETTE, 0).paint(64, 64, rng)
    assert np.bincount(painted.ravel(), minlength=3) / 4096 == pytest.approx(
        [0.7, 0.2, 0.1], abs=0.03
    )


def test_one_colour_paints_itself():
    chain = learn_pixels([np.zeros((5, 7), np.uint8)], PALETTE[:1], 6)
    assert (chain.paint(9, 4, np.random.default_rng(0)) == 0).all()
    assert chain.bits([np.zeros((3, 3), np.uint8)]) == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize(
    ("order", "maps", "palette", "what"),
    [
        (40, [stripes()], PALETTE, "order is 40; wanted 0 to 24"),
        (-1, [stripes()], PALETTE, "order is -1"),
        (2, [], PALETTE, "no px to learn from"),
        (2, [stripes()], PALETTE[:2], "a map has colour 2; the palette ends with 1"),
        (2, [stripes()], np.zeros((17, 3)), "17 colours; wanted 1 to 16"),
    ],
)
def test_what_cannot_be_learned_is_said(order, maps, palette, what):
    with pytest.raises(LineworkError, match=what):
        learn_pixels(maps, palette, order)


def test_longest_copied_run_is_the_longest():
    rng = np.random.default_rng(0)
    known = rng.integers(0, 16, (20, 50)).astype(np.uint8)
    found = rng.integers(0, 16, (10, 60)).astype(np.uint8)
    found[4, 7:38] = known[11, 9:40]
    found[4, 6], found[4, 38] = (known[11, 8] + 1) % 16, (known[11, 40] + 1) % 16
    assert longest_copied_run([found], [known]) == 31
    assert longest_copied_run([known], [known]) == 50
    assert longest_copied_run([np.full((2, 2), 9, np.uint8)], [np.zeros((3, 3), np.uint8)]) == 0


def test_rows_do_not_run_on_into_the_next():
    known = np.array([[1, 2, 3], [4, 5, 6]], np.uint8)
    assert longest_copied_run([np.array([[2, 3, 4, 5]], np.uint8)], [known]) == 2


def test_every_offset_has_one_code():
    assert CELLS.sum() == (2 * MOST + 1) ** 2
    assert CODES[MOST, MOST] == CODES.min()
    assert CELLS[CODES[MOST, MOST]] == 1


def hook(rng: np.random.Generator) -> np.ndarray:
    """Right, right, down, and the pen lifts; twice."""
    stroke = [[20, 0, 0], [20, 0, 0], [0, 20, 1]]
    return np.array(stroke * 2) + np.pad(rng.integers(-1, 2, (6, 2)), ((0, 0), (0, 1)))


def test_strokes_are_learned_and_measured_exactly():
    rng = np.random.default_rng(0)
    drawings = [hook(rng) for _ in range(200)]
    chain = learn_strokes(drawings, 3)
    held = [hook(rng) for _ in range(20)]
    by_order = [chain.nats(held, k) for k in range(4)]
    assert by_order[3] < by_order[1] < by_order[0] < np.log((2 * MOST + 1) ** 2)
    # Nine offsets are alike likely; the chain's codes hold some more than those.
    assert np.log(9) < by_order[3] < np.log(9) + 2.5
    drawn = chain.draw(30, rng, temperature=0.5)
    ends = [rows[-1, 2] for rows in drawn]
    assert np.mean(ends) > 0.9
    assert np.median([len(rows) for rows in drawn]) == 6


def test_probabilities_of_rows_sum_to_one():
    chain = learn_strokes([hook(np.random.default_rng(1)) for _ in range(50)], 2)
    # A symbol's share is dealt out over its offsets, and CELLS counts every one.
    assert np.allclose(chain.tree.shares.sum(axis=1), 1, atol=1e-4)
    assert chain.tree.shares.shape[1] == KINDS


@pytest.mark.parametrize("order", [-1, 9, 40])
def test_orders_of_strokes_are_bounded(order):
    with pytest.raises(LineworkError, match="wanted 0 to 8"):
        learn_strokes([hook(np.random.default_rng(0))], order)
