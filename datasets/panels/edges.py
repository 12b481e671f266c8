"""Where a page's edges are in its picture, and what ends at them: `find_edge`.

A scanner or a camera sees what lies around a page, and the page's side is straight. Where panels
run off the page, its edge is art; paper there is a gutter's end or a white panel's ground, which
`gutter_ends` tells apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .outlines import Mask

# Share of an edge's px that are no paper from which panels run off the page there.
BLEEDING = 0.35
ALSO_BLEEDING = 0.03  # and where they do at another edge
# What lies around a scanned page reaches no deeper into the picture, share of the longer side; is
# seen along so much of a side; leans no more; and this share of the first paper lies on a line, to
# so many px. What is as thick everywhere and no thicker than this is a border.
TABLE, LEAST_TABLE, STEEPEST = 0.06, 0.2, 0.1
ON_SIDE, OFF_SIDE, THICK = 0.6, 2.5, 0.01
INSIDE = 3  # px inside of that line where the page is looked at
TOO_SMALL = 16  # px of a side of a picture around which nothing is looked for
PAIRED = 60  # columns that the line is looked for through
# A sliver of what lies around a page that was turned a little: no deeper, share of the longer side,
# and along no more of a side; a border at the very edge is longer.
SLIVER, LONGEST_SLIVER = 0.004, 0.75
# A gutter that ends at an edge from which panels run off: no wider, and straight with ink or art on
# both sides for so long, shares of the longer side. A white panel's ground is wider or shorter.
WIDEST_END, LEAST_END = 0.035, 0.05
LEANING_END = tuple(np.tan(np.radians(np.arange(-27, 27.1, 3))))
FLANK, FLANKED = 4, 0.85  # px beside it of which one is art, in this share of its rows


@dataclass(frozen=True, slots=True, eq=False)
class Edge:
    """The upper edge of a page.

    Args:
        rows: int (W,), where it is in each column, px from the picture's edge.
        paper: bool (W,), whether there is paper.
    """

    rows: npt.NDArray[np.int64]
    paper: Mask

    @property
    def art(self) -> float:
        """The share of it that is no paper."""
        return 1 - float(self.paper.mean())


def find_edge(paper: Mask) -> Edge:
    """The upper edge of a page, at the picture's edge or at the table's.

    A scanner or a camera sees what lies around a page, and the page's side is straight: a line that
    the first paper of most columns lies on, near the picture's edge, and paper all along it.
    """
    longer, columns = max(paper.shape), np.arange(paper.shape[1])
    none = Edge(np.zeros(len(columns), np.int64), paper[0])
    if min(paper.shape) < TOO_SMALL:
        return none
    strip = paper[: int(TABLE * longer) + 3]
    # Three px of paper in a row, as noise makes one.
    lasting = strip[:-2] & strip[1:-1] & strip[2:]
    first = np.where(lasting.any(axis=0), lasting.argmax(axis=0), -1)
    line = _page_side(first, longer)
    if line.any():
        rows = np.minimum(line + INSIDE * (line > 0), len(paper) - 1)
        edge = Edge(rows, paper[rows, columns])
        if edge.art <= BLEEDING:
            return edge
    sliver = int(SLIVER * longer)
    if BLEEDING < none.art <= LONGEST_SLIVER:
        edge = Edge(np.full(len(columns), sliver), paper[sliver])
        if edge.art <= BLEEDING:
            return edge
    return none


def _page_side(first: npt.NDArray[np.int64], longer: int) -> npt.NDArray[np.int64]:
    """The straight line through the first paper of columns; zeros if there is none.

    Args:
        first: int (W,), px from the edge, -1 where there is no paper.
    """
    none = np.zeros(len(first), np.int64)
    columns = np.flatnonzero(first > 0)
    if len(columns) < LEAST_TABLE * len(first):
        return none
    x = columns[:: max(len(columns) // PAIRED, 1)].astype(np.float64)
    y = first[x.astype(int)].astype(np.float64)
    i, j = np.triu_indices(len(x), 1)
    slopes = (y[j] - y[i]) / (x[j] - x[i])
    keep = np.abs(slopes) < STEEPEST
    slopes, offsets = slopes[keep], (y[i] - slopes * x[i])[keep]
    if len(slopes) == 0:
        return none
    near = np.abs(y - slopes[:, None] * x - offsets[:, None]) <= OFF_SIDE
    best = int(near.sum(axis=1).argmax())
    if near[best].mean() < ON_SIDE:
        return none
    line = slopes[best] * np.arange(len(first)) + offsets[best]
    on = line[columns]
    # A border drawn at the very edge of the picture is as thick everywhere.
    if on.max() < THICK * longer and on.min() > 0.3 * on.max():
        return none
    return np.ceil(np.clip(line, 0, TABLE * longer)).astype(np.int64)


def gutter_ends(paper: Mask, edge: Edge) -> Mask:
    """Which px of the upper edge of a page are ends of gutters, bool (W,).

    A gutter's end is a band of paper into the page, at any slope that gutters have, that nothing
    crosses, with art along both of its sides. None is at a corner.

    Args:
        paper: bool (H, W), the page turned so that the edge is the upper one.
    """
    longer = max(paper.shape)
    ends = np.flatnonzero(np.diff(np.concatenate([[0], edge.paper.astype(np.int8), [0]])))
    kept = np.zeros_like(edge.paper)
    for a, b in ends.reshape(-1, 2):
        inner = a > 0 and b < len(kept) and b - a <= WIDEST_END * longer
        if inner and any(_is_band(paper, edge, (a, b), slope) for slope in LEANING_END):
            kept[a:b] = True
    return kept


def _is_band(paper: Mask, edge: Edge, run: tuple[int, int], slope: float) -> bool:
    """Whether a run of an edge goes on as a band of paper at a slope, columns a row."""
    a, b = run
    top = int(edge.rows[a])
    down = np.arange(top, min(top + int(LEAST_END * max(paper.shape)), len(paper)))
    shift = np.rint((down - top) * slope).astype(np.int64)[:, None]

    def seen(first: int, last: int) -> Mask:
        columns = np.clip(np.arange(first, last)[None, :] + shift, 0, paper.shape[1] - 1)
        return np.asarray(paper[down[:, None], columns])

    inset = (b - a) // 4
    if not (seen(a + inset, b - inset).mean(axis=1) > 0.5).all():
        return False
    flanks = (seen(a - FLANK, a + inset), seen(b - inset, b + FLANK))
    return all((~flank).any(axis=1).mean() >= FLANKED for flank in flanks)
