"""What styles are drawn from: standard normal before a fit, as pictures have them after."""

from __future__ import annotations

import torch
from linework.models.style_encoder import StyleCode
from linework.models.style_prior import StylePrior

CLASSES, LATENT = 3, 4
SLOPE = torch.tensor([[2.0, 0.0], [0.0, -1.0]])


def normals(count: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    whole = torch.randn(count, 1, LATENT // 2, generator=generator).expand(-1, CLASSES, -1)
    return torch.cat([whole, torch.randn(count, CLASSES, LATENT // 2, generator=generator)], dim=2)


def code(count: int = 4000) -> StyleCode:
    """Pictures whose halves belong together: label 0 follows it, label 2 is never shown."""
    mean = normals(count, 1).clone()
    mean[:, :, 0] = 3 * mean[:, :, 0] + 1
    mean[:, :, 1] = mean[:, :, 1] + 0.5 * mean[:, :, 0]
    whole = mean[:, 0, :2]
    mean[:, 0, 2:] = whole @ SLOPE + 0.1 * mean[:, 0, 2:] + 5
    shown = torch.tensor([True, True, False]).expand(count, -1)
    certain = torch.full_like(mean, -20.0)
    return StyleCode(mean, certain, torch.zeros(count), shown)


def test_before_a_fit_it_hands_on_what_is_normal() -> None:
    normal = normals(5)
    assert torch.equal(StylePrior(CLASSES, LATENT)(normal), normal)


def test_after_a_fit_styles_are_those_of_the_pictures() -> None:
    prior, pictures = StylePrior(CLASSES, LATENT), code()
    prior.fit([pictures])
    drawn = prior(normals(20_000))
    # The first half is the picture's, alike for all labels.
    assert torch.equal(drawn[:, 0, :2], drawn[:, 2, :2])
    for label in (0, 1):
        wanted, found = pictures.mean[:, label], drawn[:, label]
        assert torch.allclose(found.mean(0), wanted.mean(0), atol=0.2)
        assert torch.allclose(torch.cov(found.T), torch.cov(wanted.T), atol=0.8, rtol=0.1)
    # What no picture showed stays normal.
    assert torch.equal(drawn[:, 2, 2:], normals(20_000)[:, 2, 2:])


def test_a_label_follows_the_half_that_is_given() -> None:
    prior = StylePrior(CLASSES, LATENT)
    prior.fit([code()])
    whole = torch.tensor([2.0, -3.0])
    drawn = prior(normals(1000), whole)
    assert torch.equal(drawn[:, :, :2], whole.expand(1000, CLASSES, 2))
    assert torch.allclose(drawn[:, 0, 2:].mean(0), whole @ SLOPE + 5, atol=0.1)
    assert drawn[:, 0, 2:].std(0).max() < 0.2


def test_what_the_encoder_is_not_sure_of_widens_what_is_drawn() -> None:
    sure, unsure = StylePrior(CLASSES, LATENT), StylePrior(CLASSES, LATENT)
    pictures = code()
    sure.fit([pictures])
    doubt = torch.zeros_like(pictures.log_variance)
    unsure.fit([StyleCode(pictures.mean, doubt, pictures.kl, pictures.shown)])
    narrow, wide = sure(normals(4000)), unsure(normals(4000))
    grown = wide[:, 0, 2:].var(0) - narrow[:, 0, 2:].var(0)
    assert grown.min() > 0.8


def test_one_picture_is_no_distribution() -> None:
    prior = StylePrior(CLASSES, LATENT)
    prior.fit([code(1)])
    assert torch.equal(prior(normals(2)), normals(2))
