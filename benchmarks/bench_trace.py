"""Tracing beside its peers, on a set of drawings whose strokes are known.

    python benchmarks/bench_trace.py SET [--tools linework,potrace,autotrace,vtracer]
    python benchmarks/bench_trace.py --warm SET

SET is a folder made by the tracing benchmark's setup script: pictures, true strokes, and
its bench.py, which defines and computes every figure. Tools that are not installed are
left out. Times are CPU time: within the process for linework and vtracer, of whole processes,
which start in a few ms, for autotrace and potrace. With --warm the mild pictures are
traced one after another in one process and one thread, as by a program that traces many.
"""

from __future__ import annotations

import argparse
import csv
import resource
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

# How each tool is called: what it needs, what it gives, and the line to run.
_SELF = f"{sys.executable} {Path(__file__).resolve()}"
_VTRACER = (
    "import time, vtracer as v; t = time.process_time(); "
    "v.convert_image_to_svg_py('{bin}', '{out}', colormode='binary'); "
    "print('BENCH_MS=%.2f' % (1e3 * (time.process_time() - t)))"
)
TOOLS = {
    "linework": (None, "centerline", f"{_SELF} --one {{png}} {{out}}"),
    "autotrace": (
        "autotrace",
        "centerline",
        f"{_SELF} --cpu autotrace -centerline -background-color FFFFFF -output-format svg "
        "-output-file {out} {bin}",
    ),
    "potrace": ("potrace", "outline", f"{_SELF} --cpu potrace -s {{pbm}} -o {{out}}"),
    "vtracer": (None, "outline", f'{{py}} -c "{_VTRACER}"'),
}
CONDITIONS = ("mild", "scan", "gap")
FIGURES = (
    "f1_1", "f1_0.5", "chamfer", "jf1_1", "xcont", "frag", "end_f1", "gapclose",
    "paths", "segs", "iou", "ms_mp",
)  # fmt: skip


def one(picture: str, out: str) -> None:
    """Traces one picture as `bench.py` calls it, and says how long that took."""
    import numpy as np
    from linework.strokes.images import read_image
    from linework.strokes.svg_write import write_svg
    from linework.strokes.trace import trace_curves

    image = read_image(picture)
    # Imports are not the tracer's work: a first line is traced before the clock starts.
    cross = np.full((64, 64), 255, np.uint8)
    cross[30:34, 8:56] = cross[8:56, 30:34] = 0
    trace_curves(cross)
    begin = time.process_time()
    tracing = trace_curves(image)
    print(f"BENCH_MS={(time.process_time() - begin) * 1e3:.2f}")
    write_svg(tracing.drawing, out, curves=tracing.curves)


def cpu(command: list[str]) -> None:
    """Runs a tool, and says how much CPU time it took."""
    subprocess.run(command, check=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"BENCH_MS={(used.ru_utime + used.ru_stime) * 1e3:.2f}")


def rows(folder: Path) -> list[dict[str, str]]:
    """bench.py's results, with paths and segments over the true numbers and ms per megapixel."""
    with open(folder / "results.csv", newline="") as file:
        found = list(csv.DictReader(file))
    for row in found:
        for name, true in (("paths", "gt_strokes"), ("segs", "gt_segs")):
            if row[name]:
                row[name] = str(float(row[name]) / float(row[true]))
        row["ms_mp"] = str(float(row["in_ms"] or row["wall_ms"]) / (int(row["size"]) ** 2 / 1e6))
    return found


def summary(found: list[dict[str, str]]) -> str:
    """Means by tool and condition, as a table for docs/benchmarks.md."""
    groups: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for row in found:
        groups[row["tool"], row["cond"]].append(row)
    lines = ["| tool | set | " + " | ".join(FIGURES) + " |", "|---" * (len(FIGURES) + 2) + "|"]
    for tool in TOOLS:
        for condition in CONDITIONS:
            members = groups.get((tool, condition), [])
            if members:
                cells = []
                for figure in FIGURES:
                    values = [float(r[figure]) for r in members if r[figure]]
                    cells.append(f"{sum(values) / len(values):.3f}" if values else "-")
                lines.append(f"| {tool} | {condition} | " + " | ".join(cells) + " |")
    ours = [r for r in found if r["tool"] == "linework"]
    sizes = sorted({int(r["size"]) for r in found})
    lines += ["", "| CPU ms per megapixel, mild; densest page | "]
    lines[-1] += " | ".join(f"{size} px" for size in sizes) + " |"
    lines.append("|---" * (len(sizes) + 1) + "|")
    for tool in TOOLS:
        cells = []
        for size in sizes:
            members = [r for r in groups.get((tool, "mild"), []) if int(r["size"]) == size]
            times = [float(r["ms_mp"]) for r in members]
            cells.append(f"{sum(times) / len(times):.0f}; {max(times):.0f}" if times else "-")
        lines.append(f"| {tool} | " + " | ".join(cells) + " |")
    gaps = [(float(r["gapclose"]), int(r["n_gap"])) for r in ours if r["gapclose"]]
    if gaps:
        pooled = sum(share * n for share, n in gaps) / sum(n for _, n in gaps)
        lines.append(f"\ngaps closed, pooled: {pooled:.3f}")
    return "\n".join(lines)


def warm(folder: str) -> None:
    """Prints CPU-ms a megapixel of the mild pictures of each size, all in this process."""
    import cv2
    from linework.strokes.images import read_image
    from linework.strokes.trace import trace_curves

    cv2.setNumThreads(1)
    for size in (256, 512, 1024, 2048):
        spent = []
        for path in sorted(Path(folder, "set").glob(f"*_{size}_mild.png")):
            image = read_image(path)
            if not spent:
                trace_curves(image)
            begin = time.process_time()
            trace_curves(image)
            spent.append(1e9 * (time.process_time() - begin) / (image.shape[0] * image.shape[1]))
        if spent:
            mean = sum(spent) / len(spent)
            print(f"{size} px: {mean:.0f} ms a megapixel, the densest page {max(spent):.0f}")


def main() -> None:
    """Runs the tools over the set, one after another, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("set", type=Path)
    parser.add_argument("--tools", default=",".join(TOOLS))
    parser.add_argument("--filter", default="", help="only pictures whose name holds this")
    options = parser.parse_args()
    python = options.set / "venv" / "bin" / "python"
    names = []
    added = []
    for name in options.tools.split(","):
        needs, kind, line = TOOLS[name]
        if needs is not None and shutil.which(needs) is None:
            print(f"{name} is not installed and is left out", file=sys.stderr)
            continue
        names.append(name)
        added += ["--add", f"{name}={kind}:{line}"]
    narrowed = ["--filter", options.filter] if options.filter else []
    (options.set / "results.csv").unlink(missing_ok=True)
    for step in (["run", "--force"], ["eval"]):
        command = [python.absolute(), "bench.py", *step, "--tools", ",".join(names), *added]
        subprocess.run([*command, *narrowed], cwd=options.set, check=True, stdout=sys.stderr)
    print(summary(rows(options.set)))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(*sys.argv[2:])
    elif sys.argv[1:2] == ["--cpu"]:
        cpu(sys.argv[2:])
    elif sys.argv[1:2] == ["--warm"]:
        warm(sys.argv[2])
    else:
        main()
