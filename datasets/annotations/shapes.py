"""labelme's eight shapes as polygons or run lengths, on the picture and nowhere else.

labelme measures in px from the top left corner of the picture, px i reaching from i to
i + 1. Polygons and rectangles (upright or not) keep their corners; circles become polygons
of their area; lines take a width and points a radius, which labelme files do not state and
the conversion does; the mask of the AI tools is a small PNG laid into its box. What lies
outside the picture is cut off. A shape that covers no px is refused (`ShapeError`).
"""

from __future__ import annotations

import base64
import binascii
import io
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...strokes.errors import FormatError
from ...strokes.png_bytes import array_png
from .images import open_picture
from .polygons import FloatArray, circle, clip, line, rasterise
from .record import Piece, flat
from .rle import Rle, paste, union

# What labelme's own converter draws lines and points with, px.
LINE_WIDTH, POINT_RADIUS = 10.0, 5.0
# Beyond this no picture has px, and sums of products would lose their last digits.
FARTHEST = 1e7
# A mask's PNG is decoded after its header was judged; larger ones are no picture's.
MAX_MASK_PIXELS = 100_000_000
SHAPE_TYPES = (
    "polygon",
    "rectangle",
    "oriented_rectangle",
    "circle",
    "line",
    "linestrip",
    "point",
    "mask",
)
# Other programs' names for the same.
_ALIASES = {None: "polygon", "": "polygon", "rotation": "oriented_rectangle"}
_CORNERS = {
    "rectangle": (2, 4),
    "oriented_rectangle": (4,),
    "circle": (2,),
    "line": (2,),
    "point": (1,),
    "mask": (2,),
}


class ShapeError(FormatError):
    """A shape that cannot be a mask; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Widths:
    """What labelme does not say of lines and points, px."""

    line: float = LINE_WIDTH
    point: float = POINT_RADIUS


@dataclass(frozen=True, slots=True)
class Outline:
    """A shape read.

    Args:
        piece: its polygons or run lengths, cut to the picture, and the shape itself.
        remarks: pairs of what was found and what was done.
    """

    piece: Piece
    remarks: tuple[tuple[str, str], ...]


def read_shape(
    shape: dict[str, Any], at: int, height: int, width: int, widths: Widths | None = None
) -> Outline:
    """A labelme shape as a piece of an object.

    Args:
        shape: as it stands in the file; points are in the upright picture.
        at: its place in the order of the file.

    Raises:
        ShapeError: a type that labelme has not, points that are none or too few, a mask
            that cannot be read, or nothing left on the picture.
    """
    widths = Widths() if widths is None else widths
    kind = _kind(shape.get("shape_type"))
    points = _points(shape.get("points"), kind)
    if kind == "mask":
        return _mask_outline(shape, at, points, height, width)
    remarks: list[tuple[str, str]] = []
    kept = dict(shape)
    if kind in ("line", "linestrip"):
        kept["line_width"] = size = _size(shape.get("line_width"), widths.line)
        polygons = line(points, size)
        remarks.append((f"a {kind} has no width", f"drawn {size:g} px wide"))
    elif kind == "point":
        kept["point_radius"] = size = _size(shape.get("point_radius"), widths.point)
        polygons = (circle(float(points[0, 0]), float(points[0, 1]), size),)
        remarks.append(("a point has no size", f"drawn as a disc of {size:g} px radius"))
    elif kind == "circle":
        radius = float(np.hypot(*(points[1] - points[0])))
        polygons = (circle(float(points[0, 0]), float(points[0, 1]), radius),)
    elif kind == "rectangle" and len(points) == 2:
        (x0, y0), (x1, y1) = np.sort(points, axis=0)
        polygons = (np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]),)
    else:
        polygons = (points,)
    inside = tuple(part for part in (clip(p, height, width) for p in polygons) if len(part) > 2)
    same = len(inside) == len(polygons) and all(
        a is b for a, b in zip(inside, polygons, strict=True)
    )
    mask = union((rasterise(part, height, width) for part in inside), height, width)
    if not len(mask.ends):
        raise ShapeError(_why_empty(polygons, inside))
    if not same:
        remarks.append(("points outside the picture", "cut off at its border"))
    if kind == "polygon" and same:
        del kept["points"]  # the polygon says them
    piece = Piece(at, tuple(flat(part) for part in inside), shape=kept)
    return Outline(piece, tuple(remarks))


def _kind(name: Any) -> str:
    kind = _ALIASES.get(name, name) if name is None or isinstance(name, str) else name
    if kind not in SHAPE_TYPES:
        raise ShapeError(f"shape type {name!r}; wanted one of {', '.join(SHAPE_TYPES)}")
    return str(kind)


def _points(given: Any, kind: str) -> FloatArray:
    """Points (n, 2), as many as the kind of shape has."""
    pairs = isinstance(given, list) and all(
        isinstance(pair, list)
        and len(pair) == 2
        and all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in pair)
        for pair in given
    )
    if not pairs:
        raise ShapeError(f"points are {str(given)[:60]}; wanted a list of [x, y]")
    if not given:
        raise ShapeError("it has no points")
    try:
        points = np.array(given, np.float64)
    except OverflowError:
        points = np.full((1, 2), math.inf)
    if not np.isfinite(points).all() or np.abs(points).max() > FARTHEST:
        raise ShapeError(f"points that are not finite or beyond {FARTHEST:,.0f} px")
    count = len(points)
    if kind in _CORNERS and count not in _CORNERS[kind]:
        wanted = " or ".join(map(str, _CORNERS[kind]))
        raise ShapeError(f"a {kind} of {count} points; wanted {wanted}")
    if kind == "polygon" and count < 3:
        raise ShapeError(f"a polygon of {count} points encloses nothing; wanted 3 or more")
    if kind == "linestrip" and count < 2:
        raise ShapeError("a linestrip of 1 point; wanted 2 or more")
    return points


def _size(own: Any, usual: float) -> float:
    """A width that an earlier conversion wrote beside the shape, else the one asked for."""
    good = isinstance(own, (int, float)) and not isinstance(own, bool) and 0 < own < FARTHEST
    return float(own) if good else usual


def _why_empty(polygons: tuple[FloatArray, ...], inside: tuple[FloatArray, ...]) -> str:
    if not polygons:
        return "its points are all one, so it has no length"
    if not inside:
        return "it lies outside the picture"
    size = max(float(np.ptp(part, axis=0).max()) for part in polygons)
    if size == 0:
        return "its points are all one, so it has no area"
    return "it is so thin or small that the middle of no px lies in it"


def _mask_outline(
    shape: dict[str, Any], at: int, points: FloatArray, height: int, width: int
) -> Outline:
    """The mask of labelme's AI tools: a PNG whose corner is the first point, rounded.

    The second point says the last px, which is only compared: the PNG knows its size.
    """
    bitmap = decode_mask(shape.get("mask"))
    x, y = (int(value) for value in np.rint(points[0]))
    mask = paste(bitmap, x, y, height, width)
    if not len(mask.ends):
        where = "outside the picture" if bitmap.any() else "empty"
        raise ShapeError(f"its mask is {where}")
    remarks: list[tuple[str, str]] = []
    box = tuple(int(value) for value in np.rint(points[1] - points[0]) + 1)
    if box != bitmap.shape[::-1]:
        size = " x ".join(map(str, bitmap.shape[::-1]))
        said = " x ".join(map(str, box))
        remarks.append((f"a mask of {size} px in a box of {said}", "its own size was taken"))
    if mask.area != np.count_nonzero(bitmap):
        remarks.append(("a mask that reaches outside the picture", "cut off at its border"))
    kept = {key: value for key, value in shape.items() if key not in ("points", "mask")}
    return Outline(Piece(at, counts=mask.to_text(), shape=kept), tuple(remarks))


def decode_mask(text: Any) -> np.typing.NDArray[np.bool_]:
    """The PNG of a mask shape, bool (h, w).

    Raises:
        ShapeError: no text, not base64, not a picture, or one of absurd size.
    """
    if not isinstance(text, str) or not text:
        raise ShapeError("a mask without a picture of it; wanted a PNG in base64")
    try:
        data = io.BytesIO(base64.b64decode(text))
        with open_picture(data, "a mask", MAX_MASK_PIXELS) as picture:
            opaque = {"LA": "L", "PA": "P", "RGBA": "RGB"}.get(picture.mode)
            values = np.asarray(picture if opaque is None else picture.convert(opaque))
    except FormatError as error:
        raise ShapeError(f"{error}; wanted a PNG in base64") from error
    except (binascii.Error, ValueError) as error:
        raise ShapeError(f"a mask that cannot be read ({error}); wanted a PNG in base64") from error
    return np.asarray((values != 0).any(axis=2) if values.ndim == 3 else values != 0)


def encode_mask(mask: Rle) -> tuple[list[list[float]], str]:
    """A mask as labelme keeps it: the first and last px of its box, and the PNG within."""
    x, y, width, height = box = mask.box
    points = [[float(x), float(y)], [float(x + width - 1), float(y + height - 1)]]
    return points, base64.b64encode(array_png(mask.crop(box).astype(np.uint8))).decode("ascii")
