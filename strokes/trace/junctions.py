"""Which chains are one stroke: nodes merged into crossings, and ends paired across them.

The skeleton makes two nodes of one crossing, with a bridge of shared ink between
them: short where strokes cross at right angles, many line widths long where they
cross flatly or touch. A bridge is given up where the ends around it continue each
other better across it than along it. In each crossing ends are paired so that the
cost of all joins (`branches.JoinCosts`) and of all ends left over is least. Two
ends left over are a corner.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from .branches import Branches, JoinCosts
from .ink import BoolArray, Ink
from .ragged import FloatArray, IntArray
from .recentre import Centred
from .skeleton import FREE, Skeleton, radius_at

NONE = -1
# What an end that is joined to nothing costs, radians. One end of an odd number has to be left,
# and is so cheaply: one stroke begins on another. Any more stand for a pen that was lifted
# in the middle of others' ink, which hands rarely do: rather they turned a corner there.
_ODD_ONE = 0.5
_LEFT_OVER = 0.95
# Joins that cost more than this turn sharply: they are corners.
_CORNER = 0.75
# Nodes closer than this many of their radii together are one, whatever is around them.
_SAME_NODE = 0.6
# Bridges shorter than this, line widths, may be given up although nothing passes over them: a
# corner that touches a line.
_SHORT_BRIDGE = 1.2
# Bridges longer than this, line widths, are strokes.
_LONGEST_BRIDGE = 14.0
# What it costs to give up a bridge, radians per line width beyond the first ones: much where it
# is as wide as one line, little where it is wider, for then two lines lie in it.
_BRIDGE_FREE = 1.5
_BRIDGE_COST_SINGLE = 0.14
_BRIDGE_COST_WIDE = 0.02
# Two strokes that end on a third, each for itself and this close, are a coincidence.
_COINCIDENCE = 0.3
_WIDE = 1.12
# A corner turned where strokes meet costs this, and a little of what it turns.
_TURN = 1.3
_TURN_MORE = 0.1
# Beyond this many ends in one crossing, pairs are taken best first instead of all tried.
_EXHAUSTIVE = 7
# Spurs are shorter than the ink's radius at their node times this: bumps of the outline.
_SPUR = 1.1
# Both ends at one crossing and not longer than this, line widths: the rim of a pinhole.
_PINHOLE = 2.5


@dataclass(frozen=True, slots=True, eq=False)
class Joints:
    """How chains go on.

    Args:
        partner: int64 (2 C,), the end that each end is joined to, `NONE` for none.
        back: int64 (2 C,), of a chain that is drawn there and back, the end that its base is
            joined to on the way back; `NONE` elsewhere.
        corner: bool (2 C,), joined, but as a corner.
        alive: bool (C,), False for bridges, spurs and rims that are no strokes.
        crossing: int64 (2 C,), the crossing that each end lies in, `NONE` for free ends.
        place: float64 (K, 2), the middle of each crossing.
    """

    partner: IntArray
    back: IntArray
    corner: BoolArray
    alive: BoolArray
    crossing: IntArray
    place: FloatArray


class _Merged:
    """Union-find over nodes."""

    def __init__(self, count: int) -> None:
        self.parent = list(range(count))

    def find(self, node: int) -> int:
        while self.parent[node] != node:
            self.parent[node] = self.parent[self.parent[node]]
            node = self.parent[node]
        return node

    def union(self, a: int, b: int) -> int:
        a, b = self.find(a), self.find(b)
        self.parent[b] = a
        return a


class _Pairing:
    """The cheapest pairing of a few ends."""

    def __init__(self, cost: JoinCosts) -> None:
        self.cost = cost

    def best(self, ends: list[int]) -> tuple[float, list[tuple[int, int]]]:
        """Total cost and pairs of the ends of one crossing."""
        return self._greedy(ends) if len(ends) > _EXHAUSTIVE else self._try_all(ends, 0)

    def _price(self, a: int, b: int) -> float:
        cost = self.cost(a, b)
        return min(cost, _TURN + _TURN_MORE * cost)

    @staticmethod
    def _left(count: int) -> float:
        return _LEFT_OVER * count - (count % 2) * (_LEFT_OVER - _ODD_ONE)

    def _try_all(self, ends: list[int], left: int) -> tuple[float, list[tuple[int, int]]]:
        if not ends:
            return self._left(left), []
        first, rest = ends[0], ends[1:]
        best_cost, best_pairs = self._try_all(rest, left + 1)
        for k, other in enumerate(rest):
            price = self._price(first, other)
            if price >= best_cost:
                continue
            rest_cost, pairs = self._try_all(rest[:k] + rest[k + 1 :], left)
            if price + rest_cost < best_cost:
                best_cost, best_pairs = price + rest_cost, [(first, other), *pairs]
        return best_cost, best_pairs

    def _greedy(self, ends: list[int]) -> tuple[float, list[tuple[int, int]]]:
        ranked = sorted(
            (self._price(a, b), a, b) for k, a in enumerate(ends) for b in ends[k + 1 :]
        )
        free, pairs, total = set(ends), [], 0.0
        for price, a, b in ranked:
            if price < 2 * _LEFT_OVER and a in free and b in free:
                free -= {a, b}
                pairs.append((a, b))
                total += price
        return total + self._left(len(free)), pairs


def join(
    ink: Ink,
    skeleton: Skeleton,
    centred: Centred,
    branches: Branches,
    along: FloatArray,
    replaced: BoolArray,
) -> Joints:
    """Merges nodes and pairs ends.

    Args:
        along: float64 (N,), distance along its chain of every point.
        replaced: bool (C,), chains that are dots.
    """
    chains = len(skeleton.loop)
    length = along[skeleton.offsets[1:] - 1] if chains else np.zeros(0)
    # The middle of a cluster of node px may itself lie beside the ink.
    radius = np.maximum(radius_at(ink.radius, skeleton.nodes), 0.5)
    node_ends = skeleton.ends
    alive = ~replaced & ~_spurs(skeleton, length, radius)
    merged = _Merged(len(skeleton.nodes))
    members: list[list[int]] = [[] for _ in range(len(skeleton.nodes))]
    for end, node in enumerate(node_ends.reshape(-1).tolist()):
        if node != FREE and alive[end >> 1]:
            members[node].append(end)
    pairing = _Pairing(JoinCosts(branches, ink.line_width))
    bridges = np.flatnonzero(
        alive
        & (node_ends >= 0).all(axis=1)
        & (node_ends[:, 0] != node_ends[:, 1])
        & (length < _LONGEST_BRIDGE * ink.line_width)
    )
    wide = _wide(ink, skeleton, centred, along, bridges)
    for k in np.argsort(length[bridges], kind="stable").tolist():
        chain = int(bridges[k])
        a, b = (merged.find(int(n)) for n in node_ends[chain])
        if a == b:
            continue
        own = {2 * chain, 2 * chain + 1}
        near = float(radius[node_ends[chain]].sum()) * _SAME_NODE
        if length[chain] > near:
            over = max(0.0, float(length[chain]) / ink.line_width - _BRIDGE_FREE)
            toll = over * (_BRIDGE_COST_WIDE if wide[k] else _BRIDGE_COST_SINGLE) - _COINCIDENCE
            apart = pairing.best(members[a])[0] + pairing.best(members[b])[0]
            together, pairs = pairing.best([e for e in members[a] + members[b] if e not in own])
            crossed = [p for p in pairs if (p[0] in members[a]) != (p[1] in members[a])]
            short = length[chain] < _SHORT_BRIDGE * ink.line_width
            if (len(crossed) < 2 and not short) or together + toll >= apart:
                continue
        joined = [e for e in members[a] + members[b] if e not in own]
        alive[chain] = False
        root = merged.union(a, b)
        members[root] = joined
    roots = [merged.find(n) for n in range(len(skeleton.nodes))]
    for chain in np.flatnonzero(alive & (node_ends >= 0).all(axis=1)).tolist():
        a, b = (roots[int(n)] for n in node_ends[chain])
        if a == b and length[chain] < _PINHOLE * ink.line_width and len(members[a]) > 2:
            alive[chain] = False
            members[a] = [e for e in members[a] if e >> 1 != chain]
    partner = np.full(2 * chains, NONE, np.int64)
    corner = np.zeros(2 * chains, np.bool_)
    for root in sorted(set(roots)):
        _, pairs = pairing.best(members[root])
        for a, b in pairs:
            partner[a], partner[b] = b, a
            corner[[a, b]] = pairing.cost(a, b) > _CORNER
    back = np.full(2 * chains, NONE, np.int64)
    place, number = _places(skeleton, radius, roots)
    flat = node_ends.reshape(-1)
    crossing = np.where(flat == FREE, NONE, number[flat] if len(number) else NONE)
    # A square or ragged end is a fork to the skeleton: without its spurs nothing meets there.
    crossing[[members[root][0] for root in set(roots) if len(members[root]) == 1]] = NONE
    return Joints(partner, back, corner, alive, crossing, place)


def _spurs(skeleton: Skeleton, length: FloatArray, radius: FloatArray) -> BoolArray:
    """Chains from a node to a free end that lie within the node's own ink."""
    a, b = skeleton.ends[:, 0], skeleton.ends[:, 1]
    one_free = ((a == FREE) != (b == FREE)) & ~skeleton.loop
    node = np.maximum(a, b)
    if len(radius) == 0:
        return np.zeros(len(length), np.bool_)
    return np.asarray(one_free & (length < _SPUR * radius[node] + 0.5))


def _wide(
    ink: Ink, skeleton: Skeleton, centred: Centred, along: FloatArray, bridges: IntArray
) -> list[bool]:
    """Whether the middle half of each bridge is wider than one line."""
    result = []
    widths = 2 * radius_at(ink.radius, skeleton.points) - 1.0
    typical = float(np.median(widths)) if len(widths) else 1.0
    for chain in bridges.tolist():
        first, last = skeleton.offsets[chain], skeleton.offsets[chain + 1]
        quarter = (last - first) // 4
        middle = widths[first + quarter : last - quarter]
        result.append(bool(len(middle)) and float(middle.mean()) > _WIDE * typical)
    return result


def _places(
    skeleton: Skeleton, radius: FloatArray, roots: Iterable[int]
) -> tuple[FloatArray, IntArray]:
    """The middle of each crossing, its nodes weighed by their radius, and each node's crossing."""
    found, number = np.unique(np.array(list(roots), np.int64), return_inverse=True)
    weight = np.bincount(number, radius, minlength=len(found))
    place = np.stack(
        [
            np.bincount(number, radius * skeleton.nodes[:, axis], minlength=len(found))
            / np.maximum(weight, 1e-9)
            for axis in (0, 1)
        ],
        axis=1,
    ).reshape(-1, 2)
    return place, number
