"""Training a simplification network from folders and drawings: `linework train simplifier`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from ..datasets.pairs import Pair
from ..datasets.pictures import PictureFolder
from ..models.checkpoint import load_weights
from ..models.registry import BUILDERS, load_model
from ..models.settings import Sections
from ..models.simplifier_loss import SimplifierLossConfig
from ..models.simplifier_task import PatchConfig, SimplifierTask
from ..models.training import TrainConfig
from .pair_sources import Note, Path_, open_pairs
from .run_settings import run_settings
from .training_run import Trained, run_training

ARCHITECTURES = ("simplifier", "simplification2016")


def train_simplifier(
    data: Sequence[Path_],
    run: Path_,
    *,
    model: str = "simplifier",
    start: Path_ | None = None,
    rough: Path_ | None = None,
    clean: Path_ | None = None,
    recipe: str | None = None,
    config: Path_ | None = None,
    assignments: Sequence[str] = (),
    resume: bool = False,
    device: str | None = None,
    progress: bool = True,
    note: Note = lambda text: None,
) -> Trained:
    """Train a simplification network, into a folder.

    Args:
        data: what to learn from, as `open_pairs` takes it.
        run: the folder; with `resume` one that holds a training already.
        model: one of `ARCHITECTURES`.
        start: weights to begin with: bundled, a training folder or a file. None begins anew.
        rough, clean: folders of rough pictures without clean ones and of clean ones without
            rough, for the adversarial stage.
        recipe, config, assignments: settings, each over the one before; None is the recipe
            of the model's name.
        device: None is CUDA where there is one.
        note: is told what the user should know of the data.

    Raises:
        LineworkError: settings, data or a folder that cannot be used.
        FormatError: files that are damaged.
    """
    folder = Path(run)
    sections = run_settings(
        _defaults(model),
        assignments,
        folder,
        resume=resume,
        usual=model,
        recipe=recipe,
        config=config,
    )
    patches: PatchConfig = sections["patches"]
    settings: TrainConfig = sections["train"]
    sources = open_pairs(data, patches.shares, note)
    torch.manual_seed(settings.seed)
    module = _module(model, sections["model"], None if resume else start)
    task = SimplifierTask(
        model,
        module,
        sections["model"],
        sources.train,
        sources.watched,
        patches,
        sections["loss"],
        settings,
        rough=None if rough is None else _Alone(PictureFolder(rough, toned=True)),
        clean=None if clean is None else _Alone(PictureFolder(clean, toned=False)),
        about={"pairs": [Path(path).name for path in data]},
    )
    return run_training(
        task,
        settings,
        folder,
        model=model,
        found=lambda best: f"score {best['score']:.4g} on pairs that were not learnt from",
        command=f"linework clean rough.png --model {folder} -o clean.png",
        resume=resume,
        device=device,
        progress=progress,
    )


def _defaults(model: str) -> Sections:
    return {
        "model": BUILDERS[model][1](),
        "patches": PatchConfig(),
        "loss": SimplifierLossConfig(),
        "train": TrainConfig(),
    }


def _module(model: str, config: Any, start: Path_ | None) -> nn.Module:
    """A new network, with the weights of `start` if there are any."""
    module = BUILDERS[model][0](config)
    if start is not None:
        begun, _ = load_model(start, wanted=model)
        load_weights(module, begun.state_dict(), str(start))
    return module


@dataclass(frozen=True, slots=True)
class _Alone:
    """Pictures without a counterpart as a source of pairs, of which one side is looked at."""

    pictures: PictureFolder

    @property
    def name(self) -> str:
        return self.pictures.name

    def patch(self, size: int, rng: np.random.Generator) -> Pair:
        picture = self.pictures.patch(size, rng)
        return Pair(picture, picture)
