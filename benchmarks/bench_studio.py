"""How soon ghosts appear, what 32 people drawing at once get, and whether memory stays flat.

    python benchmarks/bench_studio.py latency                 one page: first stroke, 60 points
    python benchmarks/bench_studio.py crowd --seconds 60      32 pages that draw all the time
    python benchmarks/bench_studio.py memory --minutes 10     four pages, files in and out

Each starts a `linework studio` of its own with the bundled models, and prints the machine. Times
are the page's: from sending the request to having read the message.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import os
import platform
import random
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import websockets
from linework.strokes import Drawing, read_drawings
from linework.strokes.page_json import to_page
from studio_server import StudioServer

EXAMPLES = sorted((Path(__file__).parents[1] / "pipeline" / "examples").glob("half_*.svg"))
LAST = ("result", "error", "cancelled")
# Of a person: seconds between two rests of the pen.
PACE = (0.7, 2.5)
ENDINGS, LONG = 5, 60


class Person:
    """One page, whose drawing grows."""

    def __init__(self, server: StudioServer, seed: int) -> None:
        self.server, self.rng = server, random.Random(seed)
        self.sent: dict[int, float] = {}
        self.over: set[int] = set()
        self.newest = -1
        self.firsts: list[float] = []
        self.waits: list[float] = []
        self.cancelled = 0
        self.wrong: list[str] = []

    async def connect(self) -> None:
        """Opens the page."""
        self.socket = await websockets.connect(
            self.server.socket,
            origin=self.server.origin,  # type: ignore[arg-type]
            max_size=None,
            compression=None,
            ping_interval=None,
        )

    async def listen(self) -> None:
        """Reads all that comes, and notes what must not."""
        seen: set[int] = set()
        async for text in self.socket:
            message = json.loads(text)
            number = message.get("id")
            if message["type"] == "about":
                continue
            if number in self.over:
                self.wrong.append(f"a message after the last one of {number}: {message['type']}")
            if message["type"] == "stroke" and number not in seen:
                seen.add(number)
                self.firsts.append(time.perf_counter() - self.sent[number])
            if message["type"] == "error":
                self.wrong.append(message["error"])
            if message["type"] in LAST:
                self.over.add(number)
            if message["type"] == "cancelled":
                self.cancelled += 1
                if number == self.newest:
                    self.wrong.append("the newest request was cancelled")
            if message["type"] == "result":
                self.waits.append(time.perf_counter() - self.sent[number])

    async def draw(self, until: float) -> None:
        """Draws and rests, again and again; then waits for what is under way."""
        number = 0
        while time.perf_counter() < until:
            for drawing in growing(self.rng):
                if time.perf_counter() >= until:
                    break
                number += 1
                self.sent[number], self.newest = time.perf_counter(), number
                await self.socket.send(complete(number, drawing, seed=self.rng.randrange(10**6)))
                await asyncio.sleep(self.rng.uniform(*PACE))
        for _ in range(600):
            if set(self.sent) <= self.over:
                return
            await asyncio.sleep(0.1)
        self.wrong.append(f"no answer to {sorted(set(self.sent) - self.over)}")


def growing(rng: random.Random) -> Iterator[Drawing]:
    """A drawing as it is drawn: more of its last stroke each time."""
    [whole] = read_drawings(rng.choice(EXAMPLES))
    counts = [*range(12, whole.n_points, 15), whole.n_points]
    for count in counts:
        strokes, left = [], count
        for stroke in whole.strokes:
            if left > 0:
                strokes.append(stroke.replace(points=stroke.points[:left], time=None))
            left -= len(stroke)
        yield whole.with_strokes(strokes)


def complete(number: int, drawing: Drawing, **options: Any) -> str:
    """The page's request for endings."""
    message = {"type": "complete", "id": number, "n": ENDINGS, **options}
    return msgspec.json.encode({**message, "drawing": to_page(drawing)}).decode()


async def latency(server: StudioServer, count: int) -> None:
    """One page, one request after another."""
    person = Person(server, 1)
    await person.connect()
    firsts, longs, alls = [], [], []
    drawings = [next(read_drawings(path)) for path in EXAMPLES]
    for number in range(count + 3):
        begun = time.perf_counter()
        await person.socket.send(
            complete(number, drawings[number % len(drawings)], seed=number, max_points=LONG)
        )
        first = None
        while True:
            message = json.loads(await person.socket.recv())
            now = time.perf_counter() - begun
            if message["type"] == "stroke" and first is None:
                first = now
            if message["type"] in LAST:
                break
        if message["type"] != "result":
            raise SystemExit(message)
        if number < 3:  # caches are cold
            continue
        firsts.append(first or now)
        alls.append(now)
        if max(sum(len(s["points"]) for s in ending) for ending in message["endings"]) >= LONG:
            longs.append(now)
        await asyncio.sleep(0.05)
    print(
        f"{count} drawings of {min(d.n_points for d in drawings)} to "
        f"{max(d.n_points for d in drawings)} points, {ENDINGS} endings of each"
    )
    print(f"first ghost stroke    {told(firsts)}")
    print(f"all endings           {told(alls)}")
    print(f"one of them {LONG} points {told(longs)} ({len(longs)} requests)")


async def crowd(server: StudioServer, people: int, seconds: float) -> None:
    """Many pages that draw at once."""
    persons = [Person(server, seed) for seed in range(people)]
    for person in persons:
        await person.connect()
    ears = [asyncio.create_task(person.listen()) for person in persons]
    until = time.perf_counter() + seconds
    await asyncio.gather(*(person.draw(until) for person in persons))
    for ear in ears:
        ear.cancel()
    waits = [wait for person in persons for wait in person.waits]
    firsts = [first for person in persons for first in person.firsts]
    sent = sum(len(person.sent) for person in persons)
    cancelled = sum(person.cancelled for person in persons)
    wrong = [text for person in persons for text in person.wrong]
    print(
        f"{people} pages for {seconds:g} s: {sent:,} requests, {len(waits):,} answered, "
        f"{cancelled:,} cancelled by newer ones, {len(wrong)} errors or stale answers"
    )
    print(f"first ghost stroke    {told(firsts)}")
    print(f"all endings           {told(waits)}")
    for text in wrong[:10]:
        print(f"  {text}")
    if wrong:
        raise SystemExit(1)


async def memory(server: StudioServer, minutes: float) -> None:
    """Four pages for minutes, and files in and out; memory every tenth of the time."""
    persons = [Person(server, seed) for seed in range(4)]
    for person in persons:
        await person.connect()
    ears = [asyncio.create_task(person.listen()) for person in persons]
    until = time.perf_counter() + 60 * minutes
    drawing = asyncio.gather(*(person.draw(until) for person in persons))
    rows = []
    svg = EXAMPLES[0].read_bytes()
    step = 6 * minutes
    for tenth in range(11):
        while time.perf_counter() < until - (10 - tenth) * step:
            await asyncio.to_thread(in_and_out, server, svg)
            await asyncio.sleep(1)
        rows.append(server.megabytes())
        shown = ", ".join(f"{name.split()[0]} {size:.0f} MB" for name, size in rows[-1].items())
        print(f"{tenth * step / 60:5.1f} min  {shown}", flush=True)
    await drawing
    for ear in ears:
        ear.cancel()
    wrong = [text for person in persons for text in person.wrong]
    growth = rows[-1]["server"] - rows[2]["server"]
    print(
        f"{sum(len(p.sent) for p in persons):,} requests, {len(wrong)} errors or stale answers; "
        f"the server grew by {growth:+.1f} MB in the last eight tenths"
    )


def in_and_out(server: StudioServer, svg: bytes) -> None:
    """A drawing opened, and written as PNG."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    connection.request("POST", "/api/open?name=a.svg", svg, server.headers)
    answer = connection.getresponse()
    opened = json.loads(answer.read())
    body = json.dumps({"format": "png", "drawings": opened["drawings"], "size": 256})
    connection.request("POST", "/api/export", body, server.headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"an export was answered by {answer.status}")


def told(times: list[float]) -> str:
    """Median, p90, p99 and the longest, ms."""
    if not times:
        return "none"
    ranked = sorted(1000 * t for t in times)
    at = [ranked[min(len(ranked) - 1, int(share * len(ranked)))] for share in (0.9, 0.99)]
    return (
        f"median {statistics.median(ranked):6.0f} ms   p90 {at[0]:6.0f}   p99 {at[1]:6.0f}   "
        f"longest {ranked[-1]:6.0f}"
    )


def machine() -> str:
    """The processor, how many, and how busy."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                name = line.partition(":")[2].strip()
                break
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{name}, {os.cpu_count()} processors{load}"


def ready(server: StudioServer) -> None:
    """Waits until all models are loaded."""
    for _ in range(600):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        connection.request("GET", "/api/about", headers=server.headers)
        models = json.loads(connection.getresponse().read())["models"]
        connection.close()
        if all(model["state"] != "loading" for model in models.values()):
            return
        time.sleep(0.5)
    raise SystemExit("the models are not loaded after five minutes")


def main() -> None:
    """Runs one of the three."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("what", choices=("latency", "crowd", "memory"))
    parser.add_argument("--requests", type=int, default=60)
    parser.add_argument("--people", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--minutes", type=float, default=10)
    given = parser.parse_args()
    print(machine())
    with StudioServer() as server:
        ready(server)
        if given.what == "latency":
            asyncio.run(latency(server, given.requests))
        elif given.what == "crowd":
            asyncio.run(crowd(server, given.people, given.seconds))
        else:
            asyncio.run(memory(server, given.minutes))
    print(machine())


if __name__ == "__main__":
    main()
