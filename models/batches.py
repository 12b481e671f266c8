"""Batches of drawings for sketch-rnn: length-bucketed, augmented, and a function of the step.

Batch t depends on nothing but the table, the settings, the seed and t. So resuming
needs no state beside t, and every process of a distributed run can lay out the same
global batch and take its own rows of it.

Padding every batch to the longest drawing costs twice the arithmetic or more
(docs/benchmarks.md). Here an epoch's drawings are shuffled, cut into pools, sorted
by length within a pool and cut into batches; the batches are shuffled again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from ..strokes import DrawingTable
from ..strokes.errors import LineworkError
from ..strokes.stroke3 import offsets_from_points
from .sketchrnn import SketchBatch, SketchRNNConfig

# Batches a pool: more sort better, fewer shuffle better; at 50 the padding is below 2 %.
POOL_BATCHES = 50
# Rows read to measure the scale of a large table; the std of 50,000 drawings' offsets
# is known to 0.1 %.
SCALE_ROWS = 50_000
# Where the published augmentation may drop a point, counted in stroke-3 rows: not the
# first two of a stroke, and not its last two.
DROP_AFTER = 2
DROP_BEFORE = 2
# The published clamp on offsets, in data units.
MAX_OFFSET = 1000.0

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Augmentation:
    """Random changes to a training drawing. The defaults are the published ones."""

    scale: float = 0.15
    """Each axis is stretched by a factor within 1 ± this."""
    drop: float = 0.10
    """Probability that a point inside a stroke is left out."""
    rotate: float = 0.0
    """Rotation within ± this many degrees."""
    mirror: float = 0.0
    """Probability of a left-right mirror image."""

    def fade(self, strength: float) -> Augmentation:
        """The same with point dropping weakened to a share: it changes what is being learnt."""
        return Augmentation(self.scale, self.drop * strength, self.rotate, self.mirror)


@dataclass(frozen=True, slots=True)
class Sequences:
    """The drawings of some rows of a table, ready to be batched.

    Args:
        table: where the points are.
        rows: int64 (N,), the rows used.
        lengths: int32 (N,), stroke-3 rows of each.
        words: int64 (N,), index among the model's words.
        weights: float64 (N,), how often each is drawn in an epoch, 1 on average; None is evenly.
    """

    table: DrawingTable
    rows: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int32]
    words: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def points(self, index: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
        """Points (n, 2) from the drawing's first point, and the index after each stroke."""
        points, ends = self.table.flat(int(self.rows[index]))
        return points - points[0].astype(np.float64), ends


def select(
    table: DrawingTable,
    split: str | None,
    words: Sequence[str] | None = None,
    max_points: int | None = None,
    balance: float = 0.0,
) -> Sequences:
    """The drawings of a split that a model can read.

    Args:
        split: "train", "valid", "test", or None for all.
        words: the model's words; drawings of others are left out. None or one word takes all.
        max_points: leave out longer drawings.
        balance: 0 keeps the words' shares, 1 draws every word equally often.

    Raises:
        LineworkError: nothing is left.
    """
    rows = table.rows_of(split)
    lengths = np.maximum(table.n_points() - 1, 1)[rows]
    keep = table.n_points()[rows] > 0
    index = np.zeros(len(rows), np.int64)
    if words is not None and len(words) > 1:
        names, of_row = table.words()
        place = {word: i for i, word in enumerate(words)}
        lookup = np.array([place.get(name, -1) for name in names] + [-1])
        index = lookup[of_row[rows]]
        keep &= index >= 0
    if max_points is not None:
        keep &= lengths <= max_points
    if not keep.any():
        named = f" of {', '.join(words[:5])}" if words else ""
        raise LineworkError(
            f"{table.name}: no drawing{named} in split {split or 'any'}; "
            "`linework data info` lists words and splits"
        )
    rows, lengths, index = rows[keep], lengths[keep], index[keep]
    weights = None
    if balance:
        share = np.bincount(index)[index].astype(np.float64)
        weights = share**-balance
        weights /= weights.mean()
    return Sequences(table, rows, lengths.astype(np.int32), index, weights)


def measure_scales(sequences: Sequences, seed: int = 0) -> tuple[float, float]:
    """(std of all offsets, rms of all positions over that), the model's units.

    The std is pooled over dx and dy of every row, clamped to ±1000, as published.
    """
    rng = np.random.default_rng(seed)
    chosen = np.arange(len(sequences))
    if len(chosen) > SCALE_ROWS:
        chosen = rng.choice(chosen, SCALE_ROWS, replace=False)
    offsets, squares, count = [], 0.0, 0
    for index in chosen.tolist():
        points, ends = sequences.points(index)
        offsets.append(offsets_from_points(points, ends)[:, :2].ravel())
        squares += float(np.square(points).sum())
        count += points.size
    pooled = np.concatenate(offsets).clip(-MAX_OFFSET, MAX_OFFSET)
    scale = float(pooled.std(dtype=np.float64)) or 1.0
    return scale, max((squares / count) ** 0.5 / scale, 1.0)


def measure_box(sequences: Sequences, rows: int = 2000) -> float:
    """Median long side of the first drawings, data units: the size a drawing is brought to."""
    sides = [np.ptp(sequences.points(i)[0], axis=0).max() for i in range(min(rows, len(sequences)))]
    return float(np.median(sides)) or 1.0


def augment(
    points: npt.NDArray[np.float64],
    ends: npt.NDArray[np.int64],
    how: Augmentation,
    rng: np.random.Generator,
    whole: bool = True,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """A changed copy of a drawing's points (n, 2), rounded to integers again if `whole`."""
    factors = 1 + how.scale * rng.uniform(-1, 1, 2)
    angle, mirrored = rng.uniform(-1, 1) * np.deg2rad(how.rotate), rng.random() < how.mirror
    draws = rng.random(len(points))
    if mirrored:
        factors[0] = -factors[0]
    points = points * factors
    if angle:
        c, s = np.cos(angle), np.sin(angle)
        points = points @ np.array([[c, s], [-s, c]])
    if how.drop:
        kept = (draws >= how.drop) | ~droppable(ends)
        points, ends = points[kept], np.cumsum(kept, dtype=np.int64)[ends - 1]
    return (np.rint(points) if whole else points), ends


def droppable(ends: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which points the published rule may drop: bool (n,).

    Its code adds the offset of a row that it drops to the row before, so that the point
    that goes is the one before the row drawn, which must be the fourth of its stroke or
    later and not the last.
    """
    lengths = np.diff(ends, prepend=0)
    row = np.arange(ends[-1]) - np.repeat(ends - lengths, lengths)
    row[: ends[0]] -= 1  # the drawing's first point has no row
    left = np.repeat(ends, lengths) - 1 - np.arange(ends[-1])
    return (row >= DROP_AFTER) & (left >= DROP_BEFORE)


class Batches:
    """The batches of a training run: `batches[t]` for any step t."""

    def __init__(
        self,
        sequences: Sequences,
        config: SketchRNNConfig,
        batch_size: int,
        *,
        seed: int = 0,
        bucket: bool = True,
        pad_to: int | None = None,
    ) -> None:
        """`bucket` False and `pad_to` give the published layout, for comparison."""
        self.sequences = sequences
        self.config = config
        self.batch_size = min(batch_size, len(sequences))
        self.seed = seed
        self.bucket = bucket
        self.pad_to = pad_to
        self.per_epoch = max(len(sequences) // self.batch_size, 1)
        self._plan: tuple[int, list[npt.NDArray[np.int64]]] = (-1, [])

    def indices(self, step: int) -> npt.NDArray[np.int64]:
        """Which drawings batch `step` holds: int64 (B,)."""
        epoch, place = divmod(step, self.per_epoch)
        if self._plan[0] != epoch:
            self._plan = (epoch, self._layout(epoch))
        return self._plan[1][place]

    def _layout(self, epoch: int) -> list[npt.NDArray[np.int64]]:
        rng = np.random.default_rng([self.seed, epoch])
        n = self.per_epoch * self.batch_size
        weights = self.sequences.weights
        if weights is None:
            order = rng.permutation(len(self.sequences))[:n]
        else:
            # Each drawing floor(weight) times, once more with the rest's probability.
            times = np.floor(weights + rng.random(len(weights))).astype(np.int64)
            order = rng.permutation(np.repeat(np.arange(len(weights)), times))
            order = np.resize(order, n)
        if self.bucket:
            pool = POOL_BATCHES * self.batch_size
            for start in range(0, n, pool):
                part = order[start : start + pool]
                part[:] = part[np.argsort(self.sequences.lengths[part], kind="stable")]
        batches = np.split(order, self.per_epoch)
        return [batches[i] for i in rng.permutation(self.per_epoch)]

    def at(
        self,
        step: int,
        augmentation: Augmentation | None = None,
        rank: int = 0,
        world: int = 1,
    ) -> tuple[SketchBatch, int, int]:
        """The rows of batch `step` that belong to process `rank` of `world`.

        Returns:
            The batch, and the points and drawings of the global batch.

        Raises:
            LineworkError: fewer drawings than processes.
        """
        chosen = self.indices(step)
        if len(chosen) < world:
            raise LineworkError(
                f"a batch of {len(chosen)} drawings does not go round {world} processes; set a "
                "larger batch_size, or run fewer"
            )
        # The density is published for stretched offsets as they are; a cell's are integers.
        whole = self.config.likelihood == "cell"
        rng = np.random.default_rng([self.seed, step, 1])
        drawings = []
        for index in chosen:
            points, ends = self.sequences.points(index)
            if augmentation is not None:
                points, ends = augment(points, ends, augmentation, rng, whole)
            drawings.append(offsets_from_points(points, ends))
        noise = rng.standard_normal((len(chosen), self.config.latent_size), dtype=np.float32)
        keep = rng.random(len(chosen)) >= self.config.latent_dropout
        total = sum(len(d) for d in drawings)
        mine = slice(rank, None, world)
        batch = collate(
            drawings[mine],
            self.sequences.words[chosen][mine],
            noise[mine],
            keep[mine],
            self.config.scale,
            self.pad_to,
        )
        return batch, total, len(chosen)


def collate(
    drawings: Sequence[FloatArray],
    words: npt.NDArray[np.int64],
    noise: FloatArray,
    keep_latent: npt.NDArray[np.bool_],
    scale: float,
    pad_to: int | None = None,
) -> SketchBatch:
    """A batch of stroke-3 arrays in data units, padded to the longest or to `pad_to` rows."""
    lengths = np.array([len(d) for d in drawings])
    longest = max(int(lengths.max()), pad_to or 0)
    offsets = np.zeros((longest, len(drawings), 2), np.float32)
    pen = np.full((longest + 1, len(drawings)), 2, np.int64)
    for column, rows in enumerate(drawings):
        offsets[: len(rows), column] = rows[:, :2].clip(-MAX_OFFSET, MAX_OFFSET) / scale
        pen[: len(rows), column] = rows[:, 2] > 0.5
    return SketchBatch(
        offsets=torch.from_numpy(offsets),
        pen=torch.from_numpy(pen),
        lengths=torch.from_numpy(lengths),
        words=torch.from_numpy(np.asarray(words, np.int64)),
        noise=torch.from_numpy(noise),
        keep_latent=torch.from_numpy(keep_latent),
    )


def evaluation_batches(
    sequences: Sequences, config: SketchRNNConfig, batch_size: int = 100, seed: int = 0
) -> list[SketchBatch]:
    """Every drawing once, in order of length, unaugmented, with z kept and seeded noise."""
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((len(sequences), config.latent_size), dtype=np.float32)
    order = np.argsort(sequences.lengths, kind="stable")
    batches = []
    for start in range(0, len(order), batch_size):
        chosen = order[start : start + batch_size]
        drawings = [offsets_from_points(*sequences.points(i)) for i in chosen]
        keep = np.ones(len(chosen), bool)
        batches.append(
            collate(drawings, sequences.words[chosen], noise[chosen], keep, config.scale)
        )
    return batches
