"""Every command with everything that may be wrong: a sentence, exit 1 or 2, nothing left behind."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from bad_inputs import AWKWARD, BROKEN, HENRI, Write, record
from click.testing import Result
from conftest import Run, invoke, tiny
from linework.models.checkpoint import save_tensors

# Commands that read drawings: name -> arguments from (input, workshop).
Arguments = Callable[[Path, Path], tuple[object, ...]]
READERS: dict[str, Arguments] = {
    "convert": lambda i, w: ("convert", i, "-o", "out.svg"),
    "convert --simplify": lambda i, w: ("convert", i, "--simplify", "-o", "out.bin"),
    "complete": lambda i, w: (
        *("complete", i, "--word", "cat", "-n", 2, "--max-points", 5),
        *("--model", w / "pets", "-o", "out.svg"),
    ),
    "reconstruct": lambda i, w: (
        *("reconstruct", i, "--word", "cat", "--max-points", 5),
        *("--model", w / "pets", "-o", "out.ndjson"),
    ),
    "mimic": lambda i, w: (
        *("mimic", i, "--word", "dog", "-n", 1, "--max-points", 5),
        *("--model", w / "pets", "-o", "out.png", "--size", 64),
    ),
    "interpolate": lambda i, w: (
        *("interpolate", i, i, "--word", "cat", "--steps", 2, "--max-points", 5),
        *("--model", w / "pets", "-o", "out.svg"),
    ),
    "data pack": lambda i, w: ("data", "pack", i, "-o", "out.arrow"),
    "data info": lambda i, w: ("data", "info", i, "--sheet", "out.svg"),
    "train": lambda i, w: (*("train", "sketchrnn", "--data", i, "--out", "out", *tiny()),),
    "evaluate": lambda i, w: (
        *("evaluate", "sketchrnn", "--data", i, "--model", w / "pets", "--samples", 0),
    ),
}


def assert_refused(result: Result, *said: str) -> None:
    """It failed with one sentence, which says these words."""
    assert result.exit_code in (1, 2), result.output
    assert isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.stderr
    last = result.stderr.strip().splitlines()[-1]
    assert last.startswith(("error: ", "Error: ")), result.stderr
    for word in said:
        assert word in result.stderr


@pytest.mark.parametrize("write", BROKEN.values(), ids=BROKEN.keys())
@pytest.mark.parametrize("arguments", READERS.values(), ids=READERS.keys())
def test_broken_input(
    arguments: Arguments, write: Write, run: Run, workshop: Path, tmp_path: Path
) -> None:
    given = write(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    result = run(*arguments(given.relative_to(tmp_path), workshop))
    # A folder is an input to those that pack: an empty one holds no drawing.
    assert_refused(result, given.name)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("write", AWKWARD.values(), ids=AWKWARD.keys())
@pytest.mark.parametrize("arguments", READERS.values(), ids=READERS.keys())
def test_awkward_input(
    arguments: Arguments, write: Write, run: Run, workshop: Path, tmp_path: Path
) -> None:
    given = write(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    result = run(*arguments(given.relative_to(tmp_path), workshop))
    if result.exit_code:
        assert_refused(result)
        assert sorted(tmp_path.rglob("*")) == before
    assert not list(tmp_path.rglob("*.part*"))


@pytest.mark.parametrize("name", ["one line", "10,000 points", "unicode label", "far away", "tiny"])
@pytest.mark.parametrize("command", ["convert", "complete", "reconstruct", "mimic", "interpolate"])
def test_awkward_input_that_must_work(
    command: str, name: str, run: Run, workshop: Path, tmp_path: Path
) -> None:
    given = AWKWARD[name](tmp_path)
    result = run(*READERS[command](given, workshop))
    assert result.exit_code == 0, result.stderr


# Things named wrongly: name -> (arguments from the workshop, words of the error).
WRONG_NAMES: dict[str, tuple[Callable[[Path], tuple[object, ...]], tuple[str, ...]]] = {
    "word": (
        lambda w: ("sample", "dogg", "--model", w / "pets"),
        ("cannot draw 'dogg'", "did you mean 'dog'"),
    ),
    "word of a model of one": (
        lambda w: ("sample", "zebra", "--model", w / "cat"),
        ("cannot draw 'zebra'", "it knows cat"),
    ),
    "no word for a model of several": (
        lambda w: ("sample", "--model", w / "pets"),
        ("say which", "cat, dog"),
    ),
    "word to fetch": (lambda w: ("data", "fetch", "gutar"), ("did you mean 'guitar'",)),
    "word to doodle": (lambda w: ("data", "doodles", "catt"), ("did you mean 'cat'",)),
    "model": (
        lambda w: ("sample", "cat", "--model", "nosuch"),
        ("nosuch: no such model, training folder or file",),
    ),
    "folder without weights": (lambda w: ("sample", "--model", w), ("best.safetensors",)),
    "device that is not there": (
        lambda w: ("sample", "cat", "--model", w / "pets", "--device", "cuda:99"),
        ("--device cuda:99: this machine has", "leave --device out"),
    ),
    "kernels for other cells": (
        lambda w: (
            *("train", "sketchrnn", "--data", w / "cat.arrow", "--out", "x"),
            *("--set", "fused=true"),
        ),
        ("fused=true: the model has no cell of kind lstm, layernorm or hyper",),
    ),
    "setting": (
        lambda w: (
            *("train", "sketchrnn", "--data", w / "cat.arrow", "--out", "x"),
            *("--set", "stepps=3"),
        ),
        ("no setting 'stepps'", "did you mean 'steps'"),
    ),
    "value": (
        lambda w: (
            *("train", "sketchrnn", "--data", w / "cat.arrow", "--out", "x"),
            *("--set", "steps=many"),
        ),
        ("train.steps is 'many'; wanted int",),
    ),
    "measured setting": (
        lambda w: (
            *("train", "sketchrnn", "--data", w / "cat.arrow", "--out", "x"),
            *("--set", "scale=3"),
        ),
        ("'scale' is measured from the data",),
    ),
    "assignment": (
        lambda w: (
            *("train", "sketchrnn", "--data", w / "cat.arrow", "--out", "x"),
            *("--set", "steps"),
        ),
        ("wanted key=value",),
    ),
    "recipe": (
        lambda w: (
            *("train", "sketchrnn", "--data", w / "cat.arrow", "--out", "x"),
            *("--recipe", "soup"),
        ),
        ("no recipe 'soup'", "default"),
    ),
    "words that the table lacks": (
        lambda w: (
            *("train", "sketchrnn", "--data", w / "pets.arrow", "--out", "x"),
            *("--set", "words=cat,zebra,horse"),
        ),
        ("zebra",),
    ),
    "split shares": (
        lambda w: ("data", "pack", w / "doodles.ndjson", "-o", "x.arrow", "--split", "9,1"),
        ("'9,1'", "90,5,5"),
    ),
    "device": (
        lambda w: (
            *("train", "sketchrnn", "--data", w / "cat.arrow", "--out", "x"),
            *("--device", "gpu"),
        ),
        ("'gpu' is not a device",),
    ),
    "command": (lambda w: ("complet",), ("No such command 'complet'",)),
    "option": (lambda w: ("sample", "--wrod"), ("No such option",)),
    "suffix to write": (
        lambda w: ("convert", w / "cats.ndjson", "-o", "x.jpg"),
        ("x.jpg", ".svg", ".ndjson"),
    ),
    "length": (
        lambda w: ("convert", w / "cats.ndjson", "--width", "wide", "-o", "x.svg"),
        ("'wide' is not a length",),
    ),
    "colour": (
        lambda w: ("convert", w / "cats.ndjson", "--background", "paperish", "-o", "x.svg"),
        ("paperish",),
    ),
    "three to interpolate": (
        lambda w: ("interpolate", *[w / "cats.ndjson"] * 3, "--model", w / "cat"),
        ("2 or 4 drawings; got 3",),
    ),
    "many to interpolate": (
        lambda w: ("interpolate", w / "cats.ndjson", "--model", w / "cat"),
        ("2 or 4 drawings; got more",),
    ),
    "export of what others cannot run": (
        lambda w: ("export", w / "pets", "--to", "sketchrnn-js", "-o", "x.json"),
        ("position inputs", "a word embedding", "--recipe published"),
    ),
    "export to another suffix": (
        lambda w: ("export", w / "plain", "--to", "sketchrnn-js", "-o", "x.txt"),
        ("x.txt", ".json"),
    ),
    "import to another suffix": (
        lambda w: ("import", "sketchrnn-js", "x.json", "-o", "x.pt"),
        ("x.pt", ".safetensors"),
    ),
    "run that is there": (
        lambda w: (*("train", "sketchrnn", "--data", w / "cat.arrow", "--out", w / "cat"),),
        ("holds a training already", "--resume"),
    ),
    "run that is not there": (
        lambda w: (*("train", "sketchrnn", "--data", w / "cat.arrow", "--out", "x", "--resume"),),
        ("nothing to resume",),
    ),
    "recipe for a run that has one": (
        lambda w: (
            *("train", "sketchrnn", "--data", w / "cat.arrow", "--out", w / "cat", "--resume"),
            *("--recipe", "default"),
        ),
        ("keeps its own settings",),
    ),
    "model changed half way": (
        lambda w: (
            *("train", "sketchrnn", "--data", w / "cat.arrow", "--out", w / "cat", "--resume"),
            *("--set", "decoder_size=64"),
        ),
        ("keeps its shape",),
    ),
    "data changed half way": (
        lambda w: (
            *("train", "sketchrnn", "--data", w / "pets.arrow", "--out", w / "cat", "--resume"),
        ),
        ("not the data",),
    ),
}


@pytest.mark.parametrize(("arguments", "said"), WRONG_NAMES.values(), ids=WRONG_NAMES.keys())
def test_wrong_name(
    arguments: Callable[[Path], tuple[object, ...]],
    said: tuple[str, ...],
    run: Run,
    workshop: Path,
    tmp_path: Path,
) -> None:
    assert_refused(run(*arguments(workshop)), *said)
    assert list(tmp_path.iterdir()) == []


def _other_model(folder: Path, workshop: Path) -> Path:
    save_tensors(folder / "m.safetensors", {}, {"model": "painter", "config": {}})
    return folder / "m.safetensors"


def _cut_short(folder: Path, workshop: Path) -> Path:
    content = (workshop / "cat" / "best.safetensors").read_bytes()
    (folder / "m.safetensors").write_bytes(content[:-100])
    return folder / "m.safetensors"


def _junk(folder: Path, workshop: Path) -> Path:
    (folder / "m.safetensors").write_bytes(b"\x80\x04pickle" * 9)
    return folder / "m.safetensors"


def _half_json(folder: Path, workshop: Path) -> Path:
    (folder / "m.json").write_text('[{"name": "cat", "mode": 2}, [[1')
    return folder / "m.json"


def _other_json(folder: Path, workshop: Path) -> Path:
    (folder / "m.json").write_text(json.dumps({"drawing": HENRI}))
    return folder / "m.json"


@pytest.mark.parametrize("write", [_other_model, _cut_short, _junk, _half_json, _other_json])
@pytest.mark.parametrize(
    "arguments",
    [
        ("sample", "cat", "-o", "x.svg", "--model"),
        ("evaluate", "sketchrnn", "--data", "cat.arrow", "--model"),
        ("demo", "-o", "tour", "--model"),
        ("export", "--to", "sketchrnn-js", "-o", "x.json"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_weights_that_are_none(
    arguments: tuple[str, ...],
    write: Callable[[Path, Path], Path],
    run: Run,
    workshop: Path,
    tmp_path: Path,
) -> None:
    weights = write(tmp_path, workshop)
    assert_refused(run(*arguments, weights), weights.name)
    assert [path for path in tmp_path.iterdir() if path.is_file()] == [weights]


def test_a_bad_row_is_named_by_file_and_line(run: Run, tmp_path: Path) -> None:
    lines = record(HENRI) * 3 + record([[0, 1, 2], [0, 1]])
    (tmp_path / "cat.ndjson").write_text(lines)
    assert_refused(run("data", "pack", "cat.ndjson", "-o", "x.arrow"), "cat.ndjson:4", "--skip-bad")
    result = run("data", "pack", "cat.ndjson", "-o", "x.arrow", "--skip-bad")
    assert result.exit_code == 0
    assert "cat.ndjson:4" in result.stderr
    assert "1 bad" in result.stderr


# Outputs that do not fit on the disk: /dev/full under a name with the suffix.
@pytest.mark.parametrize("suffix", ["svg", "png", "gif", "ndjson", "ndjson.gz", "npz", "arrow"])
def test_full_disk(suffix: str, run: Run, workshop: Path, tmp_path: Path) -> None:
    out = tmp_path / f"out.{suffix}"
    out.symlink_to("/dev/full")
    result = run("sample", "cat", "--model", workshop / "pets", "-n", 2, "-o", out, "--size", 64)
    assert_refused(result, "the disk is full")
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize(
    "arguments",
    [
        ("data", "pack", "doodles.ndjson", "-o", "x.arrow"),
        ("data", "doodles", "-n", "20", "-o", "x.ndjson"),
        ("data", "info", "cat.arrow", "--sheet", "x.svg"),
        ("export", "plain", "--to", "sketchrnn-js", "-o", "x.json"),
        ("demo", "--model", "pets", "-o", "."),
    ],
    ids=" ".join,
)
def test_full_disk_elsewhere(
    arguments: tuple[str, ...], run: Run, workshop: Path, tmp_path: Path
) -> None:
    for name in ("x.arrow", "x.ndjson", "x.svg", "x.json", "index.html"):
        (tmp_path / name).symlink_to("/dev/full")
    for name in ("doodles.ndjson", "cat.arrow", "plain", "pets"):
        (tmp_path / name).symlink_to(workshop / name)
    assert_refused(run(*arguments), "the disk is full")


def test_full_disk_while_training(run: Run, workshop: Path, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "settings.json").symlink_to("/dev/full")
    data = workshop / "cat.arrow"
    result = run("train", "sketchrnn", "--data", data, "--out", "run", *tiny(steps=1))
    assert_refused(result, "settings.json", "the disk is full")


def test_a_folder_that_is_not_there(run: Run, workshop: Path) -> None:
    result = run("convert", workshop / "cats.ndjson", "-o", "nowhere/x.svg")
    assert_refused(result, "nowhere", "create it first")


@pytest.mark.parametrize("command", ["convert", "complete"])
def test_broken_stdin(command: str, workshop: Path) -> None:
    options = () if command == "convert" else ("--model", workshop / "cat")
    assert_refused(invoke(command, "-", *options, input="{}\nhello"), "stdin:1")
