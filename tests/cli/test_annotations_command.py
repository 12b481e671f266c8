"""`linework annotations` as people call it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Run
from linework.cli import annotations as command
from linework.datasets.annotations import TARGETS, reading, shapes
from PIL import Image


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("a", "b"):
        Image.new("RGB", (60, 40)).save(folder / f"{name}.jpg")
        cat = {"label": "cat", "shape_type": "rectangle", "points": [[5, 5], [25, 15]]}
        content = {"shapes": [cat], "imagePath": f"{name}.jpg", "imageData": None}
        (folder / f"{name}.json").write_text(json.dumps(content))
    return folder


@pytest.mark.parametrize("target", TARGETS)
def test_convert_and_verify(target: str, photos: Path, run: Run) -> None:
    result = run("annotations", "convert", "photos", "-o", "out", "--to", target)
    assert result.exit_code == 0, result.stderr
    assert "2 pictures, 2 annotations of 1 labels; everything converted" in result.stderr
    result = run("annotations", "verify", "out")
    assert result.exit_code == 0, result.output
    assert "as it should be" in result.stdout


def test_what_is_not_converted_fails_unless_allowed(photos: Path, run: Run) -> None:
    (photos / "c.json").write_text("{")
    convert = ("annotations", "convert", "photos", "--to", "coco")
    result = run(*convert, "-o", "one")
    assert result.exit_code == 1
    assert "c.json: is not JSON or cut short" in result.stderr
    assert Path("one/annotations.json").is_file()
    assert run(*convert, "-o", "two", "--allow-skips").exit_code == 0
    rows = Path("two/report.csv").read_text().splitlines()
    assert rows[0] == "file,shape,label,found,done,converted"
    assert rows[1].startswith("c.json,,,")
    assert rows[1].endswith(",no")


def test_verify_fails_on_what_is_wrong(photos: Path, run: Run) -> None:
    run("annotations", "convert", "photos", "-o", "out", "--to", "coco")
    path = Path("out/annotations.json")
    path.write_text(path.read_text().replace('"area":200', '"area":20'))
    result = run("annotations", "verify", "out")
    assert result.exit_code == 1
    assert "states area 20" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("convert", "photos", "-o", "out"), "--to"),
        (("convert", "photos", "--to", "coco"), "-o"),
        (("convert", "-o", "out", "--to", "coco"), "SRC"),
        (("convert", "nowhere", "-o", "out", "--to", "coco"), "nowhere: there is no such"),
        (("convert", "photos", "-o", "out", "--to", "coco", "--labels", "x.txt"), "x.txt"),
        (("convert", "photos", "-o", "out", "--to", "coco", "--stuff", "sky"), "'sky'"),
        (("verify", "nowhere"), "nowhere: there is no such"),
        (("verify", "photos/a.json"), "is not a COCO file"),
    ],
)
def test_called_wrongly(arguments: tuple[str, ...], said: str, photos: Path, run: Run) -> None:
    result = run("annotations", *arguments)
    assert result.exit_code in (1, 2)
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert not Path("out/annotations.json").exists()


def test_what_was_read_serves_a_corrected_call(photos: Path, run: Run) -> None:
    convert = ("annotations", "convert", "photos", "-o", "out", "--to", "coco", "--stuff")
    assert run(*convert, "cot").exit_code == 1
    assert run(*convert, "cat").exit_code == 0


def test_the_defaults_that_help_shows_are_the_conversions() -> None:
    assert command.TARGETS == TARGETS
    assert command.PICTURES == reading.PICTURES
    assert (command.LINE_WIDTH, command.POINT_RADIUS) == (shapes.LINE_WIDTH, shapes.POINT_RADIUS)
