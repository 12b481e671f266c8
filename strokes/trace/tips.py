"""Where strokes end: at the pen's last place, or on the line that they run into.

The skeleton stops somewhere before a free end, or runs into a corner of its
outline. The density along the stroke's own direction says where ink ends; the pen
stood half a line width before. A stroke that ends in a crossing is carried on to
the middle of the stroke that passes there.
"""

from __future__ import annotations

import math

import numpy as np

from .branches import Branches
from .ink import Ink
from .junctions import NONE, Joints
from .ragged import FloatArray, IntArray
from .recentre import Centred
from .skeleton import Skeleton

# How far beyond the last clean point ink may end, line widths, and samples on the way.
_LONGEST_CAP = 2.5
_SAMPLES = 41
# Beside the axis, parts of the width, where the end is measured as well.
_BESIDE = (-0.2, 0.0, 0.2)
# A stroke meets another within this many line widths of the middle of their crossing.
_NEAR_CROSSING = 2.5
_THROUGH_SAMPLES = 9
# Ends that come in at an angle whose sine is above this may stop short of the line. Density is read
# so many line widths beside their axis; a neck has less than this part of the stroke's there.
_UPRIGHT = 0.8
_SIDE = 0.35
_NECK = 0.85
_NECK_SAMPLES = 33
# Ends that come in flatter than this, radians, may touch the line that they meet, at most so many
# line widths beyond their last clean point, and with a bend of at least this, radians a line
# width; read over the second of `branches`' baselines. Their direction may miss by so much.
_FLAT = 0.55
_FARTHEST_MERGE = 9.0
_LEAST_BEND = 0.012
_MERGE_BASE = 1
_MERGE_MISS = 0.1


def find_tips(
    ink: Ink,
    skeleton: Skeleton,
    centred: Centred,
    branches: Branches,
    joints: Joints,
    corners: FloatArray,
) -> FloatArray:
    """Where each end ends, float64 (2 C, 2), working px; NaN where it is joined on.

    Args:
        corners: float64 (2 C, 2), of `corner_places`.
    """
    ends = len(joints.partner)
    tips = np.full((ends, 2), np.nan)
    alive = np.repeat(joints.alive & ~skeleton.loop, 2)
    free = np.flatnonzero(alive & (joints.crossing == NONE))
    if len(free):
        tips[free] = _free_tips(ink, centred, branches, free)
    left = np.flatnonzero(alive & (joints.crossing != NONE) & (joints.partner == NONE))
    through: dict[int, list[FloatArray]] = {}
    passing: dict[int, list[int]] = {}
    for a, b in enumerate(joints.partner.tolist()):
        if a < b and joints.crossing[a] != NONE:
            if joints.corner[a]:
                line = _by_way_of(branches.place[a], corners[a], branches.place[b])
            else:
                line = bezier_between(branches, a, b, _THROUGH_SAMPLES)
            through.setdefault(int(joints.crossing[a]), []).append(line)
            passing.setdefault(int(joints.crossing[a]), []).extend((a, b))
    upright = []
    for end in left.tolist():
        crossing = int(joints.crossing[end])
        tip = _merging(branches, end, passing.get(crossing, []), ink.line_width)
        if tip is None:
            lines = through.get(crossing, [])
            tip, sine = _meeting(branches, end, lines, joints.place[crossing], ink.line_width)
            if sine > _UPRIGHT:
                upright.append(end)
        tips[end] = tip
    if upright:
        which = np.array(upright)
        tips[which] = _short_of(ink, centred, branches, which, tips[which])
    return tips


def _merging(
    branches: Branches, end: int, passing: list[int], line_width: float
) -> FloatArray | None:
    """Where a bent end runs into a line that it touches; None where it crosses or meets none.

    Ink of both is one long before their middles meet. A circle that touches a line and is
    `off` beside it touches it sqrt(2 off / curvature) further on. The direction at the end,
    which the other's ink disturbs most, only has to agree.
    """
    place, away, bend = (part[end] for part in branches.curves[_MERGE_BASE])
    curvature = 2 * float(away[0] * bend[1] - away[1] * bend[0])
    best, flattest = None, _FLAT
    for other in passing:
        start, along, its_bend = (part[other] for part in branches.curves[_MERGE_BASE])
        # Beside `along`, which leads away from the crossing: on its left is positive.
        off = float(along[0] * (place - start)[1] - along[1] * (place - start)[0])
        its_curvature = 2 * float(along[0] * its_bend[1] - along[1] * its_bend[0])
        # Towards the crossing the end runs the way `along` does; both bends as seen so.
        relative = -curvature - its_curvature
        if off * relative <= 0 or abs(relative) * line_width < _LEAST_BEND:
            continue
        way = float(np.sqrt(2 * off / relative))
        angle = float(np.arctan2(along[1] * away[0] - along[0] * away[1], -(along * away).sum()))
        if way > _FARTHEST_MERGE * line_width or abs(angle) > _FLAT:
            continue
        miss = abs(angle + np.sign(off) * way * abs(relative))
        if miss < min(flattest, _MERGE_MISS + 0.3 * way * abs(relative)):
            ahead = float((place - start) @ along) + way
            best, flattest = start + ahead * along + ahead**2 * its_bend, miss
    return best


def corner_places(
    branches: Branches,
    joints: Joints,
    line_width: float,
    tips: FloatArray | None = None,
) -> FloatArray:
    """Where two ends joined as a corner meet, float64 (2 C, 2); NaN elsewhere.

    Args:
        tips: of free ends that were joined since; their middle is where they meet.
    """
    places = np.full((len(joints.partner), 2), np.nan)
    for a in np.flatnonzero(joints.corner).tolist():
        b = int(joints.partner[a])
        if a < b:
            if joints.crossing[a] != NONE:
                middle = joints.place[joints.crossing[a]]
            elif tips is not None:
                middle = 0.5 * (tips[a] + tips[b])
            else:
                continue
            met = _intersection(
                branches.place[a], branches.away[a], branches.place[b], branches.away[b]
            )
            if met is None or np.hypot(*(met - middle)) > _NEAR_CROSSING * line_width:
                met = middle
            places[a] = places[b] = met
    return places


def bezier_between(branches: Branches, a: int, b: int, samples: int) -> FloatArray:
    """The smooth way between two ends, (samples, 2): a cubic along both directions."""
    place, away, _ = branches.curves[0]
    p, q = place[a], place[b]
    third = np.hypot(*(q - p)) / 3
    c, d = p - third * away[a], q - third * away[b]
    t = np.linspace(0, 1, samples)[:, None]
    return np.asarray(
        (1 - t) ** 3 * p + 3 * (1 - t) ** 2 * t * c + 3 * (1 - t) * t**2 * d + t**3 * q
    )


def _by_way_of(p: FloatArray, corner: FloatArray, q: FloatArray) -> FloatArray:
    t = np.linspace(0, 1, _THROUGH_SAMPLES // 2 + 1)[:, None]
    return np.concatenate([p + t * (corner - p), (corner + t * (q - corner))[1:]])


def _free_tips(ink: Ink, centred: Centred, branches: Branches, free: IntArray) -> FloatArray:
    width = centred.chain_width[free >> 1]
    # A line's direction over a long base is not a bend's at its end.
    place, away, bend = (part[free] for part in branches.curves[0])
    reach = branches.start[free] + _LONGEST_CAP * width
    at = np.linspace(0.0, 1.0, _SAMPLES)[None] * reach[:, None]
    normal = np.stack([-away[:, 1], away[:, 0]], axis=1)
    ends = []
    for beside in _BESIDE:
        start = place + beside * width[:, None] * normal
        density = ink.sample(
            start[:, :1] - at * away[:, :1] + at**2 * bend[:, :1],
            start[:, 1:] - at * away[:, 1:] + at**2 * bend[:, 1:],
        ).astype(np.float64)
        peak = np.maximum(density[:, :3].mean(axis=1), 0.3)
        below = density < 0.5 * peak[:, None]
        below[:, -1] = True
        k = np.maximum(np.argmax(below, axis=1), 1)
        rows = np.arange(len(free))
        high, low = density[rows, k - 1], density[rows, k]
        part = np.clip((high - 0.5 * peak) / np.maximum(high - low, 1e-6), 0, 1)
        ends.append((k - 1 + part) / (_SAMPLES - 1) * reach)
    ink_end = np.median(ends, axis=0)
    # The tip lies half a pen before the ink's end, but not before the line's last clean
    # point by more than the pen.
    lift = np.maximum(ink_end - 0.5 * width, -width)
    height, breadth = ink.mask.shape
    tips = place - lift[:, None] * away + lift[:, None] ** 2 * bend
    return np.asarray(np.clip(tips, 0.0, (breadth, height)))


def _short_of(
    ink: Ink, centred: Centred, branches: Branches, ends: IntArray, met: FloatArray
) -> FloatArray:
    """Tips (E, 2) of ends that meet a line upright: `met` (E, 2), or before it if there is a neck.

    A round tip that only touches the line leaves paper on both sides between them, which
    blur fills in part: to 1 - erf(gap / (2 sqrt(2) sigma)) of what the stroke has there.
    """
    width = centred.chain_width[ends >> 1]
    place, away = branches.place[ends], branches.away[ends]
    way = ((place - met) * away).sum(axis=1)
    normal = np.stack([-away[:, 1], away[:, 0]], axis=1)
    # From a line width within the stroke to the other's rim.
    first, last = way + width, 0.5 * width
    at = last[:, None] + np.linspace(0.0, 1.0, _NECK_SAMPLES) * (first - last)[:, None]
    sides = []
    for beside in (-_SIDE, _SIDE):
        start = met + beside * width[:, None] * normal
        sides.append(
            ink.sample(start[:, :1] + at * away[:, :1], start[:, 1:] + at * away[:, 1:]).astype(
                np.float64
            )
        )
    both = 0.5 * (sides[0] + sides[1])
    within = at > way[:, None]
    usual = np.nanmedian(np.where(within, both, np.nan), axis=1)
    low = np.where(within, np.inf, both).min(axis=1)
    share = np.clip(low / np.maximum(usual, 1e-6), 0.05, 1.0)
    gap = 2 * math.sqrt(2) * ink.blur * ink.scale * np.array([_inverse_erf(1 - s) for s in share])
    # The rim of the round tip, beside its axis, lies so far before the pen's place.
    rim = math.sqrt(0.25 - _SIDE**2)
    short = (0.5 + rim) * width + gap
    neck = (share < _NECK) & (first > last) & (short < first)
    return np.where(neck[:, None], met + short[:, None] * away, met)


def _inverse_erf(value: float) -> float:
    """The inverse of the error function, 0 to 1 (Winitzki 2008, within .002)."""
    a = 0.147
    log = math.log(1 - value**2)
    half = 2 / (math.pi * a) + 0.5 * log
    return math.sqrt(max(math.sqrt(half**2 - log / a) - half, 0.0))


def _meeting(
    branches: Branches,
    end: int,
    through: list[FloatArray],
    middle: FloatArray,
    line_width: float,
) -> tuple[FloatArray, float]:
    """Where an end meets the strokes that pass, and the sine of the angle there; or the middle
    of the crossing, and 0."""
    place, away = branches.place[end], branches.away[end]
    best, nearest, sine = middle, np.inf, 0.0
    for line in through:
        # Sides of the ray that the line's points lie on; it is met where they change.
        side = (line[:, 0] - place[0]) * away[1] - (line[:, 1] - place[1]) * away[0]
        change = np.flatnonzero(side[:-1] * side[1:] <= 0)
        for k in change.tolist():
            span = side[k] - side[k + 1]
            met = line[k] + (side[k] / span if span else 0.0) * (line[k + 1] - line[k])
            distance = float(np.hypot(*(met - middle)))
            if distance < min(nearest, _NEAR_CROSSING * line_width):
                best, nearest = met, distance
                x, y = line[k + 1] - line[k]
                sine = abs(float(x * away[1] - y * away[0])) / max(float(np.hypot(x, y)), 1e-9)
    if np.isinf(nearest) and through:
        lines = np.concatenate(through)
        best = lines[np.argmin(np.hypot(*(lines - middle).T))]
    return best, sine


def _intersection(p: FloatArray, u: FloatArray, q: FloatArray, v: FloatArray) -> FloatArray | None:
    """Where the lines p + s u and q + t v meet; None where they are nearly parallel."""
    cross = float(u[0] * v[1] - u[1] * v[0])
    if abs(cross) < 0.15:
        return None
    along = ((q[0] - p[0]) * v[1] - (q[1] - p[1]) * v[0]) / cross
    return np.asarray(p + along * u)
