"""The server dies while somebody draws: the page says so, keeps the strokes and goes on."""

from __future__ import annotations

from typing import Any

from page_driver import Studio, circle, count, document, draw, enter, ready, until


def test_the_server_is_killed_and_comes_back(page: Any, studio: Studio) -> None:
    page.get_by_label("Word", exact=True).fill("cat")
    draw(page, circle(300, 300, 90))
    page.wait_for_selector(".card")
    studio.kill()
    try:
        page.wait_for_selector("#banner:not([hidden])")
        said = page.inner_text("#banner")
        assert "server is gone" in said
        assert "linework studio" in said
        draw(page, circle(600, 300, 90))
        enter(page, "paint")
        page.click("[data-label=grass]")
        draw(page, [(100.0, 600.0), (800.0, 620.0)])
        page.keyboard.press("Control+s")
        with page.expect_download() as waiting:
            page.click("[data-format=ndjson] button.main")
        assert waiting.value.suggested_filename.endswith(".ndjson"), "strokes can always be saved"
        page.keyboard.press("Escape")
        enter(page, "doodle")
        count(page, 2)
    finally:
        studio.start()
    page.wait_for_selector("#banner", state="hidden")
    assert "The server is back." in page.inner_text(".notices")
    page.wait_for_selector(".card")  # ghosts of what was drawn meanwhile
    before = document(page)
    assert (len(before["strokes"]), len(before["marks"])) == (2, 1)
    page.reload()
    ready(page)
    assert document(page) == before


def test_another_token_is_said(page: Any, studio: Studio) -> None:
    page.evaluate(
        """() => {
            studio.live.token = 'x'.repeat(32);
            studio.token = 'x'.repeat(32);
            studio.live.close();
        }"""
    )
    until(page, "document.getElementById('banner').textContent.includes('no longer')")
