"""How well a clean picture lies on the rough one it was drawn over: `measure_misalignment`.

Clean lines should run where rough ink is. The share of them that does, within a small distance,
is measured as the pictures are, and again at the shift at which they fit best. The shift is found
by correlating the clean lines with a soft map of the rough ink in a small copy, then made finer in
the picture itself. Turned or warped pictures are not mended, only seen: they stay apart at
the best shift.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from scipy.signal import fftconvolve

from ..strokes.errors import LineworkError
from .pairs import Grey

NEAR_MILLE = 4.0  # of the long edge: what still counts as on the ink
LEAST_NEAR = 2.0  # px
COARSE_EDGE = 320  # px of the long edge of the copy in which the shift is looked for first
MOST_SHIFT = 0.06  # of the long edge: beyond it pictures are not shifted but different
POINTS = 4000  # of clean lines that are looked at; more change nothing
GAIN = 0.02  # of the lines must come to lie on ink, or a shift is not believed
FINE = (4.0, 2.0, 1.0, 0.5, 0.25)  # px: steps by which the shift is made finer


@dataclass(frozen=True, slots=True)
class Misalignment:
    """How a clean picture lies on a rough one.

    Args:
        shift: (x, y) in px of the rough picture by which the clean one should be moved; (0, 0)
            where moving it does not help.
        near_before: share of the clean lines with rough ink within `tolerance`, as they lie.
        near_after: the same once moved.
        tolerance: px.
    """

    shift: tuple[float, float]
    near_before: float
    near_after: float
    tolerance: float

    @property
    def distance(self) -> float:
        """How far the clean picture should be moved, px."""
        return float(np.hypot(*self.shift))


def measure_misalignment(rough: Grey, clean: Grey) -> Misalignment:
    """The shift between two pictures and how much of the clean lines lies on rough ink.

    Args:
        rough, clean: uint8 (H, W) of the same size, 0 ink and 255 paper.

    Raises:
        LineworkError: pictures of different sizes.
    """
    if rough.shape != clean.shape:
        raise LineworkError(
            f"a rough picture of {rough.shape[1]} x {rough.shape[0]} px and a clean one of "
            f"{clean.shape[1]} x {clean.shape[0]}; wanted the same size"
        )
    edge = max(rough.shape)
    tolerance = max(LEAST_NEAR, edge * NEAR_MILLE / 1000)
    lines, ink = clean_ink(clean), rough_ink(rough)
    rows, columns = np.nonzero(lines)
    if len(rows) == 0:
        return Misalignment((0.0, 0.0), 1.0, 1.0, tolerance)
    if not ink.any():
        return Misalignment((0.0, 0.0), 0.0, 0.0, tolerance)
    pick = np.linspace(0, len(rows) - 1, min(POINTS, len(rows))).astype(int)
    points = np.stack([columns[pick], rows[pick]], axis=1).astype(np.float32)
    distance = cv2.distanceTransform((~ink).astype(np.uint8), cv2.DIST_L2, 5)

    def fit(shift: npt.NDArray[np.float64]) -> float:
        """Mean of a bell curve over the distances of the moved lines."""
        return float(np.exp(-0.5 * (_at(distance, points + shift) / tolerance) ** 2).mean())

    shift = _coarse_shift(lines, ink, edge)
    best = fit(shift)
    for step in FINE:
        moved = True
        while moved:
            moved = False
            for way in ((step, 0), (-step, 0), (0, step), (0, -step)):
                trial = shift + np.array(way)
                if np.hypot(*trial) <= MOST_SHIFT * edge and (value := fit(trial)) > best + 1e-6:
                    shift, best, moved = trial, value, True
    before = float((_at(distance, points) <= tolerance).mean())
    after = float((_at(distance, points + shift) <= tolerance).mean())
    if best < fit(np.zeros(2)) + GAIN:
        return Misalignment((0.0, 0.0), before, before, tolerance)
    return Misalignment((float(shift[0]), float(shift[1])), before, after, tolerance)


def clean_ink(clean: Grey) -> npt.NDArray[np.bool_]:
    """Where a clean picture has lines: darker than half of the way from its paper to black."""
    return np.asarray(clean < 0.5 * np.percentile(clean, 95), np.bool_)


def rough_ink(rough: Grey) -> npt.NDArray[np.bool_]:
    """Where a rough picture has ink: darker than its surroundings by a share of their range."""
    size = max(3, round(max(rough.shape) / 40)) | 1
    paper = cv2.medianBlur(cv2.dilate(rough, np.ones((size, size), np.uint8)), min(size, 255) | 1)
    darker = cv2.subtract(paper, rough)
    if darker.max() < 24:  # grey levels: noise of an empty page
        return np.zeros(rough.shape, bool)
    level, _ = cv2.threshold(darker, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return np.asarray(darker > max(0.6 * level, 16.0), np.bool_)


def _at(
    distance: npt.NDArray[np.float32], points: npt.NDArray[np.float64]
) -> npt.NDArray[np.float32]:
    """Distances at points (n, 2) x, y; beyond the picture, its edge's and the way there."""
    height, width = distance.shape
    at = np.rint(points).astype(int)
    inside = np.stack([at[:, 0].clip(0, width - 1), at[:, 1].clip(0, height - 1)], axis=1)
    beyond = np.hypot(*(at - inside).T)
    return np.asarray(distance[inside[:, 1], inside[:, 0]] + beyond, np.float32)


def _coarse_shift(
    lines: npt.NDArray[np.bool_], ink: npt.NDArray[np.bool_], edge: int
) -> npt.NDArray[np.float64]:
    """The best shift in a small copy, in px of the whole picture."""
    scale = min(1.0, COARSE_EDGE / edge)
    size = (max(1, round(ink.shape[1] * scale)), max(1, round(ink.shape[0] * scale)))
    small_ink, small_lines = (
        cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        for mask in (ink, lines)
    )
    soft = cv2.GaussianBlur(np.minimum(small_ink * 2, 1), (0, 0), 2.0)
    reach = max(1, round(MOST_SHIFT * max(size)))
    padded = np.pad(soft, reach)
    score = fftconvolve(padded, small_lines[::-1, ::-1], mode="valid")
    y, x = np.unravel_index(int(score.argmax()), score.shape)
    if score.max() < score[reach, reach] * 1.02:
        return np.zeros(2)
    return np.array([x - reach, y - reach]) / scale
