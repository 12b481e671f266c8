"""Curves to polylines within a stated distance: lines, Bézier curves, elliptic arcs.

A Bézier curve of degree d is cut at equal steps of its parameter. Wang's formula
says how many steps keep every chord within the accuracy: n = sqrt(d (d - 1) / 8
* max |second difference of the control points| / accuracy) (G. Wang, 1984; R. Goldman,
Pyramid Algorithms, section 5.6.3). An arc is cut at equal angles so that no
chord's sagitta exceeds the accuracy. Ends are the given numbers themselves.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .errors import DrawingError

Points = npt.NDArray[np.float64]
# An affine map as the top two rows of its matrix: x' = m[0, 0] x + m[0, 1] y + m[0, 2].
Matrix = npt.NDArray[np.float64]

# A curve this long at this accuracy is a mistake in the file, not a drawing.
MAX_STEPS = 100_000


@dataclass(frozen=True, slots=True, eq=False)
class Bezier:
    """A Bézier curve: control points float64 (d + 1, 2), d of 2 or 3."""

    points: Points


@dataclass(frozen=True, slots=True, eq=False)
class Polyline:
    """Straight lines: points float64 (n, 2), the first where the one before ended."""

    points: Points


@dataclass(frozen=True, slots=True, eq=False)
class Arc:
    """Part of an ellipse: `center + axes @ (cos a, sin a)` for a from `start` over `sweep`.

    Args:
        center: float64 (2,).
        axes: float64 (2, 2), the two half axes as columns (conjugate ones after a shear).
        start, sweep: radians.
        ends: float64 (2, 2), the first and the last point as the file gives them.
    """

    center: Points
    axes: Points
    start: float
    sweep: float
    ends: Points


Segment = Bezier | Polyline | Arc


@dataclass(frozen=True, slots=True, eq=False)
class Subpath:
    """Segments end to end from one pen-down to the next pen-up.

    `segments` may be empty: then it is the lone point `start`, drawn as a dot
    where it is `closed` and not drawn at all where it is not.
    """

    start: Points
    segments: tuple[Segment, ...]
    closed: bool = False


def apply(matrix: Matrix, points: Points) -> Points:
    """Points (n, 2) through an affine map (2, 3)."""
    return points @ matrix[:, :2].T + matrix[:, 2]


def flatten_subpath(subpath: Subpath, matrix: Matrix, accuracy: float) -> Points:
    """The subpath, mapped and then flattened: float64 (n, 2), n >= 1.

    Args:
        matrix: float64 (2, 3), applied before flattening.
        accuracy: greatest distance of a curve from its polyline, after the map.

    Raises:
        DrawingError: coordinates that are not finite, or a curve of absurd length.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        start = apply(matrix, subpath.start[None])
        parts = [start]
        for segment in subpath.segments:
            parts.append(_flatten(segment, matrix, accuracy)[1:])
    points = np.concatenate(parts)
    if subpath.closed and not np.array_equal(points[0], points[-1]):
        points = np.concatenate([points, start])
    return points


def _flatten(segment: Segment, matrix: Matrix, accuracy: float) -> Points:
    if isinstance(segment, Polyline):
        return apply(matrix, segment.points)
    if isinstance(segment, Bezier):
        return flatten_bezier(apply(matrix, segment.points), accuracy)
    arc = Arc(
        apply(matrix, segment.center[None])[0],
        matrix[:, :2] @ segment.axes,
        segment.start,
        segment.sweep,
        apply(matrix, segment.ends),
    )
    return flatten_arc(arc, accuracy)


def flatten_bezier(control: Points, accuracy: float) -> Points:
    """A quadratic or cubic Bézier curve as points float64 (n, 2), n >= 2.

    Args:
        control: float64 (3, 2) or (4, 2).
        accuracy: greatest distance between curve and polyline.

    Raises:
        DrawingError: control points that are not finite, or more than `MAX_STEPS` steps.
    """
    degree = len(control) - 1
    second = np.diff(control, 2, axis=0)
    bend = float(np.hypot(second[:, 0], second[:, 1]).max(initial=0.0))
    n = _steps(math.sqrt(degree * (degree - 1) / 8 * bend / accuracy))
    t = np.linspace(0, 1, n + 1)[:, None]
    k = np.arange(degree + 1)
    binomial = np.array([math.comb(degree, i) for i in k])
    points: Points = (binomial * t**k * (1 - t) ** (degree - k)) @ control
    points[0], points[-1] = control[0], control[-1]
    return points


def flatten_arc(arc: Arc, accuracy: float) -> Points:
    """An elliptic arc as points float64 (n, 2), n >= 2.

    Raises:
        DrawingError: numbers that are not finite, or more than `MAX_STEPS` steps.
    """
    if not np.isfinite(arc.axes).all():
        raise DrawingError("an arc has coordinates that are not finite")
    radius = float(np.linalg.norm(arc.axes, 2))
    # A chord over the angle a stands r (1 - cos(a / 2)) = 2 r sin(a / 4)^2 away from its
    # circle, and an ellipse is a circle of its larger half axis, squeezed.
    widest = 4 * math.asin(math.sqrt(min(accuracy / (2 * radius), 0.5))) if radius > 0 else math.pi
    n = _steps(abs(arc.sweep) / widest)
    angles = arc.start + np.linspace(0, arc.sweep, n + 1)
    points = arc.center + np.stack([np.cos(angles), np.sin(angles)], axis=1) @ arc.axes.T
    points[0], points[-1] = arc.ends
    return points


def _steps(wanted: float) -> int:
    if not wanted <= MAX_STEPS:  # also true for NaN
        raise DrawingError(
            f"a curve takes more than {MAX_STEPS} points at this accuracy, or has coordinates "
            "that are not finite"
        )
    return max(1, math.ceil(wanted))
