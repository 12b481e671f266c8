"""What a picture's annotations are between any two formats, and how they wait on disk.

Readers give a `Record` a picture, writers take them; a record is a line of JSON in the
journal (`journal.py`), so that a conversion holds one picture in memory and can go on
after a kill. Masks are polygons where a format had polygons and run lengths where it did
not; `piece_mask` is the only way from either to px.
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from .polygons import FloatArray, rasterise
from .rle import Rle, union

# labelme's own names: px to be ignored, and px that are nothing.
IGNORE, BACKGROUND = "__ignore__", "_background_"
SPECIAL = (IGNORE, BACKGROUND)
# The key under which files of other formats keep what they have no place for.
OWN_KEY = "linework"
# In it, the shapes of an image whose labels are `SPECIAL`.
ASIDE = "aside"


class Remark(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line of the report.

    Args:
        file: the annotation file, as found.
        what: what was found.
        done: what was done about it.
        shape: index in the file, from 0, or None for the file as a whole.
        label: of the shape.
        lost: whether something was not converted.
    """

    file: str
    what: str
    done: str
    shape: int | None = None
    label: str = ""
    lost: bool = False

    def __str__(self) -> str:
        where = "" if self.shape is None else f", shape {self.shape}"
        label = f" ({self.label})" if self.label else ""
        return f"{self.file}{where}{label}: {self.what}; {self.done}"


class Piece(msgspec.Struct, frozen=True, omit_defaults=True):
    """One shape of an object.

    Args:
        at: its place in the order of painting; later ones lie on top.
        polygons: each x, y, x, y, ... px; the mask is their union.
        counts: run lengths in COCO's text form, in place of polygons.
        shape: the labelme shape it came from, without what the mask says anyway.
    """

    at: int
    polygons: tuple[tuple[float, ...], ...] = ()
    counts: str | None = None
    shape: dict[str, Any] | None = None


class Thing(msgspec.Struct, frozen=True, omit_defaults=True):
    """One object: its label and the shapes whose union it is.

    Args:
        crowd: COCO's iscrowd: a heap of objects that nobody separated.
        extra: keys of a COCO annotation that have no place here.
    """

    label: str
    pieces: tuple[Piece, ...]
    crowd: bool = False
    extra: dict[str, Any] = {}


class Record(msgspec.Struct, frozen=True, omit_defaults=True):
    """All that is known of a picture.

    Args:
        key: relative POSIX path without suffix, unique in the conversion; names its files.
        file: the annotation file it came from, for messages.
        picture: relative POSIX path of the picture in the output, or the name it had.
        width, height: px of the upright picture.
        things: in the order of their first pieces; labels may be `SPECIAL`.
        extra: what the file said beside shapes.
        remarks: what the report says of it.
    """

    key: str
    file: str
    picture: str
    width: int
    height: int
    things: tuple[Thing, ...] = ()
    extra: dict[str, Any] = {}
    remarks: tuple[Remark, ...] = ()


def flat(polygon: FloatArray) -> tuple[float, ...]:
    """A polygon (n, 2) as x, y, x, y, ..."""
    return tuple(polygon.ravel().tolist())


def piece_mask(piece: Piece, height: int, width: int) -> Rle:
    """The px of a piece, on a picture of height x width px."""
    if piece.counts is not None:
        return Rle.of_text(height, width, piece.counts)
    masks = (
        rasterise(np.array(polygon, np.float64).reshape(-1, 2), height, width)
        for polygon in piece.polygons
    )
    return union(masks, height, width)


def thing_mask(thing: Thing, height: int, width: int) -> Rle:
    """The px of an object: the union of its pieces."""
    return union((piece_mask(piece, height, width) for piece in thing.pieces), height, width)
