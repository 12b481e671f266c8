"""The begun drawings in the package are those that the example script draws."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest
from linework.strokes.svg_read import read_svg

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = runpy.run_path(str(ROOT / "examples" / "half_drawings.py"))


def test_the_script_writes_the_bundled_files(tmp_path: Path) -> None:
    SCRIPT["main"](tmp_path)
    bundled = sorted((ROOT / "pipeline" / "examples").glob("half_*.svg"))
    assert [p.name for p in bundled] == sorted(p.name for p in tmp_path.iterdir())
    for path in bundled:
        drawn, kept = read_svg(tmp_path / path.name), read_svg(path)
        # Not byte for byte: sines differ in the last digit from machine to machine.
        for a, b in zip(drawn.strokes, kept.strokes, strict=True):
            assert np.allclose(a.points, b.points, atol=0.01), (
                "run: python examples/half_drawings.py pipeline/examples"
            )
    cat = (ROOT / "pipeline" / "examples" / "half_cat.svg").read_bytes()
    assert (ROOT / "examples" / "half_cat.svg").read_bytes() == cat


@pytest.mark.parametrize("word", SCRIPT["BEGINNINGS"])
def test_a_beginning_has_a_few_strokes_within_the_page(word: str) -> None:
    drawing = read_svg(ROOT / "pipeline" / "examples" / f"half_{word}.svg")
    assert drawing.label == word
    assert 2 <= len(drawing.strokes) <= 4
    x0, y0, x1, y1 = drawing.bounds
    assert 0 < x0 < x1 < drawing.size[0]
    assert 0 < y0 < y1 < drawing.size[1]
