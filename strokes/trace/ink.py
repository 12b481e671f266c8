"""From a picture to ink: paper taken away, ink found, and the size at which lines are looked for.

The paper's light (`paper`) and its rulings (`unruled`) are divided out, so that what is
left says how much darker than its paper each px is. Ink is what lies above Otsu's
threshold (1979) of that, if it stands out of the noise, and what is fainter but long (`faint`).

Lines are looked for in a copy scaled so that the thinnest common line is about
`WORKING_WIDTH` px wide: every constant of the tracer then holds for lines of 1.5 px
and of 24, and big scans cost little more than small ones. Where a line's
middle lies is later measured in the picture itself, through `Ink.sample`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from .faint import above_grain, find_faint, with_bridges
from .paper import blurred, find_paper, is_light_on_dark, tiles_of
from .unruled import without_rulings

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
# Ink is at least this far from paper, in standard deviations of what noise is left after
# smoothing, and in parts of the paper's brightness: Otsu splits noise, too.
_LEAST_CONTRAST_SIGMA = 4.0
_LEAST_CONTRAST = 0.06
# Noise above this share of the ink's contrast is smoothed away before the threshold, with a
# Gaussian of this sigma in px of the working copy; and the threshold is this part of the
# ink's level, not half, because such ink is faint in places.
_SMOOTH_ABOVE = 0.06
_SMOOTHING = 0.8
_GRAIN_THRESHOLD = 0.4
# ... or this part where it leads from such ink to other such ink,
_WEAK = 0.24
# ... or so many times the density that the paper's grain hardly ever has.
_ABOVE_FLOOR = 1.25
# Chalk and pencil leave paper bare within their lines: ink that is so many times as grainy as
# its paper is smoothed more.
_GRAINIER = 1.5
# What smoothing takes off the middle of a clean line, in parts of its level at a width of 1 px: as
# measured on lines of 1.5 to 8 px without grain, sharp and blurred.
_OWN_PROFILE = 0.17
_SMOOTHING_GRAIN = 1.2
# What is fainter than this part of the paper's own rulings is what was left of them.
_OF_RULINGS = 0.5
# Less ink than this part of a line width's square is no dot, and less paper no hole.
_SPECK, _PINHOLE = 0.3, 0.12
# Less ink than so many px of the picture is dust, and so is a px this much darker than those
# about it, of 255.
_LEAST_DOT = 2.5
# The lines' width and grain are measured in so many strips of the page, so many rows high and of so
# many px in all at least; on the whole page if there is less ink than so many px of ridge in them.
_STRIPS, _LEAST_STRIP, _STRIPS_PX = 6, 64, 400_000
_LEAST_RIDGE = 300
_DUST = 40
# Lines of one px and of two are a px deep: between them lies what both are taken for.
_HAIRLINE = 1.5
# Blur is read from the rims in so many rows and columns, at this quantile of their steepness:
# most run askew. Px, and sampling between them, blur by so much more. Where there are few rims it
# is what is usual.
_RIM_ROWS, _LEAST_RIMS = 128, 30
_STEEPEST = 0.9
_SAMPLED_BLUR = 0.48
_USUAL_BLUR = 0.85
# From the 0.6745 quantile of a normal's |x|, and the difference of two neighbours.
_MAD_TO_SIGMA = 1.4826 / np.sqrt(2.0)


@dataclass(frozen=True, slots=True, eq=False)
class Ink:
    """Ink on paper, at the size it is worked on.

    Args:
        density: uint8 (H, W), how much darker than its paper the picture is; 255 black.
        level: the density of full ink, 0 to 1.
        mask: bool (h, w), the working copy: where ink is.
        radius: float32 (h, w), distance in working px from ink to the nearest paper.
        scale: working px per px of the picture.
        line_width: of the thinnest common lines, working px.
        noise: standard deviation of the paper's grain, in parts of `level`.
        blur: of the picture by lens, scanner and sampling, px: a Gaussian's sigma.
    """

    density: UInt8Array
    level: float
    mask: BoolArray
    radius: Float32Array
    scale: float
    line_width: float
    noise: float
    blur: float

    def sample(self, x: FloatArray | Float32Array, y: FloatArray | Float32Array) -> Float32Array:
        """Density at places in working px: 0 paper, 1 full ink; float32, shaped as x."""
        px = (x / self.scale - 0.5).astype(np.float32, copy=False)
        py = (y / self.scale - 0.5).astype(np.float32, copy=False)
        return np.asarray(_remap(self.density, px, py) * np.float32(1 / (255 * self.level)))


def find_ink(grey: UInt8Array) -> Ink | None:
    """The ink of a picture; None where nothing stands out of the paper.

    Args:
        grey: uint8 (H, W), 255 white; lines darker than the sheet or lighter.
    """
    tiles = tiles_of(grey)
    if is_light_on_dark(tiles):
        grey, tiles = ~grey, ~tiles
    paper = find_paper(tiles)
    noise = _noise(grey) * 255 / float(np.median(paper))
    density, ruled = without_rulings(_density(grey, paper))
    smoothed = blurred(density, _SMOOTHING) if noise > 0 else density
    counts = _histogram(smoothed)
    level = _level(counts, noise, _OF_RULINGS * ruled)
    floor = above_grain(counts, level)
    found, level = find_faint(density, smoothed, level, floor, _OF_RULINGS * ruled)
    if level is None:
        return None
    threshold = 0.5 * level * 255
    if found is not density:
        density, smoothed = found, blurred(found, _SMOOTHING) if noise > 0 else found
    rough = smoothed > threshold
    strips = _strips(grey.shape)
    line_width = _line_width(rough, strips)
    scale = 1.0
    if line_width > _SCALED_ABOVE:
        scale = WORKING_WIDTH / line_width
    elif line_width < _SCALED_BELOW:
        scale = min(_MAX_UPSCALING, WORKING_WIDTH / line_width)
    source, sigma = density, 0.0
    grain = _grain(density, smoothed, rough, strips) / level
    grain = math.sqrt(max(0.0, grain**2 - (_OWN_PROFILE / line_width) ** 2))
    if max(grain, noise / level) > _SMOOTH_ABOVE:
        own = grain > _GRAINIER * noise / level
        sigma = _SMOOTHING_GRAIN if own else _SMOOTHING
        threshold = min(threshold, 255 * max(_GRAIN_THRESHOLD * level, _ABOVE_FLOOR * floor))
    if scale != 1.0:
        rows, cols = grey.shape
        size = (max(1, round(cols * scale)), max(1, round(rows * scale)))
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        source = np.asarray(cv2.resize(density, size, interpolation=way), np.uint8)
        # Averaging over areas smooths as well.
        sigma = sigma if scale > 1 / np.sqrt(2) else 0.0
    source = blurred(source, sigma) if sigma else source
    mask = source > round(threshold)
    if threshold < 0.5 * level * 255:
        weak = source > round(255 * max(_WEAK * level, floor))
        mask = with_bridges(mask, weak | mask, line_width * scale)
    mask = _without_specks(mask, line_width * scale, scale)
    return Ink(
        density=density,
        level=level,
        mask=mask,
        radius=_radius(mask),
        scale=scale,
        line_width=line_width * scale,
        noise=noise / level,
        blur=_blur(density, rough, level),
    )


def _density(grey: UInt8Array, paper: UInt8Array) -> UInt8Array:
    """How much darker than its paper each px is, uint8 (H, W), 255 black."""
    rows, cols = grey.shape
    whole = cv2.resize(paper, (cols, rows), interpolation=cv2.INTER_LINEAR)
    density = cv2.bitwise_not(cv2.divide(grey, whole, scale=255.0))
    # A px far darker than all of its eight neighbours is dust, or one of the camera's that is dead.
    ring = np.ones((3, 3), np.uint8)
    ring[1, 1] = 0
    about = np.minimum(cv2.dilate(density, ring), 255 - _DUST) + np.uint8(_DUST)
    return np.minimum(density, about).astype(np.uint8, copy=False)


def _histogram(image: UInt8Array) -> FloatArray:
    """How many px have each value, (256,)."""
    counts = cv2.calcHist([image], [0], None, [256], [0, 256])
    return np.asarray(counts, np.float64).reshape(-1)


def _level(counts: FloatArray, noise: float, least: float) -> float | None:
    """The density of full ink, 0 to 1, None where none stands out of noise (of full scale).

    Otsu (1979): the threshold between whose sides the variance is greatest.

    Args:
        counts: float64 (256,), of a smoothed picture.
    """
    values = np.arange(256.0)
    below, darkness = np.cumsum(counts), np.cumsum(counts * values)
    above = below[-1] - below
    mean = darkness / np.maximum(below, 1)
    contrasts = (darkness[-1] - darkness) / np.maximum(above, 1) - mean
    found = int(np.argmax(below * above * contrasts**2))
    if above[found] == 0:
        return None
    # What a Gaussian leaves of the noise of single px: 1 / (2 sqrt(pi) sigma) of it.
    grain = noise / (2 * np.sqrt(np.pi) * _SMOOTHING)
    if contrasts[found] / 255 < max(_LEAST_CONTRAST, _LEAST_CONTRAST_SIGMA * grain, least):
        return None
    return float(np.searchsorted(below, below[found] + 0.8 * above[found])) / 255


def _noise(grey: UInt8Array) -> float:
    """Standard deviation of the grain, in parts of full scale: from neighbours' differences."""
    step = max(1, grey.shape[0] // 256)
    rows = np.ascontiguousarray(grey[::step])
    if rows.shape[1] < 2:
        return 0.0
    counts = np.cumsum(_histogram(np.asarray(cv2.absdiff(rows[:, 1:], rows[:, :-1]), np.uint8)))
    half = counts[-1] / 2
    # The median of whole numbers, interpolated within its bin.
    at = int(np.searchsorted(counts, half))
    below = float(counts[at - 1]) if at else 0.0
    median = at - 0.5 + (half - below) / max(1.0, float(counts[at]) - below)
    return float(max(0.0, median) * _MAD_TO_SIGMA / 255.0)


def _line_width(mask: BoolArray, strips: list[slice]) -> float:
    """Width in px of the thinnest common lines: a low quantile over the ridges of the distance."""
    values = np.concatenate([_ridge_radii(mask[strip], cut=len(strips) > 1) for strip in strips])
    if len(values) < _LEAST_RIDGE and len(strips) > 1:
        values = _ridge_radii(mask, cut=False)
    if len(values) == 0:
        return WORKING_WIDTH
    # A ridge's distance to the nearest paper px's middle is half a px more than half the width.
    return max(_HAIRLINE, 2.0 * float(np.percentile(values, 40)) - 1.0)


def _strips(shape: tuple[int, ...]) -> list[slice]:
    """Rows of a page, or of a large one strips across it, evenly spaced."""
    rows, cols = shape
    height = max(_LEAST_STRIP, _STRIPS_PX // (_STRIPS * cols))
    if height * _STRIPS >= rows:
        return [slice(0, rows)]
    starts = np.linspace(0, rows - height, _STRIPS).astype(int).tolist()
    return [slice(start, start + height) for start in starts]


def _ridge_radii(mask: BoolArray, *, cut: bool) -> Float32Array:
    """Distances to the paper along the middles of the ink; of a strip cut out of a page, but
    where its edge is nearer."""
    radius = _radius(mask)
    ridge = (radius >= cv2.dilate(radius, np.ones((3, 3), np.uint8))) & mask
    if cut:
        at = np.arange(len(mask), dtype=np.float32)
        ridge &= radius <= np.minimum(at, at[::-1])[:, None] + 1
    return radius[ridge]


def _grain(
    density: UInt8Array, smoothed: UInt8Array, mask: BoolArray, strips: list[slice]
) -> float:
    """Standard deviation of grain within the ink, away from its rims, 0 to 1."""
    sampled, even, ink = (
        np.concatenate([page[strip] for strip in strips])
        for page in (density, smoothed, mask.view(np.uint8))
    )
    inner = cv2.erode(ink, np.ones((3, 3), np.uint8))
    _, deviation = cv2.meanStdDev(cv2.subtract(sampled, even, dtype=cv2.CV_16S), mask=inner)
    return float(deviation[0, 0]) / 255


def _blur(density: UInt8Array, mask: BoolArray, level: float) -> float:
    """Sigma of the blur, px: of the steepest rims, over the depth of their ink.

    Between two px whose rim lies half-way the step is erf(1 / (2 sqrt(2) sigma)) of the whole.
    """
    found = []
    for picture, ink in ((density, mask), (density.T, mask.T)):
        every = max(1, len(picture) // _RIM_ROWS)
        rows, inked = np.ascontiguousarray(picture[::every]), np.ascontiguousarray(ink[::every])
        deepest = np.asarray(cv2.dilate(rows, np.ones((1, 7), np.uint8))).reshape(-1)
        rim = inked[:, 1:] != inked[:, :-1]
        line, column = np.divmod(np.flatnonzero(rim), rim.shape[1])
        at = line * rows.shape[1] + column
        values = rows.reshape(-1)
        step = np.abs(values[at + 1].astype(np.int16) - values[at])
        depth = np.minimum(deepest[at + 1], deepest[at])
        deep = depth > 0.6 * 255 * level
        found.append(step[deep] / depth[deep])
    share = np.concatenate(found)
    if len(share) < _LEAST_RIMS:
        return _USUAL_BLUR
    sigmas = np.geomspace(3.0, 0.15, 40)
    shares = [math.erf(1 / (2 * math.sqrt(2) * sigma)) for sigma in sigmas]
    steep = float(np.interp(np.quantile(share, _STEEPEST), shares, sigmas))
    return math.hypot(steep, _SAMPLED_BLUR)


def _radius(mask: BoolArray) -> Float32Array:
    return np.asarray(
        cv2.distanceTransform(mask.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5), np.float32
    )


def _without_specks(mask: BoolArray, line_width: float, scale: float) -> BoolArray:
    """The mask without what is smaller than a third of a dot of the pen, and pinholes filled."""
    image = mask.view(np.uint8).copy()
    contours, tree = cv2.findContours(image, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return mask
    outer = (tree[0, :, 3] < 0).tolist()
    speck = max(_SPECK * line_width**2, _LEAST_DOT * scale**2)
    pinhole = _PINHOLE * line_width**2
    # A contour of n px around a px or a hole encloses less than (n / 4 + 1)^2 of them.
    most = 4 * max(speck, pinhole) + 8
    pinholes, specks = [], []
    for contour, is_outer in zip(contours, outer, strict=True):
        count = len(contour)
        if count > most:
            continue
        # Pick's theorem (1899): px on and within a closed walk from px to px.
        area = cv2.contourArea(contour) if count > 2 else 0.0
        if is_outer and area + count / 2 + 1 < speck:
            specks.append(contour)
        elif not is_outer and area - count / 2 + 1 < pinhole:
            pinholes.append(contour)
    # A pinhole's contour is the ink around it.
    cv2.drawContours(image, pinholes, -1, 1, cv2.FILLED)
    cv2.drawContours(image, specks, -1, 0, cv2.FILLED)
    return image.view(np.bool_)


def _remap(image: UInt8Array, x: Float32Array, y: Float32Array) -> Float32Array:
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
