"""Drawing with a sketch-rnn: many rows at once, finished ones dropped.

Offsets and pen have temperatures of their own. The pen's is 1 by default, whatever the
offsets': a colder pen softmax suppresses the end token, which is rare at every single
step, and then drawings scribble on instead of ending. Offsets: weights are sharpened as
softmax(logits / T) and sigma scaled by sqrt(T), as in the paper (section 3.3).

What the gates owe to z and word alone is computed once a drawing. The random numbers
of a drawing do not depend on when the others end.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

from .cells import LSTM, State
from .mixture import MAX_PRESIGMA, MAX_RHO
from .sketchrnn import PEN_STATES, STROKE5, SketchRNN

DOWN, UP, END = range(PEN_STATES)
# Steps of random numbers drawn at once: one call instead of two a step.
NOISE_STEPS = 32
# Standing in for temperature 0, where the likeliest is taken: softmax needs a divisor.
COLDEST = 1e-4

FloatArray = npt.NDArray[np.float32]
LastPen = Literal["model", "down", "up"]


@dataclass(frozen=True, slots=True)
class Temperatures:
    """How bold the sampling is: near 0 takes the likeliest, 1 draws from the model."""

    offset: float = 0.4
    pen: float = 1.0


@dataclass(frozen=True, slots=True)
class Sampled:
    """N drawings.

    Args:
        rows: stroke-3 of each, float32 (n, 3), in data units, without the prefix.
        ended: bool (N,), whether the model ended it rather than the limit.
        joined: bool (N,), whether its first row continues the prefix's last stroke
            (without a prefix: starts at the drawing's first point), pen down.
    """

    rows: list[FloatArray]
    ended: npt.NDArray[np.bool_]
    joined: npt.NDArray[np.bool_]


class Sampler:
    """A model made ready to draw; keep one as long as the model's weights stand still."""

    def __init__(self, model: SketchRNN) -> None:
        self.model = model.eval()
        self.config = model.config
        decoder = model.decoder
        self.device = decoder.head.weight.device
        self.read = STROKE5 + 4 * self.config.positions  # inputs that change every step
        self.head_weight = decoder.head.weight.detach().T.contiguous()
        self.head_bias = decoder.head.bias.detach()
        if isinstance(decoder.cell, LSTM):
            w_ih = decoder.cell.weight_ih.detach()
            self.step_weight = torch.cat(
                [w_ih[:, : self.read], decoder.cell.weight_hh.detach()], dim=1
            ).T.contiguous()
            self.condition_weight = w_ih[:, self.read :].T.contiguous()
            self.bias = decoder.cell.bias.detach()

    @torch.inference_mode()
    def draw(
        self,
        condition: Tensor,
        *,
        temperatures: Temperatures | None = None,
        generator: torch.Generator | None = None,
        max_points: int = 250,
        prefix: FloatArray | None = None,
        last_pen: LastPen = "model",
        on_row: Callable[[list[int], FloatArray], None] | None = None,
    ) -> Sampled:
        """Draw one drawing for each row of `condition` (N, C).

        Args:
            generator: on the model's device.
            max_points: rows a drawing may have, the prefix not counted.
            prefix: stroke-3 (n, 3) in data units that every drawing begins with.
            last_pen: whether the pen is down or up after the prefix; "model" asks the model.
            on_row: called at each step with the drawings still going and their new rows
                (dx, dy, pen) in data units, for live display.
        """
        heat = temperatures or Temperatures()
        n, scale = len(condition), self.config.scale
        offsets_out = np.zeros((max_points, n, 2), np.float32)
        pens_out = np.full((max_points, n), END)
        lengths = np.full(n, max_points)
        going = np.arange(n)
        live = torch.arange(n, device=self.device)
        gates_base = self._gates_base(condition)
        walk = _Walk.start(n, self.config.position_scale, self.config.positions, self.device)
        state = self._initial(condition)
        joined = np.ones(n, bool)
        if prefix is not None and len(prefix):
            state, joined = self._read_prefix(
                prefix, condition, gates_base, state, walk, last_pen, heat, generator
            )
        for step in range(max_points):
            if step % NOISE_STEPS == 0:
                noise = _noise(
                    min(NOISE_STEPS, max_points - step),
                    n,
                    self.config.mixtures,
                    generator,
                    self.device,
                )
            head, state = self._advance(walk.inputs, condition, gates_base, state)
            drawn = noise[step % NOISE_STEPS]
            if len(going) < n:
                drawn = drawn[live]
            offsets, pen = self._pick(head, drawn, heat)
            if step == 0 and prefix is None:
                # A drawing of no rows is nothing: the first pen state is never the end.
                pen = torch.where(pen == END, UP, pen)
            pens = pen.cpu().numpy()
            offsets_out[step, going] = offsets.cpu().numpy()
            pens_out[step, going] = pens
            over = pens == END
            lengths[going[over]] = step
            if on_row is not None and not over.all():
                rows = np.column_stack([offsets_out[step, going] * scale, pens == UP])
                on_row(going[~over].tolist(), rows[~over].astype(np.float32))
            if over.any():
                keep = torch.from_numpy(np.flatnonzero(~over)).to(self.device)
                going, live = going[~over], live[keep]
                if len(going) == 0:
                    break
                offsets, pen = offsets[keep], pen[keep]
                state = (state[0][keep], state[1][keep])
                condition = condition[keep]
                gates_base = None if gates_base is None else gates_base[keep]
                walk.keep(keep)
            walk.move(offsets, pen)
        ended = np.ones(n, bool)
        ended[going] = False
        rows_out = [
            np.column_stack([offsets_out[:length, i] * scale, pens_out[:length, i] == UP]).astype(
                np.float32
            )
            for i, length in enumerate(lengths)
        ]
        return Sampled(rows_out, ended, joined)

    def _gates_base(self, condition: Tensor) -> Tensor | None:
        """Gates' bias and the part that z and word add, (N, 4 H); None for stepped cells."""
        if not isinstance(self.model.decoder.cell, LSTM):
            return None
        return torch.addmm(self.bias, condition, self.condition_weight)

    def _initial(self, condition: Tensor) -> State:
        state = self.model.decoder.initial_state(condition)
        cell = self.model.decoder.cell
        size = getattr(cell, "state_size", cell.hidden_size)
        if state is None:
            zeros = condition.new_zeros(len(condition), size)
            return (zeros, zeros)
        rest = size - state[0].shape[1]
        return (F.pad(state[0], (0, rest)), F.pad(state[1], (0, rest)))

    def _advance(
        self, inputs: Tensor, condition: Tensor, gates_base: Tensor | None, state: State
    ) -> tuple[Tensor, State]:
        """One step: (N, I) -> head (N, 3 + 6 M) and the next state."""
        if gates_base is None:
            cell = self.model.decoder.cell
            out, state = cell.step(torch.cat([inputs, condition], dim=1), state)
            return torch.addmm(self.head_bias, out, self.head_weight), state
        h, c = state
        gates = torch.addmm(gates_base, torch.cat([inputs, h], dim=1), self.step_weight)
        size = h.shape[1]
        input_forget = torch.sigmoid(gates[:, : 2 * size])
        c = input_forget[:, size:] * c + input_forget[:, :size] * torch.tanh(
            gates[:, 2 * size : 3 * size]
        )
        h = torch.sigmoid(gates[:, 3 * size :]) * torch.tanh(c)
        return torch.addmm(self.head_bias, h, self.head_weight), (h, c)

    def _pick(self, head: Tensor, noise: Tensor, heat: Temperatures) -> tuple[Tensor, Tensor]:
        """A row for each head: offsets (N, 2) in scaled units, pens (N,).

        Args:
            noise: (N, 3 + M + 2): Gumbel noise for pens and components, normal for offsets.
        """
        m = self.config.mixtures
        warm = max(heat.offset, COLDEST)
        pen = (head[:, :PEN_STATES] / max(heat.pen, COLDEST) + noise[:, :PEN_STATES]).argmax(1)
        choice = (head[:, PEN_STATES : PEN_STATES + m] / warm + noise[:, PEN_STATES:-2]).argmax(1)
        parts = head[:, PEN_STATES:].view(len(head), 6, m)
        picked = parts.gather(2, choice[:, None, None].expand(-1, 6, 1))[..., 0]
        presigma = picked[:, 3:5].clamp(-MAX_PRESIGMA, MAX_PRESIGMA)
        sigma = torch.exp(presigma) * math.sqrt(warm)
        rho = torch.tanh(picked[:, 5]).clamp(-MAX_RHO, MAX_RHO)
        x, y = noise[:, -2], noise[:, -1]
        z = torch.stack([x, rho * x + torch.sqrt(1 - rho * rho) * y], dim=1)
        offsets = picked[:, 1:3] + sigma * z
        if self.config.likelihood == "cell":
            # It has only ever seen, and only gives probability to, integer offsets.
            offsets = torch.round(offsets * self.config.scale) / self.config.scale
        return offsets, pen

    def _read_prefix(
        self,
        prefix: FloatArray,
        condition: Tensor,
        gates_base: Tensor | None,
        state: State,
        walk: _Walk,
        last_pen: LastPen,
        heat: Temperatures,
        generator: torch.Generator | None,
    ) -> tuple[State, npt.NDArray[np.bool_]]:
        """Teacher-force the prefix; the walk then stands at its last row."""
        n = len(condition)
        rows = torch.from_numpy(np.ascontiguousarray(prefix, np.float32)).to(self.device)
        offsets = (rows[:, :2] / self.config.scale)[:, None].expand(-1, n, -1)
        pens = (rows[:, 2] > 0.5).long()[:, None].expand(-1, n)
        for row in range(len(rows) - 1):
            _, state = self._advance(walk.inputs, condition, gates_base, state)
            walk.move(offsets[row], pens[row])
        head, state = self._advance(walk.inputs, condition, gates_base, state)
        noise = _noise(1, n, self.config.mixtures, generator, self.device)[0]
        logits = head[:, : UP + 1] / max(heat.pen, COLDEST) + noise[:, : UP + 1]
        pen = {
            "model": logits.argmax(1),
            "down": torch.full((n,), DOWN, device=self.device),
            "up": torch.full((n,), UP, device=self.device),
        }[last_pen]
        walk.move(offsets[-1], pen)
        return state, (pen == DOWN).cpu().numpy()


class _Walk:
    """The decoder's next input, kept as the pen moves: the same numbers as `SketchRNN.inputs`."""

    def __init__(self, inputs: Tensor, place: Tensor, origin: Tensor, unit: float) -> None:
        self.inputs, self.place, self.origin, self.unit = inputs, place, origin, unit

    @classmethod
    def start(cls, n: int, position_scale: float, positions: bool, device: torch.device) -> _Walk:
        inputs = torch.zeros(n, STROKE5 + 4 * positions, device=device)
        inputs[:, 2] = 1  # the start token: pen down at the first point
        zeros = torch.zeros(n, 2, device=device)
        walk = cls(inputs, zeros, zeros, 1 / position_scale)
        walk.lifted = torch.zeros(n, 1, dtype=torch.bool, device=device)
        walk.eye = torch.eye(PEN_STATES, device=device)
        return walk

    lifted: Tensor
    eye: Tensor

    def move(self, offsets: Tensor, pen: Tensor) -> None:
        five = [offsets, self.eye[pen]]
        if self.inputs.shape[1] == STROKE5:
            self.inputs = torch.cat(five, dim=1)
            return
        self.place = self.place + offsets
        self.origin = torch.where(self.lifted, self.place, self.origin)
        self.lifted = (pen == UP)[:, None]
        here = [self.place * self.unit, (self.place - self.origin) * self.unit]
        self.inputs = torch.cat([*five, *here], dim=1)

    def keep(self, rows: Tensor) -> None:
        if self.inputs.shape[1] > STROKE5:
            self.place, self.origin = self.place[rows], self.origin[rows]
            self.lifted = self.lifted[rows]


def _noise(
    steps: int, n: int, mixtures: int, generator: torch.Generator | None, device: torch.device
) -> Tensor:
    """(steps, n, 3 + M + 2): Gumbel noise for the two choices, normal for the offset."""
    gumbel = torch.empty(steps, n, PEN_STATES + mixtures, device=device)
    gumbel.exponential_(generator=generator).log_().neg_()
    normal = torch.randn(steps, n, 2, device=device, generator=generator)
    return torch.cat([gumbel, normal], dim=2)
