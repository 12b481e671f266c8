"""The doodle of a scene: what a person would have drawn of it, each stroke with its thing.

Things that Quick, Draw! has a word for are real drawings where a table is given, stretched
into the thing's place; of several, the one whose proportions fit. Without a table, trees,
clouds, suns and flowers come from the doodles drawn by rules, what is built from its own
edges, and the rest from its outline. Land is ridge lines, shores and banks; grass, waves and
sand are a few marks. A stroke's layer is "tree#12": the thing's name and its id, which is its
value in the instance map.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from ...strokes import Drawing, DrawingTable
from ...strokes.errors import FormatError
from ..doodles import DOODLE_WORDS, procedural_doodles
from .canvas import Mask
from .pen import Pen, Points
from .render import Painting
from .scene import Thing

# Quick, Draw!'s word for a thing, by its kind.
WORDS = {
    "sun": "sun", "cloud": "cloud", "tree": "tree", "bush": "bush", "flower": "flower",
    "house": "house", "church": "church", "fence": "fence",
    "bridge": "bridge", "swing": "swing set",
    "bench": "bench", "boat": "sailboat",
}  # fmt: skip
# Things that show less of themselves than this share of the picture are left out.
LEAST_SHOWN = 0.0007
# A person tires: of each kind, the largest so many are drawn.
# Pieces of a sheet of clouds below this share of the picture are wisps.
LEAST_SHEET = 0.004
# No cloud is drawn wider than this share of the shorter side.
LARGEST_CLOUD = 0.5
MOST = {"tree": 14, "bush": 6, "rock": 7, "flower": 8, "cloud": 6, "house": 7, "boat": 4}
# A drawing may be stretched by this much more one way than the other.
MOST_STRETCH = 1.7
# Drawings looked at for one that fits.
CANDIDATES = 4
# Drawings by rules of each word that are made once a process.
POOL, POOL_SEED = 16, 11


@dataclass(frozen=True, slots=True)
class RealDrawings:
    """A table with its rows by word."""

    table: DrawingTable
    rows: dict[str, npt.NDArray[np.int64]]

    @classmethod
    def of(cls, table: DrawingTable) -> RealDrawings:
        """Looks up where the words of `WORDS` stand."""
        names, index = table.words()
        wanted = {*WORDS.values(), "palm tree"}
        return cls(
            table, {w: np.flatnonzero(index == i) for i, w in enumerate(names) if w in wanted}
        )

    def candidates(self, word: str, rng: np.random.Generator) -> list[Drawing]:
        """A few drawings of a word; none where the table has none."""
        rows = self.rows.get(word, np.zeros(0, np.int64))
        if not len(rows):
            return []
        picks = rng.integers(0, len(rows), min(CANDIDATES, len(rows)))
        return [self.table[int(rows[p])] for p in picks]


def doodle_scene(
    painting: Painting, rng: np.random.Generator, drawings: RealDrawings | None = None
) -> Drawing:
    """The doodle of a painted scene.

    Args:
        rng: two generators of equal seed give equal doodles.
        drawings: real ones, used where they have the word.

    Returns:
        strokes in px of the picture, within it, with times in ms and layers "name#id"; the
        label is the scene's theme.
    """
    height, width = painting.owner.shape
    pen = Pen(width, height, painting.owner, rng)
    shown = np.bincount(painting.owner.ravel(), minlength=256)
    order = _chosen(painting, shown, rng)
    for thing in sorted(order, key=lambda t: -t.id):
        _draw(pen, painting, thing, drawings, rng)
    strokes = pen.finished([thing.id for thing in order])
    return Drawing(tuple(strokes), size=(width, height), label=painting.scene.theme)


def layer_of(thing: Thing) -> str:
    """The layer of a thing's strokes, "tree#12"."""
    return f"{thing.name}#{thing.id}"


def parse_layer(layer: str) -> tuple[str, int]:
    """The name and id that a layer says.

    >>> parse_layer("tree#12")
    ('tree', 12)

    Raises:
        FormatError: another form.
    """
    name, _, number = layer.rpartition("#")
    if not name or not number.isdecimal():
        raise FormatError(f"layer {layer!r}; wanted name#id, such as tree#12")
    return name, int(number)


def _chosen(
    painting: Painting, shown: npt.NDArray[np.int64], rng: np.random.Generator
) -> list[Thing]:
    """The things that get drawn, in the order of drawing: large ones rather first."""
    total = painting.owner.size
    count: dict[str, int] = {}
    found = []
    for thing in sorted(painting.scene.things, key=lambda t: -int(shown[t.id])):
        share = shown[thing.id] / total
        if thing.id not in painting.masks or share < LEAST_SHOWN or thing.kind == "sky":
            continue
        count[thing.kind] = count.get(thing.kind, 0) + 1
        if count[thing.kind] <= MOST.get(thing.kind, 255):
            found.append((-float(np.log(share)) + 1.2 * rng.standard_normal(), thing))
    return [thing for _, thing in sorted(found, key=lambda item: item[0])]


def _draw(
    pen: Pen, painting: Painting, thing: Thing, drawings: RealDrawings | None,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    layer, mask = layer_of(thing), painting.masks[thing.id]
    word = WORDS.get(thing.kind)
    if thing.more.get("species") == "palm":
        word = "palm tree"
    if word is not None:
        found = _fitting(word, mask, drawings, rng)
        if found is not None and pen.draw(
            _placed(found, mask, pen), thing.id, layer, tremble=0, solid=True
        ):
            return
    if thing.id in painting.models:
        model, camera = painting.models[thing.id], painting.scene.camera
        lines = [camera.project(line) for line in model.lines if line[:, 2].min() > 0.3]
        if pen.draw(lines, thing.id, layer, tremble=0.8):
            return
    if thing.kind in _LAND:
        _LAND[thing.kind](pen, painting, thing, layer, rng)
    else:
        pen.draw([outline(mask, pen.unit)], thing.id, layer)


# --- drawings ------------------------------------------------------------------------


@cache
def _pool(word: str) -> tuple[Drawing, ...]:
    """Drawings by rules of a word, the same in every process."""
    return tuple(procedural_doodles([word], POOL, np.random.default_rng(POOL_SEED)))


@cache
def _pool_proportions(word: str) -> Points:
    """Width over height of each, as logarithms (POOL,)."""
    return np.array([_proportion(d) for d in _pool(word)])


def _fitting(
    word: str, mask: Mask, drawings: RealDrawings | None, rng: np.random.Generator
) -> Drawing | None:
    """A drawing whose proportions can be those of the mask, or None."""
    found = drawings.candidates(word, rng) if drawings is not None else []
    if not found:
        name = "tree" if word == "palm tree" else word
        if name not in DOODLE_WORDS or name == "house":  # a house's own edges say more
            return None
        picks = rng.integers(0, POOL, CANDIDATES)
        found = [_pool(name)[p] for p in picks]
        proportions = _pool_proportions(name)[picks]
    else:
        proportions = np.array([_proportion(d) for d in found])
    x0, y0, x1, y1 = _box(mask)
    wanted = float(np.log((x1 - x0) / (y1 - y0)))
    off = np.abs(proportions - wanted)
    best = int(off.argmin())
    # A fence across the picture is no fence that anybody has drawn.
    return found[best] if off[best] < np.log(2 * MOST_STRETCH) else None


def _proportion(drawing: Drawing) -> float:
    x0, y0, x1, y1 = drawing.bounds
    return float(np.log(max(x1 - x0, 8.0) / max(y1 - y0, 8.0)))


def _box(mask: Mask) -> tuple[float, float, float, float]:
    rows = np.flatnonzero(mask.cover.any(axis=1))
    columns = np.flatnonzero(mask.cover.any(axis=0))
    if not len(rows):
        return (mask.x, mask.y, mask.x + 1.0, mask.y + 1.0)
    return (
        float(mask.x + columns[0]), float(mask.y + rows[0]),
        float(mask.x + columns[-1] + 1), float(mask.y + rows[-1] + 1),
    )  # fmt: skip


def _placed(drawing: Drawing, mask: Mask, pen: Pen) -> list[Points]:
    """The strokes of a drawing in a mask's box: stretched a little, its foot on the box's."""
    x0, y0, x1, y1 = _box(mask)
    a0, b0, a1, b1 = drawing.bounds
    sx, sy = (x1 - x0) / max(a1 - a0, 1.0), (y1 - y0) / max(b1 - b0, 1.0)
    # Kept within bounds about the mean, so that circles stay round enough.
    ratio = np.clip(sx / sy, 1 / MOST_STRETCH, MOST_STRETCH)
    mean = float(np.sqrt(sx * sy))
    sx, sy = mean * float(np.sqrt(ratio)), mean / float(np.sqrt(ratio))
    shift = 0.01 * pen.unit * pen.rng.standard_normal(2) * min(1.0, (y1 - y0) / (0.1 * pen.unit))
    middle = np.array([(x0 + x1) / 2, y1]) + shift
    origin = np.array([(a0 + a1) / 2, b1])
    return [(s.points.astype(np.float64) - origin) * (sx, sy) + middle for s in drawing.strokes]


# --- outlines and land -----------------------------------------------------------------


def outline(mask: Mask, unit: float) -> Points:
    """The largest outline of a mask as a closed line, its jags smoothed, px (n, 2)."""
    padded = np.pad(mask.cover.astype(np.uint8), 1)
    contours, _ = cv2.findContours(padded, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return np.array([(mask.x, mask.y)], np.float64)
    ring = max(contours, key=len)[:, 0].astype(np.float64)
    ring = np.roll(ring, -len(ring) // 3, axis=0)  # nobody begins at the very top
    wide = max(3, int(0.02 * unit) | 1)
    if len(ring) > 3 * wide:
        kernel = np.ones(wide) / wide
        around = np.concatenate([ring[-(wide // 2) :], ring, ring[: wide // 2]])
        ring = np.stack([np.convolve(around[:, k], kernel, "valid") for k in (0, 1)], axis=1)
    ring = np.concatenate([ring, ring[:1]])
    corner = np.array([mask.x - 0.5, mask.y - 0.5])
    return np.asarray(ring + corner, np.float64)


def _profile(mask: Mask, unit: float) -> list[Points]:
    """The upper edge of a mask, column by column, as few straight lines, px."""
    has = mask.cover.any(axis=0)
    columns = np.flatnonzero(has)
    if len(columns) < 3:
        return []
    top = mask.cover.argmax(axis=0)[columns]
    points = np.stack([columns + mask.x + 0.5, top + mask.y + 0.0], axis=1)
    runs = np.split(points, np.flatnonzero(np.diff(columns) > 1) + 1)
    few = [cv2.approxPolyDP(r.astype(np.float32)[:, None], 0.008 * unit, False)[:, 0] for r in runs]
    return [np.asarray(f, np.float64) for f in few if len(f) > 1]


def _ridge(
    pen: Pen, painting: Painting, thing: Thing, layer: str, rng: np.random.Generator
) -> None:
    """Mountains and hills are their skyline; mountains have a few lines down their faces."""
    mask = painting.masks[thing.id]
    lines = _profile(mask, pen.unit)
    pen.draw(lines, thing.id, layer)
    if thing.name != "mountain" or not lines or rng.random() < 0.5:
        return
    corners = np.concatenate(lines)
    peaks = corners[1:-1][
        (corners[1:-1, 1] < corners[:-2, 1]) & (corners[1:-1, 1] < corners[2:, 1])
    ]
    for x, y in peaks[:3]:
        drop = rng.uniform(0.03, 0.07) * pen.unit
        zig = [(x - 0.5 * drop, y + drop), (x - 0.15 * drop, y + 0.75 * drop),
               (x + 0.1 * drop, y + 1.1 * drop), (x + 0.5 * drop, y + 0.8 * drop)]  # fmt: skip
        pen.draw([np.array(zig)], thing.id, layer)


def _ground(
    pen: Pen, painting: Painting, thing: Thing, layer: str, rng: np.random.Generator
) -> None:
    """The ground's far edge, and marks: tufts of grass, grains of sand, soft bows of snow."""
    mask = painting.masks[thing.id]
    pen.draw(_profile(mask, pen.unit), thing.id, layer)
    n = int(rng.integers(4, 12))
    spots = _spots(painting, thing, n, rng)
    marks: list[Points] = []
    for x, y in spots:
        size = pen.unit * (0.012 + 0.03 * max(y - painting.scene.camera.horizon, 0) / pen.height)
        if thing.name == "grass":
            lean = rng.normal(0, 0.25, 3).tolist()
            mark = [(x - size, y - 1.2 * size + size * lean[0]), (x - 0.4 * size, y),
                    (x + size * lean[1], y - 1.8 * size), (x + 0.35 * size, y),
                    (x + size, y - 1.2 * size + size * lean[2])]  # fmt: skip
        elif thing.name == "sand":
            mark = [(x, y), (x + 0.15 * size, y + 0.1 * size)]
        else:
            bow = np.linspace(-1, 1, 7)
            mark = list(zip(x + 2 * size * bow, y - 0.5 * size * (1 - bow**2), strict=True))
        marks.append(np.array(mark))
    pen.draw(marks, thing.id, layer, tremble=0.4)


def _banks(
    pen: Pen, painting: Painting, thing: Thing, layer: str, rng: np.random.Generator
) -> None:
    """Roads and rivers are their two edges; a river has waves."""
    mask = painting.masks[thing.id]
    rows = np.flatnonzero(mask.cover.any(axis=1))
    if len(rows) < 3:
        return
    inner = mask.cover[rows]
    left = inner.argmax(axis=1) + mask.x
    right = mask.cover.shape[1] - inner[:, ::-1].argmax(axis=1) + mask.x
    y = rows + mask.y + 0.5
    lines = []
    for edge in (left, right):
        keep = (edge > 0) & (edge < pen.width)
        points = np.stack([edge, y], axis=1)[keep].astype(np.float32)
        if len(points) > 2:
            few = cv2.approxPolyDP(points[:, None], 0.008 * pen.unit, False)[:, 0]
            lines.append(few.astype(np.float64))
    pen.draw(lines, thing.id, layer)
    if thing.name == "river":
        _waves(pen, painting, thing, layer, rng, 5)


def _shores(
    pen: Pen, painting: Painting, thing: Thing, layer: str, rng: np.random.Generator
) -> None:
    """A lake is its outline, a sea its horizon; both have waves."""
    mask = painting.masks[thing.id]
    if thing.kind == "lake":
        pen.draw([outline(mask, pen.unit)], thing.id, layer)
    else:
        pen.draw(_profile(mask, pen.unit), thing.id, layer, tremble=0.5)
    _waves(pen, painting, thing, layer, rng, 9)


def _waves(
    pen: Pen, painting: Painting, thing: Thing, layer: str, rng: np.random.Generator, most: int
) -> None:
    marks = []
    for x, y in _spots(painting, thing, int(rng.integers(2, most)), rng):
        size = pen.unit * (0.02 + 0.05 * max(y - painting.scene.camera.horizon, 0) / pen.height)
        t = np.linspace(-1, 1, 13)
        marks.append(np.stack([x + 1.6 * size * t, y + 0.28 * size * np.sin(4.5 * t)], axis=1))
    pen.draw(marks, thing.id, layer, tremble=0.4)


def _bed(pen: Pen, painting: Painting, thing: Thing, layer: str, rng: np.random.Generator) -> None:
    """A bed of flowers: a few small ones; a patch of ground: its outline."""
    if thing.name != "flower":
        pen.draw([outline(painting.masks[thing.id], pen.unit)], thing.id, layer)
        return
    pool = _pool("flower")
    for x, y in _spots(painting, thing, int(rng.integers(3, 9)), rng):
        drawing = pool[int(rng.integers(len(pool)))]
        size = pen.unit * (0.035 + 0.05 * max(y - painting.scene.camera.horizon, 0) / pen.height)
        x0, y0, x1, y1 = drawing.bounds
        scale = size / max(y1 - y0, x1 - x0, 1.0)
        origin = np.array([(x0 + x1) / 2, y0 + 0.35 * (y1 - y0)])
        lines = [(s.points.astype(np.float64) - origin) * scale + (x, y) for s in drawing.strokes]
        pen.draw(lines, thing.id, layer, tremble=0)


def _sheets(
    pen: Pen, painting: Painting, thing: Thing, layer: str, rng: np.random.Generator
) -> None:
    """A sheet of streaks is a cloud for each of its largest pieces."""
    cover = (painting.owner == thing.id).astype(np.uint8)
    _, _, boxes, _ = cv2.connectedComponentsWithStats(cover)
    large = [b for b in boxes[1:] if b[4] > LEAST_SHEET * cover.size]
    most = int(LARGEST_CLOUD * pen.unit)
    for x, y, w, h, _ in sorted(large, key=lambda b: -b[4])[:4]:
        found = _pool("cloud")[int(rng.integers(POOL))]
        # Nobody draws a sheet that fills the sky: a cloud in the middle of it stands for it.
        wide, high = min(w, most), min(h, most // 2)
        at = (int(x + (w - wide) // 2), int(y + (h - high) // 2))
        box = Mask(*at, np.ones((high, wide), np.bool_))
        pen.draw(_placed(found, box, pen), thing.id, layer, tremble=0)


def _spots(
    painting: Painting, thing: Thing, n: int, rng: np.random.Generator
) -> Sequence[tuple[float, float]]:
    """Up to n places where the thing shows, the far ones first, not too near each other."""
    rows, columns = np.nonzero(painting.owner == thing.id)
    if not len(rows):
        return []
    picks = np.sort(rng.integers(0, len(rows), 3 * n))
    found: list[tuple[float, float]] = []
    apart = 0.05 * min(painting.owner.shape)
    for p in rng.permutation(picks):
        x, y = float(columns[p]) + 0.5, float(rows[p]) + 0.5
        if all((x - a) ** 2 + (y - b) ** 2 > apart**2 for a, b in found):
            found.append((x, y))
        if len(found) == n:
            break
    return sorted(found, key=lambda spot: spot[1])


_LAND = {
    "range": _ridge, "ground": _ground, "path": _banks, "river": _banks, "lake": _shores,
    "sea": _shores, "patch": _bed, "streaks": _sheets,
}  # fmt: skip
