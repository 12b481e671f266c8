"""Folders of pictures with label maps: layouts, names, crops, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from linework.datasets.label_folder import (
    LAYOUTS,
    LabelFolder,
    check_labels,
    find_label_pairs,
    read_names,
)
from linework.datasets.label_png import write_label_png
from linework.datasets.labels import UNLABELLED, vocabulary
from linework.strokes.errors import LineworkError
from PIL import Image

RED, BLUE = (200, 30, 20), (20, 40, 210)


def write(path: Path, values: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(values).save(path)


def scene(height: int = 20, width: int = 30) -> tuple[np.ndarray, np.ndarray]:
    """Red above blue, labels 0 above 7; px 255 in a corner."""
    picture = np.empty((height, width, 3), np.uint8)
    picture[: height // 2], picture[height // 2 :] = RED, BLUE
    labels = np.zeros((height, width), np.uint8)
    labels[height // 2 :] = 7
    labels[0, 0] = UNLABELLED
    return picture, labels


def fill(base: Path, pictures: str = "train_img", labels: str = "train_label", n: int = 2) -> None:
    for k in range(n):
        picture, ids = scene()
        write(base / pictures / f"{k}.png", picture)
        write(base / labels / f"{k}.png", ids)


def open_folder(base: Path) -> LabelFolder:
    train, _, layout = find_label_pairs(base)
    names = read_names(base, train, layout)
    classes = check_labels(train, names, zero_is_none=layout.zero_is_none)
    return LabelFolder(base, train, classes, zero_is_none=layout.zero_is_none)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.train[0])
def test_each_layout_is_found(layout, tmp_path: Path) -> None:
    fill(tmp_path, *layout.train)
    fill(tmp_path, *layout.held_out, n=1)
    train, held_out, found = find_label_pairs(tmp_path)
    assert (len(train), len(held_out), found) == (2, 1, layout)


def test_labels_are_counted_and_have_no_gap(tmp_path: Path) -> None:
    fill(tmp_path)
    folder = open_folder(tmp_path)
    assert folder.classes.pixels == (0, 7, UNLABELLED)
    assert [folder.classes.name(p) for p in folder.classes.pixels] == [
        "label 0",
        "label 7",
        "unlabelled",
    ]
    whole = folder.read(0)
    assert whole.labels[0, 0] == 2
    assert set(np.unique(whole.labels)) == {0, 1, 2}


def test_in_ade20k_zero_is_nothing_and_names_are_known(tmp_path: Path) -> None:
    fill(tmp_path, *LAYOUTS[1].train)
    for k in range(2):
        write(tmp_path / "annotations/training" / f"{k}.png", scene()[1] % UNLABELLED)
    folder = open_folder(tmp_path)
    assert folder.classes.pixels == (6, UNLABELLED)
    assert folder.classes.name(6) == vocabulary("ade20k").at(6).name


def test_names_come_from_the_map_or_from_a_list(tmp_path: Path) -> None:
    names = vocabulary("scene")
    pixels = np.full((20, 30), names.label("sky").pixel, np.uint8)
    pixels[10:] = names.label("grass").pixel
    fill(tmp_path, n=1)
    write_label_png(tmp_path / "train_label" / "0.png", pixels, names)
    folder = open_folder(tmp_path)
    assert folder.classes.names.name == "scene"
    assert {folder.classes.name(p) for p in folder.classes.pixels} == {"sky", "grass"}

    fill(tmp_path / "own", n=1)
    (tmp_path / "own" / "labels.csv").write_text("id,name,rgb\n1,wall,#ff0000\n8,door,#00ff00\n")
    own = open_folder(tmp_path / "own")
    assert [own.classes.name(p) for p in own.classes.pixels] == ["wall", "door", "unlabelled"]


def test_a_map_of_colours_is_read_where_they_are_named(tmp_path: Path) -> None:
    fill(tmp_path, n=1)
    write(tmp_path / "train_label" / "0.png", scene()[0])
    (tmp_path / "labels.csv").write_text("id,name,rgb\n1,wall,#c81e14\n8,door,#1428d2\n")
    assert open_folder(tmp_path).classes.pixels == (0, 7)


def test_crops_are_their_seed_and_labels_stay_with_their_colours(tmp_path: Path) -> None:
    fill(tmp_path)
    folder = open_folder(tmp_path)
    shapes = set()
    for seed in range(12):
        crop = folder.patch(16, np.random.default_rng(seed))
        again = folder.patch(16, np.random.default_rng(seed))
        assert np.array_equal(crop.picture, again.picture)
        assert np.array_equal(crop.labels, again.labels)
        assert crop.picture.shape == (16, 16, 3)
        # The row between the two colours is mixed where the crop is not at its own size.
        blue = crop.picture[..., 2] > 200
        red = crop.picture[..., 0] > 190
        assert (crop.labels[blue] == 1).all()
        assert (crop.labels[red] != 1).all()
        shapes.add(int(blue.sum()))
    assert len(shapes) > 2


def test_little_memory_reads_again(tmp_path: Path) -> None:
    fill(tmp_path, n=3)
    train, _, layout = find_label_pairs(tmp_path)
    classes = check_labels(train, read_names(tmp_path, train, layout))
    folder = LabelFolder(tmp_path, train, classes, limit=1)
    first = folder.read(0)
    folder.read(1)
    assert folder.read(0) is not first
    assert np.array_equal(folder.read(0).labels, first.labels)


def _beyond(base: Path) -> None:
    (base / "labels.csv").write_text("id,name,rgb\n1,wall,#ff0000\n2,door,#00ff00\n")


def _colors(base: Path) -> None:
    write(base / "train_label" / "1.png", scene()[0])


def _near_colors(base: Path) -> None:
    write(base / "train_label" / "1.png", scene()[0])
    (base / "labels.csv").write_text("id,name,rgb\n1,wall,#c81e14\n8,door,#1428ff\n")


def _other_size(base: Path) -> None:
    write(base / "train_label" / "1.png", scene(10, 30)[1])


def _no_pictures(base: Path) -> None:
    for path in (base / "train_img").iterdir():
        path.unlink()


def _unpaired(base: Path) -> None:
    (base / "train_label" / "1.png").rename(base / "train_label" / "one.png")


def _one_class(base: Path) -> None:
    for k in range(2):
        write(base / "train_label" / f"{k}.png", np.full((20, 30), 5, np.uint8))


def _sixteen_bits(base: Path) -> None:
    write(base / "train_label" / "1.png", scene()[1].astype(np.uint16) * 300)


def _no_png(base: Path) -> None:
    (base / "train_label" / "1.png").write_bytes(b"\x89PNG\r\n\x1a\n, cut short")


def _other_folder(base: Path) -> None:
    (base / "train_label").rename(base / "masks")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_beyond, r"0\.png: the value 7 at x 0, y 10 \(300 px\) is no label of labels"),
        (_colors, r"1\.png: is RGB, with #c81e14 at x 0, y 0; wanted a number for each px"),
        (_near_colors, r"1\.png: the colour #1428d2 at x 0, y 10 is 45 from"),
        (_other_size, r"1\.png: is 30 x 10 px, .*1\.png 30 x 20; wanted equal sizes"),
        (_no_pictures, r"train_img: holds no pictures"),
        (_unpaired, r"1\.png has no label map of that name in train_label/; there are such as 0"),
        (_one_class, r"one label only, label 5 \(pixel 5\); wanted two or more"),
        (_sixteen_bits, r"1\.png: the value 2100 at x 0, y 10"),
        (_no_png, r"1\.png: is not a picture that can be read"),
        (_other_folder, r"wanted train_img/ and train_label/, or images/training/"),
    ],
)
def test_what_cannot_be_used_is_a_sentence(
    spoil: Callable[[Path], None], says: str, tmp_path: Path
) -> None:
    fill(tmp_path)
    spoil(tmp_path)
    with pytest.raises(LineworkError, match=says):
        open_folder(tmp_path)


def test_a_missing_folder_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(LineworkError, match="nowhere: there is no such folder"):
        find_label_pairs(tmp_path / "nowhere")
