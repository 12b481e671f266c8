"""Panels, lettering and duplicates on pages that are drawn by rules, by kind of layout.

    python benchmarks/bench_panels.py [--seeds 10] [--lettered 3] [--kinds tilted,inset]

The pages are those of tests/datasets/drawn_pages.py. A panel is found if an outline agrees with it
by an IoU of .9. *Order* is the share of pages read in the order they were drawn in, of those whose
panels were all found. Of lettering: IoU of the mask over the panels, and the share of balloons,
captions and words over the art that are covered by half or more. Duplicates: panels drawn again
at another size, paler, with 2 % cut off, as JPEG of quality 40, among others, all different.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "datasets"))

from drawn_art import BACKDROPS, balloon, scene
from drawn_pages import KINDS, DrawnPage, draw_page
from linework.datasets.panels import (
    Prints,
    find_lettering,
    find_panels,
    fingerprint,
    reading_order,
)
from panel_score import score

# Kinds whose panels no gutter divides: in a row of their own, and counted among all.
UNGUTTERED = ("shared borders",)
WRITTEN = ("balloon", "caption", "free")


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--begin", type=int, default=0, help="the first seed")
    parser.add_argument("--lettered", type=int, default=3, help="pages a kind to look for words on")
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--panels", type=int, default=200, help="to look for duplicates among")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    print("| pages | panels | found rightly | outlines in all | F1 | order | CPU-s a page |")
    print("|---" * 7 + "|")
    written: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    guttered: Counter[str] = Counter()
    for kind in options.kinds.split(","):
        row: Counter[str] = Counter()
        for seed in range(options.begin, options.begin + options.seeds):
            page = draw_page(kind, seed)
            row.update(_panels(page))
            if seed < options.begin + options.lettered:
                written.update(_lettering(page))
        print(_row(kind, row), flush=True)
        counts.update(row)
        guttered.update(row if kind not in UNGUTTERED else {})
    print(_row("**all with gutters**", guttered))
    print(_row("**all**", counts))
    print()
    print("| lettering | drawn | covered |\n|---|---|---|")
    for what in WRITTEN:
        share = written[f"{what} covered"] / max(written[what], 1)
        print(f"| {what} | {written[what]} | {share:.3f} |")
    print(f"mask IoU {written['both'] / max(written['either'], 1):.3f}, "
          f"precision {written['both'] / max(written['masked'], 1):.3f}, "
          f"recall {written['both'] / max(written['true'], 1):.3f}")  # fmt: skip
    print(_duplicates(options.panels))


def _panels(page: DrawnPage) -> dict[str, float]:
    begin = time.process_time()
    found = find_panels(page.picture)
    order = reading_order(found)
    seconds = time.process_time() - begin
    result = score(page.panels, [panel.polygon for panel in found], page.picture.shape)
    whole = len(result.hits) == result.drawn == result.found
    return {
        "pages": 1,
        "drawn": result.drawn,
        "found": result.found,
        "hits": len(result.hits),
        "whole": whole,
        "ordered": whole and result.in_order(order),
        "seconds": seconds,
    }


def _row(kind: str, row: Counter[str]) -> str:
    f1 = 2 * row["hits"] / max(row["drawn"] + row["found"], 1)
    return (
        f"| {kind} ({row['pages']}) | {row['drawn']} | {row['hits']} | {row['found']} | {f1:.3f} | "
        f"{row['ordered']}/{row['whole']} | {row['seconds'] / max(row['pages'], 1):.2f} |"
    )


def _lettering(page: DrawnPage) -> Counter[str]:
    inside = np.zeros(page.picture.shape[:2], np.uint8)
    for panel in page.panels:
        cv2.fillPoly(inside, [np.rint(panel).astype(np.int32)], 1)
    within = inside > 0
    mask = find_lettering(page.picture).mask & within
    truth = np.zeros_like(mask)
    found: Counter[str] = Counter()
    for each in page.lettering:
        covers = each.covers & within
        truth |= covers
        found[each.kind] += 1
        found[f"{each.kind} covered"] += bool((mask & covers).sum() >= 0.5 * covers.sum())
    found.update(both=int((mask & truth).sum()), either=int((mask | truth).sum()),
                 masked=int(mask.sum()), true=int(truth.sum()))  # fmt: skip
    return found


def _duplicates(panels: int) -> str:
    """How many of as many changed copies were known, and how many others were taken for one."""
    prints = Prints()
    wrong = known = mistaken = 0
    for seed in range(panels):
        wrong += prints.add(str(seed), fingerprint(_drawn(seed))) is not None
    for seed in range(panels):
        name = prints.add(f"{seed} again", fingerprint(_changed(_drawn(seed), seed)))
        known += name == str(seed)
        mistaken += name not in (None, str(seed))
    return (
        f"duplicates: {known} of {panels} known, {mistaken} taken for another's; {wrong} of "
        f"{panels} different panels taken for duplicates"
    )


def _drawn(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    width, height = int(rng.integers(220, 420)), int(rng.integers(220, 420))
    picture = scene(rng, width, height, str(rng.choice(BACKDROPS)))
    balloon(picture, rng, (width * 0.5, height * 0.2), 13)
    return picture


def _changed(picture: np.ndarray, seed: int) -> np.ndarray:
    rng = np.random.default_rng((seed, 1))
    height, width = picture.shape[:2]
    a, b = int(rng.uniform(0, 0.02) * height), int(rng.uniform(0, 0.02) * width)
    part = picture[a : height - int(0.02 * height) + a, b : width - int(0.02 * width) + b]
    scale = rng.uniform(0.5, 1.3)
    part = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    part = (part * rng.uniform(0.8, 1) + rng.uniform(0, 40)).astype(np.uint8)
    return cv2.imdecode(
        cv2.imencode(".jpg", part, [cv2.IMWRITE_JPEG_QUALITY, 40])[1], cv2.IMREAD_COLOR
    )


if __name__ == "__main__":
    main()
