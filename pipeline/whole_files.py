"""What the stages of `linework pipeline` read, as somebody may have edited it, and what they write.

Whatever does not fit together, a map of another size, a number without an object, is a
sentence that names the file, the value and the way out.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..datasets.label_png import check_same_size, read_label_png
from ..datasets.labels import UInt8Array, conversion, convert_labels, vocabulary
from ..strokes import Drawing
from ..strokes.errors import FormatError, LineworkError
from ..strokes.files import read_drawings
from .scene_objects import NAMES, SceneObject, read_objects
from .whole_record import LABELS, OBJECTS, STROKES, Folder

# px of the longer side of what was given, as it is shown.
SHOWN = 1024


def read_strokes(folder: Folder) -> Drawing:
    """The strokes of a sketch, as they stand in its file now."""
    path = folder.path / STROKES
    drawing = next(read_drawings(path), None)
    if drawing is None:
        raise LineworkError(f"{path}: holds no drawing")
    return drawing


def map_size(drawing: Drawing, longer: int) -> tuple[int, int]:
    """Width and height of a drawing's maps, px."""
    scale = longer / max(drawing.size)
    width, height = (max(1, round(side * scale)) for side in drawing.size)
    return width, height


def read_scene(folder: Folder) -> tuple[Drawing, tuple[SceneObject, ...]]:
    drawing = read_strokes(folder)
    return drawing, read_objects(folder.path / OBJECTS, drawing)


def read_numbers(path: Path, size: tuple[int, int], count: int) -> npt.NDArray[np.int64]:
    """Objects' numbers as somebody may have painted them, (H, W)."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            mode = image.mode
            values = np.asarray(image).astype(np.int64)
    except (OSError, SyntaxError, ValueError) as error:
        raise FormatError(f"{path}: is not a picture that can be read ({error})") from None
    if values.ndim != 2 or mode == "F":
        raise FormatError(
            f"{path}: is {mode}; wanted the number of an object in each px: an indexed or grey PNG"
        )
    height, width = values.shape
    if (width, height) != size:
        raise LineworkError(
            f"{path}: is {width} x {height} px; wanted {size[0]} x {size[1]}, as the map of "
            f"{STROKES} is"
        )
    if values.max(initial=0) > count:
        y, x = (int(i) for i in np.argwhere(values > count)[0])
        raise LineworkError(
            f"{path}: has the number {int(values[y, x])} at x {x}, y {y}; {OBJECTS} has "
            f"{count} objects"
        )
    return values


def read_brush(path: str, size: tuple[int, int]) -> UInt8Array:
    """The user's own labels in the scene vocabulary."""
    reading = read_label_png(path)
    pixels, names = reading.pixels, vocabulary(NAMES)
    if reading.vocabulary.name != NAMES:
        pixels, _ = convert_labels(pixels, conversion(reading.vocabulary, names))
    check_same_size(path, pixels, "the map", size)
    return pixels


def read_map(folder: Folder) -> UInt8Array:
    path = folder.path / LABELS
    pixels = read_label_png(path, vocabulary(NAMES)).pixels
    drawn = folder.path / STROKES
    if drawn.is_file():
        size = map_size(read_strokes(folder), int(folder.options.get("size", max(pixels.shape))))
        check_same_size(path, pixels, f"the map of {STROKES}", size)
    return pixels


def check_drawing(drawing: Drawing, where: str) -> None:
    """Raises a LineworkError for a drawing without strokes, or none on its canvas."""
    if not drawing.strokes:
        raise LineworkError(f"{where}: holds no strokes; wanted a drawing of a scene")
    width, height = drawing.size
    inside = any(
        bool(((s.points >= 0) & (s.points <= np.float32([width, height]))).all(axis=1).any())
        for s in drawing.strokes
    )
    if not inside:
        x0, y0, x1, y1 = drawing.bounds
        raise LineworkError(
            f"{where}: all strokes lie off the canvas: x {x0:g} to {x1:g}, y {y0:g} to {y1:g}, and "
            f"the canvas is {width:g} x {height:g} px; move them onto it, or make the page larger"
        )


def shrunk(picture: UInt8Array) -> UInt8Array:
    import cv2

    scale = SHOWN / max(picture.shape[:2])
    if scale >= 1:
        return picture
    size = [max(1, round(side * scale)) for side in picture.shape[1::-1]]
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def as_json(record: dict[str, Any]) -> bytes:
    return (json.dumps(record, ensure_ascii=False, indent=1) + "\n").encode()
