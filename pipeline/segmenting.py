"""Pictures to label maps: `linework segment` as functions.

A picture is looked at in the size of those that the network learnt from: its shorter side is
brought to what was seen then (`seen` in the header of the weights), in tiles where it is large.
What each px may show, as probabilities, is brought back to the picture's own size, smoothly, and
the likeliest label taken there; so that borders are smooth lines and not steps.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..datasets.label_folder import Classes
from ..datasets.labels import (
    UNLABELLED,
    VOCABULARIES,
    Label,
    UInt8Array,
    Vocabulary,
    vocabulary,
)
from ..datasets.words import join_or, nearest_words
from ..models.processes import pick_device
from ..models.registry import load_model
from ..models.residual import fused
from ..models.segmenter import Segmenter, SegmenterConfig
from ..models.tiling import Tile, apply_tiled, tiles
from ..strokes.errors import FormatError, LineworkError
from ..strokes.images import to_bytes

Path_ = str | os.PathLike[str]
Progress = Callable[[int, int], None]
Probabilities = npt.NDArray[np.float32]

MODEL = "segmenter-scenes"
# Side of a tile's middle, px: with its margin and 25 labels its tensors take some 400 MB.
TILE = 768
# px that the network sees, sigma and where it ends: the four px of a square are told apart from one
# place, and along borders they disagree. Of 74 scenes it adds half a point of mean IoU.
SMOOTHING, SMOOTHED = 0.8, 2
# Smaller pictures are not enlarged further: a line of one px would be as large as a page.
LARGEST_SCALE = 4.0
# What people call what is not the thing itself; of two labels the other is the foreground.
BACKGROUNDS = ("background", "_background_", "bg", "back", "none", "other", "rest", "nothing")


@dataclass(frozen=True, slots=True)
class Labeller:
    """A segmentation network ready for pictures.

    Args:
        network: gives logits of the classes, normalisation folded in.
        config: its shape.
        classes: what it knows.
        names: all labels of its data, those among them that it does not learn.
        ignored: pixels of labels that were left out of the training, if they are known.
        seen: least and most of the shorter side of pictures as it learnt them, px.
        device: where it runs.
        model: its name or path, for messages.
    """

    network: nn.Module
    config: SegmenterConfig
    classes: Classes
    names: Vocabulary
    ignored: tuple[int, ...]
    seen: tuple[int, int]
    device: torch.device
    model: str

    @classmethod
    def load(cls, model: Path_ = MODEL, device: str | torch.device | None = None) -> Labeller:
        """Bundled weights by name, a training folder or a weights file.

        Raises:
            LineworkError, FormatError: as `load_model`; it holds no segmenter, or does not
                say what its labels are.
        """
        place = pick_device(None if device is None else str(device))
        network, header = load_model(model, wanted="segmenter", device=place)
        assert isinstance(network, Segmenter)
        classes, names = _classes(header, str(model))
        try:
            least, most = (int(side) for side in header["seen"])
        except (KeyError, TypeError, ValueError) as error:
            raise FormatError(
                f"{model}: its header does not say how large it saw its pictures"
            ) from error
        if len(classes) != network.config.classes:
            raise FormatError(
                f"{model}: its header names {len(classes)} labels, its weights "
                f"{network.config.classes}"
            )
        return cls(
            fused(network),
            network.config,
            classes,
            names,
            _ignored(header, names),
            (least, most),
            place,
            str(model),
        )

    def labels(
        self,
        picture: npt.ArrayLike,
        *,
        scale: float | None = None,
        tile: int = TILE,
        progress: Progress = lambda done, of: None,
    ) -> UInt8Array:
        """What each px shows.

        Args:
            picture: as `strokes.images.to_bytes` takes it.
            scale: size at which the network sees the picture; None brings it to those that it
                learnt from.
            tile: px of a tile's side.
            progress: is told how many tiles are done, of how many.

        Returns:
            uint8 (H, W), pixels of `names`.
        """
        seen, size = self._seen(picture, scale)
        pixels = np.asarray(self.classes.pixels, np.uint8)
        if seen.shape[:2] == size:
            found = np.empty(size, np.uint8)
            for place, part in self._parts(seen, tile, progress):
                rows = slice(place.top, place.bottom)
                found[rows, place.left : place.right] = part.argmax(dim=0).cpu().numpy()
            return pixels[found]
        whole = np.empty((len(self.classes), *seen.shape[:2]), np.float32)
        for place, part in self._parts(seen, tile, progress):
            whole[:, place.top : place.bottom, place.left : place.right] = part.cpu().numpy()
        # One label at a time: all of them at the picture's size could take gigabytes.
        best = np.full(size, -1, np.float32)
        found = np.zeros(size, np.uint8)
        for index, probability in enumerate(whole):
            grown = _brought(probability, size)
            found[grown > best] = index
            np.maximum(best, grown, out=best)
        return pixels[found]

    def alpha(
        self,
        picture: npt.ArrayLike,
        foreground: str | None = None,
        *,
        scale: float | None = None,
        tile: int = TILE,
        progress: Progress = lambda done, of: None,
    ) -> UInt8Array:
        """How surely each px is foreground, for a model of two labels.

        Args:
            foreground: the label's name; None as `foreground_of` finds it.
            picture, scale, tile, progress: as in `labels`.

        Returns:
            uint8 (H, W), 255 surely.

        Raises:
            LineworkError: as `foreground_of`.
        """
        index = self.classes.pixels.index(self.foreground_of(foreground).pixel)
        seen, size = self._seen(picture, scale)
        sure = np.empty(seen.shape[:2], np.float32)
        for place, part in self._parts(seen, tile, progress):
            rows = slice(place.top, place.bottom)
            sure[rows, place.left : place.right] = part[index].cpu().numpy()
        grown = sure if sure.shape == size else _brought(sure, size)
        return np.asarray(np.rint(np.clip(grown, 0, 1) * 255), np.uint8)

    def foreground_of(self, name: str | None = None) -> Label:
        """Which of two labels is the foreground: the one named, else what is no background.

        Where neither or both are called a background it is the thing, else the later one.

        Raises:
            LineworkError: other than two labels, or a name that is neither's.
        """
        labels = [self.names.at(pixel) for pixel in self.classes.pixels]
        known = [label for label in labels if label is not None]
        if len(known) != 2:
            some = ", ".join(label.name for label in known[:8])
            raise LineworkError(
                f"{self.model}: knows {len(known)} labels ({some}{', ...' if known[8:] else ''}); "
                "--alpha wants a model of two, a background and what is cut out: train one on "
                "pictures labelled so"
            )
        if name is not None:
            key = name.casefold()
            found = next((label for label in known if label.name.casefold() == key), None)
            if found is None:
                both = [label.name for label in known]
                near = nearest_words(name, both)
                hint = f"did you mean {join_or(near)}?" if near else f"wanted {join_or(both)}"
                raise LineworkError(f"--foreground {name}: no label of {self.model}; {hint}")
            return found
        rest = [label for label in known if label.name.casefold() not in BACKGROUNDS]
        things = [label for label in rest if label.kind == "thing"]
        return (things if len(things) == 1 else rest or known)[-1]

    def _seen(
        self, picture: npt.ArrayLike, scale: float | None
    ) -> tuple[UInt8Array, tuple[int, int]]:
        """The picture as the network sees it, uint8 (h, w, 3), and its own height and width."""
        rgb = to_bytes(picture)
        if rgb.ndim == 2:
            rgb = np.repeat(rgb[:, :, None], 3, axis=2)
        height, width = rgb.shape[:2]
        if scale is None:
            scale = working_scale(height, width, self.seen)
        if scale == 1:
            return rgb, (height, width)
        size = max(1, round(width * scale)), max(1, round(height * scale))
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        return np.asarray(cv2.resize(rgb, size, interpolation=way), np.uint8), (height, width)

    def _parts(
        self, seen: UInt8Array, tile: int, progress: Progress
    ) -> Iterator[tuple[Tile, Tensor]]:
        """Probabilities (classes, h, w) of each tile."""
        size = seen.shape[:2]
        cut = {"halo": self.config.reach + SMOOTHED, "multiple": self.config.multiple}

        def read(place: Tile) -> Tensor:
            part = seen[place.read_top : place.read_bottom, place.read_left : place.read_right]
            given = torch.from_numpy(part.copy()).to(self.device).permute(2, 0, 1)[None].float()
            return given.contiguous(memory_format=torch.channels_last)

        count = len(tiles(*size, tile=tile, **cut))
        for done, (place, logits) in enumerate(
            apply_tiled(lambda part: _smoothed(self.network(part)), read, size, tile=tile, **cut), 1
        ):
            yield place, torch.softmax(logits[0], dim=0)
            progress(done, count)


def working_scale(height: int, width: int, seen: tuple[int, int]) -> float:
    """The scale that brings a picture's shorter side to between `seen`, px; 1 inside."""
    least, most = seen
    short = min(height, width)
    if short > most:
        return most / short
    return min(LARGEST_SCALE, least / short) if short < least else 1.0


def cut_out(picture: UInt8Array, alpha: UInt8Array) -> UInt8Array:
    """A picture, uint8 (H, W) or (H, W, 3), with its px as they are, under an alpha: (H, W, 4)."""
    rgb = picture if picture.ndim == 3 else np.repeat(picture[:, :, None], 3, axis=2)
    return np.dstack([rgb, alpha])


def _smoothed(logits: Tensor) -> Tensor:
    """Logits (1, classes, h, w) blurred by `SMOOTHING`; beyond the edges they go on as they are."""
    classes, margin = logits.shape[1], SMOOTHED
    x = torch.arange(-margin, margin + 1, device=logits.device, dtype=torch.float32)
    weights = torch.exp(-(x**2) / (2 * SMOOTHING**2))
    kernel = (weights / weights.sum()).expand(classes, 1, 1, -1)
    padded = F.pad(logits.float(), (margin,) * 4, mode="replicate")
    across = F.conv2d(padded, kernel, groups=classes)
    return F.conv2d(across, kernel.transpose(2, 3), groups=classes)


def _brought(probability: Probabilities, size: tuple[int, int]) -> Probabilities:
    """A map of probabilities at another height and width."""
    way = cv2.INTER_AREA if probability.shape[0] > size[0] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(probability, size[::-1], interpolation=way), np.float32)


def _ignored(header: Mapping[str, Any], names: Vocabulary) -> tuple[int, ...]:
    """Pixels of the labels that the training's settings left out."""
    leave = {str(name).casefold() for name in header.get("crops", {}).get("ignored", ())}
    return tuple(label.pixel for label in names.labels if label.name.casefold() in leave)


def _classes(header: Mapping[str, Any], where: str) -> tuple[Classes, Vocabulary]:
    """What the indices are, and all labels of the data."""
    try:
        known = header["classes"]
        name = str(known["vocabulary"])
        rows = known["labels"]
        pixels = tuple(int(row["pixel"]) for row in rows)
        if name in VOCABULARIES:
            names = vocabulary(name)
        else:
            every = header.get("names", known)["labels"]
            labels = (
                Label(int(row["pixel"]) + 1, str(row["name"]), tuple(row["rgb"]))
                for row in every
                if row["pixel"] != UNLABELLED
            )
            names = Vocabulary(name, tuple(labels))
        if len(pixels) < 2 or any(names.at(pixel) is None for pixel in pixels):
            raise ValueError(pixels)
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(f"{where}: its header does not say what its labels are") from error
    return Classes(names, pixels), names
