"""`find_panels`: the panels of a comic or storyboard page.

Gutters are found by tone and connection (`gutters`). What they leave is in parts; a part that fills
its own outline is a panel, or several that art joins over a gutter, which a straight cut tells
(`cuts`). Parts that do not, drawings on bare paper, are divided by cuts through the paper
between them. Each panel gets an outline (`outlines`); then insets are looked for inside.

What it does not find: panels that share one line and no gutter, insets without a moat of paper, and
anything that only a reader of the story would know.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from .cuts import FRAMED, OPEN, SLOT, Cut, best_cut
from .gutters import DARK, Gutters, UInt8Array, candidates, find_gutters, rim_share
from .outlines import Mask, Polygon, agreement, contour, four_sides, is_bent, outline

# Longer side of the copy in which panels are looked for, px: a border is still a px wide there.
WORKED = 1400
# Smaller pages, of the web, are enlarged to so much: their gutters are a few px.
ENLARGED = 1000
# A rim of one tone to this share is paper; else other tones are tried too.
SURE_RIM = 0.85
# A tone whose parts are worth less of what was found by another is not tried.
PROMISING = 0.6
RARE = 0.85  # what dark paper is worth beside light: black borders leave panels too
UNDIVIDED = 0.9  # a single panel of more of the page says that nothing was found
# Smaller parts are no panels: shares of the page's longer side, and of its area.
LEAST_SIDE, LEAST_AREA = 0.04, 0.006
# Drawings on bare paper are panels only from this size on; below, they are titles and notes.
LEAST_LOOSE = 0.085
# Parts this small are specks, page numbers, dirt: share of the longer side.
SPECK = 0.02
# A part that fills its hull to this share is a panel's or several panels' whole ground.
SOLID = 0.8
# Letters are no taller, share of the longer side; a part that has nothing taller is writing.
TALLEST_LETTER = 0.03
# An inset: agreement with four sides, size as share of its panel, paper in the ring around it.
INSET_FOUR_SIDED, INSET_SHARE, MOAT = 0.93, (0.03, 0.7), 0.9
# Share of the px along the inside of its border that differ: a house has a wall there.
CUT_OFF = 0.06
RING = 0.006  # how far inside the outline that is looked at, share of the page's longer side
# A part that does not fill its hull may still be a panel with a corner cut out, if so few corners
# give it to this agreement.
CORNERS, STRAIGHT = 8, 0.95
BENT = 0.95  # of its hull, that a bent panel fills at most
SLICED = 0.03  # share of a drawing that may stick out over the cut beside it
# A part is searched for cuts only where its outline has a notch so deep, share of the longer side.
NOTCH = 0.015
# Panels that art joins fill their common hull to this share; drawings on bare paper may do.
JOINED = 0.5
_DEPTH = 40


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """A panel of a page.

    Args:
        polygon: float64 (n, 2), x and y in px of the page, n at least 3.
        inset: whether it lies within another.
    """

    polygon: Polygon
    inset: bool = False

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom in px; right and bottom lie outside."""
        low = np.floor(self.polygon.min(axis=0) + 0.01).astype(int)
        high = np.ceil(self.polygon.max(axis=0) - 0.01).astype(int)
        return (
            int(low[0]),
            int(low[1]),
            int(max(high[0], low[0] + 1)),
            int(max(high[1], low[1] + 1)),
        )


def find_panels(page: UInt8Array) -> tuple[Panel, ...]:
    """The panels of a page, in no order.

    Args:
        page: uint8 (H, W) or (H, W, 3), red, green, blue.

    Returns:
        none for a blank page; one as large as the page where nothing divides it.
    """
    rgb = page if page.ndim == 3 else np.repeat(page[:, :, None], 3, axis=2)
    height, width = rgb.shape[:2]
    scale = min(1.0, WORKED / max(height, width))
    scale = max(scale, ENLARGED / max(height, width)) if min(height, width) > 99 else scale
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    small = rgb if scale == 1 else cv2.resize(rgb, size, interpolation=way)
    small = np.ascontiguousarray(small)
    tones = candidates(small)
    if tones and rim_share(small, tones[0]) >= SURE_RIM:
        tones = tones[:1]
    tried = [
        (_Page(small, find_gutters(small, tone)), RARE if sum(tone) < 3 * DARK else 1.0)
        for tone in tones
    ]
    found: list[Panel] = []
    worth = 0.0
    for reading, prior in sorted(tried, key=lambda pair: -pair[0].promise * pair[1]):
        if reading.promise * prior < PROMISING * worth:
            continue
        panels = reading.panels()
        if panels and (not found or _worth(panels, small) * prior > worth):
            found, worth = panels, _worth(panels, small) * prior
    if not found and not _is_blank(small):
        found = [Panel(np.array([(0, 0), (size[0], 0), size, (0, size[1])], np.float64))]
    back = np.array([width, height]) / size
    return tuple(Panel(np.clip(p.polygon, 0, size) * back, p.inset) for p in found)


def _worth(panels: list[Panel], page: UInt8Array) -> float:
    """What panels that were found by one tone are worth, insets left out."""
    outer = [panel for panel in panels if not panel.inset]
    covered = np.zeros((page.shape[0] // 4 + 1, page.shape[1] // 4 + 1), np.uint8)
    for panel in outer:
        cv2.fillPoly(covered, [np.rint(panel.polygon / 4).astype(np.int32)], 1)
    return _value(float(covered.mean()), len(outer))


def _value(share: float, count: int) -> float:
    """The share of a page that parts account for, times the bits that say which of them is meant.

    A wrong tone, as that of the table around a scan, leaves a few large parts, or the page itself.
    """
    undivided = count == 1 and share > UNDIVIDED
    return share * float(np.log2(1 + count)) * (0.5 if undivided else 1.0)


def _is_blank(page: UInt8Array) -> bool:
    few = page[::4, ::4].astype(np.int16)
    return bool((np.abs(few - np.median(few, axis=(0, 1))).max(axis=2) > 40).mean() < 0.002)


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """A connected part: its filled mask within its box (x, y, w, h), and its hull's area."""

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


class _Page:
    """A page with one reading of its gutters."""

    def __init__(self, picture: UInt8Array, gutters: Gutters) -> None:
        self._picture, self._gutters = picture, gutters
        self._long = max(picture.shape[:2])
        self._area = picture.shape[0] * picture.shape[1]
        self._whole: set[tuple[int, ...]] = set()  # loose parts that no framed cut divides

    @property
    def promise(self) -> float:
        """What the panels may be worth, by the parts that the gutters leave as they are."""
        parts = [part for part in self._parts(~self._gutters.gutter) if self._is_large(part)]
        area = sum(part.hull_area for part in parts if part.filled >= JOINED)
        return _value(area / self._area, len(parts))

    def panels(self) -> list[Panel]:
        """The panels, insets after the panel that they lie in."""
        found: list[Panel] = []
        for mask in self._divided(~self._gutters.gutter, 0):
            polygon = outline(mask)
            if cv2.contourArea(polygon.astype(np.float32)) < LEAST_AREA * self._area:
                continue
            found.append(Panel(polygon))
            found += self._insets(polygon)
        return found

    # --- dividing ----------------------------------------------------------------------

    def _divided(self, region: Mask, depth: int) -> Iterator[Mask]:
        """Masks of the panels in a region, bool (H, W), full size and without holes."""
        parts = self._parts(region)
        solid = [part for part in parts if part.solid and self._is_large(part)]
        loose = [part for part in parts if not any(part is s for s in solid)]
        loose = [part for part in loose if not any(_within(part, s) for s in solid)]
        for part in loose:
            key = (*part.box, int(part.mask.sum()))
            if self._is_large(part) and part.filled >= JOINED and depth < _DEPTH:
                cut = None if key in self._whole else self._cut([part], None, framed=True)
                if cut is None:
                    self._whole.add(key)
                else:
                    loose = [other for other in loose if other is not part]
                    for side in self._sides(self._full(part) & ~self._band(cut), cut):
                        yield from self._divided(side, depth + 1)
        if sum(part.hull_area for part in loose) < LEAST_AREA * self._area:
            loose = []
        if loose:
            cut = self._cut([*loose, *solid], region, framed=False) if depth < _DEPTH else None
            if cut is not None and not any(self._slices(cut, part) for part in parts):
                for side in self._sides(region, cut):
                    yield from self._divided(side, depth + 1)
                return
            if not self._is_writing(loose):
                (x0, y0), (x1, y1) = _extent(loose)
                among = [
                    part
                    for part in solid
                    if x0 <= part.box[0] + part.box[2] / 2 <= x1
                    and y0 <= part.box[1] + part.box[3] / 2 <= y1
                ]
                yield self._box_of([*loose, *among])
                solid = [part for part in solid if not any(part is other for other in among)]
        for part in solid:
            yield from self._single(part, depth)

    def _single(self, part: _Part, depth: int) -> Iterator[Mask]:
        """A part that is a panel, or several that something joins."""
        notched = depth < _DEPTH and _notch(part) >= NOTCH * self._long and not part.bent
        cut = self._cut([part], None, framed=True) if notched else None
        mask = self._full(part)
        if cut is None:
            yield mask
            return
        for side in self._sides(mask & ~self._band(cut), cut):
            yield from self._divided(side, depth + 1)

    def _cut(self, parts: list[_Part], region: Mask | None, *, framed: bool) -> Cut | None:
        hull = cv2.convexHull(np.concatenate([part.hull for part in parts]).astype(np.int32))
        inside = np.zeros(self._picture.shape[:2], np.uint8)
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

    def _slices(self, cut: Cut, part: _Part) -> bool:
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
        height, width = self._picture.shape[:2]
        away = a * np.arange(width)[None, :] + b * np.arange(height)[:, None] - c
        return np.asarray(np.abs(away) <= 1)

    # --- parts -------------------------------------------------------------------------

    def _parts(self, region: Mask) -> list[_Part]:
        """The connected parts of a region that are no specks, filled."""
        count, labels, stats, _ = cv2.connectedComponentsWithStats(region.astype(np.uint8))
        found = []
        for number in range(1, count):
            x, y, w, h = (int(v) for v in stats[number, :4])
            if max(w, h) < SPECK * self._long:
                continue
            part = (labels[y : y + h, x : x + w] == number).astype(np.uint8)
            outlines, _ = cv2.findContours(part, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
            cv2.drawContours(part, outlines, -1, 1, -1)
            hull = cv2.convexHull(max(outlines, key=cv2.contourArea))[:, 0]
            area = float(cv2.contourArea(hull))
            found.append(_Part(part > 0, (x, y, w, h), hull + np.array([x, y]), max(area, 1.0)))
        return found

    def _full(self, part: _Part) -> Mask:
        mask = np.zeros(self._picture.shape[:2], bool)
        x, y, w, h = part.box
        mask[y : y + h, x : x + w] = part.mask
        return mask

    def _box_of(self, parts: list[_Part]) -> Mask:
        """The upright box of loose parts: a drawing on bare paper has no other border."""
        mask = np.zeros(self._picture.shape[:2], bool)
        (x0, y0), (x1, y1) = _extent(parts)
        mask[max(int(y0), 0) : int(y1) + 1, max(int(x0), 0) : int(x1) + 1] = True
        return mask

    def _is_large(self, part: _Part) -> bool:
        _, _, w, h = part.box
        return min(w, h) >= LEAST_SIDE * self._long and part.hull_area >= LEAST_AREA * self._area

    def _is_writing(self, parts: list[_Part]) -> bool:
        """Whether loose parts are a title, a note or a number and no drawing."""
        low, high = _extent(parts)
        if (high - low).min() < LEAST_LOOSE * self._long:
            return True
        return max(part.box[3] for part in parts) < TALLEST_LETTER * self._long

    # --- insets ------------------------------------------------------------------------

    def _insets(self, panel: Polygon) -> list[Panel]:
        """Panels that lie within one, with paper all around them."""
        height, width = self._picture.shape[:2]
        inside = np.zeros((height, width), np.uint8)
        cv2.fillPoly(inside, [np.rint(panel).astype(np.int32)], 1)
        area = int(inside.sum())
        inside = cv2.erode(inside, np.ones((5, 5), np.uint8))
        islands = inside & ~self._gutters.paper
        count, labels, stats, _ = cv2.connectedComponentsWithStats(islands)
        found = []
        for number in range(1, count):
            x, y, w, h = (int(v) for v in stats[number, :4])
            share = w * h / max(area, 1)
            if min(w, h) < LEAST_SIDE * self._long or not INSET_SHARE[0] <= share <= INSET_SHARE[1]:
                continue
            part = (labels[y : y + h, x : x + w] == number).astype(np.uint8)
            outlines, _ = cv2.findContours(np.pad(part, 1), cv2.RETR_EXTERNAL,
                                           cv2.CHAIN_APPROX_NONE)  # fmt: skip
            filled = np.zeros((h + 2, w + 2), np.uint8)
            cv2.drawContours(filled, outlines, -1, 1, -1)
            quad = four_sides(np.ascontiguousarray(filled[1:-1, 1:-1]))
            if quad is None or agreement(quad, filled[1:-1, 1:-1]) < INSET_FOUR_SIDED:
                continue
            placed = quad + np.array([x, y])
            if self._moat(placed) >= MOAT and self._is_cut_off(placed):
                found.append(Panel(placed, inset=True))
        return found

    def _moat(self, quad: Polygon) -> float:
        """Which share of the ring around a polygon is paper."""
        inner = np.zeros(self._picture.shape[:2], np.uint8)
        cv2.fillPoly(inner, [np.rint(quad).astype(np.int32)], 1)
        near = cv2.dilate(inner, np.ones((7, 7), np.uint8))
        ring = (cv2.dilate(near, np.ones((3, 3), np.uint8)) > 0) & (near == 0)
        return float(self._gutters.paper[ring].mean()) if ring.any() else 0.0

    def _is_cut_off(self, quad: Polygon) -> bool:
        """Whether what is drawn in a polygon runs on to its border."""
        inner = np.zeros(self._picture.shape[:2], np.uint8)
        cv2.fillPoly(inner, [np.rint(quad).astype(np.int32)], 1)
        r = max(int(RING * self._long), 3)
        deep = cv2.erode(inner, np.ones((2 * r + 1, 2 * r + 1), np.uint8))
        deeper = cv2.erode(deep, np.ones((5, 5), np.uint8))
        px = self._picture[(deep > 0) & (deeper == 0)].astype(np.int16)
        if len(px) == 0:
            return False
        return bool((np.abs(px - np.median(px, axis=0)).max(axis=1) > 25).mean() > CUT_OFF)


def _notch(part: _Part) -> float:
    """How deep the deepest notch in a part's outline is, px."""
    outlines, _ = cv2.findContours(part.mask.astype(np.uint8), cv2.RETR_EXTERNAL,
                                   cv2.CHAIN_APPROX_SIMPLE)  # fmt: skip
    longest = max(outlines, key=cv2.contourArea)
    if len(longest) < 4:
        return 0.0
    hull = np.sort(cv2.convexHull(longest, returnPoints=False), axis=0)[::-1]
    defects = cv2.convexityDefects(longest, hull)
    return 0.0 if defects is None else float(np.reshape(defects, (-1, 4))[:, 3].max()) / 256


def _extent(parts: list[_Part]) -> tuple[Polygon, Polygon]:
    """The upper left and lower right corner of parts."""
    points = np.concatenate([part.hull for part in parts])
    return points.min(axis=0), points.max(axis=0)


def _within(part: _Part, other: _Part) -> bool:
    """Whether a part that is no larger has its middle in another's hull."""
    x, y, w, h = part.box
    middle = (x + w / 2, y + h / 2)
    if w * h > other.box[2] * other.box[3]:
        return False
    return cv2.pointPolygonTest(other.hull.astype(np.float32), middle, False) >= 0
