"""The page that `linework demo` ends with: one HTML file with every picture inside it.

It needs no network, no script and no font of its own, and follows the reader's light
or dark scheme, because strokes without a colour are drawn in the text's.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from ..strokes import Drawing
from ..strokes.units import format_number

# Pen of the pictures, as a share of a picture's longer side.
PEN = 0.014
# No picture is higher than this many times its width.
TALLEST = 1.2
# Free space around what is drawn, as a share of the same.
MARGIN = 0.06

Box = tuple[float, float, float, float]

_STYLE = """
:root { color-scheme: light dark; --paper: #fbfaf6; --ink: #1d1c1a; --soft: #77736b;
  --line: #e4e0d6; --accent: #c2452d; }
@media (prefers-color-scheme: dark) { :root { --paper: #191817; --ink: #ece8df;
  --soft: #9a958b; --line: #34312d; --accent: #f0785c; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 1.0625rem/1.55 "Iowan Old Style", "Palatino Linotype", Palatino, Georgia, serif; }
main { max-width: 62rem; margin: 0 auto; padding: 4rem 1.5rem 6rem; }
h1 { font-size: 3.2rem; font-weight: 500; letter-spacing: -0.02em; line-height: 1; margin: 0; }
h2 { font-size: 1.6rem; font-weight: 500; letter-spacing: -0.01em; margin: 0 0 0.3rem; }
header p { color: var(--soft); max-width: 38rem; margin: 0.9rem 0 0; }
section { border-top: 1px solid var(--line); margin-top: 3rem; padding-top: 1.8rem; }
section > p { max-width: 38rem; margin: 0 0 1.2rem; color: var(--soft); }
.row { display: grid; grid-template-columns: repeat(var(--columns), minmax(0, 1fr));
  gap: 0.6rem 1.1rem; margin: 0 0 0.6rem; }
figure { margin: 0; }
figcaption { color: var(--soft); font-size: 0.85rem; text-align: center; }
svg { display: block; width: 100%; height: auto; fill: none; stroke: currentColor;
  stroke-linecap: round; stroke-linejoin: round; }
.new { stroke: var(--accent); }
img { display: block; width: min(100%, 20rem); border: 1px solid var(--line); }
.films { display: flex; flex-wrap: wrap; gap: 1.5rem; }
pre { margin: 1rem 0 0; padding: 0.7rem 0.9rem; overflow-x: auto; font-size: 0.85rem;
  line-height: 1.5; white-space: pre-wrap; border-left: 2px solid var(--accent);
  font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
@media (max-width: 40rem) { main { padding: 2rem 1rem 4rem; } h1 { font-size: 2.4rem; }
  .row { gap: 0.3rem 0.5rem; } }
"""


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing on the page.

    Args:
        drawing: what is drawn.
        caption: below it, or nothing.
        given: how many strokes, from the first on, are the user's; the rest are coloured.
            None is all.
        box: x, y, width, height to show, px; None is around the drawing.
    """

    drawing: Drawing
    caption: str = ""
    given: int | None = None
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the tour: rows of drawings, picture files (GIF, PNG, JPEG), and the commands
    that make them."""

    title: str
    text: str
    rows: tuple[tuple[Picture, ...], ...] = ()
    films: tuple[bytes, ...] = ()
    """Contents of picture files, moving or not."""
    commands: tuple[str, ...] = ()


def page_html(sections: Sequence[Section], note: str) -> str:
    """The page; `note` stands below its title."""
    parts = "\n".join(map(_section, sections))
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>linework: a tour</title>\n<style>{_STYLE}</style>\n<main>\n"
        f"<header><h1>linework</h1>\n<p>{escape(note)}</p></header>\n{parts}\n</main>\n</html>\n"
    )


def shared_box(drawings: Sequence[Drawing]) -> Box:
    """A box around all of the drawings, so that side by side they keep one scale."""
    bounds = np.array([drawing.bounds for drawing in drawings if drawing.strokes])
    low, high = bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)
    width, height = np.maximum(high - low, 1.0)
    free = MARGIN * max(width, height)
    # Columns are equally wide: a tall drawing would fill the page.
    size = np.array([max(width, height / TALLEST), height]) + 2 * free
    x, y = (low + high - size) / 2
    return (float(x), float(y), float(size[0]), float(size[1]))


def square_box(drawing: Drawing) -> Box:
    """A square around a drawing, so that side by side they are equally large."""
    x, y, width, height = shared_box([drawing])
    side = max(width, height)
    return (x - (side - width) / 2, y - (side - height) / 2, side, side)


def _section(section: Section) -> str:
    rows = "\n".join(
        f'<div class="row" style="--columns: {len(row)}">{"".join(map(_figure, row))}</div>'
        for row in section.rows
    )
    films = "".join(
        f'<img alt="" src="data:{_mime(film)};base64,{base64.b64encode(film).decode()}">'
        for film in section.films
    )
    commands = "\n".join(map(escape, section.commands))
    return (
        f"<section>\n<h2>{escape(section.title)}</h2>\n<p>{escape(section.text)}</p>\n{rows}\n"
        + (f'<div class="films">{films}</div>\n' if films else "")
        + (f"<pre>{commands}</pre>\n" if commands else "")
        + "</section>"
    )


def _mime(content: bytes) -> str:
    """The kind of a picture file, by its first bytes."""
    kinds = {b"GIF": "image/gif", b"\xff\xd8\xff": "image/jpeg", b"\x89PN": "image/png"}
    return kinds[content[:3]]


def _figure(picture: Picture) -> str:
    drawing = picture.drawing
    x, y, width, height = picture.box or square_box(drawing)
    given = len(drawing.strokes) if picture.given is None else picture.given
    paths = "".join(
        f'<path class="{"given" if index < given else "new"}" d="{_path(stroke.points)}"/>'
        for index, stroke in enumerate(drawing.strokes)
    )
    box = " ".join(format_number(value) for value in (x, y, width, height))
    label = escape(picture.caption or drawing.label or "a drawing", quote=True)
    caption = f"<figcaption>{escape(picture.caption)}</figcaption>" if picture.caption else ""
    return (
        f'<figure><svg viewBox="{box}" role="img" aria-label="{label}" '
        f'stroke-width="{format_number(PEN * max(width, height))}">{paths}</svg>{caption}</figure>'
    )


def _path(points: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> str:
    pairs = [f"{format_number(x)},{format_number(y)}" for x, y in points.tolist()]
    # A dot is a line to itself: with round caps it shows.
    return "M" + "L".join(pairs if len(pairs) > 1 else pairs * 2)
