"""Strokes grouped into objects: by layers, by place and order, on scenes of known truth."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from linework.datasets.composing import compose_scene
from linework.datasets.doodles import DOODLE_WORDS, procedural_doodles
from linework.strokes import Drawing, Stroke
from linework.strokes.grouping import group_strokes


def ring(x: float, y: float, r: float) -> list[tuple[float, float]]:
    t = np.linspace(0, 2 * np.pi, 24)
    return [(x + r * np.cos(a), y + r * np.sin(a)) for a in t]


def grouped(*strokes: list[tuple[float, float]]) -> list[tuple[int, ...]]:
    return [g.strokes for g in group_strokes(Drawing.from_arrays(strokes, size=(900, 600)))]


FACE = (ring(100, 100, 60), ring(80, 85, 6), ring(120, 85, 6), [(80, 130), (120, 130)])
CASES = {
    "nothing": ((), []),
    "a dot": (([(3, 3)],), [(0,)]),
    "dots on one place": (([(3, 3)], [(3, 3)]), [(0, 1)]),
    "two rings apart": ((ring(100, 100, 60), ring(500, 100, 60)), [(0,), (1,)]),
    "a face": (FACE, [(0, 1, 2, 3)]),
    "a face, a sun, and its last eye": (
        (*FACE[:2], ring(600, 100, 50), *FACE[2:]),
        [(0, 1, 3, 4), (2,)],
    ),
    "two large ones that touch, not in turn": (
        (ring(100, 100, 60), ring(600, 400, 50), ring(221, 100, 60)),
        [(0,), (1,), (2,)],
    ),
}


@pytest.mark.parametrize(("strokes", "wanted"), CASES.values(), ids=CASES.keys())
def test_what_belongs_together(
    strokes: tuple[list[tuple[float, float]], ...], wanted: list
) -> None:
    assert grouped(*strokes) == wanted


def test_two_layers_say_it_themselves_and_one_says_nothing() -> None:
    a, b = ring(100, 100, 60), ring(500, 100, 60)
    named = Drawing(
        tuple(
            Stroke(np.array(p, np.float32), layer=layer)
            for p, layer in ((a, "sun"), (b, "sun"), (a, None), (a, "tree"))
        )
    )
    found = group_strokes(named)
    assert [(g.strokes, g.name) for g in found] == [((0, 1), "sun"), ((2,), None), ((3,), "tree")]
    one = named.with_strokes([s.replace(layer="Layer 1") for s in named.strokes[:2]])
    assert [g.strokes for g in group_strokes(one)] == [(0,), (1,)]


def test_scale_and_place_change_nothing() -> None:
    scene = scenes(12)[0]
    bare = scene.with_strokes([s.replace(layer=None) for s in scene.strokes])
    moved = bare.map_points(lambda p: p * 4 + 512)
    assert group_strokes(bare) == group_strokes(moved)


@functools.cache
def scenes(count: int) -> list[Drawing]:
    rng = np.random.default_rng(5)
    made = []
    for _ in range(count):
        words = rng.choice(DOODLE_WORDS, 5, replace=False).tolist()
        made.append(compose_scene(list(procedural_doodles(words, 5, rng)), rng))
    return made


def test_composed_scenes_hold_all_strokes_and_say_whose() -> None:
    for scene in scenes(12):
        layers = {s.layer for s in scene.strokes}
        assert 3 <= len(layers) <= 5
        x0, y0, x1, y1 = scene.bounds
        assert min(x0, y0) >= 0
        assert max(x1 / 1000, y1 / 700) <= 1


def test_most_objects_of_composed_scenes_are_found() -> None:
    right = total = 0
    for scene in scenes(12):
        truth: dict[str | None, list[int]] = {}
        for k, stroke in enumerate(scene.strokes):
            truth.setdefault(stroke.layer, []).append(k)
        bare = scene.with_strokes([s.replace(layer=None) for s in scene.strokes])
        groups = group_strokes(bare)
        assert sorted(k for g in groups for k in g.strokes) == list(range(len(scene.strokes)))
        found = {g.strokes for g in groups}
        right += sum(tuple(own) in found for own in truth.values())
        total += len(truth)
    assert right >= 0.7 * total


def test_many_dots_are_quick() -> None:
    rng = np.random.default_rng(0)
    drawing = Drawing.from_arrays(list(rng.uniform(0, 900, (1500, 1, 2))), size=(900, 900))
    groups = group_strokes(drawing)
    assert sum(len(g.strokes) for g in groups) == 1500
