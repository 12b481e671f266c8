"""A recurrent decoder of sketch-rnn a row at a time.

For a fused LSTM what the gates owe to z and word alone is computed once a drawing, and tanh is
taken through the sigmoid, which torch computes five times faster on a CPU.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from .cells import LSTM, State, SteppedCell
from .packed_linear import PackedLinear
from .sketchrnn import Decoder


class RecurrentWeights:
    """A decoder laid out for single steps; valid while its weights stand still."""

    def __init__(self, decoder: Decoder) -> None:
        self.decoder = decoder
        self.head = PackedLinear(decoder.head.weight)
        self.head_bias = decoder.head.bias.detach()
        self.fused = isinstance(decoder.cell, LSTM)
        if isinstance(decoder.cell, LSTM):
            # The candidate's rows doubled: tanh(g) = 2 sigmoid(2 g) - 1.
            double = torch.ones_like(decoder.cell.bias)
            double.view(4, -1)[2] = 2
            w_ih = decoder.cell.weight_ih.detach() * double[:, None]
            w_hh = decoder.cell.weight_hh.detach() * double[:, None]
            read = w_ih.shape[1] - decoder.condition_size  # inputs that change every step
            self.gates = PackedLinear(torch.cat([w_ih[:, :read], w_hh], dim=1))
            self.condition = w_ih[:, read:]
            self.bias = decoder.cell.bias.detach() * double

    def begin(self, condition: Tensor) -> RecurrentMemory:
        """The memory of drawings of which no row is read, one for each condition (N, C)."""
        return RecurrentMemory(self, condition)


class RecurrentMemory:
    """What N drawings' decoder remembers: the state of its cell."""

    def __init__(self, weights: RecurrentWeights, condition: Tensor) -> None:
        self.weights = weights
        self.condition = condition
        state = weights.decoder.initial_state(condition)
        if state is None:
            zeros = condition.new_zeros(len(condition), weights.decoder.cell.state_size)
            state = (zeros, zeros)
        self.state: State = state
        self.base: Tensor | None = None
        if weights.fused:
            self.base = torch.addmm(weights.bias, condition, weights.condition.T)

    def read(self, x: Tensor) -> Tensor:
        """The next row of each drawing (N, I) -> the head of the one after, (N, 3 + 6 M)."""
        weights = self.weights
        if self.base is None:
            cell = weights.decoder.cell
            assert isinstance(cell, SteppedCell)
            h, self.state = cell.step(torch.cat([x, self.condition], dim=1), self.state)
        else:
            h, c = self.state
            gates = weights.gates(torch.cat([x, h], dim=1), self.base).sigmoid_()
            i, f, g, o = gates.chunk(4, dim=1)
            c = torch.addcmul(f * c, i, g.mul_(2).sub_(1))
            h = o * torch.sigmoid(c * 2).mul_(2).sub_(1)
            self.state = (h, c)
        return weights.head(h, weights.head_bias)

    def join(self, others: Sequence[RecurrentMemory]) -> None:
        """Others of the same weights go on behind these."""
        whole = (self, *others)
        h, c = (torch.cat([memory.state[i] for memory in whole]) for i in range(2))
        self.state = (h, c)
        self.condition = torch.cat([memory.condition for memory in whole])
        bases = [memory.base for memory in whole if memory.base is not None]
        self.base = torch.cat(bases) if bases else None

    def keep(self, chosen: Tensor) -> None:
        """Forgets all drawings but `chosen` (K,); one that is named twice goes on as two."""
        self.state = (self.state[0][chosen], self.state[1][chosen])
        self.condition = self.condition[chosen]
        self.base = None if self.base is None else self.base[chosen]
