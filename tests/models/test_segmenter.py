"""The segmenter: shapes, reach, gradients, tiles, four scenes by heart, resuming."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from linework.datasets.label_folder import Classes, Labelled
from linework.datasets.labelled_crops import IGNORED
from linework.datasets.labels import vocabulary
from linework.models.registry import load_model
from linework.models.residual import fused
from linework.models.segmenter import Segmenter, SegmenterConfig
from linework.models.segmenter_task import (
    HEAVIEST,
    CropsConfig,
    SegmenterLossConfig,
    SegmenterTask,
    label_weights,
    soft_overlap,
)
from linework.models.tiling import apply_tiled
from linework.models.training import TrainConfig, train
from linework.strokes.errors import LineworkError

SCENE = vocabulary("scene")
CLASSES = Classes(SCENE, tuple(SCENE.label(name).pixel for name in ("grass", "house", "sky")))
SMALL = SegmenterConfig(classes=3, channels=(8, 12, 12), blocks=(1, 1, 2), dilations=(1, 2))


def network(config: SegmenterConfig = SMALL, seed: int = 0) -> Segmenter:
    torch.manual_seed(seed)
    return Segmenter(config)


def picture(height: int, width: int, batch: int = 1, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand((batch, 3, height, width), generator=generator) * 255


def settled(segmenter: Segmenter) -> Segmenter:
    """With statistics of some pictures, and blocks that are not the identity any more."""
    for parameter in segmenter.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    segmenter.train()
    with torch.no_grad():
        for seed in range(3):
            segmenter(picture(48, 48, 2, seed))
    return segmenter.eval()


@pytest.mark.parametrize("size", [(1, 1), (5, 9), (8, 8), (33, 70)])
def test_any_size(size: tuple[int, int]) -> None:
    assert network().eval()(picture(*size)).shape == (1, 3, *size)


def test_one_px_of_each_square_can_be_asked_for_alone() -> None:
    segmenter = network().eval()
    given = picture(20, 12)
    whole = segmenter(given)
    for row, column in ((0, 0), (0, 1), (1, 0), (1, 1)):
        part = segmenter(given, (row, column))
        assert torch.equal(part, whole[..., row::2, column::2])


def test_every_weight_is_reached() -> None:
    segmenter = network()
    for name, parameter in segmenter.named_parameters():
        if name.endswith("norm.weight"):  # blocks begin as the identity
            torch.nn.init.ones_(parameter)
    segmenter(picture(32, 32, 2)).square().mean().backward()
    dead = [n for n, p in segmenter.named_parameters() if p.grad is None or not p.grad.any()]
    assert not dead


def test_an_output_px_sees_no_further_than_its_reach() -> None:
    segmenter = fused(settled(network()))
    side = 2 * SMALL.reach + 41
    given = picture(side, side).requires_grad_()
    y = side // 2
    segmenter(given)[0, :, y, y].sum().backward()
    assert given.grad is not None
    seen = torch.nonzero(given.grad[0].abs().sum(dim=0))
    furthest = int((seen - y).abs().max())
    assert SMALL.reach / 2 < furthest <= SMALL.reach


def test_tiles_are_the_whole() -> None:
    config = SegmenterConfig(classes=3, channels=(4, 6), blocks=(1, 1), dilations=(1,))
    segmenter = fused(settled(network(config)))
    given = picture(90, 110)
    whole = segmenter(given)
    out = torch.empty_like(whole)
    for place, part in apply_tiled(
        segmenter,
        lambda p: given[..., p.read_top : p.read_bottom, p.read_left : p.read_right],
        (90, 110),
        tile=48,
        halo=config.reach,
        multiple=config.multiple,
    ):
        out[..., place.top : place.bottom, place.left : place.right] = part
    torch.testing.assert_close(out, whole, atol=1e-4, rtol=1e-4)


def test_folding_the_normalisation_changes_nothing() -> None:
    segmenter = settled(network())
    given = picture(40, 30)
    torch.testing.assert_close(fused(segmenter)(given), segmenter(given), atol=1e-3, rtol=1e-3)


def test_what_ships_fits_its_file() -> None:
    with torch.device("meta"):
        segmenter = Segmenter(SegmenterConfig(classes=25))
    assert 2 * sum(p.numel() for p in segmenter.parameters()) <= 8 * 2**20


@pytest.mark.parametrize(
    "values",
    [
        {"channels": (8,), "blocks": (1,)},
        {"channels": (8, 8), "blocks": (1, 1, 1)},
        {"dilations": ()},
        {"blocks": (1, 1, 1, 0)},
        {"classes": 1},
    ],
)
def test_shapes_that_cannot_be(values: dict[str, object]) -> None:
    with pytest.raises(LineworkError):
        SegmenterConfig(**values)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"sizes": (8,)}, "sizes is 8; wanted 16 to 4096"),
        ({"sizes": ()}, "sizes is 0"),
        ({"sizes": (16, 33)}, "sizes has 33; wanted multiples of 2"),
        ({"least_shown": 0.9, "most_shown": 0.5}, "least_shown is 0.9; wanted 0.01 to 0.5"),
        ({"balanced": 2.0}, "balanced is 2.0"),
    ],
)
def test_crops_that_cannot_be(values: dict[str, object], says: str) -> None:
    with pytest.raises(LineworkError, match=says):
        CropsConfig(**values)


# --- what is descended -----------------------------------------------------------------


def test_rare_labels_weigh_more_but_not_endlessly() -> None:
    weights = label_weights([0.5, 0.3, 0.1, 1e-9], 0.5).tolist()
    assert weights == sorted(weights)
    assert weights[-1] == HEAVIEST
    assert label_weights([0.9, 0.1], 0.0).tolist() == [1, 1]


def test_overlap_is_one_for_what_is_right_and_ignores_what_nobody_labelled() -> None:
    labels = torch.tensor([[[0, 1, IGNORED, 2]]])
    right = torch.nn.functional.one_hot(torch.tensor([[[0, 1, 0, 2]]]), 4).permute(0, 3, 1, 2)
    assert soft_overlap(right.float(), labels) == pytest.approx(1)
    assert soft_overlap(right.float().flip(3), labels) < 0.6
    assert soft_overlap(right.float(), torch.full((1, 1, 4), IGNORED)) == 1


def test_the_overlap_of_a_rare_label_counts_like_any_other() -> None:
    labels = torch.zeros(1, 20, 20, dtype=torch.long)
    labels[0, 0, :5] = 1
    missed = torch.nn.functional.one_hot(torch.zeros_like(labels), 2).permute(0, 3, 1, 2).float()
    assert soft_overlap(missed, labels) < 0.6  # 395 of 400 px are right


# --- training --------------------------------------------------------------------------


class FourScenes:
    """Grass below a sky with a house at one of four places; a corner that nobody labelled."""

    classes = CLASSES

    def patch(self, size: int, rng: np.random.Generator) -> Labelled:
        k = int(rng.integers(4))
        labels = np.full((size, size), 2, np.uint8)
        labels[size // 2 :] = 0
        labels[size // 3 : 2 * size // 3, k * size // 5 : (k + 1) * size // 5] = 1
        colors = np.array([[60, 150, 40], [170, 90, 60], [120, 180, 240]], np.uint8)
        noise = np.random.default_rng(k).integers(0, 30, (size, size, 3)).astype(np.uint8)
        shown = colors[labels] + noise
        labels[:2, :2] = IGNORED
        return Labelled(shown.astype(np.uint8), labels)


TINY = SegmenterConfig(classes=3, channels=(16, 16), blocks=(1, 1))


def make(steps: int, **changes: object) -> tuple[SegmenterTask, TrainConfig]:
    settings = TrainConfig(
        steps=steps,
        batch_size=4,
        learning_rate=2e-2,
        warmup=2,
        evaluate_every=steps,
        sample_every=0,
        checkpoint_seconds=0,
        **changes,
    )
    source = FourScenes()
    shares = [0.5, 0.1, 0.4]
    crops, loss = CropsConfig(sizes=(16,)), SegmenterLossConfig()
    return SegmenterTask(network(TINY), source, source, shares, crops, loss, settings), settings


def test_four_scenes_by_heart(tmp_path: Path) -> None:
    task, settings = make(110)
    found = train(task, settings, tmp_path / "run", progress=False)
    assert found.best["score"] < 0.04
    segmenter, header = load_model(tmp_path / "run", wanted="segmenter")
    assert header["classes"]["labels"][1]["name"] == "house"
    assert header["seen"] == [16, 20]
    crop = FourScenes().patch(32, np.random.default_rng(0))
    given = torch.from_numpy(crop.picture).permute(2, 0, 1)[None].float()
    segmenter = segmenter.to(memory_format=torch.channels_last)
    assert torch.equal(segmenter(given), task.module.eval()(given))
    task.sheet(tmp_path / "samples.svg")
    assert (tmp_path / "samples.png").is_file()


def test_it_resumes_exactly(tmp_path: Path) -> None:
    task, settings = make(4)
    train(task, settings, tmp_path / "whole", progress=False)
    first, stopped = make(4, max_minutes=1e-9)
    assert train(first, stopped, tmp_path / "parts", progress=False).stopped == "time"
    second, _ = make(4)
    train(second, settings, tmp_path / "parts", resume=True, progress=False)
    again = second.module.state_dict()
    for name, value in task.module.state_dict().items():
        assert torch.equal(value, again[name]), name


def test_a_batch_that_nobody_labelled_teaches_nothing() -> None:
    class Nothing(FourScenes):
        def patch(self, size: int, rng: np.random.Generator) -> Labelled:
            return Labelled(
                np.zeros((size, size, 3), np.uint8), np.full((size, size), IGNORED, np.uint8)
            )

    task, _ = make(1)
    task.source = Nothing()
    result = task.loss(task.module, 0, 0, 1)
    result.loss.backward()
    assert all(not p.grad.any() for p in task.module.parameters() if p.grad is not None)
