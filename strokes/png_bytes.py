"""Arrays of px as PNG files: the one place where they are written.

Drawings become pictures in png.py, label maps keep their own chunk (datasets/label_png.py).
"""

from __future__ import annotations

import io
import os
from typing import Any

import numpy as np
import numpy.typing as npt

from .atomic import write_atomically


def array_png(pixels: npt.NDArray[Any], *, optimize: bool = False) -> bytes:
    """A picture as a PNG.

    Args:
        pixels: uint8 or uint16 (H, W), uint8 (H, W, 3) or (H, W, 4).
        optimize: smaller, and slower to write.
    """
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "PNG", optimize=optimize)
    return buffer.getvalue()


def indexed_png(
    numbers: npt.NDArray[np.uint8], colors: npt.NDArray[np.uint8], *, info: Any = None
) -> bytes:
    """An indexed PNG.

    Args:
        numbers: uint8 (H, W), rows of `colors`.
        colors: uint8 (C, 3), C at most 256.
        info: Pillow's `PngInfo`, chunks of text.
    """
    from PIL import Image

    image = Image.fromarray(numbers)
    image.putpalette(colors.tobytes())
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True, pnginfo=info)
    return buffer.getvalue()


def write_array(
    path: str | os.PathLike[str], pixels: npt.NDArray[Any], *, optimize: bool = False
) -> None:
    """`array_png` as a file, whole or not at all."""
    write_atomically(path, array_png(pixels, optimize=optimize))
