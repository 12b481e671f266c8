"""Training a portrait painter on a folder of pictures: `linework train portraits`."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..datasets.portraits import paint_portrait, random_sitter
from ..models.fastgan import FastGANConfig, PortraitCriticConfig
from ..models.portrait_task import PortraitLossConfig, PortraitTask
from ..models.settings import Sections
from ..models.training import TrainConfig
from ..strokes.errors import FormatError, LineworkError
from ..strokes.images import MAX_PIXELS, read_image
from .folders import find_pictures
from .run_settings import run_settings
from .training_run import Trained, run_training

UInt8Array = npt.NDArray[np.uint8]
Path_ = str | os.PathLike[str]
Note = Callable[[str], None]

RECIPE = "portraits"
# The name of what can be learned from without pictures of one's own; its count and seed.
SAMPLES, SAMPLE_COUNT, SAMPLE_SEED = "portraits", 600, 1881
# Of the pictures, those held out to judge by; every tenth by name.
HELD_EVERY = 10
# Fewer pictures cannot be told from noise.
FEWEST = 20


def train_portraits(
    data: Path_,
    run: Path_,
    *,
    recipe: str | None = None,
    config: Path_ | None = None,
    assignments: Sequence[str] = (),
    resume: bool = False,
    device: str | None = None,
    progress: bool = True,
    note: Note = lambda text: None,
) -> Trained:
    """Train a portrait painter, into a folder.

    Args:
        data: a folder of pictures, or "portraits", faces that linework paints by rules.
        run: the folder; with `resume` one that holds a training already.
        recipe, config, assignments: settings, each over the one before; None is `portraits`.
        device: None is CUDA where there is one.
        note: is told how many pictures there are, and which were left out.

    Raises:
        LineworkError: settings, data or a folder that cannot be used; fewer than twenty pictures.
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
    )
    model: FastGANConfig = sections["model"]
    pictures = read_portraits(data, model.size, note)
    held = pictures[::HELD_EVERY]
    learnt = np.delete(pictures, np.arange(0, len(pictures), HELD_EVERY), axis=0)
    note(f"{data}: {len(learnt)} pictures to learn from, {len(held)} held out")
    settings: TrainConfig = sections["train"]
    task = PortraitTask(
        model,
        sections["critic"],
        learnt,
        held,
        sections["loss"],
        settings,
        about={"data": Path(data).name, "held_every": HELD_EVERY},
    )
    return run_training(
        task,
        settings,
        folder,
        model="portraits",
        found=lambda best: f"MMD {best['score']:.4g} from pictures that were held out",
        command=f"linework sample portraits --model {folder} -o sheet.png",
        resume=resume,
        device=device,
        progress=progress,
    )


def default_settings() -> Sections:
    """The sections that a portrait painter's training is set by."""
    return {
        "model": FastGANConfig(),
        "critic": PortraitCriticConfig(),
        "loss": PortraitLossConfig(),
        "train": TrainConfig(),
    }


def read_portraits(data: Path_, size: int, note: Note = lambda text: None) -> UInt8Array:
    """The pictures of a folder, or of the sample set, cut to squares: uint8 (N, 3, size, size).

    Raises:
        LineworkError: no such folder, or fewer than twenty pictures that can be read.
    """
    if os.fspath(data) == SAMPLES and not Path(data).exists():
        rngs = (np.random.default_rng((SAMPLE_SEED, k)) for k in range(SAMPLE_COUNT))
        found = [paint_portrait(random_sitter(rng), rng, size) for rng in rngs]
    else:
        if not Path(data).is_dir():
            raise LineworkError(f"{data}: there is no such folder; wanted one of pictures")
        found = []
        for path in find_pictures([data]):
            try:
                found.append(_square(read_image(path, max_pixels=MAX_PIXELS), size))
            except FormatError as error:
                note(f"left out: {error}")
    if len(found) < FEWEST:
        raise LineworkError(
            f"{data}: {len(found)} pictures; wanted {FEWEST} or more, better some hundreds: of "
            "fewer there is nothing to learn but themselves"
        )
    return np.stack(found).transpose(0, 3, 1, 2)


def _square(picture: UInt8Array, size: int) -> UInt8Array:
    """The middle of a picture, a little above it where it is upright: faces are there."""
    import cv2

    if picture.ndim == 2:
        picture = np.repeat(picture[..., None], 3, axis=2)
    height, width = picture.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 3, (width - side) // 2
    cut = np.ascontiguousarray(picture[top : top + side, left : left + side])
    how = cv2.INTER_AREA if side > size else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(cut, (size, size), interpolation=how), np.uint8)
