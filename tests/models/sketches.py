"""Small drawings, batches and models that the tests of models/ share."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from linework.models.batches import collate
from linework.models.sketchrnn import SketchBatch, SketchRNN, SketchRNNConfig
from linework.strokes import Drawing, DrawingTable, from_stroke3

WORDS = ("cat", "dog", "house")


def random_rows(rng: np.random.Generator, n: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """stroke-3 of n rows of integers; the pen lifts at one row in six, and at the end."""
    rows = np.zeros((n, 3), np.float32)
    rows[:, :2] = rng.integers(-30, 31, (n, 2))
    rows[:, 2] = rng.random(n) < 1 / 6
    rows[-1, 2] = 1
    return rows


def random_drawings(n: int, seed: int = 0, shortest: int = 5, longest: int = 40) -> list[Drawing]:
    """n drawings of labels in turn."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(shortest, longest + 1, n)
    return [
        from_stroke3(random_rows(rng, int(length)), label=WORDS[i % len(WORDS)])
        for i, length in enumerate(lengths)
    ]


def random_table(n: int, valid: int = 0, **options: int) -> DrawingTable:
    """A table of n training drawings and `valid` more."""
    splits = ["train"] * n + ["valid"] * valid
    return DrawingTable.from_drawings(random_drawings(n + valid, **options), splits)


def small_config(**changes: Any) -> SketchRNNConfig:
    """A model small enough for a test, with every part that the config asks for."""
    sizes: dict[str, Any] = {
        "encoder_size": 12,
        "decoder_size": 16,
        "latent_size": 5,
        "mixtures": 3,
        "word_size": 4,
        "scale": 20.0,
        "position_scale": 3.0,
    }
    return SketchRNNConfig(**sizes | changes)


def shaken(model: SketchRNN, size: float = 0.2, seed: int = 0) -> SketchRNN:
    """The model with every parameter moved, so that none is at a start without effect."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += size * torch.randn(parameter.shape, generator=generator)
    return model


def random_batch(
    config: SketchRNNConfig, lengths: tuple[int, ...], seed: int = 0, pad_to: int | None = None
) -> SketchBatch:
    """Drawings of the given numbers of rows; the last one's z is withheld."""
    rng = np.random.default_rng(seed)
    drawings = [random_rows(rng, n) for n in lengths]
    noise = rng.standard_normal((len(lengths), config.latent_size), dtype=np.float32)
    words = np.arange(len(lengths)) % max(len(config.words), 1)
    keep = np.arange(len(lengths)) < len(lengths) - 1
    return collate(drawings, words, noise, keep, config.scale, pad_to)
