"""What a drawing shows: `linework recognise` as functions.

A drawing is one doodle, or a scene of several: then its strokes are grouped first, by layer or
by place and time (strokes/grouping.py), and each group is recognised alone. Confidences are
calibrated on held-out Quick, Draw! drawings; a thing that is none of the model's words still gets
one of them, mostly with little confidence.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
import torch

from ..models.doodle_batches import collate_doodles
from ..models.processes import pick_device
from ..models.recogniser import Recogniser
from ..models.registry import load_model
from ..strokes import Drawing
from ..strokes.errors import LineworkError
from ..strokes.grouping import group_strokes
from .pair_sources import Path_
from .quickdraw_form import as_quickdraw

BUNDLED = "recogniser"


@dataclass(frozen=True, slots=True)
class Answer:
    """A word and how sure the recogniser is of it, 0 to 1."""

    word: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Recognised:
    """What one doodle, or one object of a scene, is taken for.

    Args:
        drawing: number of the drawing in its file, from 1.
        strokes: numbers of the strokes that it is, from 0; all of them for a whole drawing.
        name: its layer's name, or the drawing's label; None where it has none.
        box: x0, y0, x1, y1 in px of the drawing.
        answers: the likeliest first; none for a drawing without strokes.
    """

    drawing: int
    strokes: tuple[int, ...]
    name: str | None
    box: tuple[float, float, float, float]
    answers: tuple[Answer, ...]

    def __str__(self) -> str:
        """One line: "cat 81 %, lion 9 %"."""
        return ", ".join(f"{a.word} {a.confidence:.0%}" for a in self.answers) or "empty"


def load_recogniser(
    model: Path_ = BUNDLED, device: torch.device | None = None
) -> tuple[Recogniser, float]:
    """A recogniser in evaluation mode, and the temperature of its logits.

    Raises:
        LineworkError: no such model, or none bundled.
    """
    try:
        network, header = load_model(model, wanted="recogniser", device=device or "cpu")
    except LineworkError as error:
        if str(model) != BUNDLED:
            raise
        raise LineworkError(
            f"{error}. No recogniser ships with this version: `linework train recogniser --data "
            "TABLE --out RUN` trains one, and --model RUN uses it"
        ) from error
    assert isinstance(network, Recogniser)
    return network, float(header.get("temperature", 1.0))


def recognise(
    network: Recogniser, temperature: float, drawings: Sequence[Drawing], k: int = 5
) -> list[tuple[Answer, ...]]:
    """The k likeliest words of each drawing, of any size; none for an empty one.

    Raises:
        DrawingError: a drawing of more line than Quick, Draw!'s recipe takes.
    """
    answers: list[tuple[Answer, ...]] = [()] * len(drawings)
    drawn = [i for i, drawing in enumerate(drawings) if drawing.strokes]
    if not drawn:
        return answers
    device = next(network.parameters()).device
    simple = [as_quickdraw(drawings[i]) for i in drawn]
    flat = [
        (
            np.concatenate([s.points for s in drawing.strokes]).astype(np.float64),
            np.cumsum([len(s) for s in drawing.strokes]),
        )
        for drawing in simple
    ]
    batch = collate_doodles(flat, np.zeros(len(flat)), network.config.side)
    with torch.inference_mode():
        sure = torch.softmax(network(batch.to(device)).double() / temperature, dim=1).cpu()
    values, places = sure.topk(min(k, sure.shape[1]), dim=1)
    for i, value, place in zip(drawn, values.tolist(), places.tolist(), strict=True):
        answers[i] = tuple(
            Answer(network.config.words[p], v) for p, v in zip(place, value, strict=True)
        )
    return answers


def recognise_drawings(
    drawings: Iterable[Drawing],
    *,
    model: Path_ = BUNDLED,
    k: int = 5,
    scene: bool = False,
    device: str | None = None,
) -> Iterator[Recognised]:
    """What each drawing shows, one after another.

    Args:
        model: bundled weights, a training folder, or a weights file.
        k: answers of each.
        scene: whether a drawing holds several objects, to be told apart first.
        device: None is CUDA where there is one.

    Raises:
        LineworkError: no such model.
        DrawingError: as `recognise`.
    """
    network, temperature = load_recogniser(model, pick_device(device))
    for number, drawing in enumerate(drawings, 1):
        [found] = recognise_objects(network, temperature, [(drawing, scene)], k)
        yield from (replace(one, drawing=number) for one in found)


def recognise_objects(
    network: Recogniser, temperature: float, drawings: Sequence[tuple[Drawing, bool]], k: int = 5
) -> list[list[Recognised]]:
    """What each drawing shows, all read together.

    Args:
        drawings: each with whether it is a scene of several objects, to be told apart first.

    Returns:
        Of each drawing its objects, one where it is no scene; `drawing` counts from 1.

    Raises:
        DrawingError: as `recognise`.
    """
    parts: list[Recognised] = []
    pieces: list[Drawing] = []
    for number, (drawing, scene) in enumerate(drawings, 1):
        groups = (
            [(group.strokes, group.name) for group in group_strokes(drawing)]
            if scene
            else [(tuple(range(len(drawing.strokes))), drawing.label)]
        )
        for own, name in groups:
            piece = drawing.with_strokes([drawing.strokes[i] for i in own])
            pieces.append(piece)
            parts.append(Recognised(number, own, name, piece.bounds, ()))
    found = recognise(network, temperature, pieces, k)
    told: list[list[Recognised]] = [[] for _ in drawings]
    for part, answers in zip(parts, found, strict=True):
        told[part.drawing - 1].append(replace(part, answers=answers))
    return told


def as_json(found: Recognised) -> str:
    """One line of JSON."""
    return json.dumps(asdict(found), ensure_ascii=False)
