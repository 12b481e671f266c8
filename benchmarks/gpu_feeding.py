"""Rows of bench_gpu.py: the whole way from doodles to pictures, and whether data keep up.

The way is `run_pipeline` as the command runs it, files and all, with the time of each stage, the
share of it in which the device works and the copies between host and device. Whether the data
keep up is told by two rates: training steps a second on a batch that lies on the device, and
batches a second that worker processes make; below 1 the device waits.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from gpu_measure import Bench, Row
from linework.datasets.label_folder import Classes, Labelled
from linework.datasets.labels import vocabulary
from linework.datasets.rough_folder import write_rough_pairs
from linework.datasets.roughening import RoughenedDrawings
from linework.datasets.scenes.folder import Recipe, label_map, make_scene, write_scenes
from linework.models.batch_share import BatchShare
from linework.models.learner import Learner
from linework.models.painter import PainterConfig
from linework.models.painter_critic import CriticConfig
from linework.models.painter_task import PainterTask, PicturesConfig
from linework.models.painting_loss import PaintingLossConfig
from linework.models.picture_batches import PairBatches
from linework.models.processes import Processes, precision_context
from linework.models.simplifier import Simplifier, SimplifierConfig
from linework.models.simplifier_loss import SimplifierLossConfig, pair_loss
from linework.models.training import TrainConfig
from linework.pipeline.painter_training import open_labelled
from linework.pipeline.pair_sources import open_pairs
from linework.pipeline.whole_models import Models
from linework.pipeline.whole_way import run_pipeline

SCENE = vocabulary("scene")
LEARN = {"beta2": 0.99, "weight_decay": 0.0, "clip_value": 1.0}


def doodles(folder: Path, count: int) -> Path:
    """A file of doodled scenes, drawn by rules."""
    recipe = Recipe(seed=0, width=256, height=256)
    lines = b"\n".join(make_scene(recipe, number)[1] for number in range(count))
    path = folder / "doodles.ndjson"
    path.write_bytes(lines + b"\n")
    return path


def pipeline_rows(bench: Bench, size: int) -> list[Row]:
    """Doodles to pictures in one run, networks loaded before."""
    count = bench.choose(256, 2)
    models = Models(device=str(bench.device))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        source = doodles(folder, count)
        warm = doodles_of(source, folder / "warm.ndjson", min(count, 4))
        given = {"size": size}
        run_pipeline([warm], folder / "warm", given, models)
        begun = time.perf_counter()
        report = run_pipeline([source], folder / "out", given, models)
        wall = time.perf_counter() - begun
        # Profiled apart: it costs time. On fewer, for every event is kept.
        few = doodles_of(source, folder / "few.ndjson", min(count, 32))
        runs = iter(range(1000))
        busy = bench.busy(lambda: run_pipeline([few], folder / f"few{next(runs)}", given, models))
    stages = ", ".join(
        f"{name} {seconds:.2f} s" for name, seconds in report.seconds.items() if seconds > 0.005
    )
    copies = ", ".join(f"{number} {way}" for way, number in sorted(busy.copies.items()))
    told = f"{stages}; {busy}" + (f"; of {min(count, 32)} sketches: {copies}" if copies else "")
    what = f"pipeline, {len(report.folders)} doodles at {size} px"
    return [Row(what, "pictures/s", len(report.folders) / wall, bound=told)]


def doodles_of(source: Path, to: Path, count: int) -> Path:
    """The first doodles of a file, in another."""
    to.write_bytes(b"\n".join(source.read_bytes().split(b"\n")[:count]) + b"\n")
    return to


class PaintedScenes:
    """Scenes painted when they are asked for: what a training without a folder would read."""

    classes = Classes(SCENE, tuple(label.pixel for label in SCENE.labels))

    def patch(self, size: int, rng: np.random.Generator) -> Labelled:
        """A scene of `size` px square, labels as indices of the classes."""
        recipe = Recipe(seed=int(rng.integers(2**31)), width=size, height=size)
        painting, _ = make_scene(recipe, 0)
        table = np.zeros(256, np.uint8)
        table[list(self.classes.pixels)] = np.arange(len(self.classes.pixels))
        return Labelled(painting.picture, table[label_map(painting, SCENE)])


def source_rows(bench: Bench) -> list[Row]:
    """What one core makes in a second of its own time: drawn anew, and cut from folders."""
    size, count = bench.choose(256, 32), bench.choose(10, 1)
    drawn = {
        "rough pairs drawn by rules": RoughenedDrawings(figures=1.0).patch,
        "scenes painted by rules": PaintedScenes().patch,
    }
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_rough_pairs((), folder / "pairs", bench.choose(8, 4), size=2 * size)
        write_scenes(folder / "scenes", bench.choose(8, 4), Recipe(seed=0, width=size, height=size))
        cut = {
            "pairs cut from a folder": open_pairs([folder / "pairs"]).train.patch,
            "scenes cut from a folder": open_labelled(folder / "scenes").train.patch,
        }
        return [
            Row(f"{name}, {size} px", "a CPU-second", _rate_of_patches(patch, size, count))
            for name, patch in (drawn | cut).items()
        ]


def _rate_of_patches(
    patch: Callable[[int, np.random.Generator], object], size: int, count: int
) -> float:
    for seed in range(count):  # folders are read by now
        patch(size, np.random.default_rng(seed))
    begun = time.process_time()
    for seed in range(count):
        patch(size, np.random.default_rng(seed))
    return count / max(time.process_time() - begun, 1e-9)


def feeding_rows(bench: Bench, workers: int) -> list[Row]:
    """Batches a second that workers make, beside those that a training step takes."""
    return [_scenes_row(bench, workers), _rough_row(bench, workers)]


def _rate_of_batches(bench: Bench, at: object, workers: int) -> float:
    """Batches a second, once the workers are under way."""
    first, count = max(2, 2 * workers), bench.choose(40, 2)
    for step in range(first):
        at(step)  # type: ignore[operator]
    begun = time.perf_counter()
    for step in range(first, first + count):
        at(step)  # type: ignore[operator]
    return count / (time.perf_counter() - begun)


def _rough_row(bench: Bench, workers: int) -> Row:
    """Rough pairs drawn by rules, for a simplifier."""
    size, batch = bench.choose(256, 64), bench.choose(32, 2)
    batches = PairBatches(RoughenedDrawings(figures=1.0), size, batch, seed=0, workers=workers)
    made = _rate_of_batches(bench, batches.at, workers)
    learner = Learner(
        Simplifier(SimplifierConfig()).to(memory_format=torch.channels_last),  # type: ignore[call-overload]
        Processes(device=bench.device),
        **LEARN,
    )
    rough, clean = (part.to(bench.device) for part in batches.at(0))
    weights = SimplifierLossConfig()
    autocast = precision_context("bfloat16" if bench.on_gpu else "float32", bench.device)

    def step() -> None:
        with autocast():
            loss = pair_loss(learner.wrapped(rough), clean, weights)
        learner.descend(loss, 1e-4)

    taken = 1 / bench.medians({"step": step})["step"]
    what = f"rough pairs, {batch} of {size} px, {workers} workers, beside steps of training"
    return Row(what, "batches/s", made, taken, 1, bound=str(bench.busy(step)))


def _scenes_row(bench: Bench, workers: int) -> Row:
    """Painted scenes, for a painter."""
    size, batch = bench.choose(256, 32), bench.choose(32, 2)
    source = PaintedScenes()
    config = PainterConfig(classes=len(source.classes), size=size)
    critic = CriticConfig()
    if bench.small:
        config = replace(config, channels=(8, 8, 8), spade_levels=2)
        critic = CriticConfig(depths=(8, 8))
    task = PainterTask(
        config,
        critic,
        source,
        source,
        PaintingLossConfig(),
        TrainConfig(batch_size=batch),
        pictures=PicturesConfig(workers=workers),
    )
    here, share = torch.device("cpu"), BatchShare(0, 1, batch)
    made = _rate_of_batches(bench, lambda step: task._batch(step, share, here), workers)
    painter = Learner(task.module, Processes(device=bench.device), **LEARN)
    assert task.critic is not None
    judge = Learner(task.critic, Processes(device=bench.device), **LEARN)
    autocast = precision_context("bfloat16" if bench.on_gpu else "float32", bench.device)
    fixed = task._batch(0, share, bench.device)
    task._batch = lambda *where: fixed  # type: ignore[method-assign]

    def step() -> None:
        with autocast():
            painted = task.loss(painter.wrapped, 0, 0, 1)
        painter.descend(painted.loss, 1e-4)
        with autocast():
            judged = task.critic_loss(judge.wrapped, 0, 0, 1)
        judge.descend(judged.loss, 1e-4)

    taken = 1 / bench.medians({"step": step})["step"]
    what = f"painted scenes, {batch} of {size} px, {workers} workers, beside steps of training"
    return Row(what, "batches/s", made, taken, 1, bound=str(bench.busy(step)))
