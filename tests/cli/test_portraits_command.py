"""`linework train portraits` and `linework sample portraits`."""

import numpy as np
import pytest
from click.testing import CliRunner
from linework.cli import main
from linework.pipeline.portrait_training import SAMPLES, read_portraits
from linework.pipeline.portraits import copy_report
from PIL import Image

TINY = ("model.size=32", "model.latent=8", "model.channels=12,8,8,8", "critic.depths=8,8,8")
QUICK = ("steps=2", "batch_size=4", "evaluate_every=2", "sample_every=2", "precision=float32")


def run(*args: str):
    return CliRunner().invoke(main, args)


def settings() -> list[str]:
    return [part for each in (*TINY, *QUICK) for part in ("--set", each)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> str:
    """Thirty pictures of two colours, upright and lying, and a file that is none."""
    made = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(0)
    for k in range(30):
        pixels = np.repeat(rng.integers(0, 256, (2, 1, 3)), 24, axis=0).repeat(40, axis=1)
        pixels = pixels if k % 2 else pixels.transpose(1, 0, 2)
        Image.fromarray(pixels.astype(np.uint8)).save(made / f"{k:02}.png")
    (made / "broken.jpg").write_text("no picture")
    return str(made)


@pytest.fixture(scope="module")
def trained(folder, tmp_path_factory) -> str:
    out = str(tmp_path_factory.mktemp("run") / "run")
    found = run("train", "portraits", "--data", folder, "--out", out, *settings())
    assert found.exit_code == 0, found.output
    assert "27 pictures to learn from, 3 held out" in found.output
    assert "left out" in found.output
    assert "linework sample portraits --model" in found.output
    return out


def test_sheets_and_walks(trained, tmp_path):
    sheet, walk = tmp_path / "sheet.png", tmp_path / "walk.gif"
    how = ["sample", "portraits", "--model", trained, "-n", "5", "--seed", "1"]
    assert run(*how, "-o", str(sheet)).exit_code == 0
    with Image.open(sheet) as image:
        assert image.size == (3 * 32, 2 * 32)
    before = sheet.read_bytes()
    run(*how, "-o", str(sheet))
    assert sheet.read_bytes() == before
    assert run(*how, "-o", str(walk)).exit_code == 0
    with Image.open(walk) as image:
        assert image.n_frames > 16


def test_copies_are_reported(trained, folder, tmp_path):
    sheet = tmp_path / "sheet.png"
    found = run(
        "sample", "portraits", "--model", trained, "-n", "4", "--seed", "1",
        "--copies-of", folder, "-o", str(sheet),
    )  # fmt: skip
    assert found.exit_code == 0, found.output
    assert "nearest training picture at" in found.output
    with Image.open(sheet) as image:
        assert image.size == (64, 2 * 64)


def test_a_copy_is_found(folder):
    pictures = read_portraits(folder, 32)
    learnt = np.delete(pictures, np.s_[::10], axis=0)
    report, nearest = copy_report(learnt[3:6], pictures)
    assert report.copies == 1
    assert report.nearest == pytest.approx(0, abs=1e-6)
    assert (nearest == learnt[3:6]).all()
    noise = np.random.default_rng(1).integers(0, 256, (6, 3, 32, 32)).astype(np.uint8)
    other, _ = copy_report(noise, pictures)
    assert other.copies == 0
    assert other.mmd > report.mmd


@pytest.mark.parametrize(
    ("args", "what"),
    [
        (["--data", "nowhere"], "there is no such folder"),
        (["--data", "FOLDER", "--set", "model.size=50"], "size is 50 with"),
    ],
)
def test_bad_input_is_said(args, what, folder, tmp_path):
    args = [folder if a == "FOLDER" else a for a in args]
    found = run("train", "portraits", *args, "--out", str(tmp_path / "run"))
    assert found.exit_code == 1
    assert what in found.output


def test_five_pictures_are_too_few(tmp_path):
    for k in range(5):
        Image.new("RGB", (40, 40), (k, k, k)).save(tmp_path / f"{k}.png")
    found = run("train", "portraits", "--data", str(tmp_path), "--out", str(tmp_path / "run"))
    assert found.exit_code == 1
    assert "5 pictures; wanted 20 or more" in found.output


def test_other_weights_and_names_are_refused(trained, tmp_path):
    found = run("sample", "portraits", "--model", "doodles", "-o", str(tmp_path / "a.png"))
    assert found.exit_code == 1
    assert "holds a sketchrnn" in found.output
    found = run("sample", "portraits", "--model", trained, "-o", str(tmp_path / "a.svg"))
    assert found.exit_code == 1
    assert "written as .png" in found.output
    assert SAMPLES == "portraits"
