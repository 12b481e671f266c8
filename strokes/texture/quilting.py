"""Image quilting (Efros and Freeman, "Image Quilting for Texture Synthesis and Transfer", 2001).

Blocks of the sample are laid in rows; each is chosen at random among those that agree best with
what lies there already, and the overlap is cut where both are most alike.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..errors import LineworkError
from .patches import FloatArray, as_bytes, as_floats

# Blocks that agree nearly as well as the best are chosen from; as published.
_TOLERANCE = 0.1
# Of a block, what it shares with the one before; as published.
_OVERLAP = 6
# Added to costs, so that a perfect agreement does not rule out all others: a difference of 1 %.
_ALIKE = 1e-4
_SMALLEST = 8


def quilt(
    sample: npt.NDArray[np.uint8],
    size: tuple[int, int],
    rng: np.random.Generator,
    *,
    block: int | None = None,
) -> npt.NDArray[np.uint8]:
    """More of a pattern.

    Args:
        sample: uint8 (h, w) or (h, w, 3).
        size: (width, height) wanted, px.
        block: side of the blocks, px; None is a third of the sample's shorter side.

    Returns:
        uint8 (height, width), or (height, width, 3).

    Raises:
        LineworkError: a sample of less than 8 px, or blocks larger than it.
    """
    known = as_floats(sample)
    shorter = min(known.shape[:2])
    if shorter < _SMALLEST:
        raise LineworkError(
            f"a pattern of {known.shape[1]} x {known.shape[0]} px; wanted {_SMALLEST} or more"
        )
    side = max(_SMALLEST, shorter // 3) if block is None else block
    if not _SMALLEST <= side <= shorter:
        raise LineworkError(f"blocks of {side} px; wanted {_SMALLEST} to the pattern's {shorter}")
    overlap = max(2, side // _OVERLAP)
    step = side - overlap
    width, height = size
    rows, columns = (max(1, -(-(n - overlap) // step)) for n in (height, width))
    canvas = np.zeros((rows * step + overlap, columns * step + overlap, known.shape[2]), np.float32)
    for row in range(rows):
        for column in range(columns):
            y, x = row * step, column * step
            there = canvas[y : y + side, x : x + side]
            done = np.zeros((side, side), np.bool_)
            done[:, :overlap] = column > 0
            done[:overlap] |= row > 0
            chosen = _agreeing(known, there, done, rng)
            taken = np.ones((side, side), np.bool_)
            wrong = ((there - chosen) ** 2).sum(axis=2)
            if column:
                taken[:, :overlap] &= _right_of_cut(wrong[:, :overlap])
            if row:
                taken[:overlap] &= _right_of_cut(wrong[:overlap].T).T
            canvas[y : y + side, x : x + side] = np.where(taken[..., None], chosen, there)
    return as_bytes(canvas[:height, :width])


def _agreeing(
    known: FloatArray, there: FloatArray, done: npt.NDArray[np.bool_], rng: np.random.Generator
) -> FloatArray:
    """A block of the sample that is like what is there already, where that is done."""
    import cv2

    side = len(there)
    if not done.any():
        cost = np.zeros((known.shape[0] - side + 1, known.shape[1] - side + 1))
    else:
        mask = np.repeat(done[..., None], known.shape[2], axis=2).astype(np.float32)
        cost = cv2.matchTemplate(known, there, cv2.TM_SQDIFF, mask=mask).clip(0)
    most = cost.min() * (1 + _TOLERANCE) + _ALIKE * int(done.sum())
    y, x = np.nonzero(cost <= most)
    k = int(rng.integers(len(y)))
    return known[y[k] : y[k] + side, x[k] : x[k] + side]


def _right_of_cut(wrong: FloatArray) -> npt.NDArray[np.bool_]:
    """Where the new block is, of an overlap (length, width): right of the cheapest way down."""
    length, width = wrong.shape
    cost = wrong.astype(np.float64).copy()
    for k in range(1, length):
        before = np.pad(cost[k - 1], 1, constant_values=np.inf)
        cost[k] += np.minimum(np.minimum(before[:-2], before[1:-1]), before[2:])
    cut = np.empty(length, np.int64)
    cut[-1] = cost[-1].argmin()
    for k in range(length - 2, -1, -1):
        first = max(0, cut[k + 1] - 1)
        cut[k] = first + cost[k, first : cut[k + 1] + 2].argmin()
    right: npt.NDArray[np.bool_] = np.arange(width) >= cut[:, None]
    return right
