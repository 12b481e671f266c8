"""What is to be drawn for a person, worked out before a point of it is: complete, sample, ...

A plan holds the orders for the model and what makes drawings of what comes back, so that the same
work runs alone (`carried_out`, the command line) or together with other people's, a row at a time
and stopped at any (`models.sketchrnn_batch`, the studio). `Sketcher` says how drawings of any size
get into the model's units; the user's own points come back untouched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..models.sketchrnn_sampling import LastPen, Order, Sampled, Temperatures
from ..strokes import Drawing, Stroke
from ..strokes.errors import LineworkError
from ..strokes.simplify import resample
from .sketcher import Scale, Sketcher, drawable
from .sources import MAX_ENDS

# Long side of what is there over the long side of what it becomes, the median of real
# drawings cut at half of their points.
UNFINISHED_SHARE = 0.95
# Drawing again is about what was drawn, not about surprises.
FAITHFUL = Temperatures(0.1)
# An end nearer than this to other ink touches it: a share of the drawing's long side.
NEAR = 0.05

# The model's own units as px.
_PLAIN = Scale(1.0, (0.0, 0.0))

Result = TypeVar("Result")
OnRow = Callable[[list[int], npt.NDArray[np.float32]], None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the pen stands before the first row, and how the model's units become px.

    Args:
        at: x, y in the model's units.
        style: colour, width and layer of the strokes, as keywords of `Stroke`.
    """

    at: tuple[float, float] = (0.0, 0.0)
    scale: Scale = _PLAIN
    style: tuple[tuple[str, Any], ...] = ()

    def stroke(self, points: npt.NDArray[np.float64]) -> Stroke:
        """A stroke of points (n, 2) in the model's units."""
        return Stroke(self.scale.to_user(points).astype(np.float32), **dict(self.style))


@dataclass(frozen=True, slots=True, eq=False)
class Plan(Generic[Result]):
    """Work for a model.

    Args:
        orders: what it draws; they can be drawn in any order or together.
        finish: makes the result of what was drawn for each.
        label: how the model spells the word, or None.
        place: where all orders begin.
    """

    orders: tuple[Order, ...]
    finish: Callable[[Sequence[Sampled]], Result]
    label: str | None = None
    place: Place = field(default_factory=Place)


def carried_out(sketcher: Sketcher, plan: Plan[Result], on_row: OnRow | None = None) -> Result:
    """The result of a plan, here and now.

    Args:
        on_row: as in `Sampler.draw`.
    """
    return plan.finish([sketcher.sampler.fulfil(order, on_row) for order in plan.orders])


def plan_sample(
    sketcher: Sketcher,
    n: int,
    generator: torch.Generator,
    *,
    word: str | None = None,
    temperatures: Temperatures | None = None,
    max_points: int = 250,
) -> Plan[list[Drawing]]:
    """n new drawings of a word, at once; see `sketching.sample`."""
    label = sketcher.label_for(word)
    order = Order(
        sketcher.condition(word, n, sketcher.prior(n, generator)),
        (temperatures or sketcher.temperatures).of(label),
        generator,
        max_points,
    )
    return Plan(
        (order,),
        lambda drawn: [sketcher.drawing(rows, label) for rows in drawn[0].rows],
        label,
    )


def plan_completion(
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
) -> Plan[list[Drawing]]:
    """n ways to finish a drawing; see `sketching.complete`."""
    drawable(drawing)
    word = sketcher.word_for(drawing, word)
    label = sketcher.label_for(word)
    if share is None and not sketcher.in_model_units(drawing):
        share = UNFINISHED_SHARE
    scale = sketcher.scale_for(drawing, share)
    prefix = sketcher.rows(drawing, scale)
    hangs = ends_in_the_air(drawing)
    generator = sketcher.generator(seed)
    order = Order(
        sketcher.condition(word, n, sketcher.prior(n, generator)),
        (temperatures or sketcher.temperatures).of(label),
        generator,
        max_points,
        prefix,
        last_pen or [hangs and i % 2 == 0 for i in range(n)],
    )
    last = drawing.strokes[-1]
    style = (("color", color or last.color), ("width", last.width), ("layer", last.layer))
    x, y = (last.points[-1].astype(np.float64) - np.asarray(scale.origin)) * scale.factor
    place = Place((float(x), float(y)), scale, style)
    # An ending is another drawing than the one that was begun: that one's key is not its own.
    begun = drawing.replace(label=label or drawing.label, key=None, recognized=None)

    def finish(drawn: Sequence[Sampled]) -> list[Drawing]:
        return [
            begun.with_strokes(drawing.strokes + _ending(rows, bool(joined), place))
            for rows, joined in zip(drawn[0].rows, drawn[0].joined, strict=True)
        ]

    return Plan((order,), finish, label, place)


def plan_reconstruction(
    sketcher: Sketcher,
    drawing: Drawing,
    n: int = 1,
    *,
    word: str | None = None,
    temperatures: Temperatures | None = None,
    max_points: int = 250,
    seed: int = 0,
) -> Plan[list[Drawing]]:
    """n drawings decoded from the latent of one, as a word; see `sketching.reconstruct`."""
    z = sketcher.encode([drawing]).expand(n, -1)
    word = sketcher.word_for(drawing, word)
    label = sketcher.label_for(word)
    order = Order(
        sketcher.condition(word, n, z),
        (temperatures or FAITHFUL).of(label),
        sketcher.generator(seed),
        max_points,
    )
    return Plan(
        (order,),
        lambda drawn: [_onto(sketcher.drawing(rows, label), drawing) for rows in drawn[0].rows],
        label,
    )


def plan_interpolation(
    sketcher: Sketcher,
    drawings: Sequence[Drawing],
    steps: int = 10,
    *,
    word: str | None = None,
    temperatures: Temperatures | None = None,
    max_points: int = 250,
    seed: int = 0,
) -> Plan[list[list[Drawing]]]:
    """Drawings between two or four; see `sketching.interpolate`."""
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
    labels = [sketcher.label_for(w) for w in words]
    label = labels[0] if len(set(labels)) == 1 else None

    def finish(drawn: Sequence[Sampled]) -> list[list[Drawing]]:
        placed = _on_one_canvas([sketcher.drawing(one.rows[0], label) for one in drawn])
        return [placed[i : i + steps] for i in range(0, len(placed), steps)]

    # Every step draws with the same random numbers, so that neighbours look alike.
    orders = [
        Order(one[None], temperatures or FAITHFUL, sketcher.generator(seed), max_points)
        for one in wanted
    ]
    return Plan(tuple(orders), finish, label)


def slerp(a: Tensor, b: Tensor, t: float) -> Tensor:
    """Spherical interpolation between two latents (Z,); linear where they are parallel."""
    cosine = torch.dot(a, b) / (a.norm() * b.norm()).clamp_min(1e-12)
    angle = torch.acos(cosine.clamp(-1, 1))
    if torch.sin(angle) < 1e-4:
        return torch.lerp(a, b, t)
    return (torch.sin((1 - t) * angle) * a + torch.sin(t * angle) * b) / torch.sin(angle)


def ends_in_the_air(drawing: Drawing) -> bool:
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


def _ending(rows: npt.NDArray[np.float32], joined: bool, place: Place) -> tuple[Stroke, ...]:
    """The strokes that rows add after the place where the pen stood."""
    if len(rows) == 0:
        return ()
    at = np.asarray(place.at)
    points = at + np.cumsum(rows[:, :2].astype(np.float64), axis=0)
    cuts = np.flatnonzero(rows[:, 2] > 0.5) + 1
    pieces = [p for p in np.split(points, cuts) if len(p)]
    if joined:  # the pen was still down: the first new stroke leaves from where it stood
        pieces[0] = np.concatenate([at[None], pieces[0]])
    return tuple(map(place.stroke, pieces))


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
