"""Last resorts for an outline that nothing closes: its alpha shape, and its convex hull.

The alpha shape (Edelsbrunner, Kirkpatrick and Seidel, IEEE Trans. Information Theory 29,
1983) keeps the Delaunay triangles whose circumscribed circle has at most a given radius: gaps up to
twice the radius are closed, wider bays stay open. Its holes are filled.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from scipy.spatial import Delaunay, QhullError

from .lines import BoolArray, FloatArray, enclosed


def alpha_shape(points: FloatArray, radius: float, shape: tuple[int, int]) -> BoolArray:
    """bool (H, W): the alpha shape of points (n, 2), working px, without holes."""
    mask = np.zeros(shape, np.uint8)
    try:
        triangles = Delaunay(points).simplices
    except (QhullError, ValueError):  # fewer than three points, or all on a line
        return mask.view(np.bool_)
    corners = points[triangles]
    sides = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2)
    along, across = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    area = np.abs(along[:, 0] * across[:, 1] - along[:, 1] * across[:, 0]) / 2
    kept = sides.prod(axis=1) <= 4 * radius * np.maximum(area, 1e-9)
    for corner in np.rint(corners[kept] - 0.5).astype(np.int32):
        cv2.fillConvexPoly(mask, corner, 1)
    return enclosed(mask.view(np.bool_))


def hull(lines: Sequence[FloatArray], shape: tuple[int, int]) -> BoolArray:
    """bool (H, W): the convex hull of lines, working px."""
    mask = np.zeros(shape, np.uint8)
    points = np.rint(np.concatenate(lines) - 0.5).astype(np.int32)
    cv2.fillConvexPoly(mask, cv2.convexHull(points), 1)
    return mask.view(np.bool_)
