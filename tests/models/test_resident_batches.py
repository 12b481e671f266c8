"""Batches made on a device: those of numpy where nothing is random, alike where something is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from linework.models.batches import Augmentation, Batches, select
from linework.models.resident_batches import ResidentBatches
from linework.models.sketchrnn import SketchBatch, SketchRNN, SketchRNNConfig
from linework.strokes import Drawing, DrawingTable, Stroke
from sketches import random_drawings, small_config

CPU = torch.device("cpu")


def table() -> DrawingTable:
    """Drawings of all lengths; among them a dot, and first strokes of a single point."""
    odd = [
        Drawing((Stroke([[7, 9]]),)),
        Drawing((Stroke([[7, 9]]), Stroke([[1, 2], [3, 4], [3000, 4]]))),
        Drawing((Stroke([[0, 0], [5, 5]]),)),
    ]
    return DrawingTable.from_drawings([*odd, *random_drawings(37, seed=4)], ["train"] * 40)


def both(
    config: SketchRNNConfig | None = None, pad_to: int | None = None
) -> tuple[Batches, ResidentBatches]:
    config = config or small_config()
    drawings = select(table(), "train")
    numpy_made = Batches(drawings, config, 10, seed=3, pad_to=pad_to)
    return numpy_made, ResidentBatches(numpy_made, CPU)


def real_rows(batch: SketchBatch) -> list[np.ndarray]:
    """stroke-3 of each drawing, in units of the scale."""
    pen = batch.pen[:-1, :, None].float()
    rows = torch.cat([batch.offsets, pen], dim=2)
    return [rows[:n, i].numpy() for i, n in enumerate(batch.lengths.tolist())]


@pytest.mark.parametrize("pad_to", [None, 60])
def test_without_chance_they_are_the_batches_of_numpy(pad_to: int | None) -> None:
    numpy_made, resident = both(pad_to=pad_to)
    for step in range(numpy_made.per_epoch * 2):
        wanted, points, drawings = numpy_made.at(step)
        found, on_device, count = resident.at(step)
        assert (int(on_device), count) == (points, drawings)
        for name in ("offsets", "pen", "lengths", "words"):
            assert torch.equal(getattr(found, name), getattr(wanted, name)), name
        assert found.noise.shape == wanted.noise.shape
        assert found.offsets.dtype == wanted.offsets.dtype
        assert found.pen.dtype == wanted.pen.dtype


def test_a_step_is_a_function_of_seed_and_step() -> None:
    _, resident = both(small_config(latent_dropout=0.5))
    how = Augmentation(rotate=10, mirror=0.5)
    (once, *_), (again, *_), (other, *_) = (resident.at(t, how) for t in (2, 2, 2 + 4))
    for name in SketchBatch.__slots__:
        assert torch.equal(getattr(once, name), getattr(again, name)), name
    assert not torch.equal(once.noise, other.noise)


def test_processes_share_one_batch() -> None:
    _, resident = both()
    whole, points, drawings = resident.at(5, Augmentation())
    for rank in range(3):
        mine, same, count = resident.at(5, Augmentation(), rank, 3)
        assert (int(same), count) == (int(points), drawings)
        assert torch.equal(mine.offsets, whole.offsets[:, rank::3])
        assert torch.equal(mine.noise, whole.noise[rank::3])


def test_thinned_drawings_keep_their_ends_and_the_share_that_numpy_keeps() -> None:
    numpy_made, resident = both()
    how = Augmentation(scale=0, drop=0.5)
    kept = {"numpy": 0, "device": 0}
    for step in range(40):
        wanted, points, _ = numpy_made.at(step, how)
        found, on_device, _ = resident.at(step, how)
        kept["numpy"] += points
        kept["device"] += int(on_device)
        whole = real_rows(numpy_made.at(step)[0])
        for rows, before in zip(real_rows(found), whole, strict=True):
            np.testing.assert_allclose(rows[:, :2].sum(0), before[:, :2].sum(0), atol=1e-4)
            assert rows[:, 2].sum() == before[:, 2].sum()  # no stroke is lost
            assert len(rows) <= len(before)
        assert torch.equal(found.pen[-1], torch.full_like(found.pen[-1], 2))
        assert len(found.offsets) >= len(wanted.offsets)
    assert kept["device"] == pytest.approx(kept["numpy"], rel=0.03)


def test_stretched_mirrored_and_rotated_as_much_as_numpy_does() -> None:
    config = replace(small_config(), likelihood="density")
    numpy_made, resident = both(config)
    how = Augmentation(scale=0.2, drop=0, rotate=30, mirror=0.5)
    turns: dict[str, list[np.ndarray]] = {"numpy": [], "device": []}
    for step in range(200):
        plain = real_rows(numpy_made.at(step)[0])
        for name, made in (("numpy", numpy_made), ("device", resident)):
            for before, after in zip(plain, real_rows(made.at(step, how)[0]), strict=True):
                if len(before) > 8:
                    # The map that brought one to the other: linear, of each drawing its own.
                    turns[name].append(np.linalg.lstsq(before[:, :2], after[:, :2], rcond=None)[0])
    stds = {name: np.stack(found).std(axis=0) for name, found in turns.items()}
    np.testing.assert_allclose(stds["device"], stds["numpy"], rtol=0.08)
    signs = [np.sign(np.linalg.det(np.stack(found))).mean() for found in turns.values()]
    assert abs(signs[0]) < 0.1
    assert abs(signs[1]) < 0.1


def test_cells_are_whole_and_far_offsets_clamped() -> None:
    _, resident = both()
    for step in range(4):
        batch, *_ = resident.at(step, Augmentation(rotate=20))
        units = batch.offsets * resident.config.scale
        torch.testing.assert_close(units, units.round(), atol=1e-3, rtol=0)
        assert units.abs().max() <= 1000


@pytest.mark.parametrize("likelihood", ["cell", "density"])
@pytest.mark.parametrize("count_padding", [False, True])
def test_the_loss_of_all_rows_masked_is_that_of_the_real_ones(
    likelihood: str, count_padding: bool
) -> None:
    config = small_config(likelihood=likelihood)
    torch.manual_seed(0)
    model = SketchRNN(config)
    batch, *_ = both(config, pad_to=60)[1].at(1, Augmentation())
    head = model.heads(batch, torch.zeros(10, config.latent_size)).detach()
    found = []
    for everywhere in (False, True):
        mine = head.clone().requires_grad_()
        offset, pen = model.nll(mine, batch, count_padding, everywhere)
        (offset.sum() + 2 * pen.sum()).backward()
        found.append((offset.sum(), pen.sum(), mine.grad))
    for a, b in zip(*found, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-5)
