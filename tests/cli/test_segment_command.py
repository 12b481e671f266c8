"""`linework train`, `evaluate` and `segment` with a segmenter; what they cannot use."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from bad_pictures import BROKEN, Write
from conftest import Run, invoke, succeed
from linework.datasets.label_png import write_label_png
from linework.datasets.labels import Label, Vocabulary, vocabulary
from linework.datasets.scenes import compose, paint_scene
from linework.datasets.scenes.folder import label_map
from PIL import Image

SCENE = vocabulary("scene")
CUP = Vocabulary("labels", (Label(1, "background", (0, 0, 90)), Label(2, "cup", (230, 200, 20))))

TINY = {
    "model.channels": "16,16",
    "blocks": "1,1",
    "sizes": "16",
    "colour": 0,
    "noisy": 0,
    "compressed": 0,
    "steps": 60,
    "batch_size": 4,
    "learning_rate": 0.02,
    "warmup": 2,
    "evaluate_every": 60,
    "sample_every": 60,
}


def tiny(**changes: object) -> list[str]:
    return [f"--set={key}={value}" for key, value in (TINY | changes).items()]


def meadow(k: int) -> np.ndarray:
    """Grass below a sky with a house between, 48 x 40 px."""
    pixels = np.full((40, 48), SCENE.label("sky").pixel, np.uint8)
    pixels[20 + k :] = SCENE.label("grass").pixel
    pixels[14:26, 16 + 4 * k : 32 + 4 * k] = SCENE.label("house").pixel
    return pixels


def write_pairs(folder: Path, maps: list[np.ndarray], names: Vocabulary, split: str = "") -> None:
    """Pictures in their labels' colours; `split` is train or val, else images/ and labels/."""
    parts = (f"{split}_img", f"{split}_label") if split else ("images", "labels")
    for part in parts:
        (folder / part).mkdir(parents=True, exist_ok=True)
    for k, pixels in enumerate(maps):
        write_label_png(folder / parts[1] / f"{k}.png", pixels, names)
        Image.fromarray(names.colors[pixels]).save(folder / parts[0] / f"{k}.png")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """scenes/ in the layout of `linework data scenes`, and run/, a segmenter trained on them."""
    folder = tmp_path_factory.mktemp("segmenter")
    write_pairs(folder / "scenes", [meadow(k) for k in range(3)], SCENE, "train")
    write_pairs(folder / "scenes", [meadow(3)], SCENE, "val")
    data = ("--data", folder / "scenes", "--data", folder / "scenes")
    result = succeed("train", "segmenter", *data, "--out", folder / "run", *tiny())
    assert "6 pictures to learn from, 2 to watch; 3 labels of scene" in result.stderr
    return folder


@pytest.fixture(scope="module")
def cups(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """run/, a segmenter of two labels of its own CSV, begun from nothing."""
    folder = tmp_path_factory.mktemp("cups")
    maps = []
    for k in range(4):
        pixels = np.zeros((40, 48), np.uint8)
        pixels[10:30, 6 + 5 * k : 26 + 5 * k] = 1
        maps.append(pixels)
    write_pairs(folder / "photos", maps, CUP)
    rows = [f"{label.id},{label.name},#{bytes(label.rgb).hex()}" for label in CUP.labels]
    (folder / "photos" / "labels.csv").write_text("\n".join(["id,name,rgb", *rows]))
    succeed("train", "segmenter", "--data", folder / "photos", "--out", folder / "run", *tiny())
    return folder


def pixels_of(path: str | Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


# --- train and evaluate ----------------------------------------------------------------


def test_a_run_says_what_it_learnt_and_how_well(trained: Path) -> None:
    settings = json.loads((trained / "run" / "settings.json").read_text())
    assert [label["name"] for label in settings["classes"]["labels"]] == ["grass", "house", "sky"]
    assert settings["seen"] == [16, 20]
    given = ("evaluate", "segmenter", "--model", trained / "run", "--data", trained / "scenes")
    found = json.loads(succeed(*given, "--json").stdout)
    assert (found["split"], found["pictures"]) == ("test", 1)
    assert found["mean_iou"] > 0.75
    assert set(found["iou"]) == {"grass", "house", "sky"}
    text = succeed(*given, "--split", "train").stdout
    assert "train: 3 pictures" in text
    assert "pixel accuracy" in text


def test_it_goes_on_where_it_stopped(trained: Path, run: Run) -> None:
    shutil.copytree(trained / "run", "again")
    data = ("train", "segmenter", "--data", trained / "scenes", "--out", "again", "--resume")
    assert run(*data, "--set", "steps=61").exit_code == 0
    assert "keeps its shape" in run(*data, "--set", "blocks=1,2").stderr


def test_it_begins_with_anothers_weights_but_for_the_labels(
    trained: Path, cups: Path, run: Run
) -> None:
    given = ("train", "segmenter", "--data", cups / "photos", "--from", trained / "run")
    begun = run(*given, "--out", "new", *tiny(steps=1, evaluate_every=1))
    assert begun.exit_code == 0, begun.stderr
    other = run(*given, "--out", "other", *tiny(blocks="1,2"))
    assert other.exit_code == 1
    assert "has model.channels (16, 16) and model.blocks (1, 1)" in other.stderr


def spoil(base: Path, kind: str) -> None:
    """A folder of two pictures with label maps, one of them spoilt."""
    write_pairs(base, [meadow(0), meadow(1)], SCENE)
    labels = base / "labels" / "1.png"
    if kind == "beyond":
        Image.fromarray(np.full((40, 48), 216, np.uint8)).save(labels)
    elif kind == "size":
        write_label_png(labels, meadow(0)[:30], SCENE)
    elif kind == "empty":
        shutil.rmtree(base / "images")
        (base / "images").mkdir()
    elif kind == "one class":
        for k in (0, 1):
            write_label_png(base / "labels" / f"{k}.png", np.zeros_like(meadow(0)), CUP)
    elif kind == "one left":
        for k in (0, 1):
            pixels = np.where(meadow(k) == SCENE.label("sky").pixel, meadow(k), 255)
            write_label_png(base / "labels" / f"{k}.png", pixels, SCENE)
    elif kind == "sixteen bits":
        Image.fromarray(np.full((40, 48), 3000, np.uint16)).save(labels)
    elif kind == "ids in RGB":
        for k in (0, 1):
            grey = np.repeat((meadow(k) % 3)[:, :, None], 3, axis=2)
            grey[5, 7] = (9, 1, 2)
            Image.fromarray(grey).save(base / "labels" / f"{k}.png")
    elif kind == "no picture":
        labels.write_text("nothing")
    elif kind == "alone":
        labels.unlink()


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("beyond", "1.png: the value 216 at x 0, y 0"),
        ("size", "1.png: is 48 x 30 px"),
        ("empty", "images: holds no pictures"),
        ("one class", "all 2 label maps hold one label only"),
        ("one left", "of the labels of its maps sky is left to learn; wanted two or more"),
        ("sixteen bits", "1.png: the value 3000 at x 0, y 0"),
        ("ids in RGB", ".png: is RGB, with #090102 at x 7, y 5"),
        ("no picture", "1.png: is not a picture that can be read"),
        ("alone", "1.png has no label map of that name"),
    ],
)
def test_what_cannot_be_learnt_from_is_a_sentence(kind: str, says: str, run: Run) -> None:
    spoil(Path("data"), kind)
    result = run("train", "segmenter", "--data", "data", "--out", "new", *tiny())
    assert result.exit_code == 1
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_folders_of_two_vocabularies_do_not_mix(trained: Path, cups: Path, run: Run) -> None:
    data = ("--data", trained / "scenes", "--data", cups / "photos")
    result = run("train", "segmenter", *data, "--out", "new", *tiny())
    assert "holds labels of labels, " in result.stderr
    assert "one vocabulary" in result.stderr
    given = ("evaluate", "segmenter", "--model", cups / "run", "--data", trained / "scenes")
    assert "holds labels of scene, and" in run(*given).stderr


def test_ignored_labels_teach_nothing_and_do_not_count(run: Run) -> None:
    write_pairs(Path("data"), [meadow(k) for k in range(3)], SCENE)
    few = tiny(steps=1, evaluate_every=1, ignored="House")
    result = run("train", "segmenter", "--data", "data", "--out", "run", *few)
    assert "2 labels of scene: grass, sky" in result.stderr
    found = run("evaluate", "segmenter", "--model", "run", "--data", "data", "--json")
    assert set(json.loads(found.stdout)["iou"]) == {"grass", "sky"}


# --- segment ---------------------------------------------------------------------------


def test_a_picture_becomes_its_label_map(trained: Path, run: Run) -> None:
    picture = trained / "scenes" / "val_img" / "0.png"
    result = run("segment", picture, "-o", "labels.png", "--model", trained / "run")
    assert result.exit_code == 0, result.stderr
    assert "sky" in result.stderr
    found = pixels_of("labels.png")
    assert found.shape == (40, 48)
    assert (found == meadow(3)).mean() > 0.85
    assert "ids of scene" in run("labels", "show", "labels.png").stdout


@pytest.mark.parametrize("jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_folder_becomes_a_folder_and_one_bad_picture_stops_nothing(
    jobs: int, trained: Path, run: Run
) -> None:
    shutil.copytree(trained / "scenes" / "train_img", "photos")
    Path("photos/bad.png").write_text("nothing")
    given = ("segment", "photos", "-o", "out", "--model", trained / "run", "-j", jobs)
    result = run(*given)
    assert result.exit_code == 1
    assert "bad.png: is not a picture" in result.stderr
    assert "1 of the pictures" in result.stderr
    assert sorted(path.name for path in Path("out").iterdir()) == ["0.png", "1.png", "2.png"]


def test_a_cutout_keeps_the_pictures_px_and_is_soft(cups: Path, run: Run) -> None:
    picture = cups / "photos" / "images" / "2.png"
    with Image.open(picture) as image:
        image.resize((300, 250)).save("large.png")
    given = ("segment", "large.png", "--model", cups / "run")
    result = run(*given, "--alpha", "cutout.png", "-o", "labels.png")
    assert result.exit_code == 0, result.stderr
    assert "cup covers" in result.stderr
    cutout = pixels_of("cutout.png")
    assert cutout.shape == (250, 300, 4)
    assert np.array_equal(cutout[..., :3], pixels_of("large.png"))
    assert cutout[125, 160, 3] > 200
    assert cutout[10, 10, 3] < 55
    assert len(np.unique(cutout[..., 3])) > 20
    assert set(np.unique(pixels_of("labels.png"))) == {0, 1}
    run(*given, "--alpha", "rest.png", "--foreground", "background")
    both = cutout[..., 3].astype(int) + pixels_of("rest.png")[..., 3]
    assert np.abs(both - 255).max() <= 1


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ((), 2, "wanted -o LABELS.png, --alpha CUTOUT.png or both"),
        (("-o", "out.jpg"), 1, "out.jpg: label maps and cutouts are written as .png"),
        (("-o", "x{}.jpg"), 1, "are written as .png"),
        (("-o", "-"), 1, "-: label maps and cutouts are written as .png"),
        (("--alpha", "out.png"), 1, "knows 3 labels (grass, house, sky); --alpha wants"),
        (("-o", "out.png", "--model", "doodles"), 1, "needs a segmenter"),
        (("-o", "out.png", "--model", "segmenter-scene"), 1, "no such model"),
        (("-o", "out.png", "--max-pixels", "100"), 1, "--max-pixels"),
        (("-o", "out.png", "--scale", "0"), 2, "--scale"),
    ],
)
def test_wrong_words_are_a_sentence(
    arguments: tuple[str, ...], code: int, says: str, trained: Path, run: Run
) -> None:
    picture = trained / "scenes" / "val_img" / "0.png"
    result = run("segment", picture, "--model", trained / "run", *arguments)
    assert result.exit_code == code
    assert says in result.stderr
    assert "Traceback" not in result.stderr
    assert not Path("out.png").exists()


def test_several_pictures_do_not_go_into_one(trained: Path, run: Run) -> None:
    given = ("segment", trained / "scenes" / "train_img", "--model", trained / "run")
    assert "3 pictures do not go into one" in run(*given, "-o", "out.png").stderr
    assert run(*given, "-o", "maps/{}_map.png").exit_code == 0
    assert sorted(path.name for path in Path("maps").iterdir())[0] == "0_map.png"


@pytest.mark.parametrize(("write", "says"), BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_picture_is_a_sentence(
    write: Write, says: str, trained: Path, run: Run, tmp_path: Path
) -> None:
    result = run("segment", write(tmp_path), "-o", "out.png", "--model", trained / "run")
    assert result.exit_code == 1
    assert says in result.stderr
    assert not Path("out.png").exists()


def test_what_ships_knows_painted_scenes(run: Run) -> None:
    painting = paint_scene(compose(77, 128, 128, theme="landscape"))
    Image.fromarray(painting.picture).save("scene.png")
    result = run("segment", "scene.png", "-o", "labels.png")
    assert result.exit_code == 0, result.stderr
    assert (pixels_of("labels.png") == label_map(painting, SCENE)).mean() > 0.6


def test_the_command_line_names_the_same_weights() -> None:
    from linework.cli.segment import MODEL as named
    from linework.pipeline.segmenting import MODEL

    assert named == MODEL


def test_rough_pictures_are_for_simplifiers() -> None:
    result = invoke("train", "segmenter", "--data", "a", "--out", "b", "--rough", "c")
    assert result.exit_code == 2
    assert "--rough and --clean are for simplifiers" in result.stderr
