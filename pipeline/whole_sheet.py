"""The contact sheet of a sketch's folder: what stands in its files, on one page."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ..datasets.label_png import read_label_png
from ..datasets.labels import UInt8Array, count_labels, vocabulary
from ..strokes import Drawing, draw_color
from ..strokes.color import to_rgb
from ..strokes.errors import LineworkError
from ..strokes.images import read_image
from ..strokes.png_bytes import array_png
from .contact_sheet import INK, Panel, contact_sheet
from .scene_objects import NAMES, SceneObject, read_objects
from .whole_files import map_size, read_strokes
from .whole_record import (
    CLEAN,
    LABELS,
    LABELS_JSON,
    OBJECTS,
    PICTURE,
    REGIONS,
    SHEET,
    SKETCH,
    STAGES,
    Folder,
)
from .whole_stages import OBJECT_COLORS, objects_drawing

# px of the longer side in which drawings are shown, and of the words on them.
SHOWN, WORD = 840, 30
# How much of the paper lies over the regions' colours, so that the ink stays visible.
WASH = 0.5
_STAGE_OF = {CLEAN: "clean", OBJECTS: "recognise", REGIONS: "fill", LABELS: "labels"}


def write_sheet(folder: Folder, note: Callable[[str], None]) -> float:
    """Writes the sheet of what is there; the seconds that it took."""
    begun = time.perf_counter()
    panels = [panel for panel in _panels(folder) if panel is not None]
    if panels:
        shares = []
        if "labels" in folder.stages:
            names = vocabulary(NAMES)
            pixels = read_label_png(folder.path / LABELS, names).pixels
            counts = count_labels(pixels, names)
            shares = [(n, names.label(n).rgb, c / pixels.size) for n, c in counts.items()]
        times = [
            (stage, float(folder.stages[stage]["seconds"]))
            for stage in STAGES
            if stage in folder.stages
        ]
        page = contact_sheet(panels, shares, times, Path(folder.source).name)
        folder.write(SHEET, array_png(page), note)
        folder.save()
    return time.perf_counter() - begun


def _panels(folder: Folder) -> list[Panel | None]:
    found: list[Panel | None] = []
    try:
        for make in (_sketch, _clean, _objects, _regions, _labels, _picture):
            found.append(make(folder))
    except (LineworkError, OSError):  # an edited file that a stage has refused with a sentence
        pass
    return found


def _sketch(folder: Folder) -> Panel | None:
    what = "a picture" if folder.is_picture else "a drawing"
    return _of_file(folder, SKETCH, "sketch", what)


def _clean(folder: Folder) -> Panel | None:
    if not folder.is_picture or "clean" not in folder.stages:
        return None
    return _of_file(folder, CLEAN, "clean lines", str(folder.stages["clean"]["method"]))


def _objects(folder: Folder) -> Panel | None:
    if "recognise" not in folder.stages:
        return None
    drawing = read_strokes(folder)
    objects = read_objects(folder.path / OBJECTS, drawing)
    picture = _named(drawing, objects)
    methods = folder.stages["recognise"].get("method", {})
    told = ", ".join(f"{count} by {name}" for name, count in methods.items())
    return Panel("objects", f"{len(objects)}: {told}", picture)


def _regions(folder: Folder) -> Panel | None:
    if "fill" not in folder.stages:
        return None
    from PIL import Image

    with Image.open(folder.path / REGIONS) as image:
        numbers = np.asarray(image).astype(np.int64)
    if numbers.ndim != 2:  # edited into something else, which the next stage refuses
        return None
    # The colours that the objects have beside it.
    colors = np.array([to_rgb(color) for color in OBJECT_COLORS], np.uint8)
    shown = np.where(numbers[..., None] > 0, colors[(numbers - 1) % len(colors)], np.uint8(255))
    drawing = read_strokes(folder)
    size = map_size(drawing, SHOWN)
    large = cv2.resize(shown, size, interpolation=cv2.INTER_NEAREST).astype(np.float32)
    ink = draw_color(drawing, size, ink=INK).astype(np.float32)
    washed = (large * (1 - WASH) + 255 * WASH) * ink / 255
    methods = folder.stages["fill"].get("method", {})
    told = ", ".join(f"{name} {count}" for name, count in methods.items())
    return Panel("regions", told, washed.astype(np.uint8))


def _labels(folder: Folder) -> Panel | None:
    if "labels" not in folder.stages:
        return None
    names = vocabulary(NAMES)
    pixels = read_label_png(folder.path / LABELS, names).pixels
    record = _record(folder, LABELS_JSON)
    known = record.get("known")
    behind = record.get("background", "")
    told = f"background by {behind}"
    if isinstance(known, float):
        told = f"{known:.0%} known, {told}"
    size = map_size(read_strokes(folder), SHOWN)
    colors = cv2.resize(names.colors[pixels], size, interpolation=cv2.INTER_NEAREST)
    return Panel("label map", told, np.asarray(colors, np.uint8))


def _picture(folder: Folder) -> Panel | None:
    if "paint" not in folder.stages:
        return None
    said = folder.stages["paint"]
    return _of_file(
        folder, PICTURE, "picture", f"{Path(str(said['method'])).name}, seed {said['seed']}"
    )


def _of_file(folder: Folder, name: str, title: str, note: str) -> Panel | None:
    path = folder.path / name
    return Panel(title, note, read_image(path)) if path.is_file() else None


def _named(drawing: Drawing, objects: tuple[SceneObject, ...]) -> UInt8Array:
    """Objects in their colours, each with its label."""
    from PIL import Image, ImageDraw, ImageFont

    size = map_size(drawing, SHOWN)
    scale = max(size) / max(drawing.size)
    image = Image.fromarray(draw_color(objects_drawing(drawing, objects), size))
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(WORD)
    placed: list[tuple[float, float, float, float]] = []
    for one in objects:
        text = one.label or f"{one.word or ''}?"
        wide = pen.textlength(text, font=font)
        x = (one.box[0] + one.box[2]) / 2 * scale
        y = (one.box[1] + one.box[3]) / 2 * scale
        x = min(max(x, wide / 2 + 4), size[0] - wide / 2 - 4)
        y = min(max(y, WORD), size[1] - WORD)
        box = (x - wide / 2, y - WORD / 2, x + wide / 2, y + WORD / 2)
        while any(_overlap(box, other) for other in placed) and y < size[1] - 2 * WORD:
            y += WORD
            box = (x - wide / 2, y - WORD / 2, x + wide / 2, y + WORD / 2)
        placed.append(box)
        pen.text((x, y), text, INK, font=font, anchor="mm", stroke_width=4, stroke_fill="white")
    return np.asarray(image, np.uint8)


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _record(folder: Folder, name: str) -> dict[str, Any]:
    try:
        found = json.loads((folder.path / name).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
