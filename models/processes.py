"""Where training runs: device, precision, and this process's place among those of torchrun.

Processes talk by NCCL where they have a GPU each, by gloo on CPUs. One that dies breaks off
every talk with it: `parting` tells that from our own mistakes, so that a run ends with a sentence.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import torch

from ..strokes.errors import LineworkError

# How long a process waits for the others: the first one evaluates while they do, and a machine
# that fell silent without closing its connections is given up after it.
PATIENCE = timedelta(minutes=30)
# What torch says of a process that is gone, by what it talks with; plain RuntimeErrors both.
GONE = ("gloo", "NCCL", "closed by peer", "reset by peer", "Broken pipe")


@dataclass(frozen=True, slots=True)
class Processes:
    """This process's place among those of a torchrun."""

    rank: int = 0
    world: int = 1
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))

    def mean(self, values: Sequence[float]) -> list[float]:
        """The mean of each value over all processes; every process calls it and gets the same."""
        if self.world == 1:
            return list(values)
        together = torch.tensor(values, dtype=torch.float64, device=self.device)
        torch.distributed.all_reduce(together)
        return [value / self.world for value in together.tolist()]

    def alike(self, values: Sequence[float]) -> bool:
        """Whether all processes hold the same; every process calls it and gets the same."""
        if self.world == 1:
            return True
        ends = torch.tensor(
            [*values, *(-value for value in values)], dtype=torch.float64, device=self.device
        )
        torch.distributed.all_reduce(ends, torch.distributed.ReduceOp.MAX)
        largest, smallest = ends.chunk(2)
        return torch.equal(largest, -smallest)


@contextmanager
def parting(processes: Processes, otherwise: str) -> Iterator[None]:
    """Around what processes do together; they part at its end.

    Args:
        otherwise: what is to be done where one of them was lost.

    Raises:
        LineworkError: another process is gone.
    """
    if processes.world == 1:
        yield
        return
    try:
        yield
    except RuntimeError as error:
        if not any(sign in str(error) for sign in GONE):
            torch.distributed.destroy_process_group()
            raise
        # No parting: it would wait for the one that is gone.
        raise LineworkError(
            f"process {processes.rank} of {processes.world} lost another one, which was killed or "
            f"failed (what it said stands above, or on its machine); {otherwise}"
        ) from error
    except BaseException:
        torch.distributed.destroy_process_group()
        raise
    torch.distributed.destroy_process_group()


def pick_device(name: str | None = None) -> torch.device:
    """The device named, else CUDA where there is one, else the CPU.

    Raises:
        LineworkError: CUDA is asked for and there is none.
    """
    if name is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    device = torch.device(name)
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise LineworkError(
            f"--device {name}: this machine has {torch.cuda.device_count() or 'no'} CUDA devices; "
            "leave --device out"
        )
    return device


def join_processes(device: str | None) -> Processes:
    """Joins the group that torchrun started, if it did.

    Raises:
        LineworkError: as `pick_device`; this machine has fewer GPUs than processes; the others
            cannot be reached.
    """
    if "WORLD_SIZE" not in os.environ:
        return Processes(device=pick_device(device))
    rank, world = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    chosen = pick_device(device)
    if chosen.type == "cuda":
        place, count = int(os.environ["LOCAL_RANK"]), torch.cuda.device_count()
        if place >= count:
            raise LineworkError(
                f"torchrun starts more processes than this machine has CUDA devices, {count}: "
                f"--nproc_per_node {count}, or --device cpu"
            )
        chosen = torch.device("cuda", place)
        torch.cuda.set_device(chosen)
    talk = "nccl" if chosen.type == "cuda" else "gloo"
    try:
        torch.distributed.init_process_group(talk, timeout=PATIENCE)
    except RuntimeError as error:
        address = f"{os.environ.get('MASTER_ADDR')}:{os.environ.get('MASTER_PORT')}"
        raise LineworkError(
            f"process {rank} of {world} cannot reach the others by {address}: {str(error)[:200]}; "
            "all must be started, and each machine's name must lead to it (GLOO_SOCKET_IFNAME "
            "or NCCL_SOCKET_IFNAME name the network)"
        ) from error
    return Processes(rank, world, chosen)


def precision_context(
    choice: str, device: torch.device
) -> Callable[[], AbstractContextManager[Any]]:
    """A maker of autocast contexts for a precision setting on a device.

    Args:
        choice: "float32", "bfloat16", or "auto": bfloat16 where the hardware has it.
    """
    if choice == "auto":
        native = (
            torch.cuda.is_bf16_supported()
            if device.type == "cuda"
            else device.type == "cpu" and _cpu_multiplies_bfloat16()
        )
        choice = "bfloat16" if native else "float32"
    if choice == "float32":
        return nullcontext
    return lambda: torch.autocast(device.type, torch.bfloat16)


def inference_context(device: torch.device) -> AbstractContextManager[Any]:
    """How networks of pictures run where nothing is learnt: bfloat16 on a GPU, float32 on a CPU."""
    if device.type != "cuda":
        return nullcontext()
    return precision_context("auto", device)()


def _cpu_multiplies_bfloat16() -> bool:
    """Whether the CPU has instructions for it; oneDNN also says yes where it only imitates them,
    which is three times slower than float32."""
    features = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, name, lambda: False)() for name in features)
