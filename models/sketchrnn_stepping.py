"""The decoder of a sketch-rnn one row at a time, for many drawings at once.

The same arithmetic as `SketchRNN.heads`, which reads whole drawings: the two agree to
1e-4 (tests/models/test_sampling.py). For a fused LSTM what the gates owe to z and word
alone is computed once a drawing, and tanh is taken through the sigmoid, which torch
computes five times faster on a CPU.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from .cells import LSTM, State, SteppedCell
from .packed_linear import PackedLinear
from .sketchrnn import PEN_STATES, POSITION_INPUTS, STROKE5, SketchRNN

DOWN, UP, END = range(PEN_STATES)
ONE_HOT = np.eye(PEN_STATES, dtype=np.float32)

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]


class StepWeights:
    """A model's decoder laid out for single steps; valid while the model's weights stand still."""

    def __init__(self, model: SketchRNN) -> None:
        decoder, config = model.decoder, model.config
        self.decoder = decoder
        self.device = decoder.head.weight.device
        self.positions = config.positions
        self.position_unit = np.float32(1 / config.position_scale)
        self.read = STROKE5 + POSITION_INPUTS * config.positions  # inputs that change every step
        self.head = PackedLinear(decoder.head.weight)
        self.head_bias = decoder.head.bias.detach()
        self.fused = isinstance(decoder.cell, LSTM)
        if isinstance(decoder.cell, LSTM):
            # The candidate's rows doubled: tanh(g) = 2 sigmoid(2 g) - 1.
            double = torch.ones_like(decoder.cell.bias)
            double.view(4, -1)[2] = 2
            w_ih = decoder.cell.weight_ih.detach() * double[:, None]
            w_hh = decoder.cell.weight_hh.detach() * double[:, None]
            self.gates = PackedLinear(torch.cat([w_ih[:, : self.read], w_hh], dim=1))
            self.condition = w_ih[:, self.read :]
            self.bias = decoder.cell.bias.detach() * double


class Steps:
    """N drawings on their way: the decoder's state and next input of each."""

    def __init__(self, weights: StepWeights, condition: Tensor) -> None:
        """condition: (N, C), as `SketchRNN.condition` gives it."""
        n = len(condition)
        self.weights = weights
        self.condition = condition
        state = weights.decoder.initial_state(condition)
        if state is None:
            zeros = condition.new_zeros(n, weights.decoder.cell.state_size)
            state = (zeros, zeros)
        self.state: State = state
        self.base: Tensor | None = None
        if weights.fused:
            self.base = torch.addmm(weights.bias, condition, weights.condition.T)
        self.inputs = np.zeros((n, weights.read), np.float32)
        self.inputs[:, 2] = 1  # the start token: pen down at the first point
        self.place = np.zeros((n, 2), np.float32)
        self.origin = np.zeros((n, 2), np.float32)
        self.lifted = np.zeros(n, bool)

    def head(self) -> FloatArray:
        """Reads the last row of each drawing: the head of its next one, (N, 3 + 6 M)."""
        weights = self.weights
        x = torch.from_numpy(self.inputs).to(weights.device)
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
        return weights.head(h, weights.head_bias).cpu().numpy()

    def move(self, offsets: FloatArray, pens: IntArray) -> None:
        """The pens go on by offsets (N, 2), in units of the scale, into states (N,)."""
        self.inputs = inputs = np.empty_like(self.inputs)
        inputs[:, :2] = offsets
        inputs[:, 2:STROKE5] = ONE_HOT[pens]
        if self.weights.positions:
            self.place = place = self.place + offsets
            if self.lifted.any():
                self.origin = np.where(self.lifted[:, None], place, self.origin)
            self.lifted = pens == UP
            inputs[:, STROKE5 : STROKE5 + 2] = place * self.weights.position_unit
            inputs[:, STROKE5 + 2 :] = (place - self.origin) * self.weights.position_unit

    def join(self, others: Sequence[Steps]) -> None:
        """Others of the same weights go on behind these, each from where it stands."""
        whole = (self, *others)
        h, c = (torch.cat([steps.state[i] for steps in whole]) for i in range(2))
        self.state = (h, c)
        self.condition = torch.cat([steps.condition for steps in whole])
        bases = [steps.base for steps in whole if steps.base is not None]
        self.base = torch.cat(bases) if bases else None
        for name in ("inputs", "place", "origin", "lifted"):
            setattr(self, name, np.concatenate([getattr(steps, name) for steps in whole]))

    def keep(self, rows: IntArray) -> None:
        """Drop all drawings but `rows`; one that is named twice goes on as two."""
        chosen = torch.from_numpy(rows).to(self.weights.device)
        self.state = (self.state[0][chosen], self.state[1][chosen])
        self.condition = self.condition[chosen]
        self.base = None if self.base is None else self.base[chosen]
        self.inputs, self.place = self.inputs[rows], self.place[rows]
        self.origin, self.lifted = self.origin[rows], self.lifted[rows]
