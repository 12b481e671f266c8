"""`linework markov`: pictures and drawings in, a new one out."""

import numpy as np
import pytest
from click.testing import CliRunner
from linework.cli import main
from linework.cli.markov import DRAWINGS, HIGHEST_ORDER, MOST_COLORS
from linework.models import markov_pixels
from linework.pipeline.tables import TABLE
from PIL import Image


def run(*args: str):
    return CliRunner().invoke(main, ["markov", *args])


def picture(path, seed: int = 0, size: int = 24) -> str:
    rng = np.random.default_rng(seed)
    Image.fromarray(rng.integers(0, 2, (size, size, 3), np.uint8) * 255).save(path)
    return str(path)


def test_help_says_what_the_model_has():
    assert (HIGHEST_ORDER, MOST_COLORS) == (
        markov_pixels.HIGHEST_ORDER,
        markov_pixels.MOST_COLORS,
    )
    assert TABLE in DRAWINGS


def test_the_sample_set_makes_a_picture_of_its_colours(tmp_path):
    out = tmp_path / "new.png"
    found = run(
        "bauhaus", "--order", "2", "--size", "40x30", "--zoom", "2", "--seed", "3", "-o", str(out)
    )
    assert found.exit_code == 0, found.output
    assert "12 pictures in 8 colours" in found.output
    assert "longest run" in found.output
    with Image.open(out) as image:
        assert image.size == (80, 60)
        assert image.mode == "P"
    before = out.read_bytes()
    run("bauhaus", "--order", "2", "--size", "40x30", "--zoom", "2", "--seed", "3", "-o", str(out))
    assert out.read_bytes() == before


def test_files_of_a_folder_that_are_none_are_told_and_left_out(tmp_path):
    for k in range(3):
        picture(tmp_path / f"{k}.png", k)
    (tmp_path / "broken.png").write_text("no picture")
    found = run(str(tmp_path), "--seed", "1", "--size", "16", "-o", str(tmp_path / "out.png"))
    assert found.exit_code == 0, found.output
    assert "left out" in found.output
    assert "broken.png" in found.output
    assert "3 pictures" in found.output


@pytest.mark.parametrize("size", [(1, 1), (1, 30), (30, 1)])
def test_tiny_and_plain_pictures(tmp_path, size):
    Image.new("RGB", size, "red").save(tmp_path / "a.png")
    out = tmp_path / "out.png"
    found = run(str(tmp_path / "a.png"), "--seed", "1", "--size", "8", "-o", str(out))
    assert found.exit_code == 0, found.output
    with Image.open(out) as image:
        assert np.asarray(image.convert("RGB")).reshape(-1, 3).tolist() == [[255, 0, 0]] * 64


@pytest.mark.parametrize(
    ("args", "what"),
    [
        (["nowhere.png", "-o", "o.png"], "there is no such file"),
        (["bauhaus", "-o", "o.jpg"], "wanted such"),
        (["bauhaus", "--size", "9000x9000", "-o", "o.png"], "are more than 16,000,000 px"),
        (["bauhaus", "--size", "0", "-o", "o.png"], "wanted 1 px or more"),
    ],
)
def test_bad_input_is_said(args, what, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = run(*args, "--seed", "1")
    assert found.exit_code == 1
    assert what in found.output


@pytest.mark.parametrize("order", ["-1", "40"])
def test_orders_out_of_range_are_called_wrongly(order):
    assert run("bauhaus", "--order", order, "-o", "o.png").exit_code == 2


def test_drawings_make_drawings(tmp_path):
    source = tmp_path / "made.ndjson"
    CliRunner().invoke(
        main, ["data", "doodles", "cat", "-n", "60", "--seed", "1", "-o", str(source)]
    )
    out = tmp_path / "new.svg"
    found = run(str(source), "--order", "1", "-n", "4", "--seed", "2", "-o", str(out))
    assert found.exit_code == 0, found.output
    assert "nats a point" in found.output
    assert out.read_text().count("<path") >= 4
    found = run(str(source), "--order", "9", "-n", "4", "--seed", "2", "-o", str(out))
    assert found.exit_code == 1
    assert "wanted 0 to 8" in found.output
