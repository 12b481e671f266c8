"""The process behind a `Workshop`: reads jobs from stdin, writes what becomes of them to stdout.

Run by the studio alone, as `python -m linework.studio.workshop_process CHOICES MEMORY`.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import signal
import sys
import threading
from typing import Any, BinaryIO

import msgspec

from ..strokes.errors import LineworkError
from .choices import Choices
from .workshop import LENGTH

# What a live answer needs comes first.
NICENESS = 5
SORRY = "Something went wrong in linework itself; the window that runs it says what."
TOO_MUCH = "there is not memory enough for this; try it with less"


class Stop(Exception):
    """The job is no longer wanted."""


class Line:
    """The two ends of the pipe."""

    def __init__(self, source: BinaryIO, sink: BinaryIO) -> None:
        self._source, self._sink = source, sink
        self.jobs: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._stop = threading.Event()

    def listen(self) -> None:
        """Reads until the server is gone, and then ends the process, whatever it is doing."""
        while head := self._source.read(LENGTH.size):
            [length] = LENGTH.unpack(head)
            message = msgspec.msgpack.decode(self._source.read(length))
            if "stop" in message:
                self._stop.set()
            else:
                self.jobs.put(message)
        os._exit(0)

    def send(self, message: dict[str, Any]) -> None:
        """Writes one message."""
        content = msgspec.msgpack.encode(message)
        self._sink.write(LENGTH.pack(len(content)) + content)
        self._sink.flush()

    def progress(self, done: float, what: str) -> None:
        """Tells how far a job is.

        Raises:
            Stop: it is no longer wanted.
        """
        if self._stop.is_set():
            raise Stop
        self.send({"progress": [round(done, 3), what]})

    def begin(self) -> None:
        """The next job begins: nobody has asked it to stop yet."""
        self._stop.clear()


def main() -> None:
    """Works until the server is gone."""
    logging.basicConfig()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the server, which ends this
    choices = msgspec.json.decode(sys.argv[1], type=Choices)
    _limit(int(sys.argv[2]))
    # What a library prints must not come between the messages.
    sink = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    line = Line(sys.stdin.buffer, sink)
    from .jobs import Bench

    bench = Bench(choices, line.progress)
    threading.Thread(target=line.listen, daemon=True).start()
    line.send({"ready": True})
    while True:
        _answer(line, bench, line.jobs.get())


def _answer(line: Line, bench: Any, message: dict[str, Any]) -> None:
    if "sync" in message:
        line.send({"synced": True})
        return
    line.begin()
    try:
        result = bench.run(message["job"], message["arguments"])
        line.send({"result": result})
    except Stop:
        line.send({"stopped": True})
    except LineworkError as error:
        line.send({"error": " ".join(str(error).split("\n"))})
    except MemoryError:
        line.send({"error": TOO_MUCH})
    except Exception:
        logging.getLogger(__name__).exception("%s failed", message.get("job"))
        line.send({"error": SORRY})


def _limit(memory: int) -> None:
    with contextlib.suppress(ImportError, OSError, ValueError, AttributeError):
        os.nice(NICENESS)
        if memory:
            import resource

            resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))


if __name__ == "__main__":
    main()
