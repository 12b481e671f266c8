"""What a workshop does: pictures cleaned, scenes filled and painted, files opened and written.

Each job takes what the server wrote into its own folder (never a path of the page's) or the page's
message as it came, and calls the functions of `pipeline` and `strokes` that the command line calls.
Models are loaded when they are first needed, and kept.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..strokes import Drawing
from ..strokes.errors import FormatError, LineworkError
from ..strokes.images import read_image
from ..strokes.page_json import to_page
from . import limits, requests
from .answers import as_json, data_url, known_vocabulary, named, preview
from .choices import Choices
from .exporting import exported
from .opening import opened
from .requests import drawing_of, page_labels, pixels_of, read_export, read_message
from .states import READY, ModelState, missing

Progress = Callable[[float, str], None]
# The share of the work that cleaning is, where a picture is cleaned and traced.
_CLEANING = 0.7
# Pictures of which what the network thinks is kept: two rooms' worth.
_LOOKS = 2


@dataclass(frozen=True, slots=True)
class _Look:
    """What the cleaning network thinks of a picture."""

    picture: str
    logits: npt.NDArray[np.float32]


class Bench:
    """The jobs, and the models that they have loaded."""

    def __init__(self, choices: Choices, progress: Progress) -> None:
        self._choices, self._progress = choices, progress
        self._looks: list[_Look] = []
        self._models: Any = None

    def run(self, job: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """What a job returns: `json` to be sent on as it is, or a file's `content`.

        Raises:
            LineworkError: what cannot be done, as a sentence for the page.
        """
        jobs: dict[str, Callable[..., dict[str, Any]]] = {
            "states": self.states,
            "open": self.open,
            "export": self.export,
            "clean": self.clean,
            "fill": self.fill,
            "regions": self.regions,
            "paint": self.paint,
        }
        return jobs[job](**arguments)

    def states(self) -> dict[str, Any]:
        """Which of the models that work here are there."""
        found = {}
        cleaner, painter = self._choices.cleaner, self._choices.painter
        try:
            self._whole().cleaner()
            found["cleaner"] = ModelState(READY, cleaner)
        except LineworkError as error:
            found["cleaner"] = missing(cleaner, error)
        try:
            network, palette = self._painter()
            labels = tuple(label.name for label in palette.names.labels)
            reads = network.config.encoder > 0
            found["painter"] = ModelState(READY, painter, labels=labels, style_picture=reads)
        except LineworkError as error:
            found["painter"] = missing(painter, error)
        return as_json(found)

    def open(self, path: str, name: str, as_picture: bool) -> dict[str, Any]:
        """A file that was dropped on the page.

        Args:
            path: where the server wrote it, with one of `SUFFIXES`.
            name: what the page calls it, for errors.
        """
        return as_json(opened(path, name, as_picture))

    def export(self, body: bytes) -> dict[str, Any]:
        """Drawings or a label map as a file's bytes."""
        content, media = exported(read_export(body))
        return {"content": content, "media": media}

    def clean(self, message: str, path: str) -> dict[str, Any]:
        """A picture to strokes."""
        from ..pipeline.cleaning import drawn_lines
        from ..pipeline.tracing import TraceOptions, trace_picture

        wanted = read_message(message)
        assert isinstance(wanted, requests.Clean)
        what = "tracing"
        with named(path, "the picture"):
            self._progress(0.0, "cleaning" if wanted.clean else what)
            if wanted.clean:
                lines = drawn_lines(self._look(path).logits, wanted.strength)
            else:
                lines = read_image(path, max_pixels=limits.PIXELS)
            self._progress(_CLEANING if wanted.clean else 0.1, what)
            options = TraceOptions(
                gap=wanted.gap,
                line_width=wanted.line_width,
                accuracy=wanted.accuracy,
                layers=wanted.layers and not wanted.clean,
                vary_width=wanted.vary_width,
                max_pixels=limits.PIXELS,
            )
            traced = trace_picture("the picture", options, lambda path, /, *, max_pixels: lines)
        self._progress(1.0, what)
        height, width = lines.shape[:2]
        return as_json(
            {
                "drawing": to_page(traced.drawing),
                "size": (width, height),
                "preview": preview(lines) if wanted.clean else None,
                "empty": not traced.drawing.strokes,
            }
        )

    def fill(self, message: str) -> dict[str, Any]:
        """A doodled scene to a label map, and what may lie behind it."""
        from ..datasets.labels import vocabulary
        from ..pipeline.labelling_scenes import fill_scene, known_pixels, lay_by_rule
        from ..pipeline.scene_objects import NAMES, find_objects

        wanted = read_message(message)
        assert isinstance(wanted, requests.Fill)
        if wanted.vocabulary != NAMES:
            raise LineworkError(f"scenes are filled with labels of {NAMES} alone")
        drawing = drawing_of(wanted.drawing)
        self._progress(0.0, "filling")
        [objects] = find_objects([drawing], self._recognise if wanted.recognise else _unknown)
        size = _map_size(drawing, wanted.size)
        self._progress(0.3, "filling")
        found = fill_scene(drawing, objects, size, wanted.tolerance)
        known = known_pixels(found.numbers, objects, None)
        self._progress(0.8, "filling")
        behind = lay_by_rule(drawing, objects, known)
        rows = []
        for row in found.rows:
            one = objects[row.number - 1]
            box = _box(found.numbers == row.number)
            label = vocabulary(NAMES).find(one.label) if one.label else None
            rows.append(
                {
                    "number": row.number,
                    "name": one.name,
                    "word": one.word,
                    "label": one.label,
                    "id": label.id if label else None,
                    "score": one.score,
                    "told": one.method,
                    "method": row.method,
                    "tolerance": row.tolerance,
                    "area": row.area,
                    "box": box,
                    "strokes": one.strokes,
                }
            )
        return as_json(
            {
                "labels": page_labels(known, NAMES),
                "background": page_labels(behind, NAMES),
                "regions": rows,
            }
        )

    def regions(self, message: str) -> dict[str, Any]:
        """What the lines of a drawing part."""
        from ..pipeline.filling import FillOptions, regions_of_drawing

        wanted = read_message(message)
        assert isinstance(wanted, requests.Regions)
        drawing = drawing_of(wanted.drawing)
        options = FillOptions(tolerance=wanted.tolerance, size=max(_map_size(drawing, wanted.size)))
        found, _ = regions_of_drawing(drawing, options)
        height, width = found.numbers.shape
        return as_json(
            {
                "size": (width, height),
                "numbers": base64.b64encode(found.numbers.astype("<u2").tobytes()).decode(),
                "count": found.count,
                "bridged": found.bridged,
            }
        )

    def paint(self, message: str, style: str | None, seed: int) -> dict[str, Any]:
        """A label map to a picture.

        Args:
            style: where the picture lies that lends its style, or None.
            seed: of the picture where the page names none.
        """
        from ..datasets.labels import UNLABELLED, vocabulary
        from ..pipeline.labelling_scenes import lay_by_rule
        from ..pipeline.painting import paint_labels, read_style
        from ..pipeline.painting_many import as_indices
        from ..pipeline.scene_objects import NAMES

        wanted = read_message(message)
        assert isinstance(wanted, requests.Paint)
        seed = seed if wanted.seed is None else wanted.seed
        names = known_vocabulary(wanted.labels.vocabulary)
        pixels = _checked(pixels_of(wanted.labels), names)
        self._progress(0.0, "painting")
        painter, palette = self._painter()
        open_ = pixels == UNLABELLED
        if open_.any() and names.name == NAMES:
            pixels = lay_by_rule(Drawing(size=wanted.labels.size), (), pixels)
        notes: list[str] = []
        indices = as_indices(pixels, vocabulary(names.name), palette, notes.append)
        lent = None
        if style is not None:
            with named(style, "the style picture"):
                image = read_image(style, max_pixels=limits.PIXELS)
            if image.ndim == 2:
                image = np.repeat(image[:, :, None], 3, axis=2)
            lent = read_style(image, None, painter)
        regions = {_region(name, palette): other for name, other in wanted.regions.items()}
        self._progress(0.2, "painting")
        picture = paint_labels(indices, painter, seed, regions, lent)
        height, width = picture.shape[:2]
        return as_json(
            {
                "picture": data_url(picture, "PNG"),
                "size": (width, height),
                "seed": seed,
                "filled": int(open_.sum()),
                "notes": notes,
            }
        )

    # -- models

    def _whole(self) -> Any:
        if self._models is None:
            from ..pipeline.whole_models import Models

            self._models = Models(
                simplifier=self._choices.cleaner,
                recogniser=self._choices.recogniser,
                painter=self._choices.painter,
            )
        return self._models

    def _painter(self) -> Any:
        return self._whole().painter_and_palette()

    def _recognise(self, drawings: list[Drawing]) -> list[Any]:
        """As the models do it; nothing is known where there is no recogniser."""
        try:
            answers: list[Any] = self._whole().recognise(drawings)
        except LineworkError:
            return _unknown(drawings)
        return answers

    def _look(self, path: str) -> _Look:
        """What the network thinks of a picture, kept for the next slider."""
        for look in self._looks:
            if look.picture == path:
                return look
        image = read_image(path, max_pixels=limits.PIXELS)
        logits = (
            self._whole()
            .cleaner()
            .look(
                image, progress=lambda done, of: self._progress(_CLEANING * done / of, "cleaning")
            )
        )
        look = _Look(path, logits)
        self._looks = [look, *self._looks[: _LOOKS - 1]]
        return look


def _checked(pixels: npt.NDArray[np.uint8], names: Any) -> npt.NDArray[np.uint8]:
    strange = np.unique(pixels[~names.is_pixel[pixels]]).tolist()
    if strange:
        raise FormatError(f"the label map has the pixel {strange[0]}, no label of {names.name}")
    return pixels


def _region(name: str, palette: Any) -> int:
    label = palette.names.find(name)
    if label is None:
        raise LineworkError(f"this painter cannot paint {name!r}")
    return int(palette.pixels.index(label.pixel))


def _unknown(drawings: list[Drawing]) -> list[Any]:
    return [() for _ in drawings]


def _map_size(drawing: Drawing, longer: int) -> tuple[int, int]:
    width, height = drawing.size
    scale = longer / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _box(mask: npt.NDArray[np.bool_]) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return (0, 0, 0, 0)
    return (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
