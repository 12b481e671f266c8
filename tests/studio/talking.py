"""How tests talk to a studio: as its page does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from starlette.testclient import TestClient, WebSocketTestSession

PORT, TOKEN = 8136, "t" * 32
ORIGIN = f"http://127.0.0.1:{PORT}"
# The test client takes a path for one of "testserver".
SOCKET = f"ws://127.0.0.1:{PORT}/ws"
HEADERS = {"Origin": ORIGIN, "Linework-Token": TOKEN}
LAST = ("result", "error", "cancelled")

HALF: dict[str, Any] = {
    "size": [300, 300],
    "label": "cat",
    "strokes": [
        {"points": [[40, 40], [90, 120], [200, 80.5]], "color": "#d04020", "width": 3},
        {"points": [[20, 20], [60, 65]]},
    ],
}


class Page:
    """A page's WebSocket, and what came over it."""

    def __init__(self, socket: WebSocketTestSession) -> None:
        self.socket = socket
        self.about = self.receive()

    def send(self, **message: Any) -> None:
        """One request."""
        self.socket.send_text(json.dumps(message))

    def receive(self) -> dict[str, Any]:
        """The next message."""
        found: dict[str, Any] = json.loads(self.socket.receive_text())
        return found

    def until_last(self, *numbers: int | None) -> dict[int | None, list[dict[str, Any]]]:
        """All messages of some requests, up to the last of each."""
        found: dict[int | None, list[dict[str, Any]]] = {number: [] for number in numbers}
        left = set(numbers)
        while left:
            message = self.receive()
            if message["type"] == "about":
                continue
            found[message["id"]].append(message)
            if message["type"] in LAST:
                left.discard(message["id"])
        return found

    def ask(self, **message: Any) -> list[dict[str, Any]]:
        """All messages of one request."""
        self.send(**message)
        return self.until_last(message.get("id"))[message.get("id")]


@contextmanager
def opened(client: TestClient) -> Iterator[Page]:
    """A page that is open."""
    with client.websocket_connect(f"{SOCKET}?token={TOKEN}", headers={"Origin": ORIGIN}) as socket:
        yield Page(socket)
