"""Slide, swing and bench for a playground, and a sailing boat, as models of faces and bars."""

from __future__ import annotations

import math

import numpy as np

from .mesh import RGB, Bar, Face, Model, box

# Bright, as such things are, but tempered to sit in a landscape.
PAINTS: tuple[RGB, ...] = (
    (0.83, 0.30, 0.24), (0.93, 0.72, 0.26), (0.25, 0.50, 0.70), (0.36, 0.60, 0.42),
    (0.90, 0.52, 0.26), (0.24, 0.58, 0.60),
)  # fmt: skip
WOOD: RGB = (0.62, 0.45, 0.30)
STEEL: RGB = (0.62, 0.64, 0.66)


def slide(height: float, chute: RGB, frame: RGB, roof: RGB | None) -> Model:
    """A tower with a ladder on its left and a chute down to its right."""
    half, h = 0.55, height
    bars, faces, lines = [], [], []
    tall = h + (1.5 if roof else 0.9)
    for x in (-half, half):
        for z in (-half, half):
            bars.append(Bar((x, 0, z), (x, tall, z), 0.13, frame))
    faces += box(0, h - 0.1, 0, 2 * half + 0.1, 0.12, 2 * half + 0.1, WOOD)
    for z in (-half, half):  # rails of the platform
        for up in (0.4, 0.8):
            bars.append(Bar((-half, h + up, z), (half, h + up, z), 0.07, frame))
    if roof:
        peak = (0.0, tall + 0.75, 0.0)
        o = half + 0.25
        ring = [(-o, tall, -o), (o, tall, -o), (o, tall, o), (-o, tall, o)]
        for a, b in zip(ring, [*ring[1:], ring[0]], strict=True):
            faces.append(Face(np.array([a, peak, b]), roof, two_sided=True, order=0))
    reach = 0.75
    for z in (-0.38, 0.38):  # ladder
        bars.append(Bar((-half - reach, 0, z), (-half, h + 0.5, z), 0.08, frame))
    steps = max(3, round(h / 0.32))
    for i in range(1, steps):
        t = i / steps
        x, y = -half - reach * (1 - t * h / (h + 0.5)), t * h
        bars.append(Bar((x, y, -0.38), (x, y, 0.38), 0.07, STEEL))
    run = 1.75 * h
    t = np.linspace(0, 1, 13)
    xs = half + run * t
    ys = h * (1 - t) ** 1.15 + 0.28 * t
    ys = np.where(t > 0.82, np.maximum(ys, 0.28), ys)
    for i in range(12):
        bed = [(xs[i], ys[i], -0.36), (xs[i + 1], ys[i + 1], -0.36),
               (xs[i + 1], ys[i + 1], 0.36), (xs[i], ys[i], 0.36)]  # fmt: skip
        faces.append(Face(np.array(bed[::-1]), chute, two_sided=True))
        for z in (-0.36, 0.36):
            wall = [(xs[i], ys[i] - 0.06, z), (xs[i], ys[i] + 0.24, z),
                    (xs[i + 1], ys[i + 1] + 0.24, z), (xs[i + 1], ys[i + 1] - 0.06, z)]  # fmt: skip
            tone = 0.9 if z < 0 else 0.75
            color = (tone * chute[0], tone * chute[1], tone * chute[2])
            faces.append(Face(np.array(wall), color, two_sided=True))
    bars.append(Bar((half + 0.86 * run, 0, 0), (half + 0.86 * run, 0.3, 0), 0.12, frame))
    for x in (-half, half):
        lines.append(np.array([(x, 0, -half), (x, tall, -half)]))
    if roof:
        o = half + 0.25
        lines.append(np.array([(-o, tall, -o), (0, tall + 0.75, 0), (o, tall, -o), (-o, tall, -o)]))
    lines.append(np.stack([xs, ys + 0.24, np.full(13, -0.36)], axis=1))
    lines.append(np.stack([xs, ys - 0.06, np.full(13, -0.36)], axis=1))
    lines.append(np.array([(-half - reach, 0, -0.38), (-half, h + 0.5, -0.38)]))
    lines.append(np.array([(-half - reach + 0.25, 0, 0.3), (-half + 0.1, h + 0.3, 0.3)]))
    for i in range(1, steps):
        t0 = i / steps
        x, y = -half - reach * (1 - t0 * h / (h + 0.5)), t0 * h
        lines.append(np.array([(x, y, -0.38), (x + 0.22, y, 0.3)]))
    return Model(faces, bars, lines)


def swing(height: float, seats: int, frame: RGB, seat: RGB, rng: np.random.Generator) -> Model:
    """A frame on four legs, with seats on chains, each swung a little."""
    half, spread = 0.95 * seats, 0.42 * height
    bars, faces, lines = [], [], []
    for x in (-half, half):
        for z in (-spread, spread):
            bars.append(Bar((x * 1.06, 0, z), (x, height, 0), 0.13, frame))
            lines.append(np.array([(x * 1.06, 0, z), (x, height, 0)]))
    bars.append(Bar((-half, height, 0), (half, height, 0), 0.14, frame, order=1))
    lines.append(np.array([(-half, height, 0), (half, height, 0)]))
    for i in range(seats):
        x = ((i + 0.5) / seats * 2 - 1) * half * 0.86
        angle = rng.uniform(-0.35, 0.35)
        drop = height - 0.55
        y, z = height - drop * math.cos(angle), drop * math.sin(angle)
        for side in (-0.28, 0.28):
            bars.append(Bar((x + side, height, 0), (x + side, y, z), 0.045, STEEL))
            lines.append(np.array([(x + side, height, 0), (x + side, y, z)]))
        faces += box(x, y - 0.06, z, 0.70, 0.10, 0.34, seat)
        lines.append(np.array([(x - 0.34, y, z), (x + 0.34, y, z)]))
    return Model(faces, bars, lines)


def bench(width: float, color: RGB) -> Model:
    """A park bench that looks towards the viewer."""
    w = width / 2
    faces: list[Face] = []
    dark: RGB = (0.25, 0.26, 0.28)
    for x in (-0.82 * w, 0.82 * w):
        faces += box(x, 0, -0.20, 0.08, 0.45, 0.08, dark)
        faces += box(x, 0, 0.22, 0.08, 0.95, 0.08, dark)
    for i in range(3):
        faces += box(0, 0.43, -0.20 + 0.19 * i, 2 * w, 0.06, 0.15, color)
    for i in range(3):
        faces += box(0, 0.55 + 0.17 * i, 0.20, 2 * w, 0.12, 0.05, color)
    lines = [
        np.array([(-w, 0.46, -0.25), (w, 0.46, -0.25), (w, 0.46, 0.2), (-w, 0.46, 0.2),
                  (-w, 0.46, -0.25)]),
        np.array([(-w, 0.55, 0.2), (-w, 1.0, 0.2), (w, 1.0, 0.2), (w, 0.55, 0.2)]),
        np.array([(-w, 0.78, 0.2), (w, 0.78, 0.2)]),
    ]  # fmt: skip
    for x in (-0.82 * w, 0.82 * w):
        lines.append(np.array([(x, 0.45, -0.25), (x, 0, -0.25)]))
    return Model(faces, (), lines)


def boat(length: float, hull: RGB, sail: RGB) -> Model:
    """A sailing boat with a main sail and a jib, its length along X."""
    half, deep = length / 2, 0.16 * length
    rim = [(-half, deep, 0.0), (-0.55 * half, deep, -0.13 * length),
           (0.4 * half, deep, -0.14 * length), (half * 1.08, 1.15 * deep, 0.0),
           (0.4 * half, deep, 0.14 * length), (-0.55 * half, deep, 0.13 * length)]  # fmt: skip
    keel = [(0.82 * x, 0.0, 0.5 * z) for x, _, z in rim]
    faces = []
    for i in range(6):
        j = (i + 1) % 6
        faces.append(Face(np.array([keel[i], rim[i], rim[j], keel[j]]), hull, two_sided=True))
    deck = (0.80, 0.70, 0.54)
    faces.append(Face(np.array(rim[::-1]), deck, two_sided=True))
    mast, top = 0.12 * half, 1.25 * length
    foot = 1.9 * deep
    main = [(mast - 0.04, foot, 0.0), (mast - 0.04, 0.96 * top, 0.0),
            (mast - 0.25 * half, 0.5 * top, 0.06 * length),
            (-0.85 * half, foot, 0.05 * length)]  # fmt: skip
    jib = [
        (mast + 0.06, 1.2 * foot, 0.0),
        (half * 0.98, 1.3 * deep, 0.0),
        (mast + 0.06, 0.82 * top, 0.0),
    ]
    faces.append(Face(np.array(main), sail, 0.25, two_sided=True, order=1))
    faces.append(Face(np.array(jib), sail, 0.25, two_sided=True, order=1))
    bars = [Bar((mast, deep, 0), (mast, top, 0), 0.07, (0.45, 0.36, 0.28), order=2)]
    outline = np.array([rim[0], keel[0], keel[3], rim[3], rim[0]])
    lines = [outline, np.array([(mast, deep, 0), (mast, top, 0)]), np.array([*main, main[0]]),
             np.array([*jib, jib[0]])]  # fmt: skip
    return Model(faces, bars, lines)
