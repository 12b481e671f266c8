"""Small gaps closed: free ends that point at each other are one stroke.

Both ends have to lead to the same place in the same direction, measured over two
baselines (`branches.JoinCosts`), and each has to be the other's best. The wider
the gap, the straighter the join has to be.
"""

from __future__ import annotations

import math

import numpy as np

from .branches import Branches, JoinCosts
from .junctions import NONE, Joints
from .ragged import FloatArray
from .skeleton import Skeleton

# How far a join may turn or miss, radians, at no gap and at the widest gap allowed.
_MOST_TURN = 1.1
# Ends that turn more are joined as a corner or a bend where their lines meet ahead of both, or so
# many line widths behind, within the gap's width; and turn by at most this, radians.
_BEHIND = 0.5
_SHARPEST = 2.0
# A bend and no corner is what parabolas explain better than lines do, by this many radians.
_BENT = 0.25
# A gap as wide as a line counts as this turn when ends choose between others, radians.
_DISTANCE_COST = 0.08
# Ends whose tips are closer than this many line widths lie in the same ink: thinning has
# taken a sharp corner apart.
_TOUCH = 0.9
# A line closes on itself if it has so many points for each px of its width: less is a blob.
_ROUND = 4.0


def close_gaps(
    skeleton: Skeleton,
    branches: Branches,
    joints: Joints,
    tips: FloatArray,
    gap: float,
    line_width: float,
) -> Joints:
    """Joins free ends across gaps, and as corners where they touch.

    Args:
        tips: float64 (2 C, 2), where the pen lifted, at free ends; NaN elsewhere.
        gap: the widest paper between two ends that is bridged, working px.
    """
    free = np.flatnonzero(
        np.repeat(joints.alive & ~skeleton.loop, 2)
        & (joints.crossing == NONE)
        & (joints.partner == NONE)
        & np.repeat((joints.back.reshape(-1, 2) == NONE).all(axis=1), 2)
    )
    if len(free) < 2:
        return joints
    join_cost = JoinCosts(branches, line_width)
    candidates: list[tuple[float, int, int, bool]] = []
    touching = []
    for a, b in _near(tips[free], gap + line_width):
        end_a, end_b = int(free[a]), int(free[b])
        paper = float(np.hypot(*(tips[end_a] - tips[end_b]))) - line_width
        cost = join_cost(end_a, end_b)
        if paper < (_TOUCH - 1) * line_width:
            touching.append((paper, end_a, end_b))
        if gap > 0 and (cost < _MOST_TURN or _turns_ahead(branches, end_a, end_b, gap, line_width)):
            sharp = cost >= _MOST_TURN and join_cost.straight(end_a, end_b) < cost + _BENT
            price = cost + _DISTANCE_COST * paper / line_width
            candidates.append((price, end_a, end_b, sharp))
    partner, corner = joints.partner.copy(), joints.corner.copy()
    for _, a, b, sharp in sorted(candidates):
        if partner[a] == NONE and partner[b] == NONE:
            partner[a], partner[b] = b, a
            corner[[a, b]] = sharp
    short = np.diff(skeleton.offsets) < _ROUND * line_width
    for _, a, b in sorted(touching):
        own = a >> 1 == b >> 1
        if partner[a] == NONE and partner[b] == NONE and not (own and short[a >> 1]):
            partner[a], partner[b] = b, a
            corner[[a, b]] = True
    return Joints(partner, joints.back, corner, joints.alive, joints.crossing, joints.place)


def _turns_ahead(branches: Branches, a: int, b: int, reach: float, line_width: float) -> bool:
    """Whether the lines of two ends meet ahead of both, as where a corner was left out."""
    (ux, uy), (vx, vy) = branches.away[a].tolist(), branches.away[b].tolist()
    dx, dy = (branches.place[b] - branches.place[a]).tolist()
    cross: float = ux * vy - uy * vx
    turn = abs(math.atan2(cross, -(ux * vx + uy * vy)))
    if turn > _SHARPEST or abs(cross) < 1e-6:
        return False
    # Both lead away from the gap: places ahead are at negative distances.
    ahead_a: float = -(dx * vy - dy * vx) / cross
    ahead_b: float = -(dx * uy - dy * ux) / cross
    least = -_BEHIND * line_width
    return least < ahead_a < reach + line_width and least < ahead_b < reach + line_width


def _near(places: FloatArray, distance: float) -> list[tuple[int, int]]:
    """Pairs of places at most `distance` apart: neighbours along x are tried in turn."""
    order = np.argsort(places[:, 0], kind="stable")
    x, y = places[order, 0], places[order, 1]
    last = np.searchsorted(x, x + distance, side="right")
    pairs = []
    for i in range(len(x)):
        for j in range(i + 1, int(last[i])):
            if abs(y[j] - y[i]) <= distance and np.hypot(x[j] - x[i], y[j] - y[i]) <= distance:
                pairs.append((int(order[i]), int(order[j])))
    return pairs
