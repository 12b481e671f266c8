"""A silhouette filled with patterns: `linework zentangle` as functions.

A silhouette is a picture, a drawing, or a word; a pattern is one that linework draws, a picture, a
drawing of one tile, or several doodles that are strewn over one. The result is a picture, or its
strokes, traced, so that a plotter can draw it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ..datasets.doodles import DOODLE_WORDS, draw_doodle
from ..datasets.tangles import TANGLES, tangle
from ..strokes import Drawing, draw_color, draw_ink
from ..strokes.cutout import cut_out
from ..strokes.errors import LineworkError
from ..strokes.files import READABLE, WRITABLE, Layout
from ..strokes.fill import fill_drawing, groups_of
from ..strokes.images import MAX_PIXELS, read_image
from ..strokes.png_bytes import write_array
from ..strokes.texture import PatchReport, compare_patches, quilt, synthesise
from ..strokes.texture.following import follow
from .sources import some_drawings

UInt8Array = npt.NDArray[np.uint8]
BoolArray = npt.NDArray[np.bool_]
Path_ = str | os.PathLike[str]
Note = Callable[[str], None]

Method = Literal["quilt", "patches", "neural"]
METHODS: tuple[Method, ...] = ("quilt", "patches", "neural")
# Of the longer side, the paper left around a shape.
MARGIN = 0.05
# Of the outline's pen, px on a page of 768.
OUTLINE, PAGE = 4.0, 768
# px of a tile that doodles are strewn over, of each of them, and how many at most.
_STREWN, _DOODLE, _MOST_STREWN = 320, 64, 60
# Regions of a line drawing smaller than this share of it stay white.
_SMALL = 0.0015
# What is thinner than so many pens is a line, not a shape.
_RIBBON = 2.5
# A shape smaller than this, px, holds no pattern.
_LEAST = 64


@dataclass(frozen=True, slots=True)
class ZentangleOptions:
    """How a shape is filled.

    Args:
        method: "quilt", "patches" or "neural".
        size: px of the result's longer side.
        scale: of the pattern, times.
        follow: whether the pattern bends along the outline.
        regions: whether each region of a line drawing has its own pattern, in turn.
        outline: width of the outline, px; 0 draws none.
        seed: of all that is random.
        device: of the neural method; None is CUDA where there is one.
        max_pixels: larger pictures are refused.
    """

    method: Method = "quilt"
    size: int = PAGE
    scale: float = 1.0
    follow: bool = False
    regions: bool = False
    outline: float = OUTLINE
    seed: int = 0
    device: str | None = None
    max_pixels: int = MAX_PIXELS


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """What is to be filled.

    Args:
        shapes: bool (H, W) each, at least one.
        lines: uint8 (H, W), 0 ink to 255: a drawing's own lines, laid over all; or None.
    """

    shapes: tuple[BoolArray, ...]
    lines: UInt8Array | None = None


def zentangle_file(
    silhouette: Path_ | None,
    patterns: Sequence[Path_],
    out: Path_,
    options: ZentangleOptions | None = None,
    *,
    word: str | None = None,
    layout: Layout | None = None,
    note: Note = lambda text: None,
) -> PatchReport:
    """Fills a silhouette and writes a .png, or strokes in any form that drawings are written in.

    Args:
        silhouette: a picture or a drawing; None takes `word`.
        patterns: names of `TANGLES`, pictures or drawings; one, or several for regions.
        word: a filled doodle of it is the silhouette.
        note: is told what was done.

    Raises:
        LineworkError, FormatError: as reading and writing do; no shape, or no pattern.
    """
    options = ZentangleOptions() if options is None else options
    suffix = Path(out).suffix.lower()
    if suffix not in (".png", *WRITABLE):
        raise LineworkError(f"{out}: wanted .png, .svg or another form that drawings have")
    if not patterns:
        raise LineworkError(f"no pattern; wanted a file, or one of {', '.join(TANGLES)}")
    if len(patterns) > 1 and not options.regions:
        raise LineworkError(
            f"{len(patterns)} patterns for one silhouette; --regions gives each region its own"
        )
    rng = np.random.default_rng(options.seed)
    page = _page(silhouette, word, options, rng)
    tiles = [read_pattern(pattern, rng, options.max_pixels) for pattern in patterns]
    picture, report = zentangle(page, tiles, options, rng)
    note(str(report))
    if suffix == ".png":
        write_array(out, picture, optimize=True)
        return report
    from ..strokes.trace import trace_curves
    from .tracing import write_tracing

    tracing = trace_curves(picture)
    note(f"{len(tracing.drawing.strokes):,} strokes")
    write_tracing(tracing, out, Layout() if layout is None else layout)
    return report


def zentangle(
    page: Page,
    tiles: Sequence[UInt8Array],
    options: ZentangleOptions,
    rng: np.random.Generator,
) -> tuple[UInt8Array, PatchReport]:
    """Fills shapes of one page with patterns in turn, and inks their outlines.

    Args:
        tiles: uint8 (h, w) or (h, w, 3).

    Returns:
        uint8 (H, W), or (H, W, 3) where a pattern has colour, and the report of the largest shape.

    Raises:
        LineworkError: a shape that is empty or too small, or a pattern too small for the method.
    """
    shapes = page.shapes
    largest = max(range(len(shapes)), key=lambda k: int(shapes[k].sum()))
    if int(shapes[largest].sum()) < _LEAST:
        raise LineworkError(f"the silhouette has {int(shapes[largest].sum())} px; nothing to fill")
    tiles = [_scaled(tile, options.scale) for tile in tiles]
    if any(tile.ndim == 3 for tile in tiles):
        tiles = [tile if tile.ndim == 3 else np.repeat(tile[..., None], 3, 2) for tile in tiles]
    height, width = shapes[0].shape
    filled = np.full((height, width, *tiles[0].shape[2:]), 255, np.uint8)
    report = None
    for k, shape in enumerate(shapes):
        tile = tiles[k % len(tiles)]
        texture = _texture(shape, tile, options, rng)
        filled[shape] = texture[shape]
        if k == largest:
            report = compare_patches(texture, tile, rng, inside=shape)
    if options.outline:
        pen = options.outline * max(height, width) / PAGE
        filled = _inked(filled, shapes, pen)
        if page.lines is not None:
            filled = np.minimum(filled, page.lines[..., None] if filled.ndim == 3 else page.lines)
    assert report is not None
    return filled, report


def read_pattern(
    pattern: Path_, rng: np.random.Generator, max_pixels: int = MAX_PIXELS
) -> UInt8Array:
    """A pattern as a picture, uint8 (h, w) or (h, w, 3).

    Raises:
        LineworkError, FormatError: no such pattern or file, or one that cannot be read.
    """
    name = os.fspath(pattern)
    if name in TANGLES and not Path(name).exists():
        return draw_ink(tangle(name, rng))
    if name.lower().endswith(READABLE):
        drawings = list(some_drawings(name, _MOST_STREWN))
        if len(drawings) > 1:
            return _strewn(drawings, rng)
        return _plain(draw_color(drawings[0]))
    if not Path(name).exists() and not Path(name).suffix:
        raise LineworkError(f"{name}: no such file, and no pattern of {', '.join(TANGLES)}")
    return _plain(read_image(name, max_pixels=max_pixels))


def _page(
    silhouette: Path_ | None, word: str | None, options: ZentangleOptions, rng: np.random.Generator
) -> Page:
    """What is to be filled, as large as it is wanted."""
    if word is not None:
        return _of_drawing(_doodle_of(word, rng), options)
    assert silhouette is not None
    if os.fspath(silhouette).lower().endswith(READABLE):
        return _of_drawing(next(some_drawings(os.fspath(silhouette), 1)), options)
    picture = read_image(silhouette, max_pixels=options.max_pixels)
    picture = _scaled(picture, options.size / max(picture.shape[:2]))
    if options.regions:
        from .filling import regions_of_picture

        found = regions_of_picture(picture)
        if found is None:
            raise LineworkError(f"{silhouette}: no lines stand out of the paper; nothing to fill")
        return Page(_regions(found[0].numbers))
    try:
        return Page((cut_out(picture),))
    except LineworkError as error:
        raise LineworkError(f"{silhouette}: {error}") from None


def _of_drawing(drawing: Drawing, options: ZentangleOptions) -> Page:
    """The regions of a drawing on a page of its own, all as one unless each is to be apart."""
    if not any(len(stroke) > 1 for stroke in drawing.strokes):
        raise LineworkError("the silhouette's drawing is empty; wanted an outline")
    placed = _on_page(drawing, options.size)
    pen = max(1.0, options.outline * options.size / PAGE)
    lines = draw_ink(placed, line_width=pen)
    if options.regions:
        from .filling import FillOptions, regions_of_drawing

        return Page(_regions(regions_of_drawing(placed, FillOptions())[0].numbers), lines)
    numbers = fill_drawing(placed, groups_of(placed), inner=False).numbers
    return Page((_without_ribbons(numbers > 0, pen),), lines)


def _without_ribbons(shape: BoolArray, pen: float) -> BoolArray:
    """A shape without the lines that enclose nothing, tails and whiskers, which fill as ribbons."""
    import cv2

    side = 2 * round(_RIBBON * pen) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    opened = cv2.morphologyEx(shape.view(np.uint8), cv2.MORPH_OPEN, kernel) > 0
    return opened if opened.any() else shape


def _regions(numbers: npt.NDArray[np.int32]) -> tuple[BoolArray, ...]:
    """The regions of a page that are large enough, without the outside, in reading order."""
    outside = int(np.bincount(np.concatenate([numbers[0], numbers[-1]]).clip(0)).argmax())
    found = []
    for number in np.unique(numbers):
        shape = numbers == number
        if number in (0, outside) or shape.sum() < _SMALL * numbers.size:
            continue
        found.append(shape)
    if not found:
        raise LineworkError("the drawing has no closed region that is large enough to fill")
    return tuple(found)


def _on_page(drawing: Drawing, size: int) -> Drawing:
    """The drawing so large that it fills a page but for a margin."""
    points = np.concatenate([stroke.points for stroke in drawing.strokes])
    low, high = points.min(axis=0), points.max(axis=0)
    scale = size * (1 - 2 * MARGIN) / max(float((high - low).max()), 1e-6)
    margin = size * MARGIN
    canvas = (high - low) * scale + 2 * margin
    strokes = [
        stroke.replace(points=(stroke.points - low) * scale + margin, width=None)
        for stroke in drawing.strokes
    ]
    return Drawing(tuple(strokes), size=(float(canvas[0]), float(canvas[1])), label=drawing.label)


def _doodle_of(word: str, rng: np.random.Generator) -> Drawing:
    """A doodle to fill: by rules where they know the word, else the bundled model's."""
    if word in DOODLE_WORDS:
        return draw_doodle(word, rng)
    from .sketcher import Sketcher
    from .sketching import sample

    return sample(Sketcher.load("doodles"), 1, word=word, seed=int(rng.integers(1 << 31)))[0]


def _texture(
    shape: BoolArray, tile: UInt8Array, options: ZentangleOptions, rng: np.random.Generator
) -> UInt8Array:
    """A page of a pattern, made no larger than the shape, where that is."""

    def make(size: tuple[int, int]) -> UInt8Array:
        if options.method == "quilt":
            return quilt(tile, size, rng)
        if options.method == "patches":
            return synthesise(tile, size, rng)
        import torch

        from ..models.neural_texture import match_patches
        from ..models.processes import pick_device

        generator = torch.Generator(pick_device(options.device))
        return match_patches(tile, size, generator.manual_seed(int(rng.integers(1 << 31))))

    if options.follow:
        return follow(shape, make)
    y, x = np.nonzero(shape)
    top, left, bottom, right = y.min(), x.min(), y.max() + 1, x.max() + 1
    page = np.full((*shape.shape, *tile.shape[2:]), 255, np.uint8)
    page[top:bottom, left:right] = make((int(right - left), int(bottom - top)))
    return page


def _inked(page: UInt8Array, shapes: Sequence[BoolArray], pen: float) -> UInt8Array:
    """The page with the outlines of shapes drawn over it, smooth."""
    import cv2

    ink = np.zeros(page.shape[:2], np.float32)
    for shape in shapes:
        # Blurred first, so that the outline does not climb the px of the mask.
        soft = cv2.GaussianBlur(shape.astype(np.float32), (0, 0), max(1.0, pen / 3))
        edge = np.uint8(soft > 0.5)
        within = cv2.distanceTransform(edge, cv2.DIST_L2, 5)
        beyond = cv2.distanceTransform(1 - edge, cv2.DIST_L2, 5)
        ink = np.maximum(ink, (pen / 2 + 0.5 - np.maximum(within, beyond) + 0.5).clip(0, 1))
    shade = ink[..., None] if page.ndim == 3 else ink
    return np.asarray(np.rint(page * (1 - shade)), np.uint8)


def _strewn(drawings: Sequence[Drawing], rng: np.random.Generator) -> UInt8Array:
    """Doodles strewn over a tile, turned and shifted a little, so that a pattern comes of them."""
    cells = _STREWN // _DOODLE
    strokes: list[Any] = []
    order = rng.permutation(np.resize(np.arange(len(drawings)), cells * cells))
    for place, k in enumerate(order.tolist()):
        drawing = _on_page(drawings[k], _DOODLE)
        if not drawing.strokes:
            continue
        middle = np.array(drawing.size) / 2
        angle = rng.uniform(-0.5, 0.5)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        row, column = divmod(place, cells)
        centre = (np.array([column, row]) + 0.5) * _DOODLE + rng.uniform(-4, 4, 2)
        for stroke in drawing.strokes:
            strokes.append(
                stroke.replace(points=(stroke.points - middle) @ turn.T * 0.92 + centre, width=2.0)
            )
    return draw_ink(Drawing(tuple(strokes), size=(_STREWN, _STREWN)))


def _plain(picture: UInt8Array) -> UInt8Array:
    """Grey where nothing is coloured."""
    if picture.ndim == 3 and (np.ptp(picture, axis=2) == 0).all():
        return picture[..., 0].copy()
    return picture


def _scaled(tile: UInt8Array, scale: float) -> UInt8Array:
    import cv2

    if scale == 1:
        return tile
    size = tuple(max(1, round(n * scale)) for n in tile.shape[1::-1])
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(tile, size, interpolation=how), np.uint8)
