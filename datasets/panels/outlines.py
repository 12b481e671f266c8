"""The outline of a panel, from a mask in which art may stick out and balloons bite in.

A panel has four straight sides until shown otherwise. A side is the line, at any slope, at which
most of the mask's rows or columns begin: a figure that stands over the border moves no side, as it
would a hull. Where four sides do not give the mask, it is its own simplified contour.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from .cuts import Line

UInt8Array = npt.NDArray[np.uint8]
Polygon = npt.NDArray[np.float64]  # (n, 2), x and y in px
Mask = npt.NDArray[np.bool_]

# Degrees from level or upright, and the steepest as a share that offsets are counted from.
SLOPES, STEP = 28.0, 1.0
# Those of flat panels' short sides, tried where the usual ones leave some of the mask.
STEEP, GOOD, BETTER = 58.0, 0.965, 0.02
# How far a drawn border may sway, share of the panel's longer side.
SWAY = 0.008
REFITS = 3
# How much more px near the ends of a side count: balloons and heads lie over its middle.
CORNERED = 1.0
# How many lines are tried for a side, so many sways apart; what a column that lacks the mask below
# a line weighs against one that begins at it; and how much better than the first another must hold.
TRIED, APART, LACKING, SURER = 4, 3, 0.7, 0.05
# Sides are looked for in the outer part of a mask, share of its height or width.
OUTER = 0.45
# The least agreement of four sides with the mask, intersection over union.
FOUR_SIDED = 0.9
# What sticks out further than it is wide is taken off an outline of more sides, share of the
# shorter side; and how far its corners may lie off the contour, share of its length.
OPENED, SIMPLIFIED = 0.09, 0.012


def outline(mask: Mask) -> Polygon:
    """The outline of a panel.

    Args:
        mask: bool (H, W), one part without holes.

    Returns:
        float64 (n, 2), x and y in px of the mask, clockwise as seen, four corners as a rule.
    """
    ys, xs = np.nonzero(mask)
    x0, y0, x1, y1 = int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1
    part = np.ascontiguousarray(mask[y0:y1, x0:x1]).astype(np.uint8)
    quad = four_sides(part)
    fits = 0.0 if quad is None else agreement(quad, part)
    if fits < GOOD:
        steep = four_sides(part, STEEP)
        fits_steep = 0.0 if steep is None else agreement(steep, part)
        if fits_steep > fits + BETTER:
            quad, fits = steep, fits_steep
        simple = contour(part)
        if is_bent(simple) and agreement(simple, part) > fits + BETTER:
            return simple + np.array([x0, y0])
    if quad is None or fits < FOUR_SIDED:
        return contour(part) + np.array([x0, y0])
    return quad + np.array([x0, y0])


def four_sides(part: UInt8Array, steepest: float = SLOPES) -> Polygon | None:
    """The quadrilateral of the straightest sides, or None where they do not meet.

    Args:
        part: uint8 (H, W), 0 and 1, cut to its px.
        steepest: degrees that a side may lean.
    """
    turned = [np.ascontiguousarray(np.rot90(part, side)) for side in range(4)]
    # The long sides of a flat panel lean no more than usual.
    flat = part.shape[0] < part.shape[1]
    tried = [
        _tops(turned[side], steepest if flat == (side % 2 == 1) else SLOPES) for side in range(4)
    ]
    if not all(tried):
        return None
    lines = [_unturned(tried[side][0], side, part.shape) for side in range(4)]
    for side in range(4):  # between the sides that it ends on, one of the others may hold better
        quad = _corners(lines)
        if quad is None or len(tried[side]) == 1:
            continue
        ends = np.sort(_turned(quad[[side, (side + 1) % 4]], side, part.shape)[:, 0])
        held = [_held(turned[side], line, (ends[0], ends[1])) for line in tried[side]]
        best = int(np.argmax(held))
        if held[best] > held[0] + SURER:
            lines[side] = _unturned(tried[side][best], side, part.shape)
    quad = _corners(lines)
    if quad is None:
        return None
    height, width = part.shape
    slack = 0.1 * max(height, width)
    inside = (quad >= -slack).all() and (quad <= np.array([width, height]) + slack).all()
    return quad if inside else None


def _corners(lines: list[Line]) -> Polygon | None:
    """Where the top, right, bottom and left line meet, or None where two do not."""
    corners = []
    for (a, b, c), (d, e, f) in zip([lines[3], *lines[:3]], lines, strict=True):
        cross = a * e - b * d
        if abs(cross) < 0.3:
            return None
        corners.append(((c * e - b * f) / cross, (a * f - c * d) / cross))
    return np.array(corners)


def agreement(polygon: Polygon, part: UInt8Array) -> float:
    """Intersection over union of a polygon and a mask, uint8 (H, W) of 0 and 1."""
    drawn = np.zeros_like(part)
    cv2.fillPoly(drawn, [np.rint(polygon).astype(np.int32)], 1)
    both = int((drawn & part).sum())
    return both / max(int(drawn.sum()) + int(part.sum()) - both, 1)


def _tops(part: UInt8Array, steepest: float) -> list[tuple[float, float]]:
    """Lines that the upper side of a mask may be, those that most columns begin at first.

    A Hough transform of the columns' first px, then least squares on those near the line.

    Returns:
        slope and offset of y = slope x + offset, px.
    """
    height, width = part.shape
    columns = np.flatnonzero(part.any(axis=0))
    first = part[:, columns].argmax(axis=0)
    outer = first < (OUTER if steepest <= SLOPES else 1) * height + 1
    x, y = columns[outer].astype(np.float64), first[outer].astype(np.float64)
    sway = _sway(part)
    slopes = np.tan(np.radians(np.arange(-steepest, steepest + STEP, STEP)))
    reach = float(np.tan(np.radians(steepest + STEP))) * width
    offsets = y[None, :] - slopes[:, None] * x[None, :]
    bins = np.floor((offsets + reach) / sway).astype(np.int64)
    wide = int(bins.max()) + 3
    votes = np.bincount(
        (bins + np.arange(len(slopes))[:, None] * wide).ravel(),
        weights=np.tile(1 + CORNERED * np.abs(2 * x / width - 1), len(slopes)),
        minlength=len(slopes) * wide,
    ).reshape(len(slopes), wide)
    pairs = votes + np.roll(votes, -1, axis=1)
    # Where lines are in the middle of the mask: those that are near each other there are one side.
    heights = slopes[:, None] * width / 2 + (np.arange(wide)[None, :] + 1) * sway - reach
    found: list[tuple[float, float]] = []
    for _ in range(TRIED):
        row, column = np.unravel_index(int(pairs.argmax()), pairs.shape)
        if pairs[row, column] <= 0:
            break
        found.append(_refitted(x, y, float(slopes[row]), (int(column) + 1) * sway - reach, sway))
        pairs[np.abs(heights - heights[row, column]) < APART * sway] = 0
    return found


def _refitted(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], slope: float, offset: float, sway: float
) -> tuple[float, float]:
    """A line by least squares on the points near it."""
    for _ in range(REFITS):
        near = np.abs(y - slope * x - offset) <= sway
        if near.sum() < 2 or np.ptp(x[near]) < 2:
            break
        slope, offset = (float(v) for v in np.polyfit(x[near], y[near], 1))
    return slope, offset


def _held(part: UInt8Array, line: tuple[float, float], between: tuple[float, float]) -> float:
    """How well a line holds as the upper side of a mask between two columns.

    Columns that begin at it speak for it, those that begin below it against it: paper would be in
    the panel. Those that begin above are of something that sticks out.
    """
    x = np.arange(max(int(between[0]), 0), min(int(between[1]) + 1, part.shape[1]))
    if len(x) < 2:
        return 0.0
    seen = part[:, x]
    first = np.where(seen.any(axis=0), seen.argmax(axis=0), part.shape[0])
    below = first - line[0] * x - line[1]
    weights = 1 + CORNERED * np.abs(np.linspace(-1, 1, len(x)))
    sway = _sway(part)
    at = float(weights[np.abs(below) <= sway].sum())
    return (at - LACKING * float(weights[below > 2 * sway].sum())) / float(weights.sum())


def _sway(part: UInt8Array) -> float:
    return max(SWAY * max(part.shape), 1.5)


def _turned(points: Polygon, side: int, shape: tuple[int, ...]) -> Polygon:
    """Points of a picture in the px of one that was turned `side` times by 90 degrees."""
    height, width = shape
    for turn in range(side):
        wide = width if turn % 2 == 0 else height
        points = np.stack([points[:, 1], wide - points[:, 0]], axis=1)
    return points


def is_bent(polygon: Polygon) -> bool:
    """Whether a polygon has six corners, one of which points inward: four sides around a corner."""
    a, b = polygon - np.roll(polygon, 1, axis=0), np.roll(polygon, -1, axis=0) - polygon
    turns = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    return len(polygon) == 6 and int(min((turns > 0).sum(), (turns < 0).sum())) == 1


def _unturned(line: tuple[float, float], side: int, shape: tuple[int, ...]) -> Line:
    """A line of a picture that was turned `side` times by 90 degrees, in the picture's own px."""
    height, width = shape
    slope, offset = line
    norm = float(np.hypot(slope, 1))
    a, b, c = -slope / norm, 1 / norm, offset / norm
    for turn in range(side):  # the inverse of one turn at a time
        wide = width if (side - turn) % 2 == 1 else height
        # Turned px (x', y') are own px (W - y', x').
        a, b, c = -b, a, c - b * wide
    return a, b, c


def contour(part: UInt8Array) -> Polygon:
    """The simplified contour of a mask without what sticks out."""
    height, width = part.shape
    r = max(int(OPENED * min(height, width)) // 2, 1)
    disc = cv2.getStructuringElement(cv2.MORPH_RECT, (2 * r + 1, 2 * r + 1))
    padded = np.pad(part, r + 1)
    opened = cv2.morphologyEx(padded, cv2.MORPH_OPEN, disc)
    contours, _ = cv2.findContours(opened, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not contours:
        contours, _ = cv2.findContours(padded, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    longest = max(contours, key=cv2.contourArea)
    simple = cv2.approxPolyDP(longest, SIMPLIFIED * cv2.arcLength(longest, True), True)[:, 0]
    if len(simple) < 3:
        x, y, w, h = cv2.boundingRect(longest)
        simple = np.array([(x, y), (x + w, y), (x + w, y + h), (x, y + h)])
    return np.asarray(simple, np.float64) - (r + 1)
