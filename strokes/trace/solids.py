"""Solid areas: ink far wider than any line of the drawing, kept as filled shapes.

Opening the ink with a disc leaves what is solid; thick lines, which are long for
their width, stay lines. A shape is its outline, with holes reached through a
slit of no width, so that one closed line says all of it.
"""

from __future__ import annotations

import cv2
import numpy as np

from .ink import BoolArray, Ink
from .ragged import FloatArray

# Ink is solid where it is this many line widths wide.
_SOLID = 5.0
# Ink this many times as long as it is wide is a thick line.
_LONG = 5.0
# Holes of fewer px of the working copy are closed.
_LEAST_HOLE = 12.0


def split_solids(ink: Ink) -> tuple[BoolArray, list[FloatArray]]:
    """The ink without its solid areas, and their outlines, (n, 2) each, working px, closed."""
    core = 0.5 * _SOLID * ink.line_width
    if float(ink.radius.max(initial=0)) <= core:
        return ink.mask, []
    solid = _opened(ink, core)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(solid.view(np.uint8), connectivity=4)
    for label in range(1, count):
        left, top, breadth, height, area = stats[label].tolist()
        box = np.s_[top : top + height, left : left + breadth]
        part = labels[box] == label
        width = 2 * float(ink.radius[box][part].max())
        if area > _LONG * width**2:
            solid[box][part] = False
    if not solid.any():
        return ink.mask, []
    return ink.mask & ~solid, _outlines(solid)


def _opened(ink: Ink, core: float) -> BoolArray:
    """What discs of radius `core` / 1.6 cover of the areas that hold one of radius `core`."""
    reach = core / 1.6
    result = np.zeros(ink.mask.shape, np.bool_)
    # Eroding and dilating by a disc are thresholds of distances.
    eroded = ink.radius > reach
    left, top, breadth, height = cv2.boundingRect(eroded.view(np.uint8))
    margin = int(reach) + 2
    box = np.s_[
        max(0, top - margin) : top + height + margin,
        max(0, left - margin) : left + breadth + margin,
    ]
    eroded, deep = eroded[box], ink.radius[box] > core
    distance = cv2.distanceTransform((~eroded).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    opened = (distance <= reach + 0.5) & ink.mask[box]
    count, labels = cv2.connectedComponents(opened.view(np.uint8), connectivity=4)
    kept = np.zeros(count, np.bool_)
    kept[labels[deep]] = True
    kept[0] = False
    result[box] = kept[labels]
    return result


def _outlines(solid: BoolArray) -> list[FloatArray]:
    contours, tree = cv2.findContours(solid.view(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    shapes: dict[int, FloatArray] = {}
    for number, contour in enumerate(contours):
        if tree[0, number, 3] < 0:
            shapes[number] = _grown(contour[:, 0].astype(np.float64) + 0.5)
    for number, contour in enumerate(contours):
        outer = int(tree[0, number, 3])
        if outer >= 0 and cv2.contourArea(contour) >= _LEAST_HOLE:
            hole = contour[:, 0].astype(np.float64) + 0.5
            shapes[outer] = _with_hole(shapes[outer], hole)
    return [shape for shape in shapes.values() if len(shape) >= 3]


def _grown(outline: FloatArray) -> FloatArray:
    """An outline through px middles moved out to the px' rims: half a px along its normal."""
    along = np.roll(outline, -2, axis=0) - np.roll(outline, 2, axis=0)
    norm = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    # OpenCV walks outer contours counterclockwise on the page: outside is to the right.
    x, y = outline.T
    area = float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum())
    side = 1.0 if area > 0 else -1.0
    outward = side * np.stack([along[:, 1], -along[:, 0]], axis=1) / norm
    return np.asarray(outline + 0.5 * outward)


def _with_hole(outline: FloatArray, hole: FloatArray) -> FloatArray:
    """One closed line around both, through a slit at a pair of near points."""
    step = max(1, len(outline) // 400)
    distance = np.hypot(
        outline[::step, None, 0] - hole[None, :, 0], outline[::step, None, 1] - hole[None, :, 1]
    )
    a, b = np.unravel_index(int(np.argmin(distance)), distance.shape)
    at = int(a) * step
    around = np.concatenate([hole[b:], hole[: int(b) + 1]])
    return np.concatenate([outline[: at + 1], around, outline[at:]])
