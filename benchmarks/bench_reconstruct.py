"""How near reconstructions come to the drawings that went in, beside another drawing.

    python benchmarks/bench_reconstruct.py MODEL TABLE

Chamfer distance between points 4 px apart, both drawings brought to one box, as a share of
its long side; the first 200 of the valid split, temperature 0.1.
"""

from __future__ import annotations

import sys

import numpy as np
import numpy.typing as npt
import torch
from linework.pipeline.sketcher import Sketcher
from linework.pipeline.sketching import FAITHFUL, reconstruct
from linework.strokes import Drawing, DrawingTable
from linework.strokes.simplify import resample
from scipy.spatial import cKDTree

torch.set_num_threads(1)
DRAWINGS = 200
SPACING = 4.0  # px

Points = npt.NDArray[np.float64]


def outline(drawing: Drawing) -> Points:
    """Points along the strokes, (n, 2), in a box of side 1 around 0, 0."""
    points = np.concatenate([s.points for s in resample(drawing, SPACING).strokes])
    low, high = points.min(axis=0), points.max(axis=0)
    return (points - (low + high) / 2) / max(float((high - low).max()), 1.0)


def chamfer(a: Points, b: Points) -> float:
    """Mean of both directed mean distances."""
    return float(cKDTree(a).query(b)[0].mean() + cKDTree(b).query(a)[0].mean()) / 2


def main(model: str, path: str) -> None:
    """Print the medians."""
    sketcher, table = Sketcher.load(model), DrawingTable.open(path)
    given = [table[int(row)] for row in table.rows_of("valid")[:DRAWINGS]]
    shapes = [outline(drawing) for drawing in given]
    back = [outline(reconstruct(sketcher, d, temperatures=FAITHFUL)[0]) for d in given]
    own = [chamfer(a, b) for a, b in zip(shapes, back, strict=True)]
    others = [chamfer(a, b) for a, b in zip(shapes, shapes[1:] + shapes[:1], strict=True)]
    print(f"reconstruction {np.median(own):.2%}, another drawing {np.median(others):.2%}")


if __name__ == "__main__":
    main(*sys.argv[1:])
