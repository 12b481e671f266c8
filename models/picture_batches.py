"""Batches of picture patches, every one a function of the seed and its number.

Patch i of step t is drawn by a generator seeded with (seed, t, i), so a resumed run sees
what it would have seen, and the processes of a torchrun share a batch between them.
Worker processes draw ahead of the training where that is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from ..datasets.pairs import Pair, PairSource

# Steps that each worker has ready.
AHEAD = 4


@dataclass(frozen=True, slots=True)
class PairMix:
    """Sources of pairs, each drawn from in its share; itself a source."""

    sources: Sequence[PairSource]
    shares: Sequence[float]

    @property
    def name(self) -> str:
        """The sources' names."""
        return ", ".join(source.name for source in self.sources)

    def patch(self, size: int, rng: np.random.Generator) -> Pair:
        """A patch of one of the sources."""
        shares = np.asarray(self.shares, np.float64)
        chosen = rng.choice(len(self.sources), p=shares / shares.sum())
        return self.sources[int(chosen)].patch(size, rng)


@dataclass(frozen=True, slots=True)
class _Shrunk:
    """A source whose patches are cut larger and shrunk, by area."""

    source: PairSource
    factor: float

    @property
    def name(self) -> str:
        return self.source.name

    def patch(self, size: int, rng: np.random.Generator) -> Pair:
        pair = self.source.patch(round(size / self.factor), rng)
        side = (size, size)
        rough, clean = (
            np.asarray(cv2.resize(half, side, interpolation=cv2.INTER_AREA), np.uint8)
            for half in (pair.rough, pair.clean)
        )
        return Pair(rough, clean)


def shrunk(source: PairSource, factor: float) -> PairSource:
    """The source, at `factor` of its size."""
    return source if factor == 1 else _Shrunk(source, factor)


@dataclass(frozen=True, slots=True)
class _WithIdentity:
    """A source that now and then gives the clean side as the rough one."""

    source: PairSource
    share: float

    @property
    def name(self) -> str:
        return self.source.name

    def patch(self, size: int, rng: np.random.Generator) -> Pair:
        same = rng.random() < self.share
        pair = self.source.patch(size, rng)
        return Pair(pair.clean, pair.clean) if same else pair


def with_identity(source: PairSource, share: float) -> PairSource:
    """The source, where a share of the pairs are the clean picture and itself."""
    return source if share == 0 else _WithIdentity(source, share)


class PairBatches:
    """Batches (rough, clean) of ink, float32 (B, 1, S, S) in [0, 1], 1 black.

    Args:
        batch_size: over all processes; each gets its share of it.
        workers: processes that draw ahead; 0 draws when asked.
    """

    def __init__(
        self, source: PairSource, size: int, batch_size: int, *, seed: int, workers: int = 0
    ) -> None:
        self.source, self.size, self.batch_size = source, size, batch_size
        self.seed = seed
        self._ahead = Ahead(workers)

    def at(self, step: int, rank: int = 0, world: int = 1) -> tuple[Tensor, Tensor]:
        """The batch of a step; steps in turn are cheapest."""
        return as_ink(*self._ahead.at(step, lambda: _Steps(self, rank, world)))


class Ahead:
    """Batches of any data set of steps, drawn ahead by worker processes where there are some.

    Args:
        workers: processes; 0 draws when asked.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._ahead: Iterator[tuple[Tensor, ...]] | None = None
        self._next = -1

    def at(self, step: int, steps: Callable[[], Dataset[Any]]) -> tuple[Tensor, ...]:
        """Item `step` of `steps()`; that is made anew unless steps are asked for in turn."""
        if self.workers == 0:
            found: tuple[Tensor, ...] = steps()[step]
            return found
        if self._ahead is None or step != self._next:
            self._ahead = iter(
                DataLoader(
                    steps(),
                    batch_size=None,
                    sampler=_From(step),
                    num_workers=self.workers,
                    prefetch_factor=AHEAD,
                )
            )
        self._next = step + 1
        return next(self._ahead)


class _From:
    """The numbers from `first` on, without an end."""

    def __init__(self, first: int) -> None:
        self.first = first

    def __iter__(self) -> Iterator[int]:
        step = self.first
        while True:
            yield step
            step += 1


class _Steps(Dataset[tuple[Tensor, Tensor]]):
    """Steps as a data set: item t is this process's share of batch t, as uint8 grey."""

    def __init__(self, batches: PairBatches, rank: int, world: int) -> None:
        self.source, self.size, self.seed = batches.source, batches.size, batches.seed
        self.rows = range(rank, batches.batch_size, world)

    def __getitem__(self, step: int) -> tuple[Tensor, Tensor]:
        pairs = [
            self.source.patch(self.size, np.random.default_rng((self.seed, step, row)))
            for row in self.rows
        ]
        rough = torch.from_numpy(np.stack([pair.rough for pair in pairs]))
        clean = torch.from_numpy(np.stack([pair.clean for pair in pairs]))
        return rough[:, None], clean[:, None]


def as_ink(rough: Tensor, clean: Tensor) -> tuple[Tensor, Tensor]:
    """Grey bytes to ink in [0, 1]."""
    return 1 - rough.float() / 255, 1 - clean.float() / 255
