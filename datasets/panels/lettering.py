"""Where a page is lettered: balloons, captions, words over the art; and the page without it.

Glyphs are parts of letter size on a flat ground; those that stand beside each other make a line if
they are as tall and not all as wide, lines below each other a block. If the ground of a block is
enclosed and not much larger than the block, it is a balloon or caption and is masked whole, else
the letters and what lies between them. Found this way are set and neatly lettered words, level
or nearly so. Not found: single letters, sound effects that are drawn, script, text on its side; and
rows of small shapes of unequal width are taken for words.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

UInt8Array = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Box = tuple[int, int, int, int]  # left, top, right, bottom

# Longer side of the copy that is read, px: letters of a page are 8 to 25 px there.
READ = 2000
# Height of a glyph, share of the page's longer side; its width by its height; its ink by its box.
HEIGHTS, WIDTHS, INK = (0.0042, 0.028), (0.08, 1.9), (0.12, 0.92)
NARROW = 0.5
A_PX = 0.7  # by which dots of a screentone differ in width, for they lie on px
LEAST_HEIGHT = 5  # px: below it letters are no shapes
# How much darker than the mean of its surroundings ink is, levels; the width of those, a share.
DARKER, AROUND = 22, 0.02
# Spread of the ground of a glyph, levels.
FLAT = 20
# Gaps within a line, and between lines, in heights of a glyph.
GAP, LEADING = 0.75, 1.25
# Glyphs of a line; how far from each other in height; how unequal in width (windows are equal).
GLYPHS, UNEVEN_HEIGHT, UNEQUAL_WIDTH = 3, 0.25, 0.055
# Glyphs of a block.
BLOCK = 4
# The ground of a balloon: levels around its tone, area by that of the block, share of its hull.
SAME_TONE, LARGEST, FULL = 24, 9.0, 0.72
OUTLINE = 0.0022  # drawn around a balloon, share of the longer side


@dataclass(frozen=True, slots=True, eq=False)
class Lettered:
    """What is lettered on a page.

    Args:
        mask: bool (H, W), balloons and captions whole, other words with what lies between.
        ink: bool (H, W), the letters alone.
        balloons, words: how many of each.
    """

    mask: Mask
    ink: Mask
    balloons: int
    words: int


def find_lettering(page: UInt8Array) -> Lettered:
    """The lettering of a page.

    Args:
        page: uint8 (H, W) or (H, W, 3).
    """
    grey = page if page.ndim == 2 else cv2.cvtColor(page, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    scale = min(1.0, READ / max(height, width))
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    small = grey if scale == 1 else cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    mask, ink = np.zeros(small.shape, np.uint8), np.zeros(small.shape, np.uint8)
    balloons = words = 0
    for inverted in (False, True):
        tones = 255 - small if inverted else small
        for block in _blocks(tones):
            area = None if inverted else _balloon(tones, block)
            balloons, words = balloons + (area is not None), words + (area is None)
            mask |= _closed(block, small.shape) if area is None else area
            _draw(ink, block)
    grow = np.ones((3, 3), np.uint8)
    full = (
        np.asarray(cv2.resize(m, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)
        for m in (mask, cv2.dilate(ink, grow))
    )
    whole, letters = (part > 0 for part in full)
    return Lettered(whole, letters, balloons, words)


def erase_lettering(page: UInt8Array, lettered: Lettered) -> UInt8Array:
    """A page whose letters are painted over with what surrounds them; balloons stay, empty.

    Args:
        page: uint8 (H, W) or (H, W, 3), of the lettering's size.
    """
    ink = cv2.dilate(lettered.ink.astype(np.uint8), np.ones((3, 3), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(
        cv2.dilate(ink, np.ones((9, 9), np.uint8))
    )
    erased = page.copy()
    margin = 6
    for x, y, w, h in stats[1:count, :4]:  # a word at a time: the page as a whole takes minutes
        place = np.s_[max(y - margin, 0) : y + h + margin, max(x - margin, 0) : x + w + margin]
        erased[place] = cv2.inpaint(
            np.ascontiguousarray(erased[place]), np.ascontiguousarray(ink[place]), 3,
            cv2.INPAINT_TELEA,
        )  # fmt: skip
    return erased


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """Glyphs that belong together, with their px within their boxes."""

    boxes: npt.NDArray[np.int64]  # (n, 4), x, y, w, h
    pixels: tuple[Mask, ...]

    @property
    def tall(self) -> float:
        return float(np.median(self.boxes[:, 3]))

    @property
    def box(self) -> Box:
        low = self.boxes[:, :2].min(axis=0)
        high = (self.boxes[:, :2] + self.boxes[:, 2:]).max(axis=0)
        return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _blocks(grey: UInt8Array) -> list[_Block]:
    """Blocks of dark letters."""
    boxes, pixels = _glyphs(grey)
    if len(boxes) < BLOCK:
        return []
    lines = _joined(grey.shape, boxes, GAP, 0.0)
    good = np.zeros(len(boxes), bool)
    for members in lines:
        good[members] = _is_line(boxes[members])
    kept = np.flatnonzero(good)
    if len(kept) == 0:
        return []
    found = []
    for members in _joined(grey.shape, boxes[kept], GAP, LEADING):
        if len(members) >= BLOCK:
            whole = kept[members]
            found.append(_Block(boxes[whole], tuple(pixels[k] for k in whole)))
    return found


def _glyphs(grey: UInt8Array) -> tuple[npt.NDArray[np.int64], list[Mask]]:
    """Parts of the size and the ground of letters: boxes (n, 4) and px."""
    longer = max(grey.shape)
    around = int(AROUND * longer) | 1
    mean = cv2.blur(grey, (around, around)).astype(np.int16)
    ink = (grey < mean - DARKER).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink)
    x, y, w, h, area = (stats[:, k].astype(np.int64) for k in range(5))
    low = max(HEIGHTS[0] * longer, LEAST_HEIGHT)
    fits = (h >= low) & (h <= HEIGHTS[1] * longer)
    fits &= (w >= WIDTHS[0] * h) & (w <= WIDTHS[1] * h)
    # An I is as full as its box.
    fits &= (area >= INK[0] * w * h) & ((area <= INK[1] * w * h) | (w < NARROW * h))
    fits[0] = False
    boxes, pixels = [], []
    for k in np.flatnonzero(fits)[:200_000]:
        a, b, c, d = int(x[k]), int(y[k]), int(w[k]), int(h[k])
        rim = np.s_[max(b - 2, 0) : b + d + 2, max(a - 2, 0) : a + c + 2]
        ground = grey[rim][cv2.dilate(ink[rim], np.ones((3, 3), np.uint8)) == 0]
        if len(ground) and (np.ptp(np.percentile(ground, [15, 85])) > FLAT):
            continue
        boxes.append((a, b, c, d))
        pixels.append(labels[b : b + d, a : a + c] == k)
    return np.array(boxes, np.int64).reshape(-1, 4), pixels


def _joined(
    shape: tuple[int, ...], boxes: npt.NDArray[np.int64], aside: float, below: float
) -> list[npt.NDArray[np.int64]]:
    """Indices of boxes that touch once each is grown by shares of its height."""
    canvas = np.zeros(shape, np.uint8)
    for x, y, w, h in boxes:
        # A line's glyphs are joined by their middles, so that two lines stay two.
        trim = h // 4 if below == 0 else -int(below * h / 2)
        dx = int(aside * h / 2) + 1
        canvas[max(y + trim, 0) : y + h - trim, max(x - dx, 0) : x + w + dx] = 1
    _, labels = cv2.connectedComponents(canvas)
    rows, columns = boxes[:, 1] + boxes[:, 3] // 2, boxes[:, 0] + boxes[:, 2] // 2
    of = labels[rows, columns]
    order = np.argsort(of, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(of[order])) + 1)


def _is_line(boxes: npt.NDArray[np.int64]) -> bool:
    """Whether glyphs are a line of words."""
    if len(boxes) < GLYPHS:
        return False
    heights, widths = boxes[:, 3].astype(np.float64), boxes[:, 2].astype(np.float64)
    tall = float(np.median(heights))
    if np.median(np.abs(heights - tall)) > UNEVEN_HEIGHT * tall:
        return False
    if len(boxes) > GLYPHS and widths.std() < max(UNEQUAL_WIDTH * widths.mean(), A_PX):
        return False
    middles = boxes[:, 1] + heights / 2
    across = boxes[:, 0] + widths / 2
    if np.ptp(across) > 0:
        slope, offset = np.polyfit(across, middles, 1)
        middles = middles - slope * across - offset
        if abs(slope) > 0.15:
            return False
    return bool(np.median(np.abs(middles)) < 0.3 * tall)


def _balloon(grey: UInt8Array, block: _Block) -> UInt8Array | None:
    """The balloon or caption around a block, uint8 (H, W) of 0 and 1, or None."""
    x0, y0, x1, y1 = block.box
    margin = int(4 * block.tall + 1.2 * max(x1 - x0, y1 - y0))
    left, top = max(x0 - margin, 0), max(y0 - margin, 0)
    part = grey[top : y1 + margin, left : x1 + margin]
    ground = float(np.percentile(grey[y0:y1, x0:x1], 80))
    alike = (np.abs(part.astype(np.float32) - ground) < SAME_TONE).astype(np.uint8)
    _, labels = cv2.connectedComponents(alike, connectivity=4)
    inside = labels[y0 - top : y1 - top, x0 - left : x1 - left]
    counts = np.bincount(inside[inside > 0].ravel())
    if len(counts) == 0:
        return None
    around = (labels == counts.argmax()).astype(np.uint8)
    if around[0].any() or around[-1].any() or around[:, 0].any() or around[:, -1].any():
        return None
    outlines, _ = cv2.findContours(around, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    longest = max(outlines, key=cv2.contourArea)
    area, hull = cv2.contourArea(longest), cv2.contourArea(cv2.convexHull(longest))
    if area > LARGEST * (x1 - x0) * (y1 - y0) or area < FULL * hull:
        return None
    filled = np.zeros_like(around)
    cv2.drawContours(filled, [longest], -1, 1, -1)
    r = max(int(OUTLINE * max(grey.shape)), 1)
    mask = np.zeros(grey.shape, np.uint8)
    mask[top : top + filled.shape[0], left : left + filled.shape[1]] = filled
    return np.asarray(cv2.dilate(mask, np.ones((2 * r + 1, 2 * r + 1), np.uint8)), np.uint8)


def _draw(ink: UInt8Array, block: _Block) -> None:
    for (x, y, w, h), pixels in zip(block.boxes, block.pixels, strict=True):
        ink[y : y + h, x : x + w] |= pixels.astype(np.uint8)


def _closed(block: _Block, shape: tuple[int, ...]) -> UInt8Array:
    """The letters and what lies between them."""
    mask = np.zeros(shape, np.uint8)
    for x, y, w, h in block.boxes:
        mask[y : y + h, x : x + w] = 1
    r = max(int(block.tall), 3)
    x0, y0, x1, y1 = block.box
    place = np.s_[max(y0 - r, 0) : y1 + r, max(x0 - r, 0) : x1 + r]
    mask[place] = cv2.morphologyEx(
        np.ascontiguousarray(np.pad(mask[place], r)), cv2.MORPH_CLOSE,
        np.ones((r, int(1.5 * r)), np.uint8),
    )[r:-r, r:-r]  # fmt: skip
    return mask
