"""Noise that repeats without a seam, and quick looks into it.

A tile is made once a process, from waves with random phases (white noise shaped in the
frequency domain), which makes it periodic; a scene then looks at it anywhere, at any
scale and turn, with `sample`. So noise costs a remap and nothing else, is the same for
every machine, and one seed decides where it is looked at.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]

# Side of a tile, px. 512 shows no repeat at the scales used here and is made in 0.1 s.
TILE = 512
# Tiles are part of the method, not of a scene: their seed is fixed.
_TILE_SEED = 20_170


# What tiles there are: slope (1 is rough as sandpaper, 2 smooth as clouds), and the lowest
# and highest frequency, waves a tile.
SPECTRA = {
    "soft": (2.0, 2.0, 48.0),
    "cloudy": (1.5, 3.0, 140.0),
    "rough": (1.2, 4.0, 256.0),
    "fine": (0.7, 24.0, 256.0),
    "leafy": (0.6, 20.0, 72.0),
}


@cache
def tile(kind: str) -> FloatArray:
    """Periodic noise, float32 (TILE, TILE).

    Args:
        kind: one of `SPECTRA`, with mean 0 and standard deviation 1; or "ridges", 0 valley to
            about 1 crest; or "puffs", 0 to 1, round tops and creased valleys.
    """
    if kind == "ridges":
        return _ridges()
    if kind == "puffs":
        return _puffs()
    return _frozen(_band(*SPECTRA[kind]))


def _band(slope: float, low: float, high: float) -> FloatArray:
    """Noise of amplitude f^-slope between two frequencies."""
    rng = np.random.default_rng(_TILE_SEED + round(97 * slope + 13 * low))
    spectrum = np.fft.rfft2(rng.standard_normal((TILE, TILE)))
    fy = np.fft.fftfreq(TILE, 1 / TILE)[:, None]
    fx = np.fft.rfftfreq(TILE, 1 / TILE)[None]
    radius = np.hypot(fx, fy)
    spectrum *= np.where((radius >= low) & (radius <= high), np.maximum(radius, 1) ** -slope, 0)
    waves = np.fft.irfft2(spectrum, (TILE, TILE))
    return np.asarray(waves / waves.std(), np.float32)


def _ridges() -> FloatArray:
    """Ridges after Musgrave's multifractal: each octave is 1 - |noise|.

    An octave counts the more the higher the one before it stands: crests are rough and
    valleys smooth, as in mountains.
    """
    total = np.zeros((TILE, TILE), np.float32)
    weight = np.ones((TILE, TILE), np.float32)
    gain, norm = 1.0, 0.0
    for octave in range(5):
        base = 3.0 * 2**octave
        n = _band(1.0, base * 0.7, base * 1.4) * 0.8
        # Crests are a little rounded: a knife's edge falls between two looks at it.
        ridge = np.clip(1 - np.sqrt(n * n + 0.02), 0, 1) ** 2
        total += gain * ridge * weight
        norm += gain
        weight = np.clip(ridge * 1.4, 0, 1)
        gain *= 0.47
    return _frozen(total / norm * 1.3)


def _puffs() -> FloatArray:
    """Octaves of 1 - noise²."""
    total = np.zeros((TILE, TILE), np.float32)
    for octave in range(5):
        base = 4.0 * 2**octave
        total += 0.5**octave * np.clip(1 - (_band(1.0, base * 0.7, base * 1.4) * 0.6) ** 2, -1, 1)
    total = np.clip(total, 0, None)
    return _frozen((total - total.min()) / np.ptp(total))


def sample(kind: str, x: npt.ArrayLike, y: npt.ArrayLike) -> FloatArray:
    """A tile looked up at places in tiles (1.0 is one whole tile), linear, endless.

    Args:
        kind: as in `tile`.
        x, y: arrays of one shape (h, w), or broadcastable to it.
    """
    # OpenCV's fixed-point coordinates want small numbers: whole tiles are taken off, and
    # before rows and columns are spread over the picture, where it costs little.
    u, v = _within(x), _within(y)
    u, v = np.broadcast_arrays(u, v)
    return np.asarray(
        cv2.remap(
            tile(kind), np.ascontiguousarray(u), np.ascontiguousarray(v), cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_WRAP,
        )
    )  # fmt: skip


def _within(places: npt.ArrayLike) -> FloatArray:
    """Places in tiles as px of the tile."""
    px = np.array(places, np.float32, ndmin=2)
    px -= np.floor(px)
    px *= TILE
    return px


def smoothstep(low: float, high: float, x: FloatArray) -> FloatArray:
    """0 below `low`, 1 above `high`, a smooth rise between."""
    t = np.clip((np.asarray(x, np.float32) - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def _frozen(tile: npt.NDArray[np.floating]) -> FloatArray:
    result = np.ascontiguousarray(tile, np.float32)
    result.flags.writeable = False
    return result
