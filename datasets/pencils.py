"""Strokes drawn with pencils and pens: pressure, darkness, grain, ink that adds up.

Ink is kept as density, the negative logarithm of what light passes, so that strokes over one
another multiply as they do on paper. A stroke is drawn by OpenCV into a mask of its own
box, in pieces of equal pressure, at `supersample` times the size.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ..strokes import Stroke

Density = npt.NDArray[np.float32]

# Fraction bits of OpenCV's coordinates.
_SHIFT = 4
# Pressure is drawn in this many steps; a jump of 1/12 of the width is not seen.
LEVELS = 12
# OpenCV's anti-aliased lines come out 1.4 samples wide for a thickness of 1, and 1.4 more than
# the thickness where it is even; odd ones are drawn as the even one above (measured).
_AA_WIDTH = 1.4
# Transmittance of the blackest ink: no scan is blacker.
BLACKEST = 0.02
# The pressure that a pen's width and opacity are stated at.
USUAL_PRESSURE = 0.6


@dataclass(frozen=True, slots=True)
class Pencil:
    """Something to draw with.

    Args:
        name: what it is.
        width: of its line at usual pressure, px.
        opacity: share of light that one stroke takes at usual pressure, 0 to 1.
        swing: how far pressure changes the width: 0 not at all, 1 from nothing to double.
        shading: how far pressure changes the density, likewise.
        grain: how much the paper's tooth shows in the line, 0 to 1.
        supersample: samples per px; 1 is the line that drawing with OpenCV gives.
    """

    name: str
    width: float
    opacity: float
    swing: float = 0.0
    shading: float = 0.0
    grain: float = 0.0
    supersample: int = 3

    def scaled(self, factor: float) -> Pencil:
        """The same with a wider line."""
        return replace(self, width=self.width * factor)


# Widths are those on a page of 1000 px, where an intended line is 3.5 px.
PENCILS: dict[str, Pencil] = {
    "hard pencil": Pencil("hard pencil", 2.2, 0.42, swing=0.25, shading=0.8, grain=0.45),
    "pencil": Pencil("pencil", 2.9, 0.58, swing=0.4, shading=0.8, grain=0.6),
    "soft pencil": Pencil("soft pencil", 4.0, 0.66, swing=0.5, shading=0.9, grain=0.85),
    "ballpoint": Pencil("ballpoint", 2.4, 0.75, swing=0.15, shading=0.5, grain=0.2),
    "fineliner": Pencil("fineliner", 2.8, 0.95, swing=0.06, shading=0.0),
    "marker": Pencil("marker", 5.5, 0.85, swing=0.1, shading=0.05, grain=0.05),
    "brush pen": Pencil("brush pen", 4.5, 0.95, swing=0.9, shading=0.1, grain=0.1),
    "screen pen": Pencil("screen pen", 3.4, 0.55, supersample=1),
}


def draw_density(
    strokes: Iterable[Stroke],
    pencil: Pencil,
    size: int,
    *,
    own_widths: bool = False,
    density: Density | None = None,
) -> Density:
    """Strokes as ink density.

    Args:
        strokes: points in px of the picture; pressure where they have it.
        size: side of the picture, px.
        own_widths: whether a stroke's own width, where it has one, goes before the pencil's.
        density: what is there already; a copy is drawn on.

    Returns:
        float32 (size, size), 0 where there is no ink; `exp(-density)` is the light that passes.
    """
    made = np.zeros((size, size), np.float32) if density is None else density.copy()
    table = _densities(round(pencil.opacity, 3))
    for stroke in strokes:
        width = stroke.width if own_widths and stroke.width is not None else pencil.width
        _add(made, stroke, width, pencil, table)
    return made


def line_width(pencil: Pencil) -> float:
    """The width that a line at usual pressure comes out at, px."""
    thickness = _thickness(pencil.width * pencil.supersample)
    return (_AA_WIDTH + (thickness if thickness > 1 else 0)) / pencil.supersample


def through_grain(density: Density, tooth: npt.NDArray[np.float32], grain: float) -> Density:
    """Ink as it lies on rough paper: more on the peaks, gaps in the valleys where it is thin.

    Args:
        tooth: the paper's height, float32 like `density`, of mean 0 and deviation 1.
        grain: 0 to 1.
    """
    if grain <= 0:
        return density
    # Thin ink touches the peaks alone, thick ink fills the valleys.
    contrast = grain * 0.85 / (0.6 + density)
    grained: Density = density * np.clip(1.0 + contrast * tooth, 0.05, 2.2)
    return grained


def _add(
    density: Density,
    stroke: Stroke,
    width: float,
    pencil: Pencil,
    table: Density,
) -> None:
    import cv2

    size = density.shape[0]
    points = stroke.points.astype(np.float64)
    reach = width * (1 + pencil.swing) / 2 + 2
    x0, y0 = np.maximum(np.floor(points.min(axis=0) - reach), 0).astype(int).tolist()
    x1, y1 = np.minimum(np.ceil(points.max(axis=0) + reach), size).astype(int).tolist()
    if x0 >= x1 or y0 >= y1:
        return
    s = pencil.supersample
    mask = np.zeros(((y1 - y0) * s, (x1 - x0) * s), np.uint8)
    # OpenCV counts from the middle of the first sample.
    at = np.rint(((points - (x0, y0)) * s - 0.5) * 2**_SHIFT).astype(np.int32)
    if stroke.fill:
        cv2.fillPoly(mask, [at], 255, cv2.LINE_AA, _SHIFT)
    else:
        # A pen that does not heed pressure draws the stroke in one piece.
        heeded = stroke.pressure if pencil.swing or pencil.shading else None
        for first, last, pressure in _pieces(heeded, len(points)):
            wide = width * s * (1 + pencil.swing * (pressure / USUAL_PRESSURE - 1))
            dark = 255 * (1 + pencil.shading * (min(pressure / USUAL_PRESSURE, 1.5) - 1)) / 1.5
            cv2.polylines(
                mask,
                [at[first : last + 1]],
                False,
                max(1, round(dark)),
                _thickness(wide),
                cv2.LINE_AA,
                _SHIFT,
            )
    if s > 1:
        mask = cv2.resize(mask, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
    density[y0:y1, x0:x1] += table[mask]


def _thickness(width: float) -> int:
    """What to ask OpenCV for so that a line is so many samples wide."""
    even = 2 * round((width - _AA_WIDTH) / 2)
    return max(even, 1)


def _pieces(pressure: npt.NDArray[np.float32] | None, n: int) -> list[tuple[int, int, float]]:
    """Runs of points of about equal pressure: first, last, pressure; neighbours share a point."""
    if pressure is None or n < 2:
        return [(0, n - 1, USUAL_PRESSURE)]
    level = np.rint(pressure * LEVELS).astype(np.int64)
    cuts = np.flatnonzero(np.diff(level)) + 1
    edges = [0, *cuts.tolist(), n - 1]
    return [(a, b, float(level[a]) / LEVELS) for a, b in pairwise(edges) if b > a]


@lru_cache(maxsize=1024)
def _densities(opacity: float) -> Density:
    """Density of each mask value: 255 is 1.5 times the usual opacity: pressure can darken."""
    light = 1 - opacity * 1.5 / 255 * np.arange(256, dtype=np.float32)
    table = -np.log(np.maximum(light, BLACKEST))
    table.flags.writeable = False
    return table
