"""COCO files in: other people's, with their ids, crowds, boxes and mistakes; and out again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from linework.datasets.annotations import (
    Options,
    convert_annotations,
    verify_annotations,
)
from linework.datasets.annotations.categories import Labels, alike, normal_label, ordered
from linework.datasets.annotations.labelme import read_labelme
from linework.datasets.annotations.record import thing_mask
from linework.strokes.errors import FormatError, LineworkError
from torture import BOX, HEIGHT, WIDTH, content, photo, placed, ring, shape

FLAT = [float(n) for pair in BOX for n in pair]
CROWD = {"size": [HEIGHT, WIDTH], "counts": [45, 20, HEIGHT * WIDTH - 65]}


def annotation(number: int, **changes: Any) -> dict[str, Any]:
    usual = {
        "id": number, "image_id": 7, "category_id": 18, "segmentation": [FLAT],
        "area": 200, "bbox": [10, 10, 20, 10], "iscrowd": 0,
    }  # fmt: skip
    return usual | changes


def coco(*annotations: Any, **changes: Any) -> dict[str, Any]:
    """A COCO file with ids as COCO has them, which are neither from 1 nor without gaps."""
    return {
        "info": {"year": 2017},
        "licenses": [{"id": 3, "name": "CC BY"}],
        "images": [
            {"id": 7, "file_name": "b.jpg", "width": WIDTH, "height": HEIGHT, "license": 3},
            {"id": 139, "file_name": "a.jpg", "width": WIDTH, "height": HEIGHT},
        ],
        "categories": [
            {"id": 18, "name": "dog", "supercategory": "animal"},
            {"id": 90, "name": "toothbrush", "supercategory": "indoor"},
        ],
        "annotations": list(annotations),
    } | changes


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def written(data: Any) -> Path:
        (tmp_path / "in" / "images").mkdir(parents=True)
        for name in ("a", "b"):
            photo(tmp_path / "in" / "images" / f"{name}.jpg")
        path = tmp_path / "in" / "instances.json"
        path.write_text(data if isinstance(data, str) else json.dumps(data))
        return path

    return written


def read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def test_ids_licences_and_foreign_keys_survive_the_way_through_labelme(
    write: Any, tmp_path: Path
) -> None:
    source = coco(
        annotation(900, keypoints=[1, 2, 2], score=0.5),
        annotation(17, image_id=139, category_id=90, segmentation=CROWD, area=20, iscrowd=1,
                   bbox=[1, 5, 1, 20]),
    )  # fmt: skip
    convert_annotations(write(source), tmp_path / "lm", Options("labelme"))
    convert_annotations(tmp_path / "lm", tmp_path / "back", Options("coco"))
    back = read(tmp_path / "back" / "annotations.json")
    for key in ("info", "licenses"):
        assert back[key] == source[key]
    assert {c["id"]: c["name"] for c in back["categories"]} == {18: "dog", 90: "toothbrush"}
    assert back["categories"][0]["supercategory"] == "animal"
    images = {i["id"]: i for i in back["images"]}
    assert images[7]["license"] == 3
    assert (images[7]["file_name"], images[139]["file_name"]) == ("b.jpg", "a.jpg")
    items = {a["image_id"]: a for a in back["annotations"]}
    assert items[7]["keypoints"] == [1, 2, 2]
    assert items[7]["segmentation"] == [FLAT]
    assert (items[139]["iscrowd"], items[139]["area"]) == (1, 20)
    assert verify_annotations(tmp_path / "back").good


def test_annotations_of_coco_keep_their_ids(write: Any, tmp_path: Path) -> None:
    path = write(coco(annotation(900), annotation(17, image_id=139)))
    convert_annotations(path, tmp_path / "out", Options("coco"))
    data = read(tmp_path / "out" / "annotations.json")
    assert [(a["id"], a["image_id"]) for a in data["annotations"]] == [(900, 7), (17, 139)]


def test_an_id_of_0_is_not_kept(write: Any, tmp_path: Path) -> None:
    path = write(coco(annotation(0), annotation(1)))
    found = verify_annotations(path)
    assert not found.good
    assert "never counts as found" in str(found)
    convert_annotations(path, tmp_path / "out", Options("coco"))
    data = read(tmp_path / "out" / "annotations.json")
    assert [a["id"] for a in data["annotations"]] == [1, 2]
    assert verify_annotations(tmp_path / "out").good


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"segmentation": [[1, 2, 3, 4]]}, "3 corners or more"),
        ({"segmentation": [[1, 2, 3, 4, 5, 6, 7]]}, "3 corners or more"),
        ({"segmentation": {"size": [9, 9], "counts": [81]}}, "of size [9, 9]"),
        ({"segmentation": {"size": [HEIGHT, WIDTH], "counts": [5, 5]}}, "add up to 10"),
        ({"segmentation": {"size": [HEIGHT, WIDTH], "counts": "~"}}, "compressed form"),
        ({"segmentation": {"size": [HEIGHT, WIDTH], "counts": [HEIGHT * WIDTH]}}, "covers no px"),
        ({"segmentation": [], "bbox": []}, "neither a segmentation nor a box"),
        ({"category_id": 5}, "category 5"),
        ({"category_id": None}, "category None"),
        ({"image_id": 8}, "which the file lacks"),
        ({"image_id": "7"}, "whole number"),
    ],
)
def test_a_wrong_annotation_spoils_no_other(
    changes: dict[str, Any], said: str, write: Any, tmp_path: Path
) -> None:
    path = write(coco(annotation(1), annotation(2, **changes), annotation(3)))
    report = convert_annotations(path, tmp_path / "out", Options("coco"))
    assert (report.annotations, report.lost) == (2, 1)
    assert said in str(report)
    assert report.first[0].shape == 1
    assert verify_annotations(tmp_path / "out").good


def test_a_box_without_segmentation_is_its_mask(write: Any, tmp_path: Path) -> None:
    path = write(coco(annotation(1, segmentation=[])))
    report = convert_annotations(path, tmp_path / "out", Options("coco"))
    assert "its box was taken" in str(report)
    assert read(tmp_path / "out" / "annotations.json")["annotations"][0]["area"] == 200


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("[]", "not a COCO file"),
        ('{"images": [], "annotations": []}', "categories"),
        ('{"images": [', "cut short"),
        (coco(categories=[{"id": 1, "name": "a"}, {"id": 1, "name": "b"}]), "an id of its own"),
        (coco(categories=[{"id": 1}]), "label is None"),
    ],
)
def test_files_that_are_none(data: Any, said: str, write: Any, tmp_path: Path) -> None:
    with pytest.raises(LineworkError, match=said):
        convert_annotations(write(data), tmp_path / "out", Options("coco"))


def test_nan_in_a_coco_file_costs_one_annotation(write: Any, tmp_path: Path) -> None:
    text = json.dumps(coco(annotation(1), annotation(2, segmentation=[[float("nan")] * 6])))
    report = convert_annotations(write(text), tmp_path / "out", Options("coco"))
    assert (report.annotations, report.lost) == (1, 1)


def test_a_picture_that_lies_has_its_masks_turned(write: Any, tmp_path: Path) -> None:
    path = write(coco(annotation(1)))
    photo(path.parent / "images" / "b.jpg", (WIDTH, HEIGHT), 6)
    report = convert_annotations(path, tmp_path / "out", Options("coco"))
    assert "masks were turned" in str(report)
    [item] = read(tmp_path / "out" / "annotations.json")["annotations"]
    assert item["bbox"] == [HEIGHT - 20, 10, 10, 20]


def test_an_edited_segmentation_wins_over_the_shape_it_came_from(
    write: Any, tmp_path: Path
) -> None:
    (tmp_path / "lm").mkdir()
    photo(tmp_path / "lm" / "a.jpg")
    body = content(shape("cat", [[30, 20], [30, 32]], "circle"))
    (tmp_path / "lm" / "a.json").write_text(json.dumps(body))
    convert_annotations(tmp_path / "lm", tmp_path / "one", Options("coco"))
    file = tmp_path / "one" / "annotations.json"
    convert_annotations(file, tmp_path / "two", Options("labelme"))
    assert read(tmp_path / "two" / "a.json")["shapes"] == body["shapes"]
    data = read(file)
    data["annotations"][0]["segmentation"] = [FLAT]
    file.write_text(json.dumps(data))
    convert_annotations(file, tmp_path / "three", Options("labelme"))
    [edited] = read(tmp_path / "three" / "a.json")["shapes"]
    assert (edited["shape_type"], edited["points"]) == ("polygon", [[*map(float, p)] for p in BOX])


def test_holes_become_masks_in_labelme_to_the_px(write: Any, tmp_path: Path) -> None:
    hole = placed(ring(), 20, 10)
    edges = np.flatnonzero(np.diff(hole.ravel(order="F"), prepend=False))
    counts = np.diff([0, *edges, HEIGHT * WIDTH]).tolist()
    path = write(coco(annotation(1, segmentation={"size": [HEIGHT, WIDTH], "counts": counts})))
    convert_annotations(path, tmp_path / "lm", Options("labelme"))
    found = read_labelme(tmp_path / "lm" / "b.json", "b", name="b").record
    assert found.things[0].label == "dog"
    np.testing.assert_array_equal(thing_mask(found.things[0], HEIGHT, WIDTH).to_bitmap(), hole)


def test_a_coco_file_among_labelme_files_hides_none_of_them(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    photo(tmp_path / "in" / "a.jpg")
    (tmp_path / "in" / "a.json").write_text(json.dumps(content(shape("cat", BOX))))
    (tmp_path / "in" / "annotations.json").write_text(json.dumps(coco()))
    report = convert_annotations(tmp_path / "in", tmp_path / "out", Options("coco"))
    assert (report.pictures, report.annotations, report.lost) == (1, 1, 1)
    assert "give COCO files by their own names" in str(report)


def test_one_labelme_file_is_a_source(tmp_path: Path) -> None:
    photo(tmp_path / "a.jpg")
    body = {"imageData": None, "version": "x" * 100_000} | content(shape("cat", BOX))
    (tmp_path / "a.json").write_text(json.dumps(body))
    report = convert_annotations(tmp_path / "a.json", tmp_path / "out", Options("coco"))
    assert (report.pictures, report.annotations) == (1, 1)


def test_several_sources_share_one_order(write: Any, tmp_path: Path) -> None:
    first = write(coco(annotation(1)))
    for name, label in (("p", "zebra"), ("q", "dog")):
        (tmp_path / name).mkdir()
        photo(tmp_path / name / "a.jpg")
        (tmp_path / name / "a.json").write_text(json.dumps(content(shape(label, BOX))))
    sources = [tmp_path / "q", first, tmp_path / "p"]
    convert_annotations(sources, tmp_path / "out", Options("coco"))
    data = read(tmp_path / "out" / "annotations.json")
    names = {c["id"]: c["name"] for c in data["categories"]}
    assert names == {18: "dog", 90: "toothbrush", 91: "zebra"}
    assert [names[a["category_id"]] for a in data["annotations"]] == ["dog", "dog", "zebra"]
    assert [i["file_name"] for i in data["images"]] == [
        "q/a.jpg", "instances/b.jpg", "instances/a.jpg", "p/a.jpg",
    ]  # fmt: skip


# ------------------------------------------------------------------ labels


def test_a_labels_file_gives_the_order_and_refuses_others(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    photo(tmp_path / "in" / "a.jpg")
    body = content(shape("zebra", BOX), shape("cat", BOX), shape("catt", BOX))
    (tmp_path / "in" / "a.json").write_text(json.dumps(body))
    labels = tmp_path / "labels.txt"
    labels.write_text("__ignore__\n_background_\n# animals\nzebra\nant\ncat\n")
    options = Options("coco", labels=str(labels))
    report = convert_annotations(tmp_path / "in", tmp_path / "out", options)
    data = read(tmp_path / "out" / "annotations.json")
    assert [c["name"] for c in data["categories"]] == ["zebra", "ant", "cat"]
    assert [a["category_id"] for a in data["annotations"]] == [1, 3]
    assert report.lost == 1
    assert "'catt' is not in the list; did you mean 'cat'?" in str(report)


def test_a_vocabulary_gives_ids_colours_and_spelling(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    photo(tmp_path / "in" / "a.jpg")
    (tmp_path / "in" / "a.json").write_text(json.dumps(content(shape("Sky Other", BOX))))
    options = Options("labels", labels="cocostuff")
    report = convert_annotations(tmp_path / "in", tmp_path / "out", options)
    assert "taken as 'sky-other'" in str(report)
    from PIL import Image

    with Image.open(tmp_path / "out" / "train_label" / "a.png") as picture:
        pixels = np.asarray(picture)
    assert (pixels[15, 20], pixels[0, 0], (pixels == 156).sum()) == (156, 255, 200)


def test_labels_of_different_case_are_kept_apart_and_said(tmp_path: Path) -> None:
    assert alike(["Cat", "cat", "dog"]) == [("Cat", "cat")]
    names = ordered({"b", "A", "a"})
    assert [(c.id, c.name) for c in names] == [(1, "A"), (2, "a"), (3, "b")]


@pytest.mark.parametrize("wrong", [None, True, [], {}, "", "  ", "x" * 300])
def test_labels_that_are_none(wrong: Any) -> None:
    with pytest.raises(FormatError):
        normal_label(wrong)


def test_stuff_that_is_no_label_is_named() -> None:
    with pytest.raises(LineworkError, match="did you mean 'sky'"):
        ordered({"sky"}, stuff=["skyy"])


def test_background_comes_last_in_label_maps(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    photo(tmp_path / "in" / "a.jpg")
    body = content(shape("cat", BOX), shape("_background_", [[10, 10], [20, 20]], "rectangle"),
                   shape("__ignore__", [[40, 10], [50, 20]], "rectangle"))  # fmt: skip
    (tmp_path / "in" / "a.json").write_text(json.dumps(body))
    convert_annotations(tmp_path / "in", tmp_path / "out", Options("labels"))
    from PIL import Image

    with Image.open(tmp_path / "out" / "train_label" / "a.png") as picture:
        pixels = np.asarray(picture)
    assert [pixels[15, x] for x in (15, 25, 45, 55)] == [1, 0, 255, 1]
    rows = (tmp_path / "out" / "vocabulary.csv").read_text().splitlines()
    assert [row.split(",")[1] for row in rows[1:]] == ["cat", "_background_"]
    assert verify_annotations(tmp_path / "out").good
    assert Labels(("a",)).find("a") == "a"
