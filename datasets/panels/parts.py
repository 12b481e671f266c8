"""The connected parts that gutters leave of a page: `connected_parts`, and what their shape says.

A part that fills its hull is the whole ground of a panel, or of several that art joins; one that
does not is a drawing on bare paper, or a panel whose paper leads out of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from .outlines import Mask, Polygon, agreement, contour, is_bent

# Parts this small are specks, page numbers, dirt: share of the page's longer side.
SPECK = 0.02
# A part that fills its hull to this share is a panel's or several panels' whole ground.
SOLID = 0.8
# Panels that art joins fill their common hull to this share; drawings on bare paper may do.
JOINED = 0.5
# A part that does not fill its hull may still be a panel with a corner cut out, if so few corners
# give it to this agreement.
CORNERS, STRAIGHT = 8, 0.95
BENT = 0.95  # of its hull, that a bent panel fills at most


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A connected part.

    Args:
        mask: bool (h, w), its px within its box, holes filled.
        box: x, y, w, h in px of the page.
        hull: (n, 2), its convex hull, x and y in px of the page.
        hull_area: of the hull, px.
    """

    mask: Mask
    box: tuple[int, int, int, int]
    hull: Polygon
    hull_area: float

    @property
    def filled(self) -> float:
        """Which share of its hull it is."""
        return float(self.mask.sum()) / self.hull_area

    @property
    def solid(self) -> bool:
        """Whether it is a panel's ground, or that of several."""
        share = self.filled
        if share >= SOLID or share < JOINED:
            return share >= SOLID
        part = self.mask.astype(np.uint8)
        simple = contour(part)
        return len(simple) <= CORNERS and agreement(simple, part) >= STRAIGHT

    @property
    def bent(self) -> bool:
        """Whether it is a panel around one corner of another: a gutter would leave two."""
        if self.filled > BENT:
            return False
        part = self.mask.astype(np.uint8)
        simple = contour(part)
        return is_bent(simple) and agreement(simple, part) >= STRAIGHT

    @property
    def notch(self) -> float:
        """How deep the deepest notch in its outline is, px."""
        outlines, _ = cv2.findContours(self.mask.astype(np.uint8), cv2.RETR_EXTERNAL,
                                       cv2.CHAIN_APPROX_SIMPLE)  # fmt: skip
        longest = max(outlines, key=cv2.contourArea)
        if len(longest) < 4:
            return 0.0
        hull = np.sort(cv2.convexHull(longest, returnPoints=False), axis=0)[::-1]
        defects = cv2.convexityDefects(longest, hull)
        return 0.0 if defects is None else float(np.reshape(defects, (-1, 4))[:, 3].max()) / 256

    def on(self, shape: tuple[int, ...]) -> Mask:
        """Its mask on a page of a shape (H, W)."""
        mask = np.zeros(shape[:2], bool)
        x, y, w, h = self.box
        mask[y : y + h, x : x + w] = self.mask
        return mask

    def amid(self, mask: Mask) -> bool:
        """Whether its middle is in a mask, bool (H, W) of the page."""
        x, y, w, h = self.box
        return bool(mask[y + h // 2, x + w // 2])

    def overlaps(self, mask: Mask) -> bool:
        """Whether some of it is in a mask, bool (H, W) of the page."""
        x, y, w, h = self.box
        return bool((mask[y : y + h, x : x + w] & self.mask).any())

    def within(self, other: Part) -> bool:
        """Whether it is no larger than another, in whose hull its middle lies."""
        x, y, w, h = self.box
        if w * h > other.box[2] * other.box[3]:
            return False
        middle = (x + w / 2, y + h / 2)
        return cv2.pointPolygonTest(other.hull.astype(np.float32), middle, False) >= 0


def connected_parts(region: Mask) -> list[Part]:
    """The connected parts of a region that are no specks, holes filled.

    Args:
        region: bool (H, W), of the page's size.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(region.astype(np.uint8))
    found = []
    for number in range(1, count):
        x, y, w, h = (int(v) for v in stats[number, :4])
        if max(w, h) < SPECK * max(region.shape):
            continue
        part = (labels[y : y + h, x : x + w] == number).astype(np.uint8)
        outlines, _ = cv2.findContours(part, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(part, outlines, -1, 1, -1)
        hull = cv2.convexHull(max(outlines, key=cv2.contourArea))[:, 0]
        area = float(cv2.contourArea(hull))
        found.append(Part(part > 0, (x, y, w, h), hull + np.array([x, y]), max(area, 1.0)))
    return found


def extent(parts: Sequence[Part]) -> tuple[Polygon, Polygon]:
    """The upper left and lower right corner of parts."""
    points = np.concatenate([part.hull for part in parts])
    return points.min(axis=0), points.max(axis=0)
