"""Crops of labelled pictures to learn to tell what each px shows: `LabelledCrops`.

A crop is square, of a random place and scale, mirrored or not. Its colours, light, sharpness and
noise are changed as cameras, scanners and other painters would; its labels never are.

Balanced: a share of the crops begins with a label, every label equally often, and is cut around
a px of it; a bench that covers a thousandth of the pictures is then seen as often as the sky.
Px that nobody labelled, or whose label is not to be learnt, are `IGNORED`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from .label_folder import Classes, LabelFolder, Labelled, brought
from .labels import UNLABELLED, UInt8Array

# The index of px that are not learnt from.
IGNORED = 255
# Fewer px of a label than this in a picture are passed over when crops are balanced.
LEAST_PX = 12
# Most that colours change at `colour` 1: gains of all and of each channel, and the gamma (all as
# powers of 2), the saturation, and the offset in grey levels.
GAIN, TINT, GAMMA, SATURATION, OFFSET = 0.4, 0.15, 0.4, 0.5, 20.0
# Sigma of blur, px; of noise, grey levels; quality of JPEG.
MOST_BLUR, MOST_NOISE, JPEG = 1.5, 12.0, (30, 90)
# Brightness as a weighted sum of red, green and blue (BT.601).
LUMA = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True, slots=True)
class CropLook:
    """How crops are cut and changed.

    Args:
        shown: least and most of the picture's shorter side that a crop shows.
        balanced: share of crops that begin with a label.
        mirrored: share that is mirrored.
        colour: how much colours and light change, 0 to 1.
        blurred, noisy, compressed: shares of crops that are.
    """

    shown: tuple[float, float] = (0.6, 1.0)
    balanced: float = 0.5
    mirrored: float = 0.5
    colour: float = 1.0
    blurred: float = 0.2
    noisy: float = 0.2
    compressed: float = 0.15


class LabelledCrops:
    """Crops of the pictures of one folder or several, of the same vocabulary.

    Args:
        folders: where pictures come from.
        counts: for each folder int64 (pictures, 256), as `count_pixels` gives them.
        classes: what is learnt; px of other labels are `IGNORED`.
    """

    def __init__(
        self,
        folders: Sequence[LabelFolder],
        counts: Sequence[npt.NDArray[np.int64]],
        classes: Classes,
        look: CropLook,
    ) -> None:
        self.name = ", ".join(folder.name for folder in folders)
        self.classes, self.look = classes, look
        self._pictures = [(folder, k) for folder in folders for k in range(len(folder))]
        self._tables = {id(folder): learnt_indices(folder.classes, classes) for folder in folders}
        together = np.concatenate(counts)[:, list(classes.pixels)]
        with_label = [np.flatnonzero(column >= LEAST_PX) for column in together.T]
        # By index; labels that are nowhere large enough are left to chance.
        self._with_label = [(k, found) for k, found in enumerate(with_label) if len(found)]

    def __len__(self) -> int:
        return len(self._pictures)

    def read(self, number: int) -> Labelled:
        """A whole picture, labels as indices of `classes`. Raises as `LabelFolder.read`."""
        folder, inside = self._pictures[number]
        whole = folder.read(inside)
        return Labelled(whole.picture, self._tables[id(folder)][whole.labels])

    def patch(self, size: int, rng: np.random.Generator) -> Labelled:
        """A crop of `size` px to learn from. Raises as `LabelFolder.read`."""
        look = self.look
        label = None
        if self._with_label and rng.random() < look.balanced:
            label, found = self._with_label[int(rng.integers(len(self._with_label)))]
            number = int(found[rng.integers(len(found))])
        else:
            number = int(rng.integers(len(self._pictures)))
        whole = self.read(number)
        height, width = whole.labels.shape
        side = max(1, round(float(rng.uniform(*look.shown)) * min(height, width)))
        around = None if label is None else _px_of(whole.labels, label, rng)
        top = _begin(height, side, None if around is None else around[0], rng)
        left = _begin(width, side, None if around is None else around[1], rng)
        place = np.s_[top : top + side, left : left + side]
        mirrored = bool(rng.random() < look.mirrored)
        picture = brought(whole.picture[place], size, mirrored, smooth=True)
        labels = brought(whole.labels[place], size, mirrored, smooth=False)
        return Labelled(changed(picture, look, rng), labels)


def learnt_indices(have: Classes, learnt: Classes) -> UInt8Array:
    """uint8 (256,): the index in `learnt` of each index in `have`, else `IGNORED`."""
    table = np.full(256, IGNORED, np.uint8)
    index = {pixel: k for k, pixel in enumerate(learnt.pixels)}
    for k, pixel in enumerate(have.pixels):
        table[k] = index.get(pixel, IGNORED)
    return table


def learnt_classes(have: Classes, ignored: Sequence[str]) -> Classes:
    """The classes without the unlabelled and without those named, whatever their case."""
    leave = {name.casefold() for name in ignored}
    kept = (p for p in have.pixels if p != UNLABELLED and have.name(p).casefold() not in leave)
    return Classes(have.names, tuple(kept))


def changed(picture: UInt8Array, look: CropLook, rng: np.random.Generator) -> UInt8Array:
    """A picture as another camera, light or hand would have made it, uint8 (H, W, 3)."""
    if look.colour:
        picture = _recoloured(picture, look.colour, rng)
    if rng.random() < look.blurred:
        sigma = float(rng.uniform(0.3, MOST_BLUR))
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)
    if rng.random() < look.noisy:
        sigma = float(rng.uniform(1, MOST_NOISE))
        noise = rng.standard_normal(picture.shape, np.float32) * np.float32(sigma)
        picture = np.asarray(np.clip(picture + noise, 0, 255), np.uint8)
    if rng.random() < look.compressed:
        quality = int(rng.integers(*JPEG))
        encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        picture = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)
    return picture


def _recoloured(picture: UInt8Array, strength: float, rng: np.random.Generator) -> UInt8Array:
    def power(most: float, count: int | None = None) -> npt.NDArray[np.float32]:
        return np.asarray(np.exp2(strength * rng.uniform(-most, most, count)), np.float32)

    gain = power(GAIN) * power(TINT, 3)
    offset = np.float32(strength * rng.uniform(-OFFSET, OFFSET))
    level = np.linspace(0, 1, 256, dtype=np.float32) ** power(GAMMA) * 255
    curves = np.clip(level[:, None] * gain + offset, 0, 255)  # (256, 3)
    values = np.stack([curves[:, c][picture[..., c]] for c in range(3)], axis=2)
    saturation = np.float32(1 + strength * rng.uniform(-SATURATION, SATURATION))
    grey = (values @ LUMA)[..., None]
    return np.asarray(np.clip(grey + saturation * (values - grey), 0, 255), np.uint8)


def _px_of(labels: UInt8Array, index: int, rng: np.random.Generator) -> tuple[int, int] | None:
    """Row and column of a px of a label."""
    found = np.flatnonzero(labels == index)
    if not len(found):
        return None
    row, column = divmod(int(found[rng.integers(len(found))]), labels.shape[1])
    return row, column


def _begin(length: int, side: int, inside: int | None, rng: np.random.Generator) -> int:
    """Where a crop of `side` px begins, so that it lies in the picture and shows `inside`."""
    first, last = 0, length - side
    if inside is not None:
        first, last = max(first, inside - side + 1), min(last, inside)
    return int(rng.integers(first, last + 1))
