"""The painter and its critic: shapes, gradients, styles, one region anew, the critic's losses."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from linework.models.painter import (
    Painter,
    PainterConfig,
    look_up,
    random_style,
    with_region,
    with_spectral_norm,
)
from linework.models.painter_critic import (
    HEAVIEST,
    CriticConfig,
    PainterCritic,
    is_painted,
    is_shown,
    label_coins,
    label_mask,
    label_weights,
    mixed_alike,
)
from linework.strokes.errors import LineworkError
from torch import Tensor, nn

SMALL = PainterConfig(
    classes=3, channels=(12, 8, 6), spade_levels=2, latent=8, embedding=8, size=16
)
SMALL_CRITIC = CriticConfig(depths=(6, 8))


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def halves(height: int = 16, width: int = 24, batch: int = 1) -> Tensor:
    """Label 0 above, 1 below, 2 in a corner."""
    labels = torch.zeros(batch, height, width, dtype=torch.long)
    labels[:, height // 2 :] = 1
    labels[:, -4:, -4:] = 2
    return labels


@pytest.fixture
def painter() -> Painter:
    torch.manual_seed(0)
    return Painter(SMALL)


def paint(painter: nn.Module, labels: Tensor, seed: int = 0) -> Tensor:
    style = random_style(SMALL, tuple(labels.shape), seeded(seed))
    return painter(labels, style.latent, style.noise)


@pytest.mark.parametrize("size", [(4, 4), (16, 16), (8, 40)])
def test_any_aspect_is_painted(painter: Painter, size: tuple[int, int]) -> None:
    picture = paint(painter.eval(), halves(*size, batch=2))
    assert picture.shape == (2, 3, *size)
    assert picture.abs().max() <= 1


def test_other_sizes_are_refused(painter: Painter) -> None:
    with pytest.raises(LineworkError, match="10 x 16 px; wanted multiples of 4"):
        painter(torch.zeros(1, 16, 10, dtype=torch.long), torch.zeros(1, 3, 8), ())


def test_every_weight_is_reached(painter: Painter) -> None:
    with_spectral_norm(painter)
    labels = halves(batch=2)
    style = random_style(SMALL, tuple(labels.shape), seeded())
    code = painter.read_style(torch.randn(2, 3, 16, 24), labels)
    painted = painter(labels, code.sample(style.latent), style.noise)
    (painted.square().mean() + code.kl.mean()).backward()
    dead = [n for n, p in painter.named_parameters() if p.grad is None or not p.grad.any()]
    # Before a normalisation a bias has none but rounding.
    assert not [name for name in dead if not name.endswith("first.bias")]


def test_a_style_is_its_seed_and_shows(painter: Painter) -> None:
    painter.eval()
    labels = halves()
    assert torch.equal(paint(painter, labels, 1), paint(painter, labels, 1))
    assert not torch.allclose(paint(painter, labels, 1), paint(painter, labels, 2), atol=1e-3)


def test_half_of_a_latent_is_the_pictures_and_half_the_labels() -> None:
    latent = random_style(SMALL, (2, 16, 16), seeded()).latent
    assert torch.equal(latent[:, :1, :4].expand(-1, 3, -1), latent[:, :, :4])
    assert not torch.equal(latent[:, 0, 4:], latent[:, 1, 4:])
    assert not torch.equal(latent[0], latent[1])


def test_one_region_anew_keeps_the_style_of_the_others() -> None:
    labels = halves(16, 16)
    old, new = (random_style(SMALL, (1, 16, 16), seeded(k)) for k in (1, 2))
    joined = with_region(old, new, labels, 0)
    assert torch.equal(joined.latent[:, 1:], old.latent[:, 1:])
    assert torch.equal(joined.latent[:, 0, :4], old.latent[:, 0, :4])
    assert torch.equal(joined.latent[:, 0, 4:], new.latent[:, 0, 4:])
    for level, noise in enumerate(joined.noise):
        middle = noise.shape[2] // 2
        assert torch.equal(noise[:, :, :middle], new.noise[level][:, :, :middle])
        assert torch.equal(noise[:, :, middle:], old.noise[level][:, :, middle:])


def test_looking_up_is_a_product_with_one_hot() -> None:
    table, labels = torch.randn(2, 3, 5), halves(8, 8, 2)
    labels[1] = labels[1].flip(0)
    one_hot = F.one_hot(labels, 3).float()
    wanted = torch.einsum("bhwk,bkc->bchw", one_hot, table)
    torch.testing.assert_close(look_up(table, labels), wanted)


def test_pictures_of_a_batch_do_not_mix(painter: Painter) -> None:
    painter.eval()
    labels = torch.cat([halves(), halves().flip(1)])
    style = random_style(SMALL, tuple(labels.shape), seeded())
    both = painter(labels, style.latent, style.noise)
    second = painter(labels[1:], style.latent[1:], [n[1:] for n in style.noise])
    torch.testing.assert_close(both[1:], second, atol=1e-5, rtol=1e-4)


def test_the_size_that_ships_fits_its_file() -> None:
    with torch.device("meta"):
        painter = Painter(PainterConfig(classes=60))
    count = sum(p.numel() for p in painter.parameters())
    assert count <= 8e6
    assert 2 * count <= 16 * 2**20


@pytest.mark.parametrize(
    "values",
    [
        {"channels": ()},
        {"channels": (8, 0)},
        {"spade_levels": 7},
        {"size": 100},
        {"classes": 0},
        {"latent": 1},
    ],
)
def test_shapes_that_cannot_be(values: dict[str, object]) -> None:
    with pytest.raises(LineworkError):
        PainterConfig(**values)


# --- reading styles --------------------------------------------------------------------


def test_a_code_is_the_pictures_and_each_labels() -> None:
    torch.manual_seed(0)
    painter = Painter(SMALL).eval()
    labels, pictures = halves(32, 32), torch.rand(1, 3, 32, 32)
    labels[labels == 2] = 1
    code = painter.read_style(pictures, labels)
    assert code.mean.shape == code.log_variance.shape == (1, 3, 8)
    assert code.shown.tolist() == [[True, True, False]]
    # One half is the picture's; a label that it does not show keeps the prior.
    assert torch.equal(code.mean[:, :1, :4].expand(-1, 3, -1), code.mean[:, :, :4])
    assert not code.mean[:, 2, 4:].any()
    assert not code.log_variance[:, 2, 4:].any()
    # The picture's half does not ask for labels, and a label's not for what lies elsewhere.
    assert torch.equal(painter.read_style(pictures, 0 * labels).mean[..., :4], code.mean[..., :4])
    darker = pictures.clone()
    darker[:, :, :8] = 0
    again = painter.read_style(darker, labels)
    assert torch.allclose(again.mean[:, 1, 4:], code.mean[:, 1, 4:], atol=1e-6)
    assert not torch.allclose(again.mean[:, 0, 4:], code.mean[:, 0, 4:], atol=1e-6)
    # Sampled without chance it is the mean.
    assert torch.equal(code.sample(torch.zeros_like(code.mean)), code.mean)


def test_what_a_style_says_is_counted_once() -> None:
    painter = Painter(SMALL)
    for head in (painter.encoder.say_whole, painter.encoder.say_own):
        torch.nn.init.zeros_(head[2].weight)
        torch.nn.init.ones_(head[2].bias)  # mean 1, log variance nearly 1
    labels = halves(32, 32)
    labels[labels == 2] = 1
    code = painter.read_style(torch.rand(1, 3, 32, 32), labels)
    one = 0.5 * (1 + np.exp(8 * np.tanh(1 / 8)) - 1 - 8 * np.tanh(1 / 8))
    # 4 numbers of the picture, 4 of each of the two labels that it shows.
    assert code.kl.item() == pytest.approx(12 * one, rel=1e-4)


def test_a_painter_without_an_encoder_says_so() -> None:
    painter = Painter(dataclasses.replace(SMALL, encoder=0))
    with pytest.raises(LineworkError, match=r"model\.encoder=0"):
        painter.read_style(torch.rand(1, 3, 16, 16), halves(16, 16))


def test_what_lies_beyond_the_edge_is_not_dark() -> None:
    torch.manual_seed(0)
    painter = Painter(dataclasses.replace(SMALL, encoder=0)).eval()
    with torch.no_grad():
        painter.begin.weight[:, -2:] = 0  # or it paints each place otherwise
        noise = [torch.zeros(1, n, 16 >> s, 16 >> s) for n, s in ((8, 2), (1, 1), (1, 0))]
        labels = torch.zeros(1, 16, 16, dtype=torch.long)
        picture = painter(labels, torch.randn(1, 1, 8).expand(-1, 3, -1), noise)
    assert torch.allclose(picture, picture[:, :, :1, :1].expand_as(picture), atol=1e-5)


# --- the critic ------------------------------------------------------------------------


def test_the_critic_speaks_of_every_px_and_all_of_it_learns() -> None:
    torch.manual_seed(0)
    critic = PainterCritic(3, SMALL_CRITIC)
    logits, features = critic(torch.randn(2, 3, 16, 24))
    assert logits.shape == (2, 4, 16, 24)
    assert [f.shape[1:] for f in features] == [(6, 8, 12), (8, 4, 6)]
    labels = halves(16, 24, 2)
    (is_shown(logits, labels, label_weights(labels, 3)) + is_painted(logits)).backward()
    dead = [n for n, p in critic.named_parameters() if p.grad is None or not p.grad.any()]
    assert not dead


def test_a_critic_that_folds_judges_every_second_px() -> None:
    critic = PainterCritic(3, CriticConfig(depths=(6, 8), fold=2)).eval()
    assert critic.config.multiple == 8
    pictures = torch.randn(1, 3, 16, 24)
    logits, features = critic(pictures)
    assert logits.shape == (1, 4, 8, 12)
    assert torch.equal(critic.features(pictures)[0], features[0])
    assert torch.equal(critic.judged(halves(16, 24))[0, :2, :2], torch.zeros(2, 2, dtype=int))
    assert critic.judged(halves(16, 24)).shape == (1, 8, 12)


def test_rare_labels_weigh_more_and_the_mean_is_one() -> None:
    labels = halves(16, 24)
    weights = label_weights(labels, 4)
    assert weights[2] > weights[0] > 0
    assert float(weights[labels].mean()) == pytest.approx(1)
    alone = torch.zeros(1, 100, 100, dtype=torch.long)
    alone[0, 0, 0] = 1
    assert float(label_weights(alone, 4)[1]) == HEAVIEST


@pytest.mark.parametrize(("balance", "times"), [(0.0, 1.0), (0.5, 2.0), (1.0, 4.0)])
def test_balance_is_the_power_of_rarity(balance: float, times: float) -> None:
    labels = torch.zeros(1, 10, 10, dtype=torch.long)
    labels[0, :2] = 1  # a fifth: four times as rare
    weights = label_weights(labels, 3, balance)
    assert float(weights[1] / weights[0]) == pytest.approx(times)
    assert float(weights[labels].mean()) == pytest.approx(1)


def test_cross_entropies_are_the_logarithms_of_probabilities() -> None:
    logits = torch.randn(2, 4, 4, 8)
    chances = logits.softmax(1)
    assert float(is_painted(logits)) == pytest.approx(float(-chances[:, 3].log().mean()), rel=1e-4)
    labels = halves(4, 8, 2)
    shown = -chances.gather(1, labels[:, None]).log().mean()
    assert float(is_shown(logits, labels, torch.ones(3))) == pytest.approx(float(shown), rel=1e-4)


def test_a_mask_follows_the_labels() -> None:
    labels = halves(8, 8, 20)
    mask = label_mask(labels, label_coins(len(labels), 3, seeded()))
    for picture, chosen in zip(labels, mask[:, 0], strict=True):
        for label in range(3):
            assert len(np.unique(chosen[picture == label].numpy())) == 1
    assert mask.any()
    assert not mask.all()
    real, painted = torch.randn(2, 20, 4, 8, 8)
    mixed = torch.where(mask, real, painted)
    assert float(mixed_alike(mixed, real, painted, mask)) == 0
    assert float(mixed_alike(real, painted, painted, mask)) > 0.5
