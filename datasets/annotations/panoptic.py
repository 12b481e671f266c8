"""COCO panoptic files: a PNG whose colours are segments, a JSON that says what they are.

A segment's id is R + 256 G + 65536 B, 0 is nothing (cocodataset.org, "Panoptic
Segmentation"). Stuff of one label is one segment a picture, each thing is one; areas and
boxes are measured on the PNG, after later shapes have covered earlier ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ...strokes.images import MAX_PIXELS
from ...strokes.png_bytes import array_png
from .categories import Category
from .coco import label_of
from .images import open_picture
from .paint import paint
from .record import BACKGROUND, Piece, Record, Remark, Thing
from .rle import Rle

_KEYS = ("id", "category_id", "area", "bbox", "iscrowd")


def panoptic_of(
    record: Record, categories: tuple[Category, ...], max_pixels: int = MAX_PIXELS
) -> tuple[bytes, list[dict[str, Any]], tuple[Remark, ...]]:
    """A record as PNG, segments_info and remarks.

    Raises:
        FormatError: as `paint`.
    """
    painting = paint(record, max_pixels)
    by_name = {category.name: category for category in categories}
    numbers: dict[Any, int] = {}
    segments: list[dict[str, Any]] = []
    table = np.zeros(len(record.things) + 3, np.int64)  # owners from -3 up
    for index, thing in enumerate(record.things):
        category = by_name.get(thing.label)
        if category is None or not (painting.owner == index).any():
            continue
        whose = category.name if category.stuff else index
        if whose not in numbers:
            numbers[whose] = len(numbers) + 1
            segments.append({
                "id": numbers[whose],
                "category_id": category.id,
                "iscrowd": int(thing.crowd),
                **{k: v for k, v in thing.extra.items() if k not in _KEYS},
            })  # fmt: skip
        table[index + 3] = numbers[whose]
    ids = table[painting.owner + 3]
    for segment in segments:
        mask = Rle.of_bitmap(ids == segment["id"])
        segment |= {"area": mask.area, "bbox": list(mask.box)}
    return encode_ids(ids), segments, painting.remarks


def encode_ids(ids: npt.NDArray[np.int64]) -> bytes:
    """Segment ids (H, W) as an RGB PNG."""
    rgb = np.stack([ids & 255, ids >> 8 & 255, ids >> 16 & 255], axis=-1).astype(np.uint8)
    return array_png(rgb)


def decode_ids(path: Any, max_pixels: int = MAX_PIXELS) -> npt.NDArray[np.int64]:
    """Segment ids int64 (H, W) of a panoptic PNG.

    Raises:
        FormatError: not such a picture, or one too large.
        OSError: it cannot be read.
    """
    with open_picture(path, f"the panoptic PNG {path}", max_pixels) as picture:
        rgb = np.asarray(picture.convert("RGB"), np.int64)
    return np.asarray(rgb[..., 0] + (rgb[..., 1] << 8) + (rgb[..., 2] << 16))


def read_segments(
    ids: npt.NDArray[np.int64],
    segments: list[dict[str, Any]],
    names: dict[int, str],
    file: str,
) -> tuple[tuple[Thing, ...], list[Remark]]:
    """The segments of a picture as objects, and remarks on those that PNG or JSON lacks."""
    things, remarks = [], []
    left = set(np.unique(ids).tolist()) - {0}
    for at, segment in enumerate(segments):
        label = label_of(segment, names)
        number = segment.get("id")
        if not label or not isinstance(number, int) or number not in left:
            what = f"segment {number} has no px" if label else "a segment of no category"
            remarks.append(Remark(file, what, "left out", at, label, lost=True))
            continue
        left.discard(number)
        piece = Piece(at, counts=Rle.of_bitmap(ids == number).to_text())
        extra = {k: v for k, v in segment.items() if k not in _KEYS}
        things.append(Thing(label, (piece,), bool(segment.get("iscrowd")), extra))
    for number in sorted(left):
        what = f"px of a segment {number} that segments_info lacks"
        remarks.append(Remark(file, what, "left out", lost=True))
    return tuple(thing for thing in things if thing.label != BACKGROUND), remarks
