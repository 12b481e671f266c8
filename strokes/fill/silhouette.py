"""The area that an object's lines enclose, or nearly enclose, and which method told.

In this order, until it is the object's: the flood of the lines as they are, with their gaps
bridged (`bridges`), with a trapped ball (`ball`); then, beyond the tolerance, bridged farther,
as alpha shape, as hull (`shapes`). The area ends
in the middle of its lines, so that neighbours meet below the ink. Lines that enclose nothing
(a stem, whiskers) belong to it as wide as they were drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from ..errors import LineworkError
from .ball import trapped
from .bridges import find_bridges
from .lines import BoolArray, FloatArray, Work, clusters, dense, draw_lines, enclosed, grown
from .shapes import alpha_shape, hull, triangulate

# The widest gap that is closed, as a share of the diagonal of the object's box. On 300
# doodles of sheep half of the gaps are wider than 1.3 % and one in ten than 6 %.
TOLERANCE = 0.04
# In the order they are tried.
METHODS = ("closed", "bridged", "ball", "stretched", "alpha", "hull")
# The object's own lines that must lie on the area or in it, as a share of their ink: with so
# much, nothing is missing; with so much, what is missing may be lines by nature.
_COMPLETE = 0.92
_ENOUGH = 0.72
# A hull of less than this share of its ink is that of a dot or a straight line.
_NO_AREA = 0.3
# An area of this share of the hull is the object, whatever lines stick out of it.
_ENOUGH_OF_HULL = 0.5
# So much of an object's ink in one piece, closed by the first methods, is the object.
_MAIN_SHARE = 0.6
_WITHIN = 3
# What is still open is bridged this many times as far as the tolerance says: at last the
# feet of a mountain, or a house without a floor.
_STRETCHES = (1.5, 2.25, 3.5, 7.0, 14.0, 25.0)
# So many times as far even where the area is enough, if then all of the ink lies on it.
_NEARLY = 2.0
# Alpha shapes are tried with these radii, as multiples of the tolerance.
_ALPHAS = (1.0, 1.5, 2.25, 3.5)
# Steps of the points that alpha shapes are made of, as a share of the tolerance.
_ALPHA_STEP = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Silhouette:
    """The area of one object.

    Args:
        mask: bool (H, W), on the raster of `work`.
        walls: bool (H, W), its lines and bridges one px wide: what parts its inner regions.
        method: the last of `METHODS` that added to it, "line" where nothing is enclosed.
        hull_share: its area over its convex hull's.
    """

    mask: BoolArray
    walls: BoolArray
    method: str
    hull_share: float


def silhouette(work: Work, tolerance: float = TOLERANCE, last: str = METHODS[-1]) -> Silhouette:
    """The area of one object's lines.

    Args:
        tolerance: the widest gap that is closed, as a share of the diagonal of its box.
        last: the last of `METHODS` that may be used.

    Raises:
        LineworkError: a tolerance that is not from 0 to 1, or no method of that name.
    """
    check(tolerance, last)
    allowed = METHODS[: METHODS.index(last) + 1]
    reach = tolerance * work.size
    ink = draw_lines(work.lines, work.shape, work.pen)
    found = _parted(work, reach, allowed) or _area(work, reach, allowed)
    # Lines drawn across an area belong to it, and to its ink.
    area = found.mask & ~ink
    mask = enclosed(_to_middle(area, ink, work))
    walls = draw_lines([*work.lines, *found.bridges], work.shape)
    whole = int(hull(work.lines, work.shape).sum())
    return Silhouette(mask, walls, found.method, float(mask.sum()) / max(whole, 1))


def check(tolerance: float, last: str) -> None:
    """Raises a LineworkError unless both can be used by `silhouette`."""
    if not 0 <= tolerance <= 1:
        raise LineworkError(f"a tolerance of {tolerance:g}; wanted a share of the object, 0 to 1")
    if last not in METHODS:
        raise LineworkError(f"no method {last!r}; wanted one of {', '.join(METHODS)}")


@dataclass(frozen=True, slots=True, eq=False)
class _Area:
    """What lines enclose without their ink, the last method that added to it, and the bridges."""

    mask: BoolArray
    method: str
    bridges: list[FloatArray]


def _parted(work: Work, reach: float, allowed: tuple[str, ...]) -> _Area | None:
    """The area of an object beside which other lines stand, such as writing; None where none do.

    The others are not its outline if most of the ink is in one piece and that is closed alone.
    """
    groups: dict[int, list[FloatArray]] = {}
    for line, cluster in zip(work.lines, clusters(work.lines, max(reach, work.pen)), strict=True):
        groups.setdefault(cluster, []).append(line)
    lengths = {
        k: sum(float(np.hypot(*np.diff(line, axis=0).T).sum()) for line in lines)
        for k, lines in groups.items()
    }
    longest = max(lengths, key=lambda k: lengths[k])
    if len(groups) == 1 or lengths[longest] < _MAIN_SHARE * sum(lengths.values()):
        return None
    within = allowed[:_WITHIN]
    main = replace(work, lines=tuple(groups[longest]))
    found = _area(main, reach, within)
    ink = draw_lines(main.lines, main.shape, main.pen)
    if not _is_enough(found.mask, ink, main, int(hull(main.lines, main.shape).sum())):
        return None
    others = [line for k, lines in groups.items() if k != longest for line in lines]
    other = _area(replace(work, lines=tuple(others)), reach, within)
    return _Area(found.mask | other.mask, found.method, found.bridges + other.bridges)


def _area(work: Work, reach: float, allowed: tuple[str, ...]) -> _Area:
    """The area of lines by the first of the methods that is enough."""
    ink = draw_lines(work.lines, work.shape, work.pen)
    whole = int(hull(work.lines, work.shape).sum())
    bridges: list[FloatArray] = []
    if whole <= _NO_AREA * int(ink.sum()):
        return _Area(np.zeros(work.shape, np.bool_), "line", bridges)
    area = enclosed(ink) & ~ink
    method = METHODS[0]
    if not _holds(area, ink, work, _COMPLETE) and "bridged" in allowed and reach > 0:
        bridges = find_bridges(work, reach)
        closed = draw_lines(bridges, work.shape, work.pen) | ink
        area, method = _better(area, _behind(closed, ink, work), method, "bridged")
        if not _holds(area, ink, work, _COMPLETE) and "ball" in allowed:
            added = trapped(closed, reach / 2)
            area, method = _better(area, area | added, method, "ball")
    if not _holds(area, ink, work, _COMPLETE) and "stretched" in allowed and reach > 0:
        # A wall that nearly meets its roof, before the half of the house is taken for it.
        near = find_bridges(work, reach, _NEARLY)
        added = _behind(draw_lines(near, work.shape, work.pen) | ink, ink, work)
        if _holds(added, ink, work, _COMPLETE):
            bridges = near
            area, method = _better(area, area | added, method, "stretched")
    if not _is_enough(area, ink, work, whole) and "stretched" in allowed and reach > 0:
        for factor in _STRETCHES:
            far = find_bridges(work, reach, factor)
            added = _behind(draw_lines(far, work.shape, work.pen) | ink, ink, work)
            if _is_much(added, work, whole) or _holds(added, ink, work, _COMPLETE):
                bridges = far
                area, method = _better(area, area | added, method, "stretched")
                break
    if not _is_enough(area, ink, work, whole) and "alpha" in allowed and reach > 0:
        step = max(_ALPHA_STEP * reach, 1.0)
        points = np.concatenate([dense(line, step) for line in work.lines])
        triangles = triangulate(points, step)
        for factor in _ALPHAS:
            if triangles is None:
                break
            added = area | (alpha_shape(triangles, factor * reach, work.shape) & ~ink)
            if _is_much(added, work, whole):
                area, method = _better(area, added, method, "alpha")
                break
    if not _is_enough(area, ink, work, whole) and "hull" in allowed:
        area, method = _better(area, hull(work.lines, work.shape) & ~ink, method, "hull")
    return _Area(area, method if area.any() else "line", bridges)


def _behind(closed: BoolArray, ink: BoolArray, work: Work) -> BoolArray:
    """What lines and bridges enclose, out to the middle of the bridges, without the ink.

    A bridge that closes nothing is no area.
    """
    within = enclosed(closed)
    return within & ~ink & grown(within & ~closed, work.pen / 2 + 0.5)


def _better(old: BoolArray, new: BoolArray, method: str, by: str) -> tuple[BoolArray, str]:
    """The larger area and what made it; specks are no improvement."""
    gain = int(new.sum()) - int(old.sum())
    return (new, by) if gain > 0.01 * max(int(old.sum()), 1) else (old, method)


def _holds(area: BoolArray, ink: BoolArray, work: Work, share: float) -> bool:
    """Whether so much of the ink lies on the area or in it."""
    touched = ink & grown(area, work.pen + 1.5)
    return int(touched.sum()) >= share * max(int(ink.sum()), 1)


def _is_much(area: BoolArray, work: Work, whole: int) -> bool:
    """Whether an area, with its lines' inner halves, is much of the hull."""
    return int(grown(area, work.pen / 2).sum()) >= _ENOUGH_OF_HULL * whole


def _is_enough(area: BoolArray, ink: BoolArray, work: Work, whole: int) -> bool:
    return _is_much(area, work, whole) or _holds(area, ink, work, _ENOUGH)


def _to_middle(area: BoolArray, ink: BoolArray, work: Work) -> BoolArray:
    """The area out to the middle of its ink, with the ink that encloses nothing."""
    to_area, to_paper = _distance(area), _distance(~(area | ink))
    # An outline's outer half is no farther from the area than the pen is wide.
    loose = ink & (to_area > 1.3 * work.pen + 3)
    loose |= ink & grown(loose, 1.5 * work.pen)
    return area | loose | (ink & (to_area <= to_paper))


def _distance(mask: BoolArray) -> np.ndarray:
    if not mask.any():
        return np.full(mask.shape, np.inf, np.float32)
    return cv2.distanceTransform((~mask).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
