"""What a sketch-rnn does for a person: complete, sample, reconstruct, interpolate, mimic.

Everything takes and returns drawings, at any size; how each is worked out stands in `plans`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from ..models.sketchrnn_sampling import LastPen, Temperatures
from ..strokes import Drawing
from .plans import (
    FAITHFUL,
    OnRow,
    carried_out,
    plan_completion,
    plan_interpolation,
    plan_reconstruction,
    plan_sample,
)
from .sketcher import Sketcher

__all__ = [
    "FAITHFUL",
    "Sketcher",
    "complete",
    "interpolate",
    "mimic",
    "of_each",
    "reconstruct",
    "sample",
    "sample_words",
]

# More than this many rows in one batch only costs memory.
MAX_BATCH = 500


def sample(
    sketcher: Sketcher,
    n: int,
    *,
    word: str | None = None,
    temperatures: Temperatures | None = None,
    max_points: int = 250,
    seed: int = 0,
) -> list[Drawing]:
    """n new drawings of a word; None is the model's only one."""
    generator = sketcher.generator(seed)
    drawn: list[Drawing] = []
    while len(drawn) < n:
        plan = plan_sample(
            sketcher,
            min(n - len(drawn), MAX_BATCH),
            generator,
            word=word,
            temperatures=temperatures,
            max_points=max_points,
        )
        drawn += carried_out(sketcher, plan)
    return drawn


def sample_words(
    sketcher: Sketcher, words: Sequence[str], n: int, *, seed: int = 0, **options: Any
) -> list[Drawing]:
    """n new drawings of each word, as `sample` draws them; no words are the model's only one."""
    for word in words:
        sketcher.word_index(word)  # a wrong one is said before any is drawn
    each = [
        sample(sketcher, n, word=word, seed=seed + index, **options)
        for index, word in enumerate(words or (None,))
    ]
    return [drawing for drawings in each for drawing in drawings]


def of_each(
    verb: Callable[..., list[Drawing]],
    sketcher: Sketcher,
    drawings: Iterable[Drawing],
    *,
    seed: int = 0,
    **options: Any,
) -> Iterator[Drawing]:
    """What a verb below makes of drawings one after another. Raises as the verb."""
    for index, drawing in enumerate(drawings):
        yield from verb(sketcher, drawing, seed=seed + index, **options)


def complete(
    sketcher: Sketcher,
    drawing: Drawing,
    n: int = 5,
    *,
    word: str | None = None,
    share: float | None = None,
    color: str | None = None,
    temperatures: Temperatures | None = None,
    last_pen: LastPen | None = None,
    max_points: int = 250,
    seed: int = 0,
    on_row: OnRow | None = None,
) -> list[Drawing]:
    """n ways to finish a drawing, in its own coordinates, its own strokes first and untouched.

    Args:
        word: what it shows; None is the drawing's label, or the model's only word.
        share: long side of what is there over the long side it will have when finished;
            None is `plans.UNFINISHED_SHARE`, or leaves alone what stands in the model's units.
        color: of the new strokes; None is the last stroke's.
        last_pen: whether the pen is still down. None goes by the last line: where its end
            hangs in the air every other ending draws on from it, else all begin anew.
            (The model, asked before it has seen where the line ends, mostly says down.)
        on_row: as in `Sampler.draw`.
    """
    plan = plan_completion(
        sketcher,
        drawing,
        n,
        word=word,
        share=share,
        color=color,
        temperatures=temperatures,
        last_pen=last_pen,
        max_points=max_points,
        seed=seed,
    )
    return carried_out(sketcher, plan, on_row)


def reconstruct(sketcher: Sketcher, drawing: Drawing, n: int = 1, **options: Any) -> list[Drawing]:
    """n drawings decoded from the latent of one, in its place and at its size.

    Args:
        options: word, temperatures, max_points, seed, as of `complete`.
    """
    return carried_out(sketcher, plan_reconstruction(sketcher, drawing, n, **options))


def mimic(
    sketcher: Sketcher, drawing: Drawing, word: str, n: int = 1, **options: Any
) -> list[Drawing]:
    """A drawing read as it is and drawn again as another word: a cat-like rabbit."""
    return reconstruct(sketcher, drawing, n, word=word, **options)


def interpolate(
    sketcher: Sketcher, drawings: Sequence[Drawing], steps: int = 10, **options: Any
) -> list[list[Drawing]]:
    """Drawings between two (one row of `steps`) or four corners (`steps` rows of `steps`).

    Latents are interpolated spherically; the word's embedding follows where the ends differ.

    Args:
        options: word, temperatures, max_points, seed, as of `complete`.

    Raises:
        LineworkError: neither two nor four drawings.
    """
    return carried_out(sketcher, plan_interpolation(sketcher, drawings, steps, **options))
