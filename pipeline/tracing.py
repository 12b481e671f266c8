"""A picture file to a drawing file: `linework trace` as a function."""

from __future__ import annotations

import os
from collections.abc import Callable

from ..strokes.files import STREAM, Layout, write_drawings
from ..strokes.images import MAX_PIXELS, read_image
from ..strokes.svg_write import write_svg
from ..strokes.trace import ACCURACY, GAP, Tracing, trace_curves

Path_ = str | os.PathLike[str]


def trace_file(
    source: Path_,
    out: Path_,
    *,
    gap: float = GAP,
    line_width: float | None = None,
    accuracy: float = ACCURACY,
    layers: bool = False,
    max_pixels: int = MAX_PIXELS,
    layout: Layout | None = None,
    note: Callable[[str], None] = lambda text: None,
) -> int:
    """Traces a picture and writes its strokes, as curves to SVG and as points elsewhere.

    Args:
        line_width: px of the picture, for every stroke; None measures each.
        note: is told what the user should know: that nothing was found.

    Others as `strokes.trace.trace`.

    Returns:
        how many strokes were written.

    Raises:
        LineworkError, FormatError: as `read_image`, `trace` and `write_drawings`.
    """
    layout = Layout() if layout is None else layout
    image = read_image(source, max_pixels=max_pixels)
    tracing = trace_curves(image, gap=gap, width=line_width, accuracy=accuracy, layers=layers)
    count = len(tracing.drawing.strokes)
    if count == 0:
        note(f"{os.fspath(source)}: no lines stand out of the paper; the drawing is empty")
    write_tracing(tracing, out, layout)
    return count


def write_tracing(tracing: Tracing, out: Path_, layout: Layout) -> None:
    """A traced drawing: as curves to SVG, as points elsewhere. Raises as `write_drawings`."""
    if os.fspath(out) != STREAM and os.fspath(out).lower().endswith(".svg"):
        write_svg(
            tracing.drawing,
            out,
            width=layout.width,
            pen_width=layout.pen_width,
            background=layout.background,
            curves=tracing.curves,
        )
    else:
        write_drawings([tracing.drawing], out, layout)
