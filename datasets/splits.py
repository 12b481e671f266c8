"""Which drawings train, validate and test: by a hash of the key, the same for ever.

The same key falls on the same side in every table, whatever else is packed with
it, in any order, on any machine; so a drawing trained on is never tested on.

The hash is the finaliser of splitmix64 (Steele, Lea and Flood 2014, "Fast
splittable pseudorandom number generators"; the constants are Stafford's mix 13),
its upper 53 bits read as a fraction of 1: below the first share is "train",
below the first two "valid", the rest "test".
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..strokes.errors import LineworkError

SPLITS = ("train", "valid", "test")
DEFAULT_SHARES = (0.90, 0.05, 0.05)

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


def split_indices(
    keys: npt.NDArray[np.uint64], shares: Sequence[float] = DEFAULT_SHARES
) -> npt.NDArray[np.int8]:
    """For each key the index in `SPLITS`: int8, of the same shape.

    Args:
        keys: uint64, any shape.
        shares: of train, valid and test; only their proportions matter.

    Raises:
        LineworkError: shares that are not three numbers of 0 or more, or all 0.

    >>> split_indices(np.array([4897919444451328, 6411036099870720], np.uint64)).tolist()
    [0, 0]
    """
    bounds = _bounds(shares)
    return np.searchsorted(bounds, key_fraction(keys), side="right").astype(np.int8)


def key_fraction(keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.float64]:
    """The hash of each key as a number from 0 up to, not including, 1."""
    z = np.asarray(keys, np.uint64) + _GAMMA  # wraps, as uint64 arrays do
    z = (z ^ (z >> np.uint64(30))) * _MIX_1
    z = (z ^ (z >> np.uint64(27))) * _MIX_2
    z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _bounds(shares: Sequence[float]) -> npt.NDArray[np.float64]:
    """Where train ends and where valid ends."""
    array = np.asarray(shares, np.float64)
    if array.shape != (len(SPLITS),) or not (np.isfinite(array) & (array >= 0)).all():
        raise LineworkError(f"shares {tuple(shares)}; wanted three numbers of 0 or more")
    if array.sum() == 0:
        raise LineworkError("shares that are all 0; wanted one above 0, such as 0.9 0.05 0.05")
    return np.cumsum(array)[:-1] / array.sum()
