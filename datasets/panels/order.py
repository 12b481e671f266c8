"""The order in which panels are read.

Rows from top to bottom and, within a row, columns from the side that the language begins on, each
divided again: a panel beside two that stand on each other is read before or after both. Where
neither rows nor columns come apart, as in a pinwheel, a panel comes once nothing above it or before
it beside it is left. An inset is read right after the panel that it lies in.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .find import Panel

Box = tuple[float, float, float, float]

# How far panels of two rows may overlap, share of the lower height: tilted gutters, uneven rows.
OVERLAP = 0.3
TOPS = 0.08  # what counts as one height where nothing else decides, share of the tallest
LEVEL = 0.5  # panels begin at one height within this share of the lower one's height


def reading_order(panels: Sequence[Panel], *, right_to_left: bool = False) -> list[int]:
    """Indices of panels as they are read.

    Args:
        right_to_left: whether rows begin on the right, as in Japanese books.
    """
    boxes = [_mirrored(panel, right_to_left) for panel in panels]
    outer = [k for k, panel in enumerate(panels) if not panel.inset]
    corners = [_corner(panel, right_to_left) for panel in panels]
    ordered = _ordered(outer, boxes, corners)
    insets = [k for k, panel in enumerate(panels) if panel.inset]
    for k in _ordered(insets, boxes, corners)[::-1]:
        parent = max(outer, key=lambda o: _shared(boxes[k], boxes[o]), default=None)
        ordered.insert(0 if parent is None else ordered.index(parent) + 1, k)
    return ordered


def _mirrored(panel: Panel, right_to_left: bool) -> Box:
    (x0, y0), (x1, y1) = panel.polygon.min(axis=0), panel.polygon.max(axis=0)
    return (-x1, y0, -x0, y1) if right_to_left else (x0, y0, x1, y1)


def _corner(panel: Panel, right_to_left: bool) -> float:
    """How early the upper corner of a panel comes that a row begins on: a bent one has none."""
    x, y = panel.polygon.T
    return float(((-x if right_to_left else x) + y).min())


def _ordered(numbers: list[int], boxes: Sequence[Box], corners: Sequence[float]) -> list[int]:
    if len(numbers) < 2:
        return numbers
    for axis in (1, 0):  # rows first
        groups = _groups(numbers, boxes, axis)
        if len(groups) > 1:
            return [k for group in groups for k in _ordered(group, boxes, corners)]
    return _one_by_one(numbers, boxes, corners)


def _groups(numbers: list[int], boxes: Sequence[Box], axis: int) -> list[list[int]]:
    """Those that come apart along an axis, in its direction."""
    middle = sorted(numbers, key=lambda k: boxes[k][axis] + boxes[k][axis + 2])
    groups = [[middle[0]]]
    for place in range(1, len(middle)):
        before, after = middle[:place], middle[place:]
        if all(_apart(boxes[a], boxes[b], axis) for a in before for b in after):
            groups.append([])
        groups[-1].append(middle[place])
    return groups


def _apart(first: Box, second: Box, axis: int) -> bool:
    """Whether the first ends before the second begins, but for a little."""
    common = first[axis + 2] - second[axis]
    least = min(first[axis + 2] - first[axis], second[axis + 2] - second[axis])
    return common <= OVERLAP * least


def _one_by_one(numbers: list[int], boxes: Sequence[Box], corners: Sequence[float]) -> list[int]:
    left, ordered = list(numbers), []
    tolerance = TOPS * max(boxes[k][3] - boxes[k][1] for k in numbers)
    while left:
        free = [k for k in left if not any(_precedes(boxes[o], boxes[k]) for o in left if o != k)]
        # The uppermost; of panels that begin at one height, the one whose corner comes first.
        chosen = min(free or left, key=lambda k: (boxes[k][1] // tolerance, corners[k]))
        ordered.append(chosen)
        left.remove(chosen)
    return ordered


def _precedes(first: Box, second: Box) -> bool:
    """Whether a panel stands right above another, or before it at the same height.

    Of panels beside each other that do not begin at one height, the higher one comes first.
    """
    columns = _apart(first, second, 0) or _apart(second, first, 0)
    if _apart(first, second, 1) or _apart(second, first, 1):
        return not columns and _apart(first, second, 1)
    if not columns:
        return False
    lower = second[1] - first[1]
    if abs(lower) > LEVEL * min(first[3] - first[1], second[3] - second[1]):
        return lower > 0
    return _apart(first, second, 0)


def _shared(a: Box, b: Box) -> float:
    """Area that two boxes share."""
    sides = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    return float(np.prod(np.maximum(sides, 0)))
