"""Mountains and hills: real height fields, seen in perspective and lit by the sun.

A range is a band of land between two distances, on which noise raises peaks. For every
column of the picture the land is looked up slice by slice into the distance; a slice
shows where it stands higher than all before it (the voxel landscapes of the nineties, in
whole columns at once). Slopes know their direction, so light, snow, rock and forest fall
where they would.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from .camera import Camera
from .light import Light
from .noise import sample, smoothstep

FloatArray = npt.NDArray[np.float32]

# Distances looked at, for each px of a column: less shows as terraces.
SLICES_PER_ROW = 0.6
# However far, a range keeps some of its own colour: what is quite gone is no motif.
MOST_AIR = 0.8


@dataclass(frozen=True, slots=True)
class Land:
    """The shape and skin of a range.

    Args:
        near, far: distances between which it lies, m.
        height: of the highest peak, m.
        size: of its larger forms, m.
        peaks: (place, breadth, height) of each: place and breadth as shares of the
            picture's width at the range's middle distance, height as a share.
        rugged: 0 rolling hills, 1 rock.
        base, forest, rock: colours of its foot, its woods and its crags.
        wood: share of its lower slopes under trees.
        snowline: share of the height above which snow lies; above 1 none does.
    """

    near: float
    far: float
    height: float
    size: float
    peaks: tuple[tuple[float, float, float], ...]
    rugged: float
    base: tuple[float, float, float]
    forest: tuple[float, float, float]
    rock: tuple[float, float, float]
    wood: float
    snowline: float


@dataclass(frozen=True, slots=True)
class View:
    """A range as it is seen."""

    color: FloatArray  # (H, W, 3)
    alpha: FloatArray  # (H, W)
    top: int  # first row that it reaches


def view_range(
    land: Land, camera: Camera, light: Light, sky: FloatArray, rng: np.random.Generator
) -> View:
    """Looks at a range and paints it.

    Args:
        sky: (H, W, 3), whose colour near the horizon is what the air adds.
    """
    height, width = camera.height, camera.width
    offset = rng.random(4).astype(np.float32)
    tall = camera.focal * land.height / (land.near * land.far) ** 0.5
    n = int(np.clip(SLICES_PER_ROW * min(3 * tall, height), 24, SLICES_PER_ROW * height + 24))
    z = np.geomspace(land.near, land.far, n).astype(np.float32)[:, None]
    columns = np.arange(width, dtype=np.float32)[None] + 0.5
    x = (columns - width / 2) * z / camera.focal
    heights = _heights(land, camera, x, z, offset)
    # Slopes along X, and along Z at a fixed X: a column of the picture runs along neither.
    along_x = np.empty_like(heights)
    along_x[:, 1:-1] = heights[:, 2:] - heights[:, :-2]
    along_x[:, 0], along_x[:, -1] = along_x[:, 1], along_x[:, -2]
    along_x *= camera.focal / (2 * z)
    along_z = np.empty_like(heights)
    along_z[1:-1] = (heights[2:] - heights[:-2]) / (z[2:] - z[:-2])
    along_z[0], along_z[-1] = along_z[1], along_z[-2]
    along_z -= along_x * (x / z)
    rows = camera.horizon + camera.focal * (camera.eye - heights) / z
    skyline = np.minimum.accumulate(rows, axis=0)  # smaller is higher
    top = int(np.clip(np.floor(skyline[-1].min()), 0, height))
    bottom = int(np.clip(np.ceil(rows[0].max()) + 1, top + 1, height))
    if bottom - top < 2:
        empty = np.zeros((1, width), np.float32)
        return View(np.zeros((1, width, 3), np.float32), empty, 0)
    slices = _first_slice(skyline, top, bottom)
    at = np.broadcast_to(columns - 0.5, slices.shape)

    def seen(field: FloatArray) -> FloatArray:
        return np.asarray(
            cv2.remap(np.ascontiguousarray(field), at, slices, cv2.INTER_LINEAR), np.float32
        )

    h, gx, gz = seen(heights), seen(along_x), seen(along_z)
    depth = np.interp(slices, np.arange(n), z[:, 0]).astype(np.float32)
    wx = (columns - width / 2) * depth / camera.focal
    color = _skin(land, light, h, gx, gz, wx, depth, offset)
    air = MOST_AIR * (1 - np.exp(-depth / light.mood.clear))
    # Mist lies in the valleys.
    air = air + (1 - air) * 0.35 * np.exp(-np.maximum(h, 0) / (0.16 * land.height)) * air
    behind = sky[min(max(int(camera.horizon) - 2, 0), height - 1)][None]
    far = 0.45 * light.haze + 0.55 * behind
    color += air[..., None] * (far - color)
    grid = np.arange(top, bottom, dtype=np.float32)[:, None]
    alpha = np.clip(grid + 1 - skyline[-1][None], 0, 1)
    return View(np.asarray(color, np.float32), np.asarray(alpha, np.float32), top)


def _heights(
    land: Land, camera: Camera, x: FloatArray, z: FloatArray, offset: FloatArray
) -> FloatArray:
    """Height of the land above the ground, m."""
    middle = (land.near * land.far) ** 0.5
    half = camera.width / camera.focal * middle
    across = x / half + 0.5
    bump = np.zeros(np.broadcast_shapes(x.shape, z.shape), np.float32)
    for place, breadth, tall in land.peaks:
        bump = np.maximum(bump, tall * np.exp(-(((across - place) / breadth) ** 2)))
    deep = np.log(z / land.near) / np.log(land.far / land.near)
    bump *= smoothstep(0.0, 0.55, deep) * smoothstep(1.04, 0.72, deep)
    u, v = x / land.size * 0.30 + offset[0], z / land.size * 0.30 + offset[1]
    soft = "soft"
    warp = 0.02 * sample(soft, u * 0.7 + offset[2], v * 0.7)
    if land.rugged > 0:
        ridges = sample("ridges", u + warp, v - warp)
        swell = 0.5 + 0.22 * sample(soft, u * 0.8, v * 0.8 + offset[3])
        form = land.rugged * ridges + (1 - land.rugged) * swell
        return np.asarray(land.height * bump * (0.12 + 0.88 * form), np.float32)
    swell = 0.72 + 0.2 * sample("soft", u, v)
    return np.asarray(land.height * bump * swell, np.float32)


def _first_slice(skyline: FloatArray, top: int, bottom: int) -> FloatArray:
    """The slice, with its fraction, that each px of rows top to bottom shows: (rows, W)."""
    n, width = skyline.shape
    count = bottom - top
    wanted = np.arange(bottom, top, -1, dtype=np.float32) - 0.5  # upwards: distances grow
    found = np.empty((count, width), np.float32)
    index = np.arange(n, dtype=np.float32)
    rising = -skyline
    for column in range(width):
        found[:, column] = np.interp(-wanted, rising[:, column], index)
    return found[::-1].copy()


def _skin(
    land: Land,
    light: Light,
    h: FloatArray,
    gx: FloatArray,
    gz: FloatArray,
    wx: FloatArray,
    depth: FloatArray,
    offset: FloatArray,
) -> FloatArray:
    """Colour under the light, without the air."""
    steep = np.hypot(gx, gz)
    normal = 1 / np.sqrt(1 + steep * steep)
    form = light.form
    facing = (form[1] - gx * form[0] - gz * form[2]) * normal
    share = np.clip(h / land.height, 0, 1)
    u, v = wx / land.size + offset[2], depth / land.size + offset[3]
    rough = sample("rough", u * 0.9, v * 0.9)
    patch = sample("soft", u * 0.35, v * 0.35)
    base = np.array(land.base, np.float32)
    rock = np.array(land.rock, np.float32)
    forest = np.array(land.forest, np.float32)
    color = base * (1 + 0.07 * patch + 0.05 * rough)[..., None]
    crag = smoothstep(0.5, 0.95, share * 0.9 + 0.55 * steep + 0.1 * rough) * (land.rugged > 0)
    color += crag[..., None] * (rock * (1 + 0.1 * rough)[..., None] - color)
    if land.wood > 0:
        woods = smoothstep(
            -0.25, 0.25, land.wood * 2.2 - 1.1 + 0.5 * patch + 0.35 * rough - 1.6 * (share - 0.45)
        )
        color += woods[..., None] * (forest * (1 + 0.16 * rough)[..., None] - color)
    lit = smoothstep(0.0, 0.85, facing + 0.06 * rough)
    if land.snowline <= 1:
        snow = smoothstep(-0.1, 0.12, share - land.snowline + 0.14 * patch + 0.1 * rough
                          - 0.10 * (steep - 0.6))  # fmt: skip
        white = np.array([0.95, 0.96, 0.99], np.float32)
        color += snow[..., None] * (white - color)
    return light.shade(color, lit)
