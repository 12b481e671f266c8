"""One process's share of a batch: which rows, and how its means become those of the whole.

DistributedDataParallel takes the mean of the processes' gradients, and the loop that of their
figures. So that these are the gradients and figures of the whole batch, a process weighs each
mean over some of its rows by `weight`, draws what is random for all rows and takes its own, and
asks `total` where a loss is no mean of rows. Without torchrun the share is the batch.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class BatchShare:
    """Rows `rank`, `rank + world`, ... of a batch of `count`."""

    rank: int
    world: int
    count: int

    @property
    def rows(self) -> range:
        """Its rows' numbers in the batch."""
        return range(self.rank, self.count, self.world)

    def among_first(self, first: int) -> int:
        """How many of its rows, its first ones, are among the first of the batch."""
        return len(range(self.rank, min(first, self.count), self.world))

    def weight(self, own: int, whole: int) -> float:
        """What a mean over `own` of its rows counts in one over `whole` of the batch's."""
        return own * self.world / whole if own else 0.0

    def take(self, whole: Tensor) -> Tensor:
        """Its rows of what was made for all, (count, ...)."""
        return whole[self.rank :: self.world]

    def total(self, value: Tensor) -> Tensor:
        """The sum over all processes, without a gradient; every one of them calls it."""
        found = value.detach().clone()
        if self.world > 1:
            torch.distributed.all_reduce(found)
        return found

    def mean(self, value: Tensor) -> Tensor:
        """The mean over all processes of what each has weighed; otherwise as `total`."""
        return self.total(value) / self.world
