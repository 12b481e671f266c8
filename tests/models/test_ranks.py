"""Several processes train what one does, and go on where another number of them stopped."""

from __future__ import annotations

import csv
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from linework.datasets.label_folder import Labelled
from linework.models import painter_task
from linework.models.batch_share import BatchShare
from linework.models.checkpoint import load_tensors
from linework.models.processes import Processes
from linework.models.sketchrnn_task import DataConfig, LossConfig, SketchRNNTask
from linework.models.training import LAST, Task, TrainConfig, train
from linework.pipeline import training_run
from linework.strokes.errors import LineworkError
from meadows import Meadows, make
from ranks import in_ranks
from sketches import random_table, small_config

Make = Callable[..., tuple[Task, TrainConfig]]


def sketchrnn(steps: int, batch: int = 6, **changes: Any) -> tuple[SketchRNNTask, TrainConfig]:
    settings = TrainConfig(
        steps=steps,
        batch_size=batch,
        evaluate_every=2,
        sample_every=0,
        precision="float32",
        warmup=2,
        **changes,
    )
    model = small_config(latent_dropout=0.2, decoder_dropout=0.1, words=())
    table = random_table(24, 6)
    return SketchRNNTask(table, model, DataConfig(), LossConfig(), settings), settings


@pytest.fixture(autouse=True)
def _few_styles(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is random in a style is fitted to few pictures: it takes most of the time here."""
    monkeypatch.setattr(painter_task, "FITTED", 8)


def painter(steps: int, batch: int = 4, **changes: Any) -> tuple[Any, TrainConfig]:
    return make(steps, batch, precision="float32", learning_rate=1e-3, colors=2.0, **changes)


def taught_painter(steps: int, batch: int = 4, **changes: Any) -> tuple[Any, TrainConfig]:
    """As recipe painter-cpu weighs."""
    weights = {"features": 2.0, "label_mix": 0.0, "spectral_norm": False, "balance": 0.5}
    return painter(steps, batch, **weights, **changes)


def log_of(run: Path) -> list[dict[str, float]]:
    with (run / "log.csv").open() as file:
        return [{k: float(v) for k, v in row.items()} for row in csv.DictReader(file)]


def run_in(world: int, making: Make, run: Path, resume: bool = False, **given: Any) -> str:
    """Trains in so many processes; why it stopped."""

    def work(processes: Processes) -> str:
        task, settings = making(**given)
        result = train(task, settings, run, resume=resume, processes=processes, progress=False)
        return result.stopped

    if world == 1:
        return work(Processes())
    (stopped, *others) = in_ranks(world, work)
    assert set(others) == {stopped}
    return str(stopped)


def assert_same(a: Path, b: Path) -> None:
    """Asserts that two runs logged and learnt the same.

    Means of shares are rounded otherwise than means of the whole: 5e-6 of a loss after 4 steps,
    where statistics of each share alone make .01 and more. Weights say less: the bias of what is
    normalised afterwards has no gradient but rounding, of which Adam makes whole steps.
    """
    ours, theirs = log_of(a), log_of(b)
    assert [row["step"] for row in ours] == [row["step"] for row in theirs]
    for x, y in zip(ours, theirs, strict=True):
        assert x.keys() == y.keys()
        for name in x:
            assert x[name] == pytest.approx(y[name], rel=2e-4, abs=1e-6), name
    left, right = (load_tensors(run / LAST)[0] for run in (a, b))
    assert left.keys() == right.keys()
    apart = {k: (left[k].double() - right[k].double()).abs().max().item() for k in left}
    assert max(apart.values()) < 2e-3, max(apart, key=lambda k: apart[k])


@pytest.mark.parametrize(
    ("making", "batch"),
    [
        pytest.param(sketchrnn, 7, id="sketchrnn, shares of 4 and 3"),
        pytest.param(painter, 4, id="painter"),
        pytest.param(
            taught_painter,
            5,
            id="painter taught by pictures, shares of 3 and 2",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_two_processes_train_what_one_does(making: Make, batch: int, tmp_path: Path) -> None:
    for world in (1, 2):
        run_in(world, making, tmp_path / str(world), steps=4, batch=batch)
    assert_same(tmp_path / "1", tmp_path / "2")


@pytest.mark.parametrize(
    "making", [sketchrnn, pytest.param(painter, marks=pytest.mark.slow, id="painter")]
)
@pytest.mark.parametrize(("before", "after"), [(2, 1), (1, 2)])
def test_another_number_of_processes_goes_on(
    making: Make, before: int, after: int, tmp_path: Path
) -> None:
    run_in(1, making, tmp_path / "whole", steps=4)
    run = tmp_path / "parts"
    assert run_in(before, making, run, steps=4, max_minutes=1e-9) == "time"
    assert run_in(after, making, run, resume=True, steps=4) == "finished"
    assert_same(tmp_path / "whole", run)


def test_a_batch_that_does_not_go_round_is_refused(tmp_path: Path) -> None:
    task, settings = sketchrnn(2, batch=3)
    with pytest.raises(LineworkError, match="batch_size of 3 does not go round 4 processes"):
        train(task, settings, tmp_path, processes=Processes(0, 4), progress=False)


class OtherMeadows(Meadows):
    """Of a third process that was given other data."""

    classes = type(Meadows.classes)(Meadows.classes.names, Meadows.classes.pixels[::-1])

    def patch(self, size: int, rng: np.random.Generator) -> Labelled:
        return super().patch(size, rng)


def test_processes_with_other_data_are_told(tmp_path: Path) -> None:
    def work(processes: Processes) -> str:
        task, settings = painter(2)
        if processes.rank:
            task.classes = OtherMeadows.classes
        with pytest.raises(LineworkError) as told:
            train(task, settings, tmp_path, processes=processes, progress=False)
        return str(told.value)

    assert all("do not train the same" in said for said in in_ranks(2, work))


def test_processes_with_other_checkpoints_are_told(tmp_path: Path) -> None:
    for name, steps in (("0", 1), ("1", 2)):  # as on two machines without a shared folder
        task, settings = sketchrnn(steps)
        train(task, settings, tmp_path / name, progress=False)

    def work(processes: Processes) -> str:
        task, settings = sketchrnn(4)
        run = tmp_path / str(processes.rank)
        with pytest.raises(LineworkError) as told:
            train(task, settings, run, resume=True, processes=processes, progress=False)
        return str(told.value)

    assert all("checkpoints differ" in said for said in in_ranks(2, work))


def test_a_process_that_dies_is_told_of_in_a_sentence(tmp_path: Path) -> None:
    def work(processes: Processes) -> int:
        if processes.rank == 1:
            raise LineworkError("the disk is full")
        return int(processes.mean([1.0])[0])

    with pytest.raises(RuntimeError, match=r"the disk is full|lost another one"):
        in_ranks(2, work)


def test_one_process_evaluates_and_tells_of_it(tmp_path: Path) -> None:
    def work(processes: Processes) -> tuple[bool, str]:
        # In a process of its own: nothing here lasts.
        training_run.join_processes = lambda device: processes  # type: ignore[assignment]
        training_run.parting = lambda *given: nullcontext()  # type: ignore[assignment]
        task, settings = sketchrnn(2)
        ended = training_run.run_training(
            task,
            settings,
            tmp_path / "run",
            model="sketchrnn",
            found=lambda best: f"cell {best['cell']:.3g}",  # a figure beside the score
            command="",
            resume=False,
            device="cpu",
            progress=False,
        )
        return ended.chief, ended.found

    chief, other = in_ranks(2, work)
    assert chief[0]
    assert chief[1].startswith("cell ")
    assert other == (False, "")


def test_a_share_weighs_its_means_to_those_of_the_batch() -> None:
    values = torch.arange(7.0)
    shares = [BatchShare(rank, 3, 7) for rank in range(3)]
    assert [s.take(values).tolist() for s in shares] == [[0, 3, 6], [1, 4], [2, 5]]
    assert [list(s.rows) for s in shares] == [[0, 3, 6], [1, 4], [2, 5]]
    means = [s.weight(len(s.rows), 7) * s.take(values).mean() for s in shares]
    assert sum(means) / 3 == values.mean()
    first = [s.among_first(4) for s in shares]
    assert first == [2, 1, 1]
    means = [s.weight(n, 4) * s.take(values)[:n].mean() for s, n in zip(shares, first, strict=True)]
    assert sum(means) / 3 == pytest.approx(values[:4].mean())
    assert BatchShare(0, 1, 7).weight(7, 7) == 1
