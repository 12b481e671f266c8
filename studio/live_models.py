"""The models that the live thread keeps: one sketch-rnn and one recogniser, loaded once."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

from ..pipeline.recognising import load_recogniser, recognise
from ..pipeline.sketcher import Sketcher
from ..strokes import Drawing
from ..strokes.errors import LineworkError
from .choices import Choices
from .states import FAILED, LOADING, READY, ModelState, missing

log = logging.getLogger(__name__)
# A model of no more words than these is taken to draw all of them well.
FEW_WORDS = 40


class LiveModels:
    """Loaded by `load`, in the thread that uses them."""

    def __init__(self, choices: Choices, on_change: Callable[[], None] = lambda: None) -> None:
        """on_change: called when a state changes, from the thread that loads."""
        self._choices, self._on_change = choices, on_change
        self._sketcher: Sketcher | None = None
        self._recogniser: tuple[Any, float] | None = None
        self.states = {
            "sketcher": ModelState(LOADING, choices.sketcher),
            "recogniser": ModelState(LOADING, choices.recogniser),
        }
        self.words: tuple[str, ...] = ()
        self.good_words: tuple[str, ...] = ()

    def load(self) -> None:
        """Loads both; what cannot be is told by its state."""
        self._load("sketcher", self._load_sketcher)
        self._load("recogniser", self._load_recogniser)

    def sketcher(self) -> Sketcher:
        """The sketch-rnn.

        Raises:
            LineworkError: there is none; says what its state says.
        """
        if self._sketcher is None:
            raise LineworkError(self.states["sketcher"].sentence or "no model is loaded")
        return self._sketcher

    def recogniser(self) -> tuple[Any, float]:
        """The recogniser and the temperature of its logits. Raises as `sketcher`."""
        if self._recogniser is None:
            raise LineworkError(self.states["recogniser"].sentence or "no recogniser is loaded")
        return self._recogniser

    def temperatures(self, offset: float | None) -> Any:
        """The temperatures of a request: the one that it names, else the model's own."""
        from dataclasses import replace

        own = self.sketcher().temperatures
        return own if offset is None else replace(own, offset=offset, words={})

    def word_for(self, drawing: Drawing, word: str | None) -> str | None:
        """The word to draw: the one given, the drawing's label, else what it is taken for.

        Raises:
            LineworkError: a word that the model does not know, or none that can be told.
        """
        sketcher = self.sketcher()
        if word is not None or len(sketcher.words) <= 1:
            return word
        if drawing.label is not None:
            return drawing.label
        if self._recogniser is None:
            raise LineworkError(
                "say what it is going to be: choose a word (no recogniser is there to guess it)"
            )
        for answer in recognise(*self._recogniser, [drawing], k=3)[0] if drawing.strokes else ():
            try:
                sketcher.word_index(answer.word)
            except LineworkError:
                continue
            return answer.word
        raise LineworkError("nobody can tell what it is going to be; choose a word")

    def _load(self, name: str, load: Callable[[], None]) -> None:
        own = self.states[name]
        try:
            load()
            self.states[name] = ModelState(READY, own.name)
        except LineworkError as error:
            self.states[name] = missing(own.name, error)
        except Exception:
            log.exception("%s could not be loaded", name)
            self.states[name] = ModelState(FAILED, own.name, f"the {name} could not be loaded")
        self._on_change()

    def _load_sketcher(self) -> None:
        sketcher = Sketcher.load(self._choices.sketcher)
        self.words = tuple(sketcher.words)
        strong = set(_strong_words(self._choices.sketcher))
        good = tuple(word for word in self.words if word in strong)
        self.good_words = good or (self.words if len(self.words) <= FEW_WORDS else ())
        self._sketcher = sketcher

    def _load_recogniser(self) -> None:
        network, temperature = load_recogniser(self._choices.recogniser)
        self._recogniser = network, temperature


def _strong_words(model: str) -> list[str]:
    """The words that the card beside the weights says it draws well."""
    from ..models.registry import find_weights

    try:
        card = json.loads(find_weights(model).with_suffix(".json").read_text("utf-8"))
        return [str(word) for word in card["strong_words"]]
    except (LineworkError, OSError, ValueError, KeyError, TypeError):
        return []
