"""Ends that thinning ate, grown back.

Zhang and Suen's thinning takes lines apart from their ends that run at 45 degrees
and are an even number of px wide. The distance to the paper still shows them: a
chain's free end is carried on, straight, as long as the ink there is as deep as
it was along the chain.
"""

from __future__ import annotations

import numpy as np

from .ink import Float32Array
from .ragged import FloatArray, IntArray
from .skeleton import FREE, Skeleton, radius_at

# Direction is read over this many px, and an end is carried on for at most so many a round.
_BASE = 14
_FARTHEST = 48
_ROUNDS = 4
# Ink is a line's while its depth is between these parts of the depth along the chain.
_SHALLOW, _DEEP = 0.62, 1.5
# Growing by less than this, in parts of the depth, is what ends do anyway.
_LEAST = 1.6


def regrow(skeleton: Skeleton, radius: Float32Array) -> Skeleton:
    """The skeleton with free ends carried to where their ink ends."""
    for _ in range(_ROUNDS):
        grown = _grow(skeleton, radius)
        if grown is None:
            return skeleton
        skeleton = grown
    return skeleton


def _grow(skeleton: Skeleton, radius: Float32Array) -> Skeleton | None:
    """One round; None where no end grows."""
    offsets = skeleton.offsets
    count = np.diff(offsets)
    free = np.flatnonzero((skeleton.ends.reshape(-1) == FREE) & np.repeat(~skeleton.loop, 2))
    free = free[count[free >> 1] >= 4]
    if len(free) == 0:
        return None
    chain = free >> 1
    base = np.minimum(_BASE, count[chain] - 1)
    at_end = (free & 1) == 1
    tip_index = np.where(at_end, offsets[chain + 1] - 1, offsets[chain])
    sign = np.where(at_end, -1, 1)
    tip = skeleton.points[tip_index]
    out = tip - skeleton.points[tip_index + sign * base]
    out /= np.maximum(np.hypot(out[:, 0], out[:, 1]), 1e-9)[:, None]
    depth = _depth(skeleton, radius, tip_index, sign, base)
    steps = np.arange(1, _FARTHEST + 1)
    places = tip[:, None] + steps[None, :, None] * out[:, None]
    there = radius_at(radius, places.reshape(-1, 2)).reshape(len(free), _FARTHEST)
    height, width = radius.shape
    on_page = (
        (places[:, :, 0] >= 0)
        & (places[:, :, 0] < width)
        & (places[:, :, 1] >= 0)
        & (places[:, :, 1] < height)
    )
    in_line = on_page & (there > _SHALLOW * depth[:, None]) & (there < _DEEP * depth[:, None])
    reach = np.logical_and.accumulate(in_line, axis=1).sum(axis=1)
    grows = reach >= _LEAST * depth
    if not grows.any():
        return None
    return _extended(skeleton, free[grows], places[grows], reach[grows])


def _depth(
    skeleton: Skeleton, radius: Float32Array, tip: IntArray, sign: IntArray, base: IntArray
) -> FloatArray:
    """How deep the ink is along each chain near its end: the median of a few places."""
    parts = [
        radius_at(radius, skeleton.points[tip + sign * np.rint(base * part).astype(np.int64)])
        for part in (0.3, 0.5, 0.7, 0.85, 1.0)
    ]
    return np.asarray(np.median(parts, axis=0))


def _extended(skeleton: Skeleton, ends: IntArray, places: FloatArray, reach: IntArray) -> Skeleton:
    pieces = np.split(skeleton.points, skeleton.offsets[1:-1])
    for end, way, steps in zip(ends.tolist(), places, reach.tolist(), strict=True):
        chain, more = end >> 1, way[:steps]
        pieces[chain] = np.concatenate(
            [pieces[chain], more] if end & 1 else [more[::-1], pieces[chain]]
        )
    offsets = np.concatenate([[0], np.cumsum([len(p) for p in pieces])]).astype(np.int64)
    return Skeleton(
        np.concatenate(pieces),
        offsets,
        skeleton.ends,
        skeleton.loop,
        skeleton.nodes,
        skeleton.dots,
    )
