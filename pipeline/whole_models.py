"""The networks of the whole way, each loaded when it is first needed, once, onto one device."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from ..models.processes import pick_device
from ..models.registry import bundled_models
from ..strokes import Drawing
from ..strokes.errors import LineworkError
from ..strokes.images import read_image
from .dense_map_evaluating import load_dense_map
from .painting import MODEL as PAINTER
from .recognising import BUNDLED as RECOGNISER
from .recognising import Answer, load_recogniser, recognise

if TYPE_CHECKING:
    import torch

    from ..models.dense_map import DenseMap
    from ..models.painter import Painter
    from .cleaning import Cleaner
    from .painting import Palette

Network = TypeVar("Network")
SIMPLIFIER, DENSEMAP = "simplifier", "densemap"
# Objects recognised at a time.
TOGETHER = 256


@dataclass
class Models:
    """The networks by what they do.

    Args:
        simplifier, recogniser, densemap, painter: bundled weights, training folders or files.
        device: None is CUDA where there is one.
        seconds: spent on loading so far.
    """

    simplifier: str = SIMPLIFIER
    recogniser: str = RECOGNISER
    densemap: str = DENSEMAP
    painter: str = PAINTER
    device: str | None = None
    seconds: float = 0.0
    _loaded: dict[str, Any] = field(default_factory=dict)

    @property
    def place(self) -> torch.device:
        """Where they run."""
        return pick_device(self.device)

    def cleaner(self) -> Cleaner:
        """The network that cleans pictures."""
        from .cleaning import Cleaner

        return self._once("cleaner", lambda: Cleaner.load(self.simplifier, self.place))

    def recognise(self, drawings: list[Drawing]) -> list[tuple[Answer, ...]]:
        """All answers for each drawing.

        Raises:
            LineworkError: no recogniser; how to come by one.
        """

        def load() -> Any:
            if self.recogniser == RECOGNISER and RECOGNISER not in bundled_models():
                raise LineworkError(
                    "there are objects that no layer names, and no recogniser ships with this "
                    "version: train one with `linework train recogniser --data TABLE --out RUN` "
                    "and name it, --recogniser RUN; or call the layers what they show"
                )
            return load_recogniser(self.recogniser, self.place)

        network, temperature = self._once("recogniser", load)
        every = len(network.config.words)
        return [
            answers
            for first in range(0, len(drawings), TOGETHER)
            for answers in recognise(
                network, temperature, drawings[first : first + TOGETHER], every
            )
        ]

    def dense_map(self) -> DenseMap | None:
        """The network that proposes backgrounds; None where none was named and none ships."""
        if self.densemap == DENSEMAP and DENSEMAP not in bundled_models():
            return None
        return self._once("densemap", lambda: load_dense_map(self.densemap, self.place))

    def painter_and_palette(self) -> tuple[Painter, Palette]:
        """The painter and its labels.

        Raises:
            LineworkError: no painter; how to come by one.
        """
        from .painting import load_painter

        def load() -> tuple[Painter, Palette]:
            if self.painter == PAINTER and PAINTER not in bundled_models():
                raise LineworkError(
                    "no painter ships with this version, so the way ends at the label map; train "
                    "one with `linework data scenes -n 2000 -o scenes` and `linework train painter "
                    "--data scenes --out run`, and go on with --from paint --painter run"
                )
            return load_painter(self.painter, self.place)

        return self._once("painter", load)

    def style(self, path: str) -> torch.Tensor:
        """What a picture lends of its style to all labels: float32 (latent / 2,)."""
        import numpy as np

        from .painting import read_style

        def read() -> torch.Tensor:
            painter, _ = self.painter_and_palette()
            picture = read_image(path)
            if picture.ndim == 2:
                picture = np.repeat(picture[:, :, None], 3, axis=2)
            lent = read_style(picture, None, painter)
            return lent.mean[0, 0, : painter.config.latent // 2]

        return self._once(f"style {path}", read)

    def _once(self, name: str, load: Callable[[], Network]) -> Network:
        if name not in self._loaded:
            begun = time.perf_counter()
            self._loaded[name] = load()
            self.seconds += time.perf_counter() - begun
        found: Network = self._loaded[name]
        return found
