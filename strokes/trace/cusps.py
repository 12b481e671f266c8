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
from .recentre import Centred
from .skeleton import Skeleton, radius_at

# Spikes are at most so many line widths long.
_LONGEST = 8.0
# A spike's width is read between these many line widths beyond its node's ink, where a single line
# is as wide as any, within .03. The profile takes in lines that run close beside: it counts where
# the depth of the ink, which a px more or less makes coarse, says nearly as much.
_READ_FROM, _READ_TO = 0.5, 1.5
_AGREE = 0.45
_WIDE = 1.05
# Spikes too short for that are wide by what is nearer to the node, or if their lower half is as
# deep as so many usual lines.
_WIDE_NEAR = 1.1
_WIDE_FOOT = 1.33
# How far both sides together may turn towards the tip, radians: more, the surer the width says so.
_TURN = 0.5
_TURN_PER_WIDTH, _TURN_PER_WIDTH_NEAR, _TURN_PER_FOOT = 16.0, 8.0, 6.0
_MOST_TURN = 2.4


def retrace_cusps(
    ink: Ink,
    skeleton: Skeleton,
    centred: Centred,
    branches: Branches,
    joints: Joints,
    along: FloatArray,
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
    spikes = _Spikes(ink, skeleton, centred, along)
    for ends in ends_of.values():
        if len(ends) < 3:
            continue
        for base in ends:
            if partner[base ^ 1] != NONE or joints.crossing[base ^ 1] != NONE:
                continue
            best, sides = spikes.most_turn(base), None
            tip = spikes.tip(base)
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


class _Spikes:
    """How wide the chains are that end free."""

    def __init__(self, ink: Ink, skeleton: Skeleton, centred: Centred, along: FloatArray) -> None:
        self.skeleton, self.along, self.line_width = skeleton, along, ink.line_width
        self.width = centred.width / ink.line_width
        depth = 2 * radius_at(ink.radius, skeleton.points) - 1.0
        self.depth = depth / (float(np.median(depth)) if len(depth) else 1.0)
        self.node_depth = radius_at(ink.radius, skeleton.nodes)

    def tip(self, base: int) -> FloatArray:
        """Where the chain that begins at the end `base` ends."""
        first, last = self.skeleton.offsets[base >> 1], self.skeleton.offsets[(base >> 1) + 1]
        return np.asarray(self.skeleton.points[first if base & 1 else last - 1])

    def most_turn(self, base: int) -> float:
        """How far both sides may turn towards the tip; below 0 where this is no spike."""
        chain = base >> 1
        first, last = int(self.skeleton.offsets[chain]), int(self.skeleton.offsets[chain + 1])
        length = float(self.along[last - 1])
        if length > _LONGEST * self.line_width:
            return -1.0
        away = self.along[first:last]
        away = length - away if base & 1 else away
        node = int(self.skeleton.ends[chain, base & 1])
        beyond = (away - self.node_depth[node]) / self.line_width
        width, depth = self.width[first:last], self.depth[first:last]
        alone = beyond < _READ_TO
        agree = depth > width - _AGREE
        far = alone & (beyond >= _READ_FROM)
        if far.any():
            return _allowed(width[far & agree], _WIDE, _TURN_PER_WIDTH)
        foot = depth[away < 0.5 * length]
        return max(
            _allowed(width[alone & agree & (beyond >= 0)], _WIDE_NEAR, _TURN_PER_WIDTH_NEAR),
            _allowed(foot, _WIDE_FOOT, _TURN_PER_FOOT),
        )


def _allowed(widths: FloatArray, wide: float, turn_per_width: float) -> float:
    """The turn that widths above `wide` allow; below 0 where they are less."""
    wider = float(widths.mean()) - wide if len(widths) else -1.0
    return min(_TURN + turn_per_width * wider, _MOST_TURN) if wider >= 0 else -1.0


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
