"""Two sketch-rnns side by side: parameters, nats a point, time to train, cost of drawing on a CPU.

    linework train sketchrnn --data doodles.arrow --recipe doodles --out lstm
    linework train sketchrnn --data doodles.arrow --recipe doodles-transformer --out transformer
    python benchmarks/bench_decoders.py lstm transformer --data real.arrow

Nats are those of `linework evaluate` on the split. Times are the run's own (times.csv); weights
that are not a training folder have none. A drawn point costs CPU time of one thread: whole
`Sampler.draw`, no drawing let to end before its last point, the two in turn, the least of the
repeats, for the machine's other work only adds. Without `--data` no nats.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import click  # noqa: E402
import torch  # noqa: E402
from linework.models.registry import load_model  # noqa: E402
from linework.models.run_times import read_times  # noqa: E402
from linework.models.sketchrnn import SketchRNN  # noqa: E402
from linework.models.sketchrnn_sampling import Sampler, Temperatures  # noqa: E402
from linework.pipeline.evaluating import evaluate_sketchrnn  # noqa: E402

# Makes a pen state impossible, so that every drawing goes on to the last point.
NEVER = -1e4
TEMPERATURES = Temperatures(0.4, 1.0)
BATCHES = (1, 100)
# A doodle of Quick, Draw! has some 40 rows; the longest that is trained has 250.
POINTS = (40, 250)
REPEATS = 5

Rows = dict[str, list[str]]


@click.command()
@click.argument("runs", nargs=2)
@click.option("--data", type=click.Path(exists=True), help="Held-out drawings, a table.")
@click.option("--split", default="test", show_default=True)
@click.option("--repeats", default=REPEATS, show_default=True)
def main(runs: tuple[str, str], data: str | None, split: str, repeats: int) -> None:
    """Print a Markdown table of two RUNS, training folders or weights."""
    torch.set_num_threads(1)
    models = [_model(run) for run in runs]
    rows: Rows = {
        "decoder": [model.config.decoder_cell for model in models],
        "parameters": [f"{_count(model):,}" for model in models],
        "of the decoder": [f"{_count(model.decoder):,}" for model in models],
    }
    if data is not None:
        rows |= figures(runs, data, split)
    rows |= trained(runs)
    rows |= drawn(models, repeats)
    click.echo(f"| | {runs[0]} | {runs[1]} |\n|---|---|---|")
    for name, cells in rows.items():
        click.echo(f"| {name} | {' | '.join(cells)} |")


def figures(runs: tuple[str, str], data: str, split: str) -> Rows:
    """What `linework evaluate sketchrnn` says of each, without its samples."""
    found = [evaluate_sketchrnn(run, data, split=split, samples=0) for run in runs]
    rows: Rows = {"held-out drawings, points": [f"{e.drawings:,}, {e.points:,}" for e in found]}
    for name, text in (
        ("cell", "cell mass with z, nats a point"),
        ("cell_with_kl", "and with what z costs"),
        ("pen", "of it the pen"),
    ):
        rows[text] = [_number(e.figures.get(name)) for e in found]
    without = [(e.without_latent or {}).get("cell") for e in found]
    return rows | {"cell mass without z, as when completing": list(map(_number, without))}


def trained(runs: tuple[str, str]) -> Rows:
    """Steps and minutes of each run, as its folder says."""
    times = [read_times(Path(run)) for run in runs]
    last = [rows[-1] if rows else None for rows in times]
    return {
        "steps": ["-" if one is None else f"{one.step:,}" for one in last],
        "minutes by the clock": [_number(one and one.seconds / 60, 1) for one in last],
        "CPU-minutes": [_number(one and one.cpu_seconds / 60, 1) for one in last],
    }


def drawn(models: list[SketchRNN], repeats: int) -> Rows:
    """Microseconds of CPU time a point, by how many are drawn together and how long."""
    for model in models:
        with torch.no_grad():
            model.decoder.head.bias[2] = NEVER
    samplers = [Sampler(model) for model in models]
    rows: Rows = {}
    for batch in BATCHES:
        for points in POINTS:
            draws = [_draw(sampler, batch, points) for sampler in samplers]
            turns = [_timed(draws) for _ in range(repeats)]
            least = [min(times) for times in zip(*turns, strict=True)]
            per_point = [seconds / (batch * points) * 1e6 for seconds in least]
            name = f"µs a point, {batch} at a time, {points} points each"
            rows[name] = [f"{value:,.0f}" for value in per_point]
    return rows


def _draw(sampler: Sampler, batch: int, points: int) -> Callable[[], object]:
    words = torch.arange(batch) % max(len(sampler.config.words), 1)
    with torch.no_grad():
        condition = sampler.model.condition(None, words)
    generator = torch.Generator().manual_seed(0)
    return lambda: sampler.draw(
        condition, temperatures=TEMPERATURES, generator=generator, max_points=points
    )


def _timed(draws: list[Callable[[], object]]) -> list[float]:
    """CPU-seconds of each, in turn."""
    seconds = []
    for draw in draws:
        began = time.process_time()
        draw()
        seconds.append(time.process_time() - began)
    return seconds


def _model(run: str) -> SketchRNN:
    model, _ = load_model(run, wanted="sketchrnn")
    assert isinstance(model, SketchRNN)
    return model


def _count(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def _number(value: float | None, digits: int = 3) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


if __name__ == "__main__":
    main()
