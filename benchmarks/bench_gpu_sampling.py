"""sketch-rnn: points a second drawn on a GPU, in graphs, step by step, and by a port.

    git clone --depth 1 https://github.com/labmlai/annotated_deep_learning_paper_implementations
    python benchmarks/bench_gpu_sampling.py --port annotated_deep_learning_paper_implementations
    python benchmarks/bench_gpu_sampling.py --device cpu --small

For each batch the points a second of `Sampler.draw` as it draws whole drawings on a GPU
(models/device_sampling.py, a CUDA graph of 32 rows), of the same step by step, where the host
draws the pens (what `Sampler.draw` does for live display), and of a port, which draws one
drawing at a time with its model on the same device. Drawings never end: all have 250 points.
In turn, medians, the clock until everything is back on the host. Prints Markdown. On a CPU
there is no graph: a test of this code.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

import numpy as np
import torch
from gpu_measure import Bench
from linework.models.processes import pick_device
from linework.models.sketchrnn import SketchRNN, SketchRNNConfig
from linework.models.sketchrnn_sampling import Sampler, Temperatures
from sketchrnn_ports import NEVER, Port, open_port

HOT = Temperatures(0.4, 1.0)
POINTS = 250
# Drawings that a port is given to be set up with; what it draws does not depend on them.
PORT_DRAWINGS = 200


def main(arguments: Sequence[str] | None = None) -> None:
    """Reads the arguments, prints a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--device", help="as `linework --device`; else CUDA where there is one")
    parser.add_argument("--small", action="store_true", help="a test of this code; no figures")
    parser.add_argument("--repeats", type=int, default=0, help="timed calls of each kind")
    parser.add_argument("--batches", nargs="+", type=int, default=(1, 64, 4096), metavar="N")
    parser.add_argument("--cell", default="fused", help="of the decoder: fused, layernorm, ...")
    parser.add_argument("--tf32", action="store_true", help="products in TF32, not float32")
    parser.add_argument("--port", type=Path, help="a checkout that sketchrnn_ports.py knows")
    given = parser.parse_args(arguments)
    if given.tf32:
        torch.set_float32_matmul_precision("high")
    bench = Bench(
        pick_device(given.device), given.small, given.repeats or (1 if given.small else 9)
    )
    points = bench.choose(POINTS, 40)
    port = None if given.port is None else ready_port(given.port, points, bench.device)
    precision = "TF32" if given.tf32 else "float32"
    print(f"{bench.name}, torch {torch.__version__}, {precision}, median of {bench.repeats}")
    print(f"{given.cell} decoder, {points} points a drawing, points a second:\n")
    print(f"| batch | in graphs | step by step | {port.name if port else 'no port'} | times |")
    print("| --- | --- | --- | --- | --- |")
    sampler = ready_sampler(bench, given.cell)
    for batch in (2, 5) if bench.small else given.batches:
        calls = ways(sampler, batch, points)
        if port is not None:
            calls["port"] = port.sample
        rates = rates_of(calls, bench.repeats)
        beside = f"{rates['port']:,.0f}" if port else ""
        times = f"{rates['whole'] / rates['port']:.1f}" if port else ""
        whole, stepped = rates["whole"], rates["stepped"]
        print(f"| {batch} | {whole:,.0f} | {stepped:,.0f} | {beside} | {times} |", flush=True)


def ready_sampler(bench: Bench, cell: str) -> Sampler:
    """A model of the usual size that does not end its drawings."""
    torch.manual_seed(0)
    config = SketchRNNConfig(decoder_cell=cell, scale=18.5, position_scale=4.7)
    if bench.small:
        config = replace(config, encoder_size=8, decoder_size=12, latent_size=4)
    model = SketchRNN(config).to(bench.device)
    with torch.no_grad():
        model.decoder.head.bias[2] = NEVER
    return Sampler(model)


def ways(sampler: Sampler, batch: int, points: int) -> dict[str, Callable[[], int]]:
    """Calls that draw `batch` drawings, and return their points."""
    generator = torch.Generator(sampler.device).manual_seed(0)
    latent = torch.randn(
        batch, sampler.config.latent_size, device=sampler.device, generator=generator
    )
    words = torch.zeros(batch, dtype=torch.long, device=sampler.device)
    with torch.no_grad():
        condition = sampler.model.condition(latent, words)

    def whole() -> int:
        drawn = sampler.draw_on_device(condition, HOT, generator, points)
        return sum(map(len, drawn.rows))

    def stepped() -> int:
        drawn = sampler.draw(
            condition,
            temperatures=HOT,
            generator=generator,
            max_points=points,
            on_row=lambda going, rows: None,
        )
        return sum(map(len, drawn.rows))

    return {"whole": whole, "stepped": stepped}


def ready_port(folder: Path, points: int, device: torch.device) -> Port:
    """The port in a checkout, on the device, its drawings as long as ours."""
    rng = np.random.default_rng(0)
    rows = np.zeros((PORT_DRAWINGS, points, 3), np.int16)
    rows[..., :2] = rng.integers(-30, 31, (PORT_DRAWINGS, points, 2))
    rows[:, -1, 2] = 1
    port = open_port(folder, list(rows), 100, points, str(device))
    if port is None:
        raise SystemExit(f"{folder}: no port that sketchrnn_ports.py knows to run on {device}")
    return port


def rates_of(calls: dict[str, Callable[[], int]], repeats: int) -> dict[str, float]:
    """Median points a second of calls in turn; each ends with its points on the host."""
    found: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
        call()  # the first captures, the second replays
    for _ in range(repeats):
        for name, call in calls.items():
            begun = time.perf_counter()
            points = call()
            found[name].append(points / (time.perf_counter() - begun))
    return {name: median(rates) for name, rates in found.items()}


if __name__ == "__main__":
    warnings.filterwarnings("ignore")  # the ports are of other versions of torch
    torch.set_num_threads(1)
    main()
