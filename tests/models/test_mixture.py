"""The mixture head: density and cell mass against scipy, far tails, sums to one."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from linework.models.mixture import (
    DENSITY_EPSILON,
    EVALUATION_NODES,
    Mixture,
    log_normal_interval,
    truncated_mean,
)
from scipy import integrate, stats

# Side of an integer cell in units of the offsets' std, as on aaron_sheep: 1 / 18.5.
CELL = 0.054


def one(sigma: tuple[float, float], rho: float, mu: tuple[float, float] = (0.0, 0.0)) -> Mixture:
    """A mixture of one component, double."""
    double = {"dtype": torch.float64}
    return Mixture(
        pen=torch.zeros(1, 3, **double),
        log_pi=torch.zeros(1, 1, **double),
        mu=torch.tensor([[mu]], **double),
        log_sigma=torch.tensor([[sigma]], **double).log(),
        rho=torch.tensor([[rho]], **double),
    )


def random_head(
    n: int, mixtures: int, seed: int, dtype: torch.dtype = torch.float64
) -> torch.Tensor:
    """Heads as a half-trained network gives them, rho within ±.76."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, 3 + 6 * mixtures, generator=generator, dtype=dtype)


def rectangle(sigma: tuple[float, float], rho: float, at: tuple[float, float]) -> float:
    """Mass of the cell around `at` by scipy: y in closed form, x by adaptive quadrature."""
    sx, sy = sigma
    left = math.sqrt(1 - rho * rho)
    low, high = at[1] - CELL / 2, at[1] + CELL / 2

    def slice_of(x: float) -> float:
        z = x / sx
        inner = stats.norm.cdf((high / sy - rho * z) / left)
        inner -= stats.norm.cdf((low / sy - rho * z) / left)
        return float(stats.norm.pdf(z) / sx * inner)

    start, stop = at[0] - CELL / 2, at[0] + CELL / 2
    nodes = sorted(p for p in (0.0, *(rho * sx * y / sy for y in (low, high))) if start < p < stop)
    return integrate.quad(
        slice_of, start, stop, epsabs=1e-13, epsrel=1e-10, points=nodes or None, limit=400
    )[0]


@pytest.mark.parametrize(
    ("sigma", "rho", "at"),
    [
        pytest.param((1.0, 1.0), 0.0, (0.0, 0.0), id="round"),
        pytest.param((0.3, 1.5), 0.6, (0.2, -0.4), id="leaning"),
        pytest.param((0.03, 0.02), -0.8, (0.01, 0.03), id="narrower than a cell"),
        pytest.param((0.01, 0.5), 0.9, (0.02, 0.4), id="narrow in x, close"),
        pytest.param((0.5, 0.01), 0.95, (0.3, 0.01), id="narrow in y, correlated"),
        pytest.param((0.05, 0.05), 0.99, (0.06, 0.07), id="almost a line"),
        pytest.param((0.002, 0.003), 0.5, (0.0, 0.0), id="all within one cell"),
        pytest.param((0.5, 0.5), 0.3, (1.6, -1.2), id="far out"),
    ],
)
def test_cell_mass_is_that_of_scipy(
    sigma: tuple[float, float], rho: float, at: tuple[float, float]
) -> None:
    mixture = one(sigma, rho)
    found = mixture.log_cell_mass(torch.tensor([at], dtype=torch.float64), CELL, EVALUATION_NODES)
    assert found.exp().item() == pytest.approx(rectangle(sigma, rho, at), rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_cells_of_the_lattice_sum_to_one(seed: int) -> None:
    cell = 0.5
    mixture = Mixture.from_head(random_head(1, 4, seed) * 0.7)
    side = torch.arange(-100, 101, dtype=torch.float64) * cell
    lattice = torch.cartesian_prod(side, side)
    parameters = (mixture.pen, mixture.log_pi, mixture.mu, mixture.log_sigma, mixture.rho)
    everywhere = Mixture(*(p.expand(len(lattice), *p.shape[1:]) for p in parameters))
    total = everywhere.log_cell_mass(lattice, cell, EVALUATION_NODES).exp().sum().item()
    assert total == pytest.approx(1.0, abs=1e-9)


def test_density_is_that_of_scipy() -> None:
    head, offsets = random_head(40, 6, 1), random_head(40, 6, 2)[:, :2]
    mixture = Mixture.from_head(head)
    wanted = []
    for i in range(len(head)):
        p = 0.0
        for k in range(6):
            sx, sy = mixture.log_sigma[i, k].exp().tolist()
            rho = mixture.rho[i, k].item()
            cov = [[sx * sx, rho * sx * sy], [rho * sx * sy, sy * sy]]
            normal = stats.multivariate_normal(mixture.mu[i, k].numpy(), cov)
            p += mixture.log_pi[i, k].exp().item() * float(normal.pdf(offsets[i].numpy()))
        wanted.append(math.log(p + DENSITY_EPSILON))
    np.testing.assert_allclose(mixture.log_density(offsets).numpy(), wanted, atol=1e-9)


def test_head_is_laid_out_as_published() -> None:
    m = 2
    head = torch.arange(3 + 6 * m, dtype=torch.float64)[None] / 10
    mixture = Mixture.from_head(head)
    assert mixture.pen.tolist() == [[0.0, 0.1, 0.2]]
    assert mixture.log_pi.exp().tolist() == [pytest.approx([1 / (1 + math.e**0.1), 0.52497918])]
    assert mixture.mu.tolist() == [[pytest.approx([0.5, 0.7]), pytest.approx([0.6, 0.8])]]
    assert mixture.log_sigma.tolist() == [[pytest.approx([0.9, 1.1]), pytest.approx([1.0, 1.2])]]
    assert mixture.rho.tolist() == [pytest.approx([math.tanh(1.3), math.tanh(1.4)])]


@pytest.mark.parametrize("nodes", [1, 8, EVALUATION_NODES])
@pytest.mark.parametrize("distance", [0.0, 5.9, 6.1, 40.0, 1e4, 1e8])
@pytest.mark.parametrize("presigma", [-8.0, 0.0, 3.0, 15.0])
def test_tails_and_their_gradients_are_finite(nodes: int, distance: float, presigma: float) -> None:
    head = random_head(3, 4, 5, torch.float32)
    head[:, 3 + 12 : 3 + 20] = presigma
    head[0, 3 + 20 :] = 12.0  # rho saturates
    head.requires_grad_()
    offsets = torch.full((3, 2), distance)
    mixture = Mixture.from_head(head)
    loss = mixture.log_cell_mass(offsets, CELL, nodes) + mixture.log_density(offsets)
    assert loss.isfinite().all()
    loss.sum().backward()
    assert head.grad is not None
    assert head.grad.isfinite().all()


@pytest.mark.parametrize("seed", range(3))
def test_one_node_is_near_the_integral(seed: int) -> None:
    """What training descends, against what evaluation reports."""
    head, noise = random_head(300, 20, seed), random_head(300, 20, seed + 50)[:, :2]
    head[:, 3 + 60 : 3 + 100] -= 1.0  # sigmas of a trained model: about .4, seven cells
    mixture = Mixture.from_head(head)
    offsets = mixture.mu[:, 0] + mixture.log_sigma[:, 0].exp() * noise
    fast = mixture.log_cell_mass(offsets, CELL)
    exact = mixture.log_cell_mass(offsets, CELL, EVALUATION_NODES)
    assert (fast - exact).abs().mean().item() < 0.02
    assert (fast - exact).abs().median().item() < 0.002
    uncorrelated = Mixture(
        mixture.pen, mixture.log_pi, mixture.mu, mixture.log_sigma, torch.zeros_like(mixture.rho)
    )
    torch.testing.assert_close(
        uncorrelated.log_cell_mass(offsets, CELL),
        uncorrelated.log_cell_mass(offsets, CELL, EVALUATION_NODES),
        atol=1e-9,
        rtol=0,
    )


@pytest.mark.parametrize("half", [1e-4, 0.03, 0.4, 3.0])
def test_normal_interval_is_that_of_scipy_also_in_the_tails(half: float) -> None:
    z = torch.linspace(-12, 12, 241, dtype=torch.float64)
    middle = z.abs().numpy()
    wanted = stats.norm.logsf(middle - half) + np.log1p(
        -np.exp(stats.norm.logsf(middle + half) - stats.norm.logsf(middle - half))
    )
    found = log_normal_interval(z, torch.full_like(z, half)).numpy()
    # The tail's continued fraction takes over at six sigmas, right there to 1e-4.
    far = middle - half > 5.9
    np.testing.assert_allclose(found[~far], wanted[~far], atol=1e-8)
    np.testing.assert_allclose(found[far], wanted[far], atol=2e-4)


def test_truncated_mean_is_that_of_scipy() -> None:
    z = torch.linspace(-3.9, 3.9, 79, dtype=torch.float64)
    half = torch.full_like(z, 0.7)
    found = truncated_mean(z, half, log_normal_interval(z, half))
    wanted = stats.truncnorm.mean((z - half).numpy(), (z + half).numpy())
    np.testing.assert_allclose(found.numpy(), wanted, atol=1e-7)


def test_mass_cannot_be_gamed_where_the_density_can() -> None:
    """Sigma collapsing onto an integer: the density grows without bound, the mass ends at 1."""
    at = torch.zeros(1, 2, dtype=torch.float64)
    densities, masses = [], []
    for sigma in (1e-1, 1e-2, 1e-3, 1e-4):
        mixture = one((sigma, sigma), 0.0)
        densities.append(mixture.log_density(at).item())
        masses.append(mixture.log_cell_mass(at, CELL).item())
    assert densities[-1] > 16
    assert all(a < b for a, b in pairwise(densities))
    assert all(m <= 0 for m in masses)
    assert masses[-1] == pytest.approx(0.0, abs=1e-9)
