"""Recurrent layers: one fused LSTM, and the three cells of the published sketch-rnn.

Every layer maps (T, B, I) to (T, B, H), time first, and has the state [h, c].
`LSTM` runs in one fused kernel (oneDNN on a CPU, cuDNN on a GPU) and regularises
by DropConnect on the recurrent weights (Merity et al. 2017, arXiv 1708.02182),
which a fused kernel allows. The published cells regularise inside the step, by
dropout on the candidate (Semeniuta et al. 2016, arXiv 1603.05118), and so go step
by step: `DropoutLSTM`, `LayerNormLSTM`, `HyperLSTM` (Ha et al. 2016, arXiv
1609.09106), as in magenta's sketch_rnn/rnn.py.

Gates are in torch's order: input, forget, candidate, output. The forget gate's
bias of 1, implicit in the published code, is part of the stored bias here.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

State = tuple[Tensor, Tensor]

FORGET_BIAS = 1.0
# As published; larger than torch's default because gates are normalised one by one.
LAYER_NORM_EPSILON = 1e-3
# HyperLSTM's published initial scale of a gate, spread over the embedding.
HYPER_GAMMA = 0.10


def autocast_dtype(x: Tensor) -> torch.dtype:
    """The dtype that heavy arithmetic on `x` should run in under the current autocast."""
    kind = x.device.type
    return torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else x.dtype


def init_gates(weight_ih: Tensor, weight_hh: Tensor, bias: Tensor) -> None:
    """Published start: Glorot uniform from the input, orthogonal per gate, forget bias 1."""
    hidden = weight_hh.shape[1]
    with torch.no_grad():
        nn.init.xavier_uniform_(weight_ih)
        for gate in weight_hh.split(hidden):
            nn.init.orthogonal_(gate)
        bias.zero_()
        bias[hidden : 2 * hidden] = FORGET_BIAS


class LSTM(nn.Module):
    """One LSTM layer in a fused kernel, with DropConnect on the recurrent weights."""

    def __init__(self, input_size: int, hidden_size: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.hidden_size = self.state_size = hidden_size
        self.dropout = dropout
        self.weight_ih = nn.Parameter(torch.empty(4 * hidden_size, input_size))
        self.weight_hh = nn.Parameter(torch.empty(4 * hidden_size, hidden_size))
        self.bias = nn.Parameter(torch.empty(4 * hidden_size))
        init_gates(self.weight_ih, self.weight_hh, self.bias)

    def forward(self, x: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """x (T, B, I), state (B, H) twice or zeros -> outputs (T, B, H), last state."""
        dtype = autocast_dtype(x)
        weight_hh = F.dropout(self.weight_hh, self.dropout, self.training)
        if state is None:
            zeros = x.new_zeros(x.shape[1], self.hidden_size)
            state = (zeros, zeros)
        h, c = (part.to(dtype)[None] for part in state)
        bias = self.bias.to(dtype)
        weights = [
            self.weight_ih.to(dtype),
            weight_hh.to(dtype),
            bias,
            torch.zeros_like(bias),  # the kernel wants a bias for each of its two products
        ]
        out, h, c = torch._VF.lstm(
            x.to(dtype), (h, c), weights, True, 1, 0.0, self.training, False, False
        )
        return out.to(x.dtype), (h[0].to(x.dtype), c[0].to(x.dtype))


class SteppedCell(nn.Module):
    """A layer that goes step by step, with dropout on the candidate."""

    fused = False
    """Whether whole sequences go through models/fused_cells.py; set by its `fuse`."""

    def __init__(self, hidden_size: int, dropout: float) -> None:
        super().__init__()
        self.hidden_size = self.state_size = hidden_size
        self.dropout = dropout

    def step(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """x (B, I), state (B, `state_size`) twice -> output (B, H), next state."""
        raise NotImplementedError

    def forward(self, x: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """x (T, B, I), state of h and c or zeros -> outputs (T, B, H), last state."""
        if self.fused:
            from .fused_cells import fused_layer

            return fused_layer(self, x, state)
        if state is None:
            zeros = x.new_zeros(x.shape[1], self.state_size)
            state = (zeros, zeros)
        outputs = []
        for x_t in x:
            out, state = self.step(x_t, state)
            outputs.append(out)
        return torch.stack(outputs), state

    def _drop(self, candidate: Tensor) -> Tensor:
        return F.dropout(candidate, self.dropout, self.training)


class DropoutLSTM(SteppedCell):
    """The published plain cell: an LSTM with dropout on the candidate."""

    def __init__(self, input_size: int, hidden_size: int, dropout: float = 0.0) -> None:
        super().__init__(hidden_size, dropout)
        self.weight_ih = nn.Parameter(torch.empty(4 * hidden_size, input_size))
        self.weight_hh = nn.Parameter(torch.empty(4 * hidden_size, hidden_size))
        self.bias = nn.Parameter(torch.empty(4 * hidden_size))
        init_gates(self.weight_ih, self.weight_hh, self.bias)

    def step(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        h, c = state
        gates = F.linear(x, self.weight_ih, self.bias) + F.linear(h, self.weight_hh)
        i, f, g, o = gates.chunk(4, dim=1)
        c = c * torch.sigmoid(f) + torch.sigmoid(i) * self._drop(torch.tanh(g))
        h = torch.tanh(c) * torch.sigmoid(o)
        return h, (h, c)


class LayerNormLSTM(SteppedCell):
    """An LSTM whose four gates, and the cell on its way out, are layer-normalised."""

    def __init__(self, input_size: int, hidden_size: int, dropout: float = 0.0) -> None:
        super().__init__(hidden_size, dropout)
        self.weight_ih = nn.Parameter(torch.empty(4 * hidden_size, input_size))
        self.weight_hh = nn.Parameter(torch.empty(4 * hidden_size, hidden_size))
        self.gain = nn.Parameter(torch.ones(4, hidden_size))
        self.bias = nn.Parameter(torch.empty(4 * hidden_size))
        self.norm_c = nn.LayerNorm(hidden_size, eps=LAYER_NORM_EPSILON)
        init_gates(self.weight_ih, self.weight_hh, self.bias)

    def step(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        h, c = state
        gates = F.linear(x, self.weight_ih) + F.linear(h, self.weight_hh)
        i, f, g, o = normalise_gates(gates, self.gain, self.bias).unbind(1)
        c = c * torch.sigmoid(f) + torch.sigmoid(i) * self._drop(torch.tanh(g))
        h = torch.tanh(self.norm_c(c)) * torch.sigmoid(o)
        return h, (h, c)


def normalise_gates(gates: Tensor, gain: Tensor, bias: Tensor) -> Tensor:
    """(B, 4 H) -> (B, 4, H), each gate normalised over its H units, then gain and bias."""
    split = gates.view(len(gates), 4, -1)
    normal = F.layer_norm(split, split.shape[-1:], eps=LAYER_NORM_EPSILON)
    return normal * gain + bias.view(4, -1)


class HyperScale(nn.Module):
    """The gates scaled, and optionally shifted, by what the small hyper network says.

    The four gates have a projection of their own each: weights are (4, out, in).
    """

    def __init__(self, hyper_size: int, embedding: int, hidden_size: int, shift: bool) -> None:
        super().__init__()
        self.scale_in = nn.Parameter(torch.zeros(4, embedding, hyper_size))
        self.scale_bias = nn.Parameter(torch.ones(4, embedding))
        self.scale_out = nn.Parameter(
            torch.full((4, hidden_size, embedding), HYPER_GAMMA / embedding)
        )
        if shift:
            self.shift_in = nn.Parameter(torch.randn(4, embedding, hyper_size) * 0.01)
            self.shift_out = nn.Parameter(torch.zeros(4, hidden_size, embedding))
        self.shift = shift

    def forward(self, gates: Tensor, hyper: Tensor) -> Tensor:
        """gates (B, 4, H), hyper output (B, S) -> (B, 4, H)."""
        z = torch.einsum("ges,bs->bge", self.scale_in, hyper) + self.scale_bias
        out = gates * torch.einsum("ghe,bge->bgh", self.scale_out, z)
        if self.shift:
            z = torch.einsum("ges,bs->bge", self.shift_in, hyper)
            out = out + torch.einsum("ghe,bge->bgh", self.shift_out, z)
        return out


class HyperLSTM(SteppedCell):
    """An LSTM whose weights are rescaled at every step by a smaller, layer-normalised LSTM.

    The state carries both cells: (B, H + hyper size), the main cell first.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        dropout: float = 0.0,
        hyper_size: int = 256,
        embedding: int = 32,
    ) -> None:
        super().__init__(hidden_size, dropout)
        self.state_size = hidden_size + hyper_size
        self.weight_ih = nn.Parameter(torch.empty(4 * hidden_size, input_size))
        self.weight_hh = nn.Parameter(torch.empty(4 * hidden_size, hidden_size))
        self.inner_bias = nn.Parameter(torch.zeros(4, hidden_size))
        self.gain = nn.Parameter(torch.ones(4, hidden_size))
        self.bias = nn.Parameter(torch.empty(4 * hidden_size))
        init_gates(self.weight_ih, self.weight_hh, self.bias)
        # No dropout in the hyper network, as published.
        self.hyper = LayerNormLSTM(input_size + hidden_size, hyper_size)
        self.scale_x = HyperScale(hyper_size, embedding, hidden_size, shift=False)
        self.scale_h = HyperScale(hyper_size, embedding, hidden_size, shift=True)
        self.norm_c = nn.LayerNorm(hidden_size, eps=LAYER_NORM_EPSILON)

    def step(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        sizes = [self.hidden_size, self.hyper.hidden_size]
        (h, hyper_h), (c, hyper_c) = (part.split(sizes, dim=1) for part in state)
        hyper_out, (hyper_h, hyper_c) = self.hyper.step(
            torch.cat([x, h], dim=1), (hyper_h, hyper_c)
        )
        from_x = F.linear(x, self.weight_ih).view(len(x), 4, -1)
        from_h = F.linear(h, self.weight_hh).view(len(x), 4, -1)
        gates = self.scale_x(from_x, hyper_out) + self.scale_h(from_h, hyper_out) + self.inner_bias
        i, f, g, o = normalise_gates(gates.flatten(1), self.gain, self.bias).unbind(1)
        c = c * torch.sigmoid(f) + torch.sigmoid(i) * self._drop(torch.tanh(g))
        h = torch.tanh(self.norm_c(c)) * torch.sigmoid(o)
        return h, (torch.cat([h, hyper_h], dim=1), torch.cat([c, hyper_c], dim=1))


CELLS: dict[str, Callable[[int, int, float], LSTM | SteppedCell]] = {
    "fused": LSTM,
    "lstm": DropoutLSTM,
    "layernorm": LayerNormLSTM,
    "hyper": HyperLSTM,
}


def make_cell(kind: str, input_size: int, hidden_size: int, dropout: float) -> LSTM | SteppedCell:
    """A recurrent layer by name: "fused", "lstm", "layernorm" or "hyper"."""
    return CELLS[kind](input_size, hidden_size, dropout)
