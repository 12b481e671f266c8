"""Into the model's units and back: untouched strokes, any scale, words in any spelling."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from linework.datasets.doodles import procedural_doodles
from linework.models.sketchrnn import SketchRNN, SketchRNNConfig
from linework.pipeline.plans import slerp
from linework.pipeline.sketcher import Sketcher, measure_drawn_box
from linework.pipeline.sketching import (
    complete,
    interpolate,
    mimic,
    of_each,
    reconstruct,
    sample,
    sample_words,
)
from linework.strokes import Drawing, Stroke, scale, to_stroke3, translate
from linework.strokes.errors import LineworkError

CONFIG = SketchRNNConfig(
    encoder_size=8,
    decoder_size=16,
    latent_size=4,
    mixtures=2,
    word_size=4,
    words=("cat", "The Eiffel Tower"),
    latent_dropout=0.5,
    scale=30.0,
)


@pytest.fixture(scope="module")
def sketcher() -> Sketcher:
    torch.manual_seed(0)
    return Sketcher(SketchRNN(CONFIG))


@pytest.fixture(scope="module")
def cat() -> Drawing:
    """A simplified drawing, whole numbers, 255 px long."""
    return next(procedural_doodles(["cat"], 1, np.random.default_rng(1)))


def circle(step: float) -> Drawing:
    """A circle of 250 px across with a point every `step` px, on whole px."""
    angle = np.arange(0, 2 * np.pi, step / 125)
    return Drawing.from_arrays([np.rint(125 + 125 * np.stack([np.cos(angle), np.sin(angle)], 1))])


# ------------------------------------------------------------------ units


def test_a_simplified_drawing_is_read_as_it_is(sketcher: Sketcher, cat: Drawing) -> None:
    assert sketcher.in_model_units(cat)
    rows = sketcher.rows(cat, sketcher.scale_for(cat))
    np.testing.assert_array_equal(rows, to_stroke3(cat))
    # A share that is asked for is what counts.
    assert sketcher.scale_for(cat, share=0.5).factor == 0.5


@pytest.mark.parametrize(
    "change",
    [
        lambda d: scale(d, 0.3),
        lambda d: scale(d, 3.2),
        lambda d: translate(d, 0.5, 0),
        lambda d: circle(step=2),
    ],
    ids=["small", "large", "between the pixels", "dense as a pointer's events"],
)
def test_what_is_not_in_the_model_s_units(change: object, sketcher: Sketcher, cat: Drawing) -> None:
    assert callable(change)
    drawing = change(cat)
    assert not sketcher.in_model_units(drawing)
    rows = sketcher.rows(drawing, sketcher.scale_for(drawing))
    assert np.ptp(np.cumsum(rows[:, :2], axis=0), axis=0).max() == pytest.approx(255, abs=3)
    assert len(rows) < max(40, drawing.n_points)


@pytest.mark.parametrize("factor", [0.01, 0.37, 7.3, 1000])
def test_neither_size_nor_place_matters(factor: float, sketcher: Sketcher) -> None:
    dense = circle(step=0.7)
    rows = sketcher.rows(dense, sketcher.scale_for(dense, 0.9))
    moved = translate(scale(dense, factor), 17 * factor, -3 * factor)
    again = sketcher.rows(moved, sketcher.scale_for(moved, 0.9))
    assert abs(len(again) - len(rows)) <= 1
    ends = (np.cumsum(r[:, :2], axis=0)[-1] for r in (rows, again))
    np.testing.assert_allclose(*ends, atol=1.5)


def test_how_large_a_model_draws_is_the_same_every_time() -> None:
    model = SketchRNN(replace(CONFIG, words=("key",), latent_dropout=0.0))
    assert measure_drawn_box(model) == measure_drawn_box(model) > 0


# ------------------------------------------------------------------ words


@pytest.mark.parametrize("word", ["the eiffel tower", "The_Eiffel-Tower", "THE EIFFEL TOWER"])
def test_a_word_in_any_spelling(word: str, sketcher: Sketcher) -> None:
    assert sketcher.label_for(word) == "The Eiffel Tower"


def test_a_word_that_the_model_does_not_know(sketcher: Sketcher) -> None:
    with pytest.raises(LineworkError, match="cannot draw 'cart'; did you mean 'cat'"):
        sketcher.word_index("cart")
    with pytest.raises(LineworkError, match=r"2 words; say which .* cat, The Eiffel Tower"):
        sketcher.word_index(None)
    with pytest.raises(LineworkError, match="knows no words; leave out 'cat'"):
        Sketcher(SketchRNN(replace(CONFIG, words=()))).word_index("cat")


def test_a_label_stands_for_the_word_that_is_not_given(sketcher: Sketcher, cat: Drawing) -> None:
    assert sketcher.word_for(cat, None) == "cat"
    assert sketcher.word_for(cat, "dog") == "dog"
    alone = Sketcher(SketchRNN(replace(CONFIG, words=("sheep",))))
    assert alone.word_for(cat, None) is None
    assert sample(alone, 1, max_points=3)[0].label == "sheep"


def test_a_wrong_word_is_said_before_any_is_drawn(sketcher: Sketcher) -> None:
    with pytest.raises(LineworkError, match="zebra"):
        sample_words(sketcher, ["cat", "zebra"], 1)


# ------------------------------------------------------------------ verbs


def test_completing_leaves_strokes_and_their_styles_alone(sketcher: Sketcher) -> None:
    points = np.random.default_rng(0).uniform(100, 900, (40, 2)).astype(np.float32)
    pen = Stroke(points, color="#112233", width=7, layer="ink")
    begun = Drawing((pen,), size=(1000, 1000), label="cat", key=5)
    for ending in complete(sketcher, begun, 4, max_points=6, seed=1):
        assert ending.strokes[0] is pen
        assert {(s.color, s.width, s.layer) for s in ending.strokes} == {("#112233", 7, "ink")}
        assert (ending.label, ending.key, ending.size) == ("cat", None, (1000, 1000))
    coloured = complete(sketcher, begun, 1, max_points=6, color="red", seed=1)[0]
    assert {s.color for s in coloured.strokes[1:]} == {"red"}


def test_a_stroke_that_goes_on_leaves_from_where_it_stood(sketcher: Sketcher, cat: Drawing) -> None:
    last = cat.strokes[-1].points[-1]
    down = complete(sketcher, cat, 3, max_points=6, last_pen="down", seed=2)
    up = complete(sketcher, cat, 3, max_points=6, last_pen="up", seed=2)
    first = len(cat.strokes)
    assert all((d.strokes[first].points[0] == last).all() for d in down)
    assert not any((d.strokes[first].points[0] == last).all() for d in up)


def test_endings_scale_with_the_drawing(sketcher: Sketcher) -> None:
    dense = circle(step=0.7).replace(label="cat")
    small = complete(sketcher, dense, 2, share=0.8, max_points=6, seed=3)
    large = complete(sketcher, scale(dense, 4), 2, share=0.8, max_points=6, seed=3)
    for a, b in zip(small, large, strict=True):
        assert len(a.strokes) == len(b.strokes)
        for p, q in zip(a.strokes, b.strokes, strict=True):
            np.testing.assert_allclose(p.points * 4, q.points, atol=0.01)


@pytest.mark.parametrize(
    "drawing", [Drawing(), Drawing.from_arrays([[(3, 3)]])], ids=["empty", "dot"]
)
def test_nothing_to_go_on(drawing: Drawing, sketcher: Sketcher) -> None:
    for verb in (complete, reconstruct):
        with pytest.raises(LineworkError, match="draw a line first"):
            verb(sketcher, drawing, word="cat")


def test_a_decoder_alone_cannot_read(cat: Drawing) -> None:
    decoder = Sketcher(SketchRNN(replace(CONFIG, variational=False)))
    assert len(complete(decoder, cat, 2, max_points=4)) == 2
    with pytest.raises(LineworkError, match="decoder alone"):
        reconstruct(decoder, cat)


def test_drawing_again_keeps_place_size_and_word(sketcher: Sketcher, cat: Drawing) -> None:
    placed = translate(cat, 300, 40).replace(size=(600, 400))
    (again,) = reconstruct(sketcher, placed, max_points=20)
    (other,) = mimic(sketcher, placed, "the eiffel tower", max_points=20)
    assert (again.label, other.label) == ("cat", "The Eiffel Tower")
    for drawn in (again, other):
        assert drawn.size == placed.size
        box, own = np.array(drawn.bounds), np.array(placed.bounds)
        np.testing.assert_allclose(box[:2] + box[2:], own[:2] + own[2:], atol=0.01)


def test_interpolation_begins_and_ends_with_its_ends(sketcher: Sketcher, cat: Drawing) -> None:
    other = next(procedural_doodles(["dog"], 1, np.random.default_rng(2))).replace(label="cat")
    (strip,) = interpolate(sketcher, [cat, other], 3, max_points=10, seed=1)
    for between, end in ((strip[0], cat), (strip[-1], other)):
        (alone,) = reconstruct(sketcher, end, max_points=10, seed=1)
        sides = [np.subtract(d.bounds[2:], d.bounds[:2]) for d in (between, alone)]
        assert sides[0][0] * sides[1][1] == pytest.approx(sides[0][1] * sides[1][0], rel=1e-3)
    assert len({drawing.size for drawing in strip}) == 1


def test_a_grid_s_corners_and_labels(sketcher: Sketcher, cat: Drawing) -> None:
    tower = cat.replace(label="the eiffel tower")
    grid = interpolate(sketcher, [cat, cat, tower, tower], 2, max_points=6)
    assert [len(row) for row in grid] == [2, 2]
    np.testing.assert_array_equal(to_stroke3(grid[0][0]), to_stroke3(grid[0][1]))
    assert grid[0][0].label is None
    with pytest.raises(LineworkError, match="2 or 4 drawings; got 3"):
        interpolate(sketcher, [cat] * 3)


def test_each_drawing_has_a_seed_of_its_own(sketcher: Sketcher, cat: Drawing) -> None:
    first, second = of_each(complete, sketcher, [cat, cat], n=1, seed=1, max_points=8)
    (again,) = complete(sketcher, cat, 1, seed=2, max_points=8)
    assert first != second == again


def test_slerp_stays_on_the_sphere() -> None:
    a, b = torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])
    assert slerp(a, b, 0.5).norm().item() == pytest.approx(1)
    torch.testing.assert_close(slerp(a, a * 2, 0.5), a * 1.5)
