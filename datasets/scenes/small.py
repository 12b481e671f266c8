"""Rocks, flowers and grass in the foreground."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from .foliage import Sprite
from .light import Light, rgb
from .noise import sample, smoothstep

FloatArray = npt.NDArray[np.float32]

_SHIFT = 5
BLADES = 4
# From this height on, px, a blade has a width.
WIDE_BLADE = 14.0
# Radius of a blossom, m; how many there are to a px of bed; and to a bed.
BLOSSOM, BLOSSOMS, MOST_BLOSSOMS = 0.055, 0.16, 700
STONES = ("#9a958d", "#8b8a8a", "#a59a8a", "#7f8487")


def rock(
    height: int, aspect: float, color: FloatArray, light: Light, rng: np.random.Generator,
    snow: bool = False,
) -> Sprite:  # fmt: skip
    """A boulder: what a few random planes leave over of space, each with its own light.

    Args:
        height: px.
        aspect: width over height.
    """
    width = max(round(height * aspect), 4)
    u = ((np.arange(width, dtype=np.float32) + 0.5) / width * 2 - 1)[None]
    v = (1 - (np.arange(height, dtype=np.float32) + 0.5) / height)[:, None]
    ox, oy = rng.random(), rng.random()
    n = int(rng.integers(9, 14))
    turns = np.sort(rng.uniform(0.02, 0.98, n)) * math.pi
    soft = sample("cloudy", u * 0.10 + ox, v * 0.10 + oy)
    body = np.full((height, width), 9.0, np.float32)
    nx, ny, nz = np.zeros_like(body), np.zeros_like(body), np.zeros_like(body)
    for i in range(2 * n):
        rim = i < n
        turn = float(turns[i]) if rim else rng.uniform(0.0, math.pi)
        tilt = rng.uniform(0.05, 0.2) if rim else rng.uniform(0.45, 1.3)
        a, b, c = math.cos(turn) * math.cos(tilt), math.sin(turn) * math.cos(tilt), math.sin(tilt)
        reach = rng.uniform(0.82, 0.97) if rim else rng.uniform(0.70, 1.0)
        plane = (reach - a * u - b * v * 1.02 + 0.02 * soft) / c
        nearer = plane < body
        body = np.where(nearer, plane, body)
        nx, ny, nz = np.where(nearer, a, nx), np.where(nearer, b, ny), np.where(nearer, -c, nz)
    slope = 0.12 * max(height, width) / 2
    base = smoothstep(0.0, 0.05, v + 0.02 * soft - 0.03 * (1 - u * u) + 0.0)
    alpha = np.clip(body * slope + 0.5, 0, 1) * base
    form = light.form
    lit = 0.40 + 0.62 * (nx * form[0] + ny * form[1] + nz * form[2]) + 0.10 * soft
    lit -= 0.35 * smoothstep(0.35, 0.0, v)
    speck = sample("fine", u * 0.08 * aspect + oy, v * 0.08 + ox)
    tone = (1 + 0.07 * speck + 0.05 * soft)[..., None]
    painted = light.shade(color * tone, np.clip(lit, 0, 1.05))
    moss = smoothstep(0.55, 0.95, ny + 0.25 * soft)[..., None] * (0.9 if snow else 0.35)
    skin = np.array([0.95, 0.97, 1.0] if snow else [0.42, 0.50, 0.28], np.float32)
    painted += moss * (light.shade(skin, np.clip(lit + 0.15, 0, 1)) - painted)
    return Sprite(np.asarray(painted * alpha[..., None], np.float32), alpha.astype(np.float32))


def flower(
    height: int, color: FloatArray, kind: str, light: Light, rng: np.random.Generator
) -> Sprite:
    """One flower near by: "daisy", "tulip" or "poppy", with stem and leaves. `height` in px."""
    width = max(round(height * 0.62), 5)
    drawn = np.zeros((height, width, 3), np.uint8)
    cover = np.zeros((height, width), np.uint8)
    head = 0.20 * height
    cx, cy = width / 2 + rng.uniform(-0.06, 0.06) * height, head * 1.15
    green = np.array([0.38, 0.52, 0.26], np.float32)

    def put(points: npt.ArrayLike, tone: FloatArray, lit: float) -> None:
        at = np.round((np.asarray(points) - 0.5) * 2**_SHIFT).astype(np.int32)
        value = np.clip(light.shade(tone, lit) * 255, 0, 255)
        cv2.fillPoly(cover, [at], 255, cv2.LINE_AA, _SHIFT)
        # Edges blend through the coverage; the colour below them is flat.
        mask = np.zeros_like(cover)
        cv2.fillPoly(mask, [at], 255, cv2.LINE_8, _SHIFT)
        grown = cv2.dilate(mask, np.ones((3, 3), np.uint8))
        drawn[grown > 0] = value.astype(np.uint8)

    t = np.linspace(0, 1, 9)
    bow = rng.uniform(-0.10, 0.10) * height
    sx = cx + (width / 2 - cx) * t + bow * np.sin(math.pi * t)
    sy = cy + (height - cy) * t
    thick = max(0.014 * height, 0.5)
    put(np.concatenate([np.stack([sx - thick, sy], 1), np.stack([sx + thick, sy], 1)[::-1]]),
        green * 0.85, 0.5)  # fmt: skip
    for side in (-1, 1):
        at = rng.uniform(0.5, 0.8)
        x, y = float(np.interp(at, t, sx)), cy + (height - cy) * at
        tip = (x + side * 0.24 * height, y - rng.uniform(0.05, 0.2) * height)
        mid = ((x + tip[0]) / 2, (y + tip[1]) / 2)
        put([(x, y), (mid[0], mid[1] - 0.05 * height), tip, (mid[0], mid[1] + 0.045 * height)],
            green, 0.55 + 0.25 * side * float(np.sign(light.form[0])))  # fmt: skip
    if kind == "tulip":
        w, h = 0.62 * head, head
        cup = [(-w, -h), (-1.05 * w, -0.1 * h), (-0.55 * w, 0.75 * h), (0, h), (0.55 * w, 0.75 * h),
               (1.05 * w, -0.1 * h), (w, -h), (0.5 * w, -0.35 * h), (0, -1.1 * h),
               (-0.5 * w, -0.35 * h)]  # fmt: skip
        put([(cx + a, cy + b) for a, b in cup], color, 0.45)
        lit = [(0.1 * w, -0.95 * h), (0.5 * w, -0.3 * h), (0.95 * w, -0.9 * h), (w, -0.1 * h),
               (0.5 * w, 0.65 * h), (0.05 * w, 0.6 * h)]  # fmt: skip
        flip = 1 if light.form[0] > 0 else -1
        put([(cx + flip * a, cy + b) for a, b in lit], color, 0.95)
    else:
        n = 5 if kind == "poppy" else int(rng.integers(9, 13))
        begin = rng.uniform(0, math.tau)
        flat = rng.uniform(0.65, 0.95)
        half = 0.62 if kind == "poppy" else 0.25
        for i in range(n):
            angle = begin + math.tau * i / n
            c, s = math.cos(angle), math.sin(angle)
            ring = []
            for a in np.linspace(0, math.tau, 12, endpoint=False):
                along, wide = 0.55 + 0.45 * math.cos(a), half * math.sin(a)
                ring.append((cx + head * (c * along - s * wide),
                             cy + flat * head * (s * along + c * wide)))  # fmt: skip
            put(ring, color, 0.55 + 0.35 * (c * float(light.form[0]) - s * 0.8))
        ring_at = np.linspace(0, math.tau, 14, endpoint=False)
        middle = np.array((0.20, 0.16, 0.14) if kind == "poppy" else (0.93, 0.74, 0.22), np.float32)
        r = 0.26 * head
        put(np.stack([cx + r * np.cos(ring_at), cy + flat * r * np.sin(ring_at)], 1), middle, 0.75)
    alpha = cover.astype(np.float32) / 255
    color_out = drawn.astype(np.float32) / 255 * alpha[..., None]
    return Sprite(color_out, alpha)


def draw_tufts(
    picture: FloatArray, rows: tuple[int, int], places: npt.NDArray[np.float64],
    heights: npt.NDArray[np.float64], tones: FloatArray, allowed: npt.NDArray[np.bool_],
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """Draws tufts of grass into rows of a picture, in place, where it is allowed.

    Args:
        places: (n, 2) feet of the tufts, px.
        heights: (n,) px.
        tones: (k, 3) colours to choose from.
        allowed: (H, W), where grass grows.
    """
    top, bottom = rows
    band = picture[top:bottom]
    drawn = np.asarray(np.clip(band * 255, 0, 255), np.uint8)
    n = len(places)
    lean = rng.normal(0, 0.28, (n, BLADES)) + rng.normal(0, 0.16, (n, 1))
    tall = heights[:, None] * rng.uniform(0.45, 1.0, (n, BLADES))
    foot = places[:, None, :] + np.stack(
        [rng.normal(0, 0.22, (n, BLADES)) * heights[:, None], np.zeros((n, BLADES))], axis=-1
    )
    tip = foot + np.stack([np.sin(lean) * tall * 1.2, -np.cos(lean) * tall], axis=-1)
    mid = (foot + tip) / 2 + np.stack([-0.14 * np.sin(lean) * tall, -0.06 * tall], axis=-1)
    half = (0.035 * tall)[..., None] * np.array([1.0, 0.0])
    rings = np.stack([foot - half, mid - 0.7 * half, tip, mid + 0.7 * half, foot + half], axis=2)
    at = np.round((rings.reshape(-1, 5, 2) - (0.5, top + 0.5)) * 2**_SHIFT).astype(np.int32)
    thin = (tall < WIDE_BLADE).ravel()
    which = rng.integers(0, len(tones), n * BLADES)
    for k, tone in enumerate(tones):
        value = np.clip(tone * 255, 0, 255).tolist()
        hairs = list(at[(which == k) & thin][:, :3])
        if hairs:
            cv2.polylines(drawn, hairs, False, value, 1, cv2.LINE_AA, _SHIFT)
        for ring in at[(which == k) & ~thin]:
            cv2.fillConvexPoly(drawn, ring, value, cv2.LINE_AA, _SHIFT)
    mask = allowed[top:bottom]
    band[mask] = drawn[mask].astype(np.float32) / 255


def bed(
    cover: FloatArray, x: FloatArray, z: FloatArray, px: FloatArray, colors: FloatArray,
    green: npt.ArrayLike, light: Light, rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """A bed of flowers on the ground: colour (rows, W, 3) and coverage (rows, W).

    Args:
        cover: (rows, W), coverage of the patch.
        x, z, px: as in `ground.Ground`.
        colors: (k, 3), of its blossoms.
        green: of its leaves, (3,).
    """
    tuft = sample("leafy", x / 9 + rng.random(), np.log(z) * 1.6 + rng.random())
    leaf = light.shade(
        np.array(green, np.float32) * (1 + 0.10 * tuft)[..., None],
        np.clip(light.level - 0.25 + 0.2 * tuft, 0, 1),
    )
    rim = cover * smoothstep(-0.3, 0.5, (cover - 0.5) * 3.0 + 0.5 * tuft)
    drawn = np.asarray(np.clip(leaf * 255, 0, 255), np.uint8)
    rows, columns = np.nonzero(cover > 0.35)
    n = min(int(len(rows) * BLOSSOMS), MOST_BLOSSOMS)
    if n:
        which = np.sort(rng.integers(0, len(rows), n))  # far ones first
        drift = sample("cloudy", x / 25 + rng.random(), z / 25 + rng.random())
        kind = np.clip((drift * 0.6 + 0.5) * len(colors), 0, len(colors) - 1).astype(int)
        lit = np.clip(light.level + rng.normal(0.12, 0.16, n), 0.2, 1.15)
        mix = rng.random(n) < 0.15
        picks = np.where(mix, rng.integers(0, len(colors), n), kind[rows[which], columns[which]])
        tones = np.clip(light.shade(colors[picks], lit) * 255, 0, 255).tolist()
        across = np.maximum(BLOSSOM * px[rows[which], 0], 0.75) * rng.uniform(0.7, 1.2, n)
        at = np.stack([columns[which] + rng.random(n), rows[which] + rng.random(n)], axis=1)
        spots = np.round((at - 0.5) * 2**_SHIFT).astype(int).tolist()
        sizes = np.round(across * 2**_SHIFT).astype(int).tolist()
        for spot, size, tone in zip(spots, sizes, tones, strict=True):
            cv2.ellipse(
                drawn, spot, (size, (3 * size) >> 2), 0, 0, 360, tone, -1, cv2.LINE_AA, _SHIFT
            )
    return drawn.astype(np.float32) / 255, np.asarray(rim, np.float32)


def stone(rng: np.random.Generator) -> FloatArray:
    """A colour of rock."""
    return np.array(rgb(STONES[int(rng.integers(len(STONES)))]), np.float32)
