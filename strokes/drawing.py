"""`Stroke` and `Drawing`: the one data type that all of linework takes and returns.

Both are frozen, and so are their arrays. A transformation is a function from a
drawing to a new drawing; nothing mutates. Coordinates are px, 96 to the inch,
origin top left, y down, as in SVG and on a canvas.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import DrawingError

FloatArray = npt.NDArray[np.float32]

# float32 still resolves 1/16 px here; beyond it, a drawing is surely an error
# in the file (1e30 is what an overflowed exporter writes).
MAX_COORDINATE = 1_000_000.0


@dataclass(frozen=True, slots=True, eq=False)
class Stroke:
    """One line drawn without lifting the pen. A dot is a stroke of one point.

    Args:
        points: float32 (n, 2), n >= 1, columns x, y in px.
        time: float32 (n,), ms since the drawing began, or None.
        pressure: float32 (n,), 0 to 1, or None.
        color: CSS colour, "#rrggbb", or None for the default ink.
        width: pen width in px, or None for the default.
        layer: name of the layer (one pen each on a plotter), or None.
        fill: whether the stroke is the outline of a solid area. SVG and pictures show it
            so; forms that know lines alone keep the outline.

    Raises:
        DrawingError: no points, a wrong shape, unequal lengths, or numbers that
            are not finite or beyond `MAX_COORDINATE`.
    """

    points: FloatArray
    time: FloatArray | None = None
    pressure: FloatArray | None = None
    color: str | None = None
    width: float | None = None
    layer: str | None = None
    fill: bool = False

    def __post_init__(self) -> None:
        points = _frozen(self.points, "points")
        if points.ndim != 2 or points.shape[1] != 2 or len(points) == 0:
            raise DrawingError(
                f"a stroke's points have shape {points.shape}; wanted (n, 2) with n of 1 or more"
            )
        # One pass finds NaN, infinities and overflow: a NaN compares false.
        if not (np.abs(points) <= MAX_COORDINATE).all():
            row = int(np.flatnonzero(~(np.abs(points) <= MAX_COORDINATE).all(axis=1))[0])
            x, y = points[row].tolist()
            raise DrawingError(
                f"point {row} of a stroke is ({x:g}, {y:g}); wanted finite coordinates "
                f"within ±{MAX_COORDINATE:g} px"
            )
        object.__setattr__(self, "points", points)
        for name in ("time", "pressure"):
            values = getattr(self, name)
            if values is None:
                continue
            values = _frozen(values, name)
            if values.shape != (len(points),):
                raise DrawingError(
                    f"a stroke of {len(points)} points has {name} of shape {values.shape}; "
                    f"wanted ({len(points)},)"
                )
            if not np.isfinite(values).all():
                raise DrawingError(f"a stroke's {name} holds a value that is not finite")
            object.__setattr__(self, name, values)
        if self.width is not None and not 0 < self.width <= MAX_COORDINATE:
            raise DrawingError(f"a stroke's width is {self.width:g} px; wanted above 0")

    def __len__(self) -> int:
        return len(self.points)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Stroke):
            return NotImplemented
        return (
            _same(self.points, other.points)
            and _same(self.time, other.time)
            and _same(self.pressure, other.pressure)
            and (self.color, self.width, self.layer, self.fill)
            == (other.color, other.width, other.layer, other.fill)
        )

    __hash__ = None  # type: ignore[assignment]

    @property
    def is_dot(self) -> bool:
        """True where all points coincide: a touch of the pen without a movement."""
        return bool((self.points == self.points[0]).all())

    def replace(self, **changes: Any) -> Stroke:
        """A copy with some fields changed."""
        return dataclasses.replace(self, **changes)


@dataclass(frozen=True, slots=True)
class Drawing:
    """Strokes in the order they were drawn, on a canvas, and what is known of them.

    Args:
        strokes: the strokes; none is an empty drawing.
        size: canvas width and height in px.
        label: the word it shows ("cat"), or None.
        key: Quick, Draw! key_id, or any number that names the drawing, or None.
        country: two-letter country code, or None.
        created: when it was drawn, or None.
        recognized: whether the game recognised it, or None.

    Raises:
        DrawingError: a canvas size that is not positive and finite.
    """

    strokes: tuple[Stroke, ...] = ()
    size: tuple[float, float] = (256.0, 256.0)
    label: str | None = None
    key: int | None = None
    country: str | None = None
    created: datetime | None = None
    recognized: bool | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "strokes", tuple(self.strokes))
        width, height = (float(v) for v in self.size)
        if not (0 < width <= 2 * MAX_COORDINATE and 0 < height <= 2 * MAX_COORDINATE):
            raise DrawingError(f"canvas of {width:g} x {height:g} px; wanted both above 0")
        object.__setattr__(self, "size", (width, height))

    __hash__ = None  # type: ignore[assignment]

    @classmethod
    def from_arrays(cls, strokes: Iterable[npt.ArrayLike], **fields: Any) -> Drawing:
        """A drawing from (n, 2) arrays of x, y in px; empty arrays are dropped."""
        arrays = (np.asarray(stroke, dtype=np.float32) for stroke in strokes)
        return cls(tuple(Stroke(a) for a in arrays if a.size), **fields)

    @property
    def n_points(self) -> int:
        """Number of points over all strokes."""
        return sum(len(stroke) for stroke in self.strokes)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Smallest box (x0, y0, x1, y1) in px around all points; zeros where there are none."""
        if not self.strokes:
            return (0.0, 0.0, 0.0, 0.0)
        low = np.min([s.points.min(axis=0) for s in self.strokes], axis=0)
        high = np.max([s.points.max(axis=0) for s in self.strokes], axis=0)
        return (float(low[0]), float(low[1]), float(high[0]), float(high[1]))

    def replace(self, **changes: Any) -> Drawing:
        """A copy with some fields changed."""
        return dataclasses.replace(self, **changes)

    def map_points(self, function: Any) -> Drawing:
        """A copy whose strokes' points went through `function`, (n, 2) -> (n, 2)."""
        return self.replace(
            strokes=tuple(s.replace(points=function(s.points)) for s in self.strokes)
        )

    def with_strokes(self, strokes: Sequence[Stroke]) -> Drawing:
        """A copy with other strokes."""
        return self.replace(strokes=tuple(strokes))


def _frozen(values: npt.ArrayLike, name: str) -> FloatArray:
    """A read-only float32 array: `values` itself if it is one already, else a copy."""
    try:
        with np.errstate(over="ignore"):
            array = np.asarray(values, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise DrawingError(f"a stroke's {name} are not numbers in a regular array") from error
    if array.flags.writeable:
        if array is values or array.base is not None:
            array = array.copy()
        array.flags.writeable = False
    return array


def _same(a: FloatArray | None, b: FloatArray | None) -> bool:
    if a is None or b is None:
        return a is b
    return bool(np.array_equal(a, b))
