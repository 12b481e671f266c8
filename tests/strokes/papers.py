"""Drawings on the papers that people draw on, scan and photograph: seeded, with known strokes.

`SHEETS` are functions (ink, rng) -> picture. `ink` is float (H, W), how much of the paper's
light the drawing takes, 0 to 1; a picture is uint8, (H, W) or (H, W, 3). Without ink they
are blank sheets.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import cv2
import numpy as np
import numpy.typing as npt
from linework.strokes import Drawing
from linework.strokes.raster import draw_ink

FloatArray = npt.NDArray[np.float64]
Image = npt.NDArray[np.uint8]
Sheet = Callable[[FloatArray, np.random.Generator], Image]

SIZE = (640, 480)


def scene() -> Drawing:
    """A house on a hill under a sun: level, upright, slanted and bent lines, and dots."""
    t = np.linspace(0, 2 * math.pi, 80)
    hill_x = np.linspace(20, 620, 90)
    smoke = np.linspace(0, 1, 60)
    return Drawing.from_arrays(
        [
            [(180, 380), (180, 230), (400, 230), (400, 380), (180, 380)],
            [(150, 236), (290, 120), (430, 236)],
            [(250, 380), (250, 290), (310, 290), (310, 380)],
            np.stack([520 + 45 * np.cos(t), 100 + 45 * np.sin(t)], axis=1),
            np.stack([hill_x, 400 + 30 * np.sin(hill_x / 70)], axis=1),
            np.stack([350 + 25 * np.sin(9 * smoke), 160 - 130 * smoke], axis=1),
            [(40, 60), (140, 180)],
            [(140, 60), (40, 180)],
            [(456, 300), (600, 300)],
            [(456, 330), (600, 350)],
            [(90, 260)],
            [(110, 270)],
        ],
        size=SIZE,
    )


def ink_of(drawing: Drawing, width: float = 3.5) -> FloatArray:
    """Ink as a lens sees it: a little blurred; float (H, W), 0 to 1."""
    return cv2.GaussianBlur(1 - draw_ink(drawing, line_width=width) / 255.0, (0, 0), 0.7)


def picture(values: FloatArray, rng: np.random.Generator, noise: float = 4.0) -> Image:
    """Brightness 0 to 1 as bytes, with a camera's noise."""
    return np.clip(values * 255 + rng.normal(0, noise, values.shape), 0, 255).astype(np.uint8)


def field(shape: tuple[int, ...], sigma: float, rng: np.random.Generator) -> FloatArray:
    """Smooth noise with a standard deviation of 1."""
    # Made small and enlarged: a wide blur of a large picture is slow.
    step = max(1, int(sigma / 3))
    small = rng.normal(0, 1, (shape[0] // step + 3, shape[1] // step + 3))
    smooth = cv2.GaussianBlur(small, (0, 0), sigma / step)
    whole = cv2.resize(smooth / smooth.std(), (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray(whole, np.float64)


def shadow(shape: tuple[int, ...], rng: np.random.Generator, edge: float) -> FloatArray:
    """Light of a lamp on one side, and the shadow of a phone and a hand; 0 to 1."""
    rows, cols = shape
    y, x = np.mgrid[0:rows, 0:cols]
    lamp = 1.0 - 0.35 * np.hypot(x / cols - 0.9, y / rows - 0.1) / 1.3
    shade = np.zeros(shape)
    cv2.fillPoly(shade, [np.array([(0, 200), (260, 260), (330, rows), (0, rows)])], 1.0)
    cv2.ellipse(shade, (420, rows), (90, 130), 20, 0, 360, 1.0, -1)
    return lamp * (1 - 0.42 * cv2.GaussianBlur(shade, (0, 0), edge))


def rulings(
    shape: tuple[int, ...], gap: float, turn: float, width: float, bend: float = 0.0
) -> FloatArray:
    """Parallel lines `gap` px apart, turned by so many degrees; 0 to 1."""
    rows, cols = shape
    y, x = np.mgrid[0:rows, 0:cols].astype(np.float64)
    a = math.radians(turn)
    across = y * math.cos(a) - x * math.sin(a) + bend * (x / cols - 0.5) ** 2
    off = np.abs((across / gap) % 1.0 - 0.5) * gap
    return np.clip(width / 2 + 0.5 - off, 0, 1)


def tinted(grey: FloatArray, color: Iterable[float]) -> FloatArray:
    return grey[..., None] * np.array(list(color))


def inked(paper: FloatArray, ink: FloatArray, depth: float = 0.85) -> FloatArray:
    """Paper (H, W, 3) or (H, W) under ink that takes `depth` of its light."""
    return paper * (1 - depth * (ink[..., None] if paper.ndim == 3 else ink))


def scan(ink: FloatArray, rng: np.random.Generator) -> Image:
    return picture(inked(np.full(ink.shape, 0.96), ink), rng)


def phone(ink: FloatArray, rng: np.random.Generator) -> Image:
    light = shadow(ink.shape, rng, 22.0)
    return picture(inked(tinted(light, (0.93, 0.9, 0.82)), ink), rng, 5.0)


def hard_shadow(ink: FloatArray, rng: np.random.Generator) -> Image:
    return picture(inked(shadow(ink.shape, rng, 5.0) * 0.95, ink), rng)


def squared(
    color: tuple[float, ...], turn: float, bend: float = 0.0, gap: float = 23.6, width: float = 1.2
) -> Sheet:
    """Squared paper: lines of a colour that takes light as ink does."""

    def draw(ink: FloatArray, rng: np.random.Generator) -> Image:
        lines = np.maximum(
            rulings(ink.shape, gap, turn, width, bend),
            rulings(ink.shape, gap, turn + 90, width, bend),
        )
        lines = cv2.GaussianBlur(lines, (0, 0), 0.6)
        through = 1 - lines[..., None] * (1 - np.array(color))
        return picture(inked(0.96 * through, ink), rng)

    return draw


def ruled(ink: FloatArray, rng: np.random.Generator) -> Image:
    """Blue lines and a red margin, photographed a little askew."""
    blue = cv2.GaussianBlur(rulings(ink.shape, 41.0, -1.1, 1.5, 8.0), (0, 0), 0.6)[..., None]
    margin = np.zeros(ink.shape)
    cv2.line(margin, (72, 0), (60, ink.shape[0]), 1.0, 2, cv2.LINE_AA)
    paper = 0.95 * (1 - blue * (1 - np.array([0.62, 0.75, 0.9])))
    paper = paper * (1 - margin[..., None] * (1 - np.array([0.95, 0.6, 0.6])))
    return picture(inked(paper, ink), rng)


def shaded_squares(ink: FloatArray, rng: np.random.Generator) -> Image:
    """Squared paper in a phone photo, compressed."""
    lines = np.maximum(rulings(ink.shape, 23.6, 2.0, 1.4), rulings(ink.shape, 23.6, 92.0, 1.4))
    through = 1 - lines[..., None] * (1 - np.array([0.66, 0.76, 0.88]))
    light = shadow(ink.shape, rng, 18.0)[..., None]
    return jpeg(picture(inked(0.95 * light * through, ink), rng), 60)


def jpeg(image: Image, quality: int) -> Image:
    _, content = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(content, cv2.IMREAD_UNCHANGED), np.uint8)


def compressed(ink: FloatArray, rng: np.random.Generator) -> Image:
    return jpeg(picture(inked(np.full(ink.shape, 0.97), ink), rng, 2.0), 12)


def chalk(ink: FloatArray, rng: np.random.Generator) -> Image:
    """Chalk on a board that was wiped."""
    grain = np.clip(0.75 + 0.25 * field(ink.shape, 0.8, rng), 0.2, 1)
    smear = 0.16 + 0.03 * field(ink.shape, 40.0, rng) + 0.01 * field(ink.shape, 3.0, rng)
    return picture(np.clip(smear + 0.6 * ink * grain, 0, 1), rng)


def blueprint(ink: FloatArray, rng: np.random.Generator) -> Image:
    paper = np.array([0.12, 0.24, 0.5]) * (1 + 0.06 * field(ink.shape, 50.0, rng)[..., None])
    return picture(paper + 0.85 * ink[..., None] * (np.array([0.9, 0.95, 1]) - paper), rng)


def pencil(depth: float) -> Sheet:
    """Graphite of a depth, from paper with a tooth."""

    def draw(ink: FloatArray, rng: np.random.Generator) -> Image:
        tooth = np.clip(1 + 0.25 * field(ink.shape, 1.0, rng), 0.3, 1.3)
        paper = 0.93 + 0.012 * field(ink.shape, 1.5, rng) + 0.02 * field(ink.shape, 60.0, rng)
        return picture(paper * (1 - depth * ink * tooth), rng, 3.0)

    return draw


def kraft(ink: FloatArray, rng: np.random.Generator) -> Image:
    """Brown paper with fibres."""
    fibres = 0.02 * field(ink.shape, 1.5, rng) + 0.02 * field(ink.shape, 6.0, rng)
    return picture(inked(tinted(0.8 + fibres, (0.82, 0.64, 0.46)), ink), rng)


def stained(ink: FloatArray, rng: np.random.Generator) -> Image:
    """Yellowed, with stains and the folds of a letter."""
    stains = np.clip(field(ink.shape, 30.0, rng) - 0.8, 0, 1) * 0.18
    fold = np.zeros(ink.shape)
    fold[ink.shape[0] // 3] = fold[:, ink.shape[1] // 2] = 1.0
    fold = cv2.GaussianBlur(fold, (0, 0), 7.0) / 0.057 * 0.08
    return picture(inked(tinted(1 - stains - fold, (0.93, 0.88, 0.7)), ink), rng)


def coarse_grain(ink: FloatArray, rng: np.random.Generator) -> Image:
    """A picture taken in the dark: noise an eighth of the way from black to white."""
    return picture(inked(np.full(ink.shape, 0.8), ink, 0.8), rng, 28.0)


def pencil_under_ink(ink: FloatArray, rng: np.random.Generator) -> Image:
    """The right half in pen, the left in a hard pencil."""
    depth = np.where(np.arange(ink.shape[1]) > 300, 0.85, 0.16)
    return picture(0.95 * (1 - depth * ink), rng, 3.0)


def perspective(ink: FloatArray, rng: np.random.Generator) -> Image:
    """Squared paper seen from below; the drawing's own perspective is left alone."""
    lines = np.zeros(ink.shape)
    rows, cols = ink.shape
    for k in range(-40, 60):
        far, near = (cols / 2 + (k - 10) * 19, 0), (cols / 2 + (k - 10) * 27, rows)
        ends = [(round(x * 16), round(y * 16)) for x, y in (far, near)]
        cv2.line(lines, ends[0], ends[1], 1.0, 1, cv2.LINE_AA, 4)
    y, step = 6.0, 17.0
    while y < rows:
        cv2.line(lines, (0, round(y * 16)), (cols * 16, round(y * 16) + 160), 1, 1, cv2.LINE_AA, 4)
        y, step = y + step, step * 1.03
    through = 1 - cv2.GaussianBlur(lines, (0, 0), 0.6)[..., None] * [0.35, 0.25, 0.1]
    return picture(inked(0.95 * through, ink), rng)


SHEETS: dict[str, Sheet] = {
    "scan": scan,
    "phone photo": phone,
    "hard shadow": hard_shadow,
    "blue squares": squared((0.66, 0.76, 0.88), 0.7),
    "grey squares, bent": squared((0.72, 0.72, 0.72), -1.5, 10.0),
    "dark squares": squared((0.5, 0.5, 0.5), 0.0, gap=40.0),
    "millimetres": squared((0.8, 0.72, 0.68), 0.4, gap=11.8, width=1.0),
    "ruled": ruled,
    "squares in a phone photo": shaded_squares,
    "jpeg 12": compressed,
    "chalk": chalk,
    "blueprint": blueprint,
    "pencil": pencil(0.35),
    "faint pencil": pencil(0.13),
    "pencil under ink": pencil_under_ink,
    "squares in perspective": perspective,
    "kraft": kraft,
    "stained": stained,
    "coarse grain": coarse_grain,
}


def dense(points: npt.ArrayLike) -> FloatArray:
    """Points of a polyline half a px apart."""
    p = np.asarray(points, np.float64)
    if len(p) == 1:
        return p
    at = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(p, axis=0).T))])
    s = np.linspace(0, at[-1], max(2, int(at[-1] * 2)))
    return np.stack([np.interp(s, at, p[:, k]) for k in (0, 1)], axis=1)


def agreement(found: Drawing, truth: Drawing, within: float = 1.5) -> tuple[float, float]:
    """Precision and recall of lines: shares of their length within so many px of the other's."""
    if not found.strokes:
        return (1.0, 0.0)
    a, b = (np.concatenate([dense(s.points) for s in d.strokes]) for d in (found, truth))

    def near(these: FloatArray, those: FloatArray) -> float:
        free = np.full((SIZE[1] * 2 + 8, SIZE[0] * 2 + 8), 255, np.uint8)
        at = np.clip(np.rint(those * 2).astype(int), 0, (SIZE[0] * 2 + 7, SIZE[1] * 2 + 7))
        free[at[:, 1], at[:, 0]] = 0
        away = cv2.distanceTransform(free, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) / 2
        at = np.clip(np.rint(these * 2).astype(int), 0, (SIZE[0] * 2 + 7, SIZE[1] * 2 + 7))
        return float((away[at[:, 1], at[:, 0]] <= within + 0.25).mean())

    return near(a, b), near(b, a)
