"""The Transformer decoder: what a row sees, stepping, learning, files, the tools."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from linework.models.batches import collate
from linework.models.checkpoint import load_tensors, save_tensors
from linework.models.registry import load_model
from linework.models.settings import read_recipe, with_settings
from linework.models.sketchrnn import SketchRNN, SketchRNNConfig
from linework.models.sketchrnn_batch import Batch, Member
from linework.models.sketchrnn_figures import sketchrnn_figures
from linework.models.sketchrnn_js import write_sketchrnn_js
from linework.models.sketchrnn_sampling import Order, Sampled, Sampler, Temperatures
from linework.models.sketchrnn_stepping import END, Steps, StepWeights
from linework.models.sketchrnn_task import DataConfig, LossConfig, SketchRNNTask
from linework.models.training import LAST, TrainConfig, train
from linework.models.transformer_decoder import TransformerDecoder
from linework.pipeline.sketcher import Sketcher
from linework.pipeline.sketching import complete, interpolate, mimic, reconstruct, sample
from linework.pipeline.training import default_settings
from linework.strokes.errors import LineworkError
from sketches import WORDS, random_batch, random_drawings, random_rows, random_table, shaken
from sketches import small_config as recurrent_config

LENGTHS = (7, 3, 12, 1)
WINDOW = 16


def small_config(**changes: Any) -> SketchRNNConfig:
    return recurrent_config(
        **{
            "decoder_cell": "transformer",
            "decoder_layers": 2,
            "decoder_heads": 2,
            "decoder_window": WINDOW,
        }
        | changes
    )


def model(**changes: Any) -> SketchRNN:
    torch.manual_seed(0)
    return shaken(SketchRNN(small_config(**changes))).eval()


def condition_of(found: SketchRNN, n: int, seed: int = 0) -> torch.Tensor:
    z = torch.randn(n, found.config.latent_size, generator=torch.Generator().manual_seed(seed))
    words = torch.arange(n) % max(len(found.config.words), 1)
    with torch.no_grad():
        return found.condition(z if found.config.variational else None, words)


# -- what a row sees


@pytest.mark.parametrize("positions", [False, True])
@pytest.mark.parametrize("words", [(), WORDS], ids=["one word", "words"])
@pytest.mark.parametrize("variational", [False, True])
def test_shapes_and_gradients(variational: bool, words: tuple[str, ...], positions: bool) -> None:
    config = small_config(variational=variational, words=words, positions=positions)
    found = shaken(SketchRNN(config))
    batch = random_batch(config, LENGTHS)
    z = torch.zeros(4, config.latent_size) if variational else None
    assert found.heads(batch, z).shape == (13, 4, 3 + 6 * 3)
    losses = found(batch)
    (losses.offset + losses.pen + losses.kl.sum()).backward()
    idle = [n for n, p in found.named_parameters() if p.grad is None or not p.grad.any()]
    assert idle == []


def test_padding_is_never_read() -> None:
    found = model()
    tight, padded = (random_batch(found.config, LENGTHS, pad_to=rows) for rows in (None, 40))
    with torch.no_grad():
        for name in ("offset", "pen"):
            ours, theirs = (getattr(found(batch), name) for batch in (tight, padded))
            torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=1e-5)


@pytest.mark.parametrize("rows", [WINDOW, 3 * WINDOW])
def test_a_row_sees_itself_and_those_before_as_far_as_the_window(rows: int) -> None:
    found = model(decoder_layers=1)
    changed_row, condition = 5, condition_of(found, 1)
    inputs = torch.randn(rows, 1, 9)
    changed = inputs.clone()
    changed[changed_row] += 1
    with torch.no_grad():
        before, after = (found.decoder.read_heads(x, condition) for x in (inputs, changed))
    differs = (before - after).abs().amax(dim=(1, 2)) > 1e-6
    steps = torch.arange(rows)
    seen = (steps >= changed_row) & (steps < changed_row + WINDOW)
    assert differs.tolist() == seen.tolist()


def test_late_in_a_long_drawing_is_as_early_in_a_short_one() -> None:
    """Nothing depends on how many rows have been read, so none is further than those trained."""
    found = model()
    condition = condition_of(found, 1)
    reach = 2 * (WINDOW - 1)  # of two layers
    late = torch.randn(5000 + reach + 10, 1, 9)
    early = late[5000:]
    steps = Steps(StepWeights(found), condition)
    with torch.inference_mode():
        wanted = found.decoder.read_heads(early, condition)[reach:]
        torch.testing.assert_close(
            found.decoder.read_heads(late[-300:], condition)[-10:], wanted, atol=1e-5, rtol=1e-5
        )
        for _ in range(200):  # other rows, in place of the 5,000
            steps.memory.read(torch.randn(1, 9))
        steps.memory.rows += 4800
        steps.memory.most += 4800
        heads = torch.stack([steps.memory.read(row) for row in early])[reach:]
        torch.testing.assert_close(heads, wanted, atol=1e-5, rtol=1e-5)


def test_the_condition_has_a_say_in_every_row() -> None:
    found = model(words=WORDS)
    inputs = torch.randn(30, 1, 9)
    with torch.no_grad():
        one, two = (found.decoder.read_heads(inputs, condition_of(found, 1, k)) for k in range(2))
    assert (one - two).abs().amax(dim=(1, 2)).min() > 1e-3


# -- stepping


@pytest.mark.parametrize("n", [1, 4])
@pytest.mark.parametrize("positions", [False, True])
@pytest.mark.parametrize("variational", [False, True])
def test_stepping_equals_reading(variational: bool, positions: bool, n: int) -> None:
    found = model(variational=variational, positions=positions, words=WORDS)
    rows = 4 * WINDOW + 3
    batch = random_batch(found.config, (rows,) * n)
    z = torch.randn(n, found.config.latent_size) if variational else None
    with torch.inference_mode():
        wanted = found.heads(batch, z).numpy()
        condition = found.condition(z, batch.words, batch.keep_latent)
        steps = Steps(StepWeights(found), condition)
        for row, (offsets, pen) in enumerate(zip(batch.offsets, batch.pen, strict=False)):
            np.testing.assert_allclose(steps.head(), wanted[row], atol=1e-5)
            steps.move(offsets.numpy(), pen.numpy())
        np.testing.assert_allclose(steps.head(), wanted[rows], atol=1e-5)
    assert steps.memory.cache.shape[4] == WINDOW


def test_stepping_equals_reading_at_full_size() -> None:
    torch.manual_seed(0)
    recipe = {k: v for k, v in read_recipe("doodles-transformer").items() if "model." in k}
    found = SketchRNN(with_settings({"model": SketchRNNConfig()}, recipe, "recipe")["model"]).eval()
    batch = random_batch(found.config, (20,) * 40)  # wide enough for the packed kernels
    z = torch.randn(40, found.config.latent_size)
    with torch.inference_mode():
        wanted = found.heads(batch, z).numpy()
        condition = found.condition(z, batch.words, batch.keep_latent)
        steps = Steps(StepWeights(found), condition)
        for row, (offsets, pen) in enumerate(zip(batch.offsets, batch.pen, strict=False)):
            np.testing.assert_allclose(steps.head(), wanted[row], atol=1e-5)
            steps.move(offsets.numpy(), pen.numpy())


def test_one_named_twice_goes_on_as_two() -> None:
    found = model(words=WORDS)
    rng = np.random.default_rng(0)
    moves = rng.normal(size=(50, 3, 2)).astype(np.float32)

    def stepped(chosen: list[int]) -> list[np.ndarray]:
        steps, heads = Steps(StepWeights(found), condition_of(found, 3)), []
        for at, move in enumerate(moves):
            if at == 20:
                steps.keep(np.array(chosen))
            heads.append(steps.head())
            steps.move(move[chosen] if at >= 20 else move, np.zeros(len(steps), np.int64))
        return heads[20:]

    with torch.inference_mode():
        every, some = stepped([0, 1, 2]), stepped([2, 0, 2])
    for a, b in zip(every, some, strict=True):
        np.testing.assert_allclose(b, a[[2, 0, 2]], atol=1e-5)


def test_what_is_left_is_no_older_than_its_own_rows() -> None:
    """A batch that is never empty, as a studio's may be, does not age."""
    found = model()
    rows = torch.randn(60, 1, 9)
    with torch.inference_mode():
        old, young = (StepWeights(found).decoder.begin(condition_of(found, 1)) for _ in range(2))
        for row in rows:
            old.read(row)
        old.join([young])
        assert (old.alike, old.most, old.rows.tolist()) == (False, 60, [60, 0])
        old.keep(torch.tensor([1]))
        assert (old.alike, old.most, old.rows.tolist()) == (True, 0, [0])
        wanted = found.decoder.read_heads(rows, condition_of(found, 1))
        for row, head in zip(rows, wanted, strict=True):
            torch.testing.assert_close(old.read(row), head, atol=1e-5, rtol=1e-5)


# -- orders drawn together


def orders(found: Sampler) -> list[Order]:
    """Four that begin with other numbers of rows, one of them with more than the window."""
    made = []
    for k, (n, points, limit) in enumerate([(3, 5, 40), (1, 0, 20), (4, 30, 33), (2, 1, 60)]):
        prefix = random_rows(np.random.default_rng(k), points) if points else None
        condition = condition_of(found.model, n, k)
        generator = torch.Generator().manual_seed(7 + k)
        made.append(Order(condition, Temperatures(0.3), generator, limit, prefix, "up"))
    return made


def alike(a: Sampled, b: Sampled) -> bool:
    return bool((a.ended == b.ended).all()) and all(
        x.shape == y.shape and np.allclose(x, y, atol=1e-2)
        for x, y in zip(a.rows, b.rows, strict=True)
    )


@pytest.mark.parametrize("at", [(0, 0, 0, 0), (0, 3, 4, 30)])
def test_together_is_as_alone(at: tuple[int, ...]) -> None:
    found = Sampler(model(words=WORDS))
    alone = [found.fulfil(order) for order in orders(found)]
    members = [Member(found, order) for order in orders(found)]
    batch = Batch(found)
    for step in range(200):
        batch.add([m for m, begins in zip(members, at, strict=True) if begins == step])
        batch.step()
    assert batch.members == []
    assert all(alike(m.sampled(), one) for m, one in zip(members, alone, strict=True))
    assert max(len(rows) for one in alone for rows in one.rows) > WINDOW


def test_a_drawing_may_be_far_longer_than_the_window() -> None:
    found = model()
    with torch.no_grad():
        found.decoder.head.bias[END] = -1e4
    sampled = Sampler(found).draw(
        condition_of(found, 2), generator=torch.Generator().manual_seed(0), max_points=300
    )
    assert [len(rows) for rows in sampled.rows] == [300, 300]
    assert all(np.isfinite(rows).all() for rows in sampled.rows)


# -- learning, files, and the tools


@pytest.mark.slow
def test_it_learns_three_drawings_by_heart() -> None:
    torch.manual_seed(1)
    config = small_config(
        variational=False, words=WORDS, decoder_size=64, decoder_window=32, decoder_dropout=0.0
    )
    found = SketchRNN(config)
    rng = np.random.default_rng(0)
    drawings = [random_rows(rng, n) for n in (12, 15, 18)]
    none = np.zeros((3, config.latent_size), np.float32)
    batch = collate(drawings, np.arange(3), none, np.ones(3, bool), config.scale)
    optimizer = torch.optim.Adam(found.parameters(), betas=(0.9, 0.99))
    for step in range(steps := 400):
        for group in optimizer.param_groups:
            group["lr"] = 5e-3 * (1 - step / steps)
        losses = found(batch)
        optimizer.zero_grad()
        ((losses.offset + losses.pen) / losses.points).backward()
        optimizer.step()
    figures = sketchrnn_figures(found.eval(), [batch], nodes=8)
    # Knowing nothing costs ln(61 x 61) = 8.2 nats a point for the offset alone.
    assert figures["cell"] + 2 * np.log(config.scale) < 3.0
    assert figures["pen"] < 0.3


def test_saved_and_loaded_it_is_the_same_to_the_bit(tmp_path: Path) -> None:
    found = model(words=WORDS)
    path = tmp_path / "model.safetensors"
    save_tensors(path, found.state_dict(), {"model": "sketchrnn", "config": vars(found.config)})
    other, _ = load_model(path, "sketchrnn")
    assert isinstance(other, SketchRNN)
    assert isinstance(other.decoder, TransformerDecoder)
    assert other.config == found.config
    batch = random_batch(found.config, LENGTHS)
    with torch.no_grad():
        assert torch.equal(found.heads(batch, None), other.heads(batch, None))


def test_weights_from_before_there_was_a_choice_load_as_they_did() -> None:
    found, header = load_model("doodles", "sketchrnn")
    assert "decoder_layers" not in header["config"]
    assert found.config.decoder_cell == "fused"
    tensors, _ = load_tensors("models/weights/doodles.safetensors")
    assert found.state_dict().keys() == tensors.keys()


def test_all_that_draws_draws_with_it(tmp_path: Path) -> None:
    found = model(words=WORDS, latent_dropout=0.5)
    path = tmp_path / "model.safetensors"
    save_tensors(path, found.state_dict(), {"model": "sketchrnn", "config": vars(found.config)})
    sketcher = Sketcher.load(path)
    few: dict[str, Any] = {"max_points": 2 * WINDOW, "seed": 3}
    half, other = random_drawings(2, shortest=20)
    assert len(sample(sketcher, 3, word="cat", **few)) == 3
    endings = complete(sketcher, half, 2, word="dog", **few)
    assert len(endings) == 2
    for ending in endings:
        assert len(ending.strokes) >= len(half.strokes)
    assert len(reconstruct(sketcher, half, 2, word="cat", **few)) == 2
    assert len(mimic(sketcher, half, "house", **few)) == 1
    assert [len(row) for row in interpolate(sketcher, [half, other], 4, **few)] == [4]


def test_sketchrnn_js_is_refused_with_a_sentence(tmp_path: Path) -> None:
    config = small_config(positions=False)
    with pytest.raises(LineworkError, match=r"cannot run a model with a Transformer decoder; .*"):
        write_sketchrnn_js(SketchRNN(config), tmp_path / "model.json")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"decoder_size": 18, "decoder_heads": 6}, "decoder_size is 18; .*a multiple of 12"),
        ({"decoder_heads": 0}, "decoder_heads is 0; wanted 1 or more"),
        ({"decoder_window": 0}, "decoder_window is 0"),
        ({"decoder_layers": 0}, "decoder_layers is 0"),
    ],
)
def test_shapes_that_cannot_be_are_refused(changes: dict[str, int], message: str) -> None:
    with pytest.raises(LineworkError, match=message):
        small_config(**changes)


def test_the_cell_alone_need_be_named() -> None:
    changed = with_settings(default_settings(), {"decoder_cell": "transformer"}, "--set")["model"]
    assert isinstance(SketchRNN(changed).decoder, TransformerDecoder)


def task(steps: int = 4) -> SketchRNNTask:
    """A training whose step depends on nothing but its number."""
    config = TrainConfig(
        steps=steps, batch_size=8, evaluate_every=2, sample_every=0, schedule="published"
    )
    shape = small_config(decoder_dropout=0.1, latent_dropout=0.2, decoder_window=256)
    return SketchRNNTask(random_table(40, 8), shape, DataConfig(drop=0.0), LossConfig(), config)


def test_the_window_is_the_longest_drawing_that_is_trained() -> None:
    found = task()
    lengths = [sum(len(s.points) for s in d.strokes) - 1 for d in random_drawings(40)]
    assert found.config.decoder_window == max(lengths) + 1  # with the start before it


def test_resumed_it_ends_the_same(tmp_path: Path) -> None:
    for run, steps, resume in (("whole", 4, False), ("parts", 2, False), ("parts", 4, True)):
        one = task(steps)
        train(one, one.train_config, tmp_path / run, resume=resume, progress=False)
    ours, theirs = (load_tensors(tmp_path / run / LAST)[0] for run in ("whole", "parts"))
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    for name in ("log.csv", "curves.svg"):
        assert (tmp_path / "whole" / name).read_text() == (tmp_path / "parts" / name).read_text()


def test_the_recipe_has_as_many_parameters_as_that_of_doodles() -> None:
    counts = {}
    for name in ("doodles", "doodles-transformer"):
        config = with_settings(default_settings(), read_recipe(name), name)["model"]
        words = tuple(map(str, range(345)))
        found = SketchRNN(SketchRNNConfig(**vars(config) | {"words": words}))
        counts[name] = sum(p.numel() for p in found.parameters())
    assert counts == {"doodles": 2_158_971, "doodles-transformer": 2_158_715}


def test_the_recipe_differs_from_that_for_a_gpu_in_the_decoder_alone() -> None:
    ours, theirs = read_recipe("doodles-transformer"), read_recipe("doodles-gpu")
    differing = {key for key, value in ours.items() if theirs.get(key) != value}
    assert differing == {f"model.decoder_{part}" for part in ("cell", "size", "layers", "heads")}
    assert theirs.keys() <= ours.keys()
