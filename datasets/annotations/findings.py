"""What checking annotations finds, and the checks that several formats share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...strokes.errors import LineworkError
from ...strokes.images import read_image
from .coco import CocoFile, decode_item

SHOWN = 20
# A score of 1 that was added up from a million numbers.
_ONE = 1 - 1e-9

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Findings:
    """What was found.

    Args:
        path: what was looked at.
        counts: what was counted, in order.
        scores: the file against itself; 1 is right.
        problems: how many.
        first: the first of them, as sentences.
    """

    path: Path
    counts: dict[str, int] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)
    problems: int = 0
    first: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def wrong(self, what: str) -> None:
        """Note a problem."""
        self.problems += 1
        if len(self.first) < SHOWN:
            self.first.append(what)

    def count(self, what: str, by: int = 1) -> None:
        """Count something."""
        self.counts[what] = self.counts.get(what, 0) + by

    def score(self, what: str, value: float) -> None:
        """Note a score, and a problem where it is not 1."""
        self.scores[what] = value
        if not value >= _ONE:
            self.wrong(f"{what} against itself is {value:.4f}; wanted 1")

    def __str__(self) -> str:
        lines = [f"wrong: {sentence}" for sentence in self.first]
        if self.problems > len(self.first):
            lines.append(f"and {self.problems - len(self.first):,} more")
        counts = ", ".join(f"{count:,} {what}" for what, count in self.counts.items())
        scores = "".join(f", {name} {value:.3f}" for name, value in self.scores.items())
        verdict = "as it should be" if self.good else f"{self.problems:,} problems"
        return "\n".join([*lines, f"{self.path}: {verdict}: {counts}{scores}"])


def images_of(content: CocoFile, found: Findings) -> dict[Any, dict[str, Any]]:
    """Images of a COCO file by id, those that state a size."""
    images = [decode_item(raw) for raw in content.images]
    unique((image.get("id") for image in images), "image", found)
    found.count("images", len(images))
    good = {}
    for image in images:
        if all(
            isinstance(image.get(side), int) and image[side] > 0 for side in ("width", "height")
        ):
            good[hashable(image.get("id"))] = image
        else:
            found.wrong(f"image {image.get('id')} states no width and height")
    return good


def hashable(value: Any) -> Any:
    """A value as a key: itself, or the text of what cannot be one."""
    return str(value) if isinstance(value, (list, dict)) else value


def unique(ids: Iterable[Any], what: str, found: Findings) -> set[Any]:
    """The ids; notes those that are none or stand twice."""
    seen: set[Any] = set()
    for number in ids:
        if isinstance(number, bool) or not isinstance(number, int) or number < 1:
            zero = ": an annotation of id 0 never counts as found" if number == 0 else ""
            found.wrong(f"{what} id {number!r}; wanted a whole number from 1{zero}")
        elif number in seen:
            found.wrong(f"{what} id {number} stands twice")
        seen.add(hashable(number))
    return seen


def check_picture(image: dict[str, Any], folder: Path, found: Findings) -> None:
    """Decodes an image's picture and compares its size."""
    if not folder.is_dir():
        found.counts.setdefault("pictures looked at", 0)
        return
    path = folder / str(image.get("file_name"))
    try:
        height, width = read_image(path).shape[:2]
    except (LineworkError, OSError) as error:
        found.wrong(f"image {image.get('id')}: {error}")
        return
    found.count("pictures looked at")
    if (width, height) != (image["width"], image["height"]):
        found.wrong(
            f"image {image.get('id')} states {image['width']} x {image['height']} px, "
            f"{path.name} has {width} x {height}"
        )
