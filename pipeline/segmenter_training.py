"""Training a segmenter from folders of pictures with label maps: `linework train segmenter`."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..datasets.label_folder import (
    Classes,
    LabelFolder,
    LabelPair,
    count_pixels,
    counted_classes,
    find_label_pairs,
    read_names,
)
from ..datasets.labelled_crops import CropLook, LabelledCrops, learnt_classes
from ..datasets.labels import Vocabulary, vocabulary
from ..models.checkpoint import read_header
from ..models.painter_task import classes_as_plain
from ..models.registry import load_model
from ..models.segmenter import Segmenter, SegmenterConfig
from ..models.segmenter_task import CropsConfig, SegmenterLossConfig, SegmenterTask
from ..models.settings import Sections
from ..models.training import LAST, TrainConfig
from ..strokes.errors import LineworkError
from .pair_sources import split_names
from .run_settings import run_settings
from .training_run import Trained, run_training

Path_ = str | os.PathLike[str]
Note = Callable[[str], None]
RECIPE = "segmenter"
# Labels that a note names.
NAMED = 12
# What watches: crops of whole pictures, as they are.
UNCHANGED = CropLook((1.0, 1.0), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def train_segmenter(
    data: Sequence[Path_],
    run: Path_,
    *,
    start: Path_ | None = None,
    recipe: str | None = None,
    config: Path_ | None = None,
    assignments: Sequence[str] = (),
    resume: bool = False,
    device: str | None = None,
    progress: bool = True,
    note: Note = lambda text: None,
) -> Trained:
    """Train a segmenter, into a folder.

    Args:
        data: folders of pictures and label maps, as `find_label_pairs` takes them, of one
            vocabulary.
        run: the folder; with `resume` one that holds a training already.
        start: a segmenter to begin with, of the same shape: bundled, a training folder or a
            file; what it knows of labels is left behind. None begins anew.
        recipe, config, assignments: settings, each over the one before; None is `segmenter`.
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
    crops: CropsConfig = sections["crops"]
    train, watched, shares = open_crops(data, crops, note)
    if resume:
        _check_same_labels(folder, train.classes)
    settings: TrainConfig = sections["train"]
    torch.manual_seed(settings.seed)
    model: SegmenterConfig = replace(sections["model"], classes=len(train.classes))
    module = Segmenter(model)
    if start is not None and not resume:
        _begin_from(module, start)
    about: dict[str, Any] = {
        "data": [Path(path).name for path in data],
        "learnt_from": len(train),
        "names": _every_label(train.classes.names),
    }
    task = SegmenterTask(
        module, train, watched, shares, crops, sections["loss"], settings, about=about
    )
    return run_training(
        task,
        settings,
        folder,
        model="segmenter",
        found=lambda best: (
            f"mean IoU {1 - best['score']:.3f} on pictures that were not learnt from"
        ),
        command=f"linework segment photo.jpg --model {folder} -o labels.png",
        resume=resume,
        device=device,
        progress=progress,
    )


def default_settings() -> Sections:
    """The sections that a segmenter's training is set by."""
    return {
        "model": SegmenterConfig(),
        "crops": CropsConfig(),
        "loss": SegmenterLossConfig(),
        "train": TrainConfig(),
    }


def open_crops(
    data: Sequence[Path_], crops: CropsConfig, note: Note = lambda text: None
) -> tuple[LabelledCrops, LabelledCrops, list[float]]:
    """Crops to learn from, crops to watch, and the share of px of each label.

    Watched are the pictures held out in the folders, else a tenth of them.

    Raises:
        LineworkError, FormatError: as `find_label_pairs` and `check_labels`; folders of
            different vocabularies; fewer than two labels that are not ignored.
    """
    parts = [_Part.open(path, crops.names) for path in data]
    names = parts[0].names
    for path, part in zip(data, parts, strict=True):
        if [label.name for label in part.names.labels] != [label.name for label in names.labels]:
            raise LineworkError(
                f"{path}: holds labels of {part.names.name}, {data[0]} of {names.name}; wanted one "
                "vocabulary: convert one with `linework labels convert`"
            )
    learnt = np.concatenate([part.counts[0] for part in parts])
    watched = np.concatenate([part.counts[1] for part in parts])
    pairs = [pair for part in parts for pair in (*part.learnt, *part.watched)]
    # Those that are watched too: what occurs there alone is known by name, if not by sight.
    have = counted_classes(pairs, names, np.concatenate([learnt, watched]))
    classes = learnt_classes(have, crops.ignored)
    if len(classes) < 2:
        only = ", ".join(classes.name(pixel) for pixel in classes.pixels) or "none"
        raise LineworkError(
            f"{data[0]}: of the labels of its maps {only} is left to learn; wanted two or more "
            f"beside the unlabelled and crops.ignored ({', '.join(crops.ignored)})"
        )
    said = [classes.name(pixel) for pixel in classes.pixels]
    more = f" and {len(said) - NAMED} more" if len(said) > NAMED else ""
    where = ", ".join(map(str, data))
    note(
        f"{where}: {len(learnt)} pictures to learn from, {len(watched)} to watch; {len(said)} "
        f"labels of {names.name}: {', '.join(said[:NAMED])}{more}"
    )
    total = learnt.sum(axis=0)[list(classes.pixels)]
    sources = [
        LabelledCrops(
            [part.folder(which, have) for part in parts],
            [part.counts[which] for part in parts],
            classes,
            look,
        )
        for which, look in enumerate((crops.look, UNCHANGED))
    ]
    return sources[0], sources[1], (total / max(total.sum(), 1)).tolist()


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """One folder: its pictures, to learn from and to watch, and the px of each label in them."""

    path: Path_
    names: Vocabulary
    learnt: list[LabelPair]
    watched: list[LabelPair]
    zero_is_none: bool
    counts: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]

    @classmethod
    def open(cls, path: Path_, names: str) -> _Part:
        learnt, watched, layout = find_label_pairs(path)
        meaning = vocabulary(names) if names else read_names(path, learnt, layout)
        none = layout.zero_is_none
        if not watched:
            learnt, watched = _split(learnt)
        counts = [count_pixels(pairs, meaning, zero_is_none=none) for pairs in (learnt, watched)]
        return cls(path, meaning, learnt, watched, none, (counts[0], counts[1]))

    def folder(self, which: int, classes: Classes) -> LabelFolder:
        pairs = (self.learnt, self.watched)[which]
        return LabelFolder(self.path, pairs, classes, zero_is_none=self.zero_is_none)


def _split(pairs: Sequence[LabelPair]) -> tuple[list[LabelPair], list[LabelPair]]:
    by_name = {pair.picture.stem: pair for pair in pairs}
    learnt, watched = split_names(list(by_name))
    # A single picture is learnt from and watched.
    return [by_name[n] for n in learnt or watched], [by_name[n] for n in watched or learnt]


def _every_label(names: Vocabulary) -> dict[str, Any]:
    """A vocabulary for a JSON header, with the labels in it that are ignored."""
    labels = [
        {"pixel": label.pixel, "name": label.name, "rgb": label.rgb} for label in names.labels
    ]
    return {"vocabulary": names.name, "labels": labels}


def _settable(changes: Mapping[str, Any], where: object) -> dict[str, Any]:
    """All changes but of what is measured."""
    for key in changes:
        if key.removeprefix("model.") == "classes":
            raise LineworkError(f"{where}: '{key}' is counted in the data; leave it out")
    return dict(changes)


def _begin_from(module: Segmenter, start: Path_) -> None:
    """Takes another segmenter's weights, but of the head, which knows other labels."""
    begun, _ = load_model(start, wanted="segmenter")
    own: dict[str, Tensor] = module.state_dict()
    found = begun.state_dict()
    body = {name for name in own if not name.startswith("head.")}
    if body != {k for k in found if not k.startswith("head.")} or any(
        own[name].shape != found[name].shape for name in body
    ):
        assert isinstance(begun, Segmenter)
        raise LineworkError(
            f"--from {start}: has model.channels {begun.config.channels} and model.blocks "
            f"{begun.config.blocks}, this training {module.config.channels} and "
            f"{module.config.blocks}; wanted the same shape"
        )
    module.load_state_dict(own | {name: found[name] for name in body})


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
