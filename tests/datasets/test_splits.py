"""The split by key, which must never change."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from linework.datasets.seen_keys import SeenKeys
from linework.datasets.splits import key_fraction, split_indices
from linework.strokes import LineworkError

keys_of = st.lists(st.integers(0, 2**64 - 1), max_size=40)


def test_the_split_is_the_same_for_ever() -> None:
    # The first outputs of splitmix64 seeded with 0 and 1, as published with the generator.
    keys = np.array([0, 1], np.uint64)
    published = np.array([0xE220A8397B1DCDAF, 0x910A2DEC89025CC1], np.uint64)
    assert (key_fraction(keys) * 2**53).astype(np.uint64).tolist() == (
        published >> np.uint64(11)
    ).tolist()
    real = np.array([4897919444451328, 6411036099870720, 2**64 - 1, 12], np.uint64)
    assert split_indices(real).tolist() == [0, 0, 0, 0]


def test_shares_are_kept() -> None:
    keys = np.arange(200_000, dtype=np.uint64) * 4096
    counts = np.bincount(split_indices(keys), minlength=3) / len(keys)
    assert counts == pytest.approx([0.9, 0.05, 0.05], abs=0.003)
    assert (split_indices(keys, (1, 0, 0)) == 0).all()
    assert (split_indices(keys, (0, 0, 7)) == 2).all()


@given(keys_of)
def test_a_key_falls_alike_in_any_company(keys: list[int]) -> None:
    array = np.array(keys, np.uint64)
    alone = [int(split_indices(np.array([k], np.uint64))[0]) for k in keys]
    assert split_indices(array).tolist() == alone


@pytest.mark.parametrize("shares", [(1, 1), (0, 0, 0), (1, -1, 1), (1, float("nan"), 1)])
def test_shares_that_make_no_sense(shares: Sequence[float]) -> None:
    with pytest.raises(LineworkError, match="shares"):
        split_indices(np.zeros(1, np.uint64), shares)


@given(st.lists(st.lists(st.integers(0, 30), max_size=12), max_size=8))
def test_seen_keys_are_a_set(groups: list[list[int]]) -> None:
    seen, wanted = SeenKeys(), set[int]()
    for group in groups:
        fresh = seen.add(np.array(group, np.uint64))
        expected = []
        for key in group:
            expected.append(key not in wanted)
            wanted.add(key)
        assert fresh.tolist() == expected
    assert len(seen) == len(wanted)
