"""All stages of one sketch on one page: `contact_sheet`.

Panels of one size in the order of the work, each with its name and a line on what happened. The
colours of the labels and how long each stage took stand in the place that is left in the last
row, else below.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..datasets.labels import UInt8Array

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

# px of the page.
PANEL = 420
GAP, MARGIN = 26, 40
COLUMNS = 3
TITLE, SMALL = 20, 14
CAPTION = TITLE + SMALL + 22
SWATCH, LEGEND_ROW, NOTE_ROW = 16, 28, 22
BAR = 12
# Warm white paper, dark ink, grey notes, the rim of a panel.
PAPER, INK, NOTE, RIM = "#f7f5f0", "#23221f", "#8a867c", "#dcd8ce"
# A stage's part of the bar, from the first to the last.
STAGE_COLORS = ("#c9c3b4", "#a9b9c4", "#7f9fb5", "#8bb38f", "#d8b65c", "#d6835c", "#9b7fb5")


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """One picture of a sheet: uint8 (H, W) or (H, W, 3), its title and a line below that."""

    title: str
    note: str
    picture: UInt8Array


def contact_sheet(
    panels: Sequence[Panel],
    labels: Sequence[tuple[str, tuple[int, int, int], float]],
    seconds: Sequence[tuple[str, float]],
    heading: str,
) -> UInt8Array:
    """The page.

    Args:
        panels: one or more, of one aspect.
        labels: name, colour, and share of the picture, the largest first.
        seconds: stages and how long they took.

    Returns:
        uint8 (H, W, 3), red, green, blue.
    """
    from PIL import Image, ImageDraw

    height, width = panels[0].picture.shape[:2]
    scale = PANEL / max(width, height)
    box = max(1, round(width * scale)), max(1, round(height * scale))
    # Four are a square; five leave a place for the notes.
    columns = 2 if len(panels) == 4 else min(COLUMNS, len(panels))
    rows = math.ceil(len(panels) / columns)
    page_width = 2 * MARGIN + columns * box[0] + (columns - 1) * GAP
    page_width = max(page_width, 2 * MARGIN + 640)
    beside = len(panels) % columns != 0 and len(panels) > columns
    legend = [] if beside else _legend_rows(labels, page_width - 2 * MARGIN)
    top = MARGIN + TITLE + 34
    body = rows * (box[1] + CAPTION + GAP)
    foot = 0 if beside else len(legend) * LEGEND_ROW + (BAR + 58 if seconds else 0)
    page = Image.new("RGB", (page_width, top + body + foot + MARGIN - 10), PAPER)
    draw = ImageDraw.Draw(page)
    draw.text((MARGIN, MARGIN - 6), heading, INK, font=_font(TITLE + 6))
    for k, panel in enumerate(panels):
        x = MARGIN + (k % columns) * (box[0] + GAP)
        y = top + (k // columns) * (box[1] + CAPTION + GAP)
        _panel(page, draw, panel, (x, y), box)
    if beside:
        x = MARGIN + (len(panels) % columns) * (box[0] + GAP)
        y = top + (rows - 1) * (box[1] + CAPTION + GAP)
        _notes(draw, labels, seconds, (x, y), box)
        return np.asarray(page, np.uint8)
    y = _legend(draw, legend, top + body)
    if seconds:
        _times(draw, seconds, y + 14, page_width - 2 * MARGIN)
    return np.asarray(page, np.uint8)


def _panel(
    page: Image.Image,
    draw: ImageDraw.ImageDraw,
    panel: Panel,
    corner: tuple[int, int],
    box: tuple[int, int],
) -> None:
    from PIL import Image

    x, y = corner
    picture = panel.picture
    if picture.ndim == 2:
        picture = np.repeat(picture[:, :, None], 3, axis=2)
    way = Image.Resampling.LANCZOS if panel.title != "label map" else Image.Resampling.BOX
    page.paste(Image.fromarray(np.ascontiguousarray(picture)).resize(box, way), corner)
    draw.rectangle((x - 1, y - 1, x + box[0], y + box[1]), outline=RIM)
    draw.text((x, y + box[1] + 8), panel.title, INK, font=_font(TITLE))
    note = _fitted(draw, panel.note, box[0])
    draw.text((x, y + box[1] + TITLE + 13), note, NOTE, font=_font(SMALL))


def _fitted(draw: ImageDraw.ImageDraw, text: str, width: int) -> str:
    font = _font(SMALL)
    if draw.textlength(text, font=font) <= width:
        return text
    while text and draw.textlength(text + " …", font=font) > width:
        text = text[:-1]
    return text.rstrip(" ,;") + " …"


def _legend_rows(
    labels: Sequence[tuple[str, tuple[int, int, int], float]], width: int
) -> list[list[tuple[int, str, tuple[int, int, int]]]]:
    """The labels in rows: x, text, colour."""
    from PIL import Image, ImageDraw

    measure = ImageDraw.Draw(Image.new("RGB", (1, 1)))
    rows: list[list[tuple[int, str, tuple[int, int, int]]]] = [[]]
    x = 0
    for name, color, share in labels:
        text = f"{name}  {_percent(share)}"
        wide = SWATCH + 8 + int(measure.textlength(text, font=_font(SMALL))) + 26
        if x + wide > width and rows[-1]:
            rows.append([])
            x = 0
        rows[-1].append((x, text, color))
        x += wide
    return [row for row in rows if row]


def _legend(
    draw: ImageDraw.ImageDraw,
    rows: list[list[tuple[int, str, tuple[int, int, int]]]],
    y: int,
) -> int:
    for row in rows:
        for x, text, color in row:
            left = MARGIN + x
            swatch = (left, y, left + SWATCH, y + SWATCH)
            draw.rounded_rectangle(swatch, 4, fill=color, outline=RIM)
            draw.text((left + SWATCH + 8, y), text, INK, font=_font(SMALL))
        y += LEGEND_ROW
    return y


def _notes(
    draw: ImageDraw.ImageDraw,
    labels: Sequence[tuple[str, tuple[int, int, int], float]],
    seconds: Sequence[tuple[str, float]],
    corner: tuple[int, int],
    box: tuple[int, int],
) -> None:
    """Labels and times in two columns, where a panel would be."""
    x, y = corner
    most = max(1, (box[1] - 4) // NOTE_ROW)
    shown = list(labels) if len(labels) <= most else list(labels[: most - 1])
    for k, (name, color, share) in enumerate(shown):
        row = y + k * NOTE_ROW
        swatch = (x, row, x + SWATCH, row + SWATCH)
        draw.rounded_rectangle(swatch, 4, fill=color, outline=RIM)
        draw.text((x + SWATCH + 9, row), f"{name}  {_percent(share)}", INK, font=_font(SMALL))
    if len(shown) < len(labels):
        row = y + len(shown) * NOTE_ROW
        rest = f"and {len(labels) - len(shown)} more"
        draw.text((x + SWATCH + 9, row), rest, NOTE, font=_font(SMALL))
    x += box[0] // 2 + 10
    slowest = max([*(value for _, value in seconds), 1e-9])
    for k, (name, value) in enumerate(seconds):
        row = y + k * (NOTE_ROW + 14)
        draw.text((x, row), f"{name}  {value:.2f} s", INK, font=_font(SMALL))
        long = (box[0] // 2 - 30) * value / slowest
        color = STAGE_COLORS[k % len(STAGE_COLORS)]
        draw.rectangle((x, row + 20, x + max(long, 2), row + 25), fill=color)


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.005 else "<1%"


def _times(
    draw: ImageDraw.ImageDraw, seconds: Sequence[tuple[str, float]], y: int, width: int
) -> None:
    """A bar as long as the page, each stage its share of the time."""
    total = max(sum(value for _, value in seconds), 1e-9)
    x, text_x = float(MARGIN), MARGIN
    for k, (name, value) in enumerate(seconds):
        color = STAGE_COLORS[k % len(STAGE_COLORS)]
        wide = width * value / total
        draw.rectangle((x, y, x + max(wide - 1, 0), y + BAR), fill=color)
        x += wide
        text = f"{name} {value:.2f} s"
        draw.rectangle((text_x, y + BAR + 15, text_x + 9, y + BAR + 24), fill=color)
        draw.text((text_x + 15, y + BAR + 11), text, NOTE, font=_font(SMALL))
        text_x += 15 + int(draw.textlength(text, font=_font(SMALL))) + 22


def _font(size: int) -> object:
    from PIL import ImageFont

    return ImageFont.load_default(size)
