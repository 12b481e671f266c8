"""Batches of picture patches, every one a function of the seed and its number.

Patch i of step t is drawn by a generator seeded with (seed, t, i), so a resumed run sees
what it would have seen, and the processes of a torchrun share a batch between them.
Worker processes draw ahead of the training where that is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from ..datasets.pairs import Pair, PairSource
from ..strokes.png_bytes import write_array

Item = TypeVar("Item")

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

    def at(
        self, step: int, rank: int = 0, world: int = 1, device: torch.device | None = None
    ) -> tuple[Tensor, Tensor]:
        """The batch of a step, on a device; steps in turn are cheapest."""
        draw, rows = partial(self.source.patch, self.size), range(rank, self.batch_size, world)
        steps = self._ahead.at(step, lambda: SeededSteps(draw, _grey_pairs, self.seed, rows))
        # Bytes travel, a quarter of what floats would.
        rough, clean = (grey.to(device or "cpu", non_blocking=True) for grey in steps)
        return as_ink(rough, clean)


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
                    # From there a GPU fetches by itself, while the host goes on.
                    pin_memory=torch.cuda.is_available(),
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


class SeededSteps(Dataset[tuple[Tensor, ...]]):
    """Steps as a data set: item t is this process's share of batch t.

    Args:
        draw: makes one of a batch; row i of step t from a generator seeded with (seed, t, i).
        join: those of a batch as tensors.
        rows: of each batch, this process's.
    """

    def __init__(
        self,
        draw: Callable[[np.random.Generator], Item],
        join: Callable[[list[Item]], tuple[Tensor, ...]],
        seed: int,
        rows: range,
    ) -> None:
        self.draw, self.join, self.seed, self.rows = draw, join, seed, rows

    def __getitem__(self, step: int) -> tuple[Tensor, ...]:
        rngs = [np.random.default_rng((self.seed, step, row)) for row in self.rows]
        return self.join([self.draw(rng) for rng in rngs])


def seeded_generator(device: torch.device | str, *key: int) -> torch.Generator:
    """A generator on a device, a function of some numbers: seed, step, process, use."""
    seed = np.random.SeedSequence(key)
    return torch.Generator(device).manual_seed(int(seed.generate_state(1)[0]))


def as_tanh(pictures: Tensor) -> Tensor:
    """Bytes to [-1, 1]."""
    return pictures.float() / 127.5 - 1


def as_bytes(pictures: Tensor) -> Tensor:
    """[-1, 1] to bytes."""
    return ((pictures.float() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)


def write_rows(path: Path, columns: Sequence[Tensor]) -> None:
    """Pictures side by side, uint8 (R, 3, S, S) a column, as a PNG of R rows."""
    rows = torch.cat(list(columns), dim=3)  # (R, 3, S, columns S)
    picture = rows.permute(0, 2, 3, 1).reshape(-1, rows.shape[3], 3)
    write_array(path.with_suffix(".png"), picture.numpy())


def _grey_pairs(pairs: list[Pair]) -> tuple[Tensor, Tensor]:
    """Rough and clean, uint8 (B, 1, S, S) each."""
    rough = torch.from_numpy(np.stack([pair.rough for pair in pairs]))
    clean = torch.from_numpy(np.stack([pair.clean for pair in pairs]))
    return rough[:, None], clean[:, None]


def as_ink(rough: Tensor, clean: Tensor) -> tuple[Tensor, Tensor]:
    """Grey bytes to ink in [0, 1]."""
    return 1 - rough.float() / 255, 1 - clean.float() / 255
