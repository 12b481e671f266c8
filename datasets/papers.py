"""Ink on paper, scanned or photographed: tooth, tone, rules, stains, smudges, shadow, noise, JPEG.

Ink comes as density (pencils.py) and leaves as a grey picture. Everything keeps its place: not a
px is moved, so that the clean picture stays in registration (a photograph's perspective is
the drawing's, which roughening.py applies to both).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Field = npt.NDArray[np.float32]
Grey = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Paper:
    """A sheet and how its picture is taken. All shares are 0 to 1 unless said.

    Args:
        tone: grey of the bare paper.
        texture: contrast of its fibres.
        coarse: size of the fibres, px.
        rules: darkness of printed lines; 0 is plain paper.
        squared: whether lines go both ways.
        spacing: of the lines, px.
        stain: darkness of a stain; 0 has none.
        specks: how many specks of dust lie on 256 x 256 px, on average.
        smudge: share of the ink that a hand wiped over the paper.
        shadow: how much darker the darkest corner is.
        blur: of the lens, sigma px.
        sharpen: of the scanner, share of the detail added again.
        noise: of the sensor, standard deviation of 255.
        black: grey of the blackest ink.
        contrast: how much of the range from ink to paper is left; faint drawings have little.
        jpeg: quality, 1 to 100; None is not compressed.
        threshold: grey level of a picture in black and white alone; None keeps grey.
    """

    tone: float = 1.0
    texture: float = 0.0
    coarse: float = 0.9
    rules: float = 0.0
    squared: bool = False
    spacing: float = 30.0
    stain: float = 0.0
    specks: float = 0.0
    smudge: float = 0.0
    shadow: float = 0.0
    blur: float = 0.0
    sharpen: float = 0.0
    noise: float = 0.0
    black: float = 0.0
    contrast: float = 1.0
    jpeg: int | None = None
    threshold: float | None = None


WHITE = Paper()


def scanned_paper(rng: np.random.Generator) -> Paper:
    """A sheet in a scanner: even light, clean or yellowed, seldom in black and white alone."""
    bare = rng.random() < 0.35  # levels were set so that the paper is white
    return Paper(
        tone=1.0 if bare else rng.uniform(0.86, 0.99),
        texture=0.0 if bare else rng.uniform(0.0, 0.03),
        coarse=rng.uniform(0.55, 1.2),
        **_rules(rng, 0.12),
        stain=rng.uniform(0.03, 0.15) if rng.random() < 0.06 else 0.0,
        specks=rng.uniform(1, 12) if rng.random() < 0.15 else 0.0,
        smudge=rng.uniform(0.03, 0.14) if rng.random() < 0.25 else 0.0,
        blur=rng.uniform(0.25, 0.9),
        sharpen=rng.uniform(0.2, 0.9) if rng.random() < 0.4 else 0.0,
        noise=rng.uniform(0.0, 3.0),
        black=rng.uniform(0.0, 0.25),
        jpeg=int(rng.integers(45, 97)) if rng.random() < 0.6 else None,
        threshold=rng.uniform(0.45, 0.72) if rng.random() < 0.12 else None,
    )


def photographed_paper(rng: np.random.Generator) -> Paper:
    """A sheet on a table under a phone: shadow, noise, blur."""
    return Paper(
        tone=rng.uniform(0.7, 0.97),
        texture=rng.uniform(0.0, 0.025),
        coarse=rng.uniform(0.6, 1.3),
        **_rules(rng, 0.25),
        stain=rng.uniform(0.04, 0.18) if rng.random() < 0.12 else 0.0,
        smudge=rng.uniform(0.03, 0.14) if rng.random() < 0.2 else 0.0,
        shadow=rng.uniform(0.05, 0.42),
        blur=rng.uniform(0.4, 1.2),
        sharpen=rng.uniform(0.2, 0.8) if rng.random() < 0.4 else 0.0,
        noise=rng.uniform(1.0, 6.0),
        black=rng.uniform(0.05, 0.3),
        jpeg=int(rng.integers(35, 92)) if rng.random() < 0.85 else None,
    )


def paper_tooth(size: int, coarse: float, rng: np.random.Generator) -> Field:
    """The height of rough paper, float32 (size, size) of mean 0 and deviation about 1."""
    import cv2

    fine = rng.standard_normal((size, size), np.float32)
    blurred = cv2.GaussianBlur(fine, (0, 0), coarse)
    # A Gaussian of sigma s leaves 1 / (2 s sqrt(pi)) of the deviation.
    tooth: Field = blurred * np.float32(max(2 * coarse * math.sqrt(math.pi), 1.0))
    return tooth


def take_picture(density: Field, tooth: Field, paper: Paper, rng: np.random.Generator) -> Grey:
    """The picture of ink on a sheet.

    Args:
        density: float32 (H, W), negative logarithm of the light that the ink lets pass.
        tooth: the paper's height, as of `paper_tooth`.

    Returns:
        uint8 (H, W), 0 black, 255 white.
    """
    import cv2

    if paper.smudge > 0:
        density = density + paper.smudge * _wiped(np.minimum(density, 1.0), rng)
    ink = 1 - np.exp(-density)
    sheet = _sheet(tooth, paper, rng)
    # Ink takes the paper's light down to `black`, all of it or a part.
    light = sheet * (1 - ink * (paper.contrast * (1 - paper.black)))
    if paper.shadow > 0:
        light = light * _light(density.shape, paper.shadow, rng)
    if paper.blur > 0:
        light = cv2.GaussianBlur(light, (0, 0), paper.blur)
    if paper.sharpen > 0:
        light = light + paper.sharpen * (light - cv2.GaussianBlur(light, (0, 0), 1.5))
    light = light * 255
    if paper.noise > 0:
        light = light + paper.noise * rng.standard_normal(light.shape, np.float32)
    if paper.threshold is not None:
        light = np.where(light > 255 * paper.threshold, 255.0, 0.0)
    grey: Grey = np.clip(np.rint(light), 0, 255).astype(np.uint8)
    if paper.jpeg is not None:
        encoded = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, paper.jpeg])[1]
        grey = cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE)  # type: ignore[assignment]
    return grey


def rub_out(density: Field, unit: float, rng: np.random.Generator) -> Field:
    """What an eraser leaves of the ink: a ghost, uneven and a little wiped."""
    import cv2

    left = rng.uniform(0.06, 0.3)
    coarse = cv2.resize(
        rng.uniform(0.3, 1.7, (5, 5)).astype(np.float32),
        density.shape[::-1],
        interpolation=cv2.INTER_CUBIC,
    )
    ghost: Field = (
        cv2.GaussianBlur(density, (0, 0), 0.6 + 0.6 * unit) * left * np.maximum(coarse, 0)
    )
    return ghost


def rub_over(density: Field, unit: float, rng: np.random.Generator) -> Field:
    """Ink over which an eraser passed once: a swath where it is lighter."""
    import cv2

    size = density.shape[0]
    swath = np.zeros((size, size), np.uint8)
    points = rng.uniform(0, size, (1, 2)) + np.cumsum(rng.normal(0, 45 * unit, (5, 2)), axis=0)
    wide = max(3, round(rng.uniform(12, 35) * unit))
    cv2.polylines(swath, [points.astype(np.int32)], False, 255, wide, cv2.LINE_AA)
    soft = cv2.GaussianBlur(swath, (0, 0), 2 + 2 * unit).astype(np.float32) / 255
    rubbed: Field = density * (1 - rng.uniform(0.2, 0.6) * soft)
    return rubbed


def _rules(rng: np.random.Generator, chance: float) -> dict[str, float | bool]:
    if rng.random() >= chance:
        return {"rules": 0.0}
    return {
        "rules": rng.uniform(0.06, 0.3),
        "squared": bool(rng.random() < 0.5),
        "spacing": rng.uniform(16, 70),
    }


def _sheet(tooth: Field, paper: Paper, rng: np.random.Generator) -> Field:
    """The light of the bare paper, float32."""
    sheet: Field = np.full_like(tooth, paper.tone)
    if paper.texture > 0:
        sheet *= 1 + paper.texture * np.clip(tooth, -3, 3)
    if paper.rules > 0:
        sheet *= 1 - paper.rules * _ruled(tooth.shape[0], paper, rng)
    if paper.stain > 0:
        sheet *= 1 - paper.stain * _stained(tooth.shape[0], rng)
    if paper.specks > 0:
        sheet *= 1 - _dusty(tooth.shape[0], paper.specks, rng)
    return sheet


def _dusty(size: int, specks: float, rng: np.random.Generator) -> Field:
    """Specks of dust, float32 0 to 1; smaller than any dot that is meant."""
    import cv2

    dust = np.zeros((2 * size, 2 * size), np.uint8)
    for _ in range(int(rng.poisson(specks * (size / 256) ** 2))):
        at = rng.uniform(0, 2 * size, 2)
        ends = np.stack([at, at + rng.normal(0, 1.2, 2)])
        dark = int(rng.integers(40, 160))
        cv2.polylines(dust, [(ends * 16).astype(np.int32)], False, dark, 2, cv2.LINE_AA, 4)
    small: Field = cv2.resize(dust, (size, size), interpolation=cv2.INTER_AREA).astype(np.float32)
    return small / 255


def _ruled(size: int, paper: Paper, rng: np.random.Generator) -> Field:
    """Printed lines: 1 on a line, 0 between, float32."""
    import cv2

    mask = np.zeros((2 * size, 2 * size), np.uint8)
    turn = rng.normal(0, 0.03)
    wide = 1 if paper.spacing < 28 else int(rng.integers(1, 4))
    for axis in range(1 + paper.squared):
        angle = turn + axis * math.pi / 2
        way = np.array([math.cos(angle), math.sin(angle)])
        across = np.array([-way[1], way[0]])
        for k in np.arange(rng.uniform(0, 1) - size / paper.spacing, size / paper.spacing + 1):
            ends = size + across * k * 2 * paper.spacing + np.array([[-3.0], [3.0]]) * size * way
            cv2.polylines(mask, [(ends * 16).astype(np.int32)], False, 255, wide, cv2.LINE_AA, 4)
    return cv2.resize(mask, (size, size), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def _stained(size: int, rng: np.random.Generator) -> Field:
    """A blot that dried with a dark rim, float32 0 to 1."""
    import cv2

    blot = np.zeros((size, size), np.uint8)
    middle = rng.uniform(-0.1 * size, 1.1 * size, 2)
    angle = np.linspace(0, math.tau, 60)
    radius = (
        size
        * rng.uniform(0.1, 0.5)
        * (1 + 0.1 * np.cos(angle * rng.integers(2, 5) + rng.uniform(0, 6)))
    )
    ring = middle + np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    cv2.fillPoly(blot, [ring.astype(np.int32)], 255, cv2.LINE_AA)
    wide = cv2.GaussianBlur(blot, (0, 0), rng.uniform(1.0, 3.0)).astype(np.float32) / 255
    rim = wide * (1 - cv2.GaussianBlur(wide, (0, 0), rng.uniform(4, 9)))
    stain: Field = 0.4 * wide + 1.6 * rim
    return stain


def _wiped(density: Field, rng: np.random.Generator) -> Field:
    """Ink dragged aside by a hand: blurred along one direction, in one part of the sheet."""
    import cv2

    size = density.shape[0]
    reach = int(rng.integers(9, 33))
    kernel = np.zeros((reach, reach), np.float32)
    angle = rng.uniform(0, math.pi)
    way = np.array([math.cos(angle), math.sin(angle)]) * reach / 2
    a, b = ((reach - 1) / 2 + way * k for k in (-1, 1))
    cv2.line(kernel, a.astype(int).tolist(), b.astype(int).tolist(), 1.0, 3)
    small = cv2.resize(density, (size // 2, size // 2), interpolation=cv2.INTER_AREA)
    wiped = cv2.filter2D(small, -1, kernel / kernel.sum())
    where = cv2.resize(
        rng.uniform(-1.2, 1.5, (4, 4)).astype(np.float32),
        (size // 2, size // 2),
        interpolation=cv2.INTER_CUBIC,
    )
    soft = cv2.GaussianBlur(wiped, (0, 0), 2.5) * np.clip(where, 0, 1) * 3
    return cv2.resize(soft, (size, size), interpolation=cv2.INTER_LINEAR)


def _light(shape: tuple[int, ...], depth: float, rng: np.random.Generator) -> Field:
    """Uneven light: a fall-off, and now and then the soft edge of a hand's shadow."""
    import cv2

    size = shape[0]
    v, u = np.mgrid[0:16, 0:16].astype(np.float32) / 15 - 0.5
    angle = rng.uniform(0, math.tau)
    ramp = u * math.cos(angle) + v * math.sin(angle)
    bowl = (u - rng.uniform(-0.5, 0.5)) ** 2 + (v - rng.uniform(-0.5, 0.5)) ** 2
    low = 1 - depth * np.clip(
        0.5 + rng.uniform(0.2, 0.7) * ramp + rng.uniform(-0.4, 0.4) * bowl, 0, 1
    )
    light = cv2.resize(low.astype(np.float32), (size, size), interpolation=cv2.INTER_CUBIC)
    if rng.random() < 0.4:
        hand = np.zeros((size // 4, size // 4), np.uint8)
        ring = rng.uniform(-0.4, 1.4, (1, 2)) + rng.uniform(-0.7, 0.7, (5, 2))
        cv2.fillPoly(hand, [(ring * size / 4).astype(np.int32)], 255)
        soft = cv2.GaussianBlur(hand, (0, 0), rng.uniform(1, 9)).astype(np.float32) / 255
        cast = cv2.resize(soft, (size, size), interpolation=cv2.INTER_LINEAR)
        light = light * (1 - 0.6 * depth * cast)
    return light
