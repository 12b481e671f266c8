"""Moving, scaling, fitting and smoothing: `Drawing -> Drawing`, nothing else is lost.

Each keeps the number of points, so that time, pressure, colour and layer stay
with them; pen widths scale with the drawing.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .drawing import MAX_COORDINATE, Drawing, FloatArray, Stroke
from .errors import DrawingError
from .simplify import MAX_SAMPLES, Float64Array, arc_length

# Samples along the line for each sigma of the smoothing: at 4, a further
# doubling moves no point by more than 0.1 % of sigma.
SAMPLES_PER_SIGMA = 4
# The Gaussian beyond 4 sigma holds 6e-5 of its mass.
KERNEL_SIGMAS = 4


def translate(drawing: Drawing, dx: float, dy: float) -> Drawing:
    """The drawing moved by (dx, dy) px on the same canvas.

    Raises:
        DrawingError: it would leave ±`MAX_COORDINATE`, or the offset is not finite.
    """
    return _affine(drawing, (1.0, 1.0), (dx, dy))


def scale(drawing: Drawing, x: float, y: float | None = None) -> Drawing:
    """The drawing and its canvas scaled from the origin; y is x where not given.

    Pen widths scale by the geometric mean of both.

    Raises:
        DrawingError: a factor that is not above 0, or one that takes the drawing
            beyond ±`MAX_COORDINATE`.
    """
    y = x if y is None else y
    if not (0 < x < np.inf and 0 < y < np.inf):
        raise DrawingError(f"scale by ({x:g}, {y:g}); wanted factors above 0")
    width, height = drawing.size
    return _affine(drawing, (x, y), (0.0, 0.0)).replace(size=(width * x, height * y))


def fit_to_canvas(
    drawing: Drawing, size: tuple[float, float] = (256.0, 256.0), margin: float = 0.0
) -> Drawing:
    """The drawing as large as the canvas and its margin allow, in the middle, undistorted.

    A drawing without extent (a dot) is moved but not scaled.

    Args:
        size: width and height of the canvas in px.
        margin: px on each side that stay free.

    Raises:
        DrawingError: a margin that leaves no room or is below 0.
    """
    width, height = size
    room = (width - 2 * margin, height - 2 * margin)
    if not (margin >= 0 and min(room) > 0):
        raise DrawingError(
            f"a margin of {margin:g} px leaves no room on a canvas of {width:g} x {height:g} px"
        )
    left, top, right, bottom = drawing.bounds
    spans = (right - left, bottom - top)
    factors = [have / need for have, need in zip(room, spans, strict=True) if need > 0]
    # A speck of 1e-30 px is a dot: to blow it up would draw its rounding errors.
    factor = min(factors) if factors and max(spans) > 1e-6 else 1.0
    offset = (
        width / 2 - factor * (left + right) / 2,
        height / 2 - factor * (top + bottom) / 2,
    )
    return _affine(drawing, (factor, factor), offset).replace(size=size)


def smooth(drawing: Drawing, sigma: float) -> Drawing:
    """Every stroke averaged along its length with a Gaussian; its ends stay where they are.

    The line is taken as evenly spaced samples, continued beyond its ends by
    turning it round them by 180 degrees (which is what fixes them), and read off
    where its points were. Strokes of few points should be resampled first. Dots
    stay; a stroke much shorter than sigma becomes nearly straight.

    Args:
        sigma: px along the line; 0 changes nothing.

    Raises:
        DrawingError: sigma below 0 or not finite, or so small beside a stroke's
            length that it would take more than `MAX_SAMPLES` samples.
    """
    if not (np.isfinite(sigma) and sigma >= 0):
        raise DrawingError(f"sigma of {sigma:g} px; wanted 0 or more")
    if sigma == 0:
        return drawing
    return drawing.map_points(lambda points: _smooth_points(points, sigma))


def _smooth_points(points: FloatArray, sigma: float) -> FloatArray:
    length = arc_length(points)
    if length[-1] == 0 or len(points) < 3:
        return points
    steps = max(int(np.ceil(SAMPLES_PER_SIGMA * length[-1] / sigma)), 2 * KERNEL_SIGMAS)
    if steps > MAX_SAMPLES:
        raise DrawingError(
            f"a stroke {length[-1]:g} px long smoothed with sigma {sigma:g} px would take "
            f"{steps:,} samples; wanted at most {MAX_SAMPLES:,}: use a larger sigma"
        )
    # A sigma far beyond the stroke's length does not bend it any further.
    spread = min(sigma * steps / length[-1], float(steps))
    radius = int(np.ceil(KERNEL_SIGMAS * spread))
    at = np.linspace(0.0, length[-1], steps + 1)
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / spread) ** 2)
    kernel /= kernel.sum()
    result = np.empty_like(points)
    for axis in (0, 1):
        even = np.interp(at, length, points[:, axis].astype(np.float64))
        result[:, axis] = np.interp(length, at, _convolve(even, kernel, radius))
    result[0], result[-1] = points[0], points[-1]
    return result


def _convolve(even: Float64Array, kernel: Float64Array, radius: int) -> Float64Array:
    around = np.pad(even, radius, mode="reflect", reflect_type="odd")
    smoothed: npt.NDArray[np.float64] = np.convolve(around, kernel, mode="valid")
    return smoothed


def _affine(drawing: Drawing, factors: tuple[float, float], offset: tuple[float, float]) -> Drawing:
    """x * factor + offset in float64, then rounded to float32 once."""
    if not np.isfinite([*factors, *offset]).all():
        raise DrawingError(f"a move by ({offset[0]:g}, {offset[1]:g}) px; wanted finite numbers")
    pen = float(np.sqrt(factors[0] * factors[1]))

    def moved(stroke: Stroke) -> Stroke:
        # Far beyond the limit, so that `Stroke` refuses it, but within float32.
        points = np.clip(
            stroke.points.astype(np.float64) * factors + offset,
            -10 * MAX_COORDINATE,
            10 * MAX_COORDINATE,
        )
        return stroke.replace(
            points=points.astype(np.float32),
            width=None if stroke.width is None else stroke.width * pen,
        )

    return drawing.with_strokes([moved(stroke) for stroke in drawing.strokes])
