"""Training a dense-map network from doodled scenes: `linework train densemap`."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..datasets.doodled_scenes import open_scenes
from ..models.checkpoint import read_header
from ..models.dense_map import DenseMapConfig
from ..models.dense_map_task import DenseMapTask, MapLossConfig
from ..models.settings import Sections, parse_assignments
from ..models.training import BEST, LAST, Stopped, TrainConfig
from ..strokes.errors import LineworkError
from .run_settings import fresh_settings, resumed_settings
from .training_run import run_training, told

Path_ = str | os.PathLike[str]
RECIPE = "densemap"


@dataclass(frozen=True, slots=True)
class TrainedDenseMap:
    """How a training ended.

    Args:
        run: the folder.
        step: steps done.
        best: figures of the best evaluation, "step" among them; empty before the first.
        stopped: why it ended.
        chief: whether this is the process that speaks for all of a torchrun.
    """

    run: Path
    step: int
    best: dict[str, float]
    stopped: Stopped
    chief: bool

    def __str__(self) -> str:
        """What is there now, and what to type next."""
        if not self.best:
            return told(self, "densemap", ())
        lines = [
            f"{self.run / BEST}: the weights of step {self.best['step']:.0f}, mIoU "
            f"{self.best['miou']:.3f} on scenes that were not learnt from; try",
            f"  linework pipeline scene.svg -o out --densemap {self.run}",
        ]
        return told(self, "densemap", lines)


def train_dense_map(
    data: Path_,
    run: Path_,
    *,
    recipe: str | None = None,
    config: Path_ | None = None,
    assignments: Sequence[str] = (),
    resume: bool = False,
    device: str | None = None,
    progress: bool = True,
    note: Callable[[str], None] = lambda text: None,
) -> TrainedDenseMap:
    """Train a dense-map network, into a folder.

    Args:
        data: a folder of doodles with label maps, as `linework data scenes` writes it.
        run: the folder; with `resume` one that holds a training already.
        recipe, config, assignments: settings, each over the one before; None is `densemap`.
        device: None is CUDA where there is one.
        note: is told what was found in the data.

    Raises:
        LineworkError: settings, data or a folder that cannot be used.
        FormatError: files that are damaged.
    """
    folder = Path(run)
    changes = parse_assignments(assignments)
    defaults = default_settings()
    sections = (
        resumed_settings(
            defaults, changes, folder, recipe=recipe, config=config, settable=_settable
        )
        if resume
        else fresh_settings(defaults, changes, recipe or RECIPE, config, _settable)
    )
    scenes, held_out = open_scenes(data)
    note(
        f"{data}: {len(scenes)} scenes to learn from, {len(held_out)} to watch, "
        f"{len(scenes.labels)} labels"
    )
    if resume:
        before = tuple(read_header(folder / LAST).get("config", {}).get("labels", ()))
        if before != scenes.labels:
            raise LineworkError(
                f"{folder}: was trained on {len(before)} labels, {data} holds "
                f"{len(scenes.labels)}, not all of them the same; resume with the same scenes"
            )
    settings: TrainConfig = sections["train"]
    task = DenseMapTask(sections["model"], scenes, held_out, sections["loss"], settings)
    result, chief = run_training(
        task, settings, folder, resume=resume, device=device, progress=progress
    )
    return TrainedDenseMap(folder, result.step, result.best, result.stopped, chief)


def default_settings() -> Sections:
    """The sections that a training is set by."""
    return {
        "model": DenseMapConfig(),
        "loss": MapLossConfig(),
        "train": TrainConfig(),
    }


def _settable(changes: Mapping[str, Any], where: object) -> dict[str, Any]:
    """The changes, without what is measured."""
    if "labels" in changes or "model.labels" in changes:
        raise LineworkError(f"{where}: labels are counted in the data; they are not set")
    return dict(changes)
