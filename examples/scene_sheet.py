"""Paint docs/images/scenes.png: synthetic scenes, and what is known of them.

    python examples/scene_sheet.py docs/images

Two rows of pictures, none retouched; below, label map and doodle of the first two. To keep the
file small, colours are rounded to steps of five.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from linework.datasets.labels import vocabulary
from linework.datasets.scenes import compose, doodle_scene, paint_scene
from linework.datasets.scenes.folder import label_map
from linework.strokes.atomic import write_atomically
from linework.strokes.raster import draw_color
from PIL import Image

UInt8Array = npt.NDArray[np.uint8]

# Seed, theme, season and mood; chosen among a few hundred for their variety.
CHOSEN = (
    (400, "landscape", None, None), (113, "playground", None, None),
    (25, "seaside", "summer", "sunset"), (30, "town", "winter", "dusk"),
    (31, "landscape", "spring", "rose"), (13, "seaside", "summer", "noon"),
    (104, "landscape", "autumn", "golden"), (7, "landscape", "winter", "night"),
)  # fmt: skip
PAINTED, SHOWN, GAP = 288, 186, 6


def shown(picture: UInt8Array) -> UInt8Array:
    """A picture at the size of the sheet."""
    return np.asarray(cv2.resize(picture, (SHOWN, SHOWN), interpolation=cv2.INTER_AREA), np.uint8)


def row(pictures: list[UInt8Array]) -> UInt8Array:
    """Pictures side by side."""
    gap = np.full((SHOWN, GAP, 3), 255, np.uint8)
    parts = [part for picture in pictures for part in (picture, gap)][:-1]
    return np.concatenate(parts, axis=1)


def rounded(picture: UInt8Array) -> UInt8Array:
    """Colours to 51 steps a channel, too fine to be seen."""
    return (np.round(picture / 5) * 5).astype(np.uint8)


def main(folder: Path) -> None:
    """Write the sheet."""
    names = vocabulary("scene")
    pictures, truth = [], []
    for seed, theme, season, mood in CHOSEN:
        scene = compose(seed, PAINTED, PAINTED, theme=theme, season=season, mood=mood)
        painting = paint_scene(scene)
        pictures.append(rounded(shown(painting.picture)))
        if len(truth) < 4:
            colors = names.colors[label_map(painting, names)]
            flat = cv2.resize(colors, (SHOWN, SHOWN), interpolation=cv2.INTER_NEAREST)
            doodle = doodle_scene(painting, np.random.default_rng(seed))
            truth += [np.asarray(flat, np.uint8), draw_color(doodle, SHOWN, line_width=1.1)]
    between = np.full((GAP, 4 * SHOWN + 3 * GAP, 3), 255, np.uint8)
    sheet = np.concatenate(
        [row(pictures[:4]), between, row(pictures[4:]), between, row(truth)], axis=0
    )
    buffer = io.BytesIO()
    Image.fromarray(sheet).save(buffer, "PNG", optimize=True)
    write_atomically(folder / "scenes.png", buffer.getvalue())


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
