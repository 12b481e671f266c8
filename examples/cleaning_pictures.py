"""Rough pictures, what `linework clean` makes of them, and the strokes traced from that.

    python examples/cleaning_pictures.py OUT.png PICTURE ... [--model simplifier] [--height 300]

A row for each picture: as it is, cleaned, and every stroke in a colour of its own, so that one
sees where one ends and the next begins. The pictures of docs/cleaning.md are made by it.
"""

from __future__ import annotations

import argparse
import dataclasses
from itertools import cycle
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from linework.pipeline.cleaning import Cleaner
from linework.strokes.images import read_image, to_grey
from linework.strokes.raster import draw_color
from linework.strokes.trace import trace

Picture = npt.NDArray[np.uint8]

COLOURS = ("#1d2430", "#d1495b", "#00798c", "#edae49", "#66a182", "#8d5a97", "#c0643c")
STROKE = 2.2  # px of the picture shown
GAP = 12  # px of paper between the pictures


def row(cleaner: Cleaner, path: Path, height: int) -> Picture:
    """A picture three times, RGB, each as high as `height` px."""
    rough = to_grey(read_image(path))
    clean = cleaner.clean(rough)
    drawing = trace(clean)
    colours = cycle(COLOURS)
    scale = height / rough.shape[0]
    strokes = [
        dataclasses.replace(stroke, color=next(colours), width=STROKE / scale)
        for stroke in drawing.strokes
    ]
    size = (round(rough.shape[1] * scale), height)
    traced = draw_color(drawing.with_strokes(strokes), size)
    shown = [
        cv2.cvtColor(cv2.resize(half, size, interpolation=cv2.INTER_AREA), cv2.COLOR_GRAY2RGB)
        for half in (rough, clean)
    ]
    paper = np.full((height, GAP, 3), 255, np.uint8)
    return np.hstack([shown[0], paper, shown[1], paper, np.asarray(traced)])


def main() -> None:
    """Reads the arguments, writes the picture."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("pictures", nargs="+", type=Path)
    parser.add_argument("--model", default="simplifier")
    parser.add_argument("--height", type=int, default=300)
    given = parser.parse_args()
    cleaner = Cleaner.load(given.model)
    rows = [row(cleaner, path, given.height) for path in given.pictures]
    width = max(part.shape[1] for part in rows)
    padded = [
        cv2.copyMakeBorder(
            part, 0, GAP, 0, width - part.shape[1], cv2.BORDER_CONSTANT, value=(255, 255, 255)
        )
        for part in rows
    ]
    page = cv2.cvtColor(np.vstack(padded), cv2.COLOR_RGB2BGR)
    cv2.imwrite(str(given.out), page, [cv2.IMWRITE_PNG_COMPRESSION, 9])


if __name__ == "__main__":
    main()
