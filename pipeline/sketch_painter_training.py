"""Training a painter of sketches: `linework train painter --input sketch`.

From pairs of sketches and pictures, or from pictures alone, of which hands draw the sketches.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ..datasets.sketch_folder import SketchFolder, SketchPair, find_sketch_pairs
from ..models.painter_critic import CriticConfig
from ..models.painting_loss import PaintingLossConfig
from ..models.settings import Sections
from ..models.sketch_painter import SketchPainterConfig
from ..models.sketch_painter_task import SketchesConfig, SketchPainterTask
from ..models.training import TrainConfig
from ..strokes.errors import LineworkError
from .pair_sources import split_names
from .run_settings import run_settings
from .training_run import Trained, run_training

Path_ = str | os.PathLike[str]
RECIPE = "painter-sketch"


@dataclass(frozen=True, slots=True)
class SketchSources:
    """Pictures with sketches to learn from and others to watch; whether sketches are strokes."""

    train: SketchFolder
    watched: SketchFolder
    strokes: bool


def train_sketch_painter(
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
    """Train a painter of sketches, into a folder.

    Args:
        data: a folder of pictures with or without sketches, as `find_sketch_pairs` takes it.
        run: the folder; with `resume` one that holds a training already.
        recipe, config, assignments: settings, each over the one before; None is
            `painter-sketch`.
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
    model: SketchPainterConfig = sections["model"]
    critic: CriticConfig = sections["critic"]
    pictures: SketchesConfig = sections["pictures"]
    critic.check_side(model.size)
    sources = open_sketches(data, pictures.halves, model.ink, note)
    settings: TrainConfig = sections["train"]
    torch.manual_seed(settings.seed)
    task = SketchPainterTask(
        model,
        critic,
        sources.train,
        sources.watched,
        sections["loss"],
        settings,
        pictures=pictures,
        about={
            "data": Path(data).name,
            "learnt_from": len(sources.train),
            "strokes": sources.strokes,
        },
    )
    return run_training(
        task,
        settings,
        folder,
        model="painter --input sketch",
        found=lambda best: (
            f"patch distance {best['score']:.4g} from pictures that were not learnt from"
        ),
        command=f"linework paint doodle.svg --model {folder} -o picture.png",
        resume=resume,
        device=device,
        progress=progress,
    )


def default_settings() -> Sections:
    """The sections that a sketch painter's training is set by."""
    return {
        "model": SketchPainterConfig(),
        "critic": CriticConfig(),
        "pictures": SketchesConfig(),
        "loss": PaintingLossConfig(),
        "train": TrainConfig(),
    }


def open_sketches(
    data: Path_,
    halves: str = "",
    channels: int = 1,
    note: Callable[[str], None] = lambda text: None,
) -> SketchSources:
    """The pictures of a folder to learn from and to watch: those held out there, else a tenth.

    Args:
        halves: what each picture holds, one of `sketch_folder.HALVES`.
        channels: of sketches, 1 or 3.
        note: is told how many there are, and where their sketches come from.

    Raises:
        LineworkError: as `find_sketch_pairs`.
    """
    learnt, held_out = find_sketch_pairs(Path(data), halves)
    if not held_out:
        by_name = {pair.picture.stem: pair for pair in learnt}
        names, watched = split_names(list(by_name))
        # A single picture is learnt from and watched.
        learnt = [by_name[name] for name in names or watched]
        held_out = [by_name[name] for name in watched]
    note(
        f"{data}: {len(learnt)} pictures to learn from, {len(held_out)} to watch; "
        f"{_sketches_are(learnt[0])}"
    )
    strokes = all(pair.strokes for pair in [*learnt, *held_out])
    return SketchSources(SketchFolder(learnt, channels), SketchFolder(held_out, channels), strokes)


def _sketches_are(pair: SketchPair) -> str:
    if pair.sketch is not None:
        return f"their sketches are in {pair.sketch.parent.name}/"
    if not pair.strokes:
        return f"their sketches are beside them, {pair.half}"
    return "sketches are drawn of them"


def _settable(changes: Mapping[str, Any], where: object) -> dict[str, Any]:
    """All changes but of what is always so."""
    for key in changes:
        if key.removeprefix("model.") == "classes":
            raise LineworkError(f"{where}: '{key}': a sketch has no labels; leave it out")
    return dict(changes)
