"""Folders of scenes: they read back, agree with each other, and go on where they stopped."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from linework.datasets.annotations.panoptic import decode_ids
from linework.datasets.label_png import read_label_png
from linework.datasets.labels import vocabulary
from linework.datasets.scenes.doodle import parse_layer
from linework.datasets.scenes.folder import Recipe, make_scene, segments_of, write_scenes
from linework.strokes import FormatError, LineworkError, read_ndjson
from PIL import Image

SCENE = vocabulary("scene")
N = 5
RECIPE = Recipe(3, 72, 48, val=0.4)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("scenes") / "set"
    assert write_scenes(made, N, RECIPE) == N
    return made


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_the_layout_is_spades(folder: Path) -> None:
    names = {split: sorted(p.name for p in (folder / f"{split}_img").iterdir())
             for split in ("train", "val")}  # fmt: skip
    assert names == {
        "train": ["000001.png", "000002.png", "000004.png"], "val": ["000003.png", "000005.png"]
    }  # fmt: skip
    for split, files in names.items():
        for part in ("label", "inst"):
            assert sorted(p.name for p in (folder / f"{split}_{part}").iterdir()) == files


def test_it_reads_back(folder: Path) -> None:
    for number in range(N):
        split, name = RECIPE.split(number), f"{number + 1:06}"
        painting, _ = make_scene(RECIPE, number)
        picture = np.asarray(Image.open(folder / f"{split}_img" / f"{name}.png"))
        np.testing.assert_array_equal(picture, painting.picture)
        reading = read_label_png(folder / f"{split}_label" / f"{name}.png")
        assert (reading.vocabulary.name, reading.form) == ("scene", "ids")
        instances = np.asarray(Image.open(folder / f"{split}_inst" / f"{name}.png"))
        np.testing.assert_array_equal(instances, painting.owner)
        for thing in painting.scene.things:
            mine = reading.pixels[instances == thing.id]
            assert (mine == SCENE.label(thing.name).pixel).all()


def test_the_doodle_reads_back_and_names_instances(folder: Path) -> None:
    for number in range(N):
        split, name = RECIPE.split(number), f"{number + 1:06}"
        doodle = next(read_ndjson(folder / f"{split}_doodle" / f"{name}.ndjson"))
        assert doodle.size == (72, 48)
        assert doodle.key == number + 1
        painting, _ = make_scene(RECIPE, number)
        for stroke in doodle.strokes:
            word, thing = parse_layer(stroke.layer or "")
            assert painting.scene.things[thing].name == word


def test_panoptic_files_agree(folder: Path) -> None:
    for split in ("train", "val"):
        panoptic = json.loads((folder / f"panoptic_{split}.json").read_text())
        categories = {c["id"]: c for c in panoptic["categories"]}
        assert len(panoptic["images"]) == len(panoptic["annotations"])
        for image, annotation in zip(panoptic["images"], panoptic["annotations"], strict=True):
            assert image["id"] == annotation["image_id"]
            assert (image["width"], image["height"]) == (72, 48)
            ids = decode_ids(folder / f"panoptic_{split}" / annotation["file_name"])
            labels = read_label_png(folder / f"{split}_label" / image["file_name"]).pixels
            found = {s["id"]: s for s in annotation["segments_info"]}
            assert set(np.unique(ids).tolist()) == set(found)
            stuff = []
            for number, segment in found.items():
                mask = ids == number
                assert segment["area"] == mask.sum()
                assert set(labels[mask] + 1) == {segment["category_id"]}
                rows, columns = np.nonzero(mask)
                x, y, w, h = segment["bbox"]
                assert (x, y) == (columns.min(), rows.min())
                assert (x + w, y + h) == (columns.max() + 1, rows.max() + 1)
                if not categories[segment["category_id"]]["isthing"]:
                    stuff.append(segment["category_id"])
            assert len(stuff) == len(set(stuff))


def test_the_suites_own_verifier_finds_no_fault(folder: Path) -> None:
    pytest.importorskip("pycocotools")
    from linework.datasets.annotations.verify import verify_annotations

    findings = verify_annotations(folder / "panoptic_train.json")
    assert findings.good, findings


def test_it_goes_on_where_it_stopped(folder: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    assert write_scenes(again, 2, RECIPE) == 2
    (again / "train_img" / "000002.png").unlink()  # as if killed within the second
    assert write_scenes(again, N, RECIPE) == N - 1
    assert content(again) == content(folder)
    assert write_scenes(again, N, RECIPE) == 0
    assert content(again) == content(folder)


def test_fewer_are_listed_where_fewer_are_asked_for(folder: Path, tmp_path: Path) -> None:
    write_scenes(tmp_path / "two", 2, RECIPE)
    listed = json.loads((tmp_path / "two" / "panoptic_train.json").read_text())["images"]
    assert [image["id"] for image in listed] == [1, 2]


@pytest.mark.slow
def test_processes_write_the_same(folder: Path, tmp_path: Path) -> None:
    many = Recipe(3, 96, 64, val=0.4)
    write_scenes(tmp_path / "one", 20, many)
    write_scenes(tmp_path / "two", 20, many, jobs=2)
    assert content(tmp_path / "one") == content(tmp_path / "two")


def test_another_recipe_is_refused(folder: Path) -> None:
    with pytest.raises(LineworkError, match=r"scenes\.json: .* made with seed 3, not 4"):
        write_scenes(folder, 1, Recipe(4, 72, 48, val=0.4))


def test_a_damaged_instance_map_is_named(folder: Path, tmp_path: Path) -> None:
    write_scenes(tmp_path / "set", 1, RECIPE)
    (tmp_path / "set" / "train_inst" / "000001.png").write_bytes(b"not a picture")
    with pytest.raises(FormatError, match=r"train_inst.000001\.png: is no instance map"):
        write_scenes(tmp_path / "set", 2, RECIPE)


def test_a_manifest_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "scenes.json").write_text("{")
    with pytest.raises(FormatError, match=r"scenes\.json: is not JSON"):
        write_scenes(tmp_path, 1, RECIPE)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"width": 5}, "wanted sides of 32"),
        ({"height": 9999}, "to 4096"),
        ({"val": 1.0}, "wanted 0 to below 1"),
        ({"themes": ("mars",)}, "'mars' is none of landscape"),
        ({"themes": ()}, "is none of landscape"),
    ],
    ids=str,
)
def test_recipes_that_are_none(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(LineworkError, match=said):
        Recipe(0, **wrong)


def test_shares_are_exact_and_steady() -> None:
    recipe = Recipe(0, val=0.1)
    assert [recipe.split(k) for k in range(20)].count("val") == 2
    assert {Recipe(0, val=0.0).split(k) for k in range(50)} == {"train"}


def test_things_apart_and_stuff_together() -> None:
    boat, sea = SCENE.label("boat").pixel, SCENE.label("sea").pixel
    labels = np.array([[boat, sea, boat], [255, sea, sea]], np.uint8)
    instances = np.array([[3, 1, 4], [0, 1, 2]], np.uint8)
    ids, segments = segments_of(labels, instances, SCENE)
    assert ids[1, 0] == 0
    assert len({ids[0, 0], ids[0, 2], ids[0, 1]}) == 3
    assert ids[0, 1] == ids[1, 1] == ids[1, 2]
    areas = {s["id"]: (s["category_id"], s["area"], s["bbox"]) for s in segments}
    assert areas[ids[0, 0]] == (9, 1, [0, 0, 1, 1])
    assert areas[ids[0, 1]] == (155, 3, [1, 0, 2, 2])
