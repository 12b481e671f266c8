"""The decoder of a sketch-rnn one row at a time, for many drawings at once.

The same arithmetic as `SketchRNN.heads`, which reads whole drawings: the two agree to
1e-4 (tests/models/test_sampling.py). Here is where the pens are; what the decoder remembers of
the rows it has read is in recurrent_stepping.py and transformer_stepping.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from .recurrent_stepping import RecurrentWeights
from .sketchrnn import PEN_STATES, STROKE5, SketchRNN
from .transformer_decoder import TransformerDecoder
from .transformer_stepping import TransformerWeights

DOWN, UP, END = range(PEN_STATES)
ONE_HOT = np.eye(PEN_STATES, dtype=np.float32)

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]


class StepWeights:
    """A model's decoder laid out for single steps; valid while the model's weights stand still."""

    def __init__(self, model: SketchRNN) -> None:
        decoder, config = model.decoder, model.config
        self.device = decoder.head.weight.device
        self.positions = config.positions
        self.position_unit = np.float32(1 / config.position_scale)
        self.read = config.row_size
        self.decoder: RecurrentWeights | TransformerWeights = (
            TransformerWeights(decoder)
            if isinstance(decoder, TransformerDecoder)
            else RecurrentWeights(decoder)
        )


class Steps:
    """N drawings on their way: what the decoder remembers, and the next input, of each."""

    def __init__(self, weights: StepWeights, condition: Tensor) -> None:
        """condition: (N, C), as `SketchRNN.condition` gives it."""
        n = len(condition)
        self.weights = weights
        self.memory: Any = weights.decoder.begin(condition)
        self.inputs = np.zeros((n, weights.read), np.float32)
        self.inputs[:, 2] = 1  # the start token: pen down at the first point
        self.place = np.zeros((n, 2), np.float32)
        self.origin = np.zeros((n, 2), np.float32)
        self.lifted = np.zeros(n, bool)

    def __len__(self) -> int:
        return len(self.inputs)

    def head(self) -> FloatArray:
        """Reads the last row of each drawing: the head of its next one, (N, 3 + 6 M)."""
        head: Tensor = self.memory.read(torch.from_numpy(self.inputs).to(self.weights.device))
        return head.cpu().numpy()

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
        self.memory.join([steps.memory for steps in others])
        whole = (self, *others)
        for name in ("inputs", "place", "origin", "lifted"):
            setattr(self, name, np.concatenate([getattr(steps, name) for steps in whole]))

    def keep(self, rows: IntArray) -> None:
        """Drop all drawings but `rows`; one that is named twice goes on as two."""
        self.memory.keep(torch.from_numpy(rows).to(self.weights.device))
        self.inputs, self.place = self.inputs[rows], self.place[rows]
        self.origin, self.lifted = self.origin[rows], self.lifted[rows]
