"""Chains joined into strokes, and the stretches that no clean point covers filled in.

A stroke's points are the clean points of its chains in the order a pen meets them,
its tips, and its corners. Where they are farther apart than along a chain, in
crossings and gaps, a cubic along the directions on both sides fills the way.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .ink import BoolArray
from .junctions import NONE, Joints
from .ragged import FloatArray, IntArray, ranges, row_of
from .recentre import Centred
from .skeleton import Skeleton

# Points along a chain are at most two diagonals of a px apart; more is a hole to fill.
_HOLE = 3.6
_SPACING = 2.2
# Distance of the points that fill a hole, px, and what they weigh against measured ones.
_FILL_STEP = 2.4
FILL_WEIGHT = 0.05
# Directions at the rims of a hole are read over this many points.
_RIM_POINTS = 3
# A chain without clean points that is longer than this, line widths, is drawn as it is.
_SHORT = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Strokes as dense polylines.

    Args:
        points: float64 (N, 2), all strokes one after another, working px.
        offsets: int64 (S + 1,).
        weight: float64 (N,), how well each point is known: 1 measured, less for filled in.
        corner: bool (N,), points where the stroke turns sharply; never a stroke's first or last.
        closed: bool (S,), strokes whose last point runs into their first.
        width: float64 (S,), line width, working px.
    """

    points: FloatArray
    offsets: IntArray
    weight: FloatArray
    corner: BoolArray
    closed: BoolArray
    width: FloatArray


def assemble(
    skeleton: Skeleton,
    centred: Centred,
    joints: Joints,
    tips: FloatArray,
    corners: FloatArray,
    line_width: float,
) -> Lines:
    """Walks from end to partner and gathers points."""
    clean_parts = _clean_parts(skeleton, centred, joints, line_width)
    pieces: list[FloatArray] = []
    weights: list[FloatArray] = []
    anchors: list[FloatArray] = []
    corner_flags: list[BoolArray] = []
    counts: list[int] = []
    closed: list[bool] = []
    widths: list[float] = []

    def add(points: FloatArray, weight: float, anchor: bool, corner: bool) -> None:
        pieces.append(points)
        weights.append(np.full(len(points), weight))
        anchors.append(np.full(len(points), anchor))
        corner_flags.append(np.full(len(points), corner))

    for walk, is_loop in _walks(skeleton, joints):
        begin = len(pieces)
        measured: list[FloatArray] = []
        first_end = walk[0]
        if not is_loop and np.isfinite(tips[first_end]).all():
            add(tips[first_end][None], 1.0, True, False)
        for entry in walk:
            chain = entry >> 1
            part = clean_parts[chain]
            part = part if entry & 1 == 0 else part[::-1]
            add(centred.points[part], 1.0, False, False)
            measured.append(centred.width[part][centred.clean[part]])
            leave = entry ^ 1
            if joints.back[entry] != NONE and np.isfinite(tips[leave]).all():
                add(tips[leave][None], 1.0, True, True)
            if joints.corner[leave] and joints.partner[leave] != NONE:
                add(corners[leave][None], 1.0, True, True)
        last_end = walk[-1] ^ 1
        if not is_loop and np.isfinite(tips[last_end]).all():
            add(tips[last_end][None], 1.0, True, False)
        count = sum(len(p) for p in pieces[begin:])
        if count < 2:
            del pieces[begin:], weights[begin:], anchors[begin:], corner_flags[begin:]
            continue
        counts.append(count)
        closed.append(is_loop)
        seen = np.concatenate(measured)
        chains = [entry >> 1 for entry in walk]
        widths.append(
            float(np.median(seen)) if len(seen) else float(np.median(centred.chain_width[chains]))
        )
    if not counts:
        empty = np.zeros(0)
        return Lines(np.zeros((0, 2)), np.zeros(1, np.int64), empty, empty > 0, empty > 0, empty)
    lines = Lines(
        np.concatenate(pieces),
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        np.concatenate(weights),
        np.concatenate(corner_flags),
        np.array(closed),
        np.array(widths),
    )
    return fill_holes(lines, np.concatenate(anchors) > 0)


def fill_holes(lines: Lines, anchor: BoolArray) -> Lines:
    """The same lines with points wherever two neighbours are too far apart.

    Args:
        anchor: bool (N,), tips and corners: their direction is that of the hole itself.
    """
    points, offsets = lines.points, lines.offsets
    row = row_of(offsets)
    first, last = offsets[:-1][row], offsets[1:][row] - 1
    index = np.arange(len(points))
    following = np.where(index < last, index + 1, np.where(lines.closed[row], first, -1))
    has = following >= 0
    distance = np.zeros(len(points))
    step = points[following[has]] - points[has]
    distance[has] = np.hypot(step[:, 0], step[:, 1])
    hole = np.flatnonzero(distance > _HOLE)
    if len(hole) == 0:
        return lines
    far = following[hole]
    p, q, d = points[hole], points[far], distance[hole][:, None]
    chord = (q - p) / d
    before = np.maximum(hole - _RIM_POINTS, first[hole])
    after = np.minimum(far + _RIM_POINTS, last[far])
    into = _direction(p - points[before], chord, anchor[hole])
    out = _direction(points[after] - q, chord, anchor[far])
    # A direction against the chord would make a curl.
    into = np.where((into * chord).sum(axis=1, keepdims=True) < 0.2, chord, into)
    out = np.where((out * chord).sum(axis=1, keepdims=True) < 0.2, chord, out)
    c, e = p + into * d / 3, q - out * d / 3
    count = np.maximum(np.ceil(d[:, 0] / _FILL_STEP).astype(np.int64) - 1, 0)
    which = np.repeat(np.arange(len(hole)), count)
    t = ((ranges(np.ones(len(hole), np.int64), count)) / (count + 1)[which])[:, None]
    filled = (
        (1 - t) ** 3 * p[which]
        + 3 * (1 - t) ** 2 * t * c[which]
        + 3 * (1 - t) * t**2 * e[which]
        + t**3 * q[which]
    )
    place = np.concatenate([index.astype(np.float64), hole[which] + t[:, 0] * 0.999])
    order = np.argsort(place, kind="stable")
    added = np.bincount(row[hole[which]], minlength=len(offsets) - 1)
    return Lines(
        np.concatenate([points, filled])[order],
        np.concatenate([[0], np.cumsum(np.diff(offsets) + added)]).astype(np.int64),
        np.concatenate([lines.weight, np.full(len(filled), FILL_WEIGHT)])[order],
        np.concatenate([lines.corner, np.zeros(len(filled), np.bool_)])[order],
        lines.closed,
        lines.width,
    )


def _direction(along: FloatArray, chord: FloatArray, straight: BoolArray) -> FloatArray:
    norm = np.hypot(along[:, 0], along[:, 1])
    straight = straight | (norm < 1e-9)
    unit = along / np.where(norm < 1e-9, 1.0, norm)[:, None]
    return np.where(straight[:, None], chord, unit)


def _clean_parts(
    skeleton: Skeleton, centred: Centred, joints: Joints, line_width: float
) -> list[IntArray]:
    """The point numbers to use of each chain."""
    parts = []
    for chain in range(len(skeleton.loop)):
        first, last = int(skeleton.offsets[chain]), int(skeleton.offsets[chain + 1])
        clean = np.flatnonzero(centred.clean[first:last]) + first
        if len(clean) == 0 and joints.alive[chain]:
            # The middle of a chain between two crossings: all that is known of it.
            count = last - first
            cut = min(count // 3, int(line_width / _SPACING))
            if count < _SHORT * line_width / _SPACING:
                cut = count // 3
            clean = np.arange(first + cut, max(last - cut, first + cut + 1))
        parts.append(clean)
    return parts


def _walks(skeleton: Skeleton, joints: Joints) -> list[tuple[list[int], bool]]:
    """Strokes as the ends by which their chains are entered, and whether they are closed."""
    partner = joints.partner.tolist()
    back = joints.back.tolist()
    alive = joints.alive.tolist()
    loop = skeleton.loop.tolist()
    done = [not a for a in alive]
    # The tip of a chain that is drawn there and back is no end.
    retraced = [back[2 * c] != NONE or back[2 * c + 1] != NONE for c in range(len(loop))]
    walks = []
    for start in range(len(partner)):
        chain = start >> 1
        if done[chain] or loop[chain] or partner[start] != NONE or retraced[chain]:
            continue
        walks.append((_follow(start, partner, back, done), False))
    for chain in range(len(loop)):
        if done[chain] or retraced[chain]:
            continue
        if loop[chain]:
            done[chain] = True
            walks.append(([2 * chain], True))
        else:
            walks.append((_follow(2 * chain, partner, back, done), True))
    return walks


def _follow(start: int, partner: list[int], back: list[int], done: list[bool]) -> list[int]:
    walk = []
    entry, came = start, NONE
    while entry != NONE and not done[entry >> 1]:
        done[entry >> 1] = True
        walk.append(entry)
        leave = entry ^ 1
        if back[entry] != NONE:
            # To the tip, and back to where it was not entered from.
            walk.append(leave)
            entry, came = (
                back[entry] if came == partner[entry] else partner[entry],
                entry,
            )
        else:
            entry, came = partner[leave], leave
    return walk
