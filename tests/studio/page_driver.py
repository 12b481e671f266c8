"""The page under test: a studio in a process of its own, a Chromium a module, a hand that draws."""

from __future__ import annotations

import dataclasses
import math
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import pytest
from linework.studio.choices import Choices

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
# Seconds that anything may take on a busy machine; on an idle one it is there at once.
PATIENCE = 120
Point = tuple[float, float]


class Studio:
    """`linework studio` as a user starts it, on a port and with a token that stay."""

    def __init__(self, choices: Choices, painter: Path, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder = folder
        names = {"model": choices.sketcher, "recogniser": choices.recogniser, "painter": painter}
        options = [f"--{name}={path}" for name, path in names.items()]
        self.command = [sys.executable, "-m", "linework.cli", "studio", f"--port={self.port}"]
        self.command += ["--no-browser", *options]
        self.process: subprocess.Popen[str] | None = None
        self.url = ""

    def start(self) -> None:
        """Starts it, and waits until it says its address."""
        self.process = subprocess.Popen(
            self.command,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"XDG_STATE_HOME": str(self.folder)},
            process_group=0,
        )
        lines: Queue[str] = Queue()
        stream = self.process.stderr
        assert stream is not None
        # Read on to the end, so that the pipe never fills.
        self.reader = threading.Thread(target=lambda: [lines.put(line) for line in stream])
        self.reader.start()
        said: list[str] = []
        while not (found := re.search(r"http://\S+", "".join(said))):
            try:
                said.append(lines.get(timeout=PATIENCE))
            except Empty:
                self.kill()
                raise AssertionError(f"the studio does not start: {''.join(said)}") from None
        self.url = found.group()

    def kill(self) -> None:
        """Ends it as a crash would, and its workers with it."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            assert self.process.stderr is not None
            self.reader.join()
            self.process.stderr.close()
            self.process = None


@pytest.fixture(scope="session")
def studio(choices: Choices, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A running studio with tiny models of random weights."""
    folder = tmp_path_factory.mktemp("studio")
    running = Studio(choices, tiny_painter(folder / "painter.safetensors"), folder)
    running.start()
    yield running
    running.kill()


def tiny_painter(path: Path) -> Path:
    """Weights of a painter of the scene vocabulary, random."""
    import torch
    from linework.datasets.labels import vocabulary
    from linework.models.checkpoint import save_tensors
    from linework.models.painter import Painter, PainterConfig

    torch.manual_seed(0)
    names = vocabulary("scene")
    config = PainterConfig(
        classes=len(names.labels),
        channels=(6, 6, 4),
        spade_levels=2,
        latent=4,
        embedding=4,
        encoder=0,
        size=32,
    )
    rows = [{"pixel": one.pixel, "name": one.name, "rgb": list(one.rgb)} for one in names.labels]
    header: dict[str, Any] = {"model": "painter", "config": dataclasses.asdict(config)}
    header["classes"] = {"vocabulary": "scene", "labels": rows}
    save_tensors(path, Painter(config).state_dict(), header)
    return path


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A browser for a module. It is closed with it: while it is open, asyncio is its own."""
    if CHROMIUM is None:
        pytest.skip("the page needs Chromium: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
            timeout=PATIENCE * 1000,
        )
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Any, studio: Studio) -> Iterator[Any]:
    """A page of its own for a test; an error in its scripts fails the test."""
    context = chromium.new_context(
        viewport={"width": 1200, "height": 780},
        accept_downloads=True,
        has_touch=True,
        permissions=["clipboard-read", "clipboard-write"],
    )
    context.set_default_timeout(PATIENCE * 1000)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(studio.url)
    ready(page)
    yield page
    context.close()
    assert not errors, errors


def ready(page: Any) -> None:
    """Waits until the page is put together and the models it needs are there."""
    page.wait_for_selector("html[data-ready]")
    until(page, "studio.about && studio.about.models.sketcher.state === 'ready'")


def until(page: Any, expression: str, argument: Any = None) -> None:
    """Waits until an expression of the page, or a function of the argument, is true.

    Playwright's own `wait_for_function` evaluates strings in the page, which its policy forbids.
    """
    end = time.monotonic() + PATIENCE
    while not page.evaluate(expression, argument):
        assert time.monotonic() < end, f"it never came to be: {expression}"
        page.wait_for_timeout(50)


def enter(page: Any, room: str) -> None:
    """Into a room."""
    page.click(f"#rooms [data-room={room}]")


def document(page: Any) -> dict[str, Any]:
    """The document that the page holds; pictures in it are left out."""
    found: dict[str, Any] = page.evaluate("JSON.parse(JSON.stringify(studio.doc))")
    return found


def on_screen(page: Any, points: Sequence[Point]) -> list[Point]:
    """Points of the sheet as CSS px of the window."""
    script = """points => {
        const { left, top } = document.getElementById('stage').getBoundingClientRect();
        return points.map((one) => studio.view.toScreen(one)).map(([x, y]) => [x + left, y + top]);
    }"""
    return [tuple(point) for point in page.evaluate(script, list(map(list, points)))]


def draw(page: Any, points: Sequence[Point]) -> None:
    """A stroke with the mouse, in px of the sheet."""
    first, *rest = on_screen(page, points)
    page.mouse.move(*first)
    page.mouse.down()
    for point in rest:
        page.mouse.move(*point)
    page.mouse.up()


def circle(x: float, y: float, radius: float, n: int = 24) -> list[Point]:
    """A closed circle of n points."""
    turns = [2 * math.pi * k / n for k in range(n + 1)]
    return [(x + radius * math.cos(t), y + radius * math.sin(t)) for t in turns]


def count(page: Any, n: int) -> None:
    """Waits until the sheet has so many strokes."""
    until(page, "n => studio.doc.strokes.length === n", n)
