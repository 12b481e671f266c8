"""sketch-rnn: the cost of a training step and of sampling, beside padding and beside a port.

    git clone --depth 1 https://github.com/labmlai/annotated_deep_learning_paper_implementations
    python benchmarks/bench_sketchrnn.py --port annotated_deep_learning_paper_implementations

CPU time of one thread, everything in one run, alternating, medians; the steps timed are
spread evenly over the lengths of the buckets. "Padded" is the same cells over the published
layout, the loss computed everywhere and masked, as all ports do. Data: aaron_sheep, 7,400
drawings of up to 250 points. `--port` may be given several times (sketchrnn_ports.py says
which are known); without it the comparison is left out. Goals: bucketed at most 0.5 of
padded; ours, regularised as recipe `sheep`, at most 0.45 of the port; sampling at least 2.5
times the port's at batch 1, and 30,000 points a second at batch 100.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import Any

for _name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import torch  # noqa: E402
from linework.models.batches import Batches, measure_scales, select  # noqa: E402
from linework.models.processes import precision_context  # noqa: E402
from linework.models.settings import read_recipe, with_settings  # noqa: E402
from linework.models.sketchrnn import (  # noqa: E402
    Losses,
    SketchBatch,
    SketchRNN,
    SketchRNNConfig,
)
from linework.models.sketchrnn_sampling import Sampler, Temperatures  # noqa: E402
from linework.models.sketchrnn_task import DataConfig  # noqa: E402
from linework.strokes import DrawingTable, from_stroke3  # noqa: E402
from linework.strokes.npz import read_npz  # noqa: E402
from sketchrnn_ports import NEVER, Port, open_port  # noqa: E402

LONGEST = 250
BATCH = 100
# What sampling is timed on: every drawing goes on to the limit.
POINTS = 250
TEMPERATURES = Temperatures(0.4, 1.0)


def main() -> None:
    parser = argparse.ArgumentParser(description="sketch-rnn beside padding and beside a port")
    default = os.environ.get("LINEWORK_DATA") or Path(__file__).parents[2] / "shared/data"
    parser.add_argument("--data", type=Path, default=Path(default))
    parser.add_argument("--port", type=Path, action="append", default=[], help="a checkout")
    parser.add_argument("--steps", type=int, default=18, help="timed steps of each kind")
    args = parser.parse_args()
    source = args.data / "sketchrnn_npz" / "aaron_sheep.npz"
    if not source.is_file():
        parser.exit(message=f"{source}: not there; this benchmark needs it (--data)\n")
    torch.set_num_threads(1)
    rows = read_npz(source)["train"]
    table = DrawingTable.from_drawings(from_stroke3(r) for r in rows)
    print(f"{len(rows):,} drawings, {sum(map(len, rows)) / len(rows):.0f} rows on average")
    print(f"load of the machine before: {os.getloadavg()[0]:.1f}\n")
    ours = steps_of_ours(table, args.steps)
    compare(ours, args.steps)
    sample_ours = sampler_of_ours()
    rates = {n: rate(lambda n=n: sample_ours(n), 5) for n in (1, 10, 100)}
    for n, found in rates.items():
        print(f"sampling, batch {n:3}: {found:8,.0f} points per CPU-second")
    for folder in args.port:
        port = open_port(folder, rows, BATCH, LONGEST)
        if port is None:
            print(f"\n{folder}: no port that sketchrnn_ports.py knows; left out")
            continue
        beside(port, ours["recipe sheep"], sample_ours, args.steps)
    if not args.port:
        print("\nno --port: the comparison with one is left out")


def steps_of_ours(table: DrawingTable, turns: int) -> dict[str, Callable[[], int]]:
    """Training steps by name; each does one and returns its real points."""
    recipe = read_recipe("sheep")
    sections = {"model": SketchRNNConfig(), "data": DataConfig()}
    mine = {k: v for k, v in recipe.items() if k.split(".")[0] in sections}
    sheep = with_settings(sections, mine, "sheep")
    plain = {"model": SketchRNNConfig(decoder_dropout=0.0, positions=False), "data": DataConfig()}
    return {
        "bucketed": training_step(table, plain, "float32", turns, bucket=True),
        "padded": training_step(table, plain, "float32", turns, bucket=False),
        "bucketed, bfloat16": training_step(table, plain, "auto", turns, bucket=True),
        "padded, bfloat16": training_step(table, plain, "auto", turns, bucket=False),
        "recipe sheep": training_step(table, sheep, "auto", turns, bucket=True),
    }


def training_step(
    table: DrawingTable, settings: dict[str, Any], precision: str, turns: int, *, bucket: bool
) -> Callable[[], int]:
    """One step of training as models/training.py does it: batch, loss, backward, Adam."""
    sequences = select(table, "train", max_points=LONGEST)
    scale, position_scale = measure_scales(sequences)
    config = replace(settings["model"], scale=scale, position_scale=position_scale)
    torch.manual_seed(0)
    model = SketchRNN(config)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)
    batches = Batches(sequences, config, BATCH, bucket=bucket, pad_to=None if bucket else LONGEST)
    autocast = precision_context(precision, torch.device("cpu"))
    augmentation = settings["data"].augmentation(0.0)
    steps = spread(batches, turns)

    def step() -> int:
        batch, points, drawings = batches.at(next(steps), augmentation)
        with autocast():
            losses = model(batch) if bucket else masked(model, batch)
            loss = (losses.offset + losses.pen) / points + 0.1 * losses.kl.sum() / drawings / 128
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_value_(model.parameters(), 1.0)
        optimizer.step()
        return points

    return step


def spread(batches: Batches, turns: int) -> Iterator[int]:
    """Steps of the first epoch, evenly spread over the lengths of its buckets, again and again."""
    lengths = batches.sequences.lengths
    order = sorted(range(batches.per_epoch), key=lambda t: lengths[batches.indices(t)].mean())
    return cycle([order[int((i + 0.5) / turns * len(order))] for i in range(turns)])


def masked(model: SketchRNN, batch: SketchBatch) -> Losses:
    """The losses as those who pad compute them: of every row, the padding's then masked out."""
    mu, log_variance = model.encode(batch)
    z = mu + torch.exp(0.5 * log_variance) * batch.noise
    kl = -0.5 * (1 + log_variance - mu.square() - log_variance.exp()).sum(1)
    rows = len(batch.offsets)
    everything = replace(batch, lengths=torch.full_like(batch.lengths, rows))
    offset, pen = model.nll(model.heads(batch, z), everything)
    real = torch.arange(rows)[:, None] < batch.lengths
    return Losses((offset * real.flatten()).sum(), pen.sum(), kl)


def sampler_of_ours() -> Callable[[int], int]:
    """Draws n drawings of `POINTS` points each; returns the points."""
    torch.manual_seed(0)
    model = SketchRNN(SketchRNNConfig(scale=18.5, position_scale=4.7))
    with torch.no_grad():
        model.decoder.head.bias[2] = NEVER
    sampler = Sampler(model)
    word, generator = torch.zeros(1, dtype=torch.long), torch.Generator().manual_seed(0)

    def sample(n: int) -> int:
        with torch.no_grad():
            condition = model.condition(torch.randn(n, 128), word.expand(n))
        drawn = sampler.draw(
            condition, temperatures=TEMPERATURES, generator=generator, max_points=POINTS
        )
        return sum(map(len, drawn.rows))

    return sample


def compare(steps: dict[str, Callable[[], int]], repeats: int) -> None:
    """Times the kinds of step in turn and prints their medians."""
    found = timed(steps, repeats)
    print(f"training step of {BATCH} drawings, median of {repeats}:")
    for name, (seconds, per_second) in found.items():
        print(f"  {name:20} {seconds:6.3f} CPU-s  {per_second:8,.0f} real points per CPU-second")
    for suffix in ("", ", bfloat16"):
        share = found[f"bucketed{suffix}"][0] / found[f"padded{suffix}"][0]
        print(f"  bucketed / padded{suffix}: {share:.2f}")
    print()


def beside(port: Port, ours: Callable[[], int], sample: Callable[[int], int], repeats: int) -> None:
    """Ours and a port's, in turn."""
    # Ours vary with the bucket that a step is of: all of them, and fewer of the port's.
    found = timed({"ours": ours, "port": port.step}, max(repeats // 3, 3), {"ours": 3})
    print(f"\n{port.name}:")
    for name, (seconds, per_second) in found.items():
        print(f"  {name}: step {seconds:6.3f} CPU-s, {per_second:8,.0f} real points per CPU-second")
    print(f"  our step / the port's: {found['ours'][0] / found['port'][0]:.2f}")
    mine, theirs = [], []
    for _ in range(5):
        mine.append(rate(lambda: sample(1), 1))
        theirs.append(rate(port.sample, 1))
    a, b = statistics.median(mine), statistics.median(theirs)
    print(f"  sampling at batch 1, points per CPU-second: ours {a:,.0f}, the port {b:,.0f}")
    print(f"  ours / the port's: {a / b:.1f}")


def timed(
    steps: dict[str, Callable[[], int]], repeats: int, times: Mapping[str, int] | None = None
) -> dict[str, tuple[float, float]]:
    """Median CPU-seconds of a step, and real points per CPU-second, of each kind.

    Args:
        times: steps of a kind in one turn, where not one.
    """
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    points = dict.fromkeys(steps, 0)
    for step in steps.values():
        step()  # the first pays for what is set up once
    turn = [name for name in steps for _ in range((times or {}).get(name, 1))]
    for name in turn * repeats:
        start = time.process_time()
        points[name] += steps[name]()
        seconds[name].append(time.process_time() - start)
    return {n: (statistics.median(s), points[n] / sum(s)) for n, s in seconds.items()}


def rate(sample: Callable[[], int], repeats: int) -> float:
    """Median points per CPU-second."""
    sample()
    found = []
    for _ in range(repeats):
        start = time.process_time()
        points = sample()
        found.append(points / (time.process_time() - start))
    return statistics.median(found)


if __name__ == "__main__":
    warnings.filterwarnings("ignore")  # the ports are of other versions of torch
    main()
