"""From a sketch to a picture: `linework pipeline` as functions.

    0-sketch.png      what was given
    1-clean.png       its clean lines (pictures only)
    2-strokes.svg     its strokes
    3-objects.json    its objects: strokes, label, id, how sure, and why; .svg shows them
    4-regions.png     the area of each object, px = its number; .json says how it was closed
    5-labels.png      the dense label map, px = id - 1 of the scene vocabulary; .json its shares
    6-picture.png     the picture
    7-sheet.png       all of it on a page
    pipeline.json     what was done, with times

A stage reads the files of those before it, so that it can be redone after one was edited
(whole_record.py). Several sketches go through each stage together (whole_stages.py): networks
are loaded once, and get what they need of all of them in one copy to the device.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any

from ..strokes import Drawing
from ..strokes.errors import LineworkError
from ..strokes.files import READABLE, STREAM
from .folders import PICTURES
from .sources import some_drawings
from .whole_models import Models
from .whole_record import (
    RECORD,
    STAGES,
    Folder,
    check_files,
    find_folders,
    open_folder,
)
from .whole_sheet import write_sheet
from .whole_stages import RUN, Job, PipelineOptions

Path_ = str | os.PathLike[str]
Note = Callable[[str], None]
# Sketches on their way at a time: enough for a network, little enough for the memory.
TOGETHER = 16
LOAD, SHEET_TIME = "loading", "sheet"


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did.

    Args:
        folders: of the sketches that were worked on to the end.
        failed: what was left behind, and why.
        seconds: over all sketches, by stage, and for loading networks and drawing sheets.
        device: where the networks ran.
    """

    folders: tuple[str, ...]
    failed: dict[str, str]
    seconds: dict[str, float] = field(default_factory=dict)
    device: str = "cpu"

    def __str__(self) -> str:
        """Lines for a terminal."""
        times = ", ".join(f"{name} {value:.2f}" for name, value in self.seconds.items())
        total = sum(self.seconds.values())
        count = len(self.folders)
        each = f", {total / count:.2f} s a sketch" if count > 1 else ""
        return f"seconds on {self.device}: {times}; {total:.2f} in all{each}"


def run_pipeline(
    sources: Sequence[Path_],
    out: Path_,
    given: dict[str, Any] | None = None,
    models: Models | None = None,
    *,
    start: str | None = None,
    note: Note = lambda text: None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Report:
    """Takes sketches the whole way, or on from a stage.

    Args:
        sources: pictures, drawings, or folders of them; with `start` none, or some of those that
            `out` holds already.
        out: a folder: the sketch's own where there is one, else it gets one for each.
        given: fields of `PipelineOptions`; with `start` others are those of the run before.
        models: the networks.
        start: the stage to go on from; None begins anew.
        note: is told what was found, guessed or moved aside, and what failed.
        progress: is told how many sketches are done, of how many begun.

    Raises:
        LineworkError: no sketch, a source or folder that cannot be used; where one sketch is
            worked on alone, what stopped it.
    """
    models = Models() if models is None else models
    given = {} if given is None else given
    if start is not None and start not in STAGES:
        raise LineworkError(f"--from {start}: no such stage; there are {', '.join(STAGES)}")
    base = Path(out)
    if base.is_file():
        raise LineworkError(f"{out}: is a file; wanted a folder for the stages")
    place = str(models.place)
    jobs = (
        _begun(sources, base, given, note) if start is None else _again(sources, base, given, start)
    )
    stages = STAGES if start is None else STAGES[STAGES.index(start) :]
    done: list[Job] = []
    while some := list(islice(jobs, TOGETHER)):
        for stage in stages:
            RUN[stage]([job for job in some if job.failed is None], models, note)
        for job in some:
            if job.seconds:  # else there is nothing new to show
                job.seconds[SHEET_TIME] = write_sheet(job.folder, note)
        done += some
        progress(len(done), len(done))
    if not done:
        raise LineworkError(f"{', '.join(map(str, sources)) or out}: holds no sketch")
    failed = {str(job.folder): job.failed for job in done if job.failed is not None}
    if failed and len(done) == 1:
        raise LineworkError(next(iter(failed.values())))
    for told in failed.values():
        note(f"error: {told}")
    seconds = {
        name: sum(job.seconds.get(name, 0.0) for job in done) for name in (*stages, SHEET_TIME)
    }
    return Report(
        tuple(str(job.folder) for job in done if job.failed is None),
        failed,
        {LOAD: models.seconds} | seconds,
        place,
    )


def _begun(
    sources: Sequence[Path_], base: Path, given: dict[str, Any], note: Note
) -> Iterator[Job]:
    """A job for each sketch of the sources, its folder made; one that cannot be read has failed."""
    options = PipelineOptions(**given)
    files = _files(sources)
    several = len(files) > 1 or any(os.path.isdir(source) for source in sources)
    taken: set[str] = set()
    for path in files:
        try:
            yield from _of_file(base, path, options, taken, several)
        except LineworkError as error:
            if not several:
                raise
            yield Job(Folder(base / path.stem, str(path), 1, False, {}), options, failed=str(error))


def _of_file(
    base: Path, path: Path, options: PipelineOptions, taken: set[str], several: bool
) -> Iterator[Job]:
    """A job for a picture, or for each drawing of a file."""
    if not _is_drawing(path):
        yield _job(base, path, 1, None, options, taken, several)
        return
    drawings = some_drawings(str(path))
    first = next(drawings)
    second = next(drawings, None)
    if second is None:
        yield _job(base, path, 1, first, options, taken, several)
        return
    for number, drawing in enumerate(chain((first, second), drawings), 1):
        yield _job(base, path, number, drawing, options, taken, True, numbered=True)


def _job(
    base: Path,
    path: Path,
    number: int,
    drawing: Drawing | None,
    options: PipelineOptions,
    taken: set[str],
    several: bool,
    numbered: bool = False,
) -> Job:
    stem = "sketch" if str(path) == STREAM else path.name.split(".")[0] if numbered else path.stem
    name = f"{stem}-{number:04}" if numbered else stem
    if name in taken:
        name = path.name.replace(".", "-")
    if name in taken:
        raise LineworkError(f"two sketches are called {path.name}; give the folders one by one")
    taken.add(name)
    place = base / name if several else base
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LineworkError(f"{place}: {error.strerror or error}") from error
    hashes = open_folder(place).hashes if (place / RECORD).is_file() else {}
    folder = Folder(place, str(path), number, drawing is None, as_plain(options), hashes=hashes)
    folder.save()
    return Job(folder, options, drawing)


def _again(
    sources: Sequence[Path_], base: Path, given: dict[str, Any], start: str
) -> Iterator[Job]:
    """A job for each sketch that a folder holds, or for those of them that are named."""
    folders = find_folders(base)
    names = {Path(source).stem for source in sources}
    if names:
        folders = [folder for folder in folders if Path(folder.source).stem in names]
        if not folders:
            raise LineworkError(
                f"{base}: holds no work on {', '.join(sorted(names))}; with --from, leave the "
                "sketches out to go on with all of them"
            )
    for folder in folders:
        options = _options(folder, given)
        try:
            check_files(folder, start)
        except LineworkError as error:
            yield Job(folder, options, failed=str(error))
            continue
        folder.options = as_plain(options)
        yield Job(folder, options)


def _options(folder: Folder, given: dict[str, Any]) -> PipelineOptions:
    """The options of the run before, those given now over them."""
    known = {one.name for one in dataclasses.fields(PipelineOptions)}
    before = {name: value for name, value in folder.options.items() if name in known}
    if "words" in before:
        before["words"] = tuple(before["words"])
    return PipelineOptions(**(before | given))


def as_plain(options: PipelineOptions) -> dict[str, Any]:
    """Options as JSON."""
    return asdict(options) | {"words": list(options.words)}


def _files(sources: Sequence[Path_]) -> list[Path]:
    """Files as they are given; in place of a folder the pictures and drawings in it, by name.

    Raises:
        LineworkError: no such file, a folder without a sketch, a suffix that is no sketch's.
    """
    found: list[Path] = []
    for source in sources:
        path = Path(source)
        if path.is_dir():
            inside = [
                file
                for file in sorted(path.iterdir())
                if file.is_file() and not file.name.startswith(".") and _is_sketch(file)
            ]
            if not inside:
                raise LineworkError(
                    f"{source}: the folder holds no sketch; wanted {' '.join(PICTURES)}, "
                    f"{' '.join(READABLE)}"
                )
            found += inside
            continue
        if str(source) == STREAM:
            found.append(path)
            continue
        if not path.exists():
            raise LineworkError(f"{source}: there is no such file")
        if not _is_sketch(path):
            raise LineworkError(
                f"{source}: is no sketch by its name; wanted {' '.join(PICTURES)}, "
                f"{' '.join(READABLE)}"
            )
        found.append(path)
    return found


def _is_sketch(path: Path) -> bool:
    return _is_drawing(path) or path.suffix.lower() in PICTURES


def _is_drawing(path: Path) -> bool:
    return str(path) == STREAM or path.name.lower().endswith(READABLE)
