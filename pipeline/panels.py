"""Pages to panels: `linework data panels` as a function.

    DIR/panels/PAGE_01.png      the panels as they are read; outside a slanted one is white
    DIR/lettering/PAGE_01.png   255 where the panel is lettered, 0 elsewhere
    DIR/duplicates/...          panels that show what an earlier one does, with their masks
    DIR/report.json             every page: its size, its panels, or why it could not be read
    DIR/sheet_001.jpg           the pages with what was found on them

Pages are worked on one at a time in each process. What is done is noted in a journal, so that a
killed run goes on where it was; every file is whole under its name or absent. Duplicates, report
and sheets come last.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ..datasets.annotations.journal import Journal
from ..datasets.panels import (
    Panel,
    Print,
    Prints,
    erase_lettering,
    find_lettering,
    find_panels,
    fingerprint,
    reading_order,
)
from ..datasets.panels.contact import PER_SHEET, Shown, UInt8Array, preview, sheet
from ..strokes.atomic import atomic_path, write_atomically
from ..strokes.errors import LineworkError
from ..strokes.images import MAX_PIXELS, read_image
from .folders import find_pictures, for_each, result_paths

Path_ = str | os.PathLike[str]
WORK, REPORT = ".linework", "report.json"
PANELS, LETTERING, DUPLICATES = "panels", "lettering", "duplicates"
# Of the journal's content: what an older linework left is not gone on with.
VERSION = 1
KEEP, ERASE = "keep", "erase"
LETTERINGS = (KEEP, ERASE)
WHITE = 255
# Polygons in the report, to a tenth of a px.
DIGITS = 1
Record = dict[str, Any]


class OutputError(LineworkError):
    """The output cannot be written: every page after this one would fail too."""


@dataclass(frozen=True, slots=True)
class PanelOptions:
    """How pages are cut.

    Args:
        right_to_left: whether rows are read from the right.
        lettering: "keep", or "erase" to paint letters over with what surrounds them.
        keep_duplicates: leave them among the panels; the report names them either way.
        max_pixels: of a page.
    """

    right_to_left: bool = False
    lettering: str = KEEP
    keep_duplicates: bool = False
    max_pixels: int = MAX_PIXELS


@dataclass(frozen=True, slots=True)
class PanelReport:
    """What was found.

    Args:
        out: the folder.
        pages, panels: how many; panels without duplicates that were put aside.
        insets, slanted, lettered: panels that lie within another, that are no upright
            rectangles, that have lettering.
        duplicates: panels like an earlier one.
        empty: pages without a panel.
        failed: pages that could not be read.
    """

    out: Path
    pages: int
    panels: int
    insets: int
    slanted: int
    lettered: int
    duplicates: int
    empty: int
    failed: int

    def __str__(self) -> str:
        parts = [
            f"{self.panels:,} panels ({self.insets:,} insets, {self.slanted:,} slanted) of "
            f"{self.pages:,} pages",
            f"lettering on {self.lettered:,}",
            f"{self.duplicates:,} duplicates",
        ]
        parts += [f"{self.empty:,} pages without a panel"] if self.empty else []
        parts += [f"{self.failed:,} pages could not be read"] if self.failed else []
        return f"{self.out}: {', '.join(parts)}"


def cut_pages(
    sources: Sequence[Path_],
    out: Path_,
    options: PanelOptions | None = None,
    *,
    jobs: int = 1,
    note: Callable[[str], None] = lambda text: None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> PanelReport:
    """Cuts pages into panels; see the file's head for what is written.

    Args:
        sources: pictures, and folders whose pictures are taken by name.
        out: a folder that is new, empty, or of this run when it was stopped.
        jobs: processes.
        note: is told of each page that could not be read.
        progress: called with the pages done and in all.

    Raises:
        LineworkError: no pictures, or a folder that cannot be used or written. A page that
            cannot be read is in the report instead.
    """
    options = PanelOptions() if options is None else options
    if options.lettering not in LETTERINGS:
        raise LineworkError(f"lettering {options.lettering!r}; wanted {' or '.join(LETTERINGS)}")
    pages = find_pictures(sources)
    names = [path.name for path in result_paths(pages, "x", "")]
    root = Path(out)
    settings = json.dumps([VERSION, asdict(options), [os.path.abspath(p) for p in pages]])
    _prepare(root, settings)
    failed: dict[str, str] = {}
    with Journal(root / WORK / "pages.ndjson", settings) as journal:
        stamps = {name: _stamp(page) for page, name in zip(pages, names, strict=True)}
        todo = [
            (page, name)
            for page, name in zip(pages, names, strict=True)
            if not journal.has(name, stamps[name])
        ]
        done = len(pages) - len(todo)
        for number, result in for_each(partial(_cut, root=root, options=options), todo, jobs):
            name = todo[number][1]
            if isinstance(result, OutputError):
                raise result
            if isinstance(result, LineworkError):
                failed[name] = str(result)
                note(f"error: {result}")
            else:
                journal.add([(name, stamps[name], json.dumps(result).encode())])
            done += 1
            progress(done, len(pages))
        report = _finish(root, journal, names, failed, options)
    shutil.rmtree(root / WORK)
    return report


# --- a page ----------------------------------------------------------------------------


def _cut(item: tuple[Path, str], root: Path, options: PanelOptions) -> Record:
    """Cuts one page and writes its panels; its record for the report."""
    path, name = item
    cv2.setNumThreads(1)
    try:
        page = read_image(path, max_pixels=options.max_pixels)
        lettered = find_lettering(page)
        panels = find_panels(page)
        order = reading_order(panels, right_to_left=options.right_to_left)
        shown = erase_lettering(page, lettered) if options.lettering == ERASE else page
    except (MemoryError, cv2.error) as error:
        raise LineworkError(f"{path}: could not be cut ({error}); make it smaller") from error
    rows = []
    for place, k in enumerate(order, 1):
        file = f"{name}_{place:02}.png"
        crop = _cropped(shown, panels[k])
        mask = _cropped(lettered.mask.astype(np.uint8) * np.uint8(255), panels[k], outside=0)
        _write(root / PANELS / file, _png(crop))
        _write(root / LETTERING / file, _png(mask))
        rows.append(
            {
                "file": file,
                "box": list(panels[k].box),
                "polygon": np.round(panels[k].polygon, DIGITS).tolist(),
                "inset": panels[k].inset,
                "lettered": round(float((mask > 0).mean()), 4),
                "print": fingerprint(crop).as_plain(),
            }
        )
    small, scale = preview(page, lettered.mask)
    _write(root / WORK / f"{name}.jpg", _encoded(small, ".jpg"))
    height, width = page.shape[:2]
    return {"page": os.fspath(path), "name": name, "width": width, "height": height,
            "scale": scale, "balloons": lettered.balloons, "words": lettered.words,
            "panels": rows}  # fmt: skip


def _cropped(picture: UInt8Array, panel: Panel, outside: int = WHITE) -> UInt8Array:
    """The part of a picture within a panel."""
    x0, y0, x1, y1 = panel.box
    crop = picture[y0:y1, x0:x1].copy()
    inside = np.zeros(crop.shape[:2], np.uint8)
    cv2.fillPoly(inside, [np.rint(panel.polygon - (x0, y0)).astype(np.int32)], 1)
    crop[inside == 0] = outside
    return crop


def _write(path: Path, content: bytes) -> None:
    try:
        write_atomically(path, content)
    except LineworkError as error:
        raise OutputError(
            f"{error}; then run the same command again: it goes on where it stopped"
        ) from error


def _png(picture: UInt8Array) -> bytes:
    return _encoded(picture, ".png")


def _encoded(picture: UInt8Array, suffix: str) -> bytes:
    swapped = picture if picture.ndim == 2 else np.ascontiguousarray(picture[:, :, ::-1])
    return bytes(cv2.imencode(suffix, swapped)[1].tobytes())


# --- the whole -------------------------------------------------------------------------


def _finish(
    root: Path,
    journal: Journal,
    names: Sequence[str],
    failed: dict[str, str],
    options: PanelOptions,
) -> PanelReport:
    """Duplicates put aside, sheets and report written; nothing that a second time would change."""
    prints = Prints()
    counts = dict.fromkeys(("panels", "insets", "slanted", "lettered", "duplicates", "empty"), 0)

    def records() -> Iterator[Record]:
        found = {n for n in names if n not in failed}
        values = journal.values(n for n in names if n in found)
        for name in names:
            if name in failed:
                yield {"name": name, "error": failed[name], "panels": []}
            else:
                record: Record = json.loads(next(values))
                for row in record["panels"]:
                    row["duplicate_of"] = prints.add(row["file"], Print.of_plain(row["print"]))
                    _count(counts, row)
                counts["empty"] += not record["panels"]
                yield record

    left = records()
    with atomic_path(root / REPORT) as part, open(part, "w", encoding="utf-8") as file:
        file.write('{"pages": [')
        for number in range(-(-len(names) // PER_SHEET)):
            group = list(islice(left, PER_SHEET))
            for place, record in enumerate(group):
                kept = {k: v for k, v in record.items() if k not in ("scale",)}
                kept["panels"] = [
                    {k: v for k, v in row.items() if k != "print"} for row in record["panels"]
                ]
                file.write(",\n" if number or place else "\n")
                file.write(json.dumps(kept, ensure_ascii=False))
            picture = sheet([_shown(root, record) for record in group])
            _write(root / f"sheet_{number + 1:03}.jpg", _encoded(picture, ".jpg"))
            if not options.keep_duplicates:
                _put_aside(root, group)
        aside = 0 if options.keep_duplicates else counts["duplicates"]
        counts["panels"] -= aside
        report = PanelReport(root, len(names), failed=len(failed), **counts)
        totals = {k: v for k, v in asdict(report).items() if k != "out"}
        chosen = asdict(options)
        file.write(f'\n],\n"totals": {json.dumps(totals)},\n"options": {json.dumps(chosen)}}}\n')
    return report


def _count(counts: dict[str, int], row: Record) -> None:
    polygon = np.array(row["polygon"])
    low, high = polygon.min(axis=0), polygon.max(axis=0)
    x, y = polygon.T
    area = abs(float(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))) / 2
    counts["panels"] += 1
    counts["insets"] += row["inset"]
    counts["slanted"] += area < 0.97 * float(np.prod(high - low))
    counts["lettered"] += row["lettered"] > 0
    counts["duplicates"] += row["duplicate_of"] is not None


def _shown(root: Path, record: Record) -> Shown:
    file = root / WORK / f"{record['name']}.jpg"
    panels = [
        (np.array(row["polygon"]), row["inset"], row["duplicate_of"] is not None)
        for row in record["panels"]
    ]
    failed = "error" in record
    return Shown(record["name"], None if failed else file, record.get("scale", 1.0), panels)


def _put_aside(root: Path, records: Sequence[Record]) -> None:
    for row in (row for record in records for row in record["panels"]):
        if row["duplicate_of"] is None:
            continue
        for folder in (PANELS, LETTERING):
            source, target = root / folder / row["file"], root / DUPLICATES / folder / row["file"]
            if source.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                os.replace(source, target)


def _stamp(page: Path) -> str:
    """What changes when a page does; "" of one that is not there."""
    try:
        found = page.stat()
    except OSError:
        return ""
    return f"{found.st_size}-{found.st_mtime_ns}"


def _prepare(root: Path, settings: str) -> None:
    """The output folder, made, or found as a stopped run left it."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        entries = {entry.name for entry in os.scandir(root)}
        if entries and WORK not in entries:
            raise LineworkError(f"{root}: holds files already; wanted a new or empty folder")
        journal = root / WORK / "pages.ndjson"
        if len(entries) > 1 and not _same(journal, settings):
            raise LineworkError(
                f"{root}: holds a run that was stopped and had other pages or options; run that "
                "again to finish it, or delete the folder"
            )
        for folder in (WORK, PANELS, LETTERING):
            (root / folder).mkdir(exist_ok=True)
        for part in root.rglob(".*.part*"):  # what a killed run left half
            part.unlink()
    except (FileExistsError, NotADirectoryError) as error:
        raise LineworkError(f"{root}: is a file; wanted a folder") from error
    except OSError as error:
        raise LineworkError(
            f"{error.filename or root}: cannot be written: {error.strerror or error}; choose "
            "another place"
        ) from error


def _same(journal: Path, settings: str) -> bool:
    """Whether a journal is of these settings; one that is not there is of none."""
    if not journal.is_file():
        return False
    with journal.open("rb") as file:
        try:
            head = json.loads(file.readline())
        except ValueError:
            return False
    return isinstance(head, dict) and head.get("settings") == settings
