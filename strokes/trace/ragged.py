"""Arithmetic over many short rows of different lengths that lie one after another in one array.

A page has hundreds of strokes of a few dozen points: a loop over them costs more
than all the arithmetic, so every pass of the tracer takes all of them at once.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


def ranges(first: IntArray, count: IntArray) -> IntArray:
    """first[0] .. first[0] + count[0] - 1, first[1] .., one after another.

    >>> ranges(np.array([5, 0]), np.array([2, 3])).tolist()
    [5, 6, 0, 1, 2]
    """
    ends = np.cumsum(count)
    total = int(ends[-1]) if len(ends) else 0
    return np.asarray(np.arange(total) + np.repeat(first - (ends - count), count))


def row_of(offsets: IntArray) -> IntArray:
    """The row that each item belongs to; `offsets` (R + 1,) begins with 0 and ends with N."""
    return np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))


def smooth(values: FloatArray, offsets: IntArray, loop: BoolArray, sigma: float) -> FloatArray:
    """Each row convolved with a Gaussian of `sigma` items; (N, D).

    Loops wrap. Towards an open row's ends the window shrinks symmetrically, so
    that ends stay where they are and straight lines stay as they are.
    """
    reach = max(1, round(2.5 * sigma))
    weights = np.exp(-0.5 * (np.arange(reach + 1) / sigma) ** 2)
    row = row_of(offsets)
    first, last = offsets[:-1][row], offsets[1:][row] - 1
    index = np.arange(len(row))
    to_end = np.minimum(index - first, last - index)
    # Inside, neighbours are those in the array; the few near ends are looked up.
    columns = np.ascontiguousarray(values.T)
    total = columns * weights[0]
    for k in range(1, min(reach, (len(row) - 1) // 2) + 1):
        total[:, k:-k] += weights[k] * (columns[:, 2 * k :] + columns[:, : -2 * k])
    total /= weights[0] + 2 * weights[1:].sum()
    near = np.flatnonzero(to_end < reach)
    first, last, index, wraps = first[near], last[near], index[near], loop[row[near]]
    count = last - first + 1
    room = np.where(wraps, reach, to_end[near])
    ends = columns[:, near] * weights[0]
    weight = np.full(len(near), weights[0])
    for k in range(1, reach + 1):
        w = np.where(room >= k, weights[k], 0.0)
        after, before = index + k, index - k
        after = np.where(wraps, first + (after - first) % count, np.minimum(after, last))
        before = np.where(wraps, first + (before - first) % count, np.maximum(before, first))
        ends += w * (columns[:, after] + columns[:, before])
        weight += 2 * w
    total[:, near] = ends / weight
    return np.ascontiguousarray(total.T)


def tangents(points: FloatArray, offsets: IntArray, loop: BoolArray, reach: int = 2) -> FloatArray:
    """Unit directions (N, 2) from the points `reach` before to those `reach` after."""
    row = row_of(offsets)
    first, last = offsets[:-1][row], offsets[1:][row] - 1
    index = np.arange(len(row))
    after, before = np.minimum(index + reach, last), np.maximum(index - reach, first)
    seam = np.flatnonzero(loop[row] & ((index + reach > last) | (index - reach < first)))
    count = (last - first + 1)[seam]
    after[seam] = first[seam] + (index[seam] + reach - first[seam]) % count
    before[seam] = first[seam] + (index[seam] - reach - first[seam]) % count
    along = points[after] - points[before]
    norm = np.hypot(along[:, 0], along[:, 1])
    along[norm == 0] = (1.0, 0.0)
    norm[norm == 0] = 1.0
    return np.asarray(along / norm[:, None])


def lengths_along(points: FloatArray, offsets: IntArray) -> FloatArray:
    """Distance along its row from the row's first point to each point, (N,)."""
    step = np.zeros(len(points))
    if len(points) > 1:
        difference = np.diff(points, axis=0)
        step[1:] = np.hypot(difference[:, 0], difference[:, 1])
        step[offsets[:-1][offsets[:-1] < len(points)]] = 0.0
    total = np.cumsum(step)
    return np.asarray(total - np.repeat(total[offsets[:-1]], np.diff(offsets)))


def median_by_row(values: FloatArray, row: IntArray, rows: int) -> FloatArray:
    """The median of the values of each row, (rows,); NaN for rows without any."""
    order = np.lexsort((values, row))
    count = np.bincount(row, minlength=rows)
    first = np.cumsum(count) - count
    result = np.full(rows, np.nan)
    some = count > 0
    low = order[(first + (count - 1) // 2)[some]]
    high = order[(first + count // 2)[some]]
    result[some] = 0.5 * (values[low] + values[high])
    return result
