"""Drawing with a sketch-rnn wholly on the model's device, many rows of many drawings a call.

`Sampler.draw` steps on the CPU: a GPU would wait at every row for numpy to draw the pens, and
the CPU for the head to come over. Here a row is drawn where the model is: the cell, the head,
the draw from the mixture by random numbers that are given, the pens' places. All shapes stand
still and nothing is asked of the device, so that `ROWS` rows are one CUDA graph; the host
looks in between, and goes on with a smaller batch when most drawings have ended. On a CPU the
same code runs without a graph, which is how it is tested.

The arithmetic and the random numbers are those of sketchrnn_sampling.py, drawings equal to
rounding: where an offset lies halfway between two integers they may part. Recurrent decoders
only: what a Transformer remembers grows with every row.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor

from .mixture import MAX_PRESIGMA, MAX_RHO
from .recurrent_stepping import RecurrentMemory, RecurrentWeights
from .sketchrnn import PEN_STATES, SketchRNNConfig
from .sketchrnn_sampling import NOISE_STEPS
from .sketchrnn_stepping import END, UP, StepWeights

# Rows a call: the host looks at the pens once for so many, and a drawing that has ended is
# drawn on for half as many in the middle.
ROWS = NOISE_STEPS
# A batch of which no more than one in so many still goes on is made that much smaller; but not
# below so many drawings, where a step takes as long as for one.
SHRINK = 4
SMALLEST = 256


def fits(weights: StepWeights) -> bool:
    """Whether a decoder's steps have one shape."""
    return isinstance(weights.decoder, RecurrentWeights)


class DeviceSteps:
    """N drawings on their way, in tensors that stay where they are."""

    def __init__(self, weights: StepWeights, config: SketchRNNConfig, condition: Tensor) -> None:
        """condition: (N, C), as `SketchRNN.condition` gives it; any of that shape will do."""
        n = len(condition)
        self.weights, self.config = weights, config
        self.noise = condition.new_zeros(ROWS, n, PEN_STATES + config.mixtures + 2)
        self.rows = condition.new_zeros(ROWS, n, 3)
        # Where a head has the five numbers of its first component.
        first = PEN_STATES + config.mixtures
        self.columns = first + config.mixtures * torch.arange(5, device=condition.device)
        self.one = condition.new_ones(())
        self.pens = torch.arange(PEN_STATES, device=condition.device)
        self.memory = self._memory(condition.clone())
        h, c = self.memory.state
        self.memory.state = (h.clone(), c.clone())  # of its own, not parts of one tensor
        self.inputs = condition.new_zeros(n, weights.read)
        # Where the pens are and their strokes began, in units of the position inputs.
        self.place, self.origin = condition.new_zeros(n, 2), condition.new_zeros(n, 2)
        self.lifted = torch.zeros(n, 1, dtype=torch.bool, device=condition.device)
        self.graph: Any = None
        self.begin(condition)

    def __len__(self) -> int:
        return len(self.lifted)

    def begin(self, condition: Tensor) -> None:
        """All drawings anew, from conditions (N, C)."""
        start = torch.zeros_like(self.inputs)
        start[:, 2] = 1  # the start token: pen down at the first point
        zeros = torch.zeros_like(self.place)
        anew = _fixed(self._memory(condition)), start, zeros, zeros, torch.zeros_like(self.lifted)
        self._become(*anew)

    def take(self, others: DeviceSteps, chosen: Tensor) -> None:
        """Go on from where `others` stand, with those `chosen`, int64 (N,)."""
        remembered = {name: part[chosen] for name, part in _fixed(others.memory).items()}
        pens = (others.inputs, others.place, others.origin, others.lifted)
        self._become(remembered, *(part[chosen] for part in pens))

    def draw(self, noise: Tensor) -> Tensor:
        """The next rows of each drawing by `Sampler.noise`'s (k, N, 3 + M + 2), k up to `ROWS`.

        Returns:
            (k, N, 3): offsets in data units and pens; a view that the next call overwrites.
            With k below `ROWS` the drawings must not go on.
        """
        self.noise[: len(noise)] = noise
        if not self.noise.is_cuda:
            self._draw()
        elif self.graph is None:
            self._capture()
        else:
            self.graph.replay()
        return self.rows[: len(noise)]

    def _capture(self) -> None:
        """Draws once as it is, on a stream of its own as a graph's rehearsal must, and captures."""
        stream = torch.cuda.Stream(self.noise.device)
        stream.wait_stream(torch.cuda.current_stream(self.noise.device))
        with torch.cuda.stream(stream):
            self._draw()
        torch.cuda.current_stream(self.noise.device).wait_stream(stream)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self._draw()  # recorded, not run

    def _draw(self) -> None:
        # As few operations as will do: each is a launch, and small ones all take as long.
        split = PEN_STATES + self.config.mixtures
        scale, unit = self.config.scale, float(self.weights.position_unit)
        memory = copy.copy(self.memory)  # its steps leave the tensors of the other alone
        inputs, place, origin, lifted = self.inputs, self.place, self.origin, self.lifted
        for row, noise in zip(self.rows, self.noise, strict=True):
            head = memory.read(inputs)
            scores = head[:, :split] + noise[:, :split]
            pens = scores[:, :PEN_STATES].argmax(1, keepdim=True)
            choice = scores[:, PEN_STATES:].argmax(1, keepdim=True)
            mu, presigma, prerho = head.gather(1, choice + self.columns).split([2, 2, 1], dim=1)
            sigma = presigma.clamp(-MAX_PRESIGMA, MAX_PRESIGMA).exp_()
            rho = torch.tanh(prerho).clamp_(-MAX_RHO, MAX_RHO)
            x, y = noise[:, split:].split(1, dim=1)
            rest = torch.addcmul(self.one, rho, rho, value=-1).sqrt_()
            correlated = torch.cat([x, torch.addcmul(rest * y, rho, x)], dim=1)
            offsets = torch.addcmul(mu, sigma, correlated).mul_(scale)
            if self.config.likelihood == "cell":
                offsets = offsets.round_()  # to even, as numpy
            row[:, :2], row[:, 2:] = offsets, pens
            steps = offsets / scale
            parts = [steps, (pens == self.pens).to(steps)]
            if self.weights.positions:
                place = torch.add(place, steps, alpha=unit)
                origin = torch.where(lifted, place, origin)
                lifted = pens == UP
                parts += [place, place - origin]
            inputs = torch.cat(parts, dim=1)
        self._become(_fixed(memory), inputs, place, origin, lifted)

    def _memory(self, condition: Tensor) -> RecurrentMemory:
        return cast(RecurrentWeights, self.weights.decoder).begin(condition)

    def _become(
        self,
        memory: dict[str, Tensor],
        inputs: Tensor,
        place: Tensor,
        origin: Tensor,
        lifted: Tensor,
    ) -> None:
        """Takes over values into the tensors that a graph knows."""
        for name, fixed in _fixed(self.memory).items():
            if fixed is not memory[name]:
                fixed.copy_(memory[name])
        self.inputs.copy_(inputs)
        self.place.copy_(place)
        self.origin.copy_(origin)
        self.lifted.copy_(lifted)


def _fixed(memory: RecurrentMemory) -> dict[str, Tensor]:
    """All that a memory remembers, by name."""
    base = {} if memory.base is None else {"base": memory.base}
    return {"h": memory.state[0], "c": memory.state[1], "condition": memory.condition} | base


class DeviceSampler:
    """Draws batches of any size, and keeps the steps, and so the graphs, of each size."""

    def __init__(self, weights: StepWeights, config: SketchRNNConfig) -> None:
        self.weights, self.config = weights, config
        self.sizes: dict[int, DeviceSteps] = {}

    def draw(self, condition: Tensor, noise: Callable[[int], Tensor], max_points: int) -> Tensor:
        """Drawings from conditions (N, C).

        Args:
            noise: called with a number of rows, gives random numbers for those of all N on
                the device, as `Sampler.noise` does: (k, N, 3 + M + 2).

        Returns:
            float32 (rows, N, 3): offsets in data units, and pens; what follows a drawing's
            end means nothing. As many rows as the longest has, or a few more.
        """
        n = len(condition)
        steps = self._steps(n, condition)
        steps.begin(condition)
        going = torch.arange(n, device=condition.device)
        over = torch.zeros(n, dtype=torch.bool, device=condition.device)
        drawn: list[Tensor] = []
        for first in range(0, max_points, ROWS):
            numbers = noise(min(ROWS, max_points - first))
            if first == 0:  # a drawing of no rows is nothing
                numbers[0, :, END] = -torch.inf
            rows = steps.draw(numbers if len(steps) == n else numbers[:, going])
            whole = torch.zeros(len(rows), n, 3, device=condition.device)
            whole[..., 2] = END
            whole[:, going] = rows
            drawn.append(whole)
            over = over | (whole[..., 2] == END).any(0)
            alive = torch.nonzero(~over).flatten()
            if len(alive) == 0:
                break
            size = len(steps)
            while size // SHRINK >= max(len(alive), SMALLEST):
                size //= SHRINK
            if size < len(steps):
                steps, going = self._shrunk(steps, going, alive, size)
        return torch.cat(drawn) if drawn else torch.zeros(0, n, 3)

    def _shrunk(
        self, steps: DeviceSteps, going: Tensor, alive: Tensor, size: int
    ) -> tuple[DeviceSteps, Tensor]:
        """Steps of `size` drawings: those `alive`, the first of them repeated at the end."""
        kept = alive.new_full((size,), int(alive[0]))
        kept[: len(alive)] = alive
        places = torch.zeros(int(going.max()) + 1, dtype=torch.long, device=going.device)
        places[going] = torch.arange(len(going), device=going.device)
        chosen = places[kept]
        smaller = self._steps(size, steps.memory.condition[chosen])
        smaller.take(steps, chosen)
        return smaller, kept

    def _steps(self, n: int, condition: Tensor) -> DeviceSteps:
        if n not in self.sizes:
            self.sizes[n] = DeviceSteps(self.weights, self.config, condition)
        return self.sizes[n]
