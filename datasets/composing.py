"""Scenes put together from single doodles, with the truth of what belongs to what.

Doodles are set beside each other on one canvas, in several sizes, some touching or overlapping a
little, drawn one after another; now and then a person comes back to one for its last stroke. What
each stroke belongs to stands in its layer, "1 cat", "2 tree". They are for measuring how
strokes are grouped; scenes with a ground and a sky are made in datasets/scenes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..strokes import Drawing, Stroke

CANVAS = (1000.0, 700.0)
# Longer side of an object, px.
_SIZES = (110.0, 300.0)
# Most that two objects' boxes overlap, of the smaller one's area.
_OVERLAP = 0.05
# Places tried for an object before the scene does without it.
_TRIES = 200
# Probability that an object's last stroke is drawn after the next object.
_LATER = 0.15


def compose_scene(drawings: Sequence[Drawing], rng: np.random.Generator) -> Drawing:
    """A scene of these drawings, as many as find room.

    Args:
        drawings: single doodles of any size, none empty; their labels name the layers.

    Returns:
        a drawing of 1000 x 700 px whose strokes' layers say what they belong to.
    """
    boxes: list[tuple[float, float, float, float]] = []
    objects: list[list[Stroke]] = []
    for drawing in drawings:
        x0, y0, x1, y1 = drawing.bounds
        scale = rng.uniform(*_SIZES) / max(x1 - x0, y1 - y0, 1.0)
        width, height = (x1 - x0) * scale, (y1 - y0) * scale
        for _ in range(_TRIES):
            left, top = rng.uniform(0, CANVAS[0] - width), rng.uniform(0, CANVAS[1] - height)
            box = (left, top, left + width, top + height)
            if all(_overlap(box, other) <= _OVERLAP for other in boxes):
                break
        else:
            continue
        boxes.append(box)
        layer = f"{len(objects) + 1} {drawing.label or 'doodle'}"
        corner = np.array([x0, y0], np.float32)
        place = np.array([left, top], np.float32)
        objects.append(
            [
                Stroke((s.points - corner) * np.float32(scale) + place, layer=layer)
                for s in drawing.strokes
            ]
        )
    strokes: list[Stroke] = []
    waiting: list[Stroke] = []
    for k, own in enumerate(objects):
        later = len(own) > 2 and k + 1 < len(objects) and rng.random() < _LATER
        strokes += own[:-1] if later else own
        strokes += waiting
        waiting = own[-1:] if later else []
    return Drawing(tuple(strokes + waiting), size=CANVAS)


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> float:
    """Shared area of two boxes over that of the smaller."""
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if wide <= 0 or high <= 0:
        return 0.0
    smaller = min((c[2] - c[0]) * (c[3] - c[1]) for c in (a, b))
    return wide * high / max(smaller, 1e-9)
