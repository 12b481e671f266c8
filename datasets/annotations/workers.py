"""A function over many items, in this process or several, a bounded number of items ahead."""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import TypeVar

from ...strokes.errors import LineworkError

Item = TypeVar("Item")
Result = TypeVar("Result")

# Items a process is given at once: enough that handing over costs nothing beside the work.
CHUNK = 32
# Chunks a process that wait their turn, so that it never idles and memory stays bounded.
AHEAD = 3


def over(
    function: Callable[[Item], Result], items: Iterable[Item], jobs: int
) -> Iterator[list[Result]]:
    """The results, in lists, in any order.

    Args:
        function: picklable where jobs is more than 1.
        jobs: processes; 1 works in this one.

    Raises:
        LineworkError: a process was ended from outside.
    """
    chunks = _chunks(iter(items), CHUNK if jobs > 1 else 1)
    work = partial(_each, function)
    if jobs <= 1:
        yield from map(work, chunks)
        return
    # A fresh interpreter each: forking one in which libraries run threads can hang.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context, _start) as pool:
        try:
            with _deaf():
                waiting: deque[Future[list[Result]]] = deque(
                    pool.submit(work, chunk) for chunk in islice(chunks, jobs * AHEAD)
                )
            while waiting:
                done, left = wait(waiting, return_when=FIRST_COMPLETED)
                waiting = deque(left)
                for future in done:
                    waiting.extend(pool.submit(work, chunk) for chunk in islice(chunks, 1))
                    yield future.result()
        except BrokenProcessPool as error:
            raise LineworkError(
                "a process was ended from outside, perhaps for want of memory; run the same "
                "command again with --jobs 1: it goes on where it stopped"
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)


@contextmanager
def _deaf() -> Iterator[None]:
    """Processes that start in here never hear Ctrl-C, not even while they import."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start() -> None:
    """Ctrl-C is for the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _chunks(items: Iterator[Item], size: int) -> Iterator[tuple[Item, ...]]:
    while chunk := tuple(islice(items, size)):
        yield chunk


def _each(function: Callable[[Item], Result], chunk: tuple[Item, ...]) -> list[Result]:
    return [function(item) for item in chunk]
