"""Label vocabularies: what the numbers and colours of a label map mean.

`palettes.csv` is the single truth: for COCO-Stuff (182 labels, nightrome/cocostuff
labels.txt), ADE20K (150, CSAILVision/sceneparsing objectInfo150.csv), Cityscapes (the 19
train ids, mcordts/cityscapesScripts labels.py) and this suite's own scene vocabulary, each label's
id, name, colour, whether it is a thing or stuff, the Quick, Draw! words that draw it,
and what it is called in the others. Anybody's own list is a CSV with id, name and rgb.

Ids run from 1. In a label map the pixel is id - 1 and 255 is unlabelled, for every
vocabulary: for COCO-Stuff that is SPADE's data, for Cityscapes the train ids.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from ..strokes import FormatError, LineworkError
from ..strokes.color import to_rgb
from .words import join_or, nearest_words

UInt8Array = npt.NDArray[np.uint8]

VOCABULARIES = ("cocostuff", "ade20k", "cityscapes", "scene")
# The pixel of what nobody labelled, in every vocabulary.
UNLABELLED = 255
# Pixels are bytes and one of them is UNLABELLED.
MAX_ID = 255
# How the unlabelled look; no vocabulary has a black label.
UNLABELLED_RGB = (0, 0, 0)
# COCO-Stuff is known to all others, so it stands between two that are not known to each other.
_HUB = "cocostuff"
_KINDS = ("thing", "stuff")
_NEEDED = ("id", "name", "rgb")


@dataclass(frozen=True, slots=True)
class Label:
    """One label of a vocabulary.

    Args:
        id: 1 to 255; the pixel is one less.
        name: as the vocabulary spells it.
        rgb: red, green, blue, 0 to 255.
        kind: "thing" (countable) or "stuff".
        words: the Quick, Draw! words that draw it.
        elsewhere: vocabulary -> name of the same thing there; absent where there is none.
    """

    id: int
    name: str
    rgb: tuple[int, int, int]
    kind: str = "stuff"
    words: tuple[str, ...] = ()
    elsewhere: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def pixel(self) -> int:
        """Its value in a label map."""
        return self.id - 1


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """A named list of labels, ids ascending, names and ids unique."""

    name: str
    labels: tuple[Label, ...]

    def __post_init__(self) -> None:
        for what in ("id", "name"):
            seen: set[object] = set()
            for label in self.labels:
                if getattr(label, what) in seen:
                    raise LineworkError(
                        f"vocabulary {self.name}: the {what} {getattr(label, what)!r} stands twice"
                    )
                seen.add(getattr(label, what))

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def colors(self) -> UInt8Array:
        """uint8 (256, 3), RGB by pixel; black where no label is."""
        table = np.zeros((256, 3), np.uint8)
        for label in self.labels:
            table[label.pixel] = label.rgb
        return table

    @property
    def is_pixel(self) -> npt.NDArray[np.bool_]:
        """bool (256,): whether a pixel has a label, or is `UNLABELLED`."""
        known = np.zeros(256, np.bool_)
        known[[label.pixel for label in self.labels]] = True
        known[UNLABELLED] = True
        return known

    def at(self, pixel: int) -> Label | None:
        """The label of a pixel, None where it has none."""
        return next((label for label in self.labels if label.pixel == pixel), None)

    def find(self, text: str) -> Label | None:
        """The label that a name, a Quick, Draw! word or COCO-Stuff's name for it spells.

        Case, spaces and hyphens do not count. Words go first: COCO-Stuff has a "door" that was
        never annotated, and the door that people draw is its door-stuff.

        >>> vocabulary("scene").find("Palm Tree").name, vocabulary("scene").find("sky-other").name
        ('tree', 'sky')
        """
        key = _key(text)
        for spelled in (
            lambda label: label.words,
            lambda label: (label.name,),
            lambda label: tuple(label.elsewhere.values()),
        ):
            for label in self.labels:
                if key and key in map(_key, spelled(label)):
                    return label
        return None

    def label(self, text: str) -> Label:
        """As `find`; raises a LineworkError that names the nearest names."""
        found = self.find(text)
        if found is None:
            known = [label.name for label in self.labels]
            near = nearest_words(text, known + [w for label in self.labels for w in label.words])
            hint = f"did you mean {join_or(near)}?" if near else "`linework labels list` shows all"
            raise LineworkError(f"{text!r} is no label of {self.name}; {hint}")
        return found


@cache
def vocabulary(name: str) -> Vocabulary:
    """One of `VOCABULARIES`, or of a CSV file with the columns id, name, rgb.

    Further columns of a file are kind, words (between semicolons) and the names of
    other vocabularies, as in `palettes.csv`.

    >>> v = vocabulary("cocostuff"); len(v), v.at(156).name, v.find("ocean").id
    (182, 'sky-other', 155)

    Raises:
        LineworkError: neither; the message lists them.
        FormatError: a CSV that is none; names file and line.
    """
    if name in VOCABULARIES:
        text = resources.files(__package__).joinpath("palettes.csv").read_text("utf-8")
        return _parse(text, name, "palettes.csv", only=name)
    if not name.lower().endswith(".csv"):
        raise LineworkError(
            f"{name!r} is no vocabulary; wanted {join_or(VOCABULARIES)}, or a .csv file with the "
            "columns id,name,rgb"
        )
    path = Path(name)
    try:
        return _parse(path.read_text("utf-8-sig"), path.stem, name)
    except UnicodeDecodeError as error:
        raise FormatError(f"{name}: is not UTF-8 text ({error.reason}); save it as UTF-8") from None


def _parse(text: str, name: str, file: str, only: str | None = None) -> Vocabulary:
    rows = csv.DictReader(io.StringIO(text))
    missing = [column for column in _NEEDED if column not in (rows.fieldnames or ())]
    if missing:
        raise FormatError(
            f"{file}:1: the columns are {', '.join(rows.fieldnames or ()) or 'none'}; "
            f"{', '.join(missing)} is missing"
        )
    labels = [
        _label(row, f"{file}:{line}")
        for line, row in enumerate(rows, 2)
        if only is None or row["vocabulary"] == only
    ]
    if not labels:
        raise FormatError(f"{file}: holds no labels; wanted rows of id,name,rgb")
    return Vocabulary(name, tuple(sorted(labels, key=lambda label: label.id)))


def _label(row: Mapping[str, str | None], where: str) -> Label:
    cell = {key: (value or "").strip() for key, value in row.items() if isinstance(key, str)}
    if not (cell["id"].isdecimal() and 1 <= int(cell["id"]) <= MAX_ID):
        raise FormatError(
            f"{where}: the id is {cell['id']!r}; wanted a whole number, 1 to {MAX_ID}"
        )
    kind = cell.get("kind") or "stuff"
    if kind not in _KINDS or not cell["name"]:
        raise FormatError(
            f"{where}: name {cell['name']!r}, kind {kind!r}; wanted a name, and thing or stuff"
        )
    try:
        rgb = to_rgb(cell["rgb"])
    except LineworkError as error:
        raise FormatError(f"{where}: {error}") from None
    words = tuple(word for word in cell.get("words", "").split(";") if word)
    elsewhere = {other: cell[other] for other in VOCABULARIES if cell.get(other)}
    return Label(int(cell["id"]), cell["name"], rgb, kind, words, MappingProxyType(elsewhere))


@dataclass(frozen=True, slots=True, eq=False)
class Conversion:
    """How the pixels of one vocabulary become those of another.

    Args:
        table: uint8 (256,), the new pixel of each; `UNLABELLED` where there is none.
        lost: the labels that have nothing to become.
    """

    source: Vocabulary
    target: Vocabulary
    table: UInt8Array
    lost: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class ConversionReport:
    """What became of one label map: pixels by the names of the labels.

    Args:
        kept: (old name, new name) -> pixels.
        lost: old name -> pixels that are unlabelled now.
        unlabelled: pixels that were unlabelled before.
    """

    kept: Mapping[tuple[str, str], int]
    lost: Mapping[str, int]
    unlabelled: int

    def __str__(self) -> str:
        kept, lost = sum(self.kept.values()), sum(self.lost.values())
        total = max(kept + lost + self.unlabelled, 1)
        text = f"{kept / total:.1%} kept, {self.unlabelled / total:.1%} was unlabelled"
        if self.lost:
            by_size = sorted(self.lost.items(), key=lambda item: -item[1])
            names = ", ".join(f"{name} {count:,} px" for name, count in by_size)
            text += f", {lost / total:.1%} maps to nothing: {names}"
        return text


def conversion(source: Vocabulary, target: Vocabulary) -> Conversion:
    """The way from one vocabulary to another.

    A label becomes what `palettes.csv` says it is called there, else what COCO-Stuff's name
    for it is called there, else the label of the same name; else it is lost.
    """
    table = np.full(256, UNLABELLED, np.uint8)
    lost = []
    for label in source.labels:
        found = _counterpart(label, source, target)
        if found is None:
            lost.append(label)
        else:
            table[label.pixel] = found.pixel
    return Conversion(source, target, table, tuple(lost))


def convert_labels(pixels: UInt8Array, way: Conversion) -> tuple[UInt8Array, ConversionReport]:
    """A label map in another vocabulary, and what became of its labels.

    Args:
        pixels: uint8 (H, W), id - 1 in `way.source`, or `UNLABELLED`.
    """
    counts = np.bincount(pixels.ravel(), minlength=256)
    kept, lost = {}, {}
    for label in way.source.labels:
        if count := int(counts[label.pixel]):
            found = way.target.at(int(way.table[label.pixel]))
            if found is None:
                lost[label.name] = count
            else:
                kept[label.name, found.name] = count
    return way.table[pixels], ConversionReport(kept, lost, int(counts[UNLABELLED]))


def count_labels(pixels: UInt8Array, names: Vocabulary) -> dict[str, int]:
    """Pixels by the label's name, most first; without those unlabelled."""
    counts = np.bincount(pixels.ravel(), minlength=256)
    found = {label.name: int(counts[label.pixel]) for label in names.labels}
    return dict(sorted(((n, c) for n, c in found.items() if c), key=lambda item: -item[1]))


def _counterpart(label: Label, source: Vocabulary, target: Vocabulary) -> Label | None:
    if source.name == target.name:
        return label
    names = [label.elsewhere.get(target.name)]
    if names == [None] and source.name != _HUB and _HUB in label.elsewhere:
        hub = vocabulary(_HUB).label(label.elsewhere[_HUB])
        names = [hub.elsewhere.get(target.name)]
    if source.name not in VOCABULARIES or target.name not in VOCABULARIES:
        names.append(label.name)
    by_name = {candidate.name: candidate for candidate in target.labels}
    return next((by_name[name] for name in names if name in by_name), None)


def _key(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
