"""Dividing a page into the masks of its panels, given its gutters: `Divider`.

What the gutters leave is in parts. A part that fills its own outline is a panel, or several that
art joins over a gutter, which a straight cut tells (`cuts`). Parts that do not, drawings on bare
paper, are divided by cuts through the paper between them.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from .cuts import FRAMED, OPEN, SLOT, Cut, best_cut
from .frames import framed
from .gutters import Gutters
from .outlines import Mask
from .parts import JOINED, Part, connected_parts, extent

# Smaller parts are no panels: shares of the page's longer side, and of its area.
LEAST_SIDE, LEAST_AREA = 0.04, 0.006
# Drawings on bare paper are panels only from this size on; below, they are titles and notes.
LEAST_LOOSE = 0.085
# Letters are no taller, share of the longer side; a part that has nothing taller is writing.
TALLEST_LETTER = 0.03
SLICED = 0.03  # share of a drawing that may stick out over the cut beside it
# A part is searched for cuts only where its outline has a notch so deep, share of the longer side.
NOTCH = 0.015
_DEPTH = 40


class Divider:
    """A page that is divided along its gutters."""

    def __init__(self, gutters: Gutters) -> None:
        self._gutters = gutters
        self._shape = gutters.gutter.shape
        self._long = max(self._shape)
        self._area = self._shape[0] * self._shape[1]
        self._first = [part for part in connected_parts(~gutters.gutter) if self._is_large(part)]
        self._whole: set[tuple[int, ...]] = set()  # loose parts that no framed cut divides

    def parts(self) -> list[Part]:
        """The parts as the gutters leave them, that are large enough for a panel."""
        return self._first

    def masks(self) -> Iterator[Mask]:
        """Of each panel its px, bool (H, W), without holes."""
        return self._divided(~self._gutters.gutter, 0)

    def _divided(self, region: Mask, depth: int) -> Iterator[Mask]:
        """Masks of the panels in a region, bool (H, W), full size and without holes."""
        parts = connected_parts(region)
        large = [part for part in parts if self._is_large(part)]
        solid = [part for part in large if part.solid]
        loose = [part for part in parts if not any(part is s for s in solid)]
        loose = [part for part in loose if not any(part.within(s) for s in solid)]
        for part in [part for part in loose if self._is_large(part)]:
            key = (*part.box, int(part.mask.sum()))
            if part.filled >= JOINED and depth < _DEPTH:
                cut = None if key in self._whole else self._cut([part], None, framed=True)
                if cut is not None:
                    loose = [other for other in loose if other is not part]
                    region = region & ~part.on(self._shape)
                    for side in self._sides(part.on(self._shape) & ~self._band(cut), cut):
                        yield from self._divided(side, depth + 1)
                    continue
                self._whole.add(key)
            if any(part is other for other in loose):
                mask = self._framed(part, large)
                if mask is not None:
                    yield mask
                    region = region & ~mask
                    loose = [other for other in loose if not other.amid(mask)]
                    solid = [other for other in solid if not other.amid(mask)]
        if sum(part.hull_area for part in loose) < LEAST_AREA * self._area:
            loose = []
        if loose:
            cut = self._cut([*loose, *solid], region, framed=False) if depth < _DEPTH else None
            if cut is not None and not any(self._slices(cut, part) for part in parts):
                for side in self._sides(region, cut):
                    yield from self._divided(side, depth + 1)
                return
            if not self._is_writing(loose):
                (x0, y0), (x1, y1) = extent(loose)
                among = [
                    part
                    for part in solid
                    if x0 <= part.box[0] + part.box[2] / 2 <= x1
                    and y0 <= part.box[1] + part.box[3] / 2 <= y1
                ]
                yield self._box_of([*loose, *among])
                solid = [part for part in solid if not any(part is other for other in among)]
        for part in solid:
            yield from self._single(part, large, depth)

    def _framed(self, part: Part, others: list[Part]) -> Mask | None:
        """The panel of which a part is the border, or None."""
        mask = part.on(self._shape)
        apart = [other for other in self.parts() if not other.overlaps(mask)]
        return framed(part, [*others, *apart], self._shape)

    def _single(self, part: Part, others: list[Part], depth: int) -> Iterator[Mask]:
        """A part that is a panel, or several that something joins."""
        notched = depth < _DEPTH and part.notch >= NOTCH * self._long and not part.bent
        cut = self._cut([part], None, framed=True) if notched else None
        mask = part.on(self._shape)
        if cut is None:
            whole = self._framed(part, others)
            yield mask if whole is None else whole
            return
        for side in self._sides(mask & ~self._band(cut), cut):
            yield from self._divided(side, depth + 1)

    def _cut(self, parts: list[Part], region: Mask | None, *, framed: bool) -> Cut | None:
        hull = cv2.convexHull(np.concatenate([part.hull for part in parts]).astype(np.int32))
        inside = np.zeros(self._shape, np.uint8)
        cv2.fillPoly(inside, [hull], 1)
        # Paper that something cuts off from the page's edge still is gutter between two panels.
        gutter = self._gutters.gutter
        if region is not None:
            gutter = gutter | ~region
        least = LEAST_SIDE * self._long
        tries = ((self._gutters.paper | gutter, FRAMED), (gutter, SLOT)) if framed else (
            (gutter, OPEN),)  # fmt: skip
        for paper, kind in tries:
            cut = best_cut(paper, gutter, inside > 0, page=self._long, least=least, kind=kind)
            if cut is not None:
                return cut
        return None

    def _slices(self, cut: Cut, part: Part) -> bool:
        """Whether a cut leaves much of one connected drawing on each side."""
        a, b, c = cut.line
        ys, xs = np.nonzero(part.mask)
        share = float((a * (xs + part.box[0]) + b * (ys + part.box[1]) > c).mean())
        return SLICED < share < 1 - SLICED

    def _sides(self, region: Mask, cut: Cut) -> tuple[Mask, Mask]:
        a, b, c = cut.line
        height, width = region.shape
        beyond = a * np.arange(width)[None, :] + b * np.arange(height)[:, None] > c
        return region & ~beyond, region & beyond

    def _band(self, cut: Cut) -> Mask:
        """The px of a cut, two wide, so that both sides come apart."""
        a, b, c = cut.line
        height, width = self._shape
        away = a * np.arange(width)[None, :] + b * np.arange(height)[:, None] - c
        return np.asarray(np.abs(away) <= 1)

    def _box_of(self, parts: list[Part]) -> Mask:
        """The upright box of loose parts: a drawing on bare paper has no other border."""
        mask = np.zeros(self._shape, bool)
        (x0, y0), (x1, y1) = extent(parts)
        mask[max(int(y0), 0) : int(y1) + 1, max(int(x0), 0) : int(x1) + 1] = True
        return mask

    def _is_large(self, part: Part) -> bool:
        _, _, w, h = part.box
        return min(w, h) >= LEAST_SIDE * self._long and part.hull_area >= LEAST_AREA * self._area

    def _is_writing(self, parts: list[Part]) -> bool:
        """Whether loose parts are a title, a note or a number and no drawing."""
        low, high = extent(parts)
        if (high - low).min() < LEAST_LOOSE * self._long:
            return True
        return max(part.box[3] for part in parts) < TALLEST_LETTER * self._long
