"""The one line that several overlapping strokes mean: `principal_curves`.

All samples of the strokes get one common parameter, the length along the line that is looked
for: neighbouring samples of a stroke differ by their distance, samples of two strokes that lie
side by side by how far one is ahead of the other, and a sparse least squares agrees on the
rest. The line is then a local linear regression of the samples over the parameter. That is the
idea of StrokeStrip (Pagurek van Mossel and others 2021, "StrokeStrip: joint parameterization
and fitting of stroke clusters"), without its strip or its quadratic program. Since neighbours
must run the same way, a line may cross itself: loops, eights and spirals come out whole.

Which strokes belong together is given, never guessed. Strokes that do not reach each
other come out as several curves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import breadth_first_order, connected_components, minimum_spanning_tree
from scipy.sparse.linalg import spsolve
from scipy.spatial import cKDTree

Points = npt.NDArray[np.float64]

# Lengths are px of a drawing whose long edge is about 1000 px.
STEP = 4.0  # between samples: half of what a corner of a quick line is wide
# How far strokes of one line lie apart: the least of these that joins them all.
REACHES = (10.0, 18.0, 30.0)
ALIKE = 0.75  # cosine: strokes that turn 41 degrees apart are not one line at that place
# Samples of two strokes whose parameters differ by more than their places are at a crossing.
SLACK = 96.0
ROUND = 192.0  # samples of one stroke that meet after this way along it may close a line
JOIN_GAP = 40.0  # ends of pieces of one line that are nearer are drawn through
# A stroke counts less towards its ends, so that the line does not jump where one begins.
TAPER = 24.0
LEAST_WEIGHT = 0.05
SMOOTHING = 4.0  # sigma of the regression at least; for strokes far apart, their distance
MOST_SMOOTHING = 14.0
NEAR = 5.0  # strokes this close surely run the same way
FAR = 30.0  # ink this far from the line is not explained by it, nor a line by such ink
# Share of a line's ink that is a piece of its own; less is a tail that sticks out.
LEAST_LEFT = 0.015
# Share of the ink that a closed line may leave aside: an O with a flourish is open.
MOST_OUTSIDE = 0.08
MOST_TURNS = 1.6  # a closed line is drawn once and a bit; what goes round more often is a spiral
FEW_LINKS = 4


@dataclass(frozen=True, slots=True)
class Curve:
    """A line: `points` float64 (n, 2), and whether its last point is joined to its first."""

    points: Points
    closed: bool


@dataclass(frozen=True, slots=True)
class _Samples:
    """Points along all strokes: which stroke, how far along it, direction and weight."""

    points: Points
    stroke: npt.NDArray[np.int64]
    along: Points
    tangent: Points
    weight: Points


@dataclass(frozen=True, slots=True)
class _Links:
    """Pairs of samples `i`, `j` that lie side by side, and how far they lie apart."""

    i: npt.NDArray[np.int64]
    j: npt.NDArray[np.int64]
    gap: Points

    def pick(self, keep: npt.NDArray[np.bool_]) -> _Links:
        return _Links(self.i[keep], self.j[keep], self.gap[keep])


def principal_curves(strokes: Sequence[Points]) -> list[Curve]:
    """The line, or where the strokes do not meet the pieces of it, that strokes mean.

    Args:
        strokes: float (n, 2) each, px of a drawing of about 1000 px; those of one point count
            only where all are such.
    """
    drawn = [s for s in map(_without_repeats, strokes) if len(s) > 1]
    if not drawn:
        dots = [s for s in strokes if len(s)]
        return [Curve(np.mean([s.mean(axis=0) for s in dots], axis=0)[None], False)] if dots else []
    samples = _sample(drawn)
    links, parts = _link(samples, len(drawn))
    curves: list[Curve] = []
    for part in range(parts.max() + 1):
        members = np.flatnonzero(parts == part)
        curves += _supported(_fit(*_part(samples, links, members)), samples.points)
    curves += [c for left in _left_out(samples, curves) for c in principal_curves([left])]
    return _join(curves)


def _supported(curve: Curve, points: Points) -> list[Curve]:
    """The pieces of a curve that lie near ink: where strokes part, their mean is not a line."""
    near = cKDTree(points).query(curve.points)[0] < FAR
    for run in _run_bounds(~near):  # a short way over paper is only where strokes part a little
        if (run.stop - run.start) * STEP < 2 * FAR:
            near[run] = True
    if near.all():
        return [curve]
    return [Curve(curve.points[run], False) for run in _run_bounds(near)]


def _left_out(samples: _Samples, curves: list[Curve]) -> list[Points]:
    """Pieces of strokes far from all curves, where a line forks or turns back on itself."""
    if not curves:
        return []
    far = cKDTree(np.concatenate([c.points for c in curves])).query(samples.points)[0] > FAR
    pieces = []
    for number in range(samples.stroke.max() + 1):
        mine = samples.stroke == number
        pieces += [samples.points[mine][run] for run in _run_bounds(far[mine])]
    kept: list[Points] = []
    least = max(FAR / STEP, LEAST_LEFT * len(samples.points))
    for piece in sorted((p for p in pieces if len(p) > least), key=len, reverse=True):
        if not kept or np.median(cKDTree(np.concatenate(kept)).query(piece)[0]) > FAR:
            kept.append(piece)
    return kept


def _run_bounds(keep: npt.NDArray[np.bool_]) -> list[slice]:
    """Where the runs of True begin and end."""
    edges = np.flatnonzero(np.diff(np.r_[False, keep, False].astype(np.int8)))
    return [slice(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _without_repeats(stroke: Points) -> Points:
    points = np.asarray(stroke, np.float64).reshape(-1, 2)
    moved = np.r_[True, np.hypot(*np.diff(points, axis=0).T) > 1e-6] if len(points) else []
    return points[np.asarray(moved, bool)]


def _sample(strokes: Sequence[Points]) -> _Samples:
    points, stroke, along, tangent, weight = [], [], [], [], []
    for number, s in enumerate(strokes):
        length = np.r_[0.0, np.cumsum(np.hypot(*np.diff(s, axis=0).T))]
        at = np.linspace(0, length[-1], max(2, int(np.ceil(length[-1] / STEP)) + 1))
        p = np.stack([np.interp(at, length, s[:, 0]), np.interp(at, length, s[:, 1])], axis=1)
        t = np.gradient(p, axis=0)
        if len(t) > 4:  # the direction of a few samples: a hand trembles, and links must not
            t = np.apply_along_axis(
                np.convolve, 0, np.pad(t, ((1, 1), (0, 0)), "edge"), [1, 1, 1], "valid"
            )
        t /= np.maximum(np.hypot(*t.T)[:, None], 1e-9)
        taper = min(TAPER, length[-1] / 3)
        points.append(p)
        stroke.append(np.full(len(p), number))
        along.append(at)
        tangent.append(t)
        weight.append(
            LEAST_WEIGHT
            + (1 - LEAST_WEIGHT) * np.minimum(at, length[-1] - at).clip(0, taper) / taper
        )
    return _Samples(*(np.concatenate(a) for a in (points, stroke, along, tangent, weight)))


def _link(samples: _Samples, n_strokes: int) -> tuple[_Links, npt.NDArray[np.int64]]:
    """Links of the least reach that joins all strokes, and the part each stroke is of."""
    tree = cKDTree(samples.points)
    for reach in REACHES:
        links = _nearest(samples, tree.query_pairs(reach, output_type="ndarray"))
        across = links.pick(samples.stroke[links.i] != samples.stroke[links.j])
        s, t = samples.stroke[across.i], samples.stroke[across.j]
        table = coo_matrix((np.ones(len(s)), (s, t)), shape=(n_strokes, n_strokes))
        count, parts = connected_components(table, directed=False)
        if count == 1:
            break
    return links, parts.astype(np.int64)


def _nearest(samples: _Samples, pairs: npt.NDArray[np.int64]) -> _Links:
    """Of the pairs that run alike, for each sample the nearest of every other stroke.

    Pairs within one stroke stay where they are far apart along it: they tell that it is closed.
    """
    i, j = np.r_[pairs[:, 0], pairs[:, 1]], np.r_[pairs[:, 1], pairs[:, 0]]
    alike = np.abs((samples.tangent[i] * samples.tangent[j]).sum(axis=1)) > ALIKE
    same = samples.stroke[i] == samples.stroke[j]
    far = np.abs(samples.along[i] - samples.along[j]) > ROUND
    keep = alike & (~same | far)
    i, j = i[keep], j[keep]
    gap = np.hypot(*(samples.points[i] - samples.points[j]).T)
    order = np.lexsort((gap, samples.stroke[j], i))
    i, j, gap = i[order], j[order], gap[order]
    first = (
        np.r_[True, (np.diff(i) != 0) | (np.diff(samples.stroke[j]) != 0)]
        if len(i)
        else np.zeros(0, bool)
    )
    return _Links(i[first], j[first], gap[first])


def _part(
    samples: _Samples, links: _Links, members: npt.NDArray[np.int64]
) -> tuple[_Samples, _Links]:
    """The samples and links of some strokes, numbered anew from 0."""
    keep = np.isin(samples.stroke, members)
    new = np.cumsum(keep) - 1
    number = np.zeros(samples.stroke.max() + 1, np.int64)
    number[members] = np.arange(len(members))
    inside = links.pick(keep[links.i] & keep[links.j])
    return (
        _Samples(
            samples.points[keep],
            number[samples.stroke[keep]],
            samples.along[keep],
            samples.tangent[keep],
            samples.weight[keep],
        ),
        _Links(new[inside.i], new[inside.j], inside.gap),
    )


def _fit(samples: _Samples, links: _Links) -> Curve:
    """One curve through samples that are joined by links."""
    u, facing = _unroll(samples, links)
    tangent = samples.tangent * facing[samples.stroke][:, None]
    ti, tj = tangent[links.i], tangent[links.j]
    with_it = links.pick((ti * tj).sum(axis=1) > ALIKE)
    mean = tangent[with_it.i] + tangent[with_it.j]
    mean /= np.hypot(*mean.T)[:, None]
    ahead = ((samples.points[with_it.j] - samples.points[with_it.i]) * mean).sum(axis=1)
    across = samples.stroke[with_it.i] != samples.stroke[with_it.j]
    for _ in range(3):  # links that contradict the others drop out: the line crosses itself there
        slack = u[with_it.j] - u[with_it.i] - ahead
        agrees = across & (np.abs(slack) < SLACK)
        u, _period = _solve(samples, facing, u, with_it.pick(agrees), ahead[agrees], None)
    slack = u[with_it.j] - u[with_it.i] - ahead
    agrees = across & (np.abs(slack) < SLACK)
    spread = float(np.median(with_it.gap[agrees])) if agrees.any() else 0.0
    turns = _turns(slack, with_it.gap, spread, float(np.ptp(u)))
    if turns is not None:
        around, period = _solve(samples, facing, u, with_it, ahead, turns)
        ring = _regress(samples, around, spread, period)
        if (cKDTree(ring).query(samples.points)[0] > FAR).mean() < MOST_OUTSIDE:
            return Curve(ring, True)
    return Curve(_regress(samples, u, spread, None), False)


def _unroll(samples: _Samples, links: _Links) -> tuple[Points, npt.NDArray[np.int64]]:
    """A first parameter (n,), and the direction of every stroke, 1 or -1, along a tree."""
    n = int(samples.stroke.max()) + 1
    cos = (samples.tangent[links.i] * samples.tangent[links.j]).sum(axis=1)
    s, t = samples.stroke[links.i], samples.stroke[links.j]
    # Strokes that lie closer say more of how they run than the other side of a hairpin.
    trust = 1 / (1 + (links.gap / NEAR) ** 2)
    forward = coo_matrix((np.sign(cos) * trust, (s, t)), shape=(n, n)).toarray()
    facing, start = np.ones(n, np.int64), np.zeros(n)
    vote = np.abs(forward)
    np.fill_diagonal(vote, 0)
    counted = coo_matrix((np.ones(len(s)), (s, t)), shape=(n, n)).toarray()
    np.fill_diagonal(counted, 0)
    cost = np.where(counted > 0, 1 / (0.1 + vote), 0)
    tree = minimum_spanning_tree(coo_matrix(cost))
    order, before = breadth_first_order(tree, int(counted.sum(axis=1).argmax()), directed=False)
    for b in order[1:]:
        a = before[b]
        facing[b] = facing[a] * (1 if forward[a, b] + forward[b, a] >= 0 else -1)
        here = (s == a) & (t == b) & (cos * facing[a] * facing[b] > 0)
        if not here.any():
            here = (s == a) & (t == b) | (s == b) & (t == a)
        i, j = links.i[here], links.j[here]
        turn = np.where(s[here] == a, 1.0, -1.0)
        ahead = turn * ((samples.points[j] - samples.points[i]) * samples.tangent[i]).sum(axis=1)
        ahead *= np.where(s[here] == a, facing[a], facing[b])
        a_along = np.where(s[here] == a, samples.along[i], samples.along[j])
        b_along = np.where(s[here] == a, samples.along[j], samples.along[i])
        offsets = start[a] + facing[a] * a_along + ahead - facing[b] * b_along
        near = np.abs(offsets[:, None] - offsets[None]) < SLACK
        start[b] = np.median(offsets[near[near.sum(axis=1).argmax()]])
    return start[samples.stroke] + facing[samples.stroke] * samples.along, facing


def _solve(
    samples: _Samples,
    facing: npt.NDArray[np.int64],
    u: Points,
    links: _Links,
    ahead: Points,
    turns: npt.NDArray[np.int64] | None,
) -> tuple[Points, float]:
    """The parameter that agrees best with the strokes' lengths and the links; and the period.

    `turns` (links,) says how often each link goes round; a link of a NO_TURN counts for nothing.
    """
    n = len(u)
    a = np.flatnonzero(np.diff(samples.stroke) == 0)
    step = (samples.along[a + 1] - samples.along[a]) * facing[samples.stroke[a]]
    use = np.ones(len(ahead), bool) if turns is None else turns != NO_TURN
    k = np.zeros(use.sum()) if turns is None else turns[use].astype(float)
    i, j = links.i[use], links.j[use]
    # A link weighs less the more there are: strokes keep their lengths to a few per cent.
    pull = 0.1 * np.minimum(samples.weight[i], samples.weight[j])
    rows = np.arange(len(a) + len(i))
    strength = np.r_[np.ones(len(a)), pull]
    row = np.r_[rows, rows, rows[len(a) :]]
    column = np.r_[a + 1, j, a, i, np.full(len(i), n)]
    value = np.r_[np.ones(len(rows)), -np.ones(len(rows)), -k] * np.r_[strength, strength, pull]
    matrix = coo_matrix((value, (row, column)), shape=(len(rows), n + 1)).tocsc()
    wanted = np.r_[step, ahead[use]] * strength
    normal = (matrix.T @ matrix + 1e-9 * _eye(n + 1)).tocsc()
    found = spsolve(normal, matrix.T @ wanted)
    return found[:n] - found[:n].min(), float(abs(found[n]))


NO_TURN = -99


def _eye(n: int) -> coo_matrix:
    return coo_matrix((np.ones(n), (np.arange(n), np.arange(n))), shape=(n, n)).tocsc()


def _turns(
    slack: Points, gap: Points, spread: float, length: float
) -> npt.NDArray[np.int64] | None:
    """How often each link goes round a closed line: 0, 1 or -1; None where the line is open."""
    round_it = np.abs(slack) > 0.5 * length
    if round_it.sum() < FEW_LINKS:
        return None
    period = float(np.median(np.abs(slack[round_it])))
    coherent = np.abs(np.abs(slack) - period) < 0.15 * period
    apart = float(np.median(gap[round_it & coherent])) if (round_it & coherent).any() else np.inf
    if length > MOST_TURNS * period or apart > max(2 * spread, REACHES[1]):
        return None
    turns = np.where(np.abs(slack) < SLACK, 0, NO_TURN)
    return np.where(coherent, np.sign(slack).astype(np.int64), turns)


def _regress(samples: _Samples, u: Points, spread: float, period: float | None) -> Points:
    """Local linear regression of the samples over the parameter, (n, 2), every `STEP` px."""
    sigma = float(np.clip(spread, SMOOTHING, MOST_SMOOTHING))
    if period is None:
        at = np.linspace(u.min(), u.max(), max(2, int(np.ptp(u) / STEP) + 1))
    else:
        at = np.linspace(0, period, max(8, int(period / STEP)), endpoint=False)
    out = np.empty((len(at), 2))
    for start in range(0, len(at), 256):
        d = u[None] - at[start : start + 256, None]
        if period is not None:
            d -= period * np.round(d / period)
        w = samples.weight * np.exp(-0.5 * (d / sigma) ** 2)
        s0, s1, s2 = w.sum(axis=1), (w * d).sum(axis=1), (w * d * d).sum(axis=1)
        p0, p1 = w @ samples.points, (w * d) @ samples.points
        # A ridge of a small part of sigma² where all samples lie at one parameter.
        bent = s0 * (s2 + 1e-3 * sigma**2 * s0) - s1 * s1
        line = ((s2 + 1e-3 * sigma**2 * s0)[:, None] * p0 - s1[:, None] * p1) / np.maximum(
            bent, 1e-30
        )[:, None]
        nearest = samples.points[np.abs(d).argmin(axis=1)]
        out[start : start + 256] = np.where((s0 > 1e-6)[:, None], line, nearest)
    return out


def _join(curves: list[Curve]) -> list[Curve]:
    """Open pieces whose ends are near, end to end."""
    done = [c for c in curves if c.closed]
    pieces = [c.points for c in curves if not c.closed]
    while len(pieces) > 1:
        best = (JOIN_GAP, 0, 0, False, False)
        for a in range(len(pieces)):
            for b in range(a + 1, len(pieces)):
                for tail in (False, True):
                    for head in (False, True):
                        p = pieces[a][-1 if tail else 0]
                        q = pieces[b][0 if head else -1]
                        best = min(best, (float(np.hypot(*(p - q))), a, b, tail, head))
        gap, a, b, tail, head = best
        if gap >= JOIN_GAP:
            break
        first = pieces[a] if tail else pieces[a][::-1]
        second = pieces[b] if head else pieces[b][::-1]
        pieces = [p for k, p in enumerate(pieces) if k not in (a, b)]
        pieces.append(np.concatenate([first, second]))
    return done + [Curve(p, False) for p in pieces]
