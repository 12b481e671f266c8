"""On a GPU: what is trained there is what a CPU would, and a step asks it for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from linework.models.batches import Batches, select
from linework.models.learner import Learner
from linework.models.processes import Processes, precision_context
from linework.models.resident_batches import ResidentBatches
from linework.models.sketchrnn_task import DataConfig, LossConfig, SketchRNNTask
from linework.models.training import TrainConfig, train
from meadows import make
from sketches import random_table, small_config

pytestmark = pytest.mark.gpu


@pytest.fixture
def gpu() -> torch.device:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    return torch.device("cuda")


@contextmanager
def asking_nothing() -> Iterator[None]:
    """Within it, waiting for the GPU is an error."""
    torch.cuda.synchronize()
    torch.cuda.set_sync_debug_mode("error")
    try:
        yield
    finally:
        torch.cuda.set_sync_debug_mode("default")


def sketchrnn(steps: int = 20, loss: LossConfig | None = None) -> tuple[SketchRNNTask, TrainConfig]:
    settings = TrainConfig(
        steps=steps, batch_size=8, evaluate_every=steps, sample_every=0, learning_rate=5e-3
    )
    model = small_config(latent_dropout=0.2, decoder_dropout=0.1)
    table = random_table(40, 8)
    return SketchRNNTask(table, model, DataConfig(), loss or LossConfig(), settings), settings


def test_batches_made_there_are_those_of_numpy(gpu: torch.device) -> None:
    batches = Batches(select(random_table(40), "train"), small_config(), 8)
    resident = ResidentBatches(batches, gpu)
    for step in range(batches.per_epoch):
        (wanted, points, _), (found, there, _) = batches.at(step), resident.at(step)
        assert int(there) == points
        for name in ("offsets", "pen", "lengths", "words"):
            torch.testing.assert_close(getattr(found, name).cpu(), getattr(wanted, name))


def test_a_step_has_the_loss_of_a_cpu(gpu: torch.device) -> None:
    task, _ = sketchrnn()
    task.module.eval()
    batch, *_ = task.batches.at(0)
    wanted = task.module(batch)
    found = task.module.to(gpu)(batch.to(gpu))
    for name in ("offset", "pen", "kl"):
        ours, theirs = getattr(found, name).cpu(), getattr(wanted, name)
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("tolerance", [0.0, 0.2])
def test_a_step_of_sketchrnn_asks_the_gpu_for_nothing(tolerance: float, gpu: torch.device) -> None:
    task, settings = sketchrnn(loss=LossConfig(kl_tolerance=tolerance))
    learner = Learner(
        task.module, Processes(device=gpu), beta2=0.99, weight_decay=0.0, clip_value=1.0
    )
    autocast = precision_context(settings.precision, gpu)

    def step(number: int) -> None:
        with autocast():
            result = task.loss(learner.wrapped, number, 0, 1)
        learner.descend(result.loss, 1e-3)

    step(0)  # the first sets up what later ones use
    with asking_nothing():
        step(1)


def test_it_learns_and_resumes(gpu: torch.device, tmp_path: Path) -> None:
    task, settings = sketchrnn(40)
    before = task.evaluate()["score"]
    short = replace(settings, max_minutes=1e-9)
    processes = Processes(device=gpu)
    assert train(task, short, tmp_path, processes=processes, progress=False).stopped == "time"
    task, settings = sketchrnn(40)
    result = train(task, settings, tmp_path, resume=True, processes=processes, progress=False)
    assert result.best["score"] < before


def test_a_painter_learns(gpu: torch.device, tmp_path: Path) -> None:
    task, settings = make(30, learning_rate=5e-3, critic_rate=0.2, colors=20.0)
    before = task.evaluate()["score"]
    processes = Processes(device=gpu)
    result = train(task, settings, tmp_path, processes=processes, progress=False)
    assert result.best["score"] < 0.8 * before
