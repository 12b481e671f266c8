"""Crops to learn labels from: balance, ignored labels, changes of the picture and not of labels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from linework.datasets.label_folder import (
    Classes,
    LabelFolder,
    count_pixels,
    counted_classes,
    find_label_pairs,
)
from linework.datasets.label_png import write_label_png
from linework.datasets.labelled_crops import (
    IGNORED,
    CropLook,
    LabelledCrops,
    changed,
    learnt_classes,
    learnt_indices,
)
from linework.datasets.labels import UNLABELLED, Label, Vocabulary
from PIL import Image

NAMES = Vocabulary(
    "yard",
    (
        Label(1, "ground", (90, 120, 60)),
        Label(2, "Void", (10, 10, 10)),
        Label(5, "bench", (200, 40, 30), "thing"),
        Label(9, "wall", (150, 150, 160)),
    ),
)
PLAIN = CropLook((1.0, 1.0), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


@pytest.fixture
def yard(tmp_path: Path) -> LabelFolder:
    """Ten pictures of 40 x 60 px of ground and wall, void and unlabelled; one has a bench."""
    for part in ("images", "labels"):
        (tmp_path / part).mkdir()
    for k in range(10):
        pixels = np.zeros((40, 60), np.uint8)
        pixels[:10], pixels[30:32], pixels[38:] = 8, 1, UNLABELLED
        if k == 3:
            pixels[20:24, 44:50] = 4
        write_label_png(tmp_path / "labels" / f"{k}.png", pixels, NAMES)
        Image.fromarray(NAMES.colors[pixels]).save(tmp_path / "images" / f"{k}.png")
    pairs, _, _ = find_label_pairs(tmp_path)
    classes = counted_classes(pairs, NAMES, count_pixels(pairs, NAMES))
    return LabelFolder(tmp_path, pairs, classes)


def crops(folder: LabelFolder, look: CropLook, ignored: tuple[str, ...] = ("void",)):
    classes = learnt_classes(folder.classes, ignored)
    return LabelledCrops([folder], [count_pixels(folder.pairs, NAMES)], classes, look)


def test_what_is_ignored_is_no_class(yard: LabelFolder) -> None:
    assert yard.classes.pixels == (0, 1, 4, 8, UNLABELLED)
    learnt = learnt_classes(yard.classes, ("void",))
    assert learnt.pixels == (0, 4, 8)
    assert learnt_indices(yard.classes, learnt)[:5].tolist() == [0, IGNORED, 1, 2, IGNORED]
    labels = crops(yard, PLAIN).read(3).labels
    assert set(np.unique(labels)) == {0, 1, 2, IGNORED}


def test_a_rare_label_is_seen_as_often_as_the_others(yard: LabelFolder) -> None:
    def seen(balanced: float) -> float:
        source = crops(yard, replace(PLAIN, shown=(0.3, 0.5), balanced=balanced))
        found = [(source.patch(24, np.random.default_rng(k)).labels == 1).any() for k in range(120)]
        return float(np.mean(found))

    assert seen(0.0) < 0.06
    # A third of the crops begin with each of the three labels.
    assert 0.2 < seen(1.0) < 0.6


def test_a_crop_is_its_seed(yard: LabelFolder) -> None:
    source = crops(yard, CropLook())
    one, same, other = (source.patch(32, np.random.default_rng(s)) for s in (1, 1, 2))
    assert one.picture.shape == (32, 32, 3)
    assert np.array_equal(one.picture, same.picture)
    assert np.array_equal(one.labels, same.labels)
    assert not np.array_equal(one.picture, other.picture)


def test_unchanged_crops_are_the_picture(yard: LabelFolder) -> None:
    crop = crops(yard, PLAIN).patch(40, np.random.default_rng(0))
    known = crop.labels != IGNORED
    pixels = np.array([0, 4, 8], np.uint8)[np.where(known, crop.labels, 0)]
    assert np.array_equal(crop.picture[known], NAMES.colors[pixels][known])


@pytest.mark.parametrize("change", ["colour", "blurred", "noisy", "compressed"])
def test_each_change_changes_the_picture_a_little(change: str) -> None:
    picture = np.random.default_rng(0).integers(40, 200, (4, 4, 3)).astype(np.uint8)
    picture = np.kron(picture, np.ones((12, 12, 1), np.uint8))
    look = replace(PLAIN, **{change: 1.0})
    for seed in range(8):
        out = changed(picture, look, np.random.default_rng(seed))
        assert (out.shape, out.dtype) == (picture.shape, np.uint8)
        assert not np.array_equal(out, picture)
        assert np.abs(out.astype(int) - picture).mean() < 80
    assert np.array_equal(changed(picture, PLAIN, np.random.default_rng(0)), picture)


def test_mirrored_crops_keep_their_labels(yard: LabelFolder) -> None:
    plain = crops(yard, replace(PLAIN, shown=(1.0, 1.0))).patch(40, np.random.default_rng(5))
    turned = crops(yard, replace(PLAIN, mirrored=1.0)).patch(40, np.random.default_rng(5))
    assert np.array_equal(turned.picture, plain.picture[:, ::-1])
    assert np.array_equal(turned.labels, plain.labels[:, ::-1])


def test_several_folders_are_one_source(yard: LabelFolder) -> None:
    classes: Classes = learnt_classes(yard.classes, ("void",))
    counts = count_pixels(yard.pairs, NAMES)
    both = LabelledCrops([yard, yard], [counts, counts], classes, PLAIN)
    assert len(both) == 20
    assert np.array_equal(both.read(13).labels, both.read(3).labels)
