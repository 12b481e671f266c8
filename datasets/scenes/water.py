"""Water: what stands behind it, upside down and trembling, and a colour of its own.

The mirror is the picture painted so far, turned over at the far shore and shaken by
ripples that are small far away. Near by one looks into the water, so its own colour grows
(Fresnel); under a low sun a path of sparks leads to the viewer. The sea adds swell and foam.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from .camera import Camera
from .ground import Ground
from .light import Light, rgb
from .noise import sample, smoothstep

FloatArray = npt.NDArray[np.float32]

LAKE, RIVER, SEA = "#2f6670", "#3b6f74", "#1f7488"
SHALLOW = "#7cc4bb"


def water_colors(
    picture: FloatArray, mirror: float | FloatArray, ground: Ground, camera: Camera, light: Light,
    own: str, waves: float, rng: np.random.Generator,
) -> FloatArray:  # fmt: skip
    """Water over all of the ground's rows, float32 (rows, W, 3).

    Args:
        picture: (H, W, 3), what has been painted so far.
        mirror: row at which it is turned over, one or (1, W) of them.
        own: the water's own colour.
        waves: 0 a mirror, 1 a rough sea.
    """
    height, width = camera.height, camera.width
    x, z = ground.x, ground.z
    ox, oz = rng.random(), rng.random()
    near = np.clip((ground.rows - camera.horizon) / (height - camera.horizon), 0, 1)
    u = np.log(z) * 2.2
    # Ripples lie across: long waves along X, short in depth.
    ripple = sample("cloudy", x / 26 + ox, u * 0.75 + oz)
    fine = sample("fine", x / 22 + oz, u * 1.3 + ox)
    shake = (0.35 + waves) * (0.018 * height) * (0.15 + near)
    rows = 2 * mirror - ground.rows + (1.2 * ripple + 0.5 * fine) * shake - 1.5 * shake
    columns = np.arange(width, dtype=np.float32)[None] + 0.6 * fine * shake
    columns = np.broadcast_to(columns, x.shape)
    soft = cv2.blur(picture, (1, max(3, int(0.02 * height) | 1)))
    seen = cv2.remap(
        soft, columns.astype(np.float32),
        np.clip(rows, 0, np.minimum(np.asarray(mirror) - 1, height - 1)).astype(np.float32),
        cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    depth = light.shade(np.array(rgb(own), np.float32), 0.6)
    share = (0.86 - 0.42 * near - 0.10 * waves) * np.ones_like(x)
    share += 0.10 * np.tanh(ripple) * (0.4 + waves)
    color = depth + np.clip(share, 0, 1)[..., None] * (seen * np.float32(0.94) - depth)
    # Crests are touched by the sky above, troughs show the depth.
    crest = smoothstep(0.55, 1.9, ripple + 0.7 * fine) * (0.10 + 0.35 * waves)
    color += crest[..., None] * (0.5 * light.sky[-1] + 0.5 * light.cloud_light - color)
    color -= (0.05 * smoothstep(0.3, 1.6, -ripple - 0.5 * fine) * (0.4 + waves))[..., None]
    if light.visible:
        across = (columns + 0.5 - light.spot[0]) / (width * (0.035 + 0.11 * near))
        path = np.exp(-across * across)
        spark = smoothstep(0.35, 1.25, fine + 0.7 * ripple + 1.1 * path - 0.55)
        color += (0.85 * path * spark)[..., None] * (np.minimum(light.glow * 1.1, 1.1) - color)
    return np.asarray(color, np.float32)


def surf(
    color: FloatArray, shore: FloatArray, ground: Ground, camera: Camera, light: Light,
    rng: np.random.Generator,
) -> FloatArray:  # fmt: skip
    """Sea with shallows and lines of foam before a shore; a new array.

    Args:
        color: (rows, W, 3) of the sea.
        shore: (1, W), row at which the water ends.
    """
    span = max(float(shore.mean()) - camera.horizon, 2.0)
    away = (shore - ground.rows) / span  # 0 shore, 1 horizon
    ox, oz = rng.random(), rng.random()
    x = ground.x
    torn = sample("rough", x / 30 + ox, np.log(ground.z) * 2.5 + oz)
    bend = sample("soft", x / 90 + oz, np.log(ground.z) * 0.6 + ox)
    shallow = light.shade(np.array(rgb(SHALLOW), np.float32), 0.75)
    thin = smoothstep(0.55, 0.0, away)[..., None] * 0.62
    color = color + thin * (shallow - color)
    white = light.shade(np.array([0.98, 0.99, 1.0], np.float32), 0.85)
    foam = np.zeros_like(x)
    for k in range(4):
        at = 0.015 + 0.012 * k + 0.075 * k**1.7 + rng.uniform(-0.01, 0.01)
        middle = at * (1 + 0.32 * bend) + 0.012 * torn
        thick = (0.030 + 0.014 * k) * (1.0 if k else 1.4)
        before = (away - middle) / thick
        line = smoothstep(-0.25, 0.05, before) * smoothstep(1.0, 0.1, before)
        gaps = smoothstep(-0.9 + 0.45 * k, 0.5 + 0.5 * k, bend * 1.1 + torn * 0.6 + 0.55)
        foam = np.maximum(foam, line * (gaps if k else 1.0) * (0.95 - 0.08 * k))
    edge = smoothstep(0.03, 0.0, away - 0.012 * torn)
    foam = np.clip(np.maximum(foam * (0.7 + 0.25 * torn), 0.85 * edge), 0, 0.95)
    return np.asarray(color + foam[..., None] * (white - color), np.float32)
