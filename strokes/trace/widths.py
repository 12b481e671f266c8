"""Width along strokes: where the pen was pressed, a brush swelled, a line tapers off.

Across every point of a stroke the area of the ink's profile over its peak is its width
there. Where another stroke lies in the way the width is that of the stretches on both sides.
A stroke keeps one width, and its pressure says what part of it each point has, as
`..raster` draws it: 0.5 is the width itself, 0 and 1 the least and most that pressure makes of it.
"""

from __future__ import annotations

import math

import numpy as np

from ..drawing import Drawing, Stroke
from ..images import to_bytes, to_grey
from ..raster import PRESSURE_SWING
from .colors import split_pens
from .ink import BoolArray, Ink, UInt8Array, find_ink
from .ragged import FloatArray, IntArray, lengths_along, median_by_row, row_of, smooth, tangents

# Points lie at most so many widths, and px, apart: between them widths change evenly.
_STEP, _LEAST_STEP = 1.0, 1.5
# Half a profile's length in widths and px, and its samples.
_REACH, _MARGIN = 1.2, 1.5
_SAMPLES = 41
# The run of ink about a point ends where density falls below this part of its peak.
_RIM = 0.25
# Points within so many widths of a place where another stroke is in the way are not measured.
_CLEAR = 0.8
# Widths are smoothed over so many points.
_SMOOTHING = 1.5
_DECIMALS = 3


def vary_widths(drawing: Drawing, image: UInt8Array, *, layers: bool = False) -> Drawing:
    """A traced drawing with pressures that say how wide each stroke is along itself.

    Args:
        drawing: as `trace` gives it, not scaled.
        image: uint8 (H, W) or (H, W, 3), what it was traced from.
        layers: whether it was traced with layers.

    Returns:
        the drawing with points at most a width apart; dots and solid areas as they were.
    """
    array = to_bytes(image)
    inks: dict[str | None, Ink | None] = {None: None}
    if layers and array.ndim == 3:
        inks = {pen.name: find_ink(pen.grey) for pen in split_pens(array)}
    else:
        inks[None] = find_ink(to_grey(array))
    strokes = list(drawing.strokes)
    for layer, ink in inks.items():
        members = [
            k
            for k, s in enumerate(strokes)
            if s.layer == layer and not s.fill and not s.is_dot and s.width is not None
        ]
        if ink is None or not members:
            continue
        for k, stroke in zip(members, _varied(ink, [strokes[k] for k in members]), strict=True):
            strokes[k] = stroke
    return drawing.with_strokes(strokes)


def _varied(ink: Ink, strokes: list[Stroke]) -> list[Stroke]:
    rows = [_dense(stroke) for stroke in strokes]
    offsets = np.concatenate([[0], np.cumsum([len(r) for r in rows])]).astype(np.int64)
    points = np.concatenate(rows)
    loop = np.array([bool((r[0] == r[-1]).all()) for r in rows])
    row = row_of(offsets)
    usual = np.array([float(s.width or 0.0) for s in strokes])
    measured, alone = _measured(ink, points, offsets, loop, usual[row])
    clear = alone & ~_near(~alone, points, offsets, _CLEAR * usual[row])
    width = np.where(clear, _without_blur(measured, ink.blur), np.nan)
    typical = median_by_row(width[clear], row[clear], len(strokes))
    result = []
    for k, (stroke, own) in enumerate(zip(strokes, rows, strict=True)):
        part = width[offsets[k] : offsets[k + 1]] / typical[k]
        known = np.flatnonzero(np.isfinite(part))
        if len(known) == 0:
            result.append(stroke)
            continue
        whole = np.interp(np.arange(len(part)), known, part[known])
        bounds = np.array([0, len(part)])
        even = smooth(np.stack([whole, whole], axis=1), bounds, loop[k : k + 1], _SMOOTHING)
        if loop[k]:
            even[-1] = even[0]
        result.append(_pressed(stroke.replace(width=float(typical[k])), own, even[:, 0]))
    return result


def _pressed(stroke: Stroke, points: FloatArray, share: FloatArray) -> Stroke:
    """The stroke with so many times its width at each point."""
    most = 1 + PRESSURE_SWING
    # A stroke that swells to more than pressure can say has its width where it is widest.
    factor = max(1.0, float(share.max()) / most)
    pressure = 0.5 + (share / factor - 1) / (2 * PRESSURE_SWING)
    return stroke.replace(
        points=points.astype(np.float32),
        pressure=np.round(np.clip(pressure, 0, 1), _DECIMALS).astype(np.float32),
        width=float(stroke.width or 0.0) * factor,
    )


def _dense(stroke: Stroke) -> FloatArray:
    """The stroke's points and others between them."""
    points = stroke.points.astype(np.float64)
    step = max(_LEAST_STEP, _STEP * float(stroke.width or 0.0))
    length = np.hypot(*np.diff(points, axis=0).T)
    count = np.maximum(1, np.ceil(length / step)).astype(np.int64)
    piece = np.repeat(np.arange(len(count)), count)
    part = (np.arange(len(piece)) - np.repeat(np.cumsum(count) - count, count)) / count[piece]
    between = points[piece] + part[:, None] * (points[piece + 1] - points[piece])
    return np.concatenate([between, points[-1:]])


def _measured(
    ink: Ink, points: FloatArray, offsets: IntArray, loop: BoolArray, usual: FloatArray
) -> tuple[FloatArray, BoolArray]:
    """Width at each point, px, and whether its profile shows one stroke alone."""
    along = tangents(points, offsets, loop, 1)
    normal = np.stack([-along[:, 1], along[:, 0]], axis=1)
    reach = _REACH * usual + _MARGIN
    at = np.linspace(-1, 1, _SAMPLES)[None] * reach[:, None]
    place = points[:, :, None] + normal[:, :, None] * at[:, None]
    density = ink.sample(place[:, 0] * ink.scale, place[:, 1] * ink.scale)
    half = _SAMPLES // 2
    peak = density[:, half - 4 : half + 5].max(axis=1)
    inside = density > _RIM * np.maximum(peak, 0.1)[:, None]
    right = np.logical_and.accumulate(inside[:, half:], axis=1)
    left = np.logical_and.accumulate(inside[:, half::-1], axis=1)[:, ::-1]
    run = np.concatenate([left[:, :-1], right], axis=1)
    alone = ~(run[:, 0] | run[:, -1]) & (peak > 0.2)
    # One sample past the run belongs to its slope.
    run[:, 1:] |= run[:, :-1].copy()
    run[:, :-1] |= run[:, 1:].copy()
    area = np.where(run, np.clip(density, 0, peak[:, None]), 0).sum(axis=1)
    width = area * (2 * reach / (_SAMPLES - 1)) / np.maximum(peak, 0.1)
    return np.asarray(width, np.float64), alone


def _without_blur(measured: FloatArray, blur: float) -> FloatArray:
    """Widths of lines whose blurred profiles have these areas over their peaks, px.

    A Gaussian lowers the peak of a line of width w to erf(w / (2 sqrt(2) sigma)).
    """
    true = np.linspace(0.05, 12.0, 200) * blur
    seen = np.array([w / math.erf(w / (2 * math.sqrt(2) * blur)) for w in true.tolist()])
    return np.where(measured < seen[-1], np.interp(measured, seen, true), measured)


def _near(marked: BoolArray, points: FloatArray, offsets: IntArray, reach: FloatArray) -> BoolArray:
    """Points within `reach` of a marked one, along their row."""
    along = lengths_along(points, offsets)
    row = row_of(offsets)
    index = np.arange(len(points))
    before = np.maximum.accumulate(np.where(marked, index, -1))
    after = np.minimum.accumulate(np.where(marked, index, len(points))[::-1])[::-1]
    near = np.zeros(len(points), np.bool_)
    for other, valid in ((before, before >= 0), (after, after < len(points))):
        there = np.where(valid, other, 0)
        same = valid & (row[there] == row)
        near |= same & (np.abs(along - along[there]) < reach)
    return near
