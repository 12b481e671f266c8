"""`linework labels` as people call it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import Run, invoke
from linework.cli import labels as group
from linework.datasets import label_png
from linework.datasets.label_png import read_label_png, write_label_png
from linework.datasets.labels import vocabulary
from PIL import Image


@pytest.fixture
def street(tmp_path: Path) -> Path:
    """A Cityscapes map in plain colours: sky above road, with a rider."""
    names = vocabulary("cityscapes")
    pixels = np.full((40, 60), names.label("sky").pixel, np.uint8)
    pixels[20:] = names.label("road").pixel
    pixels[25:30, 10:20] = names.label("pole").pixel
    Image.fromarray(names.colors[pixels]).save(tmp_path / "street.png")
    return tmp_path / "street.png"


def test_list() -> None:
    text = invoke("labels", "list").stdout
    assert " 157  156  #8ec4f0  sky\n" in text
    rows = json.loads(invoke("labels", "list", "cocostuff", "--json").stdout)
    assert len(rows) == 182
    assert rows[154]["words"] == ["ocean"]


def test_show_says_what_it_found(street: Path, tmp_path: Path) -> None:
    result = invoke("labels", "show", street, "-o", tmp_path / "colours.png")
    assert result.exit_code == 0, result.stderr
    assert "colours of cityscapes (RGB)" in result.stdout
    assert " 50.00%  sky" in result.stdout
    facts = json.loads(invoke("labels", "show", street, "--json").stdout)
    assert facts["form"] == "colours"
    assert facts["labels"]["road"] == pytest.approx(0.5 - 50 / 2400)
    assert (
        np.asarray(Image.open(tmp_path / "colours.png")) == np.asarray(Image.open(street))
    ).all()


def test_convert_says_what_maps_to_nothing(street: Path, tmp_path: Path) -> None:
    out = tmp_path / "scene.png"
    result = invoke("labels", "convert", street, "--to", "scene", "-o", out)
    assert result.exit_code == 0, result.stderr
    assert "pole 50 px" in result.stderr
    assert "maps to nothing" in result.stderr
    reading = read_label_png(out)
    assert reading.vocabulary.at(int(reading.pixels[0, 0])).name == "sky"


def test_convert_keeps_the_vocabulary_without_to(street: Path, tmp_path: Path) -> None:
    assert invoke("labels", "convert", street, "-o", tmp_path / "ids.png").exit_code == 0
    assert read_label_png(tmp_path / "ids.png").form == "ids"


def test_a_folder_becomes_a_folder(run: Run, street: Path, tmp_path: Path) -> None:
    (tmp_path / "maps" / "a").mkdir(parents=True)
    street.rename(tmp_path / "maps" / "a" / "one.png")
    write_label_png(tmp_path / "maps" / "two.png", np.full((2, 2), 255), vocabulary("ade20k"))
    result = run("labels", "convert", "maps", "--to", "cocostuff", "-o", "out")
    assert result.exit_code == 0, result.stderr
    for name in ("a/one.png", "two.png"):
        assert read_label_png(tmp_path / "out" / name).vocabulary.name == "cocostuff"


def test_near_colours_are_counted_and_far_ones_refused_or_dropped(run: Run, street: Path) -> None:
    colors = np.asarray(Image.open(street)).copy()
    colors[0] += 2
    colors[-1] = (0, 255, 1)
    Image.fromarray(colors).save(street)
    result = run("labels", "show", street, "--vocabulary", "cityscapes")
    assert result.exit_code == 1
    assert "street.png: the colour #00ff01 at x 0, y 39" in result.stderr
    result = run("labels", "show", street, "--vocabulary", "cityscapes", "--drop-unknown")
    assert "60 px snapped" in result.stdout


def test_ids_without_a_vocabulary_and_an_empty_folder(run: Run, tmp_path: Path) -> None:
    Image.fromarray(np.zeros((4, 4), np.uint8)).save(tmp_path / "ids.png")
    result = run("labels", "show", "ids.png")
    assert result.exit_code == 1
    assert "ids.png: does not say which vocabulary" in result.stderr
    (tmp_path / "empty").mkdir()
    result = run("labels", "convert", "empty", "-o", "out")
    assert result.exit_code == 1
    assert "empty: holds no label maps" in result.stderr
    result = run("labels", "list", "coco")
    assert "'coco' is no vocabulary" in result.stderr


def test_what_help_shows_is_what_the_code_has() -> None:
    convert = group.commands["convert"]
    [tolerance] = [option for option in convert.params if option.name == "tolerance"]
    assert tolerance.default == label_png.TOLERANCE
