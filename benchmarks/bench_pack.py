"""`pack` beside PyPI `ndjson` on the same 60 MB, and opening a table of a million drawings.

    python benchmarks/bench_pack.py [--data ../shared/data] [--repeat 3]

The file is real Quick, Draw! simplified data, repeated with new key_ids. Each
reader runs in a fresh process, one after the other in turn; CPU time (imports
included) and peak memory are what the system counted for that process. `ndjson`
only reads; `pack` also checks, splits, drops duplicates and writes the table.
Goals: at most a quarter of the CPU, under 150 MB; open < 50 ms, a row < 100 us.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from linework.strokes import DrawingTable, TableWriter

SIZE = 60_000_000  # bytes of the file
ROWS = 1_000_000  # of the large table
SAMPLED_ROWS = 20_000

NDJSON = "import ndjson, sys; ndjson.load(open(sys.argv[1], encoding='utf-8'))"
PACK = (
    "import sys; from linework.datasets.pack import pack; "
    "pack(sys.argv[1], sys.argv[1] + '.arrow', jobs=1)"
)
IMPORTS = "import linework.datasets.pack"


def main() -> None:
    parser = argparse.ArgumentParser(description="pack beside PyPI ndjson")
    default = os.environ.get("LINEWORK_DATA") or Path(__file__).parents[2] / "shared/data"
    parser.add_argument("--data", type=Path, default=Path(default))
    parser.add_argument("--repeat", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "large.ndjson")
        build(args.data / "quickdraw/simplified", source)
        print(f"{source.stat().st_size / 1e6:.0f} MB; the least of {args.repeat} runs of each")
        runs = {"ndjson": NDJSON, "pack": PACK, "imports of pack": IMPORTS}
        least = {name: (float("inf"), float("inf")) for name in runs}
        for _ in range(args.repeat):
            for name, code in runs.items():
                cpu, peak = measure(code, source)
                least[name] = (min(least[name][0], cpu), min(least[name][1], peak))
        for name, (cpu, peak) in least.items():
            print(f"{name:16} {cpu:6.2f} s CPU {peak:6.0f} MB peak")
        print(f"ratio of CPU     {least['pack'][0] / least['ndjson'][0]:6.3f}")
        random_rows(source.with_name("large.ndjson.arrow"), Path(folder, "million.arrow"))


def build(folder: Path, out: Path) -> None:
    """Real lines, each time round with other keys, up to `SIZE` bytes."""
    lines = [line for p in sorted(folder.glob("*.ndjson")) for line in p.open("rb")]
    if not lines:
        sys.exit(f"{folder}: no *.ndjson here; pass --data")
    key = re.compile(rb'"key_id":"\d+"')
    with out.open("wb") as file:
        count = 0
        while file.tell() < SIZE:
            line = lines[count % len(lines)]
            file.write(key.sub(b'"key_id":"%d"' % (4_503_599_627_370_496 + count), line))
            count += 1


def measure(code: str, source: Path) -> tuple[float, float]:
    """CPU seconds and peak MB of a fresh process."""
    process = subprocess.Popen([sys.executable, "-c", code, str(source)])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"failed with {process.returncode}: {code}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000


def random_rows(small: Path, large: Path) -> None:
    batches = DrawingTable.open(small).batches
    with TableWriter(large) as writer:
        while writer.rows < ROWS:
            for batch in batches:
                writer.write(batch)
    wall, cpu = time.perf_counter(), cpu_seconds()
    table = DrawingTable.open(large)
    print(
        f"open {len(table):,} drawings: {1e3 * (time.perf_counter() - wall):.1f} ms, "
        f"{1e3 * (cpu_seconds() - cpu):.1f} ms CPU"
    )
    rows = np.random.default_rng(0).integers(0, len(table), SAMPLED_ROWS).tolist()
    for what, get in (("a random Drawing", table.__getitem__), ("its flat points", table.flat)):
        wall, cpu = time.perf_counter(), cpu_seconds()
        for row in rows:
            get(row)
        print(
            f"{what}: {1e6 * (time.perf_counter() - wall) / len(rows):.1f} us, "
            f"{1e6 * (cpu_seconds() - cpu) / len(rows):.1f} us CPU"
        )


def cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
