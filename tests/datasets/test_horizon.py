"""The background by rule: what is sky, what is ground, and where the one becomes the other."""

from __future__ import annotations

import numpy as np
import pytest
from linework.datasets.horizon import Placed, horizon_map
from linework.datasets.labels import vocabulary

SCENE = vocabulary("scene")
SIZE = (60, 40)


def line(*points: tuple[float, float]) -> np.ndarray:
    return np.array(points, np.float32)


def box(x: float, y: float, side: float) -> np.ndarray:
    return line((x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y))


def names(objects: list[Placed]) -> np.ndarray:
    """(H, W) of labels' names."""
    pixels = horizon_map(objects, SIZE)
    assert pixels.shape == SIZE[::-1]
    called = {label.pixel: label.name for label in SCENE.labels}
    return np.vectorize(called.__getitem__)(pixels)


GRASS = Placed("grass", (line((0, 0.6), (1, 0.6)),))
RANGE = Placed("mountain", (line((0, 0.5), (0.5, 0.1), (1, 0.5)),))
SEA = Placed("sea", (line((0, 0.4), (1, 0.4)),))


@pytest.mark.parametrize(
    ("objects", "where"),
    [
        ([], {(0.5, 0.1): "sky", (0.5, 0.9): "grass"}),
        ([GRASS], {(0.5, 0.5): "sky", (0.5, 0.7): "grass"}),
        # Below its skyline a mountain, down to its feet; then a ground that nobody drew.
        (
            [RANGE],
            {(0.5, 0.05): "sky", (0.5, 0.3): "mountain", (0.1, 0.3): "sky", (0.5, 0.7): "grass"},
        ),
        # What is drawn lower is nearer, in whichever order it was drawn.
        ([GRASS, RANGE], {(0.5, 0.55): "mountain", (0.5, 0.65): "grass"}),
        (
            [SEA, Placed("sand", (line((0, 0.7), (1, 0.8)),))],
            {(0.5, 0.3): "sky", (0.5, 0.5): "sea", (0.5, 0.9): "sand"},
        ),
        # Marks say what the ground is, not where it begins.
        ([Placed("snow", (line((0.4, 0.8), (0.45, 0.82)),))], {(0.5, 0.9): "snow"}),
        ([Placed("boat", (box(0.4, 0.5, 0.1),))], {(0.5, 0.9): "sand"}),
        # Things stand on the ground, clouds hang above it.
        (
            [Placed("house", (box(0.4, 0.6, 0.2),)), Placed("clouds", (box(0.1, 0.1, 0.2),))],
            {(0.5, 0.7): "sky", (0.9, 0.9): "grass"},
        ),
        # A line that nearly reaches the edge goes on to it; a short ridge does not.
        ([Placed("grass", (line((0.05, 0.6), (0.9, 0.6)),))], {(0.99, 0.7): "grass"}),
        (
            [Placed("hill", (line((0.3, 0.6), (0.5, 0.4), (0.7, 0.6)),))],
            {(0.1, 0.5): "sky", (0.5, 0.5): "hill"},
        ),
        # A closed outline is an area, filled elsewhere, and no edge of land.
        ([Placed("sand", (box(0.3, 0.3, 0.3),)), GRASS], {(0.45, 0.45): "sky"}),
    ],
    ids=lambda value: "" if isinstance(value, dict) else None,
)
def test_what_lies_where(objects: list[Placed], where: dict[tuple[float, float], str]) -> None:
    found = names(objects)
    width, height = SIZE
    for (x, y), name in where.items():
        assert found[int(y * height), int(x * width)] == name, (x, y)


def test_every_px_has_a_label_whatever_is_drawn() -> None:
    rng = np.random.default_rng(5)
    labels = [None, *(label.name for label in SCENE.labels)]
    for _ in range(60):
        objects = [
            Placed(
                labels[int(rng.integers(len(labels)))],
                tuple(
                    rng.normal(0.5, 0.6, (int(rng.integers(1, 6)), 2)).astype(np.float32)
                    for _ in range(int(rng.integers(0, 3)))
                ),
            )
            for _ in range(int(rng.integers(0, 6)))
        ]
        assert SCENE.is_pixel[horizon_map(objects, SIZE)].all()
        assert (horizon_map(objects, SIZE) != 255).all()
