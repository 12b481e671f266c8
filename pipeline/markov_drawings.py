"""Drawings to new ones by a Markov chain over their strokes: `linework markov` as functions."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..models.markov_strokes import MarkovStrokes, Rows, learn_strokes
from ..strokes import Drawing, DrawingTable
from ..strokes.errors import LineworkError
from ..strokes.files import write_drawings
from ..strokes.stroke3 import from_stroke3, offsets_from_points
from .tables import open_table

Path_ = str | os.PathLike[str]
Note = Callable[[str], None]

# Drawings learned from at most, evenly over the table; the chain is known from fewer.
MOST_DRAWINGS = 20_000
# Where a sample is drawn: Quick, Draw!'s canvas, and the px left free around.
CANVAS, MARGIN = 256.0, 8.0


@dataclass(frozen=True, slots=True)
class StrokeReport:
    """What a chain of strokes is worth.

    Args:
        learned, held: drawings of the train split, and of the one it is measured by.
        split: that one's name; None where there is none.
        nats: held-out nats a point, pen and end included, by order from 0.
    """

    learned: int
    held: int
    split: str | None
    nats: tuple[float, ...]

    def __str__(self) -> str:
        """A line for a terminal."""
        if self.split is None:
            return f"learned from {self.learned:,} drawings; none are held out to measure by"
        nats = ", ".join(f"{n:.3f}" for n in self.nats)
        return (
            f"learned from {self.learned:,} drawings; on {self.held:,} of the {self.split} split, "
            f"nats a point (of the integer cell) by order from 0: {nats}"
        )


def markov_drawings(
    source: Path_,
    out: Path_,
    *,
    order: int,
    count: int,
    seed: int,
    temperature: float = 1.0,
    note: Note = lambda text: None,
) -> StrokeReport:
    """Learns from drawings and draws new ones, in any form that drawings are written in.

    Args:
        source: a table, or what packs into one.
        order: points that a point depends on, 0 to 8.

    Raises:
        LineworkError, FormatError: as reading and writing do; an order out of range.
    """
    with open_table(source) as table:
        report, chain = measure_strokes(table, order)
        names = table.words()[0]
    note(str(report))
    label = names[0] if len(names) == 1 else None
    drawn = chain.draw(count, np.random.default_rng(seed), temperature)
    write_drawings((_placed(rows, label) for rows in drawn), out)
    return report


def measure_strokes(table: DrawingTable, order: int) -> tuple[StrokeReport, MarkovStrokes]:
    """A chain of a table's train split, and its figures on test, or else valid.

    Raises:
        LineworkError: an order out of range, or nothing to learn from.
    """
    learned = list(_rows(table, "train"))
    if not learned:
        raise LineworkError(f"{table.name}: no drawing of the train split has two points")
    chain = learn_strokes(learned, order)
    for split in ("test", "valid"):
        held = list(_rows(table, split))
        if held:
            nats = tuple(chain.nats(held, k) for k in range(order + 1))
            return StrokeReport(len(learned), len(held), split, nats), chain
    return StrokeReport(len(learned), 0, None, ()), chain


def _rows(table: DrawingTable, split: str) -> Iterator[Rows]:
    """stroke-3 of a split's drawings, as integers."""
    rows = table.rows_of(split)
    if len(rows) > MOST_DRAWINGS:
        rows = rows[np.linspace(0, len(rows), MOST_DRAWINGS, endpoint=False).astype(np.int64)]
    for row in rows.tolist():
        points, ends = table.flat(row)
        if len(points) > 1:
            yield np.rint(offsets_from_points(points, ends)).astype(np.int64)


def _placed(rows: npt.NDArray[np.int64], label: str | None) -> Drawing:
    """The drawing of some rows, moved into the middle of a canvas, smaller if it must be."""
    points = np.concatenate([np.zeros((1, 2)), np.cumsum(rows[:, :2], axis=0)])
    low, high = points.min(axis=0), points.max(axis=0)
    scale = min(1.0, (CANVAS - 2 * MARGIN) / max(1.0, float((high - low).max())))
    start = CANVAS / 2 - (low + high) / 2 * scale
    scaled = np.column_stack([rows[:, :2] * scale, rows[:, 2]])
    return from_stroke3(
        scaled, (float(start[0]), float(start[1])), size=(CANVAS, CANVAS), label=label
    )
