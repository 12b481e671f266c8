"""The ground: meadow, sand, snow and soil in perspective, and ribbons and patches on it.

Everything flat is a function of the place on the ground, looked at from every px: how far
it is inside a road or a flower bed, in metres, becomes coverage by the px of a metre
there. So edges are sharp near by and stay clean far away.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .camera import Camera
from .light import Light, Season, rgb
from .noise import sample, smoothstep
from .sky import gradient

FloatArray = npt.NDArray[np.float32]

SAND = ("#e8d3a4", "#d9be8a", "#c4a573")
SNOW = ("#f6f5f1", "#eaeff5", "#cfdbe8")
DIRT = ("#b99a72", "#a08058", "#846846")


@dataclass(frozen=True, slots=True)
class Ground:
    """Looked-at ground: rows `top` to the lower edge, and where each px of it is."""

    top: int
    x: FloatArray  # (rows, W) m
    z: FloatArray  # (rows, 1) m
    px: FloatArray  # (rows, 1) px of a metre across
    rows: FloatArray  # (rows, 1)

    @classmethod
    def of(cls, camera: Camera) -> Ground:
        """The ground from the horizon down."""
        top = int(np.clip(np.ceil(camera.horizon), 0, camera.height - 1))
        x, z = camera.ground(top, camera.height)
        rows = np.arange(top, camera.height, dtype=np.float32)[:, None] + 0.5
        return cls(top, x, z, (camera.focal / z).astype(np.float32), rows)


def cover_colors(
    cover: str, ground: Ground, camera: Camera, light: Light, season: Season,
    sky: FloatArray, rng: np.random.Generator,
) -> FloatArray:  # fmt: skip
    """Painted ground, float32 (rows, W, 3).

    Args:
        cover: "grass", "sand", "snow" or "dirt".
        sky: (H, W, 3), whose colour at the horizon is what the air adds.
    """
    tones = {"grass": season.grass, "sand": SAND, "snow": SNOW, "dirt": DIRT}[cover]
    pale, usual, deep = (np.array(rgb(t), np.float32) for t in tones)
    x, z = ground.x, ground.z
    ox, oz = rng.random(), rng.random()
    soft, rough = "soft", "rough"
    broad = sample(soft, x / 160 + ox, z / 240 + oz)
    middle = sample(rough, x / 45 + oz, z / 60 + ox)
    # Blades and grains: as fine as they look here, which far away is nothing.
    tall = 3.2 if cover == "grass" else 0.9
    fine = sample("fine", x / 5.5 + ox, np.log(z) * tall * 0.55 + oz)
    near = np.clip(ground.px / (0.16 * camera.height), 0.12, 1)
    amount = {"grass": 0.07, "sand": 0.03, "snow": 0.02, "dirt": 0.06}[cover]
    mix = 0.5 + 0.30 * np.tanh(0.8 * broad + 0.5 * middle) + 0.03 * fine * near
    color = gradient(np.stack([deep, usual, pale]), mix)
    color *= (1 + amount * fine * near + 0.4 * amount * middle)[..., None]
    # Light in drifts, as between clouds; the nearest ground lies darker and holds the picture.
    drift = sample(soft, x / 380 + oz + 0.3, z / 150 + ox)
    lit = light.level + 0.26 * np.tanh(1.8 * drift + 0.2)
    lit -= 0.30 * smoothstep(
        0.62, 1.0, (ground.rows - camera.horizon) / (camera.height - camera.horizon)
    )
    if cover in ("snow", "sand"):
        # Soft swells catch the light on one side.
        swell = sample(soft, x / 60 + ox, z / 60 + oz) - sample(
            soft, x / 60 + ox + 0.02, z / 60 + oz
        )
        lit += np.float32(np.sign(light.direction[0])) * np.clip(swell, -0.4, 0.4) * 0.7
    color = light.shade(color, np.clip(lit, 0, 1.1))
    air = 0.65 * (1 - np.exp(-ground.z / (0.35 * light.mood.clear)))[..., None]
    far = 0.4 * light.haze + 0.6 * sky[min(max(ground.top - 2, 0), camera.height - 1)][None]
    return np.asarray(color + air * (far - color), np.float32)


@dataclass(frozen=True, slots=True)
class Course:
    """The middle line of a road or river as it is seen, and its breadth.

    Args:
        near, far: its column at the picture's lower edge and at its far end, px.
        end: row of its far end, px.
        swing: how far it bends to the sides, px.
        bends: half waves of it.
        phase: where the first begins, radians.
        width: m.
    """

    near: float
    far: float
    end: float
    swing: float
    bends: float
    phase: float
    width: float

    def column(self, rows: npt.ArrayLike, camera: Camera) -> FloatArray:
        """Column of the middle at rows, px."""
        t = np.clip((np.asarray(rows, np.float32) - self.end) / (camera.height - self.end), 0, 1)
        bend = self.swing * np.sin(np.pi * self.bends * np.sqrt(t) + self.phase)
        return np.asarray(self.far + (self.near - self.far) * t + bend * t**0.65 * (1 - 0.35 * t))


def ribbon(
    course: Course, ground: Ground, camera: Camera, rough: float, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Coverage of a road or river, and the place across it.

    Args:
        rough: how far its edges wander, share of its width.

    Returns:
        alpha (rows, W), and across (rows, W): -1 left edge, 1 right edge.
    """
    columns = np.arange(camera.width, dtype=np.float32)[None] + 0.5
    away = columns - course.column(ground.rows, camera)
    half = 0.5 * course.width * ground.px
    wander = sample("cloudy", ground.x / 40 + rng.random(), ground.z / 40 + rng.random())
    edge = half * (1 + rough * wander) - np.abs(away)
    reach = np.clip(ground.rows - course.end, 0, 1)
    return np.clip(edge + 0.5, 0, 1) * reach, np.asarray(away / half, np.float32)


def blot(
    x: float, z: float, width: float, depth: float, ground: Ground, rng: np.random.Generator,
    rough: float = 0.3,
) -> FloatArray:  # fmt: skip
    """Coverage (rows, W) of a patch of the ground with a wandering edge."""
    dx, dz = (ground.x - x) / (width / 2), (ground.z - z) / (depth / 2)
    wander = sample(
        "cloudy", ground.x / (width * 4) + rng.random(),
        ground.z / (depth * 4) + rng.random(),
    )  # fmt: skip
    inside = 1 + rough * wander - np.hypot(dx, dz)
    return np.clip(inside * (width / 2) * ground.px * 0.5 + 0.5, 0, 1)
