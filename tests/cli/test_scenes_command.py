"""`linework data scenes`: a folder in SPADE's layout, by seed, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Run
from linework.cli.data import THEMES
from linework.datasets import scenes
from PIL import Image


def test_themes_are_those_that_there_are() -> None:
    assert THEMES == scenes.THEMES


def test_scenes_by_seed_and_further(run: Run) -> None:
    chosen = ("--size", "64x48", "--theme", "seaside", "--val", 0.5, "--seed", 3, "-o", "set")
    first = run("data", "scenes", "-n", 1, *chosen)
    assert (first.exit_code, first.stderr) == (0, "seed 3\n1 scenes painted, 1 in set\n")
    with Image.open("set/train_img/000001.png") as picture:
        assert picture.size == (64, 48)
    more = run("data", "scenes", "-n", 2, *chosen)
    assert (more.exit_code, more.stderr) == (0, "seed 3\n1 scenes painted, 2 in set\n")
    assert Path("set/val_doodle/000002.ndjson").exists()


def test_real_drawings_are_taken_from_a_table(run: Run) -> None:
    run("data", "doodles", "tree", "house", "-n", 8, "--seed", 1, "-o", "some.ndjson")
    assert run("data", "pack", "some.ndjson", "-o", "some.arrow").exit_code == 0
    wanted = ("data", "scenes", "-n", 1, "--size", 64, "--theme", "town", "--seed", 1)
    for out, more in (("by_rules", ()), ("real", ("--drawings", "some.arrow"))):
        result = run(*wanted, *more, "-o", out)
        assert result.exit_code == 0, result.stderr
    drawn = [Path(out, "train_doodle/000001.ndjson").read_text() for out in ("by_rules", "real")]
    assert drawn[0] != drawn[1]


@pytest.mark.parametrize(
    ("wrong", "code", "said"),
    [
        (("--size", "5"), 1, "wanted sides of 32 to 4096"),
        (("--size", "ax5"), 2, "'ax5' is no size in px"),
        (("--val", "1"), 2, "0<=x<1"),
        (("--theme", "mars"), 2, "'mars' is not one of"),
        (("--drawings", "none.arrow"), 1, "none.arrow"),
        (("-o", "file"), 1, "file"),
    ],
    ids=lambda v: str(v),
)
def test_bad_input(run: Run, wrong: tuple[str, str], code: int, said: str) -> None:
    Path("file").write_text("not a folder")
    result = run("data", "scenes", "-n", 1, "--seed", 1, "-o", "set", *wrong)
    assert result.exit_code == code
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_another_seed_is_refused(run: Run) -> None:
    assert run("data", "scenes", "-n", 1, "--size", 32, "--seed", 1, "-o", "set").exit_code == 0
    result = run("data", "scenes", "-n", 1, "--size", 32, "--seed", 2, "-o", "set")
    assert result.exit_code == 1
    assert "made with seed 1, not 2" in result.stderr
