"""`linework train simplifier` on every kind of data, resumed, from other weights; `evaluate`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from conftest import Run, invoke, succeed
from linework.datasets.rough_folder import write_rough_pairs
from linework.strokes import Drawing, Stroke
from linework.strokes.svg_write import write_svg

TINY = {
    "channels": "4,4,4",
    "blocks": "1,1,1",
    "detail": 2,
    "size": 32,
    "steps": 2,
    "batch_size": 2,
    "evaluate_every": 1,
    "sample_every": 0,
}


def tiny(**changes: object) -> list[str]:
    return [f"--set={key}={value}" for key, value in (TINY | changes).items()]


def write_scap(path: Path, seed: int) -> None:
    """A line and an arc, each drawn three times."""
    rng = np.random.default_rng(seed)
    t = np.linspace(0, 3, 40)
    lines = [
        np.stack([20 + 60 * t, 30 + 5 * seed + 10 * t], 1),
        np.stack([100 + 70 * np.cos(t), 120 + 70 * np.sin(t)], 1),
    ]
    rows = ["#300\t300", "@4"]
    for cluster, line in enumerate(lines):
        for k in range(3):
            rows += ["{", f"\t#{3 * cluster + k}\t{cluster}"]
            rows += [f"\t{x:.2f}\t{y:.2f}\t0" for x, y in line + rng.normal(0, 1.5, 2)]
            rows += ["}"]
    path.write_text("\n".join(rows) + "\n")


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """pairs/ (rough and clean pictures), sketches/ (.scap), icons/ (SVG)."""
    folder = tmp_path_factory.mktemp("material")
    write_rough_pairs((), folder / "pairs", 4, size=96, seed=1)
    (folder / "sketches").mkdir()
    for k in range(3):
        write_scap(folder / "sketches" / f"arc{k}.scap", k)
    (folder / "icons").mkdir()
    for k in range(3):
        points = np.array([[2, 2 + k], [20, 4], [12, 20]], np.float32)
        write_svg(Drawing((Stroke(points),), size=(24, 24)), folder / "icons" / f"{k}.svg")
    return folder


@pytest.fixture(scope="module")
def run_folder(material: Path) -> Path:
    """A training on two kinds of data."""
    data = [f"--data={material / name}" for name in ("pairs", "icons")]
    succeed("train", "simplifier", *data, "--out", material / "run", *tiny(shares="3,1"))
    return material / "run"


@pytest.mark.parametrize("name", ["pairs", "sketches", "icons"])
def test_each_kind_of_data_trains(name: str, material: Path, run: Run) -> None:
    result = run("train", "simplifier", "--data", material / name, "--out", "run", *tiny())
    assert result.exit_code == 0, result.stderr
    assert Path("run/best.safetensors").is_file()
    assert ("in the median" in result.stderr) == (name == "pairs")  # how they fit is told


def test_a_run_cleans_and_says_what_it_was_made_of(run_folder: Path, run: Run) -> None:
    settings = json.loads((run_folder / "settings.json").read_text())
    assert settings["pairs"] == ["pairs", "icons"]
    assert settings["patches"]["shares"] == [3, 1]
    cv2.imwrite("in.png", np.full((40, 60), 255, np.uint8))
    assert run("clean", "in.png", "--model", run_folder, "-o", "o.png").exit_code == 0


def test_it_goes_on_and_begins_with_other_weights(
    run_folder: Path, material: Path, run: Run
) -> None:
    shutil.copytree(run_folder, "again")
    data = [f"--data={material / name}" for name in ("pairs", "icons")]
    more = run("train", "simplifier", *data, "--out", "again", "--resume", "--set", "steps=3")
    assert more.exit_code == 0, more.stderr
    shape = run("train", "simplifier", *data, "--out", "again", "--resume", "--set", "detail=4")
    assert shape.exit_code == 1
    assert "keeps its shape" in shape.stderr
    settings = ["--from", run_folder, "--rough", material / "pairs" / "rough"]
    settings += ["--clean", material / "pairs" / "clean", "--set", "adversarial=0.1"]
    second = run("train", "simplifier", data[0], "--out", "second", *settings, *tiny())
    assert second.exit_code == 0, second.stderr
    other = run("train", "simplifier", data[0], "--out", "x", "--from", run_folder, *tiny(detail=4))
    assert other.exit_code == 1
    assert "do not fit" in other.stderr


def test_the_network_of_2016_trains_on_the_same(material: Path, run: Run) -> None:
    settings = {k: v for k, v in TINY.items() if k not in ("channels", "blocks", "detail")}
    sets = [f"--set={k}={v}" for k, v in (settings | {"width": 0.05, "size": 32}).items()]
    data = ("--data", material / "pairs", "--out", "old")
    result = run("train", "simplification2016", *data, *sets)
    assert result.exit_code == 0, result.stderr
    cv2.imwrite("in.png", np.full((40, 60), 255, np.uint8))
    assert run("clean", "in.png", "--model", "old", "-o", "out.png").exit_code == 0


def test_evaluation_is_of_all_where_nothing_is_held_out(
    run_folder: Path, material: Path, run: Run
) -> None:
    given = ("--model", run_folder, "--data", material / "sketches")
    found = json.loads(run("evaluate", "simplifier", *given, "--json").stdout)
    assert found["drawings"] == 3
    assert found["split"] == "all"
    assert len(found["f"]) == 3
    assert "Chamfer" in run("evaluate", "simplifier", *given).stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--data", "nowhere"), "nowhere"),
        (("--data", "empty"), "empty"),
        (("--data", "icons", "--set", "shares=1,2"), "a number for each"),
        (("--data", "icons", "--from", "doodles"), "needs a simplifier"),
        (("--data", "icons", "--rough", "empty", "--set", "adversarial=1"), "no pictures"),
        (("--data", "icons", "--set", "chanels=4"), "channels"),
        (("--data", "pairs/rough"), "pairs/rough"),
    ],
)
def test_what_cannot_be_trained_on_is_a_sentence(
    arguments: tuple[str, ...],
    says: str,
    material: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(material)
    (material / "empty").mkdir(exist_ok=True)
    result = invoke("train", "simplifier", *arguments, "--out", tmp_path / "run")
    assert result.exit_code == 1
    assert says in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("option", ["--from", "--rough", "--clean"])
def test_what_is_for_simplifiers_alone(option: str, run: Run) -> None:
    result = run("train", "sketchrnn", "--data", "x", "--out", "run", option, "y")
    assert result.exit_code == 2
    assert "for simplifiers" in result.stderr
