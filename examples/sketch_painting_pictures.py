"""Doodles, and what painters of sketches make of them: the pictures of docs/painting.md.

    python examples/sketch_painting_pictures.py OUT.png --facades RUN --scenes RUN SCENES

RUN is a folder of `linework train painter --input sketch`. The fronts of houses are drawn here,
by hands as `datasets.human_strokes` has them; the doodles of scenes are held-out ones of
`linework data scenes` in SCENES. A row is a doodle and two seeds, twice.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from linework.datasets.human_strokes import draw_by_hand
from linework.datasets.sketch_folder import find_sketch_pairs, read_sketch, sketch_px
from linework.models.registry import load_model
from linework.models.sketch_painter import SketchPainter
from linework.pipeline.painting_sketches import paint_sketch
from linework.strokes import Drawing
from linework.strokes.images import UInt8Array
from PIL import Image

SEEDS = (1, 2)
CANVAS = 192.0
ROWS = 3
GAP = 4  # px of paper
COLORS = 256  # of the file


def box(x: float, y: float, width: float, height: float) -> np.ndarray:
    """A closed rectangle, (5, 2)."""
    corners = [[0, 0], [width, 0], [width, height], [0, height], [0, 0]]
    return np.array(corners, np.float32) + np.array([x, y], np.float32)


def facade(rng: np.random.Generator) -> Drawing:
    """The front of a house: a roof or none, floors of windows, a door."""
    top = float(rng.uniform(20, 45))
    floors, columns = int(rng.integers(2, 5)), int(rng.integers(3, 6))
    left, width = 12.0, CANVAS - 24.0
    lines = [box(left, top, width, CANVAS - 8 - top)]
    if rng.random() < 0.6:
        peak = [[left, top], [CANVAS / 2, top - 24], [left + width, top]]
        lines.append(np.array(peak, np.float32))
    high, wide = (CANVAS - 8 - top) / floors, width / columns
    door = int(rng.integers(columns))
    for floor in range(floors):
        for column in range(columns):
            x, y = left + wide * (column + 0.25), top + high * (floor + 0.22)
            if floor == floors - 1 and column == door:
                lines.append(box(x - 0.05 * wide, y, wide * 0.6, high * 0.78))
                continue
            lines.append(box(x, y, wide * 0.5, high * 0.55))
            middle = x + wide * 0.25
            lines.append(np.array([[middle, y], [middle, y + high * 0.55]], np.float32))
        if floor:
            y = top + high * floor
            lines.append(np.array([[left, y], [left + width, y]], np.float32))
    return draw_by_hand(Drawing.from_arrays(lines, size=(CANVAS, CANVAS)), rng)


def row(doodle: Drawing, painter: SketchPainter, side: int) -> list[UInt8Array]:
    """The doodle, and the seeds."""
    ink = np.repeat(sketch_px(doodle, side, 1), 3, axis=2)
    return [ink, *(paint_sketch(doodle, painter, seed, side=side) for seed in SEEDS)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out")
    parser.add_argument("--facades", required=True)
    parser.add_argument("--scenes", nargs=2, required=True)
    parser.add_argument("--side", type=int, default=128)
    parser.add_argument("--rows", type=int, nargs="+", default=list(range(ROWS)))
    arguments = parser.parse_args()
    torch.manual_seed(0)
    held_out = find_sketch_pairs(Path(arguments.scenes[1]))[1]
    scenes = [read_sketch(held_out[k].sketch) for k in arguments.rows]
    fronts = [facade(np.random.default_rng(k)) for k in arguments.rows]
    columns = []
    for model, doodles in ((arguments.facades, fronts), (arguments.scenes[0], scenes)):
        painter, _ = load_model(model, wanted="sketchpainter")
        columns.append([row(doodle, painter, arguments.side) for doodle in doodles])
    paper = np.full((arguments.side, GAP, 3), 255, np.uint8)
    rows = []
    for front, scene in zip(*columns, strict=True):
        parts = [part for picture in (*front, *scene) for part in (picture, paper)]
        whole = np.hstack(parts[:-1])
        rows += [whole, np.full((GAP, whole.shape[1], 3), 255, np.uint8)]
    sheet = Image.fromarray(np.vstack(rows[:-1]))
    sheet.quantize(COLORS).save(arguments.out, optimize=True)


if __name__ == "__main__":
    main()
