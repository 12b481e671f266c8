"""Pens of different colours, each as a picture of its own.

Red and blue lines beside black ones are told apart by hue, where there is
enough colour; black is what has none. Where one pen crosses another its line is
cut, and the cut is closed as a gap is.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from .ink import FloatArray, UInt8Array

# Chroma (largest less smallest of red, green, blue; 0 to 255) from which ink has a colour.
_COLORED = 60
# Ink differs from its paper by this much in the darkest of its channels.
_INK = 50
_HUES = 36
# A pen has at least this part of the ink, and two pens' hues are this many degrees apart.
_LEAST_SHARE = 0.01
_APART = 40
_NAMES = (
    (15, "red"), (45, "orange"), (70, "yellow"), (165, "green"), (200, "cyan"), (255, "blue"),
    (290, "violet"), (345, "magenta"), (361, "red"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Pen:
    """One pen's lines.

    Args:
        name: "black", or its colour's name.
        color: "#rrggbb", the median of its ink.
        grey: uint8 (H, W), its ink alone on the paper.
    """

    name: str
    color: str
    grey: UInt8Array


def split_pens(image: UInt8Array) -> list[Pen]:
    """The pens of a colour picture, black first, then by how much they drew.

    Args:
        image: uint8 (H, W, 3), red, green, blue.
    """
    low, high = image.min(axis=2), image.max(axis=2)
    paper = np.median(image.reshape(-1, 3)[:: max(1, low.size // 50_000)], axis=0)
    tint = paper.max() - paper.min()
    ink = low < paper.min() - _INK
    chroma = high.astype(np.int16) - low
    colored = ink & (chroma > _COLORED + tint)
    hue = _hue(image)
    peaks = _peaks(hue[colored], int(ink.sum()))
    if not len(peaks):
        return [Pen("black", "#000000", _grey(image))]
    distance = np.abs((hue[..., None] - peaks + 180.0) % 360.0 - 180.0)
    nearest = np.argmin(distance, axis=2)
    # Rims of coloured lines are paler; of a px' ink, the part that has colour decides.
    depth = np.maximum(paper.min() - low.astype(np.float32), 1.0)
    has_color = chroma > np.maximum(0.45 * depth, 24 + tint)
    pens = []
    masks = [(f"{_name(float(p))}", has_color & (nearest == k)) for k, p in enumerate(peaks)]
    masks.insert(0, ("black", ~has_color & (low < paper.min() - 24)))
    grey, white = _grey(image), np.uint8(_grey(paper.astype(np.uint8)[None, None])[0, 0])
    for name, mask in masks:
        own = ink & mask
        if own.sum() < _LEAST_SHARE * ink.sum():
            continue
        # Coloured inks are pale in grey: their depth is that of their darkest channel.
        sheet = grey if name == "black" else low
        blank = white if name == "black" else np.uint8(paper.min())
        color = "#{:02x}{:02x}{:02x}".format(*np.median(image[own], axis=0).astype(int).tolist())
        pens.append(Pen(name, color, np.where(mask, sheet, blank).astype(np.uint8)))
    return pens


def _grey(image: UInt8Array) -> UInt8Array:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)


def _hue(image: UInt8Array) -> npt.NDArray[np.float32]:
    """Degrees, 0 red; (H, W)."""
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2HSV)[:, :, 0], np.float32) * 2


def _peaks(hues: npt.NDArray[np.float32], ink: int) -> FloatArray:
    """Hues of pens: maxima of the smoothed histogram that are apart and large enough."""
    counts = np.bincount((hues / 360 * _HUES).astype(np.int64) % _HUES, minlength=_HUES)
    smooth = counts + 0.5 * (np.roll(counts, 1) + np.roll(counts, -1))
    peaks: list[float] = []
    for k in np.argsort(-smooth, kind="stable").tolist():
        at = (k + 0.5) * 360 / _HUES
        if smooth[k] < _LEAST_SHARE * ink:
            break
        if all(abs((at - p + 180) % 360 - 180) > _APART for p in peaks):
            peaks.append(at)
    return np.array(peaks)


def _name(hue: float) -> str:
    return next(name for limit, name in _NAMES if hue < limit)
