"""SVG's shapes (path, line, polyline, polygon, rect, circle, ellipse) as subpaths.

Each is drawn in the direction that SVG 1.1, chapter 9, gives it.
"""

from __future__ import annotations

import math

import numpy as np

from .errors import FormatError
from .flatten import Arc, Polyline, Segment, Subpath
from .svg_path import ellipse_subpath, parse_numbers, parse_path
from .svg_style import length
from .svg_tree import Element

SHAPES = frozenset({"path", "line", "polyline", "polygon", "rect", "circle", "ellipse"})


def shape_subpaths(element: Element, view: tuple[float, float]) -> list[Subpath]:
    """The subpaths of a shape in its own user units; none where SVG draws none.

    Args:
        element: one of `SHAPES`.
        view: width and height that percentages refer to.

    Raises:
        FormatError: malformed numbers, or a negative radius or size.
    """
    if element.tag == "path":
        return parse_path(element.get("d") or "")
    if element.tag in ("polyline", "polygon"):
        return _polygon(element)
    if element.tag == "line":
        x1, y1 = _number(element, "x1", view[0]), _number(element, "y1", view[1])
        x2, y2 = _number(element, "x2", view[0]), _number(element, "y2", view[1])
        points = np.array([[x1, y1], [x2, y2]])
        return [Subpath(points[0], (Polyline(points),))]
    if element.tag == "rect":
        return _rectangle(element, view)
    center = (_number(element, "cx", view[0]), _number(element, "cy", view[1]))
    if element.tag == "circle":
        radius = _size(element, "r", math.hypot(*view) / math.sqrt(2))
        radii = (radius, radius)
    else:
        rx, ry = _radii(element, view)
        radii = (rx, ry)
    return [ellipse_subpath(center, radii)] if min(radii) > 0 else []


def _polygon(element: Element) -> list[Subpath]:
    values = parse_numbers(element.get("points") or "")
    if len(values) % 2:
        raise FormatError(f"points has {len(values)} numbers; wanted an even number of them")
    points = values.reshape(-1, 2)
    if len(points) == 0:
        return []
    segments = (Polyline(points),) if len(points) > 1 else ()
    return [Subpath(points[0], segments, closed=element.tag == "polygon")]


def _rectangle(element: Element, view: tuple[float, float]) -> list[Subpath]:
    x, y = _number(element, "x", view[0]), _number(element, "y", view[1])
    width, height = _size(element, "width", view[0]), _size(element, "height", view[1])
    if width == 0 or height == 0:
        return []
    rx, ry = _radii(element, view)
    rx, ry = min(rx, width / 2), min(ry, height / 2)
    if rx == 0 or ry == 0:
        corners = np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]])
        return [Subpath(corners[0], (Polyline(corners),), closed=True)]
    left, right, top, bottom = x + rx, x + width - rx, y + ry, y + height - ry
    axes = np.diag([rx, ry])
    segments: list[Segment] = []
    # Side, then the corner after it; each corner arc starts a quarter turn further on.
    for quarter, (begin, end, center, after) in enumerate(
        [
            ((left, y), (right, y), (right, top), (x + width, top)),
            ((x + width, top), (x + width, bottom), (right, bottom), (right, y + height)),
            ((right, y + height), (left, y + height), (left, bottom), (x, bottom)),
            ((x, bottom), (x, top), (left, top), (left, y)),
        ]
    ):
        if begin != end:
            segments.append(Polyline(np.array([begin, end])))
        start = (quarter - 1) * math.pi / 2
        segments.append(Arc(np.array(center), axes, start, math.pi / 2, np.array([end, after])))
    return [Subpath(np.array([left, y]), tuple(segments), closed=True)]


def _radii(element: Element, view: tuple[float, float]) -> tuple[float, float]:
    """rx and ry; where one is missing or "auto" it is the other."""
    given = {name: element.get(name) for name in ("rx", "ry")}
    rx = None if given["rx"] in (None, "auto") else _size(element, "rx", view[0])
    ry = None if given["ry"] in (None, "auto") else _size(element, "ry", view[1])
    return (rx if rx is not None else ry or 0.0, ry if ry is not None else rx or 0.0)


def _number(element: Element, name: str, whole: float) -> float:
    text = element.get(name)
    return 0.0 if text is None or text == "auto" else length(text, name, whole)


def _size(element: Element, name: str, whole: float) -> float:
    value = _number(element, name, whole)
    if value < 0:
        raise FormatError(f"{name} is {value:g}; wanted 0 or more")
    return value
