"""`IntStrokes`: many drawings as int16 points, as a table holds them.

What is whole already is taken as it stands. The rest (raw drawings, SVG,
drawings by hand) is brought to the Quick, Draw! box by `quickdraw_recipe`, many
drawings at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .columns import content_key, offsets_from_lengths
from .errors import DrawingError
from .quickdraw_recipe import Int16Array, simplify_batch

INT16_MAX = 32_767
# Resampled, 64 drawings are some 100,000 points: enough for numpy, little memory.
GROUP_DRAWINGS = 64
GROUP_POINTS = 50_000


@dataclass(frozen=True, slots=True)
class IntStrokes:
    """Points int16 (P, 2) of D drawings, and the int64 offsets of strokes and drawings."""

    points: Int16Array
    stroke_offsets: npt.NDArray[np.int64]
    drawing_offsets: npt.NDArray[np.int64]


def strokes_from_arrays(
    drawings: Sequence[Sequence[npt.NDArray[np.float64]]],
    whole: Sequence[bool],
    wheres: Sequence[str],
) -> tuple[IntStrokes, dict[int, str]]:
    """Drawings of float64 (n, 2) strokes in a table's int16: whole ones as they are, others
    through the recipe.

    Args:
        whole: which drawings have whole numbers within int16 only.
        wheres: names each drawing in a sentence about it.

    Returns:
        the shapes of all but the refused, and for each refused one why.
    """
    refused: dict[int, str] = {}
    done: dict[int, tuple[Int16Array, npt.NDArray[np.int64]]] = {}
    rough = [i for i, plain in enumerate(whole) if not plain]
    done.update(_simplified(drawings, rough, wheres, refused))
    points: list[Int16Array] = []
    stroke_lengths: list[npt.NDArray[np.int64]] = []
    counts: list[int] = []
    for i, strokes in enumerate(drawings):
        if i in refused:
            continue
        if i in done:
            flat, lengths = done[i]
        else:
            flat = np.concatenate(strokes).astype(np.int16)
            lengths = np.array([len(s) for s in strokes])
        points.append(flat)
        stroke_lengths.append(lengths)
        counts.append(len(lengths))
    lengths = np.concatenate([np.zeros(0, np.int64), *stroke_lengths])
    return (
        IntStrokes(
            np.concatenate([np.zeros((0, 2), np.int16), *points]),
            np.concatenate([[0], np.cumsum(lengths)]),
            offsets_from_lengths(counts).astype(np.int64),
        ),
        refused,
    )


def strokes_from_offsets(arrays: Sequence[npt.NDArray[np.integer]]) -> IntStrokes:
    """Drawings of whole stroke-3 rows, each from its implicit first point at 0, 0.

    Args:
        arrays: (n, 3) each with n of 1 or more, columns dx, dy, pen lifted.

    Raises:
        DrawingError: a drawing that reaches beyond int16; the message says which.
    """
    rows = np.concatenate([np.zeros((0, 3), np.int64), *arrays])
    n = np.array([len(a) + 1 for a in arrays], np.int64)  # points of each drawing
    ends = np.cumsum(n)
    begins = ends - n
    is_row = np.ones(n.sum(), np.bool_)
    is_row[begins] = False
    steps = np.zeros((len(is_row), 2), np.int64)
    steps[is_row] = rows[:, :2]
    places = np.cumsum(steps, axis=0)
    places -= np.repeat(places[begins], n, axis=0)
    far = np.abs(places).max(axis=1, initial=0) > INT16_MAX
    if far.any():
        row = int(np.flatnonzero(far)[0])
        drawing = int(np.searchsorted(ends, row, side="right"))
        x, y = places[row].tolist()
        raise DrawingError(
            f"drawing {drawing} reaches ({x}, {y}); a table holds coordinates within ±{INT16_MAX}"
        )
    is_last = np.zeros(len(is_row), np.bool_)
    is_last[is_row] = rows[:, 2] > 0
    is_last[ends - 1] = True
    return IntStrokes(
        places.astype(np.int16),
        np.concatenate([[0], np.flatnonzero(is_last) + 1]),
        np.concatenate([[0], np.cumsum(is_last)[ends - 1]]),
    )


def _simplified(
    drawings: Sequence[Sequence[npt.NDArray[np.float64]]],
    chosen: Sequence[int],
    wheres: Sequence[str],
    refused: dict[int, str],
) -> dict[int, tuple[Int16Array, npt.NDArray[np.int64]]]:
    """Points and stroke lengths of the chosen drawings, simplified."""
    done: dict[int, tuple[Int16Array, npt.NDArray[np.int64]]] = {}
    for group in _groups(drawings, chosen):
        lengths = [len(s) for i in group for s in drawings[i]]
        offsets = np.concatenate([[0], np.cumsum([len(drawings[i]) for i in group])])
        try:
            flat, ends = simplify_batch(
                np.concatenate([s for i in group for s in drawings[i]]),
                np.concatenate([[0], np.cumsum(lengths)]),
                offsets,
            )
        except DrawingError as error:
            if len(group) == 1:
                refused[group[0]] = f"{wheres[group[0]]}: {error}"
            else:
                for i in group:
                    done |= _simplified(drawings, [i], wheres, refused)
            continue
        for k, i in enumerate(group):
            mine = ends[offsets[k] : offsets[k + 1] + 1]
            done[i] = (flat[mine[0] : mine[-1]], np.diff(mine))
    return done


def _groups(
    drawings: Sequence[Sequence[npt.NDArray[np.float64]]], chosen: Sequence[int]
) -> list[list[int]]:
    groups: list[list[int]] = []
    points = GROUP_POINTS
    for i in chosen:
        if points >= GROUP_POINTS or len(groups[-1]) >= GROUP_DRAWINGS:
            groups.append([])
            points = 0
        groups[-1].append(i)
        points += sum(map(len, drawings[i]))
    return groups


def is_whole(array: npt.NDArray[np.float64]) -> bool:
    """True where all numbers are whole and within int16."""
    return bool((np.abs(array) <= INT16_MAX).all() and (array == np.rint(array)).all())


def take(shapes: IntStrokes, drawings: Sequence[int]) -> IntStrokes:
    """Some of the drawings."""
    offsets, strokes = shapes.drawing_offsets, shapes.stroke_offsets
    points = [shapes.points[strokes[offsets[i]] : strokes[offsets[i + 1]]] for i in drawings]
    lengths = [np.diff(strokes[offsets[i] : offsets[i + 1] + 1]) for i in drawings]
    return IntStrokes(
        np.concatenate([np.zeros((0, 2), np.int16), *points]),
        np.concatenate([[0], np.cumsum(np.concatenate([np.zeros(0, np.int64), *lengths]))]),
        np.concatenate([[0], np.cumsum([len(n) for n in lengths])]).astype(np.int64),
    )


def own_key(shapes: IntStrokes, drawing: int) -> int:
    """The key of a drawing's content."""
    first, last = shapes.drawing_offsets[drawing : drawing + 2]
    strokes = shapes.stroke_offsets[first : last + 1]
    return content_key(shapes.points[strokes[0] : strokes[-1]], strokes[1:] - strokes[0])
