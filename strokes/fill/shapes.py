"""Last resorts for an outline that nothing closes: its alpha shape, and its convex hull.

The alpha shape (Edelsbrunner, Kirkpatrick and Seidel, IEEE Trans. Information Theory 29,
1983) keeps the Delaunay triangles and edges with an empty circle of at most a given radius: gaps
up to twice the radius are closed, wider bays stay open. Its holes are filled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from scipy.spatial import Delaunay, QhullError

from .lines import BoolArray, FloatArray, enclosed


@dataclass(frozen=True, slots=True, eq=False)
class Triangles:
    """The Delaunay triangulation of points, made ready for any radius; working px.

    Args:
        corners: float64 (n, 3, 2).
        radius: float64 (n,), of each triangle's circumscribed circle.
        edges: float64 (m, 2, 2), those whose own circle holds no point.
        length: float64 (m,), theirs.
    """

    corners: FloatArray
    radius: FloatArray
    edges: FloatArray
    length: FloatArray


def triangulate(points: FloatArray, apart: float) -> Triangles | None:
    """Points (n, 2), thinned to one a square of `apart` px; None if they span no area."""
    _, first = np.unique(np.rint(points / apart), axis=0, return_index=True)
    points = points[np.sort(first)]
    try:
        triangles = Delaunay(points).simplices
    except (QhullError, ValueError):  # fewer than three points, or all on a line
        return None
    corners = points[triangles]
    sides = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2)
    along, across = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    area = np.abs(along[:, 0] * across[:, 1] - along[:, 1] * across[:, 0]) / 2
    radius = sides.prod(axis=1) / (4 * np.maximum(area, 1e-9))
    # A point within an edge's own circle sees the edge at more than a right angle.
    pairs, inside = [], []
    for k in range(3):
        a, b, c = (corners[:, (k + n) % 3] for n in (0, 1, 2))
        pairs.append(np.sort(triangles[:, [k, (k + 1) % 3]], axis=1))
        inside.append(((a - c) * (b - c)).sum(axis=1) < 0)
    unique, which = np.unique(np.concatenate(pairs), axis=0, return_inverse=True)
    spoiled = np.bincount(which.ravel(), np.concatenate(inside), minlength=len(unique)) > 0
    edges = points[unique[~spoiled]]
    return Triangles(corners, radius, edges, np.linalg.norm(edges[:, 1] - edges[:, 0], axis=1))


def alpha_shape(triangles: Triangles, radius: float, shape: tuple[int, int]) -> BoolArray:
    """bool (H, W): the alpha shape of that radius, px, without holes."""
    mask = np.zeros(shape, np.uint8)
    for corner in np.rint(triangles.corners[triangles.radius <= radius] - 0.5).astype(np.int32):
        cv2.fillConvexPoly(mask, corner, 1)
    edges = np.rint(triangles.edges[triangles.length <= 2 * radius] - 0.5).astype(np.int32)
    cv2.polylines(mask, list(edges), False, 1)
    return enclosed(mask.view(np.bool_))


def hull(lines: Sequence[FloatArray], shape: tuple[int, int]) -> BoolArray:
    """bool (H, W): the convex hull of lines, working px."""
    mask = np.zeros(shape, np.uint8)
    points = np.rint(np.concatenate(lines) - 0.5).astype(np.int32)
    cv2.fillConvexPoly(mask, cv2.convexHull(points), 1)
    return mask.view(np.bool_)
