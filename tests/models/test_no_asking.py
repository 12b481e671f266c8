"""A training step of sketch-rnn asks its device for nothing, told without a GPU.

On the device `meta` tensors have shapes and no values: whatever asks for one fails there, as it
would make a GPU's step wait; and so does most of what mixes devices.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from linework.models import cells, resident_batches
from linework.models.learner import Learner
from linework.models.processes import Processes
from linework.models.sketchrnn import SketchRNN
from linework.models.sketchrnn_task import DataConfig, LossConfig, SketchRNNTask
from linework.models.training import TrainConfig
from sketches import random_table, small_config

META = torch.device("meta")


@pytest.mark.parametrize(
    ("model", "loss"),
    [
        ({"latent_dropout": 0.2, "decoder_dropout": 0.1}, {}),
        ({"likelihood": "density"}, {"normalise": "published", "kl_tolerance": 0.2}),
    ],
    ids=["per point", "published"],
)
def test_a_step_asks_for_nothing(
    model: dict[str, Any], loss: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain: Callable[..., Any] = SketchRNN.nll
    monkeypatch.setattr(resident_batches, "seeded_generator", lambda *key: None)
    monkeypatch.setattr(cells, "autocast_dtype", lambda x: x.dtype)  # unknown of meta
    monkeypatch.setattr(  # as on a GPU
        SketchRNN, "nll", lambda self, head, batch, padding: plain(self, head, batch, padding, True)
    )
    task = SketchRNNTask(
        random_table(40, 8),
        small_config(**model),
        DataConfig(rotate=5, mirror=0.5),
        LossConfig(**loss),
        TrainConfig(steps=20, batch_size=8),
    )
    learner = Learner(
        task.module, Processes(device=META), beta2=0.99, weight_decay=0.0, clip_value=1.0
    )
    result = task.loss(learner.wrapped, 3, 0, 1)
    assert result.loss.is_meta
    result.loss.backward()
    torch.nn.utils.clip_grad_value_(learner.parameters, 1.0)
    with pytest.raises(RuntimeError, match="meta"):
        result.loss.item()  # the proof that asking fails here
