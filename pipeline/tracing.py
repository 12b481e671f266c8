"""Picture files to drawing files: `linework trace` as functions."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import cv2

from ..strokes.curves import fit_curves
from ..strokes.drawing import Drawing
from ..strokes.errors import LineworkError
from ..strokes.files import NUMBER, STREAM, WRITABLE, Layout, write_drawings
from ..strokes.images import MAX_PIXELS, UInt8Array, read_image
from ..strokes.outline import outlined
from ..strokes.quickdraw_recipe import simplify_raw
from ..strokes.svg_write import write_svg
from ..strokes.trace import ACCURACY, GAP, Tracing, trace_curves
from ..strokes.trace.widths import vary_widths
from .folders import find_pictures, for_each, in_order, result_paths

Path_ = str | os.PathLike[str]
Note = Callable[[str], None]


class Reader(Protocol):
    """Gives what is traced of a picture file, as `read_image`, which is one, gives the picture."""

    def __call__(self, path: Path_, /, *, max_pixels: int) -> UInt8Array: ...


# Forms that hold whole numbers, for training.
BOXED = (".npz", ".bin", ".arrow")
# How well the curves of an outline keep to it, px of the picture.
_OUTLINE_ACCURACY = 0.15


@dataclass(frozen=True, slots=True)
class TraceOptions:
    """How pictures are traced.

    Args:
        gap, accuracy, layers: as `strokes.trace.trace`.
        line_width: px of the picture, for every stroke; None measures each.
        vary_width: whether width is measured along each stroke, as pressure.
        max_pixels: larger pictures are refused.
        word: what the drawings show, as their label.
    """

    gap: float = GAP
    line_width: float | None = None
    accuracy: float = ACCURACY
    layers: bool = False
    vary_width: bool = False
    max_pixels: int = MAX_PIXELS
    word: str | None = None


def trace_files(
    sources: Sequence[Path_],
    out: Path_,
    options: TraceOptions | None = None,
    *,
    layout: Layout | None = None,
    jobs: int = 1,
    read: Reader = read_image,
    note: Note = lambda text: None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> int:
    """Traces pictures, and all pictures of folders.

    Args:
        out: of a single picture, its drawing. Of several: a name that ends in a format holds
            all of them in the order of the sources; a folder, or a name with `{}` for the
            picture's, gets a file of each (SVG in a folder).
        layout: of pictures and SVG pages.
        jobs: processes.
        read: what is traced of a file; to be found by its name where `jobs` is above 1.
        note: is told of pictures without lines, and of those that could not be read where
            there are others.
        progress: is told how many pictures are done, of how many.

    Returns:
        how many pictures could not be read or traced; their files are not written.

    Raises:
        LineworkError, FormatError: as `read_image` for a picture that stands alone,
            as `find_pictures`, `result_paths`, `for_each` and `write_drawings`.
    """
    options = TraceOptions() if options is None else options
    layout = Layout() if layout is None else layout
    pictures = find_pictures(sources)
    folders = len(pictures) > 1 or any(os.path.isdir(source) for source in sources)
    each = is_folder(out) or NUMBER in Path(out).name
    if not folders and not each:
        tracing = trace_picture(pictures[0], options, read)
        _say_if_empty(pictures[0], len(tracing.drawing.strokes), note)
        write_tracing(tracing, out, layout)
        return 0
    paths = result_paths(pictures, out) if each else [None] * len(pictures)
    if each:
        paths[0].parent.mkdir(parents=True, exist_ok=True)  # type: ignore[union-attr]
    failed = 0
    results = []
    work = partial(_traced, options=options, layout=layout, read=read)
    pairs = list(zip(pictures, paths, strict=True))
    for number, result in for_each(work, pairs, jobs):
        if isinstance(result, LineworkError):
            failed += 1
            note(f"error: {result}")
        else:
            count, drawing = result
            _say_if_empty(pictures[number], count, note)
            results.append((number, drawing))
        progress(failed + len(results), len(pictures))
    if not each:
        if not results:
            raise LineworkError(f"none of {len(pictures)} pictures could be traced")
        drawings = [drawing for drawing in in_order(results) if drawing is not None]
        write_drawings([_as_held(drawing, out) for drawing in drawings], out, layout)
    return failed


def trace_picture(source: Path_, options: TraceOptions, read: Reader = read_image) -> Tracing:
    """The strokes of a picture file.

    Args:
        read: what is traced of it.

    Raises:
        LineworkError, FormatError: as `read_image` and `trace`, or memory does not suffice.
    """
    try:
        image = read(source, max_pixels=options.max_pixels)
        tracing = trace_curves(
            image,
            gap=options.gap,
            width=options.line_width,
            accuracy=options.accuracy,
            layers=options.layers,
        )
        drawing = tracing.drawing.replace(label=options.word)
        if options.vary_width:
            drawing = vary_widths(drawing, image, layers=options.layers)
        return Tracing(drawing, tracing.curves)
    except (MemoryError, cv2.error) as error:
        if isinstance(error, cv2.error) and error.code != cv2.Error.StsNoMem:
            raise
        raise LineworkError(
            f"{os.fspath(source)}: there is not memory enough to trace it; make it smaller"
        ) from error


def write_tracing(tracing: Tracing, out: Path_, layout: Layout) -> None:
    """A traced drawing: as curves to SVG, as points elsewhere, as Quick, Draw! has them to `BOXED`.

    Strokes whose width varies become filled outlines in SVG, which knows one width a stroke.

    Raises:
        LineworkError: as `write_drawings`.
    """
    if os.fspath(out) == STREAM or not os.fspath(out).lower().endswith(".svg"):
        write_drawings([_as_held(tracing.drawing, out)], out, layout)
        return
    drawing, curves = tracing.drawing, list(tracing.curves)
    for k, stroke in enumerate(drawing.strokes):
        if stroke.pressure is not None:
            outline = outlined(stroke)
            curves[k] = fit_curves(outline.points, _OUTLINE_ACCURACY, closed=True)
            strokes = (*drawing.strokes[:k], outline, *drawing.strokes[k + 1 :])
            drawing = drawing.with_strokes(strokes)
    write_svg(
        drawing,
        out,
        width=layout.width,
        pen_width=layout.pen_width,
        background=layout.background,
        curves=curves,
    )


def _as_held(drawing: Drawing, out: Path_) -> Drawing:
    """The drawing in the box of 255 px and simplified, where a form holds whole numbers."""
    if not os.fspath(out).lower().endswith(BOXED) or not drawing.strokes:
        return drawing
    boxed = simplify_raw([(s.points[:, 0], s.points[:, 1]) for s in drawing.strokes])
    return Drawing.from_arrays(boxed, label=drawing.label)


def _traced(
    pair: tuple[Path, Path | None], *, options: TraceOptions, layout: Layout, read: Reader
) -> tuple[int, Drawing | None]:
    """How many strokes a picture has, and its drawing where that is not written to a file."""
    picture, out = pair
    tracing = trace_picture(picture, options, read)
    if out is not None:
        write_tracing(tracing, out, layout)
    return len(tracing.drawing.strokes), tracing.drawing if out is None else None


def _say_if_empty(picture: Path_, strokes: int, note: Note) -> None:
    if strokes == 0:
        note(f"{os.fspath(picture)}: no lines stand out of the paper; the drawing is empty")


def is_folder(out: Path_) -> bool:
    """Whether a name is a folder's: there is one, or it ends in no format."""
    name = os.fspath(out)
    if name == STREAM:
        return False
    return os.path.isdir(name) or not name.lower().endswith(tuple(WRITABLE))
