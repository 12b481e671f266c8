"""Checkpoints: whole or not there, and only into the model they are of."""

from __future__ import annotations

import dataclasses
import errno
import itertools
import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import safetensors.torch
import torch
from linework.models.checkpoint import (
    load_optimizer,
    load_tensors,
    load_weights,
    optimizer_tensors,
    read_header,
    save_tensors,
)
from linework.models.registry import find_weights, load_model
from linework.models.sketchrnn import SketchRNN
from linework.strokes.errors import FormatError, LineworkError
from sketches import WORDS, random_batch, shaken, small_config

HEADER = {"model": "sketchrnn", "config": {}, "step": 7}


def saved(path: Path, model: torch.nn.Module | None = None) -> Path:
    module = model or torch.nn.Linear(3, 2)
    save_tensors(path, module.state_dict(), HEADER)
    return path


def test_tensors_and_header_come_back(tmp_path: Path) -> None:
    tensors = {
        "a": torch.randn(3, 4).T,  # not contiguous
        "b": torch.randn(2).to(torch.bfloat16),
        "c": torch.tensor(5),
        "d": torch.randn(2, requires_grad=True),
    }
    header = HEADER | {"words": ["Katze", "猫"], "best": {"score": 0.1 + 0.2}}
    save_tensors(tmp_path / "x.safetensors", tensors, header)
    found, told = load_tensors(tmp_path / "x.safetensors")
    assert told == header == read_header(tmp_path / "x.safetensors")
    assert found.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert torch.equal(found[name], tensor.detach()), name
        assert found[name].dtype == tensor.dtype


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


def cut_in_header(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:30])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def pickle(path: Path) -> None:
    torch.save({"a": torch.zeros(2)}, path)


def foreign(path: Path) -> None:
    safetensors.torch.save_file({"a": torch.zeros(2)}, path)


def no_model(path: Path) -> None:
    safetensors.torch.save_file({"a": torch.zeros(2)}, path, {"linework": json.dumps({"step": 1})})


def header_not_json(path: Path) -> None:
    safetensors.torch.save_file({"a": torch.zeros(2)}, path, {"linework": "{half"})


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (cut, "not a complete safetensors file"),
        (cut_in_header, "not a complete safetensors file"),
        (empty, "not a complete safetensors file"),
        (pickle, "not a complete safetensors file"),
        (foreign, "not one that linework wrote"),
        (no_model, "does not say which model"),
        (header_not_json, "header"),
        (Path.unlink, "no such file"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_damaged_files(damage: Callable[[Path], None], message: str, tmp_path: Path) -> None:
    path = saved(tmp_path / "x.safetensors")
    damage(path)
    for read in (read_header, load_tensors):
        with pytest.raises(FormatError, match=rf"x\.safetensors: .*{message}"):
            read(path)


def test_read_while_a_training_replaces_it(tmp_path: Path) -> None:
    """Header and tensors are of one version, whichever it is; their sizes differ too."""
    path = tmp_path / "x.safetensors"
    done = threading.Event()

    def write() -> None:
        for version in itertools.cycle(range(2)):
            save_tensors(path, {"a": torch.full((3 + version,), version)}, HEADER | {"is": version})
            if done.is_set():
                return

    writer = threading.Thread(target=write)
    save_tensors(path, {"a": torch.zeros(3)}, HEADER | {"is": 0})
    writer.start()
    try:
        for _ in range(300):
            tensors, header = load_tensors(path)
            assert tensors["a"].tolist() == [header["is"]] * (3 + header["is"])
    finally:
        done.set()
        writer.join()


def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path / "x.safetensors")
    before = path.read_bytes()

    def full(self: Path, content: bytes) -> int:
        with self.open("wb") as file:
            file.write(content[:100])
        raise OSError(errno.ENOSPC, "No space left on device", str(self))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(LineworkError, match="the disk is full"):
        saved(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(LineworkError, match="does not exist"):
        saved(tmp_path / "nowhere" / "x.safetensors")


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"decoder_size": 17}, "misshapes decoder.cell.weight_ih"),
        ({"variational": False}, "has unknown decoder.initial.bias"),
        ({"words": WORDS}, "lacks word.weight"),
        ({"decoder_cell": "layernorm"}, "lacks decoder.cell.gain"),
    ],
)
def test_weights_of_another_model(other: dict[str, object], message: str) -> None:
    tensors = SketchRNN(small_config()).state_dict()
    model = SketchRNN(small_config(**other))
    before = {k: v.clone() for k, v in model.state_dict().items()}
    with pytest.raises(FormatError, match=rf"mine: the weights do not fit the model: .*{message}"):
        load_weights(model, tensors, "mine")
    assert all(torch.equal(before[k], v) for k, v in model.state_dict().items())


def test_half_precision_weights_become_the_modules() -> None:
    model = SketchRNN(small_config())
    half = {k: v.half() for k, v in model.state_dict().items()}
    load_weights(model, half, "x")
    assert all(v.dtype == torch.float32 for v in model.state_dict().values())
    assert all(torch.equal(v, half[k].float()) for k, v in model.state_dict().items())


def test_an_optimiser_goes_on_to_the_bit(tmp_path: Path) -> None:
    runs = []
    for interrupted in (False, True):
        torch.manual_seed(0)
        model = SketchRNN(small_config())
        optimizer = torch.optim.AdamW(model.parameters(), fused=True)
        batch = random_batch(model.config, (5, 3))
        for step in range(4):
            if interrupted and step == 2:
                save_tensors(tmp_path / "m", model.state_dict(), HEADER)
                save_tensors(tmp_path / "o", optimizer_tensors(optimizer), HEADER)
                model = shaken(SketchRNN(small_config()))
                optimizer = torch.optim.AdamW(model.parameters(), fused=True)
                load_weights(model, load_tensors(tmp_path / "m")[0], "m")
                load_optimizer(optimizer, load_tensors(tmp_path / "o")[0])
            torch.manual_seed(step)
            losses = model(batch)
            optimizer.zero_grad()
            (losses.offset + losses.pen + losses.kl.sum()).backward()
            optimizer.step()
        runs.append(model.state_dict())
    assert all(torch.equal(runs[0][k], runs[1][k]) for k in runs[0])


# -- the registry


def test_a_model_is_found_by_folder_and_by_file(tmp_path: Path) -> None:
    config = small_config(words=WORDS)
    model = shaken(SketchRNN(config)).eval()
    header = HEADER | {"config": dataclasses.asdict(config)}
    save_tensors(tmp_path / "best.safetensors", model.state_dict(), header)
    for name in (tmp_path, str(tmp_path), tmp_path / "best.safetensors"):
        loaded, told = load_model(name, wanted="sketchrnn")
        assert told["step"] == 7
        assert loaded.config == config
        assert not loaded.training
        assert all(torch.equal(v, model.state_dict()[k]) for k, v in loaded.state_dict().items())


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ({"model": "painter", "config": {}}, "holds a painter, and this needs a sketchrnn"),
        ({"model": "sketchrnn"}, "has no config"),
        ({"model": "sketchrnn", "config": {"wings": 2}}, "its config has wings.*newer"),
        ({"model": "sketchrnn", "config": {"encoder_size": 3}}, "do not fit"),
        ({"model": "sketchrnn", "config": {"decoder_cell": "gru"}}, "decoder_cell"),
        ({"model": "sketchrnn", "config": {"decoder_size": "many"}}, "decoder_size"),
    ],
)
def test_headers_that_do_not_fit(header: dict[str, object], message: str, tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    save_tensors(path, {"a": torch.zeros(1)}, header)
    with pytest.raises(LineworkError, match=message):
        load_model(path, wanted="sketchrnn")


def test_unknown_models_are_answered_by_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(LineworkError, match=r"doodels: no such model"):
        find_weights("doodels")
    with pytest.raises(LineworkError, match=r"holds no best\.safetensors; name a folder"):
        find_weights(tmp_path)
    (tmp_path / "last.safetensors").touch()
    with pytest.raises(LineworkError, match="not reached an evaluation yet"):
        find_weights(tmp_path)
