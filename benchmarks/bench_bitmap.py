"""Our 28x28 pictures beside Quick, Draw!'s official ones, drawing by drawing.

    python benchmarks/bench_bitmap.py simplified/cat.ndjson numpy_bitmap/cat.npy

The official file is an excerpt in another order, so each drawing is held against the
nearest official picture; those further off than `SAME` on average are counted apart.
"""

from __future__ import annotations

import sys

import numpy as np
from linework.strokes.bitmap import quickdraw_bitmap
from linework.strokes.quickdraw import read_ndjson

SAME = 3.0  # of 255, mean over a picture


def main(drawings: str, pictures: str) -> None:
    """Print mean and largest difference of a pixel."""
    official = np.load(pictures).reshape(-1, 784).astype(np.float32)
    means, largest, apart = [], [], 0
    for drawing in read_ndjson(drawings):
        difference = np.abs(official - quickdraw_bitmap(drawing).ravel().astype(np.float32))
        nearest = int(difference.mean(axis=1).argmin())
        if difference[nearest].mean() < SAME:
            means.append(difference[nearest].mean())
            largest.append(difference[nearest].max())
        else:
            apart += 1
    print(
        f"{len(means)} drawings, {apart} without a picture: a pixel is off by "
        f"{np.mean(means):.2f} of 255 on average, by {max(largest):.0f} at most"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
