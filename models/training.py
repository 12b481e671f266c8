"""The training loop: one for every model, resumable at any step, on one process or many.

A model gives a `Task`: a module, the loss of step t, an evaluation, a sheet of what
it makes. The loop does the rest. Everything random in step t comes from the seed and
t, so a run that was killed and resumed from its last checkpoint ends bit for bit
where an uninterrupted one does (on a CPU).

    run/last.safetensors    weights, optimiser and step; replaced atomically
    run/best.safetensors    weights of the best evaluation
    run/log.csv, curves.svg, times.csv, samples-*.svg, settings.json, tensorboard/ if asked for

Under torchrun every process takes its rows of the same global batch; gradients are
averaged by DistributedDataParallel, batch normalisation sees all processes' pictures
(joint_norm.py), and process 0 evaluates and writes. Whether to stop, and whether the loss
is finite, all processes decide together, so that none waits alone. That they begin alike,
in settings, data and weights, is checked: on two machines they need not.
"""

from __future__ import annotations

import json
import math
import signal
import sys
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Literal, Protocol, runtime_checkable

import torch
from torch import Tensor, nn
from tqdm import tqdm

from ..strokes.atomic import write_atomically
from ..strokes.errors import FormatError, LineworkError
from .checkpoint import load_tensors, load_weights, save_tensors
from .learner import Learner
from .processes import Processes, precision_context
from .run_log import RunLog
from .settings import check_ranges

Stopped = Literal["finished", "patience", "time", "signal"]

LAST, BEST = "last.safetensors", "best.safetensors"
# Beside the figures of a step, on the way from the device.
WORK = " work"
# Seconds between lines of progress where stderr is a file.
LOG_SECONDS = 30.0
# A critic learns without momentum's memory of how what it judges drew before: Adam's beta1 as
# SPADE and OASIS have it.
CRITIC_BETA1 = 0.0
# Weight of the newest step in the loss that the progress line shows.
SMOOTHING = 0.05


@dataclass(frozen=True)
class TrainConfig:
    """How a model is trained, whatever the model."""

    steps: int = 6000
    """Optimiser steps in all."""
    batch_size: int = 64
    """Drawings or pictures a step, over all processes."""
    learning_rate: float = 2e-3
    schedule: Literal["cosine", "published"] = "cosine"
    """cosine: warm-up, then down to 1 % of the peak. published: times 0.9999 a step."""
    warmup: int = 150
    """Steps over which the rate rises from zero."""
    weight_decay: float = 0.0
    beta1: float = 0.9
    """Adam's first decay rate; 0 where a critic is the only teacher."""
    beta2: float = 0.99
    """Adam's second decay rate."""
    critic_rate: float = 2.0
    """A critic's learning rate over that of what it judges: two time scales, Heusel 2017."""
    clip_value: float = 1.0
    """Each gradient value is clipped to ± this."""
    precision: Literal["auto", "bfloat16", "float32"] = "auto"
    """auto: bfloat16 where the hardware multiplies it natively."""
    seed: int = 0
    evaluate_every: int = 500
    """Steps between evaluations on the valid split."""
    sample_every: int = 1000
    """Steps between sheets of samples; 0 for none."""
    checkpoint_seconds: float = 60.0
    """Seconds between checkpoints."""
    patience: int = 0
    """Stop after this many evaluations without a better one; 0 never."""
    max_minutes: float = 0.0
    """Stop, resumable, after this long; 0 never."""
    tensorboard: bool = False
    """Also write the log as TensorBoard events; needs the tensorboard package."""

    def __post_init__(self) -> None:
        check_ranges(
            self,
            {
                "steps": (1, math.inf),
                "batch_size": (1, math.inf),
                "learning_rate": (0, math.inf),
                "warmup": (0, math.inf),
                "weight_decay": (0, math.inf),
                "beta1": (0, 1),
                "beta2": (0, 1),
                "critic_rate": (0, math.inf),
                "clip_value": (0, math.inf),
                "evaluate_every": (1, math.inf),
                "sample_every": (0, math.inf),
                "checkpoint_seconds": (0, math.inf),
                "patience": (0, math.inf),
                "max_minutes": (0, math.inf),
            },
        )


@dataclass(frozen=True, slots=True)
class StepLoss:
    """What a task says of one step.

    Args:
        loss: scalar to descend, this process's share times the number of processes.
        figures: values for the log, by name, "loss" among them, as numbers or as scalars on the
            device, which is asked for all of them at once, after the step; those of the
            global batch are the means over the processes.
        work: points or pixels done, for the rate in the progress line; as a figure.
    """

    loss: Tensor
    figures: Mapping[str, float | Tensor]
    work: int | Tensor


class Task(Protocol):
    """What the loop needs of a model."""

    name: str
    """The architecture's name, as in the header of its weights."""
    work_unit: str
    """What `StepLoss.work` counts: "points"."""
    module: nn.Module

    def header(self) -> dict[str, Any]:
        """Config and data facts that belong with the weights."""
        ...

    def loss(self, module: nn.Module, step: int, rank: int, world: int) -> StepLoss:
        """The loss of step `step`; `module` is the task's, perhaps wrapped."""
        ...

    def evaluate(self) -> dict[str, float]:
        """Figures on the valid split; "score" decides which weights are best, lower is better."""
        ...

    def sheet(self, path: Path) -> None:
        """Write a picture of what the model makes now."""
        ...


@runtime_checkable
class AdversarialTask(Task, Protocol):
    """A task with a second module, which judges what the first makes."""

    critic: nn.Module | None
    """It has an optimiser of its own; None trains without one."""

    def critic_loss(self, critic: nn.Module, step: int, rank: int, world: int) -> StepLoss:
        """The critic's own loss of a step, asked after `loss` of the same step."""
        ...


@runtime_checkable
class AveragedTask(Task, Protocol):
    """A task that judges, and keeps as its best, an average of its module over the steps."""

    average: nn.Module
    """What BEST holds, and what `evaluate` and `sheet` should ask."""

    def follow(self, step: int) -> None:
        """Take the module as it is after step `step` into the average."""
        ...


@dataclass(frozen=True, slots=True)
class Result:
    """How a training ended."""

    step: int
    best: dict[str, float]
    stopped: Stopped


def learning_rate(config: TrainConfig, step: int) -> float:
    """The rate at a step."""
    if config.schedule == "published":  # sketch_rnn's train loop
        return (config.learning_rate - 1e-5) * 0.9999**step + 1e-5
    rise = min(1.0, (step + 1) / max(config.warmup, 1))
    fall = 0.5 * (1 + math.cos(math.pi * min(step / config.steps, 1.0)))
    return config.learning_rate * rise * (0.01 + 0.99 * fall)


def train(
    task: Task,
    config: TrainConfig,
    run: Path,
    *,
    resume: bool = False,
    processes: Processes | None = None,
    progress: bool = True,
) -> Result:
    """Train to the end, into the folder `run`.

    Raises:
        LineworkError: the folder holds another training and `resume` is off, or
            nothing to resume; the loss stops being finite; fewer drawings or pictures
            a step than processes, or processes that do not begin alike.
    """
    world = processes.world if processes else 1
    if config.batch_size < world:
        raise LineworkError(
            f"a batch_size of {config.batch_size} does not go round {world} processes; set a "
            "larger one, or run fewer"
        )
    return _Loop(task, config, run, processes or Processes(), progress).run(resume)


class _Loop:
    def __init__(
        self, task: Task, config: TrainConfig, run: Path, processes: Processes, progress: bool
    ) -> None:
        self.task, self.config, self.folder, self.processes = task, config, run, processes
        self.chief = processes.rank == 0
        self.show = progress and self.chief
        settings = {
            "beta2": config.beta2,
            "weight_decay": config.weight_decay,
            "clip_value": config.clip_value,
        }
        self.learner = Learner(task.module, processes, beta1=config.beta1, **settings)
        self.averaged = task if isinstance(task, AveragedTask) else None
        # What is evaluated and kept.
        self.kept = self.averaged.average.to(processes.device) if self.averaged else task.module
        self.critic: Learner | None = None
        self.judging = task if isinstance(task, AdversarialTask) and task.critic else None
        if self.judging is not None and self.judging.critic is not None:
            self.critic = Learner(
                self.judging.critic,
                processes,
                name="critic",
                optimizer_name="critic_optimizer",
                beta1=CRITIC_BETA1,
                **settings,
            )
        self.autocast = precision_context(config.precision, processes.device)
        self.step = 0
        self.best: dict[str, float] = {}
        self.since_best = 0
        self.began = time.monotonic()
        self.interrupted = False
        self.stop: Stopped | None = None

    def run(self, resume: bool) -> Result:
        self._open(resume)
        previous = self._catch_signals()
        bar = tqdm(
            total=self.config.steps,
            initial=self.step,
            disable=not self.show,
            file=sys.stderr,
            unit="step",
            dynamic_ncols=True,
            # A log file gets a line now and then, a terminal a moving bar.
            mininterval=0.1 if sys.stderr.isatty() else LOG_SECONDS,
        )
        try:
            with bar:
                stopped = self._steps(bar)
            self._save()
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)
        return Result(self.step, self.best, stopped)

    def _steps(self, bar: Any) -> Stopped:
        config = self.config
        # The first step is saved at once: from then on the run can be resumed.
        saved = -math.inf
        pace = _Pace(self.task.work_unit)
        while self.step < config.steps:
            figures, work = self._one_step()
            self.step += 1
            bar.set_postfix_str(pace.line(figures["loss"], work, self.best), refresh=False)
            bar.update(1)
            if self.step % config.evaluate_every == 0 or self.step == config.steps:
                self._evaluate(figures)
            if config.sample_every and self.step % config.sample_every == 0 and self.chief:
                self.kept.eval()
                self.task.sheet(self.folder / f"samples-{self.step:06d}.svg")
            if time.monotonic() - saved >= config.checkpoint_seconds:
                self._save()
                saved = time.monotonic()
            if self.stop is not None and self.step < config.steps:
                return self.stop
            if config.patience and self.since_best >= config.patience:
                return "patience"
        return "finished"

    def _one_step(self) -> tuple[dict[str, float], float]:
        """One step down; the figures of the global batch, and the work done."""
        # Dropout, too, is a function of the step alone: that is what makes resuming exact.
        torch.manual_seed(self.config.seed * 1_000_003 + self.step)
        rate = learning_rate(self.config, self.step)
        place = self.step, self.processes.rank, self.processes.world
        self.learner.wrapped.train()
        with self.autocast():
            result = self.task.loss(self.learner.wrapped, *place)
        told = {WORK: result.work, **result.figures}
        self.learner.descend(result.loss, rate)
        if self.averaged is not None:
            self.averaged.follow(self.step)
        if self.critic is not None and self.judging is not None:
            with self.autocast():
                judged = self.judging.critic_loss(self.critic.wrapped, *place)
            self.critic.descend(judged.loss, self.config.critic_rate * rate)
            told |= judged.figures
        # Last, for it waits for the device, which has all of the step to work on by now.
        numbers = _numbers(told)
        work = numbers.pop(WORK)
        figures = self._agree(numbers)
        bad = [f"{name} {value}" for name, value in figures.items() if not math.isfinite(value)]
        if bad:
            raise LineworkError(
                f"training broke at step {self.step}: {', '.join(bad)}; the last checkpoint is "
                "kept: resume it with a lower learning_rate"
            )
        return figures, work

    def _agree(self, figures: dict[str, float]) -> dict[str, float]:
        """The figures of the global batch; and where one process is to stop, all are."""
        minutes = (time.monotonic() - self.began) / 60
        late = bool(self.config.max_minutes) and minutes > self.config.max_minutes
        *means, interrupted, over = self.processes.mean(
            [*figures.values(), float(self.interrupted), float(late)]
        )
        self.stop = "signal" if interrupted else "time" if over else None
        return dict(zip(figures, means, strict=True))

    def _evaluate(self, figures: dict[str, float]) -> None:
        """Process 0 evaluates; all learn whether it was the best, for they stop together."""
        found: dict[str, float] = {}
        if self.chief:
            self.kept.eval()
            with torch.no_grad():
                found = self.task.evaluate()
            self.log.add(self.step, figures | {f"valid_{k}": v for k, v in found.items()})
        score = self.processes.mean([self.processes.world * found.get("score", 0.0)])[0]
        if not self.best or score < self.best["score"]:
            self.best = {**found, "score": score, "step": self.step}
            self.since_best = 0
            if self.chief:
                save_tensors(self.folder / BEST, self.kept.state_dict(), self._header())
        else:
            self.since_best += 1
        if self.show:
            line = ", ".join(f"{name} {value:.4g}" for name, value in found.items())
            tqdm.write(f"step {self.step}: {line}", file=sys.stderr)

    def _header(self) -> dict[str, Any]:
        return {
            "model": self.task.name,
            **self.task.header(),
            "step": self.step,
            "best": self.best,
            "since_best": self.since_best,
        }

    def _save(self) -> None:
        if not self.chief:
            return
        tensors = self.learner.tensors() | (self.critic.tensors() if self.critic else {})
        if self.averaged is not None:
            tensors |= {f"average.{k}": v for k, v in self.kept.state_dict().items()}
        save_tensors(self.folder / LAST, tensors, self._header())

    def _open(self, resume: bool) -> None:
        if resume:
            self._load()
        elif found := [name for name in (LAST, BEST) if (self.folder / name).exists()]:
            raise LineworkError(
                f"{self.folder}: holds a training already ({found[0]}); add --resume, or choose "
                "another folder"
            )
        if self.chief:
            self.folder.mkdir(parents=True, exist_ok=True)
            for left in self.folder.glob(".*.part.*"):  # of a run killed while it wrote
                left.unlink()
            settings = json.dumps(self.task.header(), indent=2, sort_keys=True)
            write_atomically(self.folder / "settings.json", settings.encode())
            self.log = RunLog(self.folder, self.step, self.config.tensorboard)
        self._check_alike()

    def _check_alike(self) -> None:
        """Processes that learn together begin alike: else they would learn nonsense, silently."""
        if self.processes.world == 1:
            return
        facts = json.dumps(self.task.header(), sort_keys=True).encode()
        if not self.processes.alike([zlib.crc32(facts)]):
            raise LineworkError(
                "the processes do not train the same: their settings or their data differ; give "
                "all the same command and the same --data"
            )
        weights = 0
        for parameter in self.learner.parameters:
            weights = zlib.crc32(parameter.detach().cpu().contiguous().numpy(), weights)
        if not self.processes.alike([self.step, weights]):
            raise LineworkError(
                f"{self.folder}: the processes' checkpoints differ; use a folder that all machines "
                f"share, or copy {LAST} to each"
            )

    def _load(self) -> None:
        last = self.folder / LAST
        if not last.is_file():
            raise LineworkError(f"{self.folder}: nothing to resume, there is no {LAST}")
        tensors, header = load_tensors(last, self.processes.device)
        if header["model"] != self.task.name:
            raise LineworkError(
                f"{last}: holds a {header['model']}, and this trains a {self.task.name}"
            )
        split: dict[str, dict[str, Tensor]] = {}
        try:
            for key, value in tensors.items():
                part, name = key.split(".", 1)
                split.setdefault(part, {})[name] = value
            step, best, since_best = header["step"], header["best"], header["since_best"]
        except (KeyError, ValueError) as error:
            raise FormatError(f"{last}: not a checkpoint that training can go on from") from error
        self.learner.load(split, last)
        if self.critic is not None:
            self.critic.load(split, last)
        if self.averaged is not None:
            load_weights(self.kept, split.get("average", {}), last)
        self.step, self.best, self.since_best = step, best, since_best

    def _catch_signals(self) -> dict[int, Any]:
        """Ctrl-C and a polite kill end the run after the step, with a checkpoint.

        A second one ends it at once; except under torchrun, which repeats a signal that
        the terminal has sent already.
        """

        def interrupt(number: int, frame: FrameType | None) -> None:
            if self.interrupted and self.processes.world == 1:
                raise KeyboardInterrupt
            self.interrupted = True

        try:
            return {n: signal.signal(n, interrupt) for n in (signal.SIGINT, signal.SIGTERM)}
        except ValueError:  # not the main thread
            return {}


def _numbers(figures: Mapping[str, float | Tensor]) -> dict[str, float]:
    """Figures as numbers, in one copy from the device."""
    tensors = [value.detach().float() for value in figures.values() if isinstance(value, Tensor)]
    copied = iter(torch.stack(tensors).tolist() if tensors else ())
    return {k: next(copied) if isinstance(v, Tensor) else v for k, v in figures.items()}


class _Pace:
    """Smoothed loss and rate for the progress line."""

    def __init__(self, unit: str) -> None:
        self.unit = unit
        self.loss: float | None = None
        self.seconds = self.work = 0.0
        self.last = time.monotonic()

    def line(self, loss: float, work: float, best: dict[str, float]) -> str:
        """The line after one more step."""
        now = time.monotonic()
        self.loss = loss if self.loss is None else self.loss + SMOOTHING * (loss - self.loss)
        self.seconds += SMOOTHING * (now - self.last - self.seconds)
        self.work += SMOOTHING * (work - self.work)
        self.last = now
        rate = self.work / max(self.seconds, 1e-9)
        found = f", best {best['score']:.3f}" if best else ""
        return f"loss {self.loss:.3f}, {rate:,.0f} {self.unit}/s{found}"
