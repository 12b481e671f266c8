"""A process of its own for work that takes long or reads what strangers made, one job at a time.

It can be stopped: first by asking (jobs ask back between their parts), then, where it does not
answer or has taken too long, by ending the process; another begins with the next job. So no file,
however made, holds the server up, and what it takes of memory is bounded. Messages are msgpack,
each behind its length, over the process's stdin and stdout; nothing is unpickled.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import struct
import sys
from collections.abc import Callable
from typing import Any

import msgspec

from ..strokes.errors import LineworkError
from .choices import Choices

log = logging.getLogger(__name__)
LENGTH = struct.Struct("<I")
# Seconds that a job has to stop after it was asked; the longest part of most is shorter.
GRACE = 4.0
# Seconds that a process may take to begin; torch is some of it.
START_SECONDS = 60.0

Progress = Callable[[float, str], None]


class Stopped(Exception):
    """The process ended before the job did."""


class Workshop:
    """The process and the line before it. Belongs to one event loop."""

    def __init__(self, choices: Choices, memory: int | None) -> None:
        """memory: bytes that the process may take, where the system can say so."""
        self._choices, self._memory = choices, memory
        self._line = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._length: int | None = None
        self._closed = False

    async def start(self) -> None:
        """Begins the process, so that the first job need not wait for it."""
        async with self._line:
            await self._ready()

    async def close(self) -> None:
        """Ends the process."""
        self._closed = True
        await self._end()

    async def run(
        self,
        job: str,
        arguments: dict[str, Any],
        seconds: float,
        progress: Progress = lambda done, what: None,
    ) -> dict[str, Any]:
        """What a job of `jobs.JOBS` returns.

        Args:
            seconds: that it may take, the wait for its turn not counted.

        Raises:
            LineworkError: what the job said, or that it took too long or too much.
            asyncio.CancelledError: the caller was cancelled; the job has stopped then.
        """
        async with self._line:
            process = await self._ready()
            try:
                async with asyncio.timeout(seconds):
                    await self._send(process, {"job": job, "arguments": arguments})
                    return await self._answer(process, progress)
            except TimeoutError:
                await self._end()
                raise LineworkError(
                    f"this took longer than {seconds:g} seconds and was stopped; try it with less, "
                    "or on the command line, which waits"
                ) from None
            except (Stopped, ConnectionError):
                await self._end()
                raise LineworkError(
                    "the process that worked on this ended, perhaps because memory ran out; try "
                    "it with less"
                ) from None
            except asyncio.CancelledError:
                await self._stop(process)
                raise

    async def _ready(self) -> asyncio.subprocess.Process:
        if self._process is not None and self._process.returncode is None:
            return self._process
        if self._closed:
            raise LineworkError("the studio is closing")
        choices = msgspec.json.encode(self._choices).decode()
        # -P: the folder that the studio was started in is not searched for modules.
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "linework.studio.workshop_process"),
            *(choices, str(self._memory or 0)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._read(self._process)
        except (TimeoutError, Stopped):
            await self._end()
            raise LineworkError("a process that is needed for this could not be started") from None
        except asyncio.CancelledError:
            await self._end()
            raise
        return self._process

    async def _answer(
        self, process: asyncio.subprocess.Process, progress: Progress
    ) -> dict[str, Any]:
        while True:
            message = await self._read(process)
            if "progress" in message:
                progress(*message["progress"])
            elif "error" in message:
                raise LineworkError(message["error"])
            elif "result" in message:
                result: dict[str, Any] = message["result"]
                return result

    async def _stop(self, process: asyncio.subprocess.Process) -> None:
        """Asks the job to stop, and ends the process where it does not."""
        try:
            async with asyncio.timeout(GRACE):
                await self._send(process, {"stop": True})
                while not {"error", "result", "stopped"} & (await self._read(process)).keys():
                    pass
                # The stop that came after the job's own end is answered too.
                await self._send(process, {"sync": True})
                while "synced" not in await self._read(process):
                    pass
        except (TimeoutError, Stopped, ConnectionError):
            await self._end()

    async def _send(self, process: asyncio.subprocess.Process, message: dict[str, Any]) -> None:
        assert process.stdin is not None
        content = msgspec.msgpack.encode(message)
        process.stdin.write(LENGTH.pack(len(content)) + content)
        await process.stdin.drain()

    async def _read(self, process: asyncio.subprocess.Process) -> dict[str, Any]:
        assert process.stdout is not None
        try:
            if self._length is None:  # else a reader was cancelled between the two
                [self._length] = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))
            content = await process.stdout.readexactly(self._length)
            self._length = None
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise Stopped from error
        message: dict[str, Any] = msgspec.msgpack.decode(content)
        return message

    async def _end(self) -> None:
        process, self._process = self._process, None
        self._length = None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()
