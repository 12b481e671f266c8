"""Picture files to label maps and cutouts: `linework segment` as functions."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

from ..datasets.label_png import write_label_png
from ..datasets.labels import count_labels
from ..strokes.atomic import write_atomically
from ..strokes.errors import LineworkError
from ..strokes.files import NUMBER
from ..strokes.images import MAX_PIXELS, read_image
from ..strokes.png_bytes import array_png
from .folders import find_pictures, for_each, result_paths
from .segmenting import MODEL, Labeller, Path_, Progress, cut_out
from .tracing import Note

PICTURE = ".png"
STREAM = "-"
# Labels that a note names, the largest first.
NAMED = 5


@dataclass(frozen=True, slots=True)
class SegmentOptions:
    """How pictures are segmented.

    Args:
        scale: as in `Labeller.labels`.
        foreground: as in `Labeller.alpha`.
        model, device: as in `Labeller.load`.
        max_pixels: larger pictures are refused.
    """

    scale: float | None = None
    foreground: str | None = None
    model: str = MODEL
    device: str | None = None
    max_pixels: int = MAX_PIXELS


@dataclass(frozen=True, slots=True)
class _Work:
    """A picture and where its label map and its cutout go, None for neither."""

    picture: Path
    labels: Path | None
    cutout: Path | None


def segment_files(
    sources: Sequence[Path_],
    labels: Path_ | None,
    cutout: Path_ | None = None,
    options: SegmentOptions | None = None,
    *,
    jobs: int = 1,
    note: Note = lambda text: None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> int:
    """Segments pictures, and all pictures of folders.

    Args:
        labels: where the label maps go: a .png, a folder, a name with `{}` for the picture's;
            None for none.
        cutout: the same for the pictures with what is foreground as their alpha.
        jobs: pictures at a time, each in a process of its own.
        note: is told what was found, and what could not be read.
        progress: is told how many pictures are done, of how many; of a single one, its tiles.

    Returns:
        how many pictures could not be read; their files are not written.

    Raises:
        LineworkError, FormatError: as `Labeller.load` and `Labeller.foreground_of`; neither
            output, one of another kind, or one for several pictures.
    """
    options = SegmentOptions() if options is None else options
    if labels is None and cutout is None:
        raise LineworkError("nothing to write: wanted a label map (-o), a cutout (--alpha) or both")
    pictures = find_pictures(sources)
    several = len(pictures) > 1 or any(os.path.isdir(source) for source in sources)
    places = [_places(pictures, out, several) for out in (labels, cutout)]
    labeller = _loaded(options.model, options.device)  # what is wrong with it is told of at once
    if cutout is not None:
        labeller.foreground_of(options.foreground)
    works = [_Work(*row) for row in zip(pictures, *places, strict=True)]
    for work in works:
        for path in (work.labels, work.cutout):
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
    if not several:
        note(_segment(works[0], options, progress))
        return 0
    failed = 0
    results = for_each(partial(_segment, options=options), works, jobs)
    for done, (_, result) in enumerate(results, 1):
        failed += isinstance(result, LineworkError)
        note(f"error: {result}" if isinstance(result, LineworkError) else result)
        progress(done, len(works))
    return failed


def _places(pictures: Sequence[Path], out: Path_ | None, several: bool) -> list[Path | None]:
    if out is None:
        return [None] * len(pictures)
    name = os.fspath(out)
    folder = os.path.isdir(name) or not (Path(name).suffix or name == STREAM)
    if folder or NUMBER in name:
        if not folder:
            _check_suffix(name)
        return list(result_paths(pictures, out, PICTURE))
    _check_suffix(name)
    if several:
        raise LineworkError(
            f"{out}: {len(pictures)} pictures do not go into one; name a folder, or a file with "
            f"{NUMBER} for the picture's name"
        )
    return [Path(out)]


def _check_suffix(name: str) -> None:
    if not name.lower().endswith(PICTURE):
        raise LineworkError(
            f"{name}: label maps and cutouts are written as .png, which keeps every px; wanted "
            "such a name, or a folder"
        )


@lru_cache(maxsize=2)
def _loaded(model: str, device: str | None) -> Labeller:
    """The network, once a process."""
    return Labeller.load(model, device)


def _segment(
    work: _Work,
    options: SegmentOptions,
    progress: Progress = lambda done, of: None,
) -> str:
    """Segments one picture into its files; what was found in it."""
    picture = read_image(work.picture, max_pixels=options.max_pixels)
    labeller = _loaded(options.model, options.device)
    found = []
    try:
        if work.labels is not None:
            pixels = labeller.labels(picture, scale=options.scale, progress=progress)
            write_label_png(work.labels, pixels, labeller.names)
            counts = count_labels(pixels, labeller.names)
            shares = [f"{name} {count / pixels.size:.0%}" for name, count in counts.items()]
            more = f" and {len(shares) - NAMED} more" if len(shares) > NAMED else ""
            found.append(", ".join(shares[:NAMED]) + more)
        if work.cutout is not None:
            name = options.foreground
            alpha = labeller.alpha(picture, name, scale=options.scale, progress=progress)
            write_atomically(work.cutout, array_png(cut_out(picture, alpha)))
            found.append(f"{labeller.foreground_of(name).name} covers {alpha.mean() / 255:.0%}")
    except MemoryError as error:
        raise LineworkError(
            f"{work.picture}: there is not memory enough to segment it; make it smaller"
        ) from error
    return f"{work.picture}: {'; '.join(found)}"
