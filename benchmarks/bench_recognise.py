"""The recogniser beside a nearest neighbour and a plain CNN, and with less data.

    linework data pack simplified/ raw/ --split 85,5,10 -o real.arrow
    python benchmarks/bench_recognise.py real.arrow --runs runs
    python benchmarks/bench_recognise.py real.arrow --runs runs --curve 0.25 0.5

All learn from the train split and answer for the test split. The nearest neighbour compares
pictures of 28 px, as Quick, Draw!'s bitmaps are, blurred by 1 px, and answers with the words of the
nearest drawings. The plain CNN is the recogniser's picture half, trained by the same command
with the same steps. Runs that are in --runs already are not trained again, those that were stopped
are resumed; --set goes to `linework train`. With less data, as many times through it as through
all: steps shrink with the share. CPU-seconds are of this call: 0 for runs that were there already.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from linework.models.checkpoint import read_header
from linework.models.doodle_batches import DoodleConfig, boxed, doodles, picture
from linework.models.recogniser_figures import recogniser_figures
from linework.models.settings import read_recipe
from linework.models.training import LAST
from linework.pipeline.recogniser_evaluating import evaluate_recogniser
from linework.pipeline.recogniser_training import train_recogniser
from linework.strokes import DrawingTable

SIDE = 28
BLUR = 1.0
COLUMNS = ("top1", "top3", "map3", "word_top1", "word_top3", "ece_unscaled", "ece")


def pictures(table: DrawingTable, split: str) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Blurred pictures of a split, float32 (N, 784) of length 1, and their words (N,)."""
    found = doodles(table, split, table.words()[0], DoodleConfig(balance=0, max_points=10**9))
    rows = np.empty((len(found), SIDE * SIDE), np.float32)
    for i in range(len(found)):
        points, ends = found.points(i)
        rows[i] = cv2.GaussianBlur(picture(boxed(points), ends, SIDE), (0, 0), BLUR).ravel()
    return rows / np.linalg.norm(rows, axis=1, keepdims=True), found.words


def nearest(table: DrawingTable) -> dict[str, float]:
    """Figures of the nearest neighbour: a word is as far as its nearest drawing."""
    known, words = pictures(table, "train")
    asked, truth = pictures(table, "test")
    closeness = asked @ known.T
    best = np.full((len(asked), len(table.words()[0])), -1.0, np.float32)
    for word in range(best.shape[1]):
        mine = words == word
        if mine.any():
            best[:, word] = closeness[:, mine].max(axis=1)
    figures = recogniser_figures(torch.from_numpy(best), torch.from_numpy(truth), 1.0)
    return {k: v for k, v in figures.items() if not k.startswith("ece")}


def trained(table: str, run: Path, assignments: list[str]) -> None:
    """Trains into `run`, unless a finished training stands there; goes on with a stopped one."""
    last = run / LAST
    if last.is_file():
        header = read_header(last)
        if header["step"] >= header["train"]["steps"]:
            return
    train_recogniser(table, run, assignments=assignments, resume=last.is_file())


def row(name: str, figures: dict[str, float], drawings: int, seconds: float) -> str:
    cells = [f"{figures[c]:.3f}" if c in figures else "-" for c in COLUMNS]
    return f"| {name} | {drawings:,} | " + " | ".join(cells) + f" | {seconds:.0f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table")
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--curve", type=float, nargs="*", default=[])
    parser.add_argument("--inputs", nargs="*", default=["picture", "both"])
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    given = parser.parse_args()
    steps = int(read_recipe("recogniser")["train.steps"])
    for item in given.set:
        key, _, value = item.partition("=")
        steps = int(value) if key in ("steps", "train.steps") else steps
    table = DrawingTable.open(given.table)
    drawings = len(table.rows_of("train"))
    print(f"| way | drawings | {' | '.join(COLUMNS)} | CPU-seconds |\n|---{'|---' * 9}|\n", end="")
    begin = time.process_time()
    found = nearest(table)
    print(row("nearest neighbour", found, drawings, time.process_time() - begin), flush=True)
    names = {"picture": "plain CNN", "strokes": "strokes alone", "both": "recogniser"}
    asked = [(inputs, 1.0) for inputs in given.inputs] + [("both", share) for share in given.curve]
    for inputs, share in asked:
        run = given.runs / f"{inputs}-{share:g}"
        begin = time.process_time()
        own = [f"inputs={inputs}", f"share={share:g}", f"steps={max(1, round(steps * share))}"]
        trained(given.table, run, [*given.set, *own])
        seconds = time.process_time() - begin
        evaluation = evaluate_recogniser(run, given.table)
        learnt = read_header(run / LAST)["train_drawings"]
        print(row(names[inputs], evaluation.figures, learnt, seconds), flush=True)


if __name__ == "__main__":
    main()
