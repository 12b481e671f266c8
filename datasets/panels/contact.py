"""Contact sheets: pages with what was found on them, to be looked over in a minute.

Panels are outlined and numbered as they are read, insets in another colour, duplicates crossed out;
lettering is tinted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

UInt8Array = npt.NDArray[np.uint8]
Color = tuple[int, int, int]

# Px of a page's cell and of the strip with its name below it; pages a row, rows a sheet.
CELL, STRIP, GAP = (330, 440), 22, 14
COLUMNS, ROWS = 5, 4
PER_SHEET = COLUMNS * ROWS
PAPER = (236, 236, 234)
PANEL, INSET, DUPLICATE, LETTERING = (20, 130, 70), (30, 80, 200), (210, 40, 40), (250, 190, 40)
TEXT = (60, 60, 60)
TINT = 0.45
LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Shown:
    """A page on a sheet.

    Args:
        name: below it.
        preview: file of the page without outlines, as `preview` made it, or None.
        scale: of the preview, 1 is the page's own size.
        panels: polygon, whether it is an inset, whether a duplicate; in reading order.
    """

    name: str
    preview: Path | None
    scale: float
    panels: Sequence[tuple[npt.NDArray[np.float64], bool, bool]]


def preview(page: UInt8Array, lettering: npt.NDArray[np.bool_]) -> tuple[UInt8Array, float]:
    """A page at the size of a cell with its lettering tinted, and its scale.

    Args:
        page: uint8 (H, W) or (H, W, 3).
        lettering: bool (H, W).
    """
    rgb = page if page.ndim == 3 else np.repeat(page[:, :, None], 3, axis=2)
    height, width = rgb.shape[:2]
    scale = min(CELL[0] / width, CELL[1] / height, 1.0)
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    cover = cv2.resize(lettering.astype(np.uint8) * 255, size, interpolation=cv2.INTER_AREA)
    share = cover[:, :, None].astype(np.float32) / 255 * TINT
    return (small * (1 - share) + np.array(LETTERING) * share).astype(np.uint8), scale


def sheet(pages: Sequence[Shown]) -> UInt8Array:
    """A sheet of at most `PER_SHEET` pages, uint8 (H, W, 3)."""
    from PIL import Image, ImageDraw, ImageFont

    columns = min(COLUMNS, max(len(pages), 1))
    rows = -(-len(pages) // columns)
    step = (CELL[0] + GAP, CELL[1] + STRIP + GAP)
    size = (rows * step[1] + GAP, columns * step[0] + GAP)
    picture = np.empty((*size, 3), np.uint8)
    picture[:] = PAPER
    names = []
    for number, page in enumerate(pages):
        row, column = divmod(number, columns)
        x, y = GAP + column * step[0], GAP + row * step[1]
        drawn = _outlined(page)
        height, width = drawn.shape[:2]
        x += (CELL[0] - width) // 2
        picture[y : y + height, x : x + width] = drawn
        name = page.name if len(page.name) <= LONGEST_NAME else f"{page.name[:LONGEST_NAME]}…"
        names.append((x, y + height + 3, f"{name}: {len(page.panels)}"))
    image = Image.fromarray(picture)
    pen = ImageDraw.Draw(image)
    for x, y, name in names:
        pen.text((x, y), name, fill=TEXT, font=ImageFont.load_default(13))
    return np.asarray(image)


def _outlined(page: Shown) -> UInt8Array:
    found = None if page.preview is None else cv2.imread(str(page.preview), cv2.IMREAD_COLOR)
    if found is None:  # it could not be read
        return np.full((CELL[1] // 3, CELL[0], 3), 200, np.uint8)
    picture = np.ascontiguousarray(found[:, :, ::-1])
    for number, (polygon, inset, duplicate) in enumerate(page.panels, 1):
        color = DUPLICATE if duplicate else INSET if inset else PANEL
        points = np.rint(polygon * page.scale * 16).astype(np.int32)
        cv2.polylines(picture, [points], True, color, 2, cv2.LINE_AA, 4)
        low, high = polygon.min(axis=0) * page.scale, polygon.max(axis=0) * page.scale
        if duplicate:
            ends = [tuple(int(v) for v in point) for point in (low, high)]
            cv2.line(picture, *ends, color, 2, cv2.LINE_AA)
        _number(picture, str(number), (int(low[0]) + 11, int(low[1]) + 12), color)
    return picture


def _number(picture: UInt8Array, text: str, at: tuple[int, int], color: Color) -> None:
    cv2.circle(picture, at, 10, color, -1, cv2.LINE_AA)
    (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.42, 1)
    corner = (at[0] - width // 2, at[1] + height // 2)
    cv2.putText(picture, text, corner, cv2.FONT_HERSHEY_SIMPLEX, 0.42, (255,) * 3, 1, cv2.LINE_AA)
