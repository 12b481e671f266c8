"""The Doodle room in a browser: ghosts, keeping one, undo; touch, pen and keyboard; a reload."""

from __future__ import annotations

from typing import Any

import pytest
from page_driver import circle, count, document, draw, on_screen, ready, until

EAR = [(370.0, 240.0), (350.0, 150.0), (430.0, 195.0)]


def ghosts(page: Any) -> None:
    """Waits until all endings are there."""
    page.wait_for_selector(".card")
    until(page, "document.querySelector('.endings .as').textContent.includes('cat')")


def set_word(page: Any) -> None:
    """One of the three words that the tiny model knows."""
    page.get_by_label("Word", exact=True).fill("cat")


def test_draw_see_ghosts_keep_one_undo(page: Any) -> None:
    set_word(page)
    draw(page, circle(480, 330, 140))
    draw(page, EAR)
    assert len(document(page)["strokes"]) == 2
    ghosts(page)
    page.keyboard.press("2")
    kept = document(page)["strokes"]
    assert len(kept) > 2
    assert [stroke["from"] for stroke in kept[:3]] == ["hand", "hand", "ending"]
    assert document(page)["word"] == "cat"
    page.keyboard.press("Control+z")
    assert len(document(page)["strokes"]) == 2
    page.keyboard.press("Control+z")
    assert len(document(page)["strokes"]) == 1
    page.keyboard.press("Control+Shift+z")
    page.keyboard.press("Control+Shift+z")
    assert document(page)["strokes"] == kept


def test_a_tap_keeps_a_ghost_and_drawing_on_makes_others(page: Any) -> None:
    set_word(page)
    draw(page, circle(480, 330, 140))
    ghosts(page)
    page.wait_for_timeout(300)
    before = page.evaluate("document.querySelector('.card canvas').toDataURL()")
    draw(page, EAR)
    ghosts(page)
    until(page, "before => document.querySelector('.card canvas').toDataURL() !== before", before)
    page.locator(".card").nth(2).click()
    assert document(page)["strokes"][-1]["from"] == "ending"


def test_fingers_draw_and_two_of_them_zoom(page: Any) -> None:
    client = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        spots = [{"x": x, "y": y, "id": k} for k, (x, y) in enumerate(points)]
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": spots})

    a, b, c, d = on_screen(page, [(300, 300), (360, 320), (420, 380), (500, 380)])
    touch("touchStart", a)
    for point in (b, c, d):
        touch("touchMove", point)
    touch("touchEnd")
    count(page, 1)
    (stroke,) = document(page)["strokes"]
    assert len(stroke["points"]) >= 3
    assert stroke["pressure"] is None
    before = page.evaluate("studio.view.scale")
    touch("touchStart", a)
    touch("touchStart", a, b)
    touch("touchMove", a, c)
    touch("touchMove", a, d)
    touch("touchEnd")
    until(page, "before => studio.view.scale > before * 1.5", before)
    assert len(document(page)["strokes"]) == 1, "the first finger of a pinch draws nothing"


def test_a_pen_has_pressure_and_keeps_palms_out(page: Any) -> None:
    client = page.context.new_cdp_session(page)

    def pen(kind: str, point: tuple[float, float], force: float) -> None:
        where = {"x": point[0], "y": point[1], "button": "left", "clickCount": 1}
        down = {"buttons": 0 if kind == "mouseReleased" else 1, "force": force}
        client.send(
            "Input.dispatchMouseEvent", {"type": kind, "pointerType": "pen", **where, **down}
        )

    a, b, c = on_screen(page, [(200, 200), (300, 240), (400, 300)])
    pen("mousePressed", a, 0.2)
    pen("mouseMoved", b, 0.6)
    pen("mouseMoved", c, 0.9)
    pen("mouseReleased", c, 0)
    count(page, 1)
    (stroke,) = document(page)["strokes"]
    assert stroke["pressure"] == pytest.approx([0.2, 0.6, 0.9], abs=0.02)
    palm = on_screen(page, [(600, 500)])[0]
    before = page.evaluate("studio.view.x")
    spots = [[{"x": palm[0] + dx, "y": palm[1], "id": 7}] for dx in (0, 30, 60)]
    for kind, spot in zip(("touchStart", "touchMove", "touchMove"), spots, strict=True):
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": spot})
    client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    until(page, "before => studio.view.x > before + 20", before)
    assert len(document(page)["strokes"]) == 1, "beside a pen a finger moves the paper"


def test_the_keyboard_draws(page: Any) -> None:
    page.focus("#stage")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    page.keyboard.press("Space")
    (stroke,) = document(page)["strokes"]
    assert len(stroke["points"]) == 4
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") != "stage", "the sheet is no trap"


def test_tools_lose_nothing_and_edit(page: Any) -> None:
    draw(page, [(200.0, 200.0), (400.0, 200.0), (600.0, 200.0)])
    draw(page, [(200.0, 400.0), (400.0, 402.0), (600.0, 400.0)])
    page.keyboard.press("e")
    draw(page, [(400.0, 150.0), (400.0, 250.0)])
    assert len(document(page)["strokes"]) == 3, "the eraser parts a line"
    page.keyboard.press("v")
    draw(page, [(300.0, 401.0), (300.0, 441.0)])
    moved = document(page)["strokes"][-1]
    assert moved["points"][0] == pytest.approx([200, 440], abs=2)
    page.keyboard.press("g")
    page.keyboard.press("Delete")
    assert len(document(page)["strokes"]) == 2
    page.keyboard.press("Control+a")
    page.evaluate("studio.settings.gap = 60")
    page.keyboard.press("g")
    assert len(document(page)["strokes"]) == 1, "the gap is closed"
    for _ in range(3):
        page.keyboard.press("Control+z")
    assert len(document(page)["strokes"]) == 3


def test_a_reload_restores_the_drawing(page: Any) -> None:
    draw(page, circle(300, 300, 80))
    draw(page, EAR)
    before = document(page)
    page.wait_for_timeout(400)  # more than keep.js waits
    page.reload()
    ready(page)
    assert document(page) == before


def test_a_second_tab_has_a_sheet_of_its_own(page: Any, studio: Any) -> None:
    draw(page, EAR)
    other = page.context.new_page()
    other.goto(studio.url)
    ready(other)
    assert document(other)["strokes"] == []
    assert len(document(page)["strokes"]) == 1


def test_surprise_and_mimic(page: Any) -> None:
    page.click("text=Surprise me")
    until(page, "studio.doc.strokes.length > 0")
    before = document(page)["strokes"]
    page.get_by_label("Draw it as").fill("house")
    page.click(".join button")
    until(page, "studio.doc.word === 'house'")
    page.keyboard.press("Control+z")
    assert document(page)["strokes"] == before


def test_what_it_looks_like(page: Any) -> None:
    draw(page, circle(480, 330, 140))
    page.wait_for_selector(".guess")
    guess = page.locator(".guess").first
    word = guess.locator("span").first.inner_text()
    guess.click()
    assert page.get_by_label("Word", exact=True).input_value() == word
