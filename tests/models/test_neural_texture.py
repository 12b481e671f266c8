"""Random filters: what they descend to has the sample's patches."""

import numpy as np
import torch
from linework.models import neural_texture
from linework.models.neural_texture import match_patches
from linework.strokes.texture import compare_patches


def test_patches_come_near_the_samples(monkeypatch):
    monkeypatch.setattr(neural_texture, "STEPS", (1, 1, 1, 150))
    monkeypatch.setattr(neural_texture, "SORTED", 800)
    sample = np.tile(np.where(np.arange(32) % 8 < 3, 0, 255).astype(np.uint8), (32, 1))
    found = match_patches(sample, (36, 30), torch.Generator().manual_seed(0))
    assert found.shape == (30, 36)
    rng = np.random.default_rng(0)
    noise = rng.permutation(np.resize(sample.ravel(), 1080)).reshape(30, 36)
    near = compare_patches(found, sample, np.random.default_rng(1)).distance
    assert near < 0.5 * compare_patches(noise, sample, np.random.default_rng(1)).distance


def test_colours_and_seeds(monkeypatch):
    monkeypatch.setattr(neural_texture, "STEPS", (2, 2, 2, 2))
    monkeypatch.setattr(neural_texture, "SORTED", 800)
    sample = np.random.default_rng(0).integers(0, 256, (30, 40, 3)).astype(np.uint8)
    one, other = (match_patches(sample, (33, 21), torch.Generator().manual_seed(5)) for _ in "ab")
    assert one.shape == (21, 33, 3)
    assert (one == other).all()
