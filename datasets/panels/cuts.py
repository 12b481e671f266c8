"""The straight cut that best divides a region of a page along a gutter: `best_cut`.

As in the recursive X-Y cut of page layouts (Nagy and Seth 1984), but at any angle that gutters
have, by shearing; and a cut may be interrupted, as where a figure or a balloon lies over the
gutter, if what lies on both of its sides begins at once and along all of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]
Line = tuple[float, float, float]  # a x + b y = c, (a, b) of length 1

# Slopes from level or upright, degrees: gutters of 30 and more are read as two panels' art.
COARSE = tuple(np.arange(-27, 27.1, 1.5))
FINE = tuple(np.arange(-0.75, 0.76, 0.25))
FIRST = 2  # angles near level, and as many near upright, that are looked at finely
# Looked for in a copy of a quarter of the size, then measured in one of half; there a px is gutter
# where any of its sixteen or four is.
ROUGH, SHRUNK = 4, 2
# A cut between straight sides that is clear to this share may end in something that lies over it.
ONE_END = 0.7
# The least share of a framed cut that is gutter reached from the page's edge: without it, a cut
# runs through a white panel.
REACHED = 0.15

# A cut through a region is at least so long, share of the region's longest line of its direction.
LEAST_LENGTH = 0.5
# An open cut is at least so wide, share of the page's longer side: narrower gaps are within art.
OPEN_WIDTH = 0.009
# Widest band in which two borders count as its two sides, share of the page's longer side.
WIDEST = 0.08
BEYOND = 3  # rows of the copy beyond the band within which a side begins
# Where a cut must leave the region through the gutter: share of its length, and of them that is
# gutter. Between borders, at least so many px of the copy and so much of them, for what shuts a cut
# in is a border across it, two px thick; drawings on bare paper have grass.
ENDS, OPEN_END = 0.03, 0.5
LEAST_ENDS, OPEN_BETWEEN = 6, 0.8
# What interrupts a cut for so much of its length must not begin at a T: there the gutter ends at a
# panel, and does not go on under a figure. Rows that are looked at beyond the band, share of the
# page's longer side, and columns before the interruption.
CROSSED, ASIDE, BEFORE = 0.08, 0.015, 3


@dataclass(frozen=True, slots=True)
class Kind:
    """What is asked of a cut.

    Args:
        clear: the least share of it that is gutter.
        sides: straight sides that it must have at least.
        begins: along which share of the open gutter in it a side begins at once, if straight.
        bridge: what may interrupt it in one piece, share of its length.
    """

    clear: float
    sides: int
    begins: float
    bridge: float


# Between two panels; the slot that is left of a gutter where a figure lies on most of it; between
# drawings on bare paper, where what is clear but for a trunk or an arm is within one.
FRAMED = Kind(0.62, 2, 0.55, 0.4)
SLOT = Kind(0.2, 2, 0.85, 0.8)
OPEN = Kind(0.985, 0, 0.55, 0.4)


@dataclass(frozen=True, slots=True)
class Cut:
    """A line along a gutter.

    Args:
        line: a, b, c with a x + b y = c, px.
        clear: share of it that is gutter.
        score: to compare cuts.
        angle: degrees from level or upright.
    """

    line: Line
    clear: float
    score: float
    angle: float


def best_cut(
    paper: Mask, gutter: Mask, region: Mask, *, page: int, least: float, kind: Kind
) -> Cut | None:
    """The best cut through a region, or None.

    Args:
        paper: bool (H, W), what a cut may run through.
        gutter: bool (H, W), the paper that is reached from the page's edge.
        region: bool (H, W), convex: the px that the cut is measured on.
        page: longer side of the page, px.
        least: px that must remain on each side of the cut, measured across it.
        kind: `FRAMED`, `SLOT` or `OPEN`.
    """
    ys, xs = np.nonzero(region)
    if len(ys) == 0:
        return None
    x0, y0, x1, y1 = int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1
    place = np.s_[y0:y1, x0:x1]
    solid, shut, inside = ~paper[place], ~gutter[place], region[place]
    best: Cut | None = None
    for upright in (False, True):
        masks = [mask.T if upright else mask for mask in (solid & inside, shut, inside)]
        halves = [_halved(mask) for mask in masks]
        exact = _Search(*halves, page / SHRUNK, least / SHRUNK, kind)
        quarters = (_halved(mask) for mask in halves)
        rough = _Search(*quarters, page / ROUGH, least / ROUGH, kind)
        first = sorted(
            (cut for angle in COARSE if (cut := rough.at(angle, 0.45)) is not None),
            key=lambda cut: -cut.score,
        )
        angles = {round(cut.angle + turn, 2) for cut in first[:FIRST] for turn in FINE}
        for angle in sorted(angles, key=abs):
            cut = exact.at(angle, 0.0)
            if cut is not None and (best is None or cut.score > best.score):
                best = _placed(cut, upright, (x0, y0))
    return best


def sheared(picture: npt.NDArray[np.uint8], slope: float) -> npt.NDArray[np.uint8]:
    """A picture whose lines y = slope x + c became rows; row 0 is c = -max(slope, 0) W."""
    height, width = picture.shape
    more = int(np.ceil(abs(slope) * width)) + 1
    shift = max(slope, 0.0) * width
    matrix = np.array([[1, 0, 0], [-slope, 1, shift]], np.float64)
    return np.asarray(
        cv2.warpAffine(picture, matrix, (width, height + more), flags=cv2.INTER_NEAREST)
    )


class _Search:
    """Cuts near level; of a transposed picture, near upright."""

    def __init__(
        self, blocks: Mask, shut: Mask, cell: Mask, page: float, least: float, kind: Kind
    ) -> None:
        self._blocks, self._cell = blocks.astype(np.uint8), cell.astype(np.uint8)
        self._shut = shut
        self._page, self._least, self._kind = page, least, kind
        self._longest = int(cell.sum(axis=1).max(initial=0))

    def at(self, angle: float, slack: float) -> Cut | None:
        """The best cut of one angle; with `slack` thresholds are lower, as the angle is rough."""
        slope = float(np.tan(np.radians(angle)))
        cell = sheared(self._cell, slope)
        blocks = sheared(self._blocks, slope)
        lengths = _row_sums(cell)
        clear = 1 - _row_sums(blocks) / np.maximum(lengths, 1)
        usable = lengths >= LEAST_LENGTH * self._longest
        rows = np.flatnonzero(lengths)
        if len(rows) == 0:
            return None
        usable[: rows[0] + int(self._least)] = False
        usable[max(rows[-1] - int(self._least), 0) :] = False
        wanted = min(self._kind.clear, FRAMED.clear) * (1 - slack)
        best: Cut | None = None
        tops = np.flatnonzero(usable & (clear >= wanted))
        for a, b in _runs(tops):
            cut = self._band(clear, blocks, cell, (a, b), slope, angle, slack)
            if cut is not None and (best is None or cut.score > best.score):
                best = cut
        return best

    def _band(
        self,
        clear: npt.NDArray[np.float64],
        blocks: npt.NDArray[np.uint8],
        cell: npt.NDArray[np.uint8],
        run: tuple[int, int],
        slope: float,
        angle: float,
        slack: float,
    ) -> Cut | None:
        """The best cut within neighbouring rows that could be one."""
        top = float(clear[run[0] : run[1]].max())
        level = np.flatnonzero(clear[run[0] : run[1]] >= top - 0.06) + run[0]
        # The first of equal bands; another is found when this side is divided further.
        a, b = next(iter(_runs(level)))
        middle = (a + b - 1) // 2
        kind = self._kind
        if top < kind.clear * (1 - slack):
            return None
        open_ = self._open(middle, slope) & (cell[middle] > 0)
        beside = [blocks[max(a - BEYOND, 0) : a], blocks[b : b + BEYOND]]
        reached = max(int(open_.sum()), 1)
        sides = [float((rows @ open_.astype(np.int32)).max(initial=0)) / reached for rows in beside]
        narrow = b - a <= WIDEST * self._page
        straight = sum(side >= kind.begins * (1 - slack) for side in sides) if narrow else 0
        if straight < kind.sides:
            return None
        if kind.sides and open_.sum() < REACHED * int(cell[middle].sum()):
            return None
        if straight == 0 and b - a < OPEN_WIDTH * self._page:
            return None
        one = straight == 2 and (top >= ONE_END or kind is SLOT)
        open_ends = 1 if one else 2
        if not slack:
            # Paper between two sides is gutter too, where something shuts it off.
            between = (blocks[middle] == 0) & beside[0].any(axis=0) & beside[1].any(axis=0)
            inside = cell[middle] > 0
            if not self._passes((open_ | between)[inside], open_[inside], open_ends):
                return None
            if kind.sides and self._meets_a_panel(blocks, inside, (a, b)):
                return None
        score = top + 0.1 * float(np.clip(np.mean(sides), 0, 1)) + 0.02 * (straight == 2)
        offset = middle + 0.5 - max(slope, 0.0) * cell.shape[1]
        return Cut((slope, offset, 0.0), top, score, angle)

    def _meets_a_panel(
        self, blocks: npt.NDArray[np.uint8], inside: Mask, band: tuple[int, int]
    ) -> bool:
        """Whether the gutter of a cut ends at a T, with paper on to both sides, before it goes on.

        Args:
            band: first row and last + 1 of the band.
        """
        a, b = band
        middle = (a + b - 1) // 2
        aside = int(ASIDE * self._page) + 1
        free = ~blocks[max(a - aside, 0) : b + aside].any(axis=0)
        columns = np.flatnonzero(inside)
        first, last = int(columns[0]), int(columns[-1]) + 1
        shut = np.flatnonzero(
            np.diff(np.concatenate([[0], (blocks[middle] > 0) & inside, [0]]).astype(np.int8))
        )
        for start, stop in shut.reshape(-1, 2):
            if stop - start < CROSSED * (last - first):
                continue
            before, after = free[max(start - BEFORE, first) : start], free[stop : stop + BEFORE]
            if before.any() or (stop < last and after.any()):
                return True
        return False

    def _open(self, row: int, slope: float) -> Mask:
        """Which px of a row of the sheared region are gutter that is reached, bool (W,)."""
        height, width = self._shut.shape
        x = np.arange(width)
        y = np.rint(row + slope * x - max(slope, 0.0) * width).astype(np.int64)
        inside = (y >= 0) & (y < height)
        return inside & ~self._shut[np.clip(y, 0, height - 1), x]

    def _passes(self, gutter: Mask, reached: Mask, wanted: int) -> bool:
        """Whether what interrupts a cut is short, and it leaves the region through the gutter."""
        edges = np.flatnonzero(np.diff(np.concatenate([[0], (~gutter).astype(np.int8), [0]])))
        runs = (edges[1::2] - edges[::2]).max(initial=0)
        framed = self._kind.sides > 0
        end = max(int(ENDS * len(gutter)), LEAST_ENDS if framed else 1)
        least = OPEN_BETWEEN if framed else OPEN_END
        open_ends = sum(float(part.mean()) >= least for part in (reached[:end], reached[-end:]))
        return bool(runs <= self._kind.bridge * len(gutter)) and open_ends >= wanted


def _row_sums(mask: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """How many px of each row are set."""
    return np.asarray(cv2.reduce(mask, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S)[:, 0], np.int64)


def _runs(rows: npt.NDArray[np.int64]) -> list[tuple[int, int]]:
    """Runs of consecutive numbers as (first, last + 1)."""
    if len(rows) == 0:
        return []
    breaks = np.flatnonzero(np.diff(rows) > 1) + 1
    return [(int(part[0]), int(part[-1]) + 1) for part in np.split(rows, breaks)]


def _halved(mask: Mask) -> Mask:
    """A mask at half its size, true where all four px of a block are."""
    height, width = (n - n % 2 for n in mask.shape)
    if height == 0 or width == 0:
        return mask[:1, :1]
    rows = mask[0:height:2] & mask[1:height:2]
    return np.ascontiguousarray(rows[:, 0:width:2] & rows[:, 1:width:2])


def _placed(cut: Cut, upright: bool, at: tuple[int, int]) -> Cut:
    """A cut in px of the page, from (slope, offset) of the region at half size."""
    slope, offset, _ = cut.line
    norm = float(np.hypot(slope, 1))
    a, b, c = -slope / norm, 1 / norm, offset * SHRUNK / norm
    if upright:
        a, b = b, a
    return Cut((a, b, c + a * at[0] + b * at[1]), cut.clear, cut.score, cut.angle)
