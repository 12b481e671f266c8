"""A drawing of any size as Quick, Draw! would have kept it."""

from __future__ import annotations

import numpy as np

from ..strokes import Drawing, Stroke, simplify_raw
from ..strokes.table import QUICKDRAW_SIZE


def as_quickdraw(drawing: Drawing) -> Drawing:
    """The drawing as the simplified data set has it: longer side 255, few points, whole numbers.

    Times, pressures, colours, widths and layers are left behind; an empty drawing stays.

    Raises:
        DrawingError: more line than the recipe takes (see `simplify_raw`).
    """
    if not drawing.strokes:
        return drawing.replace(size=QUICKDRAW_SIZE)
    simple = simplify_raw([(s.points[:, 0], s.points[:, 1]) for s in drawing.strokes])
    strokes = tuple(Stroke(points.astype(np.float32)) for points in simple)
    return drawing.replace(strokes=strokes, size=QUICKDRAW_SIZE)
