"""One run of the training loop, whatever the model: processes joined and left, its end told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..models.processes import join_processes, parting
from ..models.training import BEST, LAST, Stopped, Task, TrainConfig, train

Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Trained:
    """How a training ended.

    Args:
        model: as `linework train` takes it.
        run: the folder.
        step: steps done.
        best: figures of the best evaluation, "step" among them; empty before the first. A process
            that is not the chief knows step and score.
        stopped: why it ended.
        chief: whether this is the process that speaks for all of a torchrun.
        found: what is said of the best weights; empty before the first evaluation.
        command: to try them with.
    """

    model: str
    run: Path
    step: int
    best: Figures
    stopped: Stopped
    chief: bool
    found: str
    command: str

    def __str__(self) -> str:
        """What is there now, and what to type next."""
        resume = f"linework train {self.model} --data ... --out {self.run} --resume"
        if not self.best:
            return f"stopped at step {self.step}, before an evaluation; go on with\n  {resume}"
        weights = f"{self.run / BEST}: the weights of step {self.best['step']:.0f}"
        lines = [f"{weights}, {self.found}; try", f"  {self.command}"]
        if self.stopped in ("signal", "time"):
            lines += [f"stopped at step {self.step}; go on with", f"  {resume}"]
        return "\n".join(lines)


def run_training(
    task: Task,
    config: TrainConfig,
    run: Path,
    *,
    model: str,
    found: Callable[[Figures], str],
    command: str,
    resume: bool,
    device: str | None,
    progress: bool,
) -> Trained:
    """Train in all processes of a torchrun, or in this one.

    Args:
        model: as `linework train` takes it.
        found: the figures of the best evaluation -> what is said of them.
        command: to try the weights with.

    Raises:
        LineworkError: as `join_processes` and `train`; another process is gone.
    """
    processes = join_processes(device)
    on = f"{run / LAST} keeps the last checkpoint, go on from it with --resume"
    with parting(processes, on):
        result = train(task, config, run, resume=resume, processes=processes, progress=progress)
    chief = processes.rank == 0  # who evaluates, and so has all the figures
    said = found(result.best) if result.best and chief else ""
    return Trained(model, run, result.step, result.best, result.stopped, chief, said, command)
