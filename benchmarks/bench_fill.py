"""Filling measured: shapes of known area with gaps, real doodles, and line art of 500 regions.

    python benchmarks/bench_fill.py shapes [-n 600] [--seed 1] [--sheet OUT.png]
    python benchmarks/bench_fill.py sheep SHEEP.npz [-n 300] [--sheet OUT.png]
    python benchmarks/bench_fill.py regions [--side 1024] [-n 500] [--sheet OUT.png]

shapes: fifteen kinds of closed outlines, turned, stretched and waved at random; of each one to
four pieces are erased, up to 4 % of the longer side of its box (and, in the second table,
of its perimeter). A shape leaks if its fill lacks a tenth of the truth, or exceeds it by a
twentieth.

sheep: the valid split of aaron_sheep; how many enclose at least half of their convex hull,
each way of filling in one run. regions: Voronoi cells in hand-drawn lines, filled flat.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from linework.pipeline.filling import regions_of_picture
from linework.strokes import Drawing, draw_ink, from_stroke3, read_npz
from linework.strokes.fill import colored, flat_colors
from linework.strokes.fill.lines import enclosed, work_on
from linework.strokes.fill.silhouette import METHODS, TOLERANCE, silhouette
from scipy.spatial import Voronoi, cKDTree

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
UInt8Array = npt.NDArray[np.uint8]

CANVAS = 256
# Of the longer side of an object's box, or of its perimeter.
GAP = 0.04
PEN = 2.0


def _ring(radius: Callable[[FloatArray], FloatArray], n: int = 400) -> FloatArray:
    t = np.linspace(0, 2 * np.pi, n, endpoint=False)
    r = radius(t)
    return np.stack([r * np.cos(t), r * np.sin(t)], axis=1)


def _corners(*points: tuple[float, float]) -> FloatArray:
    return np.array(points, np.float64)


def _crescent() -> FloatArray:
    a, b = np.linspace(0.9, 2 * np.pi - 0.9, 120), np.linspace(2 * np.pi - 1.319, 1.319, 120)
    inner = np.stack([0.42 + 0.808 * np.cos(b), 0.808 * np.sin(b)], axis=1)
    return np.concatenate([np.stack([np.cos(a), np.sin(a)], axis=1), inner])


def _heart() -> FloatArray:
    t = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    y = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    return np.stack([16 * np.sin(t) ** 3, -y], axis=1)


def _fish() -> FloatArray:
    t = np.linspace(0.35, 2 * np.pi - 0.35, 160)
    body = np.stack([np.cos(t), 0.55 * np.sin(t)], axis=1)
    return np.concatenate([body, [(1.6, -0.5), (1.45, 0.0), (1.6, 0.5)]])


def shapes() -> dict[str, Callable[[np.random.Generator], FloatArray]]:
    """Kinds of outlines, each a function of a generator to corners (n, 2) of any size."""

    def blob(rng: np.random.Generator) -> FloatArray:
        a, p = rng.normal(0, 0.12, 5), rng.uniform(0, 2 * np.pi, 5)
        return _ring(lambda t: 1 + sum(a[k] * np.cos((k + 2) * t + p[k]) for k in range(5)))

    def polygon(rng: np.random.Generator) -> FloatArray:
        t = np.linspace(0, 2 * np.pi, int(rng.integers(3, 9)), endpoint=False)
        return np.stack([np.cos(t), np.sin(t)], axis=1)

    def star(rng: np.random.Generator) -> FloatArray:
        n = int(rng.integers(5, 9))
        t = np.linspace(0, 2 * np.pi, 2 * n, endpoint=False)
        r = np.where(np.arange(2 * n) % 2, rng.uniform(0.4, 0.7), 1.0)
        return np.stack([r * np.cos(t), r * np.sin(t)], axis=1)

    def cloud(rng: np.random.Generator) -> FloatArray:
        n = int(rng.integers(5, 9))
        return _ring(lambda t: 1 + 0.35 * np.abs(np.sin(n * t / 2)))

    fixed = {
        "circle": _ring(lambda t: np.ones_like(t)),
        "square": _corners((0, 0), (1, 0), (1, 1), (0, 1)),
        "crescent": _crescent(),
        "heart": _heart(),
        "fish": _fish(),
        "house": _corners((0, 0), (0, -1), (-0.2, -1), (0.6, -1.8), (1.4, -1), (1.2, -1), (1.2, 0)),
        "arrow": _corners((0, 1), (2, 1), (2, 0.4), (3.2, 1.5), (2, 2.6), (2, 2), (0, 2)),
        "L": _corners((0, 0), (0.8, 0), (0.8, 2), (2.2, 2), (2.2, 2.8), (0, 2.8)),
        "cross": _corners(
            *((1, 0), (2, 0), (2, 1), (3, 1), (3, 2), (2, 2)),
            *((2, 3), (1, 3), (1, 2), (0, 2), (0, 1), (1, 1)),
        ),
        "U": _corners((0, 0), (1, 0), (1, 2), (2, 2), (2, 0), (3, 0), (3, 3), (0, 3)),
        "drop": _ring(lambda t: 0.55 + 0.45 * np.exp(-((t - np.pi) ** 2) * 3)),
    }
    made = {name: (lambda rng, points=points: points) for name, points in fixed.items()}
    return {**made, "blob": blob, "polygon": polygon, "star": star, "cloud": cloud}


def outline(points: FloatArray, rng: np.random.Generator) -> FloatArray:
    """A closed polyline, placed on the canvas at random, a point every half px."""
    turn = rng.uniform(0, 2 * np.pi)
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    placed = (points * (1, rng.uniform(0.6, 1))) @ spin.T
    placed = placed - placed.min(axis=0)
    placed *= rng.uniform(60, 220) / placed.max()
    placed += rng.uniform(12, CANVAS - 12 - placed.max(axis=0))
    closed = np.concatenate([placed, placed[:1]])
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    at = np.linspace(0, along[-1], max(int(along[-1] * 2), 60), endpoint=False)
    ring = np.stack([np.interp(at, along, closed[:, k]) for k in (0, 1)], axis=1)
    # A hand wavers: two slow waves, half a percent of the size.
    t = np.linspace(0, 2 * np.pi, len(ring), endpoint=False)
    size = float(np.ptp(ring, axis=0).max())
    for axis in (0, 1):
        for waves in (3, 7):
            ring[:, axis] += 0.003 * size * np.sin(waves * t + rng.uniform(0, 2 * np.pi))
    return ring


def with_gaps(ring: FloatArray, most: float, rng: np.random.Generator) -> list[FloatArray]:
    """The outline with one to four pieces of up to `most` px erased: open strokes."""
    n = len(ring)
    step = float(np.hypot(*np.diff(ring[:2], axis=0)[0]))
    erased = np.zeros(n, np.bool_)
    for _ in range(int(rng.integers(1, 5))):
        start, count = int(rng.integers(n)), max(1, int(rng.uniform(0.25, 1) * most / step))
        piece = np.arange(start, start + count) % n
        room = np.arange(start - 3 * count, start + 4 * count) % n
        if not erased[room].any():
            erased[piece] = True
    first = int(np.flatnonzero(erased)[0])
    ring, erased = np.roll(ring, -first, axis=0), np.roll(erased, -first)
    starts = np.flatnonzero(erased[:-1] & ~erased[1:]) + 1
    ends = np.flatnonzero(~erased[:-1] & erased[1:]) + 1
    ends = np.append(ends, n) if len(ends) < len(starts) else ends
    return [ring[a:b] for a, b in zip(starts, ends, strict=True) if b - a > 1]


def on_canvas(mask: BoolArray, scale: float, origin: tuple[float, float]) -> BoolArray:
    """A mask of the working raster on the canvas, four px to one of the canvas."""
    s = 4
    matrix = np.array([[s / scale, 0, s * origin[0]], [0, s / scale, s * origin[1]]])
    matrix[:, 2] += 0.5 * s / scale - 0.5
    side = (CANVAS * s, CANVAS * s)
    return cv2.warpAffine(mask.astype(np.float32), matrix, side) >= 0.5


def bench_shapes(count: int, seed: int, sheet: Path | None) -> None:
    kinds = shapes()
    for of, measure in (("side", lambda r: np.ptp(r, axis=0).max()), ("perimeter", None)):
        rng = np.random.default_rng(seed)
        rows, pictures, spent = [], [], 0.0
        for k in range(count):
            kind = list(kinds)[k % len(kinds)]
            ring = outline(kinds[kind](rng), rng)
            closed = np.concatenate([ring, ring[:1]])
            length = float(np.hypot(*np.diff(closed, axis=0).T).sum())
            lines = with_gaps(ring, GAP * (float(measure(ring)) if measure else length), rng)
            truth = np.zeros((CANVAS * 4, CANVAS * 4), np.uint8)
            cv2.fillPoly(truth, [np.rint((ring * 4 - 0.5) * 16).astype(np.int32)], 1, 8, 4)
            begin = time.process_time()
            work = work_on(lines, PEN, 2 * TOLERANCE)
            found = silhouette(work)
            spent += time.process_time() - begin
            mask, true = on_canvas(found.mask, work.scale, work.origin), truth.view(np.bool_)
            both = float((mask & true).sum())
            iou = both / float((mask | true).sum())
            size = float(true.sum())
            leaks = both < 0.9 * size or float(mask.sum()) - both > 0.05 * size
            rows.append((kind, iou, leaks, found.method))
            pictures.append((iou, mask, lines))
        ious = np.array([row[1] for row in rows])
        print(
            f"\ngaps of up to {GAP:.0%} of the {of}, {count} shapes, seed {seed}: mean IoU "
            f"{ious.mean():.4f}, 5th percentile {np.percentile(ious, 5):.4f}, least "
            f"{ious.min():.3f}; leaks {np.mean([row[2] for row in rows]):.2%}; "
            f"{1e3 * spent / count:.0f} ms each; methods {dict(Counter(r[3] for r in rows))}\n"
        )
        print("| shape | n | mean IoU | least | leaks |\n|---|---|---|---|---|")
        for kind in kinds:
            own = [row for row in rows if row[0] == kind]
            values = [row[1] for row in own]
            print(
                f"| {kind} | {len(own)} | {np.mean(values):.4f} | {min(values):.4f} | "
                f"{sum(row[2] for row in own)} |"
            )
        if sheet is not None:
            worst = sorted(range(count), key=lambda k: pictures[k][0])[:48]
            tiles = [_tile(pictures[k][1], pictures[k][2]) for k in worst]
            _save_sheet(tiles, sheet.with_stem(f"{sheet.stem}-{of}"), 8)


def bench_sheep(path: Path, count: int, sheet: Path | None) -> None:
    drawings = [from_stroke3(rows) for rows in read_npz(path)["valid"][:count]]
    shares: dict[str, list[float]] = {"plain flood": []}
    shares |= {f"up to {m}": [] for m in METHODS[1:]}
    used: Counter[str] = Counter()
    tiles = []
    spent = 0.0
    for drawing in drawings:
        x0, y0, x1, y1 = drawing.bounds
        side = max(x1 - x0, y1 - y0)
        placed = drawing.map_points(lambda p, a=(x0, y0), s=side: (p - a) / s * 236 + 10)
        drawing = placed.replace(size=(CANVAS, CANVAS))
        shares["plain flood"].append(_plain(drawing))
        lines = [s.points for s in drawing.strokes]
        work = work_on(lines, PEN, 2 * TOLERANCE)
        begin = time.process_time()
        found = silhouette(work)
        spent += time.process_time() - begin
        for last in METHODS[1:]:
            # A method that was not come to changes nothing.
            enough = found.method in METHODS[: METHODS.index(last) + 1]
            upto = found if enough else silhouette(work, TOLERANCE, last)
            shares[f"up to {last}"].append(upto.hull_share)
        used[found.method] += 1
        mask = on_canvas(found.mask, work.scale, work.origin)
        tiles.append(_tile(mask, lines, found.method))
    print(f"\n{len(drawings)} drawings, tolerance {TOLERANCE:.0%} of the box's diagonal\n")
    print("| way | enclose half of their hull | mean share of the hull |\n|---|---|---|")
    for name, values in shares.items():
        print(f"| {name} | {np.mean(np.array(values) >= 0.5):.1%} | {np.mean(values):.2f} |")
    print(f"\nmethods: {dict(used)}; {1e3 * spent / len(drawings):.0f} ms a drawing")
    if sheet is not None:
        _save_sheet(tiles[:96], sheet, 12)


def bench_regions(side: int, count: int, seed: int, sheet: Path | None) -> None:
    """Cells around `count` places, their edges wavy lines; of every tenth edge a bit is missing."""
    rng = np.random.default_rng(seed)
    # Relaxed once (Lloyd), so that no cell is a sliver.
    places = rng.uniform(0, side, (count, 2))
    grid = np.stack(np.meshgrid(np.arange(0, side, 4), np.arange(0, side, 4)), axis=-1)
    nearest = cKDTree(places).query(grid.reshape(-1, 2))[1]
    places = (
        np.stack([np.bincount(nearest, grid.reshape(-1, 2)[:, k], count) for k in (0, 1)], axis=1)
        / np.maximum(np.bincount(nearest, minlength=count), 1)[:, None]
    )
    # Mirrored, so that the outermost cells are bounded by the frame.
    mirrored = [places]
    for axis in (0, 1):
        for edge in (24, side - 24):
            copy = places.copy()
            copy[:, axis] = 2 * edge - copy[:, axis]
            mirrored.append(copy)
    cells = Voronoi(np.concatenate(mirrored))
    inside = ((places > 24) & (places < side - 24)).all(axis=1)
    picture = np.full((side, side), 255, np.uint8)
    gaps = 0
    for (p, q), ends in zip(cells.ridge_points, cells.ridge_vertices, strict=True):
        own = (p < count and inside[p]) or (q < count and inside[q])
        if -1 in ends or not own:
            continue
        a, b = cells.vertices[ends]
        length = float(np.hypot(*(b - a)))
        u = np.linspace(0, 1, max(8, int(length)))[:, None]
        across = np.array([a[1] - b[1], b[0] - a[0]]) / max(length, 1e-9)
        line = a + (b - a) * u + across * np.sin(np.pi * u) * rng.normal(0, 0.03) * length
        parts = [line]
        if length > 30 and rng.random() < 0.1:
            gaps += 1
            half = len(line) // 2
            parts = [line[: half - 3], line[half + 3 :]]
        for part in parts:
            at = np.rint((part - 0.5) * 16).astype(np.int32)
            cv2.polylines(picture, [at], False, 0, 3, cv2.LINE_AA, 4)
    true = int(inside.sum())
    times = []
    for _ in range(5):
        begin = time.process_time()
        found = regions_of_picture(picture)
        assert found is not None
        regions, density = found
        middle = time.process_time()
        colors = flat_colors(regions, np.random.default_rng(0))
        flat = colored(regions.numbers, colors, density)
        times.append((middle - begin, time.process_time() - middle))
    find, paint = np.array(times).min(axis=0)
    at = places[inside].astype(int)
    own = regions.numbers[at[:, 1], at[:, 0]]
    alone = sum(1 for number in own.tolist() if number > 1 and (own == number).sum() == 1)
    print(
        f"{side} x {side} px, {true} cells and the outside, {gaps} gaps: {regions.count} regions, "
        f"{regions.bridged} bridges, {alone} cells are a region of their own; found "
        f"in {1e3 * find:.0f} ms, coloured in {1e3 * paint:.0f} ms of CPU (least of five)"
    )
    if sheet is not None:
        cv2.imwrite(str(sheet), flat[:, :, ::-1])


def _plain(drawing: Drawing) -> float:
    """Share of its hull that a flood of the picture, 256 px, finds enclosed."""
    ink = draw_ink(drawing, line_width=PEN) < 128
    area = enclosed(ink)
    hull = np.zeros(ink.shape, np.uint8)
    points = np.concatenate([s.points for s in drawing.strokes])
    cv2.fillConvexPoly(hull, cv2.convexHull(np.rint(points).astype(np.int32)), 1)
    return float(area.sum()) / float(hull.sum())


COLORS = {
    "closed": (170, 215, 160),
    "bridged": (150, 200, 235),
    "ball": (250, 220, 130),
    "stretched": (200, 175, 235),
    "alpha": (245, 175, 120),
    "hull": (235, 140, 140),
    "line": (200, 200, 200),
}


def _tile(mask: BoolArray, lines: list[FloatArray], method: str = "bridged") -> UInt8Array:
    tile = np.full((*mask.shape, 3), 255, np.uint8)
    tile[mask] = COLORS[method]
    for points in lines:
        at = np.rint(np.asarray(points) * 64 - 8).astype(np.int32)
        cv2.polylines(tile, [at], False, (40, 40, 40), 5, cv2.LINE_AA, 4)
    return cv2.resize(tile, (180, 180), interpolation=cv2.INTER_AREA)


def _save_sheet(tiles: list[UInt8Array], path: Path, columns: int) -> None:
    rows = [np.hstack(tiles[i : i + columns]) for i in range(0, len(tiles) - columns + 1, columns)]
    cv2.imwrite(str(path), np.vstack(rows)[:, :, ::-1])
    print(f"{path}: written", file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    sub = parser.add_subparsers(dest="what", required=True)
    for name in ("shapes", "sheep", "regions"):
        part = sub.add_parser(name)
        part.add_argument(
            "-n", type=int, default={"shapes": 600, "sheep": 300, "regions": 500}[name]
        )
        part.add_argument("--seed", type=int, default=1)
        part.add_argument("--sheet", type=Path)
        if name == "sheep":
            part.add_argument("npz", type=Path)
        if name == "regions":
            part.add_argument("--side", type=int, default=1024)
    given = parser.parse_args()
    if given.what == "shapes":
        bench_shapes(given.n, given.seed, given.sheet)
    elif given.what == "sheep":
        bench_sheep(given.npz, given.n, given.sheet)
    else:
        bench_regions(given.side, given.n, given.seed, given.sheet)


if __name__ == "__main__":
    main()
