"""An order and directions that a hand might have drawn strokes in.

From the top left on, each time the nearest end of what is not drawn yet, entered
there; a closed stroke is entered at the point of it that is nearest. Lines are
preferred to begin at their left or upper end, as right-handed people draw them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .ragged import FloatArray

# Beginning at the wrong end costs as much as moving the pen by this part of the page.
_RELUCTANCE = 0.04
# Beyond so many strokes they are taken from the top down: the next nearest costs n^2.
_MOST = 20_000


def drawing_order(
    starts: FloatArray, ends: FloatArray, size: Sequence[float]
) -> list[tuple[int, bool]]:
    """Stroke numbers as they are drawn, and whether each runs backwards.

    Args:
        starts, ends: float64 (S, 2), first and last points.
        size: width and height of the page.
    """
    count = len(starts)
    backwards = (ends - starts) @ np.array([1.0, 1.3]) < 0
    if count > _MOST:
        first = np.where(backwards[:, None], ends, starts)
        order = np.lexsort((first[:, 0], first[:, 1]))
        return [(int(k), bool(backwards[k])) for k in order]
    reluctance = _RELUCTANCE * float(np.hypot(size[0], size[1]))
    penalty_start = np.where(backwards, reluctance, 0.0)
    penalty_end = reluctance - penalty_start
    at = np.zeros(2)
    result = []
    for _ in range(count):
        to_start = np.hypot(starts[:, 0] - at[0], starts[:, 1] - at[1]) + penalty_start
        to_end = np.hypot(ends[:, 0] - at[0], ends[:, 1] - at[1]) + penalty_end
        k = int(np.argmin(np.minimum(to_start, to_end)))
        reverse = bool(to_end[k] < to_start[k])
        result.append((k, reverse))
        at = (starts if reverse else ends)[k].copy()
        penalty_start[k] = penalty_end[k] = np.inf
    return result
