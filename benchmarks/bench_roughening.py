"""How many training pairs a processor makes in a second.

bench_roughening.py [SRC...] [-n N] [--size PX]: SRC are clean drawings as `linework data rough`
takes them; without any, figures drawn by rules.
Prints, a look a row, patches per CPU second of this one process. A GPU is fed by many.

    OMP_NUM_THREADS=1 python benchmarks/bench_roughening.py lucide.zip feather.zip
"""

from __future__ import annotations

import argparse
import time
from dataclasses import fields

import cv2
import numpy as np
from linework.datasets.clean_drawings import read_clean_drawings
from linework.datasets.roughening import Looks, RoughenedDrawings

SEED = 0
# Patches made before the clock runs: imports and tables.
WARM_UP = 3


def patches_per_second(source: RoughenedDrawings, size: int, n: int) -> float:
    """Patches per second of processor time."""
    rng = np.random.default_rng(SEED)
    for _ in range(WARM_UP):
        source.patch(size, rng)
    begin = time.process_time()
    for _ in range(n):
        source.patch(size, rng)
    return n / (time.process_time() - begin)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sources", nargs="*")
    parser.add_argument("-n", type=int, default=100, help="patches a look")
    parser.add_argument("--size", type=int, default=256)
    given = parser.parse_args()
    cv2.setNumThreads(1)
    drawings = read_clean_drawings(given.sources)
    print(f"{len(drawings)} drawings, {given.size} px, {given.n} patches a look")
    names = [field.name for field in fields(Looks)]
    for look in ("all", *names):
        looks = Looks() if look == "all" else Looks(**{k: float(k == look) for k in names})
        speed = patches_per_second(RoughenedDrawings(drawings, looks=looks), given.size, given.n)
        print(f"{look:10} {speed:6.1f} patches per CPU second", flush=True)


if __name__ == "__main__":
    main()
