"""Eyes, mouths, whiskers and ears: what half of all doodles share.

Faces are drawn into the frame the caller set (`Hand.frame`), in units of the
head: its outline is at about -1 and 1.
"""

# Coordinates read best several to a line, so the formatter stays out.
# fmt: off

from __future__ import annotations

import math

from .doodle_hand import Hand


def draw_eyes(hand: Hand, y: float, gap: float, size: float) -> None:
    """A pair of eyes of one kind at height `y`, `gap` between their centres."""
    kind = hand.pick({"dots": 4, "rings": 2, "pupils": 3, "happy": 1.2, "lines": 0.8, "wink": 0.5})
    size = hand.about(size, 0.15)
    for side in (-1, 1):
        draw_eye(hand, side * gap / 2, y, size, "happy" if kind == "wink" and side > 0 else kind)


def draw_eye(hand: Hand, x: float, y: float, size: float, kind: str = "dots") -> None:
    """One eye: "dots", "rings", "pupils", "happy" or "lines"; anything else is a dot."""
    if kind == "rings":
        hand.oval(x, y, size, hand.about(size * 1.15))
    elif kind == "pupils":
        hand.oval(x, y, size * 1.15, hand.about(size * 1.3))
        hand.dot(x + hand.between(-0.3, 0.3) * size, y + 0.2 * size, size * 0.4)
    elif kind == "happy":
        hand.arc(x, y + size * 0.4, size, size * 1.1, 0.52, 0.98)
    elif kind == "lines":
        hand.lines((x, y - size), (x + 0.1 * size, y + size))
    else:
        hand.dot(x, y, size * 0.6)


def draw_smile(hand: Hand, y: float, width: float) -> None:
    """A mouth: a smile mostly, at times an open one, a straight one, or a tongue."""
    kind = hand.pick({"smile": 6, "open": 1.2, "tongue": 0.8, "flat": 0.6, "oh": 0.5})
    deep = hand.between(0.3, 0.8)
    with hand.frame(0, y, width / 2):
        if kind == "oh":
            hand.oval(0, 0.3, 0.45, 0.55)
            return
        if kind == "flat":
            hand.lines((-1, 0), (1, hand.between(-0.1, 0.1)))
            return
        hand.curve((-1, 0), (-0.4, deep), (0.4, deep), (1, 0))
        if kind == "open":
            hand.lines((-1, 0), (1, 0))
        elif kind == "tongue":
            hand.curve((0, deep), (0.05, deep + 0.45), (0.5, deep + 0.4), (0.55, 0.75 * deep))


def draw_muzzle(hand: Hand, y: float, size: float) -> None:
    """A nose and the curves below it, as cats and rabbits have."""
    nose = hand.pick({"triangle": 3, "oval": 2, "dot": 1.5, "none": 0.4})
    mouth = hand.pick({"w": 4, "anchor": 2, "smile": 1.5})
    with hand.frame(0, y, size):
        if nose == "triangle":
            hand.lines((-0.35, -0.18), (0.35, -0.18), (0, 0.28), closed=True)
        elif nose == "oval":
            hand.oval(0, 0, 0.36, 0.24)
        elif nose == "dot":
            hand.dot(0, 0, 0.2)
        if mouth == "w":
            deep, wide = hand.between(0.6, 0.85), hand.between(0.5, 0.9)
            half = 0.5 * wide
            hand.curve((-wide, 0.45), (-half, deep), (0, 0.35), (half, deep), (wide, 0.45))
        elif mouth == "anchor":
            hand.lines((0, 0.2), (0, 0.65))
            hand.curve((-0.6, 0.65), (0, 1), (0.6, 0.65))
        else:
            draw_smile(hand, 0.4, hand.between(0.9, 1.5))


def draw_whiskers(hand: Hand, y: float, inner: float, length: float) -> None:
    """Two or three whiskers to each side, from `inner` outwards."""
    number = hand.count(2, 3)
    spread, droop = hand.between(0.1, 0.3), hand.between(-0.08, 0.1)
    for side in (-1, 1):
        with hand.frame(0, y, side, 1):
            for i in range(number):
                angle = spread * (i - (number - 1) / 2) + droop
                reach = hand.about(length, 0.1)
                begin = (inner, 0.5 * angle * inner)
                end = (inner + reach * math.cos(angle), begin[1] + reach * math.sin(angle))
                middle = (begin[1] + end[1]) / 2 - 0.3 * droop * reach
                hand.curve(begin, ((begin[0] + end[0]) / 2, middle), end)


def draw_pointed_ears(hand: Hand) -> None:
    """Two triangles on a round head, open at the bottom, at times with inner ears."""
    near, outer = hand.between(0.22, 0.42), hand.between(0.85, 1.15)
    height = hand.between(0.3, 0.6)
    inner = hand.chance(0.3)
    for side in (-1, 1):
        with hand.frame(0, 0, side, 1):
            foot_out = (math.sin(outer), -math.cos(outer))
            foot_in = (math.sin(near), -math.cos(near))
            tip = (math.sin(0.9 * outer), -math.cos(near) - height)
            hand.lines(foot_out, tip, foot_in)
            if inner:
                hand.lines(*(_towards(p, foot_out, foot_in) for p in (foot_out, tip, foot_in)))


def _towards(
    point: tuple[float, float], a: tuple[float, float], b: tuple[float, float]
) -> tuple[float, float]:
    """`point` moved two fifths of the way to the middle of a and b."""
    return 0.6 * point[0] + 0.2 * (a[0] + b[0]), 0.6 * point[1] + 0.2 * (a[1] + b[1])
