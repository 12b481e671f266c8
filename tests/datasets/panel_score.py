"""How panels that were found agree with those that were drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

# Two outlines are of one panel from this intersection over union on.
SAME = 0.9


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of a page.

    Args:
        hits: index of the panel found, by that of the one drawn.
    """

    drawn: int
    found: int
    hits: dict[int, int]

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * len(self.hits) / max(self.drawn + self.found, 1)

    def in_order(self, order: Sequence[int]) -> bool:
        """Whether panels that were all found are read as they were drawn."""
        return list(order) == [self.hits.get(k) for k in range(self.drawn)]


def score(
    drawn: Sequence[npt.NDArray[np.float64]],
    found: Sequence[npt.NDArray[np.float64]],
    shape: tuple[int, ...],
) -> Score:
    """Compares polygons on a page of a shape (H, W); each panel found is matched once."""
    truths, guesses = ([_filled(p, shape) for p in polygons] for polygons in (drawn, found))
    hits: dict[int, int] = {}
    for number, truth in enumerate(truths):
        for other, guess in enumerate(guesses):
            if other in hits.values():
                continue
            whole = int((truth | guess).sum())
            if whole and int((truth & guess).sum()) >= SAME * whole:
                hits[number] = other
                break
    return Score(len(truths), len(guesses), hits)


def _filled(polygon: npt.NDArray[np.float64], shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    mask = np.zeros((shape[0] // 2 + 1, shape[1] // 2 + 1), np.uint8)
    cv2.fillPoly(mask, [np.rint(np.asarray(polygon) / 2).astype(np.int32)], 1)
    return mask > 0
