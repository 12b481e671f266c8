"""What linework makes of a GPU: a subcommand for each row of the table in docs/gpu.md.

    python benchmarks/bench_gpu.py training --data sheep.arrow
    python benchmarks/bench_gpu.py all
    python benchmarks/bench_gpu.py all --device cpu --small

Every row is measured in one run beside what it is compared with: medians of calls in turn, timed
on the device, clocks as they are found; and beside the card's own rate for large products of
matrices. Prints Markdown. `--small` runs the same code in small sizes, as a test of it.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import bench_gpu_cells
import bench_gpu_sampling
import torch
from gpu_feeding import feeding_rows, pipeline_rows, source_rows
from gpu_measure import Bench, Row, table
from gpu_pictures import painter_rows, simplifier_rows
from gpu_sketchrnn import target_row, training_rows
from linework.models.processes import pick_device
from linework.strokes import DrawingTable

Rows = Callable[[Bench, argparse.Namespace], list[Row]]


def training(bench: Bench, given: argparse.Namespace) -> list[Row]:
    """sketch-rnn: real points a second beside the same model as it was published to be trained."""
    sizes = (8, 16) if bench.small else (100, 512, 2048)
    return training_rows(bench, _table(given), sizes, given.port)


def target(bench: Bench, given: argparse.Namespace) -> list[Row]:
    """sketch-rnn: seconds until a figure of the valid split is --wanted, by --recipe."""
    return [target_row(bench, _table(given), given.recipe, given.figure, given.wanted)]


def simplifier(bench: Bench, given: argparse.Namespace) -> list[Row]:
    """Megapixels a second cleaned, beside the network of 2016."""
    return simplifier_rows(bench, (64,) if bench.small else (1024, 4096))


def painter(bench: Bench, given: argparse.Namespace) -> list[Row]:
    """Pictures a second painted, beside SPADE's generator."""
    return painter_rows(bench, (1, 2) if bench.small else (1, 32))


def pipeline(bench: Bench, given: argparse.Namespace) -> list[Row]:
    """256 doodles to pictures in one run, by stage."""
    return pipeline_rows(bench, bench.choose(512, 128))


def feeding(bench: Bench, given: argparse.Namespace) -> list[Row]:
    """Whether scenes and rough pairs are made as fast as a training takes them."""
    return feeding_rows(bench, given.workers)


def sources(bench: Bench, given: argparse.Namespace) -> list[Row]:
    """What a core makes of the pictures that trainings read; the same with and without a GPU."""
    return source_rows(bench)


ROWS: dict[str, Rows] = {
    "training": training,
    "target": target,
    "simplifier": simplifier,
    "painter": painter,
    "pipeline": pipeline,
    "feeding": feeding,
    "sources": sources,
}
# Benchmarks with options and a table of their own.
APART = {"cells": bench_gpu_cells.main, "sampling": bench_gpu_sampling.main}


def main(arguments: Sequence[str] | None = None) -> None:
    """Reads the arguments, prints a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    kinds = parser.add_subparsers(dest="kind", required=True)
    for name in (*ROWS, *APART, "all"):
        told = "every row" if name == "all" else f"bench_gpu_{name}.py, which has more options"
        told = (ROWS[name].__doc__ or "") if name in ROWS else told
        kind = kinds.add_parser(name, help=told, description=told)
        kind.add_argument("--device", help="as `linework --device`; else CUDA where there is one")
        kind.add_argument("--small", action="store_true", help="a test of this code; no figures")
        kind.add_argument("--repeats", type=int, default=0, help="timed calls of each kind")
        kind.add_argument("--data", type=Path, help="a packed table to train on; else made up")
        kind.add_argument("--port", type=Path, help="a checkout that sketchrnn_ports.py knows")
        kind.add_argument("--recipe", default="sheep", help="for target")
        kind.add_argument("--figure", default="cell_with_kl", help="for target: one of log.csv")
        kind.add_argument("--wanted", type=float, default=0.947, help="for target: its value")
        kind.add_argument("--workers", type=int, default=8, help="for feeding: processes")
    given = parser.parse_args(arguments)
    bench = Bench(
        pick_device(given.device), given.small, given.repeats or (2 if given.small else 20)
    )
    chosen = [*ROWS, *APART] if given.kind == "all" else [given.kind]
    rows = [row for name in chosen if name in ROWS for row in ROWS[name](bench, given)]
    if rows:
        print(table(rows, bench.matrix_rate(), bench))
    for name in chosen:
        if name in APART:
            print()
            APART[name](_passed_on(given, port=name == "sampling"))


def _passed_on(given: argparse.Namespace, *, port: bool) -> list[str]:
    """What a benchmark apart is told."""
    told = [] if given.device is None else ["--device", given.device]
    told += ["--small"] if given.small else []
    told += ["--repeats", str(given.repeats)] if given.repeats else []
    return told + (["--port", str(given.port)] if port and given.port else [])


def _table(given: argparse.Namespace) -> DrawingTable | None:
    return None if given.data is None else DrawingTable.open(given.data)


if __name__ == "__main__":
    warnings.filterwarnings("ignore")  # the profiler's
    torch.set_num_threads(1)
    main()
