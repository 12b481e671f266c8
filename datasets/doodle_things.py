"""Doodles of made things: each function draws one, differently each time."""

# Coordinates read best several to a line, so the formatter stays out.
# fmt: off

from __future__ import annotations

import math
from functools import partial

from .doodle_faces import draw_eyes, draw_smile
from .doodle_hand import Hand


def draw_house(hand: Hand) -> None:
    """A house: walls, a roof, a door, windows, at times a smoking chimney."""
    w, floor = hand.between(0.55, 0.8), hand.between(0.7, 0.9)
    eaves, ridge = hand.between(-0.25, 0.0), hand.between(-0.95, -0.65)
    over = hand.between(0.0, 0.2)

    def walls() -> None:
        if hand.chance(0.4):
            hand.lines((-w, eaves), (-w, floor), (w, floor), (w, eaves))
        else:
            hand.lines((-w, eaves), (w, eaves), (w, floor), (-w, floor), closed=True)

    def roof() -> None:
        hand.lines((-w - over, eaves), (0, ridge), (w + over, eaves), closed=hand.chance(0.6))

    if hand.chance(0.15):  # all in one line, as fast as it goes
        hand.lines((-w, floor), (-w, eaves), (0, ridge), (w, eaves), (w, floor), closed=True)
    elif hand.chance(0.7):
        walls()
        roof()
    else:
        roof()
        walls()
    door = hand.between(-0.4, 0.25) * w
    parts = [lambda: _door(hand, door, floor, 0.28 * w, hand.between(0.5, 0.65) * (floor - eaves))]
    size = hand.between(0.13, 0.18)
    high = eaves + hand.between(0.25, 0.4) * (floor - eaves)
    for x in (-0.6 * w, 0.62 * w):
        if abs(x - door) > 0.2 * w + size and hand.chance(0.85):
            parts.append(partial(_window, hand, x, high, size))
    if hand.chance(0.2):
        parts.append(lambda: hand.oval(0, (eaves + 0.6 * ridge) / 1.6, 0.1))
    if hand.chance(0.5):
        parts.append(lambda: _chimney(hand, 0.55 * w, eaves, ridge))
    hand.in_some_order(*parts)


def _door(hand: Hand, x: float, floor: float, width: float, height: float) -> None:
    a, b, top = x - width / 2 - 0.05, x + width / 2 + 0.05, floor - height
    if hand.chance(0.25):
        hand.curve((a, floor), (a, top + 0.15), (x, top), (b, top + 0.15), (b, floor))
    else:
        hand.lines((a, floor), (a, top), (b, top), (b, floor))
    if hand.chance(0.6):
        hand.dot(b - 0.05, floor - 0.45 * height, 0.02)


def _window(hand: Hand, x: float, y: float, r: float) -> None:
    if hand.chance(0.2):
        hand.oval(x, y, r)
    else:
        hand.lines((x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r), closed=True)
    if hand.chance(0.75):
        hand.lines((x, y - r), (x, y + r))
        hand.lines((x - r, y), (x + r, y))


def _chimney(hand: Hand, x: float, eaves: float, ridge: float) -> None:
    slope = eaves - ridge
    left, right = eaves - 0.52 * slope, eaves - 0.3 * slope
    top = ridge - 0.05
    hand.lines((x - 0.08, left), (x - 0.08, top), (x + 0.1, top), (x + 0.1, right))
    smoke = hand.pick({"none": 1, "curl": 2, "puffs": 1})
    if smoke == "curl":
        hand.curve(
            (x, top - 0.05), (x + 0.12, top - 0.15), (x - 0.05, top - 0.25), (x + 0.15, top - 0.38),
            (x + 0.05, top - 0.5),
        )
    elif smoke == "puffs":
        for i in range(3):
            hand.oval(x + 0.05 + 0.1 * i, top - 0.12 - 0.17 * i, 0.06 + 0.025 * i, 0.05 + 0.02 * i)


def draw_car(hand: Hand) -> None:
    """A car from the side: a body with a cabin, two wheels, windows."""
    wheel, deck, sill = hand.between(0.17, 0.24), hand.between(-0.1, 0.05), 0.35
    roof = hand.between(-0.55, -0.4)
    rear, front = hand.between(-0.7, -0.5), hand.between(0.35, 0.55)
    kind = hand.pick({"one line": 3, "box and cabin": 2, "round": 2})
    if kind == "one line":
        hand.lines(
            (-0.98, sill), (-0.98, deck), (rear, deck - 0.02), (rear + 0.18, roof),
            (front - 0.25, roof), (front, deck - 0.02), (0.9, deck + 0.04), (1, sill), closed=True,
        )
    elif kind == "box and cabin":
        hand.lines((-1, deck), (1, deck), (1, sill), (-1, sill), closed=True)
        hand.lines((rear, deck), (rear + 0.15, roof), (front - 0.2, roof), (front, deck))
    else:
        hand.curve(
            (-0.98, sill), (-1, 0.1), (-0.75, -0.1), (-0.4, roof), (0.1, roof), (0.5, -0.1),
            (0.95, 0.05), (1, sill),
        )
        hand.lines((-0.98, sill), (1, sill))
    hub = hand.chance(0.5)
    for x in (-0.52, 0.55):
        hand.oval(x, sill, wheel)
        if hub:
            hand.oval(x, sill, 0.4 * wheel)
    mid, top, low = (rear + front) / 2, roof + 0.08, deck - 0.06
    parts = []
    if hand.chance(0.8):
        rear_pane = (rear + 0.12, low), (rear + 0.22, top), (mid - 0.04, top), (mid - 0.04, low)
        front_pane = (mid + 0.04, low), (mid + 0.04, top), (front - 0.28, top), (front - 0.12, low)
        parts.append(lambda: hand.lines(*rear_pane, closed=True))
        parts.append(lambda: hand.lines(*front_pane, closed=True))
    if hand.chance(0.4):
        parts.append(lambda: hand.oval(0.93, deck + 0.15, 0.05, 0.06))
    if hand.chance(0.4):
        parts.append(lambda: hand.lines((mid + 0.1, deck + 0.1), (mid + 0.22, deck + 0.1)))
    if hand.chance(0.15):  # exhaust
        parts.append(lambda: hand.spiral(-1.2, sill - 0.05, 0.09, 1.5))
    if parts:
        hand.in_some_order(*parts)


def draw_sailboat(hand: Hand) -> None:
    """A sailing boat: a hull, a mast, one or two sails, waves."""
    hull, deep = hand.between(0.6, 0.85), hand.between(0.28, 0.4)
    deck, top = 0.35, hand.between(-1.0, -0.8)
    with hand.frame(0, deck, hull, deep):
        if hand.chance(0.6):
            hand.lines((-1, 0), (1, 0), (0.65, 1), (-0.65, 1), closed=True)
        else:
            hand.curve((-1, 0), (-0.6, 0.9), (0.5, 1), (1, 0))
            hand.lines((-1, 0), (1, 0))
    hand.lines((0, deck), (0, top))
    big, small = hand.between(0.5, 0.75), hand.between(0.35, 0.5)

    def main_sail() -> None:
        if hand.chance(0.35):
            hand.curve((0.04, top + 0.05), (0.7 * big, -0.3), (big, 0.18))
            hand.lines((big, 0.18), (0.04, 0.2))
        else:
            hand.lines((0.04, top + 0.05), (big, 0.18), (0.04, 0.2), closed=True)

    def jib() -> None:
        hand.lines((-0.04, top + 0.2), (-small, 0.18), (-0.04, 0.2), closed=True)

    if hand.chance(0.7):
        hand.in_some_order(main_sail, jib)
    else:
        main_sail()
    if hand.chance(0.4):
        wave = hand.between(0.02, 0.06)
        hand.curve((0, top), (0.1, top - wave), (0.2, top + 0.08), (0.02, top + 0.12))
    if hand.chance(0.55):
        water = deck + deep + 0.04
        bumps = hand.count(8, 12)
        crests = ((-0.95 + 1.9 * i / bumps, 0.05 if i % 2 else -0.03) for i in range(bumps + 1))
        hand.curve(*((x, water + y) for x, y in crests))


def draw_umbrella(hand: Hand) -> None:
    """An umbrella: a dome, scallops below, a stick with a hook."""
    w, top, rim = hand.between(0.8, 0.98), hand.between(-0.85, -0.65), hand.between(-0.1, 0.05)
    ribs = hand.count(2, 5)
    with hand.frame(0, rim, w, rim - top):
        hand.curve((-1, 0), (-0.75, -0.68), (0, -1), (0.75, -0.68), (1, 0))
        feet = [(-1 + 2 * i / ribs, 0.0) for i in range(ribs + 1)]
        edge = hand.pick({"scallops": 4, "flat": 1, "outward": 0.7})
        if edge == "flat":
            hand.lines((-1, 0), (1, 0))
        else:
            hand.scallops(feet, 0.22 if edge == "scallops" else -0.2)
        if ribs > 2 and hand.chance(0.7):
            for x, _ in feet[1:-1]:
                hand.curve((0, -1), (0.7 * x, -0.6), (x, 0))
    hook, foot = hand.between(0.1, 0.18), hand.between(0.7, 0.85)
    hand.curve(
        (0, rim), (0, 0.5 * foot), (0, foot), (hook, foot + 0.15), (2 * hook, foot),
        (2 * hook, foot - 0.08),
    )
    if hand.chance(0.6):
        hand.lines((0, top), (0, top - 0.15))
    if hand.chance(0.2):  # rain
        for x, y in ((-0.8, -0.9), (-0.45, -1.1), (0.4, -1.1), (0.75, -0.95), (0.9, -0.6)):
            hand.lines((x, y), (x - 0.04, y + 0.14))


def draw_ice_cream(hand: Hand) -> None:
    """An ice cream: a cone, one to three scoops, a cherry now and then."""
    w = hand.between(0.32, 0.42)
    scoops = hand.count(1, 3)
    tip, mouth = 0.95, hand.between(-0.05, 0.1) + 0.12 * (scoops - 1)
    drips = hand.chance(0.4)
    hand.lines((-w, mouth), (0, tip), (w, mouth), closed=not drips)
    y = mouth
    for i in range(scoops):
        r = w * (1.08 - 0.1 * i)
        if i == 0 and drips:
            hand.arc(0, y - 0.12, r, r, 0.48, 1.02)
            feet = [(r - 2 * r * k / 4, y - 0.02) for k in range(5)]
            hand.scallops(feet, 0.4)
        else:
            hand.arc(0, y - 0.1, r, r, 0.42, 1.08)
        y -= 1.15 * r
    if hand.chance(0.4):
        hand.oval(0, y - 0.18, 0.09)
        hand.curve((0.01, y - 0.26), (0.04, y - 0.38), (0.14, y - 0.46))
    if hand.chance(0.65):  # the waffle
        for share in (0.35, 0.65):  # each line is parallel to the far side of the cone
            for side in (-1, 1):
                with hand.frame(0, mouth, side * w, tip - mouth):
                    hand.lines((share - 1, share), (2 * share - 0.95, 0.05))
    if hand.chance(0.25):  # sprinkles
        for _ in range(hand.count(3, 6)):
            x, at = hand.between(-0.6, 0.6) * w, mouth - hand.between(0.15, 0.35)
            hand.lines((x, at), (x + 0.05, at + hand.between(-0.05, 0.05)))
    elif hand.chance(0.25):
        with hand.frame(0, mouth - 0.2, w):
            draw_eyes(hand, 0, 0.7, 0.13)
            draw_smile(hand, 0.25, 0.5)


def draw_hot_air_balloon(hand: Hand) -> None:
    """A hot air balloon: an envelope narrowing below, stripes, ropes and a basket."""
    r, neck = hand.between(0.6, 0.75), hand.between(0.12, 0.2)
    hand.curve(
        (-neck, 0.35), (-0.85 * r, -0.05), (-r, -0.45), (-0.6 * r, -0.9), (0, -1), (0.6 * r, -0.9),
        (r, -0.45), (0.85 * r, -0.05), (neck, 0.35),
    )
    hand.lines((-neck, 0.35), (neck, 0.35))
    basket = hand.between(0.6, 0.7)
    half = neck * hand.between(1.0, 1.6)
    for side in (-1, 1):
        hand.lines((side * neck, 0.35), (side * half, basket))
    with hand.frame(0, basket, half, 0.28):
        hand.lines((-1, 0), (1, 0), (0.8, 1), (-0.8, 1), closed=True)
    skin = hand.pick({"stripes": 4, "bands": 1.5, "zigzag": 1, "none": 1})
    if skin == "stripes":
        for x in (-0.45, 0.0, 0.45) if hand.chance(0.5) else (-0.3, 0.3):
            hand.curve((0.3 * x * r, -0.98), (x * r * 1.3, -0.45), (x * r, 0), (2 * x * neck, 0.35))
    elif skin == "bands":
        for y in (-0.65, -0.25):
            hand.curve((-0.9 * r, y), (0, y + 0.1), (0.9 * r, y))
    elif skin == "zigzag":
        hand.zigzag((-0.92 * r, -0.4), (0.92 * r, -0.4), hand.count(4, 6), 0.1)
    if hand.chance(0.15):  # someone aboard
        hand.oval(0, basket - 0.1, 0.07)


def draw_coffee_cup(hand: Hand) -> None:
    """A cup: straight or round, a handle, steam, at times a saucer."""
    w, base = hand.between(0.5, 0.65), hand.between(0.35, 0.55)
    top, low = -0.3, hand.between(0.5, 0.7)
    rim = hand.between(0.08, 0.16)
    hand.oval(0, top, w, rim)
    if hand.chance(0.5):
        hand.lines((-w, top), (-base, low), (base, low), (w, top))
    else:
        with hand.frame(0, 0, w, 1):
            hand.curve((-1, top), (-0.95, 0.2), (-0.55, low), (0.55, low), (0.95, 0.2), (1, top))
    reach = hand.between(0.28, 0.4)
    for shrink in (1.0, 0.62)[: 2 if hand.chance(0.5) else 1]:
        hand.arc(0.9 * w, 0.1, shrink * reach, shrink * 0.3, -0.27, 0.27)
    if hand.chance(0.7):
        wave = hand.between(0.05, 0.1)
        for x in (-0.25, 0.0, 0.25)[: hand.count(2, 3)]:
            hand.curve((x, -0.5), (x + wave, -0.62), (x - wave, -0.76), (x + wave, -0.9))
    if hand.chance(0.35):
        hand.curve((-0.9, low), (-0.6, low + 0.14), (0.6, low + 0.14), (0.9, low))
    if hand.chance(0.3):
        with hand.frame(0, 0.15, 0.5):
            draw_eyes(hand, -0.15, 0.7, 0.1)
            draw_smile(hand, 0.15, 0.4)


def draw_smiley_face(hand: Hand) -> None:
    """A round face, mostly smiling; at times with cheeks, hair or a hat."""
    with hand.frame(0, 0, hand.between(0.8, 0.95)):
        hand.oval(0, 0, 1, hand.about(1, 0.05))
        kind = hand.pick({"smile": 5, "grin": 2, "corners": 1.5, "tongue": 1})
        hand.in_some_order(
            lambda: draw_eyes(hand, hand.between(-0.4, -0.25), hand.between(0.55, 0.85), 0.11),
            lambda: _big_smile(hand, kind),
        )
        if hand.chance(0.15):
            hand.dot(0, 0, 0.06)
        extra = hand.pick({"none": 6, "cheeks": 1, "hair": 1.2, "hat": 0.6})
        if extra == "cheeks":
            for side in (-1, 1):
                hand.oval(side * 0.62, 0.12, 0.12, 0.08)
        elif extra == "hair":
            for x in (-0.25, 0.0, 0.25):
                hand.curve((x, -0.97), (1.3 * x, -1.15), (1.3 * x + 0.12, -1.25))
        elif extra == "hat":
            hand.lines((-0.5, -0.85), (0.05, -1.6), (0.5, -0.85))
            hand.scallops(hand.ring(0.05, -1.66, 0.1, 0.1, 6), 0.5, closed=True)


def _big_smile(hand: Hand, kind: str) -> None:
    w, deep = hand.between(0.42, 0.65), hand.between(0.25, 0.45)
    with hand.frame(0, 0.2, w, 1):
        hand.curve((-1, 0), (-0.5, 0.8 * deep), (0, deep), (0.5, 0.8 * deep), (1, 0))
        if kind == "grin":
            hand.curve((-1, 0), (0, 0.03), (1, 0))
            if hand.chance(0.4):
                for x in (-0.4, 0.0, 0.4):
                    hand.lines((x, 0.02), (x, 0.9 * deep))
        elif kind == "corners":
            for side in (-1, 1):
                hand.lines((side * 1.1, 0.06), (side * 0.9, -0.06))
        elif kind == "tongue":
            low = deep + 0.2
            hand.curve((0.1, 0.97 * deep), (0.15, low), (0.4, low), (0.45, 0.85 * deep))


def draw_light_bulb(hand: Hand) -> None:
    """A light bulb: glass, filament, screw base, mostly lit."""
    r, neck = hand.between(0.48, 0.58), hand.between(0.18, 0.24)
    hand.curve(
        (-neck, 0.45), (-0.6 * r, 0.2), (-r, -0.2), (-0.7 * r, -0.65), (0, -0.82), (0.7 * r, -0.65),
        (r, -0.2), (0.6 * r, 0.2), (neck, 0.45),
    )
    hand.lines((-neck, 0.45), (neck, 0.45), (0.9 * neck, 0.78), (-0.9 * neck, 0.78), closed=True)
    for y in (0.55, 0.66)[: hand.count(1, 2)]:
        hand.lines((-neck, y), (neck, y + 0.03))
    hand.arc(0, 0.8, 0.12, 0.1, 0.0, 0.5)
    kind = hand.pick({"loop": 2, "zigzag": 2, "face": 1.2, "none": 1})
    if kind == "loop":
        hand.curve(
            (-0.1, 0.45), (-0.14, 0.0), (-0.24, -0.2), (-0.12, -0.3), (0.0, -0.1), (0.12, -0.3),
            (0.24, -0.2), (0.14, 0.0), (0.1, 0.45),
        )
    elif kind == "zigzag":
        hand.lines(
            (-0.1, 0.45), (-0.15, -0.05), (-0.07, -0.2), (0, -0.05), (0.07, -0.2), (0.15, -0.05),
            (0.1, 0.45),
        )
    elif kind == "face":
        with hand.frame(0, -0.25, r):
            draw_eyes(hand, -0.1, 0.7, 0.12)
            draw_smile(hand, 0.25, 0.6)
    if hand.chance(0.55):
        for i in range(7):
            angle = math.pi * (0.95 + 1.1 * i / 6)
            c, s = math.cos(angle), math.sin(angle)
            inner, outer = r + 0.2, hand.about(r + 0.42, 0.05)
            hand.lines((inner * c, -0.22 + inner * s * 1.15), (outer * c, -0.22 + outer * s * 1.15))
