"""Houses, fences and bridges as models of faces and bars."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from .light import rgb
from .mesh import RGB, Bar, Face, Model, Points, box

WALLS = ("#efe3cd", "#e6cfa8", "#d9b79a", "#e8ded6", "#c7d0cf", "#d98f6c", "#b9533f", "#dfc9b8")
ROOFS = ("#b4553c", "#a0492f", "#8a5344", "#6e6a72", "#59616e", "#7d4b3b")
TRIM: RGB = (0.95, 0.93, 0.88)
GLASS: RGB = (0.33, 0.42, 0.50)
LAMP: RGB = (1.0, 0.80, 0.42)
DOORS = ("#5c4033", "#2f5560", "#7a2f2a", "#47603f", "#33415c")
STONE: RGB = (0.66, 0.62, 0.57)


def house(
    width: float, depth: float, walls: float, rise: float, wall: str, roof: str,
    rng: np.random.Generator, *, lit: float = 0.0, snow: bool = False, chimney: bool = True,
) -> Model:  # fmt: skip
    """A house with a pitched roof whose ridge runs along its width.

    Args:
        width, depth: of its plan, m.
        walls: height of its eaves, m.
        rise: height of its roof above them, m.
        wall, roof: colours.
        lit: share of the windows with light in them.
    """
    w, d = width / 2, depth / 2
    paint, tiles = rgb(wall), rgb(roof)
    if snow:
        tiles = (0.93, 0.95, 0.98)
    top = walls + rise
    faces = [
        Face(np.array([(-w, 0, -d), (-w, walls, -d), (w, walls, -d), (w, 0, -d)]), paint),
        Face(np.array([(w, 0, d), (w, walls, d), (-w, walls, d), (-w, 0, d)]), paint),
        Face(np.array([(-w, 0, d), (-w, walls, d), (-w, top, 0), (-w, walls, -d), (-w, 0, -d)]),
             paint),
        Face(np.array([(w, 0, -d), (w, walls, -d), (w, top, 0), (w, walls, d), (w, 0, d)]), paint),
    ]  # fmt: skip
    floors = max(1, round(walls / 2.9))
    storey = walls / floors
    dark = tuple(0.72 * c for c in paint)
    faces += _plinth(w, d, (dark[0], dark[1], dark[2]))
    door = rng.uniform(-0.5, 0.5) * w
    for level in range(floors):
        low = level * storey + 0.30 * storey
        high = level * storey + 0.78 * storey
        for side in (-1, 1):  # front (z = -d) and back
            n = max(2, int(width / 2.6))
            for i in range(n):
                x = ((i + 0.5) / n * 2 - 1) * (w - 0.3)
                if level == 0 and side < 0 and abs(x - door) < 0.95:
                    continue
                faces += _window(x, low, high, side * d, 0.42, "z", rng.random() < lit)
        for side in (-1, 1):  # gables
            n = max(1, int(depth / 3.2))
            for i in range(n):
                z = ((i + 0.5) / n * 2 - 1) * (d - 0.3)
                faces += _window(z, low, high, side * w, 0.42, "x", rng.random() < lit)
    if rise > 1.6:
        for side in (-1, 1):
            high = walls + 0.5 * rise
            faces += _window(0, walls + 0.15 * rise, high, side * w, 0.36, "x", rng.random() < lit)
    faces += _door(door, -d, 0.55, min(2.05, 0.8 * storey), rgb(DOORS[rng.integers(len(DOORS))]))
    faces += _roof(w, d, walls, top, tiles)
    if chimney:
        cx, cz = rng.uniform(0.2, 0.6) * w * rng.choice([-1, 1]), rng.uniform(0.1, 0.4) * d
        foot = top - rise * cz / d - 0.3
        faces += box(cx, foot, cz, 0.7, rise * cz / d + 1.3, 0.7, (0.60, 0.40, 0.33), order=3)
    lines = _house_lines(w, d, walls, top, door)
    return Model(faces, (), lines)


def _plinth(w: float, d: float, color: RGB) -> list[Face]:
    h = 0.35
    flat = [
        [(-w, 0, -d), (-w, h, -d), (w, h, -d), (w, 0, -d)],
        [(-w, 0, d), (-w, h, d), (-w, h, -d), (-w, 0, -d)],
        [(w, 0, -d), (w, h, -d), (w, h, d), (w, 0, d)],
    ]
    return [Face(np.array(p), color, order=1) for p in flat]


def _upright(
    a0: float, a1: float, y0: float, y1: float, at: float, way: str, color: RGB, order: int,
    glow: float = 0.0,
) -> Face:  # fmt: skip
    """A rectangle on a wall: across a0 to a1, up y0 to y1, at z (way "z") or x = `at`."""
    if way == "z":
        ring = [(a0, y0, at), (a0, y1, at), (a1, y1, at), (a1, y0, at)]
        ring = ring if at < 0 else ring[::-1]
    else:
        ring = [(at, y0, a0), (at, y1, a0), (at, y1, a1), (at, y0, a1)]
        ring = ring if at > 0 else ring[::-1]
    return Face(np.array(ring), color, glow, order=order)


def _window(
    a: float, low: float, high: float, at: float, half: float, way: str, lit: bool
) -> list[Face]:
    out = at + math.copysign(0.03, at)
    glass, glow = (LAMP, 0.95) if lit else (GLASS, 0.12)
    frame = 0.10
    parts = [
        _upright(a - half - frame, a + half + frame, low - frame, high + frame, out, way, TRIM, 1),
        _upright(a - half, a + half, low, high, out, way, glass, 2, glow),
        _upright(a - 0.04, a + 0.04, low, high, out, way, TRIM, 2, 0.0),
    ]
    if not lit:  # the sky in the upper half of a pane
        tone = (0.52, 0.62, 0.70)
        parts.insert(
            2, _upright(a - half, a + half, (low + high) / 2, high, out, way, tone, 2, 0.1)
        )
    return parts


def _door(x: float, at: float, half: float, high: float, color: RGB) -> list[Face]:
    out = at - 0.03
    return [
        _upright(x - half - 0.12, x + half + 0.12, 0, high + 0.12, out, "z", TRIM, 1),
        _upright(x - half, x + half, 0, high, out, "z", color, 2),
    ]


def _roof(w: float, d: float, walls: float, top: float, tiles: RGB) -> list[Face]:
    """Two planes that overhang, in courses of tiles a shade apart."""
    over, drop = 0.45, 0.35
    slope = (top - walls) / d
    y0 = walls - slope * drop
    faces = []
    courses = 7
    for side in (-1, 1):
        for i in range(courses):
            a, b = i / courses, (i + 1) / courses
            tone = 1.0 + 0.05 * math.sin(2.4 * i + side)
            color = (tiles[0] * tone, tiles[1] * tone, tiles[2] * tone)
            za, zb = side * (d + drop) * (1 - a), side * (d + drop) * (1 - b)
            ya, yb = y0 + (top - y0) * a, y0 + (top - y0) * b
            ring = [
                (-w - over, ya, za),
                (-w - over, yb, zb),
                (w + over, yb, zb),
                (w + over, ya, za),
            ]
            faces.append(Face(np.array(ring if side < 0 else ring[::-1]), color, order=2))
    edge = (0.80 * tiles[0], 0.80 * tiles[1], 0.80 * tiles[2])
    for side in (-1, 1):  # the boards under the verges
        x = side * (w + over)
        for front in (-1, 1):
            ring = [(x, y0, front * (d + drop)), (x, top, 0), (x, top - 0.3, 0),
                    (x, y0 - 0.25, front * (d + drop))]  # fmt: skip
            faces.append(Face(np.array(ring), edge, two_sided=True, order=2))
    return faces


def _house_lines(w: float, d: float, walls: float, top: float, door: float) -> list[np.ndarray]:  # type: ignore[type-arg]
    """What a person draws of it: walls, roof, a door, two windows."""
    o, y = w + 0.45, walls - 0.3
    lines = [
        [(-w, walls, -d), (-w, 0, -d), (w, 0, -d), (w, walls, -d)],
        [(-o, y, -d - 0.35), (-o, top, 0), (o, top, 0), (o, y, -d - 0.35), (-o, y, -d - 0.35)],
        [
            (door - 0.55, 0, -d),
            (door - 0.55, 2.0, -d),
            (door + 0.55, 2.0, -d),
            (door + 0.55, 0, -d),
        ],
    ]
    for x in (-0.65 * w, 0.65 * w):
        if abs(x - door) > 1.2:
            a, b, low, high = x - 0.5, x + 0.5, 0.3 * walls, 0.3 * walls + 1.2
            lines.append([(a, low, -d), (a, high, -d), (b, high, -d), (b, low, -d), (a, low, -d)])
    return [np.array(line, np.float64) for line in lines]


def fence(course: list[tuple[float, float]], height: float, color: RGB, pickets: bool) -> Model:
    """A fence along world points (x, z): posts and rails, or pickets."""
    bars: list[Bar] = []
    faces: list[Face] = []
    lines = []
    for (xa, za), (xb, zb) in pairwise(course):
        length = math.hypot(xb - xa, zb - za)
        gap = 0.16 if pickets else 2.0
        n = max(1, round(length / (gap * (1.6 if pickets else 1.0))))
        for level in (0.35, 0.75) if pickets else (0.45, 0.9):
            y = level * height
            bars.append(Bar((xa, y, za), (xb, y, zb), 0.08 if pickets else 0.10, color))
            lines.append(np.array([(xa, y, za), (xb, y, zb)], np.float64))
        for i in range(n + 1):
            t = i / n
            x, z = xa + (xb - xa) * t, za + (zb - za) * t
            if pickets:
                dx, dz = (xb - xa) / length * gap / 2, (zb - za) / length * gap / 2
                ring = [(x - dx, 0.05, z - dz), (x - dx, 0.85 * height, z - dz), (x, height, z),
                        (x + dx, 0.85 * height, z + dz), (x + dx, 0.05, z + dz)]  # fmt: skip
                faces.append(Face(np.array(ring), color, two_sided=True))
            else:
                bars.append(Bar((x, 0, z), (x, height, z), 0.14, color))
        posts = max(2, min(12, round(length / 1.5)))
        for i in range(posts + 1):
            t = i / posts
            x, z = xa + (xb - xa) * t, za + (zb - za) * t
            lines.append(np.array([(x, 0, z), (x, height, z)], np.float64))
    return Model(faces, bars, lines)


def bridge(
    span: float, width: float, rise: float, arches: int, color: RGB, rng: np.random.Generator
) -> Model:
    """A stone bridge across, its arches open; deck along X, foot at y = 0."""
    half = span / 2
    xs = np.linspace(-half * 1.25, half * 1.25, 41)
    deck = rise * (0.75 + 0.45 * np.cos(np.clip(xs / (half * 1.25), -1, 1) * math.pi / 2))
    rail = 0.9
    top = [(x, y + rail, -width / 2) for x, y in zip(xs, deck, strict=True)]
    under: list[tuple[float, float, float]] = []
    openings: list[tuple[float, float, float]] = []
    for k in range(arches):  # from right to left
        a = half - k * span / arches
        b = half - (k + 1) * span / arches
        pier = 0.10 * span / arches
        turn = np.linspace(0, math.pi, 15)
        middle, r = (a + b) / 2, (a - b) / 2 - pier
        lift = min(0.86 * float(np.interp(middle, xs, deck)), 1.3 * r)
        openings.append((middle, r, lift))
        under += [(middle + r * math.cos(t), lift * math.sin(t) ** 0.9, -width / 2) for t in turn]
    front = [*top, (half * 1.25, 0, -width / 2), *under, (-half * 1.25, 0, -width / 2)]
    shade = (0.55 * color[0], 0.55 * color[1], 0.57 * color[2])
    inner: list[Face] = []
    for p, q in pairwise(under):
        ring = [p, q, (q[0], q[1], width / 2), (p[0], p[1], width / 2)]
        inner.append(Face(np.array(ring), shade, two_sided=True))
    coping = [(x, y + rail, -width / 2) for x, y in zip(xs, deck, strict=True)]
    coping += [
        (x, y + rail - 0.22, -width / 2 - 0.05) for x, y in zip(xs[::-1], deck[::-1], strict=True)
    ]
    pale = (min(1.12 * color[0], 1), min(1.12 * color[1], 1), min(1.12 * color[2], 1))
    faces = [
        *inner,
        Face(np.array(front), color, two_sided=True, order=1),
        *_masonry(xs, deck + rail - 0.3, openings, -width / 2 - 0.02, color, rng),
        Face(np.array(coping), pale, two_sided=True, order=3),
    ]
    arcs = [np.array(under[k * 15 : (k + 1) * 15]) for k in range(arches)]
    outline = np.array([(-half * 1.25, 0, -width / 2), *top, (half * 1.25, 0, -width / 2)])
    return Model(faces, (), [outline, *arcs])


def _masonry(
    xs: Points, tops: Points, openings: list[tuple[float, float, float]], z: float, color: RGB,
    rng: np.random.Generator,
) -> list[Face]:  # fmt: skip
    """Stones on the front of a bridge, each a shade of its own, and a ring around each arch.

    Args:
        xs, tops: (n,) up to where there are stones, m.
        openings: middle, half width and height of each arch.
        z: of the front.
    """

    def toned(by: float) -> RGB:
        return (min(by * color[0], 1), min(by * color[1], 1), min(by * color[2], 1))

    faces = []
    high, long = 0.34, 0.75
    for level in range(int(tops.max() / high)):
        y0, y1 = level * high + 0.03, (level + 1) * high - 0.03
        starts = np.arange(xs[0] + (level % 2) * long / 2, xs[-1] - long, long)
        for x0 in starts[rng.random(len(starts)) < 0.75].tolist():
            x1 = x0 + long - 0.06
            if y1 > min(np.interp((x0, x1), xs, tops)):
                continue
            if any(
                min(abs(x0 - m), abs(x1 - m)) < r + 0.4 and y0 < lift + 0.35
                and ((min(abs(x0 - m), abs(x1 - m)) / (r + 0.4)) ** 2
                     + (y0 / (lift + 0.4)) ** 2) < 1
                for m, r, lift in openings
            ):  # fmt: skip
                continue
            ring = [(x0, y0, z), (x0, y1, z), (x1, y1, z), (x1, y0, z)]
            faces.append(Face(np.array(ring), toned(rng.uniform(0.86, 1.12)), order=2))
    for m, r, lift in openings:
        turn = np.linspace(0, math.pi, 12)
        for a, b in pairwise(turn.tolist()):
            ring = [
                (m + (r + d) * math.cos(t), (lift + d) * math.sin(t) ** 0.9, z)
                for t, d in ((a, 0.0), (b, 0.0), (b, 0.38), (a, 0.38))
            ]
            faces.append(
                Face(np.array(ring), toned(rng.uniform(1.0, 1.2)), two_sided=True, order=2)
            )
    return faces
