"""Strokes that are open by nature: grass, rain, rivers, roads. They become ribbons and bands.

A ribbon is a line as wide as what it stands for; a band is the area between two lines that run
side by side, such as the banks of a river or the edges of a road.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from .lines import BoolArray, FloatArray, draw_lines

# How wide a line of each is, as a share of the canvas's longer side, and whether two
# lines side by side are the edges of one.
RIBBONS: dict[str, float] = {
    "grass": 0.03,
    "rain": 0.008,
    "river": 0.05,
    "road": 0.07,
    "path": 0.04,
    "fence": 0.012,
    "railroad": 0.04,
}
BANDS = ("river", "road", "path", "railroad")
# Lines shorter than this share of the longest are no edges: stones, dashes, ripples.
_EDGE_SHARE = 0.45
# Edges lie at most this share of their length apart.
_MOST_APART = 1.2


def is_open_by_nature(name: str | None) -> bool:
    """Whether things of that name are drawn by lines that enclose nothing.

    >>> is_open_by_nature("river"), is_open_by_nature("cat"), is_open_by_nature(None)
    (True, False, False)
    """
    return name in RIBBONS


def ribbons(lines: Sequence[FloatArray], width: float, shape: tuple[int, int]) -> BoolArray:
    """bool (H, W): lines of that width, px of the raster."""
    return draw_lines(lines, shape, width)


def band(lines: Sequence[FloatArray], shape: tuple[int, int]) -> BoolArray | None:
    """bool (H, W): the area between the two longest lines; None where no two run side by side."""
    lengths = [float(np.hypot(*np.diff(line, axis=0).T).sum()) for line in lines]
    order = sorted(range(len(lines)), key=lambda k: -lengths[k])
    if len(order) < 2 or lengths[order[1]] < _EDGE_SHARE * lengths[order[0]]:
        return None
    a, b = lines[order[0]], lines[order[1]]
    ends = [np.hypot(*(p - q)) for p, q in ((a[0], b[0]), (a[-1], b[-1]))]
    crossed = [np.hypot(*(p - q)) for p, q in ((a[0], b[-1]), (a[-1], b[0]))]
    if sum(crossed) < sum(ends):
        b, ends = b[::-1], crossed
    if max(ends) > _MOST_APART * lengths[order[0]]:
        return None
    mask = np.zeros(shape, np.uint8)
    outline = np.rint((np.concatenate([a, b[::-1]]) - 0.5) * 16).astype(np.int32)
    cv2.fillPoly(mask, [outline], 1, cv2.LINE_8, 4)
    return mask.view(np.bool_)
