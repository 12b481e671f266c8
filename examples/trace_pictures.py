"""The pictures of docs/tracing.md: papers, pens and widths, before and after tracing.

    python examples/trace_pictures.py docs/images [LINEART]

LINEART is a folder of scans; without it the picture of them is not drawn again. All others are
drawn by this script: doodles on paper of every kind, with a seed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from linework.strokes import Drawing, Stroke
from linework.strokes.images import read_image
from linework.strokes.raster import draw_color, draw_ink
from linework.strokes.trace import trace
from linework.strokes.trace.widths import vary_widths
from PIL import Image, ImageDraw

Light = npt.NDArray[np.float64]
Picture = npt.NDArray[np.uint8]

SIZE = (420, 300)
# Strokes that touch are told apart by these, in the order they are drawn.
COLORS = ("#d1495b", "#2e6f95", "#3a8a4d", "#b9770e", "#6a4c93", "#1d2430")
SCANS = (
    "jostc/clean/raster/4-0.png",
    "jostc/clean/raster/5-0.png",
    "virtual_sketching/clean_line_drawings/muten.png",
    "virtual_sketching/rough_sketches/house.png",
)


def main(folder: Path, scans: Path | None) -> None:
    """Write every picture into the folder."""
    rng = np.random.default_rng(5)
    drawing = snail()
    ink = blurred(1 - draw_ink(drawing, SIZE) / 255.0)
    pairs = []
    for name, paper in papers(rng).items():
        image = paper(ink)
        pairs += [(name, image), ("traced", shown(trace(image)))]
    save(folder / "trace_papers.png", pairs, 4)

    pens = pens_on_paper(rng)
    layers = trace(pens, layers=True)
    split: list[tuple[str, Picture]] = [("three pens, in lamplight", pens)]
    for layer in dict.fromkeys(s.layer for s in layers.strokes):
        own = layers.with_strokes([s for s in layers.strokes if s.layer == layer])
        split.append((f"layer {layer}", shown(own, own_colors=True)))
    save(folder / "trace_layers.png", split, 4)

    brush = brushed(rng)
    plain = trace(brush)
    save(
        folder / "trace_widths.png",
        [
            ("a brush", brush),
            ("a width for each stroke", shown(plain, own_colors=True)),
            ("--vary-width", shown(vary_widths(plain, brush), own_colors=True)),
        ],
        3,
    )
    if scans is not None:
        found: list[tuple[str, Picture]] = []
        for name in SCANS:
            image = read_image(scans / name)
            drawn = trace(image)
            found += [(name.split("/")[0], image), (f"{len(drawn.strokes)} strokes", shown(drawn))]
        save(folder / "trace_scans.png", found, 4)


def snail() -> Drawing:
    """A snail in the rain."""
    t = np.linspace(0, 1, 90)
    turns = 0.3 + 2.6 * 2 * np.pi * t
    radius = 6 + 62 * t
    shell = np.stack([235 + radius * np.cos(turns), 150 + radius * np.sin(turns)], axis=1)
    body = [(330, 226), (150, 226), (112, 220), (98, 196), (100, 160), (114, 148), (126, 158)]
    foot = smooth([*body, (132, 190), (150, 208), (172, 214)])
    rain = [
        [(x, y), (x - 8, y + 22)] for x, y in ((60, 40), (130, 28), (205, 36), (330, 30), (380, 70))
    ]
    ground = np.stack([15 + 390 * t, 246 + 5 * np.sin(9 * t)], axis=1)
    horns = [[(104, 150), (92, 118)], [(116, 147), (120, 114)], [(92, 115)], [(120, 111)]]
    strokes = [foot, shell, *horns, ground, *rain, [(30, 160), (74, 200)], [(74, 160), (30, 200)]]
    drawing = Drawing.from_arrays(strokes, size=SIZE)
    return drawing.with_strokes([s.replace(width=3.2) for s in drawing.strokes])


def smooth(points: Sequence[tuple[float, float]]) -> Light:
    """A Catmull-Rom curve through points."""
    p = np.asarray(points, np.float64)
    p = np.concatenate([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
    t = np.linspace(0, 1, 12, endpoint=False)[:, None]
    parts = [
        0.5
        * (
            2 * b
            + (c - a) * t
            + (2 * a - 5 * b + 4 * c - d) * t**2
            + (3 * b - a - 3 * c + d) * t**3
        )
        for a, b, c, d in zip(p[:-3], p[1:-2], p[2:-1], p[3:], strict=True)
    ]
    return np.concatenate([*parts, p[-2:-1]])


def papers(rng: np.random.Generator) -> dict[str, Callable[[Light], Picture]]:
    """Sheets by name: how much of its light the ink takes to a picture."""
    y, x = np.mgrid[0 : SIZE[1], 0 : SIZE[0]].astype(np.float64)
    shade = np.zeros((SIZE[1], SIZE[0]))
    cv2.fillPoly(shade, [np.array([(0, 120), (200, 150), (260, 300), (0, 300)])], 1.0)
    light = (1 - 0.3 * np.hypot(x / 420 - 1, y / 300)) * (1 - 0.45 * blurred(shade, 9.0))
    grid = np.maximum(stripes(y - 0.03 * x), stripes(x + 0.03 * y))
    tooth = blurred(rng.normal(0, 1, x.shape), 1.1)
    tooth /= tooth.std()

    def photo(values: Light, noise: float = 4.0) -> Picture:
        values = values if values.ndim == 3 else np.repeat(values[..., None], 3, axis=2)
        return np.clip(values * 255 + rng.normal(0, noise, values.shape), 0, 255).astype(np.uint8)

    def tint(*color: float) -> Light:
        return np.array(color)

    blue = 1 - grid[..., None] * tint(0.36, 0.25, 0.1)
    return {
        "in the shadow of a phone": lambda ink: photo(
            (light * (1 - 0.85 * ink))[..., None] * tint(0.98, 0.93, 0.84)
        ),
        "squared paper": lambda ink: photo(blue * (1 - 0.85 * ink)[..., None] * 0.97),
        "hard pencil": lambda ink: photo(
            0.93 * (1 + 0.012 * tooth) * (1 - 0.15 * ink * (1 + 0.2 * tooth)), 2.0
        ),
        "blueprint": lambda ink: photo(
            tint(0.12, 0.24, 0.5) + 0.8 * ink[..., None] * tint(0.85, 0.75, 0.5)
        ),
        "chalk": lambda ink: photo(
            0.16 + 0.01 * tooth + 0.6 * ink * np.clip(0.8 + 0.25 * tooth, 0.2, 1)
        ),
        "JPEG, quality 10": lambda ink: jpeg(photo(0.97 * (1 - 0.85 * ink)), 10),
    }


def pens_on_paper(rng: np.random.Generator) -> Picture:
    """The snail in black, with red and blue shading."""
    drawing = snail()
    shading = [
        Stroke(np.array([(195 + 14 * k, 96 + abs(3 - k) * 5), (215 + 14 * k, 204 - abs(3 - k) * 5)],
                        np.float32), color="#d03030", width=3.2)
        for k in range(6)
    ]  # fmt: skip
    puddle = [
        Stroke(np.array([(20, 262 + 9 * k), (400, 258 + 9 * k)], np.float32), color="#2848c8",
               width=3.2)
        for k in range(4)
    ]  # fmt: skip
    scene = drawing.with_strokes([*drawing.strokes, *shading, *puddle])
    seen = blurred(draw_color(scene, SIZE) / 255.0)
    lamp = np.linspace(0.95, 0.6, SIZE[0])[None, :, None]
    values = seen * lamp * np.array([0.97, 0.9, 0.78]) * 255
    return np.clip(values + rng.normal(0, 4, values.shape), 0, 255).astype(np.uint8)


def brushed(rng: np.random.Generator) -> Picture:
    """Lines that swell and taper."""
    t = np.linspace(0, 1, 120)
    leaves = []
    for k in range(5):
        x = 60 + 300 * t
        y = 60 + 45 * k + (30 - 6 * k) * np.sin(3.2 * t + k)
        points = np.stack([x, y], axis=1).astype(np.float32)
        pressure = (0.08 + 0.8 * np.sin(np.pi * t) ** 2).astype(np.float32)
        leaves.append(Stroke(points, width=7.0, pressure=pressure))
    ink = blurred(draw_ink(Drawing(tuple(leaves), SIZE), SIZE).astype(np.float64))
    return np.clip(0.96 * ink + rng.normal(0, 4, ink.shape), 0, 255).astype(np.uint8)


def stripes(across: Light, gap: float = 19.0) -> Light:
    """Printed lines, 1 px wide."""
    return blurred(np.clip(1.1 - np.abs((across / gap) % 1 - 0.5) * gap, 0, 1), 0.6)


def blurred(values: Light, sigma: float = 0.7) -> Light:
    """A Gaussian blur, sigma in px."""
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma), np.float64)


def jpeg(image: Picture, quality: int) -> Picture:
    """What a JPEG of a quality keeps of a picture."""
    _, content = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(content, cv2.IMREAD_COLOR)[..., ::-1], np.uint8)


def shown(drawing: Drawing, own_colors: bool = False) -> Picture:
    """Strokes on white, each in a colour of its own where they have none."""
    strokes = [
        s if own_colors else s.replace(color=COLORS[k % len(COLORS)])
        for k, s in enumerate(drawing.strokes)
    ]
    size = (round(drawing.size[0]), round(drawing.size[1]))
    return draw_color(drawing.with_strokes(strokes), size)


def save(path: Path, pictures: Sequence[tuple[str, Picture]], columns: int) -> None:
    """Pictures with their names below them, in rows of equal cells, with few colours."""
    width, height, words = 330, 250, 20
    rows = -(-len(pictures) // columns)
    page = Image.new("RGB", (columns * (width + 8), rows * (height + words + 8)), "white")
    draw = ImageDraw.Draw(page)
    for k, (name, picture) in enumerate(pictures):
        image = Image.fromarray(picture).convert("RGB")
        image.thumbnail((width, height), Image.Resampling.LANCZOS)
        left, top = (k % columns) * (width + 8) + 4, (k // columns) * (height + words + 8) + 4
        page.paste(image, (left + (width - image.width) // 2, top + (height - image.height) // 2))
        draw.text((left + width // 2, top + height + 4), name, fill="#555555", anchor="ma")
    page.quantize(128).save(path, optimize=True)
    print(path, path.stat().st_size // 1024, "KB")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
