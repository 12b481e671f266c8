"""Quick, Draw! raw -> simplified on every pair: how many strokes are exact, drawings a second.

    python benchmarks/bench_simplify.py [--data ../shared/data]

A pair is one key_id in both raw/ and simplified/. Goal: every stroke bit for
bit, at 300 drawings per CPU-second or more, in one thread. "One by one" calls
`simplify_raw` a drawing; "in bulk" is what `pack` does.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import numpy as np
from linework.strokes.int_strokes import GROUP_DRAWINGS
from linework.strokes.lines import line_chunks
from linework.strokes.quickdraw import Record, decode_record
from linework.strokes.quickdraw_recipe import simplify_batch, simplify_raw


def main() -> None:
    parser = argparse.ArgumentParser(description="raw -> simplified on every pair")
    default = os.environ.get("LINEWORK_DATA") or Path(__file__).parents[2] / "shared/data"
    parser.add_argument("--data", type=Path, default=Path(default))
    args = parser.parse_args()
    wanted = {r.key_id: r.drawing for r in records(args.data / "quickdraw/simplified")}
    raw = [r for r in records(args.data / "quickdraw/raw") if r.key_id in wanted]
    if not raw:
        sys.exit(f"{args.data}: no pairs under quickdraw/raw and quickdraw/simplified")

    cpu = time.process_time()
    results = [simplify_raw([(s[0], s[1]) for s in r.drawing]) for r in raw]
    cpu = time.process_time() - cpu
    strokes = exact = 0
    for record, result in zip(raw, results, strict=True):
        for got, want in zip(result, wanted[record.key_id], strict=True):
            strokes += 1
            exact += got.T.tolist() == want
    print(f"{len(raw):,} pairs, {strokes:,} strokes: {exact:,} exact, {strokes - exact:,} not")
    print(f"one by one: {len(raw) / cpu:,.0f} drawings per CPU-second")

    groups = [raw[i : i + GROUP_DRAWINGS] for i in range(0, len(raw), GROUP_DRAWINGS)]
    cpu = time.process_time()
    for group in groups:
        arrays = [np.array(s[:2], np.float64).T for r in group for s in r.drawing]
        simplify_batch(
            np.concatenate(arrays),
            np.cumsum([0] + [len(a) for a in arrays]),
            np.cumsum([0] + [len(r.drawing) for r in group]),
        )
    print(f"in bulk:    {len(raw) / (time.process_time() - cpu):,.0f} drawings per CPU-second")


def records(folder: Path) -> list[Record]:
    return [
        decode_record(line, f"{path}:{number}")
        for path in sorted(folder.glob("*.ndjson*"))
        for chunk in line_chunks(path)
        for number, line in enumerate(chunk.lines, chunk.number)
        if line
    ]


if __name__ == "__main__":
    main()
