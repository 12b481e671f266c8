"""Training a recogniser from drawings: `linework train recogniser`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..models.checkpoint import read_header
from ..models.doodle_batches import DoodleConfig
from ..models.recogniser import RecogniserConfig
from ..models.recogniser_task import RecogniserLoss, RecogniserTask
from ..models.settings import Sections
from ..models.training import LAST, TrainConfig
from ..strokes.errors import LineworkError
from .pair_sources import Path_
from .run_settings import run_settings
from .tables import open_table
from .training import check_words
from .training_run import Trained, run_training

RECIPE = "recogniser"


def train_recogniser(
    data: Path_,
    run: Path_,
    *,
    recipe: str | None = None,
    config: Path_ | None = None,
    assignments: Sequence[str] = (),
    resume: bool = False,
    device: str | None = None,
    progress: bool = True,
) -> Trained:
    """Train a recogniser on the drawings of a file, into a folder.

    Args:
        data: a table, or what packs into one; its words are what is told apart.
        run: the folder; with `resume` one that holds a training already.
        recipe, config, assignments: settings, each over the one before.
        device: None is CUDA where there is one.

    Raises:
        LineworkError: settings, data or a folder that cannot be used; a table of other
            words than the run was begun with.
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
    settings: TrainConfig = sections["train"]
    with open_table(data) as table:
        check_words(table, sections["data"].words)
        task = RecogniserTask(
            table, sections["model"], sections["data"], sections["loss"], settings
        )
        if resume:
            _check_same_words(folder, task.config.words, table.name)
        return run_training(
            task,
            settings,
            folder,
            model="recogniser",
            found=lambda best: (
                f"right on {best['top1']:.0%} of the valid split at once, on "
                f"{best['top3']:.0%} among three, of {len(task.config.words)} words"
            ),
            command=f"linework recognise doodle.svg --model {folder}",
            resume=resume,
            device=device,
            progress=progress,
        )


def default_settings() -> Sections:
    """The sections that a recogniser's training is set by."""
    return {
        "model": RecogniserConfig(),
        "data": DoodleConfig(),
        "loss": RecogniserLoss(),
        "train": TrainConfig(),
    }


def _settable(changes: Mapping[str, Any], where: object) -> dict[str, Any]:
    """The changes, "words" understood as the data's."""
    settable = {("data.words" if key == "words" else key): v for key, v in changes.items()}
    if "model.words" in settable:
        raise LineworkError(f"{where}: to choose words, set data.words; the model takes those")
    return settable


def _check_same_words(folder: Path, words: tuple[str, ...], name: str) -> None:
    before = tuple(read_header(folder / LAST).get("config", {}).get("words", ()))
    if words != before:
        raise LineworkError(
            f"{name}: has {len(words)} words, and {folder} was begun with {len(before)}, not all "
            "of them the same; resume with the same table"
        )
