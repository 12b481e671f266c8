"""A church: a nave as of a house, and a tower with a spire at one end."""

from __future__ import annotations

import math

import numpy as np

from .buildings import GLASS, LAMP, STONE, house
from .mesh import RGB, Face, Model, box

# Orders of the tower's faces when it stands behind the nave, and before it.
BEHIND, BEFORE = -10, 10


def church(
    length: float, wall: str, roof: str, spire: RGB, turn: float, rng: np.random.Generator,
    *, lit: float = 0.0, snow: bool = False,
) -> Model:  # fmt: skip
    """A church whose nave runs along X, the tower at its left end.

    Args:
        length: of the nave, m.
        wall, roof: colours of the nave; `spire`: of the tower's roof.
        turn: how it will be turned, radians, which says whether the tower is behind the nave.
        lit: share of the windows with light in them.
    """
    depth, walls, rise = 0.55 * length, 0.36 * length, 0.34 * length
    nave = house(length, depth, walls, rise, wall, roof, rng, lit=lit, snow=snow, chimney=False)
    side = 0.34 * length
    x = -length / 2 - 0.42 * side
    high = walls + 1.15 * rise
    order = BEHIND if math.sin(turn) > 0 else BEFORE
    # Of one stone with the nave where that is pale, else of its own.
    stone = tuple(0.5 * a + 0.5 * b for a, b in zip(STONE, (0.93, 0.89, 0.82), strict=True))
    tone: RGB = (stone[0], stone[1], stone[2])
    faces = [*nave.faces, *box(x, 0, 0, side, high, side, tone, order=order)]
    o = side / 2 + 0.25
    peak = (x, high + 2.3 * side, 0.0)
    ring = [(x - o, high, -o), (x + o, high, -o), (x + o, high, o), (x - o, high, o)]
    cap: RGB = (0.92, 0.94, 0.97) if snow else spire
    for a, b in zip(ring, [*ring[1:], ring[0]], strict=True):
        faces.append(Face(np.array([a, peak, b]), cap, order=order + 1))
    glow = rng.random() < lit
    for z in (-side / 2 - 0.03, side / 2 + 0.03):
        low, top = 0.72 * high, 0.90 * high
        pane = [(x - 0.16 * side, low, z), (x - 0.16 * side, top, z), (x, top + 0.12 * side, z),
                (x + 0.16 * side, top, z), (x + 0.16 * side, low, z)]  # fmt: skip
        pane = pane if z < 0 else pane[::-1]
        color, light = (LAMP, 0.9) if glow else (GLASS, 0.1)
        faces.append(Face(np.array(pane), color, light, order=order + 2))
    z = -side / 2
    left, right = x - side / 2, x + side / 2
    lines = [
        *nave.lines,
        np.array([(left, 0, z), (left, high, z), (x, high + 2.3 * side, z), (right, high, z),
                  (right, 0, z)]),
        np.array([(left, high, z), (right, high, z)]),
    ]  # fmt: skip
    return Model(faces, (), lines)
