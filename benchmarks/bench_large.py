"""Cleaning or tracing a page of any size: CPU time, peak memory, and the seams that tiles leave.

    python benchmarks/bench_large.py clean|trace PICTURE [--side 8192]

PICTURE is repeated over the page. Seams are the largest difference, of 255, between a part of
2048 px cleaned whole and in tiles of 512.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np
from linework.pipeline.cleaning import Cleaner
from linework.strokes.images import read_image, to_grey
from linework.strokes.trace import trace

PART = 2048


def main() -> None:
    """Reads the arguments, prints the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("what", choices=("clean", "trace"))
    parser.add_argument("picture")
    parser.add_argument("--side", type=int, default=8192)
    given = parser.parse_args()
    grey = to_grey(read_image(given.picture))
    times = [-(-given.side // length) for length in grey.shape]
    page = np.ascontiguousarray(np.tile(grey, times)[: given.side, : given.side])
    cleaner = Cleaner.load() if given.what == "clean" else None
    begin = time.process_time()
    if cleaner is None:
        print(f"{len(trace(page).strokes)} strokes")
    else:
        cleaner.clean(page, scale=1.0)
    seconds = time.process_time() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{given.side} px: {seconds:.1f} CPU-s, {peak:.2f} GB at the peak")
    if cleaner is not None:
        part = page[:PART, :PART]
        whole, tiled = (cleaner.clean(part, scale=1.0, tile=t).astype(int) for t in (PART, 512))
        print(f"seams: {np.abs(whole - tiled).max()} of 255")


if __name__ == "__main__":
    main()
