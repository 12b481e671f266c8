"""The page's own arithmetic, called where it runs: geometry, label maps, the wire, history."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from page_driver import Studio

LINE = "{ id: 'a', points: [[0, 0], [100, 0]], width: 2, pressure: null, time: null }"
# Name -> module, an expression over its exports `m`, and what it gives.
CASES: dict[str, tuple[str, str, Any]] = {
    "distance to a stroke": ("geometry", f"m.distanceToStroke([50, 7], {LINE})", 7),
    "to its end": ("geometry", f"m.distanceToStroke([103, 4], {LINE})", 5),
    "an eraser beside a line leaves it": ("geometry", f"m.erased({LINE}, [50, 9], 5)", None),
    "an eraser on a line parts it": (
        "geometry",
        f"m.erased({LINE}, [50, 0], 10).map(({{ points }}) => [points[0][0], points.at(-1)[0]])",
        [[0, 35], [65, 100]],
    ),
    "an eraser over all of a dot": ("geometry", "m.erased({ points: [[3, 3]] }, [3, 3], 5)", []),
    "smoothing keeps the ends": (
        "geometry",
        "(({ points }) => [points[0], points.at(-1)])"
        "(m.smoothed({ points: [[0, 0], [10, 9], [20, 0]] }))",
        [[0, 0], [20, 0]],
    ),
    "no gap within reach": ("geometry", f"m.nearestGap([{LINE}], 30)", None),
    "a gap between two is joined in order": (
        "geometry",
        "((list) => m.joined(list, m.nearestGap(list, 9)).points)"
        "([{ points: [[0, 0], [9, 0]] }, { points: [[30, 0], [14, 0]] }])",
        [[0, 0], [9, 0], [14, 0], [30, 0]],
    ),
    "the emptiest place is not where the ink is": (
        "placing",
        "((box) => box[0] > 300 || box[1] > 300)"
        "(m.emptiest([{ points: [[10, 10], [200, 200]] }], [960, 720]))",
        True,
    ),
    "into a box, shape kept": (
        "placing",
        "m.intoBox([{ points: [[0, 0], [10, 20]] }], [0, 0, 100, 100])[0].points",
        [[25, 0], [75, 100]],
    ),
    "a map is as the sheet": ("labels", "m.mapSize([720, 960])", [384, 512]),
    "a brush of 2 px": (
        "labels",
        "((map) => (m.drawBrush(map, { points: [[2, 2]], width: 2, pixel: 7 }, 1),"
        " [...map.pixels].filter((p) => p === 7).length))(m.emptyMap([5, 5]))",
        4,
    ),
    "a bucket stays in its region": (
        "labels",
        "m.area([0, 0, 1, 0, 0, 1], [5, 5, 5, 5, 5, 5], [3, 2], [0.5, 0.5])",
        [0, 2, 3, 5],
    ),
    "a bucket outside": ("labels", "m.area([0], [0], [1, 1], [7, 7])", []),
    "a line of ndjson": (
        "wire",
        "JSON.parse(m.ndjsonOf({ size: [9, 8], label: 'cat', strokes: [{ points: [[1, 2], [3, 4]],"
        " width: 2 }] }))",
        {
            "word": "cat",
            "drawing": [[[1, 3], [2, 4]]],
            "linework": {"size": [9, 8], "widths": [2]},
        },
    ),
    "base64 there and back": (
        "wire",
        "[...m.fromBase64(m.toBase64(Uint8Array.of(0, 255, 7)))]",
        [0, 255, 7],
    ),
    "merged changes are one step": (
        "history",
        "((h) => { h.commit(1, 'a', { merge: 's' }); h.commit(2, 'a', { merge: 's' }); h.undo();"
        " return [h.present, h.redo().what, h.present]; })(new m.History(0))",
        [0, "a", 2],
    ),
    "a settled change is a step of its own": (
        "history",
        "((h) => { h.commit(1, 'a', { merge: 's' }); h.settle(); h.commit(2, 'a', { merge: 's' });"
        " h.undo(); return h.present; })(new m.History(0))",
        1,
    ),
    "a renamed layer keeps its strokes": (
        "document",
        "((d) => m.withLayer(d, 'ink', { name: 'sky' }).strokes[0].layer)"
        "({ ...m.emptyDocument(), strokes: [m.makeStroke({ points: [[0, 0]] })] })",
        "sky",
    ),
    "the last layer stays": (
        "document",
        "m.withoutLayer(m.emptyDocument(), 'ink').layers.length",
        1,
    ),
    "kept settings over usual ones": (
        "settings",
        "((s) => [s.pen.color, s.pen.width, s.tool])(m.withUsual({ pen: { color: '#ff0000' } }))",
        ["#ff0000", 2.4, "draw"],
    ),
}


@pytest.fixture(scope="module")
def empty_page(chromium: Any, studio: Studio) -> Iterator[Any]:
    """One page for the whole table: its modules keep nothing between calls."""
    page = chromium.new_page()
    page.goto(studio.url)
    yield page
    page.close()


@pytest.mark.parametrize("name", CASES)
def test_modules(empty_page: Any, name: str) -> None:
    module, expression, wanted = CASES[name]
    load = f"const m = await import('/static/{module}.js')"
    assert empty_page.evaluate(f"async () => {{ {load}; return {expression}; }}") == wanted
