"""What jobs answer the page with: JSON, pictures as data URLs, errors that name its own files."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from ..strokes.errors import LineworkError
from . import limits

_JPEG_QUALITY = 88
# From here on pictures are flat colours, not photos.
_FEW_COLORS = 64


def as_json(content: Any) -> dict[str, Any]:
    return {"json": msgspec.json.encode(content)}


@contextmanager
def named(path: str, name: str) -> Iterator[None]:
    """Errors speak of a file by the name that the page knows it by."""
    try:
        yield
    except LineworkError as error:
        raise type(error)(str(error).replace(path, name)) from error
    except OSError as error:
        raise LineworkError(f"{name}: {error.strerror or 'cannot be read'}") from error


def known_vocabulary(name: str) -> Any:
    """One of the vocabularies that ship; a page's text is never taken for a file's name."""
    from ..datasets.labels import VOCABULARIES, vocabulary

    if name not in VOCABULARIES:
        raise LineworkError(
            f"{name[:40]!r} is no vocabulary; wanted one of {', '.join(VOCABULARIES)}"
        )
    return vocabulary(name)


def preview(image: npt.NDArray[np.uint8]) -> str:
    """A picture, not larger than `PREVIEW`: line art as PNG, what has many tones as JPEG."""
    import cv2

    height, width = image.shape[:2]
    scale = limits.PREVIEW / max(height, width)
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    few = image.ndim == 2 and len(np.unique(image[::4, ::4])) < _FEW_COLORS
    return data_url(image, "PNG" if few else "JPEG")


def data_url(image: npt.NDArray[np.uint8], kind: str) -> str:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, kind, quality=_JPEG_QUALITY, compress_level=3)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(buffer.getvalue()).decode()}"
