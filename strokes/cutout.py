"""A shape to fill, from a picture of it: what is not its background.

For silhouettes, drawings with a closed outline and things photographed before a plain wall. Not
for cluttered photographs: that is what `linework segment` is for.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .errors import LineworkError

# What differs from the rim by less than this, of 255, is paper, whatever Otsu finds.
_LEAST_DIFFERENCE = 24
# Parts below this share of the largest are specks.
_SPECK = 0.01
# Gaps of an outline up to this share of the longer side are closed.
_GAP = 0.006


def cut_out(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Where a picture's shape is.

    Args:
        picture: uint8 (H, W) or (H, W, 3), on a background that reaches its rim.

    Returns:
        bool (H, W); outlines are filled.

    Raises:
        LineworkError: nothing stands out.
    """
    import cv2
    from scipy.ndimage import binary_fill_holes

    colors = picture[..., None] if picture.ndim == 2 else picture
    rim = np.concatenate([colors[0], colors[-1], colors[:, 0], colors[:, -1]])
    paper = np.median(rim, axis=0)
    away = np.abs(colors.astype(np.float32) - paper).max(axis=2).astype(np.uint8)
    level, _ = cv2.threshold(away, 0, 255, cv2.THRESH_OTSU)
    mask = away > max(level, _LEAST_DIFFERENCE)
    side = 2 * max(1, round(max(mask.shape) * _GAP)) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    padded = np.pad(mask, side).astype(np.uint8)
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, kernel)[side:-side, side:-side]
    filled = binary_fill_holes(closed > 0)
    count, parts, figures, _ = cv2.connectedComponentsWithStats(filled.astype(np.uint8))
    areas = figures[1:, cv2.CC_STAT_AREA]
    if count < 2:
        raise LineworkError("nothing stands out of the background; wanted a shape on plain paper")
    kept = 1 + np.flatnonzero(areas >= _SPECK * areas.max())
    return np.isin(parts, kept)
