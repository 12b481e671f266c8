"""`trace`: an image of ink on paper to the strokes of a pen.

Ink is found (`ink`) and solid areas set apart (`solids`); lines are thinned
(`skeleton`), moved onto their middle (`recentre`), joined through crossings
(`junctions`) and across gaps (`gaps`), carried to where the pen stood (`tips`),
sharpened (`corners`), fitted by few cubics (`..curves`) and put in an order
(`order`). The skeleton needs no recognition of what is drawn, and gets none:
where strokes lie on top of one another it sees one.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..curves import Curves, cut_runs, fit_runs, flatten_all
from ..drawing import Drawing, Stroke
from ..errors import LineworkError
from ..images import to_bytes, to_grey
from .assemble import Lines, assemble
from .branches import fit_branches
from .colors import split_pens
from .corners import sharpen
from .cusps import retrace_cusps
from .dots import find_dots
from .gaps import close_gaps
from .ink import Ink, UInt8Array, find_ink
from .junctions import join
from .order import drawing_order
from .ragged import FloatArray, lengths_along
from .recentre import near_nodes, near_tips, recentre
from .regrow import regrow
from .skeleton import Skeleton, radius_at, skeletonize, spaced
from .solids import split_solids
from .tips import corner_places, find_tips

# The widest gap that is closed, in line widths, and how well curves keep to the ink, px.
GAP = 2.6
ACCURACY = 0.2
# Points of the polylines, px from the curves they stand for.
_FLATNESS = 0.05
# Around a node, points within this many of its radii, and a px, belong to the crossing.
_CROSSING = 1.2
# The line width of a drawing is this percentile over the lengths of its lines.
_THIN = 40
# Hairlines are written at least this part as wide as they are blurred.
_THINNEST = 0.45
# What a dot's curve is long, in parts of its width: too short to see, but a path of no length reads
# as closed, and programs leave it out (icon sets write "h.01" for that). Its stroke is one point.
_DOT_LENGTH = 0.1
# Outlines of solid areas keep to the px they were found in.
_OUTLINE_ACCURACY = 0.35


@dataclass(frozen=True, slots=True, eq=False)
class Tracing:
    """A traced drawing.

    Args:
        drawing: strokes as polylines, in the px of the picture.
        curves: of each stroke, the cubics that its points lie on, (m, 4, 2).
    """

    drawing: Drawing
    curves: tuple[Curves, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    """A stroke before it has its place in the order; px of the picture."""

    curves: Curves
    width: float | None
    fill: bool
    dot: bool = False


def trace(
    image: npt.ArrayLike,
    *,
    gap: float = GAP,
    width: float | None = None,
    accuracy: float = ACCURACY,
    layers: bool = False,
) -> Drawing:
    """The strokes of a drawing on paper.

    Args:
        image: (H, W) grey, (H, W, 3) RGB or (H, W, 4) RGBA; uint8, uint16, or float or
            bool from 0 to 1; dark lines on light paper.
        gap: the widest paper between two ends that is bridged, in line widths; 0 bridges none.
        width: of every stroke, px; None measures each.
        accuracy: root mean square distance of curves from the middle of the ink, px.
        layers: whether pens of different colours become layers of their own.

    Returns:
        A drawing of the picture's size in px, without strokes where no ink stands out of
        the paper. A dot is a stroke of one point, a solid area one with `fill`.

    Raises:
        LineworkError: an image that is none, or a number out of range.
    """
    return trace_curves(image, gap=gap, width=width, accuracy=accuracy, layers=layers).drawing


def trace_curves(
    image: npt.ArrayLike,
    *,
    gap: float = GAP,
    width: float | None = None,
    accuracy: float = ACCURACY,
    layers: bool = False,
) -> Tracing:
    """As `trace`, with the curves that the polylines were made from."""
    if not gap >= 0:
        raise LineworkError(f"gap is {gap:g} line widths; wanted 0 or more")
    if not accuracy > 0:
        raise LineworkError(f"accuracy is {accuracy:g} px; wanted above 0")
    if width is not None and not width > 0:
        raise LineworkError(f"width is {width:g} px; wanted above 0")
    array = to_bytes(image)
    size = (float(array.shape[1]), float(array.shape[0]))
    strokes: list[Stroke] = []
    curves: list[Curves] = []
    pens: list[tuple[UInt8Array, str | None, str | None]]
    if layers and array.ndim == 3:
        pens = [(pen.grey, pen.name, pen.color) for pen in split_pens(array)]
    else:
        pens = [(to_grey(array), None, None)]
    for grey, name, color in pens:
        pieces = _ordered(_trace_grey(grey, gap, accuracy), size)
        lines = flatten_all([piece.curves for piece in pieces], _FLATNESS)
        for piece, points in zip(pieces, lines, strict=True):
            if piece.dot:
                points = 0.5 * (points[:1] + points[-1:])
            strokes.append(
                Stroke(
                    points.astype(np.float32),
                    width=width if width is not None and not piece.fill else piece.width,
                    color=None if name == "black" else color,
                    layer=name,
                    fill=piece.fill,
                )
            )
            curves.append(piece.curves)
    return Tracing(Drawing(tuple(strokes), size), tuple(curves))


def _trace_grey(grey: UInt8Array, gap: float, accuracy: float) -> list[_Piece]:
    """All strokes of one pen."""
    ink = find_ink(grey)
    if ink is None:
        return []
    mask, outlines = split_solids(ink)
    ink = dataclasses.replace(ink, mask=mask)
    skeleton = spaced(regrow(skeletonize(mask), ink.radius))
    lines, dots = _trace_lines(ink, skeleton, gap)
    runs = cut_runs(lines.points, lines.offsets, lines.weight, lines.corner, lines.closed)
    fitted = fit_runs(runs, np.full(len(lines.width), accuracy * ink.scale))
    pieces = [
        _Piece(curve / ink.scale, _true_width(float(w) / ink.scale, ink.blur), False)
        for curve, w in zip(fitted, lines.width, strict=True)
    ]
    for points, wide in dots:
        dot = len(points) == 1
        half = np.array([0.5 * _DOT_LENGTH * wide if dot else 0.0, 0.0])
        a, b = points[0] - half, points[-1] + half
        line = np.stack([a, a + (b - a) / 3, a + 2 * (b - a) / 3, b])[None]
        pieces.append(_Piece(line / ink.scale, wide / ink.scale, False, dot))
    if outlines:
        pieces += _shapes(outlines, ink.scale)
    return pieces


def _trace_lines(
    ink: Ink, skeleton: Skeleton, gap: float
) -> tuple[Lines, list[tuple[FloatArray, float]]]:
    """Strokes as dense polylines, and dots with their widths, in working px."""
    along = lengths_along(skeleton.points, skeleton.offsets)
    reach = _CROSSING * radius_at(ink.radius, skeleton.nodes) + 1.0
    near = near_nodes(skeleton, along, reach) | near_tips(skeleton, along, ink.radius)
    centred = recentre(ink, skeleton, near)
    if centred.clean.any():
        thin = float(np.percentile(centred.width[centred.clean], _THIN))
        ink = dataclasses.replace(ink, line_width=thin)
    dots, replaced = find_dots(ink, skeleton)
    branches = fit_branches(skeleton, centred, along, ink.line_width)
    joints = join(ink, skeleton, centred, branches, along, replaced)
    corners = corner_places(branches, joints, ink.line_width)
    tips = find_tips(ink, skeleton, centred, branches, joints, corners)
    joints = close_gaps(skeleton, branches, joints, tips, gap * ink.line_width, ink.line_width)
    joints = retrace_cusps(ink, skeleton, centred, branches, joints, along)
    corners = corner_places(branches, joints, ink.line_width, tips)
    tips[joints.partner >= 0] = np.nan
    lines = assemble(skeleton, centred, joints, tips, corners, ink.line_width)
    return sharpen(ink, lines), dots


def _true_width(measured: float, blur: float) -> float:
    """The width of a line whose profile has this area over its peak, px of the picture.

    Blur lowers the peak of a thin line: to erf(w / (2 sqrt(2) sigma)) of the ink's.
    """
    width = measured
    for _ in range(4):
        width = measured * math.erf(width / (2 * math.sqrt(2) * blur))
    return max(width, _THINNEST * measured)


def _shapes(outlines: list[FloatArray], scale: float) -> list[_Piece]:
    """Solid areas as closed curves."""
    points = np.concatenate(outlines)
    offsets = np.concatenate([[0], np.cumsum([len(o) for o in outlines])]).astype(np.int64)
    count = len(outlines)
    runs = cut_runs(
        points,
        offsets,
        np.ones(len(points)),
        np.zeros(len(points), np.bool_),
        np.ones(count, np.bool_),
    )
    fitted = fit_runs(runs, np.full(count, _OUTLINE_ACCURACY))
    return [_Piece(curve / scale, None, True) for curve in fitted]


def _ordered(pieces: list[_Piece], size: tuple[float, float]) -> list[_Piece]:
    if not pieces:
        return []
    starts = np.array([p.curves[0, 0] for p in pieces])
    ends = np.array([p.curves[-1, 3] for p in pieces])
    return [
        dataclasses.replace(pieces[k], curves=pieces[k].curves[::-1, ::-1]) if back else pieces[k]
        for k, back in drawing_order(starts, ends, size)
    ]
