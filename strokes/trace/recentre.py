"""Chains of skeleton px moved onto the middle of the ink, to a few hundredths of a px.

Across each point the density is sampled in the picture itself; the middle is the
centroid of the run of ink that the point stands in, and the run's area is the
line's width. Where another stroke lies in the way the run is too wide or goes
on to the profile's rim: such points are marked, not moved, and whoever joins
strokes bridges them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .ink import BoolArray, Float32Array, Ink
from .ragged import FloatArray, IntArray, median_by_row, row_of, smooth, tangents
from .skeleton import FREE, Skeleton, radius_at

# Half the profile's length: the local radius and this many line widths more.
_MARGIN = 0.9
_SAMPLES = 25
# The run of ink about a point ends where density falls below this part of its peak.
_RIM = 0.22
# A run wider than its chain's median by this factor holds a part of another stroke.
_TOO_WIDE = 1.17
# Within this many depths of the ink of a free end, its cap bends the profile.
_CAP = 0.7
# Neighbours' middles are smoothed with a Gaussian of this sigma, in points.
_SMOOTHING = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class Centred:
    """Where the middle of the ink is along every chain.

    Args:
        points: float64 (N, 2), working px; moved where `clean`, the smoothed skeleton elsewhere.
        clean: bool (N,), points whose profile shows one stroke alone.
        width: float64 (N,), working px; what the profile's area says.
        chain_width: float64 (C,), the median over clean points, or twice the radius.
    """

    points: FloatArray
    clean: BoolArray
    width: FloatArray
    chain_width: FloatArray


def recentre(ink: Ink, skeleton: Skeleton, near_node: BoolArray) -> Centred:
    """Moves every point of every chain that can be moved.

    Args:
        near_node: bool (N,), points that are never clean: they lie in a crossing.
    """
    offsets, loop = skeleton.offsets, skeleton.loop
    row = row_of(offsets)
    chains = len(loop)
    points = skeleton.points
    radius = radius_at(ink.radius, skeleton.points)
    local = median_by_row(radius, row, chains)
    reach = (local + _MARGIN * np.minimum(ink.line_width, 2 * local) + 0.5)[row]
    clean = ~near_node
    # Where no chain meets another there is no other stroke: it is a brush that swells.
    free = np.where((skeleton.ends == FREE).all(axis=1) | loop, np.inf, 0.0)
    width = 2 * radius
    for _ in range(2):
        along = tangents(points, offsets, loop, 1)
        normal = np.stack([-along[:, 1], along[:, 0]], axis=1)
        shift, width, alone = _profile(ink, points, normal, reach)
        typical = median_by_row(width[alone & ~near_node], row[alone & ~near_node], chains)
        typical = np.where(np.isnan(typical), 2 * local, typical)
        clean = (
            alone
            & ~near_node
            & (width < (_TOO_WIDE * typical + free)[row])
            & (np.abs(shift) < 0.35 * typical[row] + 0.5)
        )
        moved = points + np.where(clean, shift, 0.0)[:, None] * normal
        points = smooth(moved, offsets, loop, _SMOOTHING)
    return Centred(points, clean, width, typical)


def _profile(
    ink: Ink, points: FloatArray, normal: FloatArray, reach: FloatArray
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Shift to the middle, width, and whether the run of ink ends on both sides; each (N,)."""
    # Samples are rows and points columns: long rows are several times as fast.
    (x, y), (across, down) = points.T.astype(np.float32), normal.T.astype(np.float32)
    unit = np.linspace(-1.0, 1.0, _SAMPLES, dtype=np.float32)[:, None]
    at = unit * reach.astype(np.float32)
    density = ink.sample(x + at * across, y + at * down)
    half = _SAMPLES // 2
    middle = density[half - 3 : half + 4]
    peak = (middle[:-2] + middle[1:-1] + middle[2:]).max(axis=0) / 3
    inside = density > np.maximum(_RIM * peak, 0.08)
    run = np.empty_like(inside)
    np.logical_and.accumulate(inside[half:], axis=0, out=run[half:])
    np.logical_and.accumulate(inside[half::-1], axis=0, out=run[half::-1])
    ends = ~(run[0] | run[-1])
    # One sample past the run belongs to its slope.
    wide = run.copy()
    wide[1:] |= run[:-1]
    wide[:-1] |= run[1:]
    weight = np.minimum(density, np.float32(1.2) * peak) * wide
    total = weight.sum(axis=0, dtype=np.float64)
    step = 2 * reach / (_SAMPLES - 1)
    shift = (weight * unit).sum(axis=0, dtype=np.float64) * reach / np.maximum(total, 1e-9)
    width = total * step / np.maximum(peak, 1e-9)
    return shift, width, ends & (total > 0) & (peak > 0.2)


def near_tips(skeleton: Skeleton, along: FloatArray, radius: Float32Array) -> BoolArray:
    """Points within `_CAP` of the ink's depth of a free end: its round cap bends their profile.

    The middle third of a short chain is left as it is.
    """
    offsets = skeleton.offsets
    row = row_of(offsets)
    chains = len(skeleton.loop)
    depth = median_by_row(radius_at(radius, skeleton.points), row, chains)
    total = along[offsets[1:] - 1]
    limit = np.minimum(_CAP * depth, total / 3)
    near = np.zeros(len(along), np.bool_)
    for side, distance in ((0, along), (1, total[row] - along)):
        free = (skeleton.ends[:, side] == FREE) & ~skeleton.loop
        near |= distance < np.where(free, limit, -1.0)[row]
    return near


def near_nodes(skeleton: Skeleton, along: FloatArray, reach: FloatArray) -> BoolArray:
    """Points within `reach` (J,) of the node at either end of their chain, by length along it."""
    offsets = skeleton.offsets
    row = row_of(offsets)
    total = along[offsets[1:] - 1]
    near = np.zeros(len(along), np.bool_)
    for side, distance in ((0, along), (1, total[row] - along)):
        node: IntArray = skeleton.ends[:, side]
        limit = np.where(node >= 0, reach[node], -1.0) if len(reach) else np.full(len(node), -1.0)
        near |= distance < limit[row]
    return near
