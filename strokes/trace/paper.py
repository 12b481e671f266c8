"""The paper under a drawing: how bright it is everywhere, and whether it is lighter than its ink.

Paper is what is left when dark lines are closed over (a grey closing of a small copy,
wider than any line), so lamps, shadows of a phone, stains and folds go with it. What is
wider than the closing is paper in shadow if its rim is soft, and a solid area of ink if its
rim is as sharp as ink's or it is as dark as ink.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Float32Array = npt.NDArray[np.float32]
UInt8Array = npt.NDArray[np.uint8]

# Side in px of the squares that the paper is measured in.
TILE = 4
# Dark things up to this part of the long side across are closed over at first; where that
# leaves paper darker than `_FOLD` of itself on more than `_FOLDED` of the page, those up to
# so many tiles.
_WIDEST_LINE, _LEAST_TILES = 0.05, 5
_FOLD, _FOLDED = 0.96, 0.002
# Sigmas that blurs of bytes reach: OpenCV is three times as fast at five px as at seven.
_REACH = 2.5
# Noise of the tiles, smoothed with this sigma; more would round off the rims of shadows.
_SMOOTHING = 0.5
# Solid areas are up to this part of the long side across.
_WIDEST_SOLID = 0.8
# What is darker than this part of its surroundings is a shadow or a solid area; below the
# second it is ink whatever its rim.
_SHADE, _BLACK = 0.85, 0.16
# A rim that makes this part of its step within two tiles is ink's.
_CRISP = 0.72
# Paper below this brightness all over is no paper: the sheet is covered in ink.
_DARK_SHEET = 0.1
# Light lines on a sheet up to this bright, that stand out so many times as much as dark
# ones do, are chalk.
_DARK_PAPER, _CHALK = 0.65, 1.6
# Tiles stand out of the median of so many about them from so many times the usual
# difference on, and so many levels of 255.
_AROUND = 21
_STANDS_OUT = (3.0, 6.0)


def find_paper(tiles: UInt8Array) -> UInt8Array:
    """How bright paper is in every tile.

    Args:
        tiles: uint8 (h, w), of `tiles_of`, dark ink on light paper.

    Returns:
        uint8 (h, w); 1 or more.
    """
    steady = np.asarray(cv2.medianBlur(tiles, 3), np.uint8)
    paper = _closed(steady, max(tiles.shape) * _WIDEST_LINE)
    if np.count_nonzero(paper > int(_DARK_SHEET * 255)) < 0.05 * paper.size:
        return np.full_like(paper, 255)
    # Where all paper is about as bright there is nothing to tell apart.
    if int(paper.min()) < _SHADE * int(paper.max()):
        paper = _beside(paper, _solid(paper, _surroundings(paper)))
    # Folds, stains and the corners of shadows are narrower; lines mostly are narrower still.
    close = _closed(steady, _LEAST_TILES)
    if (close < np.float32(_FOLD) * paper).mean() > _FOLDED:
        paper = np.where(_solid(close, paper), paper, close)
    return np.maximum(blurred(paper, _SMOOTHING), 1)


def is_light_on_dark(tiles: UInt8Array) -> bool:
    """Whether lines are lighter than their sheet: chalk, a blueprint, white ink.

    Args:
        tiles: uint8 (h, w), of `tiles_of`.
    """
    if 2 * np.count_nonzero(tiles > int(_DARK_PAPER * 255)) > tiles.size:
        return False
    usual = cv2.medianBlur(tiles, _AROUND)
    dark, light = cv2.subtract(usual, tiles), cv2.subtract(tiles, usual)
    factor, least = _STANDS_OUT
    limit = least + factor * float(np.mean(np.minimum(cv2.absdiff(tiles, usual), 8)))
    weights = [float(found[found > limit].sum(dtype=np.float64)) for found in (dark, light)]
    return weights[1] > _CHALK * weights[0] and weights[1] > 0


def blurred(image: UInt8Array, sigma: float) -> UInt8Array:
    """A Gaussian blur; sigma in px. Beyond two and a half of them little of a byte is left."""
    side = 2 * max(1, round(_REACH * sigma)) + 1
    return np.asarray(cv2.GaussianBlur(image, (side, side), sigma), np.uint8)


def tiles_of(grey: UInt8Array) -> UInt8Array:
    """The mean of every tile: uint8 (H, W) to about (H / `TILE`, W / `TILE`)."""
    rows, cols = grey.shape
    size = (max(1, cols // TILE), max(1, rows // TILE))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


def _closed(small: UInt8Array, reach: float) -> UInt8Array:
    kernel = _kernel(max(_LEAST_TILES, round(reach) | 1))
    return np.asarray(
        cv2.morphologyEx(small, cv2.MORPH_CLOSE, kernel, borderType=cv2.BORDER_REPLICATE), np.uint8
    )


def _kernel(side: int) -> UInt8Array:
    return np.ones((side, side), np.uint8)


def _surroundings(local: UInt8Array) -> UInt8Array:
    """The paper with everything closed over that is smaller than the page."""
    rows, cols = local.shape
    size = (max(1, cols // 4), max(1, rows // 4))
    tiny = np.asarray(cv2.resize(local, size, interpolation=cv2.INTER_AREA), np.uint8)
    closed = _closed(tiny, max(size) * _WIDEST_SOLID)
    smooth = blurred(closed, 2.0)
    whole = cv2.resize(smooth, (cols, rows), interpolation=cv2.INTER_LINEAR)
    return np.maximum(np.asarray(whole, np.uint8), local)


def _beside(paper: UInt8Array, solid: npt.NDArray[np.bool_]) -> UInt8Array:
    """The paper, with that of the nearest tile where there is ink."""
    if not solid.any() or solid.all():
        return paper
    _, nearest = cv2.distanceTransformWithLabels(
        solid.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    value = np.zeros(int(nearest.max()) + 1, np.uint8)
    value[nearest[~solid]] = paper[~solid]
    return np.asarray(value[nearest], np.uint8)


def _solid(local: UInt8Array, around: UInt8Array) -> npt.NDArray[np.bool_]:
    """Tiles of ink wider than any line; bool (h, w)."""
    ratio = local / np.maximum(around, 1).astype(np.float32)
    solid = ratio < _BLACK
    step = cv2.dilate(local, _kernel(3)).astype(np.int16) - cv2.erode(local, _kernel(3))
    # Dark areas first: a shadow may hold a solid area, but not the other way round.
    for limit in (0.4, _SHADE):
        area = (ratio < limit).view(np.uint8)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(area, connectivity=8)
        for label in range(1, count):
            left, top, breadth, height, _ = stats[label].tolist()
            box = np.s_[max(0, top - 1) : top + height + 1, max(0, left - 1) : left + breadth + 1]
            part = labels[box] == label
            if solid[box][part].all():
                continue
            rim = part & (cv2.erode(part.view(np.uint8), _kernel(3), borderValue=1) == 0)
            if not rim.any():
                continue
            inside = float(np.median(local[box][part]))
            drop = np.maximum(around[box][rim].astype(np.float32) - inside, 1.0)
            if float(np.median(step[box][rim] / drop)) > _CRISP:
                solid[box] |= part
    # The rim itself is partly ink, so the paper beside it is taken for the tiles about it.
    return np.asarray(cv2.dilate(solid.view(np.uint8), _kernel(3)) > 0)
