"""Weights of a finished training -> the half-precision file and card that ship.

    python benchmarks/bundle_weights.py run --name doodles --data real.arrow \\
        --about benchmarks/doodles_card.toml

The card's figures are those of `linework evaluate` on the file as it ships, half
precision, on the test split of `--data`. What a person has to say (the data and their
licences, the commands, the machine) stands in the --about file.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import subprocess
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from linework.models.checkpoint import load_tensors, save_tensors
from linework.models.registry import find_weights
from linework.pipeline.dense_map_evaluating import evaluate_dense_map
from linework.pipeline.evaluating import evaluate_sketchrnn
from linework.pipeline.painter_evaluating import SEGMENTER, evaluate_painter
from linework.pipeline.recogniser_evaluating import evaluate_recogniser
from linework.pipeline.segmenter_evaluating import evaluate_segmenter
from linework.pipeline.simplifier_evaluating import evaluate_simplifier
from linework.strokes.atomic import write_atomically

WEIGHTS = Path(__file__).parent.parent / "models" / "weights"
# What loading and using the model needs; the rest of the training's header is the card's.
KEPT = {
    "sketchrnn": ("model", "config", "box", "data"),
    "simplifier": ("model", "config"),
    "recogniser": ("model", "config", "temperature"),
    "densemap": ("model", "config"),
    "segmenter": ("model", "config", "classes", "seen"),
    "painter": ("model", "config", "classes"),
}
# What of it the card says.
SAID = {
    "sketchrnn": ("step", "train_drawings", "loss", "train"),
    "simplifier": ("step", "pairs", "patches", "loss", "train"),
    "recogniser": ("step", "train_drawings", "data", "loss", "train"),
    "densemap": ("step", "scenes", "loss", "train"),
    "segmenter": ("step", "data", "learnt_from", "crops", "loss", "train"),
    "painter": ("step", "learnt_from", "critic", "loss", "train"),
}
SAMPLES = 1000
BY_WORD = ("drawings", "cell", "cell_with_kl")


@click.command()
@click.argument("run", type=click.Path(exists=True))
@click.option("--name", required=True)
@click.option("--data", type=click.Path(exists=True), required=True, help="Held-out drawings.")
@click.option("--about", type=click.Path(exists=True), required=True, help="TOML of the card.")
@click.option("--also", type=click.Path(exists=True), help="Segmenter: more pictures, held out.")
@click.option("--segmenter", default=SEGMENTER, help="What looks at a painter's pictures.")
def main(run: str, name: str, data: str, about: str, also: str | None, segmenter: str) -> None:
    """Bundle the best weights of RUN."""
    tensors, header = load_tensors(find_weights(run))
    said = tomllib.loads(Path(about).read_text("utf-8"))
    kind = header["model"]
    kept = {key: header[key] for key in KEPT[kind]}
    # What people get who name no temperature, and for which words it is another.
    kept |= {key: said.pop(key) for key in ("temperature", "temperatures") if key in said}
    target = WEIGHTS / f"{name}.safetensors"
    halves = {k: t.half() if t.is_floating_point() else t for k, t in tensors.items()}
    save_tensors(target, halves, kept)
    evaluation: Any
    if kind == "simplifier":
        evaluation = evaluate_simplifier(target, data)
    elif kind == "recogniser":
        evaluation = evaluate_recogniser(target, data)
    elif kind == "densemap":
        evaluation = evaluate_dense_map(target, data)
    elif kind == "segmenter":
        evaluation = evaluate_segmenter(target, data)
    elif kind == "painter":
        evaluation = evaluate_painter(target, data, segmenter=segmenter)
    else:
        evaluation = evaluate_sketchrnn(target, data, split="test", by_word=True, samples=SAMPLES)
    rounded = json.loads(json.dumps(dataclasses.asdict(evaluation)), parse_float=_four_digits)
    if "by_word" in rounded:
        rounded["by_word"] = {
            word: {key: figures[key] for key in BY_WORD}
            for word, figures in rounded["by_word"].items()
        }
    card: dict[str, Any] = {
        "name": name,
        **said,
        "bytes": target.stat().st_size,
        "sha256": hashlib.sha256(target.read_bytes()).hexdigest(),
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "commit": subprocess.run(
            ["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True
        ).stdout.strip(),
        "training": {k: header[k] for k in SAID[kind]},
        "evaluation": {**rounded, "model": name, "data": Path(data).name},
    }
    if also is not None:
        figures = dataclasses.asdict(evaluate_segmenter(target, also))
        rounded = json.loads(json.dumps(figures), parse_float=_four_digits)
        card["also"] = {**rounded, "model": name, "data": Path(also).name}
    write_atomically(target.with_suffix(".json"), (json.dumps(card, indent=1) + "\n").encode())
    click.echo(evaluation)


def _four_digits(text: str) -> float:
    return round(float(text), 4)


if __name__ == "__main__":
    main()
