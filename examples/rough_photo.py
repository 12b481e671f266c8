"""A pencil sketch under a phone, made by rules: pipeline/examples/photo.jpg, for the demo.

python examples/rough_photo.py photo.jpg --seed 4
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
from linework.datasets.doodles import draw_doodle
from linework.datasets.pencils import PENCILS
from linework.datasets.roughening import draw_rough
from linework.datasets.sketch_scene import draw_clean
from linework.strokes import Drawing, Stroke
from linework.strokes.transform import fit_to_canvas, translate

SIDE = 720
UNIT = 0.75  # of a page of 1000 px
# Word, left, top, width, height, in px.
PLACES = (
    ("house", 90, 230, 260, 300),
    ("tree", 400, 180, 200, 330),
    ("sun", 500, 40, 150, 130),
    ("snail", 330, 540, 230, 130),
)
LINE = 3.0
QUALITY = 78


def scene(rng: np.random.Generator) -> Drawing:
    """The things at their places."""
    strokes: list[Stroke] = []
    for word, *box in PLACES:
        left, top, width, height = box
        fitted = fit_to_canvas(draw_doodle(word, rng), (width, height))
        placed = translate(fitted, left, top)
        strokes += [stroke.replace(width=LINE) for stroke in placed.strokes]
    return Drawing(tuple(strokes), size=(SIDE, SIDE))


def main() -> None:
    """Reads the arguments, writes the picture."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=4)
    given = parser.parse_args()
    rng = np.random.default_rng(given.seed)
    drawing = scene(rng)
    clean = draw_clean(drawing, SIDE)
    rough = draw_rough(drawing, clean, "photo", PENCILS["soft pencil"], UNIT, rng)
    cv2.imwrite(str(given.out), rough, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])


if __name__ == "__main__":
    main()
