"""Published weights as JSON: golden outputs, round trips to the byte, hostile files."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from linework.models.mixture import Mixture
from linework.models.sketchrnn import SketchRNN
from linework.models.sketchrnn_js import read_sketchrnn_js, write_sketchrnn_js
from linework.models.sketchrnn_sampling import Sampler, Temperatures
from linework.strokes.errors import FormatError, LineworkError
from sketches import WORDS, random_batch, shaken, small_config

PUBLISHED = (
    "ant", "bicycle", "bird", "dog", "hedgehog", "key", "monkey", "palm_tree", "rabbit", "rain",
)  # fmt: skip
# Rain has no natural end: the published model goes on in most of its samples.
ENDED = dict.fromkeys(PUBLISHED, 0.9) | {"rain": 0.1}
LARGEST = dict.fromkeys(PUBLISHED, 1500.0) | {"rain": 10_000.0}


def weights(real_data: Path, name: str) -> Path:
    return real_data / "sketchrnn_weights" / f"{name}.gen.json"


@pytest.mark.parametrize("name", ["monkey", "bicycle"])
def test_golden_outputs_of_the_reference_javascript(name: str, real_data: Path) -> None:
    golden = json.loads((real_data / "sketchrnn_weights" / f"golden_{name}.json").read_text())
    model, info = read_sketchrnn_js(weights(real_data, name))
    inputs = torch.tensor(golden["inputs"], dtype=torch.float32)[:, None]
    inputs[..., :2] /= info["scale_factor"]
    with torch.no_grad():
        head, (h, c) = model.decoder(inputs, torch.zeros(1, 0), None)
    mixture = Mixture.from_head(head[:, 0])
    pi, mu_x, mu_y, sigma_x, sigma_y, rho, pen = (
        np.array(column) for column in zip(*golden["pdf"], strict=True)
    )
    sigma = mixture.log_sigma.exp().numpy()
    for found, wanted in (
        (mixture.log_pi.exp().numpy(), pi),
        (mixture.mu.numpy(), np.stack([mu_x, mu_y], axis=-1)),
        (sigma, np.stack([sigma_x, sigma_y], axis=-1)),
        (mixture.rho.numpy(), rho),
        (mixture.pen.softmax(1).numpy(), pen),
        (h[0].numpy(), np.array(golden["final_h"])),
        (c[0].numpy(), np.array(golden["final_c"])),
    ):
        assert found.shape == wanted.shape
        np.testing.assert_allclose(found, wanted, atol=1e-5)


@pytest.mark.parametrize("name", ["monkey", "bicycle"])
def test_a_published_file_comes_back_to_the_same_bytes(
    name: str, real_data: Path, tmp_path: Path
) -> None:
    source = weights(real_data, name)
    model, info = read_sketchrnn_js(source)
    write_sketchrnn_js(model, tmp_path / "again.json", info)
    before, after = (json.loads(p.read_text()) for p in (source, tmp_path / "again.json"))
    assert after[0] == before[0]
    assert after[1:] == before[1:]


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_published_file_draws(name: str, real_data: Path) -> None:
    model, info = read_sketchrnn_js(weights(real_data, name))
    assert model.config.words == (info["name"],)
    assert model.config.scale == info["scale_factor"]
    generator = torch.Generator().manual_seed(0)
    sampled = Sampler(model).draw(
        torch.zeros(40, 0), temperatures=Temperatures(0.3), generator=generator
    )
    ended = sampled.ended.mean()
    assert ended >= ENDED[name], f"{name}: {ended:.0%} end by themselves"
    points = np.concatenate([np.cumsum(rows[:, :2], axis=0) for rows in sampled.rows])
    assert np.isfinite(points).all()
    # These models' own scale: drawings of 255 units were two to four times that for them.
    sides = [np.ptp(np.cumsum(rows[:, :2], axis=0), axis=0).max() for rows in sampled.rows]
    assert 500 < np.median(sides) < LARGEST[name]
    assert 10 < np.mean([len(rows) for rows in sampled.rows]) < 250
    strokes = [rows[:, 2].sum() for rows in sampled.rows]
    assert np.mean(strokes) >= 1


def exportable(**changes: Any) -> SketchRNN:
    """A small model with weights on the format's grid."""
    torch.manual_seed(0)
    config = small_config(
        positions=False, likelihood="density", words=("cat",), latent_tanh=False, **changes
    )
    model = shaken(SketchRNN(config)).eval()
    with torch.no_grad():
        if config.variational:
            model.null_latent.zero_()  # the format has no such thing
        for parameter in model.parameters():
            parameter.copy_((parameter / 10 * 32767).round() / 32767 * 10)
    return model


@pytest.mark.parametrize("cell", ["fused", "lstm"])
@pytest.mark.parametrize("variational", [False, True])
def test_a_model_of_ours_goes_out_and_comes_back(
    variational: bool, cell: str, tmp_path: Path
) -> None:
    model = exportable(variational=variational, encoder_cell=cell, decoder_cell=cell)
    path = tmp_path / "cat.json"
    write_sketchrnn_js(model, path, {"max_seq_len": 77})
    info, shapes, coded = json.loads(path.read_text())
    assert info == {
        "name": "cat",
        "mode": 0 if variational else 2,
        "version": 6,
        "max_seq_len": 77,
        "scale_factor": 20.0,
    }
    h, e, z, out = 16, 12, 5, 3 + 6 * 3
    i = 5 + z * variational
    decoder = [[h, out], [out], [i, 4 * h], [h, 4 * h], [4 * h]]
    one_way = [[5, 4 * e], [e, 4 * e], [4 * e]]
    latent = [[2 * e, z], [z]] * 2 + [[z, 2 * h], [2 * h]]
    assert shapes == ([*one_way, *one_way, *latent] if variational else []) + decoder

    back, _ = read_sketchrnn_js(path)
    write_sketchrnn_js(back, tmp_path / "again.json", info)
    assert json.loads((tmp_path / "again.json").read_text()) == [info, shapes, coded]
    batch = random_batch(model.config, (9, 4, 6))
    noise = torch.randn(3, z) if variational else None
    with torch.no_grad():
        torch.testing.assert_close(
            model.heads(batch, noise), back.heads(batch, noise), atol=1e-4, rtol=1e-4
        )
        if variational:
            torch.testing.assert_close(
                model.encode(batch), back.encode(batch), atol=1e-4, rtol=1e-4
            )


def test_arrays_are_in_the_published_order_and_layout(tmp_path: Path) -> None:
    """Read as sketch-rnn-js does: gates i, candidate, forget, o; state [c|h]; no forget bias."""
    model = exportable()
    path = tmp_path / "cat.json"
    write_sketchrnn_js(model, path)
    _, shapes, coded = json.loads(path.read_text())
    arrays = [
        np.frombuffer(base64.b64decode(text), "<i2").reshape(shape) / 32767 * 10
        for shape, text in zip(shapes, coded, strict=True)
    ]
    w_xh, w_hh, bias = arrays[-3:]
    init_w, init_b, out_w, out_b = arrays[-7:-3]
    rng = np.random.default_rng(0)
    z, x = rng.standard_normal(5), rng.standard_normal(5)
    c, h = np.split(np.tanh(z @ init_w + init_b), 2)
    gates = np.concatenate([x, z]) @ w_xh + h @ w_hh + bias
    i, g, f, o = np.split(gates, 4)
    sigmoid = lambda v: 1 / (1 + np.exp(-v))  # noqa: E731
    c = c * sigmoid(f + 1) + sigmoid(i) * np.tanh(g)
    wanted = (np.tanh(c) * sigmoid(o)) @ out_w + out_b
    condition = torch.tensor(z[None], dtype=torch.float32)
    with torch.no_grad():
        found, _ = model.decoder(
            torch.tensor(x[None, None], dtype=torch.float32),
            condition,
            model.decoder.initial_state(condition),
        )
    np.testing.assert_allclose(found[0, 0].numpy(), wanted, atol=1e-5)


@pytest.mark.parametrize("version", [1, 5, 6])
def test_old_files_squash_z(version: int, tmp_path: Path) -> None:
    path = tmp_path / "cat.json"
    write_sketchrnn_js(exportable(), path)
    content = json.loads(path.read_text())
    content[0]["version"] = version
    path.write_text(json.dumps(content))
    model, info = read_sketchrnn_js(path)
    assert model.config.latent_tanh is (version < 6)
    write_sketchrnn_js(model, path, info)
    assert json.loads(path.read_text())[0]["version"] == version
    z, word = torch.full((1, 5), 2.0), torch.zeros(1, dtype=torch.long)
    wanted = np.tanh(2.0) if version < 6 else 2.0
    np.testing.assert_allclose(model.condition(z, word).detach().numpy(), wanted, rtol=1e-6)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"positions": True}, "position inputs"),
        ({"words": WORDS}, "a word embedding"),
        ({"decoder_cell": "hyper"}, "decoder cell"),
        ({"encoder_cell": "layernorm"}, "encoder cell"),
    ],
)
def test_what_the_format_cannot_hold_is_refused(
    changes: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    model = SketchRNN(small_config(**{"positions": False} | changes))
    with pytest.raises(LineworkError, match=rf"cannot run a model with .*{reason}"):
        write_sketchrnn_js(model, tmp_path / "no.json")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("wrong", [10.01, float("nan")])
def test_weights_beyond_the_format_are_refused(wrong: float, tmp_path: Path) -> None:
    model = exportable()
    with torch.no_grad():
        model.decoder.head.weight[0, 0] = wrong
    with pytest.raises(LineworkError, match="weight of"):
        write_sketchrnn_js(model, tmp_path / "no.json")
    assert list(tmp_path.iterdir()) == []


def damaged(path: Path, how: str) -> None:
    """A small good file, broken in one way."""
    write_sketchrnn_js(exportable(variational=False), path)
    content = json.loads(path.read_text())
    info, shapes, coded = content
    match how:
        case "not JSON":
            path.write_bytes(b"\x89PNG\r\n")
            return
        case "empty":
            path.write_bytes(b"")
            return
        case "cut short":
            path.write_bytes(path.read_bytes()[:-100])
            return
        case "deeply nested":
            path.write_text("[" * 100_000)
            return
        case "an object":
            content = {"info": info}
        case "info of another kind":
            content[0] = "monkey"
        case "no scale":
            del info["scale_factor"]
        case "zero scale":
            info["scale_factor"] = 0
        case "scale not a number":
            info["scale_factor"] = "nan"
        case "version not a number":
            info["version"] = "six"
        case "an array missing":
            del shapes[-1], coded[-1]
        case "a shape missing":
            del shapes[-1]
        case "wrong shape":
            shapes[0] = [3, 3]
        case "negative shape":
            shapes[0] = [-1, 21]
        case "enormous shape":
            shapes[0] = [10**9, 10**9]
        case "three axes":
            shapes[0] = [16, 21, 1]
        case "shape not a list":
            shapes[0] = "16"
        case "swapped arrays":
            shapes[2], shapes[3] = shapes[3], shapes[2]
            coded[2], coded[3] = coded[3], coded[2]
        case "not base64":
            coded[0] = "!" * len(coded[0])
        case "array not text":
            coded[0] = [1, 2, 3]
        case "odd bytes":
            coded[0] = base64.b64encode(base64.b64decode(coded[0])[:-1]).decode()
        case "head of no mixture":
            shapes[0], coded[0] = [16, 3], base64.b64encode(bytes(2 * 48)).decode()
            shapes[1], coded[1] = [3], base64.b64encode(bytes(6)).decode()
        case "vae of decoder arrays":
            info["mode"] = 0
        case _:
            raise AssertionError(how)
    path.write_text(json.dumps(content))


@pytest.mark.parametrize(
    "how",
    [
        "not JSON", "empty", "cut short", "deeply nested", "an object", "info of another kind",
        "no scale", "zero scale", "scale not a number", "version not a number",
        "an array missing", "a shape missing", "wrong shape", "negative shape",
        "enormous shape", "three axes", "shape not a list", "swapped arrays", "not base64",
        "array not text", "odd bytes", "head of no mixture", "vae of decoder arrays",
    ],
)  # fmt: skip
def test_a_damaged_file_is_a_sentence(how: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    damaged(path, how)
    with pytest.raises(FormatError, match=r"broken\.json: "):
        read_sketchrnn_js(path)


def test_no_file() -> None:
    with pytest.raises(FormatError, match="no such file"):
        read_sketchrnn_js("nowhere.json")
