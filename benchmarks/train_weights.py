"""The GPU training of a bundled model, from its data to its figures: one command a model.

    python benchmarks/train_weights.py segmenter-scenes --data ../shared/data --out runs --minutes 9
    python benchmarks/train_weights.py segmenter-scenes --data ../shared/data --out runs --minutes 9

The second call goes on where the first one stopped, until the recipe's steps are done. Each
command is printed before it runs, as a person would type it in `--out`; data that lie there
already are not made again (`--only data` makes them and no more, to be carried to a machine with a
GPU). `--only figures` measures. `--try` runs all of it at toy size: on a CPU, in minutes.
Weights that beat those that ship are bundled by `bundle_weights.py`.
"""

from __future__ import annotations

import itertools
import os
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import click

HERE = Path(__file__).resolve().parent
LAST = "last.safetensors"
DECODERS = "ant bicycle bird dog hedgehog key monkey palm_tree rabbit"


@dataclass(frozen=True, slots=True)
class Stage:
    """A training: its folder, and the command without what every training takes."""

    run: str
    train: str
    workers: bool = True
    """Whether processes make its batches ahead."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Data by the file that its command leaves, stages in turn, and what measures the last."""

    data: dict[str, str]
    stages: tuple[Stage, ...]
    figures: str


DRAWINGS = {
    "real.arrow": "linework data pack {data}/quickdraw/simplified {data}/quickdraw/raw "
    "-o real.arrow",
    "procedural.ndjson": "linework data doodles -n {many} --seed 20 -o procedural.ndjson",
    "decoders": f"{sys.executable} {HERE.parent}/examples/decoder_drawings.py {{decoders}} "
    "-o decoders",
    "made.arrow": "linework data pack procedural.ndjson decoders --split 100,0,0 -o made.arrow",
    "doodles.arrow": "linework data pack real.arrow made.arrow -o doodles.arrow",
}
SCENES = {
    "scenes256": "linework data scenes -n {scenes} --size 256 --seed 7001 --val 0.02 -j {cores} "
    "-o scenes256",
    "unseen256": "linework data scenes -n {held} --size 256 --seed 9001 --val 0.9 -j {cores} "
    "-o unseen256",
}
LINES = (
    "--data {data}/rough_strokes --data {data}/vector_svg/lucide.zip "
    "--data {data}/vector_svg/feather.zip --data {data}/vector_svg/hershey "
    "--set patches.shares=0.6,0.2,0.08,0.12"
)
PLANS = {
    "doodles": Plan(
        DRAWINGS,
        (
            Stage(
                "doodles",
                "linework train sketchrnn --recipe doodles-gpu --data doodles.arrow",
                workers=False,
            ),
        ),
        "linework evaluate sketchrnn --data real.arrow --model doodles",
    ),
    "doodles-transformer": Plan(
        DRAWINGS,
        (
            Stage(
                "doodles_transformer",
                "linework train sketchrnn --recipe doodles-transformer --data doodles.arrow",
                workers=False,
            ),
        ),
        "linework evaluate sketchrnn --data real.arrow --model doodles_transformer",
    ),
    "recogniser": Plan(
        DRAWINGS,
        (
            Stage(
                "recogniser",
                "linework train recogniser --recipe recogniser-gpu --data doodles.arrow",
                workers=False,
            ),
        ),
        "linework evaluate recogniser --data real.arrow --model recogniser",
    ),
    "simplifier": Plan(
        {},
        (
            Stage("lines", f"linework train simplifier --recipe simplifier-gpu {LINES}"),
            Stage(
                "lines_adversarial",
                "linework train simplifier --recipe simplifier-adversarial --from lines "
                f"{LINES} --rough {{data}}/lineart/jostc/rough/raster",
            ),
        ),
        "linework evaluate simplifier --data {data}/rough_strokes --model lines_adversarial",
    ),
    "painter-scenes": Plan(
        SCENES,
        (Stage("painter", "linework train painter --recipe painter --data scenes256"),),
        "linework evaluate painter --data unseen256 --model painter",
    ),
    "segmenter-scenes": Plan(
        SCENES,
        (Stage("segmenter", "linework train segmenter --recipe segmenter-gpu --data scenes256"),),
        "linework evaluate segmenter --data unseen256 --model segmenter",
    ),
}
FULL = {"many": "19600", "scenes": "20000", "held": "300"}
TOY = {"many": "60", "scenes": "60", "held": "10"}
TOY_TRAINING = "--set steps=2 --set batch_size=2 --set evaluate_every=2 --set sample_every=0"


@click.command()
@click.argument("name", type=click.Choice(sorted(PLANS)))
@click.option("--data", type=click.Path(exists=True, path_type=Path), required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--minutes", type=float, default=0.0, help="Of each stage; 0 for no end.")
@click.option("--only", type=click.Choice(["data", "training", "figures"]))
@click.option("--try", "toy", is_flag=True, help="Toy size.")
def main(name: str, data: Path, out: Path, minutes: float, only: str | None, toy: bool) -> None:
    """Make the data of a bundled model, train it, measure it."""
    plan = PLANS[name]
    out.mkdir(parents=True, exist_ok=True)
    decoders = [
        str(data.resolve() / "sketchrnn_weights" / f"{w}.gen.json") for w in DECODERS.split()
    ]
    words = (TOY if toy else FULL) | {
        "data": str(data.resolve()),
        "decoders": " ".join(decoders[:1] if toy else decoders),
        "cores": str(os.cpu_count() or 1),
    }
    if only in (None, "data"):
        for product, command in plan.data.items():
            if not (out / product).exists():
                run(command.format(**words), out)
    if only in (None, "training"):
        for stage in plan.stages:
            command = stage.train.format(**words) + f" --out {stage.run}"
            if (out / stage.run / LAST).exists():
                command = f"{' '.join(command.split()[:3])} {sources(command)} --out {stage.run}"
                command += " --resume"
            if minutes:
                command += f" --set max_minutes={minutes}"
            if toy:
                command += f" {TOY_TRAINING}" + " --set workers=0" * stage.workers
            run(command, out)
    if only in (None, "figures"):
        run(plan.figures.format(**words), out)


def sources(command: str) -> str:
    """The options of a training that say what it reads: those that --resume takes, too."""
    words = command.split()
    pairs = itertools.pairwise(words)
    return " ".join(f"{a} {b}" for a, b in pairs if a in ("--data", "--rough"))


def run(command: str, folder: Path) -> None:
    """One command, shown, timed, and the end of all if it fails."""
    print(f"+ {command}", flush=True)
    began = time.perf_counter()
    done = subprocess.run(shlex.split(command), cwd=folder, check=False)
    print(f"  {time.perf_counter() - began:.0f} s", flush=True)
    if done.returncode:
        raise SystemExit(done.returncode)


if __name__ == "__main__":
    main()
