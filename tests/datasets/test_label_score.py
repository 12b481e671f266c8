"""Pixel accuracy and intersection over union, against figures worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linework.datasets.label_score import count_pairs, no_counts, score_counts
from linework.datasets.labels import UNLABELLED, Label, Vocabulary

NAMES = Vocabulary("abc", tuple(Label(k + 1, n, (k, k, k)) for k, n in enumerate("abc")))


def row(*pixels: int) -> np.ndarray:
    return np.array([pixels], np.uint8)


def test_figures_by_hand() -> None:
    # a: 2 right of 3 true and 3 found, union 4; b: 1 of 2 and 2, union 3.
    score = score_counts(count_pairs(row(0, 0, 0, 1, 1), row(0, 0, 1, 0, 1)), NAMES)
    assert score.iou == {"a": pytest.approx(2 / 4), "b": pytest.approx(1 / 3)}
    assert score.mean_iou == pytest.approx((1 / 2 + 1 / 3) / 2)
    assert score.pixel_accuracy == pytest.approx(3 / 5)
    assert score.shares == {"a": pytest.approx(3 / 5), "b": pytest.approx(2 / 5)}


def test_what_nobody_labelled_counts_nowhere() -> None:
    with_void = count_pairs(row(0, 1, UNLABELLED, UNLABELLED), row(0, 1, 2, 0))
    assert score_counts(with_void, NAMES) == score_counts(count_pairs(row(0, 1), row(0, 1)), NAMES)


def test_a_label_found_where_none_is_counts_as_missed() -> None:
    score = score_counts(count_pairs(row(0, 0), row(0, 2)), NAMES)
    assert score.iou == {"a": 0.5, "c": 0.0}
    assert score.shares["c"] == 0


def test_nothing_labelled_is_not_a_number() -> None:
    score = score_counts(no_counts(), NAMES)
    assert math.isnan(score.mean_iou)
    assert score.iou == {}


@settings(max_examples=20)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=8))
def test_pictures_add_up(pairs: list[tuple[int, int]]) -> None:
    true, found = (np.array([half], np.uint8) for half in zip(*pairs, strict=True))
    whole = count_pairs(true, found)
    parts = sum(
        (count_pairs(true[:, k : k + 1], found[:, k : k + 1]) for k in range(len(pairs))),
        no_counts(),
    )
    assert np.array_equal(whole, parts)
    score = score_counts(whole, NAMES)
    assert 0 <= score.mean_iou <= 1
    assert (score.mean_iou == 1) == (true == found).all()
