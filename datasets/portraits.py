"""Painted portraits by rules: faces that nobody has, to try a portrait painter on.

A sitter is a dozen numbers (pose, proportions, hair, clothes) and a palette of few colours; the
face is laid in flat shapes with light from one side, then painted over with brush strokes that
follow the forms, large ones first (after Hertzmann, "Painterly Rendering with Curved Brush Strokes
of Multiple Sizes", 1998, with straight strokes). No photograph and no painting of anybody's is in
them.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

UInt8Array = npt.NDArray[np.uint8]
FloatArray = npt.NDArray[np.float64]
Color = tuple[float, float, float]
Point = tuple[float, float]

# Shapes are laid at this side, px, and painted there; then shrunk.
CANVAS = 256
# Brushes, px of the canvas: width, length, strokes a px of area, and how far off a colour may be.
BRUSHES = ((17, 34, 1 / 90, 9.0), (9, 20, 1 / 28, 6.0), (4, 10, 1 / 9, 4.0))
# Bits of fractions in OpenCV's coordinates.
_SHIFT = 4

# Colours, sRGB: backgrounds, skins (light, middle, dark side), hairs, clothes, lips.
_GROUNDS = ("#3b4a4a", "#6b5a48", "#7d8a83", "#a89a7c", "#40364a", "#8a4f3d", "#b9b3a2", "#2f3d55")
_SKINS = ("#f1d3bd", "#e6bd9f", "#d6a27e", "#b97f5b", "#8f5b3d", "#6b4230", "#4b2f25")
_HAIRS = ("#1d1715", "#3b2519", "#6a4225", "#9a6a35", "#c9a262", "#8b3a1f", "#8a8580", "#d8d2c6")
_CLOTHES = ("#22304a", "#5b1f24", "#2d4a36", "#d9cdb4", "#1e1d20", "#8c6a2f", "#5a4a6b", "#b04a32")
_EYES = ("#3a2a1c", "#4c5a3a", "#46617d", "#20201f")


@dataclass(frozen=True, slots=True)
class Sitter:
    """Who is painted, and how.

    Args:
        turn: of the head, -1 to 1: left to right.
        tilt: of the head, radians.
        width, height: of the face, of the canvas.
        low: where the face's middle is, of the canvas from above.
        hair: length: 0 none, 1 to the shoulders.
        volume: of the hair, of the face.
        parting: where the fringe opens, -1 to 1; beyond there is no fringe.
        smile: corners of the mouth, -1 to 1.
        open: of the eyes, 0 to 1.
        beard, hat, glasses: whether.
        light: side that the light comes from, -1 or 1.
        ground, skin, hairs, cloth, eyes: colours.
    """

    turn: float
    tilt: float
    width: float
    height: float
    low: float
    hair: float
    volume: float
    parting: float
    smile: float
    open: float
    beard: bool
    hat: bool
    glasses: bool
    light: int
    ground: Color
    skin: Color
    hairs: Color
    cloth: Color
    eyes: Color


def random_sitter(rng: np.random.Generator) -> Sitter:
    """Somebody."""

    def pick(colors: tuple[str, ...]) -> Color:
        color = np.array(_rgb(colors[int(rng.integers(len(colors)))]))
        return tuple(np.clip(color + rng.normal(0, 6, 3), 0, 255).tolist())

    return Sitter(
        turn=float(rng.uniform(-0.8, 0.8)),
        tilt=float(rng.normal(0, 0.07)),
        width=float(rng.uniform(0.155, 0.19)),
        height=float(rng.uniform(0.215, 0.255)),
        low=float(rng.uniform(0.42, 0.48)),
        hair=float(rng.choice([0.0, 0.25, 0.5, 0.8, 1.0], p=[0.06, 0.3, 0.24, 0.2, 0.2])),
        volume=float(rng.uniform(1.08, 1.3)),
        parting=float(rng.uniform(-1.4, 1.4)),
        smile=float(rng.uniform(-0.5, 1.0)),
        open=float(rng.uniform(0.55, 1.0)),
        beard=bool(rng.random() < 0.18),
        hat=bool(rng.random() < 0.15),
        glasses=bool(rng.random() < 0.12),
        light=int(rng.choice([-1, 1])),
        ground=pick(_GROUNDS),
        skin=pick(_SKINS),
        hairs=pick(_HAIRS),
        cloth=pick(_CLOTHES),
        eyes=pick(_EYES),
    )


def paint_portrait(sitter: Sitter, rng: np.random.Generator, size: int = 128) -> UInt8Array:
    """A picture, uint8 (size, size, 3)."""
    laid = _lay(sitter, rng)
    painted = _brushed(laid, rng)
    return np.asarray(cv2.resize(painted, (size, size), interpolation=cv2.INTER_AREA), np.uint8)


def _lay(sitter: Sitter, rng: np.random.Generator) -> FloatArray:
    """The shapes in flat colours with light: float (CANVAS, CANVAS, 3), 0 to 255."""
    page = _Page(sitter)
    face, down = sitter.width, sitter.height
    lit, dark = _shade(sitter.skin, 1.14), _shade(sitter.skin, 0.72)
    page.ground(sitter.ground, rng)
    if sitter.hair > 0:
        long = 0.35 + 1.5 * sitter.hair
        page.blob(
            (0, long * down * 0.35 - 0.1 * down),
            face * sitter.volume * 1.12,
            down * (0.85 + 0.55 * long),
            _shade(sitter.hairs, 0.85),
            2.6,
        )
    page.shoulders(sitter.cloth)
    page.neck(_shade(sitter.skin, 0.78))
    for side in (-1, 1):
        if side * sitter.turn < 0.45:
            page.blob(
                (side * face * 0.98 + sitter.turn * 0.02, 0.06 * down),
                face * 0.16,
                down * 0.2,
                _shade(sitter.skin, 0.9),
            )
    page.blob((0, 0), face, down, sitter.skin, 2.25)
    # Light on one side, shade on the other, a warm cheek and a cool jaw.
    page.soft((sitter.light * face * 0.5, -0.2 * down), face * 0.75, down * 0.8, lit, 0.75)
    page.soft((-sitter.light * face * 0.8, 0.1 * down), face * 0.5, down * 0.95, dark, 0.8)
    page.soft((0, down * 0.95), face * 0.8, down * 0.25, dark, 0.5)
    blush = tuple(np.clip(np.array(sitter.skin) * (1.08, 0.82, 0.78), 0, 255))
    for side in (-1, 1):
        page.soft(
            (side * face * 0.55 + sitter.turn * face * 0.2, down * 0.25),
            face * 0.28,
            down * 0.16,
            blush,
            0.5,
        )
    if sitter.beard:
        page.blob(
            (sitter.turn * face * 0.15, down * 0.68),
            face * 0.78,
            down * 0.42,
            _shade(sitter.hairs, 0.95),
            2.4,
        )
    page.features(sitter)
    page.fringe(sitter)
    if sitter.hat:
        page.blob((0, -down * 0.78), face * 1.25, down * 0.38, sitter.cloth, 3.0)
        page.blob((0, -down * 0.52), face * 1.7, down * 0.1, _shade(sitter.cloth, 0.8), 3.0)
    return page.picture


class _Page:
    """A canvas on which shapes are laid in the sitter's own coordinates."""

    def __init__(self, sitter: Sitter) -> None:
        self.sitter = sitter
        self.picture = np.zeros((CANVAS, CANVAS, 3))
        turn = np.array(
            [
                [np.cos(sitter.tilt), -np.sin(sitter.tilt)],
                [np.sin(sitter.tilt), np.cos(sitter.tilt)],
            ]
        )
        self._turn = turn
        self._centre = np.array([0.5 + 0.05 * sitter.turn, sitter.low])

    def _to_px(self, points: npt.ArrayLike) -> FloatArray:
        return (np.asarray(points, np.float64) @ self._turn.T + self._centre) * CANVAS

    def polygon(self, points: npt.ArrayLike, color: Color, *, turned: bool = True) -> None:
        """A filled shape with smooth edges."""
        px = self._to_px(points) if turned else np.asarray(points, np.float64) * CANVAS
        mask = np.zeros((CANVAS, CANVAS), np.uint8)
        fixed = np.rint(px * (1 << _SHIFT)).astype(np.int32)
        cv2.fillPoly(mask, [fixed], 255, cv2.LINE_AA, _SHIFT)
        self._over(mask / 255.0, color)

    def blob(
        self, middle: Point, width: float, height: float, color: Color, power: float = 2.0
    ) -> None:
        """A superellipse; a jaw is a little narrower than a brow."""
        angle = np.linspace(0, 2 * np.pi, 72)
        c, s = np.cos(angle), np.sin(angle)
        x = np.sign(c) * np.abs(c) ** (2 / power) * width * (1 - 0.1 * np.maximum(s, 0))
        y = np.sign(s) * np.abs(s) ** (2 / power) * height
        self.polygon(np.column_stack([x, y]) + middle, color)

    def soft(
        self, middle: Point, width: float, height: float, color: Color, strength: float
    ) -> None:
        """A patch of colour without an edge, kept within the face."""
        at = self._to_px([middle])[0]
        y, x = np.mgrid[:CANVAS, :CANVAS]
        away = ((x - at[0]) / (width * CANVAS)) ** 2 + ((y - at[1]) / (height * CANVAS)) ** 2
        face = self._to_px([(0, 0)])[0]
        own = ((x - face[0]) / (self.sitter.width * CANVAS)) ** 2
        own = own + ((y - face[1]) / (self.sitter.height * CANVAS)) ** 2
        self._over(strength * np.exp(-1.4 * away) * (own < 1.0), color)

    def ground(self, color: Color, rng: np.random.Generator) -> None:
        """A wall, lighter where the light falls."""
        y, x = np.mgrid[:CANVAS, :CANVAS] / CANVAS
        fall = 0.85 + 0.4 * (self.sitter.light * (x - 0.5) + 0.5) * (1 - 0.6 * y)
        cloudy = cv2.resize(
            rng.normal(0, 1, (5, 5)), (CANVAS, CANVAS), interpolation=cv2.INTER_CUBIC
        )
        self.picture = np.clip(np.array(color) * (fall + 0.05 * cloudy)[..., None], 0, 255)

    def shoulders(self, color: Color) -> None:
        """Down to the lower rim, upright whatever the head does."""
        chin = self.sitter.low + self.sitter.height
        x = 0.5 + 0.03 * self.sitter.turn
        side = np.array(
            [
                (0.07, chin + 0.06),
                (0.16, chin + 0.09),
                (0.3, chin + 0.15),
                (0.38, chin + 0.3),
                (0.4, 1.05),
            ]
        )
        left = side * (-1, 1) + (x, 0)
        right = side[::-1] + np.array([x, 0])
        self.polygon(np.concatenate([left, right]), color, turned=False)
        lit = right if self.sitter.light > 0 else left[::-1]
        inner = lit[::-1] * 0.55 + np.array([x, 1.0]) * 0.45
        self.polygon(np.concatenate([lit, inner]), _shade(color, 1.25), turned=False)

    def neck(self, color: Color) -> None:
        """From the jaw to the collar."""
        chin = self.sitter.low + self.sitter.height
        x, half = 0.5 + 0.04 * self.sitter.turn, self.sitter.width * 0.52
        points = [
            (x - half, chin - 0.09),
            (x + half, chin - 0.09),
            (x + half * 1.25, chin + 0.09),
            (x, chin + 0.14),
            (x - half * 1.25, chin + 0.09),
        ]
        self.polygon(points, color, turned=False)

    def line(self, points: npt.ArrayLike, color: Color, width: float) -> None:
        """A stroke of a brush, width in px of the canvas."""
        mask = np.zeros((CANVAS, CANVAS), np.uint8)
        fixed = np.rint(self._to_px(points) * (1 << _SHIFT)).astype(np.int32)
        cv2.polylines(mask, [fixed], False, 255, max(1, round(width)), cv2.LINE_AA, _SHIFT)
        self._over(mask / 255.0, color)

    def features(self, sitter: Sitter) -> None:
        """Eyes, brows, nose and mouth, moved across the face as the head turns."""
        face, down, shift = sitter.width, sitter.height, sitter.turn * sitter.width * 0.32
        dark = _shade(sitter.skin, 0.45)
        for side in (-1, 1):
            near = 1 - 0.25 * max(0.0, side * sitter.turn)
            x, y = shift + side * face * 0.42 * near, -0.1 * down
            wide, high = face * 0.19 * near, down * 0.065 * sitter.open
            self.blob((x, y), wide * 1.2, high * 1.9, _shade(sitter.skin, 0.86))
            self.blob((x, y), wide, high, (232, 226, 214))
            self.blob((x + sitter.turn * wide * 0.3, y), high * 1.05, high * 1.05, sitter.eyes)
            self.blob(
                (x + sitter.turn * wide * 0.3 + 0.004, y - high * 0.35),
                high * 0.3,
                high * 0.3,
                (250, 250, 245),
            )
            lid = [
                (x - wide * 1.1, y + high * 0.2),
                (x - wide * 0.4, y - high),
                (x + wide * 0.4, y - high),
                (x + wide * 1.1, y + high * 0.2),
            ]
            self.line(lid, dark, 2)
            brow = [
                (x - wide * 1.2, y - down * 0.13),
                (x, y - down * 0.19),
                (x + wide * 1.2, y - down * 0.14),
            ]
            self.line(brow, _shade(sitter.hairs, 0.9), 4)
            if sitter.glasses:
                angle = np.linspace(0, 2 * np.pi, 24)
                rim = np.column_stack(
                    [x + wide * 1.45 * np.cos(angle), y + down * 0.14 * np.sin(angle)]
                )
                self.line(rim, (40, 36, 34), 2)
        tip = (shift * 1.35, down * 0.25)
        flank = -sitter.light * face * 0.1
        self.polygon(
            [(shift * 0.9, -0.05 * down), tip, (tip[0] + flank * 1.6, tip[1] + 0.02 * down)],
            _shade(sitter.skin, 0.8),
        )
        self.line(
            [
                (tip[0] - face * 0.12, tip[1]),
                (tip[0], tip[1] + down * 0.035),
                (tip[0] + face * 0.12, tip[1]),
            ],
            dark,
            2,
        )
        x, y, wide = shift * 1.1, down * 0.52, face * 0.34
        lift = -sitter.smile * down * 0.06
        lips = tuple(np.clip(np.array(sitter.skin) * (0.82, 0.5, 0.5), 0, 255))
        upper = [
            (x - wide, y + lift),
            (x - wide * 0.3, y - down * 0.045),
            (x, y - down * 0.025),
            (x + wide * 0.3, y - down * 0.045),
            (x + wide, y + lift),
        ]
        lower = [
            (x + wide * 0.5, y + down * 0.05),
            (x, y + down * 0.075),
            (x - wide * 0.5, y + down * 0.05),
        ]
        self.polygon([*upper, *lower], lips)
        self.line([upper[0], (x, y - lift * 0.4), upper[-1]], _shade(lips, 0.55), 2)

    def fringe(self, sitter: Sitter) -> None:
        """The hair above the brow, open at the parting."""
        if sitter.hair == 0:
            return
        face, down = sitter.width, sitter.height
        angle = np.linspace(np.pi, 2 * np.pi, 30)
        reach = 1 + 0.9 * (sitter.volume - 1)
        outer = np.column_stack(
            [face * sitter.volume * np.cos(angle), down * reach * np.sin(angle)]
        )
        x = np.linspace(face * 1.02, -face * 1.02, 24)
        opened = np.exp(-(((x / face) - sitter.parting) ** 2) / 0.35)
        inner = np.column_stack(
            [x, -down * (0.34 + 0.36 * opened) + 0.24 * down * (np.abs(x) / face) ** 4]
        )
        self.polygon(np.concatenate([outer, inner]), sitter.hairs)
        shine = outer[8:22] * (0.86, 0.84) + np.array([sitter.light * face * 0.12, 0])
        self.line(shine, _shade(sitter.hairs, 1.5), 5)

    def _over(self, alpha: FloatArray, color: npt.ArrayLike) -> None:
        self.picture = self.picture + alpha[..., None] * (np.asarray(color) - self.picture)


def _brushed(laid: FloatArray, rng: np.random.Generator) -> UInt8Array:
    """The picture painted over with strokes, along the forms, large ones first."""
    grey = cv2.GaussianBlur(laid.mean(axis=2), (0, 0), 5)
    angles = (
        np.arctan2(cv2.Sobel(grey, cv2.CV_64F, 0, 1), cv2.Sobel(grey, cv2.CV_64F, 1, 0)) + np.pi / 2
    )
    strength = np.hypot(cv2.Sobel(grey, cv2.CV_64F, 0, 1), cv2.Sobel(grey, cv2.CV_64F, 1, 0))
    painted = np.clip(cv2.GaussianBlur(laid, (0, 0), 9), 0, 255).astype(np.uint8)
    for width, length, density, off in BRUSHES:
        soft = cv2.GaussianBlur(laid, (0, 0), width / 4)
        wrong = np.abs(soft - painted).max(axis=2)
        count = round(CANVAS * CANVAS * density)
        y, x = rng.integers(0, CANVAS, (2, count))
        # Small brushes only where the large ones are off.
        needed = (wrong[y, x] > off) if width < BRUSHES[0][0] else np.ones(count, np.bool_)
        y, x = y[needed], x[needed]
        wander = rng.normal(0, 0.3, len(y)) + np.where(
            strength[y, x] < 2, rng.normal(0, 0.8, len(y)), 0
        )
        angle = angles[y, x] + wander
        half = length / 2 * rng.uniform(0.6, 1.2, len(y))
        colors = np.clip(soft[y, x] + rng.normal(0, off / 1.5, (len(y), 3)), 0, 255)
        ends = np.stack(
            [
                x + np.cos(angle) * half,
                y + np.sin(angle) * half,
                x - np.cos(angle) * half,
                y - np.sin(angle) * half,
            ],
            axis=1,
        )
        fixed = np.rint(ends * (1 << _SHIFT)).astype(np.int64)
        for (x0, y0, x1, y1), color in zip(fixed.tolist(), colors.tolist(), strict=True):
            cv2.line(painted, (x0, y0), (x1, y1), color, width, cv2.LINE_AA, _SHIFT)
    return painted


def _rgb(text: str) -> Color:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def _shade(color: Color, factor: float) -> Color:
    """Lighter and warmer above 1, darker and cooler below."""
    warm = np.array([1.03, 1.0, 0.96]) if factor > 1 else np.array([0.97, 0.98, 1.06])
    red, green, blue = np.clip(np.array(color) * factor * warm, 0, 255).tolist()
    return red, green, blue
