"""Hershey's single-stroke fonts (.jhf): each glyph a drawing.

A record is five columns of glyph number, three of how many pairs follow, and the pairs: first
the left and right edges, then points, each coordinate a letter counted from "R"; " R" lifts
the pen. Records may be broken over lines. The fonts were made by A. V. Hershey at the U. S.
National Bureau of Standards, this form of them by James Hurt.
"""

from __future__ import annotations

import os

import numpy as np

from ..strokes import Drawing, Stroke
from ..strokes.errors import FormatError, LineworkError

_LIFT = " R"
# Rows above the highest and below the lowest a glyph may reach: its canvas is this high.
_HEIGHT = 32.0


def read_hershey(path: str | os.PathLike[str]) -> list[Drawing]:
    """The glyphs of a .jhf file that have lines, each on a canvas of its own width, y down.

    Raises:
        LineworkError: no such file, or it cannot be read.
        FormatError: a record that is cut short or holds no number; with the line.
    """
    try:
        with open(path, encoding="ascii") as file:
            lines = file.read().split("\n")
    except UnicodeDecodeError as error:
        raise FormatError(f"{path}: is not a Hershey font (.jhf), which is plain ASCII") from error
    except OSError as error:
        raise LineworkError(f"{path}: cannot be read: {error.strerror or error}") from error
    glyphs: list[Drawing] = []
    number = 0
    while number < len(lines):
        record, first = lines[number].rstrip("\r"), number + 1
        number += 1
        if not record.strip():
            continue
        try:
            pairs = int(record[5:8])
        except ValueError:
            raise FormatError(
                f"{path}, line {first}: columns 6 to 8 are {record[5:8]!r}; wanted the glyph's "
                "number of coordinate pairs"
            ) from None
        while len(record) < 8 + 2 * pairs and number < len(lines):
            record += lines[number].rstrip("\r")
            number += 1
        body = record[8 : 8 + 2 * pairs]
        if len(body) < 2 * pairs:
            raise FormatError(
                f"{path}, line {first}: the glyph ends after {len(body) // 2} of {pairs} pairs; "
                "the file is cut short"
            )
        glyph = _glyph(body)
        if glyph.strokes:
            glyphs.append(glyph)
    return glyphs


def _glyph(body: str) -> Drawing:
    pairs = [body[i : i + 2] for i in range(2, len(body), 2)]
    left, right = (ord(c) - ord("R") for c in body[:2])
    strokes: list[Stroke] = []
    points: list[tuple[float, float]] = []
    for pair in [*pairs, _LIFT]:
        if pair != _LIFT:
            x, y = (ord(c) - ord("R") for c in pair)
            points.append((x - left, y + _HEIGHT / 2))
        elif points:
            strokes.append(Stroke(np.array(points, np.float32)))
            points = []
    return Drawing(tuple(strokes), size=(max(right - left, 1), _HEIGHT))
