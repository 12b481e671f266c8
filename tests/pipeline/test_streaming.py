"""What streams while a model draws is, put together, what it drew."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from linework.models.sketchrnn import SketchRNN, SketchRNNConfig
from linework.pipeline.plans import Place, carried_out, plan_completion, plan_sample
from linework.pipeline.sketcher import Sketcher
from linework.pipeline.streaming import PART, Piece, StrokeStream
from linework.strokes import Drawing

HALF = Drawing.from_arrays([[[40, 40], [90, 120], [200, 80]], [[20, 20], [60, 65]]], label="cat")


@pytest.fixture(scope="module")
def sketcher() -> Sketcher:
    torch.manual_seed(0)
    config = SketchRNNConfig(
        encoder_size=8,
        decoder_size=16,
        latent_size=4,
        mixtures=2,
        word_size=4,
        words=("cat", "dog"),
        latent_dropout=0.5,
        scale=30.0,
    )
    return Sketcher(SketchRNN(config).eval())


def put_together(pieces: list[Piece], n: int) -> list[list[np.ndarray]]:
    """Strokes of each drawing, as a page builds them: parts appended to what is there."""
    drawn: list[dict[int, list[np.ndarray]]] = [{} for _ in range(n)]
    for piece in pieces:
        drawn[piece.drawing].setdefault(piece.stroke, []).append(piece.points)
    joined = [[np.concatenate(parts) for _, parts in sorted(one.items())] for one in drawn]
    return [[points for points in strokes if len(points)] for strokes in joined]


@pytest.mark.parametrize("last_pen", ["up", "down", None])
def test_an_ending_streams_as_it_is_returned(sketcher: Sketcher, last_pen: str | None) -> None:
    plan = plan_completion(sketcher, HALF, 4, last_pen=last_pen, max_points=70, seed=3)
    pen = plan.orders[0].last_pen
    stream = StrokeStream(plan.place, [pen == "down"] * 4 if isinstance(pen, str) else pen)
    pieces: list[Piece] = []
    endings = carried_out(
        sketcher, plan, lambda going, rows: pieces.extend(stream.add(going, rows))
    )
    pieces += stream.end()
    for got, whole in zip(put_together(pieces, 4), endings, strict=True):
        new = [stroke.points for stroke in whole.strokes[len(HALF.strokes) :]]
        assert all(np.array_equal(a, b) for a, b in zip(got, new, strict=True))
    assert sorted(piece.drawing for piece in pieces if piece.ended) == [0, 1, 2, 3]
    assert max(len(piece.points) for piece in pieces) <= PART


def test_a_sample_begins_at_the_origin(sketcher: Sketcher) -> None:
    plan = plan_sample(sketcher, 3, sketcher.generator(1), word="dog", max_points=50)
    stream = StrokeStream(plan.place, [True] * 3)
    pieces: list[Piece] = []
    drawn = carried_out(sketcher, plan, lambda going, rows: pieces.extend(stream.add(going, rows)))
    pieces += stream.end()
    for got, whole in zip(put_together(pieces, 3), drawn, strict=True):
        assert np.array_equal(got[0][0], [0, 0])
        moved = whole.strokes[0].points[0] - got[0][0]
        assert all(
            np.allclose(a + moved, s.points, atol=1e-3)
            for a, s in zip(got, whole.strokes, strict=True)
        )


def test_a_part_that_fills_exactly_is_followed_by_its_end() -> None:
    stream = StrokeStream(Place(), [False])
    rows = [np.array([[1, 0, 0]], np.float32)] * PART
    pieces = [piece for row in rows for piece in stream.add([0], row)] + stream.end()
    assert [(len(p.points), p.more, p.ended) for p in pieces] == [
        (PART, True, False),
        (0, False, True),
    ]
