"""Several people's orders drawn together, one row of all of them at a time.

A step of the decoder costs hardly more for fifty drawings than for one, for most of it is
reading the weights. So orders join the batch when they come and leave it when they are done or no
longer wanted, between any two rows (continuous batching, Yu et al. 2022, "Orca", section 3). A
prefix is read in the same steps in which others draw, once for all drawings that begin alike.

Each order has random numbers of its own: what is drawn does not depend on what else is, but for
rounding in the last bits of a matrix product.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import torch

from ..strokes.errors import LineworkError
from .sketchrnn_sampling import NOISE_STEPS, Order, Sampled, Sampler
from .sketchrnn_stepping import DOWN, END, UP, FloatArray, IntArray, Steps

OnRow = Callable[[list[int], FloatArray], None]


class Member:
    """An order on its way through a batch.

    Set `unwanted`, from any thread, and it is dropped before the next row.
    """

    def __init__(self, sampler: Sampler, order: Order, on_row: OnRow | None = None) -> None:
        """on_row: as in `Sampler.draw`.

        Raises:
            LineworkError: an order that asks the model for the last pen.
        """
        if order.last_pen == "model":
            raise LineworkError("a batch cannot ask the model for the last pen; say up or down")
        self.order, self.unwanted = order, False
        self._sampler, self._on_row = sampler, on_row
        self.n = n = len(order.condition)
        self._prefix = order.prefix if order.prefix is not None and len(order.prefix) else None
        self._read = self._drawn = 0
        self._going = np.arange(n)
        self._rows = np.zeros((order.max_points, n, 3), np.float32)
        self._lengths = np.full(n, order.max_points)
        self._ended = np.zeros(n, bool)
        self._joined = self._pens_down() if self._prefix is not None else np.ones(n, bool)
        self._chunk = np.zeros((0, 0, 0), np.float32)
        alike = self._prefix is not None and bool((order.condition == order.condition[0]).all())
        self._width = 1 if alike else n  # rows of the batch while it reads

    @property
    def reading(self) -> bool:
        """Whether it has not come to the end of its prefix."""
        return self._prefix is not None and self._read < len(self._prefix)

    @property
    def done(self) -> bool:
        """Whether all its drawings have ended."""
        return len(self._going) == 0 or self._drawn >= self.order.max_points

    @property
    def width(self) -> int:
        """Rows that it has in the batch."""
        if self.done:
            return 0
        return self._width if self.reading else len(self._going)

    @property
    def begins(self) -> bool:
        """Whether its next row is its first, which is no end."""
        return self._drawn == 0

    def sampled(self) -> Sampled:
        """What was drawn, once it is done."""
        rows = [self._rows[:length, i].copy() for i, length in enumerate(self._lengths)]
        return Sampled(rows, self._ended, self._joined)

    def steps(self) -> Steps:
        """Where it begins."""
        return Steps(self._sampler.weights, self.order.condition[: self.width])

    def noise(self) -> FloatArray:
        """The random numbers of its next row, (width, K): those that `Sampler.draw` would use."""
        at = self._drawn % NOISE_STEPS
        if at == 0:
            count = min(NOISE_STEPS, self.order.max_points - self._drawn)
            order = self.order
            self._chunk = self._sampler.noise(count, self.n, order.temperatures, order.generator)
        return self._chunk[at][self._going]

    def read(self) -> tuple[IntArray, FloatArray, IntArray]:
        """The next row of the prefix: rows to go on with, offsets in data units, and pens."""
        assert self._prefix is not None
        dx, dy, lifted = self._prefix[self._read]
        self._read += 1
        if self.reading:
            rows, pens = np.arange(self._width), np.full(self._width, UP if lifted > 0.5 else DOWN)
        else:  # from here on they part
            rows = np.arange(self.n) if self._width == self.n else np.zeros(self.n, np.int64)
            pens = np.where(self._joined, DOWN, UP)
        return rows, np.broadcast_to(np.float32([dx, dy]), (len(rows), 2)), pens

    def take(self, offsets: FloatArray, pens: IntArray) -> tuple[IntArray, FloatArray, IntArray]:
        """What was picked for each of its rows. Returns as `read`: those that have not ended."""
        over = pens == END
        self._lengths[self._going[over]] = self._drawn
        self._ended[self._going[over]] = True
        keep = np.flatnonzero(~over)
        going, offsets, pens = self._going[keep], offsets[keep], pens[keep]
        self._rows[self._drawn, going, :2] = offsets
        self._rows[self._drawn, going, 2] = pens
        if self._on_row is not None and len(going):
            self._on_row(going.tolist(), self._rows[self._drawn, going])
        self._going = going
        self._drawn += 1
        if self.done:
            keep = keep[:0]
        return keep, offsets[: len(keep)], pens[: len(keep)]

    def _pens_down(self) -> npt.NDArray[np.bool_]:
        last = self.order.last_pen
        return np.full(self.n, last == "down") if isinstance(last, str) else np.array(last, bool)


class Batch:
    """Orders that are drawn together with one model. Not for several threads at once."""

    def __init__(self, sampler: Sampler) -> None:
        self.sampler = sampler
        self.members: list[Member] = []
        self._steps: Steps | None = None
        self._unit = np.float32(sampler.config.scale)

    @property
    def width(self) -> int:
        """Rows of all members."""
        return sum(member.width for member in self.members)

    @torch.inference_mode()
    def add(self, members: Sequence[Member]) -> None:
        """Members that go along from the next step on."""
        joining = [member for member in members if member.width]
        if not joining:
            return
        begun = [member.steps() for member in joining]
        if self._steps is None:
            self._steps, *begun = begun
        if begun:
            self._steps.join(begun)
        self.members += joining

    @torch.inference_mode()
    def step(self) -> list[Member]:
        """One row of every member. Returns those that are done with it; the unwanted are gone."""
        self._drop_unwanted()
        if self._steps is None:
            return []
        head = self._steps.head()
        starts = np.cumsum([0, *(member.width for member in self.members)])
        offsets, pens = self._picked(head, starts)
        rows, moves, states = [], [], []
        for member, first, last in zip(self.members, starts, starts[1:], strict=False):
            kept = (
                member.read()
                if member.reading
                else member.take(*(v[first:last] for v in (offsets, pens)))
            )
            rows.append(kept[0] + first)
            moves.append(kept[1])
            states.append(kept[2])
        done = [member for member in self.members if member.done]
        self.members = [member for member in self.members if not member.done]
        self._keep(np.concatenate(rows), len(head))
        if self._steps is not None:
            self._steps.move(np.concatenate(moves) / self._unit, np.concatenate(states))
        return done

    def _picked(self, head: FloatArray, starts: IntArray) -> tuple[FloatArray, IntArray]:
        """Offsets (R, 2) and pens (R,) for the rows of members that draw; zeros for the others."""
        offsets, pens = np.zeros((len(head), 2), np.float32), np.zeros(len(head), np.int64)
        places, noise = [], []
        for member, first, last in zip(self.members, starts, starts[1:], strict=False):
            if member.reading:
                continue
            if member.begins:
                head[first:last, END] = -np.inf
            places.append(np.arange(first, last))
            noise.append(member.noise())
        if places:
            where = np.concatenate(places)
            offsets[where], pens[where] = self.sampler.pick(head[where], np.concatenate(noise))
        return offsets, pens

    def _drop_unwanted(self) -> None:
        if not any(member.unwanted for member in self.members):
            return
        starts = np.cumsum([0, *(member.width for member in self.members)])
        kept = [
            np.arange(first, last)
            for member, first, last in zip(self.members, starts, starts[1:], strict=False)
            if not member.unwanted
        ]
        self.members = [member for member in self.members if not member.unwanted]
        self._keep(np.concatenate([np.zeros(0, np.int64), *kept]), int(starts[-1]))

    def _keep(self, rows: IntArray, count: int) -> None:
        """Goes on with `rows` of `count`; with none there is no state."""
        if len(rows) == 0:
            self._steps = None
        elif len(rows) != count or (rows != np.arange(count)).any():
            assert self._steps is not None
            self._steps.keep(rows)
