"""Patches of a picture as rows of numbers, and how a texture compares with its sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
Places = npt.NDArray[np.intp]

# Patches of either picture that the figures look at.
_LOOKED_AT = 4000
# Directions in which the patches' distributions are compared; 64 settle the third digit.
_DIRECTIONS = 64
# A patch is copied where no px of it differs by more than this, of 1.
_SAME = 0.03


@dataclass(frozen=True, slots=True)
class PatchReport:
    """How a texture compares with the sample it was made from.

    Args:
        copied: share of its patches that stand in the sample, px by px.
        distance: sliced Wasserstein distance of its patches from the sample's, of 1.
        spread: the same between two halves of the sample: what distance is none.
        patch: their side, px.
    """

    copied: float
    distance: float
    spread: float
    patch: int

    def __str__(self) -> str:
        """A line for a terminal."""
        return (
            f"patches of {self.patch} px: {self.copied:.0%} are copies; distance from the "
            f"pattern's {self.distance:.4f}, between its halves {self.spread:.4f}"
        )


def as_floats(picture: npt.NDArray[np.uint8]) -> FloatArray:
    """uint8 (H, W) or (H, W, C) as float32 (H, W, C) from 0 to 1."""
    values = picture.astype(np.float32) / np.float32(255)
    return values[..., None] if values.ndim == 2 else values


def as_bytes(values: FloatArray) -> npt.NDArray[np.uint8]:
    """The way back; one channel becomes (H, W)."""
    found: npt.NDArray[np.uint8] = np.rint(values.clip(0, 1) * 255).astype(np.uint8)
    return found[..., 0] if found.shape[2] == 1 else found


def patches_at(picture: FloatArray, y: Places, x: Places, side: int) -> FloatArray:
    """Patches whose first px are at y, x, (N,) each: (N, side * side * C)."""
    windows = np.lib.stride_tricks.sliding_window_view(picture, (side, side), axis=(0, 1))
    rows: FloatArray = windows[y, x].reshape(len(y), -1)
    return rows


def patch_places(shape: tuple[int, ...], side: int) -> tuple[Places, Places]:
    """y and x, both (N,), of the first px of all patches of a picture."""
    rows, columns = shape[0] - side + 1, shape[1] - side + 1
    y, x = np.divmod(np.arange(max(rows, 0) * max(columns, 0)), max(columns, 1))
    return y, x


def compare_patches(
    texture: npt.NDArray[np.uint8],
    sample: npt.NDArray[np.uint8],
    rng: np.random.Generator,
    *,
    side: int = 7,
    inside: npt.NDArray[np.bool_] | None = None,
) -> PatchReport:
    """Compares patches of a texture with those of its sample.

    Args:
        texture, sample: uint8 (H, W) or (H, W, 3), both alike.
        side: of a patch, px.
        inside: (H, W), where the texture is; only patches wholly inside count.
    """
    from scipy.spatial import cKDTree

    found, known = as_floats(texture), as_floats(sample)
    y, x = patch_places(found.shape, side)
    if inside is not None and len(y):
        whole = np.lib.stride_tricks.sliding_window_view(inside, (side, side)).all(axis=(2, 3))
        y, x = y[whole.ravel()], x[whole.ravel()]
    all_y, all_x = patch_places(known.shape, side)
    if not len(y) or not len(all_y):
        return PatchReport(0.0, 0.0, 0.0, side)
    pick = rng.permutation(len(y))[:_LOOKED_AT]
    mine = patches_at(found, y[pick], x[pick], side)
    pick = rng.permutation(len(all_y))[:_LOOKED_AT]
    some = patches_at(known, all_y[pick], all_x[pick], side)
    # The sample's patches to search for copies, by the largest difference of a px; each once, for
    # a tree of many equal ones is a list.
    near = cKDTree(_each_once(patches_at(known, all_y, all_x, side)))
    away, _ = near.query(mine, p=np.inf, distance_upper_bound=_SAME)
    left = all_x[pick] < np.median(all_x)
    directions = rng.normal(size=(mine.shape[1], _DIRECTIONS)).astype(np.float32)
    directions /= np.linalg.norm(directions, axis=0)
    return PatchReport(
        copied=float(np.isfinite(away).mean()),
        distance=_sliced(mine, some, directions),
        spread=_sliced(some[left], some[~left], directions),
        patch=side,
    )


def _each_once(rows: FloatArray) -> FloatArray:
    whole = np.ascontiguousarray(rows).view(np.dtype((np.void, rows.itemsize * rows.shape[1])))
    _, first = np.unique(whole.ravel(), return_index=True)
    return rows[first]


def _sliced(some: FloatArray, others: FloatArray, directions: FloatArray) -> float:
    """Sliced Wasserstein-1 distance, a px."""
    if not len(some) or not len(others):
        return 0.0
    at = np.linspace(0, 1, 201)
    a = np.quantile(some @ directions, at, axis=0)
    b = np.quantile(others @ directions, at, axis=0)
    return float(np.abs(a - b).mean())
