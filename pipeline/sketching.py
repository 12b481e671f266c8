"""What a sketch-rnn does for a person: complete, sample, reconstruct, interpolate, mimic.

Everything takes and returns drawings. A model sees drawings at the size it was trained
on and simplified as its training drawings were (the original author's advice; without
it completions are knots), so a user's strokes go there and back; the user's own points
come back untouched.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..models.batches import collate
from ..models.registry import load_model
from ..models.sketchrnn import SketchBatch, SketchRNN
from ..models.sketchrnn_js import read_sketchrnn_js
from ..models.sketchrnn_sampling import LastPen, Sampler, Temperatures
from ..strokes import Drawing, Stroke, from_stroke3, to_stroke3
from ..strokes.errors import LineworkError
from ..strokes.quickdraw_recipe import BOX, EPSILON
from ..strokes.simplify import resample, simplify

# Long side of what is there over the long side of what it becomes, the median of real
# drawings cut at half of their points.
UNFINISHED_SHARE = 0.95
# More than this many rows in one batch only costs memory.
MAX_BATCH = 500


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a user's drawing stands in the model's units: model = (user - origin) * factor."""

    factor: float
    origin: tuple[float, float]

    def to_user(self, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Model points (n, 2) in the user's px."""
        return points / self.factor + np.asarray(self.origin)


class Sketcher:
    """A loaded model, ready to draw."""

    def __init__(self, model: SketchRNN, name: str = "model", box: float = BOX) -> None:
        self.model, self.name, self.box = model, name, box
        self.sampler = Sampler(model)
        self.device = self.sampler.device
        self.words = model.config.words

    @classmethod
    def load(cls, name_or_path: str | os.PathLike[str], device: str = "cpu") -> Sketcher:
        """Bundled weights by name, a training folder, a weights file, or published JSON.

        Raises:
            LineworkError: there is no such model, or it is not a sketch-rnn.
        """
        name = str(name_or_path)
        if Path(name).suffix == ".json":
            model, _ = read_sketchrnn_js(name)
            # Published models keep a scale of their own: the file's scale factor over
            # the offsets' std says how much larger their drawings are.
            return cls(model.to(device), name)
        module, header = load_model(name_or_path, wanted="sketchrnn", device=device)
        assert isinstance(module, SketchRNN)
        return cls(module, name, header.get("box", BOX))

    def generator(self, seed: int) -> torch.Generator:
        """A generator on the model's device."""
        return torch.Generator(self.device).manual_seed(seed)

    def word_index(self, word: str | None) -> int:
        """The model's index of a word; None is the only word there is, or "any".

        Raises:
            LineworkError: the model does not know the word, or knows several and none is given.
        """
        if word is None:
            if len(self.words) > 1:
                raise LineworkError(
                    f"{self.name} draws {len(self.words)} words; say which with --word: "
                    + _listed(self.words)
                )
            return 0
        if word in self.words:
            return self.words.index(word)
        if len(self.words) <= 1:
            return 0
        near = difflib.get_close_matches(word, self.words, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"it knows {_listed(self.words)}"
        raise LineworkError(f"{self.name} cannot draw '{word}'; {hint}")

    def condition(self, word: str | None, n: int, z: Tensor | None = None) -> Tensor:
        """The decoder's condition for n drawings of a word, with latents (n, Z) or none."""
        words = torch.full((n,), self.word_index(word), device=self.device)
        with torch.inference_mode():
            return self.model.condition(z, words)

    def prior(self, n: int, generator: torch.Generator) -> Tensor | None:
        """Latents from the prior, (n, Z); None for models that draw without one."""
        config = self.model.config
        if not config.variational or config.latent_dropout > 0:
            return None
        return torch.randn(n, config.latent_size, device=self.device, generator=generator)

    # -- into the model's units and back

    def scale_for(self, drawing: Drawing, share: float = 1.0) -> Scale:
        """The scale at which the drawing's long side is `share` of a finished one's."""
        x0, y0, x1, y1 = drawing.bounds
        side = max(x1 - x0, y1 - y0)
        factor = self.box * share / side if side > 0 else 1.0
        first = drawing.strokes[0].points[0]
        return Scale(factor, (float(first[0]), float(first[1])))

    def rows(self, drawing: Drawing, scale: Scale) -> npt.NDArray[np.float32]:
        """stroke-3 in the model's units, simplified as Quick, Draw! is."""
        scaled = drawing.map_points(lambda p: (p - np.asarray(scale.origin)) * scale.factor)
        simple = simplify(resample(scaled, 1.0), EPSILON, "line")
        return to_stroke3(simple.map_points(np.rint))

    def drawing(self, rows: npt.ArrayLike, word: str | None) -> Drawing:
        """Rows of the model as a drawing moved into its own box, with a margin."""
        drawn = from_stroke3(rows, label=word)
        x0, y0, x1, y1 = drawn.bounds
        side = max(x1 - x0, y1 - y0, 1.0)
        return drawn.map_points(lambda p: p - np.array([x0, y0], np.float32)).replace(
            size=(max(side + 1, 256.0),) * 2
        )

    def encode(self, drawings: Sequence[Drawing]) -> Tensor:
        """Mean latents (n, Z) of drawings of any size.

        Raises:
            LineworkError: a decoder-only model, or a drawing without a line.
        """
        config = self.model.config
        if not config.variational:
            raise LineworkError(
                f"{self.name} is a decoder alone: it samples and completes, but cannot encode"
            )
        rows = [self.rows(d, self.scale_for(_drawable(d))) for d in drawings]
        batch = self._batch(rows)
        with torch.inference_mode():
            mu, _ = self.model.encode(batch)
        return mu

    def _batch(self, rows: Sequence[npt.NDArray[np.float32]]) -> SketchBatch:
        n = len(rows)
        noise = np.zeros((n, self.model.config.latent_size), np.float32)
        batch = collate(
            rows, np.zeros(n, np.int64), noise, np.ones(n, bool), self.model.config.scale
        )
        return batch.to(self.device)


def sample(
    sketcher: Sketcher,
    n: int,
    *,
    word: str | None = None,
    temperatures: Temperatures | None = None,
    max_points: int = 250,
    seed: int = 0,
) -> list[Drawing]:
    """n new drawings of a word."""
    generator = sketcher.generator(seed)
    drawn: list[Drawing] = []
    while len(drawn) < n:
        count = min(n - len(drawn), MAX_BATCH)
        condition = sketcher.condition(word, count, sketcher.prior(count, generator))
        sampled = sketcher.sampler.draw(
            condition, temperatures=temperatures, generator=generator, max_points=max_points
        )
        drawn += [sketcher.drawing(rows, word) for rows in sampled.rows]
    return drawn


def complete(
    sketcher: Sketcher,
    drawing: Drawing,
    n: int = 5,
    *,
    word: str | None = None,
    share: float = UNFINISHED_SHARE,
    temperatures: Temperatures | None = None,
    last_pen: LastPen = "model",
    max_points: int = 250,
    seed: int = 0,
    on_row: Callable[[list[int], npt.NDArray[np.float32]], None] | None = None,
) -> list[Drawing]:
    """n ways to finish a drawing, in its own coordinates, its own strokes first and untouched.

    Args:
        share: long side of what is there over the long side it will have when finished.
        last_pen: whether the pen is still down; "model" lets the model decide.
    """
    _drawable(drawing)
    scale = sketcher.scale_for(drawing, share)
    prefix = sketcher.rows(drawing, scale)
    generator = sketcher.generator(seed)
    condition = sketcher.condition(word, n, sketcher.prior(n, generator))
    sampled = sketcher.sampler.draw(
        condition,
        temperatures=temperatures,
        generator=generator,
        max_points=max_points,
        prefix=prefix,
        last_pen=last_pen,
        on_row=on_row,
    )
    end = drawing.strokes[-1].points[-1].astype(np.float64)
    at = (end - np.asarray(scale.origin)) * scale.factor
    endings = []
    for rows, joined in zip(sampled.rows, sampled.joined, strict=True):
        new = _ending(rows, bool(joined), at, scale, drawing.strokes[-1])
        endings.append(drawing.replace(strokes=drawing.strokes + new, label=word or drawing.label))
    return endings


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
    word = word or _known(sketcher, drawing.label)
    sampled = sketcher.sampler.draw(
        sketcher.condition(word, n, z),
        temperatures=temperatures or Temperatures(0.1),
        generator=sketcher.generator(seed),
        max_points=max_points,
    )
    return [_onto(sketcher.drawing(rows, word), drawing) for rows in sampled.rows]


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
    if len(drawings) not in (2, 4):
        raise LineworkError(f"interpolate takes 2 or 4 drawings; got {len(drawings)}")
    if steps < 2:
        raise LineworkError(f"interpolate takes 2 steps or more; got {steps}")
    z = sketcher.encode(drawings)
    words = [word or _known(sketcher, d.label) for d in drawings]
    conditions = torch.cat([sketcher.condition(w, 1, z[i : i + 1]) for i, w in enumerate(words)])
    size = sketcher.model.config.latent_size
    at = [i / (steps - 1) for i in range(steps)]

    def between(a: Tensor, b: Tensor, t: float) -> Tensor:
        return torch.cat([slerp(a[:size], b[:size], t), torch.lerp(a[size:], b[size:], t)])

    if len(drawings) == 2:
        wanted = [[between(conditions[0], conditions[1], t) for t in at]]
    else:
        left = [between(conditions[0], conditions[2], t) for t in at]
        right = [between(conditions[1], conditions[3], t) for t in at]
        wanted = [[between(a, b, t) for t in at] for a, b in zip(left, right, strict=True)]
    flat = torch.stack([c for row in wanted for c in row])
    # Every step draws with the same random numbers, so that neighbours look alike.
    drawn = []
    for condition in flat:
        sampled = sketcher.sampler.draw(
            condition[None],
            temperatures=temperatures or Temperatures(0.1),
            generator=sketcher.generator(seed),
            max_points=max_points,
        )
        drawn.append(sketcher.drawing(sampled.rows[0], words[0]))
    return [drawn[i : i + steps] for i in range(0, len(drawn), steps)]


def slerp(a: Tensor, b: Tensor, t: float) -> Tensor:
    """Spherical interpolation between two latents (Z,); linear where they are parallel."""
    cosine = torch.dot(a, b) / (a.norm() * b.norm()).clamp_min(1e-12)
    angle = torch.acos(cosine.clamp(-1, 1))
    if torch.sin(angle) < 1e-4:
        return torch.lerp(a, b, t)
    return (torch.sin((1 - t) * angle) * a + torch.sin(t * angle) * b) / torch.sin(angle)


def _ending(
    rows: npt.NDArray[np.float32],
    joined: bool,
    at: npt.NDArray[np.float64],
    scale: Scale,
    last: Stroke,
) -> tuple[Stroke, ...]:
    """The strokes that rows add after the point `at` (model units), in the last stroke's style."""
    if len(rows) == 0:
        return ()
    points = at + np.cumsum(rows[:, :2].astype(np.float64), axis=0)
    cuts = np.flatnonzero(rows[:, 2] > 0.5) + 1
    pieces = [p for p in np.split(points, cuts) if len(p)]
    if joined:  # the pen was still down: the first new stroke leaves from where it stood
        pieces[0] = np.concatenate([at[None], pieces[0]])
    style = {"color": last.color, "width": last.width, "layer": last.layer}
    return tuple(Stroke(scale.to_user(p), **style) for p in pieces)


def _onto(drawn: Drawing, model: Drawing) -> Drawing:
    """A drawing moved and scaled onto another's box and canvas."""
    x0, y0, x1, y1 = model.bounds
    _, _, width, height = drawn.bounds
    factor = max(x1 - x0, y1 - y0, 1.0) / max(width, height, 1.0)
    middle = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
    own = np.array([width, height]) / 2
    return drawn.map_points(lambda p: (p - own) * factor + middle).replace(size=model.size)


def _drawable(drawing: Drawing) -> Drawing:
    if drawing.n_points < 2:
        what = "an empty drawing" if not drawing.strokes else "a single dot"
        raise LineworkError(f"{what} says nothing to a model; draw a line first")
    return drawing


def _known(sketcher: Sketcher, label: str | None) -> str | None:
    return label if label in sketcher.words else None


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words) if len(words) <= 40 else ", ".join(words[:40]) + ", ..."
