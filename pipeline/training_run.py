"""One run of the training loop, whatever the model: processes joined and left, its end told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import torch

from ..models.processes import join_processes
from ..models.training import Result, Stopped, Task, TrainConfig, train


class Ended(Protocol):
    """What is told of a training that ended."""

    @property
    def run(self) -> Path: ...
    @property
    def step(self) -> int: ...
    @property
    def best(self) -> dict[str, float]: ...
    @property
    def stopped(self) -> Stopped: ...


def run_training(
    task: Task,
    config: TrainConfig,
    run: Path,
    *,
    resume: bool,
    device: str | None,
    progress: bool,
) -> tuple[Result, bool]:
    """Train in all processes of a torchrun, or in this one.

    Returns:
        how it ended, and whether this process speaks for all.

    Raises:
        LineworkError: as `join_processes` and `train`.
    """
    processes = join_processes(device)
    try:
        result = train(task, config, run, resume=resume, processes=processes, progress=progress)
    finally:
        if processes.world > 1:
            torch.distributed.destroy_process_group()
    return result, processes.rank == 0


def told(ended: Ended, model: str, found: Sequence[str]) -> str:
    """What is there now, and what to type next.

    Args:
        model: the architecture's name, as `linework train` takes it.
        found: lines on the best weights, where there are any.
    """
    resume = f"linework train {model} --data ... --out {ended.run} --resume"
    if not ended.best:
        return f"stopped at step {ended.step}, before an evaluation; go on with\n  {resume}"
    lines = list(found)
    if ended.stopped in ("signal", "time"):
        lines += [f"stopped at step {ended.step}; go on with", f"  {resume}"]
    return "\n".join(lines)
