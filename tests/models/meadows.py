"""A painter's task that trains in a moment: grass below a sky."""

from __future__ import annotations

import numpy as np
import torch
from linework.datasets.label_folder import Classes, Labelled
from linework.datasets.labels import vocabulary
from linework.models.painter import PainterConfig
from linework.models.painter_critic import CriticConfig
from linework.models.painter_task import PainterTask
from linework.models.painting_loss import PaintingLossConfig
from linework.models.training import TrainConfig

SCENE = vocabulary("scene")
CLASSES = Classes(SCENE, (SCENE.label("grass").pixel, SCENE.label("sky").pixel))
SMALL = PainterConfig(classes=2, channels=(8, 8, 6), spade_levels=2, latent=8, embedding=8, size=16)
COLORS = np.array([[60, 160, 40], [120, 190, 250]], np.uint8)


class Meadows:
    """Grass below a sky, at some height; their colours, a little noisy."""

    classes = CLASSES

    def patch(self, size: int, rng: np.random.Generator) -> Labelled:
        labels = np.zeros((size, size), np.uint8)
        labels[: rng.integers(4, size - 4)] = 1
        noise = rng.integers(0, 5, (size, size, 3)).astype(np.uint8)
        return Labelled(COLORS[labels] + noise, labels)


def make(steps: int, batch: int = 2, **changes: object) -> tuple[PainterTask, TrainConfig]:
    torch.manual_seed(0)
    """The task and its settings: `changes` of them, or of the loss."""
    names = ("colors", "label_mix", "spectral_norm", "balance")
    weights = {k: changes.pop(k) for k in names if k in changes}
    near = float(changes.pop("features", 0))
    loss = PaintingLossConfig(decay=0.9, feature_matching=near, **weights)
    settings = TrainConfig(
        steps=steps,
        batch_size=batch,
        warmup=5,
        beta1=0.0,
        evaluate_every=steps,
        sample_every=0,
        checkpoint_seconds=0,
        **changes,
    )
    critic = CriticConfig(depths=(8, 8))
    source = Meadows()
    return PainterTask(SMALL, critic, source, source, loss, settings), settings
