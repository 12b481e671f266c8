"""The contact sheet of docs/pipeline.md, from examples/doodle_scene.svg.

python examples/pipeline_picture.py docs/images
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
from linework.pipeline.whole_way import run_pipeline
from PIL import Image

DOODLE = Path(__file__).parent / "doodle_scene.svg"
SEED = 3
BITS = 5


def main(folder: str) -> None:
    """Write pipeline.png into a folder."""
    with tempfile.TemporaryDirectory() as place:
        run_pipeline([DOODLE], place, {"seed": SEED})
        write(Path(place) / "7-sheet.png", Path(folder) / "pipeline.png")


def write(sheet: Path, out: Path) -> None:
    """A sheet with five bits a channel: flat colours stay as they are to the eye."""
    with Image.open(sheet) as page:
        levels = np.asarray(page.convert("RGB")).astype(np.uint16) >> (8 - BITS)
    coarse = (levels * 255 // ((1 << BITS) - 1)).astype(np.uint8)
    Image.fromarray(coarse).save(out, optimize=True)


if __name__ == "__main__":
    main(sys.argv[1])
