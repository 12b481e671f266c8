"""Rooms share one document; Morph plays what lies between; Clean makes strokes of a scan."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from page_driver import circle, count, document, draw, enter, on_screen, until

ROOMS = ("morph", "clean", "paint", "doodle")
FIRST = "document.querySelectorAll('.cell').length"


def test_rooms_lose_nothing(page: Any) -> None:
    draw(page, circle(300, 300, 90))
    enter(page, "paint")
    page.click("[data-label=grass]")
    draw(page, [(100.0, 600.0), (800.0, 620.0)])
    before = document(page)
    assert (len(before["strokes"]), len(before["marks"])) == (1, 1)
    for room in ROOMS:
        enter(page, room)
        now = document(page)
        assert (now["strokes"], now["marks"]) == (before["strokes"], before["marks"])


def test_undo_in_another_room_says_where(page: Any) -> None:
    draw(page, circle(300, 300, 90))
    enter(page, "paint")
    page.keyboard.press("Control+z")
    assert document(page)["strokes"] == []
    page.wait_for_selector("text=Undone: stroke, in Doodle")


def test_morph_and_play(page: Any) -> None:
    page.evaluate("studio.settings.morph.steps = 5")
    page.evaluate("studio.settings.morph.words = ['cat', 'dog', 'house', 'cat']")
    enter(page, "morph")  # empty ends are drawn by the model
    until(page, f"{FIRST} === 5")
    labels = [corner["label"] for corner in document(page)["corners"][:2]]
    assert labels == ["cat", "dog"]
    shown = "document.querySelector('.morph-result canvas').toDataURL()"
    page.get_by_label("From A to B").fill("0")
    first = page.evaluate(shown)
    page.get_by_label("From A to B").fill("1")
    assert page.evaluate(shown) != first
    page.get_by_label("From A to B").fill("0")
    page.click("text=Play")
    until(page, "studio.settings.morph.at[0] > 0.6")
    page.click("text=Stop")
    at = page.evaluate("studio.settings.morph.at[0]")
    page.wait_for_timeout(300)
    assert page.evaluate("studio.settings.morph.at[0]") == at
    page.click("text=Put it on the sheet")
    assert len(document(page)["strokes"]) > 0


def test_an_end_is_drawn_by_hand_and_four_make_a_grid(page: Any) -> None:
    page.evaluate("studio.settings.morph.steps = 3")
    page.evaluate("studio.settings.morph.words = ['cat', 'dog', 'house', 'cat']")
    page.evaluate("studio.commit({...studio.doc, word: 'cat'}, 'word')")
    draw(page, circle(300, 300, 90))
    enter(page, "morph")
    pad = page.locator(".corner-b .pad").bounding_box()
    page.mouse.move(pad["x"] + 40, pad["y"] + 40)
    page.mouse.down()
    page.mouse.move(pad["x"] + 140, pad["y"] + 60)
    page.mouse.move(pad["x"] + 90, pad["y"] + 150)
    page.mouse.up()
    assert document(page)["corners"][1]["strokes"]
    page.select_option("select", "4")
    until(page, f"{FIRST} === 9")
    page.locator(".cell").nth(8).click()
    assert page.evaluate("studio.settings.morph.at") == [1, 1]


def test_a_scan_dropped_becomes_strokes(page: Any, examples: Path) -> None:
    enter(page, "clean")
    page.evaluate("studio.settings.clean.clean = false")  # the network has tests of its own
    drop(page, examples / "photo.jpg")
    until(page, "studio.doc.strokes.length > 5")
    doc = document(page)
    assert doc["scan"]["name"] == "photo.jpg"
    assert {stroke["from"] for stroke in doc["strokes"]} == {"scan"}
    width, height = doc["size"]
    for stroke in doc["strokes"]:
        assert all(-1 <= x <= width + 1 and -1 <= y <= height + 1 for x, y in stroke["points"])
    page.keyboard.press("v")
    first = doc["strokes"][0]["points"]
    spot = on_screen(page, [first[len(first) // 2]])[0]
    page.mouse.click(*spot)
    page.keyboard.press("Delete")
    count(page, len(doc["strokes"]) - 1)
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    assert document(page)["strokes"] == []


@pytest.mark.parametrize("kind", ["text/plain", "image/png"])
def test_paste(page: Any, kind: str) -> None:
    """An SVG's text goes onto the sheet, a picture to the Clean room."""
    script = """async (kind) => {
        const data = new DataTransfer();
        if (kind === 'text/plain') {
            data.setData(kind, '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="90">' +
                '<path d="M10 10L80 80" stroke="black"/></svg>');
        } else {
            const canvas = new OffscreenCanvas(120, 90);
            const context = canvas.getContext('2d');
            context.fillStyle = 'white';
            context.fillRect(0, 0, 120, 90);
            context.lineWidth = 3;
            context.moveTo(20, 20); context.lineTo(100, 70); context.stroke();
            data.items.add(new File([await canvas.convertToBlob()], 'drawn.png', { type: kind }));
        }
        const event = new ClipboardEvent('paste', { clipboardData: data, bubbles: true });
        studio.settings.clean.clean = false;
        document.body.dispatchEvent(event);
    }"""
    page.evaluate(script, kind)
    count(page, 1)
    assert page.evaluate("studio.room.name") == ("doodle" if kind == "text/plain" else "clean")


def test_what_is_no_picture_is_a_sentence(page: Any, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture at all")
    enter(page, "clean")
    drop(page, broken)
    page.wait_for_selector(".notice.error")
    assert "broken.png" in page.locator(".notice.error").inner_text()


def test_examples_are_those_that_linework_comes_with(examples: Path) -> None:
    root = examples.parents[1]
    own = root / "studio" / "static" / "examples"
    assert (own / "photo.jpg").read_bytes() == (examples / "photo.jpg").read_bytes()
    scene = root / "examples" / "doodle_scene.svg"
    assert (own / "doodle_scene.svg").read_bytes() == scene.read_bytes()


def drop(page: Any, path: Path) -> None:
    """A file dropped on the page."""
    script = """async ([name, bytes]) => {
        const data = new DataTransfer();
        data.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name));
        const event = { dataTransfer: data, bubbles: true, cancelable: true };
        document.getElementById('stage').dispatchEvent(new DragEvent('drop', event));
    }"""
    page.evaluate(script, [path.name, base64.b64encode(path.read_bytes()).decode()])
