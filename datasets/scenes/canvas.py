"""`Canvas`: the picture while it is painted, and whose every px is.

The one thing here that changes under the brush. A layer comes with its coverage (alpha);
the px that it covers by half or more become its own, so the same rasterisation that
blends the picture decides the labels, and there is no halo between the two.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]

# From this coverage on, a px belongs to the layer.
OWNED = 0.5


@dataclass(frozen=True, slots=True)
class Mask:
    """Where an object is, hidden parts included: bool (h, w) with its corner in the picture."""

    x: int
    y: int
    cover: BoolArray

    def on(self, height: int, width: int) -> BoolArray:
        """The mask in a picture of this size."""
        full = np.zeros((height, width), np.bool_)
        h, w = self.cover.shape
        full[self.y : self.y + h, self.x : self.x + w] = self.cover
        return full


class Canvas:
    """Float colours 0 to 1 that are painted from the back to the front."""

    def __init__(self, height: int, width: int) -> None:
        self.picture: FloatArray = np.zeros((height, width, 3), np.float32)
        self.owner: npt.NDArray[np.uint8] = np.zeros((height, width), np.uint8)
        self.masks: dict[int, Mask] = {}

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width, px."""
        return self.owner.shape[0], self.owner.shape[1]

    def put(
        self,
        owner: int,
        color: FloatArray,
        alpha: FloatArray,
        x: int = 0,
        y: int = 0,
        *,
        premultiplied: bool = False,
    ) -> None:
        """Lays a layer over the picture; what lies outside is cut off.

        Args:
            owner: the object's id.
            color: float32 (h, w, 3), 0 to 1, or a colour (3,).
            alpha: float32 (h, w), 0 to 1.
            x, y: the picture's px at which the layer's corner lies.
            premultiplied: whether `color` is already multiplied with `alpha`.
        """
        height, width = self.shape
        h, w = alpha.shape
        x0, y0, x1, y1 = max(x, 0), max(y, 0), min(x + w, width), min(y + h, height)
        if x0 >= x1 or y0 >= y1:
            return
        inner = (slice(y0 - y, y1 - y), slice(x0 - x, x1 - x))
        outer = (slice(y0, y1), slice(x0, x1))
        a = alpha[inner]
        c = color[inner] if color.ndim == 3 else color
        region = self.picture[outer]
        region *= (1 - a)[..., None]
        region += c if premultiplied else c * a[..., None]
        own = a >= OWNED
        self.owner[outer][own] = owner
        self._remember(owner, Mask(x0, y0, own))

    def own(self, owner: int, cover: BoolArray, x: int = 0, y: int = 0) -> None:
        """Says whose px are, for what has been painted into `picture` directly."""
        h, w = cover.shape
        self.owner[y : y + h, x : x + w][cover] = owner
        self._remember(owner, Mask(x, y, cover))

    def _remember(self, owner: int, mask: Mask) -> None:
        """Joins a mask to what the object covers already."""
        before = self.masks.get(owner)
        if before is None:
            self.masks[owner] = mask
            return
        x0, y0 = min(before.x, mask.x), min(before.y, mask.y)
        x1 = max(before.x + before.cover.shape[1], mask.x + mask.cover.shape[1])
        y1 = max(before.y + before.cover.shape[0], mask.y + mask.cover.shape[0])
        both = np.zeros((y1 - y0, x1 - x0), np.bool_)
        for m in (before, mask):
            h, w = m.cover.shape
            both[m.y - y0 : m.y - y0 + h, m.x - x0 : m.x - x0 + w] |= m.cover
        self.masks[owner] = Mask(x0, y0, both)
