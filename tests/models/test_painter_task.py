"""Training a painter: the average, the watched distance, resuming, learning a label by heart."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
import torch
from linework.models.averaging import average_in
from linework.models.batch_share import BatchShare
from linework.models.painter import Painter, random_style, with_spectral_norm
from linework.models.painting_loss import (
    COLOR_SCALES,
    PaintingLossConfig,
    colors_apart,
    features_apart,
    mean_size,
)
from linework.models.patch_distance import patch_distance
from linework.models.picture_batches import as_bytes, as_tanh
from linework.models.registry import load_model
from linework.models.training import AdversarialTask, AveragedTask, train
from linework.strokes.errors import LineworkError
from meadows import CLASSES, SCENE, SMALL, make


def test_it_is_a_task_with_a_critic_and_an_average() -> None:
    task, _ = make(1)
    assert isinstance(task, AdversarialTask)
    assert isinstance(task, AveragedTask)
    assert task.header()["classes"]["labels"][1] == {
        "pixel": CLASSES.pixels[1],
        "name": "sky",
        "rgb": list(SCENE.label("sky").rgb),
    }


@pytest.mark.parametrize(
    "weights",
    [{}, {"features": 5.0, "colors": 2.0, "label_mix": 0.0, "spectral_norm": False}],
    ids=["as published", "taught by the picture"],
)
def test_it_resumes_exactly(weights: dict[str, float], tmp_path: Path) -> None:
    task, settings = make(4, **weights)
    train(task, settings, tmp_path / "whole", progress=False)
    first, stopped = make(4, **weights, max_minutes=1e-9)
    assert train(first, stopped, tmp_path / "parts", progress=False).stopped == "time"
    second, _ = make(4, **weights)
    train(second, settings, tmp_path / "parts", resume=True, progress=False)
    for part in ("module", "critic", "average"):
        again = getattr(second, part).state_dict()
        for name, value in getattr(task, part).state_dict().items():
            assert torch.equal(value, again[name]), f"{part} {name}"


def test_what_is_kept_is_the_average_without_its_norms(tmp_path: Path) -> None:
    task, settings = make(3)
    train(task, settings, tmp_path / "run", progress=False)
    for name in ("best", "last"):
        painter, header = load_model(tmp_path / "run" / f"{name}.safetensors", wanted="painter")
        assert header["classes"]["vocabulary"] == "scene"
        style = random_style(SMALL, (1, 16, 16), torch.Generator().manual_seed(1))
        labels = torch.zeros(1, 16, 16, dtype=torch.long)
        latent = task.average.prior(style.latent)
        assert not torch.equal(latent, style.latent)  # it was fitted
        wanted = task.average.eval()(labels, latent, style.noise)
        latent = painter.prior(style.latent)
        torch.testing.assert_close(painter(labels, latent, style.noise), wanted)


def test_a_sheet_is_a_png(tmp_path: Path) -> None:
    task, _ = make(1)
    task.sheet(tmp_path / "samples.svg")
    assert (tmp_path / "samples.png").read_bytes()[1:4] == b"PNG"


def test_an_average_warms_up_and_follows_values_not_parameters() -> None:
    torch.manual_seed(0)
    average, module = Painter(SMALL), with_spectral_norm(Painter(SMALL))
    before = average.color.weight.clone()
    average_in(average, module, 0, 0.999)
    wanted = 0.1 * before + 0.9 * module.color.weight
    torch.testing.assert_close(average.color.weight, wanted)
    for step in range(60):
        average_in(average, module, step, 0.5)
    module.eval()
    torch.testing.assert_close(average.blocks[0].first.weight, module.blocks[0].first.weight)
    weight = average.blocks[0].first.weight.detach()
    largest = torch.linalg.matrix_norm(weight.flatten(1), 2)
    assert float(largest) == pytest.approx(1, abs=0.05)


def test_the_distance_is_nothing_for_equals_and_grows_with_blur_and_tone() -> None:
    rng = torch.Generator().manual_seed(0)
    pictures = torch.rand(4, 3, 64, 64, generator=rng) * 2 - 1
    smooth = torch.nn.functional.avg_pool2d(pictures, 3, 1, 1)
    assert patch_distance(pictures, pictures) == 0
    near, far = (patch_distance(pictures, pictures * f) for f in (0.9, 0.5))
    assert 0 < near < far
    assert patch_distance(pictures, smooth) > near
    assert patch_distance(pictures, smooth) == patch_distance(pictures, smooth)


def test_bytes_come_back() -> None:
    values = torch.arange(256, dtype=torch.uint8)
    assert torch.equal(as_bytes(as_tanh(values)), values)


@pytest.mark.slow
def test_it_learns_the_colours_of_two_labels(tmp_path: Path) -> None:
    task, settings = make(30, learning_rate=5e-3, critic_rate=0.2, colors=20.0)
    before = task.evaluate()["score"]
    result = train(task, settings, tmp_path / "run", progress=False)
    assert result.best["score"] < 0.6 * before


def test_colours_are_compared_from_fine_to_coarse() -> None:
    flat, chess = torch.zeros(1, 3, 32, 32), torch.ones(1, 3, 32, 32)
    chess[..., ::2, 1::2] = chess[..., 1::2, ::2] = -1
    assert colors_apart(flat, flat + 0.5).item() == pytest.approx(0.5)
    # A pattern of single px is seen at one of the five sizes.
    assert colors_apart(flat, chess).item() == pytest.approx(1 / COLOR_SCALES)


def test_features_are_compared_in_shares_of_their_size() -> None:
    real = [torch.full((1, 2, 4, 4), 8.0), torch.full((1, 4, 2, 2), -0.5)]
    sized = partial(mean_size, share=BatchShare(0, 1, 1), weight=1.0)
    near = [features_apart([s * f for f in real], real, sized).item() for s in (1, 1.5, 0)]
    assert near == pytest.approx([0, 0.5, 1])


@pytest.mark.parametrize("values", [{"decay": 1.5}, {"label_mix": -1}, {"kl": -1}, {"prior": 2}])
def test_losses_that_cannot_be(values: dict[str, float]) -> None:
    with pytest.raises(LineworkError):
        PaintingLossConfig(**values)
