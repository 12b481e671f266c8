"""How long a stretch of one picture's rows stands, px by px, in the rows of others.

What a chain of high order paints is cut from what it learned from; this says how much of it in
one piece. Windows of a length are compared by polynomial hashes of 64 bits (Karp and Rabin, 1987),
the length is found by halving.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

UInt8Array = npt.NDArray[np.uint8]
Hashes = npt.NDArray[np.uint64]

# Odd, so that its powers can be undone modulo 2 ** 64.
_BASE = 0x9E37_79B9_7F4A_7C15
# Ends of rows, apart so that no window across one is alike in both.
_END, _OTHER_END = 254, 255


def longest_copied_run(found: Sequence[UInt8Array], known: Sequence[UInt8Array]) -> int:
    """px of the longest stretch of a row of `found` that is in a row of `known`.

    Args:
        found, known: maps (H, W) of indices below 254.
    """
    mine, theirs = _Windows(found, _END), _Windows(known, _OTHER_END)
    low, high = 0, max((m.shape[1] for m in found), default=0)
    while low < high:
        middle = (low + high + 1) // 2
        if _share_one(mine.of(middle), theirs.of(middle)):
            low = middle
        else:
            high = middle - 1
    return low


class _Windows:
    """The hashes of all windows of some rows."""

    def __init__(self, maps: Sequence[UInt8Array], end: int) -> None:
        rows = [np.pad(m, ((0, 0), (0, 1)), constant_values=end).ravel() for m in maps]
        symbols = np.concatenate([np.empty(0, np.uint8), *rows]).astype(np.uint64) + np.uint64(1)
        self.powers = _powers(_BASE, len(symbols) + 1)
        self.undone = _powers(pow(_BASE, -1, 1 << 64), len(symbols) + 1)
        sums = np.cumsum(symbols * self.powers[:-1], dtype=np.uint64)
        self.sums = np.concatenate([np.zeros(1, np.uint64), sums])

    def of(self, length: int) -> Hashes:
        """One hash for each window of `length` symbols."""
        if length >= len(self.sums):
            return np.empty(0, np.uint64)
        differences: Hashes = self.sums[length:] - self.sums[:-length]
        return differences * self.undone[: len(differences)]


def _powers(base: int, count: int) -> Hashes:
    """base ** 0, base ** 1, ... modulo 2 ** 64."""
    steps = np.full(count, base, np.uint64)
    steps[:1] = 1
    return np.cumprod(steps, dtype=np.uint64)


def _share_one(some: Hashes, others: Hashes) -> bool:
    return bool(np.isin(np.unique(some), others).any())
