"""Patches of human oversketches beside the lines that they mean: `OversketchPairs`.

Rough is what the hand drew, every stroke as a pencil's line; clean is one line of even width
through each group of strokes (`principal_curve.py`). Patches are drawn from the strokes at the
wanted scale and angle, so nothing is ever resampled. Half of the rough patches have the plain
look that benchmarks of oversketches draw (OpenCV's 2 px, 55 % ink, white paper), the others a
pencil's and a scanner's.

Lines are fitted when a source is made, a few tenths of a second a drawing, or read from a cache.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from ..strokes.atomic import write_atomically
from ..strokes.errors import LineworkError
from .pairs import Grey, Pair
from .principal_curve import Curve, principal_curves
from .scan_look import cloud, scan
from .scap import Oversketch

Points = npt.NDArray[np.float64]

FIT_EDGE = 1000.0  # px of the long edge that lines are fitted and widths are stated at
CLEAN_WIDTH = (
    3.5  # px at `FIT_EDGE`: wide enough to be learnt, narrow enough to keep neighbours apart
)
LEAST_WIDTH = 2.5  # px: thinner lines break when they are thresholded
PLAIN_SHARE = 0.5
PLAIN_THICKNESS, PLAIN_INK = 2, 0.55
# What OpenCV's antialiased lines of these thicknesses cover in truth, px; 4 is drawn like 3.
_THICKNESSES = (1, 2, 3, 5, 7)
_DRAWN_WIDTHS = (1.37, 3.42, 5.45, 7.55, 9.65)
LEAST_PART = 0.05  # of a blend: less is not seen
LEAST_INK = 0.003  # share of a patch's px; emptier ones teach little
TRIES = 4
SPARSE = 0.2  # px at `FIT_EDGE`: less than anyone sees
SUBPIXEL = 4  # bits: OpenCV draws at 1/16 px
MARGIN = 6.0  # px around a patch within which a line's edge may still reach it
CACHE_VERSION = 6  # of the way lines are fitted

# Drawn for a test of line fitting, with no one line that all would agree on.
NO_ONE_LINE = frozenset({"branch", "spiral2", "spiral3"})

# Twelve of the 48 published drawings that no network may learn from: letters, simple shapes, a
# car, animals, a person, things. Drawings of one subject by one hand (Giraffe02, Giraffe03) stay
# on one side.
TEST_NAMES = frozenset(
    {
        "Koala04",
        "Penguinfxd01",
        "carc",
        "duck",
        "fruit",
        "geometry",
        "ghi",
        "girl",
        "infinity",
        "phone",
        "twirl",
        "vwx",
    }
)


@dataclass(frozen=True, slots=True)
class FittedSketch:
    """An oversketch and its lines, px, its long edge `FIT_EDGE`, its corner at 0, 0."""

    name: str
    strokes: tuple[Points, ...]
    lines: tuple[Curve, ...]


def split_oversketches(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """Names for training and names for testing, each in order; new names train."""
    ordered = sorted(names)
    return (
        [n for n in ordered if n not in TEST_NAMES],
        [n for n in ordered if n in TEST_NAMES],
    )


def fit_sketch(drawing: Oversketch, cache: str | os.PathLike[str] | None = None) -> FittedSketch:
    """The lines that a drawing means.

    Args:
        cache: a folder that keeps them, one small JSON file a drawing; made where it is missing.

    Raises:
        LineworkError: the cache cannot be written.
    """
    every = np.concatenate(drawing.strokes)
    low, extent = every.min(axis=0), np.ptp(every, axis=0).max()
    strokes = tuple((s - low) * (FIT_EDGE / extent) for s in drawing.strokes)
    path = Path(cache) / f"{drawing.name}.lines.json" if cache is not None else None
    stamp = _stamp(drawing)
    lines = _read_cache(path, stamp) if path is not None else None
    if lines is None:
        scaled = Oversketch(drawing.name, strokes, drawing.clusters)
        lines = tuple(c for line in scaled.lines() for c in principal_curves(line))
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            rows = [{"closed": c.closed, "points": c.points.round(2).tolist()} for c in lines]
            write_atomically(path, json.dumps({"stamp": stamp, "lines": rows}).encode())
    return FittedSketch(drawing.name, strokes, lines)


def _stamp(drawing: Oversketch) -> str:
    """What the lines depend on, in short."""
    digest = hashlib.sha256(str((CACHE_VERSION, drawing.clusters)).encode())
    for stroke in drawing.strokes:
        digest.update(stroke.tobytes())
    return digest.hexdigest()


def _read_cache(path: Path, stamp: str) -> tuple[Curve, ...] | None:
    """The lines kept for a drawing; None where there are none, or old or damaged ones."""
    try:
        kept = json.loads(path.read_bytes())
        if kept["stamp"] != stamp:
            return None
        return tuple(
            Curve(np.asarray(r["points"], np.float64).reshape(-1, 2), bool(r["closed"]))
            for r in kept["lines"]
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


@dataclass(frozen=True, slots=True)
class _Polylines:
    """Lines with a circle around each, by which those that miss a patch are passed over."""

    points: tuple[Points, ...]
    closed: tuple[bool, ...]
    centre: Points
    radius: Points

    @classmethod
    def of(cls, lines: Sequence[tuple[Points, bool]]) -> _Polylines:
        boxes = [(p.min(axis=0), p.max(axis=0)) for p, _ in lines]
        return cls(
            tuple(p for p, _ in lines),
            tuple(c for _, c in lines),
            np.array([(a + b) / 2 for a, b in boxes]),
            np.array([np.hypot(*(b - a)) / 2 for a, b in boxes]),
        )

    def within(self, view: _View) -> list[tuple[npt.NDArray[np.int32], bool]]:
        """Lines that may touch a view, as OpenCV's fixed-point px."""
        off = np.abs(view.px(self.centre) - (view.size - 1) / 2)
        reach = self.radius * view.scale + view.size / 2 + MARGIN
        near = np.flatnonzero((off < reach[:, None]).all(axis=1))
        bits = float(1 << SUBPIXEL)
        return [
            (np.round(view.px(self.points[k]) * bits).astype(np.int32), self.closed[k])
            for k in near
        ]


@dataclass(frozen=True, slots=True)
class _View:
    """A square window on a drawing: px = points @ turn + shift."""

    turn: Points
    shift: Points
    scale: float
    size: int

    def px(self, points: Points) -> Points:
        return points @ self.turn + self.shift


class OversketchPairs:
    """Patches of some oversketches; a `PairSource`.

    Args:
        drawings: with their lines, from `fit_sketch`.
        line_width: px of clean lines where the drawing's long edge is 1000 px.
        plain_share: share of the rough patches with the benchmarks' plain look.

    Raises:
        LineworkError: no drawings.
    """

    def __init__(
        self,
        drawings: Sequence[FittedSketch],
        *,
        line_width: float = CLEAN_WIDTH,
        plain_share: float = PLAIN_SHARE,
        name: str = "oversketches",
    ) -> None:
        if not drawings:
            raise LineworkError("no oversketches; wanted one or more")
        self.name = name
        self.line_width = line_width
        self.plain_share = plain_share
        self._rough = [_Polylines.of([(s, False) for s in d.strokes]) for d in drawings]
        self._clean = [_Polylines.of([_sparse(c) for c in d.lines]) for d in drawings]
        # A dense drawing is seen more often than a bean, but not by its whole length.
        ink = np.sqrt([sum(len(c.points) for c in d.lines) for d in drawings])
        self._share = ink / ink.sum()
        self._places = [np.concatenate(d.strokes) for d in drawings]

    def patch(self, size: int, rng: np.random.Generator) -> Pair:
        """A patch with ink in it, as a rule; see `PairSource`."""
        for _ in range(TRIES):
            which = int(rng.choice(len(self._share), p=self._share))
            plain = rng.random() < self.plain_share
            view = _choose_view(self._places[which], size, plain, rng)
            width = max(LEAST_WIDTH, self.line_width * view.scale)
            clean = draw_lines(self._clean[which].within(view), size, width)
            if (clean < 128).mean() >= LEAST_INK:
                break
        strokes = self._rough[which].within(view)
        rough = _plain(strokes, size, size) if plain else _pencil(strokes, size, rng)
        return Pair(rough, clean)


def _sparse(line: Curve) -> tuple[Points, bool]:
    """A line by few points: OpenCV's edges are beaded where segments are as short as wide."""
    points = cv2.approxPolyDP(line.points.astype(np.float32)[:, None], SPARSE, line.closed)
    return points[:, 0].astype(np.float64), line.closed


def _choose_view(places: Points, size: int, plain: bool, rng: np.random.Generator) -> _View:
    """A window around some ink, at some scale, turned and perhaps mirrored."""
    edge = rng.normal(1000, 60) if plain or rng.random() < 0.4 else rng.uniform(500, 1200)
    scale = float(np.clip(edge, 500, 1200)) / FIT_EDGE
    angle = rng.integers(4) * np.pi / 2 if rng.random() < 0.3 else rng.uniform(0, 2 * np.pi)
    mirror = np.array([rng.choice([-1.0, 1.0]), 1.0])
    turn = scale * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    turn = mirror[:, None] * turn
    centre = places[rng.integers(len(places))] @ turn
    shift = rng.uniform(0.1, 0.9, 2) * size - centre
    return _View(turn, shift, scale, size)


def _blend(width: float) -> list[tuple[int, float]]:
    """OpenCV's thicknesses and their shares that together cover `width` px across a line."""
    above = min(int(np.searchsorted(_DRAWN_WIDTHS, width)), len(_DRAWN_WIDTHS) - 1)
    if above == 0 or width >= _DRAWN_WIDTHS[-1]:
        return [(_THICKNESSES[above], 1.0)]
    thin, thick = _DRAWN_WIDTHS[above - 1], _DRAWN_WIDTHS[above]
    share = (width - thin) / (thick - thin)
    parts = [(_THICKNESSES[above - 1], 1 - share), (_THICKNESSES[above], share)]
    return [(t, p) for t, p in parts if p > LEAST_PART]


def draw_lines(
    lines: Sequence[tuple[npt.NDArray[np.int32], bool]], size: int, width: float
) -> Grey:
    """Black lines on white, `width` px wide, edges included; a blend of two of OpenCV's widths."""
    out = np.zeros((size, size), np.float32)
    for thickness, part in _blend(width):
        ink = np.zeros((size, size), np.uint8)
        for points, closed in lines:
            cv2.polylines(ink, [points], closed, 255, thickness, cv2.LINE_AA, SUBPIXEL)
        out += np.float32(part) * ink
    return (255 - out + 0.5).astype(np.uint8)


def plain_picture(strokes: Sequence[Points], width: int, height: int) -> Grey:
    """Strokes (n, 2) in px of one width and tone over one another on white paper."""
    bits = float(1 << SUBPIXEL)
    return _plain([(np.round(s * bits).astype(np.int32), False) for s in strokes], height, width)


def _plain(strokes: Sequence[tuple[npt.NDArray[np.int32], bool]], height: int, width: int) -> Grey:
    paper = np.full((height, width), 255, np.float32)
    table = (1 - PLAIN_INK * np.arange(256) / 255).astype(np.float32)
    for points, _ in strokes:
        box = _box(points, height, width, PLAIN_THICKNESS)
        if box is not None:
            paper[box] *= table[_stroke(points, box, PLAIN_THICKNESS)]
    return paper.astype(np.uint8)


def _pencil(
    strokes: Sequence[tuple[npt.NDArray[np.int32], bool]], size: int, rng: np.random.Generator
) -> Grey:
    """Strokes of a pencil that presses more or less, on paper that was scanned or photographed."""
    paper = np.ones((size, size), np.float32)
    # How much of the tone stays at each px: pressure, and the grain of the paper.
    stays = (1 + 0.35 * cloud(size, size, rng, cells=6)) / 255
    if rng.random() < 0.6:
        stays *= 1 - rng.uniform(0.1, 0.6) * rng.random((size, size), np.float32)
    usual, tone = rng.uniform(1.4, 4.0), rng.uniform(0.35, 0.85)
    widths = np.clip(usual + rng.normal(0, 0.3, len(strokes)), 1.2, 4.5)
    opacity = np.clip(tone + rng.normal(0, 0.08, len(strokes)), 0.3, 0.9)
    stays = np.minimum(stays, np.float32(1 / opacity.max(initial=0.3) / 255))
    for (points, _), width, dark in zip(strokes, widths.tolist(), opacity.tolist(), strict=True):
        box = _box(points, size, size, width)
        if box is None:
            continue
        ink: npt.NDArray[np.float32] = sum(
            part * _stroke(points, box, thickness) for thickness, part in _blend(width)
        )
        paper[box] *= 1 - ink * (stays[box] * np.float32(dark))
    return scan(paper, rng)


def _box(
    points: npt.NDArray[np.int32], height: int, width: int, thickness: float
) -> tuple[slice, slice] | None:
    """Rows and columns of a picture that a stroke can touch; None where it misses it."""
    reach = int(thickness / 2) + 4
    x, y, w, h = cv2.boundingRect(points)
    x0, x1 = max((x >> SUBPIXEL) - reach, 0), min((x + w >> SUBPIXEL) + reach + 2, width)
    y0, y1 = max((y >> SUBPIXEL) - reach, 0), min((y + h >> SUBPIXEL) + reach + 2, height)
    return (slice(y0, y1), slice(x0, x1)) if x0 < x1 and y0 < y1 else None


def _stroke(points: npt.NDArray[np.int32], box: tuple[slice, slice], thickness: int) -> Grey:
    """One stroke's coverage, 0 to 255, within its box."""
    rows, columns = box
    ink = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.uint8)
    corner = np.array([columns.start, rows.start], np.int32) << SUBPIXEL
    cv2.polylines(ink, [points - corner], False, 255, thickness, cv2.LINE_AA, SUBPIXEL)
    return ink
