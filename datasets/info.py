"""What is in a table: counts a word and split, lengths, the scale sketch-rnn divides by.

The offset std is sketch-rnn's scale factor (magenta,
`calculate_normalizing_scale_factor`): the standard deviation of all dx and dy of
the training split, pooled into one list and clamped to ±1000. Offsets are later
divided by it; their mean is not subtracted then.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ..strokes import Drawing, DrawingTable
from ..strokes.caption import Caption
from ..strokes.sheet import sheet, sheet_captions

SPLITS = ("train", "valid", "test")
# sketch-rnn clamps offsets to this many data units before it measures them.
OFFSET_LIMIT = 1000
NO_WORD = "(no word)"
SAMPLES = 8  # drawings a word on a sheet
MANY_WORDS = 24  # more rows than this do not fit a page that one can look at


@dataclass(frozen=True, slots=True)
class WordCount:
    """Drawings of one word in each split."""

    word: str
    train: int
    valid: int
    test: int

    @property
    def total(self) -> int:
        """Drawings of the word in all."""
        return self.train + self.valid + self.test


@dataclass(frozen=True, slots=True)
class Spread:
    """How a length is distributed over the drawings; zeros where there are none."""

    least: int
    median: float
    p95: float
    most: int

    @classmethod
    def of(cls, lengths: npt.NDArray[np.integer]) -> Spread:
        """The spread of lengths (n,)."""
        if len(lengths) == 0:
            return cls(0, 0.0, 0.0, 0)
        median, p95 = np.percentile(lengths, [50, 95]).tolist()
        return cls(int(lengths.min()), median, p95, int(lengths.max()))


@dataclass(frozen=True, slots=True)
class TableInfo:
    """What `linework data info` tells of a table.

    Args:
        name: of its file, or "table" for one in memory.
        words: counts in alphabetical order; drawings without a word come last.
        points: points a drawing.
        strokes: strokes a drawing.
        offset_std: data units, over the train split; None where that has no offsets.
        size_on_disk: bytes, or None for a table in memory.
    """

    name: str
    words: tuple[WordCount, ...]
    points: Spread
    strokes: Spread
    offset_std: float | None
    size_on_disk: int | None

    @property
    def total(self) -> int:
        """Drawings in all."""
        return sum(word.total for word in self.words)

    def __str__(self) -> str:
        """Aligned lines for a terminal."""
        return "\n".join(_lines(self))


def table_info(table: DrawingTable) -> TableInfo:
    """Read through a table once and say what is in it."""
    return TableInfo(
        name=table.name,
        words=_count_words(table),
        points=Spread.of(table.n_points()),
        strokes=Spread.of(table.n_strokes()),
        offset_std=offset_std(table, "train"),
        size_on_disk=os.path.getsize(table.name) if Path(table.name).is_file() else None,
    )


def offset_std(table: DrawingTable, split: str | None = None) -> float | None:
    """The pooled std of dx and dy, in data units, of a split or of all; None without offsets.

    Moves with the pen lifted count, the way to the first point does not. Sums are
    of integers, so the result does not depend on the order.
    """
    count = total = squares = 0
    for batch in table.batches:
        offsets = _offsets(batch, split)
        count += offsets.size
        total += int(offsets.sum())
        squares += int(np.square(offsets).sum())
    if count == 0:
        return None
    mean = total / count
    return float(np.sqrt(max(squares / count - mean * mean, 0.0)))


def _offsets(batch: pa.RecordBatch, split: str | None) -> npt.NDArray[np.int64]:
    """dx and dy (n, 2) of the drawings of a batch, clamped; int64 holds their squares' sum.

    The rows of stroke-3, but for their order.
    """
    drawings = batch.column("strokes")
    ends = drawings.values.offsets.to_numpy()  # of strokes, in points
    first_stroke = drawings.offsets.to_numpy()
    begins = ends[first_stroke].astype(np.int64)  # of drawings, in points
    lengths = np.diff(begins)
    wanted = np.ones(len(lengths), bool)
    if split is not None:
        wanted = pc.equal(batch.column("split"), split).to_numpy(zero_copy_only=False)
    points = drawings.values.values.values.to_numpy().reshape(-1, 2)[begins[0] : begins[-1]]
    follows = np.repeat(wanted, lengths)
    follows[(begins - begins[0])[:-1][lengths > 0]] = False  # the way to a first point is none
    offsets = np.diff(points.astype(np.int64), axis=0, prepend=0)[follows]
    # Where the first stroke is a single point, stroke-3 has a row (0, 0, 1) for it.
    drawn = first_stroke[:-1][wanted & (lengths > 0)]
    lone = np.zeros((int((ends[drawn + 1] - ends[drawn] == 1).sum()), 2), np.int64)
    rows: npt.NDArray[np.int64] = np.concatenate([offsets, lone])
    return rows.clip(-OFFSET_LIMIT, OFFSET_LIMIT)


def sample_sheet(
    table: DrawingTable, rng: np.random.Generator, per_word: int | None = None
) -> tuple[Drawing, list[Caption]]:
    """Drawings picked at random, a row for each word, and the words to set below them.

    Args:
        per_word: drawings a word; None shows `SAMPLES`, or one of each where
            there are more than `MANY_WORDS`.
    """
    names, index = table.words()
    if (index < 0).any():
        names, index = [*names, NO_WORD], np.where(index < 0, len(names), index)
    if per_word is None:
        per_word = 1 if len(names) > MANY_WORDS else SAMPLES
    picked: list[Drawing] = []
    for number in range(len(names)):
        rows = np.flatnonzero(index == number)
        chosen = np.sort(rng.choice(rows, min(per_word, len(rows)), replace=False))
        picked += [table[int(row)] for row in chosen]
        picked += [Drawing()] * (per_word - len(chosen))  # keeps each word on its row
    columns = None if per_word == 1 else per_word
    page = sheet(picked, columns, captions=True)
    return page, sheet_captions(picked, columns)


def _count_words(table: DrawingTable) -> tuple[WordCount, ...]:
    counts: Counter[tuple[str | None, str]] = Counter()
    for batch in table.batches:
        both = pa.Table.from_batches([batch.select(["word", "split"])])
        for row in both.group_by(["word", "split"]).aggregate([([], "count_all")]).to_pylist():
            counts[row["word"], row["split"]] += row["count_all"]
    words = sorted({word for word, _ in counts}, key=lambda w: (w is None, w or ""))
    return tuple(
        WordCount(NO_WORD if word is None else word, *(counts[word, split] for split in SPLITS))
        for word in words
    )


def _lines(info: TableInfo) -> list[str]:
    size = "" if info.size_on_disk is None else f", {_bytes(info.size_on_disk)}"
    named = len(info.words)
    head = f"{info.name}: {info.total:,} drawings, {named:,} word{'s'[: named != 1]}{size}"
    counts = [["word", *SPLITS, "total"]]
    counts += [[w.word, *_thousands(w.train, w.valid, w.test, w.total)] for w in info.words]
    if named > 1:
        sums = (sum(getattr(w, split) for w in info.words) for split in SPLITS)
        counts.append(["all", *_thousands(*sums, info.total)])
    spreads = [["a drawing has", "min", "median", "p95", "max"]]
    for name, spread in (("points", info.points), ("strokes", info.strokes)):
        row = _thousands(spread.least, round(spread.median), round(spread.p95), spread.most)
        spreads.append([name, *row])
    std = (
        "offset std: none, the train split is empty"
        if info.offset_std is None
        else f"offset std {info.offset_std:.4g} (dx, dy of the train split: sketch-rnn's scale)"
    )
    return [head, "", *_aligned(counts), "", *_aligned(spreads), "", std]


def _thousands(*numbers: int) -> list[str]:
    return [f"{number:,}" for number in numbers]


def _aligned(rows: list[list[str]]) -> list[str]:
    """Rows as lines, the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


def _bytes(size: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} GB"
