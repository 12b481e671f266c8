"""The lines of one object on a raster of their own, at the size the filling is done.

An object is worked on at `WORK_SIDE` px or more whatever its size on the canvas, so that every
constant of the filling is a share of the object or a px of this raster, and a thumbnail
is filled as well as a poster. Around it lies a margin of paper that is outside for sure.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

# Longer side of an object's box on the working raster, px: a wall is then 0.3 % of it.
WORK_SIDE = 360
MAX_WORK_SIDE = 1024
# Samples half a reach apart see lines this much farther off than they are, at worst.
_SAMPLED = 1.12
# Fraction bits of OpenCV's coordinates.
_SHIFT = 4


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """One object's lines in working px.

    Args:
        lines: float64 (n, 2) each, n >= 1; one point is a dot.
        pen: width of the lines, working px.
        size: diagonal of the object's box, working px: what tolerances are a share of.
        shape: rows and columns of the raster.
        scale: working px per px of the canvas.
        origin: canvas px of the raster's corner, x and y.
    """

    lines: tuple[FloatArray, ...]
    pen: float
    size: float
    shape: tuple[int, int]
    scale: float
    origin: tuple[float, float]


def work_on(
    lines: Sequence[npt.NDArray[np.floating]], pen: float, margin: float, detail: float = 1.0
) -> Work:
    """Lines moved and scaled onto a raster of their own.

    Args:
        lines: (n, 2) px of the canvas, at least one.
        pen: px of the canvas.
        margin: paper around them, as a share of the longer side of their box.
        detail: px of the result per px of the canvas, which the raster does not fall short of.
    """
    points = np.concatenate([np.asarray(line, np.float64) for line in lines])
    low, high = points.min(axis=0), points.max(axis=0)
    side = max(float((high - low).max()), pen, 1e-6)
    scale = min(max(WORK_SIDE, side * detail), MAX_WORK_SIDE) / side
    edge = math.ceil((margin * side + pen) * scale) + 3
    origin = low - edge / scale
    columns, rows = (math.ceil(v) + 2 * edge for v in (high - low) * scale)
    placed = tuple((np.asarray(line, np.float64) - origin) * scale for line in lines)
    return Work(
        placed,
        max(pen * scale, 1.0),
        max(float(np.hypot(*(high - low))) * scale, 1.0),
        (rows, columns),
        scale,
        (float(origin[0]), float(origin[1])),
    )


def draw_lines(lines: Sequence[FloatArray], shape: tuple[int, int], pen: float = 1.0) -> BoolArray:
    """bool (H, W): where lines of this width lie; they hold a flood of 4 neighbours."""
    picture = np.zeros(shape, np.uint8)
    wide = max(1, round(pen))
    for line in lines:
        # OpenCV counts from the middle of the first px.
        at = np.rint((line - 0.5) * 2**_SHIFT).astype(np.int32)
        if len(at) == 1:
            cv2.circle(picture, tuple(at[0].tolist()), (wide << _SHIFT) // 2, 1, -1, 8, _SHIFT)
        else:
            cv2.polylines(picture, [at], False, 1, wide, cv2.LINE_8, _SHIFT)
    return picture.view(np.bool_)


def enclosed(walls: BoolArray) -> BoolArray:
    """bool (H, W): what cannot be reached from the border without crossing a wall; walls too."""
    count, labels = cv2.connectedComponents((~walls).view(np.uint8), connectivity=4)
    outside = np.zeros(count, np.bool_)
    for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        outside[edge] = True
    outside[0] = False
    return np.asarray(~outside[labels], np.bool_)


def grown(mask: BoolArray, radius: float) -> BoolArray:
    """The px within `radius` px of a mask, itself included."""
    if radius <= 0 or not mask.any():
        return mask
    away = cv2.distanceTransform((~mask).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(away <= radius, np.bool_)


def dense(line: FloatArray, step: float) -> FloatArray:
    """The line at even steps of at most `step` along it, float64 (m, 2); both ends kept."""
    if len(line) < 2:
        return line
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    if along[-1] == 0:
        return line[:1]
    at = np.linspace(0, along[-1], max(2, math.ceil(along[-1] / step) + 1))
    return np.stack([np.interp(at, along, line[:, k]) for k in (0, 1)], axis=1)


def clusters(lines: Sequence[npt.NDArray[np.floating]], reach: float) -> list[int]:
    """The cluster of each line: lines within `reach` of each other are in one."""
    cluster = list(range(len(lines)))
    step = max(reach / 2, 1e-3)
    trees = [cKDTree(dense(np.asarray(line, np.float64), step)) for line in lines]

    def root(k: int) -> int:
        while cluster[k] != k:
            k = cluster[k]
        return k

    for a in range(len(lines)):
        for b in range(a):
            if root(a) != root(b) and trees[a].count_neighbors(trees[b], _SAMPLED * reach):
                cluster[root(a)] = root(b)
    return [root(k) for k in range(len(lines))]
