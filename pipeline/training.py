"""Training a sketch-rnn from files and words: settings found, data opened, the loop run."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..datasets.words import join_or, nearest_words
from ..models.checkpoint import read_header
from ..models.settings import Sections
from ..models.sketchrnn import SketchRNNConfig
from ..models.sketchrnn_task import DataConfig, KernelConfig, LossConfig, SketchRNNTask
from ..models.training import LAST, TrainConfig
from ..strokes import DrawingTable
from ..strokes.errors import LineworkError
from .run_settings import run_settings
from .tables import open_table
from .training_run import Trained, run_training

DEFAULT_RECIPE = "default"
# What the data say: `SketchRNNTask` measures these, so a value given would be lost.
MEASURED = ("scale", "position_scale", "model.words")


def train_sketchrnn(
    data: str | os.PathLike[str],
    run: str | os.PathLike[str],
    *,
    recipe: str | None = None,
    config: str | os.PathLike[str] | None = None,
    assignments: Sequence[str] = (),
    resume: bool = False,
    device: str | None = None,
    progress: bool = True,
) -> Trained:
    """Train a sketch-rnn on the drawings of a file, into a folder.

    Args:
        data: a table, or what packs into one.
        run: the folder; with `resume` one that holds a training already.
        recipe: name or path of shipped settings; None is `default`.
        config: a TOML file over the recipe.
        assignments: "key=value" over both.
        device: None is CUDA where there is one.

    Raises:
        LineworkError: settings, data or a folder that cannot be used; a table that is
            not the one the run was begun with.
    """
    folder = Path(run)
    sections = run_settings(
        default_settings(),
        assignments,
        folder,
        resume=resume,
        usual=DEFAULT_RECIPE,
        recipe=recipe,
        config=config,
        settable=_settable,
    )
    with open_table(data) as table:
        check_words(table, sections["data"].words)
        task = SketchRNNTask(
            table,
            sections["model"],
            sections["data"],
            sections["loss"],
            sections["train"],
            sections["kernels"],
        )
        if resume:
            _check_same_data(folder, task, table)
        word = f' "{task.config.words[0]}"' if len(task.config.words) > 1 else ""
        return run_training(
            task,
            sections["train"],
            folder,
            model="sketchrnn",
            found=lambda best: f"score {best['score']:.4g} on the valid split",
            command=f"linework sample{word} --model {folder} -n 9 -o samples.svg",
            resume=resume,
            device=device,
            progress=progress,
        )


def default_settings() -> Sections:
    """The sections that a sketch-rnn's training is set by."""
    return {
        "model": SketchRNNConfig(),
        "data": DataConfig(),
        "loss": LossConfig(),
        "train": TrainConfig(),
        "kernels": KernelConfig(),
    }


def _settable(changes: Mapping[str, Any], where: object) -> dict[str, Any]:
    """The changes, "words" understood as the data's; what is measured is refused."""
    settable = {("data.words" if key == "words" else key): v for key, v in changes.items()}
    for key in settable:
        if key in MEASURED or key.removeprefix("model.") in MEASURED:
            raise LineworkError(
                f"{where}: '{key}' is measured from the data; to choose words, set data.words"
            )
    return settable


def check_words(table: DrawingTable, words: Sequence[str]) -> None:
    """A model that never saw a word would claim to draw it."""
    known = table.words()[0]
    for word in words:
        if word not in known:
            near = nearest_words(word, known)
            hint = f"did you mean {join_or(near)}?" if near else f"it has {', '.join(known[:20])}"
            raise LineworkError(f"{table.name}: holds no drawing of '{word}'; {hint}")


def _check_same_data(folder: Path, task: SketchRNNTask, table: DrawingTable) -> None:
    """Weights are in units of their data: on another table they would mean something else."""
    before = read_header(folder / LAST).get("config", {})
    config = task.config
    if (list(config.words), config.scale) != (before.get("words"), before.get("scale")):
        raise LineworkError(
            f"{table.name}: not the data that {folder} was trained on so far (its offsets' std "
            f"is {config.scale:.6g}, that was {before.get('scale')}); resume with those"
        )
