"""`Columns`: many drawings as flat arrays, which packers produce and `table` writes.

Nothing here needs pyarrow, which takes a tenth of a second to import: commands that read
pictures and write SVG start without it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from .drawing import Drawing
from .errors import DrawingError

QUICKDRAW_SIZE = (256.0, 256.0)

Int16Array = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Columns:
    """D drawings as flat arrays: what packers produce and `TableWriter` takes.

    Args:
        points: int16 (P, 2), x and y of every point of every drawing.
        stroke_offsets: int32 (S + 1,), where each stroke begins in `points`.
        drawing_offsets: int32 (D + 1,), where each drawing begins among the strokes.
        words, countries: D strings or None.
        keys: uint64 (D,).
        created: int64 (D,), microseconds since 1970 UTC; the least int64 is "unknown".
        recognized: D booleans or None.
        splits: D of "train", "valid", "test", or "" where it is yet to be given.
    """

    points: Int16Array
    stroke_offsets: npt.NDArray[np.int32]
    drawing_offsets: npt.NDArray[np.int32]
    words: Sequence[str | None]
    keys: npt.NDArray[np.uint64]
    countries: Sequence[str | None]
    created: npt.NDArray[np.int64]
    recognized: Sequence[bool | None]
    splits: Sequence[str]

    def __len__(self) -> int:
        return len(self.drawing_offsets) - 1


UNKNOWN_TIME = np.iinfo(np.int64).min


def content_key(points: npt.NDArray[Any], ends: npt.NDArray[Any]) -> int:
    """A 64-bit key from what is drawn, for drawings that have none: equal drawings, equal keys."""
    digest = hashlib.blake2b(np.ascontiguousarray(points).tobytes(), digest_size=8)
    digest.update(np.ascontiguousarray(ends, dtype=np.int64).tobytes())
    return int.from_bytes(digest.digest(), "little")


def columns_from_drawings(
    drawings: Iterable[Drawing], splits: Sequence[str] | None = None
) -> Columns:
    """Columns of drawings whose coordinates are integers within int16.

    Raises:
        DrawingError: coordinates that int16 does not hold exactly.
    """
    items = list(drawings)
    points: list[Int16Array] = []
    stroke_lengths: list[int] = []
    stroke_counts: list[int] = []
    keys: list[int] = []
    for index, drawing in enumerate(items):
        mine = [s.points for s in drawing.strokes]
        flat = np.concatenate(mine) if mine else np.zeros((0, 2), np.float32)
        exact = flat.astype(np.int16, casting="unsafe") if _fits_int16(flat) else None
        if exact is None:
            raise DrawingError(
                f"drawing {index} has coordinates that are not integers within ±32767, "
                "which is what a table holds; simplify it to the Quick, Draw! box first"
            )
        lengths = [len(p) for p in mine]
        points.append(exact)
        stroke_lengths += lengths
        stroke_counts.append(len(mine))
        key = drawing.key
        keys.append(content_key(exact, np.cumsum(lengths)) if key is None else key)
    return Columns(
        points=np.concatenate(points) if points else np.zeros((0, 2), np.int16),
        stroke_offsets=offsets_from_lengths(stroke_lengths),
        drawing_offsets=offsets_from_lengths(stroke_counts),
        words=[d.label for d in items],
        keys=key_array(keys),
        countries=[d.country for d in items],
        created=np.array(
            [UNKNOWN_TIME if d.created is None else to_microseconds(d.created) for d in items],
            np.int64,
        ),
        recognized=[d.recognized for d in items],
        splits=["train"] * len(items) if splits is None else splits,
    )


def key_array(keys: Sequence[int]) -> npt.NDArray[np.uint64]:
    """Keys as a table holds them: uint64 (n,).

    Raises:
        DrawingError: a key that is not a whole number of 64 bits.
    """
    for key in keys:
        if not 0 <= key < 1 << 64:
            raise DrawingError(f"a drawing's key is {key}; wanted a whole number of 64 bits")
    return np.array(keys, np.uint64)


def offsets_from_lengths(lengths: npt.ArrayLike) -> npt.NDArray[np.int32]:
    """[0, l0, l0 + l1, ...]: int32, one longer than `lengths`."""
    lengths = np.asarray(lengths, np.int64)
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def from_microseconds(value: int | None) -> datetime | None:
    """The time that `to_microseconds` gave; None stays None."""
    return None if value is None else _EPOCH + timedelta(microseconds=value)


def to_microseconds(when: datetime) -> int:
    """Microseconds since 1970 UTC, exactly."""
    delta = when.astimezone(UTC) - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def _fits_int16(points: npt.NDArray[np.float32]) -> bool:
    return bool((np.abs(points) <= 32_767).all() and (points == np.rint(points)).all())
