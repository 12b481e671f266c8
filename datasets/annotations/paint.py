"""Objects painted over one another: what a label map or panoptic picture can show of them.

Pieces are painted in labelme's order, later ones on top. `__ignore__` wipes to nothing
known, `_background_` to the background. A px has one owner, so objects below others lose px
here and only here; those that lose all are named.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...strokes.errors import FormatError
from ...strokes.images import MAX_PIXELS
from .record import BACKGROUND, IGNORE, Record, Remark, piece_mask

IntArray = npt.NDArray[np.int32]
# Owners that are no object.
NOBODY, IGNORED, GROUND = -1, -2, -3


@dataclass(frozen=True, slots=True, eq=False)
class Painting:
    """Who owns each px.

    Args:
        owner: int32 (H, W), index into the record's things, or `NOBODY`, `IGNORED`, `GROUND`.
        remarks: on objects that lost all of their px.
    """

    owner: IntArray
    remarks: tuple[Remark, ...]


def paint(record: Record, max_pixels: int = MAX_PIXELS) -> Painting:
    """All objects of a record, painted.

    Raises:
        FormatError: the picture has more than `max_pixels`.
    """
    height, width = record.height, record.width
    if height * width > max_pixels:
        raise FormatError(
            f"{width:,} x {height:,} px are more than {max_pixels:,} px; make the picture smaller, "
            "raise --max-pixels if there is memory for it, or convert to coco, which draws nothing"
        )
    # Columns lie together, as run lengths do; the transpose is the picture.
    owner = np.full(width * height, NOBODY, np.int32)
    pieces = sorted(
        ((piece.at, number, piece) for number, thing in enumerate(record.things)
         for piece in thing.pieces), key=lambda entry: entry[:2],
    )  # fmt: skip
    for _, number, piece in pieces:
        label = record.things[number].label
        value = {IGNORE: IGNORED, BACKGROUND: GROUND}.get(label, number)
        edges = [*piece_mask(piece, height, width).ends.tolist(), width * height]
        for start, stop in zip(edges[0:-1:2], edges[1::2], strict=False):
            owner[start:stop] = value
    seen = set((np.flatnonzero(np.bincount(owner - GROUND)) + GROUND).tolist())
    remarks = tuple(
        Remark(record.file, "later shapes cover it wholly", "left out of this format",
               thing.pieces[0].at, thing.label, lost=True)
        for number, thing in enumerate(record.things)
        if number not in seen and thing.label not in (IGNORE, BACKGROUND)
    )  # fmt: skip
    return Painting(owner.reshape(width, height).T, remarks)
