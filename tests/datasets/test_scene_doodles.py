"""The doodle of a scene: on the canvas, on its things, hidden where they are."""

from __future__ import annotations

import itertools
from pathlib import Path

import cv2
import numpy as np
import pytest
from linework.datasets.doodles import procedural_doodles
from linework.datasets.scenes import THEMES, Painting, compose, doodle_scene, paint_scene
from linework.datasets.scenes.doodle import RealDrawings, layer_of, parse_layer
from linework.datasets.scenes.pen import Pen
from linework.strokes import Drawing, DrawingTable, FormatError, read_ndjson

SIZE = 112
# A hand strays this far from the thing that it draws, px.
STRAY = 6


@pytest.fixture(scope="module")
def paintings() -> list[Painting]:
    themes = itertools.cycle(THEMES)
    return [
        paint_scene(compose(s, SIZE, SIZE, theme=t))
        for s, t in zip(range(20, 26), themes, strict=False)
    ]


@pytest.fixture(scope="module")
def doodles(paintings: list[Painting]) -> list[Drawing]:
    return [doodle_scene(p, np.random.default_rng(k)) for k, p in enumerate(paintings)]


def things_of(drawing: Drawing) -> dict[int, np.ndarray]:
    """Points by thing."""
    found: dict[int, list[np.ndarray]] = {}
    for stroke in drawing.strokes:
        assert stroke.layer is not None
        found.setdefault(parse_layer(stroke.layer)[1], []).append(stroke.points)
    return {number: np.concatenate(points) for number, points in found.items()}


def test_strokes_lie_on_the_canvas(doodles: list[Drawing]) -> None:
    for doodle in doodles:
        assert doodle.size == (SIZE, SIZE)
        assert len(doodle.strokes) > 5
        points = np.concatenate([s.points for s in doodle.strokes])
        assert points.min() >= 0
        assert points.max() <= SIZE


def test_layers_name_the_things(paintings: list[Painting], doodles: list[Drawing]) -> None:
    for painting, doodle in zip(paintings, doodles, strict=True):
        layers = {s.layer for s in doodle.strokes}
        assert layers <= {layer_of(t) for t in painting.scene.things}
        assert len(layers) >= 3


def test_each_thing_is_drawn_where_it_is(paintings: list[Painting], doodles: list[Drawing]) -> None:
    near = np.ones((2 * STRAY + 1,) * 2, np.uint8)
    for painting, doodle in zip(paintings, doodles, strict=True):
        for number, points in things_of(doodle).items():
            mask = painting.masks[number].on(SIZE, SIZE).astype(np.uint8)
            grown = cv2.dilate(mask, near) > 0
            at = np.clip(points.astype(int), 0, SIZE - 1)
            assert grown[at[:, 1], at[:, 0]].mean() > 0.5, painting.scene.things[number]


def test_times_run_on(doodles: list[Drawing]) -> None:
    for doodle in doodles:
        times = [s.time for s in doodle.strokes]
        assert all(t is not None for t in times)
        joined = np.concatenate([t for t in times if t is not None])
        assert (np.diff(joined) >= 0).all()
        assert joined[0] == 0


def test_one_thing_is_drawn_after_the_other(doodles: list[Drawing]) -> None:
    for doodle in doodles:
        runs = [layer for layer, _ in itertools.groupby(s.layer for s in doodle.strokes)]
        assert len(runs) == len(set(runs))


def test_equal_generators_give_equal_doodles(
    paintings: list[Painting], doodles: list[Drawing]
) -> None:
    assert doodle_scene(paintings[0], np.random.default_rng(0)) == doodles[0]
    assert doodle_scene(paintings[0], np.random.default_rng(99)) != doodles[0]


def test_what_is_nearer_hides_lines() -> None:
    owner = np.zeros((64, 64), np.uint8)
    owner[:, 30:40] = 5
    pen = Pen(64, 64, owner, np.random.default_rng(0))
    across = np.array([(2.0, 32.0), (62.0, 32.0)])
    assert pen.draw([across], 3, "far#3", tremble=0) == 2
    assert pen.draw([across], 5, "near#5", tremble=0) == 1
    strokes = pen.finished([5, 3])
    assert [s.layer for s in strokes] == ["near#5", "far#3", "far#3"]
    far = np.concatenate([s.points[:, 0] for s in strokes[1:]])
    assert not ((far > 30.1) & (far < 39.9)).any()


def test_a_drawing_hides_what_is_within_it() -> None:
    pen = Pen(64, 64, np.zeros((64, 64), np.uint8), np.random.default_rng(0))
    ring = [np.array([(20.0, 20.0), (40.0, 20.0), (40.0, 40.0), (20.0, 40.0), (20.0, 20.0)])]
    pen.draw(ring, 9, "house#9", tremble=0, solid=True)
    assert pen.draw([np.array([(22.0, 30.0), (38.0, 30.0)])], 2, "tree#2", tremble=0) == 0
    assert pen.draw([np.array([(22.0, 50.0), (38.0, 50.0)])], 2, "tree#2", tremble=0) == 1


def test_a_trembling_line_stays_near() -> None:
    line = np.array([(10.0, 128.0), (246.0, 128.0)])
    off = []
    for seed in range(20):
        pen = Pen(256, 256, np.zeros((256, 256), np.uint8), np.random.default_rng(seed))
        pen.draw([line], 1, "hill#1")
        off.append(np.abs(pen.lines[0].points[:, 1] - 128).max())
    assert 0.5 < np.mean(off) < 6
    assert max(off) < 12


def test_drawings_of_a_table_are_used(paintings: list[Painting]) -> None:
    rng = np.random.default_rng(1)
    table = DrawingTable.from_drawings(procedural_doodles(["tree", "house"], 12, rng))
    drawings = RealDrawings.of(table)
    houses = [p for p in paintings if any(t.kind == "house" for t in p.scene.things)]
    assert houses
    own = doodle_scene(houses[0], np.random.default_rng(4))
    real = doodle_scene(houses[0], np.random.default_rng(4), drawings)
    assert own != real
    assert {s.layer for s in real.strokes} & {s.layer for s in own.strokes}


def test_real_drawings_are_used(real_data: Path, paintings: list[Painting]) -> None:
    words = ("tree", "house", "swing set", "bench", "cloud")
    drawn = (
        drawing
        for word in words
        for drawing in itertools.islice(
            read_ndjson(real_data / "quickdraw" / "simplified" / f"{word}.ndjson"), 8
        )
    )
    drawings = RealDrawings.of(DrawingTable.from_drawings(drawn))
    assert all(drawings.candidates(word, np.random.default_rng(0)) for word in words)
    assert not drawings.candidates("sailboat", np.random.default_rng(0))
    for k, painting in enumerate(paintings[:4]):
        doodle = doodle_scene(painting, np.random.default_rng(k), drawings)
        assert len(doodle.strokes) > 5
        points = np.concatenate([s.points for s in doodle.strokes])
        assert points.min() >= 0
        assert points.max() <= SIZE


@pytest.mark.parametrize("wrong", ["tree", "#3", "tree#", "tree#x", "tree#-1"])
def test_layers_of_another_form(wrong: str) -> None:
    with pytest.raises(FormatError, match="wanted name#id"):
        parse_layer(wrong)
