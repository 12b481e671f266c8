"""SVG out: what a plotter, Inkscape and a browser all take, the same bytes every time.

Width and height in mm with a viewBox in px, one Inkscape layer per pen, plain
`<path>` with fill none and round caps and joins, dots as zero-length segments,
three decimals. Reading a file written here and writing it again gives the same
bytes. What SVG has no word for (label, key, times, pressures) stands in attributes
of our own namespace, which other programs pass over.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt

from .atomic import write_atomically
from .caption import Caption
from .color import to_hex
from .curves import Curves, is_straight
from .drawing import Drawing, FloatArray, Stroke
from .svg_tree import INKSCAPE, LINEWORK
from .units import PEN_WIDTH, format_mm, format_number, to_positive_px

# The least width that three decimals can say; 0 would make a line invisible.
_LEAST_WIDTH = 0.001
# What no colour of its own means: black, unless the page around the SVG says otherwise.
_INK = "currentColor"
# Characters that XML 1.0 cannot hold even when escaped.
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# AxiDraw leaves layers alone whose name begins with a percent sign: words are not plotted.
_CAPTION_LAYER = "% captions"


@dataclass(frozen=True, slots=True)
class _Line:
    """A stroke as it will stand in the file."""

    data: str
    color: str
    width: str
    attributes: dict[str, str]


def svg_text(
    drawing: Drawing,
    *,
    width: str | float | None = None,
    pen_width: str | float = PEN_WIDTH,
    background: str | None = None,
    captions: Iterable[Caption] = (),
    curves: Sequence[Curves] | None = None,
) -> str:
    """The drawing as an SVG document.

    Args:
        width: width of the page ("150mm"); the drawing is scaled to it. None keeps its size.
        pen_width: on the page, for strokes without a width of their own.
        background: colour of the paper, or None for none.
        captions: words to set, in the drawing's px.
        curves: of each stroke, the cubics (m, 4, 2) to write in place of its points
            (`curves.curves_of`); None writes the points.

    Raises:
        LineworkError: a length or a colour that is none.
    """
    scale = 1.0
    if width is not None:
        # Three decimals here as in the file, so that a page which has this width is not scaled.
        scale = round(to_positive_px(width, "width"), 3) / drawing.size[0]
    pen = to_positive_px(pen_width, "pen width")
    page = [format_number(side * scale) for side in drawing.size]
    layers = _layers(drawing.strokes)
    grouped = [index for members in layers.values() for index in members]
    reordered = grouped != sorted(grouped)
    root = _root(drawing, page)
    if background is not None:
        paper = {"width": "100%", "height": "100%", "fill": to_hex(background)}
        root.add(_element("rect", {**paper, "linework:paper": "true"}))
    for number, ((name, color), members) in enumerate(layers.items(), 1):
        lines = [
            _line(
                drawing.strokes[i],
                None if curves is None else curves[i],
                scale,
                pen,
                i if reordered else None,
            )
            for i in members
        ]
        root.add(_layer(number, name, color, lines, alone=len(layers) == 1))
    words = list(captions)
    if words:
        root.add(_captions(words, scale))
    return _serialise(root)


def write_svg(
    drawing: Drawing,
    path: str | os.PathLike[str],
    *,
    width: str | float | None = None,
    pen_width: str | float = PEN_WIDTH,
    background: str | None = None,
    captions: Iterable[Caption] = (),
    curves: Sequence[Curves] | None = None,
) -> None:
    """`svg_text` as a file, whole or not at all. Raises as it and `atomic_path` do."""
    text = svg_text(
        drawing,
        width=width,
        pen_width=pen_width,
        background=background,
        captions=captions,
        curves=curves,
    )
    write_atomically(path, text.encode())


def _layers(strokes: Sequence[Stroke]) -> dict[tuple[str | None, str | None], list[int]]:
    """Stroke numbers by pen, in order of first use: a pen is a layer's name, else a colour."""
    layers: dict[tuple[str | None, str | None], list[int]] = {}
    for index, stroke in enumerate(strokes):
        pen = (_clean(stroke.layer), None) if stroke.layer else (None, _color(stroke))
        layers.setdefault(pen, []).append(index)
    return layers


def _color(stroke: Stroke) -> str:
    return _INK if stroke.color is None else to_hex(stroke.color)


def _line(
    stroke: Stroke, curves: Curves | None, scale: float, pen: float, order: int | None
) -> _Line:
    rows = np.round(stroke.points.astype(np.float64) * scale, 3)
    dot = bool((rows == rows[0]).all())
    if dot:
        rows = rows[:1]
    pairs = [f"{format_number(x)},{format_number(y)}" for x, y in rows.tolist()]
    # A dot's curve may have a length, which says that it is no closed path.
    if dot and (curves is None or (np.round(curves * scale, 3) == rows[0]).all()):
        data = f"M{pairs[0]}h0"
    elif curves is not None:
        data = _curve_data(curves * scale)
    else:
        data = f"M{pairs[0]}L{' '.join(pairs[1:])}"
    attributes = {} if order is None else {"linework:order": str(order)}
    if dot and not data.endswith("h0"):
        attributes["linework:dot"] = "true"
    if stroke.fill:
        attributes |= {"fill": _color(stroke), "stroke": "none", "linework:fill": "true"}
    for name in ("time", "pressure"):
        values: FloatArray | None = getattr(stroke, name)
        if values is not None and curves is None:
            numbers = values[: len(rows)].astype(np.float64).tolist()
            attributes[f"linework:{name}"] = " ".join(format_number(v) for v in numbers)
    width = pen if stroke.width is None else stroke.width * scale
    return _Line(data, _color(stroke), format_number(max(width, _LEAST_WIDTH)), attributes)


def _curve_data(curves: Curves) -> str:
    """A path of cubics and lines; closed where it ends in the point it began with."""
    rows = np.round(curves, 3)
    straight = is_straight(curves).tolist()
    parts = [f"M{_pair(rows[0, 0])}"]
    for piece, line in zip(rows, straight, strict=True):
        if line:
            parts.append(f"L{_pair(piece[3])}")
        else:
            parts.append(f"C{_pair(piece[1])} {_pair(piece[2])} {_pair(piece[3])}")
    if (rows[0, 0] == rows[-1, 3]).all():
        parts.append("Z")
    return "".join(parts)


def _pair(point: npt.NDArray[np.float64]) -> str:
    x, y = point.tolist()
    return f"{format_number(x)},{format_number(y)}"


def _layer(
    number: int, name: str | None, color: str | None, lines: Sequence[_Line], alone: bool
) -> Any:
    """One pen's group. What all its lines share stands on the group."""
    colors, widths = {line.color for line in lines}, {line.width for line in lines}
    if name is not None:
        label = name
    else:  # the leading number is what AxiDraw plots by
        label = str(number) if alone else f"{number} {'ink' if color == _INK else color}"
    attributes = {
        # Declared on the root as well; here for programs that put the layers into a page
        # of their own and drop the root's.
        "xmlns:inkscape": INKSCAPE,
        "xmlns:linework": LINEWORK,
        "id": f"layer{number}",
        "inkscape:groupmode": "layer",
        "inkscape:label": label,
        "fill": "none",
        "stroke-linecap": "round",
        "stroke-linejoin": "round",
    }
    if name is None:
        attributes["linework:unnamed"] = "true"
    if len(colors) == 1:
        attributes["stroke"] = lines[0].color
    if len(widths) == 1:
        attributes["stroke-width"] = lines[0].width
    group = _element("g", attributes)
    for line in lines:
        own = {"d": line.data, **line.attributes}
        if len(colors) > 1 and "stroke" not in own:
            own["stroke"] = line.color
        if len(widths) > 1:
            own["stroke-width"] = line.width
        group.add(_element("path", own))
    return group


def _captions(captions: Sequence[Caption], scale: float) -> Any:
    from svgwrite.text import Text

    group = _element(
        "g",
        {
            "inkscape:groupmode": "layer",
            "inkscape:label": _CAPTION_LAYER,
            "font-family": "sans-serif",
            "text-anchor": "middle",
            "fill": "#666666",
        },
    )
    for caption in captions:
        text = Text(_clean(caption.text), debug=False)
        text.attribs = {
            "x": format_number(caption.x * scale),
            "y": format_number(caption.y * scale),
            "font-size": format_number(caption.height * scale),
        }
        group.add(text)
    return group


def _root(drawing: Drawing, page: Sequence[str]) -> Any:
    """The `<svg>` element: page size, namespaces, and what is known of the drawing."""
    import svgwrite

    # From the rounded size, so that the mm agree with the viewBox when they are read again.
    size = tuple(format_mm(float(side)) for side in page)
    root = svgwrite.Drawing(size=size, viewBox=f"0 0 {page[0]} {page[1]}", debug=False)
    root.attribs["xmlns:inkscape"] = INKSCAPE
    root.attribs["xmlns:linework"] = LINEWORK
    if drawing.label:
        root.attribs["linework:label"] = _clean(drawing.label)
        root.set_desc(title=_clean(drawing.label))
    if drawing.key is not None:
        root.attribs["linework:key"] = str(drawing.key)
    if drawing.country is not None:
        root.attribs["linework:country"] = _clean(drawing.country)
    if drawing.created is not None:
        root.attribs["linework:created"] = drawing.created.isoformat()
    if drawing.recognized is not None:
        root.attribs["linework:recognized"] = "true" if drawing.recognized else "false"
    return root


def _element(tag: str, attributes: dict[str, str]) -> Any:
    """An element with attributes as they are: svgwrite's own classes know no namespaces."""
    from svgwrite.base import BaseElement

    element = BaseElement(debug=False)
    element.elementname = tag
    element.attribs = dict(attributes)
    return element


def _serialise(root: Any) -> str:
    xml = root.get_xml()
    ElementTree.indent(xml, " ")
    body = ElementTree.tostring(xml, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{body}\n'


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
