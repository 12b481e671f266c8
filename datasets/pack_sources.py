"""What `pack` reads: files of drawings in any form, as Arrow record batches.

A file is opened by its suffix. Every form comes out alike: batches of a table's
schema, whose split is "" where the key is to decide, and a sentence for each row
that could not be used.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..strokes.binary import bin_columns
from ..strokes.drawing import Drawing
from ..strokes.errors import DrawingError, FormatError, LineworkError
from ..strokes.int_strokes import (
    IntStrokes,
    is_whole,
    own_key,
    strokes_from_arrays,
    strokes_from_offsets,
)
from ..strokes.lines import line_chunks
from ..strokes.npz import Stroke3, read_npz
from ..strokes.quickdraw_columns import columns_from_lines
from ..strokes.stroke3 import from_stroke3
from ..strokes.table import (
    SCHEMA,
    UNKNOWN_TIME,
    Columns,
    DrawingTable,
    key_array,
    record_batch,
    to_microseconds,
)

# Drawings turned into a batch at a time where they come one by one.
GROUP = 1024
# Small files of one drawing are handed to a worker by the hundred.
SVG_GROUP = 256

Source = str | os.PathLike[str] | Iterable[Drawing]


@dataclass(frozen=True, slots=True)
class Unit:
    """What one worker reads in one go: a file, or some SVG files of a folder.

    Args:
        paths: the files, all of one form.
        word: of drawings whose form or record holds none.
        size: bytes of the files together.
    """

    paths: tuple[Path, ...]
    word: str
    size: int


@dataclass(frozen=True, slots=True)
class Rows:
    """A batch of drawings, the sentences for bad rows, and the bytes read of the unit so far."""

    batch: pa.RecordBatch
    bad: list[str]
    position: int


def find_units(source: str | os.PathLike[str], word: str | None) -> list[Unit]:
    """The files of a path: itself, or all that can be read below a folder, by name.

    Args:
        word: of drawings that hold none; None is the file's name, for SVG in a
            folder the folder's.

    Raises:
        LineworkError: no such file, a suffix that is not known, or a folder with
            nothing to read in it.
    """
    path = Path(source)
    if path.is_dir():
        found = sorted(
            p for p in path.rglob("*") if p.is_file() and p.name[0] != "." and form_of(p)
        )
        if not found:
            raise LineworkError(f"{path}: a folder without drawings; wanted {_KNOWN} in it")
        units = [_unit((p,), word or stem_of(p)) for p in found if form_of(p) != ".svg"]
        return units + _svg_units([p for p in found if form_of(p) == ".svg"], word)
    if not path.exists():
        raise LineworkError(f"{path}: no such file or folder")
    if form_of(path) is None:
        raise LineworkError(f"{path}: cannot be packed by its name; wanted {_KNOWN}")
    return [_unit((path,), word or stem_of(path))]


def form_of(path: Path) -> str | None:
    """The suffix by which a file is read, without ".gz", or None."""
    name = path.name.lower()
    suffix = os.path.splitext(name.removesuffix(".gz"))[1]
    if name.endswith(".gz") and suffix not in (".ndjson", ".jsonl"):
        return None
    return suffix if suffix in _READERS else None


def stem_of(path: Path) -> str:
    """A file's name up to its first full stop: "cat.full.npz" holds cats."""
    return path.name.split(".")[0] or path.name


def read_unit(unit: Unit) -> Iterator[Rows]:
    """The drawings of a unit; an error in a file is a sentence, and ends that file."""
    done = 0
    for path in unit.paths:
        size = path.stat().st_size
        rows, position = 0, 0
        try:
            if size == 0:
                raise FormatError(f"{path}: an empty file; wanted drawings")
            for part in _READERS[form_of(path) or ""](path, unit.word):
                rows += part.batch.num_rows + len(part.bad)
                position = min(part.position, size)
                yield Rows(part.batch, part.bad, done + position)
            if rows == 0:
                raise FormatError(f"{path}: holds no drawings")
        except LineworkError as error:
            yield Rows(_NO_ROWS, [_naming(path, str(error))], done + position)
        done += size


def read_drawings(drawings: Iterable[Drawing]) -> Iterator[Rows]:
    """Batches of drawings; coordinates that are not whole go through the recipe."""
    items = iter(drawings)
    seen = 0
    while group := list(islice(items, GROUP)):
        wheres = [f"drawing {seen + i}" for i in range(len(group))]
        yield _rows_of(group, wheres, [""] * len(group), exact=True)
        seen += len(group)


# ------------------------------------------------------------------ one reader a form


def _ndjson(path: Path, word: str) -> Iterator[Rows]:
    for chunk in line_chunks(path):
        parsed = columns_from_lines(chunk, str(path), word)
        yield Rows(record_batch(parsed.columns), parsed.bad, chunk.position)


def _bin(path: Path, word: str) -> Iterator[Rows]:
    for columns, position in bin_columns(path, word):
        yield Rows(record_batch(columns), [], position)


def _arrow(path: Path, word: str) -> Iterator[Rows]:
    size = path.stat().st_size
    batches = DrawingTable.open(path).batches
    for i, batch in enumerate(batches, 1):
        yield Rows(batch, [], size * i // len(batches))


def _npz(path: Path, word: str) -> Iterator[Rows]:
    size = path.stat().st_size
    splits = read_npz(path)
    # One scale for all: a few drawings that happen to be whole do not change it.
    whole = all((a == np.rint(a)).all() for arrays in splits.values() for a in arrays)
    read = _rows_of_whole if whole else _rows_of_fine
    for split, arrays in splits.items():
        for begin in range(0, len(arrays), GROUP):
            group = arrays[begin : begin + GROUP]
            wheres = [f"{path}: {split}[{begin + i}]" for i in range(len(group))]
            drawn = [i for i, a in enumerate(group) if len(a)]
            rows = read([group[i] for i in drawn], [wheres[i] for i in drawn], split, word)
            empty = [w for w, a in zip(wheres, group, strict=True) if not len(a)]
            bad = [f"{where}: a drawing without strokes; wanted 1 or more" for where in empty]
            yield Rows(rows.batch, bad + rows.bad, size)


def _rows_of_fine(arrays: Sequence[Stroke3], wheres: Sequence[str], split: str, word: str) -> Rows:
    drawings = [from_stroke3(a, label=word) for a in arrays]
    return _rows_of(drawings, wheres, [split] * len(arrays), exact=False)


def _rows_of_whole(arrays: Sequence[Stroke3], wheres: Sequence[str], split: str, word: str) -> Rows:
    bad: list[str] = []
    try:
        shapes = strokes_from_offsets([a.astype(np.int64) for a in arrays])
    except DrawingError:  # one of them reaches too far: find it
        near = []
        for array, where in zip(arrays, wheres, strict=True):
            try:
                strokes_from_offsets([array.astype(np.int64)])
                near.append(array)
            except DrawingError as error:
                bad.append(f"{where}: {str(error).removeprefix('drawing 0 ')}")
        shapes = strokes_from_offsets([a.astype(np.int64) for a in near])
    named = [Drawing(label=word)] * (len(shapes.drawing_offsets) - 1)
    return Rows(record_batch(_columns(shapes, named, [split] * len(named))), bad, 0)


def _svg(path: Path, word: str) -> Iterator[Rows]:
    # Read here so that packing other forms does not pay for an SVG parser.
    from ..strokes.svg_read import read_svg

    drawing = read_svg(path)
    if drawing.label is None:
        drawing = drawing.replace(label=word)
    rows = _rows_of([drawing], [str(path)], [""], exact=False)
    yield Rows(rows.batch, rows.bad, path.stat().st_size)


_READERS: dict[str, Callable[[Path, str], Iterator[Rows]]] = {
    ".ndjson": _ndjson,
    ".jsonl": _ndjson,
    ".bin": _bin,
    ".npz": _npz,
    ".arrow": _arrow,
    ".svg": _svg,
}
_KNOWN = "*.ndjson, *.ndjson.gz, *.bin, *.npz, *.arrow or *.svg"


# ------------------------------------------------------------------ drawings to rows


def _rows_of(
    drawings: Sequence[Drawing], wheres: Sequence[str], splits: Sequence[str], exact: bool
) -> Rows:
    """Rows of drawings; with `exact`, those of whole numbers are taken as they stand."""
    bad = [
        f"{where}: a drawing without strokes; wanted 1 or more"
        for drawing, where in zip(drawings, wheres, strict=True)
        if not drawing.strokes
    ]
    kept = [i for i, drawing in enumerate(drawings) if drawing.strokes]
    arrays = [[s.points.astype(np.float64) for s in drawings[i].strokes] for i in kept]
    shapes, refused = strokes_from_arrays(
        arrays, [exact and all(map(is_whole, a)) for a in arrays], [wheres[i] for i in kept]
    )
    kept = [i for k, i in enumerate(kept) if k not in refused]
    return Rows(
        record_batch(_columns(shapes, [drawings[i] for i in kept], [splits[i] for i in kept])),
        bad + list(refused.values()),
        0,
    )


def _columns(shapes: IntStrokes, drawings: Sequence[Drawing], splits: Sequence[str]) -> Columns:
    keys = [own_key(shapes, i) if d.key is None else d.key for i, d in enumerate(drawings)]
    created: npt.NDArray[np.int64] = np.array(
        [UNKNOWN_TIME if d.created is None else to_microseconds(d.created) for d in drawings],
        np.int64,
    )
    return Columns(
        points=shapes.points,
        stroke_offsets=shapes.stroke_offsets.astype(np.int32),
        drawing_offsets=shapes.drawing_offsets.astype(np.int32),
        words=[d.label for d in drawings],
        keys=key_array(keys),
        countries=[d.country for d in drawings],
        created=created,
        recognized=[d.recognized for d in drawings],
        splits=splits,
    )


_NO_ROWS = pa.RecordBatch.from_pylist([], schema=SCHEMA)


def _unit(paths: tuple[Path, ...], word: str) -> Unit:
    return Unit(paths, word, sum(p.stat().st_size for p in paths))


def _svg_units(paths: Sequence[Path], word: str | None) -> list[Unit]:
    units: list[Unit] = []
    for folder in sorted({p.parent for p in paths}):
        mine = [p for p in paths if p.parent == folder]
        for begin in range(0, len(mine), SVG_GROUP):
            name = word or folder.resolve().name
            units.append(_unit(tuple(mine[begin : begin + SVG_GROUP]), name))
    return units


def _naming(path: Path, message: str) -> str:
    return message if message.startswith(str(path)) else f"{path}: {message}"
