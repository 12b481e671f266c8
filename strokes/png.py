"""Drawings as PNG files, with captions where asked."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from .atomic import write_atomically
from .caption import Caption
from .color import to_rgb
from .drawing import Drawing
from .raster import draw_color, fit_canvas

if TYPE_CHECKING:
    from PIL.Image import Image

CAPTION_COLOR = "#666666"


def write_png(
    drawing: Drawing,
    path: str | os.PathLike[str],
    *,
    size: int | tuple[int, int] | None = None,
    line_width: float | None = None,
    paper: str = "white",
    ink: str = "black",
    captions: Iterable[Caption] = (),
) -> None:
    """`png_bytes` as a file, whole or not at all. Raises as it and `atomic_path` do."""
    content = png_bytes(
        drawing, size=size, line_width=line_width, paper=paper, ink=ink, captions=captions
    )
    write_atomically(path, content)


def png_bytes(
    drawing: Drawing,
    *,
    size: int | tuple[int, int] | None = None,
    line_width: float | None = None,
    paper: str = "white",
    ink: str = "black",
    captions: Iterable[Caption] = (),
) -> bytes:
    """The drawing as a PNG, grey where nothing is coloured.

    Args:
        size, line_width, paper, ink: as `draw_color`.
        captions: words to set, in the drawing's px.

    Raises:
        LineworkError: as `draw_color`.
    """
    from PIL import Image

    pixels = draw_color(drawing, size, line_width=line_width, paper=paper, ink=ink)
    image = Image.fromarray(pixels)
    _set(image, captions, drawing.size)
    if (np.ptp(np.asarray(image), axis=2) == 0).all():
        image = image.convert("L")
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _set(image: Image, captions: Iterable[Caption], canvas: tuple[float, float]) -> None:
    """Sets words into a picture of a canvas, in PIL's own typeface."""
    from PIL import ImageDraw, ImageFont

    scale, left, top = fit_canvas(canvas, image.size)
    pen = ImageDraw.Draw(image)
    for caption in captions:
        font = ImageFont.load_default(max(caption.height * scale, 1.0))
        place = (left + caption.x * scale, top + caption.y * scale)
        pen.text(place, caption.text, fill=to_rgb(CAPTION_COLOR), font=font, anchor="ms")
