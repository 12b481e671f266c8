"""Printed lines taken off a page: the light that each takes away is given back.

Across a ruling the page shows a usual profile, and along it the ruling is somewhat darker here
and fainter there; both are measured, away from ink by medians. Ink that crosses a
ruling, or is drawn along it, is darker than it and stays.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from .ragged import FloatArray, IntArray
from .rulings import BAND, SIDE, curve_through, find_rulings

Float32Array = npt.NDArray[np.float32]
UInt8Array = npt.NDArray[np.uint8]

# Rulings are darker in places by up to these factors, over so many px.
_UNEQUAL = (0.6, 1.5)
_ALONG = 64
# What a ruling leaves is paper if it is fainter than this part of the ruling.
_REST = 0.35
# Rulings darker than this, of 255, are taken for drawn; so are a few that are darker than this
# part of what is darkest, for someone may have drawn a fence.
_DARKEST = 0.62 * 255
_FEW, _OF_INK = 8, 0.7
# Ink covers at least this part of a page.
_INK_SHARE = 0.004


def without_rulings(density: UInt8Array) -> tuple[UInt8Array, float]:
    """A drawing off its squared or ruled paper, and how dark the rulings were, 0 to 1.

    Args:
        density: uint8 (H, W), 0 paper, 255 black. The same array comes back, and 0, where
            there are no rulings.
    """
    rows, cols = density.shape
    # By a whole number: OpenCV averages whole px ten times as fast.
    times = -(-max(rows, cols) // SIDE)
    small = density
    if times > 1:
        used = density[: max(1, rows // times) * times, : max(1, cols // times) * times]
        size = (max(1, cols // times), max(1, rows // times))
        small = np.asarray(cv2.resize(used, size, interpolation=cv2.INTER_AREA), np.uint8)
    level, upright = find_rulings(small)
    if level is None and upright is None:
        return density, 0.0
    most = _DARKEST
    if max(len(lines) for lines in (level, upright) if lines is not None) < _FEW:
        sample = density.reshape(-1)[:: max(1, density.size // 10**5)]
        most = min(most, _OF_INK * float(np.quantile(sample, 1 - _INK_SHARE)))
    result, darkest = density, 0.0
    if level is not None:
        result, darkest = _taken_off(result, level, times, most)
    if upright is not None:
        turned, dark = _taken_off(np.ascontiguousarray(result.T), upright, times, most)
        result, darkest = np.ascontiguousarray(turned.T), max(darkest, dark)
    return result, darkest


def _taken_off(
    density: UInt8Array, lines: FloatArray, times: int, most: float
) -> tuple[UInt8Array, float]:
    """The density without lines (K, B) that lead from left to right, and theirs, 0 to 1.

    Args:
        lines: px of a copy that is so many times as small.
        most: darker ones, of 255, are left.
    """
    rows, cols = density.shape
    x = np.arange(cols)
    y = np.stack([_smoothed(line, x, times) for line in lines])
    reach = int(np.ceil(2.5 * times)) + 2
    offsets = np.arange(-reach, reach + 0.25, 0.5)
    profile = _shape(density, y, offsets)
    if not 2 <= profile.max() <= most:
        return density, 0.0
    wide = int(np.ceil(np.abs(offsets[profile > 0]).max())) + 1
    top = np.floor(y).astype(np.int64)
    strength = _strength(density, y, profile.max())
    result = density.copy()
    faint = _REST * float(profile.max())
    for row in range(-wide, wide + 2):
        at = top + row
        line = strength * np.interp((at - y).ravel(), offsets, profile, 0, 0).reshape(y.shape)
        inside = (at >= 0) & (at < rows) & (line > 0)
        k, column = np.nonzero(inside)
        light = np.minimum(line[k, column], 230.0)
        there = at[k, column]
        seen = result[there, column].astype(np.float64)
        rest = 255 * (seen - light) / (255 - light)
        result[there, column] = np.where(rest < faint, 0, np.clip(rest, 0, 255)).astype(np.uint8)
    return result, float(profile.max()) / 255


def _smoothed(line: FloatArray, x: IntArray, times: int) -> FloatArray:
    """A line's y at every column of the picture."""
    at = np.asarray((np.arange(len(line)) + 0.5) * BAND * times - 0.5, np.float64)
    values = (line + 0.5) * times - 0.5
    return curve_through(values, at, np.asarray(x, np.float64), times)


def _sampled(density: UInt8Array, y: FloatArray, step: int, offset: float) -> Float32Array:
    """Density at an offset from the lines, every `step` columns; (K, columns)."""
    x = np.arange(0, density.shape[1], step, dtype=np.float32)
    where = (y[:, ::step] + offset).astype(np.float32)
    across = np.ascontiguousarray(np.broadcast_to(x, where.shape))
    pieces = [
        cv2.remap(density, across[:, k : k + 16_384], where[:, k : k + 16_384], cv2.INTER_LINEAR,
                  borderMode=cv2.BORDER_REPLICATE)
        for k in range(0, len(x), 16_384)
    ]  # fmt: skip
    return np.concatenate(pieces, axis=1).astype(np.float32)


def _shape(density: UInt8Array, y: FloatArray, offsets: FloatArray) -> FloatArray:
    """The usual density across a ruling over the paper's, (offsets,); 0 beyond its sides."""
    step = max(1, y.size // 20_000)
    profile = np.array([np.median(_sampled(density, y, step, o)) for o in offsets.tolist()])
    profile -= min(profile[:2].mean(), profile[-2:].mean())
    peak = int(np.argmax(profile))
    inside = profile > 0.08 * profile[peak]
    right = np.logical_and.accumulate(inside[peak:])
    left = np.logical_and.accumulate(inside[peak::-1])[::-1]
    return np.where(np.concatenate([left[:-1], right]), np.maximum(profile, 0), 0.0)


def _strength(density: UInt8Array, y: FloatArray, peak: float) -> FloatArray:
    """How dark each ruling is along itself, as a factor of the usual; (K, W)."""
    cols = density.shape[1]
    here = _sampled(density, y, 1, 0.0)
    blocks = max(1, cols // _ALONG)
    cut = here[:, : blocks * (cols // blocks)].reshape(len(y), blocks, -1)
    local = np.clip(np.median(cut, axis=2) / peak, *_UNEQUAL)
    at = (np.arange(blocks) + 0.5) * (cols / blocks)
    x = np.arange(cols)
    return np.stack([np.interp(x, at, row) for row in local])
