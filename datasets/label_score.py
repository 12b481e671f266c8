"""How well a label map says what another says: pixel accuracy, intersection over union.

Both are taken over all px of all pictures together (as PASCAL VOC and CamVid are measured), not as
a mean over pictures: a label in one corner of one picture counts like any other. Px that nobody
labelled count nowhere.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .labels import UNLABELLED, UInt8Array, Vocabulary

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LabelScore:
    """How well labels were found.

    Args:
        mean_iou: mean of `iou`.
        pixel_accuracy: share of the labelled px that were found right.
        iou: intersection over union by the label's name, for those that are there or were found.
        shares: share of the labelled px by the label's name.
    """

    mean_iou: float
    pixel_accuracy: float
    iou: dict[str, float]
    shares: dict[str, float]


def no_counts() -> Counts:
    """What `count_pairs` adds up from: int64 (256, 256), true pixel by found pixel."""
    return np.zeros((256, 256), np.int64)


def count_pairs(true: UInt8Array, found: UInt8Array) -> Counts:
    """How often each pixel was found where each is true, int64 (256, 256).

    Args:
        true, found: uint8 of the same shape; true px of `UNLABELLED` are left out.
    """
    joint = true.astype(np.int64) << 8 | found
    counts = np.bincount(joint.ravel(), minlength=1 << 16).reshape(256, 256)
    counts[UNLABELLED] = 0
    return np.asarray(counts, np.int64)


def score_counts(counts: Counts, names: Vocabulary) -> LabelScore:
    """Figures of what `count_pairs` counted, all nan where nothing is labelled."""
    total = int(counts.sum())
    if not total:
        return LabelScore(math.nan, math.nan, {}, {})
    right = np.diagonal(counts)
    true, found = counts.sum(axis=1), counts.sum(axis=0)
    union = true + found - right
    rows: Sequence[tuple[str, int]] = [
        (label.name, label.pixel) for label in names.labels if union[label.pixel]
    ]
    iou = {name: float(right[pixel] / union[pixel]) for name, pixel in rows}
    shares = {name: float(true[pixel] / total) for name, pixel in rows}
    return LabelScore(math.fsum(iou.values()) / len(iou), float(right.sum() / total), iou, shares)
