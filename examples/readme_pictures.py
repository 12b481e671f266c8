"""The pictures of README.md and docs/doodles.md, by the bundled model.

python examples/readme_pictures.py docs/images
"""

from __future__ import annotations

import sys
from itertools import chain, pairwise
from pathlib import Path

from linework.models.sketchrnn_sampling import Temperatures
from linework.pipeline.sketcher import Sketcher
from linework.pipeline.sketching import complete, interpolate, mimic, sample_words
from linework.strokes import Drawing
from linework.strokes.files import read_drawings
from linework.strokes.png import write_png
from linework.strokes.sheet import sheet, sheet_captions

EXAMPLES = Path(__file__).parent.parent / "pipeline" / "examples"
INK, NEW = "#1d2430", "#d1495b"
TEMPERATURES = (0.2, 0.4, 0.6, 0.8, 1.0)
SAMPLED = (
    *("cat", "rabbit", "bicycle", "palm tree", "house", "flower", "fish", "sailboat", "snail"),
    *("butterfly", "sun", "ice cream", "hot air balloon", "octopus", "eye", "headphones"),
)
MORPHED = ("sailboat", "umbrella", "mushroom")


def main(folder: Path) -> None:
    """Write every picture into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    sketcher = Sketcher.load("doodles")
    begun = {name: half(name) for name in ("cat", "bicycle", "bird", "airplane")}

    heat = Temperatures(0.25)
    rows = [
        [drawing, *complete(sketcher, drawing, 5, color=NEW, temperatures=heat, seed=5)]
        for drawing in begun.values()
    ]
    picture(folder / "endings.png", rows, cell=160)

    hot = [
        [drawing, *chain.from_iterable(
            complete(sketcher, drawing, 2, color=NEW, temperatures=Temperatures(t), seed=3)
            for t in TEMPERATURES
        )]
        for drawing in begun.values()
    ]  # fmt: skip
    picture(folder / "temperatures.png", hot, cell=110)

    drawn = sample_words(sketcher, SAMPLED, 4, temperatures=Temperatures(0.25), seed=2)
    picture(folder / "samples.png", grid(drawn, 8), cell=120, captions=True)

    ends = sample_words(sketcher, MORPHED, 1, temperatures=Temperatures(0.1), seed=4)
    strips = [interpolate(sketcher, pair, 9)[0] for pair in pairwise(ends)]
    picture(folder / "morph.png", strips, cell=110)

    cat = sample_words(sketcher, ("rabbit",), 3, temperatures=Temperatures(0.15), seed=6)
    crats = [
        [one, *(mimic(sketcher, one, w)[0] for w in ("cat", "octopus", "house"))] for one in cat
    ]
    picture(folder / "mimic.png", crats, cell=120)


def half(name: str) -> Drawing:
    """A bundled half-drawing, in ink."""
    drawing = next(iter(read_drawings(EXAMPLES / f"half_{name}.svg")))
    return drawing.with_strokes([s.replace(color=INK, width=2.5) for s in drawing.strokes])


def grid(drawings: list[Drawing], columns: int) -> list[list[Drawing]]:
    """Rows of so many."""
    return [drawings[i : i + columns] for i in range(0, len(drawings), columns)]


def picture(path: Path, rows: list[list[Drawing]], cell: float, captions: bool = False) -> None:
    """Rows of drawings as one PNG."""
    flat, columns = list(chain.from_iterable(rows)), len(rows[0])
    page = sheet(flat, columns, cell=cell, captions=captions)
    said = sheet_captions(flat, columns, cell=cell) if captions else ()
    write_png(page, path, captions=said)
    print(path, path.stat().st_size // 1024, "KB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
