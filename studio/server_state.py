"""What all requests share: models, the two workshops, the shelf, and the pages that are open."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import msgspec

from ..datasets.labels import VOCABULARIES, vocabulary
from ..pipeline.labelling import vocabulary_rows
from ..strokes.errors import LineworkError
from . import limits
from .choices import Choices
from .live import Live
from .live_models import LiveModels
from .shelf import Shelf
from .states import FAILED, LOADING, ModelState
from .workshop import Workshop

log = logging.getLogger(__name__)
# What files and exports may take of memory; pictures of the largest size are traced in 2 GB.
QUICK_MEMORY = 2 * 2**30
HEAVY_MEMORY = 6 * 2**30


class ServerState:
    """Made once a server; `start` and `close` in its event loop."""

    def __init__(self, choices: Choices) -> None:
        self.choices = choices
        self.live_models = LiveModels(choices, self._models_changed)
        self.live = Live(self.live_models)
        self.quick = Workshop(choices, QUICK_MEMORY)
        self.heavy = Workshop(choices, HEAVY_MEMORY)
        self.shelf = Shelf()
        self.pages = 0
        self.on_about: set[Callable[[], None]] = set()
        self._heavy_states = {
            "cleaner": ModelState(LOADING, choices.cleaner),
            "painter": ModelState(LOADING, choices.painter),
        }
        self._loop: asyncio.AbstractEventLoop | None = None
        self._starting: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begins to load everything; returns at once."""
        self._loop = asyncio.get_running_loop()
        self.live.start()
        self._starting = asyncio.create_task(self._start_workshops())

    async def close(self) -> None:
        """Ends what was begun."""
        if self._starting is not None:
            self._starting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._starting
        await asyncio.gather(self.quick.close(), self.heavy.close())
        await asyncio.to_thread(self.live.close)
        self.shelf.close()

    def about(self) -> dict[str, Any]:
        """What the page is told of words, palettes, models and limits."""
        return {
            "version": _version(),
            "models": {**self.live_models.states, **self._heavy_states},
            "words": self.live_models.words,
            "good_words": self.live_models.good_words,
            "vocabulary": "scene",
            "palettes": {name: vocabulary_rows(vocabulary(name)) for name in VOCABULARIES},
            "limits": limits.as_json(),
        }

    async def _start_workshops(self) -> None:
        try:
            await self.quick.start()
            found = await self.heavy.run("states", {}, limits.SECONDS["paint"])
            states = msgspec.json.decode(found["json"], type=dict[str, ModelState])
        except LineworkError as error:
            states = {
                name: ModelState(FAILED, own.name, str(error))
                for name, own in self._heavy_states.items()
            }
        self._heavy_states = states
        self._tell_about()

    def _models_changed(self) -> None:
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is gone: nobody is there to hear
                self._loop.call_soon_threadsafe(self._tell_about)

    def _tell_about(self) -> None:
        for tell in list(self.on_about):
            tell()


def _version() -> str:
    try:
        return version("linework")
    except PackageNotFoundError:
        return "unknown"
