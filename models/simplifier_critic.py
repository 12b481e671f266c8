"""The critic of the adversarial stage: does this look like a clean line drawing?

Simo-Serra, Iizuka and Ishikawa, "Mastering Sketching: Adversarial Augmentation for
Structured Prediction", ACM TOG 37(1), 2018: five strided convolutions over the drawn
picture alone and one number. Here the number is one for each patch of the picture, so that
any size can be judged, and hinge losses take the place of the logarithms, which
let a small critic run away.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

CHANNELS = (16, 32, 64, 128, 256)


class SimplifierCritic(nn.Module):
    """Ink (B, 1, H, W) in [0, 1] to scores (B, 1, H / 32, W / 32): above 0 drawn by a person."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 1
        for after in CHANNELS:
            layers += [
                spectral_norm(nn.Conv2d(before, after, 4, 2, 1)),
                nn.LeakyReLU(0.2),
            ]
            before = after
        self.layers = nn.Sequential(*layers, spectral_norm(nn.Conv2d(before, 1, 3, padding=1)))

    def forward(self, ink: Tensor) -> Tensor:
        """A score for each patch."""
        scores: Tensor = self.layers(ink)
        return scores


def critic_hinge(clean: Tensor, drawn: Tensor) -> Tensor:
    """The critic's loss from its scores of clean pictures and of drawn ones."""
    return (1 - clean).relu().mean() + (1 + drawn).relu().mean()
