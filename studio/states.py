"""Whether a model is there, and the sentence that says what to do where it is not."""

from __future__ import annotations

import msgspec

LOADING, READY, MISSING, FAILED = "loading", "ready", "missing", "failed"


class ModelState(msgspec.Struct, frozen=True):
    """What the page is told of a model.

    Args:
        state: one of the four above.
        sentence: what is the matter and which command brings it; None where nothing is.
        labels: names of the labels that a painter knows.
        style_picture: whether a painter takes its style from a picture.
    """

    state: str
    name: str
    sentence: str | None = None
    labels: tuple[str, ...] = ()
    style_picture: bool = False


def missing(name: str, error: Exception) -> ModelState:
    """The state of a model that is not there."""
    return ModelState(MISSING, name, " ".join(str(error).split("\n")))
