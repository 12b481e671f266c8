"""How well the lines of a cleaned picture lie on the true ones: `score_picture`.

The picture's dark px are thinned, and their distances to the true lines and back are taken:
F over tolerances in per mille of the long edge and the Chamfer distance, as Yan et al.
(2020, "A Benchmark for Rough Sketch Cleanup") measure. Widths, tones and the number
of strokes are not judged here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from .pairs import Grey
from .principal_curve import Curve

Points = npt.NDArray[np.float64]

TOLERANCES = (2.0, 4.0, 8.0)  # per mille of the long edge
SAMPLE = 0.5  # px between samples of the true lines
DARK = 128  # px darker than this are lines
NOTHING = 1000.0  # per mille: the Chamfer distance of an empty picture


@dataclass(frozen=True, slots=True)
class LineScore:
    """F from 0 to 1 at each of `TOLERANCES`; Chamfer distance in per mille of the long edge."""

    f: tuple[float, ...]
    chamfer: float


def score_picture(picture: Grey, lines: Sequence[Curve]) -> LineScore:
    """How a cleaned picture, uint8 (H, W), fits true lines in px of it."""
    return score_points(thinned(picture), lines, max(picture.shape))


def score_points(found: Points, lines: Sequence[Curve], long_edge: float) -> LineScore:
    """How points (n, 2) along found lines fit the true lines.

    >>> line = Curve(np.array([[10.0, 50.0], [90.0, 50.0]]), False)
    >>> score_points(np.array([[10.0 + i, 50.0] for i in range(81)]), [line], 100).f
    (1.0, 1.0, 1.0)
    """
    wanted = np.concatenate([sample(line) for line in lines]) if lines else np.zeros((0, 2))
    if len(found) == 0 or len(wanted) == 0:
        same = float(len(found) == len(wanted))
        return LineScore(tuple(same for _ in TOLERANCES), 0.0 if same else NOTHING)
    to_wanted = cKDTree(wanted).query(found)[0]
    to_found = cKDTree(found).query(wanted)[0]
    shares = []
    for mille in TOLERANCES:
        reach = long_edge * mille / 1000
        precision, recall = (to_wanted <= reach).mean(), (to_found <= reach).mean()
        shares.append(float(2 * precision * recall / max(precision + recall, 1e-9)))
    chamfer = (to_wanted.mean() + to_found.mean()) / 2 / long_edge * 1000
    return LineScore(tuple(shares), float(chamfer))


def thinned(picture: Grey) -> Points:
    """The middle of the dark px, x, y (n, 2) in px."""
    from skimage.morphology import skeletonize

    rows, columns = np.nonzero(skeletonize(picture < DARK))
    return np.stack([columns, rows], axis=1).astype(np.float64)


def sample(line: Curve) -> Points:
    """Points along a line, `SAMPLE` px apart."""
    points = np.vstack([line.points, line.points[:1]]) if line.closed else line.points
    if len(points) < 2:
        return points
    length = np.r_[0.0, np.cumsum(np.hypot(*np.diff(points, axis=0).T))]
    at = np.linspace(0, length[-1], max(2, int(np.ceil(length[-1] / SAMPLE)) + 1))
    return np.stack([np.interp(at, length, points[:, k]) for k in (0, 1)], axis=1)
