"""A drawing or a picture of line art to regions: `linework fill` as functions.

A drawing's objects are filled one by one. Where the name of a layer, or the drawing's label, is
a label or a Quick, Draw! word of the vocabulary, the map holds labels, else regions' numbers.
What each region is and which method told it stands in a JSON file beside the map.
A picture has no objects: its map is what its lines part.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..datasets.label_png import write_label_png
from ..datasets.labels import UNLABELLED, Label, Vocabulary, vocabulary
from ..strokes import Drawing, draw_ink
from ..strokes.atomic import write_atomically
from ..strokes.errors import LineworkError
from ..strokes.files import NUMBER, READABLE, STREAM
from ..strokes.fill import (
    GAP,
    METHODS,
    TOLERANCE,
    Filling,
    Group,
    Region,
    Regions,
    colored,
    fill_drawing,
    find_regions,
    flat_colors,
    groups_of,
)
from ..strokes.images import MAX_PIXELS, read_image, to_grey
from ..strokes.png_bytes import array_png, indexed_png, write_array
from ..strokes.trace.ink import find_ink
from ..strokes.units import PEN_WIDTH, to_px
from .sources import some_drawings

Path_ = str | os.PathLike[str]
Note = Callable[[str], None]

# Layers are numbered where a thing comes twice: "tree 2", "tree-2", "tree #2".
_COUNTED = re.compile(r"[\s_#.:()-]*\d*[\s)]*$")
# Ink this dark is a line, of 255; draw_ink's edges are half as dark.
_DARK = 128
_LARGEST_INDEX = 255


@dataclass(frozen=True, slots=True)
class FillOptions:
    """How to fill.

    Args:
        tolerance: of objects, as `fill_drawing`.
        gap: of pictures, line widths, as `find_regions`.
        last: the last of `METHODS` that may be used.
        inner: whether areas within objects are regions, too.
        size: px of a drawing's map, longer side; None is the canvas's.
        names: the vocabulary's name; see `datasets.labels.vocabulary`.
        numbers: whether the map holds regions' numbers whatever they are called.
        background: the colour of what lies outside, for flat colours.
        seed: of the flat colours.
    """

    tolerance: float = TOLERANCE
    gap: float = GAP
    last: str = METHODS[-1]
    inner: bool = False
    size: int | None = None
    names: str = "scene"
    numbers: bool = False
    background: str = "white"
    seed: int = 0


def fill_file(
    source: Path_,
    out: Path_,
    options: FillOptions | None = None,
    *,
    flat: bool = False,
    word: str | None = None,
    max_pixels: int = MAX_PIXELS,
    note: Note = lambda text: None,
) -> None:
    """Fills a drawing or a picture and writes a map (PNG and JSON), or flat colours (PNG).

    Args:
        flat: colour every region below the lines, instead of a map.
        word: what a drawing shows that has no label.
        note: is told what was found.

    Raises:
        LineworkError, FormatError: as reading, filling and writing do; an output that is no
            .png; several drawings without {} in its name.
    """
    options = FillOptions() if options is None else options
    if Path(out).suffix.lower() != ".png":
        raise LineworkError(f"{out}: regions are written as .png; wanted such a name")
    if not _is_drawing(source):
        image = read_image(source, max_pixels=max_pixels)
        found = regions_of_picture(image, options.gap)
        if found is None:
            raise LineworkError(f"{source}: no lines stand out of the paper; nothing to fill")
        regions, density = found
        note(f"{regions.count} regions with the outside, {regions.bridged} gaps bridged")
        if flat:
            _write_flat(out, regions, density, options)
        else:
            _write_numbers(out, regions.numbers)
        return
    drawings = list(some_drawings(os.fspath(source), word=word))
    if len(drawings) > 1 and NUMBER not in Path(out).name:
        raise LineworkError(
            f"{source}: holds {len(drawings)} drawings, {out} is one map; put {NUMBER} into the "
            "name for a map of each"
        )
    for k, drawing in enumerate(drawings, 1):
        path = Path(out).with_name(Path(out).name.replace(NUMBER, str(k)))
        if flat:
            regions, density = regions_of_drawing(drawing, options)
            note(f"{path}: {regions.count} regions with the outside")
            _write_flat(path, regions, density, options)
        else:
            _write_map(path, drawing, source, options, note)


def label_filling(
    filling: Filling, names: Vocabulary
) -> tuple[npt.NDArray[np.uint8], dict[int, Label]]:
    """A filling's regions as labels.

    Returns:
        uint8 (H, W), id - 1 or 255 where no region has a label; and the label of each
        region's number that has one. An inner region has the label of what it is in.
    """
    labels: dict[int, Label] = {}
    table = np.full(len(filling.regions) + 1, UNLABELLED, np.uint8)
    for region in filling.regions:
        label = label_of(region.name, names)
        if label is not None:
            labels[region.number] = label
            table[region.number] = label.pixel
    return table[filling.numbers], labels


def label_of(name: str | None, names: Vocabulary) -> Label | None:
    """The label that a layer's name spells, with or without a number behind it."""
    if name is None:
        return None
    return names.find(name) or names.find(_COUNTED.sub("", name))


def named_groups(drawing: Drawing, tolerance: float = TOLERANCE) -> tuple[Group, ...]:
    """`groups_of`, with the numbers taken off the names."""
    return tuple(
        Group(group.strokes, _COUNTED.sub("", group.name) if group.name else None)
        for group in groups_of(drawing, tolerance)
    )


def regions_of_picture(
    image: npt.NDArray[Any], gap: float = GAP
) -> tuple[Regions, npt.NDArray[np.float32]] | None:
    """The regions of a picture of line art and the density of its ink, (H, W) from 0 to 1.

    None where no ink stands out of the paper.
    """
    import cv2

    grey = to_grey(image)
    ink = find_ink(grey)
    if ink is None:
        return None
    regions = find_regions(ink.mask, ink.line_width, gap=gap)
    height, width = grey.shape
    numbers = regions.numbers
    if numbers.shape != grey.shape:
        numbers = cv2.resize(numbers, (width, height), interpolation=cv2.INTER_NEAREST)
    density = np.clip(ink.density / np.float32(255 * ink.level), 0, 1)
    return Regions(numbers, regions.count, regions.bridged), density.astype(np.float32)


def regions_of_drawing(
    drawing: Drawing, options: FillOptions
) -> tuple[Regions, npt.NDArray[np.float32]]:
    """The regions that a drawing's lines part, and the density of its ink."""
    import cv2

    size = _size(drawing, options.size)
    filling = _filled(drawing, options, size)
    # Where an object was closed there is no line: its rim parts the regions as lines do.
    rims: list[npt.NDArray[np.float64]] = []
    for region in filling.regions:
        mask = (filling.numbers == region.number).view(np.uint8)
        found, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        rims += [np.concatenate([rim[:, 0], rim[:1, 0]]) + 0.5 for rim in found]
    grey = draw_ink(drawing, size)
    pens = [stroke.width or to_px(PEN_WIDTH) for stroke in drawing.strokes]
    scale = max(grey.shape) / max(drawing.size)
    line_width = float(np.median(pens)) * scale if pens else 1.0
    regions = find_regions(grey < _DARK, line_width, bridges=rims)
    return regions, (1 - grey / 255).astype(np.float32)


def _filled(drawing: Drawing, options: FillOptions, size: tuple[int, int] | None) -> Filling:
    return fill_drawing(
        drawing,
        named_groups(drawing, options.tolerance),
        size=size,
        tolerance=options.tolerance,
        last=options.last,
        inner=options.inner,
    )


def _is_drawing(source: Path_) -> bool:
    name = os.fspath(source).lower()
    return name == STREAM or name.endswith(READABLE)


def _size(drawing: Drawing, longer: int | None) -> tuple[int, int] | None:
    if longer is None:
        return None
    width, height = drawing.size
    scale = longer / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _write_map(
    path: Path, drawing: Drawing, source: Path_, options: FillOptions, note: Note
) -> None:
    """The map of a drawing, of labels where there are some, and what it holds beside it."""
    filling = _filled(drawing, options, _size(drawing, options.size))
    names = vocabulary(options.names)
    pixels, labels = label_filling(filling, names)
    for region in filling.regions:
        if region.area == 0:
            note(f"{source}: {_called(region)} is not seen: it is off the canvas or covered")
        elif region.name and region.number not in labels and not options.numbers:
            note(f"{source}: {names.name} has no label for {region.name!r}; it is unlabelled")
    labelled = bool(labels) and not options.numbers
    if labelled:
        write_label_png(path, pixels, names)
    else:
        _write_numbers(path, filling.numbers)
    rows = [_row(region, labels.get(region.number)) for region in filling.regions]
    record = {
        "source": os.path.basename(os.fspath(source)),
        "size": [int(v) for v in filling.numbers.shape[::-1]],
        "pixel": "id - 1, 255 unlabelled" if labelled else "number of the region, 0 none",
        "vocabulary": names.name if labelled else None,
        "tolerance": options.tolerance,
        "regions": rows,
    }
    text = json.dumps(record, ensure_ascii=False, indent=1)
    write_atomically(path.with_suffix(".json"), (text + "\n").encode())
    told = ", ".join(f"{_called(r)} by {r.method}" for r in filling.regions) or "nothing to fill"
    note(f"{path}: {told}")


def _called(region: Region) -> str:
    return region.name or f"region {region.number}"


def _row(region: Region, label: Label | None) -> dict[str, Any]:
    row = asdict(region)
    row["label"], row["id"] = (None, None) if label is None else (label.name, label.id)
    return row


def _write_flat(
    path: Path_, regions: Regions, density: npt.NDArray[np.float32], options: FillOptions
) -> None:
    colors = flat_colors(regions, np.random.default_rng(options.seed), options.background)
    write_array(path, colored(regions.numbers, colors, density))


def _write_numbers(path: Path_, numbers: npt.NDArray[np.int32]) -> None:
    write_atomically(path, numbers_png(numbers))


def numbers_png(numbers: npt.NDArray[np.int32]) -> bytes:
    """Regions' numbers as a PNG: indexed with colours up to 255, else 16 bits and grey."""
    count = int(numbers.max(initial=0))
    if count > _LARGEST_INDEX:
        return array_png(numbers.astype(np.uint16))
    colors = flat_colors(Regions(numbers, max(count, 1), 0), np.random.default_rng(0), "black")
    table = np.zeros((256, 3), np.uint8)
    table[: len(colors)] = colors
    return indexed_png(numbers.astype(np.uint8), table)
