"""Simplification networks: shapes, gradients, overfitting, tiles, strength, resuming."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from linework.datasets.pairs import Pair
from linework.datasets.roughening import RoughenedDrawings
from linework.models.checkpoint import save_tensors
from linework.models.picture_batches import PairBatches, PairMix, shrunk, with_identity
from linework.models.registry import load_model
from linework.models.residual import fused
from linework.models.simplification2016 import (
    Simplification2016,
    Simplification2016Config,
    window_weights,
)
from linework.models.simplifier import Simplifier, SimplifierConfig, simplify
from linework.models.simplifier_loss import SimplifierLossConfig, pair_loss, soft_f_score
from linework.models.simplifier_task import PatchConfig, SimplifierTask
from linework.models.tiling import apply_tiled, tiles
from linework.models.training import AdversarialTask, TrainConfig, train
from linework.strokes.errors import LineworkError
from torch import nn

SMALL = SimplifierConfig(channels=(8, 12, 16), blocks=(1, 1, 2), dilations=(1, 2), detail=4)

MAKERS: dict[str, Callable[[], nn.Module]] = {
    "simplifier": lambda: Simplifier(SMALL),
    "simplification2016": lambda: Simplification2016(Simplification2016Config(width=0.06)),
}


@pytest.fixture(params=MAKERS)
def network(request: pytest.FixtureRequest) -> nn.Module:
    torch.manual_seed(0)
    return MAKERS[request.param]()


class Sketch:
    """Two pairs, whatever is asked."""

    name = "sketch"

    def __init__(self, seed: int = 0) -> None:
        source = RoughenedDrawings()
        self.pairs = [source.patch(32, np.random.default_rng(seed + i)) for i in range(2)]

    def patch(self, size: int, rng: np.random.Generator) -> Pair:
        return self.pairs[int(rng.integers(2))]


@pytest.mark.parametrize("size", [(1, 1), (1, 100), (16, 16), (33, 50), (64, 47)])
def test_any_size_goes_in_and_comes_out(network: nn.Module, size: tuple[int, int]) -> None:
    ink = torch.rand(2, 1, *size)
    assert network.eval()(ink).shape == ink.shape


def test_the_gradient_reaches_every_parameter(network: nn.Module) -> None:
    # Blocks begin as the identity, behind a factor of 0: a step opens them.
    ink, clean = torch.rand(2, 1, 32, 32), torch.rand(2, 1, 32, 32).round()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    for _ in range(2):
        optimizer.zero_grad()
        pair_loss(network(ink), clean, SimplifierLossConfig()).backward()
        optimizer.step()
    # Before a normalisation a bias has none but rounding.
    dead = [n for n, p in network.named_parameters() if p.grad is None or not p.grad.any()]
    assert not dead


def test_it_learns_two_patches_by_heart(tmp_path: Path) -> None:
    torch.manual_seed(0)
    settings = TrainConfig(
        steps=150, batch_size=2, learning_rate=1e-2, warmup=5, evaluate_every=150, sample_every=150
    )
    task = SimplifierTask(
        "simplifier",
        Simplifier(SMALL),
        SMALL,
        Sketch(),
        Sketch(),
        PatchConfig(size=32, shrink=1, identity=0),
        SimplifierLossConfig(),
        settings,
    )
    before = task.evaluate()["loss"]
    result = train(task, settings, tmp_path / "run", progress=False)
    assert result.best["loss"] < 0.35 * before
    assert (tmp_path / "run" / "samples-000150.png").read_bytes()[1:4] == b"PNG"
    again, header = load_model(tmp_path / "run", wanted="simplifier")
    assert header["patches"]["size"] == 32
    ink = torch.rand(1, 1, 32, 32)
    torch.testing.assert_close(again(ink), task.module.eval()(ink))


def test_normalisation_folds_into_the_convolutions(network: nn.Module) -> None:
    network.train()
    for _ in range(3):
        network(torch.rand(2, 1, 48, 48))
    folded = fused(network)
    ink = torch.rand(1, 1, 40, 56)
    torch.testing.assert_close(folded(ink), network.eval()(ink), atol=1e-4, rtol=1e-4)
    if isinstance(folded, Simplifier):
        assert not any(isinstance(part, nn.BatchNorm2d) for part in folded.modules())


@pytest.mark.parametrize("size", [(40, 40), (130, 75), (16, 300)])
def test_tiles_cover_each_px_once(size: tuple[int, int]) -> None:
    count = np.zeros(size, int)
    for tile in tiles(*size, tile=48, halo=20, multiple=16):
        count[tile.top : tile.bottom, tile.left : tile.right] += 1
        assert tile.read_top % 16 == tile.read_left % 16 == 0
        assert 0 <= tile.read_top <= tile.top < tile.bottom <= tile.read_bottom <= size[0]
    assert (count == 1).all()


def test_with_all_of_its_reach_tiles_and_the_whole_are_the_same() -> None:
    torch.manual_seed(1)
    model = Simplifier(SMALL)
    model(torch.rand(2, 1, 64, 64))
    model.eval()
    ink = torch.rand(1, 1, 300, 420)
    with torch.inference_mode():
        whole = model(ink)
    pieces = torch.zeros_like(whole)
    for at, part in apply_tiled(
        model,
        lambda t: ink[..., t.read_top : t.read_bottom, t.read_left : t.read_right],
        (300, 420),
        tile=64,
        halo=SMALL.reach,
        multiple=16,
    ):
        pieces[..., at.top : at.bottom, at.left : at.right] = part
    torch.testing.assert_close(pieces, whole, atol=1e-4, rtol=1e-4)


def test_no_px_gains_ink_with_strength() -> None:
    logits = torch.linspace(-20, 20, 401)
    found = [simplify(logits, strength) for strength in np.linspace(0, 1, 9)]
    for gentle, strong in pairwise(found):
        assert (strong <= gentle).all()
    assert (found[-1] < found[0] - 0.5).any()
    torch.testing.assert_close(simplify(logits), torch.sigmoid(logits))


def test_the_score_forgives_what_lies_within_the_tolerance() -> None:
    clean = torch.zeros(1, 1, 40, 40)
    clean[..., 19:22, 5:35] = 1
    beside = clean.roll(4, dims=2)
    assert float(soft_f_score(clean, clean, 0)) > 0.7
    assert float(soft_f_score(beside, clean, 6)) > 0.95
    assert float(soft_f_score(beside, clean, 1)) < 0.1
    assert float(soft_f_score(clean * 0, clean, 2)) < 0.1


def test_a_halftone_is_no_line() -> None:
    clean = torch.zeros(1, 1, 40, 40)
    clean[..., 19:22, 5:35] = 1
    dots = clean.clone()
    dots[..., ::2, :] = 0
    dots[..., ::3] = 0
    assert float(soft_f_score(dots, clean, 3)) < 0.75


def test_the_published_weight_is_larger_at_lines() -> None:
    target = torch.ones(1, 1, 20, 20)
    target[..., 10] = 0
    weights = window_weights(target)
    # On paper all 25 px of the window are alike; on a line of one px, 5 are.
    assert float(weights[0, 0, 3, 3]) == pytest.approx(np.exp(-1) + 0.5)
    assert float(weights[0, 0, 8, 10]) == pytest.approx(np.exp(-5 / 25) + 0.5)


def test_the_network_of_2016_has_its_published_size() -> None:
    with torch.device("meta"):
        count = sum(p.numel() for p in Simplification2016(Simplification2016Config()).parameters())
    assert count == pytest.approx(44.85e6, rel=1e-3)


class Even:
    """Patches of one grey, which say which source they came from."""

    def __init__(self, grey: int) -> None:
        self.name, self.grey = str(grey), grey

    def patch(self, size: int, rng: np.random.Generator) -> Pair:
        noise = rng.integers(0, 10, (size, size)).astype(np.uint8)
        return Pair(noise + np.uint8(self.grey), noise)


def test_sources_are_mixed_by_their_shares() -> None:
    mix = PairMix([Even(0), Even(100)], [3, 1])
    dark = [mix.patch(4, np.random.default_rng(i)).rough.mean() < 50 for i in range(400)]
    assert 0.7 < np.mean(dark) < 0.8
    assert mix.name == "0, 100"


def test_a_share_of_the_pairs_are_clean_on_both_sides() -> None:
    source = with_identity(Even(100), 0.3)
    pairs = [source.patch(4, np.random.default_rng(i)) for i in range(300)]
    same = [np.array_equal(pair.rough, pair.clean) for pair in pairs]
    assert 0.2 < np.mean(same) < 0.4
    assert with_identity(source, 0) is source


def test_shrunk_patches_show_more() -> None:
    source = shrunk(Even(100), 0.5)
    pair = source.patch(8, np.random.default_rng(0))
    whole = Even(100).patch(16, np.random.default_rng(0))
    wanted = whole.rough.reshape(8, 2, 8, 2).mean(axis=(1, 3))
    assert np.abs(pair.rough - wanted).max() <= 1


@pytest.mark.parametrize("workers", [0, 1])
def test_a_batch_depends_on_the_seed_and_the_step_alone(workers: int) -> None:
    batches = PairBatches(Even(50), 8, 4, seed=3, workers=workers)
    in_turn = [batches.at(step) for step in range(3)]
    again = PairBatches(Even(50), 8, 4, seed=3).at(2)
    assert torch.equal(in_turn[2][0], again[0])
    assert torch.equal(in_turn[2][1], again[1])
    halves = [PairBatches(Even(50), 8, 4, seed=3).at(2, rank, 2)[0] for rank in (0, 1)]
    assert torch.equal(torch.stack(halves, 1).reshape(4, 1, 8, 8), again[0])
    assert not torch.equal(in_turn[1][0], again[0])


def adversarial(steps: int, **changes: object) -> tuple[SimplifierTask, TrainConfig]:
    torch.manual_seed(0)
    settings = TrainConfig(
        steps=steps,
        batch_size=2,
        evaluate_every=steps,
        sample_every=0,
        checkpoint_seconds=0,
        **changes,
    )
    task = SimplifierTask(
        "simplifier",
        Simplifier(SMALL),
        SMALL,
        Sketch(),
        Sketch(9),
        PatchConfig(size=32, shrink=1),
        SimplifierLossConfig(adversarial=0.1),
        settings,
        clean=Sketch(20),
    )
    return task, settings


def test_with_a_critic_it_resumes_exactly(tmp_path: Path) -> None:
    task, settings = adversarial(4)
    assert isinstance(task, AdversarialTask)
    before = {k: v.clone() for k, v in task.critic.state_dict().items()}
    train(task, settings, tmp_path / "whole", progress=False)
    after = task.critic.state_dict()
    assert any(not torch.equal(before[k], after[k]) for k in before)

    first, _ = adversarial(4)
    stopped = TrainConfig(**{**vars(settings), "max_minutes": 1e-9})
    assert train(first, stopped, tmp_path / "parts", progress=False).stopped == "time"
    second, _ = adversarial(4)
    train(second, settings, tmp_path / "parts", resume=True, progress=False)
    for name, value in task.module.state_dict().items():
        assert torch.equal(value, second.module.state_dict()[name]), name
    for name, value in after.items():
        assert torch.equal(value, second.critic.state_dict()[name]), name


def test_weights_of_another_kind_are_refused(tmp_path: Path) -> None:
    model = Simplifier(SMALL)
    save_tensors(
        tmp_path / "x.safetensors", model.state_dict(), {"model": "simplifier", "config": {}}
    )
    with pytest.raises(LineworkError, match="needs a sketchrnn"):
        load_model(tmp_path / "x.safetensors", wanted="sketchrnn")


@pytest.mark.parametrize(
    "values", [{"channels": (1, 2)}, {"blocks": (1, 1, 1, 1)}, {"dilations": ()}, {"detail": 0}]
)
def test_shapes_that_cannot_be(values: dict[str, object]) -> None:
    with pytest.raises(LineworkError):
        SimplifierConfig(**values)
