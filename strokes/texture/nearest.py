"""Texture from coarse to fine by nearest patches.

After Granot et al., "Drop the GAN: In Defense of Patches Nearest Neighbors as Single Image
Generative Models" (2021), and Kwatra et al., "Texture Optimization for Example-based Synthesis"
(2005): the smallest texture is a quilt; then at each size every patch of the texture is replaced
by the nearest of the sample's, and where patches overlap they vote. Patches that the texture uses
often count as farther, so that all of the sample is used. At the last step px are not averaged but
copied, which keeps lines crisp.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import LineworkError
from .patches import FloatArray, Places, as_bytes, as_floats, patch_places, patches_at
from .quilting import quilt

# px of a patch's side: wide enough for a line of 2 px, its two sides and some paper.
PATCH = 7
# The coarsest sample has at least this shorter side, px.
_COARSEST = 26
# Blocks of the quilt that the coarsest begins with, px: half of it.
_BLOCK = 12
# Each size is this much of the next.
_SCALE = 0.72
# Rounds at each size.
_ROUNDS = 6
# Numbers that stand for a patch while the nearest is sought: they keep some 95 % of its variance.
_COMPONENTS = 14
# Nearest patches among which the least used is taken, and what use costs.
_NEAREST, _USE = 6, 1.0
# How far beyond the nearest the search may miss, for speed.
_SLACK = 0.5


def synthesise(
    sample: npt.NDArray[np.uint8], size: tuple[int, int], rng: np.random.Generator
) -> npt.NDArray[np.uint8]:
    """More of a pattern.

    Args:
        sample: uint8 (h, w) or (h, w, 3).
        size: (width, height) wanted, px.

    Returns:
        uint8 (height, width), or (height, width, 3).

    Raises:
        LineworkError: a sample smaller than a patch.
    """
    import cv2

    known = as_floats(sample)
    if min(known.shape[:2]) <= PATCH:
        raise LineworkError(
            f"a pattern of {known.shape[1]} x {known.shape[0]} px; wanted more than {PATCH}"
        )
    sizes = _sizes(known.shape[:2])
    width, height = size
    texture: FloatArray | None = None
    for level, scale in enumerate(sizes):
        small = known if scale == 1 else _resized(known, scale)
        wide, high = max(PATCH + 1, round(width * scale)), max(PATCH + 1, round(height * scale))
        if texture is None:
            texture = as_floats(quilt(as_bytes(small), (wide, high), rng, block=_BLOCK))
        else:
            larger = cv2.resize(texture, (wide, high), interpolation=cv2.INTER_CUBIC)
            texture = np.asarray(larger.reshape(high, wide, -1), np.float32)
        last = level == len(sizes) - 1
        texture = _improved(texture, small, rng, copied=last)
    assert texture is not None
    return as_bytes(texture[:height, :width])


def _sizes(shape: tuple[int, ...]) -> list[float]:
    """Shares of the sample's size, the coarsest first; the last is 1."""
    scales = [1.0]
    while min(shape) * scales[-1] * _SCALE >= _COARSEST:
        scales.append(scales[-1] * _SCALE)
    return scales[::-1]


def _resized(picture: FloatArray, scale: float) -> FloatArray:
    import cv2

    height, width = (max(PATCH + 1, round(n * scale)) for n in picture.shape[:2])
    smaller = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(smaller.reshape(height, width, -1), np.float32)


def _improved(
    texture: FloatArray, known: FloatArray, rng: np.random.Generator, *, copied: bool
) -> FloatArray:
    """The texture after some rounds of nearest patches and votes; of copies at the end if asked."""
    from scipy.spatial import cKDTree

    all_y, all_x = patch_places(known.shape, PATCH)
    rows = patches_at(known, all_y, all_x, PATCH)
    mean = rows.mean(axis=0)
    # Principal components of a part: the directions settle early.
    part = rows[rng.permutation(len(rows))[:5000]] - mean
    _, _, axes = np.linalg.svd(part, full_matrices=False)
    axes = axes[:_COMPONENTS].T
    # Plain samples have many equal patches; a balanced tree of them would take minutes.
    tree = cKDTree((rows - mean) @ axes, balanced_tree=False, compact_nodes=False)
    used: npt.NDArray[np.floating[Any]] = np.zeros(len(rows))
    for turn in range(_ROUNDS):
        step = 2
        y, x = _grid(texture.shape, step, int(rng.integers(step)), int(rng.integers(step)))
        asked = (patches_at(texture, y, x, PATCH) - mean) @ axes
        away, found = tree.query(asked, k=min(_NEAREST, len(rows)), eps=_SLACK)
        away, found = away.reshape(len(y), -1), found.reshape(len(y), -1)
        usual = max(float(away.mean()), 1e-9)
        best = (away + _USE * usual * np.log1p(used[found])).argmin(axis=1)
        found = found[np.arange(len(found)), best]
        used = np.bincount(found, minlength=len(rows)) * (len(rows) / len(found))
        last = copied and turn == _ROUNDS - 1
        texture = _voted(texture.shape, known, (y, x), (all_y[found], all_x[found]), central=last)
    return texture


def _grid(shape: tuple[int, ...], step: int, down: int, across: int) -> tuple[Places, Places]:
    """Places of patches that cover a picture, the rims included."""
    last_y, last_x = shape[0] - PATCH, shape[1] - PATCH
    ys = np.unique(
        np.clip(np.append(np.arange(down - step, last_y + step, step), last_y), 0, last_y)
    )
    xs = np.unique(
        np.clip(np.append(np.arange(across - step, last_x + step, step), last_x), 0, last_x)
    )
    y, x = np.meshgrid(ys, xs, indexing="ij")
    return y.ravel(), x.ravel()


def _voted(
    shape: tuple[int, ...],
    known: FloatArray,
    places: tuple[Places, Places],
    origins: tuple[Places, Places],
    *,
    central: bool,
) -> FloatArray:
    """Patches of the sample laid where they belong: averaged, or each px from the most central.

    Args:
        places: y, x of the patches in the texture.
        origins: y, x of them in the sample.
    """
    total = np.zeros(shape, np.float32)
    weight = np.zeros(shape[:2], np.float32)
    y, x = places
    from_y, from_x = origins
    middle = (PATCH - 1) / 2
    for dy in range(PATCH):
        for dx in range(PATCH):
            vote = np.float32(np.exp(-((dy - middle) ** 2 + (dx - middle) ** 2) / middle))
            if central:
                heavier = vote > weight[y + dy, x + dx]
                at = y[heavier] + dy, x[heavier] + dx
                total[at] = known[from_y[heavier] + dy, from_x[heavier] + dx]
                weight[at] = vote
            else:
                # No place comes twice among patches of one offset.
                total[y + dy, x + dx] += vote * known[from_y + dy, from_x + dx]
                weight[y + dy, x + dx] += vote
    return total if central else total / weight[..., None]
