"""Drawings in and out of files by the name's suffix; `-` is ndjson on stdin or stdout.

What each suffix keeps: .ndjson (.jsonl, .gz) Quick, Draw! records; .bin their binary
form, whole numbers 0..255; .npz stroke-3 for sketch-rnn; .arrow a packed table; .svg
everything; .png and .gif are pictures, out only.

Several drawings become one SVG or PNG as a sheet, or a GIF as an animation from
one to the next; a name with `{}` in it ("cat-{}.svg") makes a file of each, counted
from 1.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from .caption import Caption
from .drawing import Drawing, Stroke
from .errors import LineworkError
from .units import PEN_WIDTH, to_positive_px

STREAM = "-"
NDJSON = (".ndjson", ".jsonl", ".ndjson.gz", ".jsonl.gz")
READABLE = (*NDJSON, ".bin", ".npz", ".arrow", ".svg")
PICTURES = (".svg", ".png", ".gif")
WRITABLE = (*NDJSON, ".bin", ".npz", ".arrow", *PICTURES)
# In a name, the place of the number that makes it a file for each drawing.
NUMBER = "{}"
# The longer side of a picture whose size is left open is at least this: icons are 24 px.
LEAST_PICTURE = 512
# Sheets and animations hold all drawings at once; a data set does not belong on one.
MAX_ON_A_SHEET = 10_000
_TABLE_ROWS = 16_384

Path_ = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Layout:
    """How drawings become pictures; formats that hold data pass over it.

    Args:
        width: of an SVG page, a length ("150mm"); None keeps the drawing's size.
        pen_width: of strokes without a width of their own, a length.
        size: px of the longer side of a PNG or GIF; None is the drawing's own, at
            least `LEAST_PICTURE`.
        columns: drawings a row on a sheet; None makes it about square.
        captions: whether labels stand below the drawings of a sheet.
        aligned: whether the drawings of a sheet keep one scale, as endings of one drawing.
        background: colour of the paper; None is none in SVG and white in pictures.
        seconds: of an animation; None is its own default.
    """

    width: str | None = None
    pen_width: str | float = PEN_WIDTH
    size: int | None = None
    columns: int | None = None
    captions: bool = False
    aligned: bool = False
    background: str | None = None
    seconds: float | None = None


def suffix_of(path: Path_, known: Iterable[str]) -> str:
    """Which of the known suffixes a name ends in, in lower case.

    Raises:
        LineworkError: none of them; the message lists them.
    """
    name = os.fspath(path).lower()
    found = max((suffix for suffix in known if name.endswith(suffix)), key=len, default=None)
    if found is None:
        raise LineworkError(
            f"{path}: the name does not say a format that fits here; wanted one of "
            f"{', '.join(known)}, or - for ndjson"
        )
    return found


def read_drawings(
    path: Path_, *, word: str | None = None, accuracy: float | None = None
) -> Iterator[Drawing]:
    """The drawings of a file, one at a time; those of "-" come from stdin as ndjson.

    Args:
        word: label of drawings that have none.
        accuracy: of curves in SVG, px; None is `read_svg`'s own.

    Raises:
        LineworkError: no such file, a folder, an unknown suffix; at once.
        FormatError: content that is not what the suffix says; when it is come to.
    """
    if os.fspath(path) == STREAM:
        from .quickdraw import read_stream

        return _labelled(read_stream(sys.stdin.buffer), word)
    file = Path(path)
    if file.is_dir():
        raise LineworkError(f"{path}: is a folder; wanted a file of drawings")
    suffix = suffix_of(path, READABLE)
    if not file.exists():
        raise LineworkError(f"{path}: there is no such file")
    return _labelled(_explained(_reader(suffix, file, accuracy), path), word)


def write_drawings(drawings: Iterable[Drawing], path: Path_, layout: Layout | None = None) -> int:
    """Writes drawings to a file in the form that its suffix says; "-" is ndjson on stdout.

    Files appear whole or not at all.

    Returns:
        how many drawings were written.

    Raises:
        LineworkError: an unknown suffix, nothing to draw, a folder that is not there, a
            full disk.
        FormatError, DrawingError: a drawing that the form cannot hold; it says why.
    """
    layout = Layout() if layout is None else layout
    if os.fspath(path) == STREAM:
        from .quickdraw import write_stream

        count = write_stream(sys.stdout.buffer, drawings)
        sys.stdout.buffer.flush()
        return count
    suffix = suffix_of(path, WRITABLE)
    if NUMBER in Path(path).name:
        count = 0
        for count, drawing in enumerate(drawings, 1):
            numbered = Path(path).with_name(Path(path).name.replace(NUMBER, str(count)))
            _write([drawing], numbered, suffix, layout)
        return count
    return _write(drawings, Path(path), suffix, layout)


def _reader(suffix: str, file: Path, accuracy: float | None) -> Iterator[Drawing]:
    if suffix in NDJSON:
        from .quickdraw import read_ndjson

        return read_ndjson(file)
    if suffix == ".bin":
        from .binary import read_bin

        return read_bin(file)
    if suffix == ".arrow":
        from .table import DrawingTable

        return iter(DrawingTable.open(file))
    if suffix == ".npz":
        return _read_npz(file)
    from .svg_read import read_svg

    return iter((read_svg(file, accuracy=accuracy),))


def _read_npz(file: Path) -> Iterator[Drawing]:
    from .npz import read_npz
    from .stroke3 import from_stroke3

    for arrays in read_npz(file).values():
        for rows in arrays:
            drawing = from_stroke3(rows)
            # stroke-3 does not say where a drawing stands: put it on its canvas.
            x0, y0, x1, y1 = drawing.bounds
            size = (max(x1 - x0, 1.0), max(y1 - y0, 1.0))
            yield drawing.map_points(lambda points, at=(x0, y0): points - at).replace(size=size)


def _write(drawings: Iterable[Drawing], file: Path, suffix: str, layout: Layout) -> int:
    if suffix in NDJSON:
        from .quickdraw import write_ndjson

        return write_ndjson(file, drawings)
    if suffix == ".bin":
        from .binary import write_bin

        return write_bin(file, drawings)
    if suffix == ".arrow":
        return _write_table(drawings, file)
    if suffix == ".npz":
        from .npz import write_npz
        from .stroke3 import to_stroke3

        rows = [to_stroke3(drawing) for drawing in drawings]
        write_npz(file, {"train": rows})
        return len(rows)
    items = list(islice(drawings, MAX_ON_A_SHEET + 1))
    if not items:
        raise LineworkError(f"{file}: there are no drawings to write")
    if len(items) > MAX_ON_A_SHEET:
        raise LineworkError(
            f"{file}: more than {MAX_ON_A_SHEET:,} drawings; choose some of them, or put {NUMBER} "
            "into the name for a file of each"
        )
    writers: dict[str, Callable[[list[Drawing], Path, Layout], None]]
    writers = {".svg": _write_svg, ".png": _write_png, ".gif": _write_gif}
    writers[suffix](items, file, layout)
    return len(items)


def _write_table(drawings: Iterable[Drawing], file: Path) -> int:
    from .table import TableWriter, columns_from_drawings

    source = iter(drawings)
    with TableWriter(file) as writer:
        while rows := list(islice(source, _TABLE_ROWS)):
            writer.write(columns_from_drawings(rows))
    return writer.rows


def _write_svg(items: list[Drawing], file: Path, layout: Layout) -> None:
    from .sheet import sheet, sheet_captions
    from .svg_write import write_svg

    words = layout.captions and len(items) > 1
    write_svg(
        sheet(items, layout.columns, captions=words, aligned=layout.aligned)
        if len(items) > 1
        else items[0],
        file,
        width=layout.width,
        pen_width=layout.pen_width,
        background=layout.background,
        captions=sheet_captions(items, layout.columns) if words else (),
    )


def _write_png(items: list[Drawing], file: Path, layout: Layout) -> None:
    from .png import write_png
    from .sheet import sheet, sheet_captions

    captions: list[Caption] = []
    page = items[0]
    if len(items) > 1:
        page = sheet(items, layout.columns, captions=layout.captions, aligned=layout.aligned)
        captions = sheet_captions(items, layout.columns) if layout.captions else []
    side = layout.size or max(*page.size, LEAST_PICTURE)
    [picture] = _for_picture([page], side, layout)
    scale = picture.size[0] / page.size[0]
    write_png(
        picture,
        file,
        size=(max(1, round(picture.size[0])), max(1, round(picture.size[1]))),
        paper=layout.background or "white",
        captions=[Caption(c.text, c.x * scale, c.y * scale, c.height * scale) for c in captions],
    )


def _write_gif(items: list[Drawing], file: Path, layout: Layout) -> None:
    from .gif import SECONDS, SIZE, write_animation, write_gif

    size = layout.size or SIZE
    frames = _for_picture(items, size, layout)
    if len(frames) > 1:
        write_animation(frames, file, size=size, seconds=layout.seconds)
    else:
        seconds = SECONDS if layout.seconds is None else layout.seconds
        write_gif(frames[0], file, size=size, seconds=seconds)


def _for_picture(items: list[Drawing], side: float, layout: Layout) -> list[Drawing]:
    """The drawings in px of a picture, with a pen, all moved and scaled alike.

    The canvas grows where a line leaves it or touches its edge, so that none is cut
    in half: Quick, Draw! drawings reach all four edges of theirs.
    """
    pen = to_positive_px(layout.pen_width, "pen width")
    low, high = np.zeros(2), np.max([item.size for item in items], axis=0)
    pen_reach = pen * float(high.max()) / side / 2
    for item in items:
        for stroke in item.strokes:
            reach = pen_reach if stroke.width is None else stroke.width / 2
            low = np.minimum(low, stroke.points.min(axis=0) - reach)
            high = np.maximum(high, stroke.points.max(axis=0) + reach)
    scale = side / float((high - low).max())
    width, height = ((high - low) * scale).tolist()

    def placed(stroke: Stroke) -> Stroke:
        points = ((stroke.points - low) * scale).astype(np.float32)
        return stroke.replace(
            points=points, width=pen if stroke.width is None else stroke.width * scale
        )

    return [
        item.replace(strokes=tuple(map(placed, item.strokes)), size=(width, height))
        for item in items
    ]


def _labelled(drawings: Iterator[Drawing], word: str | None) -> Iterator[Drawing]:
    if word is None:
        return drawings
    return (d.replace(label=word) if d.label is None else d for d in drawings)


def _explained(drawings: Iterator[Drawing], path: Path_) -> Iterator[Drawing]:
    """The same, with what the disk says as a LineworkError."""
    try:
        yield from drawings
    except OSError as error:
        raise LineworkError(f"{path}: cannot be read: {error.strerror or error}") from error
