"""Faint lines: pencil beside ink, or nothing but pencil that hardly shows.

One threshold for a page loses what is drawn lightly. Whatever stands out of the paper's
grain by a few deviations and is long and narrow is a line, however faint: specks of
grain are short, smudges and stains are wide. Faint lines are made as dark as the others
where they are, so that everything after sees one kind of ink; without any other ink, all that
is not a line is wiped away.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from .paper import blurred
from .ragged import FloatArray

UInt8Array = npt.NDArray[np.uint8]
BoolArray = npt.NDArray[np.bool_]

# Faint lines stand out of smoothed grain by so many deviations of it, and by this part of
# black; and they are at least this part as dark as the ink beside them: a print that shows
# through from the back is fainter.
_SIGMAS = 3.5
_LEAST = 0.03
_OF_INK = 0.13
_SMOOTHING = 1.3
# Ink has a rim of this many px that is neither dark nor paper.
_RIM = 4
# A line is this long, px, or this part of the page's longer side, and on average not wider
# than this part of its length. A ring is as long as its box goes around.
_LENGTH, _LENGTH_PART = 24.0, 0.01
_WIDE = 0.3
# Blurred by so many px, or this part of the longer side, a line keeps less than this part of
# its darkness.
_SOFT, _SOFT_PART = 4.0, 0.004
_STAYS = 0.72
# Weak ink carries a line on from so many line widths of it.
_CARRIES_ON = 2.5
# Faint lines are made darker by at most so much, by what they have within so many px.
_MOST_GAIN = 8.0
_LOCAL = 21
# Faint lines fill at least this part of a page.
_LEAST_SHARE = 5e-5
# A first look at a smaller copy lowers its bars to this part.
_MILDLY = 0.85
# The darker half of a pencil line's px is as dark as this part above their mean.
_FULL = 1.2


def above_grain(counts: FloatArray, level: float | None) -> float:
    """Density, 0 to 1, that the grain of paper hardly ever has.

    Args:
        counts: float64 (256,), how many px of a smoothed picture have each density.
        level: of ink, 0 to 1, or None where there is none.
    """
    paper = np.cumsum(counts if level is None else counts[: math.ceil(0.5 * level * 255)])
    if len(paper) == 0 or paper[-1] == 0:
        return 0.0
    usual, high = np.searchsorted(paper, np.array([0.5, 0.84]) * paper[-1]).tolist()
    return float(usual + _SIGMAS * (high - usual)) / 255


def find_faint(
    density: UInt8Array,
    smoothed: UInt8Array,
    level: float | None,
    of_grain: float,
    least: float,
) -> tuple[UInt8Array, float | None]:
    """Density with faint lines as dark as the others, and the level of full ink.

    Args:
        density: uint8 (H, W), 0 paper, 255 black.
        smoothed: the same with less grain.
        level: of the ink that one threshold finds, 0 to 1, or None where it finds none.
        of_grain: of `above_grain`.
        least: lines are darker, 0 to 1; where there is no ink beside them, twice as dark.

    Returns:
        the same arrays and level where there are no faint lines.
    """
    low = max(of_grain, _LEAST, least) * 255
    if level is None:
        low = max(low, 2 * least * 255)
    else:
        low = max(low, _OF_INK * level * 255)
        if low > 0.4 * level * 255:
            return density, level
    if not _perhaps(density, level, low):
        return density, level
    fine = blurred(density, _SMOOTHING)
    candidate = fine > low
    if level is not None:
        candidate &= ~_with_rim(smoothed > 0.5 * level * 255)
    if np.count_nonzero(candidate) < _LEAST_SHARE * candidate.size:
        return density, level
    lines = _long(candidate, fine)
    if np.count_nonzero(lines) < _LEAST_SHARE * lines.size:
        return density, level
    near = _with_rim(lines)
    if level is None:
        return density * near, float(np.quantile(fine[lines], 0.8)) / 255
    return _darkened(density, fine, lines, near, level), level


def _perhaps(density: UInt8Array, level: float | None, low: float) -> bool:
    """Whether a copy of half the size has faint px enough that looking for lines is worth it.

    It is smoothed to what `_SMOOTHING` is in the picture, and judged more mildly.
    """
    rows, cols = density.shape
    if min(rows, cols) < 2:
        return True
    used = density[: rows // 2 * 2, : cols // 2 * 2]
    half = np.asarray(
        cv2.resize(used, (cols // 2, rows // 2), interpolation=cv2.INTER_AREA), np.uint8
    )
    candidate = blurred(half, 0.5 * math.sqrt(_SMOOTHING**2 - 1 / 3)) > _MILDLY * low
    if level is not None:
        strong = (half > 0.5 * level * 255).view(np.uint8)
        candidate &= cv2.dilate(strong, np.ones((_RIM + 1, _RIM + 1), np.uint8)) == 0
    return bool(4 * np.count_nonzero(candidate) >= _MILDLY * _LEAST_SHARE * density.size)


def _with_rim(mask: BoolArray) -> BoolArray:
    kernel = np.ones((2 * _RIM + 1, 2 * _RIM + 1), np.uint8)
    return np.asarray(cv2.dilate(mask.view(np.uint8), kernel)).view(np.bool_)


def _long(candidate: BoolArray, fine: UInt8Array) -> BoolArray:
    """Components that are long, narrow and sharp, those that nearly touch taken together."""
    joined = cv2.morphologyEx(candidate.view(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    breadth, height, area = stats[:, 2], stats[:, 3], stats[:, 4]
    length = np.hypot(breadth, height)
    longer = max(candidate.shape)
    keep = (length >= max(_LENGTH, _LENGTH_PART * longer)) & (area < _WIDE * length**2)
    keep[0] = False
    # Folds and the rims of shadows stay what they are when blurred as lines would not.
    wide = blurred(fine, max(_SOFT, _SOFT_PART * longer))
    at = np.flatnonzero(keep[labels] & candidate)
    label = labels.reshape(-1)[at]
    left, had = (
        np.bincount(label, values.reshape(-1)[at], minlength=count) for values in (wide, fine)
    )
    keep &= left < _STAYS * had
    result = np.zeros(candidate.size, np.bool_)
    result[at[keep[label]]] = True
    return result.reshape(candidate.shape)


def _darkened(
    density: UInt8Array, fine: UInt8Array, lines: BoolArray, near: BoolArray, level: float
) -> UInt8Array:
    """The density with the faint lines brought up to the level of ink."""
    inside = lines.astype(np.float32)
    box = (_LOCAL, _LOCAL)
    share = cv2.blur(inside, box)
    local = cv2.blur(fine * inside, box) / np.maximum(share, 1e-6)
    gain = np.clip(level * 255 / np.maximum(_FULL * local, 1.0), 1.0, _MOST_GAIN)
    darker = np.clip(np.rint(density * gain), 0, max(255 * level, 1)).astype(np.uint8)
    return np.where(near, np.maximum(density, darker), density)


def with_bridges(mask: BoolArray, weak: BoolArray, line_width: float) -> BoolArray:
    """The mask with the weak ink that joins two parts of it, or carries a line on.

    Args:
        mask: bool (H, W), surely ink.
        weak: bool (H, W), perhaps ink, all of the mask among it.
        line_width: px.
    """
    rim = np.ones((3, 3), np.uint8)
    beside = np.asarray(cv2.dilate(mask.view(np.uint8), rim)).view(np.bool_)
    rest = weak & ~beside
    if not rest.any():
        return mask
    _, strong = cv2.connectedComponents(mask.view(np.uint8), connectivity=8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(rest.view(np.uint8), connectivity=8)
    # What a piece of weak ink touches: the rim about ink lies between them.
    at = np.flatnonzero(rest)
    near = cv2.dilate(strong.astype(np.float32), np.ones((5, 5), np.uint8)).reshape(-1)[at]
    piece = labels.reshape(-1)[at]
    touching = near > 0
    pairs = np.unique(np.stack([piece[touching], near[touching].astype(np.int64)]), axis=1)
    parts = np.bincount(pairs[0], minlength=count)
    length = np.hypot(stats[:, 2], stats[:, 3])
    long = (length > _CARRIES_ON * line_width) & (stats[:, 4] < _WIDE * length**2 + line_width**2)
    keep = (parts >= 2) | (long & (parts >= 1))
    keep[0] = False
    if not keep.any():
        return mask
    added = np.asarray(keep[labels], np.bool_)
    around = np.asarray(cv2.dilate(added.view(np.uint8), np.ones((5, 5), np.uint8))).view(np.bool_)
    return mask | (around & weak)
