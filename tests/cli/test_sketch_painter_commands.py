"""`linework train painter --input sketch`, and sketches painted by what it made."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import Run, succeed
from linework.models.registry import load_model
from linework.strokes import Drawing
from linework.strokes.files import write_drawings
from PIL import Image

TINY = {
    "model.channels": "6,6,4",
    "spade_levels": 2,
    "latent": 4,
    "embedding": 4,
    "size": 32,
    "depths": "6,6",
    "fold": 1,
    "steps": 2,
    "batch_size": 2,
    "evaluate_every": 2,
    "sample_every": 2,
}
BOX = np.array([[10, 8], [40, 8], [40, 30], [10, 30], [10, 8]], np.float32)


def tiny(**changes: object) -> list[str]:
    return [f"--set={key}={value}" for key, value in (TINY | changes).items()]


def doodle(width: float = 48.0) -> Drawing:
    return Drawing.from_arrays([BOX], size=(width, 40.0))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """pairs/ with sketches and pictures, and run/, a painter trained on them."""
    folder = tmp_path_factory.mktemp("sketches")
    for part in ("pictures", "sketches"):
        (folder / "pairs" / part).mkdir(parents=True)
    for k in range(3):
        picture = np.full((40, 48, 3), (90, 160 + 20 * k, 70), np.uint8)
        picture[8:30, 10:40] = (180, 60, 50)
        Image.fromarray(picture).save(folder / "pairs" / "pictures" / f"{k}.png")
        write_drawings([doodle()], folder / "pairs" / "sketches" / f"{k}.svg")
    write_drawings([doodle()], folder / "doodle.svg")
    data = ("--data", folder / "pairs", "--out", folder / "run")
    result = succeed("train", "painter", "--input", "sketch", *data, *tiny())
    assert "2 pictures to learn from, 1 to watch; their sketches are in sketches/" in result.stderr
    assert "linework paint doodle.svg --model" in result.stderr
    return folder


def test_the_weights_say_that_they_paint_sketches(trained: Path) -> None:
    _, header = load_model(trained / "run", wanted="sketchpainter")
    assert header["input"] == "sketch"
    assert header["strokes"] is True
    settings = json.loads((trained / "run" / "settings.json").read_text())
    assert settings["config"]["size"] == 32
    with Image.open(trained / "run" / "samples-000002.png") as sheet:
        assert sheet.size == (5 * 32, 32 * 6)


def test_a_doodle_is_painted_at_multiples_of_the_painters(trained: Path, run: Run) -> None:
    base = ("--model", trained / "run", "--seed", "3")
    for side, wanted in (((), (48, 40)), (("--side", "64"), (76, 64))):
        done = run("paint", trained / "doodle.svg", *base, *side, "-o", "picture.png")
        assert done.exit_code == 0, done.stderr
        with Image.open("picture.png") as picture:
            assert picture.size == wanted
            assert picture.mode == "RGB"
    first = Path("picture.png").read_bytes()
    run("paint", trained / "doodle.svg", *base, "--side", "64", "-o", "again.png")
    assert Path("again.png").read_bytes() == first


def test_ndjson_pictures_of_sketches_and_styles(trained: Path, run: Run) -> None:
    write_drawings([doodle()], "doodle.ndjson")
    write_drawings([doodle()], "doodle.png")
    base = ("--model", trained / "run", "--seed", "3", "-o", "out.jpg")
    style = ("--style", trained / "pairs" / "pictures" / "0.png")
    for source in ("doodle.ndjson", "doodle.png"):
        for more in ((), style):
            done = run("paint", source, *base, *more)
            assert done.exit_code == 0, done.stderr


def test_an_empty_sketch_is_painted_and_said(trained: Path, run: Run) -> None:
    write_drawings([Drawing((), (40, 40))], "empty.svg")
    done = run("paint", "empty.svg", "--model", trained / "run", "-o", "out.png")
    assert done.exit_code == 0, done.stderr
    assert "shows no lines" in done.stderr


@pytest.mark.parametrize(
    ("source", "more", "said"),
    [
        ("none.svg", (), "there is no such file"),
        ("text.svg", (), "text.svg"),
        ("text.png", (), "is not a picture that can be read"),
        ("two.ndjson", (), "several drawings; wanted one a file"),
        ("long.svg", (), "of at most 8 times the shorter"),
        ("doodle.svg", ("--region", "sky=2"), "which have no labels"),
        ("doodle.svg", ("--side", "9999"), "--side is 9999 px"),
        ("doodle.svg", ("-o", "out.txt"), "wanted a picture's name"),
    ],
)
def test_sketches_that_cannot_be_painted(
    source: str, more: tuple[str, ...], said: str, trained: Path, run: Run
) -> None:
    for name in ("text.svg", "text.png"):
        Path(name).write_text("hello")
    write_drawings([doodle()], "doodle.svg")
    write_drawings([doodle(), doodle()], "two.ndjson")
    write_drawings([doodle(4000.0)], "long.svg")
    done = run("paint", source, "--model", trained / "run", "-o", "out.png", *more)
    assert done.exit_code == 1, done.output
    assert said in done.stderr
    assert not Path("out.png").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("painter", "--data", "empty"), 1, "holds no pictures to make sketches of"),
        (("painter", "--data", "none"), 1, "there is no such folder"),
        (("painter", "--data", "empty", "--set", "halves=top"), 1, "halves is 'top'"),
        (("painter", "--data", "empty", "--set", "classes=3"), 1, "a sketch has no labels"),
        (("segmenter", "--data", "empty"), 2, "--input is for a painter"),
    ],
)
def test_what_it_cannot_learn_from(
    arguments: tuple[str, ...], code: int, said: str, run: Run
) -> None:
    Path("empty").mkdir()
    done = run("train", *arguments, "--input", "sketch", "--out", "r")
    assert done.exit_code == code
    assert said in done.stderr


def test_a_painter_of_labels_says_what_a_drawing_wants(trained: Path, run: Run) -> None:
    done = run("paint", trained / "doodle.svg", "--model", "painter-scenes", "-o", "out.png")
    assert done.exit_code == 1
    assert "--input sketch" in done.stderr
