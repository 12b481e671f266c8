"""Every hostile case is converted rightly or refused by name, in one run over all of them."""

from __future__ import annotations

import base64
import binascii
import contextlib
import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torture
from linework.datasets.annotations import (
    ConversionReport,
    Options,
    convert_annotations,
    verify_annotations,
)
from pycocotools.coco import COCO
from torture import CASES, folder_of

# pycocotools 2.0.11 on numpy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@dataclass
class Converted:
    """The torture folder, converted once."""

    root: Path
    out: Path
    report: ConversionReport
    coco: COCO
    lines: list[dict[str, str]]

    def masks(self, prefix: str) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
        """Label and mask of each annotation of a case, drawn by pycocotools."""
        for annotation in self.coco.dataset["annotations"]:
            image = self.coco.imgs[annotation["image_id"]]
            if image["file_name"].startswith(f"{prefix}/"):
                name = self.coco.cats[annotation["category_id"]]["name"]
                yield name, self.coco.annToMask(annotation).astype(bool)


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Converted:
    root = torture.write_all(tmp_path_factory.mktemp("torture") / "photos")
    out = root.parent / "out"
    report = convert_annotations(root, out, Options("coco"))
    with open(out / "report.csv", newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    return Converted(root, out, report, COCO(str(out / "annotations.json")), lines)


def test_there_are_enough() -> None:
    assert len(CASES) >= 40


@pytest.mark.parametrize(("number", "case"), list(enumerate(CASES.values())), ids=list(CASES))
def test_case(number: int, case: torture.Case, converted: Converted) -> None:
    prefix = folder_of(number)
    found = list(converted.masks(prefix))
    union: dict[str, Any] = {}
    for label, mask in found:
        union[label] = union.get(label, False) | mask
    assert set(union) == set(case.masks)
    assert len(found) == (len(case.masks) if case.count is None else case.count)
    for label, wanted in case.masks.items():
        if isinstance(wanted, np.ndarray):
            np.testing.assert_array_equal(union[label], wanted)
        else:
            assert union[label].sum() == pytest.approx(wanted, rel=0.04, abs=3)
    own = [line for line in converted.lines if line["file"].lstrip("'").startswith(f"{prefix}/")]
    for words, converts in ((case.lost, "no"), (case.note, "yes")):
        said = [line for line in own if line["converted"] == converts]
        if not words:
            assert converts == "yes" or not said, said
            continue
        [line] = [
            line for line in said if all(word in line["found"] + line["done"] for word in words)
        ]
        if case.at is not None:
            assert line["shape"] == str(case.at)


def test_it_verifies(converted: Converted) -> None:
    # Two pictures are missing or no pictures; the annotations are kept all the same.
    findings = verify_annotations(converted.out / "annotations.json", images=converted.out / "none")
    assert findings.good, findings
    assert findings.counts["areas and boxes exact"] == findings.counts["annotations"]
    assert findings.scores == {"AP segm": 1.0, "AP bbox": 1.0}


def test_ids_begin_at_1_and_categories_are_in_order(converted: Converted) -> None:
    data = converted.coco.dataset
    for kind in ("images", "annotations", "categories"):
        assert [item["id"] for item in data[kind]] == list(range(1, len(data[kind]) + 1))
    names = [category["name"] for category in data["categories"]]
    assert names == sorted(names)
    assert not {"__ignore__", "_background_"} & set(names)


def test_pictures_are_the_same_bytes(converted: Converted) -> None:
    copies = [path for path in (converted.out / "images").rglob("*") if path.is_file()]
    assert len(copies) > 40
    originals = {path.read_bytes() for path in converted.root.rglob("*") if path.is_file()}
    embedded = {
        json.loads(path.read_bytes()).get("imageData")
        for path in converted.root.glob("*/a.json")
        if b'"imageData": "' in path.read_bytes()
    }
    for data in filter(None, embedded):
        with contextlib.suppress(binascii.Error, ValueError):
            originals.add(base64.b64decode(data))
    assert all(path.read_bytes() in originals for path in copies)


def test_everything_lost_has_a_line(converted: Converted) -> None:
    wanted = sum(bool(case.lost) for case in CASES.values())
    assert converted.report.lost == wanted
    assert sum(line["converted"] == "no" for line in converted.lines) == wanted


def test_back_again_every_mask_to_the_px(converted: Converted, tmp_path: Path) -> None:
    convert_annotations(converted.out, tmp_path / "back", Options("labelme"))
    convert_annotations(tmp_path / "back", tmp_path / "again", Options("coco"))
    first = converted.coco.dataset
    again = json.loads((tmp_path / "again" / "annotations.json").read_bytes())
    masks = [
        sorted(
            (a["category_id"], str(a["segmentation"]), a["area"], str(a["bbox"]))
            for a in data["annotations"]
        )
        for data in (first, again)
    ]
    assert masks[0] == masks[1]
    assert first["categories"] == again["categories"]


@pytest.mark.parametrize("target", ["panoptic", "stuff", "labels"])
def test_other_formats_verify(converted: Converted, target: str, tmp_path: Path) -> None:
    report = convert_annotations(converted.out, tmp_path / "x", Options(target, pictures="none"))
    assert report.pictures == len(converted.coco.imgs)
    if target != "labels":  # which are checked with their pictures, and some have none
        assert verify_annotations(tmp_path / "x", images=tmp_path / "none").good
