"""Numbers that tell sets of pictures apart: an encoder that is never trained, and two distances.

The encoder's filters are random, from one seed, at four scales (after Ulyanov et al., "Texture
Synthesis with Multi-scale Random Filters", 2016, arXiv 1606.00021: such filters describe texture
well), with the colours of a coarse grid beside them. It sees colour, light, texture and rough
composition, not what is shown; that is for a segmenter to judge. `fingerprint` says that two
figures came from the same encoder: only such compare, and neither is an FID.

Distances: Fréchet's between normal distributions (Dowson and Landau 1982), and the
unbiased squared maximum mean discrepancy (Gretton et al. 2012, lemma 6).
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

SEED = 20_261_121
SCALES = 4  # the picture, and its halves down to 1/8
FILTERS = 32
GRID = 4  # cells a side whose mean colours count
# Fewer numbers than pictures, or their covariance means nothing.
NUMBERS = 64

Features = npt.NDArray[np.float64]


class FrozenFeatures:
    """Pictures (B, 3, H, W) in [-1, 1], sides of 16 px and more, to `NUMBERS` numbers each."""

    def __init__(self) -> None:
        generator = torch.Generator().manual_seed(SEED)

        def normal(*shape: int) -> Tensor:
            fan_in = int(np.prod(shape[1:]))
            return torch.randn(shape, generator=generator) * (2 / fan_in) ** 0.5

        self._first = [normal(FILTERS, 3, 5, 5) for _ in range(SCALES)]
        self._second = [normal(FILTERS, FILTERS, 3, 3) for _ in range(SCALES)]
        count = SCALES * 2 * FILTERS + 3 * GRID**2
        mixed = torch.randn(count, NUMBERS, generator=generator, dtype=torch.float64)
        self._mix = torch.linalg.qr(mixed).Q

    @property
    def fingerprint(self) -> str:
        """The first 16 digits of the SHA-256 of its filters."""
        digest = hashlib.sha256()
        for weights in [*self._first, *self._second]:
            digest.update(weights.numpy().tobytes())
        return digest.hexdigest()[:16]

    def __call__(self, pictures: Tensor) -> Features:
        """float64 (B, NUMBERS)."""
        found = [F.adaptive_avg_pool2d(pictures, GRID).flatten(1)]
        for first, second in zip(self._first, self._second, strict=True):
            x = F.relu(F.conv2d(_framed(pictures, 2), first))
            x = F.relu(F.conv2d(_framed(x, 1), second)).flatten(2)
            found += [x.mean(dim=2), x.std(dim=2)]
            pictures = F.avg_pool2d(pictures, 2)
        return np.asarray((torch.cat(found, dim=1).double() @ self._mix).numpy())


def frechet_distance(one: Features, other: Features) -> float:
    """Of normal distributions fitted to two sets (n, D), (m, D); 0 for equal sets.

    Fewer pictures give larger distances: compare sets of the same count.
    """
    apart = one.mean(axis=0) - other.mean(axis=0)
    first, second = np.cov(one, rowvar=False), np.cov(other, rowvar=False)
    root = _root(first)
    values = np.linalg.eigvalsh(root @ second @ root)
    shared = np.sqrt(np.clip(values, 0, None)).sum()
    return float(apart @ apart + np.trace(first) + np.trace(second) - 2 * shared)


def mean_discrepancy(one: Features, other: Features, width: float) -> float:
    """Squared MMD of two sets (n, D), (m, D), unbiased: about 0, also below it, for alike ones.

    Args:
        width: of the Gaussian kernel, as `kernel_width` finds it.
    """

    def kernel(a: Features, b: Features) -> Features:
        return np.asarray(np.exp(-_squares(a, b) / (2 * width**2)))

    n, m = len(one), len(other)
    own = (kernel(one, one).sum() - n) / (n * (n - 1))
    others = (kernel(other, other).sum() - m) / (m * (m - 1))
    return float(own + others - 2 * kernel(one, other).mean())


def kernel_width(features: Features) -> float:
    """The median distance within a set (n, D), n above 1."""
    pairs = np.triu_indices(len(features), 1)
    return float(np.sqrt(np.median(_squares(features, features)[pairs])))


def mean_distance(features: Features) -> float:
    """The mean distance within a set (n, D), n above 1."""
    pairs = np.triu_indices(len(features), 1)
    return float(np.sqrt(_squares(features, features)[pairs]).mean())


def _framed(x: Tensor, by: int) -> Tensor:
    """With its last px going on beyond the edge."""
    return F.pad(x, (by, by, by, by), mode="replicate")


def _squares(one: Features, other: Features) -> Features:
    """Squared distances (n, m)."""
    found = (one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1) - 2 * one @ other.T
    return np.asarray(np.clip(found, 0, None))


def _root(matrix: Features) -> Features:
    """The square root of a matrix that is symmetric and not negative."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T)
