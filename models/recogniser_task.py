"""Training a recogniser on a table: joins the model, its batches and the loop."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from ..strokes import DrawingTable
from ..strokes.errors import LineworkError
from ..strokes.sheet import sheet, sheet_captions
from ..strokes.svg_write import write_svg
from .batches import Sequences
from .doodle_batches import DoodleBatches, DoodleConfig, doodles, whole_batches
from .recogniser import Recogniser, RecogniserConfig
from .recogniser_figures import fit_temperature, read_all, recogniser_figures
from .settings import check_ranges
from .training import StepLoss, TrainConfig

# Drawings evaluated while training: 2,000 give the share of right answers to 1 %.
WATCH_DRAWINGS = 2000
SHEET_DRAWINGS = 20


@dataclass(frozen=True)
class RecogniserLoss:
    """What the loss weighs."""

    smoothing: float = 0.1
    """Share of the truth that is spread over all words: it keeps a small data set from being
    learnt by heart."""

    def __post_init__(self) -> None:
        check_ranges(self, {"smoothing": (0, 0.9)})


class RecogniserTask:
    """The `Task` of training a recogniser.

    Raises:
        LineworkError: a table of fewer than two words, or without training drawings.
    """

    name = "recogniser"
    work_unit = "drawings"

    def __init__(
        self,
        table: DrawingTable,
        model: RecogniserConfig,
        data: DoodleConfig,
        loss: RecogniserLoss,
        config: TrainConfig,
    ) -> None:
        self.data, self.loss_config, self.train_config = data, loss, config
        words = data.words or tuple(table.words()[0])
        if len(words) < 2:
            raise LineworkError(
                f"{table.name}: drawings of {' and '.join(words) or 'no word'} alone leave nothing "
                "to tell apart; wanted two words or more"
            )
        self.config = dataclasses.replace(model, words=words)
        train = doodles(table, "train", words, data)
        self.train_drawings = len(train)
        torch.manual_seed(config.seed)
        self.module: nn.Module = Recogniser(self.config)
        self.batches = DoodleBatches(train, data, self.config.side, config.batch_size, config.seed)
        self.watched = _watched(table, words, data)
        self.watch = whole_batches(self.watched, self.config.side)
        self.temperature = 1.0

    def header(self) -> dict[str, Any]:
        """Everything the weights were made with, and the temperature of the last evaluation."""
        return {
            "config": dataclasses.asdict(self.config),
            "data": dataclasses.asdict(self.data),
            "loss": dataclasses.asdict(self.loss_config),
            "train": dataclasses.asdict(self.train_config),
            "train_drawings": self.train_drawings,
            "temperature": self.temperature,
        }

    def loss(self, module: nn.Module, step: int, rank: int, world: int) -> StepLoss:
        """Cross-entropy, smoothed."""
        batch = self.batches.at(step, rank, world).to(next(module.parameters()).device)
        logits = module(batch)
        total = len(self.batches.indices(step))
        loss = nn.functional.cross_entropy(
            logits, batch.words, label_smoothing=self.loss_config.smoothing, reduction="sum"
        ) * (world / total)
        right = (logits.argmax(1) == batch.words).float().sum() * (world / total)
        return StepLoss(loss, {"loss": loss, "top1": right}, total)

    def evaluate(self) -> dict[str, float]:
        """Held-out figures, at the temperature that fits them, which is kept; the score is nats."""
        logits, words = read_all(self.module, self.watch)
        self.temperature = fit_temperature(logits, words)
        figures = recogniser_figures(logits, words, self.temperature)
        return {"score": figures["nats"], **figures, "temperature": self.temperature}

    def sheet(self, path: Path) -> None:
        """Watched drawings, each over what it is taken for."""
        at = np.linspace(0, len(self.watched), SHEET_DRAWINGS, endpoint=False).astype(np.int64)
        chosen = _some(self.watched, np.unique(at))
        logits, _ = read_all(self.module, whole_batches(chosen, self.config.side))
        order = np.argsort(chosen.lengths, kind="stable")  # as the batches have them
        drawings = [
            chosen.table[int(chosen.rows[i])].replace(label=self.config.words[int(answer)])
            for i, answer in zip(order, logits.argmax(1), strict=True)
        ]
        captions = sheet_captions(drawings, 5)
        write_svg(sheet(drawings, 5, captions=True), path, captions=captions)


def _watched(table: DrawingTable, words: tuple[str, ...], data: DoodleConfig) -> Sequences:
    """Drawings to watch: a fixed subset of the valid split; of "train" where there is none."""
    try:
        found = doodles(table, "valid", words, data)
    except LineworkError:
        found = dataclasses.replace(doodles(table, "train", words, data), weights=None)
    if len(found) <= WATCH_DRAWINGS:
        return found
    return _some(found, np.linspace(0, len(found), WATCH_DRAWINGS, endpoint=False).astype(np.int64))


def _some(sequences: Sequences, chosen: np.ndarray[Any, np.dtype[np.int64]]) -> Sequences:
    return Sequences(
        sequences.table,
        sequences.rows[chosen],
        sequences.lengths[chosen],
        sequences.words[chosen],
    )
