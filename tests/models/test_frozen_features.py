"""Numbers that tell sets of pictures apart: the same encoder always, distances that are right."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from linework.models.frozen_features import (
    NUMBERS,
    FrozenFeatures,
    frechet_distance,
    kernel_width,
    mean_discrepancy,
    mean_distance,
)

RNG = np.random.default_rng(5)


def blotches(count: int, light: float = 0.0, fine: bool = False) -> torch.Tensor:
    generator = torch.Generator().manual_seed(count)
    noise = torch.rand(count, 3, 64 if fine else 8, 64 if fine else 8, generator=generator)
    return torch.nn.functional.interpolate(noise, size=(64, 64)) - 0.5 + light


def test_the_encoder_is_the_same_every_time() -> None:
    one, two = FrozenFeatures(), FrozenFeatures()
    assert one.fingerprint == two.fingerprint
    # Another would make all figures of before worthless: whoever changes it says so here.
    assert one.fingerprint == "a183ba8bc566b619"
    pictures = blotches(2)
    assert one(pictures).shape == (2, NUMBERS)
    assert np.array_equal(one(pictures), two(pictures))
    # A picture's numbers do not depend on those beside it.
    assert np.allclose(one(pictures)[1:], one(pictures[1:]), atol=1e-5)


def test_it_sees_light_and_texture() -> None:
    encoder = FrozenFeatures()
    base, other = encoder(blotches(40)), encoder(blotches(41)[1:])
    near = frechet_distance(base, other)
    assert frechet_distance(base, encoder(blotches(40, light=0.3))) > 3 * near
    assert frechet_distance(base, encoder(blotches(40, fine=True))) > 3 * near


def test_frechets_distance_of_known_normals() -> None:
    one = RNG.normal(size=(40_000, 3))
    other = RNG.normal(size=(40_000, 3)) * [2, 1, 1] + [0, 3, 0]
    assert frechet_distance(one, one) == pytest.approx(0, abs=1e-9)
    # 3 squared apart, and (2 - 1) squared.
    assert frechet_distance(one, other) == pytest.approx(10, rel=0.03)


def test_mean_discrepancy_is_about_zero_for_alike_sets_and_not_for_others() -> None:
    sets = RNG.normal(size=(20, 60, 4))
    width = kernel_width(sets[0])
    assert width == pytest.approx(np.sqrt(8), rel=0.15)
    alike = [mean_discrepancy(a, b, width) for a, b in zip(sets[:10], sets[10:], strict=True)]
    assert abs(np.mean(alike)) < 0.005
    assert min(alike) < 0  # unbiased
    assert mean_discrepancy(sets[0], sets[1] + 1, width) > 0.1


def test_the_mean_distance_of_a_square() -> None:
    corners = np.array([[0.0, 0], [1, 0], [0, 1], [1, 1]])
    assert mean_distance(corners) == pytest.approx((4 + 2 * np.sqrt(2)) / 6)
