"""What a GPU does otherwise, done on a CPU: networks of pictures in bfloat16, larger tiles."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import pytest
import torch
from linework.models import processes
from linework.pipeline import cleaning, painting, painting_many
from linework.pipeline.cleaning import Cleaner
from linework.pipeline.painting_many import paint_many
from linework.strokes import Drawing, Stroke, draw_ink

CPU = torch.device("cpu")


def half(device: torch.device) -> AbstractContextManager[Any]:
    return torch.autocast(device.type, torch.bfloat16)


def page() -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Two strokes of each of three lines, as a hand would sketch them."""
    rng = np.random.default_rng(0)
    strokes = []
    for y in (40, 90, 140):
        for _ in range(2):
            x = np.linspace(20, 180, 12)
            strokes.append(Stroke(np.stack([x, y + 2 * rng.standard_normal(12)], axis=1)))
    return draw_ink(Drawing(tuple(strokes), size=(200, 180)), (200, 180))


def test_a_cpu_keeps_its_precision() -> None:
    with processes.inference_context(CPU):
        assert not torch.is_autocast_enabled("cpu")


def test_lines_are_cleaned_alike_in_half_the_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    cleaner = Cleaner.load("simplifier", "cpu")
    wanted = cleaner.clean(page())
    assert (wanted < 128).sum() > 300  # there are lines
    monkeypatch.setattr(cleaning, "inference_context", half)
    found = cleaner.clean(page())
    assert not np.array_equal(found, wanted)  # it was another precision
    assert ((found < 128) != (wanted < 128)).mean() < 0.002


def test_pictures_are_painted_alike_in_half_the_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    painter, palette = painting.load_painter("painter-scenes", CPU)
    rows = np.arange(64)[:, None] // 16 * 3 % len(palette.pixels)
    maps = [np.repeat(rows, 64, axis=1).astype(np.uint8)] * 2
    wanted = paint_many(maps, painter, 3)
    monkeypatch.setattr(painting_many, "inference_context", half)
    found = paint_many(maps, painter, 3)
    assert not np.array_equal(found[0], wanted[0])
    apart = np.abs(np.float32(found[0]) - np.float32(wanted[0]))
    assert apart.mean() < 1.5  # of 255
    np.testing.assert_array_equal(wanted[0], wanted[1])


def test_larger_tiles_and_batches_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    cleaner = Cleaner.load("simplifier", "cpu")
    np.testing.assert_array_equal(cleaner.clean(page(), tile=96), cleaner.clean(page(), tile=8192))
    painter, palette = painting.load_painter("painter-scenes", CPU)
    maps = [np.full((32, 32), k % len(palette.pixels), np.uint8) for k in range(3)]
    wanted = paint_many(maps, painter, 3)
    monkeypatch.setattr(painting_many, "BATCH", 1)
    for a, b in zip(paint_many(maps, painter, 3), wanted, strict=True):
        assert np.abs(np.float32(a) - np.float32(b)).max() <= 1
