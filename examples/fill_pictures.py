"""A scene doodled by rules, its label map, and the same lines in flat colours, side by side.

python examples/fill_pictures.py docs/images

Writes fill.png there and doodle_scene.svg beside this file: a layer for each object, which is what
`linework fill` starts from. Every outline has a bit erased, as hands leave them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from linework.datasets.doodles import procedural_doodles
from linework.datasets.labels import UNLABELLED, vocabulary
from linework.pipeline.filling import FillOptions, label_filling, named_groups, regions_of_drawing
from linework.strokes import Drawing, Stroke, draw_ink, write_svg
from linework.strokes.fill import colored, fill_drawing, flat_colors
from PIL import Image

SIZE = (720, 480)
PEN = 3.0
# Word, x, y and width in px, in the order they are drawn.
OBJECTS = (
    *(("sun", 570, 20, 110), ("cloud", 60, 40, 150), ("cloud", 360, 20, 120)),
    *(("house", 90, 170, 190), ("tree", 320, 130, 140), ("tree", 560, 170, 110)),
    *(("flower", 40, 350, 60), ("cat", 330, 330, 110), ("flower", 640, 350, 60)),
    ("dog", 480, 340, 120),
)
MOUNTAIN = [(180, 300), (330, 110), (400, 170), (500, 60), (690, 300)]
PATH = ([(170, 345), (150, 400), (190, 479)], [(215, 345), (230, 400), (300, 479)])


def main(folder: Path) -> None:
    """Write the picture into the folder, and the drawing."""
    rng = np.random.default_rng(11)
    strokes = [_line(MOUNTAIN, "mountain")]
    counted: dict[str, int] = {}
    for word, x, y, width in OBJECTS:
        counted[word] = counted.get(word, 0) + 1
        name = word if counted[word] == 1 else f"{word} {counted[word]}"
        [doodle] = procedural_doodles([word], 1, rng)
        strokes += _placed(doodle, name, x, y, width)
        if word == "house":
            strokes += [_line(edge, "path") for edge in PATH]
    drawing = Drawing(tuple(strokes), SIZE)
    write_svg(drawing, Path(__file__).with_name("doodle_scene.svg"))

    names = vocabulary("scene")
    ink = 1 - draw_ink(drawing) / 255
    pixels, _ = label_filling(fill_drawing(drawing, named_groups(drawing)), names)
    colors = names.colors
    colors[UNLABELLED] = 255
    regions, density = regions_of_drawing(drawing, FillOptions())
    flat = colored(regions.numbers, flat_colors(regions, rng), density)
    labels = colored(pixels.astype(np.int32), colors, np.zeros_like(ink))
    lines = np.repeat((255 * (1 - ink)).astype(np.uint8)[:, :, None], 3, axis=2)
    Image.fromarray(np.hstack([lines, labels, flat])).save(folder / "fill.png", optimize=True)


def _placed(doodle: Drawing, name: str, x: float, y: float, width: float) -> list[Stroke]:
    """A doodle's strokes on the canvas; the last bit of every longer one is missing."""
    x0, y0, x1, y1 = doodle.bounds
    scale = width / max(x1 - x0, y1 - y0)
    placed = []
    for stroke in doodle.strokes:
        points = ((stroke.points - (x0, y0)) * scale + (x, y)).astype(np.float32)
        step = np.hypot(*np.diff(points, axis=0).T)
        if step.sum() > width:  # an outline
            kept = step[::-1].cumsum() > 0.025 * width
            points = points[: max(2, int(kept.sum()) + 1)]
        placed.append(Stroke(points, width=PEN, layer=name))
    return placed


def _line(points: list[tuple[float, float]], name: str) -> Stroke:
    return Stroke(np.array(points, np.float32), width=PEN, layer=name)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
