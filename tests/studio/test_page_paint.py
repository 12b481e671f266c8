"""The Paint room in a browser: a scene brushed, poured, drawn, painted; every format read back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from linework.datasets.label_png import read_label_png
from linework.datasets.labels import vocabulary
from linework.strokes.files import read_drawings
from page_driver import circle, document, draw, enter, on_screen, until
from PIL import Image

SCENE = vocabulary("scene")
# A px of the map, from a point of the sheet.
LABEL_AT = """([x, y]) => {
    const canvas = new OffscreenCanvas(1, 1);
    const source = studio.room.sources()[0]?.labels ?? { size: [1, 1], pixels: "/w==" };
    const [w, h] = source.size;
    const bytes = atob(source.pixels);
    const [width, height] = studio.doc.size;
    return bytes.charCodeAt(Math.floor((y / height) * h) * w + Math.floor((x / width) * w));
}"""


def label_at(page: Any, x: float, y: float) -> str:
    pixel = page.evaluate(LABEL_AT, [x, y])
    return next(label.name for label in SCENE.labels if label.pixel == pixel)


@pytest.fixture
def scene(page: Any) -> Any:
    """Sky over grass with a house drawn on it, painted."""
    enter(page, "paint")
    page.click("text=Begin with sky and grass")
    page.keyboard.press("d")
    draw(page, [(300.0, 300.0), (500.0, 300.0), (500.0, 500.0), (300.0, 500.0), (300.0, 302.0)])
    page.wait_for_selector(".things select")
    page.select_option(".things select", "house")
    until(page, f"({LABEL_AT})([400, 400]) === {SCENE.label('house').pixel}")
    until(page, "studio.room.sources()[0]?.picture")
    return page


def test_a_scene_is_painted_and_one_region_anew(scene: Any) -> None:
    page = scene
    assert label_at(page, 400, 60) == "sky"
    assert label_at(page, 400, 690) == "grass"
    picture = "document.querySelector('.picture img').src"
    page.wait_for_timeout(600)  # more than a change waits before it is painted
    page.wait_for_selector(".painting[aria-busy=false]")
    before = page.evaluate(picture)
    page.select_option(".picture-controls select", "sky")
    page.click("text=Another sky")
    until(page, f"before => {picture} !== before", before)
    page.click("text=As it was")
    until(page, f"before => {picture} === before", before)


def test_brush_bucket_and_undo(scene: Any) -> None:
    page = scene
    page.click("[data-label=water]")
    draw(page, [(600.0, 650.0), (800.0, 650.0)])
    assert label_at(page, 700, 650) == "water"
    page.keyboard.press("f")
    page.click("[data-label=snow]")
    page.mouse.click(*on_screen(page, [(100, 690)])[0])
    assert label_at(page, 110, 690) == "snow"
    assert label_at(page, 700, 650) == "water", "the bucket stops at another label"
    assert label_at(page, 400, 60) == "sky"
    page.keyboard.press("Control+z")
    assert label_at(page, 110, 690) == "grass"
    page.keyboard.press("Control+z")
    assert label_at(page, 700, 650) == "grass"


def test_the_bucket_closes_gaps_within_the_tolerance(page: Any) -> None:
    enter(page, "paint")
    page.keyboard.press("d")
    draw(page, circle(480, 360, 150, n=90)[:-1])  # a gap of a ninetieth
    page.wait_for_selector(".things select")
    page.select_option(".things select", "")  # whatever it is taken for, it is left out
    until(page, f"({LABEL_AT})([480, 360]) === 255")
    page.click("[data-label=sea]")
    page.keyboard.press("f")
    until(page, "document.body.innerText.includes('bridged for the bucket')")
    page.mouse.click(*on_screen(page, [(480, 360)])[0])
    assert label_at(page, 480, 360) == "sea"
    assert page.evaluate(LABEL_AT, [40, 40]) == 255


def test_every_format_is_saved_and_read_back(scene: Any, tmp_path: Path) -> None:
    page = scene
    strokes = document(page)["strokes"]
    page.keyboard.press("Control+s")
    for name, check in FORMATS.items():
        with page.expect_download() as waiting:
            page.click(f"[data-format={name}] button.main")
        path = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(path)
        check(path, strokes)
    for name in FORMATS:
        status = page.locator("dialog .status")
        page.click(f"[data-format={name}] button.quiet")
        until(page, "document.querySelector('dialog .status').textContent.includes('clipboard')")
        assert "is on the clipboard" in status.inner_text(), name
        page.evaluate("document.querySelector('dialog .status').textContent = ''")


def _same_strokes(path: Path, strokes: list[dict[str, Any]]) -> None:
    (drawing,) = read_drawings(path)
    assert drawing.size == (960, 720)
    assert len(drawing.strokes) == len(strokes)
    for read, drawn in zip(drawing.strokes, strokes, strict=True):
        np.testing.assert_allclose(read.points, drawn["points"], atol=0.002)
        assert read.width == pytest.approx(drawn["width"], abs=0.002)


def _svg(path: Path, strokes: list[dict[str, Any]]) -> None:
    text = path.read_text()
    assert 'width="254mm"' in text
    assert 'inkscape:groupmode="layer"' in text
    _same_strokes(path, strokes)


def _png(path: Path, strokes: list[dict[str, Any]]) -> None:
    with Image.open(path) as image:
        assert image.format == "PNG"
        assert max(image.size) == 1024
        assert np.asarray(image.convert("L")).min() < 80


def _gif(path: Path, strokes: list[dict[str, Any]]) -> None:
    with Image.open(path) as image:
        assert image.format == "GIF"
        assert image.n_frames > 10


def _labels(path: Path, strokes: list[dict[str, Any]]) -> None:
    reading = read_label_png(path, SCENE)
    assert reading.pixels.shape == (384, 512)
    house = SCENE.label("house").pixel
    assert reading.pixels[213, 213] == house


def _picture(path: Path, strokes: list[dict[str, Any]]) -> None:
    with Image.open(path) as image:
        assert image.size == (512, 384)


FORMATS = {
    "svg": _svg,
    "png": _png,
    "gif": _gif,
    "ndjson": _same_strokes,
    "labels": _labels,
    "picture": _picture,
}
