"""Pens of different colours, each as a picture of its own.

The paper is divided out of red, green and blue, so that what is left is what the ink takes
away of each; how unequally it does so says how coloured it is, whatever its depth, and
which of the three it leaves says its hue. Black is what has no colour; so is white chalk on a
blackboard. Rims, grain and what JPEG does to colours are outvoted by their neighbours. Where one
pen crosses another the ink belongs to both lines, if the cut is not much wider than a line.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from .paper import Float32Array, UInt8Array, find_paper, is_light_on_dark, tiles_of
from .ragged import FloatArray
from .unruled import without_rulings

# Ink takes at least this part of the light, and this part of what the darkest ink takes.
_LEAST_INK, _OF_DARKEST = 0.06, 0.3
# Ink has a colour from this inequality on: most less least, of red, green and blue, over most.
_COLORED = 0.3
# Colours are blurred by so many px, for JPEG keeps one for each four px, and ink's neighbours
# vote within so many.
_BLUR, _VOTE = 1.0, 2.0
_HUES = 36
# A pen has at least this part of the ink, and two pens' hues are this many degrees apart.
_LEAST_SHARE = 0.015
_APART = 40
# Paler ink, in parts of black, is what JPEG and a camera make of paper.
_PALEST = 0.12
# Ink of another pen between two parts of a line is the line's as well, if it is no wider than so
# many line widths, and px.
_BRIDGED, _WIDEST_BRIDGE = 1.4, 41
# A pen's colour is that of the darkest px of its ink, this part of them: the rest are rims.
_CORE = 0.3
_NAMES = (
    (15, "red"), (45, "orange"), (70, "yellow"), (165, "green"), (200, "cyan"), (255, "blue"),
    (290, "violet"), (345, "magenta"), (361, "red"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Pen:
    """One pen's lines.

    Args:
        name: "black", or its colour's name.
        color: "#rrggbb" of its ink on white paper.
        grey: uint8 (H, W), its ink alone on white paper.
    """

    name: str
    color: str
    grey: UInt8Array


def split_pens(image: UInt8Array) -> list[Pen]:
    """The pens of a colour picture, black first, then by how much they drew.

    Args:
        image: uint8 (H, W, 3), red, green, blue.
    """
    taken = _taken(image)
    depth = np.asarray(taken.max(axis=2), np.float32)
    bytes_ = np.asarray(np.rint(depth * 255), np.uint8)
    unruled, _ = without_rulings(bytes_)
    if unruled is not bytes_:
        depth = np.where(unruled < bytes_, unruled / np.float32(255), depth)
    sample = depth.reshape(-1)[:: max(1, depth.size // 100_000)]
    dark = float(np.quantile(sample[sample > _LEAST_INK], 0.9)) if sample.max() > _LEAST_INK else 1
    ink = depth > max(_LEAST_INK, _OF_DARKEST * dark)
    share, hue = _colors(taken)
    colored = ink & (share > _COLORED)
    peaks = _peaks(hue[colored], int(ink.sum()))
    alone = [Pen("black", "#000000", _sheet(depth, np.ones_like(ink)))]
    if not len(peaks):
        return alone
    nearest = np.argmin(np.abs((hue[..., None] - peaks + 180.0) % 360.0 - 180.0), axis=2)
    label = np.where(share > _COLORED, nearest + 1, 0)
    votes = [
        cv2.GaussianBlur(np.where(label == k, depth, np.float32(0)), (0, 0), _VOTE)
        for k in range(len(peaks) + 1)
    ]
    elected = np.argmax(np.stack(votes), axis=0)
    bridge = _bridge(ink)
    pens = []
    for k in range(len(peaks) + 1):
        own = elected == k
        size = int((own & ink).sum())
        if size < max(1.0, _LEAST_SHARE * float(ink.sum())):
            continue
        if float(np.quantile(depth[own & ink], 1 - _CORE)) < _PALEST:
            continue
        color = _color(taken[own & ink], depth[own & ink])
        name = "black" if k == 0 else _name(float(peaks[k - 1]))
        closed = cv2.morphologyEx((own & ink).view(np.uint8), cv2.MORPH_CLOSE, bridge)
        pens.append(Pen(name, color, _sheet(depth, own | (ink & (np.asarray(closed) > 0)))))
    return pens or alone


def _taken(image: UInt8Array) -> Float32Array:
    """What ink takes of red, green and blue, parts of what paper gives back; (H, W, 3)."""
    rows, cols = image.shape[:2]
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)
    chalk = is_light_on_dark(tiles_of(grey))
    channels = []
    for k in range(3):
        channel = ~image[:, :, k] if chalk else np.ascontiguousarray(image[:, :, k])
        paper = find_paper(tiles_of(channel))
        whole = cv2.resize(paper, (cols, rows), interpolation=cv2.INTER_LINEAR)
        channels.append(1 - np.minimum(channel / np.maximum(whole, 1).astype(np.float32), 1))
    taken = np.stack(channels, axis=2)
    if chalk:
        # Chalk gives light where ink takes it: what red chalk adds least of is cyan.
        taken = taken.max(axis=2, keepdims=True) - (taken - taken.min(axis=2, keepdims=True))
    return np.asarray(taken, np.float32)


def _colors(taken: Float32Array) -> tuple[Float32Array, Float32Array]:
    """How coloured ink is, 0 to 1, and its hue in degrees, 0 red; both (H, W)."""
    smooth = np.asarray(cv2.GaussianBlur(taken, (0, 0), _BLUR), np.float32)
    most, least = smooth.max(axis=2), smooth.min(axis=2)
    share = (most - least) / np.maximum(most, np.float32(1 / 255))
    hue = cv2.cvtColor(np.float32(1) - smooth, cv2.COLOR_RGB2HSV)[:, :, 0]
    return np.asarray(share, np.float32), np.asarray(hue, np.float32)


def _bridge(ink: npt.NDArray[np.bool_]) -> UInt8Array:
    """A disc that bridges a line of the usual width: px of a line are up to half of it deep."""
    depth = cv2.distanceTransform(ink.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_3)
    width = float(np.quantile(depth[ink], 0.75)) / 0.375 if ink.any() else 1.0
    side = min(round(_BRIDGED * width) | 1, _WIDEST_BRIDGE)
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)


def _sheet(depth: Float32Array, own: npt.NDArray[np.bool_]) -> UInt8Array:
    return np.asarray(np.rint(255 * (1 - np.where(own, depth, 0))), np.uint8)


def _color(taken: Float32Array, depth: Float32Array) -> str:
    core = depth >= np.quantile(depth, 1 - _CORE)
    light = np.rint(255 * (1 - np.median(taken[core], axis=0))).astype(int)
    return "#{:02x}{:02x}{:02x}".format(*light.tolist())


def _peaks(hues: Float32Array, ink: int) -> FloatArray:
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
