"""Folders of synthetic scenes in SPADE's layout: `write_scenes`.

    DIR/train_img/000001.png      the picture
    DIR/train_label/000001.png    the label map: indexed, pixel = id - 1 of the scene vocabulary
    DIR/train_inst/000001.png     the instance map: grey, pixel = the thing's id in its scene
    DIR/train_doodle/000001.ndjson  the doodle; its layers say "tree#12", the thing's name and id
    DIR/panoptic_train/000001.png, DIR/panoptic_train.json   the same as COCO panoptic
    DIR/val_... and panoptic_val   the scenes held out
    DIR/scenes.json               how the folder was made

Scene k follows from the seed and k alone, so any number of processes write the same files. A
scene's picture is written last: where it is, the scene is whole, and is not made again.
"""

from __future__ import annotations

import json
import math
import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from ...strokes import Drawing, DrawingTable
from ...strokes.atomic import write_atomically
from ...strokes.errors import FormatError, LineworkError
from ...strokes.record_extras import extras_of
from ...strokes.table import QUICKDRAW_SIZE
from ..label_png import read_label_png, write_label_png
from ..labels import UNLABELLED, Vocabulary, vocabulary
from .doodle import RealDrawings, doodle_scene
from .layout import compose
from .render import Painting, paint_scene
from .themes import THEMES

# Changes whenever equal seeds would give other scenes, so that a folder is never of two kinds.
VERSION = 1
MANIFEST = "scenes.json"
SPLITS = ("train", "val")
PARTS = ("img", "label", "inst", "doodle")
SMALLEST, LARGEST = 32, 4096
# Scenes that a process makes between two looks at the bar.
GROUP = 8

Segment = dict[str, Any]
UInt8Array = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a folder of scenes is made; `scenes.json` holds it.

    Args:
        seed: of all scenes.
        width, height: of the pictures, px.
        themes: which of `THEMES`.
        val: share of the scenes that is held out.
        drawings: name of a packed table of real drawings for the doodles, or None.
        version: of the painter.
    """

    seed: int
    width: int = 256
    height: int = 256
    themes: tuple[str, ...] = THEMES
    val: float = 0.1
    drawings: str | None = None
    version: int = VERSION

    def __post_init__(self) -> None:
        for side in (self.width, self.height):
            if not SMALLEST <= side <= LARGEST:
                raise LineworkError(
                    f"a size of {self.width} x {self.height} px; wanted sides of {SMALLEST} to "
                    f"{LARGEST}"
                )
        if not 0 <= self.val < 1:
            raise LineworkError(f"a held-out share of {self.val:g}; wanted 0 to below 1")
        wrong = [theme for theme in self.themes if theme not in THEMES]
        if wrong or not self.themes:
            raise LineworkError(
                f"the theme {wrong[0] if wrong else ''!r} is none of {', '.join(THEMES)}"
            )

    def split(self, number: int) -> str:
        """ "train" or "val" of scene `number`, from 0, the same however many there will be."""
        return SPLITS[math.floor((number + 1) * self.val) > math.floor(number * self.val)]


def write_scenes(
    folder: str | os.PathLike[str],
    n: int,
    recipe: Recipe,
    *,
    jobs: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Writes the first `n` scenes of a recipe into a folder, which is made; see the file's head.

    What is there already is kept and not made again: after an interruption, or to have more.

    Args:
        jobs: processes.
        progress: called with the scenes done and in all.

    Returns:
        how many scenes were made now.

    Raises:
        LineworkError: a folder that was made by another recipe or cannot be written.
        FormatError: a label or instance map there that is damaged.
    """
    base = Path(folder)
    drawings = _real_drawings(recipe)  # what cannot be read is said before a folder is made
    _prepare(base, recipe)
    groups = [range(a, min(a + GROUP, n)) for a in range(0, n, GROUP)]
    segments: dict[int, list[Segment]] = {}
    made = 0
    if min(jobs, len(groups)) <= 1:
        steps = (_make_group(base, recipe, group, drawings) for group in groups)
    else:
        steps = _in_processes(base, recipe, groups, jobs)
    for found, new in steps:
        segments |= found
        made += new
        if progress is not None:
            progress(len(segments), n)
    for split in SPLITS:
        _write_panoptic_json(base, recipe, split, segments)
    return made


def make_scene(
    recipe: Recipe, number: int, drawings: RealDrawings | None = None
) -> tuple[Painting, bytes]:
    """Scene `number` of a recipe, painted, and the line of ndjson of its doodle."""
    rng = np.random.default_rng([recipe.seed, number])
    theme = recipe.themes[number % len(recipe.themes)]
    scene = compose(int(rng.integers(2**32)), recipe.width, recipe.height, theme=theme)
    painting = paint_scene(scene)
    doodle = doodle_scene(painting, rng, drawings)
    return painting, _line(doodle.replace(key=number + 1))


def _line(doodle: Drawing) -> bytes:
    """A doodle as a line of ndjson, as `strokes.quickdraw` writes it.

    Ours have one decimal at most, so that the shortest decimals need not be looked for, which
    takes ten times as long.
    """
    strokes = []
    for stroke in doodle.strokes:
        x, y = np.round(stroke.points.astype(np.float64), 1).T.tolist()
        times = [] if stroke.time is None else stroke.time.astype(np.int64).tolist()
        strokes.append([x, y, times])
    record = {"word": doodle.label, "key_id": str(doodle.key), "drawing": strokes}
    extras = extras_of(doodle, QUICKDRAW_SIZE)
    return msgspec.json.encode(record | ({} if extras is None else {"linework": extras}))


def label_map(painting: Painting, names: Vocabulary) -> UInt8Array:
    """The painting's label map: uint8 (H, W), id - 1."""
    table = np.full(256, UNLABELLED, np.uint8)
    for thing in painting.scene.things:
        table[thing.id] = names.label(thing.name).pixel
    return table[painting.owner]


def segments_of(
    labels: UInt8Array, instances: UInt8Array, names: Vocabulary
) -> tuple[npt.NDArray[np.int64], list[Segment]]:
    """COCO's panoptic segments: each thing is one, and all stuff of a label is one.

    Args:
        labels, instances: uint8 (H, W); in an instance all px have one label.

    Returns:
        segment numbers int64 (H, W) from 1, 0 unlabelled, and their segments_info.
    """
    is_thing = np.zeros(256, np.bool_)
    is_thing[[label.pixel for label in names.labels if label.kind == "thing"]] = True
    # Stuff is told apart by its label, things by their instance.
    whose = labels.astype(np.int64)
    np.copyto(whose, 256 + instances.astype(np.int64), where=is_thing[labels])
    areas = np.bincount(whose.ravel(), minlength=512)
    areas[UNLABELLED] = 0
    present = np.flatnonzero(areas)
    table = np.zeros(512, np.int64)
    table[present] = np.arange(1, len(present) + 1)
    numbers = table[whose]
    segments = []
    for number, value in enumerate(present.tolist(), 1):
        mask = numbers == number
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        x, y = int(columns[0]), int(rows[0])
        box = [x, y, int(columns[-1]) + 1 - x, int(rows[-1]) + 1 - y]
        category = int(labels[y][mask[y]][0]) + 1
        segments.append(
            {"id": number, "category_id": category, "iscrowd": 0, "area": int(areas[value]),
             "bbox": box}
        )  # fmt: skip
    return numbers, segments


def _prepare(base: Path, recipe: Recipe) -> None:
    """Makes the folders, or finds those of the same recipe."""
    wanted = asdict(recipe) | {"themes": list(recipe.themes)}
    manifest = base / MANIFEST
    if manifest.exists():
        try:
            found = json.loads(manifest.read_text("utf-8"))
        except ValueError as error:
            raise FormatError(f"{manifest}: is not JSON ({error}); remove the folder") from error
        other = [k for k, v in wanted.items() if not isinstance(found, dict) or found.get(k) != v]
        if other:
            seen = found.get(other[0]) if isinstance(found, dict) else found
            raise LineworkError(
                f"{manifest}: the folder was made with {other[0]} {seen}, not {wanted[other[0]]}; "
                "take the same to go on with it, or another folder"
            )
    try:
        for split in SPLITS:
            for part in PARTS:
                (base / f"{split}_{part}").mkdir(parents=True, exist_ok=True)
            (base / f"panoptic_{split}").mkdir(exist_ok=True)
    except OSError as error:
        raise LineworkError(f"{error.filename}: {error.strerror or error}") from error
    if not manifest.exists():
        write_atomically(manifest, (json.dumps(wanted, indent=2) + "\n").encode())


def _make_group(
    base: Path, recipe: Recipe, numbers: range, drawings: RealDrawings | None
) -> tuple[dict[int, list[Segment]], int]:
    """Makes what is missing of some scenes; the segments of all, and how many were made."""
    import cv2

    names = vocabulary("scene")
    found, made = {}, 0
    for number in numbers:
        split, name = recipe.split(number), f"{number + 1:06}"
        paths = {part: base / f"{split}_{part}" / f"{name}.png" for part in PARTS}
        if paths["img"].exists():
            labels = read_label_png(paths["label"], names).pixels
            instances = cv2.imread(str(paths["inst"]), cv2.IMREAD_GRAYSCALE)
            if instances is None or instances.shape != labels.shape:
                raise FormatError(
                    f"{paths['inst']}: is no instance map of its label map's size; remove "
                    f"{paths['img'].name} of {split}_img to have the scene made again"
                )
            found[number] = segments_of(labels, np.asarray(instances, np.uint8), names)[1]
            continue
        painting, line = make_scene(recipe, number, drawings)
        labels = label_map(painting, names)
        ids, found[number] = segments_of(labels, painting.owner, names)
        write_atomically(paths["doodle"].with_suffix(".ndjson"), line + b"\n")
        write_atomically(paths["inst"], _png(painting.owner))
        write_atomically(base / f"panoptic_{split}" / f"{name}.png", _png_of_ids(ids))
        write_label_png(paths["label"], labels, names)
        write_atomically(paths["img"], _png(painting.picture[:, :, ::-1]))
        made += 1
    return found, made


def _png(picture: UInt8Array) -> bytes:
    import cv2

    return bytes(cv2.imencode(".png", np.ascontiguousarray(picture))[1].tobytes())


def _png_of_ids(ids: npt.NDArray[np.int64]) -> bytes:
    """Segment numbers as COCO colours them, R + 256 G; `annotations.panoptic` reads it."""
    channels = [np.zeros_like(ids), ids >> 8, ids & 255]  # blue, green, red
    return _png(np.stack(channels, axis=-1).astype(np.uint8))


def _write_panoptic_json(
    base: Path, recipe: Recipe, split: str, segments: dict[int, list[Segment]]
) -> None:
    names = vocabulary("scene")
    numbers = [k for k in sorted(segments) if recipe.split(k) == split]
    content = {
        "info": {"description": "linework synthetic scenes", **asdict(recipe)},
        "licenses": [],
        "images": [
            {"id": k + 1, "file_name": f"{k + 1:06}.png", "width": recipe.width,
             "height": recipe.height}
            for k in numbers
        ],
        "annotations": [
            {"image_id": k + 1, "file_name": f"{k + 1:06}.png", "segments_info": segments[k]}
            for k in numbers
        ],
        "categories": [
            {"id": label.id, "name": label.name, "supercategory": label.kind,
             "isthing": int(label.kind == "thing"), "color": list(label.rgb)}
            for label in names.labels
        ],
    }  # fmt: skip
    write_atomically(base / f"panoptic_{split}.json", json.dumps(content).encode())


# --- processes -------------------------------------------------------------------------


def _in_processes(
    base: Path, recipe: Recipe, groups: list[range], jobs: int
) -> Iterator[tuple[dict[int, list[Segment]], int]]:
    context = multiprocessing.get_context("spawn")
    workers = min(jobs, len(groups))
    try:
        with ProcessPoolExecutor(workers, context, _start_worker, (recipe,)) as pool:
            tasks = [pool.submit(_work, base, recipe, group) for group in groups]
            for task in as_completed(tasks):
                yield task.result()
    except BrokenProcessPool as error:
        raise LineworkError(
            "a process that made scenes died, likely for want of memory: use fewer jobs; a script "
            'needs the guard `if __name__ == "__main__":`'
        ) from error


_drawings: RealDrawings | None = None


def _start_worker(recipe: Recipe) -> None:
    """Each process opens the drawings once, and paints with one thread."""
    import cv2

    global _drawings
    cv2.setNumThreads(1)
    _drawings = _real_drawings(recipe)


def _work(base: Path, recipe: Recipe, numbers: range) -> tuple[dict[int, list[Segment]], int]:
    return _make_group(base, recipe, numbers, _drawings)


def _real_drawings(recipe: Recipe) -> RealDrawings | None:
    if recipe.drawings is None:
        return None
    return RealDrawings.of(DrawingTable.open(recipe.drawings))
