"""The recurrent cells against small numpy versions written from the published description.

The numpy cells keep magenta's layout (sketch_rnn/rnn.py): rows are inputs, gates stand in
the order i, j (candidate), f, o, the forget bias of 1 is added apart from the stored bias,
and a HyperLSTM's state is the main cell's units followed by the hyper cell's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from linework.models.cells import CELLS, LSTM, DropoutLSTM, HyperLSTM, LayerNormLSTM, make_cell

Array = npt.NDArray[np.float64]
State = tuple[Array, Array]

INPUTS, HIDDEN, BATCH, STEPS = 6, 8, 3, 5


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def as_published(weight: torch.Tensor) -> Array:
    """(4 H, I) in torch's order of gates -> (I, 4 H) in i, j, f, o."""
    i, f, g, o = weight.detach().double().numpy().reshape(4, -1, weight.shape[-1])
    return np.concatenate([i, g, f, o]).T


def bias_as_published(bias: torch.Tensor) -> Array:
    """(4 H,) or (4, H) with the forget bias inside -> (4 H,) in i, j, f, o, without it."""
    i, f, g, o = bias.detach().double().numpy().reshape(4, -1)
    return np.concatenate([i, g, f - 1.0, o])


def plain_order(values: torch.Tensor) -> Array:
    """As `bias_as_published`, for what holds no forget bias."""
    i, f, g, o = values.detach().double().numpy().reshape(4, -1)
    return np.concatenate([i, g, f, o])


def normalised(x: Array, gain: Array, bias: Array) -> Array:
    """Layer norm over the last axis, epsilon 1e-3, the variance without Bessel's correction."""
    centred = x - x.mean(-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-3) * gain + bias


def advance(gates: Array, c: Array, mask: Array | float, out: Callable[[Array], Array]) -> State:
    """New h and c from the four gates (B, 4 H); recurrent dropout on the candidate."""
    i, j, f, o = np.split(gates, 4, axis=1)
    c = c * sigmoid(f + 1.0) + sigmoid(i) * np.tanh(j) * mask
    return np.tanh(out(c)) * sigmoid(o), c


def numpy_lstm(cell: DropoutLSTM, x: Array, state: State, mask: Array | float) -> State:
    h, c = state
    full = np.concatenate([as_published(cell.weight_ih), as_published(cell.weight_hh)])
    gates = np.concatenate([x, h], axis=1) @ full + bias_as_published(cell.bias)
    return advance(gates, c, mask, lambda c: c)


def by_gate(gates: Array, gain: Array, bias: Array) -> Array:
    """Each of the four gates normalised by itself."""
    parts = zip(*(np.split(a, 4, axis=-1) for a in (gates, gain, bias)), strict=True)
    return np.concatenate([normalised(*part) for part in parts], axis=1)


def out_norm(cell: LayerNormLSTM | HyperLSTM) -> Callable[[Array], Array]:
    gain, bias = (p.detach().double().numpy() for p in (cell.norm_c.weight, cell.norm_c.bias))
    return lambda c: normalised(c, gain, bias)


def numpy_layer_norm(cell: LayerNormLSTM, x: Array, state: State, mask: Array | float) -> State:
    h, c = state
    full = np.concatenate([as_published(cell.weight_ih), as_published(cell.weight_hh)])
    gates = np.concatenate([x, h], axis=1) @ full
    gates = by_gate(gates, plain_order(cell.gain), bias_as_published(cell.bias))
    return advance(gates, c, mask, out_norm(cell))


def numpy_hyper(cell: HyperLSTM, x: Array, state: State, mask: Array | float) -> State:
    total_h, total_c = state
    h, c = total_h[:, :HIDDEN], total_c[:, :HIDDEN]
    inner = (total_h[:, HIDDEN:], total_c[:, HIDDEN:])
    hyper_h, hyper_c = numpy_layer_norm(cell.hyper, np.concatenate([x, h], axis=1), inner, 1.0)
    from_x = np.split(x @ as_published(cell.weight_ih), 4, axis=1)
    from_h = np.split(h @ as_published(cell.weight_hh), 4, axis=1)
    biases = np.split(plain_order(cell.inner_bias), 4)
    gates = []
    for place, ours in enumerate((0, 2, 1, 3)):  # i, j, f, o among torch's i, f, g, o
        scaled = biases[place]
        for norm, layer in ((cell.scale_x, from_x[place]), (cell.scale_h, from_h[place])):
            w = {k: v.detach().double().numpy()[ours] for k, v in norm.named_parameters()}
            zw = hyper_h @ w["scale_in"].T + w["scale_bias"]
            scaled = scaled + layer * (zw @ w["scale_out"].T)
            if "shift_in" in w:
                scaled = scaled + hyper_h @ w["shift_in"].T @ w["shift_out"].T
        gates.append(scaled)
    full = by_gate(np.concatenate(gates, 1), plain_order(cell.gain), bias_as_published(cell.bias))
    h, c = advance(full, c, mask, out_norm(cell))
    return np.concatenate([h, hyper_h], axis=1), np.concatenate([c, hyper_c], axis=1)


PUBLISHED: dict[str, Callable[[Any, Array, State, Array | float], State]] = {
    "lstm": numpy_lstm,
    "layernorm": numpy_layer_norm,
    "hyper": numpy_hyper,
}


def shaken(cell: torch.nn.Module, seed: int = 0) -> Any:
    """The cell with every parameter moved off its start, so that none is without effect."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in cell.parameters():
            parameter += 0.3 * torch.randn(parameter.shape, generator=generator)
    return cell


@pytest.mark.parametrize("dropout", [0.0, 0.4])
@pytest.mark.parametrize("kind", PUBLISHED)
def test_cell_is_the_published_one(
    kind: str, dropout: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    cell = shaken(CELLS[kind](INPUTS, HIDDEN, dropout))
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(STEPS, BATCH, INPUTS, generator=generator)
    state = tuple(torch.randn(BATCH, cell.state_size, generator=generator) for _ in range(2))
    kept = torch.rand(STEPS, BATCH, HIDDEN, generator=generator) >= dropout
    masks = (kept.float() / (1 - dropout)) if dropout else torch.ones(STEPS, BATCH, HIDDEN)
    if dropout:
        waiting = iter(masks)
        monkeypatch.setattr(cell, "_drop", lambda candidate: candidate * next(waiting))

    out, last = cell(x, state)

    h, c = (part.double().numpy() for part in state)
    for t in range(STEPS):
        h, c = PUBLISHED[kind](cell, x[t].double().numpy(), (h, c), masks[t].double().numpy())
        np.testing.assert_allclose(out[t].detach().numpy(), h[:, :HIDDEN], atol=2e-6)
    np.testing.assert_allclose(last[0].detach().numpy(), h, atol=2e-6)
    np.testing.assert_allclose(last[1].detach().numpy(), c, atol=5e-6)


def test_fused_is_the_plain_cell_without_dropout() -> None:
    torch.manual_seed(0)
    fused = shaken(LSTM(INPUTS, HIDDEN))
    stepped = DropoutLSTM(INPUTS, HIDDEN)
    stepped.load_state_dict(fused.state_dict())
    x = torch.randn(STEPS, BATCH, INPUTS)
    state = (torch.randn(BATCH, HIDDEN), torch.randn(BATCH, HIDDEN))
    outs = []
    for cell in (fused, stepped):
        out, (h, c) = cell(x, state)
        (out.square().sum() + h.sum() + c.square().sum()).backward()
        outs.append((out, h, c, *(p.grad for p in cell.parameters())))
    for a, b in zip(*outs, strict=True):
        torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("kind", CELLS)
def test_without_a_state_it_starts_from_zeros(kind: str) -> None:
    cell = shaken(make_cell(kind, INPUTS, HIDDEN, 0.0))
    x = torch.randn(STEPS, BATCH, INPUTS)
    zeros = torch.zeros(BATCH, cell.state_size)
    torch.testing.assert_close(cell(x)[0], cell(x, (zeros, zeros))[0])


@pytest.mark.parametrize("kind", CELLS)
def test_dropout_acts_in_training_only_and_depends_on_the_seed(kind: str) -> None:
    torch.manual_seed(0)
    cell = make_cell(kind, INPUTS, HIDDEN, 0.5)
    x = torch.randn(STEPS, BATCH, INPUTS)

    def run(seed: int) -> torch.Tensor:
        torch.manual_seed(seed)
        return cell(x)[0]

    assert torch.equal(run(1), run(1))
    assert not torch.equal(run(1), run(2))
    cell.eval()
    assert torch.equal(run(1), run(2))


def test_drop_connect_leaves_out_recurrent_weights_alone() -> None:
    cell = LSTM(INPUTS, HIDDEN, dropout=0.999999)
    bare = LSTM(INPUTS, HIDDEN)
    bare.load_state_dict(cell.state_dict())
    with torch.no_grad():
        bare.weight_hh.zero_()
    x = torch.randn(STEPS, BATCH, INPUTS)
    torch.testing.assert_close(cell(x)[0], bare(x)[0])


@pytest.mark.parametrize("kind", CELLS)
def test_it_starts_as_published(kind: str) -> None:
    torch.manual_seed(0)
    cell = make_cell(kind, INPUTS, HIDDEN, 0.1)
    for gate in cell.weight_hh.split(HIDDEN):
        torch.testing.assert_close(gate @ gate.T, torch.eye(HIDDEN), atol=1e-5, rtol=0)
    bound = (6 / (INPUTS + 4 * HIDDEN)) ** 0.5
    assert 0.9 * bound < cell.weight_ih.abs().max() <= bound
    assert cell.bias.view(4, HIDDEN).mean(1).tolist() == [0, 1, 0, 0]
    assert (cell.bias.view(4, HIDDEN).std(1) == 0).all()


def test_hyper_starts_as_published() -> None:
    cell = HyperLSTM(INPUTS, HIDDEN, 0.1)
    assert (cell.hyper.hidden_size, cell.hyper.dropout) == (256, 0.0)
    assert cell.state_size == HIDDEN + 256
    for scale in (cell.scale_x, cell.scale_h):
        assert scale.scale_in.shape == (4, 32, 256)
        assert (scale.scale_in == 0).all()
        assert (scale.scale_bias == 1).all()
        torch.testing.assert_close(scale.scale_out, torch.full((4, HIDDEN, 32), 0.1 / 32))
    assert not cell.scale_x.shift
    assert cell.scale_h.shift_in.std().item() == pytest.approx(0.01, rel=0.05)
    assert (cell.scale_h.shift_out == 0).all()
    assert (cell.inner_bias == 0).all()
