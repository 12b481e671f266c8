"""The stages of `linework pipeline`: each reads the files of those before it and writes its own.

A stage takes all sketches in hand. What needs a network is asked of it together; the rest is
done one sketch after another. A sketch that cannot be worked on is left behind with the
reason, and does not stop the others.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ..datasets.label_png import label_png_bytes
from ..datasets.labels import (
    UNLABELLED,
    UInt8Array,
    count_labels,
    vocabulary,
)
from ..strokes import Drawing, draw_ink
from ..strokes.errors import LineworkError
from ..strokes.files import read_drawings
from ..strokes.fill import TOLERANCE
from ..strokes.images import MAX_PIXELS, read_image, to_grey
from ..strokes.png_bytes import array_png
from ..strokes.svg_write import svg_text
from .filling import numbers_png
from .labelling_scenes import fill_scene, known_pixels, lay_by_network, lay_by_rule, propose
from .painting_many import as_indices, paint_many
from .scene_objects import NAMES, SceneObject, find_objects, objects_text
from .tracing import TraceOptions, trace_picture
from .whole_files import (
    SHOWN,
    as_json,
    check_drawing,
    map_size,
    read_brush,
    read_map,
    read_numbers,
    read_scene,
    read_strokes,
    shrunk,
)
from .whole_models import Models
from .whole_record import (
    CLEAN,
    LABELS,
    LABELS_JSON,
    OBJECTS,
    OBJECTS_PICTURE,
    PICTURE,
    REGIONS,
    REGIONS_JSON,
    SKETCH,
    STROKES,
    Folder,
)

Note = Callable[[str], None]
BACKGROUNDS = ("network", "rule")
SIZE, SEED = 512, 0
# Strokes of different objects in objects' pictures.
OBJECT_COLORS = (
    *("#c8553d", "#2f6690", "#5b8e4e", "#a4508b", "#d08c2a", "#3a8f8a", "#7a5c3e", "#6a5acd"),
    *("#b03060", "#4a7a2c", "#1f4e79", "#8a6d1f"),
)


@dataclass(frozen=True, slots=True)
class PipelineOptions:
    """How sketches become pictures; the record of a run holds it.

    Args:
        words: what the sketches show; others are not considered. None says any.
        size: px of the longer side of maps and pictures.
        seed: of the picture.
        tolerance: the widest gap of an outline that is closed, a share of its box's diagonal.
        style: a picture that lends its light and season, or None.
        labels: the user's own label map, 255 where it is open, or None.
        background: "network", or "rule" for the horizon rule.
        clean: whether pictures are cleaned before they are traced.
        max_pixels: larger pictures are refused.
    """

    words: tuple[str, ...] = ()
    size: int = SIZE
    seed: int = SEED
    tolerance: float = TOLERANCE
    style: str | None = None
    labels: str | None = None
    background: str = BACKGROUNDS[0]
    clean: bool = True
    max_pixels: int = MAX_PIXELS


@dataclass(slots=True)
class Job:
    """A sketch on its way.

    Args:
        folder: its files and record.
        options: how.
        drawing: the sketch where it is a drawing and was just read, else None.
        failed: why it was left behind, or None.
        seconds: by stage, of this run.
    """

    folder: Folder
    options: PipelineOptions
    drawing: Drawing | None = None
    failed: str | None = None
    seconds: dict[str, float] = field(default_factory=dict)


def clean_stage(jobs: Sequence[Job], models: Models, note: Note) -> None:
    """Pictures to their clean lines; drawings are shown as they are."""

    def work(job: Job) -> dict[str, Any]:
        folder = job.folder
        if not folder.is_picture:
            folder.write(SKETCH, array_png(draw_ink(_given(job), _shown(_given(job)))), note)
            return {"method": "none: a drawing"}
        picture = read_image(folder.source, max_pixels=job.options.max_pixels)
        folder.write(SKETCH, array_png(shrunk(picture)), note)
        if not job.options.clean:
            folder.write(CLEAN, array_png(to_grey(picture)), note)
            return {"method": "none: as asked"}
        folder.write(CLEAN, array_png(models.cleaner().clean(picture)), note)
        return {"method": models.simplifier}

    _each(jobs, "clean", models, work)


def trace_stage(jobs: Sequence[Job], models: Models, note: Note) -> None:
    """Clean lines to strokes; a drawing's strokes are its own."""

    def work(job: Job) -> dict[str, Any]:
        folder = job.folder
        if folder.is_picture:
            options = TraceOptions(max_pixels=job.options.max_pixels)
            tracing = trace_picture(folder.path / CLEAN, options)
            drawing, curves = tracing.drawing, tracing.curves
        else:
            drawing, curves = _given(job), None
        check_drawing(drawing, folder.source)
        folder.write(STROKES, svg_text(drawing, curves=curves).encode(), note)
        method = "traced" if folder.is_picture else "as given"
        return {"method": method, "strokes": len(drawing.strokes)}

    _each(jobs, "trace", models, work)


def recognise_stage(jobs: Sequence[Job], models: Models, note: Note) -> None:
    """Strokes to objects with labels; all that layers do not name in one call."""
    begun, loaded = time.perf_counter(), models.seconds
    read: list[tuple[Job, Drawing]] = []
    for job in jobs:
        try:
            drawing = read_strokes(job.folder)
            check_drawing(drawing, str(job.folder.path / STROKES))
            read.append((job, drawing))
        except LineworkError as error:
            job.failed = str(error)
    found: dict[int, tuple[SceneObject, ...]] = {}
    for words in dict.fromkeys(job.options.words for job, _ in read):
        some = [(job, drawing) for job, drawing in read if job.options.words == words]
        try:
            objects = find_objects([drawing for _, drawing in some], models.recognise, words)
            found |= {id(job): one for (job, _), one in zip(some, objects, strict=True)}
        except LineworkError as error:
            if len(some) == 1:
                some[0][0].failed = str(error)
                continue
            for job, drawing in some:  # whose fault it was
                try:
                    found[id(job)] = find_objects([drawing], models.recognise, words)[0]
                except LineworkError as own:
                    job.failed = str(own)
    share = _share(begun, loaded, models, len(jobs))

    def work(job: Job) -> dict[str, Any]:
        drawing, objects = drawings[id(job)], found[id(job)]
        text = objects_text(STROKES, drawing, objects)
        job.folder.write(OBJECTS, text.encode(), note)
        shown = objects_drawing(drawing, objects)
        job.folder.write(OBJECTS_PICTURE, svg_text(shown).encode(), note)
        unsure = [f"{one.number} ({one.word or 'empty'}?)" for one in objects if one.label is None]
        if unsure:
            note(f"{job.folder.path / OBJECTS}: without a label: {', '.join(unsure)}")
        methods: dict[str, int] = {}
        for one in objects:
            methods[one.method] = methods.get(one.method, 0) + 1
        return {"method": methods, "objects": len(objects), "model": models.recogniser}

    drawings = {id(job): drawing for job, drawing in read}
    _each([job for job in jobs if id(job) in found], "recognise", models, work, share)


def fill_stage(jobs: Sequence[Job], models: Models, note: Note) -> None:
    """Objects to regions."""

    def work(job: Job) -> dict[str, Any]:
        drawing, objects = read_scene(job.folder)
        size = map_size(drawing, job.options.size)
        regions = fill_scene(drawing, objects, size, job.options.tolerance)
        job.folder.write(REGIONS, numbers_png(regions.numbers), note)
        labels = {one.number: one for one in objects}
        rows = [
            asdict(row) | {"label": labels[row.number].label, "id": labels[row.number].id}
            for row in regions.rows
        ]
        record = {"size": list(size), "pixel": "number of the object, 0 none", "regions": rows}
        job.folder.write(REGIONS_JSON, as_json(record), note)
        for row in regions.rows:
            if row.area == 0 and row.method != "land":
                note(
                    f"{job.folder.path / REGIONS}: nothing is seen of object {row.number}: it is "
                    "off the canvas or covered"
                )
        methods: dict[str, int] = {}
        for row in regions.rows:
            methods[row.method] = methods.get(row.method, 0) + 1
        return {"method": methods, "tolerance": job.options.tolerance}

    _each(jobs, "fill", models, work)


def labels_stage(jobs: Sequence[Job], models: Models, note: Note) -> None:
    """Regions to dense label maps; the network sees all scenes in one call."""
    begun, loaded = time.perf_counter(), models.seconds
    inputs: dict[int, _Known] = {}
    for job in jobs:
        try:
            inputs[id(job)] = _known(job)
        except (LineworkError, OSError) as error:
            job.failed = _said(error)
    asked = [job for job in jobs if id(job) in inputs and job.options.background == BACKGROUNDS[0]]
    network = models.dense_map() if asked else None
    if asked and network is None:
        note(
            "no densemap ships with this version: the background is laid by the horizon rule; "
            "`linework train densemap --data SCENES --out RUN` trains one, --densemap RUN uses it"
        )
    chances: dict[int, npt.NDArray[np.float32]] = {}
    if network is not None:
        scenes = [inputs[id(job)] for job in asked]
        proposed = propose(network, [(s.drawing, s.objects, s.pixels) for s in scenes])
        chances = {id(job): found for job, found in zip(asked, proposed, strict=True)}
    share = _share(begun, loaded, models, len(jobs))
    names = vocabulary(NAMES)

    def work(job: Job) -> dict[str, Any]:
        scene = inputs[id(job)]
        told: dict[int, str] = {}
        if network is not None and id(job) in chances:
            pixels, told = lay_by_network(
                network, chances[id(job)], scene.drawing, scene.objects, scene.numbers, scene.pixels
            )
            method = models.densemap
        else:
            pixels = lay_by_rule(scene.drawing, scene.objects, scene.pixels)
            method = "rule"
        job.folder.write(LABELS, label_png_bytes(LABELS, pixels, names), note)
        counts = count_labels(pixels, names)
        total = pixels.size
        record = {
            "size": [int(side) for side in pixels.shape[::-1]],
            "vocabulary": names.name,
            "pixel": "id - 1",
            "background": method,
            "known": round(float((scene.pixels != UNLABELLED).mean()), 4),
            "guessed": [{"object": k, "label": label} for k, label in told.items()],
            "labels": [
                {"label": name, "id": names.label(name).id, "share": round(count / total, 4)}
                for name, count in counts.items()
            ],
        }
        job.folder.write(LABELS_JSON, as_json(record), note)
        if told:
            guessed = ", ".join(f"{k} for {label}" for k, label in told.items())
            note(f"{job.folder.path / LABELS}: objects without a label are taken, {guessed}")
        return {"method": method, "labels": len(counts), "guessed": len(told)}

    _each([job for job in jobs if id(job) in inputs], "labels", models, work, share)


def paint_stage(jobs: Sequence[Job], models: Models, note: Note) -> None:
    """Label maps to pictures, those of one size, seed and style in one call."""
    begun, loaded = time.perf_counter(), models.seconds
    try:
        painter, palette = models.painter_and_palette()
    except LineworkError as error:
        for job in jobs:
            job.failed = str(error)
        return
    maps: dict[int, UInt8Array] = {}
    for job in jobs:
        where = job.folder.path / LABELS
        try:
            pixels = read_map(job.folder)
            maps[id(job)] = as_indices(
                pixels, vocabulary(NAMES), palette, lambda text, at=where: note(f"{at}: {text}")
            )
        except (LineworkError, OSError) as error:
            told = _said(error)
            job.failed = told if str(where) in told else f"{where}: {told}"
    pictures: dict[int, UInt8Array] = {}
    ready = [job for job in jobs if id(job) in maps]
    for seed, style in dict.fromkeys((job.options.seed, job.options.style) for job in ready):
        some = [j for j in ready if (j.options.seed, j.options.style) == (seed, style)]
        try:
            shared = None if style is None else models.style(style)
        except LineworkError as error:
            for job in some:
                job.failed = f"--style: {error}"
            continue
        try:
            painted = paint_many([maps[id(job)] for job in some], painter, seed, shared)
            pictures |= {id(job): one for job, one in zip(some, painted, strict=True)}
        except LineworkError as error:
            for job in some:
                job.failed = f"{job.folder.path / LABELS}: {error}"
    share = _share(begun, loaded, models, len(jobs))

    def work(job: Job) -> dict[str, Any]:
        job.folder.write(PICTURE, array_png(pictures[id(job)]), note)
        return {"method": models.painter, "seed": job.options.seed}

    _each([job for job in ready if id(job) in pictures], "paint", models, work, share)


RUN: dict[str, Callable[[Sequence[Job], Models, Note], None]] = {
    "clean": clean_stage,
    "trace": trace_stage,
    "recognise": recognise_stage,
    "fill": fill_stage,
    "labels": labels_stage,
    "paint": paint_stage,
}


def objects_drawing(drawing: Drawing, objects: Sequence[SceneObject]) -> Drawing:
    """The strokes in a colour and a layer of each object, called what it is."""
    owner = {k: one for one in objects for k in one.strokes}
    strokes = []
    for k, stroke in enumerate(drawing.strokes):
        one = owner.get(k)
        if one is None:
            strokes.append(stroke.replace(color="#bbbbbb", layer="none"))
            continue
        color = OBJECT_COLORS[(one.number - 1) % len(OBJECT_COLORS)]
        name = one.label or one.word or "unlabelled"
        strokes.append(stroke.replace(color=color, layer=f"{name} {one.number}"))
    return drawing.with_strokes(strokes)


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """A scene and what is known of its map; see `known_pixels`."""

    drawing: Drawing
    objects: tuple[SceneObject, ...]
    numbers: npt.NDArray[np.int64]
    pixels: UInt8Array


def _known(job: Job) -> _Known:
    drawing, objects = read_scene(job.folder)
    size = map_size(drawing, job.options.size)
    numbers = read_numbers(job.folder.path / REGIONS, size, len(objects))
    brush = None
    if job.options.labels is not None:
        brush = read_brush(job.options.labels, size)
    return _Known(drawing, objects, numbers, known_pixels(numbers, objects, brush))


def _given(job: Job) -> Drawing:
    if job.drawing is None:
        for number, drawing in enumerate(read_drawings(job.folder.source), 1):
            if number == job.folder.number:
                job.drawing = drawing
                return drawing
        raise LineworkError(f"{job.folder.source}: has no drawing {job.folder.number}")
    return job.drawing


def _each(
    jobs: Sequence[Job],
    stage: str,
    models: Models,
    work: Callable[[Job], dict[str, Any]],
    before: float = 0.0,
) -> None:
    """Does a stage's work on each sketch, with `before` seconds of each spent on all together."""
    for job in jobs:
        if job.failed is not None:
            continue
        begun, loaded = time.perf_counter(), models.seconds
        try:
            facts = work(job)
        except (LineworkError, OSError) as error:
            job.failed = _said(error)
            continue
        seconds = before + _share(begun, loaded, models, 1)
        job.seconds[stage] = seconds
        job.folder.done(stage, seconds, **facts)


def _share(begun: float, loaded: float, models: Models, count: int) -> float:
    """Seconds of each of `count` sketches since `begun`, without those spent on loading."""
    return (time.perf_counter() - begun - (models.seconds - loaded)) / max(count, 1)


def _said(error: Exception) -> str:
    if isinstance(error, OSError) and not isinstance(error, LineworkError):
        return f"{error.filename}: {error.strerror or error}"
    return str(error)


def _shown(drawing: Drawing) -> tuple[int, int]:
    return map_size(drawing, SHOWN)
