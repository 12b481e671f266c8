"""The whole sketch-rnn: shapes, gradients, padding, figures, learning, saving."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from linework.models.batches import collate
from linework.models.checkpoint import load_tensors, load_weights, save_tensors
from linework.models.mixture import Mixture
from linework.models.sketchrnn import SketchBatch, SketchRNN
from linework.models.sketchrnn_figures import sketchrnn_figures
from sketches import WORDS, random_batch, random_rows, shaken, small_config

CELL_KINDS = ("fused", "lstm", "layernorm", "hyper")
LENGTHS = (7, 3, 12, 1)
STEPS = 1000


@pytest.mark.parametrize("positions", [False, True])
@pytest.mark.parametrize("words", [(), WORDS], ids=["one word", "words"])
@pytest.mark.parametrize("variational", [False, True])
@pytest.mark.parametrize("cell", CELL_KINDS)
def test_shapes_and_gradients(
    cell: str, variational: bool, words: tuple[str, ...], positions: bool
) -> None:
    torch.manual_seed(0)
    config = small_config(
        encoder_cell=cell,
        decoder_cell=cell,
        variational=variational,
        words=words,
        positions=positions,
    )
    model = shaken(SketchRNN(config))
    batch = random_batch(config, LENGTHS)
    losses = model(batch)
    assert losses.kl.shape == (4,)
    assert losses.points == sum(LENGTHS)
    if variational:
        assert (losses.kl > 0).tolist() == [True, True, True, False]
        z = torch.zeros(4, config.latent_size)
        mu, log_variance = model.encode(batch)
        assert mu.shape == log_variance.shape == z.shape
    else:
        z = None
        assert losses.kl.eq(0).all()
    assert model.heads(batch, z).shape == (13, 4, 3 + 6 * 3)
    (losses.offset + losses.pen + losses.kl.sum()).backward()
    idle = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert idle == []


def figures_of(model: SketchRNN, batch: SketchBatch) -> dict[str, float]:
    return sketchrnn_figures(model, [batch], nodes=8, n_max=20)


@pytest.mark.parametrize("cell", CELL_KINDS)
def test_padding_is_never_read(cell: str) -> None:
    torch.manual_seed(0)
    config = small_config(encoder_cell=cell, decoder_cell=cell)
    model = shaken(SketchRNN(config)).eval()
    tight, padded = (random_batch(config, LENGTHS, pad_to=rows) for rows in (None, 40))
    assert len(padded.offsets) == 40
    for a, b in zip(model.encode(tight), model.encode(padded), strict=True):
        torch.testing.assert_close(a, b, atol=1e-6, rtol=1e-5)
    ours, theirs = model(tight), model(padded)
    for name in ("offset", "pen", "kl"):
        torch.testing.assert_close(getattr(ours, name), getattr(theirs, name), atol=1e-4, rtol=1e-5)
    assert figures_of(model, tight) == pytest.approx(figures_of(model, padded), rel=1e-5)


def test_garbage_in_the_padding_changes_nothing() -> None:
    config = small_config()
    model = shaken(SketchRNN(config)).eval()
    batch = random_batch(config, LENGTHS)
    steps = torch.arange(len(batch.offsets))[:, None]
    offsets = torch.where((steps < batch.lengths)[..., None], batch.offsets, 123.0)
    dirty = dataclasses.replace(batch, offsets=offsets)
    torch.testing.assert_close(model.encode(batch)[0], model.encode(dirty)[0])
    torch.testing.assert_close(model(batch).offset, model(dirty).offset)


def test_inputs_say_where_the_pen_is() -> None:
    config = small_config(scale=1.0, position_scale=2.0)
    rows = np.array([[4, 0, 0], [0, 2, 1], [-2, 4, 0], [2, 2, 1]], np.float32)
    one = np.zeros((1, config.latent_size), np.float32)
    batch = collate([rows], np.zeros(1), one, np.ones(1, bool), config.scale)
    model = SketchRNN(config)
    seen = model.inputs(batch.offsets, batch.pen[:-1], shift=True)[:, 0]
    # Each row: the last offset, the pen, the place and the place within the stroke, halved.
    assert seen.tolist() == [
        [0, 0, 1, 0, 0, 0, 0, 0, 0],
        [4, 0, 1, 0, 0, 2, 0, 2, 0],
        [0, 2, 0, 1, 0, 2, 1, 2, 1],
        [-2, 4, 1, 0, 0, 1, 3, 0, 0],
    ]
    read = model.inputs(batch.offsets, batch.pen[:-1], shift=False)[:, 0]
    assert read[:, 5:].tolist() == [[2, 0, 2, 0], [2, 1, 2, 1], [1, 3, 0, 0], [2, 4, 1, 1]]


def naive_loss(model: SketchRNN, batch: SketchBatch, n_max: int) -> float:
    """L_R by the published sum, a row at a time: pens everywhere, offsets before the end."""
    mu, log_variance = model.encode(batch)
    head = model.heads(batch, mu + torch.exp(0.5 * log_variance) * batch.noise)
    total = 0.0
    for column, length in enumerate(batch.lengths.tolist()):
        for row in range(n_max):
            mixture = Mixture.from_head(head[row, column][None])
            total -= mixture.log_pen(batch.pen[row, column][None]).item()
            if row < length:
                total -= mixture.log_density(batch.offsets[row, column][None]).item()
    return total / (n_max * len(batch.lengths))


def test_published_loss_counts_pens_over_the_padding() -> None:
    n_max = max(LENGTHS)  # so that one drawing has no row left for its end, as published
    config = small_config(likelihood="density")
    model = shaken(SketchRNN(config)).eval()
    batch = random_batch(config, LENGTHS, pad_to=n_max)
    batch = dataclasses.replace(batch, keep_latent=torch.ones(4, dtype=torch.bool))
    with torch.no_grad():
        wanted = naive_loss(model, batch, n_max)
        losses = model(batch, count_padding=True)
    found = (losses.offset + losses.pen).item() / (n_max * len(LENGTHS))
    assert found == pytest.approx(wanted, rel=1e-5)
    figures = sketchrnn_figures(model, [batch], n_max=n_max, padding=True)
    assert figures["lr"] == pytest.approx(wanted, rel=1e-5)


def test_figures_agree_with_the_loss_and_with_each_other() -> None:
    config = small_config()
    model = shaken(SketchRNN(config)).eval()
    batch = random_batch(config, LENGTHS)
    batch = dataclasses.replace(batch, keep_latent=torch.ones(4, dtype=torch.bool))
    figures = figures_of(model, batch)
    points = sum(LENGTHS)
    with torch.no_grad():
        losses = model(batch)
    assert figures["pen"] == pytest.approx(losses.pen.item() / points, rel=1e-5)
    assert figures["kl"] == pytest.approx(losses.kl.sum().item() / points, rel=1e-5)
    assert figures["kl_dimension"] == pytest.approx(losses.kl.mean().item() / 5, rel=1e-5)
    assert figures["cell_with_kl"] == pytest.approx(figures["cell"] + figures["kl"])
    units = 2 * math.log(config.scale)
    loss = (losses.offset + losses.pen).item() / points - units  # by one node a cell
    assert figures["cell"] == pytest.approx(loss, abs=0.1)
    # A cell is small against these sigmas, and then mass over area is the density.
    assert figures["cell"] == pytest.approx(figures["density"], abs=0.05)
    without = sketchrnn_figures(model, [batch], nodes=8, with_latent=False)
    assert "kl" not in without
    assert without["cell"] != figures["cell"]


def test_without_a_latent_z_has_no_say() -> None:
    config = small_config(words=WORDS)
    model = shaken(SketchRNN(config)).eval()
    batch = random_batch(config, LENGTHS)
    withheld = dataclasses.replace(batch, keep_latent=torch.zeros(4, dtype=torch.bool))
    z = torch.randn(4, config.latent_size)
    torch.testing.assert_close(model.heads(withheld, z), model.heads(withheld, None))
    assert not torch.equal(model.heads(batch, z)[:, 0], model.heads(batch, None)[:, 0])


@pytest.mark.parametrize("likelihood", ["cell", "density"])
def test_it_learns_four_drawings_by_heart(likelihood: str) -> None:
    torch.manual_seed(1)
    config = small_config(
        encoder_size=32, decoder_size=128, latent_size=8, likelihood=likelihood, decoder_dropout=0.0
    )
    model = SketchRNN(config)
    rng = np.random.default_rng(0)
    drawings = [random_rows(rng, n) for n in (12, 15, 18, 20)]
    noise = np.zeros((4, 8), np.float32)
    batch = collate(drawings, np.zeros(4), noise, np.ones(4, bool), config.scale)
    optimizer = torch.optim.Adam(model.parameters(), betas=(0.9, 0.99))
    for step in range(STEPS):
        for group in optimizer.param_groups:
            group["lr"] = 5e-3 * (1 - step / STEPS)
        losses = model(batch)
        optimizer.zero_grad()
        ((losses.offset + losses.pen) / losses.points).backward()
        torch.nn.utils.clip_grad_value_(model.parameters(), 1.0)
        optimizer.step()
    figures = sketchrnn_figures(model.eval(), [batch], nodes=8)
    # Knowing nothing costs ln(61 x 61) = 8.2 nats a point for the offset alone; and only
    # sigmas of a twentieth of the offsets' std give a density beyond -3.
    if likelihood == "cell":
        assert figures["cell"] + 2 * math.log(config.scale) < 2.0
    else:
        assert figures["density"] < -3
    assert figures["pen"] < 0.05


@pytest.mark.parametrize("cell", CELL_KINDS)
def test_saved_and_loaded_it_is_the_same_to_the_bit(cell: str, tmp_path: Path) -> None:
    config = small_config(encoder_cell=cell, decoder_cell=cell, words=WORDS)
    model = shaken(SketchRNN(config)).eval()
    path = tmp_path / "model.safetensors"
    save_tensors(path, model.state_dict(), {"model": "sketchrnn"})
    other = SketchRNN(config).eval()
    tensors, _ = load_tensors(path)
    load_weights(other, tensors, path)
    batch = random_batch(config, LENGTHS)
    z = torch.randn(4, config.latent_size)
    with torch.no_grad():
        assert torch.equal(model.heads(batch, z), other.heads(batch, z))
        assert torch.equal(model.encode(batch)[0], other.encode(batch)[0])
