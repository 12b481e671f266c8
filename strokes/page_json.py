"""A drawing as the studio's page holds it <-> `Drawing`, without loss.

    {"size": [800, 600], "label": "cat",
     "strokes": [{"points": [[12.5, 40], [13, 41.25]], "time": [0, 16], "pressure": [0.5, 0.61],
                  "color": "#d04020", "width": 2.5, "layer": "ink", "fill": true}]}

Only `points` is needed. Numbers are the shortest decimals that are the same float32 again.
Keys that are not a drawing's are passed over, so that a page may keep things of its own.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import numpy as np

from .drawing import Drawing, FloatArray, Stroke
from .errors import DrawingError, FormatError

# A 64-bit key has at most so many digits; a page's numbers hold 53 bits, so it is a string there.
_KEY_DIGITS = 20
_MAX_KEY = 2**64 - 1


class PageStroke(msgspec.Struct, gc=False, omit_defaults=True):
    """A stroke as it stands."""

    points: list[tuple[float, float]]
    time: list[float] | None = None
    pressure: list[float] | None = None
    color: str | None = None
    width: float | None = None
    layer: str | None = None
    fill: bool | None = None


class PageDrawing(msgspec.Struct, gc=False, omit_defaults=True):
    """A drawing as it stands."""

    strokes: list[PageStroke]
    size: tuple[float, float] | None = None
    label: str | None = None
    key: str | None = None
    country: str | None = None
    created: str | None = None
    recognized: bool | None = None


def from_page(page: PageDrawing, where: str = "drawing") -> Drawing:
    """The drawing of what a page sent.

    Raises:
        FormatError: a stroke without points, numbers that cannot be a drawing's, a key or a time
            that is none; says which stroke.
    """
    strokes = tuple(_stroke(s, f"{where}: stroke {i}") for i, s in enumerate(page.strokes))
    fields: dict[str, Any] = {} if page.size is None else {"size": page.size}
    try:
        return Drawing(
            strokes,
            label=page.label,
            key=_key(page.key, where),
            country=page.country,
            created=_created(page.created, where),
            recognized=page.recognized,
            **fields,
        )
    except DrawingError as error:
        raise FormatError(f"{where}: {error}") from error


def to_page(drawing: Drawing) -> PageDrawing:
    """The drawing as a page takes it; encode it with `msgspec`."""
    return PageDrawing(
        [to_page_stroke(stroke) for stroke in drawing.strokes],
        drawing.size,
        drawing.label,
        None if drawing.key is None else str(drawing.key),
        drawing.country,
        None if drawing.created is None else drawing.created.isoformat(),
        drawing.recognized,
    )


def to_page_stroke(stroke: Stroke) -> PageStroke:
    """One stroke of it."""
    return PageStroke(
        list(zip(_numbers(stroke.points[:, 0]), _numbers(stroke.points[:, 1]), strict=True)),
        None if stroke.time is None else _numbers(stroke.time),
        None if stroke.pressure is None else _numbers(stroke.pressure),
        stroke.color,
        stroke.width,
        stroke.layer,
        stroke.fill or None,
    )


def _stroke(page: PageStroke, where: str) -> Stroke:
    if not page.points:
        raise FormatError(f"{where} has no points; wanted one or more")
    try:
        with np.errstate(over="ignore"):
            return Stroke(
                np.array(page.points, np.float32),
                None if page.time is None else np.array(page.time, np.float32),
                None if page.pressure is None else np.array(page.pressure, np.float32),
                page.color,
                page.width,
                page.layer,
                bool(page.fill),
            )
    except (DrawingError, OverflowError) as error:
        raise FormatError(f"{where}: {error}") from error


def _key(text: str | None, where: str) -> int | None:
    if text is None:
        return None
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= _KEY_DIGITS else -1
    if not 0 <= number <= _MAX_KEY:
        raise FormatError(f"{where}: key {text[:40]!r}; wanted a whole number of at most 64 bits")
    return number


def _created(text: str | None, where: str) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise FormatError(
            f"{where}: created {text[:40]!r}; wanted a time such as 2026-11-21T09:36:08+00:00"
        ) from error


def _numbers(values: FloatArray) -> list[float]:
    """The shortest decimals that are these float32 again, whole ones as int."""
    if (values == np.rint(values)).all():
        whole: list[float] = values.astype(np.int64).tolist()
        return whole
    exact: list[float] = values.astype(np.str_).astype(np.float64).tolist()
    return [int(v) if v.is_integer() else v for v in exact]
