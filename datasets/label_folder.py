"""Pictures with label maps to train on, from any folder of them: `LabelFolder`.

    train_img/ train_label/         SPADE, COCO-Stuff as SPADE has it, `linework data scenes`
    images/training annotations/training   ADE20K; there 0 is nothing and the pixel the id
    train/ trainannot/              CamVid as SegNet has it
    images/ labels/                 your own

Held-out pairs lie in val_img/, validation/, val/ beside them. What the labels mean comes from
labels.csv or vocabulary.csv in the folder (id,name,rgb; id = pixel + 1), else from what the label
maps say of themselves; else numbers are all that is known. Labels are counted, not asked for:
a picture model knows those that occur, and has them as indices from 0 without a gap.
"""

from __future__ import annotations

import colorsys
import os
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from ..strokes.errors import FormatError, LineworkError
from ..strokes.images import read_image
from .label_png import IDS, check_same_size, read_label_png
from .labels import Label, UInt8Array, Vocabulary, vocabulary
from .pictures import find_pictures, picture_size


@dataclass(frozen=True, slots=True)
class Layout:
    """Where pictures and label maps lie in a folder, to learn from and held out."""

    train: tuple[str, str]
    held_out: tuple[str, str]
    zero_is_none: bool = False


LAYOUTS = (
    Layout(("train_img", "train_label"), ("val_img", "val_label")),
    Layout(
        ("images/training", "annotations/training"),
        ("images/validation", "annotations/validation"),
        zero_is_none=True,
    ),
    Layout(("train", "trainannot"), ("val", "valannot")),
    Layout(("images", "labels"), ("val_images", "val_labels")),
)
NAMES = "labels.csv"
CONVERTED_NAMES = "vocabulary.csv"  # as `linework annotations convert --to labels` writes it
# What other tools put behind the name of a picture's label map.
ENDINGS = ("", "_labels", "_label", "_L", "_labelIds", "_gtFine_labelIds")
KEPT_BYTES = 1 << 30  # of pictures and maps: some 4,000 of 256 px
# A crop shows at least this share of the shorter side: scenes keep their order from sky to ground.
LEAST_SHOWN = 0.7
WHOLE_SHARE = 0.5  # of crops that show all of the shorter side
MIRRORED_SHARE = 0.5
NOT_LABELLED = "unlabelled"


@dataclass(frozen=True, slots=True)
class LabelPair:
    """A picture and its label map, by path."""

    picture: Path
    labels: Path


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """A picture and its labels.

    Args:
        picture: uint8 (H, W, 3), red, green, blue.
        labels: uint8 (H, W), indices of `LabelFolder.classes`.
    """

    picture: UInt8Array
    labels: UInt8Array


@dataclass(frozen=True, slots=True, eq=False)
class Classes:
    """The labels that a model knows, in the order of their indices.

    Args:
        names: of what the pixels of label maps are, in the model's vocabulary.
        pixels: the pixel of each index, ascending; the last may be 255, unlabelled.
    """

    names: Vocabulary
    pixels: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.pixels)

    @property
    def index(self) -> npt.NDArray[np.int16]:
        """int16 (256,), the index of each pixel; -1 where it is not known."""
        table = np.full(256, -1, np.int16)
        table[list(self.pixels)] = np.arange(len(self.pixels))
        return table

    def name(self, pixel: int) -> str:
        """What a pixel is called."""
        label = self.names.at(pixel)
        return label.name if label is not None else NOT_LABELLED


def find_label_pairs(
    folder: str | os.PathLike[str],
) -> tuple[list[LabelPair], list[LabelPair], Layout]:
    """Pairs to learn from, pairs held out (perhaps none), and how the folder is laid out.

    Raises:
        LineworkError: no such folder, none of `LAYOUTS`, no pictures, or one without a label map.
    """
    base = Path(folder)
    if not base.is_dir():
        raise LineworkError(f"{folder}: there is no such folder")
    for layout in LAYOUTS:
        if all((base / part).is_dir() for part in layout.train):
            train = _pairs(base, *layout.train)
            both = all((base / part).is_dir() for part in layout.held_out)
            # `linework data scenes --val 0` leaves those folders empty.
            both = both and bool(find_pictures(base / layout.held_out[0]))
            held_out = _pairs(base, *layout.held_out) if both else []
            return train, held_out, layout
    wanted = ", or ".join(" and ".join(f"{p}/" for p in layout.train) for layout in LAYOUTS)
    raise LineworkError(f"{folder}: holds no pictures with label maps; wanted {wanted}")


def read_names(
    folder: str | os.PathLike[str], pairs: Sequence[LabelPair], layout: Layout
) -> Vocabulary:
    """What the labels of a folder mean: its labels.csv, what its maps say, or numbers.

    Raises:
        LineworkError, FormatError: a labels.csv that is none; a map that cannot be read.
    """
    for name in (NAMES, CONVERTED_NAMES):
        own = Path(folder) / name
        if own.is_file():
            return vocabulary(str(own))
    if layout.zero_is_none:
        return vocabulary("ade20k")
    try:
        return read_label_png(pairs[0].labels).vocabulary
    except FormatError:
        raise
    except LineworkError:  # it does not say
        return numbers_as_names(Path(folder).name)


class LabelFolder:
    """Augmented crops of pictures with their labels.

    Args:
        folder: for the name.
        pairs: what to cut from.
        classes: the labels, as `check_labels` finds them.
        zero_is_none: as the layout says.
        limit: bytes of pictures and maps to keep in memory.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        pairs: Sequence[LabelPair],
        classes: Classes,
        *,
        zero_is_none: bool = False,
        limit: int = KEPT_BYTES,
    ) -> None:
        self.name = str(folder)
        self.pairs, self.classes = tuple(pairs), classes
        self._zero_is_none, self._limit = zero_is_none, limit
        self._kept: OrderedDict[int, Labelled] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self.pairs)

    def read(self, number: int) -> Labelled:
        """A whole picture and its labels.

        Raises:
            LineworkError, FormatError: files that cannot be read or do not fit together.
        """
        if number in self._kept:
            self._kept.move_to_end(number)
            return self._kept[number]
        pair = self.pairs[number]
        picture = _rgb(read_image(pair.picture))
        pixels = read_labels(pair, self.classes.names, zero_is_none=self._zero_is_none)
        indices = self.classes.index[pixels]
        if indices.min() < 0:
            wrong = int(pixels[indices < 0][0])
            raise LineworkError(
                f"{pair.labels}: has {self.classes.name(wrong)} (pixel {wrong}), which is in no "
                "picture that is learnt from"
            )
        found = Labelled(picture, indices.astype(np.uint8))
        self._kept[number] = found
        self._bytes += _size(found)
        while self._bytes > self._limit and len(self._kept) > 1:
            self._bytes -= _size(self._kept.popitem(last=False)[1])
        return found

    def patch(self, size: int, rng: np.random.Generator) -> Labelled:
        """A square crop of a random picture, mirrored or not, at `size` px."""
        whole = self.read(int(rng.integers(len(self.pairs))))
        height, width = whole.labels.shape
        share = 1.0 if rng.random() < WHOLE_SHARE else float(rng.uniform(LEAST_SHOWN, 1))
        side = max(1, round(share * min(height, width)))
        top = int(rng.integers(height - side + 1))
        left = int(rng.integers(width - side + 1))
        mirrored = rng.random() < MIRRORED_SHARE
        place = np.s_[top : top + side, left : left + side]
        return Labelled(
            brought(whole.picture[place], size, mirrored, smooth=True),
            brought(whole.labels[place], size, mirrored, smooth=False),
        )


def check_labels(
    pairs: Sequence[LabelPair],
    names: Vocabulary,
    *,
    zero_is_none: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Classes:
    """Reads every label map: the labels that occur.

    Args:
        progress: called with the maps read and in all.

    Raises:
        LineworkError: sizes that do not match; one label only.
        FormatError: a map that is not one; see `read_labels`.
    """
    counts = count_pixels(pairs, names, zero_is_none=zero_is_none, progress=progress)
    return counted_classes(pairs, names, counts)


def count_pixels(
    pairs: Sequence[LabelPair],
    names: Vocabulary,
    *,
    zero_is_none: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> npt.NDArray[np.int64]:
    """Reads every label map: int64 (pairs, 256), how many px of each there are in each.

    Arguments and errors as `check_labels`, but of one label only.
    """
    counts = np.zeros((len(pairs), 256), np.int64)
    for done, pair in enumerate(pairs, 1):
        pixels = read_labels(pair, names, zero_is_none=zero_is_none)
        check_same_size(pair.labels, pixels, str(pair.picture), picture_size(pair.picture))
        counts[done - 1] = np.bincount(pixels.ravel(), minlength=256)
        if progress is not None:
            progress(done, len(pairs))
    return counts


def counted_classes(
    pairs: Sequence[LabelPair], names: Vocabulary, counts: npt.NDArray[np.int64]
) -> Classes:
    """The labels that occur, from what `count_pixels` counted; one alone is a LineworkError."""
    seen = counts.sum(axis=0) > 0
    classes = Classes(names, tuple(int(pixel) for pixel in np.flatnonzero(seen)))
    if len(classes) < 2:
        only = classes.name(classes.pixels[0])
        raise LineworkError(
            f"{pairs[0].labels.parent}: all {len(pairs)} label maps hold one label only, {only} "
            f"(pixel {classes.pixels[0]}); wanted two or more"
        )
    return classes


def read_labels(pair: LabelPair, names: Vocabulary, *, zero_is_none: bool = False) -> UInt8Array:
    """A label map as pixels of a vocabulary, uint8 (H, W).

    Raises:
        FormatError: colours where numbers are expected, or values that are no label.
        LineworkError: as `read_label_png`.
    """
    form = None
    if _is_numbers(names):
        _refuse_colors(pair.labels)
        form = IDS
    return read_label_png(pair.labels, names, form=form, zero_is_none=zero_is_none).pixels


def numbers_as_names(name: str) -> Vocabulary:
    """A vocabulary for maps that do not say what their numbers mean: "label 0" to "label 254"."""
    return Vocabulary(
        name, tuple(Label(pixel + 1, f"label {pixel}", _color(pixel)) for pixel in range(255))
    )


def _is_numbers(names: Vocabulary) -> bool:
    return len(names) == 255 and names.labels[0].name == "label 0"


def _color(number: int) -> tuple[int, int, int]:
    """Colours far apart for numbers near each other: the hue goes round by the golden angle."""
    rgb = colorsys.hsv_to_rgb(number * 0.381966 % 1, 0.55 + 0.15 * (number % 3), 0.9)
    red, green, blue = (round(255 * value) for value in rgb)
    return red, green, blue


def _refuse_colors(path: Path) -> None:
    """Raises a FormatError for an RGB picture in the place of a map of numbers."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            if image.mode in ("P", "L", "1") or image.mode.startswith("I"):
                return
            rgb = np.asarray(image.convert("RGB"), np.uint8)
    except (OSError, SyntaxError, ValueError) as error:
        raise FormatError(f"{path}: is not a picture that can be read ({error})") from error
    grey = (rgb[..., :1] == rgb).all()
    if not grey:
        y, x = (int(i) for i in np.argwhere((rgb[..., :1] != rgb).any(axis=2))[0])
        color = "#{:02x}{:02x}{:02x}".format(*rgb[y, x].tolist())
        raise FormatError(
            f"{path}: is RGB, with {color} at x {x}, y {y}; wanted a number for each px; if it is "
            f"a map of colours, say what they mean: a {NAMES} with id,name,rgb in the folder"
        )


def _pairs(base: Path, pictures: str, labels: str) -> list[LabelPair]:
    found = find_pictures(base / pictures)
    if not found:
        raise LineworkError(f"{base / pictures}: holds no pictures")
    maps = {path.stem: path for path in find_pictures(base / labels)}
    pairs, alone = [], []
    for picture in found:
        names = (picture.stem + ending for ending in ENDINGS)
        match = next((maps[name] for name in names if name in maps), None)
        if match is None:
            alone.append(picture.name)
        else:
            pairs.append(LabelPair(picture, match))
    if alone:
        more = f" and {len(alone) - 1} more pictures have" if len(alone) > 1 else " has"
        there = f"; there are such as {next(iter(maps.values())).name}" if maps else ""
        raise LineworkError(
            f"{base / pictures}: {alone[0]}{more} no label map of that name in {labels}/{there}; "
            "add it, or take the picture away"
        )
    return pairs


def _rgb(picture: UInt8Array) -> UInt8Array:
    return np.repeat(picture[:, :, None], 3, axis=2) if picture.ndim == 2 else picture


def _size(pair: Labelled) -> int:
    return pair.picture.nbytes + pair.labels.nbytes


def brought(part: UInt8Array, size: int, mirrored: bool, *, smooth: bool) -> UInt8Array:
    """A square part at a size; pictures by area or smoothly, labels by the nearest.

    Args:
        part: uint8 (S, S) or (S, S, 3).
        size: px.
    """
    if part.shape[0] != size:
        way = cv2.INTER_AREA if part.shape[0] > size else cv2.INTER_CUBIC
        way = way if smooth else cv2.INTER_NEAREST_EXACT
        part = np.asarray(cv2.resize(part, (size, size), interpolation=way), np.uint8)
    return np.ascontiguousarray(part[:, ::-1] if mirrored else part)
