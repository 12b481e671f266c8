"""`Sketcher`: a loaded sketch-rnn, and the way of drawings into its units and back.

A model sees drawings at the size it was trained on and simplified as its training
drawings were (the original author's advice; without it completions are knots), so a
user's strokes go there and back. A drawing that stands in the model's units already (a
row of the table it was trained on, an .npz) is read as it is: to scale and simplify it
once more would only blur it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..datasets.words import join_or, nearest_words
from ..models.batches import collate
from ..models.processes import pick_device
from ..models.registry import load_model
from ..models.sketchrnn import SketchBatch, SketchRNN
from ..models.sketchrnn_js import read_sketchrnn_js
from ..models.sketchrnn_sampling import Sampler, Temperatures
from ..strokes import Drawing, from_stroke3, to_stroke3
from ..strokes.errors import LineworkError
from ..strokes.quickdraw_recipe import BOX, EPSILON
from ..strokes.simplify import resample, simplify

# A drawing stands in the model's units where its coordinates are whole, its long side is
# within this factor of the training drawings' median (98 % of aaron_sheep is), and it is
# simplified already. A pointer's events on a page are whole too, but stand densely: at
# this epsilon they keep 28 to 67 % of their points, Quick, Draw! and the sheep 95 to 100.
SAME_SIZE = 3.0
SIMPLE_EPSILON = 1.0
SIMPLE_SHARE = 0.9
# An error names this many of a model's words at most.
LISTED_WORDS = 24
# Drawings that show how large a published model draws: the median is then known to 5 %.
BOX_SAMPLES = 64


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a user's drawing stands in the model's units: model = (user - origin) * factor."""

    factor: float
    origin: tuple[float, float]

    def to_user(self, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Model points (n, 2) in the user's px."""
        user: npt.NDArray[np.float64] = points / self.factor + np.asarray(self.origin)
        return user


class Sketcher:
    """A loaded model, ready to draw."""

    def __init__(
        self,
        model: SketchRNN,
        name: str = "model",
        box: float = BOX,
        temperatures: Temperatures | None = None,
    ) -> None:
        self.model, self.name, self.box = model, name, box
        self.temperatures = temperatures or Temperatures()
        self.sampler = Sampler(model, graphs=True)
        self.device = self.sampler.device
        self.words = model.config.words

    @classmethod
    def load(cls, name_or_path: str | os.PathLike[str], device: str = "cpu") -> Sketcher:
        """Bundled weights by name, a training folder, a weights file, or published JSON.

        Raises:
            LineworkError: there is no such model or device, or it is not a sketch-rnn.
        """
        name, place = str(name_or_path), pick_device(device)
        if Path(name).suffix == ".json":
            model, _ = read_sketchrnn_js(name)
            return cls(model.to(place), name, measure_drawn_box(model))
        module, header = load_model(name_or_path, wanted="sketchrnn", device=place)
        assert isinstance(module, SketchRNN)
        usual = header.get("temperature", Temperatures().offset)
        heat = Temperatures(usual, words=header.get("temperatures", {}))
        return cls(module, name, header.get("box", BOX), heat)

    def generator(self, seed: int) -> torch.Generator:
        """A generator on the model's device."""
        return torch.Generator(self.device).manual_seed(seed)

    def word_index(self, word: str | None) -> int:
        """The model's index of a word in any spelling; None is the only word there is.

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
        for index, known in enumerate(self.words):
            if _spelling(known) == _spelling(word):
                return index
        if not self.words:
            raise LineworkError(f"{self.name} knows no words; leave out '{word}'")
        near = nearest_words(word, self.words)
        hint = f"did you mean {join_or(near)}?" if near else f"it knows {_listed(self.words)}"
        raise LineworkError(f"{self.name} cannot draw '{word}'; {hint}")

    def word_for(self, drawing: Drawing, word: str | None) -> str | None:
        """The word given, else the drawing's label; a model of one word does not ask."""
        return drawing.label if word is None and len(self.words) > 1 else word

    def label_for(self, word: str | None) -> str | None:
        """How the model spells a word; its only word for None. Raises as `word_index`."""
        index = self.word_index(word)
        return self.words[index] if self.words else None

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

    def in_model_units(self, drawing: Drawing) -> bool:
        """Whether the drawing stands as the model's training drawings do."""
        if not all((s.points == np.rint(s.points)).all() for s in drawing.strokes):
            return False
        x0, y0, x1, y1 = drawing.bounds
        side = max(x1 - x0, y1 - y0)
        if not self.box / SAME_SIZE <= side <= self.box * SAME_SIZE:
            return False
        kept = simplify(drawing, SIMPLE_EPSILON, "line").n_points
        return kept >= SIMPLE_SHARE * drawing.n_points

    def scale_for(self, drawing: Drawing, share: float | None = None) -> Scale:
        """How a drawing is brought to the model's units.

        Args:
            share: the drawing's long side over that of the finished one. None leaves a
                drawing alone that stands in the model's units, and takes any other
                for a whole one.
        """
        x0, y0, x1, y1 = drawing.bounds
        side = max(x1 - x0, y1 - y0)
        if share is None and self.in_model_units(drawing):
            factor = 1.0
        else:
            factor = self.box * (share or 1.0) / side if side > 0 else 1.0
        first = drawing.strokes[0].points[0]
        return Scale(factor, (float(first[0]), float(first[1])))

    def rows(self, drawing: Drawing, scale: Scale) -> npt.NDArray[np.float32]:
        """stroke-3 in the model's units; simplified as Quick, Draw! is, where it is not yet."""
        if scale.factor == 1.0 and self.in_model_units(drawing):
            return to_stroke3(drawing)
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
        rows = [self.rows(d, self.scale_for(drawable(d))) for d in drawings]
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


def measure_drawn_box(model: SketchRNN, seed: int = 0) -> float:
    """Median long side of what a model draws, data units, for weights that do not say it.

    Published models keep a scale of their own, so their drawings are not 255 px large.
    """
    sketcher = Sketcher(model)
    generator = sketcher.generator(seed)
    condition = sketcher.condition(None, BOX_SAMPLES, sketcher.prior(BOX_SAMPLES, generator))
    sampled = sketcher.sampler.draw(condition, generator=generator)
    drawn = [np.cumsum(rows[:, :2], axis=0) for rows in sampled.rows]
    return float(np.median([np.ptp(points, axis=0).max() for points in drawn])) or BOX


def drawable(drawing: Drawing) -> Drawing:
    """The drawing, if there is a line in it.

    Raises:
        LineworkError: it is empty or a single dot.
    """
    if drawing.n_points < 2:
        what = "an empty drawing" if not drawing.strokes else "a single dot"
        raise LineworkError(f"{what} says nothing to a model; draw a line first")
    return drawing


def _spelling(word: str) -> str:
    """A word without case, spaces and hyphens."""
    return "".join(letter for letter in word.casefold() if letter.isalnum())


def _listed(words: Sequence[str]) -> str:
    rest = len(words) - LISTED_WORDS
    shown = ", ".join(words[:LISTED_WORDS])
    return f"{shown} and {rest} more" if rest > 0 else shown
