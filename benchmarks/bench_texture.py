"""Textures made from each pattern tile: what is copied, how near the patches are, CPU time.

    python benchmarks/bench_texture.py --size 320

The distance is the sliced Wasserstein distance of 7 px patches from the pattern's, of 1; "halves"
is the same between two halves of the pattern, which is as near as can be asked for.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import torch
from linework.datasets.tangles import TANGLES, tangle
from linework.models.neural_texture import match_patches
from linework.strokes import draw_ink
from linework.strokes.texture import compare_patches, quilt, synthesise


def main() -> None:
    """Prints a row a tile, a column a method."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=320, help="px of the textures' sides.")
    parser.add_argument("--tiles", nargs="*", default=list(TANGLES))
    given = parser.parse_args()
    size = (given.size, given.size)
    print("| pattern | halves | quilt | patches | neural |\n|---|---|---|---|---|")
    spent = {"quilt": 0.0, "patches": 0.0, "neural": 0.0}
    for name in given.tiles:
        tile = draw_ink(tangle(name, np.random.default_rng(1)))
        cells = []
        for method in spent:
            start = time.process_time()
            if method == "neural":
                found = match_patches(tile, size, torch.Generator().manual_seed(2))
            else:
                make = quilt if method == "quilt" else synthesise
                found = make(tile, size, np.random.default_rng(2))
            spent[method] += time.process_time() - start
            report = compare_patches(found, tile, np.random.default_rng(0))
            cells.append(f"{report.distance:.3f}, {report.copied:.0%} copied")
        print(f"| {name} | {report.spread:.3f} | {' | '.join(cells)} |", flush=True)
    each = " | ".join(f"{s / len(given.tiles):.1f}" for s in spent.values())
    print(f"| CPU-seconds each | | {each} |")


if __name__ == "__main__":
    main()
