"""Drawing with a sketch-rnn: many rows at once, finished ones dropped.

Offsets and pen have temperatures of their own. The pen's is 1 by default, whatever the
offsets': a colder pen softmax suppresses the end token, which is rare at every single
step, and then drawings scribble on instead of ending. Offsets: weights are sharpened as
softmax(logits / T) and sigma scaled by sqrt(T), as in the paper (section 3.3).

The random numbers of a drawing do not depend on when the others end.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..strokes.errors import LineworkError
from .mixture import MAX_PRESIGMA, MAX_RHO
from .sketchrnn import PEN_STATES, SketchRNN
from .sketchrnn_stepping import DOWN, END, UP, FloatArray, IntArray, Steps, StepWeights

if TYPE_CHECKING:
    from .device_sampling import DeviceSampler

# Steps of random numbers drawn at once: one call instead of two a step.
NOISE_STEPS = 32

LastPen = Literal["model", "down", "up"]


@dataclass(frozen=True, slots=True)
class Temperatures:
    """How bold the sampling is: 0 takes the likeliest, 1 draws from the model.

    Args:
        words: offset temperatures of some words, where they differ.

    Raises:
        LineworkError: a temperature below 0, or not finite.
    """

    offset: float = 0.4
    pen: float = 1.0
    words: Mapping[str, float] = field(default_factory=dict)

    def of(self, word: str | None) -> Temperatures:
        """Those of one word."""
        return replace(self, offset=self.words.get(word or "", self.offset), words={})

    def __post_init__(self) -> None:
        named = [(f"temperature of {word}", value) for word, value in self.words.items()]
        for name, value in (
            ("temperature", self.offset),
            ("pen temperature", self.pen),
            *named,
        ):
            if not (math.isfinite(value) and value >= 0):
                raise LineworkError(f"{name} is {value}; wanted 0 or more")


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


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """What is to be drawn: the arguments of `Sampler.draw`, kept until it is.

    Args:
        last_pen: no "model" where several orders are drawn together.
    """

    condition: Tensor
    temperatures: Temperatures
    generator: torch.Generator
    max_points: int = 250
    prefix: FloatArray | None = None
    last_pen: LastPen | Sequence[bool] = "up"


class Sampler:
    """A model made ready to draw; keep one as long as the model's weights stand still.

    Args:
        graphs: whether a GPU draws whole drawings by models/device_sampling.py. Trainings and
            evaluations do without until that has been measured on one.
    """

    def __init__(self, model: SketchRNN, *, graphs: bool = False) -> None:
        self.model = model.eval()
        self.graphs = graphs
        self.config = model.config
        self.weights = StepWeights(model)
        self.device = self.weights.device
        self.whole: DeviceSampler | None = None  # made when first asked for

    def fulfil(
        self, order: Order, on_row: Callable[[list[int], FloatArray], None] | None = None
    ) -> Sampled:
        """`draw` by an order."""
        return self.draw(
            order.condition,
            temperatures=order.temperatures,
            generator=order.generator,
            max_points=order.max_points,
            prefix=order.prefix,
            last_pen=order.last_pen,
            on_row=on_row,
        )

    @torch.inference_mode()
    def draw(
        self,
        condition: Tensor,
        *,
        temperatures: Temperatures | None = None,
        generator: torch.Generator | None = None,
        max_points: int = 250,
        prefix: FloatArray | None = None,
        last_pen: LastPen | Sequence[bool] = "model",
        on_row: Callable[[list[int], FloatArray], None] | None = None,
    ) -> Sampled:
        """Draw one drawing for each row of `condition` (N, C).

        Args:
            generator: on the model's device.
            max_points: rows a drawing may have, the prefix not counted.
            prefix: stroke-3 (n, 3) in data units that every drawing begins with.
            last_pen: whether the pen is down or up after the prefix; "model" asks the model,
                a sequence says for each drawing whether it is down.
            on_row: called at each step with the drawings still going and their new rows
                (dx, dy, pen) in data units, for live display.
        """
        heat = temperatures or Temperatures()
        n = len(condition)
        on_device = self.graphs and self.device.type == "cuda"
        if on_device and n and prefix is None and on_row is None:
            from .device_sampling import fits

            if fits(self.weights):
                return self.draw_on_device(condition, heat, generator, max_points)
        drawn = np.zeros((max_points, n, 3), np.float32)
        lengths = np.full(n, max_points)
        ended = np.zeros(n, bool)
        going = np.arange(n)
        joined = np.ones(n, bool)
        steps = Steps(self.weights, condition)
        if prefix is not None and len(prefix):
            joined = self._read(prefix, steps, last_pen, heat, generator)
        for step in range(max_points if n else 0):
            if step % NOISE_STEPS == 0:
                noise = self.noise(min(NOISE_STEPS, max_points - step), n, heat, generator)
            mine = noise[step % NOISE_STEPS]
            head = steps.head()
            if step == 0:  # a drawing, or an ending, of no rows is nothing
                head = head.copy()
                head[:, END] = -np.inf
            offsets, pens = self.pick(head, mine if len(going) == n else mine[going])
            over = pens == END
            if over.any():
                lengths[going[over]] = step
                ended[going[over]] = True
                keep = np.flatnonzero(~over)
                going, offsets, pens = going[keep], offsets[keep], pens[keep]
                if len(going) == 0:
                    break
                steps.keep(keep)
            drawn[step, going, :2] = offsets
            drawn[step, going, 2] = pens
            if on_row is not None:
                on_row(going.tolist(), drawn[step, going])
            steps.move(offsets / np.float32(self.config.scale), pens)
        rows = [drawn[:length, i].copy() for i, length in enumerate(lengths)]
        return Sampled(rows, ended, joined)

    @torch.inference_mode()
    def draw_on_device(
        self,
        condition: Tensor,
        heat: Temperatures,
        generator: torch.Generator | None,
        max_points: int,
    ) -> Sampled:
        """`draw` of whole drawings by models/device_sampling.py, equal to rounding."""
        from .device_sampling import DeviceSampler

        if self.whole is None:
            self.whole = DeviceSampler(self.weights, self.config)
        n = len(condition)
        numbers = partial(self._numbers, n=n, heat=heat, generator=generator)
        drawn = self.whole.draw(condition, numbers, max_points).cpu().numpy()
        over = drawn[..., 2] == END
        ended = over.any(0)
        lengths = np.where(ended, over.argmax(0) if len(drawn) else 0, len(drawn))
        rows = [drawn[:length, i].copy() for i, length in enumerate(lengths)]
        return Sampled(rows, ended, np.ones(n, bool))

    def noise(
        self, steps: int, n: int, heat: Temperatures, generator: torch.Generator | None
    ) -> FloatArray:
        """`_numbers` as numpy has them."""
        return self._numbers(steps, n, heat, generator).cpu().numpy()

    def _numbers(
        self, steps: int, n: int, heat: Temperatures, generator: torch.Generator | None
    ) -> Tensor:
        """(steps, n, 3 + M + 2): Gumbel noise for pens and components, normal for offsets.

        Multiplied by the temperatures: argmax(logits / T + gumbel), a draw from the
        softmax at T, is argmax(logits + T gumbel), which also stands for T = 0.
        """
        shape = (steps, n, PEN_STATES + self.config.mixtures)
        gumbel = torch.rand(shape, device=self.device, generator=generator)
        gumbel.clamp_min_(torch.finfo(gumbel.dtype).tiny).log_().neg_().log_().neg_()
        gumbel[..., :PEN_STATES] *= heat.pen
        gumbel[..., PEN_STATES:] *= heat.offset
        normal = torch.randn(steps, n, 2, device=self.device, generator=generator)
        return torch.cat([gumbel, normal * math.sqrt(heat.offset)], dim=2)

    def pick(self, head: FloatArray, noise: FloatArray) -> tuple[FloatArray, IntArray]:
        """A row for each head (N, 3 + 6 M) by `noise`'s (N, 3 + M + 2).

        Returns:
            Offsets (N, 2) in data units, and pens (N,).
        """
        m = self.config.mixtures
        scores = head[:, : PEN_STATES + m] + noise[:, :-2]
        pens = scores[:, :PEN_STATES].argmax(1)
        choice = scores[:, PEN_STATES:].argmax(1)
        columns = (PEN_STATES + m + choice)[:, None] + m * np.arange(5)
        mu_x, mu_y, pre_x, pre_y, pre_rho = head[np.arange(len(head))[:, None], columns].T
        rho = np.minimum(np.maximum(np.tanh(pre_rho), -MAX_RHO), MAX_RHO)
        x, y = noise[:, -2], noise[:, -1]
        offsets = np.empty((len(head), 2), np.float32)
        offsets[:, 0] = mu_x + _sigma(pre_x) * x
        offsets[:, 1] = mu_y + _sigma(pre_y) * (rho * x + np.sqrt(1 - rho * rho) * y)
        offsets *= self.config.scale
        if self.config.likelihood == "cell":
            # It has only ever seen, and only gives probability to, integer offsets.
            offsets = np.rint(offsets)
        return offsets, pens

    def _read(
        self,
        prefix: FloatArray,
        steps: Steps,
        last_pen: LastPen | Sequence[bool],
        heat: Temperatures,
        generator: torch.Generator | None,
    ) -> npt.NDArray[np.bool_]:
        """Teacher-forces the prefix, so that the drawings stand at its last row.

        Returns:
            bool (N,), whether the pen is still down there.
        """
        n = len(steps)
        rows = np.asarray(prefix, np.float32)
        offsets = rows[:, :2] / np.float32(self.config.scale)
        for offset, lifted in zip(offsets[:-1], rows[:-1, 2] > 0.5, strict=True):
            steps.head()
            steps.move(np.broadcast_to(offset, (n, 2)), np.full(n, UP if lifted else DOWN))
        head = steps.head()
        if last_pen == "model":
            noise = self.noise(1, n, heat, generator)[0]
            pens = (head[:, : UP + 1] + noise[:, : UP + 1]).argmax(1)
        elif isinstance(last_pen, str):
            pens = np.full(n, DOWN if last_pen == "down" else UP)
        else:
            pens = np.where(last_pen, DOWN, UP)
        steps.move(np.broadcast_to(offsets[-1], (n, 2)), pens)
        return np.asarray(pens == DOWN)


def _sigma(presigma: FloatArray) -> FloatArray:
    return np.exp(np.minimum(np.maximum(presigma, -MAX_PRESIGMA), MAX_PRESIGMA))
