"""What a drawing is to the recogniser, and batches of them, changed at random while training.

Each drawing is brought to a box of longer side 2 around 0, so that place and size do not count,
and becomes rows of points and a picture. Batch t depends on the table, the settings, the seed
and t alone (docs/decisions/0004).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt
import torch

from ..strokes import DrawingTable
from ..strokes.errors import LineworkError
from .batches import Augmentation, Sequences, augment, select
from .recogniser import FEATURES, DoodleBatch
from .settings import check_ranges

FloatArray = npt.NDArray[np.float32]
Points = npt.NDArray[np.float64]
Ends = npt.NDArray[np.int64]

# Samples per px of a picture, and a line's width in samples: 1.5 px, as wide as
# Quick, Draw!'s own 28 px bitmaps have it for their size.
_SAMPLES = 2
_LINE = 3
# px left free around the drawing, of the picture: half a line and a rim.
_RIM = 2.0
# Bits of fractions in OpenCV's coordinates.
_SHIFT = 4
# Offsets are some hundredths of the box: brought near 1, as places are.
_OFFSET_GAIN = 4.0
# Of a drawing's points, the least that an unfinished one keeps.
_LEAST_LEFT = 0.4
_SHARE_SEED = 345


@dataclass(frozen=True)
class DoodleConfig:
    """Which drawings, and how they are changed while training."""

    words: tuple[str, ...] = ()
    """Words to tell apart; none takes all in the table."""
    max_points: int = 400
    """Longer drawings are left out of training."""
    balance: float = 0.5
    """0 keeps the words' shares of the data, 1 shows all words equally often."""
    share: float = 1.0
    """Learn from this share of each word's drawings only: for learning curves."""
    stretch: float = 0.2
    """Each axis is stretched by a factor within 1 ± this."""
    rotate: float = 15.0
    """Rotation within ± this many degrees."""
    mirror: float = 0.5
    """Probability of a left-right mirror image."""
    drop: float = 0.1
    """Probability that a point inside a stroke is left out."""
    unfinished: float = 0.25
    """Probability that the last strokes are left out."""

    def __post_init__(self) -> None:
        check_ranges(
            self,
            {
                "max_points": (1, math.inf),
                "balance": (0, 1),
                "share": (0, 1),
                "stretch": (0, 0.9),
                "rotate": (0, 180),
                "mirror": (0, 1),
                "drop": (0, 1),
                "unfinished": (0, 1),
            },
        )

    @property
    def augmentation(self) -> Augmentation:
        """Of the points."""
        return Augmentation(self.stretch, self.drop, self.rotate, self.mirror)


def doodles(
    table: DrawingTable, split: str, words: Sequence[str], config: DoodleConfig
) -> Sequences:
    """The drawings of a split; of "train" the share that is to be learnt from.

    Raises:
        LineworkError: there are none.
    """
    training = split == "train"
    found = select(
        table,
        split,
        words,
        config.max_points if training else None,
        config.balance if training else 0.0,
    )
    if not training or config.share == 1:
        return found
    # The first so many of each word in a fixed order, so that a smaller share lies in a larger.
    order = np.random.default_rng(_SHARE_SEED).permutation(len(found))
    taken = np.zeros(len(found), np.bool_)
    for word in range(len(words)):
        mine = order[found.words[order] == word]
        taken[mine[: math.ceil(config.share * len(mine))]] = True
    if not taken.any():
        raise LineworkError(f"{table.name}: a share of {config.share:g} leaves no drawing")
    weights = None if found.weights is None else found.weights[taken]
    return replace(
        found,
        rows=found.rows[taken],
        lengths=found.lengths[taken],
        words=found.words[taken],
        weights=weights,
    )


def unfinished(points: Points, ends: Ends, rng: np.random.Generator) -> tuple[Points, Ends]:
    """The drawing as it was somewhere on its way: its last strokes are not there yet.

    At least `_LEAST_LEFT` of its points are; a drawing of one stroke stays.
    """
    enough = np.flatnonzero(ends >= _LEAST_LEFT * len(points))
    last = int(rng.choice(enough))
    return points[: ends[last]], ends[: last + 1]


def boxed(points: Points) -> Points:
    """Points (n, 2) moved and scaled so that their box is around 0 and its longer side 2."""
    low, high = points.min(axis=0), points.max(axis=0)
    side = float((high - low).max())
    return (points - (low + high) / 2) * (2 / side if side > 0 else 1.0)


def point_rows(points: Points, ends: Ends) -> FloatArray:
    """Boxed points as the rows that the network reads: float32 (n, 6)."""
    rows = np.zeros((len(points), FEATURES), np.float32)
    rows[:, :2] = points
    rows[1:, 2:4] = _OFFSET_GAIN * np.diff(points, axis=0)
    rows[ends - 1, 4] = 1
    rows[np.append(0, ends[:-1]), 5] = 1
    return rows


def picture(points: Points, ends: Ends, side: int) -> FloatArray:
    """Boxed points as a picture: float32 (side, side), 0 paper to 1 ink."""
    samples = np.zeros((side * _SAMPLES, side * _SAMPLES), np.uint8)
    middle = side * _SAMPLES / 2
    at = points * (middle - _RIM * _SAMPLES) + (middle - 0.5)
    fixed = np.rint(at * 2**_SHIFT).astype(np.int32)
    # OpenCV draws nothing for a line of one point, and a dot for one of two that are equal.
    lines = [np.repeat(p, 2, axis=0) if len(p) == 1 else p for p in np.split(fixed, ends[:-1])]
    cv2.polylines(samples, lines, False, 255, _LINE, cv2.LINE_8, _SHIFT)
    small = cv2.resize(samples, (side, side), interpolation=cv2.INTER_AREA)
    return small.astype(np.float32) / 255


def collate_doodles(
    drawings: Sequence[tuple[Points, Ends]], words: npt.ArrayLike, side: int
) -> DoodleBatch:
    """A batch of drawings in any unit, each of 1 point or more."""
    boxes = [(boxed(points), ends) for points, ends in drawings]
    lengths = np.array([len(points) for points, _ in boxes], np.int64)
    rows = np.zeros((len(boxes), int(lengths.max()), FEATURES), np.float32)
    for i, (points, ends) in enumerate(boxes):
        rows[i, : len(points)] = point_rows(points, ends)
    pictures = np.stack([picture(points, ends, side) for points, ends in boxes])[:, None]
    return DoodleBatch(
        torch.from_numpy(rows),
        torch.from_numpy(lengths),
        torch.from_numpy(pictures),
        torch.from_numpy(np.asarray(words, np.int64)),
    )


class DoodleBatches:
    """The batches of a training run: `at(t)` for any step t."""

    def __init__(
        self, sequences: Sequences, config: DoodleConfig, side: int, batch_size: int, seed: int = 0
    ) -> None:
        self.sequences, self.config, self.side, self.seed = sequences, config, side, seed
        self.batch_size = min(batch_size, len(sequences))
        self.per_epoch = max(len(sequences) // self.batch_size, 1)
        self._plan: tuple[int, npt.NDArray[np.int64]] = (-1, np.zeros(0, np.int64))

    def indices(self, step: int) -> npt.NDArray[np.int64]:
        """Which drawings batch `step` holds: int64 (B,)."""
        epoch, place = divmod(step, self.per_epoch)
        if self._plan[0] != epoch:
            self._plan = (epoch, self._order(epoch))
        return self._plan[1][place * self.batch_size : (place + 1) * self.batch_size]

    def _order(self, epoch: int) -> npt.NDArray[np.int64]:
        rng = np.random.default_rng([self.seed, epoch])
        weights = self.sequences.weights
        if weights is None:
            return rng.permutation(len(self.sequences))
        # Each drawing floor(weight) times, once more with the rest's probability.
        times = np.floor(weights + rng.random(len(weights))).astype(np.int64)
        order = rng.permutation(np.repeat(np.arange(len(weights)), times))
        return np.resize(order, self.per_epoch * self.batch_size)

    def at(self, step: int, rank: int = 0, world: int = 1) -> DoodleBatch:
        """The rows of batch `step` that belong to process `rank` of `world`.

        Raises:
            LineworkError: fewer drawings than processes.
        """
        chosen = self.indices(step)
        if len(chosen) < world:
            raise LineworkError(
                f"a batch of {len(chosen)} drawings does not go round {world} processes; set a "
                "larger batch_size, or run fewer"
            )
        rng = np.random.default_rng([self.seed, step, 1])
        drawings = [self._changed(int(i), rng) for i in chosen]
        return collate_doodles(
            drawings[rank::world], self.sequences.words[chosen][rank::world], self.side
        )

    def _changed(self, index: int, rng: np.random.Generator) -> tuple[Points, Ends]:
        points, ends = augment(
            *self.sequences.points(index), self.config.augmentation, rng, whole=False
        )
        if rng.random() < self.config.unfinished:
            points, ends = unfinished(points, ends, rng)
        return points, ends


def whole_batches(sequences: Sequences, side: int, batch_size: int = 128) -> list[DoodleBatch]:
    """Every drawing once, as it is, in order of length, so that little is padded."""
    order = np.argsort(sequences.lengths, kind="stable")
    return [
        collate_doodles([sequences.points(int(i)) for i in part], sequences.words[part], side)
        for part in np.split(order, range(batch_size, len(order), batch_size))
    ]
