"""Annotation converters beside one another on hostile files, and linework's pace and memory.

    python benchmarks/bench_annotations.py --peers PYTHON
    python benchmarks/bench_annotations.py --files 100000 [--jobs 2] [--to coco]

PYTHON is an interpreter with labelme2coco and supervision (`pip install labelme2coco
supervision`, in an environment of their own). The cases are those of tests/datasets/torture.py,
each in a folder of its own, converted to COCO alone. pycocotools draws what comes out. A
case that has masks is *right* where each label's px agree with the truth by an IoU of .95,
*refused* where the tool says what it leaves out, *crash* where an exception ends it,
*silent* where something is missing or wrong and nothing was said.

Of --files: a row of target, files, processes, wall seconds, CPU-seconds, files a second, CPU-ms a
file, and the most MB that this process and the largest worker held.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "datasets"))

ALIKE = 0.95
FARTHEST = 1e5  # px
PEERS = ("labelme2coco", "supervision")


def main() -> None:
    """Prints the table asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", metavar="PYTHON")
    parser.add_argument("--files", type=int)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--to", default="coco")
    options = parser.parse_args()
    warnings.filterwarnings("ignore", message="__array__ implementation")
    with tempfile.TemporaryDirectory() as folder:
        if options.peers:
            print(compared(Path(folder), options.peers))
        if options.files:
            print(paced(Path(folder), options.files, options.jobs, options.to))


# ------------------------------------------------------------------ beside peers


def compared(root: Path, python: str) -> str:
    """The table of cases and tools."""
    import torture

    names, cases = list(torture.CASES), list(torture.CASES.values())
    folders = [root / torture.folder_of(number) for number in range(len(names))]
    torture.write_all(root)
    outcomes = {"linework": [_ours(f, c) for f, c in zip(folders, cases, strict=True)]}
    script = Path(__file__).with_name("annotation_peers.py")
    for tool in PEERS:
        command = [python, str(script), tool, *map(str, folders)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        results = [json.loads(line) for line in done.stdout.splitlines()]
        outcomes[tool] = [_judge(c, r) for c, r in zip(cases, results, strict=True)]
    lines = ["| case | " + " | ".join(outcomes) + " |", "|---" * (len(outcomes) + 1) + "|"]
    for number, name in enumerate(names):
        cells = [found[number] for found in outcomes.values()]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    kinds = ("right", "refused", "crash", "silent")
    lines += ["", "| of " + str(len(names)) + " | " + " | ".join(kinds) + " |", "|---" * 5 + "|"]
    for tool, found in outcomes.items():
        counts = Counter(cell.split(":")[0] for cell in found)
        lines.append(f"| {tool} | " + " | ".join(str(counts[kind]) for kind in kinds) + " |")
    return "\n".join(lines)


def _ours(folder: Path, case: Any) -> str:
    from linework.datasets.annotations import Options, convert_annotations
    from linework.strokes.errors import LineworkError

    out = folder.parent / f"{folder.name}-linework"
    try:
        report = convert_annotations(folder, out, Options("coco"))
    except LineworkError as error:
        return _judge(case, {"file": None, "error": None, "said": str(error)})
    said = str(report) if report.lost else ""
    return _judge(case, {"file": str(report.out), "error": None, "said": said})


def _judge(case: Any, result: dict[str, Any]) -> str:
    """What a tool made of a case."""
    if result["error"]:
        return f"crash: {result['error'].split(':')[0].rsplit('.', 1)[-1]}"
    count, masks = (0, {}) if result["file"] is None else _masks(Path(result["file"]))
    wanted = {label: _truth(mask) for label, mask in case.masks.items()}
    good = set(masks) == set(wanted) and all(_alike(masks[k], wanted[k]) for k in wanted)
    good = good and count == (len(wanted) if case.count is None else case.count)
    if good and not case.lost:
        return "right"
    if good or not masks:
        said = any(word.lower() in result["said"].lower() for word in case.lost)
        return "refused" if case.lost and said else "silent: nothing said"
    missing = sorted(set(wanted) - set(masks))
    extra = sorted(set(masks) - set(wanted))
    if missing or extra:
        return "silent: " + ", ".join(
            [*(f"no {m!a}" for m in missing), *(f"a class {e!a}" for e in extra)]
        )
    return "silent: wrong px" if count == len(wanted) else f"silent: {count} annotations"


def _truth(mask: Any) -> Any:
    return mask if isinstance(mask, np.ndarray) else float(mask)


def _alike(found: np.ndarray, wanted: Any) -> bool:
    if isinstance(wanted, float):
        return bool(abs(found.sum() - wanted) <= max(0.05 * wanted, 3))
    if found.shape != wanted.shape:
        return False
    return bool((found & wanted).sum() / max((found | wanted).sum(), 1) >= ALIKE)


def _masks(path: Path) -> tuple[int, dict[str, np.ndarray]]:
    """How many annotations, and the px of each label."""
    from pycocotools import mask as coco_mask

    data = json.loads(path.read_text("utf-8"))
    names = {c["id"]: c["name"] for c in data["categories"]}
    sizes = {i["id"]: (i["height"], i["width"]) for i in data["images"]}
    masks: dict[str, np.ndarray] = {}
    for item in data["annotations"]:
        height, width = sizes[item["image_id"]]
        given = item.get("segmentation")
        try:
            if isinstance(given, dict):
                uncompressed = isinstance(given["counts"], list)
                rle = coco_mask.frPyObjects(given, height, width) if uncompressed else given
            else:
                if max(abs(n) for polygon in given for n in polygon) > FARTHEST:
                    raise ValueError("pycocotools would take all memory to draw this")
                rle = coco_mask.merge(coco_mask.frPyObjects(given, height, width))
            drawn = coco_mask.decode(rle).astype(bool)
        except Exception:  # no segmentation, or none that pycocotools takes
            drawn = np.zeros((height, width), bool)
        name = str(names[item["category_id"]])
        masks[name] = masks[name] | drawn if name in masks else drawn
    return len(data["annotations"]), masks


# ------------------------------------------------------------------ pace


def paced(root: Path, files: int, jobs: int, target: str) -> str:
    """Files a second and memory, on small pictures with three shapes each."""
    from linework.datasets.annotations import Options, convert_annotations

    photos = root / "photos"
    _make(photos, files)
    begin, before = time.perf_counter(), _cpu()
    convert_annotations(photos, root / "out", Options(target), jobs=jobs)
    wall, cpu = time.perf_counter() - begin, _cpu() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return (
        f"| {target} | {files:,} | {jobs} | {wall:.0f} | {cpu:.0f} | {files / wall:.0f} | "
        f"{1000 * cpu / files:.2f} | {peak:.0f} | {workers:.0f} |"
    )


def _cpu() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _make(photos: Path, files: int) -> None:
    """Pictures of 256 x 192 px, a hundred a folder, each with two polygons and a rectangle."""
    from PIL import Image

    rng = np.random.default_rng(0)
    photos.mkdir()
    ramp = np.add.outer(np.arange(192), np.arange(256))[..., None] * (0.5, 0.4, 0.3)
    Image.fromarray(ramp.astype(np.uint8)).save(photos.parent / "a.jpg")  # small: disks are too
    data = (photos.parent / "a.jpg").read_bytes()
    for number in range(files):
        folder = photos / f"{number // 100:04d}"
        if number % 100 == 0:
            folder.mkdir()
        shapes = []
        for _ in range(2):
            angles = np.sort(rng.uniform(0, 2 * np.pi, 16))
            reach = rng.uniform(15, 60, 16)
            centre = rng.uniform((60, 60), (196, 132))
            points = centre + np.stack([reach * np.cos(angles), reach * np.sin(angles)], 1)
            label = str(rng.choice(["cat", "dog", "tree"]))
            shapes.append({"label": label, "points": points.tolist(), "shape_type": "polygon"})
        shapes.append({"label": "sky", "points": [[0, 0], [256, 40]], "shape_type": "rectangle"})
        content = {
            "version": "5.5.0", "flags": {}, "shapes": shapes, "imagePath": f"{number:06d}.jpg",
            "imageData": None, "imageHeight": 192, "imageWidth": 256,
        }  # fmt: skip
        (folder / f"{number:06d}.json").write_text(json.dumps(content))
        if not os.path.exists(folder / f"{number:06d}.jpg"):
            (folder / f"{number:06d}.jpg").write_bytes(data)


if __name__ == "__main__":
    main()
