"""Pictures held out of label maps: which, and that everything that reads the folder finds them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from linework.datasets.annotations import Options, convert_annotations, verify_annotations
from linework.datasets.label_folder import find_label_pairs, read_names
from linework.strokes.errors import LineworkError
from torture import BOX, content, photo, shape


def labelled(folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        name = f"{number}.x" if number == 1 else str(number)  # a dot is no suffix
        photo(folder / f"{name}.jpg")
        body = content(shape("cat", BOX), imagePath=f"{name}.jpg")
        (folder / f"{name}.json").write_text(json.dumps(body))
    return folder


def names(folder: Path) -> set[str]:
    return {path.name.rpartition(".")[0] for path in folder.glob("*")}


@pytest.mark.parametrize(
    ("count", "share", "held"), [(1, 0.5, 0), (2, 0.01, 1), (2, 0.99, 1), (6, 0.0, 0), (6, 0.34, 2)]
)
def test_the_share_is_held_out(count: int, share: float, held: int, tmp_path: Path) -> None:
    photos, out = labelled(tmp_path / "photos", count), tmp_path / "out"
    report = convert_annotations(photos, out, Options("labels", val=share))
    assert (report.pictures, report.lost) == (count, 0)
    for part in ("img", "label", "inst"):
        learnt, kept_back = names(out / f"train_{part}"), names(out / f"val_{part}")
        assert (len(learnt), len(kept_back)) == (count - held, held)
        assert not learnt & kept_back
        assert names(out / "val_img") == kept_back


def test_training_and_verify_and_the_way_back_find_both(tmp_path: Path) -> None:
    photos, out = labelled(tmp_path / "photos", 6), tmp_path / "out"
    convert_annotations(photos, out, Options("labels", val=0.34))
    learnt, watched, layout = find_label_pairs(out)
    assert read_names(out, learnt, layout).label("cat").pixel == 0
    assert (len(learnt), len(watched)) == (4, 2)
    assert {pair.labels.parent.name for pair in watched} == {"val_label"}
    found = verify_annotations(out)
    assert found.good, str(found)
    assert found.counts["label maps"] == found.counts["instance maps"] == 6
    report = convert_annotations(out, tmp_path / "coco", Options("coco"))
    assert (report.pictures, report.annotations, report.lost) == (6, 6, 0)


def test_names_alone_decide(tmp_path: Path) -> None:
    photos = labelled(tmp_path / "photos", 5)
    convert_annotations(photos, tmp_path / "one", Options("labels", val=0.4))
    convert_annotations(photos, tmp_path / "two", Options("labels", val=0.4), jobs=2)
    assert names(tmp_path / "one" / "val_img") == names(tmp_path / "two" / "val_img")


def test_only_label_maps_have_a_held_out_part(tmp_path: Path) -> None:
    photos = labelled(tmp_path / "photos", 2)
    with pytest.raises(LineworkError, match="for labels only"):
        convert_annotations(photos, tmp_path / "out", Options("coco", val=0.1))
