"""Several processes in a test: forked from this one, so that torch is imported once."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import socket
import warnings
from collections.abc import Callable
from typing import Any

import torch
from linework.models.processes import Processes, join_processes, parting

# Longer than anything here takes on a busy machine, many times over.
SECONDS = 120.0


def in_ranks(world: int, work: Callable[[Processes], Any], device: str = "cpu") -> list[Any]:
    """What `work` returns in each of `world` processes joined by gloo on this machine.

    An error in one of them is raised here, as text.
    """
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(rank: int) -> None:
        os.environ |= {
            "RANK": str(rank),
            "LOCAL_RANK": str(rank),
            "WORLD_SIZE": str(world),
            "MASTER_ADDR": "127.0.0.1",
            "MASTER_PORT": str(port),
            "GLOO_SOCKET_IFNAME": "lo",
        }
        torch.set_num_threads(1)
        try:
            processes = join_processes(device)
            with parting(processes, "start again"):
                # As bytes: torch's own way hands over memory that ends with the process.
                answers.put((rank, True, pickle.dumps(work(processes))))
        except BaseException as error:
            answers.put((rank, False, f"{type(error).__name__}: {error}"))

    with warnings.catch_warnings():
        # torch's idle threads are not in the child, and are not needed there.
        warnings.simplefilter("ignore", DeprecationWarning)
        started = [context.Process(target=run, args=(rank,)) for rank in range(world)]
        for process in started:
            process.start()
    found: dict[int, Any] = {}
    try:
        for _ in started:
            rank, fine, answer = answers.get()
            if not fine:
                raise RuntimeError(answer)
            found[rank] = pickle.loads(answer)
        for process in started:
            process.join(SECONDS)
    finally:
        for process in started:
            process.kill()
            process.join()
    return [found[rank] for rank in range(world)]
