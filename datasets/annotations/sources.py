"""What lies in the sources: units of work, one a picture, in an order that never changes.

A source is a folder of labelme files (with folders in it), one labelme file, a COCO
instances, stuff or panoptic file, or a folder in SPADE's layout. Folders are walked along
links, each real folder once, so that links that lead back end. What cannot be entered or
is no annotation file is said in the report.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from ...strokes.errors import FormatError, LineworkError
from ..label_png import read_label_png
from ..labels import Vocabulary, vocabulary
from . import coco
from .categories import Category
from .images import PICTURE_SUFFIXES
from .label_maps import INSTANCES, LABELS, PICTURES, VOCABULARY, held_out, label_folders
from .labelme import read_json
from .record import BACKGROUND, Remark
from .report import readable, shown_name

LABELME, COCO, PANOPTIC, LABEL_MAP = "labelme", "coco", "panoptic", "labels"
# Where a labelme folder keeps what COCO said of the whole: categories, info, licences.
DATASET = "linework.json"
# Files that conversions write, looked for in a folder given as source.
_OWN_FILES = ("annotations.json", "panoptic.json", "stuff.json")


@dataclass(frozen=True, slots=True)
class Unit:
    """One picture's annotations, not yet read.

    Args:
        kind: of `LABELME`, `COCO`, `PANOPTIC`, `LABEL_MAP`.
        key: of the record to be.
        name: of the file in messages.
        stamp: changes when the file does.
        path: the annotation file.
        image, annotations: a COCO image and its annotations with their indices, as bytes.
    """

    kind: str
    key: str
    name: str
    stamp: str
    path: Path
    image: bytes = b""
    annotations: tuple[tuple[int, bytes], ...] = ()


@dataclass(slots=True)
class Sources:
    """All sources, looked through.

    Args:
        total: units that there will be.
        known: categories that the sources state, in the order met.
        names: label by category id, of each COCO file.
        about: info and licences of COCO sources, the first that has them.
        remarks: on what is no unit.
    """

    total: int = 0
    known: list[Category] = field(default_factory=list)
    names: dict[Path, dict[int, str]] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    _parts: list[tuple[str, Any]] = field(default_factory=list)

    def units(self) -> Iterator[Unit]:
        """The units, always in the same order; to be gone through once."""
        taken: set[str] = set()
        for prefix, part in self._parts:
            for unit in part:
                yield Unit(
                    unit.kind,
                    _free(prefix + unit.key, taken),
                    prefix + unit.name,
                    unit.stamp,
                    unit.path,
                    unit.image,
                    unit.annotations,
                )


def look_through(sources: Sequence[Path], out: Path) -> Sources:
    """The sources as units.

    Args:
        out: the output folder, which is not looked into.

    Raises:
        LineworkError: a source that is not there, cannot be read or holds nothing.
    """
    found = Sources()
    names: set[str] = set()
    for source in sources:
        prefix = "" if len(sources) == 1 else _free(_clean(source.resolve().stem), names) + "/"
        try:
            count, part = _part(source, out, found)
        except OSError as error:
            raise LineworkError(f"{source}: cannot be read: {error.strerror}") from error
        except FormatError as error:
            raise FormatError(f"{source}: {error}") from error
        if count == 0 and not found.remarks:
            raise LineworkError(
                f"{source}: holds no annotations; wanted labelme's .json files, a COCO file, or "
                f"folders {LABELS} and {PICTURES}"
            )
        found.total += count
        found._parts.append((prefix, part))
    return found


def _part(source: Path, out: Path, found: Sources) -> tuple[int, Any]:
    if source.is_dir():
        if (source / LABELS).is_dir():
            return _label_maps(source, found)
        own = coco_file_in(source)
        if own is None:
            return _labelme_folder(source, out, found)
        source = own
    if not source.exists():
        raise LineworkError(f"{source}: there is no such file or folder")
    with source.open("rb") as file:
        head = file.read(1 << 16)
    if source.stat().st_size < (64 << 20) and (b'"shapes"' in head or b'"imageData"' in head):
        content = read_json(source)
        if isinstance(content, dict) and "shapes" in content:
            unit = Unit(LABELME, _clean(source.stem), readable(source.name), _stamp(source), source)
            return 1, [unit]
    content = coco.open_coco(source)
    return len(content.images), _coco(source, content, found)


def coco_file_in(folder: Path) -> Path | None:
    """The COCO file that a conversion wrote into a folder; None where labelme files lie there."""
    found = [path.name for path in folder.glob("*.json") if not path.name.startswith(".")]
    own = [name for name in _OWN_FILES if name in found]
    return folder / own[0] if len(found) == len(own) == 1 else None


def _labelme_folder(root: Path, out: Path, found: Sources) -> tuple[int, list[Unit]]:
    units: list[Unit] = []
    for folder, files in _walk(root, out, found.remarks):
        annotated = {name.rpartition(".")[0] for name in files if name.lower().endswith(".json")}
        alone = 0
        for name in files:
            path = folder / name
            shown = shown_name(path, root)
            if name.startswith("."):
                found.remarks.append(Remark(shown, "a hidden file", "passed over"))
            elif name == DATASET:
                _read_dataset(path, found)
            elif name.lower().endswith(".json"):
                try:
                    stamp = _stamp(path)
                except OSError as error:
                    what = f"cannot be read: {error.strerror}"
                    found.remarks.append(Remark(shown, what, "left out", lost=True))
                    continue
                key = _clean(PurePosixPath(shown).with_suffix("").as_posix())
                units.append(Unit(LABELME, key, shown, stamp, path))
            elif name.lower().endswith(PICTURE_SUFFIXES):
                alone += name.rpartition(".")[0] not in annotated
        if alone and annotated:
            what = f"{alone} pictures have no annotation file of their name"
            found.remarks.append(Remark(shown_name(folder, root), what, "passed over"))
    return len(units), units


def _walk(root: Path, out: Path, remarks: list[Remark]) -> Iterator[tuple[Path, list[str]]]:
    """Folders and the names of their files, sorted, each real folder once."""
    seen: set[tuple[int, int]] = set()
    avoid = out.resolve()
    todo = [root]
    while todo:
        folder = todo.pop()
        shown = shown_name(folder, root)
        try:
            status = folder.stat()
            if (status.st_dev, status.st_ino) in seen:
                remarks.append(Remark(shown, "leads to a folder seen before", "passed over"))
                continue
            seen.add((status.st_dev, status.st_ino))
            if folder.resolve() == avoid:
                continue
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            if folder == root:
                raise
            what = f"the folder cannot be read: {error.strerror}"
            remarks.append(Remark(shown, what, "left out with all in it", lost=True))
            continue
        folders = [Path(entry) for entry in entries if _is_folder(entry)]
        todo += reversed([path for path in folders if not path.name.startswith(".")])
        names = {path.name for path in folders}
        yield folder, [entry.name for entry in entries if entry.name not in names]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _read_dataset(path: Path, found: Sources) -> None:
    """What a conversion from COCO left beside labelme files."""
    try:
        content = read_json(path)
        found.known += msgspec.convert(content["categories"], list[Category])
        found.about = found.about or dict(content.get("about", {}))
    except (FormatError, OSError, ValueError, KeyError, TypeError) as error:
        what = f"does not hold categories: {error}"
        found.remarks.append(Remark(path.name, what, "ids are given anew", lost=True))


def _coco(path: Path, content: coco.CocoFile, found: Sources) -> Iterator[Unit]:
    """Units of a COCO file; categories and orphans are noted at once."""
    stamp = _stamp(path)
    categories = coco.read_categories(content)
    found.known += categories
    found.names[path] = {category.id: category.name for category in categories}
    about = {"info": content.info, "licenses": content.licenses}
    try:
        msgspec.json.encode((about, categories))
    except (ValueError, TypeError) as error:
        raise FormatError(f"holds what no JSON file can: {error}") from error
    found.about = found.about or {key: value for key, value in about.items() if value}
    where, remarks = coco.by_image(content, path.name)
    found.remarks += remarks
    images = []
    for raw in content.images:
        number = coco.decode_item(raw).get("id")
        owned = where.pop(number, []) if isinstance(number, int) else []
        images.append((raw, owned))
    for number, orphans in where.items():
        for index in orphans:
            what = f"an annotation of image {number}, which the file lacks"
            found.remarks.append(Remark(path.name, what, "left out", index, lost=True))

    def units() -> Iterator[Unit]:
        for raw, owned in images:
            image = coco.decode_item(raw)
            name = str(image.get("file_name") or f"image {image.get('id')}")
            key = _clean(PurePosixPath(name.replace("\\", "/")).with_suffix("").as_posix())
            pairs = tuple((index, bytes(content.annotations[index])) for index in owned)
            kind = PANOPTIC if any(b'"segments_info"' in pair for _, pair in pairs) else COCO
            yield Unit(kind, key, path.name, stamp, path, bytes(raw), pairs)

    return units()


def _label_maps(root: Path, found: Sources) -> tuple[int, list[Unit]]:
    with suppress(LineworkError):  # a map that needs --labels says so when it is read
        found.known += [
            Category(label.id, label.name, label.kind == "stuff")
            for label in vocabulary_of(root).labels
            if label.name != BACKGROUND
        ]
    units = [
        Unit(LABEL_MAP, _clean(path.relative_to(folder).with_suffix("").as_posix()),
             shown_name(path, root), _stamp(path), path)
        for folder in label_folders(root)
        for path in sorted(folder.rglob("*.png")) if not path.name.startswith(".")
    ]  # fmt: skip
    return len(units), units


def map_siblings(label_map: Path, key: str) -> tuple[Path, Path | None, Path | None]:
    """The root of a label map's layout, its instance map and its picture, where they are."""
    names = {LABELS: (INSTANCES, PICTURES),
             held_out(LABELS): (held_out(INSTANCES), held_out(PICTURES))}  # fmt: skip
    folder = next(parent for parent in label_map.parents if parent.name in names)
    below = label_map.relative_to(folder)
    whose, seen = names[folder.name]
    instances = folder.parent / whose / below
    pictures = [folder.parent / seen / below.with_suffix(end) for end in PICTURE_SUFFIXES]
    picture = next((path for path in pictures if path.is_file()), None)
    return folder.parent, instances if instances.is_file() else None, picture


@lru_cache(maxsize=16)
def vocabulary_of(root: Path) -> Vocabulary:
    """The vocabulary that lies beside label maps, else the one that the first map names.

    Raises:
        LineworkError: neither.
    """
    path = root / VOCABULARY
    if path.is_file():
        return vocabulary(str(path))
    for first in sorted((root / LABELS).rglob("*.png"))[:1]:
        with suppress(LineworkError):
            return read_label_png(first).vocabulary
    raise LineworkError(
        f"{root}: label maps without {VOCABULARY}; say what their pixels mean with --labels"
    )


def _stamp(path: Path) -> str:
    status = path.stat()
    return f"{status.st_size}-{status.st_mtime_ns}"


def _clean(key: str) -> str:
    """A relative POSIX path without anything that leads elsewhere."""
    parts = [part for part in key.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    parts = [part.replace("\0", "_").replace(":", "_") for part in parts]
    return readable("/".join(parts)) or "picture"


def _free(key: str, taken: set[str]) -> str:
    """The key, or with a number behind it where it is taken in any case of letters."""
    chosen, number = key, 1
    while chosen.casefold() in taken:
        number += 1
        chosen = f"{key}_{number}"
    taken.add(chosen.casefold())
    return chosen


__all__ = ["Sources", "Unit", "look_through"]
