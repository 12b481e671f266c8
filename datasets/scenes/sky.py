"""The sky: its gradient, the glow around the sun, sun or moon, and stars."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from .camera import Camera
from .light import Light
from .noise import sample

FloatArray = npt.NDArray[np.float32]

# Diameter of sun and moon, share of the focal length: five times the true half degree,
# which on a small picture would be a speck.
DISC = 0.045
# Stars to a picture of 256 x 256 px of sky.
STARS = 90
# Colours that a gradient is laid out in before it is looked up.
_STEPS = 257


def sky_colors(camera: Camera, light: Light, rng: np.random.Generator) -> FloatArray:
    """The sky without clouds over the whole picture, float32 (H, W, 3); below the horizon too.

    There it is the horizon's colour, which is what far ground fades into.
    """
    height, width = camera.height, camera.width
    rows = np.arange(height, dtype=np.float32) + 0.5
    columns = np.arange(width, dtype=np.float32) + 0.5
    # A broad brush never pulls quite level.
    wander = sample(
        "soft",
        columns[None] / (3.0 * width) + rng.random(),
        rows[:, None] / (1.2 * height) + rng.random(),
    )
    t = (rows / max(camera.horizon, 1.0))[:, None] + 0.025 * wander
    sky = gradient(light.sky, t)
    dx = (columns[None] - light.spot[0]) / camera.focal
    dy = (rows[:, None] - light.spot[1]) / camera.focal
    if light.visible:
        far = dx * dx * 0.6 + dy * dy
        wide = np.exp(-far / 0.16) * 0.36 + np.exp(-far / 0.012) * 0.42
        if light.mood.night:
            wide *= 0.45
    else:
        # The side that the sun is on stays the warmer one.
        side = np.clip(0.5 - 0.35 * abs(dx) + 0.35 * abs(dx).mean(), 0, 1)
        low = np.exp(-((rows[:, None] - camera.horizon) ** 2) / (0.1 * height) ** 2)
        wide = 0.18 * side * low
    sky += wide[..., None] * (light.glow - sky)
    if light.mood.night:
        _add_stars(sky, camera, rng)
    if light.visible:
        radius = DISC * camera.focal * (0.8 if light.mood.night else 1.0) / 2
        reach = np.hypot(columns[None] - light.spot[0], rows[:, None] - light.spot[1])
        disc = np.clip(radius + 0.5 - reach, 0, 1)[..., None]
        bright = np.minimum(light.glow * 0.3 + 0.78, 1.15)
        sky += disc * (bright - sky)
    return np.asarray(sky, np.float32)


def gradient(stops: FloatArray, t: FloatArray) -> FloatArray:
    """Colours (h, w, 3) at t (h, w) from 0 to 1, between evenly spaced stops (k, 3)."""
    x = np.linspace(0, len(stops) - 1, _STEPS)
    strip = np.empty((1, _STEPS, 3), np.float32)
    for channel in range(3):
        strip[0, :, channel] = np.interp(x, np.arange(len(stops)), stops[:, channel])
    across = np.clip(np.asarray(t, np.float32), 0, 1) * np.float32(_STEPS - 1)
    return np.asarray(cv2.remap(strip, across, np.zeros_like(across), cv2.INTER_LINEAR))


def _add_stars(sky: FloatArray, camera: Camera, rng: np.random.Generator) -> None:
    """Stars of several brightnesses, fewer towards the horizon."""
    height, width = sky.shape[:2]
    n = int(STARS * max(camera.horizon, 0) / 256 * 1.6)
    unit = height / 256
    for _ in range(n):
        x, y = rng.random() * width, camera.horizon * rng.random() ** 1.5
        strength = 0.15 + 0.75 * rng.random() ** 3
        px, py = int(x), int(y)
        if 1 <= px < width - 1 and 1 <= py < min(height - 1, camera.horizon):
            sky[py, px] += strength * np.array([0.85, 0.9, 1.0], np.float32)
            if strength > 0.6 and unit > 0.5:
                sky[py, px - 1 : px + 2] += 0.25 * strength
                sky[py - 1 : py + 2, px] += 0.25 * strength
