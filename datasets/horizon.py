"""The background of a scene by rule: a sky, the land's lines with what lies below them, a ground.

Land is drawn as lines with no area of their own: the skyline of mountains, the shore of a sea, the
far edge of a meadow. Each hides what is behind it down to the next line that is nearer, and
what is drawn lower is nearer. Mountains and hills end at their feet, where a ground begins if
none was drawn; without either, the horizon lies below what hangs in the sky and above the feet of
what stands. The ground is of what its marks say (tufts of grass, grains of sand), else of what
goes with the objects, else grass.

Labels are those of the scene vocabulary. It knows no perspective and no lakes; a network that
knows more stands in models/dense_map.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .labels import UInt8Array, vocabulary

FloatArray = npt.NDArray[np.float32]

SKY = "sky"
# What the ground is made of; what rises above its feet; and all that is drawn by its edge.
GROUND = ("grass", "sand", "snow", "dirt", "playing field")
RAISED = ("mountain", "hill")
LAND = (*RAISED, *GROUND, "sea")
IN_THE_SKY = ("sky", "clouds", "sun", "bird", "kite", "fog")
# The ground where nothing was drawn of it, by what the scene shows: the first that is there.
GOES_WITH = (("snow", "snow"), ("sand", "sand"), ("sea", "sand"), ("boat", "sand"))
DEFAULT_GROUND = "grass"
# Where the horizon lies, of the height, if nothing tells; and how near it comes to the edges.
HORIZON, HIGHEST, LOWEST = 0.55, 0.2, 0.85
# A line of land is at least this wide, of the canvas; shorter ones are marks on it.
LEAST_LINE = 0.25
# An outline whose ends are nearer than this share of its diagonal is closed: an area, no line.
CLOSED_SHARE = 0.25
# Outlines with a diagonal below this share of the canvas's sides are marks: grains, ripples.
LEAST_OUTLINE = 0.06
# A line that ends nearer to the canvas's edge than this share of its width goes on to it.
NEAR_EDGE = 0.12


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """An object of a scene.

    Args:
        label: a name of the scene vocabulary; None is not known.
        lines: float32 (n, 2) each, x, y as shares of the canvas, y down.
    """

    label: str | None
    lines: tuple[FloatArray, ...]

    @property
    def is_land(self) -> bool:
        """Whether it is land drawn by its edge or by marks on it, without a closed outline."""
        return self.label in LAND and not any(_is_closed(line) for line in self.lines)

    @property
    def may_be_land(self) -> bool:
        """Whether it could be land if nobody knows what it is: a long line that is open."""
        return any(not _is_closed(line) for line in _long(self.lines))


def horizon_map(objects: Sequence[Placed], size: tuple[int, int]) -> UInt8Array:
    """The background that objects stand before.

    Args:
        size: width and height of the map, px.

    Returns:
        uint8 (H, W), id - 1 of the scene vocabulary; all px are labelled.
    """
    width, height = size
    names = vocabulary("scene")
    edges = [
        (label, profile)
        for placed in objects
        if placed.is_land
        for label, profile in _profiles(placed, width)
    ]
    if not any(label not in RAISED for label, _ in edges):
        line = np.full(width, _horizon(objects, edges), np.float64)
        edges.append((_ground(objects), line))
    # The far first; where a line is missing it hides nothing.
    edges.sort(key=lambda edge: float(np.nanmedian(edge[1])))
    rows = (np.arange(height) + 0.5)[:, None] / height
    out = np.full((height, width), names.label(SKY).pixel, np.uint8)
    for label, profile in edges:
        # Under a line that is missing, NaN, no px is below.
        out[rows >= profile[None]] = names.label(label).pixel
    return out


def _profiles(placed: Placed, width: int) -> Iterable[tuple[str, npt.NDArray[np.float64]]]:
    """The upper edge of an object's long lines, of each column, as shares of the height."""
    assert placed.label is not None
    long = _long(placed.lines)
    if not long:
        return
    top = np.full(width, np.inf)
    x = (np.arange(width) + 0.5) / width
    for line in long:
        steps = max(2 * width, 2)
        dense = _dense(line.astype(np.float64), steps)
        column = np.clip((dense[:, 0] * width).astype(np.int64), -1, width)
        inside = (column >= 0) & (column < width)
        np.minimum.at(top, column[inside], dense[inside, 1])
    drawn = np.isfinite(top)
    if not drawn.any():
        return
    columns = np.flatnonzero(drawn)
    first, last = int(columns[0]), int(columns[-1])
    profile = np.interp(x, x[drawn], top[drawn])
    low = 0 if first < NEAR_EDGE * width else first
    high = width if last >= (1 - NEAR_EDGE) * width else last + 1
    if placed.label not in RAISED:  # the ground does not end beside its line
        low, high = 0, width
    profile[:low] = profile[high:] = np.nan
    yield placed.label, profile


def _horizon(
    objects: Sequence[Placed], edges: Sequence[tuple[str, npt.NDArray[np.float64]]]
) -> float:
    """The height at which a ground begins that nobody drew."""
    feet = [
        float(np.nanmax(profile[[np.flatnonzero(np.isfinite(profile))[k] for k in (0, -1)]]))
        for _, profile in edges
    ]
    for placed in objects:
        if placed.label in RAISED and not placed.is_land and placed.lines:
            feet.append(float(np.concatenate(placed.lines)[:, 1].max()))
    if feet:
        return float(np.clip(np.median(feet), HIGHEST, LOWEST))
    lowest, highest = [], []
    for placed in objects:
        if placed.label is None or placed.label in GROUND or not placed.lines:
            continue
        points = np.concatenate(placed.lines)
        if placed.label in IN_THE_SKY:
            lowest.append(float(points[:, 1].max()))
        else:
            # A thing stands below the horizon and reaches above it.
            foot, head = float(points[:, 1].max()), float(points[:, 1].min())
            highest.append(foot - 0.25 * (foot - head))
    if not highest:
        return float(np.clip(max([*lowest, HORIZON]), HIGHEST, LOWEST))
    above = max((y for y in lowest if y < min(highest)), default=0.0)
    found = min(highest) if above < min(highest) else HORIZON
    return float(np.clip(found, HIGHEST, LOWEST))


def _ground(objects: Sequence[Placed]) -> str:
    """What a ground is made of that was drawn by its marks alone, or not at all."""
    marks = [placed.label for placed in objects if placed.label in GROUND]
    if marks:
        return str(max(marks, key=marks.count))
    present = {placed.label for placed in objects}
    return next((ground for sign, ground in GOES_WITH if sign in present), DEFAULT_GROUND)


def _long(lines: Iterable[FloatArray]) -> list[FloatArray]:
    return [line for line in lines if len(line) > 1 and np.ptp(line[:, 0]) >= LEAST_LINE]


def _is_closed(line: FloatArray) -> bool:
    diagonal = float(np.hypot(*np.ptp(line, axis=0)))
    if diagonal < LEAST_OUTLINE:
        return False
    return float(np.hypot(*(line[0] - line[-1]))) < CLOSED_SHARE * diagonal


def _dense(line: npt.NDArray[np.float64], steps: int) -> npt.NDArray[np.float64]:
    """The line at points so near each other that no column between them is missed."""
    way = np.concatenate([[0.0], np.abs(np.diff(line[:, 0])).cumsum()])
    if way[-1] == 0:
        return line
    # Where it runs straight down, x does not move: keep the corners as well.
    at = np.union1d(np.linspace(0, way[-1], steps), way)
    return np.stack([np.interp(at, way, line[:, k]) for k in (0, 1)], axis=1)
