"""Cleaning beside simpler ways, on rough pictures whose lines are known.

    python benchmarks/bench_clean.py SET [--model simplifier --model RUN ...] [--strength 0.5]

SET is a folder of .scap, of NAME_rough.png with NAME_truth.json, or raster/ beside svg/
(`linework.datasets.known_lines`). Of human oversketches, those that nothing is trained on are
shown alone too. Prints a Markdown table: F at 2, 4 and 8 per mille of the long edge and the
Chamfer distance in per mille (`linework.datasets.line_score`), strokes after tracing over true
strokes (the median drawing, and how many lie within 30 %), CPU seconds a picture and at 1024 px
square. `truth` draws the true lines: what px, thinning and tracing leave of a perfect answer.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # CPU time of two threads that wait is no measure

import cv2
import numpy as np
from linework.datasets.known_lines import KnownLines, read_known_lines
from linework.datasets.line_score import LineScore, score_picture
from linework.datasets.oversketches import TEST_NAMES, draw_lines
from linework.datasets.pairs import Grey
from linework.strokes.trace import trace

Tool = Callable[[KnownLines], Grey]

SPECK = 12  # px: less ink than this is dropped by the thresholds, as anyone would
BLUR = 4.0  # px, sigma: what merges the strokes of one line at 1000 px
TRUE_WIDTH = 3.5  # px of the drawn truth
NEAR_COUNT = 0.3  # strokes within this share of the true number are a usable count
SPEED_SIDE = 1024


def otsu(page: KnownLines) -> Grey:
    """Threshold by Otsu, specks dropped."""
    return _without_specks(_threshold(page.rough))


def blur(page: KnownLines) -> Grey:
    """The same after a Gaussian blur, which merges strokes that lie side by side."""
    return _without_specks(_threshold(cv2.GaussianBlur(page.rough, (0, 0), BLUR)))


def truth(page: KnownLines) -> Grey:
    """The true lines."""
    lines = [(np.round(c.points * 16).astype(np.int32), c.closed) for c in page.lines]
    drawn = draw_lines(lines, max(page.rough.shape), TRUE_WIDTH)
    return drawn[: page.rough.shape[0], : page.rough.shape[1]]


def cleaner(model: str, strength: float) -> Tool:
    """`linework clean` by a model, in this process."""
    from linework.pipeline.cleaning import Cleaner

    loaded = Cleaner.load(model)
    return lambda page: loaded.clean(page.rough, strength)


def _threshold(grey: Grey) -> Grey:
    return np.asarray(cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[1], np.uint8)


def _without_specks(binary: Grey) -> Grey:
    count, label, stats, _ = cv2.connectedComponentsWithStats(255 - binary, connectivity=8)
    small = [k for k in range(1, count) if stats[k, cv2.CC_STAT_AREA] < SPECK]
    return np.where(np.isin(label, small), np.uint8(255), binary)


@dataclass(frozen=True, slots=True)
class Row:
    """What one tool made of one picture."""

    name: str
    score: LineScore
    strokes: float
    seconds: float


def measure(tool: Tool, pages: list[KnownLines], strokes: bool) -> list[Row]:
    """One tool on all pictures."""
    rows = []
    for page in pages:
        begin = time.process_time()
        picture = tool(page)
        seconds = time.process_time() - begin
        ratio = len(trace(picture).strokes) / len(page.lines) if strokes else float("nan")
        rows.append(Row(page.name, score_picture(picture, page.lines), ratio, seconds))
    return rows


def speed(tool: Tool, page: KnownLines) -> float:
    """CPU seconds at `SPEED_SIDE` px square, the second time."""
    side = (SPEED_SIDE, SPEED_SIDE)
    square = KnownLines(page.name, np.asarray(cv2.resize(page.rough, side), np.uint8), page.lines)
    tool(square)
    begin = time.process_time()
    tool(square)
    return time.process_time() - begin


def line(tool: str, part: str, rows: list[Row], seconds: float) -> str:
    """A row of the table."""
    f = [statistics.mean(r.score.f[k] for r in rows) for k in range(3)]
    chamfer = statistics.mean(r.score.chamfer for r in rows)
    ratios = [r.strokes for r in rows]
    near = sum(abs(r - 1) <= NEAR_COUNT for r in ratios)
    cells = [
        *(tool, f"{part} ({len(rows)})", *(f"{v:.3f}" for v in f), f"{chamfer:.2f}"),
        f"{statistics.median(ratios):.2f} ({near}/{len(rows)})",
        f"{statistics.mean(r.seconds for r in rows):.3f}",
        f"{seconds:.3f}",
    ]
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    """Reads the arguments, prints the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", metavar="SET", type=Path)
    parser.add_argument("--model", action="append", default=[], help="weights, or a run's folder")
    parser.add_argument("--strength", type=float, default=0.5)
    parser.add_argument("--only", default="", help="pictures whose name holds this")
    parser.add_argument("--save", type=Path, help="a folder for what each tool made")
    parser.add_argument("--no-strokes", action="store_true", help="do not trace")
    parser.add_argument("--each", action="store_true", help="every picture's figures to stderr")
    given = parser.parse_args()
    pages = [page for page in read_known_lines(given.folder) if given.only in page.name]
    if not pages:
        sys.exit(f"{given.folder}: no picture's name holds {given.only!r}")
    tools: dict[str, Tool] = {"truth": truth, "otsu": otsu, f"blur {BLUR:g}": blur}
    tools |= {f"clean {Path(m).name}": cleaner(m, given.strength) for m in given.model}
    test = [page for page in pages if page.name in TEST_NAMES]
    print("| tool | drawings | F@2 | F@4 | F@8 | Chamfer | strokes | CPU s | s at 1024² |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, tool in tools.items():
        seconds = speed(tool, pages[0])
        rows = measure(tool, pages, not given.no_strokes)
        print(line(name, "all", rows, seconds), flush=True)
        if 0 < len(test) < len(pages):
            held = [row for row in rows if row.name in TEST_NAMES]
            print(line(name, "held out", held, seconds), flush=True)
        for row in rows if given.each else ():
            f = " ".join(f"{v:.3f}" for v in row.score.f)
            figures = f"{f} {row.score.chamfer:6.2f} {row.strokes:5.2f}"
            print(f"{name:16} {row.name:28} {figures}", file=sys.stderr)
        if given.save is not None:
            given.save.mkdir(parents=True, exist_ok=True)
            for page in pages:
                cv2.imwrite(str(given.save / f"{page.name}_{name}.png"), tool(page))


if __name__ == "__main__":
    main()
