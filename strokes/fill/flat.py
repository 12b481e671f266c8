"""Line art to flat colours: every area that lines part is a region of its own.

Free ends of the ink are bridged if another end, or a line, lies ahead within a few line
widths; paper is then split into connected regions; specks go to their neighbours; and regions
grow to the middle of the ink, so that no halo is left at any line. Neighbours get
different colours. The bridging follows Fourey, Tschumperlé and Revoy (2018), section 3, as
`bridges` does for strokes. Nothing is said of what the regions are.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from ..color import RGB, to_rgb
from ..trace.thin import thin
from .lines import BoolArray, FloatArray, draw_lines

IntArray = npt.NDArray[np.int32]
UInt8Array = npt.NDArray[np.uint8]

# The widest gap that is bridged, in line widths: that of tracing.
GAP = 4.0
# Regions smaller than a square of this many line widths are specks between strokes.
_LEAST_SIDE = 1.5
# An end's direction is measured over so many line widths of its skeleton.
_DIRECTION = 2.5
# How far off its direction an end may be bridged, cosine: 60 degrees.
_AHEAD = 0.5
# Neighbours clockwise from the one above: rows down, columns right.
_AROUND = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))
# Flat colours that go together: light enough for black lines to stand out, from many hues.
PALETTE = (
    *("#f4a7a0", "#f7c59f", "#fbe3a1", "#d6e8a4", "#a9d8a3", "#9fd9cc", "#9ecbe8", "#a5b4e8"),
    *("#c6aee6", "#efb6d8", "#d9c2a7", "#c3cad6", "#f2e9d8", "#8fbcc4", "#e39a86", "#b6c97f"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Regions:
    """The regions of line art.

    Args:
        numbers: int32 (H, W), 1 to `count` everywhere, ink too; 1 is the outside.
        count: how many regions, the outside one of them.
        bridged: how many gaps were closed.
    """

    numbers: IntArray
    count: int
    bridged: int


def find_regions(
    ink: BoolArray,
    line_width: float,
    *,
    gap: float = GAP,
    bridges: list[FloatArray] | None = None,
) -> Regions:
    """The areas that ink parts.

    Args:
        ink: bool (H, W).
        line_width: of the common lines, px.
        gap: the widest gap that is bridged, line widths; 0 bridges none.
        bridges: lines that close gaps, where they are known; then none are looked for.
    """
    if bridges is None:
        bridges = _bridges(ink, line_width, gap * line_width) if gap > 0 else []
    walls = ink | draw_lines(bridges, ink.shape) if bridges else ink
    found, labels, stats, _ = cv2.connectedComponentsWithStats(
        (~walls).view(np.uint8), connectivity=4, ltype=cv2.CV_32S
    )
    parts = np.asarray(labels, np.int32)
    area = np.asarray(stats[:, cv2.CC_STAT_AREA], np.int32)
    kept = area >= max((_LEAST_SIDE * line_width) ** 2, 2)
    kept[0] = False
    outside = _outside(parts, area)
    if outside:
        kept[outside] = True
    # The outside first, the others by size.
    order = [k for k in np.argsort(-area, kind="stable").tolist() if kept[k] and k != outside]
    numbers = np.zeros(found, np.int32)
    first = 2
    if outside:
        numbers[outside] = 1
    for number, part in enumerate(order, first):
        numbers[part] = number
    if not kept.any():
        return Regions(np.ones(ink.shape, np.int32), 1, len(bridges))
    return Regions(_grown(numbers[parts]), len(order) + 1, len(bridges))


def _outside(parts: IntArray, area: IntArray) -> int:
    """The region that most of the border belongs to; 0 where all of the border is ink."""
    border = np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]])
    counts = np.bincount(border[border > 0], minlength=len(area))
    return int(counts.argmax()) if counts.any() else 0


def _grown(numbers: IntArray) -> IntArray:
    """Every px the number of the nearest numbered px, which is where lines' middles part them."""
    empty = numbers == 0
    if not empty.any():
        return numbers
    _, nearest = cv2.distanceTransformWithLabels(
        empty.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    # OpenCV numbers the px that are not empty, from 1, row by row.
    grown = numbers.copy()
    grown[empty] = numbers[~empty][nearest[empty] - 1]
    return grown


def _bridges(ink: BoolArray, line_width: float, reach: float) -> list[FloatArray]:
    """Straight lines from the ink's free ends to what lies ahead of them."""
    skeleton = thin(ink)
    points = np.argwhere(skeleton)[:, ::-1].astype(np.float64)
    ends = points[_is_end(skeleton, points)]
    if not len(ends):
        return []
    out = _directions(skeleton, ends, _DIRECTION * line_width)
    # Skeletons end half a line width before the ink does.
    tree = cKDTree(points)
    ends_tree = cKDTree(ends)
    bridges: list[FloatArray] = []
    used: set[int] = set()
    pairs = []
    for a, b in ends_tree.query_pairs(reach + line_width):
        way = ends[b] - ends[a]
        far = float(np.hypot(*way))
        ahead = min(float(out[a] @ way), float(-out[b] @ way)) / max(far, 1e-9)
        if ahead > _AHEAD and far > line_width:
            pairs.append((far * (2 - ahead), a, b))
    for _, a, b in sorted(pairs):
        if a not in used and b not in used and _is_paper(ink, ends[a], ends[b], line_width):
            used |= {a, b}
            bridges.append(np.stack([ends[a], ends[b]]) + 0.5)
    for k in range(len(ends)):
        if k in used:
            continue
        near = np.array(tree.query_ball_point(ends[k], reach + line_width / 2), np.int64)
        way = points[near] - ends[k]
        far = np.hypot(way[:, 0], way[:, 1])
        ahead = (way @ out[k]) / np.maximum(far, 1e-9)
        cost = np.where((ahead > _AHEAD) & (far > line_width), far * (2 - ahead), np.inf)
        for best in np.argsort(cost)[:3]:
            if np.isfinite(cost[best]) and _is_paper(ink, ends[k], points[near[best]], line_width):
                bridges.append(np.stack([ends[k], points[near[best]]]) + 0.5)
                break
    return bridges


def _is_end(skeleton: BoolArray, points: FloatArray) -> BoolArray:
    """bool (n,): whether a px of the skeleton has one neighbour, or two that touch."""
    padded = np.pad(skeleton, 1)
    x, y = points.astype(np.int64).T + 1
    around = np.stack([padded[y + dy, x + dx] for dy, dx in _AROUND])
    rises = (~around & np.roll(around, -1, axis=0)).sum(axis=0)
    return np.asarray((rises == 1) & (around.sum(axis=0) <= 2), np.bool_)


def _directions(skeleton: BoolArray, ends: FloatArray, length: float) -> FloatArray:
    """Unit vectors (n, 2) out of the skeleton at its ends: from where one comes walking to them."""
    padded = np.pad(skeleton, 1)
    out = np.zeros_like(ends)
    for k, (x, y) in enumerate(ends.astype(int) + 1):
        walked = [(y, x)]
        for _ in range(max(2, round(length))):
            row, column = walked[-1]
            around = np.argwhere(padded[row - 1 : row + 2, column - 1 : column + 2])
            ahead = {(row + int(v) - 1, column + int(u) - 1) for v, u in around} - set(walked)
            # A px beside the one before is no branch of its own.
            if len(walked) > 1:
                before = walked[-2]
                ahead = {p for p in ahead if max(abs(p[0] - before[0]), abs(p[1] - before[1])) > 1}
            nearest = sorted(ahead, key=lambda p: abs(p[0] - row) + abs(p[1] - column))
            if not ahead or any(
                max(abs(p[0] - nearest[0][0]), abs(p[1] - nearest[0][1])) > 1 for p in nearest
            ):
                break  # the line ends, or parts
            walked.append(nearest[0])
        way = np.array([x - walked[-1][1], y - walked[-1][0]], np.float64)
        out[k] = way / max(float(np.hypot(*way)), 1e-9)
    return out


def _is_paper(ink: BoolArray, a: FloatArray, b: FloatArray, line_width: float) -> bool:
    """Whether the way between two places of the skeleton leaves ink once and enters it once."""
    count = max(3, int(np.hypot(*(b - a)) * 2))
    at = np.rint(a + (b - a) * np.linspace(0, 1, count)[:, None]).astype(int)
    dark = ink[at[:, 1], at[:, 0]]
    changes = int(np.count_nonzero(dark[1:] != dark[:-1]))
    return changes == 2


def flat_colors(
    regions: Regions, rng: np.random.Generator, background: str = "white"
) -> UInt8Array:
    """A colour for each region, different from its neighbours'.

    Returns:
        uint8 (count + 1, 3), RGB by number; the outside has the background's.
    """
    n = regions.count
    neighbours: list[set[int]] = [set() for _ in range(n + 1)]
    for a, b in _touching(regions.numbers):
        neighbours[a].add(b)
        neighbours[b].add(a)
    palette = [to_rgb(color) for color in PALETTE]
    chosen = np.full(n + 1, -1)
    times = np.zeros(len(palette))
    # The most entangled choose first; ties by size, which is the order of their numbers.
    for number in sorted(range(2, n + 1), key=lambda k: -len(neighbours[k])):
        taken = {int(chosen[k]) for k in neighbours[number]}
        free = [c for c in range(len(palette)) if c not in taken] or list(range(len(palette)))
        best = min(free, key=lambda c: times[c] + rng.random())
        chosen[number] = best
        times[best] += 1
    paper: RGB = to_rgb(background)
    return np.array([paper if c < 0 else palette[c] for c in chosen], np.uint8)


def _touching(numbers: IntArray) -> list[tuple[int, int]]:
    """Pairs of regions that share an edge."""
    wide = int(numbers.max()) + 1
    pairs = []
    for a, b in ((numbers[:, :-1], numbers[:, 1:]), (numbers[:-1], numbers[1:])):
        edge = a != b
        pairs.append(a[edge].astype(np.int64) * wide + b[edge])
    found = np.unique(np.concatenate(pairs))
    return [(int(p // wide), int(p % wide)) for p in found]


def colored(numbers: IntArray, colors: UInt8Array, ink: npt.NDArray[np.floating]) -> UInt8Array:
    """Flat colours below the lines.

    Args:
        numbers: int32 (H, W), rows of `colors`.
        ink: (H, W), 0 paper, 1 full ink.

    Returns:
        uint8 (H, W, 3).
    """
    picture = colors[numbers]
    inked = ink > 0
    light = 1 - np.clip(ink[inked], 0, 1)[:, None]
    picture[inked] = np.rint(picture[inked] * light).astype(np.uint8)
    return picture
