"""The mixture head of sketch-rnn: bivariate normals for the offset, a softmax for the pen.

Ha and Eck 2017 (arXiv 1704.03477), section 3.2, equations 3 to 9, with the head
laid out as in the published code: 3 pen logits, then M each of pi logits, mu x,
mu y, presigma x, presigma y, prerho; sigma = exp(presigma), rho = tanh(prerho).

Two likelihoods of the same head. The *density* is the published one. On integer
offsets it can be driven below any bound by sigmas that collapse onto an integer,
so there is also the *cell mass*: the normal integrated over the unit square around
the integer offset, a true probability that cannot be gamed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

# The published loss adds this inside the logarithm of the density.
DENSITY_EPSILON = 1e-6
# Beyond this many sigmas, where float32 erfc nears its underflow, the tail is taken from
# Mills' ratio as a continued fraction of two levels, right there to 1e-4.
TAIL_SIGMAS = 6.0
# Nodes of the quadrature that evaluation uses; 64 agree with Genz's bivariate
# normal integral to 1e-6 (tests/models/test_mixture.py).
EVALUATION_NODES = 64
# sigma within e^±20 times the offset std: published weights reach 1e-6, float32 overflows later.
MAX_PRESIGMA = 20.0
# |rho| stays below 1, where the conditional normal would collapse to a line.
MAX_RHO = 0.9999

LOG_SQRT_2PI = 0.5 * math.log(2 * math.pi)


def make_head(size: int, components: int) -> nn.Linear:
    """The output layer of a decoder of `size` units: 3 + 6 M outputs, started as published."""
    head = nn.Linear(size, 3 + 6 * components)
    nn.init.xavier_uniform_(head.weight)
    # The published bias, too, starts Glorot uniform, each way of it counted.
    limit = (3 / head.out_features) ** 0.5
    nn.init.uniform_(head.bias, -limit, limit)
    return head


@dataclass(frozen=True, slots=True)
class Mixture:
    """Parameters for N steps of M components; offsets in units of the training std.

    Args:
        pen: (N, 3) logits of down, up, end.
        log_pi: (N, M) log weights.
        mu: (N, M, 2) means.
        log_sigma: (N, M, 2) logarithms of the standard deviations.
        rho: (N, M) correlations.
    """

    pen: Tensor
    log_pi: Tensor
    mu: Tensor
    log_sigma: Tensor
    rho: Tensor

    @classmethod
    def from_head(cls, head: Tensor) -> Mixture:
        """From the output layer's (N, 3 + 6 M)."""
        pen, rest = head[:, :3], head[:, 3:]
        logits, mu_x, mu_y, pre_x, pre_y, pre_rho = rest.chunk(6, dim=1)
        presigma = torch.stack([pre_x, pre_y], dim=-1).clamp(-MAX_PRESIGMA, MAX_PRESIGMA)
        return cls(
            pen=pen,
            log_pi=F.log_softmax(logits, dim=1),
            mu=torch.stack([mu_x, mu_y], dim=-1),
            log_sigma=presigma,
            rho=torch.tanh(pre_rho),
        )

    def log_density(self, offsets: Tensor) -> Tensor:
        """log of the density at `offsets` (N, 2), + 1e-6 inside as published: (N,)."""
        z = (offsets[:, None] - self.mu) * torch.exp(-self.log_sigma)
        rho = self.rho.clamp(-MAX_RHO, MAX_RHO)
        left = 1 - rho.square()
        square = z.square().sum(-1) - 2 * rho * z[..., 0] * z[..., 1]
        log_normal = (
            -0.5 * square / left - self.log_sigma.sum(-1) - 0.5 * left.log() - 2 * LOG_SQRT_2PI
        )
        log_p = torch.logsumexp(self.log_pi + log_normal, dim=1)
        return torch.logaddexp(log_p, log_p.new_full((), math.log(DENSITY_EPSILON)))

    def log_cell_mass(self, offsets: Tensor, cell: float, nodes: int = 1) -> Tensor:
        """log of the mass in the square of side `cell` around `offsets` (N, 2): (N,).

        The inner integral over y is exact given x. The outer one over x is one
        conditional mean with `nodes` 1, which is what training uses (exact where
        rho is 0), else Gauss-Legendre quadrature in the probability of x.
        """
        z = (offsets[:, None] - self.mu) * torch.exp(-self.log_sigma)  # (N, M, 2)
        half = 0.5 * cell * torch.exp(-self.log_sigma)
        rho = self.rho.clamp(-MAX_RHO, MAX_RHO)
        scale = (1 - rho.square()).rsqrt()
        x, y, half_y = z[..., 0], z[..., 1], half[..., 1] * scale
        log_x = log_normal_interval(x, half[..., 0])
        if nodes == 1:
            given = truncated_mean(x, half[..., 0], log_x)
            log_y = log_normal_interval((y - rho * given) * scale, half_y)
        else:
            log_y = _mean_over_x(x, half[..., 0], y, rho, scale, half_y, nodes)
        return torch.logsumexp(self.log_pi + log_x + log_y, dim=1)

    def log_pen(self, pen: Tensor, temperature: float = 1.0) -> Tensor:
        """log probability of pen states (N,) of 0 down, 1 up, 2 end: (N,)."""
        return -F.cross_entropy(self.pen / temperature, pen, reduction="none")


def log_normal_interval(z: Tensor, half: Tensor) -> Tensor:
    """log of the standard normal's mass within z ± half, also far out in the tails."""
    middle = z.abs()  # by symmetry the right-hand side stands for both
    near = middle - half
    in_tail = near > TAIL_SIGMAS
    a = torch.where(in_tail, near, TAIL_SIGMAS)
    b = a + 2 * half
    mills_a, mills_b = a + a / (a * a + 2), b + b / (b * b + 2)
    # Mass beyond a is phi(a) / mills(a); of it, exp(-gap) lies beyond b.
    gap = 2 * (a + half) * half + (mills_b / mills_a).log()
    tail = -0.5 * a.square() - LOG_SQRT_2PI - mills_a.log() + torch.log(-torch.expm1(-gap))
    root = math.sqrt(0.5)
    safe = torch.where(in_tail, 0.0, middle)
    # erfc keeps its digits on the right-hand side, where erf has rounded to 1.
    mass = 0.5 * (torch.erfc((safe - half) * root) - torch.erfc((safe + half) * root))
    return torch.where(in_tail, tail, torch.log(mass.clamp_min(torch.finfo(mass.dtype).tiny)))


def truncated_mean(z: Tensor, half: Tensor, log_mass: Tensor) -> Tensor:
    """Mean of a standard normal kept within z ± half, whose log mass is known."""
    low, high = z - half, z + half
    difference = torch.exp(-0.5 * low.square() - LOG_SQRT_2PI - log_mass) - torch.exp(
        -0.5 * high.square() - LOG_SQRT_2PI - log_mass
    )
    # For a narrow or far interval the difference of two equals is noise; the mean
    # then lies at the middle to within half squared.
    narrow = (half < 0.05) | (z.abs() > TAIL_SIGMAS)
    return torch.where(narrow, z, torch.maximum(torch.minimum(difference, high), low))


def _mean_over_x(
    x: Tensor, half_x: Tensor, y: Tensor, rho: Tensor, scale: Tensor, half_y: Tensor, nodes: int
) -> Tensor:
    """log of the mean over x within its interval of the mass in y given x: (N, M)."""
    points, weights = _legendre(nodes)
    # On the left-hand side the normal integral keeps its digits: flip x there.
    sign = torch.where(x > 0, -1.0, 1.0).to(x.dtype)
    low, high = sign * x - half_x, sign * x + half_x
    u_low, u_high = torch.special.ndtr(low), torch.special.ndtr(high)
    total = None
    for point, weight in zip(points, weights, strict=True):
        u = u_low + (u_high - u_low) * (0.5 + 0.5 * point)
        at = torch.special.ndtri(u.clamp_min(torch.finfo(u.dtype).tiny))
        at = sign * torch.maximum(torch.minimum(at, high), low)
        term = log_normal_interval((y - rho * at) * scale, half_y) + math.log(weight / 2)
        total = term if total is None else torch.logaddexp(total, term)
    assert total is not None
    return total


@cache
def _legendre(nodes: int) -> tuple[list[float], list[float]]:
    points, weights = np.polynomial.legendre.leggauss(nodes)
    return points.tolist(), weights.tolist()
