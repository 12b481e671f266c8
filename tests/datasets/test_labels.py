"""Vocabularies: the lists are whole, agree with each other, and convert with an account."""

from __future__ import annotations

import csv
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from linework.datasets.labels import (
    UNLABELLED,
    VOCABULARIES,
    conversion,
    convert_labels,
    count_labels,
    vocabulary,
)
from linework.datasets.words import quickdraw_words
from linework.strokes import FormatError, LineworkError

# What the issue names; "sky" is COCO-Stuff's sky-other.
LISTED = {
    *("sky", "clouds", "mountain", "hill", "grass", "tree", "bush", "flower", "river", "sea"),
    *("sand", "snow", "rock", "road", "dirt", "house", "fence", "bridge"),
    *("slide", "swing", "bench"),
}


@pytest.mark.parametrize(
    ("name", "count"), [("cocostuff", 182), ("ade20k", 150), ("cityscapes", 19), ("scene", 41)]
)
def test_each_list_is_whole(name: str, count: int) -> None:
    names = vocabulary(name)
    assert len(names) == count
    ids = [label.id for label in names.labels]
    assert ids == sorted(set(ids))
    if name != "scene":
        assert ids == list(range(1, count + 1))
    assert len({label.rgb for label in names.labels}) == count
    assert (0, 0, 0) not in {label.rgb for label in names.labels}
    assert {label.kind for label in names.labels} == {"thing", "stuff"}


@pytest.mark.parametrize(
    ("name", "pixel", "label"),
    [
        ("cocostuff", 0, "person"),
        ("cocostuff", 156, "sky-other"),
        ("cocostuff", 181, "wood"),
        ("ade20k", 2, "sky"),
        ("ade20k", 149, "flag"),
        ("cityscapes", 0, "road"),  # the train ids
        ("cityscapes", 18, "bicycle"),
        ("scene", 156, "sky"),
    ],
)
def test_the_pixel_is_the_id_less_one(name: str, pixel: int, label: str) -> None:
    found = vocabulary(name).at(pixel)
    assert found is not None
    assert found.name == label


def test_scenes_are_a_subset_of_coco_stuff_with_its_ids() -> None:
    scene, coco = vocabulary("scene"), vocabulary("cocostuff")
    assert {label.name for label in scene.labels} >= LISTED
    own = {label.name for label in scene.labels if label.id > len(coco)}
    assert own == {"slide", "swing", "sun"}
    for label in scene.labels:
        if label.name not in own:
            same = coco.at(label.pixel)
            assert same is not None
            assert same.elsewhere["scene"] == label.name
    # COCO's panoptic ids end at 200: none of ours may be taken for one of them.
    assert min(label.id for label in scene.labels if label.name in own) > 200


@pytest.mark.parametrize("name", VOCABULARIES)
def test_words_are_quick_draws_and_name_one_label(name: str) -> None:
    words = [word for label in vocabulary(name).labels for word in label.words]
    assert set(words) <= set(quickdraw_words())
    assert len(words) == len(set(words))


def test_words_of_coco_stuff_are_those_of_the_reference(real_data: Path) -> None:
    coco = vocabulary("cocostuff")
    with open(real_data.parent / "reference" / "quickdraw_to_cocostuff.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 190
    for row in rows:
        found = coco.find(row["quickdraw"])
        assert found is not None
        assert found.id == int(row["cocostuff_id"])


@pytest.mark.parametrize("source", VOCABULARIES)
@pytest.mark.parametrize("target", VOCABULARIES)
def test_what_has_a_counterpart_gets_it_and_the_rest_is_named(source: str, target: str) -> None:
    way = conversion(vocabulary(source), vocabulary(target))
    lost = {label.pixel for label in way.lost}
    for label in way.source.labels:
        assert (way.table[label.pixel] == UNLABELLED) == (label.pixel in lost)
    assert way.target.is_pixel[way.table].all()
    assert way.table[UNLABELLED] == UNLABELLED
    if source == target:
        assert lost == set()


@pytest.mark.parametrize(
    ("source", "label", "target", "becomes"),
    [
        ("cocostuff", "sky-other", "cityscapes", "sky"),
        ("cocostuff", "wall-brick", "ade20k", "wall"),
        ("cityscapes", "vegetation", "scene", "tree"),  # through COCO-Stuff
        ("ade20k", "palm", "scene", "tree"),
        ("scene", "path", "cityscapes", "sidewalk"),
        ("scene", "sun", "cocostuff", "sky-other"),
        ("scene", "swing", "cocostuff", None),
        ("cocostuff", "zebra", "cityscapes", None),
    ],
)
def test_named_conversions(source: str, label: str, target: str, becomes: str | None) -> None:
    way = conversion(vocabulary(source), vocabulary(target))
    found = way.target.at(int(way.table[way.source.label(label).pixel]))
    assert (found.name if found else None) == becomes


def test_a_conversion_accounts_for_every_px() -> None:
    coco = vocabulary("cocostuff")
    pixels = np.full((10, 10), UNLABELLED, np.uint8)
    pixels[:5] = coco.label("river").pixel
    pixels[5:7] = coco.label("zebra").pixel
    new, report = convert_labels(pixels, conversion(coco, vocabulary("scene")))
    assert count_labels(new, vocabulary("scene")) == {"river": 50}
    assert report.kept == {("river", "river"): 50}
    assert report.lost == {"zebra": 20}
    assert report.unlabelled == 30
    assert "zebra 20 px" in str(report)


def test_names_words_and_other_names_find_a_label() -> None:
    scene = vocabulary("scene")
    assert scene.label("Palm Tree").name == "tree"
    assert scene.label("ocean").name == "sea"
    assert scene.label("sky-other").name == "sky"
    with pytest.raises(LineworkError, match="did you mean 'river'"):
        scene.label("rivver")


def test_colours_stay_apart() -> None:
    for name in ("cocostuff", "cityscapes", "scene"):
        colors = [np.array(label.rgb, float) for label in vocabulary(name).labels]
        assert min(np.linalg.norm(a - b) for a, b in combinations(colors, 2)) > 19


BAD_LISTS = {
    "no id": ("name,rgb\nsky,#fff\n", "id is missing"),
    "an id beyond": ("id,name,rgb\n300,sky,#fff\n", ":2: the id is '300'"),
    "no colour": ("id,name,rgb\n1,sky,bluish\n", ":2: 'bluish' is not a colour"),
    "an id twice": ("id,name,rgb\n1,sky,#fff\n1,sea,#00f\n", "the id 1 stands twice"),
    "a name twice": ("id,name,rgb\n1,sky,#fff\n2,sky,#00f\n", "the name 'sky' stands twice"),
    "nothing": ("id,name,rgb\n", "holds no labels"),
}


@pytest.mark.parametrize(("text", "said"), BAD_LISTS.values(), ids=BAD_LISTS.keys())
def test_a_list_that_is_none_is_refused(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text(text)
    with pytest.raises((FormatError, LineworkError), match=said):
        vocabulary(str(tmp_path / "own.csv"))


def test_own_lists_convert_by_name(tmp_path: Path) -> None:
    (tmp_path / "camvid.csv").write_text("id,name,rgb\n1,sky,#88aaff\n2,wall,#777\n3,void,#f0f\n")
    own = vocabulary(str(tmp_path / "camvid.csv"))
    way = conversion(own, vocabulary("cityscapes"))
    assert way.table[:3].tolist() == [10, 3, UNLABELLED]
    assert [label.name for label in way.lost] == ["void"]


def test_no_such_vocabulary() -> None:
    with pytest.raises(LineworkError, match="'coco' is no vocabulary; wanted 'cocostuff'"):
        vocabulary("coco")
