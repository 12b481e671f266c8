"""Picture files to clean pictures or drawings: `linework clean` as functions."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path

import cv2

from ..strokes.atomic import write_atomically
from ..strokes.errors import LineworkError
from ..strokes.files import NUMBER, Layout
from ..strokes.images import MAX_PIXELS, read_image
from .cleaning import MODEL, STRENGTH, Cleaner, Grey, Progress
from .folders import find_pictures, for_each, result_paths
from .tracing import Note, Path_, TraceOptions, is_folder, trace_files

# What is written as the picture that the network drew; all else is traced first.
PICTURE = ".png"


@dataclass(frozen=True, slots=True)
class CleanOptions:
    """How pictures are cleaned.

    Args:
        strength, scale: as `Cleaner.clean`.
        model, device: as `Cleaner.load`.
        trace: how strokes are found in the result; its `max_pixels` holds for pictures too.
    """

    strength: float = STRENGTH
    scale: float | None = None
    model: str = MODEL
    device: str | None = None
    trace: TraceOptions = field(default_factory=TraceOptions)


def clean_files(
    sources: Sequence[Path_],
    out: Path_,
    options: CleanOptions | None = None,
    *,
    layout: Layout | None = None,
    jobs: int = 1,
    note: Note = lambda text: None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> int:
    """Cleans pictures, and all pictures of folders.

    Args:
        out: to `.png`, a folder or a name with `{}` before .png go the pictures that the
            network drew; to anything else the strokes traced from them, as `trace_files`
            writes them.
        note, progress, jobs, layout: as `trace_files`; of a single picture, progress is
            told of its tiles.

    Returns:
        how many pictures could not be read; their files are not written.

    Raises:
        LineworkError, FormatError: as `Cleaner.load` and `trace_files`.
    """
    options = CleanOptions() if options is None else options
    _loaded(options.model, options.device)  # a model that is not there is told of at once
    name = os.fspath(out)
    if not (name.lower().endswith(PICTURE) or (is_folder(out) and NUMBER not in name)):
        read = partial(read_clean, options=options)
        return trace_files(
            sources,
            out,
            options.trace,
            layout=layout,
            jobs=jobs,
            read=read,
            note=note,
            progress=progress,
        )
    pictures = find_pictures(sources)
    if len(pictures) == 1 and not is_folder(out) and NUMBER not in name:
        _say(note, pictures[0], _write((pictures[0], Path(out)), options, progress))
        return 0
    if not is_folder(out) and NUMBER not in name:
        raise LineworkError(
            f"{out}: {len(pictures)} pictures do not go into one; name a folder, or a file with "
            f"{NUMBER} for the picture's name"
        )
    paths = result_paths(pictures, out, PICTURE)
    paths[0].parent.mkdir(parents=True, exist_ok=True)
    failed = 0
    pairs = list(zip(pictures, paths, strict=True))
    results = for_each(partial(_write, options=options), pairs, jobs)
    for done, (number, result) in enumerate(results, 1):
        if isinstance(result, LineworkError):
            failed += 1
            note(f"error: {result}")
        else:
            _say(note, pictures[number], result)
        progress(done, len(pictures))
    return failed


def read_clean(
    path: Path_,
    /,
    *,
    max_pixels: int = MAX_PIXELS,
    options: CleanOptions,
    progress: Progress = lambda done, of: None,
) -> Grey:
    """The clean lines of a picture file, uint8 (H, W), 0 ink. Raises as `read_image`."""
    picture = read_image(path, max_pixels=max_pixels)
    cleaner = _loaded(options.model, options.device)
    try:
        return cleaner.clean(picture, options.strength, scale=options.scale, progress=progress)
    except MemoryError as error:
        raise LineworkError(
            f"{os.fspath(path)}: there is not memory enough to clean it; make it smaller"
        ) from error


def png(grey: Grey) -> bytes:
    """A grey picture, uint8 (H, W), as a PNG file's content."""
    encoded: bytes = cv2.imencode(PICTURE, grey)[1].tobytes()
    return encoded


@lru_cache(maxsize=2)
def _loaded(model: str, device: str | None) -> Cleaner:
    """The network, once a process."""
    return Cleaner.load(model, device)


def _write(
    pair: tuple[Path, Path],
    options: CleanOptions,
    progress: Progress = lambda done, of: None,
) -> bool:
    """Cleans one picture into a file; whether there was anything on it."""
    source, out = pair
    clean = read_clean(
        source, max_pixels=options.trace.max_pixels, options=options, progress=progress
    )
    write_atomically(out, png(clean))
    return bool(clean.min() < 255)


def _say(note: Note, picture: Path, found: bool) -> None:
    if not found:
        note(f"{picture}: no lines stand out of the paper; the result is empty")
