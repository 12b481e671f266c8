"""Training a painter from a folder of pictures with label maps: `linework train painter`."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from ..datasets.label_folder import (
    Classes,
    LabelFolder,
    LabelPair,
    check_labels,
    find_label_pairs,
    read_names,
)
from ..datasets.labels import vocabulary
from ..models.checkpoint import read_header
from ..models.painter import PainterConfig
from ..models.painter_critic import CriticConfig
from ..models.painter_task import PainterTask, PicturesConfig, classes_as_plain
from ..models.painting_loss import PaintingLossConfig
from ..models.settings import Sections
from ..models.training import LAST, TrainConfig
from ..strokes.errors import LineworkError
from .pair_sources import split_names
from .run_settings import run_settings
from .training_run import Trained, run_training

Path_ = str | os.PathLike[str]
RECIPE = "painter"
# Labels that a note names.
NAMED = 12


@dataclass(frozen=True, slots=True)
class LabelSources:
    """Pictures with labels to learn from and others to watch, of the same classes."""

    train: LabelFolder
    watched: LabelFolder


def train_painter(
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
    """Train a painter, into a folder.

    Args:
        data: a folder of pictures and label maps, as `find_label_pairs` takes it.
        run: the folder; with `resume` one that holds a training already.
        recipe, config, assignments: settings, each over the one before; None is `painter`.
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
    pictures: PicturesConfig = sections["pictures"]
    sources = open_labelled(data, pictures.names, note)
    classes = sources.train.classes
    model: PainterConfig = replace(sections["model"], classes=len(classes))
    critic: CriticConfig = sections["critic"]
    critic.check_side(model.size)
    if resume:
        _check_same_labels(folder, classes)
    settings: TrainConfig = sections["train"]
    torch.manual_seed(settings.seed)
    task = PainterTask(
        model,
        critic,
        sources.train,
        sources.watched,
        sections["loss"],
        settings,
        pictures=pictures,
        about={"data": Path(data).name, "learnt_from": len(sources.train)},
    )
    return run_training(
        task,
        settings,
        folder,
        model="painter",
        found=lambda best: (
            f"patch distance {best['score']:.4g} from pictures that were not learnt from"
        ),
        command=f"linework paint labels.png --model {folder} -o picture.png",
        resume=resume,
        device=device,
        progress=progress,
    )


def default_settings() -> Sections:
    """The sections that a painter's training is set by."""
    return {
        "model": PainterConfig(),
        "critic": CriticConfig(),
        "pictures": PicturesConfig(),
        "loss": PaintingLossConfig(),
        "train": TrainConfig(),
    }


def open_labelled(
    data: Path_, names: str = "", note: Callable[[str], None] = lambda text: None
) -> LabelSources:
    """The pictures of a folder to learn from and to watch: those held out there, else a tenth.

    Args:
        names: a vocabulary's name or .csv; "" asks the folder.
        note: is told how many there are, and of which labels.

    Raises:
        LineworkError, FormatError: as `find_label_pairs` and `check_labels`.
    """
    learnt, held_out, layout = find_label_pairs(data)
    meaning = vocabulary(names) if names else read_names(data, learnt, layout)
    none = layout.zero_is_none
    if not held_out:
        learnt, held_out = _split(learnt)
    # Those that are watched too: what occurs there alone is known by name, if not by sight.
    both = {pair.labels: pair for pair in [*learnt, *held_out]}
    classes = check_labels(list(both.values()), meaning, zero_is_none=none)
    known = [classes.name(pixel) for pixel in classes.pixels]
    more = f" and {len(known) - NAMED} more" if len(known) > NAMED else ""
    note(
        f"{data}: {len(learnt)} pictures to learn from, {len(held_out)} to watch; {len(known)} "
        f"labels of {meaning.name}: {', '.join(known[:NAMED])}{more}"
    )
    return LabelSources(
        LabelFolder(data, learnt, classes, zero_is_none=none),
        LabelFolder(data, held_out, classes, zero_is_none=none),
    )


def _split(pairs: Sequence[LabelPair]) -> tuple[list[LabelPair], list[LabelPair]]:
    by_name = {pair.picture.stem: pair for pair in pairs}
    learnt, watched = split_names(list(by_name))
    # A single picture is learnt from and watched.
    return [by_name[n] for n in learnt or watched], [by_name[n] for n in watched]


def _settable(changes: Mapping[str, Any], where: object) -> dict[str, Any]:
    """All changes but of what is measured."""
    for key in changes:
        if key.removeprefix("model.") == "classes":
            raise LineworkError(f"{where}: '{key}' is counted in the data; leave it out")
    return dict(changes)


def _check_same_labels(folder: Path, classes: Classes) -> None:
    """A label is a row of the weights: in another order it would be another."""
    before = read_header(folder / LAST).get("classes", {}).get("labels", [])
    now = classes_as_plain(classes)["labels"]
    if before != now:
        differ = sorted({row["name"] for row in before} ^ {row["name"] for row in now})
        what = f" ({', '.join(differ[:NAMED])})" if differ else ""
        raise LineworkError(
            f"{folder}: was trained on other labels{what}: {len(before)}, these data have "
            f"{len(now)}; resume with those data"
        )
