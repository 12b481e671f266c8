"""Draw the begun drawings that `linework complete` and `linework demo` start from.

    python examples/half_drawings.py pipeline/examples

Each is a few strokes of a steady `Hand`, stopped where a person might hand over
the pen: a cat with one ear still open, a bicycle that is two wheels so far. They
are ours, made here, and the same every time.
"""

# Coordinates read best several to a line, so the formatter stays out.
# fmt: off

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from linework.datasets.doodle_hand import Hand
from linework.strokes import Drawing
from linework.strokes.svg_write import write_svg

# Careful, so that what is odd in an ending is the model's doing.
HASTE = 0.3
SEED = 4


def begin_cat(hand: Hand) -> None:
    """A head and one and a half ears."""
    hand.oval(0, 0.15, 0.85, 0.72, start=-2.0)
    hand.lines((-0.76, -0.15), (-0.72, -0.9), (-0.3, -0.5))
    hand.lines((0.26, -0.52), (0.7, -0.92))


def begin_bird(hand: Hand) -> None:
    """A body with a tail, and a beak."""
    hand.curve(
        (0.6, -0.2), (0.5, -0.6), (0.15, -0.55), (-0.05, -0.2), (-0.5, 0.0), (-0.95, -0.1),
        (-0.9, 0.15), (-0.4, 0.4), (0.15, 0.5), (0.55, 0.25), (0.6, -0.2),
    )
    hand.lines((0.58, -0.42), (0.88, -0.28), (0.6, -0.2))


def begin_monkey(hand: Hand) -> None:
    """A head with one ear."""
    hand.oval(0, 0, 0.7, 0.75, start=-2.0)
    hand.curve((-0.68, -0.2), (-0.95, -0.3), (-1.0, 0.0), (-0.9, 0.22), (-0.68, 0.15))


def begin_bicycle(hand: Hand) -> None:
    """Two wheels and the first tube of the frame."""
    hand.oval(-0.58, 0.3, 0.4, 0.4, start=-1.8)
    hand.oval(0.58, 0.3, 0.4, 0.4, start=-1.4)
    hand.lines((-0.58, 0.3), (-0.25, -0.25), (0.4, -0.25))


def begin_airplane(hand: Hand) -> None:
    """A fuselage and its tail fin."""
    hand.curve(
        (-0.85, -0.05), (-0.3, -0.17), (0.4, -0.16), (0.85, -0.08), (0.97, 0.04), (0.8, 0.14),
        (0.2, 0.17), (-0.4, 0.13), (-0.85, -0.05),
    )
    hand.lines((-0.84, -0.06), (-0.98, -0.45), (-0.78, -0.44), (-0.52, -0.14))


def begin_guitar(hand: Hand) -> None:
    """A body, and the hole in it."""
    hand.curve(
        (0.0, -0.12), (-0.26, -0.15), (-0.34, 0.12), (-0.24, 0.3), (-0.46, 0.55), (-0.36, 0.9),
        (0, 0.98), (0.36, 0.9), (0.46, 0.55), (0.24, 0.3), (0.34, 0.12), (0.26, -0.15),
        (0.02, -0.12),
    )
    hand.oval(0, 0.42, 0.13, 0.13)


BEGINNINGS: dict[str, Callable[[Hand], None]] = {
    "airplane": begin_airplane,
    "bicycle": begin_bicycle,
    "bird": begin_bird,
    "cat": begin_cat,
    "guitar": begin_guitar,
    "monkey": begin_monkey,
}


def half_drawing(word: str) -> Drawing:
    """The begun drawing of a word of `BEGINNINGS`, in px on a 256 px canvas."""
    hand = Hand(np.random.default_rng(SEED))
    hand.haste = HASTE
    BEGINNINGS[word](hand)
    drawing = hand.finished(word)
    # SVG is for looking at and drawing on; how long each point took is not part of it.
    return drawing.with_strokes([stroke.replace(time=None) for stroke in drawing.strokes])


def main(folder: Path) -> None:
    """Write half_WORD.svg for every word."""
    folder.mkdir(parents=True, exist_ok=True)
    for word in BEGINNINGS:
        write_svg(half_drawing(word), folder / f"half_{word}.svg")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
