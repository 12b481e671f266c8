"""Comic pages drawn by rules, with the truth: `draw_page(kind, seed)`.

A layout is a tree of cuts with gutters; kinds differ in what makes a panel hard to find. The
truth of a panel is what its border or its tone encloses; where art sticks out, it does not count,
and where another panel lies on top, that part does not count.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt
from drawn_art import (
    BACKDROPS,
    BLACK,
    WHITE,
    Lettering,
    UInt8Array,
    airy_scene,
    balloon,
    caption,
    free_text,
    person,
    scene,
    set_text,
    words,
)

Quad = npt.NDArray[np.float64]  # (4, 2): top left, top right, bottom right, bottom left


@dataclass(frozen=True, slots=True, eq=False)
class DrawnPage:
    """A page and what is true of it.

    Args:
        picture: uint8 (H, W, 3).
        panels: polygons (n, 2), x and y in px, in reading order from left to right.
        lettering: what is written and what frames it.
    """

    picture: UInt8Array
    panels: tuple[npt.NDArray[np.float64], ...]
    lettering: tuple[Lettering, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is drawn; lengths in px."""

    width: int = 900
    height: int = 1300
    margin: int = 50
    gutter: float = 16
    tilt: float = 0.0  # of cuts, share of the side they end on
    border: int = 3
    wobble: float = 0.0
    gaps: int = 0  # in each border
    paper: tuple[int, int, int] = WHITE
    backdrops: tuple[str, ...] = BACKDROPS
    airy: bool = False
    balloons: float = 0.7  # a panel
    crossing: bool = False  # balloons over borders
    sticking: int = 0  # people who stand over a border
    bleed: bool = False


def draw_page(kind: str, seed: int) -> DrawnPage:
    """A page of one of `KINDS`."""
    rng = np.random.default_rng((seed, *kind.encode()))
    return KINDS[kind](rng)


# --- layouts ---------------------------------------------------------------------------


def _at(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64], t: float) -> npt.NDArray:
    return a + (b - a) * t


def split(quad: Quad, cuts: list[float], gutter: float, tilts: list[float], across: bool) -> list:
    """A quad cut at shares of its height (`across`) or width, with gutters of some px."""
    tl, tr, br, bl = quad
    ends = ((tl, bl), (tr, br)) if across else ((tl, tr), (bl, br))
    parts, start = [], [0.0, 0.0]
    lengths = [float(np.linalg.norm(b - a)) for a, b in ends]
    for cut, tilt in zip([*cuts, 1.0], [*tilts, 0.0], strict=True):
        last = cut == 1.0
        stop = [cut + way * tilt for way in (1, -1)]
        half = [0.0 if last else gutter / 2 / length for length in lengths]
        (a, b), (c, d) = ends
        first = (_at(a, b, start[0]), _at(c, d, start[1]))
        second = (_at(a, b, stop[0] - half[0]), _at(c, d, stop[1] - half[1]))
        corners = (
            (first[0], first[1], second[1], second[0])
            if across
            else (first[0], second[0], second[1], first[1])
        )
        parts.append(np.array(corners))
        start = [s + h for s, h in zip(stop, half, strict=True)]
    return parts


def _cuts(rng: np.random.Generator, count: int) -> list[float]:
    """Shares at which `count` parts end, none too small."""
    sizes = rng.uniform(0.7, 1.3, count)
    return [float(c) for c in np.cumsum(sizes / sizes.sum())[:-1]]


def rows(look: Look, rng: np.random.Generator, quad: Quad | None = None) -> list[Quad]:
    """Rows of one to three panels each; now and then a column of two in the place of one."""
    quad = _page(look) if quad is None else quad
    count = int(rng.integers(2, 5))
    found = []
    tilts = _tilts(look, rng, count - 1)
    for row in split(quad, _cuts(rng, count), look.gutter, tilts, across=True):
        columns = int(rng.choice([1, 2, 2, 3, 3]))
        lean = _tilts(look, rng, columns - 1)
        for panel in split(row, _cuts(rng, columns), look.gutter, lean, across=False):
            stack = columns == 2 and count < 4 and rng.random() < 0.2
            found += split(panel, [0.5], look.gutter, [0.0], across=True) if stack else [panel]
    return found


def _tilts(look: Look, rng: np.random.Generator, count: int) -> list[float]:
    """How far cuts lean; no panel becomes a sliver."""
    return [float(t) for t in np.clip(rng.normal(0, look.tilt, count), -0.09, 0.09)]


def grid(look: Look, rng: np.random.Generator) -> list[Quad]:
    """Equal panels."""
    across, down = int(rng.integers(2, 4)), int(rng.integers(2, 5))
    found = []
    shares = [k / down for k in range(1, down)]
    for row in split(_page(look), shares, look.gutter, [0] * (down - 1), across=True):
        shares = [k / across for k in range(1, across)]
        found += split(row, shares, look.gutter, [0] * (across - 1), across=False)
    return found


def _page(look: Look) -> Quad:
    # Art that runs off the page has been cut off with the page.
    m, w, h = (-12 if look.bleed else look.margin), look.width, look.height
    return np.array([(m, m), (w - m, m), (w - m, h - m), (m, h - m)], np.float64)


# --- drawing ---------------------------------------------------------------------------


def drawn(look: Look, quads: list[npt.NDArray[np.float64]], rng: np.random.Generator) -> DrawnPage:
    """A page of panels in reading order; later ones lie on top."""
    page = np.empty((look.height, look.width, 3), np.uint8)
    page[:] = look.paper
    letters: list[Lettering] = []
    truths = []
    for quad in quads:
        truths.append(_panel(page, look, quad, rng, letters))
    for _ in range(look.sticking):
        _stick_out(page, quads[rng.integers(len(quads))], rng)
    if look.crossing:
        for quad in quads:
            middle = (quad[0] + quad[1]) / 2 + (rng.normal(0, 60), 0)
            if rng.random() < 0.7:
                letters.append(balloon(page, rng, tuple(middle), _letter(look)))
    return DrawnPage(page, tuple(truths), tuple(letters))


def _letter(look: Look) -> float:
    return look.height * 0.0125


def _panel(
    page: UInt8Array,
    look: Look,
    quad: npt.NDArray[np.float64],
    rng: np.random.Generator,
    letters: list[Lettering],
) -> npt.NDArray[np.float64]:
    height, width = page.shape[:2]
    low = np.maximum(np.floor(quad.min(axis=0)).astype(int), 0)
    high = np.minimum(np.ceil(quad.max(axis=0)).astype(int), (width, height))
    place = np.s_[low[1] : high[1], low[0] : high[0]]
    w, h = (int(v) for v in high - low)
    kind = str(rng.choice(look.backdrops))
    art = airy_scene(rng, w, h) if look.airy else scene(rng, w, h, kind)
    inside = np.zeros((h, w), np.uint8)
    cv2.fillPoly(inside, [np.rint(quad - low).astype(np.int32)], 255)
    found = []
    if rng.random() < look.balloons:
        size = _letter(look)
        x, y = w * rng.uniform(0.3, 0.7), h * rng.uniform(0.15, 0.3)
        choice = rng.random()
        if choice < 0.6:
            found.append(balloon(art, rng, (x, y), size))
        elif choice < 0.8:
            found.append(caption(art, rng, (w * 0.06 + 4, h * 0.05 + 4), size))
        else:
            found.append(free_text(art, rng, (x, y), size * rng.uniform(1, 1.6)))
    page[place][inside > 0] = art[inside > 0]
    for each in found:
        cover = np.zeros((height, width), bool)
        cover[place] = each.covers & (inside > 0)
        letters.append(replace(each, covers=cover))
    if look.border:
        _border(page, quad, look, rng)
    if look.airy:  # what is drawn is all that there is to find
        ys, xs = np.nonzero((art < 250).any(axis=2) & (inside > 0))
        x0, y0, x1, y1 = (int(v) for v in (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1))
        return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float64) + low
    return np.clip(quad, 0, (width, height))


def _border(
    page: UInt8Array, quad: npt.NDArray[np.float64], look: Look, rng: np.random.Generator
) -> None:
    for a, b in zip(quad, np.roll(quad, -1, axis=0), strict=True):
        length = float(np.linalg.norm(b - a))
        t = np.linspace(0, 1, max(int(length / 12), 2))
        line = a + (b - a) * t[:, None]
        if look.wobble:
            sway = np.cumsum(rng.normal(0, look.wobble, len(t)))
            sway -= np.linspace(sway[0], sway[-1], len(t))
            normal = np.array([-(b - a)[1], (b - a)[0]]) / max(length, 1)
            line = line + sway[:, None] * normal
        pieces = [line]
        for _ in range(look.gaps):
            at = int(rng.integers(1, max(len(line) - 2, 2)))
            longest = max(pieces, key=len)
            at = min(at, len(longest) - 2)
            pieces = [p for p in pieces if p is not longest]
            pieces += [longest[: at + 1], longest[at + 1 :]] if at > 1 else [longest]
        for piece in pieces:
            points = np.rint(piece * 16).astype(np.int32)
            cv2.polylines(page, [points], False, BLACK, look.border, cv2.LINE_AA, 4)


def _stick_out(page: UInt8Array, quad: npt.NDArray[np.float64], rng: np.random.Generator) -> None:
    """Someone of the size of the panel whose head or side lies beyond it."""
    side = int(rng.integers(4))
    a, b = quad[side], quad[(side + 1) % 4]
    tall = float(np.ptp(quad[:, 1])) * 0.7
    at = a + (b - a) * rng.uniform(0.25, 0.75)
    if side == 2:  # below: their legs
        at = at - (0, tall * 0.8)
    elif side == 0:
        at = at + np.array([0, tall * rng.uniform(0, 0.1)])
    else:
        at = at - (0, tall / 2)
    person(page, rng, (float(at[0]), float(at[1])), tall)


# --- kinds -----------------------------------------------------------------------------


def _sized(rng: np.random.Generator, **more: object) -> Look:
    """Pages of A4, B5, square and wide, of several gutters and borders."""
    shapes = ((900, 1300), (850, 1200), (1000, 1000), (1300, 900), (800, 1400))
    width, height = shapes[rng.choice(len(shapes), p=(0.45, 0.25, 0.1, 0.1, 0.1))]
    usual = {
        "margin": int(rng.integers(20, 70)),
        "gutter": float(rng.uniform(9, 26)),
        "border": int(rng.integers(2, 6)),
    }
    return Look(**{"width": width, "height": height, **usual, **more})  # type: ignore[arg-type]


def _plain(**more: object) -> Callable[[np.random.Generator], DrawnPage]:
    def make(rng: np.random.Generator) -> DrawnPage:
        look = _sized(rng, **more)
        return drawn(look, rows(look, rng), rng)

    return make


def _grid(rng: np.random.Generator) -> DrawnPage:
    look = _sized(rng)
    return drawn(look, grid(look, rng), rng)


def _dark(rng: np.random.Generator) -> DrawnPage:
    """Black gutters; panels without a line around them."""
    look = _sized(rng, paper=(8, 8, 10), border=0, backdrops=("white", "tone", "gradient", "dots"))
    return drawn(look, rows(look, rng), rng)


def _inset(rng: np.random.Generator) -> DrawnPage:
    """Small panels with a moat of paper that lie within large ones."""
    look = _sized(rng)
    base = rows(look, rng)
    large = max(base, key=lambda q: np.ptp(q[:, 0]) * np.ptp(q[:, 1]))
    span = np.ptp(large, axis=0)
    corner = large.min(axis=0) + span * rng.uniform(0.12, 0.5, 2)
    return _on_top(look, base, corner, span * rng.uniform(0.28, 0.4, 2), rng, whole=True)


def _junction(rng: np.random.Generator) -> DrawnPage:
    """A small panel with a moat over the place where four meet."""
    look = _sized(rng)
    base = grid(look, rng)
    span = np.ptp(base[0], axis=0)
    corner = base[0][2] - span * rng.uniform(0.15, 0.35, 2)
    return _on_top(look, base, corner, span * rng.uniform(0.5, 0.7, 2), rng, whole=False)


def _on_top(
    look: Look,
    base: list[Quad],
    corner: npt.NDArray[np.float64],
    span: npt.NDArray[np.float64],
    rng: np.random.Generator,
    *,
    whole: bool,
) -> DrawnPage:
    """A page with one more panel laid over; the others' truth is what is left of them."""
    below = drawn(replace(look, balloons=0), base, rng)
    moat = look.gutter * 0.6 + 3

    def box(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> Quad:
        return np.array([a, (b[0], a[1]), b, (a[0], b[1])])

    inner = box(corner, corner + span)
    outer = box(corner - moat, corner + span + moat)
    page = below.picture
    letters: list[Lettering] = []
    cv2.fillPoly(page, [outer.astype(np.int32)], look.paper)
    truth = _panel(page, look, inner, rng, letters)
    panels: list[npt.NDArray[np.float64]] = []
    for panel in below.panels:
        panels.append(panel if whole else _without(panel, outer, page.shape[:2]))
        # A whole inset is read after the panel that it lies in.
        if whole and cv2.pointPolygonTest(
            panel.astype(np.float32), tuple(inner.mean(axis=0).tolist()), False
        ) > 0:  # fmt: skip
            panels.append(truth)
    if not whole:
        panels.append(truth)
    return DrawnPage(page, tuple(panels), tuple(letters))


def _without(
    panel: npt.NDArray[np.float64], hole: Quad, shape: tuple[int, int]
) -> npt.NDArray[np.float64]:
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.rint(panel).astype(np.int32)], 1)
    cv2.fillPoly(mask, [np.rint(hole).astype(np.int32)], 0)
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(max(outlines, key=cv2.contourArea)[:, 0], np.float64)


def _l_shapes(rng: np.random.Generator) -> DrawnPage:
    """A panel around the corner of another."""
    look = _sized(rng)
    (x0, y0), (x1, y1) = _page(look)[0], _page(look)[2]
    g = look.gutter
    y = y0 + (y1 - y0) * rng.uniform(0.45, 0.6)
    a = x0 + (x1 - x0) * rng.uniform(0.4, 0.6)
    b = y0 + (y - y0) * rng.uniform(0.4, 0.6)
    small = np.array([(x0, y0), (a, y0), (a, b), (x0, b)])
    bent = np.array([(a + g, y0), (x1, y0), (x1, y), (x0, y), (x0, b + g), (a + g, b + g)])
    rest = np.array([(x0, y + g), (x1, y + g), (x1, y1), (x0, y1)])
    if rng.random() < 0.5:  # mirrored: the bent one is read first
        small, bent, rest = (
            np.stack([look.width - q[::-1, 0], q[::-1, 1]], axis=1) for q in (small, bent, rest)
        )
        order = [bent, small]
    else:
        order = [small, bent]
    below = split(_sorted(rest), [0.5], g, [0.0], across=False)
    return drawn(look, [*order, *below], rng)


def _sorted(quad: npt.NDArray[np.float64]) -> Quad:
    low, high = quad.min(axis=0), quad.max(axis=0)
    return np.array([low, (high[0], low[1]), high, (low[0], high[1])])


def _pinwheel(rng: np.random.Generator) -> DrawnPage:
    """Four panels around a fifth: no cut goes through."""
    look = _sized(rng)
    (x0, y0), (x1, y1) = _page(look)[0], _page(look)[2]
    g = look.gutter
    a, c = (x0 + (x1 - x0) * t for t in (rng.uniform(0.3, 0.4), rng.uniform(0.6, 0.7)))
    b, d = (y0 + (y1 - y0) * t for t in (rng.uniform(0.3, 0.4), rng.uniform(0.6, 0.7)))
    boxes = [
        (x0, y0, c, b), (c + g, y0, x1, d), (x0, b + g, a, y1), (a + g, b + g, c, d),
        (a + g, d + g, x1, y1),
    ]  # fmt: skip
    quads = [np.array([(l, t), (r, t), (r, u), (l, u)]) for l, t, r, u in boxes]  # noqa: E741
    return drawn(look, quads, rng)


def _splash(rng: np.random.Generator) -> DrawnPage:
    """One picture."""
    look = _sized(rng)
    return drawn(look, [_page(look)], rng)


def _titled(rng: np.random.Generator) -> DrawnPage:
    """A title above, a number below, which are no panels."""
    look = _sized(rng)
    m = look.margin
    low, high = (m, m + 110), (look.width - m, look.height - m - 40)
    quad = _sorted(np.array([low, high], np.float64))
    page = drawn(look, rows(look, rng, quad), rng)
    title = " ".join(words(rng, 2))
    size = min(62.0, 1.4 * look.width / len(title))
    set_text(page.picture, [title], (look.width / 2, m + 50), size, BLACK)
    number = str(rng.integers(1, 300))
    set_text(page.picture, [number], (look.width / 2, look.height - m / 2 - 12), 16, BLACK)
    return page


def _storyboard(rng: np.random.Generator) -> DrawnPage:
    """Frames in rows with notes below each; the notes are no panels."""
    look = _sized(rng, width=1300, height=950, border=2, balloons=0.1)
    across = int(rng.integers(2, 4))
    wide = (look.width - 2 * look.margin - (across - 1) * 40) / across
    tall = wide * 9 / 16
    step = tall + 110
    quads, notes = [], []
    for row in range(int((look.height - look.margin) // step)):
        for column in range(across):
            x, y = look.margin + column * (wide + 40), look.margin + row * step
            quads.append(_sorted(np.array([(x, y), (x + wide, y + tall)])))
            notes.append((x + wide / 2, y + tall + 45))
    page = drawn(look, quads, rng)
    for note in notes:
        lines = [" ".join(words(rng, 5)) for _ in range(rng.integers(1, 4))]
        set_text(page.picture, lines, note, 14, BLACK)
    return page


def _shared(rng: np.random.Generator) -> DrawnPage:
    """Panels with one line between them and no gutter at all."""
    look = _sized(rng, gutter=0.0, border=5)
    return drawn(look, rows(look, rng), rng)


def _scanned(rng: np.random.Generator) -> DrawnPage:
    """Any of the above on uneven paper, turned a little, with noise, as a small JPEG."""
    inner = str(rng.choice(["rows", "grid", "tilted", "sticking out", "hand-drawn", "borderless"]))
    return scanned(KINDS[inner](rng), rng)


def scanned(page: DrawnPage, rng: np.random.Generator) -> DrawnPage:
    """A page as a scanner or a phone gives it; polygons and lettering turn with it."""
    height, width = page.picture.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), float(rng.uniform(-2.5, 2.5)), 1)
    beyond = int(rng.choice([20, 120, 225, 250]))
    size = (width, height)
    picture = cv2.warpAffine(page.picture, turn, size, borderValue=(beyond,) * 3)
    ys, xs = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    a, b, c = rng.uniform(-0.12, 0.12, 3)
    shade = 0.92 + a * (xs - 0.5) + b * (ys - 0.5) + c * (xs - 0.5) * (ys - 0.5)
    paper = np.array([1, rng.uniform(0.95, 1), rng.uniform(0.85, 1)])
    light = picture * shade[:, :, None] * paper + rng.normal(0, rng.uniform(1, 5), picture.shape)
    light = cv2.GaussianBlur(np.clip(light, 0, 255).astype(np.uint8), (3, 3), 0)
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(35, 75))]
    picture = cv2.imdecode(cv2.imencode(".jpg", light, quality)[1], cv2.IMREAD_COLOR)
    panels = tuple(np.clip(panel @ turn[:, :2].T + turn[:, 2], 0, size) for panel in page.panels)
    letters = tuple(
        replace(each, covers=cv2.warpAffine(each.covers.astype(np.uint8), turn, size) > 0)
        for each in page.lettering
    )
    return DrawnPage(np.asarray(picture), panels, letters)


def _everything(rng: np.random.Generator) -> DrawnPage:
    """Tilted, wobbly, with gaps, people and balloons over the borders, and then scanned."""
    look = _sized(rng, tilt=0.04, wobble=0.5, gaps=1, sticking=2, crossing=True)
    return scanned(drawn(look, rows(look, rng), rng), rng)


TONED = ("tone", "gradient", "dots", "black")
KINDS: dict[str, Callable[[np.random.Generator], DrawnPage]] = {
    "grid": _grid,
    "rows": _plain(),
    "thin gutters": _plain(gutter=7.0, border=2),
    "tilted": _plain(tilt=0.08),
    "hand-drawn": _plain(wobble=0.8, gaps=2, border=3),
    "sticking out": _plain(sticking=3),
    "balloons across": _plain(crossing=True),
    "borderless": _plain(border=0, backdrops=TONED),
    "airy": _plain(border=0, airy=True, balloons=0.0, gutter=26.0),
    "bleed": _plain(bleed=True),
    "dark gutters": _dark,
    "inset": _inset,
    "inset on a junction": _junction,
    "L-shapes": _l_shapes,
    "pinwheel": _pinwheel,
    "splash": _splash,
    "titled": _titled,
    "storyboard": _storyboard,
    "scanned": _scanned,
    "everything": _everything,
    "shared borders": _shared,
}
