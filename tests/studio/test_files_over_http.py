"""Files in and out over HTTP: bodies that are too large, broken, slow or gone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from linework.strokes.errors import LineworkError
from linework.studio import limits, workshop
from linework.studio.choices import Choices
from linework.studio.workshop import Workshop
from starlette.testclient import TestClient
from talking import HALF, HEADERS, opened


def test_a_drawing_goes_in_and_comes_out(client: TestClient, examples: Path) -> None:
    svg = (examples / "half_cat.svg").read_bytes()
    answer = client.post("/api/open?name=half cat.svg", content=svg, headers=HEADERS)
    assert answer.status_code == 200
    [drawing] = answer.json()["drawings"]
    body = {"format": "svg", "drawings": [drawing]}
    written = client.post("/api/export", json=body, headers=HEADERS)
    assert written.headers["content-type"] == "image/svg+xml"
    again = client.post("/api/open?name=x.svg", content=written.content, headers=HEADERS)
    assert len(again.json()["drawings"][0]["strokes"]) == len(drawing["strokes"])


def test_a_picture_is_kept_under_a_number(client: TestClient, examples: Path) -> None:
    state = client.app.state.studio  # type: ignore[attr-defined]
    photo = (examples / "photo.jpg").read_bytes()
    answer = client.post("/api/open?name=../p.JPG", content=photo, headers=HEADERS).json()
    assert answer["kind"] == "picture"
    assert state.shelf.find(answer["picture"]).read_bytes() == photo


@pytest.mark.parametrize("name", ["", "x", "x.exe", "/etc/passwd", ".svg/x"])
def test_other_files_are_refused(client: TestClient, name: str) -> None:
    answer = client.post("/api/open", params={"name": name}, content=b"x", headers=HEADERS)
    assert answer.status_code == 400
    assert "the studio opens .svg" in answer.json()["error"]


def test_what_is_refused_leaves_no_file(client: TestClient) -> None:
    state = client.app.state.studio  # type: ignore[attr-defined]
    folder = state.shelf.place("x.svg")[1].parent
    before = sorted(folder.iterdir())
    for content in (b"", b"<svg", b"\0" * 9):
        answer = client.post("/api/open?name=a.svg", content=content, headers=HEADERS)
        assert answer.status_code == 400
    assert sorted(folder.iterdir()) == before


def test_a_huge_body_is_refused_by_its_length_and_by_its_count(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MESSAGE_BYTES", 1000)
    announced = client.post("/api/export", content=b" " * 1001, headers=HEADERS)

    def pieces() -> Iterator[bytes]:
        for _ in range(200):
            yield b" " * 10

    counted = client.post("/api/export", content=pieces(), headers=HEADERS)
    for answer in (announced, counted):
        assert answer.status_code == 413
        assert "MiB" in answer.json()["error"]


def test_a_huge_message_is_hung_up_on(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MESSAGE_BYTES", 1000)
    with opened(client) as page:
        page.socket.send_text(" " * 1001)
        closed = {"type": "websocket.receive"}
        while closed["type"] != "websocket.close":
            closed = dict(page.socket.receive())
    assert closed["code"] == 1009


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"format": 3}', b"\xff", b"[" * 9000]
)
def test_broken_bodies_are_sentences(client: TestClient, body: bytes) -> None:
    answer = client.post("/api/export", content=body, headers=HEADERS)
    assert answer.status_code == 400
    assert "cannot read this request" in answer.json()["error"]


class TestWorkshop:
    """The process: stopped when asked, ended when it does not stop, and then another."""

    def test_a_job_that_takes_too_long_is_stopped_and_the_next_one_works(self) -> None:
        async def check() -> None:
            shop = Workshop(Choices(), None)
            good = {"body": json.dumps({"format": "svg", "drawings": [HALF]}).encode()}
            slow = {"format": "gif", "drawings": [HALF] * 9, "size": 1024, "seconds": 20}
            try:
                assert "content" in await shop.run("export", good, 30)
                first = shop._process
                with pytest.raises(LineworkError, match=r"longer than 0\.2 seconds"):
                    await shop.run("export", {"body": json.dumps(slow).encode()}, 0.2)
                assert first is not None
                assert first.returncode is not None
                assert "content" in await shop.run("export", good, 30)
            finally:
                await shop.close()

        asyncio.run(check())

    def test_a_job_that_is_cancelled_is_ended_where_it_does_not_stop(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(workshop, "GRACE", 0.2)

        async def check() -> None:
            shop = Workshop(Choices(), None)
            good = {"body": json.dumps({"format": "svg", "drawings": [HALF]}).encode()}
            slow = {"format": "gif", "drawings": [HALF] * 9, "size": 1024, "seconds": 20}
            try:
                await shop.start()
                task = asyncio.create_task(
                    shop.run("export", {"body": json.dumps(slow).encode()}, 60)
                )
                await asyncio.sleep(0.2)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                assert "content" in await shop.run("export", good, 30)
            finally:
                await shop.close()

        asyncio.run(check())

    def test_where_the_process_has_ended_another_begins(self) -> None:
        async def check() -> None:
            shop = Workshop(Choices(), None)
            try:
                await shop.start()
                assert shop._process is not None
                shop._process.kill()
                await shop._process.wait()
                body = json.dumps({"format": "svg", "drawings": [HALF]}).encode()
                assert "content" in await shop.run("export", {"body": body}, 30)
            finally:
                await shop.close()

        asyncio.run(check())
