"""A texture that follows a shape: rows run along its outline, columns go inwards.

Each px of the shape takes the place along the outline of the nearest point of it, and its depth:
the distance field's coordinates. Where the nearest points change at once, on the shape's ridge, so
does the texture.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

UInt8Array = npt.NDArray[np.uint8]
# More of a pattern: (width, height) px to a picture.
Maker = Callable[[tuple[int, int]], UInt8Array]

# Parts of a shape smaller than this, px, are left to what lies beside them.
_LEAST = 16


def follow(shape: npt.NDArray[np.bool_], make: Maker) -> UInt8Array:
    """A texture bent along a shape's outlines, holes among them.

    Args:
        shape: (H, W), at least one px inside.
        make: is asked for a strip as long as the outlines and as high as the shape is deep.

    Returns:
        as `make` gives it, (H, W) or (H, W, 3); of meaning inside the shape.
    """
    import cv2
    from scipy.spatial import cKDTree

    found, _ = cv2.findContours(shape.view(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    rims = [rim[:, 0].astype(np.float64) for rim in found]
    rims = [rim for rim in rims if len(rim) >= _LEAST] or rims
    along = []
    length = 0.0
    for rim in rims:
        steps = np.hypot(*np.diff(rim, axis=0, append=rim[:1]).T)
        along.append(length + np.cumsum(steps) - steps)
        length += float(steps.sum())
    place = np.concatenate(along)
    y, x = np.nonzero(shape)
    depth, nearest = cKDTree(np.concatenate(rims)).query(np.column_stack([x, y]))
    strip = make((max(8, int(np.ceil(length))), max(8, int(np.ceil(depth.max())) + 1)))
    bent = np.full((*shape.shape, *strip.shape[2:]), 255, np.uint8)
    # Smoothed along the shape, else a px of the outline fans out into one flat wedge.
    across = np.zeros(shape.shape, np.float32)
    across[y, x] = place[nearest]
    down = np.zeros(shape.shape, np.float32)
    down[y, x] = depth
    inside = np.zeros(shape.shape, np.bool_)
    inside[y, x] = True
    across = _smoothed(across, inside, length)
    bent = cv2.remap(
        np.hstack([strip, strip[:, :1]]), across, down, cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return np.asarray(bent, np.uint8)


def _smoothed(
    across: npt.NDArray[np.float32], inside: npt.NDArray[np.bool_], length: float
) -> npt.NDArray[np.float32]:
    """Places along the outline, averaged as angles over the px around that belong together."""
    import cv2

    angle = across * np.float32(2 * np.pi / max(length, 1e-6))
    weight = cv2.boxFilter(inside.astype(np.float32), -1, (5, 5)) + np.float32(1e-6)
    sines = cv2.boxFilter(np.where(inside, np.sin(angle), 0).astype(np.float32), -1, (5, 5))
    cosines = cv2.boxFilter(np.where(inside, np.cos(angle), 0).astype(np.float32), -1, (5, 5))
    turned = np.arctan2(sines / weight, cosines / weight) % (2 * np.pi)
    averaged = turned * np.float32(length / (2 * np.pi))
    # Across the ridge the average lies between two places that are apart: there it stays.
    jump = np.abs(averaged - across)
    jump = np.minimum(jump, length - jump)
    return np.where(jump < 6, averaged, across).astype(np.float32)
