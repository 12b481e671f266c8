"""Sampling: stepping equals reading, seeds, temperatures, prefixes, ends."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from linework.models.sketchrnn import SketchRNN
from linework.models.sketchrnn_sampling import Sampled, Sampler, Temperatures
from linework.models.sketchrnn_stepping import END, Steps, StepWeights
from linework.strokes.errors import LineworkError
from sketches import WORDS, random_batch, shaken, small_config

CELL_KINDS = ("fused", "lstm", "layernorm", "hyper")


def model(**changes: Any) -> SketchRNN:
    torch.manual_seed(0)
    return shaken(SketchRNN(small_config(**changes))).eval()


def ending(share: float, **changes: Any) -> SketchRNN:
    """A model whose head does not depend on anything: it ends with probability `share`."""
    found = model(**changes)
    head = found.decoder.head
    with torch.no_grad():
        head.weight.zero_()
        head.bias.zero_()
        head.bias[:3] = torch.tensor([0.7 * (1 - share), 0.3 * (1 - share), share]).log()
    return found


def draw(found: SketchRNN, n: int, seed: int = 0, **options: Any) -> Sampled:
    config = found.config
    z = torch.randn(n, config.latent_size, generator=torch.Generator().manual_seed(99))
    words = torch.arange(n) % max(len(config.words), 1)
    with torch.no_grad():
        condition = found.condition(z if config.variational else None, words)
    generator = torch.Generator().manual_seed(seed)
    return Sampler(found).draw(condition, generator=generator, **options)


def same(a: Sampled, b: Sampled) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a.rows, b.rows, strict=True))


@pytest.mark.parametrize("n", [1, 4])
@pytest.mark.parametrize("positions", [False, True])
@pytest.mark.parametrize("variational", [False, True])
@pytest.mark.parametrize("cell", CELL_KINDS)
def test_stepping_equals_reading(cell: str, variational: bool, positions: bool, n: int) -> None:
    found = model(
        decoder_cell=cell,
        encoder_cell=cell,
        variational=variational,
        positions=positions,
        words=WORDS,
        scale=20.0,
    )
    batch = random_batch(found.config, (30,) * n)
    z = torch.randn(n, found.config.latent_size) if variational else None
    with torch.inference_mode():
        wanted = found.heads(batch, z).numpy()
        condition = found.condition(z, batch.words, batch.keep_latent)
        steps = Steps(StepWeights(found), condition)
        for row, (offsets, pen) in enumerate(zip(batch.offsets, batch.pen, strict=False)):
            np.testing.assert_allclose(steps.head(), wanted[row], atol=1e-4)
            steps.move(offsets.numpy(), pen.numpy())
        np.testing.assert_allclose(steps.head(), wanted[30], atol=1e-4)


def test_stepping_equals_reading_at_full_size() -> None:
    torch.manual_seed(0)
    found = SketchRNN(small_config(decoder_size=512, latent_size=128, mixtures=20)).eval()
    batch = random_batch(found.config, (60,) * 7)
    z = torch.randn(7, 128)
    with torch.inference_mode():
        wanted = found.heads(batch, z).numpy()
        condition = found.condition(z, batch.words, batch.keep_latent)
        steps = Steps(StepWeights(found), condition)
        for row, (offsets, pen) in enumerate(zip(batch.offsets, batch.pen, strict=False)):
            np.testing.assert_allclose(steps.head(), wanted[row], atol=1e-4)
            steps.move(offsets.numpy(), pen.numpy())


@pytest.mark.parametrize("cell", CELL_KINDS)
def test_the_seed_decides(cell: str) -> None:
    found = model(decoder_cell=cell)
    one = draw(found, 4, seed=1, max_points=20)
    assert same(one, draw(found, 4, seed=1, max_points=20))
    assert not same(one, draw(found, 4, seed=2, max_points=20))


def test_a_drawing_does_not_depend_on_when_the_others_end() -> None:
    """The same drawing beside others of other conditions, which end elsewhere."""
    found = model()
    with torch.no_grad():
        found.decoder.head.bias[END] -= 1.5
    condition = torch.zeros(6, found.config.latent_size)
    lengths = []
    for others in (0.0, 3.0, -3.0):
        condition[1:] = others
        generator = torch.Generator().manual_seed(3)
        sampled = Sampler(found).draw(condition, generator=generator, max_points=40)
        if others == 0.0:
            alone = sampled.rows[0]
        np.testing.assert_array_equal(sampled.rows[0], alone)
        lengths.append([len(rows) for rows in sampled.rows])
    assert lengths[0] != lengths[1] != lengths[2]
    assert min(map(min, lengths)) < len(alone) < 40


def test_finished_rows_are_dropped_and_flagged() -> None:
    found = ending(0.1)
    sizes: list[int] = []
    sampled = draw(found, 200, max_points=12, on_row=lambda going, rows: sizes.append(len(going)))
    lengths = np.array([len(rows) for rows in sampled.rows])
    assert sizes == [int((lengths > step).sum()) for step in range(12)]
    assert np.array_equal(sampled.ended, lengths < 12)
    # Never at the first row, then one in ten at each of eleven.
    assert sampled.ended.mean() == pytest.approx(1 - 0.9**11, abs=0.1)
    assert lengths.min() == 1


def test_live_rows_are_those_returned() -> None:
    live: dict[int, list[np.ndarray[Any, Any]]] = {i: [] for i in range(9)}

    def remember(going: list[int], rows: np.ndarray[Any, Any]) -> None:
        for index, row in zip(going, rows, strict=True):
            live[index].append(row.copy())

    sampled = draw(ending(0.1), 9, max_points=40, on_row=remember)
    for index, rows in enumerate(sampled.rows):
        np.testing.assert_array_equal(np.array(live[index]), rows)


def test_cell_models_draw_integers_and_density_models_do_not() -> None:
    for likelihood, whole in (("cell", True), ("density", False)):
        rows = np.concatenate(draw(model(likelihood=likelihood), 5, max_points=20).rows)
        assert bool((rows[:, :2] == np.rint(rows[:, :2])).all()) is whole
        assert set(np.unique(rows[:, 2])) <= {0.0, 1.0}


# -- temperatures


def fixed_head(pi: list[float], sigma: float, rho: float) -> SketchRNN:
    """A model of two components, at (-1, 0) and (1, 2), whatever it has read."""
    found = ending(1e-9, mixtures=2, likelihood="density", scale=10.0)
    with torch.no_grad():
        bias = found.decoder.head.bias
        bias[3:5] = torch.tensor(pi).log()
        bias[5:9] = torch.tensor([-1.0, 1.0, 0.0, 2.0])
        bias[9:13] = math.log(sigma)
        bias[13:15] = math.atanh(rho)
    return found


@pytest.mark.parametrize("temperature", [0.25, 1.0, 4.0])
def test_offsets_follow_the_mixture_at_their_temperature(temperature: float) -> None:
    found = fixed_head([0.2, 0.8], 0.1, 0.6)
    heat = Temperatures(temperature)
    rows = np.concatenate(draw(found, 100, temperatures=heat, max_points=100).rows)[:, :2] / 10
    second = rows[:, 0] > 0
    share = 0.8 ** (1 / temperature) / (0.8 ** (1 / temperature) + 0.2 ** (1 / temperature))
    assert second.mean() == pytest.approx(share, abs=0.02)
    for chosen, middle in ((second, (1.0, 2.0)), (~second, (-1.0, 0.0))):
        if chosen.sum() < 500:
            continue
        np.testing.assert_allclose(rows[chosen].mean(0), middle, atol=0.03)
        np.testing.assert_allclose(rows[chosen].std(0), 0.1 * temperature**0.5, rtol=0.1)
        assert np.corrcoef(rows[chosen].T)[0, 1] == pytest.approx(0.6, abs=0.08)


@pytest.mark.parametrize("temperature", [0.5, 1.0])
def test_pens_have_a_temperature_of_their_own(temperature: float) -> None:
    found = fixed_head([0.5, 0.5], 0.1, 0.0)
    heat = Temperatures(0.1, temperature)
    pens = np.concatenate(draw(found, 100, temperatures=heat, max_points=100).rows)[:, 2]
    up = 0.3 ** (1 / temperature) / (0.3 ** (1 / temperature) + 0.7 ** (1 / temperature))
    assert pens.mean() == pytest.approx(up, abs=0.02)


def test_at_zero_the_likeliest_is_taken() -> None:
    found = fixed_head([0.4, 0.6], 0.5, 0.3)
    for rows in draw(found, 3, temperatures=Temperatures(0.0, 0.0), max_points=5).rows:
        np.testing.assert_allclose(rows, [[10.0, 20.0, 0.0]] * 5, rtol=1e-6)


@pytest.mark.parametrize("wrong", [-0.1, math.nan, math.inf])
def test_impossible_temperatures_are_refused(wrong: float) -> None:
    with pytest.raises(LineworkError, match=r"^temperature is .*wanted 0 or more"):
        Temperatures(wrong)
    with pytest.raises(LineworkError, match="pen temperature"):
        Temperatures(0.4, wrong)


# -- prefixes

PREFIX = np.array([[10, 0, 0], [0, 12, 0], [-4, 4, 1], [20, 0, 0], [0, -9, 1]], np.float32)


@pytest.mark.parametrize("positions", [False, True])
@pytest.mark.parametrize("cell", CELL_KINDS)
@pytest.mark.parametrize("last_pen", ["down", "up"])
def test_a_prefix_is_read_as_a_drawing_is(cell: str, last_pen: Any, positions: bool) -> None:
    """What comes after a prefix has the head that reading the whole drawing gives."""
    found = model(decoder_cell=cell, encoder_cell=cell, variational=False, positions=positions)
    rows = PREFIX.copy()
    rows[-1, 2] = last_pen == "up"
    offsets = torch.from_numpy(rows[:, :2] / found.config.scale)[:, None]
    pen = torch.cat([torch.from_numpy(rows[:, 2]).long(), torch.tensor([END])])[:, None]
    x = found.inputs(torch.cat([offsets, torch.zeros(1, 1, 2)]), pen, shift=True)
    with torch.no_grad():
        wanted, _ = found.decoder(x, torch.zeros(1, 0), None)
    cold = {"temperatures": Temperatures(0.0, 0.0), "max_points": 1}
    sampled = draw(found, 3, prefix=PREFIX, last_pen=last_pen, **cold)
    assert sampled.joined.tolist() == [last_pen == "down"] * 3
    head = wanted[-1, 0]
    best = int(head[3:6].argmax())
    offset = torch.stack([head[6 + best], head[9 + best]]) * found.config.scale
    for found_rows in sampled.rows:
        np.testing.assert_array_equal(found_rows[0, :2], np.rint(offset.numpy()))


def test_the_model_says_whether_the_pen_is_down() -> None:
    found = ending(0.5)  # of down and up, 7 in 10 down: the end is no choice here
    sampled = draw(found, 2000, prefix=PREFIX, last_pen="model", max_points=1)
    assert sampled.joined.mean() == pytest.approx(0.7, abs=0.04)


@pytest.mark.parametrize("prefix", [None, PREFIX])
def test_a_drawing_and_an_ending_have_a_row(prefix: Any) -> None:
    sampled = draw(ending(0.999999), 50, prefix=prefix, max_points=5)
    assert [len(rows) for rows in sampled.rows] == [1] * 50
    assert sampled.ended.all()


def test_words_have_their_temperatures() -> None:
    heat = Temperatures(0.5, 0.9, {"cat": 0.2})
    assert heat.of("cat") == Temperatures(0.2, 0.9)
    assert heat.of("dog") == heat.of(None) == Temperatures(0.5, 0.9)
    with pytest.raises(LineworkError, match="temperature of cat is -1"):
        Temperatures(words={"cat": -1})


def test_nothing_asked_for_is_nothing_drawn() -> None:
    assert draw(model(), 0).rows == []
    assert [len(rows) for rows in draw(model(), 2, max_points=0).rows] == [0, 0]
