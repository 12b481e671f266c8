"""Anything in place of anything: a file is converted or refused, and the run goes on."""

from __future__ import annotations

import contextlib
import copy
import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from linework.datasets.annotations import verify_annotations
from linework.datasets.annotations.categories import ordered
from linework.datasets.annotations.reading import Reading, read_unit
from linework.datasets.annotations.sources import look_through
from linework.datasets.annotations.writing import Writing, write_record
from linework.strokes.errors import LineworkError
from torture import BOX, HEIGHT, WIDTH, content, photo, png, ring, shape

oddities = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-5, 10**6), st.floats(), st.text(max_size=4),
        st.sampled_from(["polygon", "mask", "cat", 10**400, -1, 0, "\ud800", "NaN", 1e300]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)  # fmt: skip

LABELME = content(
    shape("cat", BOX, group_id=1),
    shape("dog", [[30, 20], [30, 32]], "circle"),
    shape("cat", [[8, 9], [19, 18]], "mask", mask=png(ring()), group_id=1),
)
COCO = {
    "info": {},
    "images": [{"id": 1, "file_name": "a.jpg", "width": WIDTH, "height": HEIGHT}],
    "categories": [{"id": 1, "name": "cat", "supercategory": "animal"}],
    "annotations": [
        {"id": 1, "image_id": 1, "category_id": 1, "iscrowd": 0, "area": 200,
         "bbox": [10, 10, 20, 10], "segmentation": [[10, 10, 30, 10, 30, 20, 10, 20]],
         "linework": [{"at": 0, "parts": 1, "shape": shape("cat", BOX)}]},
        {"id": 2, "image_id": 1, "category_id": 1, "iscrowd": 1, "area": 20, "bbox": [1, 5, 1, 20],
         "segmentation": {"size": [HEIGHT, WIDTH], "counts": [45, 20, HEIGHT * WIDTH - 65]}},
    ],
}  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value within a value."""
    inner = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    found = []
    for key, below in inner:
        found.append((*path, key))
        if isinstance(below, (dict, list)):
            found += places(below, (*path, key))
    return found


def replaced(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    changed = copy.deepcopy(value)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = by
    return changed


def survives(name: str, data: Any, target: str) -> None:
    """What the command does with each picture, without its folders and journals."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        photo(path.with_name("a.jpg"))
        path.write_text(json.dumps(data))
        try:
            found = look_through([path], path.parent / "out")
        except LineworkError:  # the file as a whole
            return
        reading = Reading(path.parent / "out", names=found.names)
        reads = [read_unit(reading, unit) for unit in found.units()]
        names = sorted({label for read in reads for label in read.labels})
        writing = Writing(target, path.parent / "out", ordered(names))
        for read in reads:
            if read.record is None:
                assert read.remarks[0].lost
            else:
                write_record(writing, read.record)
        if target == "labelme":
            with contextlib.suppress(LineworkError):
                verify_annotations(path)


@settings(max_examples=settings.default.max_examples // 2)
@given(st.sampled_from(places(LABELME)), oddities)
def test_anything_in_a_labelme_file(place: tuple[Any, ...], odd: Any) -> None:
    survives("a.json", replaced(LABELME, place, odd), "coco")


@settings(max_examples=settings.default.max_examples // 2)
@given(st.sampled_from(places(COCO)), oddities)
def test_anything_in_a_coco_file(place: tuple[Any, ...], odd: Any) -> None:
    survives("instances.json", replaced(COCO, place, odd), "labelme")
