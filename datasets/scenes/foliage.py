"""Trees, bushes and tufts as sprites: small paintings with coverage, lit from the sun's side.

A crown is a heap of clumps. Each px asks which clump is nearest to the viewer, how it faces
the light, and how deep it lies; leaf noise breaks edges and tones into dabs. A scene paints
a few sprites and pastes them many times, smaller as they are farther.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from .light import Light
from .noise import sample, smoothstep

FloatArray = npt.NDArray[np.float32]

BARK = (0.36, 0.29, 0.24)
BIRCH = (0.82, 0.80, 0.76)
# How often a bare tree forks, and how many twigs a fork may have in all.
FORKS, MOST_TWIGS = 8, 150
SNOW_WHITE = np.array([0.95, 0.97, 1.0], np.float32)
# Fixed-point bits of OpenCV's coordinates.
_SHIFT = 5


@dataclass(frozen=True, slots=True)
class Sprite:
    """A small painting whose foot is the middle of its lower edge.

    Args:
        color: (h, w, 3), premultiplied with alpha.
        alpha: (h, w).
    """

    color: FloatArray
    alpha: FloatArray

    def resized(self, height: int, flipped: bool = False) -> Sprite:
        """The sprite at another height, px, and mirrored where asked."""
        h, w = self.alpha.shape
        size = (max(round(w * height / h), 1), max(height, 1))
        way = cv2.INTER_AREA if height < h else cv2.INTER_LINEAR
        color, alpha = (
            cv2.resize(self.color, size, interpolation=way),
            cv2.resize(self.alpha, size, interpolation=way),
        )
        if flipped:
            color, alpha = color[:, ::-1], alpha[:, ::-1]
        return Sprite(np.asarray(color, np.float32), np.asarray(alpha, np.float32))

    def hazed(self, air: float, far: FloatArray) -> Sprite:
        """The sprite with a share `air` of its colour lost to `far` (3,)."""
        return Sprite(self.color * (1 - air) + (air * far) * self.alpha[..., None], self.alpha)


def broadleaf(
    height: int, shape: str, leaf: FloatArray, light: Light, rng: np.random.Generator,
    snow: bool = False, fruit: FloatArray | None = None,
) -> Sprite:  # fmt: skip
    """A tree with a crown of leaves.

    Args:
        height: px.
        shape: "round", "wide", "tall" or "birch".
        leaf: colour of the leaves, (3,).
        fruit: colour of blossoms or apples among them, or None.
    """
    aspect = {"round": 0.80, "wide": 1.15, "tall": 0.34, "birch": 0.55}[shape]
    width = max(round(height * aspect), 3)
    alpha, color = _blank(height, width)
    bottom = {"round": 0.20, "wide": 0.20, "tall": 0.07, "birch": 0.24}[shape]
    bark = np.array(BIRCH if shape == "birch" else BARK, np.float32)
    thick = {"round": 0.040, "wide": 0.048, "tall": 0.03, "birch": 0.018}[shape]
    trunk = _trunk(height, width, thick, 0.55, rng, limbs=0 if shape == "tall" else 4)
    _lay(color, alpha, light.shade(bark, _roundness(trunk, light)), trunk)
    centres = _clumps(shape, aspect, bottom, rng)
    crown, cover = _crown(height, width, centres, leaf, light, rng, fruit, snow)
    _lay(color, alpha, crown, cover)
    return Sprite(color, alpha)


def bush(
    height: int, aspect: float, leaf: FloatArray, light: Light, rng: np.random.Generator,
    snow: bool = False, fruit: FloatArray | None = None,
) -> Sprite:  # fmt: skip
    """A bush: clumps from the ground up. `aspect` is width over height; others as `broadleaf`."""
    width = max(round(height * aspect), 3)
    alpha, color = _blank(height, width)
    n = int(rng.integers(5, 9))
    centres = []
    for i in range(n):
        x = (i + rng.uniform(0.2, 0.8)) / n * aspect
        side = abs(x / aspect - 0.5) * 2
        y = rng.uniform(0.22, 0.42) + 0.18 * (1 - side)
        r = rng.uniform(0.26, 0.36) * (1 - 0.25 * side)
        x = min(max(x, 1.15 * r), aspect - 1.15 * r)
        centres.append((x, 1 - y * (1 - 0.35 * side), r, rng.random()))
        centres.append((x, 1 - 0.55 * r, 0.9 * r, 0.6 * rng.random()))  # down to the ground
    crown, cover = _crown(height, width, centres, leaf, light, rng, fruit, snow)
    # It stands in the grass: its foot is uneven, and rounded to the sides.
    u = np.linspace(-1, 1, width, dtype=np.float32)[None]
    v = ((np.arange(height, dtype=np.float32) + 0.5) / height)[:, None]
    tufts = _leaf_noise(height, width, rng.random(), rng.random())
    cover = cover * np.clip((0.96 - 0.16 * u**4 + 0.05 * tufts - v) * height + 0.5, 0, 1)
    _lay(color, alpha, crown, cover.astype(np.float32))
    return Sprite(color, alpha)


def conifer(
    height: int, slim: float, needle: FloatArray, light: Light, rng: np.random.Generator,
    snow: bool = False,
) -> Sprite:  # fmt: skip
    """A spruce or fir in drooping tiers; `slim` is width over height."""
    width = max(round(height * slim), 3)
    alpha, color = _blank(height, width)
    trunk = _trunk(height, width, 0.022, 0.9, rng, limbs=0)
    _lay(color, alpha, light.shade(np.array(BARK, np.float32), _roundness(trunk, light)), trunk)
    u = ((np.arange(width, dtype=np.float32) + 0.5) / width * 2 - 1)[None]
    v = ((np.arange(height, dtype=np.float32) + 0.5) / height)[:, None]
    ox, oy = rng.random(), rng.random()
    leaf = _leaf_noise(height, width, ox, oy, stretch=0.55)
    soft = sample("cloudy", u * 0.12 + oy, v * 0.25 + ox)
    tiers = rng.uniform(7, 10)
    drop = v - (0.16 * np.abs(u) - 0.05 * u * u) + 0.018 * soft + 0.012 * leaf
    phase = drop * tiers * (1.25 - 0.35 * drop)
    step = phase - np.floor(phase)
    half = (0.05 + 0.93 * np.clip(v / 0.93, 0, 1) ** 0.92) * (0.62 + 0.38 * step) + 0.10 * leaf * v
    half *= 1 + 0.10 * soft
    edge = (half - np.abs(u)) * width / 2
    floor = (0.93 + 0.025 * leaf - 0.04 * np.abs(u) - v) * height
    cover = np.clip(np.minimum(edge, floor) + 0.5, 0, 1)
    form = light.form
    side = float(form[0]) * u / (half + 0.15)
    lit = 0.42 + 0.42 * side + 0.38 * (step - 0.55) + 0.20 * leaf + 0.1 * soft
    lit *= 0.75 + 0.35 * (1 - v)
    lit = _tones(np.clip(lit, 0, 1.1))
    painted = light.shade(_leaf_color(needle, lit), lit)
    if snow:
        white = smoothstep(0.42, 0.75, step + 0.20 * leaf + 0.12 * soft) * 0.92
        bright = light.shade(SNOW_WHITE, np.clip(0.55 + 0.5 * side + 0.2 * leaf, 0, 1))
        painted += white[..., None] * (bright - painted)
    _lay(color, alpha, painted, cover)
    return Sprite(color, alpha)


def bare_tree(height: int, light: Light, rng: np.random.Generator, snow: bool = False) -> Sprite:
    """A tree without leaves: branches that fork up to the finest twigs."""
    width = max(round(height * 1.05), 3)
    alpha, color = _blank(height, width)
    mask = np.zeros((height, width), np.uint8)
    at = np.array([[0.5 * width, float(height)]])
    angle = np.array([-math.pi / 2 + rng.uniform(-0.06, 0.06)])
    length, thick = np.array([0.25 * height]), 0.045 * height
    for _ in range(FORKS):
        end = at + length[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        _branches(mask, at, end, thick)
        n = len(at)
        three = rng.random(n) < 0.28
        # Two or three forks of each, spread to both sides and drawn a little upwards.
        parent = np.repeat(np.arange(n), np.where(three, 3, 2))
        begins = np.cumsum(np.where(three, 3, 2)) - np.where(three, 3, 2)
        place = np.arange(len(parent)) - begins[parent] - np.where(three, 1.0, 0.5)[parent]
        m = len(parent)
        spread = place * rng.uniform(0.55, 0.95, m) + 0.14 * rng.standard_normal(m)
        up = -0.10 * np.cos(angle) * np.where(angle < 0, 1, -1)
        at, angle = end[parent], angle[parent] + spread + up[parent]
        length, thick = length[parent] * rng.uniform(0.68, 0.84, m), thick * 0.64
        keep = (length >= 1.5) & (rng.random(m) < MOST_TWIGS / max(m, MOST_TWIGS))
        at, angle, length = at[keep], angle[keep], length[keep]
        if not len(at):
            break
    cover = mask.astype(np.float32) / 255
    bark = np.array((0.30, 0.25, 0.23), np.float32)
    painted = light.shade(bark, _roundness(cover, light))
    if snow:
        below = np.vstack([cover[1:], np.zeros((1, width), np.float32)])
        above = np.vstack([np.zeros((1, width), np.float32), cover[:-1]])
        white = np.clip(below - above, 0, 1)[..., None] * 0.9
        painted = painted + white * (light.shade(SNOW_WHITE, 0.8) - painted)
    _lay(color, alpha, painted, cover)
    return Sprite(color, alpha)


def palm(height: int, light: Light, rng: np.random.Generator) -> Sprite:
    """A palm: a bent ringed trunk and a head of fronds."""
    width = max(round(height * 0.85), 3)
    alpha, color = _blank(height, width)
    lean = rng.uniform(-0.16, 0.16) * width
    t = np.linspace(0, 1, 16)
    xs, ys = width / 2 + lean * t**1.7, height * (1 - 0.70 * t)
    mask = np.zeros((height, width), np.uint8)
    for i in range(15):
        _thick_line(mask, (xs[i], ys[i]), (xs[i + 1], ys[i + 1]), height * (0.034 - 0.014 * t[i]))
    trunk = mask.astype(np.float32) / 255
    rings = 0.9 + 0.1 * np.sign(np.sin(np.arange(height) / max(height, 1) * 120))[:, None]
    bark = np.array((0.55, 0.45, 0.34), np.float32)
    _lay(color, alpha, light.shade(bark, _roundness(trunk, light) * rings), trunk)
    n = int(rng.integers(9, 13))
    green = np.array((0.36, 0.52, 0.24), np.float32)
    along = np.linspace(0, 1, 14)
    pen = max(1, round(0.009 * height))
    for i in rng.permutation(n).tolist():
        angle = -math.pi / 2 + (i + rng.uniform(-0.3, 0.3) - (n - 1) / 2) / n * 4.6
        length = rng.uniform(0.30, 0.38) * height
        spine = np.stack(
            [xs[-1] + length * along * math.cos(angle),
             ys[-1] + length * along * math.sin(angle) * 0.75 + 0.55 * length * along**2], axis=1,
        )  # fmt: skip
        step = np.diff(spine, axis=0)
        step /= np.maximum(np.hypot(step[:, 0], step[:, 1]), 1e-6)[:, None]
        across = np.stack([-step[:, 1], step[:, 0]], axis=1)
        leaf = 0.30 * length * np.sin(math.pi * np.minimum(along[1:] * 0.9 + 0.08, 1)) + 1
        lines = [spine]
        for side in (-1, 1):
            tips = spine[1:] + leaf[:, None] * (0.75 * step + 0.42 * side * across + (0, 0.3))
            lines += list(np.stack([spine[1:], tips], axis=1))
        mask[:] = 0
        at = [np.round((line - 0.5) * 2**_SHIFT).astype(np.int32) for line in lines]
        cv2.polylines(mask, at, False, 255, pen, cv2.LINE_AA, _SHIFT)
        facing = 0.55 + 0.45 * math.cos(angle) * float(light.form[0]) - 0.25 * math.sin(angle)
        tone = min(max(facing + rng.uniform(-0.1, 0.1), 0.1), 1.0)
        cover = mask.astype(np.float32) / 255
        _lay(color, alpha, light.shade(_leaf_color(green, np.float32(tone)), tone), cover)
    return Sprite(color, alpha)


# --- parts -------------------------------------------------------------------------


def _blank(height: int, width: int) -> tuple[FloatArray, FloatArray]:
    return np.zeros((height, width), np.float32), np.zeros((height, width, 3), np.float32)


def _lay(color: FloatArray, alpha: FloatArray, painted: FloatArray, cover: FloatArray) -> None:
    """Paints over a sprite that is being made."""
    color *= (1 - cover)[..., None]
    color += painted * cover[..., None]
    alpha *= 1 - cover
    alpha += cover


def _clumps(
    shape: str, aspect: float, bottom: float, rng: np.random.Generator
) -> Sequence[tuple[float, float, float, float]]:
    """Centres x, y, radii (all in heights, y down) and nearness of a crown's clumps."""
    found = []
    n = {"round": 15, "wide": 17, "tall": 13, "birch": 13}[shape]
    rx, ry = 0.5 * aspect, 0.5 * (1 - bottom)
    for i in range(n):
        turn = i * 2.399963 + rng.uniform(-0.4, 0.4)  # the golden angle spreads evenly
        out = math.sqrt((i + 0.5) / n)
        r = rng.uniform(0.30, 0.42) * min(rx, ry)
        if shape == "tall":  # one above the other, broadest below the middle
            y = 2 * ry * (0.10 + 0.86 * (i + 0.5) / n)
            r = rx * (0.22 + 0.52 * math.sin(math.pi * (y / (2 * ry)) ** 1.25) ** 0.8)
            found.append((rx + rng.uniform(-0.10, 0.10) * rx, y, r * rng.uniform(0.8, 1.05),
                          rng.random()))  # fmt: skip
            continue
        x = rx + out * (rx - 1.15 * r) * math.cos(turn)
        y = ry + out * (ry - 1.15 * r) * math.sin(turn)
        if shape == "wide":  # flat below, domed above
            y = min(y, 2 * ry - 0.8 * r)
        found.append((x, y, r, rng.random() + 0.5 * (1 - out)))
    return found


def _crown(
    height: int,
    width: int,
    centres: Sequence[tuple[float, float, float, float]],
    leaf: FloatArray,
    light: Light,
    rng: np.random.Generator,
    fruit: FloatArray | None,
    snow: bool,
) -> tuple[FloatArray, FloatArray]:
    """Painted clumps (h, w, 3) and their coverage (h, w)."""
    ox, oy = rng.random(), rng.random()
    x = ((np.arange(width, dtype=np.float32) + 0.5) / height)[None]
    y = ((np.arange(height, dtype=np.float32) + 0.5) / height)[:, None]
    noise = _leaf_noise(height, width, ox, oy)
    soft = sample("cloudy", x * 0.22 + ox, y * 0.22 + oy)
    soft2 = sample("cloudy", x * 0.22 + oy, y * 0.22 + ox)
    xx, yy = x + 0.018 * soft, y + 0.018 * soft2
    near = np.full((height, width), -9.0, np.float32)
    q_best = np.full((height, width), -1.25, np.float32)
    nx, ny = np.zeros_like(near), np.zeros_like(near)
    for cx, cy, r, front in centres:
        # Nothing shows of a clump beyond half of its radius around it.
        reach = 1.5 * r + 0.06
        rows = slice(max(int((cy - reach) * height), 0), max(int((cy + reach) * height) + 1, 0))
        columns = slice(max(int((cx - reach) * height), 0), max(int((cx + reach) * height) + 1, 0))
        at = (rows, columns)
        dx, dy = (xx[at] - cx) / r, (yy[at] - cy) / r
        q = 1 - dx * dx - dy * dy
        np.maximum(q_best[at], q, out=q_best[at])
        depth = 0.9 * q + 0.8 * front
        better = (depth > near[at]) & (q > -0.1)
        for field, own in ((near, depth), (nx, dx), (ny, dy)):
            np.copyto(field[at], own, where=better)
    cover = np.clip((q_best + 0.20 + 0.30 * noise) * height * 0.055 + 0.5, 0, 1)
    form = light.form
    facing = nx * form[0] - ny * form[1] * 1.1
    mid = sum(c[1] for c in centres) / len(centres)
    whole = (xx - 0.5 * width / height) * form[0] * 1.2 - (yy - mid) * 1.0
    lit = 0.46 + 0.30 * facing + 0.42 * whole + 0.17 * noise + 0.08 * soft
    # Between clumps it is dark.
    lit -= 0.22 * smoothstep(0.55, -0.05, q_best)
    lit = _tones(np.clip(lit, 0, 1.1))
    painted = light.shade(_leaf_color(leaf, lit), lit)
    if fruit is not None:
        dots = smoothstep(0.25, 0.75, noise + 0.35 * soft + 0.5 * (lit - 0.5))
        painted += (
            0.9 * dots[..., None] * (light.shade(fruit, np.clip(lit + 0.2, 0, 1.1)) - painted)
        )
    if snow:
        white = smoothstep(0.1, 0.6, -ny + 0.35 * noise)[..., None] * 0.9
        painted += white * (light.shade(SNOW_WHITE, np.clip(lit + 0.3, 0, 1)) - painted)
    return np.asarray(painted, np.float32), np.asarray(cover, np.float32)


def _leaf_noise(height: int, width: int, ox: float, oy: float, stretch: float = 1.0) -> FloatArray:
    """Dabs of leaves, about -1 to 1: 2 px and more, on a tall tree smaller parts of it."""
    cell = max(0.13 * height**0.65, 2.0)
    x = (np.arange(width, dtype=np.float32) / cell / 64)[None]
    y = (np.arange(height, dtype=np.float32) / cell / 64 / stretch)[:, None]
    large = sample("leafy", x + ox, y + oy)
    small = sample("leafy", 2.1 * x + oy, 2.1 * y + ox)
    return np.clip(0.42 * large + 0.34 * small, -1.2, 1.2)


def _leaf_color(leaf: FloatArray, lit: npt.ArrayLike) -> FloatArray:
    """Leaves are yellower in the light and bluer in the shade than their colour says."""
    lit = np.asarray(lit, np.float32)[..., None]
    warm = np.array([1.20, 1.08, 0.82], np.float32)
    cool = np.array([0.74, 0.80, 0.92], np.float32)
    return np.asarray(leaf * (cool + np.clip(lit, 0, 1) * (warm - cool)), np.float32)


def _tones(lit: FloatArray) -> FloatArray:
    """Tones drawn together into a few, as a painter mixes a few: soft steps."""
    steps = 4.0
    scaled = lit * steps
    whole = np.floor(scaled)
    return np.asarray((whole + smoothstep(0.2, 0.8, scaled - whole)) / steps, np.float32)


def _trunk(
    height: int, width: int, thick: float, tall: float, rng: np.random.Generator, limbs: int = 4
) -> FloatArray:
    """Coverage of a trunk that narrows upwards, with limbs."""
    mask = np.zeros((height, width), np.uint8)
    middle, lean = width / 2, rng.uniform(-0.04, 0.04) * width
    base, top = thick * height, 0.45 * thick * height
    outline = [
        (middle - 0.85 * base, height), (middle - 0.5 * base, 0.93 * height),
        (middle - 0.5 * top + lean, (1 - tall) * height),
        (middle + 0.5 * top + lean, (1 - tall) * height),
        (middle + 0.5 * base, 0.93 * height), (middle + 0.85 * base, height),
    ]  # fmt: skip
    polygon = np.round((np.array(outline) - 0.5) * 2**_SHIFT).astype(np.int32)
    cv2.fillPoly(mask, [polygon], 255, cv2.LINE_AA, _SHIFT)
    for _ in range(limbs):
        start = rng.uniform(0.55, 0.75) * tall
        x0, y0 = middle + lean * start / tall, (1 - start) * height
        side = rng.choice([-1.0, 1.0]) * rng.uniform(0.12, 0.28)
        _thick_line(mask, (x0, y0), (x0 + side * height * 0.6, y0 - abs(side) * height), 0.5 * top)
    return mask.astype(np.float32) / 255


def _thick_line(
    mask: npt.NDArray[np.uint8], a: tuple[float, float], b: tuple[float, float], width: float
) -> None:
    """A line of any width into a mask, in place; below 1 px it grows pale instead of thinner."""
    if width <= 1.2:
        p = (round((a[0] - 0.5) * 2**_SHIFT), round((a[1] - 0.5) * 2**_SHIFT))
        q = (round((b[0] - 0.5) * 2**_SHIFT), round((b[1] - 0.5) * 2**_SHIFT))
        cv2.line(mask, p, q, int(min(255, 110 + 130 * width)), 1, cv2.LINE_AA, _SHIFT)
        return
    dx, dy = b[0] - a[0], b[1] - a[1]
    norm = math.hypot(dx, dy) or 1.0
    ox, oy = -dy / norm * width / 2, dx / norm * width / 2
    corners = [(a[0] + ox, a[1] + oy), (b[0] + 0.8 * ox, b[1] + 0.8 * oy),
               (b[0] - 0.8 * ox, b[1] - 0.8 * oy), (a[0] - ox, a[1] - oy)]  # fmt: skip
    polygon = np.round((np.array(corners) - 0.5) * 2**_SHIFT).astype(np.int32)
    cv2.fillConvexPoly(mask, polygon, 255, cv2.LINE_AA, _SHIFT)


def _branches(
    mask: npt.NDArray[np.uint8], a: npt.NDArray[np.float64], b: npt.NDArray[np.float64],
    width: float,
) -> None:  # fmt: skip
    """Branches (n, 2) to (n, 2) of one width into a mask, in place."""
    if width > 1.2:
        for p, q in zip(a.tolist(), b.tolist(), strict=True):
            _thick_line(mask, (p[0], p[1]), (q[0], q[1]), width)
        return
    lines = np.round((np.stack([a, b], axis=1) - 0.5) * 2**_SHIFT).astype(np.int32)
    value = int(min(255, 110 + 130 * max(width, 0.5)))
    cv2.polylines(mask, list(lines), False, value, 1, cv2.LINE_AA, _SHIFT)


def _roundness(cover: FloatArray, light: Light) -> FloatArray:
    """Light on round wood: brighter towards the sun's side, from the coverage's own edges."""
    w = cover.shape[1]
    soft = cv2.blur(cover, (max(3, w // 30 | 1), 3))
    slope = np.zeros_like(soft)
    slope[:, 1:-1] = soft[:, 2:] - soft[:, :-2]
    return np.clip(0.45 - 1.2 * slope * np.sign(float(light.form[0])), 0, 1).astype(np.float32)
