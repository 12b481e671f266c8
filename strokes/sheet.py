"""A sheet: many drawings in a grid, row by row, as one drawing.

Because a sheet is a drawing, whatever writes drawings writes sheets. Labels are
not strokes; `sheet_captions` says where the writers of SVG and PNG may set them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from .caption import Caption
from .drawing import Drawing, Stroke
from .errors import LineworkError

Bounds = tuple[float, float, float, float]

CELL = 192.0
# Share of a cell's side left free on each side of a drawing.
MARGIN = 0.1
# Height of a label and of the strip below a drawing that it stands in, as shares of a cell.
_LETTERS = 0.08
_STRIP = 0.12
# Letters that fit side by side below a cell.
_LONGEST = 22


def sheet(
    drawings: Sequence[Drawing],
    columns: int | None = None,
    *,
    cell: float = CELL,
    margin: float | None = None,
    captions: bool = False,
    aligned: bool = False,
) -> Drawing:
    """All drawings on one canvas, each fitted into its cell by what is drawn and centred.

    Args:
        columns: cells a row; None makes the grid about square.
        cell: side of a cell, px.
        margin: px left free around each drawing; None is a tenth of the cell.
        captions: whether to leave room below each drawing for `sheet_captions`.
        aligned: whether all keep one scale and place, as they share their coordinates:
            what several have in common then stands at the same place of each cell.

    Returns:
        A drawing as large as the grid; its label is the drawings' own where they agree.

    Raises:
        LineworkError: no column, no cell, or a margin that leaves no room.
    """
    margin = cell * MARGIN if margin is None else margin
    columns = _columns(len(drawings), columns)
    room = cell - 2 * margin
    if not (cell > 0 and margin >= 0 and room > 0):
        raise LineworkError(
            f"cells of {cell:g} px with margins of {margin:g} px leave no room to draw in"
        )
    height = _row_height(cell, captions)
    common = _bounds_of_all(drawings) if aligned else None
    strokes: list[Stroke] = []
    for index, drawing in enumerate(drawings):
        row, column = divmod(index, columns)
        corner = (column * cell + margin, row * height + margin)
        strokes += _placed(drawing, common or drawing.bounds, corner, room)
    rows = math.ceil(len(drawings) / columns)
    labels = {drawing.label for drawing in drawings}
    return Drawing(
        tuple(strokes),
        size=(columns * cell, max(rows, 1) * height),
        label=labels.pop() if len(labels) == 1 else None,
    )


def sheet_captions(
    drawings: Sequence[Drawing], columns: int | None = None, *, cell: float = CELL
) -> list[Caption]:
    """Each drawing's label below it, on a sheet made with `captions=True` and these arguments."""
    columns = _columns(len(drawings), columns)
    height = _row_height(cell, True)
    return [
        Caption(
            _shortened(drawing.label),
            (index % columns + 0.5) * cell,
            (index // columns + 1) * height - _STRIP * cell / 2,
            _LETTERS * cell,
        )
        for index, drawing in enumerate(drawings)
        if drawing.label
    ]


def _shortened(label: str) -> str:
    return label if len(label) <= _LONGEST else label[: _LONGEST - 1] + "…"


def _columns(count: int, columns: int | None) -> int:
    if columns is None:
        return max(1, math.ceil(math.sqrt(count)))
    if columns < 1:
        raise LineworkError(f"a sheet of {columns} columns; wanted 1 or more")
    return columns


def _row_height(cell: float, captions: bool) -> float:
    return cell * (1 + _STRIP) if captions else cell


def _bounds_of_all(drawings: Sequence[Drawing]) -> Bounds | None:
    """The smallest box around all of them, or None of nothing."""
    boxes = [drawing.bounds for drawing in drawings if drawing.strokes]
    if not boxes:
        return None
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return (min(x0), min(y0), max(x1), max(y1))


def _placed(
    drawing: Drawing, bounds: Bounds, corner: tuple[float, float], room: float
) -> list[Stroke]:
    """The strokes, the box `bounds` scaled into a square of `room` px at `corner`.

    What has no extent is centred.
    """
    x0, y0, x1, y1 = bounds
    extent = max(x1 - x0, y1 - y0)
    # A line reaches half its width beyond its points.
    extent += max((s.width for s in drawing.strokes if s.width is not None), default=0.0)
    scale = room / extent if extent > 0 else 1.0
    middle = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
    target = np.array(corner) + room / 2
    return [
        stroke.replace(
            points=((stroke.points - middle) * scale + target).astype(np.float32),
            width=None if stroke.width is None else stroke.width * scale,
        )
        for stroke in drawing.strokes
    ]
