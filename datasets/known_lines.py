"""Rough pictures whose true lines are known, to measure on: `read_known_lines`.

Three forms of folder: pictures with drawings beside them (raster/NAME.png and svg/NAME.svg;
frames without a drawing are passed over), benchmarks (NAME_rough.png and NAME_truth.json with
`size`, `strokes` and `closed`), and human oversketches (.scap, drawn the plain way, with the
lines of `principal_curve.py`). For training there are other readers.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..strokes.errors import FormatError, LineworkError
from ..strokes.files import read_drawings
from ..strokes.images import read_image, to_grey
from .oversketches import FIT_EDGE, FittedSketch, fit_sketch, plain_picture
from .pairs import Grey
from .pictures import find_pictures
from .principal_curve import Curve
from .scap import SUFFIX, read_scaps

RASTER, VECTOR = "raster", "svg"
_ROUGH, _TRUTH = "_rough.png", "_truth.json"
MARGIN = 24.0  # px of paper around an oversketch


@dataclass(frozen=True, slots=True, eq=False)
class KnownLines:
    """A rough picture, uint8 (H, W), and its true lines in px of it."""

    name: str
    rough: Grey
    lines: tuple[Curve, ...]


def read_known_lines(
    folder: str | os.PathLike[str], cache: str | os.PathLike[str] | None = None
) -> Iterator[KnownLines]:
    """The pictures of a folder, by name, one at a time.

    Args:
        cache: a folder that keeps the lines fitted to oversketches.

    Raises:
        LineworkError: nothing of the kind there.
        FormatError: a file that is damaged.
    """
    path = Path(folder)
    if (path / RASTER).is_dir() and (path / VECTOR).is_dir():
        return _read_drawn(path)
    if any(path.glob("*" + _TRUTH)):
        return _read_benchmark(path)
    if any(path.glob("*" + SUFFIX)):
        return (oversketch_page(fit_sketch(d, cache)) for d in read_scaps(path))
    raise LineworkError(
        f"{folder}: holds no pictures with known lines; wanted {RASTER}/ beside {VECTOR}/, "
        f"NAME{_ROUGH} with NAME{_TRUTH}, or {SUFFIX} files"
    )


def oversketch_page(sketch: FittedSketch) -> KnownLines:
    """An oversketch drawn the plain way, its long edge `FIT_EDGE` px with the margins."""
    scale = (FIT_EDGE - 2 * MARGIN) / FIT_EDGE
    extent = np.concatenate(sketch.strokes).max(axis=0) * scale
    width, height = (int(v) for v in np.ceil(extent - 1e-6) + 2 * MARGIN)
    rough = plain_picture([s * scale + MARGIN for s in sketch.strokes], width, height)
    lines = tuple(Curve(c.points * scale + MARGIN, c.closed) for c in sketch.lines)
    return KnownLines(sketch.name, rough, lines)


def _read_drawn(folder: Path) -> Iterator[KnownLines]:
    pictures = {p.stem: p for p in find_pictures(folder / RASTER)}
    drawings = {p.stem: p for p in sorted((folder / VECTOR).glob("*.svg"))}
    names = sorted(pictures.keys() & drawings.keys())
    if not names:
        raise LineworkError(f"{folder}: no picture in {RASTER}/ has a drawing in {VECTOR}/")
    for name in names:
        rough = to_grey(read_image(pictures[name]))
        drawing = next(read_drawings(drawings[name]))
        scale = np.array([rough.shape[1], rough.shape[0]]) / drawing.size
        # A drawing's px are areas, an array's are points in their middle.
        lines = tuple(
            Curve(stroke.points.astype(np.float64) * scale - 0.5, False)
            for stroke in drawing.strokes
        )
        yield KnownLines(name, rough, lines)


def _read_benchmark(folder: Path) -> Iterator[KnownLines]:
    for truth in sorted(folder.glob("*" + _TRUTH)):
        name = truth.name.removesuffix(_TRUTH)
        try:
            known = json.loads(truth.read_bytes())
            strokes = [_points(s) for s in known["strokes"]]
            closed = [bool(c) for c in known["closed"]]
            lines = tuple(Curve(p, c) for p, c in zip(strokes, closed, strict=True))
        except (ValueError, KeyError, TypeError) as error:
            raise FormatError(
                f"{truth}: {error}; wanted strokes as lists of x, y, and whether each is closed"
            ) from error
        yield KnownLines(name, to_grey(read_image(folder / (name + _ROUGH))), lines)


def _points(rows: object) -> npt.NDArray[np.float64]:
    points = np.asarray(rows, np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all():
        raise ValueError(f"a stroke of shape {points.shape}")
    return points
