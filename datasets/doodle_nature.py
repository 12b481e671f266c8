"""Doodles of plants, sky and weather: each function draws one, differently each time."""

# Coordinates read best several to a line, so the formatter stays out.
# fmt: off

from __future__ import annotations

import math

from .doodle_faces import draw_eyes, draw_smile
from .doodle_hand import Hand


def draw_tree(hand: Hand) -> None:
    """A tree: a crown like a cloud, a round one with apples, or a fir."""
    kind = hand.pick({"cloud": 4, "round": 2, "fir": 2.5})
    if kind == "fir":
        _fir(hand)
        return
    r, ry = hand.between(0.5, 0.7), hand.between(0.42, 0.6)
    trunk, flare = hand.between(0.09, 0.18), hand.between(0.0, 0.16)
    crown, foot = ry - 0.95, hand.between(0.75, 1.0)
    top = crown + 0.8 * ry

    def draw_crown() -> None:
        if kind == "cloud":
            points = hand.ring(0, crown, r, ry, hand.count(6, 10))
            hand.scallops(points, hand.between(0.3, 0.5), closed=True)
        else:
            hand.oval(0, crown, r, ry)

    def draw_trunk() -> None:
        for side in (-1, 1):
            with hand.frame(0, 0, side, 1):
                hand.curve((trunk, top), (0.9 * trunk, (top + foot) / 2), (trunk + flare, foot))

    hand.in_some_order(draw_crown, draw_trunk)
    if hand.chance(0.35):  # apples
        for x, y in ((-0.3, 0.2), (0.25, -0.3), (0.35, 0.35), (-0.1, -0.45), (0.0, 0.3)):
            if hand.chance(0.7):
                hand.oval(1.3 * x * r, crown + 1.2 * y * ry, 0.06)
    if hand.chance(0.2):  # a knot-hole
        hand.oval(0, (top + foot) / 2, 0.4 * trunk, 0.6 * trunk)
    if hand.chance(0.4):
        hand.curve((-0.6, foot + 0.02), (0, foot - 0.02), (0.6, foot + 0.03))


def _fir(hand: Hand) -> None:
    tiers, w = hand.count(2, 4), hand.between(0.42, 0.6)
    step = 1.5 / tiers
    if hand.chance(0.5):  # one zigzag down the left and up the right
        left = []
        for i in range(tiers):
            reach = w * (i + 1) / tiers
            left += [(-reach, -0.95 + (i + 1) * step), (-0.45 * reach, -0.97 + (i + 1) * step)]
        left = left[:-1]
        hand.lines((0, -0.95), *left, *((-x, y) for x, y in reversed(left)), closed=True)
    else:
        for i in range(tiers):
            top, reach = -0.95 + 0.85 * i * step, w * (0.55 + 0.45 * (i + 1) / tiers)
            low = top + 1.15 * step
            hand.lines((0, top), (-reach, low), (reach, low), closed=True)
    hand.lines((-0.09, 0.58), (-0.1, 0.9), (0.1, 0.9), (0.09, 0.58))
    if hand.chance(0.25):
        with hand.frame(0, -1.05, 0.14):
            _star_outline(hand)


def draw_flower(hand: Hand) -> None:
    """A flower: petals around a centre, or a tulip, on a stem with leaves."""
    tulip = hand.chance(0.25)
    y, r = -0.45, hand.between(0.14, 0.22)
    if tulip:
        w = hand.between(0.28, 0.4)
        hand.curve(
            (-w, -0.8), (-1.05 * w, -0.35), (-0.6 * w, -0.1), (0, -0.05), (0.6 * w, -0.1),
            (1.05 * w, -0.35), (w, -0.8),
        )
        hand.lines((-w, -0.8), (-0.5 * w, -0.5), (0, -0.9), (0.5 * w, -0.5), (w, -0.8))
        below = -0.05
    else:
        below = _blossom(hand, y, r)
    foot = hand.between(0.8, 1.0)
    bend = hand.between(-0.12, 0.12)
    hand.curve((0, below), (bend, 0.3), (0.5 * bend, foot))
    leaves = hand.count(0, 2)
    for side in (-1, 1)[:leaves]:
        with hand.frame(0.8 * bend, hand.between(0.45, 0.7), side, 1):
            tip = hand.between(-0.4, -0.1)
            hand.curve((0, 0), (0.15, tip), (0.45, tip - 0.05), (0.32, 0.02), (0, 0.05))
    if hand.chance(0.15):
        _pot(hand, foot, 0.35)


def _pot(hand: Hand, rim: float, w: float) -> None:
    hand.lines((-w, rim), (w, rim), (0.72 * w, rim + 0.45), (-0.72 * w, rim + 0.45), closed=True)


def _blossom(hand: Hand, y: float, r: float) -> float:
    """Centre and petals; returns the height at which the stem begins."""
    long, wide = hand.between(0.2, 0.32), hand.between(0.12, 0.2)
    kind = hand.pick({"ovals": 3, "scallops": 3, "loops": 2})

    def centre() -> None:
        hand.oval(0, y, r)
        if hand.chance(0.3):
            with hand.frame(0, y, r):
                draw_eyes(hand, -0.2, 0.8, 0.14)
                draw_smile(hand, 0.25, 0.9)

    number = hand.count(5, 8)
    begin = hand.between(0, 1)

    def petals() -> None:
        if kind == "scallops":
            points = hand.ring(0, y, 1.15 * r + 0.02, 1.15 * r + 0.02, number)
            hand.scallops(points, hand.between(0.8, 1.3), closed=True)
            return
        for i in range(number):
            angle = math.tau * (i + begin) / number
            c, s = math.cos(angle), math.sin(angle)
            if kind == "ovals":
                out = r + 0.9 * long
                hand.oval(c * out, y + s * out, long, wide, tilt=angle)
            else:
                out, half = r + 2 * long, 1.3 * wide
                mid = r + 1.3 * long
                hand.curve(
                    (c * r, y + s * r), (c * mid - s * half, y + s * mid + c * half),
                    (c * out, y + s * out), (c * mid + s * half, y + s * mid - c * half),
                    (c * r, y + s * r),
                )

    hand.in_some_order(centre, petals)
    return y + r + (0.25 if kind == "scallops" else 1.9 * long)


def draw_sun(hand: Hand) -> None:
    """A sun: a disc with rays of one kind, at times a face, at times in a corner."""
    number = hand.count(8, 16)
    inner, outer = hand.between(0.58, 0.68), hand.between(0.85, 1.1)
    kind = hand.pick({"lines": 5, "alternating": 2, "triangles": 2, "waves": 0.7})
    corner = hand.chance(0.12)
    first, last = (0.0, 0.25) if corner else (0.0, 1.0)
    if corner:  # as children draw it, in the corner of the sheet
        hand.arc(0, 0, 0.52, 0.52, -0.01, 0.26)
        number = hand.count(5, 8)
    else:
        hand.oval(0, 0, hand.between(0.45, 0.54), hand.between(0.45, 0.54))
    begin = hand.between(0, 1)
    for i in range(number):
        turn = first + (last - first) * (i + (0.5 if corner else begin)) / number
        reach = outer - (0.16 if kind == "alternating" and i % 2 else 0.0)
        _ray(hand, math.tau * turn, inner, hand.about(reach, 0.05), kind)
    if not corner and hand.chance(0.4):
        with hand.frame(0, 0, 0.5):
            draw_eyes(hand, -0.2, hand.between(0.6, 0.8), 0.12)
            draw_smile(hand, 0.25, hand.between(0.6, 1.1))


def _ray(hand: Hand, angle: float, inner: float, outer: float, kind: str) -> None:
    c, s = math.cos(angle), math.sin(angle)
    if kind == "triangles":
        a, b = angle - 0.16, angle + 0.16
        near = inner - 0.04
        hand.lines(
            (near * math.cos(a), near * math.sin(a)), (outer * c, outer * s),
            (near * math.cos(b), near * math.sin(b)),
        )
    elif kind == "waves":
        w, span = 0.05, outer - inner
        hand.curve(
            (inner * c, inner * s),
            ((inner + span / 3) * c - w * s, (inner + span / 3) * s + w * c),
            ((inner + 2 * span / 3) * c + w * s, (inner + 2 * span / 3) * s - w * c),
            (outer * c, outer * s),
        )
    else:
        hand.lines((inner * c, inner * s), (outer * c, outer * s))


def draw_cloud(hand: Hand) -> None:
    """A cloud: bumps around, often flat below; at times rain or a face."""
    bulge, low = hand.between(0.35, 0.55), 0.4
    if hand.chance(0.5):
        rx, ry = hand.between(0.75, 0.9), hand.between(0.32, 0.48)
        hand.scallops(hand.ring(0, 0, rx, ry, 2 * hand.count(3, 4) + 1), bulge, closed=True)
    else:
        n = hand.count(3, 5)
        turns = (math.pi * (1 + i / n) for i in range(n + 1))
        hand.scallops([(0.85 * math.cos(t), 0.2 + 0.6 * math.sin(t)) for t in turns], bulge)
        hand.curve((-0.85, 0.2), (-0.9, 0.32), (-0.7, 0.38), (0.7, 0.38), (0.92, 0.3), (0.85, 0.2))
    extra = hand.pick({"none": 5, "face": 2, "rain": 1.5, "bolt": 0.7})
    if extra == "face":
        draw_eyes(hand, -0.08, hand.between(0.4, 0.6), 0.07)
        draw_smile(hand, 0.08, 0.3)
    elif extra == "rain":
        for i in range(hand.count(4, 7)):
            x, y = -0.6 + 0.22 * i, low + 0.2 + 0.15 * (i % 2)
            hand.lines((x, y), (x - 0.06, y + 0.2))
    elif extra == "bolt":
        hand.lines(
            (0, low + 0.05), (-0.16, low + 0.35), (0.02, low + 0.33), (-0.1, low + 0.65),
            (0.2, low + 0.22), (0.04, low + 0.24), (0.14, low + 0.05),
        )


def draw_apple(hand: Hand) -> None:
    """An apple: dented above and below, with a stem and a leaf; at times bitten, or inhabited."""
    w, h, dip = hand.between(0.7, 0.88), hand.between(0.72, 0.85), hand.between(0.1, 0.25)
    bitten = hand.chance(0.2)
    with hand.frame(0, 0.1, w, h):
        left = [
            (0, dip - 0.85), (-0.5, -0.98), (-0.95, -0.5), (-0.92, 0.25), (-0.45, 0.95), (0, 0.85),
        ]
        if bitten:
            hand.curve(*left, (0.45, 0.95), (0.85, 0.4))
            hand.scallops([(0.85, 0.4), (0.78, 0.0), (0.85, -0.4)], -0.5)
            hand.curve((0.85, -0.4), (0.5, -0.98), (0, dip - 0.85))
        else:
            right = [(-x, y) for x, y in reversed(left[1:-1])]
            hand.curve(*left, *right, closed=True)
    top, lean = h * (dip - 0.85) + 0.1, hand.between(-0.1, 0.2)
    hand.curve((0, top + 0.08), (0.3 * lean, top - 0.15), (lean, top - 0.32))
    if hand.chance(0.65):
        with hand.frame(0.4 * lean, top - 0.12, hand.between(0.8, 1.2)):
            hand.curve((0, 0), (0.12, -0.2), (0.4, -0.22), (0.28, -0.03), (0.02, 0.02))
            if hand.chance(0.4):
                hand.curve((0.02, 0), (0.18, -0.1), (0.32, -0.17))
    if hand.chance(0.35):  # a gleam
        hand.arc(-0.35 * w, -0.15, 0.22, 0.3, 0.5, 0.7)
    if hand.chance(0.12) and not bitten:  # a worm looks out
        with hand.frame(0.2, 0.2):
            hand.curve((0, 0.08), (0.2, 0.1), (0.3, -0.05), (0.45, -0.1), (0.5, 0.02), (0.36, 0.1),
                       (0.26, 0.22), (0, 0.2))
            hand.dot(0.42, -0.02, 0.03)


def draw_mushroom(hand: Hand) -> None:
    """A toadstool: a cap, a stalk, often spots."""
    w, top = hand.between(0.7, 0.95), hand.between(-0.95, -0.6)
    sag = hand.between(-0.08, 0.16)
    with hand.frame(0, 0, w, 1):
        hand.curve(
            (-1, 0), (-0.85, 0.55 * top), (-0.3, top), (0.3, top), (0.85, 0.55 * top), (1, 0),
        )
        hand.curve((-1, 0), (-0.4, sag), (0.4, sag), (1, 0))
    stalk, foot = hand.between(0.16, 0.3), hand.between(0.6, 0.9)
    belly = hand.between(-0.04, 0.14)
    hand.curve(
        (-stalk, sag), (-stalk - 0.4 * belly, 0.5 * foot), (-stalk - belly, foot), (0, foot + 0.06),
        (stalk + belly, foot), (stalk + 0.4 * belly, 0.5 * foot), (stalk, sag),
    )
    skin = hand.pick({"spots": 4, "plain": 2, "gills": 1})
    if skin == "spots":
        for x, y in ((-0.5, 0.3), (0, 0.7), (0.5, 0.35), (-0.05, 0.25), (-0.3, 0.65), (0.35, 0.7)):
            if hand.chance(0.7):
                hand.oval(x * w, y * top, hand.about(0.09, 0.3))
    elif skin == "gills":
        for x in (-0.55, -0.3, 0.3, 0.55):
            hand.lines((x * w, 0.9 * sag), (0.6 * x * w, sag - 0.12))
    if hand.chance(0.3):
        with hand.frame(0, 0.45 * foot + sag, 0.25):
            draw_eyes(hand, 0, 0.9, 0.15)
            draw_smile(hand, 0.4, 0.7)
    if hand.chance(0.3):
        hand.zigzag((-0.7, foot + 0.02), (-0.3, foot + 0.05), 3, 0.06)


def draw_star(hand: Hand) -> None:
    """A star of five points: an outline, or the pentagram drawn in one go."""
    with hand.frame(0, 0, hand.between(0.85, 0.95)):
        if hand.chance(0.4):
            tips = hand.ring(0, 0, 1, 1, 5)
            begin = hand.count(0, 1) * 3
            hand.lines(*(tips[(begin + 2 * i) % 5] for i in range(5)), closed=True)
            return
        _star_outline(hand)
        if hand.chance(0.3):
            draw_eyes(hand, -0.12, 0.36, 0.07)
            draw_smile(hand, 0.08, 0.3)
    if hand.chance(0.2):  # it twinkles
        for x, y in hand.ring(0, 0, 1.15, 1.15, 5)[1:]:
            hand.lines((-x, -y), (-1.2 * x, -1.2 * y))


def _star_outline(hand: Hand) -> None:
    inner = hand.between(0.36, 0.52)
    tips, dents = hand.ring(0, 0, 1, 1, 5), hand.ring(0, 0, inner, inner, 10)[1::2]
    points = [p for pair in zip(tips, dents, strict=True) for p in pair]
    hand.lines(*points, closed=True)


def draw_moon(hand: Hand) -> None:
    """A crescent, at times with a sleeping face, at times among stars."""
    # Two arcs between the same tips; `opening` in turns, 0.25 is a half disc.
    opening, hollow = hand.between(0.14, 0.22), hand.between(0.15, 0.6)
    x, y = 0.9 * math.cos(math.tau * opening), 0.9 * math.sin(math.tau * opening)
    hand.arc(0, 0, 0.9, 0.9, opening, 1 - opening)
    hand.arc(x, 0, x + 0.9 * hollow, y, 0.25, 0.75)
    if hand.chance(0.3):
        with hand.frame(-0.45 - 0.45 * hollow, 0):
            hand.arc(0.04, -0.2, 0.09, 0.08, 0.0, 0.5)
            hand.curve((-0.02, 0.2), (0.08, 0.27), (0.2, 0.22))
    stars = hand.count(1, 3) if hand.chance(0.4) else 0
    for x, y in ((0.35, -0.3), (0.6, 0.2), (0.2, 0.35))[:stars]:
        with hand.frame(x, y, hand.between(0.1, 0.18)):
            if hand.chance(0.6):
                _star_outline(hand)
            else:
                hand.lines((-1, 0), (1, 0))
                hand.lines((0, -1), (0, 1))


def draw_cactus(hand: Hand) -> None:
    """A cactus with one or two raised arms, prickles, at times a flower, at times a pot."""
    w, top = hand.between(0.18, 0.26), hand.between(-0.95, -0.75)
    foot = 0.7
    with hand.frame(0, 0, w, 1):
        hand.curve((-1, foot), (-1, -0.2), (-1, top + 0.2), (0, top), (1, top + 0.2), (1, -0.2),
                   (1, foot))
    for side in (-1, 1)[: 2 if hand.chance(0.8) else 1]:
        low, high = hand.between(0.05, 0.35), hand.between(-0.55, -0.2)
        with hand.frame(side * w, 0, side, 1):
            hand.curve(
                (0, low), (0.3, low), (0.45, low - 0.15), (0.46, high), (0.34, high - 0.1),
                (0.24, high), (0.22, low - 0.25), (0, low - 0.22),
            )
    prickles = hand.pick({"lines": 3, "ribs": 2, "none": 1})
    if prickles == "lines":
        for i in range(hand.count(5, 9)):
            x, y = hand.between(-0.6, 0.6) * w, top + 0.3 + 0.15 * i
            hand.lines((x, y), (x + 0.06, y - 0.07))
    elif prickles == "ribs":
        for x in (-0.35, 0.35):
            hand.curve((x * w, top + 0.25), (1.1 * x * w, 0), (x * w, 0.55))
    if hand.chance(0.3):
        hand.scallops(hand.ring(0, top - 0.06, 0.09, 0.08, 5), 0.7, closed=True)
    if hand.chance(0.55):
        _pot(hand, foot, 0.45)
        if hand.chance(0.35):
            with hand.frame(0, foot + 0.2, 0.3):
                draw_eyes(hand, -0.1, 0.7, 0.12)
                draw_smile(hand, 0.2, 0.5)
    else:
        hand.curve((-0.8, foot), (0, foot + 0.03), (0.8, foot))


def draw_snowman(hand: Hand) -> None:
    """Two or three balls of snow, with what there was at hand: hat, carrot, buttons, twigs."""
    sizes = (0.3, 0.42) if hand.chance(0.5) else (0.24, 0.32, 0.42)
    y, centres = 0.95, []
    for r in reversed(sizes):
        r = hand.about(r, 0.06)
        centres.append((y - r, r))
        y -= 1.9 * r
    for at, r in centres if hand.chance(0.5) else reversed(centres):
        hand.oval(0, at, r, hand.about(r, 0.06))
    head, r = centres[-1]
    body, rb = centres[-2]
    with hand.frame(0, head, r):
        draw_eyes(hand, -0.25, 0.7, 0.13)
        if hand.chance(0.75):  # a carrot
            nose = hand.between(0.5, 1.1)
            hand.lines((0, -0.05), (nose, 0.12), (0, 0.2), closed=hand.chance(0.5))
        draw_smile(hand, 0.42, 0.7)
        if hand.chance(0.6):
            tall, brim = hand.between(0.6, 1.1), hand.between(0.8, 1.1)
            hand.lines((-brim, -0.8), (brim, -0.8))
            hand.lines((-0.6, -0.8), (-0.55, -0.8 - tall), (0.55, -0.8 - tall), (0.6, -0.8))
    with hand.frame(0, body, rb):
        for i in range(hand.count(2, 3) if hand.chance(0.75) else 0):
            hand.dot(0, -0.45 + 0.4 * i, 0.09)
        if hand.chance(0.65):
            lift = hand.between(-0.7, 0.1)
            for side in (-1, 1):
                with hand.frame(side * 0.95, -0.2, side, 1):
                    hand.lines((0, 0), (0.9, lift))
                    hand.lines((0.65, 0.75 * lift), (0.95, 0.75 * lift - 0.25))
    if hand.chance(0.3):  # a scarf
        neck = (head + r + body - rb) / 2
        hand.curve((-0.8 * r, neck - 0.03), (0, neck + 0.06), (0.8 * r, neck - 0.03))
        with hand.frame(0.5 * r, neck):
            hand.lines((-0.03, 0), (0, 0.35), (0.08, 0.33), (0.05, 0))
