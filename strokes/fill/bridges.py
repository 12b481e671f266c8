"""Gaps of an outline closed where its lines end: end to end, or end to the line ahead.

An end is free unless ink touches it. Free ends within reach are paired, the nearest first,
where an end that points elsewhere counts as farther away; an end without a partner goes
to the line it points at. The bridge keeps the directions of both ends: lines that would meet
are drawn to where they meet, others joined by a cubic. After Fourey, Tschumperlé and
Revoy, "A Fast and Efficient Semi-guided Algorithm for Flat Coloring Line-arts" (2018), section
3, which does so on skeletons; here the strokes are known.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.spatial import cKDTree

from .lines import FloatArray, Work, dense

# How much farther away a place counts that lies at a right angle to the end's direction.
_TURN_COST = 0.6
# The same for a line ahead, which counts as no farther than the reach: half of it at 60 degrees.
_LINE_TURN_COST = 2.0
# Ends are joined farther than so many times the reach only on the rim of the drawing, by a turn
# of at most this, and after those within so many times the reach are: house fronts and feet.
_FAR = 3.5
_MOST_TURN = 1.9
_BEFORE_FAR = 1.5
# Ends this near to the convex hull, as a share of the object, are on the rim.
_NEAR_HULL = 0.06
# Over what length an end's direction is measured, as a share of the reach, and of the line.
_DIRECTION = 0.5
_DIRECTION_SHARE = 0.4
# A line may be bridged to itself only where it goes this many times the distance around.
_AROUND = 3.0
# The two ends of a line are bridged if it is longer than their distance by this factor.
_BENT = 1.08
# A scribble that would take more samples than this is sampled coarser.
_MOST_SAMPLES = 50_000
# Lines that would meet are drawn to the corner if it lies within this many gaps of both
# ends, and they turn by more than this, radians.
_CORNER_WITHIN = 1.2
_CORNER_TURN = 0.7


@dataclass(frozen=True, slots=True, eq=False)
class _Samples:
    """All lines at even steps: place, which line, and how far along it, working px."""

    at: FloatArray
    line: np.ndarray
    along: FloatArray
    length: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class _End:
    """A free end: place, unit vector out of the line, which line, and how far along it."""

    at: FloatArray
    out: FloatArray
    line: int
    along: float


def find_bridges(work: Work, reach: float, stretch: float = 1.0) -> list[FloatArray]:
    """Lines that close the gaps, float64 (n, 2) each, working px.

    Args:
        reach: the widest gap between the middles of lines that is closed, working px.
        stretch: how many times as wide a gap is closed; directions are measured by `reach`.
    """
    length = sum(float(np.hypot(*np.diff(line, axis=0).T).sum()) for line in work.lines)
    samples = _sample(work, max(1.0, work.pen / 2, length / _MOST_SAMPLES))
    tree = cKDTree(samples.at)
    ends = _free_ends(work, samples, tree, reach)
    near = stretch if stretch <= _FAR else _BEFORE_FAR
    bridges, left = _pair(ends, samples, near * reach, reach)
    open_ends = []
    for end in left:
        target = _line_ahead(end, samples, tree, near * reach)
        if target is None:
            open_ends.append(end)
        else:
            bridges.append(np.stack([end.at, target]))
    if stretch > _FAR:
        rim = _near_hull(open_ends, samples, _NEAR_HULL * work.size)
        bridges += _pair(rim, samples, stretch * reach, reach, _MOST_TURN)[0]
    return bridges


def _sample(work: Work, step: float) -> _Samples:
    at, line, along, length = [], [], [], []
    for k, points in enumerate(work.lines):
        samples = dense(points, step)
        passed = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(samples, axis=0).T))])
        at.append(samples)
        line.append(np.full(len(samples), k))
        along.append(passed)
        length.append(float(passed[-1]))
    return _Samples(
        np.concatenate(at), np.concatenate(line), np.concatenate(along), np.array(length)
    )


def _free_ends(work: Work, samples: _Samples, tree: cKDTree, reach: float) -> list[_End]:
    ends = []
    for k, points in enumerate(work.lines):
        length = float(samples.length[k])
        if length <= work.pen:
            continue
        run = dense(points, max(1.0, work.pen / 2))
        back = min(max(_DIRECTION * reach, 2 * work.pen), _DIRECTION_SHARE * length)
        count = max(1, round(back / (length / (len(run) - 1))))
        for side, place, inner in (
            (0.0, run[0], run[1 : count + 1]),
            (length, run[-1], run[-count - 1 : -1]),
        ):
            near = np.array(tree.query_ball_point(place, work.pen), np.int64)
            own = samples.line[near] == k
            away = np.abs(samples.along[near] - side)
            if (~own | (away > _AROUND * work.pen)).any():
                continue
            out = place - inner.mean(axis=0)
            norm = float(np.hypot(*out))
            ends.append(_End(place, out / norm if norm else out, k, side))
    return ends


def _pair(
    ends: list[_End],
    samples: _Samples,
    reach: float,
    straight_beyond: float,
    most_turn: float = 2.0,
) -> tuple[list[FloatArray], list[_End]]:
    """Bridges between ends, the cheapest first and each end once, and the ends left over."""
    if not ends:
        return [], []
    candidates = []
    for a, b in sorted(cKDTree([end.at for end in ends]).query_pairs(reach)):
        gap = ends[b].at - ends[a].at
        distance = float(np.hypot(*gap))
        if ends[a].line == ends[b].line and samples.length[ends[a].line] < _BENT * distance:
            continue
        turns = _turn(ends[a], gap), _turn(ends[b], -gap)
        if max(turns) > most_turn:
            continue
        candidates.append((distance * (1 + _TURN_COST * sum(turns)), a, b))
    used: set[int] = set()
    bridges = []
    for _, a, b in sorted(candidates):
        if a not in used and b not in used:
            used |= {a, b}
            bridges.append(_path(ends[a], ends[b], straight_beyond))
    return bridges, [end for k, end in enumerate(ends) if k not in used]


def _near_hull(ends: list[_End], samples: _Samples, near: float) -> list[_End]:
    """The ends near the rim of the drawing: what stands within it does not close it."""
    corners = cv2.convexHull(samples.at.astype(np.float32))
    return [end for end in ends if cv2.pointPolygonTest(corners, end.at.tolist(), True) < near]


def _line_ahead(end: _End, samples: _Samples, tree: cKDTree, reach: float) -> FloatArray | None:
    """The place on a line that an end without a partner most likely meant to touch."""
    near = np.array(tree.query_ball_point(end.at, reach), np.int64)
    gap = samples.at[near] - end.at
    distance = np.hypot(gap[:, 0], gap[:, 1])
    around = np.abs(samples.along[near] - end.along)
    allowed = (samples.line[near] != end.line) | (around > _AROUND * distance)
    # A line that turns back on itself near its end is no line ahead.
    allowed &= (samples.line[near] != end.line) | (around > reach)
    if not allowed.any():
        return None
    cost = distance * (1 + _LINE_TURN_COST * (1 - (gap @ end.out) / np.maximum(distance, 1e-9)))
    best = int(np.where(allowed, cost, np.inf).argmin())
    return np.asarray(samples.at[near[best]], np.float64) if cost[best] <= reach else None


def _turn(end: _End, towards: FloatArray) -> float:
    """0 straight ahead, 1 at a right angle, 2 back."""
    return 1 - float(end.out @ towards) / max(float(np.hypot(*towards)), 1e-9)


def _path(a: _End, b: _End, reach: float) -> FloatArray:
    """The bridge between two ends, keeping their directions if it is no longer than `reach`."""
    gap = b.at - a.at
    distance = float(np.hypot(*gap))
    if not 1 < distance <= reach or _turn(a, gap) > 1 or _turn(b, -gap) > 1:
        return np.stack([a.at, b.at])
    cross = float(a.out[0] * b.out[1] - a.out[1] * b.out[0])
    if abs(cross) > np.sin(_CORNER_TURN):
        s = float(gap[0] * b.out[1] - gap[1] * b.out[0]) / cross
        t = float(gap[0] * a.out[1] - gap[1] * a.out[0]) / cross
        if 0 <= s <= _CORNER_WITHIN * distance and 0 <= t <= _CORNER_WITHIN * distance:
            return np.stack([a.at, a.at + s * a.out, b.at])
    hand = distance / 3
    u = np.linspace(0, 1, 9)[:, None]
    control = (a.at, a.at + hand * a.out, b.at + hand * b.out, b.at)
    weights = ((1 - u) ** 3, 3 * u * (1 - u) ** 2, 3 * u**2 * (1 - u), u**3)
    return np.asarray(sum(w * p for w, p in zip(weights, control, strict=True)), np.float64)
