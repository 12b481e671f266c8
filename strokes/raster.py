"""Drawings as pixels: anti-aliased ink with round caps and joins, and dots that stay.

Every segment is a capsule, filled by OpenCV at `SUPERSAMPLE` times the size in fixed
point, and then averaged over areas. (OpenCV's own thick lines know even widths
only and are up to a sample too wide; PIL and aggdraw lose dots; cairo has no wheel.) Pixel (0, 0)
covers 0 to 1 px both ways, as in SVG.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from .color import BLACK, RGB, to_rgb
from .drawing import Drawing, FloatArray, Stroke
from .errors import LineworkError
from .units import PEN_WIDTH, to_px

FloatPoints = npt.NDArray[np.float64]
UInt8Array = npt.NDArray[np.uint8]

SUPERSAMPLE = 4
# The largest side of a picture: A0 at 600 dpi and then some; beyond it, a size is an error.
MAX_SIDE = 32_768
# Samples held at a time: taller pictures are drawn in bands, so memory stays under 60 MB.
_BAND_SAMPLES = 2**24
# Fraction bits of OpenCV's coordinates: 1/16 of a sample.
_SHIFT = 4
_FAR = 2**30
# OpenCV fills every sample that an outline touches: shapes come out this much wider
# than they are, at any width and angle (measured, 0.94 to 1.02 samples).
_FILL_EXCESS = 0.98
# A pressure of 0.5 (what a mouse reports) is the plain width; 0 and 1 are this much off it.
PRESSURE_SWING = 0.6


def draw_ink(
    drawing: Drawing,
    size: int | tuple[int, int] | None = None,
    *,
    line_width: float | None = None,
    supersample: int = SUPERSAMPLE,
) -> UInt8Array:
    """Black ink on white paper.

    Args:
        size: side of a square picture or (width, height), px; None is the canvas's own
            size. The canvas is scaled to fit and centred.
        line_width: px in the picture, for every stroke; None is each stroke's own width
            scaled with the drawing, and `PEN_WIDTH` for strokes without one.
        supersample: samples per px across.

    Returns:
        uint8 (H, W), 255 paper, 0 ink.

    Raises:
        LineworkError: a size that is not positive or beyond `MAX_SIDE`, a width not above 0.
    """
    return _draw(drawing, size, line_width, supersample, None, BLACK)


def draw_color(
    drawing: Drawing,
    size: int | tuple[int, int] | None = None,
    *,
    line_width: float | None = None,
    paper: str = "white",
    ink: str = "black",
    supersample: int = SUPERSAMPLE,
) -> UInt8Array:
    """Strokes in their colours.

    Args:
        paper, ink: CSS colours of the paper and of strokes without a colour.

    Others and errors as `draw_ink`, and a LineworkError for what is not a colour.

    Returns:
        uint8 (H, W, 3), red, green, blue.
    """
    return _draw(drawing, size, line_width, supersample, to_rgb(paper), to_rgb(ink))


def picture_size(
    size: int | tuple[int, int] | None, canvas: tuple[float, float]
) -> tuple[int, int]:
    """Width and height in px of a picture of a canvas; the canvas's own, rounded up, for None.

    Raises:
        LineworkError: not positive, or beyond `MAX_SIDE`.
    """
    if size is None:
        width, height = (math.ceil(side - 1e-6) for side in canvas)
    elif isinstance(size, int):
        width = height = size
    else:
        width, height = size
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        raise LineworkError(
            f"a picture of {width} x {height} px; wanted sides of 1 to {MAX_SIDE} px"
        )
    return width, height


def fit_canvas(canvas: tuple[float, float], size: tuple[int, int]) -> tuple[float, float, float]:
    """Scale and offset x, y that put a canvas in the middle of a picture."""
    scale = min(size[0] / canvas[0], size[1] / canvas[1])
    return scale, (size[0] - canvas[0] * scale) / 2, (size[1] - canvas[1] * scale) / 2


def _draw(
    drawing: Drawing,
    size: int | tuple[int, int] | None,
    line_width: float | None,
    supersample: int,
    paper: RGB | None,
    ink: RGB,
) -> UInt8Array:
    """Grey (H, W) where `paper` is None, else (H, W, 3)."""
    if line_width is not None and not line_width > 0:
        raise LineworkError(f"a line width of {line_width:g} px; wanted above 0")
    width, height = picture_size(size, drawing.size)
    scale, left, top = fit_canvas(drawing.size, (width, height))
    rows = max(1, _BAND_SAMPLES // (width * supersample**2))
    bands = []
    for first in range(0, height, rows):
        last = min(first + rows, height)
        shape = ((last - first) * supersample, width * supersample)
        samples = (
            np.full(shape, 255, np.uint8)
            if paper is None
            else np.full((*shape, 3), paper, np.uint8)
        )
        for stroke in drawing.strokes:
            points = stroke.points * scale + (left, top - first)
            color = BLACK if paper is None else stroke_color(stroke, ink)
            if stroke.fill:
                add_area(samples, points, supersample=supersample, color=color)
                continue
            add_line(
                samples,
                points,
                line_width or stroke_width(stroke, scale),
                supersample=supersample,
                color=color,
                pressure=stroke.pressure,
            )
        bands.append(average(samples, supersample))
    return np.concatenate(bands)


def stroke_width(stroke: Stroke, scale: float) -> float:
    """A stroke's own width, scaled with its drawing, or `PEN_WIDTH` as it is; px of the picture."""
    return to_px(PEN_WIDTH) if stroke.width is None else stroke.width * scale


def stroke_color(stroke: Stroke, ink: RGB) -> RGB:
    """A stroke's own colour, or the ink."""
    return ink if stroke.color is None else to_rgb(stroke.color)


def add_line(
    samples: UInt8Array,
    points: npt.NDArray[np.floating],
    width: float,
    *,
    supersample: int,
    color: RGB = BLACK,
    pressure: FloatArray | None = None,
) -> None:
    """Draws a line into samples, in place: the one function here that changes its argument.

    Args:
        samples: uint8 (H * supersample, W * supersample) or with three channels.
        points: (n, 2) in px of the picture, n >= 1; one point is a dot.
        width: px of the picture.
        pressure: float32 (n,), which makes the line wider and narrower, or None.
    """
    import cv2

    value = color if samples.ndim == 3 else color[0]
    widths = np.full(len(points), float(width * supersample))
    if pressure is not None:
        widths *= 1 + 2 * PRESSURE_SWING * (np.clip(pressure, 0, 1) - 0.5)
    # OpenCV counts from the middle of the first sample, SVG from its corner.
    at = np.asarray(points, np.float64) * supersample - 0.5
    outlines = _capsules(at, np.maximum(widths - _FILL_EXCESS, 0) / 2) * 2**_SHIFT
    for outline in np.clip(np.rint(outlines), -_FAR, _FAR).astype(np.int32):
        cv2.fillConvexPoly(samples, outline, value, cv2.LINE_8, _SHIFT)


def add_area(
    samples: UInt8Array,
    outline: npt.NDArray[np.floating],
    *,
    supersample: int,
    color: RGB = BLACK,
) -> None:
    """Fills an outline (n, 2), px of the picture, by the even-odd rule; in place."""
    import cv2

    value = color if samples.ndim == 3 else color[0]
    at = (np.asarray(outline, np.float64) * supersample - 0.5) * 2**_SHIFT
    polygon = np.clip(np.rint(at), -_FAR, _FAR).astype(np.int32)
    cv2.fillPoly(samples, [polygon], value, cv2.LINE_8, _SHIFT)


def _capsules(points: FloatPoints, radii: FloatPoints) -> FloatPoints:
    """Outlines of the segments with their round ends: (n - 1, 2 k, 2); one disc for one point."""
    if len(points) == 1:
        points, radii = np.repeat(points, 2, axis=0), np.repeat(radii, 2)
    # Corners enough that a round end is within a twentieth of a sample of a circle.
    k = 2 + math.ceil(math.pi / (2 * math.acos(1 - 0.05 / max(float(radii.max()), 0.1))))
    along = np.diff(points, axis=0)
    turn = np.arctan2(along[:, 1], along[:, 0])[:, None] + np.linspace(-math.pi / 2, math.pi / 2, k)
    end = np.stack([np.cos(turn), np.sin(turn)], axis=2)
    front = points[1:, None] + radii[1:, None, None] * end
    back = points[:-1, None] - radii[:-1, None, None] * end
    return np.concatenate([front, back], axis=1)


def average(samples: UInt8Array, supersample: int) -> UInt8Array:
    """Samples (H * s, W * s, ...) to px (H, W, ...), each the mean of its s x s samples."""
    import cv2

    height, width = samples.shape[0] // supersample, samples.shape[1] // supersample
    pixels: UInt8Array = cv2.resize(samples, (width, height), interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    return pixels
