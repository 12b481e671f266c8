"""Panoptic quality of one set of segments against another (Kirillov et al. 2019, section 4).

A segment is found when one of the same category overlaps it by an IoU above .5; PQ is the
sum of those IoUs over found + half of the missed and the invented, a category at a time,
then the mean. Px that the truth leaves unlabelled do not count against a prediction, nor
do segments that lie mostly on such px or on a crowd of their category.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_FOUND = 0.5
_VOID = 0


@dataclass(frozen=True, slots=True)
class Segments:
    """A picture's segments.

    Args:
        ids: int64 (H, W), 0 unlabelled.
        categories: category by segment id.
        crowds: ids of segments that are crowds.
    """

    ids: npt.NDArray[np.int64]
    categories: dict[int, int]
    crowds: frozenset[int] = frozenset()


@dataclass(slots=True)
class _Sums:
    overlap: float = 0.0
    found: int = 0
    invented: int = 0
    missed: int = 0


def panoptic_quality(pairs: Iterable[tuple[Segments, Segments]]) -> dict[int, float]:
    """PQ by category, of truth and prediction of each picture; categories without any are absent.

    Segments whose id has no category count as unlabelled.
    """
    sums: dict[int, _Sums] = {}
    for truth, guess in pairs:
        _add(sums, truth, guess)
    return {
        category: s.overlap / (s.found + (s.invented + s.missed) / 2)
        for category, s in sorted(sums.items())
        if s.found + s.invented + s.missed
    }


def _add(sums: dict[int, _Sums], truth: Segments, guess: Segments) -> None:
    shared = _overlaps(truth, guess)
    size_t, size_g = _sizes(truth), _sizes(guess)
    found_t: set[int] = set()
    found_g: set[int] = set()
    for (t, g), px in shared.items():
        if t == _VOID or g == _VOID or t in truth.crowds:
            continue
        category = truth.categories[t]
        union = size_t[t] + size_g[g] - px - shared.get((_VOID, g), 0)
        if category == guess.categories[g] and px / union > _FOUND:
            entry = sums.setdefault(category, _Sums())
            entry.overlap += px / union
            entry.found += 1
            found_t.add(t)
            found_g.add(g)
    for t in set(size_t) - found_t - truth.crowds - {_VOID}:
        sums.setdefault(truth.categories[t], _Sums()).missed += 1
    for g in set(size_g) - found_g - {_VOID}:
        category = guess.categories[g]
        alike = [c for c in truth.crowds if truth.categories.get(c) == category]
        excused = sum(shared.get((t, g), 0) for t in (_VOID, *alike))
        if excused / size_g[g] <= _FOUND:
            sums.setdefault(category, _Sums()).invented += 1


def _known(segments: Segments) -> npt.NDArray[np.int64]:
    """The ids, those without a category as unlabelled."""
    known = np.isin(segments.ids, np.fromiter(segments.categories, np.int64))
    return np.where(known, segments.ids, _VOID)


def _sizes(segments: Segments) -> dict[int, int]:
    ids, counts = np.unique(_known(segments), return_counts=True)
    return dict(zip(ids.tolist(), counts.tolist(), strict=True))


def _overlaps(truth: Segments, guess: Segments) -> dict[tuple[int, int], int]:
    """Px that two segments share, by their ids."""
    both = _known(truth) * (1 << 24) + _known(guess)
    pairs, counts = np.unique(both, return_counts=True)
    return {
        divmod(pair, 1 << 24): count
        for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True)
    }
