"""One record to one picture's part of the output: its own files, and its lines of the JSON.

What is shared (ids, categories, the JSON itself) is put together in `convert.py`, in the
order of the sources, so that it depends on nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from ...strokes.errors import FormatError, LineworkError
from ...strokes.images import MAX_PIXELS
from ..label_png import write_label_png
from ..labels import Vocabulary
from . import label_maps
from .categories import Category, Labels, as_vocabulary
from .coco import annotation_of, image_of
from .label_maps import label_map_of
from .labelme import labelme_content
from .panoptic import panoptic_of
from .reading import put, unwritable
from .record import ASIDE, SPECIAL, Record, Remark, Thing
from .rle import Rle

TARGETS = ("coco", "panoptic", "stuff", "labels", "labelme")
# Under this key, which no file has, an entry waits with the id it had.
OWN_ID = " id"
# The folder of each target's pictures, and the file that it is complete with.
PICTURE_FOLDER = {
    "coco": "images",
    "panoptic": "images",
    "stuff": "images",
    "labels": label_maps.PICTURES,
    "labelme": ".",
}
LAST_FILE = {
    "coco": "annotations.json",
    "panoptic": "panoptic.json",
    "stuff": "stuff.json",
    "labels": label_maps.VOCABULARY,
    "labelme": "linework.json",
}


@dataclass(frozen=True, slots=True)
class Writing:
    """How records are written.

    Args:
        drawn: those of label maps, `_background_` among them.
        labels: the labels asked for.
    """

    target: str
    out: Path
    categories: tuple[Category, ...]
    drawn: tuple[Category, ...] = ()
    labels: Labels | None = None
    max_pixels: int = MAX_PIXELS

    @property
    def names(self) -> Vocabulary:
        """The vocabulary of label maps; made anew, for it cannot be pickled."""
        return as_vocabulary(self.drawn, self.labels, "vocabulary")


class Written(msgspec.Struct, frozen=True, omit_defaults=True):
    """A picture's part of a JSON.

    Args:
        image: its entry.
        items: its annotations; ids are still to come.
        count: objects that it holds.
    """

    image: dict[str, Any] = {}
    items: tuple[dict[str, Any], ...] = ()
    count: int = 0
    remarks: tuple[Remark, ...] = ()


def write_record(writing: Writing, content: bytes) -> tuple[str, bytes]:
    """Writes a record's own files; its key and its `Written` as JSON.

    Raises:
        LineworkError: the output cannot be written.
    """
    record = msgspec.json.decode(content, type=Record)
    try:
        written = _WRITERS[writing.target](writing, record)
    except FormatError as error:
        remark = Remark(record.file, str(error), "left out of this format", lost=True)
        written = Written(remarks=(remark,))
    except OSError as error:
        raise LineworkError(unwritable(writing.out / record.key, error)) from error
    return record.key, msgspec.json.encode(written)


def _write_coco(writing: Writing, record: Record) -> Written:
    ids = {category.name: category.id for category in writing.categories}
    things, aside = _apart(record.things)
    items = tuple(
        {"category_id": ids[thing.label], OWN_ID: thing.extra.get("id")}
        | annotation_of(thing, record)
        for thing in things
    )
    remarks = tuple(
        Remark(record.file, f"shapes of {thing.label}", "no annotation; kept beside the image",
               thing.pieces[0].at, thing.label)
        for thing in aside
    )  # fmt: skip
    return Written(_image(record), items, len(items), remarks)


def _write_stuff(writing: Writing, record: Record) -> Written:
    pixels, _, remarks = label_map_of(record, writing.names, writing.max_pixels)
    items = []
    for category in writing.categories:
        mask = Rle.of_bitmap(pixels == category.id - 1)
        if len(mask.ends):
            thing = Thing(category.name, ())
            items.append({"category_id": category.id, OWN_ID: None}
                         | annotation_of(thing, record, mask))  # fmt: skip
    return Written(_image(record), tuple(items), len(items), remarks)


def _write_panoptic(writing: Writing, record: Record) -> Written:
    png, segments, remarks = panoptic_of(record, writing.categories, writing.max_pixels)
    name = f"{record.key}.png"
    put(writing.out / "panoptic" / name, lambda part: part.write_bytes(png))
    item = {"file_name": name, "segments_info": segments}
    return Written(_image(record), (item,), len(segments), remarks)


def _write_labels(writing: Writing, record: Record) -> Written:
    names = writing.names
    pixels, instances, remarks = label_map_of(record, names, writing.max_pixels)
    name = f"{record.key}.png"
    put(writing.out / label_maps.LABELS / name, lambda part: write_label_png(part, pixels, names))
    put(writing.out / label_maps.INSTANCES / name, lambda part: _grey_png(part, instances))
    things, _ = _apart(record.things)
    return Written(count=len(things), remarks=remarks)


def _write_labelme(writing: Writing, record: Record) -> Written:
    content = msgspec.json.format(msgspec.json.encode(labelme_content(record)), indent=2)
    put(writing.out / f"{record.key}.json", lambda part: part.write_bytes(content))
    return Written(count=len(record.things))


_WRITERS: dict[str, Callable[[Writing, Record], Written]] = {
    "coco": _write_coco,
    "panoptic": _write_panoptic,
    "stuff": _write_stuff,
    "labels": _write_labels,
    "labelme": _write_labelme,
}


def _apart(things: tuple[Thing, ...]) -> tuple[list[Thing], list[Thing]]:
    """Objects, and those of labels that are none."""
    return (
        [thing for thing in things if thing.label not in SPECIAL],
        [thing for thing in things if thing.label in SPECIAL],
    )


def _image(record: Record) -> dict[str, Any]:
    """The image's entry, with the shapes that are no objects, and the id it had as `OWN_ID`."""
    _, aside = _apart(record.things)
    extra = record.extra | ({ASIDE: msgspec.to_builtins(aside)} if aside else {})
    entry = image_of(msgspec.structs.replace(record, extra=extra), 0)
    return entry | {OWN_ID: record.extra.get("coco", {}).get("id")}


def _grey_png(path: Path, pixels: Any) -> None:
    from PIL import Image

    Image.fromarray(pixels).save(path, "PNG")


__all__ = ["TARGETS", "Writing", "Written", "write_record"]
