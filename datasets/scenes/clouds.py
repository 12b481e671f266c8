"""Clouds: heaps with lit tops, and streaks that the low sun colours from below.

A heap is a pile of balls on a flat floor whose surface is roughened by puffs; its light is
that of the surface. Streaks are noise stretched along the horizon, thicker where it is
high; light comes through where they are thin.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from .light import Light
from .noise import sample, smoothstep

FloatArray = npt.NDArray[np.float32]

BALLS = (5, 10)


@dataclass(frozen=True, slots=True)
class Layer:
    """A painted piece: colour premultiplied with alpha, and where its corner lies."""

    x: int
    y: int
    color: FloatArray  # (h, w, 3)
    alpha: FloatArray  # (h, w)


def heap(
    x: float, floor: float, width: float, height: float, light: Light, rng: np.random.Generator
) -> Layer:
    """A heap cloud.

    Args:
        x: column of its middle, px.
        floor: row of its flat underside, px.
        width, height: of the heap, px.
    """
    margin = 0.12 * width
    x0, y0 = int(np.floor(x - width / 2 - margin)), int(np.floor(floor - height * 1.3))
    w, h = int(np.ceil(width + 2 * margin)), int(np.ceil(height * 1.55))
    w, h = max(w, 4), max(h, 4)
    u = ((np.arange(w, dtype=np.float32) + 0.5 + x0 - x) / (width / 2))[None]
    v = ((floor - np.arange(h, dtype=np.float32) - 0.5 - y0) / (width / 2))[:, None]
    ox, oy = rng.random(), rng.random()
    puff = sample("puffs", u * 0.16 + ox, v * 0.16 + oy)
    fine = sample("cloudy", u * 0.12 + oy, v * 0.12 + ox)
    uu, vv = u + 0.05 * fine, v + 0.03 * fine
    top = np.full((h, w), -1.0, np.float32)
    tall = 2 * height / width
    n = int(rng.integers(*BALLS))
    peak = rng.uniform(-0.35, 0.35)
    for i in range(n):
        cx = 0.82 * min(max((i + rng.uniform(0.2, 0.8)) / n * 2 - 1, -0.9), 0.9)
        rise = tall * math.exp(-((cx - peak) ** 2) / 0.22) * rng.uniform(0.7, 1.0)
        r = max(0.16, rise * 0.55) * rng.uniform(0.8, 1.1)
        cy = max(rise - r, 0.05)
        dx, dy = (uu - cx) / r, (vv - cy) / r
        q = (1 - dx * dx - dy * dy) * (0.6 + 0.4 * r / tall)
        top = np.maximum(top, q)
    body = top + 0.55 * (puff - 0.48) + 0.08 * fine
    # The underside is flat, and frays.
    body = np.minimum(body, (v + 0.05 + 0.05 * fine) * 5.0)
    alpha = smoothstep(-0.10, 0.20, body)
    # The surface bulges towards the viewer: its slope says where it looks.
    bulge = np.sqrt(np.clip(top + 0.35, 0.02, None)) + 0.42 * puff
    bulge = cv2.GaussianBlur(bulge, (0, 0), max(0.006 * w, 0.6))
    per = width / 2
    gx = cv2.Sobel(bulge, cv2.CV_32F, 1, 0, scale=per / 8)
    gy = cv2.Sobel(bulge, cv2.CV_32F, 0, 1, scale=per / 8)
    form = light.form
    side, above = float(form[0]), max(float(form[1]), 0.45)
    lit = 0.52 + 0.30 * np.tanh((gy * above - gx * side) * 0.9) + 0.05 * fine
    lit += 0.35 * (np.clip(v / max(tall, 0.2), 0, 1) - 0.45)
    lit = smoothstep(0.08, 0.92, lit)[..., None]
    color = light.cloud_shade + lit * (light.cloud_light - light.cloud_shade)
    return Layer(x0, y0, np.asarray(color * alpha[..., None], np.float32), alpha)


def streaks(
    top: int,
    rows: int,
    width: int,
    horizon: float,
    cover: float,
    light: Light,
    rng: np.random.Generator,
) -> Layer:
    """Streaks and mackerel sky over the rows `top` to `top + rows`.

    Args:
        horizon: its row, px; the layer lies flat overhead, so it thins out towards it.
        cover: 0 none, 1 closed.
    """
    y = np.arange(rows, dtype=np.float32)[:, None] + 0.5 + top
    x = np.arange(width, dtype=np.float32)[None] + 0.5
    # A flat ceiling: as far as the sine of the height above the horizon says.
    far = 1 / np.maximum((horizon - y) / horizon, 0.03)
    u = (x - width / 2) / horizon * far * 0.10 + rng.random()
    v = far * 0.13 + rng.random()
    lean = rng.uniform(-0.25, 0.25)
    u, v = u + lean * v, v
    n = 0.75 * sample("cloudy", u * 0.5, v * 1.1)
    n += 0.35 * sample("cloudy", u * 1.7, v * 2.6)
    density = n + (cover - 0.5) * 2.6
    fade = smoothstep(0.0, 0.22, (horizon - y) / horizon)
    edge = smoothstep(0.0, 0.15, (y - top) / max(rows, 1)) if top > 0 else np.ones_like(y)
    alpha = smoothstep(-0.35, 0.75, density) * fade * edge * 0.92
    dx, dy = (x - light.spot[0]) / horizon, (y - light.spot[1]) / horizon
    near = np.exp(-(dx * dx + dy * dy) / 0.5)
    lit = smoothstep(-0.6, 1.0, 0.55 - 0.6 * density + 0.7 * near)[..., None]
    color = light.cloud_shade + lit * (light.cloud_light - light.cloud_shade)
    return Layer(0, top, np.asarray(color * alpha[..., None], np.float32), alpha)
