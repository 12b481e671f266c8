"""What a Quick, Draw! record has no place for, in a field of our own: "linework".

    {"word": "cat", "drawing": [...], "linework": {"size": [400, 300],
     "colors": ["#ff0000", null], "widths": [2, null], "layers": [null, "2"],
     "fills": [true, null], "pressures": [[0.5, 0.6], null], "times": [[0, 16], null]}}

Each list has an entry a stroke, and is left out where no stroke has the thing; the
whole field is, where nothing does. Readers of Quick, Draw! pass over fields they do
not know, so such lines stay valid everywhere, and pipes of linework lose nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from .drawing import Drawing, FloatArray, Stroke
from .errors import DrawingError


class Extras(msgspec.Struct, gc=False, omit_defaults=True, forbid_unknown_fields=True):
    """The field as it stands."""

    size: tuple[float, float] | None = None
    colors: list[str | None] | None = None
    widths: list[float | None] | None = None
    layers: list[str | None] | None = None
    fills: list[bool | None] | None = None
    pressures: list[list[float] | None] | None = None
    times: list[list[float] | None] | None = None


def extras_of(drawing: Drawing, usual_size: tuple[float, float]) -> dict[str, Any] | None:
    """The field for a drawing, ready for a JSON writer; None where it has nothing to say.

    Args:
        usual_size: the canvas that a reader gives such strokes anyway.
    """
    strokes = drawing.strokes
    found: dict[str, Any] = {}
    if drawing.size != usual_size:
        found["size"] = [_number(v) for v in drawing.size]
    lists: dict[str, list[Any]] = {
        "colors": [s.color for s in strokes],
        "widths": [None if s.width is None else _number(s.width) for s in strokes],
        "layers": [s.layer for s in strokes],
        "fills": [s.fill or None for s in strokes],
        "pressures": [_numbers(s.pressure) for s in strokes],
        "times": [_numbers(s.time) for s in strokes],
    }
    if all(s.time is not None for s in strokes):
        del lists["times"]
    found |= {name: values for name, values in lists.items() if any(v is not None for v in values)}
    return found or None


def with_extras(drawing: Drawing, extras: Extras) -> Drawing:
    """A drawing with what the field says.

    Raises:
        DrawingError: a list of another length than there are strokes, or values that
            are none.
    """
    n = len(drawing.strokes)
    strokes = [
        _styled(stroke, *styles)
        for stroke, *styles in zip(
            drawing.strokes,
            _entries(extras.colors, n, "colors"),
            _entries(extras.widths, n, "widths"),
            _entries(extras.layers, n, "layers"),
            _entries(extras.fills, n, "fills"),
            _entries(extras.pressures, n, "pressures"),
            _entries(extras.times, n, "times"),
            strict=True,
        )
    ]
    size = drawing.size if extras.size is None else extras.size
    return drawing.replace(strokes=tuple(strokes), size=size)


def _styled(
    stroke: Stroke,
    color: str | None,
    width: float | None,
    layer: str | None,
    fill: bool | None,
    pressure: list[float] | None,
    time: list[float] | None,
) -> Stroke:
    return stroke.replace(
        color=color,
        width=width,
        layer=layer,
        fill=bool(fill),
        pressure=None if pressure is None else np.array(pressure, np.float32),
        time=stroke.time if time is None else np.array(time, np.float32),
    )


def _entries(values: Sequence[Any] | None, n: int, name: str) -> Sequence[Any]:
    if values is None:
        return [None] * n
    if len(values) != n:
        raise DrawingError(f"linework.{name} has {len(values)} entries for {n} strokes")
    return values


def _numbers(values: FloatArray | None) -> list[int | float] | None:
    return None if values is None else [_number(v) for v in values.astype(np.str_)]


def _number(value: float | str) -> int | float:
    """The shortest decimal that is this number again, whole ones as int."""
    number = float(value)
    return int(number) if number.is_integer() else number
