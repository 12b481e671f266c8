"""Pictures in: what people scan, photograph and export, as plain grey or colour arrays.

The camera's rotation is applied, transparency lies on white (white ink on black), 16 bits
become 8, CMYK becomes RGB, and of an animation the first frame is taken. A picture's size is
read from its header and judged before a px of it is decoded, so that a small file
that claims to be huge costs nothing.
"""

from __future__ import annotations

import os
import warnings
from contextlib import suppress
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import FormatError, LineworkError

UInt8Array = npt.NDArray[np.uint8]

# A1 at 300 dpi or A3 at 700: about 2 GB of memory while it is traced.
MAX_PIXELS = 100_000_000
# What is decoded, what is common first; Pillow knows more, and runs other programs for some.
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "PPM", "TIFF", "WEBP", "JPEG2000")
# Files that people take for pictures, by bytes at their beginning, and the way out.
_OTHERS = (
    (b"%PDF", "a PDF; export its page as PNG"),
    (b"%!PS", "PostScript; export it as PNG"),
    (b"<svg", "an SVG, which holds strokes already: see linework convert"),
    (b"<?xml", "XML; if it is an SVG it holds strokes already: see linework convert"),
    (b"ftyphei", "HEIC; export it as JPEG"),
    (b"ftypmif1", "HEIC; export it as JPEG"),
)
_LOOKED_AT = 64
# Ink on a sheet of which so much is opaque at most, and that is brighter than this on average,
# would not be seen on white. Px of the long side of the copy that this is read from.
_MOSTLY_OPAQUE, _WHITE_INK = 0.7, 0.8
_FEW = 512


def read_image(path: str | os.PathLike[str], *, max_pixels: int = MAX_PIXELS) -> UInt8Array:
    """A picture file as an array.

    Args:
        max_pixels: larger pictures are refused.

    Returns:
        uint8 (H, W) grey or (H, W, 3) red, green, blue; 255 white.

    Raises:
        LineworkError: no such file, a folder, or a picture beyond `max_pixels`.
        FormatError: not a picture, or one that is cut short or damaged.
    """
    from PIL import Image, ImageOps

    if os.path.isdir(path):
        raise LineworkError(f"{path}: is a folder; wanted a picture")
    if not os.path.exists(path):
        raise LineworkError(f"{path}: there is no such file")
    with warnings.catch_warnings():
        # Pillow warns of sizes that are judged here, and of odd metadata that is not used.
        warnings.simplefilter("ignore")
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            with Image.open(path, formats=FORMATS) as picture:
                width, height = picture.size
                if width * height > max_pixels:
                    raise LineworkError(
                        f"{path}: {width:,} x {height:,} px are more than {max_pixels:,} px; "
                        "make it smaller, or raise --max-pixels if there is memory for it"
                    )
                picture.load()
                return _array(ImageOps.exif_transpose(picture))
        except LineworkError:
            raise
        except (OSError, SyntaxError, ValueError, EOFError, IndexError, MemoryError) as error:
            raise FormatError(
                f"{path}: is not a picture that can be read ({_reason(path, error)}); wanted PNG, "
                "JPEG, TIFF, WebP, GIF or BMP"
            ) from error
        finally:
            Image.MAX_IMAGE_PIXELS = limit


def _reason(path: str | os.PathLike[str], error: Exception) -> str:
    """What the file is instead, or what went wrong."""
    with suppress(OSError), open(path, "rb") as file:
        begin = file.read(_LOOKED_AT)
        if not begin:
            return "the file is empty"
        for mark, what in _OTHERS:
            if mark in begin:
                return f"it is {what}"
    if isinstance(error, MemoryError):
        return "there is not memory enough for it"
    if "cannot identify" in str(error):
        return "its content is none that is known"
    return str(error) or type(error).__name__


def _array(picture: Any) -> UInt8Array:
    """A loaded PIL picture as grey or RGB bytes."""
    from PIL import Image

    if picture.mode.startswith("I;16"):
        return np.asarray(np.asarray(picture) // 257, np.uint8)
    if picture.mode in ("I", "F"):
        values = np.nan_to_num(np.asarray(picture, np.float32), posinf=0.0, neginf=0.0)
        most = float(values.max(initial=0))
        # Files do not say what white is: 1, 255 or 65535, the least that holds what is there.
        full = next((f for f in (1.0, 255.0, 65_535.0) if most <= f), most)
        full = max(full, 255.0) if picture.mode == "I" else full
        return np.asarray(np.clip(np.rint(values * (255 / full)), 0, 255), np.uint8)
    if "A" in picture.getbands() or "transparency" in picture.info:
        rgba = picture.convert("RGBA")
        picture = Image.new("RGB", rgba.size, _behind(rgba))
        picture.paste(rgba, mask=rgba.getchannel("A"))
    if picture.mode in ("L", "1"):
        return np.asarray(picture.convert("L"), np.uint8)
    return np.asarray(picture.convert("RGB"), np.uint8)


def _behind(rgba: Any) -> str:
    """The paper that shows a transparent picture: white, black where all ink is nearly white."""
    few = np.asarray(rgba.reduce(max(1, max(rgba.size) // _FEW)), np.float32)
    alpha = few[:, :, 3]
    if alpha.mean() > _MOSTLY_OPAQUE * 255 or not alpha.any():
        return "white"
    light = np.average(few[:, :, :3].mean(axis=2), weights=alpha)
    return "black" if light > _WHITE_INK * 255 else "white"


def to_grey(image: npt.ArrayLike) -> UInt8Array:
    """Any picture array as uint8 (H, W).

    Args:
        image: (H, W), (H, W, 1), (H, W, 3) RGB or (H, W, 4) RGBA; bool and float run
            from 0 to 1, uint8 to 255, uint16 to 65535.

    Raises:
        LineworkError: another shape or type, no px, or values that are not finite.
    """
    import cv2

    array = to_bytes(image)
    if array.ndim == 2:
        return array
    return np.asarray(cv2.cvtColor(array, cv2.COLOR_RGB2GRAY), np.uint8)


def to_bytes(image: npt.ArrayLike) -> UInt8Array:
    """Any picture array as uint8 (H, W) or (H, W, 3). Arguments and errors as `to_grey`."""
    array = np.asarray(image)
    channels = array.shape[2] if array.ndim == 3 else 1
    if array.ndim not in (2, 3) or channels not in (1, 3, 4) or array.size == 0:
        raise LineworkError(
            f"a picture of shape {array.shape}; wanted (H, W), (H, W, 3) or (H, W, 4)"
        )
    if array.dtype == np.bool_:
        array = array.astype(np.uint8) * np.uint8(255)
    elif array.dtype == np.uint16:
        array = (array >> 8).astype(np.uint8)
    elif np.issubdtype(array.dtype, np.floating):
        if not np.isfinite(array).all():
            raise LineworkError("a picture with values that are not finite; wanted 0 to 1")
        array = np.clip(np.rint(array * 255), 0, 255).astype(np.uint8)
    elif array.dtype != np.uint8:
        raise LineworkError(f"a picture of {array.dtype}; wanted bool, uint8, uint16 or float")
    if channels == 4:
        alpha = array[:, :, 3:].astype(np.uint16)
        color = (array[:, :, :3] * alpha + 255 * (255 - alpha) + 127) // 255
        array = color.astype(np.uint8)
    elif array.ndim == 3 and channels == 1:
        array = array[:, :, 0]
    return np.ascontiguousarray(array)
