"""`SeenKeys`: which of many 64-bit keys were there before, in 8 bytes a key.

A Python set takes some 70 bytes a key, 3.5 GB for all of Quick, Draw!. Here the
keys stand in sorted arrays, each at least twice as long as the next, merged as
they grow (a log-structured merge).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


class SeenKeys:
    """The keys added so far."""

    def __init__(self) -> None:
        self._runs: list[npt.NDArray[np.uint64]] = []

    def __len__(self) -> int:
        return sum(map(len, self._runs))

    def add(self, keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
        """Adds keys, uint64 (n,); returns bool (n,), True where one was not there before.

        Of equal keys within `keys`, the first is the new one.
        """
        unique, first = np.unique(keys, return_index=True)
        for run in self._runs:
            at = np.minimum(np.searchsorted(run, unique), len(run) - 1)
            new = run[at] != unique
            unique, first = unique[new], first[new]
        fresh = np.zeros(len(keys), np.bool_)
        fresh[first] = True
        if len(unique):
            self._runs.append(unique)
        while len(self._runs) > 1 and len(self._runs[-2]) < 2 * len(self._runs[-1]):
            merged = np.concatenate([self._runs.pop(), self._runs.pop()])
            merged.sort(kind="stable")  # two sorted runs: this merges them
            self._runs.append(merged)
        return fresh
