"""The recogniser: shapes, padding, gradients, overfitting, figures, shares, unfinished doodles."""

from __future__ import annotations

import dataclasses
import functools
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from linework.datasets.doodles import procedural_doodles
from linework.models.checkpoint import read_header
from linework.models.doodle_batches import (
    DoodleBatches,
    DoodleConfig,
    boxed,
    collate_doodles,
    doodles,
    unfinished,
)
from linework.models.recogniser import Recogniser, RecogniserConfig
from linework.models.recogniser_figures import (
    calibration_error,
    fit_temperature,
    recogniser_figures,
)
from linework.models.recogniser_task import RecogniserLoss, RecogniserTask
from linework.models.registry import load_model
from linework.models.training import TrainConfig, train
from linework.strokes import DrawingTable
from linework.strokes.errors import LineworkError

WORDS = ("car", "cat", "star")
SMALL = RecogniserConfig(
    words=WORDS, side=24, channels=(8, 12), widths=(8, 12, 16), joint=16, dropout=0.0
)
PLAIN = DoodleConfig(stretch=0, rotate=0, mirror=0, drop=0, unfinished=0)


@functools.cache
def table(n: int = 30, valid: int = 6) -> DrawingTable:
    drawn = procedural_doodles(WORDS, n + valid, np.random.default_rng(3))
    return DrawingTable.from_drawings(drawn, ["train"] * n + ["valid"] * valid)


def shapes(count: int) -> list[tuple[np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(0)
    made = [(rng.normal(0, 50, (n, 2)), np.array([n // 2, n])) for n in (2, 9, 30, 61)]
    return made[:count]


@pytest.mark.parametrize("inputs", ["both", "strokes", "picture"])
def test_logits_have_a_column_a_word_and_gradients_reach_all(inputs: str) -> None:
    torch.manual_seed(0)
    model = Recogniser(dataclasses.replace(SMALL, inputs=inputs))
    logits = model(collate_doodles(shapes(4), [0, 1, 2, 0], SMALL.side))
    assert logits.shape == (4, 3)
    logits.logsumexp(1).sum().backward()
    assert all(p.grad is not None and p.grad.any() for p in model.parameters())


def test_padding_changes_nothing() -> None:
    torch.manual_seed(0)
    model = Recogniser(SMALL).eval()
    together = model(collate_doodles(shapes(4), [0] * 4, SMALL.side))
    alone = [model(collate_doodles([one], [0], SMALL.side)) for one in shapes(4)]
    torch.testing.assert_close(together, torch.cat(alone), atol=1e-5, rtol=1e-4)


def test_place_and_size_do_not_count() -> None:
    points, ends = shapes(3)[2]
    first = collate_doodles([(points, ends)], [0], 32)
    second = collate_doodles([(points * 7 + (900, -40), ends)], [0], 32)
    torch.testing.assert_close(first.points, second.points, atol=1e-5, rtol=1e-4)
    assert float((first.pictures - second.pictures).abs().mean()) < 1e-3


@pytest.mark.parametrize(
    ("points", "ends"),
    [
        (np.zeros((1, 2)), np.array([1])),
        (np.array([[5.0, 5], [5, 5]]), np.array([2])),
        (np.array([[0.0, 3], [9, 3]]), np.array([2])),
        (np.array([[0.0, 3], [9, 3], [1, 1]]), np.array([2, 3])),
    ],
    ids=["a dot", "a dot twice", "a line", "a line and a dot"],
)
def test_little_is_drawn_and_read(points: np.ndarray, ends: np.ndarray) -> None:
    batch = collate_doodles([(points, ends)], [0], 32)
    assert 0.001 < float(batch.pictures.mean()) < 0.2
    assert torch.isfinite(Recogniser(SMALL).eval()(batch._replace(pictures=batch.pictures))).all()
    assert np.abs(boxed(points)).max() <= 1


def test_an_unfinished_doodle_is_the_beginning_of_the_whole() -> None:
    points, ends = np.arange(40.0).reshape(20, 2), np.array([3, 9, 14, 20])
    seen = set()
    for seed in range(40):
        some, until = unfinished(points, ends, np.random.default_rng(seed))
        assert len(some) == until[-1] >= 8
        assert (some == points[: len(some)]).all()
        assert (until == ends[: len(until)]).all()
        seen.add(len(some))
    assert seen == {9, 14, 20}


def test_a_batch_is_a_function_of_its_number() -> None:
    train = doodles(table(), "train", WORDS, DoodleConfig())
    first, again = (DoodleBatches(train, DoodleConfig(), 24, 8, seed=1) for _ in range(2))
    first.at(0)
    first.at(7)
    for one, other in zip(first.at(5), again.at(5), strict=True):
        assert torch.equal(one, other)
    parts = [again.at(5, rank, 2) for rank in range(2)]
    words = torch.stack([p.words for p in parts], dim=1).flatten()
    assert torch.equal(words, first.at(5).words)


def test_a_smaller_share_lies_in_a_larger_and_keeps_every_word() -> None:
    sizes = []
    before: set[int] = set()
    for share in (0.25, 0.5, 1.0):
        found = doodles(table(), "train", WORDS, DoodleConfig(share=share))
        rows = set(found.rows.tolist())
        assert before <= rows
        assert set(found.words.tolist()) == {0, 1, 2}
        before = rows
        sizes.append(len(found))
    assert sizes == [9, 15, 30]
    assert len(doodles(table(), "valid", WORDS, DoodleConfig(share=0.25))) == 6


def test_it_learns_a_few_drawings_by_heart(tmp_path: Path) -> None:
    settings = TrainConfig(
        steps=40, batch_size=9, learning_rate=1e-2, warmup=5, evaluate_every=40, sample_every=40
    )
    small = table(9, 0)
    task = RecogniserTask(small, SMALL, PLAIN, RecogniserLoss(smoothing=0), settings)
    result = train(task, settings, tmp_path / "run", progress=False)
    assert result.best["top1"] == 1
    again, header = load_model(tmp_path / "run", wanted="recogniser")
    assert header["temperature"] == result.best["temperature"]
    assert header["config"]["words"] == list(WORDS)
    batch = collate_doodles(shapes(3), [0] * 3, SMALL.side)
    torch.testing.assert_close(again(batch), task.module.eval()(batch))
    assert "<svg" in (tmp_path / "run" / "samples-000040.svg").read_text()


def test_going_on_ends_where_going_through_does(tmp_path: Path) -> None:
    base = {"batch_size": 8, "evaluate_every": 4, "sample_every": 0, "precision": "float32"}
    whole = TrainConfig(steps=8, **base)
    changed = DoodleConfig()

    def go(folder: str, resume: bool, minutes: float = 0.0) -> None:
        settings = dataclasses.replace(whole, max_minutes=minutes)
        task = RecogniserTask(
            table(), dataclasses.replace(SMALL, dropout=0.3), changed, RecogniserLoss(), settings
        )
        train(task, settings, tmp_path / folder, resume=resume, progress=False)

    go("through", False)
    go("parts", False, minutes=1e-9)
    assert read_header(tmp_path / "parts" / "last.safetensors")["step"] < 8
    go("parts", True)
    one, other = ((tmp_path / f / "last.safetensors").read_bytes() for f in ("through", "parts"))
    assert len(one) == len(other) or abs(len(one) - len(other)) < 64
    first, _ = load_model(tmp_path / "through" / "last.safetensors")
    second, _ = load_model(tmp_path / "parts" / "last.safetensors")
    for name, value in first.state_dict().items():
        assert torch.equal(value, second.state_dict()[name]), name


def test_one_word_leaves_nothing_to_tell_apart() -> None:
    with pytest.raises(LineworkError, match="two words or more"):
        RecogniserTask(
            table(), SMALL, DoodleConfig(words=("cat",)), RecogniserLoss(), TrainConfig()
        )


def test_figures_of_answers_known_beforehand() -> None:
    # Right at once, second, third, fourth of four.
    logits = torch.tensor(
        [[4.0, 3, 2, 1], [4.0, 3, 2, 1], [4.0, 3, 2, 1], [4.0, 3, 2, 1], [1.0, 1, 1, 1]]
    )
    words = torch.tensor([0, 1, 2, 3, 0])
    found = recogniser_figures(logits, words, 1.0)
    assert found["top1"] == pytest.approx(1 / 5)
    assert found["top3"] == pytest.approx(3 / 5)
    assert found["map3"] == pytest.approx((1 + 1 / 2 + 1 / 3) / 5)
    assert found["word_top1"] == pytest.approx((1 / 2 + 0 + 0 + 0) / 4)


def test_the_temperature_undoes_what_was_multiplied() -> None:
    generator = torch.Generator().manual_seed(1)
    logits = torch.randn(4000, 6, generator=generator) * 1.5
    words = torch.multinomial(torch.softmax(logits, 1), 1, generator=generator)[:, 0]
    assert fit_temperature(logits, words) == pytest.approx(1, abs=0.08)
    assert fit_temperature(3 * logits, words) == pytest.approx(3, rel=0.08)
    assert calibration_error(logits, words) < 0.02
    assert calibration_error(4 * logits, words) > 0.15
    sure = torch.tensor([[50.0, 0.0]] * 4)
    assert calibration_error(sure, torch.tensor([0, 0, 1, 1])) == pytest.approx(0.5, abs=1e-6)
    assert math.isclose(calibration_error(sure, torch.zeros(4, dtype=torch.long)), 0, abs_tol=1e-6)
