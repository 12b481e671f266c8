"""Label maps in SPADE's layout, both ways: train_img, train_label, train_inst, vocabulary.csv;
and val_img, val_label, val_inst for pictures that are held out.

In train_label the pixel is id - 1 and 255 is unlabelled (`datasets.label_png`); train_inst
tells instances apart: for things their number within the picture, elsewhere the label's
pixel again, as in SPADE's COCO-Stuff. Both are 8 bits deep; where a picture holds more
instances of a label than fit, the rest share the last number, and the report says so.
"""

from __future__ import annotations

import csv
import glob
import hashlib
import io
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...strokes.errors import FormatError
from ...strokes.images import MAX_PIXELS
from ..label_png import read_label_png
from ..labels import UNLABELLED, UInt8Array, Vocabulary
from .images import open_picture
from .paint import GROUND, IGNORED, paint
from .record import BACKGROUND, Piece, Record, Remark, Thing
from .rle import Rle

PICTURES, LABELS, INSTANCES = "train_img", "train_label", "train_inst"
VOCABULARY = "vocabulary.csv"
# Held-out pictures lie beside those to learn from, under names that begin otherwise.
LEARNT, HELD_OUT = "train_", "val_"
_MOST_INSTANCES = 254


def label_map_of(
    record: Record, names: Vocabulary, max_pixels: int = MAX_PIXELS
) -> tuple[UInt8Array, UInt8Array, tuple[Remark, ...]]:
    """A record as a label map and an instance map, uint8 (H, W), and remarks.

    Raises:
        FormatError: as `paint`.
    """
    painting = paint(record, max_pixels)
    pixels = {label.name: label.pixel for label in names.labels}
    kinds = {label.name: label.kind for label in names.labels}
    ground = pixels.get(BACKGROUND, UNLABELLED)
    label_of = np.full(len(record.things) + 3, UNLABELLED, np.uint8)
    label_of[[GROUND + 3, -1 + 3]] = ground
    label_of[IGNORED + 3] = UNLABELLED
    instance_of = label_of.copy()
    counts: Counter[str] = Counter()
    for index, thing in enumerate(record.things):
        label_of[index + 3] = instance_of[index + 3] = pixels.get(thing.label, UNLABELLED)
        if kinds.get(thing.label) == "thing" and not thing.crowd:
            instance_of[index + 3] = min(counts[thing.label], _MOST_INSTANCES)
            counts[thing.label] += 1
    crowded = tuple(
        Remark(record.file, f"{count} instances of one label", "those past 255 share a number",
               label=label, lost=True)
        for label, count in counts.items() if count > _MOST_INSTANCES + 1
    )  # fmt: skip
    owner = painting.owner + 3
    return label_of[owner], instance_of[owner], (*painting.remarks, *crowded)


def label_folders(root: Path) -> list[Path]:
    """The folders of label maps of a layout: those to learn from, those held out."""
    folders = [root / LABELS, root / held_out(LABELS)]
    return [folder for folder in folders if folder.is_dir()]


def held_out(part: str) -> str:
    """The held-out counterpart of train_img, train_label or train_inst."""
    return HELD_OUT + part.removeprefix(LEARNT)


def hold_out(root: Path, keys: Sequence[str], share: float) -> int:
    """Moves a share of the pictures with their maps to the held-out folders; how many.

    Which ones follows from their names alone, so that doing it again changes nothing, and adding
    pictures changes few. With two pictures or more, at least one is held out and one is not.

    Args:
        keys: paths of the label maps within train_label, without suffix.
        share: from 0 to below 1.
    """
    if share <= 0 or len(keys) < 2:
        return 0
    count = min(max(round(share * len(keys)), 1), len(keys) - 1)
    chosen = sorted(keys, key=lambda key: hashlib.sha256(key.encode()).digest())[:count]
    for key in chosen:
        for part in (PICTURES, INSTANCES, LABELS):
            for file in glob.glob(glob.escape(str(root / part / key)) + ".*"):
                path = Path(file)
                if path.name.rpartition(".")[0] != Path(key).name:  # a.b.png is not of a
                    continue
                target = root / held_out(part) / path.relative_to(root / part)
                target.parent.mkdir(parents=True, exist_ok=True)
                os.replace(path, target)
    return count


def write_vocabulary(names: Vocabulary) -> bytes:
    """The CSV that says what the pixels mean; `datasets.labels.vocabulary` reads it."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["id", "name", "kind", "rgb"])
    for label in names.labels:
        rows.writerow([label.id, label.name, label.kind, "#{:02x}{:02x}{:02x}".format(*label.rgb)])
    return text.getvalue().encode()


def read_label_map(
    labels: Path, instances: Path | None, names: Vocabulary, file: str
) -> tuple[tuple[Thing, ...], tuple[int, int], list[Remark]]:
    """A label map, with its instance map where there is one, as objects of run lengths.

    Returns:
        objects, width and height, remarks.

    Raises:
        FormatError, LineworkError: as `read_label_png`, or maps of unequal size.
    """
    pixels = read_label_png(labels, names).pixels
    height, width = pixels.shape
    whose = np.zeros_like(pixels)
    if instances is not None:
        whose = _grey(instances)
        if whose.shape != pixels.shape:
            raise FormatError(f"{instances.name} has another size than {labels.name}")
    # Stuff is one, whatever the instance map says of it.
    things_only = np.zeros(256, bool)
    things_only[[label.pixel for label in names.labels if label.kind == "thing"]] = True
    both = pixels.astype(np.int64) * 256 + np.where(things_only[pixels], whose, 0)
    things: list[Thing] = []
    for value in np.unique(both).tolist():
        label = names.at(value // 256)
        if label is None or label.name == BACKGROUND:
            continue
        counts = Rle.of_bitmap(both == value).to_text()
        things.append(Thing(label.name, (Piece(len(things), counts=counts),)))
    return tuple(things), (width, height), []


def _grey(path: Path) -> UInt8Array:
    with open_picture(path, f"the instance map {path.name}", MAX_PIXELS) as picture:
        return np.asarray(picture if picture.mode in ("L", "P") else picture.convert("L"))
