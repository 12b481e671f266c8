"""Doodles of animals: each function draws one, differently each time."""

# Coordinates read best several to a line, so the formatter stays out.
# fmt: off

from __future__ import annotations

import math
from functools import partial

from .doodle_faces import (
    draw_eye,
    draw_eyes,
    draw_muzzle,
    draw_pointed_ears,
    draw_smile,
    draw_whiskers,
)
from .doodle_hand import Hand


def draw_cat(hand: Hand) -> None:
    """A cat: mostly its face, at times sitting or walking."""
    pose = hand.pick({"face": 6, "sitting": 2.5, "walking": 1.5})
    if pose == "face":
        with hand.frame(0, 0.1, hand.between(0.75, 0.9)):
            _cat_face(hand, whiskers=0.85)
    elif pose == "sitting":
        _sitting_cat(hand)
    else:
        _walking_cat(hand)


def _cat_face(hand: Hand, whiskers: float) -> None:
    with hand.frame(0, 0, 1, hand.between(0.75, 1.0)):
        if hand.chance(0.35):  # head and ears in one line, as those do who draw it often
            ear = hand.between(0.45, 0.75)
            hand.lines(
                (-0.3, -0.85), (-0.75, -0.85 - ear), (-0.92, -0.3), (-0.95, 0.3), (-0.55, 0.85),
                (0, 1), (0.55, 0.85), (0.95, 0.3), (0.92, -0.3), (0.75, -0.85 - ear), (0.3, -0.85),
                closed=True,
            )
        else:
            hand.oval(0, 0, 1)
            draw_pointed_ears(hand)
    parts = [
        lambda: draw_eyes(hand, -0.16, hand.between(0.7, 0.95), 0.14),
        lambda: draw_muzzle(hand, 0.2, 0.3),
    ]
    if hand.chance(whiskers):
        parts.append(lambda: draw_whiskers(hand, 0.25, 0.42, hand.between(0.6, 1)))
    hand.in_some_order(*parts)


def _sitting_cat(hand: Hand) -> None:
    r, w = hand.between(0.34, 0.42), hand.between(0.42, 0.55)
    with hand.frame(0, -0.5, r):
        _cat_face(hand, whiskers=0.7)
    neck, foot = -0.5 + 0.75 * r, 0.95
    hand.curve(
        (-0.6 * r, neck), (-0.85 * w, 0.3), (-w, foot - 0.2), (-0.7 * w, foot),
        (0.7 * w, foot), (w, foot - 0.2), (0.85 * w, 0.3), (0.6 * r, neck),
    )
    if hand.chance(0.8):
        for at in (-0.12, 0.14):
            hand.curve((at, 0.45), (at - 0.01, 0.75), (at + 0.01, foot))
    with hand.frame(w, foot, hand.between(0.7, 1.1), 1):
        hand.curve((0, -0.12), (0.35, -0.1), (0.4, -0.5), (0.25, -0.65), (0.5, -0.83))


def _walking_cat(hand: Hand) -> None:
    hand.oval(0, 0.15, hand.between(0.55, 0.7), hand.between(0.26, 0.34))
    with hand.frame(0.68, -0.3, hand.between(0.3, 0.36)):
        _cat_face(hand, whiskers=0.6)
    _legs(hand, (-0.42, -0.25, 0.25, 0.42), 0.38, hand.between(0.75, 0.9))
    tail = hand.between(-0.75, -0.3)
    hand.curve((-0.58, 0.1), (-0.85, -0.05), (-0.85, 0.6 * tail), (-0.72, tail))


def _legs(hand: Hand, places: tuple[float, ...], top: float, bottom: float) -> None:
    wide = hand.chance(0.45)
    for x in places:
        if wide:
            hand.lines((x - 0.05, top), (x - 0.05, bottom), (x + 0.07, bottom), (x + 0.06, top))
        else:
            hand.lines((x, top), (x + hand.between(-0.04, 0.04), bottom))


def draw_dog(hand: Hand) -> None:
    """A dog: a face with hanging ears, or the whole animal from the side."""
    if hand.chance(0.6):
        _dog_face(hand)
    else:
        _standing_dog(hand)


def _dog_face(hand: Hand) -> None:
    r, ry = hand.between(0.58, 0.7), hand.between(0.68, 0.85)
    hand.oval(0, 0, r, ry)
    drop, wide, lift = hand.between(0.7, 1.2), hand.between(0.2, 0.36), hand.between(-0.15, 0.15)
    for side in (-1, 1):
        with hand.frame(side * 0.62 * r, -0.78 * ry, side, 1):
            hand.curve(
                (0, 0), (wide + 0.15, 0.1 - lift), (wide + 0.2, 0.8 * drop), (0.9 * wide, drop),
                (0.16, 0.6 * drop),
            )
    hand.in_some_order(
        lambda: draw_eyes(hand, -0.22, hand.between(0.45, 0.6), 0.1),
        lambda: _dog_muzzle(hand),
    )
    if hand.chance(0.2):  # a patch around one eye
        hand.oval(0.26, -0.22, 0.2, 0.24)


def _dog_muzzle(hand: Hand) -> None:
    with hand.frame(0, 0.15, hand.between(0.85, 1.2)):
        hand.oval(0, 0, hand.between(0.11, 0.16), 0.09)
        hand.lines((0, 0.09), (0, 0.24))
        hand.curve((-0.3, 0.2), (-0.16, 0.33), (0, 0.24), (0.16, 0.33), (0.3, 0.2))
        if hand.chance(0.55):
            hand.curve((-0.1, 0.3), (-0.1, 0.5), (0.02, 0.56), (0.12, 0.48), (0.11, 0.3))


def _standing_dog(hand: Hand) -> None:
    belly, foot = hand.between(0.25, 0.35), hand.between(0.6, 0.85)
    with hand.frame(0, 0, hand.between(0.8, 1.1), 1):
        # From the neck along the back to the rump, down, and back along the belly.
        hand.curve(
            (0.4, -0.1), (0, -0.06), (-0.55, -0.1), (-0.68, 0.1), (-0.6, belly), (0, belly + 0.02),
            (0.5, belly), (0.6, 0.1),
        )
        _legs(hand, (-0.55, -0.38, 0.32, 0.48), belly, foot)
        lift = hand.between(-0.75, -0.3)
        hand.curve((-0.64, -0.04), (-0.85, -0.2), (-0.95, lift))
    snout = hand.between(0.85, 1.1)
    with hand.frame(0.4, -0.1, hand.between(0.9, 1.15)):
        hand.curve(
            (0, 0), (0.02, -0.4), (0.2, -0.55), (0.38, -0.35), (snout - 0.43, -0.26),
            (snout - 0.4, -0.1), (0.4, -0.02), (0.22, 0.2),
        )
        hand.in_some_order(
            lambda: hand.curve((0.12, -0.5), (-0.02, -0.35), (0.02, -0.1), (0.16, -0.2)),
            lambda: draw_eye(hand, 0.31, -0.33, 0.06),
            lambda: hand.dot(snout - 0.42, -0.21, 0.06),
            lambda: hand.curve((0.42, -0.1), (0.5, -0.12), (0.57, -0.15)),
        )
        if hand.chance(0.3):
            hand.lines((0.02, 0.0), (0.24, 0.1))  # a collar


def draw_rabbit(hand: Hand) -> None:
    """A rabbit: face with long ears, often one bent; at times with a body."""
    whole = hand.chance(0.4)
    y, r = (-0.12, hand.between(0.32, 0.4)) if whole else (0.38, 0.56)
    with hand.frame(0, y, r):
        ry = hand.between(0.85, 1.05)
        hand.oval(0, 0, 1, ry)
        length, bent = hand.between(1.3, 2.0), hand.chance(0.25)
        wide, inner = hand.between(0.28, 0.42), hand.chance(0.45)
        for side in (-1, 1):
            with hand.frame(side * 0.42, -0.9 * ry, side, 1):
                _rabbit_ear(hand, length, wide, inner, bent and side > 0)
        hand.in_some_order(
            lambda: draw_eyes(hand, -0.15, 0.8, 0.15),
            lambda: draw_muzzle(hand, 0.2, 0.3),
        )
        if hand.chance(0.45):
            draw_whiskers(hand, 0.25, 0.4, 0.7)
        if hand.chance(0.4):  # the two teeth
            hand.lines((-0.12, 0.6), (-0.12, 0.84), (0.12, 0.84), (0.12, 0.6))
            hand.lines((0, 0.6), (0, 0.84))
    if whole:
        with hand.frame(0, y + r * ry, hand.between(0.85, 1.1), 1):
            _rabbit_body(hand)


def _rabbit_ear(hand: Hand, length: float, wide: float, inner: bool, bent: bool) -> None:
    lean = hand.between(0.0, 0.3) * length
    if bent:
        hand.curve(
            (-wide, 0), (-wide, -0.6 * length), (0.3, -0.85 * length), (1.1, -0.45 * length),
            (0.5, -0.5 * length), (wide, 0.1),
        )
        return
    hand.curve(
        (-wide, 0), (lean - 1.2 * wide, -0.6 * length), (lean, -length),
        (lean + 1.2 * wide, -0.6 * length), (wide, 0.1),
    )
    if inner:
        hand.curve(
            (0, -0.1 * length), (lean - 0.4 * wide, -0.6 * length), (lean, -0.8 * length),
            (lean + 0.5 * wide, -0.5 * length), (0.3 * wide, -0.1 * length),
        )


def _rabbit_body(hand: Hand) -> None:
    """Below the chin at (0, 0)."""
    hand.oval(0, 0.42, 0.44, 0.46)
    if hand.chance(0.4):
        hand.oval(0, 0.48, 0.24, 0.28)
    for side in (-1, 1):
        hand.oval(side * 0.24, 0.88, 0.2, 0.09)
    if hand.chance(0.6):
        hand.scallops(hand.ring(0.5, 0.6, 0.12, 0.12, 6), 0.4, closed=True)
    if hand.chance(0.4):
        for side in (-1, 1):
            hand.curve((side * 0.38, 0.2), (side * 0.2, 0.32), (side * 0.15, 0.22))


def draw_bird(hand: Hand) -> None:
    """A bird: perched, or a plump chick from the front."""
    if hand.chance(0.3):
        _chick(hand)
        return
    tail, breast = hand.between(-0.3, 0.1), hand.between(0.35, 0.55)
    # Forehead, back, tail, belly, breast: one line around.
    hand.curve(
        (0.75, -0.35), (0.55, -0.62), (0.25, -0.5), (0.05, -0.2), (-0.45, 0.0), (-0.88, tail - 0.1),
        (-0.9, tail + 0.15), (-0.4, 0.35), (0.1, breast), (0.55, 0.25), (0.72, -0.1), closed=True,
    )
    beak = hand.between(0.18, 0.35)
    kind = hand.pick({"dots": 2, "rings": 1, "pupils": 1})
    folded = hand.chance(0.7)
    lift = hand.between(0.6, 1.0)
    hand.in_some_order(
        lambda: hand.lines((0.72, -0.46), (0.75 + beak, -0.33), (0.74, -0.24)),
        lambda: draw_eye(hand, 0.52, -0.38, 0.07, kind),
        lambda: hand.curve((0.25, -0.05), (0.1, 0.22), (-0.35, 0.2), (-0.5, 0.05), (-0.1, -0.08))
        if folded
        else hand.curve((0.2, -0.2), (0.1, -lift), (-0.3, -lift - 0.1), (-0.3, -0.4), (-0.35, 0)),
        lambda: _bird_legs(hand, (-0.05, 0.18), breast - 0.02, hand.between(0.72, 0.9)),
    )
    if hand.chance(0.25):  # a crest
        for i in range(3):
            with hand.frame(0.42 + 0.08 * i, -0.6):
                hand.curve((0, 0), (-0.05, -0.15), (-0.14, -0.2))
    if hand.chance(0.2):  # a branch to sit on
        hand.curve((-0.9, 0.92), (0, 0.86), (0.9, 0.92))
    elif hand.chance(0.15):  # it sings
        hand.oval(1.2, -0.6, 0.08, 0.06)
        hand.lines((1.28, -0.62), (1.29, -0.9), (1.44, -0.84))


def _chick(hand: Hand) -> None:
    r, ry = hand.between(0.5, 0.68), hand.between(0.5, 0.65)
    wave = hand.between(-0.4, 0.3)
    with hand.frame(0, 0.05, r, ry):
        hand.oval(0, 0, 1)
        hand.in_some_order(
            lambda: draw_eyes(hand, -0.25, hand.between(0.6, 0.85), 0.12),
            lambda: hand.lines((-0.16, 0.06), (0.16, 0.06), (0.0, 0.36), closed=True),
            lambda: _bird_legs(hand, (-0.3, 0.3), 0.97, 1.5),
            lambda: hand.curve((-0.95, -0.1), (-1.4, wave), (-1.3, wave + 0.35), (-0.9, 0.35)),
            lambda: hand.curve((0.95, -0.1), (1.4, wave), (1.3, wave + 0.35), (0.9, 0.35)),
        )
        for lean in (-0.2, 0.05, 0.25)[: hand.count(0, 3)]:
            hand.curve((0, -1), (0.6 * lean, -1.2), (lean, -1.35))


def _bird_legs(hand: Hand, places: tuple[float, ...], top: float, foot: float) -> None:
    for x in places:
        hand.lines((x, top), (x + 0.02, foot))
        hand.lines((x - 0.1, foot + 0.06), (x + 0.02, foot - 0.02), (x + 0.14, foot + 0.06))


def draw_fish(hand: Hand) -> None:
    """A fish: a loop that crosses into the tail, or a body with the tail set on."""
    h, tail = hand.between(0.3, 0.55), hand.between(0.28, 0.45)
    if hand.chance(0.6):  # the ichthys: one line from tail tip to tail tip
        hand.curve(
            (0.95, -tail), (0.45, 0.02), (0, 0.9 * h), (-0.5, 0.85 * h), (-0.85, 0),
            (-0.5, -0.85 * h), (0, -0.9 * h), (0.45, -0.02), (0.95, tail),
        )
        if hand.chance(0.75):
            hand.curve((0.95, -tail), (0.88, 0), (0.95, tail))
    else:
        hand.oval(-0.2, 0, 0.66, h)
        notch = hand.between(0.75, 0.95)
        hand.lines((0.43, 0), (0.95, -tail), (notch, 0), (0.9, tail), closed=True)
    kind = hand.pick({"dots": 3, "rings": 2, "pupils": 2})
    with hand.frame(0, 0, 1, h):
        parts = [lambda: draw_eye(hand, -0.58, -0.2, 0.08, kind)]
        if hand.chance(0.6):  # the gill
            parts.append(lambda: hand.arc(-0.52, 0, 0.2, 0.6, -0.2, 0.2))
        if hand.chance(0.6):
            parts.append(lambda: hand.curve((-0.8, 0.2), (-0.67, 0.36), (-0.57, 0.28)))
        if hand.chance(0.55):
            parts.append(lambda: hand.curve((-0.3, -1), (-0.1, -1.5), (0.15, -1.3), (0.12, -0.8)))
        if hand.chance(0.4):
            parts.append(lambda: hand.curve((-0.2, 1), (-0.05, 1.4), (0.1, 0.9)))
        skin = hand.pick({"none": 3, "scales": 1.5, "stripes": 1})
        if skin == "scales":
            parts.append(lambda: _scales(hand))
        elif skin == "stripes":
            for x in (-0.2, 0.05):
                parts.append(partial(hand.curve, (x, -0.7), (x + 0.08, 0), (x, 0.7)))
        hand.in_some_order(*parts)
    for i in range(hand.count(1, 3) if hand.chance(0.35) else 0):  # bubbles
        hand.oval(-0.95 - 0.06 * i, -0.25 - 0.22 * i, 0.04 + 0.02 * i)


def _scales(hand: Hand) -> None:
    for x, y in ((-0.2, -0.35), (-0.2, 0.25), (0.02, -0.05), (0.05, 0.4))[: hand.count(2, 4)]:
        hand.arc(x, y, 0.09, 0.25, -0.25, 0.25)


def draw_butterfly(hand: Hand) -> None:
    """A butterfly: a thin body, two wings to each side, curled antennae."""
    if hand.chance(0.75):
        hand.oval(0, 0.05, hand.between(0.06, 0.1), hand.between(0.45, 0.6))
    else:
        hand.lines((0, -0.5), (0, 0.6))
    up, low = hand.between(0.6, 0.85), hand.between(0.45, 0.7)
    high, deep = hand.between(0.6, 0.85), hand.between(0.5, 0.75)
    spots, one_line, point = hand.chance(0.5), hand.chance(0.4), hand.between(0.8, 1.05)
    top = [
        (0, -0.1), (0.5 * up, -high), (1.1 * up, -point * high), (up, -0.2), (0.45 * up, 0.02),
        (0, 0.02),
    ]
    bottom = [
        (0.35 * low, 0.02), (low, 0.12), (0.95 * low, 0.85 * deep), (0.45 * low, deep), (0, 0.3),
    ]
    for side in (-1, 1):
        with hand.frame(side * 0.06, 0, side, 1):
            if one_line:
                hand.curve(*top[:-1], *bottom[1:])
            else:
                hand.curve(*top)
                hand.curve((0, 0.02), *bottom)
            if spots:
                hand.oval(0.6 * up, -0.55 * high, hand.about(0.12), 0.13)
                hand.oval(0.55 * low, 0.5 * deep, 0.08)
    reach = hand.between(0.1, 0.35)
    for side in (-1, 1):
        with hand.frame(0, 0, side, 1):
            hand.curve((0.03, -0.48), (0.08, -0.68), (reach, -0.85), (reach + 0.08, -0.76))
    if hand.chance(0.25):
        draw_smile(hand, -0.38, 0.1)


def draw_snail(hand: Hand) -> None:
    """A snail: a shell wound in, a foot along the ground, eyes on stalks."""
    r = hand.between(0.42, 0.66)
    hand.spiral(0.1, 0.45 - 0.85 * r, r, hand.between(1.8, 3.2), start=hand.between(0.2, 0.4))
    neck = hand.between(-0.3, 0.0)
    hand.curve(
        (0.95, 0.55), (0.3, 0.57), (-0.5, 0.55), (-0.9, 0.45), (-0.98, 0.12), (-0.85, neck - 0.05),
        (-0.68, 0.1), (-0.6, 0.28), (-0.35, 0.32),
    )
    hand.curve((0.95, 0.55), (0.75, 0.38), (0.55, 0.3))
    for lean in (-0.12, 0.1):
        top = (-0.85 + 1.6 * lean, neck + hand.between(-0.45, -0.3))
        hand.lines((-0.86 + 0.4 * lean, neck), top)
        hand.dot(top[0], top[1] - 0.03, 0.05)
    with hand.frame(-0.85, 0):
        if hand.chance(0.6):
            draw_smile(hand, 0.24, 0.18)
        if hand.chance(0.4):
            draw_eye(hand, 0, 0.1, 0.05)


def draw_octopus(hand: Hand) -> None:
    """An octopus: a dome, a face, and five to eight arms that wave."""
    w, top, rim = hand.between(0.45, 0.65), hand.between(-1.0, -0.7), 0.15
    with hand.frame(0, 0, w, 1):
        hand.curve(
            (-0.8, rim), (-1, -0.3), (-0.6, top + 0.1), (0, top), (0.6, top + 0.1), (1, -0.3),
            (0.8, rim),
        )
        if hand.chance(0.45):
            hand.curve((-0.8, rim), (0, rim + 0.06), (0.8, rim))
    number = hand.count(5, 8)
    wave, long = hand.between(-0.12, 0.12), hand.between(0.75, 1.0)
    for i in range(number):
        share = 2 * i / (number - 1) - 1
        x, fan, end = 0.8 * share * w, share * hand.between(0.4, 0.6), long - 0.25 * abs(share)
        bend = wave + (0.05 if share > 0 else -0.05)
        hand.curve(
            (x, rim), (x + 0.4 * fan + bend, 0.4 * end), (x + 0.8 * fan - bend, 0.72 * end),
            (x + fan + bend, end),
        )
    hand.in_some_order(
        lambda: draw_eyes(hand, -0.4, 0.75 * w, 0.11),
        lambda: draw_smile(hand, -0.15, hand.between(0.4, 0.8) * w),
    )


def draw_hedgehog(hand: Hand) -> None:
    """A hedgehog from the side: a back of spikes, a pointed nose, small feet."""
    r, h, ground = hand.between(0.62, 0.75), hand.between(0.65, 0.9), 0.45
    spikes, long = hand.count(7, 13), hand.between(0.14, 0.28)
    back = []
    for i in range(2 * spikes + 1):
        angle = math.pi * 0.93 * i / (2 * spikes)
        out = 1 + (hand.about(long, 0.2) if i % 2 else 0.0)
        back.append((0.15 + r * out * math.cos(angle), ground - h * out * math.sin(angle)))
    hand.lines(*back)
    nose = hand.between(-1.1, -0.95)
    hand.curve(
        back[-1], (-0.62, 0.0), (-0.85, 0.2), (nose, 0.3), (-0.95, 0.4), (-0.6, ground),
        (0.2, ground + 0.02), back[0],
    )
    hand.in_some_order(
        lambda: draw_eye(hand, -0.7, 0.17, 0.06),
        lambda: hand.dot(nose, 0.3, 0.06),
        lambda: hand.curve((-0.92, 0.38), (-0.84, 0.41), (-0.76, 0.36)),
    )
    for x in (-0.45, -0.3, 0.35, 0.52)[:: 1 if hand.chance(0.6) else 2]:
        with hand.frame(x, ground):
            hand.curve((-0.07, 0), (-0.06, 0.14), (0.07, 0.14), (0.08, 0))
    if hand.chance(0.6):  # spikes on the flank
        for x, y in ((-0.2, 0), (0.1, -0.1), (0.4, 0), (-0.05, 0.22), (0.28, 0.2), (0.55, 0.22)):
            if hand.chance(0.8):
                hand.lines((x, y), (x + 0.05, y - 0.12), (x + 0.1, y))
