"""Rows of bench_gpu.py: training sketch-rnn, its rate and the time to a score.

Training as it is done here (drawings and batches on the device, length buckets, bf16) beside the
same model as the published code trains it: batches of 100 made by numpy, padded to 250 rows,
float32, every row computed and the padding masked, the loss read at every step. Operations are
those of real rows alone: padding is no work done.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from gpu_measure import Bench, Row
from linework.models.batches import Augmentation, Batches, Sequences, measure_scales, select
from linework.models.learner import Learner
from linework.models.processes import Processes, precision_context
from linework.models.resident_batches import ResidentBatches
from linework.models.settings import read_recipe, with_settings
from linework.models.sketchrnn import Losses, SketchBatch, SketchRNN, SketchRNNConfig
from linework.models.sketchrnn_task import DataConfig, LossConfig, SketchRNNTask
from linework.models.training import LAST, TrainConfig, train
from linework.strokes import Drawing, DrawingTable, Stroke
from linework.strokes.stroke3 import offsets_from_points
from sketchrnn_ports import open_port

LONGEST, PUBLISHED_BATCH = 250, 100
LEARN = {"beta2": 0.99, "weight_decay": 0.0, "clip_value": 1.0}
# Steps of a timed call: as many as there are lengths of buckets, so that all count.
STEPS = 10


def made_table(count: int, longest: int, seed: int = 0) -> DrawingTable:
    """Drawings by chance, of lengths as aaron_sheep has them: half of the longest on average."""
    rng = np.random.default_rng(seed)
    drawings = []
    for _ in range(count):
        steps = rng.integers(-30, 31, (int(rng.integers(8, longest + 1)), 2))
        points = np.cumsum(steps, axis=0).clip(-20_000, 20_000)
        cuts = np.sort(rng.choice(np.arange(2, len(points) - 1), 2, replace=False))
        drawings.append(Drawing(tuple(Stroke(part) for part in np.split(points, cuts))))
    return DrawingTable.from_drawings(drawings, ["train"] * count)


def training_rows(
    bench: Bench, table: DrawingTable | None, sizes: tuple[int, ...], port: Path | None = None
) -> list[Row]:
    """Real points a second, at several batch sizes.

    Args:
        port: a checkout that sketchrnn_ports.py knows, whose own step is timed too.
    """
    longest = bench.choose(LONGEST, 30)
    table = table or made_table(bench.choose(7400, 60), longest)
    sequences = select(table, "train", max_points=longest)
    scale, position_scale = measure_scales(sequences)
    plain = SketchRNNConfig(scale=scale, position_scale=position_scale, decoder_dropout=0.0)
    if bench.small:
        plain = replace(plain, encoder_size=8, decoder_size=12, latent_size=4)
    published = padded_steps(
        bench,
        Batches(sequences, plain, bench.choose(PUBLISHED_BATCH, 8), bucket=False, pad_to=longest),
    )
    calls: dict[str, Callable[[], int]] = {"published": published}
    for size in sizes:
        calls[f"{size}"] = ours_steps(bench, Batches(sequences, plain, size))
    if port is not None:
        calls["port"] = port_steps(bench, sequences, longest, port)
    points = {name: call() for name, call in calls.items()}  # each call does the same steps
    seconds = bench.medians(calls)
    rates = {name: points[name] / seconds[name] for name in calls}
    each = operations_of_a_row(plain)
    return [
        Row(
            f"sketch-rnn training, batch {size}, beside {beside}",
            "real points/s",
            rates[f"{size}"],
            rates[beside],
            10,
            each * rates[f"{size}"],
            str(bench.busy(calls[f"{size}"])),
        )
        for size in sizes
        for beside in ("published", "port")
        if beside in calls
    ]


def ours_steps(bench: Bench, batches: Batches) -> Callable[[], int]:
    """`STEPS` steps of training, of drawings on the device; returns their real points."""
    torch.manual_seed(0)
    resident = ResidentBatches(batches, bench.device)
    learner = Learner(SketchRNN(batches.config), Processes(device=bench.device), **LEARN)
    autocast = precision_context("bfloat16" if bench.on_gpu else "float32", bench.device)
    learner.module.train()
    chosen = list(spread(batches, bench.choose(STEPS, 2)))

    def steps() -> int:
        total = torch.zeros((), device=bench.device, dtype=torch.long)
        for step in chosen:
            batch, points, drawings = resident.at(step, Augmentation())
            with autocast():
                losses = learner.wrapped(batch)
                loss = (losses.offset + losses.pen) / points + 1e-3 * losses.kl.sum() / drawings
            learner.descend(loss, 1e-4)
            total += points
        return int(total)  # the one time that the device is waited for

    return steps


def padded_steps(bench: Bench, batches: Batches) -> Callable[[], int]:
    """As many steps as published code does them."""
    torch.manual_seed(0)
    learner = Learner(SketchRNN(batches.config), Processes(device=bench.device), **LEARN)
    model = learner.module
    assert isinstance(model, SketchRNN)
    model.train()
    chosen = list(spread(batches, bench.choose(STEPS, 2)))

    def steps() -> int:
        total = 0
        for step in chosen:
            batch, points, drawings = batches.at(step, Augmentation())
            losses = padded_losses(model, batch.to(bench.device))
            loss = (losses.offset + losses.pen) / points + 1e-3 * losses.kl.sum() / drawings
            learner.descend(loss, 1e-4)
            loss.item()
            total += points
        return total

    return steps


def port_steps(bench: Bench, sequences: Sequences, longest: int, folder: Path) -> Callable[[], int]:
    """As many steps of a port's own; their points are those of one call, the others' are alike."""
    rows = [
        offsets_from_points(*sequences.points(index)).astype(np.int16)
        for index in range(len(sequences))
    ]
    size = bench.choose(PUBLISHED_BATCH, 8)
    port = open_port(folder, rows, size, longest, str(bench.device))
    if port is None:
        raise SystemExit(f"{folder}: no port that sketchrnn_ports.py knows on {bench.device}")
    return lambda: sum(port.step() for _ in range(bench.choose(STEPS, 2)))


def padded_losses(model: SketchRNN, batch: SketchBatch) -> Losses:
    """The losses as those who pad compute them: of every row, the padding's then masked out."""
    mu, log_variance = model.encode(batch)
    z = mu + torch.exp(0.5 * log_variance) * batch.noise
    kl = -0.5 * (1 + log_variance - mu.square() - log_variance.exp()).sum(1)
    offset, pen = model.nll(model.heads(batch, z), batch, everywhere=True)
    return Losses(offset.sum(), pen.sum(), kl)


def spread(batches: Batches, steps: int) -> Iterator[int]:
    """Steps of the first epoch, evenly spread over the lengths of its buckets."""
    lengths = batches.sequences.lengths
    order = sorted(range(batches.per_epoch), key=lambda t: lengths[batches.indices(t)].mean())
    count = min(steps, len(order))
    return iter([order[int((i + 0.5) / count * len(order))] for i in range(count)])


def operations_of_a_row(config: SketchRNNConfig) -> float:
    """Of a training step, for each real row: its products forward, and twice that back."""
    read = 5 + 4 * config.positions
    encoder = 2 * 4 * config.encoder_size * (read + config.encoder_size)
    inputs = read + config.latent_size
    decoder = 4 * config.decoder_size * (inputs + config.decoder_size)
    head = config.decoder_size * (3 + 6 * config.mixtures)
    return 3 * 2.0 * (encoder + decoder + head)


def target_row(
    bench: Bench, table: DrawingTable | None, recipe: str, figure: str, wanted: float
) -> Row:
    """Seconds of training until a figure of the valid split is as low as the CPU recipe's."""
    table = table or made_table(bench.choose(7400, 60), bench.choose(LONGEST, 30))
    sections = with_settings(
        {
            "model": SketchRNNConfig(),
            "data": DataConfig(),
            "loss": LossConfig(),
            "train": TrainConfig(),
        },
        read_recipe(recipe),
        recipe,
    )
    settings = replace(sections["train"], sample_every=0, checkpoint_seconds=1e9)
    model = sections["model"]
    if bench.small:
        settings = replace(settings, steps=4, evaluate_every=2, batch_size=8, precision="float32")
        model = replace(model, encoder_size=8, decoder_size=12)
    task = SketchRNNTask(table, model, sections["data"], sections["loss"], settings)
    reached: list[float] = []
    evaluate, begun = task.evaluate, time.perf_counter()

    def watched() -> dict[str, float]:
        found = evaluate()
        if found[figure] <= wanted:
            reached.append(time.perf_counter() - begun)
            raise _Reached
        return found

    task.evaluate = watched  # type: ignore[method-assign]
    with tempfile.TemporaryDirectory() as run:
        try:
            ended = train(
                task, settings, Path(run), processes=Processes(device=bench.device), progress=False
            )
        except _Reached:
            return Row(f"{figure} {wanted:g}, recipe {recipe}", "seconds", reached[0])
        assert (Path(run) / LAST).exists()
    took = time.perf_counter() - begun
    best = ended.best[figure]
    return Row(f"{figure} {wanted:g} NOT reached, best {best:.4g}, {recipe}", "seconds", took)


class _Reached(Exception):
    """It is good enough."""
