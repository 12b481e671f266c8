"""A page's WebSocket: its requests under way, one last message to each, the newest of a slot.

All of this runs in the event loop. What comes from the live thread is handed over to it first, so
that a request which was cancelled a moment ago says nothing more.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from ..strokes.errors import LineworkError
from . import limits
from .live import LARGEST_SEED, SORRY, Task
from .requests import (
    Cancel,
    Clean,
    Complete,
    Fill,
    Interpolate,
    Mimic,
    Paint,
    Recognise,
    Regions,
    Request,
    Sample,
    number_of,
    read_message,
)
from .server_state import ServerState

log = logging.getLogger(__name__)
# What a WebSocket is closed with: the message was too big, the server is busy.
TOO_BIG, BUSY = 1009, 1013


@dataclass(eq=False, slots=True)
class _Job:
    """A request under way.

    Args:
        stop: makes whatever works on it stop.
    """

    request: Request
    slot: str
    stop: Callable[[], object] = lambda: None
    timer: asyncio.TimerHandle | None = None


class PageSocket:
    """One page."""

    def __init__(self, state: ServerState, socket: WebSocket) -> None:
        self._state, self._socket = state, socket
        self._jobs: dict[int, _Job] = {}
        self._outbox: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()

    async def serve(self) -> None:
        """Answers until the page is gone."""
        self._send_about()
        self._state.on_about.add(self._send_about)
        sender = asyncio.create_task(self._send_all())
        try:
            while True:
                message = await self._socket.receive()
                if message["type"] == "websocket.disconnect":
                    return
                text = message.get("text")
                content = message.get("bytes") if text is None else text.encode()
                if len(content or b"") > limits.MESSAGE_BYTES:
                    await self._socket.close(TOO_BIG)
                    return
                self._take(content or b"")
        except WebSocketDisconnect:
            return
        finally:
            self._state.on_about.discard(self._send_about)
            for job in list(self._jobs.values()):
                self._drop(job)
            self._outbox.put_nowait(None)
            sender.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sender

    # -- requests

    def _take(self, content: bytes) -> None:
        try:
            text = content.decode()  # all of it: msgspec looks at what it needs alone
            request = read_message(text)
        except UnicodeDecodeError:
            error = "the studio cannot read this request: it is not UTF-8"
            self._send({"type": "error", "id": number_of(content), "error": error})
            return
        except LineworkError as error:
            self._send({"type": "error", "id": number_of(content), "error": str(error)})
            return
        if isinstance(request, Cancel):
            if request.id in self._jobs:
                self._cancel(self._jobs[request.id])
            return
        problem = self._problem(request)
        if problem is not None:
            self._send({"type": "error", "id": request.id, "error": problem})
            return
        kind = str(request.__struct_config__.tag)
        job = _Job(request, request.slot or kind)
        for other in [one for one in self._jobs.values() if one.slot == job.slot]:
            self._cancel(other)
        self._jobs[request.id] = job
        job.timer = self._loop.call_later(limits.SECONDS[kind], self._too_late, job, kind)
        if isinstance(request, Complete | Sample | Mimic | Interpolate | Recognise):
            task = Task(request, partial(self._from_live, job))
            job.stop = partial(setattr, task, "unwanted", True)
            self._state.live.submit(task)
        else:
            self._work(job, kind, text)

    def _problem(self, request: Request) -> str | None:
        if request.id in self._jobs:
            return f"request {request.id} is under way already; number them upwards"
        others = sum(
            one.slot != (request.slot or request.__struct_config__.tag)
            for one in self._jobs.values()
        )
        if others >= limits.IN_FLIGHT:
            return f"{limits.IN_FLIGHT} requests are under way already; wait for one, or cancel one"
        return None

    def _work(self, job: _Job, kind: str, message: str) -> None:
        """A job for the heavy workshop."""
        request, shelf = job.request, self._state.shelf
        arguments: dict[str, Any] = {"message": message}
        try:
            if isinstance(request, Clean):
                arguments["path"] = str(shelf.find(request.picture))
            elif isinstance(request, Paint):
                arguments["style"] = str(shelf.find(request.style)) if request.style else None
                arguments["seed"] = secrets.randbelow(LARGEST_SEED + 1)
            else:
                assert isinstance(request, Fill | Regions)
        except LineworkError as error:
            self._last(job, {"type": "error", "error": str(error)})
            return
        task = asyncio.create_task(self._worked(job, kind, arguments))
        job.stop = task.cancel
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _worked(self, job: _Job, kind: str, arguments: dict[str, Any]) -> None:
        def progress(done: float, what: str) -> None:
            self._tell(job, {"type": "progress", "done": done, "what": what})

        try:
            found = await self._state.heavy.run(kind, arguments, limits.SECONDS[kind], progress)
        except LineworkError as error:
            self._last(job, {"type": "error", "error": str(error)})
        except Exception:
            log.exception("%s failed", kind)
            self._last(job, {"type": "error", "error": SORRY})
        else:
            if self._jobs.get(job.request.id) is job:
                self._end(job)
                head = b'{"type":"result","id":%d,' % job.request.id
                self._outbox_put(head + found["json"][1:])

    def _from_live(self, job: _Job, last: bool, message: dict[str, Any]) -> None:
        """From the live thread."""
        tell = self._last if last else self._tell
        with contextlib.suppress(RuntimeError):  # the loop is gone
            self._loop.call_soon_threadsafe(tell, job, message)

    def _too_late(self, job: _Job, kind: str) -> None:
        if self._jobs.get(job.request.id) is job:
            job.stop()
            seconds = limits.SECONDS[kind]
            error = f"this took longer than {seconds:g} seconds and was stopped"
            self._last(job, {"type": "error", "error": error})

    def _cancel(self, job: _Job) -> None:
        job.stop()
        self._last(job, {"type": "cancelled"})

    def _drop(self, job: _Job) -> None:
        job.stop()
        self._end(job)

    def _end(self, job: _Job) -> None:
        del self._jobs[job.request.id]
        if job.timer is not None:
            job.timer.cancel()

    # -- what the page is told

    def _last(self, job: _Job, message: dict[str, Any]) -> None:
        if self._jobs.get(job.request.id) is job:
            self._end(job)
            self._send({**message, "id": job.request.id})

    def _tell(self, job: _Job, message: dict[str, Any]) -> None:
        if self._jobs.get(job.request.id) is job:
            self._send({**message, "id": job.request.id})

    def _send_about(self) -> None:
        self._send({"type": "about", **self._state.about()})

    def _send(self, message: dict[str, Any]) -> None:
        self._outbox_put(msgspec.json.encode(message))

    def _outbox_put(self, content: bytes) -> None:
        if self._outbox.qsize() < limits.WAITING_MESSAGES:
            self._outbox.put_nowait(content)
        else:  # nobody reads: the page hangs, or never meant to
            self._outbox = asyncio.Queue()
            self._outbox.put_nowait(None)

    async def _send_all(self) -> None:
        outbox = self._outbox
        with contextlib.suppress(WebSocketDisconnect, RuntimeError, OSError):
            while self._outbox is outbox and (content := await outbox.get()) is not None:
                await self._socket.send_text(content.decode())
            await self._socket.close(BUSY)


Handler = Callable[[WebSocket], Awaitable[None]]


def socket_endpoint(state: ServerState) -> Handler:
    """The route's function."""

    async def endpoint(socket: WebSocket) -> None:
        if state.pages >= limits.PAGES:
            await socket.close(BUSY)
            return
        state.pages += 1
        try:
            await socket.accept()
            await PageSocket(state, socket).serve()
        finally:
            state.pages -= 1

    return endpoint
