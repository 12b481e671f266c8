"""A sketch painted: `linework paint doodle.svg --model RUN`.

Strokes are drawn with the pen that the painter learnt, at the size at which the picture is
painted: sides that are multiples of the painter's, 32 px as a rule, as near the sketch's
aspect as that allows. A picture of a sketch is traced to strokes first, if strokes are what the
painter learnt from. Style and seed are as `painting.py` has them; a sketch has no labels, so
there are no regions.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import torch

from ..datasets.sketch_folder import DRAWN, as_channels, read_sketch, sketch_px
from ..datasets.words import join_or
from ..models.checkpoint import read_header
from ..models.painter import random_style
from ..models.picture_batches import as_bytes, as_tanh
from ..models.processes import pick_device
from ..models.registry import find_weights, load_model
from ..models.sketch_painter import SketchPainter
from ..models.sketch_painter_task import as_ink
from ..strokes import Drawing
from ..strokes.atomic import write_atomically
from ..strokes.errors import FormatError, LineworkError
from ..strokes.images import UInt8Array, read_image
from ..strokes.trace import trace
from .painting import SUFFIXES, PaintOptions, encoded, paint_file, working_size

Path_ = str | os.PathLike[str]
KIND = "sketchpainter"


def paint_any(
    path: Path_,
    out: Path_,
    options: PaintOptions,
    note: Callable[[str], None] = lambda text: None,
) -> None:
    """Paints what the model paints from: a label map, or a sketch.

    Raises:
        LineworkError, FormatError: as `paint_file` and `paint_sketch_file`.
    """
    if is_sketch_painter(options.model):
        paint_sketch_file(path, out, options, note)
        return
    if os.fspath(path).lower().endswith(DRAWN):
        raise LineworkError(
            f"{path}: is a drawing, and {options.model} paints label maps; wanted a label PNG "
            "(`linework fill` makes one of a doodle), or --model with a painter that learnt from "
            "sketches: linework train painter --input sketch"
        )
    paint_file(path, out, options, note)


def is_sketch_painter(model: Path_) -> bool:
    """Whether weights are there, and paint sketches."""
    try:
        return bool(read_header(find_weights(model))["model"] == KIND)
    except LineworkError:
        return False  # whoever loads it says why


def paint_sketch_file(
    path: Path_,
    out: Path_,
    options: PaintOptions,
    note: Callable[[str], None] = lambda text: None,
) -> None:
    """Paints a sketch into a picture file.

    Args:
        path: a drawing (.svg, .ndjson) or a picture of one, dark on light.
        out: .png, .jpg or .webp.
        note: is told of a sketch that shows nothing.

    Raises:
        LineworkError: no painter, regions, a style that cannot be read, an output of another kind.
        FormatError: a sketch that is none, or several in a file.
    """
    suffix = os.path.splitext(out)[1].lower()
    if suffix not in SUFFIXES:
        raise LineworkError(f"{out}: wanted a picture's name, {join_or(SUFFIXES)}")
    if options.regions or options.style_labels is not None:
        raise LineworkError(
            f"--region and --style-labels are for label maps; {options.model} paints sketches, "
            "which have no labels"
        )
    device = pick_device(options.device)
    painter, header = load_model(options.model, wanted=KIND, device=device)
    assert isinstance(painter, SketchPainter)
    sketch = _read(path, header)
    if isinstance(sketch, Drawing) and not sketch.strokes:
        note(f"{path}: shows no lines; what is painted is all made up")
    like = None if options.style is None else as_channels(read_image(options.style), 3)
    picture = paint_sketch(sketch, painter, options.seed, like, options.side)
    write_atomically(out, encoded(picture, suffix))


def paint_sketch(
    sketch: Drawing | UInt8Array,
    painter: SketchPainter,
    seed: int,
    like: UInt8Array | None = None,
    side: int | None = None,
) -> UInt8Array:
    """A picture of a sketch.

    Args:
        sketch: strokes; or a picture of them, uint8 (H, W) or (H, W, 3), taken as it is.
        like: uint8 (H, W, 3), a picture that lends its style; the seed draws the rest.
        side: px of the shorter side; None is the sketch's own, between once and twice what the
            painter learnt.

    Returns:
        uint8 (h, w, 3), red, green, blue; sides are multiples of `painter.config.multiple`.

    Raises:
        LineworkError: a sketch too long for its shorter side; a side that is too large; a
            style asked of a painter that reads none.
    """
    config = painter.config
    device = next(painter.parameters()).device
    if isinstance(sketch, Drawing):
        across, down = sketch.size
    else:
        down, across = sketch.shape[:2]
    rows, columns = working_size(max(1, round(down)), max(1, round(across)), config, side)
    pixels = _pixels(sketch, (columns, rows), config.ink)
    ink = as_ink(torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None]).to(device)
    style = random_style(config, (1, rows, columns), torch.Generator().manual_seed(seed))
    with torch.inference_mode():
        if like is None:
            latent = painter.prior(style.latent.to(device))
        else:
            small = cv2.resize(like, (config.size, config.size), interpolation=cv2.INTER_AREA)
            seen = as_tanh(torch.from_numpy(small).permute(2, 0, 1)[None]).to(device)
            latent = painter.read_style(seen).mean
        made = painter(ink, latent, [level.to(device) for level in style.noise])
    return np.asarray(as_bytes(made)[0].permute(1, 2, 0).cpu().numpy(), np.uint8)


def _read(path: Path_, header: dict[str, Any]) -> Drawing | UInt8Array:
    """A sketch as the painter learnt them: strokes, or px."""
    if os.path.splitext(path)[1].lower() in DRAWN:
        return read_sketch(os.fspath(path))
    try:
        picture = read_image(path)
    except FormatError as error:
        raise FormatError(f"{error}; or a drawing, {join_or(DRAWN)}") from error
    return trace(picture) if header.get("strokes", True) else picture


def _pixels(sketch: Drawing | UInt8Array, size: tuple[int, int], channels: int) -> UInt8Array:
    """uint8 (H, W, channels) at a size, stretched where the aspect differs by a little."""
    if isinstance(sketch, Drawing):
        factor = np.divide(size, sketch.size).astype(np.float32)
        stretched = sketch.map_points(lambda points: points * factor)
        return sketch_px(stretched.replace(size=size), size, channels)
    way = cv2.INTER_AREA if sketch.shape[1] > size[0] else cv2.INTER_CUBIC
    brought = np.asarray(cv2.resize(sketch, size, interpolation=way), np.uint8)
    return as_channels(brought, channels)
