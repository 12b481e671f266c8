"""Cusps: where a pen goes out and comes back over its own ink.

Two lines that lie on each other are one chain to the skeleton: a spike that ends
free, with both its lines leaving the crossing at its base. Seen so, the pen came in
one way, lifted at the tip, and began again at the base. Hands do not: where the two
sides both point at the tip, the spike is drawn there and back.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from .branches import Branches
from .ink import Ink
from .junctions import NONE, Joints
from .ragged import FloatArray
from .skeleton import Skeleton, radius_at

# Spikes are at most so many line widths long.
_LONGEST = 8.0
# Two lines lie in a spike whose lower half is wider than one line by this factor. How far both
# sides together may turn towards the tip, radians: more, the surer the width says so.
_WIDE = 1.33
_TURN = 0.5
_TURN_PER_WIDTH = 6.0
_MOST_TURN = 2.0


def retrace_cusps(
    ink: Ink, skeleton: Skeleton, branches: Branches, joints: Joints, along: FloatArray
) -> Joints:
    """Joins both sides of every cusp by way of its tip.

    Args:
        along: float64 (N,), distance along its chain of every point.
    """
    partner, back, corner = (
        joints.partner.copy(),
        joints.back.copy(),
        joints.corner.copy(),
    )
    ends_of: dict[int, list[int]] = {}
    for end in np.flatnonzero((joints.crossing != NONE) & np.repeat(joints.alive, 2)).tolist():
        ends_of.setdefault(int(joints.crossing[end]), []).append(end)
    widths = 2 * radius_at(ink.radius, skeleton.points) - 1.0
    typical = float(np.median(widths)) if len(widths) else 1.0
    for ends in ends_of.values():
        if len(ends) < 3:
            continue
        for base in ends:
            chain = base >> 1
            first, last = int(skeleton.offsets[chain]), int(skeleton.offsets[chain + 1])
            if partner[base ^ 1] != NONE or along[last - 1] > _LONGEST * ink.line_width:
                continue
            tip = skeleton.points[first if base & 1 else last - 1]
            half = (last - first) // 2
            foot = widths[last - half : last] if base & 1 else widths[first : first + half]
            wider = (float(foot.mean()) / typical if len(foot) else 1.0) - _WIDE
            if wider < 0:
                continue
            best, sides = min(_TURN + _TURN_PER_WIDTH * wider, _MOST_TURN), None
            for a, b in _sides(base, ends, partner.tolist()):
                turn = _turn_to(branches, a, tip) + _turn_to(branches, b, tip)
                if turn < best:
                    best, sides = turn, (a, b)
            if sides is not None:
                there, again = sides
                partner[[there, again]] = base
                partner[base], back[base] = there, again
                corner[[base, there, again]] = False
                break
    return dataclasses.replace(joints, partner=partner, back=back, corner=corner)


def _sides(base: int, ends: list[int], partner: list[int]) -> list[tuple[int, int]]:
    """Pairs of ends that may be a spike's two sides: of the three, two are joined, one is left."""
    others = [e for e in ends if e >> 1 != base >> 1]
    if partner[base] == NONE:
        return [(a, partner[a]) for a in others if a < partner[a] and partner[a] in others]
    if partner[base] in others:
        return [(partner[base], b) for b in others if partner[b] == NONE]
    return []


def _turn_to(branches: Branches, end: int, tip: FloatArray) -> float:
    """Angle between where an end leads and where a place lies, radians."""
    x, y = (tip - branches.place[end]).tolist()
    u, v = branches.away[end].tolist()
    return abs(math.atan2(v * x - u * y, -(u * x + v * y)))
