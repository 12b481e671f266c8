"""Label maps, and what `linework paint` makes of them.

    python examples/painting_pictures.py OUT.png SCENES [--model painter-scenes] [--rows 1 4 7]
    python examples/painting_pictures.py OUT.png SCENES --models before after [--rows 1 4 7]

A row for each held-out scene of SCENES: its label map, three seeds, the second of them with
another sky, and painted in the style of another scene, which stands small in the corner. With
--models a row is the map and one picture by each painter. The pictures of docs/painting.md are
made by it.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from linework.datasets.label_folder import LabelPair, find_label_pairs, read_labels
from linework.datasets.labels import UInt8Array
from linework.models.painter import Painter
from linework.pipeline.painting import (
    Palette,
    load_painter,
    map_indices,
    paint_labels,
    read_style,
    working_size,
)
from linework.strokes.images import read_image
from PIL import Image

SEEDS = (1, 2, 3)
REGION, ANEW = "sky", 77
COLORS = 256  # of the file, which halves it
# Of the small picture whose style is taken, in shares of the large one's side.
SMALL = 0.34
GAP = 4  # px of paper


def read(painter: Painter, palette: Palette, pair: LabelPair) -> tuple[UInt8Array, UInt8Array]:
    """Labels as the painter's indices, and the map in colours, both as large as it paints."""
    pixels = read_labels(pair, palette.known)
    height, width = working_size(*pixels.shape, painter.config)
    small = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_NEAREST_EXACT)
    labels, _ = map_indices(np.asarray(small, np.uint8), palette, pair.labels)
    return labels, palette.known.colors[small]


def several(
    painter: Painter, palette: Palette, pair: LabelPair, style: Path, first: int
) -> list[UInt8Array]:
    """A row: the map, three seeds from `first` on, another sky, another picture's style."""
    labels, colors = read(painter, palette, pair)
    pictures = [paint_labels(labels, painter, first + seed, {}) for seed in SEEDS]
    other = paint_labels(labels, painter, first + SEEDS[1], {palette.index_of(REGION): ANEW})
    light = np.asarray(read_image(style), np.uint8)
    lent = paint_labels(labels, painter, SEEDS[0], {}, read_style(light, None, painter))
    side = round(SMALL * lent.shape[0])
    lent = lent.copy()
    lent[:side, :side] = cv2.resize(light, (side, side), interpolation=cv2.INTER_AREA)
    lent[side : side + 1, : side + 1] = lent[: side + 1, side : side + 1] = 255
    return [colors, *pictures, other, lent]


def sheet(rows: Sequence[Sequence[UInt8Array]]) -> UInt8Array:
    """Rows of pictures of one size, with paper between them."""

    def joined(parts: Sequence[UInt8Array], axis: int) -> UInt8Array:
        shape = list(parts[0].shape)
        shape[axis] = GAP
        paper = np.full(shape, 255, np.uint8)
        with_paper = [part for one in parts for part in (one, paper)]
        return np.concatenate(with_paper[:-1], axis=axis)

    return joined([joined(row, 1) for row in rows], 0)


def main() -> None:
    """Reads the arguments, writes the picture."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("scenes")
    parser.add_argument("--model", default="painter-scenes")
    parser.add_argument("--models", nargs="+")
    parser.add_argument("--rows", type=int, nargs="+", default=[0, 1, 2, 3])
    parser.add_argument("--styles", type=int, nargs="+", help="scenes that lend theirs, a row each")
    given = parser.parse_args()
    torch.set_num_threads(1)
    _, held_out, _ = find_label_pairs(given.scenes)
    rows = []
    loaded = [load_painter(m, torch.device("cpu")) for m in given.models or [given.model]]
    for place, number in enumerate(given.rows):
        pair = held_out[number]
        if given.models:
            row = [read(*loaded[0], pair)[1]]
            row += [paint_labels(read(*one, pair)[0], one[0], number, {}) for one in loaded]
        else:
            lender = given.styles[place] if given.styles else (number + 5) % len(held_out)
            row = several(*loaded[0], pair, held_out[lender].picture, 10 * place)
        rows.append(row)
    Image.fromarray(sheet(rows)).quantize(COLORS).save(given.out, optimize=True)


if __name__ == "__main__":
    main()
