"""COCO instance and stuff files: read a picture at a time, written as a stream.

Reading leaves annotations as the bytes they are until their picture's turn comes, so a
file of 500 MB takes little more than that. Writing gives polygons where the mask is a
union of polygons and compressed run lengths where it is not; area and box are always those
of the mask. Under the key "linework" an annotation keeps the labelme shapes it came from;
readers of COCO pass over it, and the way back gives circles as circles.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from ...strokes.errors import FormatError
from .categories import Category, Labels, normal_label
from .record import OWN_KEY, Piece, Record, Remark, Thing, piece_mask, thing_mask
from .rle import Rle, union

# The largest COCO file read; twice its size in memory.
MAX_COCO_BYTES = 4 << 30
_ANNOTATION_KEYS = ("image_id", "category_id", "segmentation", "area", "bbox", "iscrowd", OWN_KEY)
_IMAGE_KEYS = ("file_name", "width", "height", OWN_KEY)
# Corners farther out than this many pictures are cut off; nearer ones are left as they are,
# for pycocotools gives them the same px.
_FAR = 4


class CocoFile(msgspec.Struct, forbid_unknown_fields=False):
    """A file's lists, annotations still as bytes."""

    images: list[msgspec.Raw]
    annotations: list[msgspec.Raw]
    categories: list[dict[str, Any]]
    info: Any = None
    licenses: Any = None


class _ImageId(msgspec.Struct):
    image_id: int


def open_coco(path: Path) -> CocoFile:
    """The lists of a COCO file.

    Raises:
        FormatError: too large, not JSON, or without the three lists.
        OSError: it cannot be read.
    """
    size = path.stat().st_size
    if size > MAX_COCO_BYTES:
        raise FormatError(
            f"has {size / 1e9:,.1f} GB; wanted {MAX_COCO_BYTES / 1e9:.1f} at most: split it"
        )
    data = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    try:
        return msgspec.json.decode(data, type=CocoFile)
    except (msgspec.ValidationError, RecursionError) as error:
        raise FormatError(f"is not a COCO file: {error}") from error
    except msgspec.DecodeError:
        pass  # Python's own parser admits NaN, and knows the line
    try:
        content = json.loads(data.decode("utf-8"))
        lists = {
            key: [msgspec.Raw(json.dumps(item).encode()) for item in content[key]]
            for key in ("images", "annotations")
        }
        return CocoFile(**lists, categories=list(content["categories"]), info=content.get("info"))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise FormatError(f"is not JSON, or cut short: {error}") from error


def read_categories(content: CocoFile) -> tuple[Category, ...]:
    """The categories of a file.

    Raises:
        FormatError: one without id or name, or an id twice.
    """
    found: dict[int, Category] = {}
    for given in content.categories:
        number = given.get("id") if isinstance(given, dict) else None
        if isinstance(number, bool) or not isinstance(number, int) or number in found:
            raise FormatError(f"the category {str(given)[:60]}; wanted an id of its own and a name")
        extra = {k: v for k, v in given.items() if k not in ("id", "name", "isthing")}
        name = normal_label(given.get("name"))[0]
        found[number] = Category(number, name, given.get("isthing") == 0, extra)
    return tuple(found.values())


def by_image(content: CocoFile, name: str) -> tuple[dict[int, list[int]], list[Remark]]:
    """Annotations by the image they are of, as indices, and remarks on those of none."""
    found: dict[int, list[int]] = {}
    remarks = []
    for index, raw in enumerate(content.annotations):
        try:
            image = msgspec.json.decode(raw, type=_ImageId).image_id
        except msgspec.DecodeError:
            what = "an annotation without an image_id that is a whole number"
            remarks.append(Remark(name, what, "left out", index, lost=True))
            continue
        found.setdefault(image, []).append(index)
    return found, remarks


def decode_item(raw: bytes) -> dict[str, Any]:
    """An image or annotation; {} for what is no object."""
    try:
        found = msgspec.json.decode(raw)
    except msgspec.DecodeError:
        found = json.loads(bytes(raw))
    return found if isinstance(found, dict) else {}


def image_extra(image: dict[str, Any]) -> dict[str, Any]:
    """What a record keeps of an image's entry beside name and size."""
    own = image.get(OWN_KEY)
    kept = dict(own) if isinstance(own, dict) else {}
    if not isinstance(kept.get("labelme"), dict):
        kept.pop("labelme", None)
    known = (*_IMAGE_KEYS, "id") if "labelme" in kept else _IMAGE_KEYS
    kept["coco"] = {key: value for key, value in image.items() if key not in known}
    return kept


def read_things(
    annotations: list[tuple[int, dict[str, Any]]],
    names: dict[int, str],
    size: tuple[int, int],
    file: str,
    labels: Labels | None = None,
) -> tuple[tuple[Thing, ...], list[Remark]]:
    """The objects of a picture, larger ones first where nothing says the order.

    Args:
        annotations: index in the file, and the annotation.
        names: label by category id.
        size: width, height, px.
        file: name for messages.
        labels: the only labels allowed.
    """
    width, height = size
    remarks: list[Remark] = []
    found: list[tuple[int, Thing]] = []
    for index, annotation in annotations:
        label = label_of(annotation, names)
        try:
            if not label:
                raise FormatError(f"category {annotation.get('category_id')!r} is none of the file")
            label = labels.find(label) if labels is not None else label
            notes: list[str] = []
            mask, piece = _piece(annotation, index, height, width, notes)
        except (FormatError, TypeError, ValueError, OverflowError) as error:
            remarks.append(Remark(file, str(error), "left out", index, label, lost=True))
            continue
        remarks += [Remark(file, note, "kept", index, label) for note in notes]
        own = _own_pieces(annotation.get(OWN_KEY), mask, piece)
        pieces = own or (piece,)
        # What came from labelme has no number of its own, only its place.
        known = (*_ANNOTATION_KEYS, "id") if own else _ANNOTATION_KEYS
        extra = {k: v for k, v in annotation.items() if k not in known}
        thing = Thing(label, pieces, bool(annotation.get("iscrowd")), extra)
        found.append((mask.area, thing))
    if any(piece.shape is None for _, thing in found for piece in thing.pieces):
        # Small things lie on large ones; a crowd is behind whatever was told apart.
        found.sort(key=lambda pair: (not pair[1].crowd, -pair[0]))
        return tuple(_renumbered(thing, at) for at, (_, thing) in enumerate(found)), remarks
    return tuple(thing for _, thing in found), remarks


def label_of(item: dict[str, Any], names: dict[int, str]) -> str:
    """The label of an annotation or segment, empty where its category is none."""
    number = item.get("category_id")
    return names.get(number, "") if isinstance(number, int) else ""


def checked(piece: Piece, height: int, width: int) -> Piece:
    """A piece that some file brought along, once its numbers can be drawn.

    Raises:
        FormatError: they cannot.
    """
    if piece.counts is not None:
        Rle.of_text(height, width, piece.counts)
        return piece
    polygons = read_polygons(piece.polygons, None, height, width, [])
    return msgspec.structs.replace(piece, polygons=polygons)


def _renumbered(thing: Thing, at: int) -> Thing:
    pieces = tuple(msgspec.structs.replace(piece, at=at) for piece in thing.pieces)
    return msgspec.structs.replace(thing, pieces=pieces)


def _piece(
    annotation: dict[str, Any], at: int, height: int, width: int, notes: list[str]
) -> tuple[Rle, Piece]:
    """The mask of an annotation.

    Raises:
        FormatError: run lengths of another size, polygons that are none, or no px.
    """
    given = annotation.get("segmentation")
    if isinstance(given, dict):
        if list(given.get("size", ())) != [height, width]:
            raise FormatError(
                f"run lengths of size {given.get('size')}; its picture has [{height}, {width}]"
            )
        counts = given.get("counts")
        read = Rle.of_text if isinstance(counts, str) else Rle.of_counts
        mask = read(height, width, counts)  # type: ignore[arg-type]
        piece = Piece(at, counts=mask.to_text())
    else:
        polygons = read_polygons(given, annotation.get("bbox"), height, width, notes)
        piece = Piece(at, polygons)
        mask = piece_mask(piece, height, width)
    if not len(mask.ends):
        raise FormatError("its segmentation covers no px of the picture")
    return mask, piece


def draw(polygon: tuple[float, ...], height: int, width: int) -> Rle:
    """The px of a polygon x, y, x, y, ..."""
    return piece_mask(Piece(0, (polygon,)), height, width)


def read_polygons(
    given: Any, box: Any, height: int, width: int, notes: list[str]
) -> tuple[tuple[float, ...], ...]:
    """A segmentation's polygons, or its box where there are none.

    Args:
        notes: is told what was not as it should be.

    Raises:
        FormatError: a polygon of fewer than three corners, or of no numbers.
    """
    if not given:
        try:
            x, y, w, h = (float(value) for value in box or ())
        except (ValueError, TypeError, OverflowError) as error:
            raise FormatError("neither a segmentation nor a box of four numbers") from error
        notes.append("no segmentation; its box was taken")
        given = [[x, y, x + w, y, x + w, y + h, x, y + h]]
    polygons = []
    for number, numbers in enumerate(given):
        try:
            values = np.array(numbers, np.float64)
        except (ValueError, TypeError, OverflowError) as error:
            raise FormatError(f"polygon {number} is not a list of numbers") from error
        if values.ndim != 1 or len(values) < 6 or len(values) % 2 or not np.isfinite(values).all():
            raise FormatError(
                f"polygon {number} of {np.size(values)} numbers; wanted x, y of 3 corners or more"
            )
        far = _FAR * max(height, width)
        if np.abs(values).max() > far:
            notes.append("corners far outside the picture were drawn in")
            values = np.clip(values, -far, far)
        polygons.append(tuple(values.tolist()))
    return tuple(polygons)


def _own_pieces(own: Any, mask: Rle, read: Piece) -> tuple[Piece, ...]:
    """The pieces that `write_coco` noted, where they still are the annotation's mask."""
    try:
        noted = msgspec.convert(own, tuple[dict[str, Any], ...])
        polygons = iter(read.polygons)
        pieces = []
        for entry in noted:
            count = entry.pop("parts", None)
            piece = msgspec.convert(entry, Piece)
            if count is not None:
                parts = tuple(next(polygons) for _ in range(count))
                piece = msgspec.structs.replace(piece, polygons=parts)
            elif len(noted) == 1 and piece.counts is None and not piece.polygons:
                piece = msgspec.structs.replace(piece, counts=read.counts)
            pieces.append(checked(piece, mask.height, mask.width))
        masks = [piece_mask(piece, mask.height, mask.width) for piece in pieces]
        same = union(masks, mask.height, mask.width).same(mask)
    except (ValueError, RuntimeError, TypeError, OverflowError):  # edited, or not ours
        return ()
    return tuple(pieces) if same else ()


# ------------------------------------------------------------------ writing


def annotation_of(thing: Thing, record: Record, mask: Rle | None = None) -> dict[str, Any]:
    """A COCO annotation of an object, without its ids.

    Args:
        mask: in place of the union of its pieces; then nothing is kept of its shapes.
    """
    whole = thing_mask(thing, record.height, record.width) if mask is None else mask
    pieces = thing.pieces
    drawn = mask is None and all(piece.counts is None for piece in pieces)
    segmentation: Any
    if drawn and not thing.crowd:
        segmentation = [polygon for piece in pieces for polygon in piece.polygons]
    else:
        segmentation = {"size": [record.height, record.width], "counts": whole.to_text()}
    annotation = {
        "segmentation": segmentation,
        "area": whole.area,
        "bbox": list(whole.box),
        "iscrowd": int(thing.crowd),
        **{key: value for key, value in thing.extra.items() if key != "id"},
    }
    if mask is None and any(piece.shape is not None for piece in pieces):
        annotation[OWN_KEY] = [
            _noted(piece, isinstance(segmentation, list), len(pieces)) for piece in pieces
        ]
    return annotation


def _noted(piece: Piece, as_polygons: bool, count: int) -> dict[str, Any]:
    """A piece, without what the segmentation beside it says."""
    noted: dict[str, Any] = {"at": piece.at, "shape": piece.shape}
    if as_polygons:
        noted["parts"] = len(piece.polygons)
    elif piece.counts is None:
        noted["polygons"] = piece.polygons
    elif count > 1:
        noted["counts"] = piece.counts
    return noted


def image_of(record: Record, number: int) -> dict[str, Any]:
    """The image's entry."""
    own = {key: value for key, value in record.extra.items() if key != "coco" and value}
    entry = {
        "id": number,
        "file_name": record.picture,
        "width": record.width,
        "height": record.height,
        **{key: value for key, value in record.extra.get("coco", {}).items() if key != "id"},
    }
    return entry | ({OWN_KEY: own} if own else {})


def category_of(category: Category, *, panoptic: bool = False) -> dict[str, Any]:
    """The category's entry."""
    entry = {"id": category.id, "name": category.name, "supercategory": "", **category.extra}
    return entry | ({"isthing": int(not category.stuff)} if panoptic or category.stuff else {})


def json_list(key: str, items: Iterator[dict[str, Any]], *, last: bool = False) -> Iterator[bytes]:
    """A list of a JSON file, an item a line."""
    encode = msgspec.json.Encoder().encode
    yield b'"%s":[' % key.encode()
    for number, item in enumerate(items):
        yield (b",\n" if number else b"\n") + encode(item)
    yield b"\n]\n" if last else b"\n],\n"
