"""Where training runs: device, precision, and this process's place among those of torchrun."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import torch

from ..strokes.errors import LineworkError


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
    """Joins the group that torchrun started, if it did."""
    if "WORLD_SIZE" not in os.environ:
        return Processes(device=pick_device(device))
    rank, world = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    chosen = pick_device(device)
    if chosen.type == "cuda":
        chosen = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(chosen)
    torch.distributed.init_process_group("nccl" if chosen.type == "cuda" else "gloo")
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


def _cpu_multiplies_bfloat16() -> bool:
    """Whether the CPU has instructions for it; oneDNN also says yes where it only imitates them,
    which is three times slower than float32."""
    features = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, name, lambda: False)() for name in features)
