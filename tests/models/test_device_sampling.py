"""Drawing on the model's device against drawing step by step, on the CPU."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from linework.models import device_sampling
from linework.models.device_sampling import ROWS, DeviceSampler, DeviceSteps, fits
from linework.models.sketchrnn import SketchRNN
from linework.models.sketchrnn_sampling import NOISE_STEPS, Sampler, Temperatures
from linework.models.sketchrnn_stepping import END, StepWeights
from sketches import WORDS, shaken, small_config

# Of the scale, which is how large offsets are: rounding, which the rows that follow read.
TOLERANCE = 1e-3
CELL_KINDS = ("fused", "lstm", "layernorm", "hyper")


def model(**changes: Any) -> SketchRNN:
    torch.manual_seed(0)
    return shaken(SketchRNN(small_config(**changes))).eval()


def rarely_ending(found: SketchRNN, logit: float) -> SketchRNN:
    with torch.no_grad():
        found.decoder.head.bias[END] += logit
    return found


def conditions(found: SketchRNN, n: int) -> torch.Tensor:
    config = found.config
    z = torch.randn(n, config.latent_size, generator=torch.Generator().manual_seed(99))
    words = torch.arange(n) % max(len(config.words), 1)
    with torch.no_grad():
        return found.condition(z if config.variational else None, words)


def assert_alike(found: SketchRNN, n: int, max_points: int, heat: Temperatures) -> list[int]:
    """The two ways of drawing, by the same seed; the lengths."""
    condition = conditions(found, n)
    sampler = Sampler(found)
    wanted = sampler.draw(
        condition,
        temperatures=heat,
        generator=torch.Generator().manual_seed(5),
        max_points=max_points,
    )
    # The second time by the steps that the first time made.
    for _ in range(2):
        generator = torch.Generator().manual_seed(5)
        drawn = sampler.draw_on_device(condition, heat, generator, max_points)
        assert drawn.ended.tolist() == wanted.ended.tolist()
        assert drawn.joined.tolist() == wanted.joined.tolist()
        for mine, theirs in zip(drawn.rows, wanted.rows, strict=True):
            assert mine.dtype == theirs.dtype
            np.testing.assert_allclose(mine, theirs, rtol=0, atol=TOLERANCE * found.config.scale)
    return [len(rows) for rows in wanted.rows]


@pytest.mark.parametrize("positions", [False, True])
@pytest.mark.parametrize("cell", CELL_KINDS)
def test_the_same_numbers_draw_the_same(cell: str, positions: bool) -> None:
    # A density model draws no integers, to which two roundings could lead apart.
    found = model(decoder_cell=cell, positions=positions, words=WORDS, likelihood="density")
    lengths = assert_alike(rarely_ending(found, -1.5), 7, 2 * ROWS + 5, Temperatures(0.5, 0.9))
    assert min(lengths) < max(lengths)


def test_integers_are_the_same() -> None:
    found = rarely_ending(model(), -9.0)
    lengths = assert_alike(found, 5, ROWS + 3, Temperatures())
    assert set(lengths) == {ROWS + 3}


def test_a_model_without_conditions_draws() -> None:
    found = rarely_ending(model(variational=False, likelihood="density"), -1.0)
    assert_alike(found, 6, ROWS, Temperatures(0.0, 0.7))


def test_a_batch_shrinks_as_its_drawings_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_sampling, "SMALLEST", 2)
    monkeypatch.setattr(device_sampling, "SHRINK", 2)
    made: list[int] = []
    take = DeviceSteps.take

    def remembered(self: DeviceSteps, others: DeviceSteps, chosen: torch.Tensor) -> None:
        made.append(len(self))
        take(self, others, chosen)

    monkeypatch.setattr(DeviceSteps, "take", remembered)
    found = rarely_ending(model(likelihood="density"), -4.0)
    lengths = assert_alike(found, 16, 5 * ROWS, Temperatures(0.3))
    assert max(lengths) > 3 * ROWS
    assert len(set(made)) >= 2
    assert made[: len(made) // 2] == made[len(made) // 2 :]


def test_a_drawing_has_a_row() -> None:
    found = rarely_ending(model(), 50.0)
    assert assert_alike(found, 4, 9, Temperatures()) == [1] * 4


def test_no_rows_are_no_rows() -> None:
    found = model()
    drawn = Sampler(found).draw_on_device(conditions(found, 3), Temperatures(), None, 0)
    assert [len(rows) for rows in drawn.rows] == [0, 0, 0]
    assert not drawn.ended.any()


def test_numbers_are_drawn_as_step_by_step() -> None:
    """Blocks of the same size, or one seed would give other drawings on a GPU."""
    assert ROWS == NOISE_STEPS


def test_shapes_and_places_of_tensors_stand_still() -> None:
    """What a graph replays on: after a call each tensor is where it was."""
    found = model(decoder_cell="hyper")
    weights = StepWeights(found)
    with torch.no_grad():
        steps = DeviceSteps(weights, found.config, conditions(found, 3))

    def places() -> list[int]:
        memory = steps.memory
        pens = (steps.inputs, steps.place, steps.origin, steps.lifted, steps.noise, steps.rows)
        return [part.data_ptr() for part in (*memory.state, memory.condition, *pens)]

    before = places()
    with torch.no_grad():
        steps.draw(torch.zeros_like(steps.noise))
        steps.begin(conditions(found, 3))
    assert places() == before


def test_a_transformer_is_left_to_the_other_way() -> None:
    assert fits(StepWeights(model()))
    transformer = model(decoder_cell="transformer", decoder_size=12, decoder_heads=2)
    assert not fits(StepWeights(transformer))


@pytest.mark.parametrize("cell", CELL_KINDS)
def test_a_call_repeated_draws_what_its_steps_do(cell: str) -> None:
    """On a GPU the calls are the capture of a graph, and its replays."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    found = rarely_ending(model(decoder_cell=cell, likelihood="density"), -5.0)
    condition, found = conditions(found, 7).to(device), found.to(device)
    numbers = torch.randn(4, ROWS, 7, 3 + found.config.mixtures + 2, device=device)
    waiting, compared = iter(numbers), 0
    with torch.inference_mode():
        steps = DeviceSteps(StepWeights(found), found.config, condition)
        sampler = DeviceSampler(StepWeights(found), found.config)
        drawn = sampler.draw(condition, lambda rows: next(waiting), 4 * ROWS)
        for block, part in zip(numbers, drawn.split(ROWS), strict=False):
            steps.noise.copy_(block)
            steps._draw()
            alive = ~(part[..., 2] == END).any(0)
            compared += int(alive.sum())
            torch.testing.assert_close(steps.rows[:, alive], part[:, alive], rtol=1e-3, atol=1e-3)
    assert compared > 7  # and so also after the first call
