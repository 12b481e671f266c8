"""Label maps looked at and converted: `linework labels` as functions."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..datasets.label_png import Reading, read_label_png, write_label_png
from ..datasets.labels import (
    UNLABELLED,
    Vocabulary,
    conversion,
    convert_labels,
    count_labels,
    vocabulary,
)
from ..strokes.errors import LineworkError
from ..strokes.png_bytes import write_array

Path_ = str | os.PathLike[str]
# What a folder of label maps may hold; JPEG only as colour maps.
SUFFIXES = (".png", ".tif", ".tiff", ".bmp", ".gif", ".webp", ".jpg", ".jpeg")


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How label maps are read; see `datasets.label_png.read_label_png`."""

    names: str | None = None
    form: str | None = None
    tolerance: float = 9.0
    zero_is_none: bool = False
    refuse_unknown: bool = True

    def read(self, path: Path_) -> Reading:
        """The label map of a file. Raises as `read_label_png`."""
        return read_label_png(
            path,
            None if self.names is None else vocabulary(self.names),
            form=self.form,
            tolerance=self.tolerance,
            zero_is_none=self.zero_is_none,
            refuse_unknown=self.refuse_unknown,
        )


def vocabulary_rows(names: Vocabulary) -> list[dict[str, Any]]:
    """A vocabulary as rows for printing."""
    return [
        {
            "id": label.id,
            "pixel": label.pixel,
            "name": label.name,
            "kind": label.kind,
            "rgb": "#{:02x}{:02x}{:02x}".format(*label.rgb),
            "words": list(label.words),
        }
        for label in names.labels
    ]


@dataclass(frozen=True, slots=True)
class LabelFacts:
    """What a label map holds.

    Args:
        size: width and height, px.
        form, why, snapped, unknown: as in `Reading`.
        unlabelled: share of the picture.
        labels: share of the picture by the label's name, most first.
    """

    file: str
    size: tuple[int, int]
    vocabulary: str
    form: str
    why: str
    snapped: int
    unknown: int
    unlabelled: float
    labels: dict[str, float]

    def __str__(self) -> str:
        rows = [f"{share:7.2%}  {name}" for name, share in self.labels.items()]
        rows.append(f"{self.unlabelled:7.2%}  unlabelled")
        width, height = self.size
        head = f"{self.file}: {width} x {height} px, {self.form} of {self.vocabulary} ({self.why})"
        if self.snapped:
            head += f"; {self.snapped:,} px snapped to the nearest colour"
        return "\n".join([head, *rows])


def labels_of_file(path: Path_, options: ReadOptions) -> LabelFacts:
    """What a label map holds, and how its numbers were taken. Raises as `read_label_png`."""
    reading = options.read(path)
    height, width = reading.pixels.shape
    whole = width * height
    counts = count_labels(reading.pixels, reading.vocabulary)
    return LabelFacts(
        os.fspath(path),
        (width, height),
        reading.vocabulary.name,
        reading.form,
        reading.why,
        reading.snapped,
        reading.unknown,
        int((reading.pixels == UNLABELLED).sum()) / whole,
        {name: count / whole for name, count in counts.items()},
    )


def convert_files(
    source: Path_,
    out: Path_,
    target: str | None,
    options: ReadOptions,
    note: Callable[[str], None] = lambda text: None,
) -> int:
    """Label maps in another vocabulary, or in the same with the palette embedded.

    Args:
        source: a file, or a folder of label maps.
        out: a .png; for a folder, a folder.
        target: the vocabulary's name; None keeps the file's.
        note: is told how each file was read and what of it maps to nothing.

    Returns:
        how many files were written.

    Raises:
        LineworkError, FormatError: as reading and writing; a folder without label maps.
    """
    count = 0
    for path, place in _places(Path(source), Path(out)):
        reading = options.read(path)
        pixels, names = reading.pixels, reading.vocabulary
        note(f"{path}: {reading}")
        if target is not None:
            way = conversion(names, vocabulary(target))
            pixels, report = convert_labels(pixels, way)
            names = way.target
            note(f"{path}: {report}")
        place.parent.mkdir(parents=True, exist_ok=True)
        write_label_png(place, pixels, names)
        count += 1
    return count


def write_colors(path: Path_, out: Path_, options: ReadOptions) -> None:
    """A label map as a plain RGB picture of its vocabulary's colours."""
    reading = options.read(path)
    write_array(out, reading.vocabulary.colors[reading.pixels])


def _places(source: Path, out: Path) -> Iterator[tuple[Path, Path]]:
    """Each label map and where it goes."""
    if not source.is_dir():
        if out.suffix.lower() != ".png":
            raise LineworkError(f"{out}: label maps are written as .png; wanted such a name")
        yield source, out
        return
    if out.is_file() or out.suffix:
        raise LineworkError(f"{out}: {source} is a folder; wanted a folder to write to")
    found = sorted(p for p in source.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
    if not found:
        raise LineworkError(f"{source}: holds no label maps ({', '.join(SUFFIXES)})")
    for path in found:
        yield path, (out / path.relative_to(source)).with_suffix(".png")
