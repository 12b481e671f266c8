"""The pictures of docs/studio.md: every room at desktop and phone width, in Chromium.

    linework studio --no-browser            # prints its address
    python examples/studio_pictures.py docs/images ADDRESS

It needs Chromium and Playwright (`pip install playwright`), draws by a script, and writes PNGs of
few colours.
"""

from __future__ import annotations

import io
import math
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

DESKTOP = (1280, 800)
PHONE = (390, 844)
# Colours of a PNG: pages are mostly paper.
COLORS = 128
# px between the phones on their sheet.
BETWEEN = 24
# Seconds that a model may take on a busy machine.
PATIENCE = 300
Point = tuple[float, float]


def main(folder: Path, address: str) -> None:
    """Takes all pictures."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"], timeout=PATIENCE * 1000
        )
        page = opened(browser, address, DESKTOP)
        for name, prepare in ROOMS.items():
            prepare(page)
            save(page.screenshot(), folder / f"studio_{name}.png")
        page.context.close()
        page = opened(browser, address, PHONE)
        shots = []
        for prepare in ROOMS.values():
            prepare(page)
            page.evaluate("scrollTo(0, 0)")
            shots.append(Image.open(io.BytesIO(page.screenshot())))
        save(beside(shots), folder / "studio_phone.png")
        browser.close()


def opened(browser: Any, address: str, size: tuple[int, int]) -> Any:
    """A page of a size, its models ready."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    context.set_default_timeout(PATIENCE * 1000)
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector("html[data-ready]")
    until(page, "studio.about && studio.about.models.sketcher.state === 'ready'")
    return page


def doodle(page: Any) -> None:
    """A cat's head, and ghosts of the rest."""
    page.click("[data-room=doodle]")
    page.get_by_label("Word", exact=True).fill("cat")
    width, height = page.evaluate("studio.doc.size")
    x, y, r = width / 2, height * 0.48, min(width, height) * 0.24
    head = [turned(x, y, r, -2.2 + 6.1 * k / 60, 0.86) for k in range(61)]
    left = [turned(x, y, r * far, at, 0.9) for far, at in ((1, -2.5), (1.5, -2.25), (1, -1.9))]
    right = [turned(x, y, r * far, at, 0.9) for far, at in ((1, -1.2), (1.5, -0.9), (1, -0.6))]
    for line in (head, left, right):
        draw(page, line)
    until(page, "document.querySelector('.as')?.textContent.includes('cat')")
    page.wait_for_timeout(3000)


def morph(page: Any) -> None:
    """A cat to a rabbit, half way."""
    page.click("[data-room=morph]")
    until(page, "document.querySelectorAll('.cell').length > 2")
    page.wait_for_timeout(500)


def clean(page: Any) -> None:
    """The bundled photo and its strokes."""
    page.click("[data-room=doodle]")
    page.get_by_label("New sheet").click()
    page.click("[data-room=clean]")
    page.click("text=Try an example")
    until(page, "studio.doc.strokes.length > 5")
    page.wait_for_timeout(1500)


def paint(page: Any) -> None:
    """The bundled scene of doodles, painted."""
    page.get_by_label("New sheet").click()
    page.click("[data-room=paint]")
    page.click("text=Try an example")
    until(page, "studio.doc.strokes.length > 5")
    # Where no painter is installed the room says so, and that is the picture.
    until(page, "document.querySelector('.picture.missing, .picture img:not([hidden])')")
    page.wait_for_timeout(8000)


ROOMS: dict[str, Callable[[Any], None]] = {
    "doodle": doodle,
    "morph": morph,
    "clean": clean,
    "paint": paint,
}


def turned(x: float, y: float, radius: float, angle: float, flat: float) -> Point:
    """A point of an ellipse around x, y."""
    return x + radius * math.cos(angle), y + radius * flat * math.sin(angle)


def until(page: Any, expression: str) -> None:
    """Waits until an expression of the page is true."""
    end = time.monotonic() + PATIENCE
    while not page.evaluate(f"Boolean({expression})"):
        if time.monotonic() > end:
            raise TimeoutError(expression)
        page.wait_for_timeout(100)


def draw(page: Any, points: Sequence[Point]) -> None:
    """A stroke with the mouse, in px of the sheet."""
    script = """points => {
        const { left, top } = document.getElementById('stage').getBoundingClientRect();
        return points.map((one) => studio.view.toScreen(one)).map(([x, y]) => [x + left, y + top]);
    }"""
    first, *rest = page.evaluate(script, [list(point) for point in points])
    page.mouse.move(*first)
    page.mouse.down()
    for x, y in rest:
        page.mouse.move(x, y)
    page.mouse.up()


def beside(shots: Sequence[Image.Image]) -> bytes:
    """Pictures in a row, as PNG."""
    width = sum(shot.width for shot in shots) + BETWEEN * (len(shots) + 1)
    sheet = Image.new("RGB", (width, shots[0].height + 2 * BETWEEN), "#d9d4c8")
    x = BETWEEN
    for shot in shots:
        sheet.paste(shot.convert("RGB"), (x, BETWEEN))
        x += shot.width + BETWEEN
    content = io.BytesIO()
    sheet.save(content, "PNG")
    return content.getvalue()


def save(png: bytes, path: Path) -> None:
    """A PNG of few colours."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    image.quantize(COLORS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
