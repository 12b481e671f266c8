"""A file that was dropped on the page: drawings, a label map, or a picture."""

from __future__ import annotations

from itertools import islice
from typing import Any

from ..strokes import read_drawings
from ..strokes.errors import FormatError, LineworkError
from ..strokes.images import read_image
from ..strokes.page_json import to_page
from . import limits, requests
from .answers import named, preview
from .requests import page_labels

DRAWINGS = (".svg", ".ndjson", ".npz")
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff")
SUFFIXES = (*DRAWINGS, *PICTURES)


def opened(path: str, name: str, as_picture: bool) -> dict[str, Any]:
    """What the page is shown of a file.

    Args:
        path: where the server wrote it, with one of `SUFFIXES`.
        name: what the page calls it, for errors.
        as_picture: a label map is looked at as the picture that it is, too.

    Raises:
        LineworkError: not a file of that kind, or larger than `limits`.
    """
    with named(path, name):
        if path.endswith(DRAWINGS):
            return _drawings(path)
        if not as_picture and path.endswith(".png"):
            labels = _labels(path)
            if labels is not None:
                return {"kind": "labels", "labels": labels}
        image = read_image(path, max_pixels=limits.PIXELS)
    height, width = image.shape[:2]
    return {"kind": "picture", "size": (width, height), "preview": preview(image)}


def _drawings(path: str) -> dict[str, Any]:
    source = iter(read_drawings(path))
    shown = list(islice(source, limits.SHOWN_DRAWINGS))
    if not shown:
        raise FormatError(f"{path}: holds no drawings")
    points = max(drawing.n_points for drawing in shown)
    strokes = max(len(drawing.strokes) for drawing in shown)
    if points > limits.POINTS or strokes > limits.STROKES:
        raise LineworkError(
            f"{path}: a drawing of {strokes:,} strokes and {points:,} points; the studio takes "
            f"{limits.STROKES:,} and {limits.POINTS:,}: simplify it, or use the command line"
        )
    rest = sum(1 for _ in islice(source, limits.COUNTED_DRAWINGS - len(shown)))
    return {
        "kind": "drawings",
        "drawings": list(map(to_page, shown)),
        "total": len(shown) + rest,
    }


def _labels(path: str) -> requests.LabelMap | None:
    """The label map that a PNG is, for it names a vocabulary or has the palette of one; or None."""
    from PIL import Image

    from ..datasets.label_png import TEXT_KEY, read_label_png
    from ..datasets.labels import VOCABULARIES, vocabulary

    try:
        with Image.open(path, formats=("PNG",)) as image:
            if image.mode != "P" or max(image.size) > 16 * limits.MAP:
                return None
            named = str(image.info.get(TEXT_KEY))
            palette = image.getpalette("RGB") or []
    except (OSError, SyntaxError, ValueError):
        return None
    if named not in VOCABULARIES:
        tables = {name: vocabulary(name).colors.reshape(-1).tolist() for name in VOCABULARIES}
        fits = [name for name, table in tables.items() if palette[: len(table)] == table]
        if not fits:
            return None
        named = fits[0]
    reading = read_label_png(path, vocabulary(named))
    pixels = reading.pixels
    if max(pixels.shape) > limits.MAP:
        step = -(-max(pixels.shape) // limits.MAP)
        pixels = pixels[::step, ::step]
    return page_labels(pixels, named)
