"""`convert_annotations`: sources in any of the formats to an output in any other.

Two passes. The first reads every annotation file, on its own, into a record and puts its
picture in place; then all labels are known and have their numbers. The second writes what
belongs to each picture. Both run in parallel, hold a few pictures at a time, and note what
is done in a journal within the output, so that a killed run goes on where it was. The JSON
comes last, whole or not at all; then the journal goes.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from ...strokes.atomic import atomic_path, write_atomically
from ...strokes.errors import LineworkError
from ...strokes.images import MAX_PIXELS
from .categories import (
    Category,
    Labels,
    alike,
    ordered,
    read_labels,
    with_background,
)
from .coco import category_of, json_list
from .journal import Journal
from .label_maps import LABELS, held_out, hold_out, write_vocabulary
from .reading import COPY, PICTURES, Reading, read_unit, unwritable
from .record import SPECIAL, Remark
from .report import REPORT, ConversionReport, report_csv
from .shapes import LINE_WIDTH, POINT_RADIUS, Widths
from .sources import DATASET, Sources, Unit, look_through
from .workers import over
from .writing import LAST_FILE, OWN_ID, PICTURE_FOLDER, TARGETS, Writing, Written, write_record

if sys.platform != "win32":
    import fcntl

WORK = ".linework"
NULL = b"null"
# Of the journals' content: one that an older linework left is not gone on with.
_VERSION = 1
# A process costs half a second of imports; below this many pictures it does not pay.
PARALLEL_FROM = 500

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Options:
    """How to convert; defaults are the command's.

    Args:
        target: one of `TARGETS`.
        labels: what `read_labels` takes: all labels, in their order.
        stuff: labels that are stuff.
        line_width, point_radius: px, for lines and points.
        pictures: "copy", "link" or "none".
        images: folder of the pictures of COCO files.
        max_pixels: of pictures that are drawn (stuff, panoptic, labels).
        val: share of the pictures that is held out (labels), in val_img, val_label, val_inst.
    """

    target: str
    labels: str | None = None
    stuff: tuple[str, ...] = ()
    line_width: float = LINE_WIDTH
    point_radius: float = POINT_RADIUS
    pictures: str = COPY
    images: Path | None = None
    max_pixels: int = MAX_PIXELS
    val: float = 0.0


class _Kept(msgspec.Struct):
    """A line of the first journal; the record is null where the file was left out."""

    record: msgspec.Raw
    remarks: tuple[Remark, ...]
    labels: tuple[str, ...]


def convert_annotations(
    sources: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    out: str | os.PathLike[str],
    options: Options,
    *,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> ConversionReport:
    """Converts annotations and writes a report of everything not taken as it stood.

    Args:
        sources: labelme folders or files, COCO files, folders of label maps.
        out: a folder that is new, empty, or of this conversion when it was stopped.
        jobs: processes; None is one a processor where there are many pictures.
        progress: called with the steps done and in all.

    Raises:
        LineworkError: sources or out that cannot be used, or nothing that could be
            converted. A file or shape that cannot be is a line of the report instead.
    """
    if options.target not in TARGETS or options.pictures not in PICTURES:
        raise LineworkError(f"target {options.target!r}, pictures {options.pictures!r}")
    if options.val and (options.target != "labels" or not 0 < options.val < 1):
        raise LineworkError(
            f"a held-out share of {options.val:g} for {options.target}; wanted 0 to below 1, "
            "and for labels only"
        )
    given = [sources] if isinstance(sources, (str, os.PathLike)) else list(sources)
    labels = None if options.labels is None else read_labels(options.labels)
    root = Path(out)
    settings = _settings(given, options)
    found = look_through([Path(source) for source in given], root)
    _prepare(root, settings)
    jobs = jobs or (os.cpu_count() or 1 if found.total >= PARALLEL_FROM else 1)
    run = _Run(root, options, labels, found, jobs, settings, progress or (lambda done, total: None))
    try:
        with _alone(root):
            return run.convert()
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS, errno.EFBIG):
            raise LineworkError(unwritable(root, error)) from error
        raise


@dataclass(slots=True)
class _Run:
    """One conversion; fields as the function's arguments."""

    out: Path
    options: Options
    labels: Labels | None
    found: Sources
    jobs: int
    settings: str
    progress: Progress

    def convert(self) -> ConversionReport:
        work = self.out / WORK
        for part in self.out.rglob(".*.part*"):  # what a killed run left half
            part.unlink()
        with (
            Journal(work / "read.ndjson", self.settings) as read,
            Journal(work / "written.ndjson", _hash((self.settings, self.options))) as written,
        ):
            keys, labels = self._read(read)
            categories = self._categories(labels)
            if not any(bytes(kept.record) != NULL for kept in self._kept(read, keys)):
                self._refuse(read, keys)
            writing = self._writing(categories, labels)
            self._write(read, written, keys, writing)
            remarks = chain(self.found.remarks, _alike(categories), self._remarks(read, keys),
                            self._late_remarks(written, keys))  # fmt: skip
            content, lost, notes, first = report_csv(remarks)
            write_atomically(self.out / REPORT, content)
            if hasattr(os, "sync"):
                os.sync()  # small files were not forced to the disk one by one
            last = self.out / LAST_FILE[self.options.target]
            pictures, annotations = self._finish(last, written, keys, writing)
        shutil.rmtree(work)
        return ConversionReport(
            last, pictures, annotations, len(writing.categories), lost, notes, first
        )

    # -------------------------------------------------------------- reading

    def _read(self, journal: Journal) -> tuple[dict[str, str], set[str]]:
        """Reads what the journal lacks.

        Returns:
            stamps by key in the order of the sources, and all labels.
        """
        reading = Reading(
            (self.out / PICTURE_FOLDER[self.options.target]).resolve(),
            self.options.pictures,
            self.options.images,
            self.labels,
            Widths(self.options.line_width, self.options.point_radius),
            self.found.names,
        )
        keys: dict[str, str] = {}
        done = 0

        def missing() -> Iterator[Unit]:
            nonlocal done
            for unit in self.found.units():
                keys[unit.key] = unit.stamp
                if journal.has(unit.key, unit.stamp):
                    done += 1
                else:
                    yield unit

        total = 2 * self.found.total
        for results in over(partial(read_unit, reading), missing(), self.jobs):
            journal.add(
                (
                    result.unit.key,
                    result.unit.stamp,
                    msgspec.json.encode(
                        _Kept(
                            msgspec.Raw(result.record or NULL),
                            result.remarks,
                            tuple(sorted(result.labels)),
                        )
                    ),
                )
                for result in results
            )
            done += len(results)
            self.progress(done, total)
        labels: set[str] = set()
        for kept in self._kept(journal, keys):
            labels.update(kept.labels)
        return keys, labels

    def _kept(self, journal: Journal, keys: Iterable[str]) -> Iterator[_Kept]:
        for value in journal.values(keys):
            yield msgspec.json.decode(value, type=_Kept)

    def _remarks(self, journal: Journal, keys: Iterable[str]) -> Iterator[Remark]:
        for kept in self._kept(journal, keys):
            yield from kept.remarks

    def _refuse(self, journal: Journal, keys: Iterable[str]) -> None:
        first = next(chain(self._remarks(journal, keys), self.found.remarks), None)
        shutil.rmtree(self.out / WORK)
        with suppress(OSError):
            self.out.rmdir()
        raise LineworkError(
            f"{self.out}: nothing could be converted" + (f"; the first: {first}" if first else "")
        )

    # -------------------------------------------------------------- writing

    def _categories(self, found: set[str]) -> tuple[Category, ...]:
        options = self.options
        return ordered(found, labels=self.labels, known=self.found.known, stuff=options.stuff)

    def _writing(self, categories: tuple[Category, ...], found: set[str]) -> Writing:
        drawn: tuple[Category, ...] = ()
        if self.options.target in ("labels", "stuff"):
            listed = set() if self.labels is None else set(self.labels.names)
            drawn = with_background(categories, found | listed)
            categories = drawn if self.options.target == "labels" else categories
        limit = self.options.max_pixels
        writing = Writing(self.options.target, self.out, categories, drawn, self.labels, limit)
        if drawn:
            writing.names  # noqa: B018, too many labels are told before the work
        return writing

    def _write(
        self, read: Journal, written: Journal, keys: dict[str, str], writing: Writing
    ) -> None:
        stamp = _hash(writing.categories)[:16]
        stamps = {key: f"{stamp}-{own}" for key, own in keys.items()}
        done = self.found.total

        def missing() -> Iterator[bytes]:
            nonlocal done
            for key in keys:
                if written.has(key, stamps[key]):
                    done += 1
                    continue
                for kept in self._kept(read, [key]):
                    if bytes(kept.record) != NULL:
                        yield bytes(kept.record)
                    else:
                        done += 1

        for results in over(partial(write_record, writing), missing(), self.jobs):
            written.add((key, stamps[key], value) for key, value in results)
            done += len(results)
            self.progress(done, 2 * self.found.total)

    def _written(self, journal: Journal, keys: Iterable[str]) -> Iterator[Written]:
        for value in journal.values(keys):
            yield msgspec.json.decode(value, type=Written)

    def _late_remarks(self, journal: Journal, keys: Iterable[str]) -> Iterator[Remark]:
        for entry in self._written(journal, keys):
            yield from entry.remarks

    def _finish(
        self, last: Path, journal: Journal, keys: Iterable[str], writing: Writing
    ) -> tuple[int, int]:
        """The file that completes the output; numbers of pictures and annotations."""
        target = self.options.target
        pictures = annotations = 0
        for entry in self._written(journal, keys):
            pictures += bool(entry.image) or entry.count > 0 or not entry.remarks
            annotations += entry.count
        if target == "labels":
            folders = (self.out / LABELS, self.out / held_out(LABELS))
            mapped = [k for k in keys if any((f / f"{k}.png").is_file() for f in folders)]
            hold_out(self.out, mapped, self.options.val)
            write_atomically(last, write_vocabulary(writing.names))
        elif target == "labelme":
            about = {"categories": writing.categories, "about": self.found.about}
            write_atomically(last, msgspec.json.format(msgspec.json.encode(about), indent=1))
        else:
            with atomic_path(last) as part, open(part, "wb") as file:
                for piece in self._json(journal, keys, writing):
                    file.write(piece)
        return pictures, annotations

    def _json(self, journal: Journal, keys: Iterable[str], writing: Writing) -> Iterator[bytes]:
        """A COCO file, streamed: images, then annotations, ids from 1 or those they had."""
        panoptic = self.options.target == "panoptic"
        about = {"info": {}, "licenses": [], **self.found.about}
        about["categories"] = [category_of(c, panoptic=panoptic) for c in writing.categories]
        yield msgspec.json.encode(about)[:-1] + b",\n"
        image_ids = _ids(
            entry.image.get(OWN_ID) for entry in self._written(journal, keys) if entry.image
        )
        item_ids = _ids(
            item.get(OWN_ID) for entry in self._written(journal, keys) for item in entry.items
        )
        entries = (entry for entry in self._written(journal, keys) if entry.image)
        yield from json_list(
            "images",
            (_plain(e.image) | {"id": n} for n, e in zip(image_ids, entries, strict=True)),
        )
        numbers = iter(item_ids)
        entries = (entry for entry in self._written(journal, keys) if entry.image)
        yield from json_list(
            "annotations",
            (
                ({} if panoptic else {"id": next(numbers)}) | {"image_id": n} | _plain(item)
                for n, entry in zip(image_ids, entries, strict=True)
                for item in entry.items
            ),
            last=True,
        )
        yield b"}\n"


def _ids(wanted: Iterator[Any]) -> Sequence[int]:
    """The ids that things had, where they had some and each its own; else 1, 2, 3, ..."""
    own = list(wanted)
    good = all(isinstance(n, int) and not isinstance(n, bool) and n >= 1 for n in own)
    return own if good and len(set(own)) == len(own) else range(1, len(own) + 1)


def _plain(item: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if key != OWN_ID}


def _alike(categories: tuple[Category, ...]) -> list[Remark]:
    groups = alike(category.name for category in categories if category.name not in SPECIAL)
    return [
        Remark("", f"labels that differ in case alone: {', '.join(group)}", "kept apart")
        for group in groups
    ]


def _settings(sources: Sequence[Any], options: Options) -> str:
    """What makes the records of another run useless: all that reading depends on."""
    listed = Path(options.labels) if options.labels else None
    content = listed.read_bytes() if listed is not None and listed.is_file() else b""
    names = [os.path.abspath(source) for source in sources]
    reading = replace(options, stuff=(), max_pixels=0, target=PICTURE_FOLDER[options.target])
    return _hash((names, reading, content, _VERSION))


def _hash(value: object) -> str:
    return hashlib.sha256(repr(value).encode("utf-8", "surrogateescape")).hexdigest()


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Holds the output for this process, where the system has flock.

    Raises:
        LineworkError: another process is converting into it.
    """
    (out / WORK).mkdir(exist_ok=True)
    with open(out / WORK / "lock", "wb") as file:
        if sys.platform != "win32":
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise LineworkError(
                    f"{out}: another process is converting into this folder; wait for it"
                ) from error
        yield


def _prepare(out: Path, settings: str) -> None:
    """The output folder, made.

    Raises:
        LineworkError: it holds files that are not of this conversion.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        entries = {entry.name for entry in os.scandir(out)}
        if entries and WORK not in entries:
            raise LineworkError(
                f"{out}: holds files already; wanted a new or empty folder, for what is there "
                "would mix with what comes"
            )
        journal = out / WORK / "read.ndjson"
        head = b""
        if journal.is_file():
            with journal.open("rb") as file:
                head = file.readline()
        if len(entries) > 1 and settings.encode() not in head:
            raise LineworkError(
                f"{out}: holds a conversion that was stopped and had other sources or options; run "
                "that again to finish it, or delete the folder"
            )
    except (FileExistsError, NotADirectoryError) as error:
        raise LineworkError(f"{out}: is a file; wanted a folder") from error
    except OSError as error:
        raise LineworkError(unwritable(out, error)) from error


__all__ = ["DATASET", "TARGETS", "ConversionReport", "Options", "convert_annotations"]
