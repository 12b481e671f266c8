"""Pictures in few colours: one palette for all of them, and maps of its indices.

k-means in CIELAB (Lloyd, "Least squares quantization in PCM", 1982; k-means++ starts), where
distances are nearer to what eyes see than in RGB. Pictures that have no more colours than are
wanted keep theirs. No dithering.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .errors import LineworkError

UInt8Array = npt.NDArray[np.uint8]

# px that the palette is found from; more change no colour by a step that is seen.
_SAMPLE = 50_000
# px brought to the palette at a time, so that a large picture needs little memory.
_PIECE = 200_000
_ROUNDS = 20


def find_palette(
    pictures: Sequence[UInt8Array], colors: int, rng: np.random.Generator
) -> UInt8Array:
    """The colours that stand best for all px of some pictures.

    Args:
        pictures: uint8 (H, W) grey or (H, W, 3).
        colors: at most so many, 1 to 256.
        rng: chooses the px looked at, and where the means begin.

    Returns:
        uint8 (C, 3), dark to light; C is less than `colors` where there are fewer.

    Raises:
        LineworkError: no px, or a number of colours out of range.
    """
    from scipy.cluster.vq import kmeans2
    from skimage.color import lab2rgb, rgb2lab

    if not 1 <= colors <= 256:
        raise LineworkError(f"{colors} colours; wanted 1 to 256")
    pixels = [_rgb(picture).reshape(-1, 3) for picture in pictures if picture.size]
    if not pixels:
        raise LineworkError("no px to find a palette of; wanted a picture")
    few = _few_colors(pixels, colors)
    if few is None:
        share = max(1, _SAMPLE // len(pixels))
        # With replacement, so that every picture counts alike, however small it is.
        sample = np.concatenate([p[rng.integers(0, len(p), share)] for p in pixels])
        lab = rgb2lab(sample[None] / 255.0)[0]
        means, _ = kmeans2(lab, colors, iter=_ROUNDS, minit="++", seed=rng)
        few = np.unique(np.rint(lab2rgb(means[None])[0] * 255).astype(np.uint8), axis=0)
    return few[np.argsort(few @ np.array([299, 587, 114]), kind="stable")]


def to_palette(picture: UInt8Array, palette: UInt8Array) -> UInt8Array:
    """The nearest colour of each px: uint8 (H, W), indices into the palette (C, 3)."""
    from scipy.spatial import cKDTree
    from skimage.color import rgb2lab

    tree = cKDTree(rgb2lab(palette[None] / 255.0)[0])
    pixels = _rgb(picture).reshape(-1, 3)
    found = np.empty(len(pixels), np.uint8)
    for first in range(0, len(pixels), _PIECE):
        piece = pixels[first : first + _PIECE]
        found[first : first + _PIECE] = tree.query(rgb2lab(piece[None] / 255.0)[0])[1]
    return found.reshape(picture.shape[:2])


def _rgb(picture: UInt8Array) -> UInt8Array:
    return np.repeat(picture[..., None], 3, axis=2) if picture.ndim == 2 else picture


def _few_colors(pixels: Sequence[UInt8Array], most: int) -> UInt8Array | None:
    """All colours of the pictures, if they are no more than `most`."""
    known = np.empty(0, np.int64)
    for piece in pixels:
        packed = piece.astype(np.int64) @ np.array([1 << 16, 1 << 8, 1])
        known = np.union1d(known, packed)
        if len(known) > most:
            return None
    return np.stack([known >> 16, known >> 8 & 255, known & 255], axis=1).astype(np.uint8)
