"""labelme files: one a picture, shapes with labels, read so that no shape spoils the others.

What labelme's versions 3 to 7 and programs like it write is taken; what is wrong with a
shape is said with its index, and the others go on. Shapes of equal label and group_id are
one object, `__ignore__` and `_background_` keep their meaning, and everything that masks do
not say (flags, descriptions, versions, keys of other programs) travels along.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from ...strokes.errors import FormatError
from .categories import Labels, normal_label
from .images import UPRIGHT, Picture, find_picture
from .polygons import FloatArray, rasterise
from .record import Piece, Record, Remark, Thing, piece_mask, thing_mask
from .rle import Rle, union
from .shapes import Outline, ShapeError, Widths, encode_mask, read_shape
from .turn import turn_shape

# Larger files hold pictures that are better kept beside them; ten times a camera's largest.
MAX_JSON_BYTES = 256 << 20
# What a record says elsewhere, or not at all.
_FILE_KEYS = ("shapes", "imageData", "imageHeight", "imageWidth", "coco")
# Under this key a shape or file keeps what COCO said of it.
COCO_KEY = "coco"
VERSION = "5.5.0"  # of labelme, whose files these are like


@dataclass(frozen=True, slots=True)
class LabelmeFile:
    """A file read: its record, and the picture to copy."""

    record: Record
    picture: Picture


def read_labelme(
    path: Path,
    key: str,
    *,
    name: str,
    labels: Labels | None = None,
    widths: Widths | None = None,
) -> LabelmeFile:
    """A labelme file.

    Args:
        key: of the record.
        name: of the file in messages.
        labels: the only labels allowed; None allows all.
        widths: of lines and points.

    Raises:
        FormatError: the file as a whole cannot be used.
        OSError: it cannot be read.
    """
    content = read_json(path)
    shapes = _shapes(content)
    declared = (content.get("imageWidth"), content.get("imageHeight"))
    picture = find_picture(path, content.get("imagePath"), content.pop("imageData", None), declared)
    remarks = [Remark(name, what, done) for what, done in picture.remarks]
    if picture.missing:
        remarks.append(
            Remark(
                name,
                f"its picture {picture.name} is missing",
                "annotations kept with the size stated; no picture copied",
                lost=True,
            )
        )
    reader = _Shapes(name, picture, labels, widths or Widths())
    things = reader.read(shapes)
    coco = content.get(COCO_KEY)
    extra = {"labelme": {k: v for k, v in content.items() if k not in _FILE_KEYS}}
    record = Record(
        key=key,
        file=name,
        picture=picture.name,
        width=picture.size[0],
        height=picture.size[1],
        things=things,
        extra=extra | ({COCO_KEY: coco} if isinstance(coco, dict) else {}),
        remarks=(*remarks, *reader.remarks),
    )
    return LabelmeFile(record, picture)


def read_json(path: Path, *, max_bytes: int = MAX_JSON_BYTES) -> Any:
    """The content of a JSON file in any encoding that JSON allows, NaN admitted.

    Raises:
        FormatError: too large, not text, or not JSON.
        OSError: it cannot be read.
    """
    size = path.stat().st_size
    if size > max_bytes:
        raise FormatError(
            f"has {size / 1e6:,.0f} MB; wanted {max_bytes / 1e6:,.0f} MB at most: keep pictures "
            "beside their annotation files, not inside"
        )
    data = path.read_bytes()
    if not data.strip():
        raise FormatError("is empty; wanted JSON")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16", "replace").encode()
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        pass  # Python's own parser admits NaN, which labelme has written, and knows the line
    try:
        return json.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise FormatError(f"is not UTF-8 (byte {error.start:,}); save it as UTF-8") from error
    except RecursionError as error:
        raise FormatError("is nested deeper than any annotation file") from error
    except ValueError as error:
        raise FormatError(f"is not JSON or cut short: {error}") from error


def _shapes(content: Any) -> list[Any]:
    if not isinstance(content, dict) or "shapes" not in content:
        coco = isinstance(content, dict) and {"images", "annotations"} <= set(content)
        way_out = "give COCO files by their own names" if coco else "move it elsewhere"
        raise FormatError(f'is not a labelme file: it has no "shapes"; {way_out}')
    shapes = content["shapes"]
    if shapes is None:
        return []
    if not isinstance(shapes, list):
        raise FormatError(f'its "shapes" are {type(shapes).__name__}; wanted a list')
    return shapes


class _Shapes:
    """Reads the shapes of one file; what it has to say is in `remarks`."""

    def __init__(self, name: str, picture: Picture, labels: Labels | None, widths: Widths) -> None:
        self.remarks: list[Remark] = []
        self._name, self._picture, self._widths = name, picture, widths
        self._labels = labels

    def read(self, shapes: list[Any]) -> tuple[Thing, ...]:
        """The objects, in the order of their first shapes."""
        groups: dict[Any, list[tuple[str, Piece, dict[str, Any]]]] = {}
        for at, shape in enumerate(shapes):
            label = ""
            try:
                if not isinstance(shape, dict):
                    raise ShapeError(f"a shape that is {str(shape)[:40]}; wanted an object")
                label = self._label(at, shape.get("label"))
                outline = self._outline(shape, at)
            except FormatError as error:
                self._say(at, label, str(error), "left out", lost=True)
                continue
            for what, done in outline.remarks:
                self._say(at, label, what, done)
            group = self._group(at, label, shape.get("group_id"))
            key = (label, "group", str(group)) if group is not None else at
            groups.setdefault(key, []).append((label, outline.piece, shape))
        return tuple(_thing(members) for members in groups.values())

    def _say(self, at: int, label: str, what: str, done: str, *, lost: bool = False) -> None:
        self.remarks.append(Remark(self._name, what, done, at, label, lost))

    def _label(self, at: int, given: Any) -> str:
        label, changed = normal_label(given)
        if self._labels is not None:
            label = self._labels.find(label)
            changed = changed or (f"the label {given!r}" if label != given else None)
        if changed:
            self._say(at, label, changed, f"taken as {label!r}")
        return label

    def _outline(self, shape: dict[str, Any], at: int) -> Outline:
        width, height = self._picture.size
        if self._picture.turn != UPRIGHT:
            shape = turn_shape(shape, self._picture.turn, self._picture.size)
        return read_shape(shape, at, height, width, self._widths)

    def _group(self, at: int, label: str, group: Any) -> Any:
        if group is None or (isinstance(group, (int, str)) and not isinstance(group, bool)):
            return group
        self._say(at, label, f"a group_id that is {str(group)[:40]}", "taken as none")
        return None


def _thing(members: list[tuple[str, Piece, dict[str, Any]]]) -> Thing:
    said = (shape.get(COCO_KEY) for _, _, shape in members)
    coco: dict[str, Any] = next((each for each in said if isinstance(each, dict)), {})
    extra = {key: value for key, value in coco.items() if key != "iscrowd"}
    pieces = tuple(piece for _, piece, _ in members)
    return Thing(members[0][0], pieces, crowd=bool(coco.get("iscrowd")), extra=extra)


# ------------------------------------------------------------------ writing


def labelme_content(record: Record) -> dict[str, Any]:
    """A record as a labelme file: the shapes it came from where they still say the same px."""
    shapes: list[tuple[int, dict[str, Any]]] = []
    # Numbers that group the shapes of an object; those that shapes bring along stay theirs.
    taken = {
        piece.shape.get("group_id")
        for thing in record.things
        for piece in thing.pieces
        if piece.shape is not None and isinstance(piece.shape.get("group_id"), int)
    }
    free = (number for number in range(len(record.things) + len(taken) + 1) if number not in taken)
    for thing in record.things:
        shapes += _thing_shapes(thing, record, next(free))
    known = record.extra.get("labelme", {})
    content = {
        "version": VERSION,
        "flags": {},
        **{key: value for key, value in known.items() if key != "imagePath"},
        "shapes": [shape for _, shape in sorted(shapes, key=lambda pair: pair[0])],
        "imagePath": record.picture.rpartition("/")[2],
        "imageData": None,
        "imageHeight": record.height,
        "imageWidth": record.width,
    }
    if record.extra.get(COCO_KEY):
        content[COCO_KEY] = record.extra[COCO_KEY]
    return content


def _thing_shapes(thing: Thing, record: Record, group: int) -> list[tuple[int, dict[str, Any]]]:
    height, width = record.height, record.width
    kept = [_restored(piece, thing.label, height, width) for piece in thing.pieces]
    whole = thing_mask(thing, height, width)
    masks = [mask for _, mask in filter(None, kept)]
    pairs = [pair for pair in kept if pair is not None]
    if len(pairs) == len(kept) and union(masks, height, width).same(whole):
        shapes = [(piece.at, shape) for piece, (shape, _) in zip(thing.pieces, pairs, strict=True)]
    else:
        shapes = [
            (piece.at, shape) for piece in thing.pieces for shape in _drawn(piece, height, width)
        ]
        number = group if len(shapes) > 1 else None
        shapes = [(at, shape | {"label": thing.label, "group_id": number}) for at, shape in shapes]
    said = thing.extra | ({"iscrowd": 1} if thing.crowd else {})
    return [(at, shape | ({COCO_KEY: said} if said else {})) for at, shape in shapes]


def _restored(
    piece: Piece, label: str, height: int, width: int
) -> tuple[dict[str, Any], Rle] | None:
    """The shape that a piece came from and its mask, where it can be had."""
    if piece.shape is None:
        return None
    shape = dict(piece.shape)
    if shape.get("shape_type") == "mask" and piece.counts is not None:
        shape["points"], shape["mask"] = encode_mask(Rle.of_text(height, width, piece.counts))
    elif "points" not in shape and len(piece.polygons) == 1:
        shape["points"] = np.reshape(piece.polygons[0], (-1, 2)).tolist()
    try:
        mask = piece_mask(read_shape(shape, piece.at, height, width).piece, height, width)
        if normal_label(shape.get("label"))[0] != label:
            shape["label"] = label
    except FormatError:
        return None
    return shape, mask


def _drawn(piece: Piece, height: int, width: int) -> list[dict[str, Any]]:
    """A piece as new shapes: polygons that labelme can hold, else a mask."""
    usual: dict[str, Any] = {"group_id": None, "description": "", "flags": {}, "mask": None}
    polygons = [np.reshape(polygon, (-1, 2)) for polygon in piece.polygons]
    if polygons and all(_holds(polygon, height, width) for polygon in polygons):
        return [
            {"label": "", "points": p.tolist(), "shape_type": "polygon", **usual} for p in polygons
        ]
    points, mask = encode_mask(piece_mask(piece, height, width))
    return [{"label": "", "points": points, "shape_type": "mask", **usual, "mask": mask}]


def _holds(polygon: FloatArray, height: int, width: int) -> bool:
    """Whether a polygon says the same px when it is read back, which cuts it to the picture."""
    inside = len(polygon) > 2 and polygon.min() >= 0 and (polygon <= (width, height)).all()
    return bool(inside) and len(rasterise(polygon, height, width).ends) > 0
