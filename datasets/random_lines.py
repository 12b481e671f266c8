"""Clean lines out of nothing: long curves, blobs, ellipses, spirals, polygons, figures.

Icons and letters are mostly short lines, straight or round; people sketch long, slowly
bending ones, outlines that close, shapes within shapes. Each function gives a `Drawing` on a
canvas of `SIDE` px; nothing is learned from data.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ..strokes import Drawing, Stroke

Points = npt.NDArray[np.float64]

SIDE = 1000.0
MARGIN = 40.0
# px between points of curves.
_STEP = 6.0


def random_figure(rng: np.random.Generator) -> Drawing:
    """A drawing of one of the kinds below, centred on its canvas."""
    make, odds = zip(*KINDS, strict=True)
    lines = make[int(rng.choice(len(make), p=np.array(odds) / sum(odds)))](rng)
    return _fitted([line for line in lines if len(line) > 1])


def blob(
    rng: np.random.Generator, x: float, y: float, r: float, lumps: int = 5, size: float = 0.25
) -> Points:
    """A smooth closed outline about (x, y): waves on an oval."""
    angle = np.linspace(0, math.tau, max(24, round(math.tau * r / _STEP)) + 1)
    radius = np.ones_like(angle)
    for k in range(2, lumps + 2):
        radius += size / k * rng.standard_normal() * np.cos(k * angle + rng.uniform(0, 6.3))
    radius = r * np.maximum(radius, 0.35)
    tilt, squeeze = rng.uniform(0, math.pi), rng.uniform(0.5, 1.0)
    u, v = radius * np.cos(angle), squeeze * radius * np.sin(angle)
    c, s = math.cos(tilt), math.sin(tilt)
    made = np.stack([x + c * u - s * v, y + s * u + c * v], axis=1)
    made[-1] = made[0]
    return made


def wander(rng: np.random.Generator, length: float, bend: float) -> Points:
    """A curve whose curvature wanders: `bend` is how far it turns on 100 px, radians."""
    n = max(8, round(length / _STEP))
    knots = max(2, round(length / 160)) + 2
    curvature = np.interp(
        np.linspace(0, knots - 1, n), np.arange(knots), bend / 100 * rng.standard_normal(knots)
    )
    heading = rng.uniform(0, math.tau) + np.cumsum(curvature) * _STEP
    return np.cumsum(np.stack([np.cos(heading), np.sin(heading)], axis=1) * _STEP, axis=0)


def _curves(rng: np.random.Generator) -> list[Points]:
    """Some long curves across the page."""
    return [
        wander(rng, rng.uniform(250, 1400), rng.uniform(0.05, 0.6)) + rng.uniform(0, 900, 2)
        for _ in range(rng.integers(2, 8))
    ]


def _strands(rng: np.random.Generator) -> list[Points]:
    """Hair, grass, folds: curves side by side that come together."""
    first = wander(rng, rng.uniform(300, 900), rng.uniform(0.1, 0.4))
    second = wander(rng, rng.uniform(300, 900), rng.uniform(0.1, 0.4))
    n = min(len(first), len(second))
    second = second[:n] + first[0] - second[0]
    second = second + np.linspace(rng.uniform(0, 60), rng.uniform(60, 300), n)[:, None] * (
        0.5,
        0.86,
    )
    shares = np.sort(rng.uniform(0, 1, rng.integers(3, 9)))
    return [first[:n] * (1 - k) + second * k for k in shares]


def _creature(rng: np.random.Generator) -> list[Points]:
    """A body, a head, eyes, limbs and a tail, where lines end at what is before them."""
    body = blob(rng, 0, 0, rng.uniform(180, 300), 3, 0.3)
    at = body[rng.integers(len(body))] * rng.uniform(0.9, 1.3)
    head = blob(rng, *at, rng.uniform(80, 170), 3, 0.2)
    lines = [_outside(body, head), head]
    size = np.ptp(head, axis=0).min()
    for side in (-0.22, 0.22):
        spot = head[:-1].mean(axis=0) + np.array([side, -0.12]) * size
        r = rng.uniform(0.05, 0.14) * size
        lines.append(_oval(*spot, r, r * rng.uniform(0.8, 1.3)))
        if rng.random() < 0.5:
            lines.append(_oval(*spot, r / 2, r / 2))
    mouth = np.linspace(-1, 1, 30)
    lines.append(
        head[:-1].mean(axis=0)
        + np.stack([mouth * 0.2 * size, (0.25 - 0.1 * mouth**2) * size], axis=1)
    )
    for _ in range(rng.integers(1, 6)):
        root = body[rng.integers(len(body))]
        limb = wander(rng, rng.uniform(100, 320), 0.5)
        wide = rng.uniform(25, 70)
        along = np.gradient(limb, axis=0)
        normal = np.stack([-along[:, 1], along[:, 0]], axis=1) / _STEP
        taper = np.sin(np.linspace(0.25, math.pi * rng.uniform(0.8, 1.0), len(limb)))[:, None]
        tube = np.concatenate([limb + normal * wide * taper, (limb - normal * wide * taper)[::-1]])
        lines.append(_outside(tube + root, body))
    return lines


def _shapes(rng: np.random.Generator) -> list[Points]:
    """Ovals, boxes, polygons, stars, one inside the other or side by side."""
    lines: list[Points] = []
    for _ in range(rng.integers(2, 7)):
        at = rng.uniform(0, 800, 2)
        r = rng.uniform(40, 260)
        for k in range(rng.integers(1, 4)):
            lines.append(_shape(rng, at, r * 0.75**k))
    return lines


def _boxes(rng: np.random.Generator) -> list[Points]:
    """Boxes in perspective, with windows: houses, machines."""
    lines: list[Points] = []
    vanish = rng.uniform(-600, 1600, 2)
    for _ in range(rng.integers(1, 4)):
        x, y = rng.uniform(0, 700, 2)
        w, h = rng.uniform(80, 420, 2)
        front = np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h], [x, y]])
        depth = rng.uniform(0.1, 0.45)
        back = front + depth * (vanish - front)
        lines.append(front)
        kept = sorted(rng.choice(4, 3, replace=False).tolist())
        lines += [np.array([front[k], back[k]]) for k in kept]
        lines += [back[a : a + 2] for a in kept[:2]]
        for _ in range(rng.integers(0, 4)):
            u, v = rng.uniform(0.1, 0.7, 2)
            lines.append(_box(x + u * w, y + v * h, 0.2 * w, rng.uniform(0.1, 0.25) * h))
    return lines


def _wheels(rng: np.random.Generator) -> list[Points]:
    """Rings with spokes on long chassis lines: cars, carts."""
    lines: list[Points] = []
    for x in np.linspace(0, 700, int(rng.integers(1, 4))):
        r = rng.uniform(70, 160)
        y = rng.uniform(-15, 15)
        lines += [_oval(x, y, r * k, r * k * 0.97) for k in (1.0, rng.uniform(0.5, 0.85))]
        turn = rng.uniform(0, 1)
        for k in range(int(rng.integers(0, 9))):
            way = np.array([math.cos(turn + k), math.sin(turn + k)])
            lines.append(np.array([x, y]) + np.array([[0.15], [0.6]]) * r * way)
    for _ in range(rng.integers(1, 5)):
        arch = np.linspace(0, 1, 80)
        rise = rng.uniform(-350, -20) * np.sin(math.pi * arch ** rng.uniform(0.6, 1.6))
        lines.append(np.stack([arch * rng.uniform(500, 1000) - 100, rise - 60], axis=1))
    return lines


def _spirals(rng: np.random.Generator) -> list[Points]:
    """Spirals and curls."""
    lines: list[Points] = []
    for _ in range(rng.integers(1, 5)):
        turns, r = rng.uniform(0.8, 4), rng.uniform(60, 320)
        angle = np.linspace(0, math.tau * turns, max(30, round(turns * r)))
        radius = r * np.linspace(1, rng.uniform(0.05, 0.5), len(angle)) ** rng.uniform(0.6, 1.5)
        way = np.stack([np.cos(angle), np.sin(angle) * rng.choice((-1, 1))], axis=1)
        curl = radius[:, None] * way + rng.uniform(0, 800, 2)
        lines.append(curl)
        if rng.random() < 0.6:
            stem = wander(rng, rng.uniform(100, 500), 0.3)
            lines.append(stem - stem[0] + curl[0])
    return lines


def _waves(rng: np.random.Generator) -> list[Points]:
    """Zigzags, waves, scallops along a curve: fur, teeth, clouds, water."""
    lines: list[Points] = []
    for _ in range(rng.integers(1, 5)):
        spine = wander(rng, rng.uniform(400, 1100), 0.25) + rng.uniform(0, 600, 2)
        along = np.gradient(spine, axis=0)
        normal = np.stack([-along[:, 1], along[:, 0]], axis=1) / _STEP
        s = np.arange(len(spine)) * _STEP
        wave, height = rng.uniform(35, 150), rng.uniform(0.15, 0.6)
        phase = (s / wave) % 1
        kind = rng.integers(3)
        shape = (np.sin(math.tau * phase), np.abs(2 * phase - 1), np.abs(np.sin(math.pi * phase)))
        swing = height * wave * shape[kind] * (1 + 0.3 * np.sin(s / 211))
        lines.append(spine + normal * swing[:, None])
    return lines


def _leaves(rng: np.random.Generator) -> list[Points]:
    """Leaves and petals with veins, on stems."""
    lines: list[Points] = []
    stem = wander(rng, rng.uniform(400, 900), 0.15)
    lines.append(stem)
    for _ in range(rng.integers(1, 7)):
        root = stem[rng.integers(len(stem))]
        length, wide = rng.uniform(120, 400), rng.uniform(0.12, 0.4)
        u = np.linspace(0, 1, 60)
        edge = wide * length * np.sin(math.pi * u ** rng.uniform(0.7, 1.3))
        turn = rng.uniform(0, math.tau)
        way = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
        curl = 0.2 * length * rng.standard_normal() * u**2
        for side in (-1, 1):
            lines.append(root + np.stack([u * length, side * edge + curl], axis=1) @ way)
        lines.append(root + np.stack([u * length * 0.9, curl], axis=1) @ way)
        for k in np.linspace(0.2, 0.75, int(rng.integers(0, 5))):
            side = rng.choice((-1.0, 1.0))
            i = int(k * 59)
            tip = (k * length + 0.1 * length, side * 0.7 * edge[i] + curl[i])
            lines.append(root + np.array([[k * length, curl[i]], tip]) @ way)
    return lines


def _ticks(rng: np.random.Generator) -> list[Points]:
    """Short strokes side by side along a curve, with it or without: hair, windows, treads."""
    lines: list[Points] = []
    for _ in range(rng.integers(1, 4)):
        spine = wander(rng, rng.uniform(300, 800), 0.25) + rng.uniform(0, 600, 2)
        if rng.random() < 0.6:
            lines.append(spine)
        gap, length = rng.uniform(12, 45), rng.uniform(15, 110)
        lean = rng.normal(0, 0.5)
        for i in range(2, len(spine) - 2, max(1, round(gap / _STEP))):
            ahead = (spine[i + 1] - spine[i - 1]) / (2 * _STEP)
            way = np.array([-ahead[1], ahead[0]]) + lean * ahead
            reach = length * rng.uniform(0.6, 1.2)
            u = np.linspace(0, 1, 12)[:, None]
            bow = 0.12 * rng.standard_normal() * u**2 * ahead
            lines.append(spine[i] + reach * (u * way + bow))
    return lines


KINDS: tuple[tuple[Callable[[np.random.Generator], list[Points]], float], ...] = (
    (_curves, 2.5),
    (_strands, 0.8),
    (_creature, 2.5),
    (_shapes, 1.5),
    (_boxes, 1.2),
    (_wheels, 1.0),
    (_spirals, 1.2),
    (_waves, 0.8),
    (_leaves, 1.5),
    (_ticks, 1.0),
)


def _shape(rng: np.random.Generator, at: Points, r: float) -> Points:
    kind = rng.integers(5)
    if kind == 0:
        return _oval(at[0], at[1], r, r * rng.uniform(0.4, 1))
    if kind == 1:
        return _box(at[0] - r, at[1] - r, 2 * r, r * rng.uniform(0.6, 2))
    if kind == 2:
        return blob(rng, at[0], at[1], r)
    corners = int(rng.integers(3, 8))
    angle = rng.uniform(0, 6.3) + math.tau * np.arange(corners * (kind - 2)) / (
        corners * (kind - 2)
    )
    radius = np.where(np.arange(len(angle)) % 2, rng.uniform(0.4, 0.7), 1.0) if kind == 4 else 1.0
    ring = at + r * np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return np.concatenate([ring, ring[:1]])


def _oval(x: float, y: float, rx: float, ry: float) -> Points:
    angle = np.linspace(0, math.tau, max(24, round(math.tau * rx / _STEP)) + 1)
    made = np.stack([x + rx * np.cos(angle), y + ry * np.sin(angle)], axis=1)
    made[-1] = made[0]
    return made


def _box(x: float, y: float, w: float, h: float) -> Points:
    return np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h], [x, y]])


def _outside(line: Points, shape: Points) -> Points:
    """The longest stretch of a line that a closed shape does not hide."""
    import cv2

    contour = shape.astype(np.float32).reshape(-1, 1, 2)
    seen = np.array(
        [cv2.pointPolygonTest(contour, (float(p[0]), float(p[1])), False) < 0 for p in line]
    )
    if seen.all() or not seen.any():
        return line
    if (line[0] == line[-1]).all():  # a closed line begins where it comes out
        begin = int(np.flatnonzero(~seen)[0])
        line = np.concatenate([line[begin:-1], line[: begin + 1]])
        seen = np.concatenate([seen[begin:-1], seen[: begin + 1]])
    edges = np.flatnonzero(np.diff(np.concatenate([[0], seen.astype(np.int8), [0]])))
    begins, ends = edges[::2], edges[1::2]
    longest = int((ends - begins).argmax())
    return line[begins[longest] : ends[longest]]


def _fitted(lines: list[Points]) -> Drawing:
    every = np.concatenate(lines)
    low, high = every.min(axis=0), every.max(axis=0)
    scale = (SIDE - 2 * MARGIN) / max(float((high - low).max()), 1.0)
    offset = SIDE / 2 - scale * (low + high) / 2
    strokes = tuple(Stroke((line * scale + offset).astype(np.float32)) for line in lines)
    return Drawing(strokes, size=(SIDE, SIDE))
