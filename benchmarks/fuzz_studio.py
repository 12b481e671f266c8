"""Malformed requests by the thousand: no 500, no hang, no crash.

    python benchmarks/fuzz_studio.py --requests 20000 --seed 1

Half go over HTTP (wrong hosts, tokens and paths, broken HTTP, broken bodies, damaged files of every
kind), half over WebSockets (damaged messages of every type). Each is made by a seeded generator;
a failure is printed with the seed that makes it again. Some mutations leave a request valid: those
have to be answered as well.
"""

from __future__ import annotations

import argparse
import copy
import http.client
import io
import json
import random
import socket
import struct
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import websockets.exceptions
from studio_server import StudioServer
from websockets.sync.client import ClientConnection, connect

# Longer than this without an answer is a hang; the machine may be busy with other things.
PATIENCE = 60.0
LAST = ("result", "error", "cancelled")
EXAMPLES = Path(__file__).parents[1] / "pipeline" / "examples"
DRAWING: dict[str, Any] = {
    "size": [256, 256],
    "label": "cat",
    "strokes": [
        {"points": [[10, 10], [90, 80.5], [200, 30]], "color": "#d04020", "width": 2},
        {"points": [[50, 60], [60, 90]], "time": [0, 5], "pressure": [0.5, 1], "layer": "ink"},
    ],
}
LABELS = {"size": [8, 8], "vocabulary": "scene", "pixels": "AAAA" * 21 + "AA=="}
MESSAGES: list[dict[str, Any]] = [
    {"type": "complete", "drawing": DRAWING, "n": 2, "word": "cat", "max_points": 5, "seed": 1},
    {"type": "sample", "word": "cat", "n": 1, "max_points": 5, "temperature": 0.5},
    {"type": "mimic", "drawing": DRAWING, "word": "rabbit", "n": 1, "max_points": 5},
    {"type": "interpolate", "ends": [DRAWING, DRAWING], "steps": 2, "max_points": 5},
    {"type": "recognise", "drawing": DRAWING, "k": 3, "scene": False},
    {"type": "clean", "picture": "p1", "strength": 0.5, "gap": 2, "clean": True},
    {"type": "fill", "drawing": DRAWING, "size": 64, "recognise": False, "tolerance": 0.05},
    {"type": "regions", "drawing": DRAWING, "size": 64, "tolerance": 0.05},
    {"type": "paint", "labels": LABELS, "seed": 1, "regions": {"sky": 2}, "style": None},
]
# The rare ones: what they ask for takes the workshop a second where it is left valid.
SLOW = ("fill", "regions", "clean")
EXPORTS: list[dict[str, Any]] = [
    {"format": "svg", "drawings": [DRAWING], "width": "150mm", "background": "white"},
    {"format": "png", "drawings": [DRAWING], "size": 32},
    {"format": "gif", "drawings": [DRAWING], "size": 32, "seconds": 0.5},
    {"format": "ndjson", "drawings": [DRAWING, DRAWING]},
    {"format": "npz", "drawings": [DRAWING]},
    {"format": "labels", "labels": LABELS},
]
ODD: list[Any] = [
    *(None, True, -1, 0, 1, 13, 2**31, 2**63, -(2**63), 2**80, 0.5, -0.0, 1e-300, 1e308, 1e6 + 1),
    *("", "x", "cat", "../../etc/passwd", "p1", "p999", "\u0000", "\ud800", "猫" * 300, "NaN"),
    *("150mm", "-3mm", "1e99in", "#12345", "svg", "__class__", "x" * 5000, "/dev/zero", "%00"),
    *([], [[]], [[[]]], {}, {"a": 1}, [1, 2], [None], [[1, 2], [3]], [1e400], "AAAA", [0] * 500),
]
NAMES = ["a.svg", "a.ndjson", "a.npz", "a.png", "a.jpg", "a.gif", "a.tif", "a.bmp", "a.webp"]
ODD_NAMES = ["", "a", "a.exe", "../../x.svg", "a\0.svg", "x" * 3000 + ".png", ".svg", "con.svg\\"]


class Failure(Exception):
    """The server did what it must not."""


def mutated(rng: random.Random, value: Any) -> Any:
    """A copy with one thing in it, anywhere, changed, removed, doubled or moved."""
    value = copy.deepcopy(value)
    places: list[tuple[Any, Any]] = []

    def walk(node: Any) -> None:
        keys = node.keys() if isinstance(node, dict) else range(len(node))
        for key in list(keys):
            places.append((node, key))
            if isinstance(node[key], dict | list):
                walk(node[key])

    walk(value)
    node, key = rng.choice(places)
    kind = rng.random()
    if kind < 0.6:
        node[key] = rng.choice(ODD)
    elif kind < 0.75:
        del node[key]
    elif kind < 0.9:
        other, where = rng.choice(places)
        node[key] = copy.deepcopy(other[where])
    elif isinstance(node, dict):
        node[rng.choice(["id", "type", "points", "odd", "size"])] = rng.choice(ODD)
    else:
        node.extend(copy.deepcopy(node) * rng.choice([1, 40]))
    return value


def damaged(rng: random.Random, content: bytes) -> bytes:
    """Bytes with some cut, changed, doubled or put in."""
    if not content:
        return rng.randbytes(8)
    kind = rng.randrange(6)
    at = rng.randrange(len(content))
    if kind == 0:
        return content[:at]
    if kind == 1:
        return content[:at] + rng.randbytes(rng.choice([1, 4, 300])) + content[at:]
    if kind == 2:
        return content[:at] + content[at + rng.choice([1, 2, 60]) :]
    if kind == 3:
        changed = bytearray(content)
        for _ in range(rng.choice([1, 5, 40])):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        return bytes(changed)
    if kind == 4:
        return content + content[at:]
    return rng.choice([b"", b"\0", b"{", b"[" * 9000, b"<svg" * 50, b"\xff\xfe", rng.randbytes(99)])


def as_json(rng: random.Random, value: Any) -> bytes:
    """JSON, mostly; NaN and lone surrogates as Python writes them."""
    text = json.dumps(value).encode("utf-8", "surrogatepass")
    return damaged(rng, text) if rng.random() < 0.25 else text


def files() -> list[tuple[str, bytes]]:
    """Sound files to be damaged, and some that were made to do harm."""
    from linework.strokes.page_json import PageDrawing, from_page
    from linework.strokes.png import png_bytes
    from linework.strokes.quickdraw import encode_line
    from linework.strokes.svg_write import svg_text
    from msgspec import convert

    drawing = from_page(convert(DRAWING, PageDrawing))
    png = png_bytes(drawing, size=64)
    zeros = io.BytesIO()
    with zipfile.ZipFile(zeros, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("train.npy", bytes(20_000_000))
    pickled = io.BytesIO()
    with zipfile.ZipFile(pickled, "w") as archive:
        archive.writestr("train.npy", b"\x93NUMPY\x01\x00v\x00{'descr': '|O'}" + b"cos\nsystem\n.")
    huge = png[:16] + struct.pack(">II", 2**30, 2**30) + png[24:]
    bomb = '<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><svg>&b;</svg>'
    return [
        ("a.svg", svg_text(drawing).encode()),
        ("a.svg", bomb.encode()),
        ("a.svg", b"<svg>" + b"<g>" * 3000),
        ("a.svg", b'<svg viewBox="0 0 9 9"><path stroke="red" d="M0 0L1e30 nan"/></svg>'),
        ("a.ndjson", encode_line(drawing) + b"\n" + encode_line(drawing)),
        ("a.npz", zeros.getvalue()),
        ("a.npz", pickled.getvalue()),
        ("a.png", png),
        ("a.png", huge),
    ]


class Client:
    """One that sends `count` requests by a generator of its own."""

    def __init__(self, server: StudioServer, seed: int, count: int) -> None:
        self.server, self.seed, self.count = server, seed, count
        self.seen: Counter[str] = Counter()
        self.failures: list[str] = []
        self.slowest = 0.0

    def run(self, one: Callable[[random.Random], str], name: str) -> None:
        """All of them; what fails is kept."""
        for number in range(self.count):
            if self.server.process.poll() is not None:
                self.failures.append(f"{name}: the server ended")
                return
            begun = time.perf_counter()
            try:
                self.seen[f"{name} {one(random.Random(f'{self.seed}/{number}'))}"] += 1
            except Exception as error:
                self.failures.append(f"{name} {self.seed}/{number}: {type(error).__name__} {error}")
                if len(self.failures) > 20:
                    return
            self.slowest = max(self.slowest, time.perf_counter() - begun)


class HttpClient(Client):
    """Requests over HTTP."""

    def __init__(self, server: StudioServer, seed: int, count: int) -> None:
        super().__init__(server, seed, count)
        self._files = files()

    def __call__(self) -> None:
        """All of them."""
        self.run(self._one, "http")

    def _one(self, rng: random.Random) -> str:
        kind = rng.random()
        headers: dict[str, Any] = dict(self.server.headers)
        method, path, body = "POST", "/api/export", b""
        if kind < 0.15:  # strangers
            spoiled = rng.choice(["Origin", "Linework-Token", "Host"])
            headers[spoiled] = rng.choice(["", "null", "evil.example", "\xe4", "x" * 9000, "*"])
            path = rng.choice(["/", "/api/about", "/api/open", "/ws", "/api/export"])
            method = rng.choice(["GET", "POST", "PUT"])
        elif kind < 0.3:  # paths
            pieces = ["..", "%2e%2e", "static", "api", "open", "%00", "%ff", "\\", "a" * 900, ""]
            path = "/" + "/".join(rng.choices(pieces, k=rng.randrange(6)))
            method = rng.choice(["GET", "HEAD", "POST", "DELETE", "OPTIONS", "PATCH", "BREW"])
        elif kind < 0.6:
            body = as_json(rng, mutated(rng, rng.choice(EXPORTS)))
        elif kind < 0.92:
            name, content = rng.choice(self._files)
            name = rng.choice([name] * 4 + NAMES + ODD_NAMES)
            path = f"/api/open?name={quote(name, safe='')}"
            path += rng.choice(["", "", "&as=picture", "&as=%ff", "&name=a.svg"])
            body = damaged(rng, content)
        else:
            return self._raw(rng)
        return self._sent(method, path, body, headers)

    def _sent(self, method: str, path: str, body: bytes, headers: dict[str, Any]) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=PATIENCE)
        try:
            host = headers.pop("Host", None)
            connection.putrequest(method, path, skip_host=host is not None)
            if host is not None:
                connection.putheader("Host", host.encode("latin-1"))
            for name, value in headers.items():
                connection.putheader(name, value.encode("latin-1"))
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        check_status(answer.status, content, method)
        return str(answer.status)

    def _raw(self, rng: random.Random) -> str:
        """Broken HTTP; the server may hang up."""
        head = f"POST /api/export HTTP/1.1\r\nHost: 127.0.0.1:{self.server.port}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in self.server.headers.items())
        endings = [
            "Content-Length: -5\r\n\r\n",
            "Content-Length: 99999999999999\r\n\r\n{",
            "Content-Length: 3\r\nContent-Length: 4\r\n\r\n{}  ",
            "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
            "Transfer-Encoding: chunked\r\n\r\n5\r\n{}",
            "Content-Length: 50\r\n\r\n{",
            "Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
            "X: " + "x" * 70_000 + "\r\n\r\n",
            "\r\n",
        ]
        content = (head + rng.choice(endings)).encode()
        if rng.random() < 0.5:
            content = damaged(rng, content)
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=PATIENCE) as raw:
            raw.sendall(content)
            raw.shutdown(socket.SHUT_WR)
            answer = b""
            try:
                while part := raw.recv(65536):
                    answer += part
            except ConnectionError:
                return "hung up"
        if not answer:
            return "hung up"
        status = int(answer.split(b" ", 2)[1])
        if status >= 500:
            raise Failure(f"status {status}: {answer[:300]!r}")
        return str(status)


class SocketClient(Client):
    """Messages over a WebSocket, opened again when it is closed."""

    def __init__(self, server: StudioServer, seed: int, count: int) -> None:
        super().__init__(server, seed, count)
        self._socket: ClientConnection | None = None
        self._closing = ExitStack()
        self._number = 0

    def __call__(self) -> None:
        """All of them."""
        with self._closing:
            self.run(self._one, "socket")

    def _one(self, rng: random.Random) -> str:
        socket = self._opened()
        self._number += 1
        base = rng.choice(MESSAGES)
        if base["type"] in SLOW and rng.random() < 0.95:
            base = MESSAGES[0]
        message = mutated(rng, {**base, "id": self._number})
        content = as_json(rng, message)
        try:
            if rng.random() < 0.2:
                socket.send(content)
            else:
                socket.send(content.decode("utf-8", "replace"))
            return self._answered(socket, message, content)
        except websockets.exceptions.ConnectionClosed as error:
            self._socket = None
            if error.rcvd is None or error.rcvd.code not in (1000, 1007, 1009):
                raise
            return f"closed {error.rcvd.code}"

    def _answered(self, socket: ClientConnection, message: dict[str, Any], content: bytes) -> str:
        """A last message comes for all but a cancel; the next request must work, too."""
        # What was sent is followed by a request that is sound: it is answered whatever that was.
        self._number += 1
        sound = {"type": "sample", "id": 10**9 + self._number, "slot": "sound", "word": "cat"}
        socket.send(json.dumps({**sound, "max_points": 1}))
        kinds = []
        while True:
            found = json.loads(socket.recv(timeout=PATIENCE))
            if "Traceback" in str(found.get("error")) or "itself" in str(found.get("error")):
                raise Failure(f"{found['error']} for {content[:600]!r}")
            if found["type"] in LAST:
                kinds.append((found["id"] == sound["id"], found["type"]))
                if kinds[-1][0]:
                    break
        if kinds[-1][1] != "result":
            raise Failure(f"a sound request was answered by {found}")
        return kinds[0][1] if len(kinds) > 1 else "later"

    def _opened(self) -> ClientConnection:
        if self._socket is None:
            self._closing.close()
            self._socket = self._closing.enter_context(
                connect(
                    self.server.socket,
                    origin=self.server.origin,  # type: ignore[arg-type]
                    max_size=None,
                    open_timeout=PATIENCE,
                    compression=None,
                )
            )
        return self._socket


def check_status(status: int, content: bytes, method: str) -> None:
    """Raises a Failure for what an answer must not be."""
    if status >= 500:
        raise Failure(f"status {status}: {content[:300]!r}")
    if b"Traceback" in content or b"/site-packages/" in content:
        raise Failure(f"an answer that tells too much: {content[:300]!r}")
    if status >= 400 and method != "HEAD" and content.startswith(b"{"):
        error = json.loads(content)["error"]
        if not error or "itself" in error:
            raise Failure(f"no sentence: {content[:300]!r}")


def main() -> None:
    """Sends them all and prints what came back."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clients", type=int, default=4)
    given = parser.parse_args()
    each = -(-given.requests // given.clients)
    with StudioServer() as server:
        warm = HttpClient(server, 0, 1)
        warm._sent("GET", "/api/about", b"", dict(server.headers))
        kinds = (HttpClient, SocketClient)
        clients = [kinds[k % 2](server, given.seed * 1000 + k, each) for k in range(given.clients)]
        before = server.megabytes()
        begun = time.perf_counter()
        threads = [threading.Thread(target=client) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - begun
        warm._sent("GET", "/api/about", b"", dict(server.headers))
        after = server.megabytes()
        log = server.log.read_text()
    seen = sum((client.seen for client in clients), Counter())
    failures = [failure for client in clients for failure in client.failures]
    print(f"{sum(seen.values()):,} requests in {seconds:.0f} s, seed {given.seed}")
    for name, count in sorted(seen.items()):
        print(f"  {name:24} {count:7,}")
    print(f"slowest answer {max(client.slowest for client in clients):.1f} s")
    print(f"server {before['server']:.0f} MB before, {after['server']:.0f} MB after")
    print(f"tracebacks in the server's log: {log.count('Traceback')}")
    print(f"{len(failures)} failures")
    for failure in failures[:20]:
        print(f"  {failure}")
    if failures or "Traceback" in log:
        print(log[-6000:])
        raise SystemExit(1)


if __name__ == "__main__":
    main()
