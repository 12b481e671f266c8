"""Training a dense-map network from doodled scenes: `linework train densemap`."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..datasets.doodled_scenes import open_scenes
from ..models.checkpoint import read_header
from ..models.dense_map import DenseMapConfig
from ..models.dense_map_task import DenseMapTask, MapLossConfig
from ..models.settings import Sections
from ..models.training import LAST, TrainConfig
from ..strokes.errors import LineworkError
from .run_settings import run_settings
from .training_run import Trained, run_training

Path_ = str | os.PathLike[str]
RECIPE = "densemap"


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
) -> Trained:
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
    sections = run_settings(
        default_settings(),
        assignments,
        folder,
        resume=resume,
        usual=RECIPE,
        recipe=recipe,
        config=config,
        settable=_settable,
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
    return run_training(
        task,
        settings,
        folder,
        model="densemap",
        found=lambda best: f"mIoU {best['miou']:.3f} on scenes that were not learnt from",
        command=f"linework pipeline scene.svg -o out --densemap {folder}",
        resume=resume,
        device=device,
        progress=progress,
    )


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
