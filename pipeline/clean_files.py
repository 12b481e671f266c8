"""Picture files to clean pictures or drawings: `linework clean` as functions."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import cv2

from ..strokes.atomic import write_atomically
from ..strokes.files import STREAM, Layout
from ..strokes.images import MAX_PIXELS, read_image
from ..strokes.trace import ACCURACY, GAP, trace_curves
from .cleaning import STRENGTH, Cleaner, Grey, Progress
from .tracing import Path_, write_tracing

# What is written as the picture that the network drew; all else is traced first.
PICTURES = (".png",)


def clean_file(
    cleaner: Cleaner,
    source: Path_,
    out: Path_,
    *,
    strength: float = STRENGTH,
    scale: float | None = None,
    gap: float = GAP,
    accuracy: float = ACCURACY,
    max_pixels: int = MAX_PIXELS,
    layout: Layout | None = None,
    note: Callable[[str], None] = lambda text: None,
    progress: Progress = lambda done, of: None,
) -> None:
    """Cleans a picture; writes it as a picture to .png, and its strokes elsewhere.

    Args:
        strength, scale, progress: as `Cleaner.clean`.
        gap, accuracy: as `strokes.trace.trace`, for the strokes.
        note: is told what the user should know: that nothing was found.

    Raises:
        LineworkError, FormatError: as `read_image`, `trace` and `write_drawings`.
    """
    picture = read_image(source, max_pixels=max_pixels)
    clean = cleaner.clean(picture, strength, scale=scale, progress=progress)
    if clean.min() == 255:
        note(f"{os.fspath(source)}: no lines stand out of the paper; the result is empty")
    if os.fspath(out) != STREAM and Path(out).suffix.lower() in PICTURES:
        write_atomically(out, png(clean))
    else:
        write_tracing(trace_curves(clean, gap=gap, accuracy=accuracy), out, layout or Layout())


def png(grey: Grey) -> bytes:
    """A grey picture, uint8 (H, W), as a PNG file's content."""
    encoded: bytes = cv2.imencode(".png", grey)[1].tobytes()
    return encoded
