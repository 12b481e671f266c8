"""One unit of work to one record, whatever format it comes from, and its picture in place.

A file that cannot be used becomes a remark here; what the output's disk refuses is raised,
because it would refuse every file after it too.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from ...strokes.errors import FormatError, LineworkError
from .categories import Labels
from .coco import checked, decode_item, image_extra, read_things
from .images import PICTURE_SUFFIXES, UPRIGHT, Picture, read_header
from .label_maps import read_label_map
from .labelme import read_labelme
from .panoptic import decode_ids, read_segments
from .record import ASIDE, SPECIAL, Record, Remark, Thing
from .report import readable
from .shapes import Widths
from .sources import COCO, LABEL_MAP, LABELME, Unit, map_siblings, vocabulary_of
from .turn import turn_piece

COPY, LINK, NONE = "copy", "link", "none"
PICTURES = (COPY, LINK, NONE)


@dataclass(frozen=True, slots=True)
class Reading:
    """How units are read.

    Args:
        pictures: folder that pictures go to.
        how: one of `PICTURES`: copied, linked hard, or left where they are.
        images: folder of the pictures of COCO files, where they are not beside them.
        labels: the only labels allowed.
        widths: of lines and points.
        names: label by category id, of each COCO file.
    """

    pictures: Path
    how: str = COPY
    images: Path | None = None
    labels: Labels | None = None
    widths: Widths | None = None
    names: dict[Path, dict[int, str]] | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """A unit read: its record as JSON, or why there is none.

    Args:
        record: None where the file was left out.
        labels: of its objects.
    """

    unit: Unit
    record: bytes | None
    remarks: tuple[Remark, ...]
    labels: frozenset[str]


def read_unit(reading: Reading, unit: Unit) -> Read:
    """A unit's record, with its picture put where the output wants it.

    Raises:
        LineworkError: the output cannot be written.
    """
    try:
        record, picture = _READERS[unit.kind](reading, unit)
    except OSError as error:
        return _left_out(unit, f"cannot be read: {error.strerror or error}")
    except MemoryError:
        return _left_out(unit, "needs more memory than there is")
    except (LineworkError, RecursionError) as error:
        return _left_out(unit, str(error) or type(error).__name__)
    try:
        msgspec.json.encode(record)
    except (ValueError, OverflowError, TypeError) as error:
        return _left_out(unit, f"holds what no JSON file can: {error}")
    name, remark = _place(reading, unit, picture)
    remarks = (*record.remarks, *((remark,) if remark else ()))
    record = msgspec.structs.replace(record, picture=name or record.picture, remarks=remarks)
    labels = frozenset(thing.label for thing in record.things)
    return Read(unit, msgspec.json.encode(record), record.remarks, labels)


def _left_out(unit: Unit, why: str) -> Read:
    remark = Remark(unit.name, why, "the file was left out", lost=True)
    return Read(unit, None, (remark,), frozenset())


def _read_labelme(reading: Reading, unit: Unit) -> tuple[Record, Picture]:
    found = read_labelme(
        unit.path, unit.key, name=unit.name, labels=reading.labels, widths=reading.widths
    )
    return found.record, found.picture


def _read_coco(reading: Reading, unit: Unit) -> tuple[Record, Picture]:
    image = decode_item(unit.image)
    name = str(image.get("file_name") or unit.key)
    picture, size, remarks = _coco_picture(reading, unit, name, image)
    items = [(index, decode_item(raw)) for index, raw in unit.annotations]
    names = (reading.names or {})[unit.path]
    extra = image_extra(image)
    things: tuple[Thing, ...]
    if unit.kind == COCO:
        things, more = read_things(items, names, size, unit.name, reading.labels)
    else:
        things, more = (), []
        for index, item in items:
            try:
                found, notes = _panoptic_things(unit, item, names, size)
            except (FormatError, OSError) as error:
                notes = [Remark(unit.name, str(error), "left out", index, lost=True)]
                found = ()
            things, more = things + found, more + notes
    things += _aside(extra, size)
    if picture.turn != UPRIGHT:
        things = tuple(
            msgspec.structs.replace(
                thing, pieces=tuple(turn_piece(p, picture.turn, picture.size) for p in thing.pieces)
            )
            for thing in things
        )
    record = Record(
        unit.key, unit.name, picture.name, *picture.size, things, extra, (*remarks, *more)
    )
    return record, picture


def _aside(extra: dict[str, Any], size: tuple[int, int]) -> tuple[Thing, ...]:
    """The shapes that are no objects, taken out of what `image_extra` found."""
    with suppress(msgspec.ValidationError, FormatError):
        things = msgspec.convert(extra.pop(ASIDE, ()), tuple[Thing, ...])
        for piece in (piece for thing in things for piece in thing.pieces):
            checked(piece, size[1], size[0])
        return tuple(thing for thing in things if thing.label in SPECIAL and thing.pieces)
    return ()


def _panoptic_things(
    unit: Unit, item: dict[str, Any], names: dict[int, str], size: tuple[int, int]
) -> tuple[tuple[Thing, ...], list[Remark]]:
    name = str(item.get("file_name", ""))
    folders = (unit.path.with_suffix(""), unit.path.parent / "panoptic", unit.path.parent)
    path = next((folder / name for folder in folders if (folder / name).is_file()), None)
    if path is None:
        raise FormatError(f"its panoptic PNG {name!r} is missing")
    ids = decode_ids(path)
    if ids.shape != size[::-1]:
        raise FormatError(f"{name} has {ids.shape[1]} x {ids.shape[0]} px, the JSON says another")
    segments = item.get("segments_info") or []
    if not isinstance(segments, list) or not all(isinstance(each, dict) for each in segments):
        raise FormatError(f"segments_info of {name} are no list of objects")
    return read_segments(ids, segments, names, unit.name)


def _coco_picture(
    reading: Reading, unit: Unit, name: str, image: dict[str, Any]
) -> tuple[Picture, tuple[int, int], list[Remark]]:
    """The picture of a COCO image, the size of its masks, and remarks."""
    size = (image.get("width"), image.get("height"))
    stated = all(isinstance(side, int) and 0 < side < 1_000_000 for side in size)
    file = None if reading.how == NONE and stated else _find(reading, unit.path, name)
    if file is None:
        if not stated:
            raise FormatError(f"image {name!r} states no size and its picture is missing")
        lost = [
            Remark(unit.name, f"the picture {name} is missing", "annotations kept, no picture",
                   lost=True)
        ]  # fmt: skip
        found = Picture(size, UPRIGHT, None, None, name, missing=True)  # type: ignore[arg-type]
        return found, found.size, [] if reading.how == NONE else lost
    header = read_header(file, name)
    frame = (int(size[0]), int(size[1])) if stated else header.upright  # type: ignore[arg-type]
    if frame == header.upright:
        return Picture(header.upright, UPRIGHT, file, None, file.name), frame, []
    if frame == header.stored:
        note = Remark(
            unit.name, f"{name} was annotated as stored, not upright", "masks were turned"
        )
        return Picture(header.upright, header.orientation, file, None, file.name), frame, [note]
    raise FormatError(
        f"image {name} states {frame[0]} x {frame[1]} px, its picture has {header.upright[0]} x "
        f"{header.upright[1]}: masks would lie wrongly"
    )


def _find(reading: Reading, annotations: Path, name: str) -> Path | None:
    """Where a COCO image lies: in the folder given, or about its annotation file."""
    posix = name.replace("\\", "/").lstrip("/")
    below = annotations.parent
    folders = [reading.images] if reading.images is not None else [
        below / "images", below, below.parent / "images", below.parent,
        below.parent / annotations.stem.rpartition("_")[2],
    ]  # fmt: skip
    with suppress(OSError, ValueError):
        return next((folder / posix for folder in folders if (folder / posix).is_file()), None)
    return None


def _read_label_map(reading: Reading, unit: Unit) -> tuple[Record, Picture]:
    root, instances, picture = map_siblings(unit.path, unit.key)
    labels = reading.labels.vocabulary if reading.labels is not None else None
    if labels is None:
        labels = vocabulary_of(root)
    things, size, remarks = read_label_map(unit.path, instances, labels, unit.name)
    if picture is None:
        name = f"{unit.path.stem}.jpg"
        remarks = [Remark(unit.name, "its picture is missing", "no picture copied", lost=True)]
        found = Picture(size, UPRIGHT, None, None, name, missing=True)
    else:
        header = read_header(picture, picture.name)
        if header.upright != size:
            raise FormatError(f"has {size[0]} x {size[1]} px, its picture another size")
        found = Picture(size, UPRIGHT, picture, None, picture.name)
    record = Record(unit.key, unit.name, found.name, *size, things, {}, tuple(remarks))
    return record, found


_READERS: dict[str, Callable[[Reading, Unit], tuple[Record, Picture]]] = {
    LABELME: _read_labelme,
    LABEL_MAP: _read_label_map,
}


def _place(reading: Reading, unit: Unit, picture: Picture) -> tuple[str, Remark | None]:
    """Puts a picture into the output; its path there, and a remark if it could not be read."""
    if reading.how == NONE and picture.file is not None:
        return readable(Path(os.path.relpath(picture.file, reading.pictures)).as_posix()), None
    suffix = Path(picture.name).suffix
    suffix = suffix if suffix.lower() in PICTURE_SUFFIXES else ".jpg"
    name = f"{unit.key}{suffix}"
    if picture.missing:
        return "" if reading.how == NONE else name, None
    target = reading.pictures / name
    try:
        if picture.data is not None:
            put(target, lambda part: part.write_bytes(picture.data or b""))
        elif reading.how == LINK and _linked(picture.file, target):
            pass
        else:
            put(target, lambda part: shutil.copyfile(picture.file or "", part))
    except OSError as error:
        if error.filename is not None and Path(error.filename) == picture.file:
            what = f"its picture cannot be read: {error.strerror}"
            return "", Remark(unit.name, what, "annotations kept, no picture", lost=True)
        raise LineworkError(unwritable(target, error)) from error
    return name, None


def _linked(source: Path | None, target: Path) -> bool:
    """Whether a hard link could be made."""
    with suppress(OSError):
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        os.link(os.path.realpath(source or ""), target)
        return True
    return False


def put(target: Path, write: Callable[[Path], object]) -> None:
    """A file whole under its name or not at all, should the process be killed; with its folder.

    As `strokes.atomic`, without forcing each of 100,000 small files to the disk: the
    conversion does that once, before it says that it is complete.
    """
    part = target.with_name(f".{target.stem[:100]}.{secrets.token_hex(4)}.part{target.suffix}")
    try:
        if not part.parent.is_dir():
            part.parent.mkdir(parents=True, exist_ok=True)
        write(part)
        os.replace(part, target)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def unwritable(target: Path, error: OSError) -> str:
    """The sentence for what the output's disk says."""
    return (
        f"{target}: cannot be written: {error.strerror or error}; make room or choose another "
        "place, and run the same command again: it goes on where it stopped"
    )


_READERS[COCO] = _READERS["panoptic"] = _read_coco
__all__ = ["PICTURES", "Read", "Reading", "read_unit"]
