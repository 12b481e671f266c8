"""`Caption`: a word on the page that is set as text, not drawn with strokes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caption:
    """A word: x of its middle, y of its baseline, and its height, in px of the drawing."""

    text: str
    x: float
    y: float
    height: float
