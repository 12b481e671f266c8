"""Portrait painters: the networks, the changes before the critic, and what a training needs."""

import numpy as np
import pytest
import torch
from linework.datasets.portraits import paint_portrait, random_sitter
from linework.models.diff_augment import augmented
from linework.models.fastgan import (
    FastGAN,
    FastGANConfig,
    PortraitCritic,
    PortraitCriticConfig,
    told_apart,
    truer,
    with_spectral_norm,
)
from linework.models.portrait_task import PortraitLossConfig, PortraitTask
from linework.models.training import TrainConfig, train
from linework.strokes.errors import LineworkError

SMALL = FastGANConfig(size=32, latent=8, channels=(16, 12, 8, 8))
CRITIC = PortraitCriticConfig((8, 12, 16))


def test_shapes_and_range():
    made = FastGAN(SMALL)(torch.randn(3, 8))
    assert made.shape == (3, 3, 32, 32)
    assert made.abs().max() <= 1
    critic = PortraitCritic(CRITIC)
    words, features = critic(made)
    assert words.shape == (3, 5, 5)
    assert critic.redrawn(features).shape == (3, 3, 16, 16)


def test_gradients_reach_everything():
    torch.manual_seed(0)
    generator, critic = with_spectral_norm(FastGAN(SMALL)), PortraitCritic(CRITIC)
    words, _ = critic(generator(torch.randn(4, 8)))
    truer(words).backward()
    # The noise's gain too, which begins at zero.
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in generator.parameters())
    critic.zero_grad()
    words, features = critic(torch.randn(4, 3, 32, 32))
    (told_apart(words, -words) + critic.redrawn(features).square().mean()).backward()
    assert all(p.grad is not None for p in critic.parameters())


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda: FastGANConfig(size=100), "size is 100 with 6 channels; wanted 128"),
        (lambda: FastGANConfig(size=8, channels=(4, 4)), "wanted four numbers or more"),
        (lambda: PortraitCriticConfig((4,)), "wanted three numbers or more"),
    ],
)
def test_shapes_that_cannot_be(make, what):
    with pytest.raises(LineworkError, match=what):
        make()


def test_changes_differ_by_picture_and_repeat_by_seed():
    pictures = torch.rand(1, 3, 32, 32).expand(6, -1, -1, -1) * 2 - 1
    one, again = (augmented(pictures, torch.Generator().manual_seed(3)) for _ in "ab")
    assert torch.equal(one, again)
    assert all(not torch.equal(one[0], one[k]) for k in range(1, 6))
    # A quarter of the side squared is cut out, less where it lies over the rim.
    empty = (one == 0).all(dim=1).float().mean(dim=(1, 2))
    assert (empty > 0.02).all()
    assert (empty < 0.5).all()


def test_a_share_of_pictures_is_changed_and_the_others_stay():
    pictures = torch.rand(400, 3, 8, 8) * 2 - 1
    some = augmented(pictures, torch.Generator().manual_seed(3), 0.2)
    changed = (some != pictures).flatten(1).any(dim=1)
    assert 0.12 < changed.float().mean() < 0.28
    assert torch.equal(augmented(pictures, torch.Generator().manual_seed(3), 0.0), pictures)


def test_gradients_pass_through_changes():
    pictures = torch.zeros(4, 3, 16, 16, requires_grad=True)
    augmented(pictures, torch.Generator().manual_seed(0)).square().mean().backward()
    assert pictures.grad is not None
    augmented(pictures, torch.Generator().manual_seed(0)).sum().backward()
    assert pictures.grad.abs().sum() > 0


def portraits(count: int, size: int = 32) -> np.ndarray:
    rngs = [np.random.default_rng((9, k)) for k in range(count)]
    painted = [paint_portrait(random_sitter(rng), rng, size) for rng in rngs]
    return np.stack(painted).transpose(0, 3, 1, 2)


def test_sitters_differ_and_repeat():
    one, other = portraits(2)
    assert one.shape == (3, 32, 32)
    assert np.abs(one.astype(int) - other).mean() > 10
    assert (portraits(1)[0] == one).all()


def task(steps: int) -> tuple[PortraitTask, TrainConfig]:
    config = TrainConfig(
        steps=steps, batch_size=4, evaluate_every=steps, sample_every=0, precision="float32",
        beta1=0.5, critic_rate=1.0, learning_rate=2e-3, warmup=1,
    )  # fmt: skip
    pictures = np.random.default_rng(0).integers(0, 256, (8, 3, 1, 1)).astype(np.uint8)
    plain = pictures.repeat(32, 2).repeat(32, 3)
    return PortraitTask(SMALL, CRITIC, plain, plain[:4], PortraitLossConfig(), config), config


def test_a_step_is_a_function_of_its_number():
    made, _ = task(4)
    again, _ = task(4)
    first = made.loss(made.module, 2, 0, 1).loss
    assert torch.equal(first, again.loss(again.module, 2, 0, 1).loss)
    seen = [made._rows(step, 0, 1).tolist() for step in range(2)]
    assert sorted(seen[0] + seen[1]) == list(range(8))  # each once
    halves = [made._rows(0, rank, 2).tolist() for rank in range(2)]
    assert sorted(halves[0] + halves[1]) == sorted(seen[0])


def test_training_writes_weights_that_make_pictures(tmp_path):
    made, config = task(3)
    result = train(made, config, tmp_path / "run", progress=False)
    assert result.step == 3
    assert np.isfinite(result.best["score"])
    assert (tmp_path / "run" / "best.safetensors").is_file()
