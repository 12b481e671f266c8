"""The varnish: what unites a picture when all is painted."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from .light import rgb
from .noise import sample
from .sky import gradient
from .studio import Studio

FloatArray = npt.NDArray[np.float32]
UInt8Array = npt.NDArray[np.uint8]

# Strength of the paper's grain and of the darker corners.
GRAIN, VIGNETTE = 0.007, 0.09


def varnish(studio: Studio) -> UInt8Array:
    """The finished picture: glow, tints of darks and brights, a soft shoulder, grain of paper."""
    light = studio.light
    picture = studio.canvas.picture
    height, width = studio.canvas.shape
    if light.visible:  # the sun dazzles
        columns = (np.arange(width, dtype=np.float32) - light.spot[0])[None] / height
        rows = (np.arange(height, dtype=np.float32) - light.spot[1])[:, None] / height
        veil = np.exp(-(columns**2) / 0.10) * np.exp(-(rows**2) / 0.10)
        veil = (veil * (0.08 if light.mood.night else 0.13))[..., None]
        picture = picture * (1 - 0.6 * veil) + veil * light.glow
    value = np.clip(cv2.transform(picture, np.array([[0.3, 0.55, 0.15]], np.float32)), 0, 1)
    dark = 0.9 * np.array(rgb(light.mood.shadows), np.float32)
    bright = 0.9 * np.array(rgb(light.mood.lights), np.float32)
    # What the value adds is a curve for each channel: looked up, as a gradient is.
    steps = np.linspace(0, 1, 65, dtype=np.float32)[:, None]
    curve = (1 - steps) ** 2 * dark + steps**2 * bright + (1 - light.mood.saturation) * steps
    toned = gradient(curve, value)
    toned += light.mood.saturation * picture
    # Film's shoulder: brights bend over instead of breaking off.
    over = np.maximum(toned - 0.8, 0)
    rest = over + 0.25
    over *= over
    over /= rest
    toned -= over
    x = np.linspace(-1, 1, width, dtype=np.float32)[None]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    grain = sample(
        "fine", np.arange(width, dtype=np.float32)[None] / 640,
        np.arange(height, dtype=np.float32)[:, None] / 640,
    )  # fmt: skip
    finish = GRAIN * grain
    finish += 1
    finish *= 255 * (1 - VIGNETTE * np.maximum(x * x + y * y - 0.5, 0))
    toned *= finish[..., None]
    return np.asarray(cv2.convertScaleAbs(np.maximum(toned, 0)), np.uint8)
