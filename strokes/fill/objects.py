"""A drawing's objects as regions of one map: each filled on its own, then laid over one another.

What is one object is said by layers, by the drawing's label, or else told by nearness: strokes
within the tolerance of each other belong together. Later objects lie over earlier ones, as they
were drawn, except that none hides one that was drawn inside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from ..drawing import Drawing, Stroke
from ..errors import LineworkError
from ..raster import fit_canvas, picture_size
from ..units import PEN_WIDTH, to_px
from .lines import BoolArray, Work, clusters, work_on
from .open_lines import BANDS, RIBBONS, band, ribbons
from .silhouette import METHODS, TOLERANCE, check, silhouette

IntArray = npt.NDArray[np.int32]

# An object of which a later one leaves less than this lies above it.
_LEAST_SEEN = 0.1
# Inner regions smaller than this share of their object are details of the drawing, no windows.
_LEAST_INNER = 0.01
# An outline that holds this much of the hull is closed, whatever its word says of it.
_CLOSED_SHARE = 0.3
# Margin around an object, in tolerances of its longer side: room for the largest ball.
_MARGIN = 2.0


@dataclass(frozen=True, slots=True)
class Group:
    """Strokes that are one object.

    Args:
        strokes: their numbers in the drawing, ascending.
        name: the layer's name or the drawing's label, or None.
    """

    strokes: tuple[int, ...]
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Region:
    """One region of a map.

    Args:
        number: its value in the map, from 1.
        name: of its group.
        method: how it was told: one of `METHODS`, "line", "ribbon", "band", "solid" or "inner".
        tolerance: the widest gap that was closed, as a share of the diagonal of its box.
        area: px that are seen of it.
        box: x0, y0, x1, y1 of those, px; zeros where none are.
        strokes: numbers of its strokes.
        inside: number of the region that an inner region is part of, or None.
    """

    number: int
    name: str | None
    method: str
    tolerance: float
    area: int
    box: tuple[int, int, int, int]
    strokes: tuple[int, ...]
    inside: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Filling:
    """A drawing's regions.

    Args:
        numbers: int32 (H, W), 0 where no object is, else the region's number.
        regions: by number, the first is 1.
    """

    numbers: IntArray
    regions: tuple[Region, ...]


def groups_of(drawing: Drawing, tolerance: float = TOLERANCE) -> tuple[Group, ...]:
    """The objects of a drawing, in the order in which their last strokes were drawn."""
    layers = [stroke.layer for stroke in drawing.strokes]
    members: dict[object, list[int]] = {}
    if any(layers):
        for k, layer in enumerate(layers):
            members.setdefault(layer, []).append(k)
        groups = [Group(tuple(m), str(name) if name else None) for name, m in members.items()]
    elif drawing.label is not None:
        groups = [Group(tuple(range(len(layers))), drawing.label)] if layers else []
    else:
        x0, y0, x1, y1 = drawing.bounds
        reach = tolerance * float(np.hypot(x1 - x0, y1 - y0))
        for k, cluster in enumerate(clusters([s.points for s in drawing.strokes], reach)):
            members.setdefault(cluster, []).append(k)
        groups = [Group(tuple(m)) for m in members.values()]
    return tuple(sorted(groups, key=lambda group: group.strokes[-1]))


def fill_drawing(
    drawing: Drawing,
    groups: Sequence[Group] | None = None,
    *,
    size: int | tuple[int, int] | None = None,
    tolerance: float = TOLERANCE,
    last: str = METHODS[-1],
    inner: bool = False,
) -> Filling:
    """The regions of a drawing.

    Args:
        groups: its objects from the farthest to the nearest; None is `groups_of(drawing)`.
        size: of the map, as in `draw_ink`; None is the canvas's.
        tolerance: the widest gap of an outline that is closed, as a share of the diagonal of its
            object's box.
        last: the last of `METHODS` that may be used.
        inner: whether areas within an object (a window in a house) are regions, too.

    Raises:
        LineworkError: a size, a tolerance or a method that is none, or groups of strokes that
            the drawing does not have.
    """
    check(tolerance, last)
    width, height = picture_size(size, drawing.size)
    scale, left, top = fit_canvas(drawing.size, (width, height))
    if groups is None:
        groups = groups_of(drawing, tolerance)
    found: list[tuple[Region, BoolArray]] = []
    for group in groups:
        bad = [k for k in group.strokes if not 0 <= k < len(drawing.strokes)]
        if bad or not group.strokes:
            raise LineworkError(
                f"a group of strokes {list(group.strokes)}; the drawing has "
                f"{len(drawing.strokes)}, counted from 0"
            )
        strokes = [drawing.strokes[k] for k in group.strokes]
        for region, mask in _fill(strokes, group, drawing.size, scale, tolerance, last, inner):
            number = len(found) + 1
            inside = None if region.inside is None else number - region.inside
            place = (width, height), (scale, left, top)
            found.append((replace(region, number=number, inside=inside), _placed(mask, *place)))
    return _laid(found, (height, width))


@dataclass(frozen=True, slots=True, eq=False)
class _Patch:
    """A mask on an object's own raster."""

    mask: BoolArray
    work: Work


def _fill(
    strokes: Sequence[Stroke],
    group: Group,
    canvas: tuple[float, float],
    scale: float,
    tolerance: float,
    last: str,
    inner: bool,
) -> list[tuple[Region, _Patch]]:
    """The region of one object, and those within it with `inside` as steps back."""
    pen = float(np.median([s.width or to_px(PEN_WIDTH) for s in strokes]))
    lines = [s.points if not s.fill else np.concatenate([s.points, s.points[:1]]) for s in strokes]
    wide = RIBBONS.get(group.name or "", 0.0) * max(canvas)
    side = max(float(np.ptp(np.concatenate(lines), axis=0).max()), pen)
    work = work_on(lines, pen, _MARGIN * tolerance + wide / side, scale)
    empty = (0, 0, 0, 0)
    plain = Region(0, group.name, "", tolerance, 0, empty, group.strokes)
    method = METHODS[0]
    if wide:
        closed = silhouette(work, tolerance, "bridged" if last != METHODS[0] else last)
        if closed.hull_share < _CLOSED_SHARE:
            mask, method = _opened(work, group.name or "", wide * work.scale)
            return [(replace(plain, method=method), _Patch(mask, work))]
    shape = silhouette(work, tolerance, last)
    mask = shape.mask
    for stroke, line in zip(strokes, work.lines, strict=True):
        if stroke.fill:
            solid = np.zeros(work.shape, np.uint8)
            cv2.fillPoly(solid, [np.rint((line - 0.5) * 16).astype(np.int32)], 1, cv2.LINE_8, 4)
            mask = mask | solid.view(np.bool_)
    method = "solid" if all(s.fill for s in strokes) else shape.method
    regions = [(replace(plain, method=method), _Patch(mask, work))]
    if inner:
        for k, part in enumerate(_inner(mask, shape.walls), 1):
            region = replace(plain, method="inner", inside=k)
            regions.append((region, _Patch(part, work)))
    return regions


def _opened(work: Work, name: str, width: float) -> tuple[BoolArray, str]:
    between = band(work.lines, work.shape) if name in BANDS else None
    if between is not None:
        return between | ribbons(work.lines, work.pen, work.shape), "band"
    return ribbons(work.lines, max(width, work.pen), work.shape), "ribbon"


def _inner(mask: BoolArray, walls: BoolArray) -> list[BoolArray]:
    """The parts of an area that lines part, all but the largest, out to the middle of the lines."""
    _, parts, stats, _ = cv2.connectedComponentsWithStats(
        (mask & ~walls).view(np.uint8), connectivity=4, ltype=cv2.CV_32S
    )
    area = stats[1:, cv2.CC_STAT_AREA]
    if len(area) < 2:
        return []
    largest = int(area.argmax())
    whole = int(mask.sum())
    return [
        parts == k + 1
        for k in np.argsort(-area, kind="stable").tolist()
        if k != largest and area[k] >= _LEAST_INNER * whole
    ]


def _placed(patch: _Patch, size: tuple[int, int], fit: tuple[float, float, float]) -> BoolArray:
    """A patch in px of the map, bool (H, W); what lies off the canvas is cut."""
    scale, left, top = fit
    work = patch.work
    step = scale / work.scale
    x, y = work.origin[0] * scale + left, work.origin[1] * scale + top
    # From px of the map to px of the patch, whose middles lie at half px.
    matrix = np.array(
        [[1 / step, 0, (0.5 - x) / step - 0.5], [0, 1 / step, (0.5 - y) / step - 0.5]]
    )
    source = patch.mask.astype(np.float32)
    if step < 1:  # smaller: each px of the map is the mean of what it covers
        source = np.asarray(cv2.blur(source, (max(1, round(1 / step)),) * 2), np.float32)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(source, matrix, size, flags=flags) >= 0.5, np.bool_)


def _laid(found: list[tuple[Region, BoolArray]], shape: tuple[int, int]) -> Filling:
    """Regions over one another; see the head of the file for which lies above."""
    order = list(range(len(found)))
    for k in range(len(found)):
        region, mask = found[k]
        size = int(mask.sum())
        if region.inside is not None or size == 0:
            continue
        over = [
            j
            for j in range(k + 1, len(found))
            if found[j][0].inside is None
            and int((mask & ~found[j][1]).sum()) < _LEAST_SEEN * size
            and size < int(found[j][1].sum())
        ]
        if over:
            own = [k, *(j for j in range(len(found)) if found[j][0].inside == region.number)]
            order = [j for j in order if j not in own]
            at = order.index(max(over, key=order.index)) + 1
            order[at:at] = own
    numbers = np.zeros(shape, np.int32)
    for k in order:
        numbers[found[k][1]] = found[k][0].number
    regions = []
    for region, _ in found:
        seen = numbers == region.number
        area = int(seen.sum())
        box = (0, 0, 0, 0)
        if area:
            columns, rows = np.flatnonzero(seen.any(axis=0)), np.flatnonzero(seen.any(axis=1))
            box = (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
        regions.append(replace(region, area=area, box=box))
    return Filling(numbers, tuple(regions))
