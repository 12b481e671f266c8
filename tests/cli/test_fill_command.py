"""`linework fill` as people call it."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from bad_inputs import AWKWARD, BROKEN, Write
from conftest import Run, invoke
from linework.cli import fill as command
from linework.datasets.label_png import read_label_png
from linework.datasets.labels import UNLABELLED, VOCABULARIES, count_labels
from linework.strokes import Drawing, Stroke, write_drawings
from linework.strokes import fill as filler
from PIL import Image

SQUARE = [(20, 20), (80, 20), (80, 80), (20, 80), (20, 23)]


def layer(name: str | None, *points: tuple[float, float], by: float = 0) -> Stroke:
    return Stroke(np.array(points, np.float32) + np.float32(by), layer=name)


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    """A house before a mountain that is open below, beside a river; and something unknown."""
    strokes = (
        layer("mountain", (10, 150), (70, 20), (150, 150)),
        layer("house", *SQUARE, by=70),
        layer("river", (180, 0), (170, 199)),
        layer("river", (199, 0), (195, 199)),
        layer("tree 2", (30, 160), (40, 160), (40, 195), (30, 195), (30, 160)),
        layer("gizmo", (5, 170), (15, 170), (15, 180), (5, 180), (5, 170)),
    )
    write_drawings([Drawing(strokes, (200, 200))], tmp_path / "scene.svg")
    return tmp_path / "scene.svg"


def test_layers_become_labels_and_the_file_says_how(scene: Path) -> None:
    out = scene.with_name("labels.png")
    result = invoke("fill", scene, "-o", out)
    assert result.exit_code == 0, result.stderr
    assert "scene has no label for 'gizmo'" in result.stderr
    reading = read_label_png(out)
    assert reading.vocabulary.name == "scene"
    counts = count_labels(reading.pixels, reading.vocabulary)
    assert set(counts) == {"mountain", "house", "river", "tree"}
    above = reading.vocabulary.at(int(reading.pixels[120, 120]))
    assert above is not None
    assert above.name == "house"  # and not the mountain behind it
    assert reading.pixels[175, 10] == UNLABELLED
    record = json.loads(out.with_suffix(".json").read_text())
    assert record["vocabulary"] == "scene"
    regions = {region["name"]: region for region in record["regions"]}
    assert regions["mountain"]["method"] == "stretched"
    assert regions["river"]["method"] == "band"
    assert (regions["tree"]["label"], regions["tree"]["id"]) == ("tree", 169)
    assert regions["gizmo"]["id"] is None
    assert sum(region["area"] for region in record["regions"]) <= 200 * 200


def test_numbers_where_nothing_is_called_anything(scene: Path, tmp_path: Path) -> None:
    out = tmp_path / "numbers.png"
    assert invoke("fill", scene, "-o", out, "--numbers").exit_code == 0
    with Image.open(out) as image:
        assert sorted(np.unique(np.asarray(image)).tolist()) == [0, 1, 2, 3, 4, 5]
    assert json.loads(out.with_suffix(".json").read_text())["vocabulary"] is None


def test_a_word_and_a_vocabulary(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.ndjson").write_text('{"drawing":[[[20,80,80,20,20],[20,20,80,80,20]]]}\n')
    arguments = ("--word", "cat", "--vocabulary", "cocostuff", "--size", 100)
    result = run("fill", "in.ndjson", "-o", "out.png", *arguments)
    assert result.exit_code == 0, result.stderr
    reading = read_label_png(tmp_path / "out.png")
    assert reading.pixels.shape == (100, 100)
    assert list(count_labels(reading.pixels, reading.vocabulary)) == ["cat"]


def test_several_drawings_need_a_name_for_each(run: Run, tmp_path: Path) -> None:
    line = '{"word":"cat","drawing":[[[20,80,80,20,20],[20,20,80,80,20]]]}\n'
    (tmp_path / "in.ndjson").write_text(line * 2)
    result = run("fill", "in.ndjson", "-o", "out.png")
    assert result.exit_code == 1
    assert "holds 2 drawings" in result.stderr
    assert run("fill", "in.ndjson", "-o", "out-{}.png").exit_code == 0
    assert {p.name for p in tmp_path.glob("out*")} == {
        *("out-1.png", "out-2.png", "out-1.json", "out-2.json"),
    }


@pytest.fixture
def lineart(tmp_path: Path) -> Path:
    image = np.full((160, 240), 250, np.uint8)
    cv2.rectangle(image, (20, 20), (220, 140), 20, 3, cv2.LINE_AA)
    cv2.line(image, (120, 20), (120, 140), 20, 3, cv2.LINE_AA)
    cv2.imwrite(str(tmp_path / "lineart.png"), image)
    return tmp_path / "lineart.png"


def test_line_art_is_coloured_flat(lineart: Path) -> None:
    out = lineart.with_name("flat.png")
    result = invoke("fill", lineart, "--flat", "-o", out, "--background", "#ffeedd")
    assert result.exit_code == 0, result.stderr
    flat = cv2.imread(str(out))
    assert flat.shape == (160, 240, 3)
    assert flat[5, 5].tolist() == [0xDD, 0xEE, 0xFF]
    left, right = flat[80, 60].tolist(), flat[80, 180].tolist()
    assert left != right
    assert flat[80, 120].max() < 40  # the line is still there
    assert "3 regions" in result.stderr


def test_line_art_as_numbers(lineart: Path) -> None:
    out = lineart.with_name("numbers.png")
    assert invoke("fill", lineart, "-o", out).exit_code == 0
    with Image.open(out) as image:
        assert sorted(np.unique(np.asarray(image)).tolist()) == [1, 2, 3]


def test_a_drawing_is_coloured_flat(scene: Path, tmp_path: Path) -> None:
    result = invoke("fill", scene, "--flat", "-o", tmp_path / "flat.png", "--size", 400)
    assert result.exit_code == 0, result.stderr
    flat = cv2.imread(str(tmp_path / "flat.png"))
    assert len(np.unique(flat.reshape(-1, 3), axis=0)) > 4


@pytest.mark.parametrize("name", ["empty drawing", "a dot", "one line", "far away", "tiny"])
@pytest.mark.parametrize("flat", [(), ("--flat",)], ids=["map", "flat"])
def test_awkward_drawings_are_filled(
    name: str, flat: tuple[str, ...], run: Run, tmp_path: Path
) -> None:
    write: Write = AWKWARD[name]
    given = write(tmp_path)
    result = run("fill", given.name, "-o", "out.png", *flat)
    if result.exit_code:
        assert result.stderr.strip().splitlines()[-1].startswith("error: ")
    else:
        assert (tmp_path / "out.png").exists()


@pytest.mark.parametrize("write", BROKEN.values(), ids=BROKEN.keys())
def test_broken_input(write: Write, run: Run, tmp_path: Path) -> None:
    given = write(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    result = run("fill", given.name, "-o", "out.png")
    assert result.exit_code == 1
    assert given.name in result.stderr
    assert "Traceback" not in result.stderr
    assert sorted(tmp_path.rglob("*")) == before


REFUSED = {
    "another suffix": (("-o", "out.jpg"), "written as .png"),
    "no vocabulary": (("-o", "out.png", "--vocabulary", "coco"), "'coco' is no vocabulary"),
    "a folder that is not there": (("-o", "nowhere/out.png"), "create it first"),
}


@pytest.mark.parametrize(("arguments", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(arguments: tuple[str, ...], said: str, scene: Path, run: Run) -> None:
    result = run("fill", scene, *arguments)
    assert result.exit_code == 1
    assert said in result.stderr


def test_a_blank_page_is_said_to_be_one(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "blank.png"), np.full((50, 50), 255, np.uint8))
    result = invoke("fill", tmp_path / "blank.png", "-o", tmp_path / "out.png")
    assert result.exit_code == 1
    assert "blank.png: no lines stand out" in result.stderr


def test_off_the_canvas_is_said(tmp_path: Path) -> None:
    stroke = layer("tree", *SQUARE, by=900)
    write_drawings([Drawing((stroke,), (200, 200))], tmp_path / "in.ndjson")
    result = invoke("fill", tmp_path / "in.ndjson", "-o", tmp_path / "out.png")
    assert result.exit_code == 0
    assert "tree is not seen" in result.stderr


def test_what_help_shows_is_what_the_code_has() -> None:
    module = importlib.import_module(command.callback.__module__)
    assert module.METHODS == filler.METHODS
    assert (module.TOLERANCE / 100, module.GAP) == (filler.TOLERANCE, filler.GAP)
    assert module.VOCABULARIES == VOCABULARIES
