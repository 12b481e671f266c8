"""A scene's strokes as its objects, by place and by the order in which they were drawn.

People mostly finish one thing before the next. So strokes that follow each other belong together
where they lie near each other for their size; then a small run of strokes that touches a larger
one, or lies in it, joins it, for it is what somebody came back to. Two large runs stay two things
even where they touch. Layers say it better where there are two or more.

It knows nothing of what things look like: objects drawn in turns, or two that are drawn one
right after the other and touch, it takes for one. benchmarks/bench_grouping.py says how often.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from .drawing import Drawing
from .fill.lines import dense
from .fill.objects import Group

# All shares are of the diagonal of the larger one's box; they were chosen on scenes of training
# drawings (benchmarks/bench_grouping.py --choose).
IN_TURN = 0.10
"""Farthest that a stroke lies from the run of strokes before it, to belong to it."""
AGAIN = 0.02
"""Farthest that a smaller run lies from a larger one, to belong to it."""
PART = 0.5
"""Largest that the smaller one is for that."""
INSIDE = 0.9
"""Share of the smaller one's box that lies in the larger one's, to belong to it at any distance."""
# Points along a stroke are no farther apart than this share of the scene's diagonal.
_STEP = 1 / 400

Box = npt.NDArray[np.float64]


def group_strokes(
    drawing: Drawing,
    *,
    in_turn: float = IN_TURN,
    again: float = AGAIN,
    part: float = PART,
    inside: float = INSIDE,
) -> tuple[Group, ...]:
    """The objects of a scene, in the order in which they were begun.

    Args:
        in_turn, again, part, inside: as the constants of those names.
    """
    strokes = drawing.strokes
    layers = [stroke.layer for stroke in strokes]
    if len(set(layers)) > 1:
        members: dict[str | None, list[int]] = {}
        for k, layer in enumerate(layers):
            members.setdefault(layer, []).append(k)
        return tuple(Group(tuple(m), str(name) if name else None) for name, m in members.items())
    x0, y0, x1, y1 = drawing.bounds
    step = max(float(np.hypot(x1 - x0, y1 - y0)) * _STEP, 1e-3)
    lines = [dense(stroke.points.astype(np.float64), step) for stroke in strokes]
    runs = _join_again(_runs(lines, in_turn), lines, again, part, inside)
    return tuple(Group(tuple(run)) for run in sorted(runs, key=lambda run: run[0]))


def _runs(lines: list[npt.NDArray[np.float64]], in_turn: float) -> list[list[int]]:
    """Strokes in turn, cut where one lies far from all of those before it."""
    runs: list[list[int]] = []
    trees: list[cKDTree] = []
    box = np.zeros(4)
    for k, line in enumerate(lines):
        own = _box(line)
        if runs:
            reach = in_turn * max(_diagonal(box), _diagonal(own))
            # The strokes just before are the likeliest neighbours. The bound is exclusive.
            bound = reach * 1.001 + 1e-9
            if any(
                tree.query(line, distance_upper_bound=bound)[0].min() <= reach
                for tree in reversed(trees)
            ):
                runs[-1].append(k)
                trees.append(cKDTree(line))
                box = _around(box, own)
                continue
        runs.append([k])
        trees, box = [cKDTree(line)], own
    return runs


def _join_again(
    runs: list[list[int]],
    lines: list[npt.NDArray[np.float64]],
    again: float,
    part: float,
    inside: float,
) -> list[list[int]]:
    """Small runs joined to the larger ones that they touch or lie in, the smallest first."""
    boxes = np.array([_box(np.concatenate([lines[k] for k in run])) for run in runs]).reshape(-1, 4)
    sizes = np.hypot(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    sizes = np.maximum(sizes, 1e-9)  # of a dot
    joined = [list(run) for run in runs]
    trees: dict[int, cKDTree] = {}
    for small in np.argsort(sizes, kind="stable").tolist():
        apart = np.hypot(
            *np.maximum(
                np.maximum(boxes[:, :2] - boxes[small, 2:], boxes[small, :2] - boxes[:, 2:]), 0
            ).T
        )
        able = (sizes[small] <= part * sizes) & (apart <= again * sizes)
        able[small] = False
        best, least = -1, np.inf
        for large in np.flatnonzero(able).tolist():
            if large not in trees:
                trees[large] = cKDTree(np.concatenate([lines[k] for k in runs[large]]))
            own = np.concatenate([lines[k] for k in runs[small]])
            gap = float(trees[large].query(own)[0].min())
            fits = gap <= again * sizes[large] or _share(boxes[small], boxes[large]) >= inside
            if fits and gap / sizes[large] < least:
                best, least = large, gap / sizes[large]
        if best >= 0:
            joined[best] += joined[small]
            joined[small] = []
    return [sorted(run) for run in joined if run]


def _box(points: npt.NDArray[np.float64]) -> Box:
    return np.concatenate([points.min(axis=0), points.max(axis=0)])


def _around(a: Box, b: Box) -> Box:
    return np.concatenate([np.minimum(a[:2], b[:2]), np.maximum(a[2:], b[2:])])


def _diagonal(box: Box) -> float:
    return float(np.hypot(*(box[2:] - box[:2])))


def _share(small: Box, large: Box) -> float:
    """Share of a box that lies in another; a line's and a dot's by length and place."""
    side = np.maximum(small[2:] - small[:2], 1e-9)
    shared = np.minimum(small[2:] + 1e-9, large[2:]) - np.maximum(small[:2], large[:2])
    return float(np.prod(np.clip(shared / side, 0, 1)))
