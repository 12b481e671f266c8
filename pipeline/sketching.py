"""What a sketch-rnn does for a person: complete, sample, reconstruct, interpolate, mimic.

Everything takes and returns drawings, at any size (`Sketcher` says how they get into
the model's units); the user's own points come back untouched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..models.sketchrnn_sampling import LastPen, Temperatures
from ..strokes import Drawing, Stroke
from ..strokes.errors import LineworkError
from ..strokes.simplify import resample
from .sketcher import Scale, Sketcher, drawable
from .sources import MAX_ENDS

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

# Long side of what is there over the long side of what it becomes, the median of real
# drawings cut at half of their points.
UNFINISHED_SHARE = 0.95
# Drawing again is about what was drawn, not about surprises.
FAITHFUL = Temperatures(0.1)
# An end nearer than this to other ink touches it: a share of the drawing's long side.
NEAR = 0.05
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
    label = sketcher.label_for(word)
    heat = (temperatures or sketcher.temperatures).of(label)
    drawn: list[Drawing] = []
    while len(drawn) < n:
        count = min(n - len(drawn), MAX_BATCH)
        condition = sketcher.condition(word, count, sketcher.prior(count, generator))
        sampled = sketcher.sampler.draw(
            condition, temperatures=heat, generator=generator, max_points=max_points
        )
        drawn += [sketcher.drawing(rows, label) for rows in sampled.rows]
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
    on_row: Callable[[list[int], npt.NDArray[np.float32]], None] | None = None,
) -> list[Drawing]:
    """n ways to finish a drawing, in its own coordinates, its own strokes first and untouched.

    Args:
        word: what it shows; None is the drawing's label, or the model's only word.
        share: long side of what is there over the long side it will have when finished;
            None is `UNFINISHED_SHARE`, or leaves alone what stands in the model's units.
        color: of the new strokes; None is the last stroke's.
        last_pen: whether the pen is still down. None goes by the last line: where its end
            hangs in the air every other ending draws on from it, else all begin anew.
            (The model, asked before it has seen where the line ends, mostly says down.)
    """
    drawable(drawing)
    word = sketcher.word_for(drawing, word)
    label = sketcher.label_for(word)
    if share is None and not sketcher.in_model_units(drawing):
        share = UNFINISHED_SHARE
    scale = sketcher.scale_for(drawing, share)
    prefix = sketcher.rows(drawing, scale)
    hangs = _ends_in_the_air(drawing)
    generator = sketcher.generator(seed)
    condition = sketcher.condition(word, n, sketcher.prior(n, generator))
    sampled = sketcher.sampler.draw(
        condition,
        temperatures=(temperatures or sketcher.temperatures).of(label),
        generator=generator,
        max_points=max_points,
        prefix=prefix,
        last_pen=last_pen or [hangs and i % 2 == 0 for i in range(n)],
        on_row=on_row,
    )
    last = drawing.strokes[-1]
    style = {"color": color or last.color, "width": last.width, "layer": last.layer}
    end = last.points[-1].astype(np.float64)
    at = (end - np.asarray(scale.origin)) * scale.factor
    # An ending is another drawing than the one that was begun: that one's key is not its own.
    begun = drawing.replace(label=label or drawing.label, key=None, recognized=None)
    return [
        begun.with_strokes(drawing.strokes + _ending(rows, bool(joined), at, scale, style))
        for rows, joined in zip(sampled.rows, sampled.joined, strict=True)
    ]


def reconstruct(
    sketcher: Sketcher,
    drawing: Drawing,
    n: int = 1,
    *,
    word: str | None = None,
    temperatures: Temperatures | None = None,
    max_points: int = 250,
    seed: int = 0,
) -> list[Drawing]:
    """n drawings decoded from the latent of one, in its place and at its size."""
    z = sketcher.encode([drawing]).expand(n, -1)
    word = sketcher.word_for(drawing, word)
    sampled = sketcher.sampler.draw(
        sketcher.condition(word, n, z),
        temperatures=(temperatures or FAITHFUL).of(sketcher.label_for(word)),
        generator=sketcher.generator(seed),
        max_points=max_points,
    )
    label = sketcher.label_for(word)
    return [_onto(sketcher.drawing(rows, label), drawing) for rows in sampled.rows]


def mimic(
    sketcher: Sketcher, drawing: Drawing, word: str, n: int = 1, **options: Any
) -> list[Drawing]:
    """A drawing read as it is and drawn again as another word: a cat-like rabbit."""
    return reconstruct(sketcher, drawing, n, word=word, **options)


def interpolate(
    sketcher: Sketcher,
    drawings: Sequence[Drawing],
    steps: int = 10,
    *,
    word: str | None = None,
    temperatures: Temperatures | None = None,
    max_points: int = 250,
    seed: int = 0,
) -> list[list[Drawing]]:
    """Drawings between two (one row of `steps`) or four corners (`steps` rows of `steps`).

    Latents are interpolated spherically; the word's embedding follows where the ends differ.

    Raises:
        LineworkError: neither two nor four drawings.
    """
    if len(drawings) not in (2, MAX_ENDS):
        raise LineworkError(f"interpolate takes 2 or 4 drawings; got {_count(drawings)}")
    if steps < 2:
        raise LineworkError(f"interpolate takes 2 steps or more; got {steps}")
    z = sketcher.encode(drawings)
    words = [sketcher.word_for(d, word) for d in drawings]
    conditions = [sketcher.condition(w, 1, z[i : i + 1])[0] for i, w in enumerate(words)]
    size = sketcher.model.config.latent_size
    at = [i / (steps - 1) for i in range(steps)]

    def between(a: Tensor, b: Tensor, t: float) -> Tensor:
        return torch.cat([slerp(a[:size], b[:size], t), torch.lerp(a[size:], b[size:], t)])

    left, right = conditions[0::2], conditions[1::2]
    # Two drawings are a grid of one row.
    down = at if len(drawings) == MAX_ENDS else [0.0]
    wanted = [
        between(between(left[0], left[-1], s), between(right[0], right[-1], s), t)
        for s in down
        for t in at
    ]
    # Every step draws with the same random numbers, so that neighbours look alike.
    drawn = [
        sketcher.sampler.draw(
            condition[None],
            temperatures=temperatures or FAITHFUL,
            generator=sketcher.generator(seed),
            max_points=max_points,
        ).rows[0]
        for condition in wanted
    ]
    labels = [sketcher.label_for(w) for w in words]
    label = labels[0] if len(set(labels)) == 1 else None
    placed = _on_one_canvas([sketcher.drawing(rows, label) for rows in drawn])
    return [placed[i : i + steps] for i in range(0, len(placed), steps)]


def slerp(a: Tensor, b: Tensor, t: float) -> Tensor:
    """Spherical interpolation between two latents (Z,); linear where they are parallel."""
    cosine = torch.dot(a, b) / (a.norm() * b.norm()).clamp_min(1e-12)
    angle = torch.acos(cosine.clamp(-1, 1))
    if torch.sin(angle) < 1e-4:
        return torch.lerp(a, b, t)
    return (torch.sin((1 - t) * angle) * a + torch.sin(t * angle) * b) / torch.sin(angle)


def _ends_in_the_air(drawing: Drawing) -> bool:
    """Whether the last stroke ends away from all ink but its own last stretch."""
    last = drawing.strokes[-1]
    if last.is_dot:
        return False
    x0, y0, x1, y1 = drawing.bounds
    near = NEAR * max(x1 - x0, y1 - y0)
    end = last.points[-1]
    # Evenly spaced, so that a long straight line counts everywhere it passes.
    spaced = resample(drawing, near / 2).strokes
    away = np.linalg.norm(spaced[-1].points - end, axis=1)
    # What leads to the end is near it by nature: only what comes back after leaving counts.
    left = np.flatnonzero(away > 2 * near)
    own = away[: left[-1] + 1] if len(left) else away[:0]
    others = [np.linalg.norm(s.points - end, axis=1) for s in spaced[:-1]]
    return all(len(d) == 0 or d.min() > near for d in [own, *others])


def _ending(
    rows: npt.NDArray[np.float32],
    joined: bool,
    at: npt.NDArray[np.float64],
    scale: Scale,
    style: dict[str, Any],
) -> tuple[Stroke, ...]:
    """The strokes that rows add after the point `at` (model units)."""
    if len(rows) == 0:
        return ()
    points = at + np.cumsum(rows[:, :2].astype(np.float64), axis=0)
    cuts = np.flatnonzero(rows[:, 2] > 0.5) + 1
    pieces = [p for p in np.split(points, cuts) if len(p)]
    if joined:  # the pen was still down: the first new stroke leaves from where it stood
        pieces[0] = np.concatenate([at[None], pieces[0]])
    return tuple(Stroke(scale.to_user(p).astype(np.float32), **style) for p in pieces)


def _onto(drawn: Drawing, model: Drawing) -> Drawing:
    """A drawing moved and scaled onto another's box and canvas."""
    x0, y0, x1, y1 = model.bounds
    _, _, width, height = drawn.bounds
    factor = max(x1 - x0, y1 - y0, 1.0) / max(width, height, 1.0)
    middle = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
    own = np.array([width, height]) / 2
    return drawn.map_points(lambda p: (p - own) * factor + middle).replace(size=model.size)


def _on_one_canvas(drawings: Sequence[Drawing]) -> list[Drawing]:
    """All on the largest canvas, each in its middle, so that they do not jump in an animation."""
    side = max(max(drawing.size) for drawing in drawings)

    def placed(drawing: Drawing) -> Drawing:
        # By whole px: whole coordinates stay so.
        corner = np.rint((side - np.array(drawing.bounds[2:])) / 2).astype(np.float32)
        return drawing.map_points(lambda p: p + corner).replace(size=(side, side))

    return [placed(drawing) for drawing in drawings]


def _count(drawings: Sequence[Drawing]) -> str:
    return str(len(drawings)) if len(drawings) <= MAX_ENDS else "more"
