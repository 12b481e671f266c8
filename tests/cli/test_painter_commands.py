"""`linework train painter` on a folder of scenes, resumed; what it cannot learn from."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from conftest import Run, invoke, succeed
from linework.datasets.label_png import write_label_png
from linework.datasets.labels import vocabulary
from PIL import Image

SCENE = vocabulary("scene")

TINY = {
    "model.channels": "6,6,4",
    "spade_levels": 2,
    "latent": 4,
    "embedding": 4,
    "size": 32,
    "depths": "6,6",
    "steps": 2,
    "batch_size": 2,
    "evaluate_every": 1,
    "sample_every": 2,
}


def tiny(**changes: object) -> list[str]:
    return [f"--set={key}={value}" for key, value in (TINY | changes).items()]


def write_meadow(folder: Path, split: str, n: int) -> None:
    """Grass below a sky with a house between, as pictures and indexed label maps."""
    for part in ("img", "label"):
        (folder / f"{split}_{part}").mkdir(parents=True, exist_ok=True)
    for k in range(n):
        pixels = np.full((40, 48), SCENE.label("sky").pixel, np.uint8)
        pixels[20 + k :] = SCENE.label("grass").pixel
        pixels[16:24, 20:30] = SCENE.label("house").pixel
        write_label_png(folder / f"{split}_label" / f"{k}.png", pixels, SCENE)
        Image.fromarray(SCENE.colors[pixels]).save(folder / f"{split}_img" / f"{k}.png")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """scenes/ in the layout of `linework data scenes`, and run/, a painter trained on them."""
    folder = tmp_path_factory.mktemp("painter")
    write_meadow(folder / "scenes", "train", 3)
    write_meadow(folder / "scenes", "val", 1)
    result = succeed(
        "train", "painter", "--data", folder / "scenes", "--out", folder / "run", *tiny()
    )
    assert "3 pictures to learn from, 1 to watch" in result.stderr
    return folder


def test_a_run_says_what_its_labels_are(trained: Path) -> None:
    settings = json.loads((trained / "run" / "settings.json").read_text())
    names = [label["name"] for label in settings["classes"]["labels"]]
    assert settings["classes"]["vocabulary"] == "scene"
    assert settings["config"]["classes"] == 3
    assert names == ["grass", "house", "sky"]
    with Image.open(trained / "run" / "samples-000002.png") as sheet:
        assert sheet.size == (5 * 32, 6 * 32)


def test_it_goes_on_where_it_stopped(trained: Path, run: Run) -> None:
    shutil.copytree(trained / "run", "again")
    data = ("train", "painter", "--data", trained / "scenes", "--out", "again", "--resume")
    more = run(*data, "--set", "steps=3")
    assert more.exit_code == 0, more.stderr
    shape = run(*data, "--set", "latent=8")
    assert "keeps its shape" in shape.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--data", "nowhere"), "nowhere: there is no such folder"),
        (("--data", "scenes/train_img"), "wanted train_img/ and train_label/"),
        (("--data", "scenes", "--set", "classes=5"), "is counted in the data"),
        (("--data", "scenes", "--set", "names=cityscapes"), "says that it holds labels of scene"),
        (("--data", "scenes", "--set", "size=36"), "size is 36; wanted a multiple of 32"),
        (("--data", "scenes", "--set", "depths=4,4,4,4,4,4"), "wanted a multiple of 64"),
    ],
)
def test_what_cannot_be_trained_on_is_a_sentence(
    arguments: tuple[str, ...], says: str, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(trained)
    result = invoke("train", "painter", "--set=size=32", *arguments, "--out", "other")
    assert result.exit_code == 1
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_one_folder_and_no_other_weights(run: Run) -> None:
    several = run("train", "painter", "--data", "a", "--data", "b", "--out", "run")
    assert several.exit_code == 2
    assert "learns from one --data" in several.stderr


# --- paint -----------------------------------------------------------------------------


@pytest.fixture
def labels(trained: Path) -> Path:
    """A label map of 48 x 40 px: neither side is a multiple of anything."""
    return trained / "scenes" / "val_label" / "0.png"


def pixels_of(path: str) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def test_a_label_map_is_painted_by_its_seed(trained: Path, labels: Path, run: Run) -> None:
    given = ("paint", labels, "--model", trained / "run")
    for out, seed in (("a.png", 1), ("b.png", 1), ("c.webp", 2)):
        result = run(*given, "-o", out, "--seed", seed)
        assert result.exit_code == 0, result.stderr
        assert f"seed {seed}" in result.stderr
    assert pixels_of("a.png").shape == (40, 48, 3)
    assert np.array_equal(pixels_of("a.png"), pixels_of("b.png"))
    assert not np.array_equal(pixels_of("a.png"), pixels_of("c.webp"))


def test_one_region_alone_is_painted_anew(trained: Path, labels: Path, run: Run) -> None:
    given = ("paint", labels, "--model", trained / "run", "--seed", 1)
    assert run(*given, "-o", "a.png").exit_code == 0
    assert run(*given, "-o", "b.png", "--region", "sky=5").exit_code == 0
    with Image.open(labels) as image:
        sky = np.asarray(image) == SCENE.label("sky").pixel
    changed = (pixels_of("a.png") != pixels_of("b.png")).any(axis=2)
    assert not changed[~sky].any()
    assert changed[sky].mean() > 0.3


def test_it_can_be_painted_larger_than_it_was_learnt(trained: Path, labels: Path, run: Run) -> None:
    given = ("paint", labels, "--model", trained / "run", "--seed", 1)
    for out, side in (("a.png", "40"), ("b.png", "96")):
        assert run(*given, "-o", out, "--side", side).exit_code == 0
    assert run(*given, "-o", "c.png").exit_code == 0
    assert pixels_of("b.png").shape == (40, 48, 3)
    assert np.array_equal(pixels_of("a.png"), pixels_of("c.png"))
    assert not np.array_equal(pixels_of("a.png"), pixels_of("b.png"))


def test_the_unlabelled_take_what_is_nearest(trained: Path, labels: Path, run: Run) -> None:
    with Image.open(labels) as image:
        pixels = np.array(image)
    pixels[0] = 255
    write_label_png("holes.png", pixels, SCENE)
    given = ("--model", trained / "run", "--seed", 1)
    result = run("paint", "holes.png", *given, "-o", "a.png")
    assert "48 px are unlabelled" in result.stderr
    run("paint", labels, *given, "-o", "b.png")
    assert np.array_equal(pixels_of("a.png"), pixels_of("b.png"))


def test_the_bundled_painter_is_asked_where_none_is_named(labels: Path, run: Run) -> None:
    result = run("paint", labels, "-o", "a.png", "--seed", 1)
    assert result.exit_code == 0, result.stderr
    with Image.open(labels) as image:
        pixels = np.asarray(image)
    sky, grass = (
        pixels_of("a.png")[pixels == SCENE.label(name).pixel].mean(axis=0)
        for name in ("sky", "grass")
    )
    assert sky[2] - sky[1] > grass[2] - grass[1] + 20  # bluer, whatever the light


# --- styles ----------------------------------------------------------------------------


def write_dusk() -> None:
    """A picture with its label map, unlike what was learnt."""
    pixels = np.full((64, 64), SCENE.label("sky").pixel, np.uint8)
    pixels[40:] = SCENE.label("grass").pixel
    write_label_png("dusk_labels.png", pixels, SCENE)
    Image.fromarray(SCENE.colors[pixels] // 5).save("dusk.png")


def test_a_picture_lends_its_style(trained: Path, labels: Path, run: Run) -> None:
    write_dusk()
    given = ("paint", labels, "--model", trained / "run", "--seed", 1)
    assert run(*given, "-o", "a.png").exit_code == 0
    assert run(*given, "-o", "b.png", "--style", "dusk.png").exit_code == 0
    both = ("--style", "dusk.png", "--style-labels", "dusk_labels.png")
    assert run(*given, "-o", "c.png", *both).exit_code == 0
    drawn, lent, whole = (pixels_of(name) for name in ("a.png", "b.png", "c.png"))
    assert not np.array_equal(drawn, lent)
    assert not np.array_equal(lent, whole)
    # The seed still draws what the picture does not say: houses, in this one.
    other = ("paint", labels, "--model", trained / "run", "--seed", 2)
    assert run(*other, "-o", "d.png", *both).exit_code == 0
    assert not np.array_equal(whole, pixels_of("d.png"))


def test_a_lent_style_leaves_a_region_to_be_painted_anew(
    trained: Path, labels: Path, run: Run
) -> None:
    write_dusk()
    given = ("paint", labels, "--model", trained / "run", "--seed", 1, "--style", "dusk.png")
    assert run(*given, "-o", "a.png").exit_code == 0
    assert run(*given, "-o", "b.png", "--region", "sky=5").exit_code == 0
    with Image.open(labels) as image:
        sky = np.asarray(image) == SCENE.label("sky").pixel
    changed = (pixels_of("a.png") != pixels_of("b.png")).any(axis=2)
    assert not changed[~sky].any()
    assert changed[sky].mean() > 0.3


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--style", "nowhere.jpg"), "nowhere.jpg: there is no such file"),
        (("--style-labels", "dusk_labels.png"), "--style, which is missing"),
        (("--style", "dusk.png", "--style-labels", "small.png"), "wanted equal sizes"),
        (("--style", "dusk_labels.txt"), "is not a picture that can be read"),
    ],
)
def test_styles_that_cannot_be_lent_are_a_sentence(
    arguments: tuple[str, ...], says: str, trained: Path, labels: Path, run: Run
) -> None:
    write_dusk()
    write_label_png("small.png", np.full((8, 8), SCENE.label("sky").pixel, np.uint8), SCENE)
    Path("dusk_labels.txt").write_text("no picture")
    result = run("paint", labels, "--model", trained / "run", "-o", "out.png", *arguments)
    assert result.exit_code == 1
    assert says in result.stderr
    assert not Path("out.png").exists()


# --- evaluate --------------------------------------------------------------------------


def test_a_painter_is_measured_without_a_segmenter(trained: Path, run: Run) -> None:
    data = trained / "scenes" / "measured"
    write_meadow(data, "train", 4)
    write_meadow(data, "val", 3)
    given = ("evaluate", "painter", "--model", trained / "run", "--data", data)
    result = run(*given, "--segmenter", "none", "--json")
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["pictures"] == 3
    assert set(found["distances"]) == {"styles drawn", "styles read", "true pictures"}
    assert found["found"] == {}
    # True pictures 0 to 2 are among those learnt from; what two steps painted is far off.
    assert found["nearest"]["true pictures"] < 5 < found["nearest"]["styles drawn"]
    assert found["distances"]["styles drawn"]["frechet"] > 0
    lines = run(*given, "--segmenter", "none").stdout
    assert "styles drawn" in lines
    assert "mIoU:" not in lines


def test_a_segmenter_judges_and_must_know_the_labels(trained: Path, run: Run) -> None:
    settings = {"channels": "4,6", "blocks": "1,1", "steps": 2, "batch_size": 2}
    pictures = {"evaluate_every": 2, "sample_every": 0}
    given = [f"--set={key}={value}" for key, value in (settings | pictures).items()]
    data = ("--data", trained / "scenes")
    made = run("train", "segmenter", *data, "--out", "judge", *given)
    assert made.exit_code == 0, made.stderr
    evaluate = ("evaluate", "painter", "--model", trained / "run")
    write_meadow(Path("more"), "train", 3)
    result = run(*evaluate, "--data", "more", "--segmenter", "judge", "--json")
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert set(found["found"]) == {"styles drawn", "styles read", "true pictures"}
    for figures in found["found"].values():
        assert 0 <= figures["miou"] <= figures["accuracy"] <= 1


def _measured(kind: str) -> Path:
    folder = Path("measured")
    write_meadow(folder, "train", 1 if kind == "one" else 3)
    labels = folder / "train_label" / "0.png"
    if kind == "unseen":
        pixels = np.full((40, 48), SCENE.label("boat").pixel, np.uint8)
        write_label_png(labels, pixels, SCENE)
    elif kind == "sizes":
        write_label_png(labels, np.full((8, 8), SCENE.label("sky").pixel, np.uint8), SCENE)
    elif kind == "pair":
        labels.unlink()
    elif kind == "empty":
        shutil.rmtree(folder / "train_img")
        (folder / "train_img").mkdir()
    return folder


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("one", "holds one picture only"),
        ("unseen", "0.png: shows boat (pixel 8), which this painter never saw"),
        ("sizes", "0.png: is 8 x 8 px"),
        ("pair", "0.png has no label map of that name"),
        ("empty", "holds no pictures"),
    ],
)
def test_what_cannot_be_measured_on_is_a_sentence(
    kind: str, says: str, trained: Path, run: Run
) -> None:
    given = ("evaluate", "painter", "--model", trained / "run", "--segmenter", "none")
    result = run(*given, "--data", _measured(kind))
    assert result.exit_code == 1
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def _spoilt(kind: str) -> Path:
    path = Path("spoilt.png")
    pixels = np.full((40, 48), SCENE.label("sky").pixel, np.uint8)
    if kind == "unseen":
        pixels[5, 5] = SCENE.label("boat").pixel
        write_label_png(path, pixels, SCENE)
    elif kind == "beyond":
        Image.fromarray(pixels + np.uint8(60)).save(path)
    elif kind == "colours":
        Image.fromarray(np.full((40, 48, 3), (7, 99, 3), np.uint8)).save(path)
    elif kind == "nothing":
        write_label_png(path, np.full((40, 48), 255, np.uint8), SCENE)
    elif kind == "long":
        write_label_png(path, np.full((4, 48), pixels[0, 0], np.uint8), SCENE)
    elif kind == "sixteen bits":
        Image.fromarray(np.full((40, 48), 3000, np.uint16)).save(path)
    elif kind == "no picture":
        path.write_text("nothing")
    return path


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("missing", "spoilt.png: there is no such file"),
        ("unseen", "shows boat (pixel 8), which this painter never saw; it knows grass, house"),
        ("beyond", "the value 216 at x 0, y 0"),
        ("colours", "the colour #076303 at x 0, y 0"),
        ("nothing", "nothing in it is labelled"),
        ("long", "48 x 4 px; wanted a longer side of at most 8 times"),
        ("sixteen bits", "the value 3000 at x 0, y 0"),
        ("no picture", "is not a picture that can be read"),
    ],
)
def test_what_cannot_be_painted_is_a_sentence(
    kind: str, says: str, trained: Path, run: Run
) -> None:
    path = _spoilt(kind)
    result = run("paint", path, "--model", trained / "run", "-o", "out.png")
    assert result.exit_code == 1
    assert says in result.stderr
    assert not Path("out.png").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--region", "skye=3"), 1, "did you mean 'sky'?"),
        (("--region", "sky"), 2, "wanted NAME=SEED"),
        (("-o", "out.txt"), 1, "wanted a picture's name"),
        (("--side", "5000"), 1, "--side is 5000 px; wanted 4 to 1024"),
        (("--model", "doodles"), 1, "needs a painter"),
        (("--model", "painter-scene"), 1, "did you mean 'painter-scenes'?"),
    ],
)
def test_wrong_words_are_a_sentence(
    arguments: tuple[str, ...], code: int, says: str, trained: Path, labels: Path, run: Run
) -> None:
    given = ("paint", labels, "-o", "out.png", "--model", trained / "run")
    result = run(*given, *arguments)
    assert result.exit_code == code
    assert says in result.stderr


def test_the_command_line_names_the_same_weights() -> None:
    from linework.cli.paint import MODEL as paints
    from linework.cli.train import SEGMENTER as judges
    from linework.pipeline import painting, segmenting

    assert paints == painting.MODEL
    assert judges == segmenting.MODEL
