"""`linework clean` on every kind of picture, on folders, to every format; paper to a model."""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from bad_pictures import BLANK, BROKEN, ODD, Write, line, saved
from conftest import Run, tiny
from linework.cli import clean as command
from linework.datasets.doodles import draw_doodle
from linework.pipeline import cleaning
from linework.strokes.files import read_drawings
from linework.strokes.raster import draw_ink
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))
from copying_network import save_copying


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_copying(tmp_path_factory.mktemp("model") / "copying.safetensors")


def test_the_help_says_what_the_code_does() -> None:
    module = sys.modules["linework.cli.clean"]
    assert (module.MODEL, module.STRENGTH) == (cleaning.MODEL, cleaning.STRENGTH)
    assert command.name == "clean"


@pytest.mark.parametrize("write", BLANK.values(), ids=BLANK.keys())
def test_nothing_drawn_is_white_and_said_to_be(
    write: Write, run: Run, model: Path, tmp_path: Path
) -> None:
    result = run("clean", write(tmp_path), "--model", model, "-o", "out.png")
    assert result.exit_code == 0, result.stderr
    assert "no lines stand out" in result.stderr
    assert (np.asarray(Image.open("out.png")) == 255).all()


@pytest.mark.parametrize("write", ODD.values(), ids=ODD.keys())
def test_one_line_stays_one_however_it_is_stored(
    write: Write, run: Run, model: Path, tmp_path: Path
) -> None:
    result = run("clean", write(tmp_path), "--model", model, "-o", "out.ndjson")
    assert result.exit_code == 0, result.stderr
    [drawing] = read_drawings("out.ndjson")
    [stroke] = drawing.strokes
    assert drawing.size == (160, 90)
    assert np.abs(stroke.points[:, 1] - 45.5).max() < 1


@pytest.mark.parametrize(("write", "says"), BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_picture_is_a_sentence(
    write: Write, says: str, run: Run, model: Path, tmp_path: Path
) -> None:
    result = run("clean", write(tmp_path), "--model", model, "-o", "out.png")
    assert result.exit_code == 1
    assert says in result.stderr
    assert not Path("out.png").exists()


def test_a_folder_gives_a_picture_of_each_and_names_the_bad_one(
    run: Run, model: Path, tmp_path: Path
) -> None:
    scans = tmp_path / "scans"
    scans.mkdir()
    for name in ("a.png", "b.jpg"):
        saved(name, line())(scans)
    (scans / "c.png").write_bytes(b"no picture")
    result = run("clean", scans, "--model", model, "-o", "cleaned")
    assert result.exit_code == 1
    assert "c.png" in result.stderr
    assert "1 of the pictures" in result.stderr
    assert sorted(p.name for p in Path("cleaned").iterdir()) == ["a.png", "b.png"]
    assert run("clean", scans, "--model", model, "-o", "one.png").exit_code == 1


def test_to_svg_in_millimetres(run: Run, model: Path, tmp_path: Path) -> None:
    path = saved("in.png", line())(tmp_path)
    assert run("clean", path, "--model", model, "-o", "o.svg", "--width", "50mm").exit_code == 0
    assert 'width="50mm"' in Path("o.svg").read_text()


@pytest.mark.parametrize("strength", ["-0.1", "1.5", "much"])
def test_a_strength_that_cannot_be(strength: str, run: Run, model: Path) -> None:
    result = run("clean", "in.png", "--model", model, "--strength", strength)
    assert result.exit_code == 2


def test_a_model_of_another_kind(run: Run, tmp_path: Path) -> None:
    path = saved("in.png", line())(tmp_path)
    result = run("clean", path, "--model", "doodles", "-o", "out.png")
    assert result.exit_code == 1
    assert "needs a simplifier" in result.stderr


def on_paper(seed: int) -> tuple[np.ndarray, int]:
    """A doodle drawn with a pen on paper, photographed in uneven light; and its strokes."""
    rng = np.random.default_rng(seed)
    drawing = draw_doodle("house", rng)
    ink = draw_ink(drawing, size=320, line_width=4.0)
    light = 235 - 60 * np.linspace(0, 1, ink.shape[1])[None, :]
    photo = light * (1 - 0.8 * ink / max(float(ink.max()), 1e-6)) + rng.normal(0, 3, ink.shape)
    return np.clip(photo, 0, 255).astype(np.uint8), len(drawing.strokes)


def test_from_paper_to_a_model_of_ones_own(run: Run, model: Path, tmp_path: Path) -> None:
    scans = tmp_path / "scans"
    scans.mkdir()
    wanted = {}
    for seed in range(12):
        photo, wanted[seed] = on_paper(seed)
        cv2.imwrite(str(scans / f"{seed:02}.jpg"), photo)
    result = run("clean", scans, "--model", model, "--word", "house", "-o", "houses.ndjson")
    assert result.exit_code == 0, result.stderr
    drawings = list(read_drawings("houses.ndjson"))
    assert [d.label for d in drawings] == ["house"] * 12
    close = [0.5 <= len(d.strokes) / wanted[k] <= 2 for k, d in enumerate(drawings)]
    assert np.mean(close) > 0.7
    assert run("data", "pack", "houses.ndjson", "-o", "houses.arrow").exit_code == 0
    trained = run("train", "sketchrnn", "--data", "houses.arrow", "--out", "own", *tiny())
    assert trained.exit_code == 0, trained.stderr
    assert "house" in run("sample", "--model", "own", "-n", "1", "--seed", "1").stdout
    ended = run("complete", "houses.ndjson", "--model", "own", "-n", "1", "--seed", "1")
    assert ended.exit_code == 0, ended.stderr
