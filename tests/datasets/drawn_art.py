"""What stands in the panels of drawn pages: backdrops, things, people, lettering.

By rules and crude, but of the kinds that lead a panel finder astray: white and black grounds,
screentone, hatching, windows (which are rectangles), lines that run right across, text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

UInt8Array = npt.NDArray[np.uint8]
Color = tuple[int, int, int]

WORDS = tuple(
    "WHAT WAS THAT NOISE I DON'T KNOW RUN FOR IT! HEY YOU THERE IS NO TIME LEFT MEANWHILE AT "  # noqa: SIM905
    "HOME COME BACK LATER THE DOG ATE MY MAP NEVER AGAIN WHO ARE THEY? LOOK UP TONIGHT".split()
)
BLACK, WHITE = (0, 0, 0), (255, 255, 255)
BACKDROPS = ("white", "tone", "gradient", "dots", "hatched", "black")


def ink(rng: np.random.Generator) -> Color:
    """A dark colour, mostly black."""
    return BLACK if rng.random() < 0.8 else tuple(int(v) for v in rng.integers(0, 90, 3))


def tone(rng: np.random.Generator, low: int = 90, high: int = 225) -> Color:
    """A grey, or in a third of cases a colour."""
    if rng.random() < 0.65:
        return (int(rng.integers(low, high)),) * 3
    return tuple(int(v) for v in rng.integers(low, high, 3))


def backdrop(rng: np.random.Generator, width: int, height: int, kind: str) -> UInt8Array:
    """An empty panel, uint8 (H, W, 3), of one of `BACKDROPS`."""
    picture = np.full((height, width, 3), 255, np.uint8)
    if kind == "tone":
        picture[:] = tone(rng)
    elif kind == "gradient":
        ramp = np.linspace(0, 1, height)[:, None, None]
        picture[:] = (1 - ramp) * np.array(tone(rng)) + ramp * np.array(tone(rng))
    elif kind == "dots":
        step = int(rng.integers(5, 9))
        picture[:] = tone(rng, 200, 235)
        for y in range(step // 2, height, step):
            for x in range(step // 2, width, step):
                cv2.circle(picture, (x, y), step // 4 + 1, (120, 120, 120), -1)
    elif kind == "hatched":
        step = int(rng.integers(7, 15))
        for x in range(-height, width, step):
            cv2.line(picture, (x, height), (x + height, 0), (60, 60, 60), 1, cv2.LINE_AA)
    elif kind == "black":
        picture[:] = int(rng.integers(0, 30))
    return picture


def _houses(picture: UInt8Array, rng: np.random.Generator) -> None:
    height, width = picture.shape[:2]
    for _ in range(rng.integers(1, 4)):
        w, h = int(width * rng.uniform(0.15, 0.35)), int(height * rng.uniform(0.3, 0.7))
        x, y = int(rng.integers(0, max(width - w, 1))), int(height * 0.85) - h
        cv2.rectangle(picture, (x, y), (x + w, y + h), tone(rng, 150, 256), -1)
        cv2.rectangle(picture, (x, y), (x + w, y + h), ink(rng), 2, cv2.LINE_AA)
        cell = max(w // 4, 9)
        for wy in range(y + cell // 2, y + h - cell, cell):
            for wx in range(x + cell // 2, x + w - cell, cell):
                corner = (wx + cell * 2 // 3, wy + cell * 2 // 3)
                cv2.rectangle(picture, (wx, wy), corner, BLACK, -1 if rng.random() < 0.5 else 1)


def _trees(picture: UInt8Array, rng: np.random.Generator) -> None:
    height, width = picture.shape[:2]
    for _ in range(rng.integers(1, 4)):
        x, y = int(rng.integers(0, width)), int(height * rng.uniform(0.2, 0.5))
        r = int(min(height, width) * rng.uniform(0.08, 0.2))
        cv2.line(picture, (x, y), (x, int(height * 0.9)), BLACK, max(r // 4, 2), cv2.LINE_AA)
        for _ in range(5):
            at = (x + int(rng.normal(0, r / 2)), y + int(rng.normal(0, r / 2)))
            cv2.circle(picture, at, r // 2 + 2, tone(rng, 60, 200), -1)
            cv2.circle(picture, at, r // 2 + 2, BLACK, 1, cv2.LINE_AA)


def _speed(picture: UInt8Array, rng: np.random.Generator) -> None:
    height, width = picture.shape[:2]
    centre = rng.uniform((0.3, 0.3), (0.7, 0.7)) * (width, height)
    for angle in rng.uniform(0, 2 * np.pi, 70):
        way = np.array([np.cos(angle), np.sin(angle)])
        a = centre + way * min(width, height) * rng.uniform(0.25, 0.5)
        b = centre + way * (width + height)
        cv2.line(picture, tuple(a.astype(int)), tuple(b.astype(int)), BLACK, 1, cv2.LINE_AA)


def _bricks(picture: UInt8Array, rng: np.random.Generator) -> None:
    height, width = picture.shape[:2]
    h = int(rng.integers(14, 26))
    top = int(height * rng.uniform(0.3, 0.6))
    for row, y in enumerate(range(top, height, h)):
        cv2.line(picture, (0, y), (width, y), BLACK, 1)
        for x in range((row % 2) * h, width, 2 * h):
            cv2.line(picture, (x, y), (x, y + h), BLACK, 1)


def _blots(picture: UInt8Array, rng: np.random.Generator) -> None:
    height, width = picture.shape[:2]
    for _ in range(rng.integers(2, 5)):
        points = rng.uniform(0, 1, 2) * (width, height) + rng.normal(0, 0.15, (7, 2)) * min(
            width, height
        )
        cv2.fillPoly(picture, [cv2.convexHull(points.astype(np.int32))], tone(rng, 0, 120))


def person(
    picture: UInt8Array, rng: np.random.Generator, at: tuple[float, float], tall: float
) -> None:
    """Someone whose head is at `at`, `tall` px in all, drawn over what is there."""
    x, y = at
    r = tall / 9
    coat = tone(rng, 60, 256)
    body = [(x - r, y + r), (x + r, y + r), (x + 1.8 * r, y + 5 * r), (x - 1.8 * r, y + 5 * r)]
    shape = np.array(body).astype(np.int32)
    for side in (-1, 1):
        foot = (int(x + side * r * 1.2), int(y + 8 * r))
        cv2.line(picture, (int(x + side * r * 0.6), int(y + 5 * r)), foot, BLACK,
                 max(int(r / 3), 2), cv2.LINE_AA)  # fmt: skip
        hand = (int(x + side * r * rng.uniform(1.5, 4)), int(y + r * rng.uniform(0, 4)))
        cv2.line(picture, (int(x + side * r), int(y + 1.5 * r)), hand, BLACK,
                 max(int(r / 4), 2), cv2.LINE_AA)  # fmt: skip
    cv2.fillPoly(picture, [shape], coat)
    cv2.polylines(picture, [shape], True, BLACK, 2, cv2.LINE_AA)
    cv2.circle(picture, (int(x), int(y)), max(int(r), 2), WHITE, -1)
    cv2.circle(picture, (int(x), int(y)), max(int(r), 2), BLACK, 2, cv2.LINE_AA)
    cv2.ellipse(picture, (int(x), int(y - r / 3)), (max(int(r), 2), max(int(r * 0.7), 1)), 0, 180,
                360, BLACK, -1)  # fmt: skip


_THINGS: tuple[Callable[[UInt8Array, np.random.Generator], None], ...] = (
    _houses, _trees, _speed, _bricks, _blots,
)  # fmt: skip


def scene(rng: np.random.Generator, width: int, height: int, kind: str) -> UInt8Array:
    """A panel's art on a backdrop, uint8 (H, W, 3)."""
    picture = backdrop(rng, width, height, kind)
    for _ in range(rng.integers(1, 3)):
        _THINGS[rng.integers(len(_THINGS))](picture, rng)
    if rng.random() < 0.6:
        y = int(height * rng.uniform(0.75, 0.95))
        cv2.line(picture, (0, y), (width, y + int(rng.normal(0, 6))), ink(rng), 2, cv2.LINE_AA)
    for _ in range(rng.integers(1, 4)):
        tall = height * rng.uniform(0.35, 0.9)
        person(picture, rng, (rng.uniform(0, width), height - tall * rng.uniform(0.6, 1)), tall)
    return picture


def airy_scene(rng: np.random.Generator, width: int, height: int) -> UInt8Array:
    """Art on white that keeps to a box without an outline: ground below, a tree and a house aside.

    It touches all four sides of its box here and there.
    """
    picture = backdrop(rng, width, height, "white")
    y = height - int(rng.integers(2, 6))
    cv2.line(picture, (0, y), (width, y), BLACK, 3)
    for x in range(0, width, 9):
        cv2.line(picture, (x, y), (x - 6, y - int(rng.integers(4, 14))), BLACK, 1, cv2.LINE_AA)
    wide = width // 5
    cv2.rectangle(picture, (width - wide, 1), (width - 2, y), tone(rng, 120, 230), -1)
    cv2.rectangle(picture, (width - wide, 1), (width - 2, y), BLACK, 2)
    cv2.line(picture, (wide // 2, height // 5), (wide // 2, y), BLACK, 6, cv2.LINE_AA)
    for _ in range(12):
        at = (int(rng.uniform(0, wide)), int(rng.uniform(0, height / 3)))
        cv2.circle(picture, at, wide // 4, tone(rng, 90, 200), -1)
        cv2.circle(picture, at, wide // 4, BLACK, 1, cv2.LINE_AA)
    for _ in range(rng.integers(1, 4)):
        tall = height * rng.uniform(0.4, 0.8)
        person(picture, rng, (rng.uniform(wide, width - wide), y - tall * 0.88), tall)
    return picture


# --- lettering -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lettering:
    """Something written: what it covers, bool (H, W), and how it is set."""

    covers: npt.NDArray[np.bool_]
    kind: str


def words(rng: np.random.Generator, count: int) -> list[str]:
    """Some words."""
    return [str(word) for word in rng.choice(WORDS, count)]


def set_text(
    picture: UInt8Array, lines: list[str], centre: tuple[float, float], size: float, color: Color
) -> npt.NDArray[np.bool_]:
    """Sets lines of text around a point, into the picture; which px changed, bool (H, W)."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.fromarray(picture)
    ImageDraw.Draw(image).multiline_text(
        centre, "\n".join(lines), fill=color, font=ImageFont.load_default(size), anchor="mm",
        align="center", spacing=size * 0.25,
    )  # fmt: skip
    after = np.asarray(image)
    changed = (after != picture).any(axis=2)
    picture[:] = after
    return changed


def balloon(
    picture: UInt8Array, rng: np.random.Generator, centre: tuple[float, float], size: float
) -> Lettering:
    """A speech balloon around a point, drawn into the picture, letters `size` px high."""
    lines = [" ".join(words(rng, int(rng.integers(1, 4)))) for _ in range(rng.integers(1, 4))]
    rx = max(len(line) for line in lines) * size * 0.42 + size
    ry = len(lines) * size * 0.75 + size
    x, y = centre
    cover = np.zeros(picture.shape[:2], np.uint8)
    middle, axes = (int(x), int(y)), (int(rx), int(ry))
    tail = np.array([(x - size / 2, y + ry * 0.8), (x + size / 2, y + ry * 0.8),
                     (x + rng.normal(0, size), y + ry + 2 * size)]).astype(np.int32)  # fmt: skip
    cv2.ellipse(cover, middle, axes, 0, 0, 360, 255, -1)
    cv2.fillPoly(cover, [tail], 255)
    paper = WHITE if rng.random() < 0.8 else tone(rng, 225, 255)
    picture[cover > 0] = paper
    outlines, _ = cv2.findContours(cover, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.polylines(picture, outlines, True, BLACK, 2, cv2.LINE_AA)
    set_text(picture, lines, centre, size, BLACK)
    cv2.polylines(cover, outlines, True, 255, 2)
    return Lettering(cover > 0, "balloon")


def caption(
    picture: UInt8Array, rng: np.random.Generator, corner: tuple[float, float], size: float
) -> Lettering:
    """A caption box with its upper left corner at a point, drawn into the picture."""
    lines = [" ".join(words(rng, int(rng.integers(2, 5)))) for _ in range(rng.integers(1, 3))]
    w = int(max(len(line) for line in lines) * size * 0.66 + size)
    h = int(len(lines) * size * 1.35 + size * 0.6)
    x, y = (int(v) for v in corner)
    paper = WHITE if rng.random() < 0.5 else tone(rng, 215, 250)
    cover = np.zeros(picture.shape[:2], np.uint8)
    cv2.rectangle(cover, (x, y), (x + w, y + h), 255, -1)
    cv2.rectangle(picture, (x, y), (x + w, y + h), paper, -1)
    cv2.rectangle(picture, (x, y), (x + w, y + h), BLACK, 2)
    set_text(picture, lines, (x + w / 2, y + h / 2), size, BLACK)
    return Lettering(cover > 0, "caption")


def free_text(
    picture: UInt8Array, rng: np.random.Generator, centre: tuple[float, float], size: float
) -> Lettering:
    """Words without a frame, set over the art, black on light and white on dark."""
    x, y = (int(v) for v in centre)
    reach = int(size * 3)
    under = picture[max(y - reach, 0) : y + reach, max(x - reach, 0) : x + reach]
    color = BLACK if under.size == 0 or under.mean() > 110 else WHITE
    lines = [" ".join(words(rng, 2)) for _ in range(rng.integers(1, 3))]
    changed = set_text(picture, lines, centre, size, color).astype(np.uint8)
    grown = cv2.morphologyEx(
        np.pad(changed, 60), cv2.MORPH_CLOSE, np.ones((int(size), int(size * 1.5)), np.uint8)
    )[60:-60, 60:-60]
    return Lettering(grown > 0, "free")
