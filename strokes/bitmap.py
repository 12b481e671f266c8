"""The 28x28 pictures of Quick, Draw!'s official `numpy_bitmap` files, from the strokes.

The recipe (quickdraw-dataset issue 19): lines 16 wide with round caps and joins on a
canvas of 256 with 16 of padding and half a line around it, the drawing centred,
scaled to 28 px; every stroke is painted over those before it. Google drew them with
cairo, whose samples lie on another grid than ours: a pixel is off by 0.5 of 255
on average and by 21 at most (2,009 cats and bicycles, `benchmarks/bench_bitmap.py`).
"""

from __future__ import annotations

import numpy as np

from .drawing import Drawing
from .raster import FloatPoints, UInt8Array, add_line, average

SIDE = 28
CANVAS = 256.0
LINE = 16.0
PADDING = 16.0
# 28 * 19 samples over 304 units make a line exactly 28 samples wide.
_SUPERSAMPLE = 19
# How far off 0 simplified drawings begin, at most (measured on 1,603 cats).
_CUT_OFF = 8
_WHOLE = CANVAS + 2 * PADDING + LINE


def quickdraw_bitmap(drawing: Drawing) -> UInt8Array:
    """The drawing as a 28x28 picture, as the official files have it.

    A drawing larger than the canvas is scaled down to it first.

    Returns:
        uint8 (28, 28), 255 ink, 0 ground.
    """
    x0, y0, x1, y1 = drawing.bounds
    shrink = min(1.0, (CANVAS - 1) / max(x1 - x0, y1 - y0, 1.0))
    # Google took simplified drawings to begin at 0, whatever simplifying had cut off there.
    x0, y0 = (0.0 if 0 <= low <= _CUT_OFF and shrink == 1 else low for low in (x0, y0))
    middle = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
    picture = np.zeros((SIDE, SIDE))
    for stroke in drawing.strokes:
        points = ((stroke.points - middle) * shrink + _WHOLE / 2) * (SIDE / _WHOLE)
        _paint(picture, points, LINE * SIDE / _WHOLE)
    return picture.astype(np.uint8)


def _paint(picture: FloatPoints, points: FloatPoints, width: float) -> None:
    """Paints one white line over what is there; only the pixels that it may touch are looked at."""
    left, top = np.floor(points.min(axis=0) - width).astype(int).clip(0, SIDE - 1).tolist()
    right, bottom = np.ceil(points.max(axis=0) + width).astype(int).clip(1, SIDE).tolist()
    samples = np.zeros(((bottom - top) * _SUPERSAMPLE, (right - left) * _SUPERSAMPLE), np.uint8)
    add_line(samples, points - (left, top), width, supersample=_SUPERSAMPLE, color=(255, 255, 255))
    cover = average(samples, _SUPERSAMPLE) / 255
    under = picture[top:bottom, left:right]
    picture[top:bottom, left:right] = np.rint(under + (255 - under) * cover)
