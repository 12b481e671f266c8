"""Doodles drawn by rules: training data, examples and tests for who has no data at hand.

Each word is a small program that says what to draw, with parts, proportions
and order that differ; a `Hand` (doodle_hand.py) draws it as people do with a
mouse. The result is in the form of Quick, Draw! simplified drawings, made by the
same recipe, so everything that reads those reads these. They are cleaner and
far less varied than what 15 million people drew: a model trained on them shows
that the way works, no more.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from ..strokes import Drawing, Stroke
from ..strokes.quickdraw import write_ndjson
from ..strokes.quickdraw_recipe import simplify_batch
from ..strokes.table import QUICKDRAW_SIZE, offsets_from_lengths
from . import doodle_animals as animals
from . import doodle_nature as nature
from . import doodle_things as things
from .doodle_hand import Hand
from .words import UnknownWordError, join_or, nearest_words

DOODLES: dict[str, Callable[[Hand], None]] = {
    "apple": nature.draw_apple,
    "bird": animals.draw_bird,
    "butterfly": animals.draw_butterfly,
    "cactus": nature.draw_cactus,
    "car": things.draw_car,
    "cat": animals.draw_cat,
    "cloud": nature.draw_cloud,
    "coffee cup": things.draw_coffee_cup,
    "dog": animals.draw_dog,
    "fish": animals.draw_fish,
    "flower": nature.draw_flower,
    "hedgehog": animals.draw_hedgehog,
    "hot air balloon": things.draw_hot_air_balloon,
    "house": things.draw_house,
    "ice cream": things.draw_ice_cream,
    "light bulb": things.draw_light_bulb,
    "moon": nature.draw_moon,
    "mushroom": nature.draw_mushroom,
    "octopus": animals.draw_octopus,
    "rabbit": animals.draw_rabbit,
    "sailboat": things.draw_sailboat,
    "smiley face": things.draw_smiley_face,
    "snail": animals.draw_snail,
    "snowman": nature.draw_snowman,
    "star": nature.draw_star,
    "sun": nature.draw_sun,
    "tree": nature.draw_tree,
    "umbrella": things.draw_umbrella,
}
DOODLE_WORDS = tuple(DOODLES)

# Doodles simplified at once: the recipe's cost is in its numpy calls.
BATCH = 64


def procedural_doodles(words: Sequence[str], n: int, rng: np.random.Generator) -> Iterator[Drawing]:
    """`n` doodles, the words in turn, simplified as Quick, Draw! does.

    Args:
        words: of `DOODLE_WORDS`.
        rng: two generators of equal seed give equal doodles.

    Yields:
        drawings with whole coordinates in 0..255, longer side 255, with a random
        63-bit key.

    Raises:
        UnknownWordError: a word that has no rules; the nearest ones are named.
    """
    drawers = [(word, _drawer(word)) for word in words]
    if not drawers and n > 0:
        raise UnknownWordError("no words given; choose from " + ", ".join(DOODLE_WORDS))
    return _simplified_doodles(drawers, n, rng)


def _simplified_doodles(
    drawers: list[tuple[str, Callable[[Hand], None]]], n: int, rng: np.random.Generator
) -> Iterator[Drawing]:
    for begin in range(0, n, BATCH):
        batch = []
        for i in range(begin, min(begin + BATCH, n)):
            word, draw = drawers[i % len(drawers)]
            hand = Hand(rng)
            draw(hand)
            key = int(rng.integers(1, 2**63))
            batch.append(hand.finished(word).replace(key=key, recognized=True))
        yield from _simplified(batch)


def draw_doodle(word: str, rng: np.random.Generator) -> Drawing:
    """One doodle as the hand drew it: float px on a 256 px canvas, with times in ms.

    Raises:
        UnknownWordError: a word that has no rules; the nearest ones are named.
    """
    draw = _drawer(word)
    hand = Hand(rng)
    draw(hand)
    return hand.finished(word)


def write_doodles(path: str | os.PathLike[str], words: Sequence[str], n: int, seed: int) -> int:
    """Write `n` doodles as simplified ndjson, gzip where the name ends in .gz.

    Returns:
        how many were written.

    Raises:
        UnknownWordError: a word that has no rules; the nearest ones are named.
        LineworkError: the file cannot be written; nothing half-written stays.
    """
    return write_ndjson(path, procedural_doodles(words, n, np.random.default_rng(seed)))


def _drawer(word: str) -> Callable[[Hand], None]:
    if word not in DOODLES:
        near = nearest_words(word, DOODLE_WORDS)
        hint = f"did you mean {join_or(near)}?" if near else "there are: " + ", ".join(DOODLE_WORDS)
        raise UnknownWordError(f"no rules to draw {word!r}; {hint}")
    return DOODLES[word]


def _simplified(drawings: Sequence[Drawing]) -> Iterator[Drawing]:
    strokes = [stroke.points for drawing in drawings for stroke in drawing.strokes]
    drawing_offsets = offsets_from_lengths([len(d.strokes) for d in drawings])
    points, begins = simplify_batch(
        np.concatenate(strokes).astype(np.float64),
        offsets_from_lengths([len(s) for s in strokes]),
        drawing_offsets,
    )
    pieces = np.split(points.astype(np.float32), begins[1:-1])
    for drawing, first, last in zip(
        drawings, drawing_offsets[:-1], drawing_offsets[1:], strict=True
    ):
        strokes_now = tuple(Stroke(piece) for piece in pieces[first:last])
        yield drawing.replace(strokes=strokes_now, size=QUICKDRAW_SIZE)
