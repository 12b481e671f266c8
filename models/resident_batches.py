"""The drawings of a training wholly on the GPU, and batches made of them there.

What `Batches` does a drawing at a time in numpy is done here for a batch in a dozen operations
on the device: points are gathered, stretched, rotated and thinned, and become offsets. Nothing is
copied from the host but which drawings a batch holds, and nothing is asked of the device, so
that a step waits for no data. A batch is laid out by the same `Batches`, and is, like there, a
function of seed and step; its random numbers are the device's, so it is not the same batch.

Dropped points leave rows at the end of every column: a batch is as long as its longest drawing
was before. Six bytes a point lie on the device: 13 GB for all of Quick, Draw!.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from .batches import MAX_OFFSET, Augmentation, Batches, Sequences, droppable
from .picture_batches import seeded_generator
from .sketchrnn import SketchBatch
from .sketchrnn_stepping import END


class ResidentBatches:
    """The batches of a training run, made on a device: `at(t)` for any step t."""

    def __init__(self, batches: Batches, device: torch.device) -> None:
        self.batches, self.device = batches, device
        self.config = batches.config
        points, lifted, loose, counts = _flat(batches.sequences)
        self.counts = counts  # on the host: a batch's length is known without asking the device
        self._points = torch.from_numpy(points).to(device)  # int16 (P, 2)
        self._lifted = torch.from_numpy(lifted).to(device)  # bool (P,), after the point
        self._loose = torch.from_numpy(loose).to(device)  # bool (P,), may be dropped
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        self._starts = torch.from_numpy(starts).to(device)
        self._counts = torch.from_numpy(counts).to(device)
        self._words = torch.from_numpy(batches.sequences.words).to(device)

    def at(
        self,
        step: int,
        augmentation: Augmentation | None = None,
        rank: int = 0,
        world: int = 1,
    ) -> tuple[SketchBatch, Tensor, int]:
        """The rows of batch `step` that belong to process `rank` of `world`.

        Returns:
            The batch, and the points (a scalar on the device) and drawings of the global batch.
        """
        chosen = self.batches.indices(step)
        longest = int(self.counts[chosen].max())
        rows = torch.from_numpy(chosen)
        if self.device.type == "cuda":
            rows = rows.pin_memory().to(self.device, non_blocking=True)
        counts = self._counts[rows]  # (B,)
        place = torch.arange(longest, device=self.device)[:, None]  # (L, 1)
        real = place < counts
        index = (self._starts[rows] + place).where(real, 0)
        generator = seeded_generator(self.device, self.batches.seed, step)
        points = self._points[index].float()  # (L, B, 2)
        points = points - points[:1]
        kept = real
        if augmentation is not None:
            points = self._moved(points, augmentation, generator)
            draws = torch.rand(real.shape, generator=generator, device=self.device)
            kept = real & ~(self._loose[index] & (draws < augmentation.drop))
        points, lifted = _compact(points, self._lifted[index], kept)
        batch = self._collated(points, lifted, kept.sum(0) - 1, self._words[rows], generator)
        return _columns(batch, rank, world), batch.lengths.sum(), len(chosen)

    def _moved(self, points: Tensor, how: Augmentation, generator: torch.Generator) -> Tensor:
        """Points (L, B, 2) stretched, mirrored and rotated, drawing by drawing."""
        size = points.shape[1]
        draws = torch.rand(4, size, generator=generator, device=self.device)
        factors = 1 + how.scale * (2 * draws[:2] - 1)  # (2, B): x, y
        factors[0] = torch.where(draws[2] < how.mirror, -factors[0], factors[0])
        x, y = (points * factors.T).unbind(2)
        if how.rotate:
            angle = (2 * draws[3] - 1) * np.deg2rad(how.rotate)
            c, s = torch.cos(angle), torch.sin(angle)
            x, y = x * c - y * s, x * s + y * c
        points = torch.stack([x, y], dim=2)
        # The density is published for stretched offsets as they are; a cell's are integers.
        return points.round() if self.config.likelihood == "cell" else points

    def _collated(
        self,
        points: Tensor,
        lifted: Tensor,
        lengths: Tensor,
        words: Tensor,
        generator: torch.Generator,
    ) -> SketchBatch:
        """Points (L, B, 2) and lifts as a batch, padded to L - 1 rows or as published."""
        size = len(words)
        offsets = points[1:] - points[:-1]
        more = max(0, (self.batches.pad_to or 0) - len(offsets))
        offsets = torch.cat([offsets, offsets.new_zeros(more, size, 2)])
        place = torch.arange(len(offsets) + 1, device=self.device)[:, None]
        real = place < lengths
        pen = torch.cat([lifted[1:].long(), lifted.new_zeros(more + 1, size).long()])
        offsets = offsets.clamp(-MAX_OFFSET, MAX_OFFSET) / self.config.scale
        noise = (size, self.config.latent_size)
        keep = torch.rand(size, generator=generator, device=self.device)
        return SketchBatch(
            offsets=offsets.where(real[:-1, :, None], 0.0),
            pen=pen.where(real, END),
            lengths=lengths,
            words=words,
            noise=torch.randn(noise, generator=generator, device=self.device),
            keep_latent=keep >= self.config.latent_dropout,
        )


def _compact(points: Tensor, lifted: Tensor, kept: Tensor) -> tuple[Tensor, Tensor]:
    """The kept rows of (L, B, ...), column by column, moved to the front; 0 behind them."""
    longest, size = kept.shape
    # What goes has a row of its own, behind all, which is cut off again.
    to = (kept.cumsum(0) - 1).where(kept, longest)
    moved = points.new_zeros(longest + 1, size, 2)
    moved.scatter_(0, to[..., None].expand(-1, -1, 2), points)
    lifts = lifted.new_zeros(longest + 1, size).scatter_(0, to, lifted)
    return moved[:-1], lifts[:-1]


def _columns(batch: SketchBatch, rank: int, world: int) -> SketchBatch:
    """The drawings of one process; all of them where there is one."""
    if world == 1:
        return batch
    mine = slice(rank, None, world)
    return SketchBatch(
        offsets=batch.offsets[:, mine],
        pen=batch.pen[:, mine],
        lengths=batch.lengths[mine],
        words=batch.words[mine],
        noise=batch.noise[mine],
        keep_latent=batch.keep_latent[mine],
    )


def _flat(
    sequences: Sequences,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Points (P, 2), where the pen lifts, what may be dropped, and points of each drawing.

    A lone first point stands twice, as `offsets_from_points` has it.
    """
    points, lifted, loose, counts = [], [], [], []
    for row in sequences.rows.tolist():
        of_row, ends = sequences.table.flat(row)
        lifts = np.zeros(len(of_row), np.bool_)
        lifts[ends - 1] = True
        may = droppable(ends)
        if ends[0] == 1:
            of_row = np.concatenate([of_row[:1], of_row])
            lifts, may = (np.concatenate([flags[:1], flags]) for flags in (lifts, may))
        points.append(of_row)
        lifted.append(lifts)
        loose.append(may)
        counts.append(len(of_row))
    return (
        np.concatenate(points),
        np.concatenate(lifted),
        np.concatenate(loose),
        np.array(counts, np.int64),
    )
