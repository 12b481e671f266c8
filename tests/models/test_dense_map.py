"""The network that proposes dense label maps: shapes, gradients, learning, files, figures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from linework.datasets.doodled_scenes import MapSample
from linework.models.checkpoint import save_tensors
from linework.models.dense_map import DenseMap, DenseMapConfig
from linework.models.dense_map_task import (
    DenseMapTask,
    MapLossConfig,
    map_figures,
    read_maps,
    stacked,
)
from linework.models.registry import load_model
from linework.models.training import TrainConfig, train
from linework.strokes.errors import LineworkError

SMALL = DenseMapConfig(labels=("grass", "sea", "sky"), side=16, embedding=4, channels=(8, 12))


class Meadows:
    """A line below which it is grass, sometimes sea: only the ink's label says which."""

    labels = SMALL.labels
    name = "meadows"

    def __len__(self) -> int:
        return 8

    def sample(self, side: int, rng: np.random.Generator) -> MapSample:
        horizon, label = int(rng.integers(4, side - 4)), int(rng.integers(2))
        truth = np.full((side, side), 2, np.uint8)
        truth[horizon:] = label
        ink = np.full((side, side), 4, np.uint8)
        ink[horizon] = label
        return MapSample(ink, np.full_like(ink, 4), truth)

    def plain(self, number: int, side: int, withheld: float = 0.0) -> MapSample:
        return self.sample(side, np.random.default_rng(number))

    def read(self, number: int) -> MapSample:
        return self.plain(number, 16)


def batch(count: int = 3) -> tuple[torch.Tensor, ...]:
    return stacked([Meadows().plain(k, SMALL.side) for k in range(count)])


def test_it_says_every_label_at_half_the_side() -> None:
    ink, area, _ = batch()
    logits = DenseMap(SMALL)(ink.long(), area.long())
    assert logits.shape == (3, 3, 8, 8)
    assert logits.dtype == torch.float32


def test_the_gradient_reaches_every_parameter() -> None:
    torch.manual_seed(0)
    network = DenseMap(SMALL)
    ink, area, _ = batch()
    ink[:, 0] = 3  # ink that nobody knows, so that each code is met
    network(ink.long(), area.long()).square().mean().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name


def test_ink_label_and_area_all_count() -> None:
    torch.manual_seed(0)
    network = DenseMap(SMALL).eval()
    ink, area, _ = (part[:1].long() for part in batch())
    plain = network(ink, area)
    relabelled = torch.where(ink == 4, ink, 1 - ink.clamp(max=1))
    for other in ((relabelled, area), (ink, torch.full_like(area, 2))):
        assert not torch.allclose(plain, network(*other))


def test_it_learns_what_the_ink_says_and_its_file_is_the_same(tmp_path: Path) -> None:
    settings = TrainConfig(
        steps=40,
        batch_size=8,
        learning_rate=2e-2,
        warmup=5,
        evaluate_every=40,
        sample_every=40,
        checkpoint_seconds=1e9,
        precision="float32",
    )
    task = DenseMapTask(SMALL, Meadows(), Meadows(), MapLossConfig(), settings)  # type: ignore[arg-type]
    result = train(task, settings, tmp_path / "run", progress=False)
    assert result.best["miou"] > 0.7
    assert (tmp_path / "run" / "samples-000040.png").is_file()
    network, header = load_model(tmp_path / "run", wanted="densemap")
    assert header["config"]["labels"] == list(SMALL.labels)
    ink, area, _ = batch()
    assert np.array_equal(read_maps(network, ink, area), read_maps(task.module, ink, area))


def test_half_precision_files_load(tmp_path: Path) -> None:
    network = DenseMap(SMALL).half()
    config = {"labels": list(SMALL.labels), "side": 16, "embedding": 4, "channels": [8, 12]}
    tensors = network.state_dict()
    save_tensors(tmp_path / "x.safetensors", tensors, {"model": "densemap", "config": config})
    found, _ = load_model(tmp_path / "x.safetensors", wanted="densemap")
    ink, area, _ = batch()
    assert found(ink.long(), area.long()).dtype == torch.float32


def test_figures_of_a_map() -> None:
    truth = np.array([[0, 0, 1, 1], [2, 2, 255, 255]], np.uint8)
    said = np.array([[0, 1, 1, 1], [2, 2, 0, 0]], np.uint8)
    found = map_figures(said, truth, ("a", "b", "c", "never"))
    assert found.by_label == pytest.approx({"a": 1 / 2, "b": 2 / 3, "c": 1.0})
    assert found.miou == pytest.approx((1 / 2 + 2 / 3 + 1) / 3)
    assert found.accuracy == pytest.approx(5 / 6)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"side": 18}, "wanted a multiple of 4"),
        ({"side": 2}, "wanted 16 to 1024"),
        ({"channels": ()}, "one number a level"),
    ],
)
def test_a_shape_that_cannot_be_is_a_sentence(changes: dict[str, object], says: str) -> None:
    with pytest.raises(LineworkError, match=says):
        DenseMapConfig(**({"channels": (4, 4)} | changes))  # type: ignore[arg-type]
