"""`DrawingTable`: many drawings as columns in one Arrow IPC file, memory-mapped.

A row is a drawing; its strokes are one nested column of int16 x, y, so that
pyarrow, DuckDB and polars read the file as it is. Opening reads only the
footer; a row becomes a `Drawing` when asked for. Training reads nothing else.

Points are int16 and stand as they were given: Quick, Draw! drawings in their
0..255 box, stroke-3 sets in their own integer units with the first point at 0, 0.
Coordinates that are not integers must be quantised first.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, fields
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import overload

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import compute

from .atomic import atomic_path
from .columns import (
    QUICKDRAW_SIZE,
    UNKNOWN_TIME,
    Columns,
    Int16Array,
    columns_from_drawings,
    content_key,
    from_microseconds,
    key_array,
    offsets_from_lengths,
    to_microseconds,
)
from .drawing import Drawing, Stroke
from .errors import FormatError

__all__ = [
    "BATCH_ROWS",
    "FORMAT_VERSION",
    "QUICKDRAW_SIZE",
    "SCHEMA",
    "UNKNOWN_TIME",
    "VERSION_KEY",
    "Columns",
    "DrawingTable",
    "TableWriter",
    "columns_from_drawings",
    "content_key",
    "from_microseconds",
    "key_array",
    "offsets_from_lengths",
    "record_batch",
    "to_microseconds",
]

FORMAT_VERSION = b"1"
VERSION_KEY = b"linework.table"
# Rows a record batch: large enough that a million drawings are 62 batches,
# small enough that packing holds a few MB at a time.
BATCH_ROWS = 16_384

SCHEMA = pa.schema(
    [
        pa.field("strokes", pa.list_(pa.list_(pa.list_(pa.int16(), 2))), nullable=False),
        pa.field("word", pa.string()),
        pa.field("key", pa.uint64(), nullable=False),
        pa.field("country", pa.string()),
        pa.field("created", pa.timestamp("us", tz="UTC")),
        pa.field("recognized", pa.bool_()),
        pa.field("split", pa.string(), nullable=False),
    ],
    metadata={VERSION_KEY: FORMAT_VERSION},
)


class TableWriter:
    """Writes a table batch by batch; the file appears under its name only when complete.

    Used as a context manager. An exception inside, or a full disk, leaves
    nothing behind.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.rows = 0

    def __enter__(self) -> TableWriter:
        with ExitStack() as stack:
            part = stack.enter_context(atomic_path(self.path))
            file = stack.enter_context(pa.OSFile(str(part), "wb"))
            self._writer = stack.enter_context(pa.ipc.new_file(file, SCHEMA))
            self._stack = stack.pop_all()
        return self

    def write(self, rows: Columns | pa.RecordBatch) -> None:
        """Append drawings as one record batch."""
        batch = record_batch(rows) if isinstance(rows, Columns) else rows
        if batch.num_rows:
            self._writer.write_batch(batch)
            self.rows += batch.num_rows

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)


def record_batch(columns: Columns) -> pa.RecordBatch:
    """The Arrow record batch of `columns`, sharing their memory."""
    pairs = pa.FixedSizeListArray.from_arrays(
        pa.array(np.ascontiguousarray(columns.points).reshape(-1), pa.int16()), 2
    )
    strokes = pa.ListArray.from_arrays(pa.array(columns.stroke_offsets, pa.int32()), pairs)
    drawings = pa.ListArray.from_arrays(pa.array(columns.drawing_offsets, pa.int32()), strokes)
    return pa.RecordBatch.from_arrays(
        [
            drawings,
            pa.array(columns.words, pa.string()),
            pa.array(columns.keys, pa.uint64()),
            pa.array(columns.countries, pa.string()),
            # The least int64 is numpy's "not a time", which Arrow takes as a null.
            pa.array(columns.created.view("datetime64[us]"), SCHEMA.field("created").type),
            pa.array(columns.recognized, pa.bool_()),
            pa.array(columns.splits, pa.string()),
        ],
        schema=SCHEMA,
    )


@dataclass(frozen=True, slots=True)
class _Batch:
    """numpy views of one record batch."""

    points: Int16Array  # (P, 2)
    stroke_offsets: npt.NDArray[np.int32]
    drawing_offsets: npt.NDArray[np.int32]


class DrawingTable(Sequence[Drawing]):
    """Drawings in columns. Open one with `DrawingTable.open`, make one with `from_drawings`."""

    def __init__(self, batches: Sequence[pa.RecordBatch], name: str = "table") -> None:
        self.name = name
        self._batches = batches
        self._starts = offsets_from_lengths([b.num_rows for b in batches]).astype(np.int64)
        self._views: dict[int, _Batch] = {}
        self._arrays: dict[int, list[pa.Array]] = {}

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> DrawingTable:
        """Memory-map a table file; costs the footer, whatever the size.

        Raises:
            FormatError: not an Arrow IPC file, cut short, or not a linework table.
        """
        try:
            with pa.memory_map(str(path)) as source:
                reader = pa.ipc.open_file(source)
                batches = [reader.get_batch(i) for i in range(reader.num_record_batches)]
        except (pa.ArrowInvalid, OSError) as error:
            if isinstance(error, FileNotFoundError):
                raise
            raise FormatError(
                f"{path}: not a complete Arrow IPC file ({error}); "
                "make one with `linework data pack`"
            ) from error
        found = (reader.schema.metadata or {}).get(VERSION_KEY)
        if found != FORMAT_VERSION or not reader.schema.equals(SCHEMA):
            raise FormatError(
                f"{path}: an Arrow file, but not a linework table of version "
                f"{FORMAT_VERSION.decode()}; make one with `linework data pack`"
            )
        return cls(batches, name=str(path))

    @classmethod
    def from_drawings(
        cls, drawings: Iterable[Drawing], splits: Sequence[str] | None = None
    ) -> DrawingTable:
        """A table in memory of drawings with integer coordinates."""
        return cls([record_batch(columns_from_drawings(drawings, splits))])

    @property
    def batches(self) -> Sequence[pa.RecordBatch]:
        """The record batches, as Arrow has them."""
        return self._batches

    def __len__(self) -> int:
        return int(self._starts[-1])

    @overload
    def __getitem__(self, row: int) -> Drawing: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[Drawing]: ...
    def __getitem__(self, row: int | slice) -> Drawing | Sequence[Drawing]:
        if isinstance(row, slice):
            return [self[i] for i in range(*row.indices(len(self)))]
        index, inner = self._locate(row)
        points, ends = self.flat(row)
        floats = points.astype(np.float32)
        floats.flags.writeable = False
        begins = [0, *ends.tolist()]
        _, word, key, country, created, recognized, _ = self._columns(index)
        return Drawing(
            tuple(_stroke(floats[i:j]) for i, j in pairwise(begins)),
            size=QUICKDRAW_SIZE,
            label=word[inner].as_py(),
            key=key[inner].as_py(),
            country=country[inner].as_py(),
            created=from_microseconds(created[inner].value),
            recognized=recognized[inner].as_py(),
        )

    def __iter__(self) -> Iterator[Drawing]:
        return (self[i] for i in range(len(self)))

    def flat(self, row: int) -> tuple[Int16Array, npt.NDArray[np.int64]]:
        """Points int16 (n, 2) of a row, a view of the file, and the index after each stroke."""
        index, inner = self._locate(row)
        view = self._view(index)
        first, last = view.drawing_offsets[inner : inner + 2]
        offsets = view.stroke_offsets[first : last + 1].astype(np.int64)
        return view.points[offsets[0] : offsets[-1]], offsets[1:] - offsets[0]

    def n_points(self) -> npt.NDArray[np.int32]:
        """Number of points of every row: int32 (len,)."""
        views = map(self._view, range(len(self._batches)))
        return _joined([np.diff(v.stroke_offsets[v.drawing_offsets]) for v in views])

    def n_strokes(self) -> npt.NDArray[np.int32]:
        """Number of strokes of every row: int32 (len,)."""
        views = map(self._view, range(len(self._batches)))
        return _joined([np.diff(v.drawing_offsets) for v in views])

    def words(self) -> tuple[list[str], npt.NDArray[np.int32]]:
        """The words in alphabetical order, and each row's index among them: int32, -1 for none."""
        column = self.column("word")
        names = sorted(w for w in column.unique().to_pylist() if w is not None)
        found = compute.index_in(column, value_set=pa.array(names, pa.string()))
        return names, found.fill_null(-1).to_numpy().astype(np.int32)

    def rows_of(self, split: str | None = None) -> npt.NDArray[np.int64]:
        """Row numbers of a split ("train", "valid", "test"), or of all."""
        if split is None:
            return np.arange(len(self))
        return np.flatnonzero(compute.equal(self.column("split"), split).to_numpy())

    def column(self, name: str) -> pa.ChunkedArray:
        """One column over all batches, as Arrow has it."""
        field = SCHEMA.field(name)
        return pa.chunked_array([b.column(name) for b in self._batches], field.type)

    def _locate(self, row: int) -> tuple[int, int]:
        if row < 0:
            row += len(self)
        if not 0 <= row < len(self):
            raise IndexError(f"row {row} of a table of {len(self)}")
        index = int(np.searchsorted(self._starts, row, side="right")) - 1
        return index, int(row - self._starts[index])

    def _columns(self, index: int) -> list[pa.Array]:
        """A batch's columns; asking Arrow for each again would cost more than the row."""
        if index not in self._arrays:
            try:
                self._batches[index].validate()  # buffers are as long as the row counts say
            except pa.ArrowInvalid as error:
                raise FormatError(
                    f"{self.name}: damaged in record batch {index} ({error}); pack it again"
                ) from error
            self._arrays[index] = self._batches[index].columns
        return self._arrays[index]

    def _view(self, index: int) -> _Batch:
        if index not in self._views:
            drawings = self._columns(index)[0]
            strokes = drawings.values
            points = strokes.values.values.to_numpy(zero_copy_only=True)
            self._views[index] = _Batch(
                points.reshape(-1, 2),
                strokes.offsets.to_numpy(zero_copy_only=True),
                drawings.offsets.to_numpy(zero_copy_only=True),
            )
        return self._views[index]


def _stroke(points: npt.NDArray[np.float32]) -> Stroke:
    """A stroke of points that came from int16 and are frozen: there is nothing to check.

    The checks of `Stroke` are most of the cost of a row, 5 of 7 microseconds a stroke.
    """
    stroke = object.__new__(Stroke)
    for name, value in (("points", points), *_PLAIN):
        object.__setattr__(stroke, name, value)
    return stroke


_PLAIN = tuple((f.name, f.default) for f in fields(Stroke) if f.name != "points")


def _joined(parts: list[npt.NDArray[np.int32]]) -> npt.NDArray[np.int32]:
    return np.concatenate([np.zeros(0, np.int32), *parts])
