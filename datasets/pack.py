"""`pack`: drawings in any form, any number of files -> one table that training reads.

Files are read in parallel, a process each, into part files beside the table;
these are joined in the order of the sources, so that the table does not depend
on how many processes there were. Of drawings with equal keys the first stays.
The table appears when it is complete; until then, and after any failure, what
was there before stands.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import dataclass, field
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import compute

from ..strokes.drawing import Drawing
from ..strokes.errors import FormatError, LineworkError
from ..strokes.table import BATCH_ROWS, SCHEMA, DrawingTable, TableWriter
from .pack_sources import Rows, Source, Unit, find_units, read_drawings, read_unit
from .seen_keys import SeenKeys
from .splits import DEFAULT_SHARES, SPLITS, split_indices

# Bad rows are all counted; a report of a million of them helps nobody.
MAX_MESSAGES = 100
# A process costs 0.3 s of imports; below this it does not pay.
PARALLEL_BYTES = 32 << 20

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class PackReport:
    """What became of the drawings.

    Args:
        path: the table.
        drawings: rows in it.
        splits: rows by split.
        words: rows by word; None counts drawings without one.
        duplicates: left out, their key was there already.
        unrecognized: left out by `recognized_only`.
        too_long: left out by `max_points`.
        bad: rows and files that could not be used.
        messages: the first `MAX_MESSAGES` sentences about those, file and line first.
    """

    path: Path
    drawings: int
    splits: dict[str, int]
    words: dict[str | None, int]
    duplicates: int = 0
    unrecognized: int = 0
    too_long: int = 0
    bad: int = 0
    messages: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        left_out = [
            f"{count:,} {why}"
            for count, why in (
                (self.duplicates, "with a key seen before"),
                (self.unrecognized, "not recognized"),
                (self.too_long, "too long"),
                (self.bad, "bad"),
            )
            if count
        ]
        splits = ", ".join(f"{self.splits.get(name, 0):,} {name}" for name in SPLITS)
        words = "1 word" if len(self.words) == 1 else f"{len(self.words):,} words"
        return f"{self.path}: {self.drawings:,} drawings of {words} ({splits})" + (
            f"; left out: {', '.join(left_out)}" if left_out else ""
        )


@dataclass(frozen=True, slots=True)
class _Options:
    recognized_only: bool
    max_points: int | None
    skip_bad: bool


@dataclass(slots=True)
class _Tally:
    """What a worker leaves out; added up over the workers."""

    unrecognized: int = 0
    too_long: int = 0
    bad: int = 0
    messages: list[str] = field(default_factory=list)

    def add(self, other: _Tally) -> None:
        self.unrecognized += other.unrecognized
        self.too_long += other.too_long
        self.bad += other.bad
        self.messages += other.messages[: MAX_MESSAGES - len(self.messages)]


def pack(
    sources: Source | Sequence[Source],
    out: str | os.PathLike[str],
    *,
    recognized_only: bool = False,
    max_points: int | None = None,
    skip_bad: bool = False,
    shares: Sequence[float] = DEFAULT_SHARES,
    word: str | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> PackReport:
    """Pack drawings into one table.

    Simplified Quick, Draw! lines (whole numbers 0..255), .bin, tables, and .npz
    and sequences of drawings with whole numbers are taken as they stand; all else
    is simplified as Google's simplified files were. The split is that of a table
    or .npz read, else it follows from the key (`splits`), and a drawing without a
    key gets one from its content.

    Args:
        sources: paths of ndjson (raw or simplified, or gzip of these), .bin, .npz,
            .arrow or .svg files or folders of them, or sequences of drawings.
        out: the table to write, *.arrow.
        recognized_only: leave out drawings that the game did not recognise
            (those of which it is not known stay).
        max_points: leave out drawings of more points than this, counted as packed.
        skip_bad: leave out rows that cannot be used, and say so in the report;
            else the first such row ends the packing.
        shares: of train, valid and test.
        word: of drawings whose form holds none; None is the file's name, for
            SVG in a folder the folder's.
        jobs: processes; None is one a processor where there is enough to read.
        progress: called with the bytes read so far and in all.

    Raises:
        FormatError: a row or file that cannot be used: `file:line: found; wanted`.
        LineworkError: a missing or unknown source, a place that cannot be
            written, nothing left to pack, or options that make no sense.
    """
    if max_points is not None and max_points < 1:
        raise LineworkError(f"max_points of {max_points}; wanted 1 or more")
    if jobs is not None and jobs < 1:
        raise LineworkError(f"jobs of {jobs}; wanted 1 or more")
    work = _plan(sources, word)
    total = sum(item.size for item in work if isinstance(item, Unit))
    options = _Options(recognized_only, max_points, skip_bad)
    units = sum(isinstance(item, Unit) for item in work)
    if jobs is None:
        jobs = os.cpu_count() or 1 if total >= PARALLEL_BYTES else 1
    tally = _Tally()
    steps: Generator[tuple[pa.RecordBatch, int], None, None]
    if min(jobs, units) > 1:
        steps = _in_processes(work, options, tally, jobs, Path(out).parent)
    else:
        steps = _here(work, options, tally)
    with TableWriter(out) as writer, closing(steps):
        joiner = _Joiner(writer, shares)
        for batch, position in steps:
            joiner.add(batch)
            if progress is not None:
                progress(position, total)
        joiner.finish()
        if writer.rows == 0:
            raise LineworkError(f"{out}: not written, no drawing is left; {_why_none(tally)}")
    return PackReport(
        path=Path(out),
        drawings=writer.rows,
        splits={name: joiner.splits[name] for name in SPLITS if joiner.splits[name]},
        words=dict(sorted(joiner.words.items(), key=lambda item: item[0] or "")),
        duplicates=joiner.duplicates,
        unrecognized=tally.unrecognized,
        too_long=tally.too_long,
        bad=tally.bad,
        messages=tally.messages,
    )


def _plan(sources: Source | Sequence[Source], word: str | None) -> list[Unit | Iterable[Drawing]]:
    """The sources as units to read and sequences of drawings, in order."""
    items: Iterable[Any] = sources
    if isinstance(sources, (str, os.PathLike, DrawingTable)):
        items = [sources]
    work: list[Unit | Iterable[Drawing]] = []
    for item in items:
        if isinstance(item, (str, os.PathLike)):
            work += find_units(item, word)
        elif not isinstance(item, Drawing):
            work.append(item)
        elif work and isinstance(work[-1], list):
            work[-1].append(item)
        else:
            work.append([item])
    if not work:
        raise LineworkError("nothing to pack; wanted files, folders or drawings")
    return work


# ------------------------------------------------------------------ reading


def _selected(
    parts: Iterable[Rows], options: _Options, tally: _Tally
) -> Iterator[tuple[pa.RecordBatch, int]]:
    """The batches without the rows that are not wanted, and how far reading is."""
    for part in parts:
        if part.bad and not options.skip_bad:
            raise FormatError(f"{part.bad[0]} (or leave out such rows: --skip-bad)")
        tally.add(_Tally(bad=len(part.bad), messages=part.bad))
        batch = part.batch
        if options.recognized_only:
            wanted = batch.column("recognized").fill_null(True)
            tally.unrecognized += batch.num_rows - wanted.true_count
            batch = batch.filter(wanted)
        if options.max_points is not None:
            short = DrawingTable([batch]).n_points() <= options.max_points
            tally.too_long += int((~short).sum())
            batch = batch.filter(pa.array(short))
        yield batch, part.position


def _here(
    work: Iterable[Unit | Iterable[Drawing]], options: _Options, tally: _Tally
) -> Generator[tuple[pa.RecordBatch, int], None, None]:
    done = 0
    for item in work:
        parts = read_unit(item) if isinstance(item, Unit) else read_drawings(item)
        for batch, position in _selected(parts, options, tally):
            yield batch, done + position
        done += item.size if isinstance(item, Unit) else 0


def _in_processes(
    work: Sequence[Unit | Iterable[Drawing]],
    options: _Options,
    tally: _Tally,
    jobs: int,
    folder: Path,
) -> Generator[tuple[pa.RecordBatch, int], None, None]:
    """As `_here`, with the units read ahead by other processes into part files."""
    # A fresh interpreter each: forking one in which torch or Arrow runs threads can hang.
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    units = [item for item in work if isinstance(item, Unit)]
    done = 0
    with (
        tempfile.TemporaryDirectory(prefix=".pack-", dir=folder) as parts,
        ProcessPoolExecutor(min(jobs, len(units)), context, _start_worker, (stop,)) as pool,
    ):
        try:
            waiting = {
                id(unit): (
                    pool.submit(_read_to_part, unit, options, Path(parts, f"{i}.arrow")),
                    Path(parts, f"{i}.arrow"),
                )
                for i, unit in enumerate(units)
            }
            for item in work:
                if not isinstance(item, Unit):
                    for batch, _ in _selected(read_drawings(item), options, tally):
                        yield batch, done
                    continue
                future, part = waiting.pop(id(item))
                tally.add(future.result())
                done += item.size
                for batch in DrawingTable.open(part).batches:
                    yield batch, done
                part.unlink()
        except BrokenProcessPool as error:
            raise LineworkError(
                "a process that read drawings was ended from outside, perhaps for want of "
                "memory: pack with jobs=1; a script that packs with more needs the guard "
                "`if __name__ == '__main__':`"
            ) from error
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)


_stop: Event | None = None


def _start_worker(stop: Event) -> None:
    """Ctrl-C is for the parent, which then sets `stop`."""
    global _stop
    _stop = stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _read_to_part(unit: Unit, options: _Options, part: Path) -> _Tally:
    tally = _Tally()
    with TableWriter(part) as writer:
        joiner = _Chunks(writer.write)
        for batch, _ in _selected(read_unit(unit), options, tally):
            if _stop is not None and _stop.is_set():
                break
            joiner.add(batch)
        joiner.finish()
    return tally


# ------------------------------------------------------------------ joining


class _Chunks:
    """Batches of any size in, batches of `BATCH_ROWS` out, the last one smaller."""

    def __init__(self, write: Callable[[pa.RecordBatch], None]) -> None:
        self._write = write
        self._waiting: list[pa.RecordBatch] = []
        self._rows = 0

    def add(self, batch: pa.RecordBatch) -> None:
        self._waiting.append(batch)
        self._rows += batch.num_rows
        if self._rows >= BATCH_ROWS:
            joined = _concatenated(self._waiting)
            whole = self._rows - self._rows % BATCH_ROWS
            for begin in range(0, whole, BATCH_ROWS):
                self._write(joined.slice(begin, BATCH_ROWS))
            self._waiting = [joined.slice(whole)]
            self._rows -= whole

    def finish(self) -> None:
        if self._rows:
            self._write(_concatenated(self._waiting))


def _concatenated(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    """One batch; of one batch itself, without a copy."""
    filled = [batch for batch in batches if batch.num_rows]
    return filled[0] if len(filled) == 1 else pa.concat_batches(filled)


class _Joiner:
    """Leaves out keys that were there before, gives each row its split, counts, and writes."""

    def __init__(self, writer: TableWriter, shares: Sequence[float]) -> None:
        # Readers give some 500 rows at a time; by the thousand the calls below cost nothing.
        self._gathered = _Chunks(self._join)
        self._chunks = _Chunks(writer.write)
        self._shares = shares
        self._seen = SeenKeys()
        self.duplicates = 0
        self.splits: Counter[str] = Counter()
        self.words: Counter[str | None] = Counter()
        split_indices(np.zeros(0, np.uint64), shares)  # wrong shares are told before the work

    def add(self, batch: pa.RecordBatch) -> None:
        self._gathered.add(batch)

    def finish(self) -> None:
        self._gathered.finish()
        self._chunks.finish()

    def _join(self, batch: pa.RecordBatch) -> None:
        fresh = self._seen.add(batch.column("key").to_numpy())
        if not fresh.all():
            self.duplicates += int((~fresh).sum())
            batch = batch.filter(pa.array(fresh))
        splits = self._splits(batch)
        _count(self.splits, splits)
        _count(self.words, batch.column("word"))
        columns = [*batch.columns[:-1], splits]
        self._chunks.add(pa.RecordBatch.from_arrays(columns, schema=SCHEMA))

    def _splits(self, batch: pa.RecordBatch) -> pa.Array:
        given = batch.column("split")
        open_ = compute.equal(given, "").to_numpy(zero_copy_only=False)
        if not open_.any():
            return given
        names = np.array(SPLITS, object)[
            split_indices(batch.column("key").to_numpy(), self._shares)
        ]
        own: npt.NDArray[Any] = given.to_numpy(zero_copy_only=False)
        return pa.array(np.where(open_, names, own), pa.string())


def _count(counter: Counter[Any], column: pa.Array) -> None:
    for pair in column.value_counts().to_pylist():
        counter[pair["values"]] += pair["counts"]


def _why_none(tally: _Tally) -> str:
    if tally.bad:
        return f"{tally.bad:,} bad rows, the first: {tally.messages[0]}"
    if tally.unrecognized or tally.too_long:
        return f"{tally.unrecognized:,} not recognized and {tally.too_long:,} too long"
    return "the sources hold none"
