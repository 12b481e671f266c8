"""Everything that answers while the pen rests: one thread, one model, all pages together.

Requests of all pages wait in one line. Those that draw are planned one after another, and then
drawn together, a row at a time (`models.sketchrnn_batch`); between any two rows those that are no
longer wanted leave and new ones join. What a drawing shows is asked for all that wait at once.
"""

from __future__ import annotations

import logging
import random
import secrets
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..pipeline.plans import (
    Plan,
    plan_completion,
    plan_interpolation,
    plan_reconstruction,
    plan_sample,
)
from ..pipeline.sketcher import drawable
from ..pipeline.streaming import Piece, StrokeStream
from ..strokes import Drawing
from ..strokes.errors import LineworkError
from ..strokes.page_json import PageDrawing, to_page, to_page_stroke
from . import requests
from .live_models import LiveModels
from .requests import Complete, Interpolate, Mimic, Recognise, Sample, drawing_of

# Rows that are drawn together at most, and orders that are planned between two rows: planning
# takes as long as some ten rows of a small batch.
WIDEST = 256
PLANNED_A_ROW = 1
# Progress is told in steps of this.
_PROGRESS = 0.05
LARGEST_SEED = 999_999
SORRY = "Something went wrong in linework itself; the window that runs it says what."

log = logging.getLogger(__name__)
LiveRequest = Complete | Sample | Mimic | Interpolate | Recognise
Tell = Callable[[bool, dict[str, Any]], None]


@dataclass(eq=False, slots=True)
class Task:
    """A request on its way.

    Args:
        tell: is given messages without their id, from the live thread; the flag says whether it
            is the last one.
        unwanted: set from any thread, and nothing more comes of it.
    """

    request: LiveRequest
    tell: Tell
    unwanted: bool = False


@dataclass(eq=False, slots=True)
class _Running:
    """A task that is being drawn."""

    task: Task
    plan: Plan[Any]
    result: Callable[[Any], dict[str, Any]]
    members: list[Any]
    streams: list[StrokeStream] = field(default_factory=list)
    left: int = 0
    told: float = 0.0


class Live:
    """The thread and its line of tasks."""

    def __init__(self, models: LiveModels) -> None:
        self.models = models
        self._waiting: deque[Task] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._running: list[_Running] = []
        self._batch: Any = None
        self._thread = threading.Thread(target=self._work, name="linework-live", daemon=True)

    def start(self) -> None:
        """Begins to load the models, and then to work."""
        self._thread.start()

    def close(self) -> None:
        """Ends after the row that is being drawn."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(timeout=10)

    def submit(self, task: Task) -> None:
        """Puts a task in the line; from any thread."""
        with self._changed:
            self._waiting.append(task)
            self._changed.notify()

    # -- the thread

    def _work(self) -> None:
        self.models.load()
        while True:
            tasks = self._next()
            if tasks is None:
                return
            for task in tasks:
                self._guarded(task, self._begin)
            self._leave()
            asked = [task for task in self._take_recognitions() if not task.unwanted]
            if asked:
                self._recognise(asked)
            if self._running:
                try:
                    self._step()
                except Exception:
                    log.exception("drawing failed")
                    self._give_up()

    def _next(self) -> list[Task] | None:
        """The tasks to plan before the next row, waited for while all is quiet; None at the end."""
        with self._changed:
            while not (self._waiting or self._running or self._closing):
                self._changed.wait()
            if self._closing:
                return None
            ready: list[Task] = []
            width = self._batch.width if self._batch is not None else 0
            later: deque[Task] = deque()
            while self._waiting:
                task = self._waiting.popleft()
                if task.unwanted:
                    continue
                draws = not isinstance(task.request, Recognise)
                if draws and len(ready) < PLANNED_A_ROW and width < WIDEST:
                    ready.append(task)
                else:
                    later.append(task)
            self._waiting = later
            return ready

    def _take_recognitions(self) -> list[Task]:
        with self._changed:
            asked = [task for task in self._waiting if isinstance(task.request, Recognise)]
            for task in asked:
                self._waiting.remove(task)
        return asked

    def _guarded(self, task: Task, action: Callable[[Task], None]) -> None:
        try:
            action(task)
        except LineworkError as error:
            task.tell(True, {"type": "error", "error": str(error)})
        except Exception:
            log.exception("a request failed")
            task.tell(True, {"type": "error", "error": SORRY})

    def _begin(self, task: Task) -> None:
        from ..models.sketchrnn_batch import Batch, Member

        sketcher = self.models.sketcher()
        if self._batch is None:
            self._batch = Batch(sketcher.sampler)
        running = _planned(task, self.models)
        streamed = isinstance(task.request, Complete | Sample)
        for order in running.plan.orders:
            if streamed:
                pen = order.last_pen
                down = [order.prefix is None or pen == "down"] * len(order.condition)
                stream = StrokeStream(
                    running.plan.place, down if isinstance(pen, str) else list(pen)
                )
                running.streams.append(stream)
                running.members.append(Member(sketcher.sampler, order, _telling(task, stream)))
            else:
                running.members.append(Member(sketcher.sampler, order))
        running.left = len(running.members)
        self._batch.add(running.members)
        self._running.append(running)

    def _leave(self) -> None:
        """Those that are no longer wanted go."""
        for running in self._running:
            if running.task.unwanted:
                for member in running.members:
                    member.unwanted = True
        self._running = [running for running in self._running if not running.task.unwanted]

    def _step(self) -> None:
        done = set(map(id, self._batch.step()))
        for running in list(self._running):
            ended = sum(id(member) in done for member in running.members)
            if not ended:
                continue
            running.left -= ended
            if running.left == 0:
                self._running.remove(running)
                self._guarded(running.task, lambda task, running=running: _finish(running))
            else:
                share = 1 - running.left / len(running.members)
                if share - running.told >= _PROGRESS:
                    running.told = share
                    running.task.tell(
                        False, {"type": "progress", "done": round(share, 2), "what": "drawing"}
                    )

    def _give_up(self) -> None:
        """What was being drawn cannot go on; all that wait can."""
        self._batch = None
        for running in self._running:
            running.task.tell(True, {"type": "error", "error": SORRY})
        self._running = []

    def _recognise(self, tasks: Sequence[Task]) -> None:
        """All that wait, read together; each alone where that fails, so that one fails alone."""
        try:
            self._recognised(tasks)
        except Exception:
            for task in tasks:
                self._guarded(task, lambda one: self._recognised([one]))

    def _recognised(self, tasks: Sequence[Task]) -> None:
        from ..pipeline.recognising import recognise_objects

        network, temperature = self.models.recogniser()
        asked: list[tuple[Task, Recognise]] = [
            (task, task.request) for task in tasks if isinstance(task.request, Recognise)
        ]
        found = recognise_objects(
            network,
            temperature,
            [(drawing_of(request.drawing), request.scene) for _, request in asked],
            max(request.k for _, request in asked),
        )
        for (task, request), objects in zip(asked, found, strict=True):
            rows = [
                {
                    "strokes": one.strokes,
                    "name": one.name,
                    "box": [round(v, 2) for v in one.box],
                    "answers": [
                        {"word": a.word, "confidence": round(a.confidence, 4)}
                        for a in one.answers[: request.k]
                    ],
                }
                for one in objects
            ]
            task.tell(True, {"type": "result", "objects": rows})


def _planned(task: Task, models: LiveModels) -> _Running:
    """How a request is drawn, and how its result is told."""
    request, sketcher = task.request, models.sketcher()
    assert not isinstance(request, Recognise)
    seed = secrets.randbelow(LARGEST_SEED + 1) if request.seed is None else request.seed
    common = {
        "temperatures": models.temperatures(request.temperature),
        "max_points": request.max_points,
        "seed": seed,
    }
    plan: Plan[Any]
    if isinstance(request, Sample):
        generator = sketcher.generator(common.pop("seed"))
        word = request.word or _surprise(models, seed)
        plan = plan_sample(sketcher, request.n, generator, word=word, **common)
    elif isinstance(request, Complete):
        drawing = drawable(drawing_of(request.drawing))
        word = models.word_for(drawing, request.word)
        plan = plan_completion(sketcher, drawing, request.n, word=word, **common)
        count = len(drawing.strokes)

        def endings(whole: list[Drawing]) -> dict[str, Any]:
            new = [list(map(to_page_stroke, d.strokes[count:])) for d in whole]
            return {"word": plan.label, "seed": seed, "endings": new}

        return _Running(task, plan, endings, [])
    elif isinstance(request, Mimic):
        drawing = drawing_of(request.drawing)
        if request.temperature is None:
            del common["temperatures"]
        plan = plan_reconstruction(sketcher, drawing, request.n, word=request.word, **common)
    else:
        if request.temperature is None:
            del common["temperatures"]
        return _planned_morph(task, request, models, common, seed)

    def drawings(drawn: list[Drawing]) -> dict[str, Any]:
        return {"word": plan.label, "seed": seed, "drawings": list(map(to_page, drawn))}

    return _Running(task, plan, drawings, [])


def _planned_morph(
    task: Task, request: Interpolate, models: LiveModels, common: dict[str, Any], seed: int
) -> _Running:
    if len(request.ends) == 3:
        raise LineworkError("a morph goes between two drawings or four; got 3")
    if len(request.ends) == 4 and request.steps > requests.GRID_STEPS:
        raise LineworkError(
            f"a grid of {request.steps} x {request.steps}; wanted {requests.GRID_STEPS} at most"
        )
    ends = [drawing_of(page, f"end {k}") for k, page in enumerate(request.ends, 1)]
    ends = [d.replace(label=models.word_for(d, d.label or request.word)) for d in ends]
    plan = plan_interpolation(models.sketcher(), ends, request.steps, **common)

    def rows(drawn: list[list[Drawing]]) -> dict[str, Any]:
        pages: list[list[PageDrawing]] = [list(map(to_page, row)) for row in drawn]
        return {"seed": seed, "rows": pages, "size": drawn[0][0].size}

    return _Running(task, plan, rows, [])


def _surprise(models: LiveModels, seed: int) -> str | None:
    words = models.good_words or models.words
    return random.Random(seed).choice(words) if words else None


def _telling(task: Task, stream: StrokeStream) -> Callable[[list[int], Any], None]:
    def on_row(going: list[int], rows: Any) -> None:
        if not task.unwanted:
            _tell_pieces(task, stream, stream.add(going, rows))

    return on_row


def _tell_pieces(task: Task, stream: StrokeStream, pieces: Sequence[Piece]) -> None:
    style = dict(stream.place.style)
    for piece in pieces:
        if len(piece.points):
            points = [[round(x, 2), round(y, 2)] for x, y in piece.points.tolist()]
            task.tell(
                False,
                {
                    "type": "stroke",
                    "ending": piece.drawing,
                    "stroke": piece.stroke,
                    "points": points,
                    "more": piece.more,
                    "color": style.get("color"),
                    "width": style.get("width"),
                },
            )
        if piece.ended:
            task.tell(False, {"type": "ended", "ending": piece.drawing})


def _finish(running: _Running) -> None:
    for stream in running.streams:
        _tell_pieces(running.task, stream, stream.end())
    result = running.plan.finish([member.sampled() for member in running.members])
    running.task.tell(True, {"type": "result", **running.result(result)})
