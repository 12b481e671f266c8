"""The training loop: one for every model, resumable at any step, on one process or many.

A model gives a `Task`: a module, the loss of step t, an evaluation, a sheet of what
it makes. The loop does the rest. Everything random in step t comes from the seed and
t, so a run that was killed and resumed from its last checkpoint ends bit for bit
where an uninterrupted one does (on a CPU).

    run/last.safetensors    weights, optimiser and step; replaced atomically
    run/best.safetensors    weights of the best evaluation
    run/log.csv, curves.svg, samples-*.svg, settings.json

Under torchrun every process takes its rows of the same global batch; gradients are
averaged by DistributedDataParallel, and process 0 evaluates and writes.
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, Literal, Protocol

import torch
from torch import Tensor, nn
from tqdm import tqdm

from ..strokes.atomic import write_atomically
from ..strokes.errors import LineworkError
from .checkpoint import (
    load_optimizer,
    load_tensors,
    load_weights,
    optimizer_tensors,
    save_tensors,
)
from .curves import curves_svg

LAST, BEST, LOG = "last.safetensors", "best.safetensors", "log.csv"
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
    beta2: float = 0.99
    """Adam's second decay rate."""
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


@dataclass(frozen=True, slots=True)
class StepLoss:
    """What a task says of one step.

    Args:
        loss: scalar to descend, this process's share times the number of processes.
        figures: values for the log, by name.
        work: points or pixels done, for the rate in the progress line.
    """

    loss: Tensor
    figures: dict[str, float]
    work: int


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


@dataclass(frozen=True, slots=True)
class Result:
    """How a training ended."""

    step: int
    best: dict[str, float]
    stopped: Literal["finished", "patience", "time", "signal"]


@dataclass(frozen=True, slots=True)
class Processes:
    """This process's place among those of a torchrun."""

    rank: int = 0
    world: int = 1
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))


def pick_device(name: str | None = None) -> torch.device:
    """The device named, else CUDA where there is one, else the CPU.

    Raises:
        LineworkError: CUDA is asked for and there is none.
    """
    if name is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    device = torch.device(name)
    if device.type == "cuda" and not torch.cuda.is_available():
        raise LineworkError(f"--device {name}: this machine has no CUDA device; leave --device out")
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
    """A maker of autocast contexts for a precision setting on a device."""
    if choice == "auto":
        native = (
            torch.cuda.is_bf16_supported()
            if device.type == "cuda"
            else device.type == "cpu" and torch.ops.mkldnn._is_mkldnn_bf16_supported()
        )
        choice = "bfloat16" if native else "float32"
    if choice == "float32":
        return nullcontext
    return lambda: torch.autocast(device.type, torch.bfloat16)


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
            nothing to resume; the loss stops being finite.
    """
    return _Loop(task, config, run, processes or Processes(), progress).run(resume)


class _Loop:
    def __init__(
        self, task: Task, config: TrainConfig, run: Path, processes: Processes, progress: bool
    ) -> None:
        self.task, self.config, self.folder, self.processes = task, config, run, processes
        self.chief = processes.rank == 0
        self.show = progress and self.chief
        module = task.module.to(processes.device)
        self.parameters = [p for p in module.parameters() if p.requires_grad]
        self.optimizer = torch.optim.AdamW(
            self.parameters,
            lr=config.learning_rate,
            betas=(0.9, config.beta2),
            weight_decay=config.weight_decay,
            fused=True,
        )
        self.autocast = precision_context(config.precision, processes.device)
        self.wrapped = module
        if processes.world > 1:
            self.wrapped = nn.parallel.DistributedDataParallel(module)
        self.step = 0
        self.best: dict[str, float] = {}
        self.since_best = 0
        self.interrupted = False

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
        )
        try:
            with bar:
                stopped = self._steps(bar)
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)
        self._save()
        return Result(self.step, self.best, stopped)

    def _steps(self, bar: Any) -> Literal["finished", "patience", "time", "signal"]:
        config = self.config
        began = saved = time.monotonic()
        smooth, rate, figures = 0.0, 0.0, {}
        while self.step < config.steps:
            before = time.monotonic()
            loss = self._one_step()
            rate += SMOOTHING * (loss.work / max(time.monotonic() - before, 1e-9) - rate)
            smooth = (
                smooth + SMOOTHING * (loss.figures["loss"] - smooth)
                if smooth
                else (loss.figures["loss"])
            )
            figures = loss.figures
            self.step += 1
            bar.update(1)
            bar.set_postfix_str(
                f"loss {smooth:.3f}, {rate:,.0f} {self.task.work_unit}/s"
                + (f", best {self.best['score']:.3f}" if self.best else "")
            )
            if self.step % config.evaluate_every == 0 or self.step == config.steps:
                self._evaluate(figures)
            if config.sample_every and self.step % config.sample_every == 0 and self.chief:
                self.task.sheet(self.folder / f"samples-{self.step:06d}.svg")
            if time.monotonic() - saved >= config.checkpoint_seconds:
                self._save()
                saved = time.monotonic()
            if self.interrupted:
                return "signal"
            if config.patience and self.since_best >= config.patience:
                return "patience"
            if config.max_minutes and time.monotonic() - began > 60 * config.max_minutes:
                return "time"
        return "finished"

    def _one_step(self) -> StepLoss:
        # Dropout, too, is a function of the step alone: that is what makes resuming exact.
        torch.manual_seed(self.config.seed * 1_000_003 + self.step)
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.config, self.step)
        self.wrapped.train()
        with self.autocast():
            result = self.task.loss(
                self.wrapped, self.step, self.processes.rank, self.processes.world
            )
        self.optimizer.zero_grad(set_to_none=True)
        result.loss.backward()
        if not math.isfinite(result.figures["loss"]):
            raise LineworkError(
                f"the loss is {result.figures['loss']} at step {self.step}; the last checkpoint "
                "is kept: resume it with a lower learning_rate"
            )
        nn.utils.clip_grad_value_(self.parameters, self.config.clip_value)
        self.optimizer.step()
        return result

    def _evaluate(self, figures: dict[str, float]) -> None:
        """Process 0 evaluates; all learn whether it was the best, for they stop together."""
        score = torch.zeros(1, dtype=torch.float64, device=self.processes.device)
        if self.chief:
            self.task.module.eval()
            with torch.no_grad():
                found = self.task.evaluate()
            score += found["score"]
            self._log({"step": self.step, **figures, **{f"valid_{k}": v for k, v in found.items()}})
        else:
            found = {}
        if self.processes.world > 1:
            torch.distributed.broadcast(score, 0)
        if not self.best or score.item() < self.best["score"]:
            self.best = {**found, "score": score.item(), "step": self.step}
            self.since_best = 0
            if self.chief:
                save_tensors(self.folder / BEST, self.task.module.state_dict(), self._header())
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
        tensors = {f"model.{k}": v for k, v in self.task.module.state_dict().items()}
        tensors |= {f"optimizer.{k}": v for k, v in optimizer_tensors(self.optimizer).items()}
        save_tensors(self.folder / LAST, tensors, self._header())

    def _open(self, resume: bool) -> None:
        last = self.folder / LAST
        if resume:
            if not last.is_file():
                raise LineworkError(f"{self.folder}: nothing to resume, there is no {LAST}")
            tensors, header = load_tensors(last, self.processes.device)
            if header["model"] != self.task.name:
                raise LineworkError(
                    f"{last}: holds a {header['model']}, and this trains a {self.task.name}"
                )
            split: dict[str, dict[str, Tensor]] = {"model": {}, "optimizer": {}}
            for key, value in tensors.items():
                part, name = key.split(".", 1)
                split[part][name] = value
            load_weights(self.task.module, split["model"], last)
            load_optimizer(self.optimizer, split["optimizer"])
            self.step = header["step"]
            self.best = header["best"]
            self.since_best = header["since_best"]
        elif last.exists():
            raise LineworkError(
                f"{self.folder}: holds a training already; add --resume, or choose another folder"
            )
        if self.chief:
            self.folder.mkdir(parents=True, exist_ok=True)
            settings = json.dumps(self.task.header(), indent=2, sort_keys=True)
            write_atomically(self.folder / "settings.json", settings.encode())
            self._trim_log()

    def _log(self, row: dict[str, float]) -> None:
        """Append a row to the log and redraw the curves."""
        rows = [*self._read_log(), {k: f"{v:.6g}" for k, v in row.items()}]
        self._write_log(rows)
        series = {k: [(float(r["step"]), float(r[k])) for r in rows if r.get(k)] for k in row}
        del series["step"]
        write_atomically(self.folder / "curves.svg", curves_svg(series, "step").encode())

    def _trim_log(self) -> None:
        """Forget rows from after the checkpoint: they are about to happen again."""
        self._write_log([r for r in self._read_log() if float(r["step"]) <= self.step])

    def _read_log(self) -> list[dict[str, str]]:
        path = self.folder / LOG
        if not path.is_file():
            return []
        with path.open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def _write_log(self, rows: list[dict[str, str]]) -> None:
        if not rows:
            return
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[-1]), extrasaction="ignore", restval="")
        writer.writeheader()
        writer.writerows(rows)
        write_atomically(self.folder / LOG, text.getvalue().encode())

    def _catch_signals(self) -> dict[int, Any]:
        """Ctrl-C and a polite kill end the run after the step, with a checkpoint.

        Only where one process runs in its main thread; many are stopped by torchrun.
        """

        def interrupt(number: int, frame: FrameType | None) -> None:
            self.interrupted = True

        if self.processes.world > 1:
            return {}
        try:
            return {n: signal.signal(n, interrupt) for n in (signal.SIGINT, signal.SIGTERM)}
        except ValueError:  # not the main thread
            return {}
