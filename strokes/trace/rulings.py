"""Squared, ruled and millimetre paper: its printed lines found.

The page is averaged over narrow bands; in a band's profile a printed line is a peak, and
peaks that follow on from band to band, right across the page, one as dark as the other and
evenly spaced, are rulings. They may be turned by a few degrees, bend with the page, and run
together with perspective. `unruled` takes them off.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from .ragged import FloatArray, IntArray

Float32Array = npt.NDArray[np.float32]
UInt8Array = npt.NDArray[np.uint8]

# Rulings are looked for in a copy with a long side of at most so many px, in bands so wide.
SIDE = 1400
BAND = 24
_LEAST_BANDS = 6
# Density above this, of 255, is ink's; it counts as no more, so that it does not hide rulings.
_CAP = 100
# A peak stands out of its band by so many deviations of its noise, and levels of 255.
_PEAK_SIGMA, _PEAK_LEAST = 3.5, 1.2
# Noise is that of every so manieth band.
_NOISE_BANDS = 3
# The paper's unevenness is what is left at this sigma, px of the copy.
_UNEVEN = 8.0
# A ruling moves by at most so many px from a band to the next (9 degrees), lies within so
# many px of where it was heading, and is lost after so many bands without it.
_STEEPEST = 4
_STRAY = 1.3
_LOST = 8
# A ruling is seen in this part of the bands that it spans, and spans this part of the page.
_SEEN, _SPAN = 0.5, 0.7
_LEAST_LINES = 4
# Lines closer than this, px of the copy, are one: no paper is ruled so finely that its rulings
# could be told apart.
_SAME = 4.0
# Of the gaps between neighbours this part is within 20 % of a usual gap or a multiple of it.
_EVEN = 0.6
# A ruling between two others or beyond the last is one if it is seen in this part of the bands.
_HIDDEN = 0.3
# ... within so many px of its place, and this part as dark as the usual one or more.
_NEARBY, _FAINTER = 1.8, 0.3
_MOST_LINES = 2000
# All rulings of a page are as dark as the usual one within these factors; a margin's line is
# within the second pair.
_ALIKE = (0.45, 1.9)
_MARGIN_ALIKE = (0.4, 3.0)
_MARGIN_SPAN = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class _Followed:
    """Lines followed across the bands.

    Args:
        y: float64 (K, B), px of the copy; NaN where a line was not seen.
        height: float64 (K,), the median peak of each.
        profile: float64 (B, positions), mean density over each band.
    """

    y: FloatArray
    height: FloatArray
    profile: FloatArray


def find_rulings(small: UInt8Array) -> tuple[FloatArray | None, FloatArray | None]:
    """The rulings from left to right, and those from top to bottom.

    Args:
        small: uint8 (h, w), density, with a long side of at most `SIDE` px; 255 black.

    Returns:
        float64 (K, w // `BAND`), y of each ruling in the middle of each band, counted from
        the middle of the first px; NaN where it was not seen. And x, (K, h // `BAND`). None
        where there are none.
    """
    profiles = _profiles(small)
    level, upright = (_rulings(_followed(profile, _LEAST_LINES)) for profile in profiles)
    if level is not None and upright is None:
        upright = _margin(_followed(profiles[1], 1), level)
    elif upright is not None and level is None:
        level = _margin(_followed(profiles[0], 1), upright)
    return (None if level is None else level.y, None if upright is None else upright.y)


def _followed(profile: FloatArray, least_lines: int) -> _Followed | None:
    """Lines that lead from band to band (B, positions) over at least `_SPAN` of the page.

    Args:
        least_lines: fewer are as good as none.
    """
    bands, positions = profile.shape
    if bands < _LEAST_BANDS or positions < _LEAST_BANDS:
        return None
    noise = 1.4826 * float(np.median(np.abs(profile[::_NOISE_BANDS])))
    least = max(_PEAK_LEAST, _PEAK_SIGMA * noise)
    peak = np.zeros(profile.shape, np.bool_)
    middle = profile[:, 1:-1]
    peak[:, 1:-1] = (middle > least) & (middle >= profile[:, :-2]) & (middle > profile[:, 2:])
    band, at = np.nonzero(peak)
    count = np.bincount(band, minlength=bands)
    # Each line is seen in so many bands.
    if np.median(count) < 1 or len(band) < least_lines * _SEEN * _SPAN * bands:
        return None
    place, height = _summit(profile, band, at)
    cuts = np.cumsum(count)[:-1]
    y, tall = _chained(np.split(place, cuts), np.split(height, cuts), _slope(profile), least_lines)
    return _Followed(y, tall, profile) if len(y) else None


def _summit(profile: FloatArray, band: IntArray, at: IntArray) -> tuple[FloatArray, FloatArray]:
    """Where peaks lie between the positions, and how high they are."""
    here, before, after = profile[band, at], profile[band, at - 1], profile[band, at + 1]
    return at + 0.5 * (before - after) / np.minimum(before - 2 * here + after, -1e-6), here


def _profiles(small: UInt8Array) -> tuple[FloatArray, FloatArray]:
    """Mean density over upright bands and over level ones, without what is uneven.

    Returns:
        float64 (bands, H) and (bands, W).
    """
    values = np.minimum(small, np.uint8(_CAP))
    found = []
    for page in (np.asarray(cv2.transpose(values), np.uint8), values):
        bands = len(page) // BAND
        if bands == 0:
            found.append(np.zeros((0, page.shape[1])))
            continue
        mean = np.concatenate(
            [
                cv2.reduce(page[top : top + BAND], 0, cv2.REDUCE_AVG, dtype=cv2.CV_32F)
                for top in range(0, bands * BAND, BAND)
            ]
        )
        rough = cv2.GaussianBlur(mean, (0, 1), sigmaX=_UNEVEN, sigmaY=0.01)
        found.append(np.asarray(mean - rough, np.float64))
    return found[0], found[1]


def _slope(profile: FloatArray) -> float:
    """How far lines move from a band to the next, px: where neighbours are most alike."""
    lags = range(-_STEEPEST, _STEEPEST + 1)
    last = profile.shape[1] - _STEEPEST
    here = profile[:-1, _STEEPEST:last]
    alike = np.array(
        [np.einsum("ij,ij", here, profile[1:, _STEEPEST + lag : last + lag]) for lag in lags]
    )
    best = int(np.argmax(alike))
    if best in (0, len(alike) - 1):
        return float(lags[best])
    bend = alike[best - 1] - 2 * alike[best] + alike[best + 1]
    return float(lags[best] + 0.5 * (alike[best - 1] - alike[best + 1]) / min(bend, -1e-9))


def _chained(
    places: list[FloatArray], heights: list[FloatArray], slope: float, least_lines: int
) -> tuple[FloatArray, FloatArray]:
    """Peaks joined from band to band: y (K, B) and height (K,) of the lines that span the page.

    Where fewer than `least_lines` are left that may, the rest of the page is not looked at.
    """
    bands = len(places)
    y = np.zeros((0, bands))
    height = np.zeros((0, bands))
    last, begin = np.zeros(0, np.int64), np.zeros(0, np.int64)
    heading = np.zeros(0)
    for b, (place, tall) in enumerate(zip(places, heights, strict=True)):
        taken = np.zeros(len(place), np.bool_)
        live = np.flatnonzero(b - last <= _LOST)
        begins = b <= bands * (1 - _SPAN)
        if not begins and len(live) < least_lines:
            ended = (b - last > _LOST) & (last - begin + 1 >= _SPAN * bands)
            if len(live) + np.count_nonzero(ended) < least_lines:
                return np.zeros((0, bands)), np.zeros(0)
        if len(live) and len(place):
            steps = b - last[live]
            expected = y[live, last[live]] + heading[live] * steps
            away = np.abs(place[None] - expected[:, None])
            nearest = np.argmin(away, axis=1)
            miss = away[np.arange(len(live)), nearest]
            # A peak belongs to the line that it is nearest to.
            own = np.argmin(away, axis=0)[nearest] == np.arange(len(live))
            ok = own & (miss < _STRAY + 0.15 * steps)
            line, peak = live[ok], nearest[ok]
            moved = (place[peak] - y[line, last[line]]) / (b - last[line])
            heading[line] += 0.25 * (moved - heading[line])
            y[line, b], height[line, b], last[line] = place[peak], tall[peak], b
            taken[peak] = True
        fresh = np.flatnonzero(~taken) if begins else np.zeros(0, np.int64)
        if len(fresh):
            more = np.full((len(fresh), bands), np.nan)
            more[:, b] = place[fresh]
            tall_more = np.full((len(fresh), bands), np.nan)
            tall_more[:, b] = tall[fresh]
            y, height = np.concatenate([y, more]), np.concatenate([height, tall_more])
            last, begin = (np.append(row, np.full(len(fresh), b)) for row in (last, begin))
            heading = np.concatenate([heading, np.full(len(fresh), slope)])
    seen = np.isfinite(y)
    first = np.argmax(seen, axis=1) if len(y) else np.zeros(0, np.int64)
    span = last - first + 1
    keep = (span >= _SPAN * bands) & (seen.sum(axis=1) >= _SEEN * span)
    if not keep.any():
        return y[keep], np.zeros(0)
    return y[keep], np.nanmedian(height[keep], axis=1)


def _rulings(lines: _Followed | None) -> _Followed | None:
    """Those that are alike and evenly spaced; None where too few are."""
    if lines is None or len(lines.height) < _LEAST_LINES:
        return None
    usual = float(np.median(lines.height))
    alike = (lines.height > _ALIKE[0] * usual) & (lines.height < _ALIKE[1] * usual)
    y, middle = _whole(lines.y[alike])
    if len(y) < _LEAST_LINES:
        return None
    gaps = np.diff(middle)
    gap = float(np.median(gaps))
    multiple = np.maximum(np.rint(gaps / gap), 1)
    even = np.abs(gaps / gap - multiple) < 0.2 * multiple
    if even.mean() < _EVEN:
        return None
    return _completed(y, lines.profile, np.maximum(np.rint(gaps / gap), 1), usual)


def _whole(y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Lines (K, B) from the top down, those lost on the way and found again as one; and their
    places in the middle of the page, (K,)."""
    x = np.arange(y.shape[1], dtype=np.float64)
    curves = np.array([curve_through(row, x, x, 1.0) for row in y]).reshape(y.shape)
    middle = curves[:, y.shape[1] // 2]
    rows: list[FloatArray] = []
    places: list[float] = []
    for k in np.argsort(middle).tolist():
        if rows and middle[k] - places[-1] < _SAME:
            rows[-1] = np.where(np.isfinite(rows[-1]), rows[-1], y[k])
        else:
            rows.append(y[k])
            places.append(float(middle[k]))
    return np.array(rows).reshape(-1, y.shape[1]), np.array(places)


def _completed(y: FloatArray, profile: FloatArray, multiple: FloatArray, usual: float) -> _Followed:
    """Rulings with those between and beyond them that ink hides or the page's edge cuts.

    Args:
        y: float64 (K, B), from the top down.
        multiple: float64 (K - 1,), how many gaps each lies from the one before.
    """
    x = np.arange(profile.shape[0], dtype=np.float64)
    curves = [curve_through(row, x, x, 1.0) for row in y]
    rows = [y[0]]
    for above, below, row, steps in zip(
        curves[:-1], curves[1:], y[1:], multiple.tolist(), strict=True
    ):
        for k in range(1, int(steps)):
            between = _seen_at(above + (below - above) * k / steps, profile, usual)
            rows += [] if between is None else [between]
        rows.append(row)
    for edge, beside in ((curves[0], curves[1]), (curves[-1], curves[-2])):
        while len(rows) < _MOST_LINES:
            ahead = 2 * edge - beside
            found = _seen_at(ahead, profile, usual)
            if found is None:
                break
            rows.append(found)
            edge, beside = curve_through(found, x, x, 1.0, ahead), edge
    return _Followed(np.stack(rows), np.full(len(rows), usual), profile)


def _seen_at(expected: FloatArray, profile: FloatArray, usual: float) -> FloatArray | None:
    """Where a line (B,) that is expected somewhere shows there; None where it hardly does."""
    bands, positions = profile.shape
    x = np.arange(bands)
    inside = (expected > 0) & (expected < positions - 1)
    near = np.clip(np.rint(expected), 3, positions - 4).astype(np.int64)
    window = near[:, None] + np.arange(-2, 3)
    at = window[x, np.argmax(profile[x[:, None], window], axis=1)]
    place, height = _summit(profile, x, at)
    seen = inside & (np.abs(place - expected) < _NEARBY) & (height > _FAINTER * usual)
    if seen.sum() < max(3, _HIDDEN * inside.sum()):
        return None
    return np.where(seen, place, np.nan)


def _margin(lines: _Followed | None, rulings: _Followed) -> _Followed | None:
    """Single lines across ruled paper, from edge to edge."""
    if lines is None:
        return None
    usual = float(np.median(rulings.height))
    spans = np.isfinite(lines.y).mean(axis=1) >= _MARGIN_SPAN
    low, high = _MARGIN_ALIKE
    keep = spans & (lines.height > low * usual) & (lines.height < high * usual)
    return _Followed(lines.y[keep], lines.height[keep], lines.profile) if keep.any() else None


def curve_through(
    values: FloatArray,
    at: FloatArray,
    x: FloatArray,
    stray: float,
    shape: FloatArray | None = None,
) -> FloatArray:
    """Values at places x: a parabola through those that are known, and what is left, smoothed.

    Args:
        stray: those farther than this from the parabola are left out of it.
        shape: at the same places, what a line is like that is seen in a part of the page
            only; a parabola through the rest would lead anywhere.
    """
    if shape is not None:
        return np.asarray(shape + np.nanmedian(values - shape))
    seen = np.isfinite(values)
    values, at = values[seen], at[seen]
    middle, unit = float(at.mean()), float(np.ptp(at)) + 1.0
    keep = np.ones(len(at), np.bool_)
    degree = 2 if len(at) > _LEAST_BANDS else 1
    for _ in range(3):
        bend = np.polynomial.polynomial.polyfit((at[keep] - middle) / unit, values[keep], degree)
        rest = values - np.polynomial.polynomial.polyval((at - middle) / unit, bend)
        keep = np.abs(rest) < max(stray, 2.5 * float(np.median(np.abs(rest[keep]))))
    near = np.array([np.median(rest[max(0, k - 2) : k + 3]) for k in range(len(rest))])
    curve = np.polynomial.polynomial.polyval((x - middle) / unit, bend)
    return np.asarray(curve + np.interp(x, at, near))
