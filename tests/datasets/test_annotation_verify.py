"""`verify` finds what is planted; PQ on cases told by hand; the examples of others verify."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from linework.datasets.annotations import Options, convert_annotations, verify_annotations
from linework.datasets.annotations.quality import Segments, panoptic_quality
from linework.strokes.errors import LineworkError
from PIL import Image
from torture import BOX, content, photo, shape

EXAMPLES = {
    "instance_segmentation/data_annotated": (3, 12),
    "semantic_segmentation/data_annotated": (3, 16),
    "primitives": (1, 8),
    "classification/data_annotated": (2, 0),
}


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    (tmp_path / "photos").mkdir()
    for name in "ab":
        photo(tmp_path / "photos" / f"{name}.jpg")
        body = content(
            shape("cat", BOX), shape("sky", [[0, 0], [60, 0], [60, 8]]), imagePath=f"{name}.jpg"
        )
        (tmp_path / "photos" / f"{name}.json").write_text(json.dumps(body))
    return tmp_path / "photos"


def edit(path: Path, change: Any) -> None:
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))


PLANTED: dict[str, tuple[Any, str]] = {
    "area": (lambda d: d["annotations"][1].update(area=900), "states area 900"),
    "box": (lambda d: d["annotations"][0].update(bbox=[0, 0, 5, 5]), "its px have 200"),
    "no box": (lambda d: d["annotations"][0].pop("bbox"), "bbox None"),
    "id twice": (lambda d: d["annotations"][1].update(id=1), "annotation id 1 stands twice"),
    "id 0": (lambda d: d["annotations"][1].update(id=0), "never counts as found"),
    "category": (lambda d: d["annotations"][1].update(category_id=9), "category 9"),
    "image": (lambda d: d["annotations"][1].update(image_id=9), "image 9"),
    "segmentation": (lambda d: d["annotations"][1].update(segmentation=[[1]]), "cannot be drawn"),
    "corners at the end of the world": (
        lambda d: d["annotations"][1].update(segmentation=[[0, 0, 1e30, 0, 5, 5]]),
        "far outside",
    ),
    "no segmentation": (lambda d: d["annotations"][1].pop("segmentation"), "cannot be drawn"),
    "size of a picture": (lambda d: d["images"][0].update(width=61), "states 61 x 40"),
    "no size": (lambda d: d["images"][0].pop("width"), "no width and height"),
    "picture": (lambda d: d["images"][0].update(file_name="z.jpg"), "no such file"),
}


@pytest.mark.parametrize(("change", "said"), PLANTED.values(), ids=PLANTED.keys())
def test_planted_in_coco(change: Any, said: str, photos: Path, tmp_path: Path) -> None:
    convert_annotations(photos, tmp_path / "out", Options("coco"))
    assert verify_annotations(tmp_path / "out").good
    edit(tmp_path / "out" / "annotations.json", change)
    found = verify_annotations(tmp_path / "out")
    assert not found.good
    assert said in str(found)


def test_areas_of_the_polygon_are_told_from_wrong_ones(photos: Path, tmp_path: Path) -> None:
    convert_annotations(photos, tmp_path / "out", Options("coco"))
    edit(tmp_path / "out" / "annotations.json",
         lambda d: d["annotations"][1].update(area=240.0, bbox=[0.0, 0.0, 60.0, 8.0]))  # fmt: skip
    found = verify_annotations(tmp_path / "out")
    assert found.good, found
    assert found.counts["areas and boxes of the polygon, not of its px"] == 1


def test_a_truncated_picture_is_found(photos: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 255, (40, 60, 3), np.uint8)).save(photos / "a.jpg")
    (photos / "a.jpg").write_bytes((photos / "a.jpg").read_bytes()[:-900])
    convert_annotations(photos, tmp_path / "out", Options("coco"))
    assert "a.jpg: is not a picture that can be read" in str(verify_annotations(tmp_path / "out"))


SEGMENTS: dict[str, tuple[Any, str]] = {
    "area": (lambda s: s[0].update(area=1), "states area 1"),
    "missing": (lambda s: s.pop(), "which segments_info lacks"),
    "without px": (lambda s: s.append({**s[0], "id": 77}), "segment 77"),
    "twice": (lambda s: s.append(dict(s[0])), "stands twice"),
    "category": (lambda s: s[0].update(category_id=9), "no known category"),
}


@pytest.mark.parametrize(("change", "said"), SEGMENTS.values(), ids=SEGMENTS.keys())
def test_planted_in_panoptic(change: Any, said: str, photos: Path, tmp_path: Path) -> None:
    options = Options("panoptic", stuff=("sky",))
    convert_annotations(photos, tmp_path / "out", options)
    found = verify_annotations(tmp_path / "out")
    assert found.good, found
    assert found.scores == {"PQ": 1.0}
    edit(tmp_path / "out" / "panoptic.json",
         lambda d: change(d["annotations"][0]["segments_info"]))  # fmt: skip
    found = verify_annotations(tmp_path / "out")
    assert not found.good
    assert said in str(found)


def test_panoptic_stuff_is_one_segment_and_upper_shapes_win(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    photo(tmp_path / "in" / "a.jpg")
    body = content(
        shape("sky", [[0, 0], [30, 10]], "rectangle"),
        shape("sky", [[30, 0], [60, 10]], "rectangle"),
        shape("cat", [[0, 5], [10, 15]], "rectangle"),
        shape("cat", [[5, 5], [15, 15]], "rectangle"),
    )
    (tmp_path / "in" / "a.json").write_text(json.dumps(body))
    options = Options("panoptic", stuff=("sky",))
    convert_annotations(tmp_path / "in", tmp_path / "out", options)
    data = json.loads((tmp_path / "out" / "panoptic.json").read_text())
    assert [c["isthing"] for c in data["categories"]] == [1, 0]
    [item] = data["annotations"]
    areas = [(s["category_id"], s["area"], s["bbox"]) for s in item["segments_info"]]
    assert areas == [
        (2, 600 - 75, [0, 0, 60, 10]), (1, 50, [0, 5, 5, 10]), (1, 100, [5, 5, 10, 10]),
    ]  # fmt: skip


def test_what_later_shapes_cover_wholly_is_said(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    photo(tmp_path / "in" / "a.jpg")
    (tmp_path / "in" / "a.json").write_text(json.dumps(content(shape("a", BOX), shape("b", BOX))))
    for target in ("panoptic", "labels", "stuff"):
        report = convert_annotations(tmp_path / "in", tmp_path / target, Options(target))
        assert report.lost == 1
        assert "shape 0 (a): later shapes cover it wholly" in str(report)


# ------------------------------------------------------------------ PQ


def halves(left: int, right: int) -> np.ndarray[Any, Any]:
    """10 x 10 px of two ids."""
    ids = np.full((10, 10), left, np.int64)
    ids[:, 5:] = right
    return ids


def shifted(by: int) -> np.ndarray[Any, Any]:
    ids = np.full((10, 10), 1, np.int64)
    ids[:, 5 + by :] = 2
    return ids


TRUTH = Segments(halves(1, 2), {1: 10, 2: 20})
PQ: dict[str, tuple[Segments, Segments, dict[int, float]]] = {
    "itself": (TRUTH, TRUTH, {10: 1.0, 20: 1.0}),
    "other ids": (TRUTH, Segments(halves(8, 9), {8: 10, 9: 20}), {10: 1.0, 20: 1.0}),
    # 50 px against 60: IoU 50/60; 50 against 40: 40/50.
    "a px column off": (TRUTH, Segments(shifted(1), {1: 10, 2: 20}), {10: 50 / 60, 20: 40 / 50}),
    # 50 against 100: an IoU of exactly .5 is not found.
    "one for all": (TRUTH, Segments(halves(1, 1), {1: 10}), {10: 0.0, 20: 0.0}),
    "wrong category": (TRUTH, Segments(halves(1, 2), {1: 10, 2: 10}), {10: 1 / 1.5, 20: 0.0}),
    "nothing": (TRUTH, Segments(halves(0, 0), {}), {10: 0.0, 20: 0.0}),
    "on what is unlabelled": (Segments(halves(1, 0), {1: 10}), TRUTH, {10: 1.0}),
    "on a crowd": (Segments(halves(1, 2), {1: 10, 2: 20}, frozenset({2})), TRUTH, {10: 1.0}),
    "an id that has no category": (TRUTH, Segments(halves(1, 5), {1: 10}), {10: 1.0, 20: 0.0}),
}


@pytest.mark.parametrize(("truth", "guess", "wanted"), PQ.values(), ids=PQ.keys())
def test_panoptic_quality(truth: Segments, guess: Segments, wanted: dict[int, float]) -> None:
    assert panoptic_quality([(truth, guess)]) == pytest.approx(wanted)


# ------------------------------------------------------------------ other people's


@pytest.fixture
def labelled(real_data: Path) -> Path:
    folder = real_data / "seg"
    if not (folder / "labelme" / "examples").is_dir() or not (folder / "coco_stuff").is_dir():
        pytest.skip(f"no labelled examples at {folder}; set LINEWORK_DATA to where they are")
    return folder


@pytest.mark.parametrize(("name", "counts"), EXAMPLES.items(), ids=EXAMPLES.keys())
def test_labelmes_examples(
    name: str, counts: tuple[int, int], labelled: Path, tmp_path: Path
) -> None:
    source = labelled / "labelme" / "examples" / name
    report = convert_annotations(source, tmp_path / "coco", Options("coco"))
    assert (report.pictures, report.annotations, report.lost) == (*counts, 0)
    found = verify_annotations(tmp_path / "coco")
    assert found.good, found
    assert all(score == 1 for score in found.scores.values())
    convert_annotations(tmp_path / "coco", tmp_path / "back", Options("labelme"))
    for path in source.glob("*.json"):
        before = json.loads(path.read_text())["shapes"]
        after = json.loads((tmp_path / "back" / path.name).read_text())["shapes"]
        assert [s["label"] for s in before] == [s["label"] for s in after]
        same = [a["points"] == b["points"] for a, b in zip(before, after, strict=True)]
        assert all(same[i] or before[i]["shape_type"] == "mask" for i in range(len(same)))
        assert (tmp_path / "back" / f"{path.stem}.jpg").read_bytes() == path.with_suffix(
            ".jpg"
        ).read_bytes()
    convert_annotations(tmp_path / "back", tmp_path / "again", Options("coco"))
    first, again = (
        json.loads((tmp_path / out / "annotations.json").read_text())["annotations"]
        for out in ("coco", "again")
    )
    assert [a["area"] for a in first] == [a["area"] for a in again]
    assert [a["segmentation"] for a in first] == [a["segmentation"] for a in again]


@pytest.mark.parametrize("target", ["panoptic", "stuff", "labels"])
def test_labelmes_examples_in_other_formats(target: str, labelled: Path, tmp_path: Path) -> None:
    source = labelled / "labelme" / "examples" / "instance_segmentation"
    options = Options(target, labels=str(source / "labels.txt"))
    report = convert_annotations(source / "data_annotated", tmp_path / "out", options)
    assert report.lost == 0
    found = verify_annotations(tmp_path / "out")
    assert found.good, found


def test_cocos_examples_to_px_and_back(labelled: Path, tmp_path: Path) -> None:
    """One of COCO-Stuff's label maps -> panoptic -> label maps is the same px."""
    source = tmp_path / "cocostuff"
    names = ["000000017914"]
    for folder, suffix in (("train_img", "jpg"), ("train_label", "png"), ("train_inst", "png")):
        (source / folder).mkdir(parents=True)
        for name in names:
            path = labelled / "coco_stuff" / folder / f"{name}.{suffix}"
            (source / folder / path.name).symlink_to(path)
    with pytest.raises(LineworkError, match="--labels"):
        convert_annotations(source, tmp_path / "x", Options("panoptic"))
    options = {"labels": "cocostuff"}
    convert_annotations(source, tmp_path / "panoptic", Options("panoptic", **options))
    found = verify_annotations(tmp_path / "panoptic")
    assert found.good, found
    assert found.scores == {"PQ": 1.0}
    convert_annotations(tmp_path / "panoptic", tmp_path / "back", Options("labels", **options))
    for name in names:
        with (
            Image.open(source / "train_label" / f"{name}.png") as before,
            Image.open(tmp_path / "back" / "train_label" / f"{name}.png") as after,
        ):
            np.testing.assert_array_equal(np.asarray(after), np.asarray(before))
