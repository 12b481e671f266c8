"""What styles are drawn from: a normal distribution fitted to those of pictures.

The halves of a latent belong together: at night the sky is dark and so is the meadow. Drawn each
for itself they give neither night nor day. So the picture's half is drawn from a normal
distribution with the covariance of the halves that an encoder read, and each label's half from
one around what the picture's half lets expect (linear regression), with the variance that it
leaves. Before a fit it hands on what is standard normal.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from .style_encoder import StyleCode

# Ridge of the regression, in pictures that say nothing: a label seen ten times follows the
# picture's half little.
RIDGE = 16.0
# Added to a covariance, so that it has a root.
TINY = 1e-4


class StylePrior(nn.Module):
    """Standard normal latents (B, classes, latent) to latents as pictures have them."""

    whole_mean: Tensor
    whole_root: Tensor
    own_mean: Tensor
    own_slope: Tensor
    own_spread: Tensor

    def __init__(self, classes: int, latent: int) -> None:
        super().__init__()
        self.whole = latent // 2
        own = latent - self.whole
        self.register_buffer("whole_mean", torch.zeros(self.whole))
        self.register_buffer("whole_root", torch.eye(self.whole))
        self.register_buffer("own_mean", torch.zeros(classes, own))
        self.register_buffer("own_slope", torch.zeros(classes, self.whole, own))
        self.register_buffer("own_spread", torch.ones(classes, own))

    def forward(self, normal: Tensor, whole: Tensor | None = None) -> Tensor:
        """Latents.

        Args:
            normal: (B, classes, latent), the first half alike for all labels.
            whole: (latent / 2,) or (B, latent / 2), the picture's half where it is given.
        """
        batch, classes, _ = normal.shape
        if whole is None:
            whole = self.whole_mean + normal[:, 0, : self.whole] @ self.whole_root.T
        whole = whole.to(normal).expand(batch, self.whole)
        expected = self.own_mean + torch.einsum("bw,kwo->bko", whole, self.own_slope)
        own = expected + self.own_spread * normal[:, :, self.whole :]
        return torch.cat([whole[:, None].expand(-1, classes, -1), own], dim=2)

    @torch.no_grad()
    def fit(self, codes: Sequence[StyleCode]) -> None:
        """Takes up the styles of pictures; of a label that none shows, what is normal stays."""
        mean = torch.cat([code.mean for code in codes]).double()
        sure = torch.cat([code.log_variance for code in codes]).double().exp()
        shown = torch.cat([code.shown for code in codes])
        if len(mean) < 2:
            return
        whole = mean[:, 0, : self.whole]
        middle = whole.mean(dim=0)
        inner = torch.diag(sure[:, 0, : self.whole].mean(dim=0) + TINY)
        self.whole_mean.copy_(middle)
        self.whole_root.copy_(torch.linalg.cholesky(torch.cov(whole.T) + inner))
        ridge = RIDGE * torch.eye(self.whole).to(whole)
        for label in range(mean.shape[1]):
            here = shown[:, label]
            if not here.any():
                continue
            own, seen = mean[here, label, self.whole :], whole[here] - middle
            center = own.mean(dim=0)
            slope = torch.linalg.solve(seen.T @ seen + ridge, seen.T @ (own - center))
            left = (own - center - seen @ slope).square().mean(dim=0)
            spread = (left + sure[here, label, self.whole :].mean(dim=0)).sqrt()
            self.own_mean[label].copy_(center - middle @ slope)
            self.own_slope[label].copy_(slope)
            self.own_spread[label].copy_(spread)


def fit_both(average: StylePrior, learning: StylePrior, codes: Sequence[StyleCode]) -> None:
    """Fits the prior of an average, and gives it to the network that is averaged.

    The same in both, or the average would move it.
    """
    average.fit(codes)
    learning.load_state_dict(average.state_dict())
