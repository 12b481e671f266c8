"""Drawings and label maps of the page as the bytes of files."""

from __future__ import annotations

import tempfile
from pathlib import Path

from ..pipeline.quickdraw_form import as_quickdraw
from ..strokes import Drawing, Layout, write_drawings
from ..strokes.errors import LineworkError
from . import limits, requests
from .answers import known_vocabulary, named
from .requests import drawing_of, pixels_of

MEDIA = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "gif": "image/gif",
    "ndjson": "application/x-ndjson",
    "npz": "application/zip",
    "labels": "image/png",
}


def exported(wanted: requests.Export) -> tuple[bytes, str]:
    """A file's content and its media type.

    Raises:
        LineworkError: no such format, or nothing to write.
    """
    if wanted.format not in MEDIA:
        raise LineworkError(
            f"{wanted.format[:40]!r} is no format that the studio writes; wanted one of "
            f"{', '.join(MEDIA)}"
        )
    if wanted.format == "labels":
        content = _labels_file(wanted)
    else:
        drawings = [drawing_of(d, f"drawing {k}") for k, d in enumerate(wanted.drawings, 1)]
        content = _drawings_file(wanted, drawings)
    return content, MEDIA[wanted.format]


def _drawings_file(wanted: requests.Export, drawings: list[Drawing]) -> bytes:
    """Drawings as the bytes of a file of a format."""
    if not drawings:
        raise LineworkError("there is no drawing to write; draw something first")
    if wanted.format == "npz":  # holds whole numbers, for training
        drawings = [as_quickdraw(drawing) for drawing in drawings]
    most = limits.GIF if wanted.format == "gif" else limits.PICTURE
    size = min(wanted.size, most) if wanted.size else None
    if size is None and wanted.format in ("png", "gif"):
        size = min(most, max(512, round(max(max(d.size) for d in drawings))))
    layout = Layout(
        width=wanted.width if wanted.format == "svg" else None,
        pen_width=wanted.pen_width,
        size=size,
        background=wanted.background,
        seconds=wanted.seconds,
    )
    with tempfile.TemporaryDirectory(prefix="linework-studio-") as folder:
        path = Path(folder) / f"drawing.{wanted.format}"
        with named(str(path), f"the {wanted.format} file"):
            write_drawings(drawings, path, layout)
        return path.read_bytes()


def _labels_file(wanted: requests.Export) -> bytes:
    from ..datasets.label_png import label_png_bytes

    if wanted.labels is None:
        raise LineworkError("there is no label map to write; fill or brush a scene first")
    names = known_vocabulary(wanted.labels.vocabulary)
    return label_png_bytes("the label map", pixels_of(wanted.labels), names)
