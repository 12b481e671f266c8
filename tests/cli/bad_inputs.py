"""Files that people give without meaning to, each a function that writes one.

`AWKWARD` can be used or refused; `BROKEN` cannot be used by anything.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

Write = Callable[[Path], Path]


def record(*strokes: object, word: str = "cat") -> str:
    """A line of ndjson."""
    return json.dumps({"word": word, "drawing": strokes}, ensure_ascii=False) + "\n"


def text(name: str, content: str) -> Write:
    """A file of that content."""

    def write(folder: Path) -> Path:
        path = folder / name
        path.write_text(content, encoding="utf-8")
        return path

    return write


def stroke_of(points: int) -> list[list[int]]:
    """One stroke that wanders, x and y."""
    steps = np.random.default_rng(points).integers(-3, 4, (points, 2)).cumsum(axis=0)
    return [axis.tolist() for axis in (steps - steps.min(axis=0)).T]


def gzip_cut_short(folder: Path) -> Path:
    path = folder / "cut.ndjson.gz"
    packed = gzip.compress(record(*(stroke_of(50) for _ in range(200))).encode())
    path.write_bytes(packed[: len(packed) // 2])
    return path


def truncated_table(folder: Path) -> Path:
    path = folder / "cut.arrow"
    path.write_bytes(b"ARROW1\0\0" + bytes(100))
    return path


def truncated_npz(folder: Path) -> Path:
    path = folder / "cut.npz"
    path.write_bytes(b"PK\3\4" + bytes(60))
    return path


def missing(folder: Path) -> Path:
    return folder / "nowhere.ndjson"


def a_folder(folder: Path) -> Path:
    path = folder / "folder.ndjson"
    path.mkdir()
    return path


HENRI = [[0, 200, 100, 0], [0, 0, 200, 0]]

AWKWARD: dict[str, Write] = {
    "empty drawing": text("in.ndjson", record()),
    "a dot": text("in.ndjson", record([[5], [5]])),
    "a dot twice": text("in.ndjson", record([[5, 5], [5, 5]])),
    "one line": text("in.ndjson", record([[0, 250], [0, 100]])),
    "10,000 points": text("in.ndjson", record(*(stroke_of(100) for _ in range(100)))),
    "100,000 points in a stroke": text("in.ndjson", record(stroke_of(100_000))),
    "unicode label": text("in.ndjson", record(HENRI, word="кошка 🐈")),
    "far away": text("in.ndjson", record([[900_000, 900_100], [900_000, 900_050]])),
    "tiny": text("in.ndjson", record([[0, 1e-4, 2e-4], [0, 1e-4, 0]])),
}

BROKEN: dict[str, Write] = {
    "empty file": text("in.ndjson", ""),
    "NaN": text("in.ndjson", '{"word":"cat","drawing":[[[0,NaN],[0,1]]]}\n'),
    "NaN in SVG": text("in.svg", '<svg><path d="M0 0 L NaN 5"/></svg>'),
    "1e30": text("in.ndjson", record([[0, 1e30], [0, 5]])),
    "unequal x and y": text("in.ndjson", record([[0, 1, 2], [0, 1]])),
    "not JSON": text("in.ndjson", "hello there\n"),
    "half a line": text("in.ndjson", record(HENRI)[:30]),
    "another record": text("in.ndjson", '{"key":"value"}\n'),
    "gzip cut short": gzip_cut_short,
    "truncated table": truncated_table,
    "truncated npz": truncated_npz,
    "truncated SVG": text("in.svg", '<svg viewBox="0 0 10 10"><path d="M0 0L5'),
    "SVG with an entity": text(
        "in.svg", '<!DOCTYPE svg [<!ENTITY a "b">]><svg><path d="M0 0L5 5"/></svg>'
    ),
    "missing file": missing,
    "a folder": a_folder,
    "no format": text("in.jpg", "JFIF"),
}
