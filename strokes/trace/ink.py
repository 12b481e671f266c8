"""From a picture to ink: paper taken away, ink found, and the size at which lines are looked for.

The paper is what is left when dark things are closed over (a grey closing of a
small copy), so shadows of a phone and yellowed margins go with it. Ink is what
lies above Otsu's threshold (1979) of the difference, if it stands out of the noise.

Lines are looked for in a copy scaled so that the thinnest common line is about
`WORKING_WIDTH` px wide: every constant of the tracer then holds for lines of 1.5 px
and of 24, and big scans cost little more than small ones. Where a line's
middle lies is later measured in the picture itself, through `Ink.sample`.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Float32Array = npt.NDArray[np.float32]
FloatArray = npt.NDArray[np.float64]
UInt8Array = npt.NDArray[np.uint8]
BoolArray = npt.NDArray[np.bool_]

# Width in px of the working copy's lines. Thinner, and the skeleton jumps from row to
# row; wider, and thinning costs time without finding anything (measured at 3, 4, 5, 6).
WORKING_WIDTH = 4.0
# Lines up to these widths, px of the picture, are worked on as they are.
_SCALED_BELOW, _SCALED_ABOVE = 2.4, 5.5
_MAX_UPSCALING = 2.0
# Side in px of the squares that the paper is measured in, and the widest dark area that is
# taken for ink lying on the paper rather than for a shadow, as a share of the long side.
_PAPER_TILE = 4
_WIDEST_INK = 0.2
# Paper in shadow is at least this bright against the brightest; what is darker is ink.
_DARKEST_PAPER = 0.35
# Paper below this brightness is no paper: the picture is dark all over.
_DARK_PICTURE = 0.25
# Ink is at least this far from paper, in standard deviations of what noise is left after
# smoothing, and in parts of the paper's brightness: Otsu splits noise, too.
_LEAST_CONTRAST_SIGMA = 4.0
_LEAST_CONTRAST = 0.06
# Noise above this share of the ink's contrast is smoothed away before the threshold,
# with a Gaussian of this sigma in px of the working copy.
_SMOOTH_ABOVE = 0.06
_SMOOTHING = 0.8
# From the 0.6745 quantile of a normal's |x|, and the difference of two neighbours.
_MAD_TO_SIGMA = 1.4826 / np.sqrt(2.0)


@dataclass(frozen=True, slots=True, eq=False)
class Ink:
    """Ink on paper, at the size it is worked on.

    Args:
        grey: uint8 (H, W), the picture, 255 white.
        paper: float32, the paper's brightness, coarse: one value per tile.
        level: how much darker full ink is than its paper, 0 to 1.
        mask: bool (h, w), the working copy: where ink is.
        radius: float32 (h, w), distance in working px from ink to the nearest paper.
        scale: working px per px of the picture.
        line_width: of the thinnest common lines, working px.
        noise: standard deviation of the paper's grain, in parts of `level`.
    """

    grey: UInt8Array
    paper: Float32Array
    level: float
    mask: BoolArray
    radius: Float32Array
    scale: float
    line_width: float
    noise: float

    def sample(self, x: FloatArray, y: FloatArray) -> Float32Array:
        """Density at places in working px: 0 paper, 1 full ink; float32, shaped as x."""
        px = (x / self.scale - 0.5).astype(np.float32)
        py = (y / self.scale - 0.5).astype(np.float32)
        grey = _remap(self.grey, px, py).astype(np.float32)
        # The coarse paper's pixel k covers `ratio` px from k * ratio on.
        rows, cols = self.grey.shape
        ratio_x, ratio_y = cols / self.paper.shape[1], rows / self.paper.shape[0]
        paper = _remap(
            self.paper,
            (px + np.float32(0.5)) / np.float32(ratio_x) - np.float32(0.5),
            (py + np.float32(0.5)) / np.float32(ratio_y) - np.float32(0.5),
        )
        return np.asarray((1.0 - grey / paper) / np.float32(self.level), np.float32)


def find_ink(grey: UInt8Array) -> Ink | None:
    """The ink of a picture; None where nothing stands out of the paper.

    Args:
        grey: uint8 (H, W), 255 white.
    """
    paper = _paper(grey)
    noise = _noise(grey)
    density = _density(grey, paper)
    eight_bit = cv2.convertScaleAbs(density, alpha=255.0)
    smoothed = cv2.GaussianBlur(eight_bit, (0, 0), _SMOOTHING) if noise > 0 else eight_bit
    found, _ = cv2.threshold(smoothed, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    dark = smoothed > found
    count = int(dark.sum())
    if count == 0:
        return None
    level = float(np.percentile(smoothed[dark][:: max(1, count // 20_000)], 80)) / 255.0
    # What a Gaussian leaves of the noise of single px: 1 / (2 sqrt(pi) sigma) of it.
    grain = noise / (2 * np.sqrt(np.pi) * _SMOOTHING)
    mean_dark, mean_rest = (cv2.mean(smoothed, m.view(np.uint8))[0] for m in (dark, ~dark))
    if (mean_dark - mean_rest) / 255.0 < max(_LEAST_CONTRAST, _LEAST_CONTRAST_SIGMA * grain):
        return None
    threshold = 0.5 * level
    mask = smoothed > threshold * 255.0
    line_width = _line_width(mask)
    scale = 1.0
    if line_width > _SCALED_ABOVE:
        scale = WORKING_WIDTH / line_width
    elif line_width < _SCALED_BELOW:
        scale = min(_MAX_UPSCALING, WORKING_WIDTH / line_width)
    rows, cols = grey.shape
    size = (max(1, round(cols * scale)), max(1, round(rows * scale)))
    if scale != 1.0:
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        source = cv2.resize(eight_bit, size, interpolation=way)
        if noise > _SMOOTH_ABOVE * level and scale > 1 / np.sqrt(2):
            source = cv2.GaussianBlur(source, (0, 0), _SMOOTHING)
        mask = source > threshold * 255.0
    elif noise <= _SMOOTH_ABOVE * level:
        mask = eight_bit > threshold * 255.0
    mask = _without_specks(mask, line_width * scale)
    return Ink(
        grey=grey,
        paper=paper,
        level=level,
        mask=mask,
        radius=_radius(mask),
        scale=scale,
        line_width=line_width * scale,
        noise=noise / level,
    )


def _paper(grey: UInt8Array) -> Float32Array:
    """The paper's brightness per tile, float32, 1 or more."""
    rows, cols = grey.shape
    size = (max(1, cols // _PAPER_TILE), max(1, rows // _PAPER_TILE))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    bright = cv2.dilate(small, np.ones((5, 5), np.uint8))
    tiny_size = (max(1, size[0] // 4), max(1, size[1] // 4))
    tiny = cv2.resize(bright, tiny_size, interpolation=cv2.INTER_AREA)
    reach = max(3, int(max(tiny_size) * _WIDEST_INK) | 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (reach, reach))
    closed = cv2.morphologyEx(tiny, cv2.MORPH_CLOSE, kernel, borderType=cv2.BORDER_REPLICATE)
    lit = float(np.percentile(closed, 95))
    paper = cv2.GaussianBlur(closed.astype(np.float32), (0, 0), 1.5)
    # A picture that is dark all over is ink without a paper to be seen.
    floor = _DARKEST_PAPER * lit if lit > _DARK_PICTURE * 255 else 255.0
    return np.maximum(paper, np.float32(floor))


def _density(grey: UInt8Array, paper: Float32Array) -> Float32Array:
    """How much darker than its paper each px is, float32 (H, W), 0 to 1."""
    rows, cols = grey.shape
    if float(paper.max() - paper.min()) < 2.0:
        table = np.clip(1.0 - np.arange(256) / float(paper.mean()), 0, 1).astype(np.float32)
        return np.asarray(table[grey], np.float32)
    whole = cv2.resize(paper, (cols, rows), interpolation=cv2.INTER_LINEAR)
    ratio = cv2.divide(grey, whole, dtype=cv2.CV_32F)
    return np.asarray(np.float32(1.0) - ratio, np.float32)


def _noise(grey: UInt8Array) -> float:
    """Standard deviation of the grain, in parts of full scale: from neighbours' differences."""
    step = max(1, grey.shape[0] // 256)
    rows = grey[::step].astype(np.int16)
    if rows.shape[1] < 2:
        return 0.0
    difference = np.abs(np.diff(rows, axis=1)).ravel()
    counts = np.cumsum(np.bincount(difference, minlength=256))
    half = counts[-1] / 2
    # The median of whole numbers, interpolated within its bin.
    at = int(np.searchsorted(counts, half))
    below = float(counts[at - 1]) if at else 0.0
    median = at - 0.5 + (half - below) / max(1.0, float(counts[at]) - below)
    return float(max(0.0, median) * _MAD_TO_SIGMA / 255.0)


def _line_width(mask: BoolArray) -> float:
    """Width in px of the thinnest common lines: a low quantile over the ridges of the distance."""
    radius = _radius(mask)
    ridge = (radius >= cv2.dilate(radius, np.ones((3, 3), np.uint8))) & mask
    values = radius[ridge]
    if len(values) == 0:
        return WORKING_WIDTH
    # A ridge's distance to the nearest paper px's middle is half a px more than half the width.
    return max(1.0, 2.0 * float(np.percentile(values, 40)) - 1.0)


def _radius(mask: BoolArray) -> Float32Array:
    return np.asarray(
        cv2.distanceTransform(mask.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5), np.float32
    )


def _without_specks(mask: BoolArray, line_width: float) -> BoolArray:
    """The mask without what is smaller than a third of a dot of the pen, and pinholes filled."""
    least = 0.3 * line_width**2
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)
    small = stats[:, cv2.CC_STAT_AREA] < least
    small[0] = False
    if small.any():
        mask = ~small[labels] & mask
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        (~mask).view(np.uint8), connectivity=4
    )
    small = stats[:, cv2.CC_STAT_AREA] < 0.12 * line_width**2
    small[0] = False
    if count > 1 and small.any():
        mask = mask | small[labels]
    return mask


def _remap(image: UInt8Array | Float32Array, x: Float32Array, y: Float32Array) -> Float32Array:
    """Bilinear samples at px centres (x, y); OpenCV takes at most 32,767 rows a call."""
    shape = x.shape
    flat_x, flat_y = x.reshape(-1), y.reshape(-1)
    width = 1024
    n = len(flat_x)
    padded = -(-max(n, 1) // width) * width
    if padded != n:
        flat_x = np.concatenate([flat_x, np.zeros(padded - n, np.float32)])
        flat_y = np.concatenate([flat_y, np.zeros(padded - n, np.float32)])
    pieces = []
    rows = padded // width
    for first in range(0, rows, 32_000):
        last = min(rows, first + 32_000)
        cut = slice(first * width, last * width)
        pieces.append(
            cv2.remap(
                image,
                flat_x[cut].reshape(-1, width),
                flat_y[cut].reshape(-1, width),
                cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_REPLICATE,
            ).reshape(-1)
        )
    return np.asarray(np.concatenate(pieces)[:n].reshape(shape))
