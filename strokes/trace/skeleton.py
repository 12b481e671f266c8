"""The skeleton of ink as a graph: chains of px between nodes.

Two px are neighbours where they share a side, or a corner that no third px of the skeleton
connects them around; so a px with one neighbour is an end, with two lies on a
chain and with three or more is a node. Nothing is joined or judged here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .ink import BoolArray, Float32Array
from .ragged import FloatArray, IntArray, row_of, smooth
from .thin import line_px

FREE = -1
# Neighbours on a px grid say much the same: lines are worked on through every second of them,
# after the skeleton's own jitter, in px, is smoothed away. Near ends, where directions are
# read from little, so many are all kept.
_EVERY = 2
_ALL_NEAR_ENDS = 20
_JITTER = 1.6


@dataclass(frozen=True, slots=True, eq=False)
class Skeleton:
    """Chains of px, and the nodes they meet in.

    Args:
        points: float64 (N, 2), x, y of px middles, all chains one after another; a
            chain's first and last point are its nodes or its free ends.
        offsets: int64 (C + 1,), where each chain begins.
        ends: int64 (C, 2), node at the chain's beginning and end, `FREE` for none.
        loop: bool (C,), chains without ends: the last point precedes the first.
        nodes: float64 (J, 2), places of nodes; clusters of adjacent node px are one.
        dots: float64 (D, 2), px without neighbours.
    """

    points: FloatArray
    offsets: IntArray
    ends: IntArray
    loop: BoolArray
    nodes: FloatArray
    dots: FloatArray


def skeletonize(mask: BoolArray) -> Skeleton:
    """The skeleton graph of a mask, in px of it; px (0, 0) has its middle at (.5, .5)."""
    rows, columns = line_px(mask).T
    places = np.stack([columns + 0.5, rows + 0.5], axis=1)
    source, target = _edges(rows, columns, mask.shape[1])
    degree = np.bincount(source, minlength=len(rows))
    walks, closed = _walk(source, target, degree)
    cluster, nodes = _clusters(source, target, degree, places)
    offsets = np.concatenate([[0], np.cumsum([len(w) for w in walks])]).astype(np.int64)
    flat = np.concatenate([*walks, np.zeros(0, np.int64)]).astype(np.int64)
    first, last = flat[offsets[:-1]], flat[offsets[1:] - 1]
    loop = np.array(closed, np.bool_)
    ends = np.stack([cluster[first], cluster[last]], axis=1).reshape(-1, 2)
    return Skeleton(places[flat], offsets, ends, loop, nodes, places[degree == 0])


def spaced(skeleton: Skeleton) -> Skeleton:
    """The same chains through every other point, all near their ends; stairs smoothed away."""
    points = smooth(skeleton.points, skeleton.offsets, skeleton.loop, _JITTER)
    row = row_of(skeleton.offsets)
    index = np.arange(len(row)) - skeleton.offsets[:-1][row]
    to_end = np.minimum(index, np.diff(skeleton.offsets)[row] - 1 - index)
    keep = (index % _EVERY == 0) | ((to_end < _ALL_NEAR_ENDS) & ~skeleton.loop[row])
    count = np.bincount(row[keep], minlength=len(skeleton.loop))
    offsets = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    return replace(skeleton, points=points[keep], offsets=offsets)


def radius_at(radius: Float32Array, points: FloatArray) -> FloatArray:
    """Distance to the paper at points given in px, nearest px."""
    rows, columns = radius.shape
    x = np.clip(points[:, 0].astype(np.int64), 0, columns - 1)
    y = np.clip(points[:, 1].astype(np.int64), 0, rows - 1)
    return radius[y, x].astype(np.float64)


def _edges(rows: IntArray, columns: IntArray, width: int) -> tuple[IntArray, IntArray]:
    """Half-edges (source, target) both ways between px numbers, in ascending order."""
    stride = width + 2
    at = rows * stride + columns
    # Px are few and in order: searching for neighbours costs less than a map of the page.
    index = np.arange(len(at))
    # The first px not before the one below; -1 stands for the end of the page.
    below = np.searchsorted(at, at + stride)
    padded = np.append(at, -1)
    east = padded[1:] == at + 1
    west = np.append(False, east[:-1])
    south = padded[below] == at + stride
    south_east = ~(east | south) & (padded[below] == at + stride + 1)
    south_west = ~(west | south) & (padded[below - 1] == at + stride - 1)
    neighbours = ((east, index + 1), (south, below), (south_east, below), (south_west, below - 1))
    pairs = [np.stack([index[has], to[has]]) for has, to in neighbours]
    a, b = np.concatenate(pairs, axis=1)
    source, target = np.concatenate([a, b]), np.concatenate([b, a])
    order = np.argsort(source * len(at) + target)
    return source[order], target[order]


def _walk(
    source: IntArray, target: IntArray, degree: npt.NDArray[np.int64]
) -> tuple[list[IntArray], list[bool]]:
    """Chains as rows of px numbers, and which of them are loops.

    One step of plain Python a px (0.1 us) is faster here than pointer doubling over
    arrays, which takes a dozen passes over all half-edges.
    """
    n = len(degree)
    begin = np.cumsum(degree) - degree
    # Where a half-edge goes on: the other one that leaves its target, if that has just two.
    back = np.searchsorted(source * n + target, target * n + source)
    on = np.where(degree[target] == 2, begin[target] + (back == begin[target]), -1)
    follow, towards, twin = on.tolist(), target.tolist(), back.tolist()
    seen = bytearray(len(source))
    walks: list[IntArray] = []
    closed: list[bool] = []
    from_node = np.flatnonzero((degree != 2)[source]).tolist() if n else []
    origin = source.tolist()
    for first in from_node:
        if seen[first]:
            continue
        path = [origin[first]]
        edge = first
        while edge >= 0:
            last = edge
            path.append(towards[edge])
            seen[edge] = 1
            edge = follow[edge]
        seen[twin[last]] = 1
        walks.append(np.array(path, np.int64))
        closed.append(False)
    on_chain = np.zeros(n, np.bool_)
    for walk in walks:
        on_chain[walk] = True
    for pixel in np.flatnonzero(~on_chain & (degree == 2)).tolist():
        if on_chain[pixel]:
            continue
        path = []
        edge = int(begin[pixel])
        while not seen[edge]:
            seen[edge] = 1
            path.append(origin[edge])
            edge = follow[edge]
        walks.append(np.array(path, np.int64))
        on_chain[walks[-1]] = True
        closed.append(True)
    return walks, closed


def _clusters(
    source: IntArray, target: IntArray, degree: IntArray, places: FloatArray
) -> tuple[IntArray, FloatArray]:
    """The node number of every px (`FREE` for most), and the nodes' places.

    Node px that touch are one node: labels spread to the least among neighbours
    until nothing changes; clusters are a few px wide.
    """
    is_node = degree >= 3
    label = np.where(is_node, np.arange(len(degree)), len(degree))
    inner = is_node[source] & is_node[target]
    a, b = source[inner], target[inner]
    while len(a):
        spread = label.copy()
        np.minimum.at(spread, a, label[b])
        if (spread == label).all():
            break
        label = spread
    found, number = np.unique(label[is_node], return_inverse=True)
    cluster = np.full(len(degree), FREE, np.int64)
    cluster[is_node] = number
    count = np.bincount(number, minlength=len(found))
    nodes = np.stack(
        [
            np.bincount(number, places[is_node, axis], minlength=len(found)) / np.maximum(count, 1)
            for axis in (0, 1)
        ],
        axis=1,
    ).reshape(-1, 2)
    return cluster, nodes
