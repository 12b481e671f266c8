"""The pictures of docs/zentangle.md and docs/markov.md, from what linework itself ships.

python examples/small_machines_pictures.py docs/images
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from linework.datasets.tangles import TANGLES, tangle
from linework.models.markov_pixels import OFFSETS, learn_pixels
from linework.pipeline.markov_pictures import MarkovOptions, markov_picture, sample_pictures
from linework.pipeline.zentangle import ZentangleOptions, zentangle_file
from linework.strokes import draw_ink
from linework.strokes.palette import find_palette, to_palette
from PIL import Image

# Arguments of twelve zentangles: word, patterns, options. Chosen by eye among some thirty.
ZENTANGLES = (
    ("cat", ("bubbles",), {}, 4),
    ("snail", ("scales",), {"follow": True}, 4),
    ("butterfly", ("florets",), {}, 4),
    ("tree", ("leaves",), {"method": "patches"}, 4),
    ("house", ("bricks", "hatch", "waves", "leaves"), {"regions": True}, 4),
    ("fish", ("bricks",), {"follow": True, "scale": 0.6}, 4),
    ("mushroom", ("paradox",), {}, 3),
    ("octopus", ("waves",), {"method": "patches"}, 3),
    ("umbrella", ("scales", "waves", "hatch", "florets"), {"regions": True}, 5),
    ("star", ("hatch",), {}, 6),
    ("apple", ("paradox",), {"method": "patches"}, 7),
    ("ice cream", ("bubbles", "bricks", "waves"), {"regions": True}, 8),
)
CELL = 320
# Of the Markov pictures: px, and how often each is written.
SIDE, ZOOM = 96, 2
ORDERS = (1, 2, 4, 6, 12, 24)


def main() -> None:
    """Writes all pictures into the folder that was named."""
    folder = Path(sys.argv[1])
    _sheet([_zentangle(*z, folder) for z in ZENTANGLES], 4).save(
        folder / "zentangle.png", optimize=True
    )
    tiles = [Image.fromarray(draw_ink(tangle(n, np.random.default_rng(1)))) for n in TANGLES]
    _sheet(tiles, 8, CELL // 2).save(folder / "tangles.png", optimize=True)
    _markov().save(folder / "markov.png", optimize=True)
    _shapes().save(folder / "markov_shapes.png", optimize=True)


def _zentangle(
    word: str, patterns: tuple[str, ...], how: dict[str, object], seed: int, folder: Path
) -> Image.Image:
    out = folder / "zentangle.part.png"
    options = ZentangleOptions(size=640, seed=seed, **how)  # type: ignore[arg-type]
    zentangle_file(None, patterns, out, options, word=word)
    with Image.open(out) as image:
        found = image.convert("L")
    out.unlink()
    return found


def _sheet(images: list[Image.Image], columns: int, cell: int = CELL) -> Image.Image:
    """Pictures in rows, each as large as its cell allows; 16 greys."""
    rows = -(-len(images) // columns)
    page = Image.new("L", (columns * cell, rows * cell), 255)
    for k, image in enumerate(images):
        fitted = image.copy()
        fitted.thumbnail((cell - 12, cell - 12), Image.Resampling.LANCZOS)
        row, column = divmod(k, columns)
        x = column * cell + (cell - fitted.width) // 2
        page.paste(fitted, (x, row * cell + (cell - fitted.height) // 2))
    return page.quantize(16)


def _markov() -> Image.Image:
    """Two of the sample set, then what chains of growing order paint after it."""
    pictures = sample_pictures()
    palette = find_palette(pictures, 16, np.random.default_rng(0))
    maps = [to_palette(picture, palette) for picture in pictures]
    shown = [np.vstack([np.hstack([maps[0], maps[1]]), np.hstack([maps[2], maps[3]])])]
    for order in ORDERS:
        shown.append(
            learn_pixels(maps, palette, order).paint(2 * SIDE, 2 * SIDE, np.random.default_rng(5))
        )
    options = MarkovOptions(order=12, temperature=0.6, size=(2 * SIDE, 2 * SIDE), seed=3)
    shown.append(markov_picture(pictures, options)[0])
    page = np.full((2 * (2 * SIDE * ZOOM + 8) - 8, 4 * (2 * SIDE * ZOOM + 8) - 8), 255, np.uint8)
    for k, picture in enumerate(shown):
        row, column = divmod(k, 4)
        large = picture.repeat(ZOOM, 0).repeat(ZOOM, 1)
        y, x = (n * (2 * SIDE * ZOOM + 8) for n in (row, column))
        page[y : y + len(large), x : x + len(large)] = large
    image = Image.fromarray(page)
    colors = np.full((256, 3), 255, np.uint8)
    colors[: len(palette)] = palette
    image.putpalette(colors.tobytes())
    return image


def _shapes() -> Image.Image:
    """The context of a px at some orders: the px itself red, its neighbours by distance grey."""
    cell, reach = 14, 4
    orders = (1, 2, 3, 4, 6, 8, 12, 24)
    wide = (2 * reach + 2) * cell
    page = np.full(((reach + 2) * cell, len(orders) * wide, 3), 255, np.uint8)
    for k, order in enumerate(orders):
        places = [*OFFSETS[:order], (0, 0)]
        for nearness, (dy, dx) in enumerate(places):
            y, x = (reach + dy) * cell + cell // 2, (reach + dx) * cell + k * wide + cell // 2
            shade = 60 + 150 * nearness // max(order, 1)
            color = (200, 55, 45) if (dy, dx) == (0, 0) else (shade, shade, shade)
            page[y + 1 : y + cell, x + 1 : x + cell] = color
    return Image.fromarray(page)


if __name__ == "__main__":
    main()
