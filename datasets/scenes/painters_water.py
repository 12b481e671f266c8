"""Painters of sea, lakes and rivers, and where their shores run."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from . import water
from .ground import ribbon
from .noise import sample, smoothstep
from .scene import Thing
from .studio import Studio

FloatArray = npt.NDArray[np.float32]


def shore_of(thing: Thing, studio: Studio) -> FloatArray:
    """Row of a sea's near shore at every column, (1, W)."""
    camera = studio.camera
    row, slant, wave, phase = thing.more["shore"]
    t = (np.arange(camera.width, dtype=np.float32)[None] + 0.5) / camera.width
    below = camera.height - camera.horizon
    bend = (
        slant * (t - 0.5)
        + wave * np.sin(phase + 4.2 * t)
        + 0.3 * wave * np.sin(9.1 * t + 2 * phase)
    )
    return np.asarray(camera.horizon + below * np.clip(row + bend, 0.12, 0.97), np.float32)


def paint_sea(studio: Studio, thing: Thing) -> None:
    """The sea, from the horizon to its shore."""
    rng = np.random.default_rng(thing.seed)
    camera, ground = studio.camera, studio.ground
    shore = shore_of(thing, studio)
    color = water.water_colors(
        studio.canvas.picture, camera.horizon, ground, camera, studio.light, water.SEA,
        thing.more["waves"], rng,
    )  # fmt: skip
    color = water.surf(color, shore, ground, camera, studio.light, rng)
    air = 0.45 * (1 - np.exp(-ground.z / (0.6 * studio.light.mood.clear)))[..., None]
    color = color + air * (studio.far - color)
    alpha = np.clip(ground.rows - camera.horizon + 0.5, 0, 1) * np.ones_like(ground.x)
    studio.canvas.put(thing.id, color, alpha, 0, ground.top)


def paint_lake(studio: Studio, thing: Thing) -> None:
    """A lake, which mirrors what stands behind it."""
    rng = np.random.default_rng(thing.seed)
    camera, ground = studio.camera, studio.ground
    far, near = camera.row(thing.z), camera.row(thing.more["near"])
    t = (np.arange(camera.width, dtype=np.float32)[None] + 0.5) / camera.width
    bulge = np.clip(1 - ((t - thing.x) / (thing.width / 2)) ** 4, 0, 1) ** 0.7
    wander = sample("cloudy", t * 0.05 + rng.random(), rng.random())
    other = sample("cloudy", t * 0.09 + rng.random(), rng.random())
    deep = near - far
    top = far + deep * (0.16 * (1 - bulge) + 0.03 * other)
    low = far + deep * (0.16 * (1 - bulge) + np.clip(bulge * (0.66 + 0.17 * wander), 0, 0.95))
    color = water.water_colors(
        studio.canvas.picture, top.mean(), ground, camera, studio.light, water.LAKE,
        thing.more["waves"], rng,
    )  # fmt: skip
    edge = np.minimum(ground.rows - top, low - ground.rows)
    # The bank's dark line, and the shade of what grows on it.
    bank = smoothstep(0.03 * camera.height, 0.0, ground.rows - top)[..., None]
    color = color * (1 - 0.30 * bank)
    alpha = np.clip(edge + 0.5, 0, 1)
    _bank(studio, smoothstep(-2.2 * camera.height / 256, 0.0, edge), alpha)
    studio.canvas.put(thing.id, color, alpha, 0, ground.top)


def paint_river(studio: Studio, thing: Thing) -> None:
    """A river."""
    rng = np.random.default_rng(thing.seed)
    camera, ground = studio.camera, studio.ground
    alpha, across = ribbon(thing.more["course"], ground, camera, 0.13, rng)
    color = water.water_colors(
        studio.canvas.picture, camera.horizon, ground, camera, studio.light, water.RIVER,
        thing.more["waves"], rng,
    )  # fmt: skip
    shade = smoothstep(0.72, 1.05, np.abs(across))[..., None]
    color = color * (1 - 0.35 * shade)
    rim = smoothstep(1.28, 1.0, np.abs(across)) * (ground.rows > thing.more["course"].end)
    _bank(studio, np.asarray(rim, np.float32), alpha)
    studio.canvas.put(thing.id, color, alpha, 0, ground.top)


def _bank(studio: Studio, rim: FloatArray, water_alpha: FloatArray) -> None:
    """Darkens the ground along a shore, in place."""
    region = studio.canvas.picture[studio.ground.top :]
    region *= (1 - 0.32 * rim * (1 - water_alpha))[..., None]
