"""What `linework pipeline` keeps of a sketch: the names of its files, and the record of its run.

Every stage reads the files of the stages before it and nothing else, so that a person may edit
any of them and have redone what follows. The record holds the hash of each file as it was
written: one that was edited is never lost, but moved aside, when its stage is redone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..strokes.atomic import write_atomically
from ..strokes.errors import FormatError, LineworkError

STAGES = ("clean", "trace", "recognise", "fill", "labels", "paint")
RECORD = "pipeline.json"
SKETCH, CLEAN, STROKES = "0-sketch.png", "1-clean.png", "2-strokes.svg"
OBJECTS, OBJECTS_PICTURE = "3-objects.json", "3-objects.svg"
REGIONS, REGIONS_JSON = "4-regions.png", "4-regions.json"
LABELS, LABELS_JSON = "5-labels.png", "5-labels.json"
PICTURE, SHEET = "6-picture.png", "7-sheet.png"
# What a stage reads; what a person edits is the last of each.
READS: Mapping[str, tuple[str, ...]] = {
    "trace": (CLEAN,),
    "recognise": (STROKES,),
    "fill": (STROKES, OBJECTS),
    "labels": (STROKES, OBJECTS, REGIONS),
    "paint": (LABELS,),
}
VERSION = 1


@dataclass(slots=True)
class Folder:
    """A sketch's folder and the record in it; the one thing of a run that changes.

    Args:
        path: of the folder.
        source: the sketch's file.
        number: of the drawing in it, from 1.
        is_picture: whether the sketch is a picture, to be cleaned and traced.
        options: those of the run, as JSON.
        stages: name -> seconds, and more facts, of each stage done.
        hashes: name -> SHA-256 of each file as it was written; while it is being replaced,
            of both, so that a run that was killed leaves no file that looks edited.
    """

    path: Path
    source: str
    number: int
    is_picture: bool
    options: dict[str, Any]
    stages: dict[str, dict[str, Any]] = field(default_factory=dict)
    hashes: dict[str, list[str]] = field(default_factory=dict)

    def __str__(self) -> str:
        return str(self.path)

    def write(self, name: str, content: bytes, note: Any) -> None:
        """A file of this run; what somebody edited under its name is moved aside.

        Raises:
            LineworkError: as `write_atomically`.
        """
        place = self.path / name
        if self.is_edited(name):
            aside = _free(place)
            place.rename(aside)
            note(f"{place}: had been edited; what it was is {aside.name} now")
        self.hashes[name] = [*self.hashes.get(name, [])[-1:], _hash(content)]
        self.save()
        write_atomically(place, content)
        self.hashes[name] = self.hashes[name][-1:]

    def is_edited(self, name: str) -> bool:
        """Whether a file is there that is not as it was written."""
        place = self.path / name
        return place.is_file() and _hash(place.read_bytes()) not in self.hashes.get(name, [])

    def done(self, stage: str, seconds: float, **facts: Any) -> None:
        """Notes a stage, forgets what came after it, and saves the record."""
        after = STAGES[STAGES.index(stage) + 1 :]
        kept = {name: said for name, said in self.stages.items() if name not in after}
        self.stages = kept | {stage: {"seconds": round(seconds, 4), **facts}}
        self.save()

    def save(self) -> None:
        """Writes the record."""
        record = {
            "version": VERSION,
            "source": self.source,
            "drawing": self.number,
            "picture": self.is_picture,
            "options": self.options,
            "stages": self.stages,
            "sha256": self.hashes,
        }
        text = json.dumps(record, ensure_ascii=False, indent=1)
        write_atomically(self.path / RECORD, (text + "\n").encode())


def open_folder(path: Path) -> Folder:
    """The folder of a sketch that was worked on before.

    Raises:
        LineworkError: there is no record in it.
        FormatError: a record that is none.
    """
    place = path / RECORD
    if not place.is_file():
        raise LineworkError(
            f"{path}: holds no {RECORD}; to begin, run `linework pipeline SKETCH -o {path}`"
        )
    try:
        record = json.loads(place.read_text("utf-8"))
        return Folder(
            path,
            str(record["source"]),
            int(record["drawing"]),
            bool(record["picture"]),
            dict(record["options"]),
            dict(record["stages"]),
            {str(name): [str(one) for one in known] for name, known in record["sha256"].items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError, UnicodeDecodeError) as error:
        raise FormatError(
            f"{place}: is no record of a run ({error}); begin anew with `linework pipeline SKETCH "
            f"-o {path}`"
        ) from None


def find_folders(out: Path) -> list[Folder]:
    """The sketches of a folder: itself, or those in it.

    Raises:
        LineworkError, FormatError: as `open_folder`; neither it nor a folder in it holds one.
    """
    if (out / RECORD).is_file() or not out.is_dir():
        return [open_folder(out)]
    inside = sorted(path.parent for path in out.glob(f"*/{RECORD}"))
    return [open_folder(path) for path in inside] or [open_folder(out)]


def check_files(folder: Folder, stage: str) -> None:
    """Raises a LineworkError unless all is there that a stage reads."""
    for name in READS.get(stage, ()):
        if (folder.path / name).is_file():
            continue
        if name == CLEAN and not folder.is_picture:
            raise LineworkError(
                f"{folder}: {Path(folder.source).name} is a drawing, which is not traced; edit "
                f"{STROKES} and go on with --from recognise"
            )
        before = STAGES[STAGES.index(stage) - 1]
        raise LineworkError(
            f"{folder.path / name}: there is no such file; go on with --from {before}"
        )


def _free(place: Path) -> Path:
    """A name beside a file that is not taken: "5-labels.edited.png"."""
    for k in range(1, 1000):
        number = "" if k == 1 else f"-{k}"
        aside = place.with_name(f"{place.stem}.edited{number}{place.suffix}")
        if not aside.exists():
            return aside
    raise LineworkError(f"{place.parent}: holds a thousand edited files; clear them away")


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
