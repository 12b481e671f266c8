"""Draw docs/images/panels.jpg: three hostile pages, and what `linework data panels` finds on them.

    python examples/panel_pages.py docs/images

The pages are drawn by the rules that the tests use; the picture is the contact sheet, in a
smaller file.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from linework.pipeline.panels import cut_pages
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "datasets"))
from drawn_pages import draw_page

# Kind and seed, chosen for their variety and not for what is found on them.
CHOSEN = (("tilted", 0), ("scanned", 3), ("sticking out", 1))


QUALITY = 78  # so that the file stays below 200 kB


def main(out: str) -> None:
    """Writes the sheet."""
    with tempfile.TemporaryDirectory() as folder:
        pages = Path(folder, "pages")
        pages.mkdir()
        for kind, seed in CHOSEN:
            Image.fromarray(draw_page(kind, seed).picture).save(pages / f"{kind}.png")
        print(cut_pages([pages], Path(folder, "out")))
        with Image.open(Path(folder, "out", "sheet_001.jpg")) as sheet:
            sheet.save(Path(out, "panels.jpg"), quality=QUALITY)


if __name__ == "__main__":
    main(sys.argv[1])
