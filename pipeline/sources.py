"""The drawings that a command starts from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from ..strokes import Drawing
from ..strokes.errors import LineworkError
from ..strokes.files import STREAM, read_drawings

# Interpolation goes between two drawings or four corners.
MAX_ENDS = 4


def some_drawings(
    source: str, first: int | None = None, word: str | None = None
) -> Iterator[Drawing]:
    """The drawings of a file, one at a time; those of "-" come from stdin as ndjson.

    Args:
        first: how many to take; None is all.
        word: label of drawings that have none.

    Raises:
        LineworkError: no such file, an unknown suffix, or no drawing in it.
        FormatError: content that is not what the suffix says.
    """
    drawing = None
    for drawing in islice(read_drawings(source, word=word), first):
        yield drawing
    if drawing is None:
        name = "stdin" if source == STREAM else source
        raise LineworkError(f"{name}: holds no drawings; wanted one or more")


def some_ends(sources: Sequence[str]) -> list[Drawing]:
    """What an interpolation goes between: the first drawing of each file, or all of one."""
    if len(sources) == 1:
        return list(some_drawings(sources[0], MAX_ENDS + 1))
    return [next(some_drawings(source, 1)) for source in sources]
