"""labelme -> COCO -> labelme, for any shapes: every mask to the px, every shape as it was."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from linework.datasets.annotations.coco import annotation_of, read_things
from linework.datasets.annotations.labelme import labelme_content, read_labelme
from linework.datasets.annotations.record import Record, thing_mask
from torture import HEIGHT, WIDTH, content, photo, png, shape

numbers = st.one_of(st.integers(-20, 80).map(float), st.floats(-20, 80).map(lambda n: round(n, 3)))
points = st.tuples(numbers, numbers).map(list)
labels = st.sampled_from(["cat", "dog", "кошка", "__ignore__", "_background_"])
groups = st.one_of(st.none(), st.integers(0, 2))
COUNTS = {"rectangle": 2, "oriented_rectangle": 4, "circle": 2, "line": 2, "point": 1}


@st.composite
def shapes(draw: Any) -> dict[str, Any]:
    kind = draw(st.sampled_from([*COUNTS, "polygon", "linestrip", "mask"]))
    more: dict[str, Any] = {
        "group_id": draw(groups),
        "flags": draw(st.sampled_from([{}, {"a": True}])),
    }
    if kind == "mask":
        size = draw(st.tuples(st.integers(1, 20), st.integers(1, 20)))
        seed = draw(st.integers(0, 99))
        bitmap = np.random.default_rng(seed).random(size) < 0.7
        x, y = draw(points)
        corners = [[x, y], [x + size[1] - 1, y + size[0] - 1]]
        return shape(draw(labels), corners, kind, mask=png(bitmap), **more)
    least = COUNTS.get(kind, 3)
    given_points = draw(st.lists(points, min_size=least, max_size=COUNTS.get(kind, 8)))
    return shape(draw(labels), given_points, kind, **more)


def opened(folder: Path, body: dict[str, Any]) -> Record:
    (folder / "a.json").write_text(json.dumps(body))
    return read_labelme(folder / "a.json", "a", name="a.json").record


def masks(record: Record) -> list[tuple[str, str]]:
    return sorted(
        (thing.label, thing_mask(thing, HEIGHT, WIDTH).to_text()) for thing in record.things
    )


@settings(max_examples=settings.default.max_examples // 2)
@given(st.lists(shapes(), max_size=4))
def test_there_and_back(drawn: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        photo(folder / "a.jpg")
        record = opened(folder, content(*drawn))
        # Through the text of a COCO file, as JSON writes and reads its numbers.
        names = sorted({thing.label for thing in record.things})
        items = [
            {"category_id": names.index(thing.label) + 1} | annotation_of(thing, record)
            for thing in record.things
        ]
        read = json.loads(json.dumps(items))
        things, remarks = read_things(
            list(enumerate(read)), dict(enumerate(names, 1)), (WIDTH, HEIGHT), "x.json"
        )
        assert not remarks
        back = labelme_content(Record("a", "x.json", "a.jpg", WIDTH, HEIGHT, things, record.extra))
        assert masks(opened(folder, back)) == masks(record)
        # What labelme can draw comes back as it was drawn, in its order; lines and points
        # have gained their width. Masks may have a tighter box.
        left_out = {r.shape for r in record.remarks if r.lost}
        kept = [s for number, s in enumerate(drawn) if number not in left_out]
        for before, after in zip(kept, back["shapes"], strict=True):
            same = [
                k for k in before if before["shape_type"] != "mask" or k not in ("points", "mask")
            ]
            assert {k: after[k] for k in same} == {k: before[k] for k in same}
