"""Label PNGs: ids and colours at once, told apart when read, refused in a sentence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from linework.datasets.label_png import (
    TOLERANCE,
    check_same_size,
    read_label_png,
    write_label_png,
)
from linework.datasets.labels import UNLABELLED, VOCABULARIES, vocabulary
from linework.strokes import FormatError, LineworkError
from PIL import Image

Map = npt.NDArray[np.uint8]


def some_map(name: str, seed: int = 0) -> Map:
    pixels = [label.pixel for label in vocabulary(name).labels]
    return np.random.default_rng(seed).choice([*pixels, UNLABELLED], (40, 60)).astype(np.uint8)


@pytest.mark.parametrize("name", VOCABULARIES)
def test_what_is_written_is_ids_and_colours_at_once(name: str, tmp_path: Path) -> None:
    pixels, names = some_map(name), vocabulary(name)
    write_label_png(tmp_path / "a.png", pixels, names)
    with Image.open(tmp_path / "a.png") as image:
        assert image.mode == "P"
        assert (np.asarray(image) == pixels).all()
        assert (np.asarray(image.convert("RGB")) == names.colors[pixels]).all()
    reading = read_label_png(tmp_path / "a.png")
    assert reading.vocabulary.name == name
    assert reading.form == "ids"
    assert (reading.pixels == pixels).all()


def test_equal_maps_are_equal_bytes(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        write_label_png(tmp_path / name, some_map("scene"), vocabulary("scene"))
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def as_grey(pixels: Map, names: str) -> Image.Image:
    return Image.fromarray(pixels)


def as_16_bits(pixels: Map, names: str) -> Image.Image:
    return Image.fromarray(pixels.astype(np.uint16))


def as_grey_in_rgb(pixels: Map, names: str) -> Image.Image:
    return Image.fromarray(np.repeat(pixels[:, :, None], 3, axis=2))


def as_colors(pixels: Map, names: str) -> Image.Image:
    return Image.fromarray(vocabulary(names).colors[pixels])


def as_colors_with_alpha(pixels: Map, names: str) -> Image.Image:
    return as_colors(pixels, names).convert("RGBA")


def as_shuffled_palette(pixels: Map, names: str) -> Image.Image:
    order = np.random.default_rng(1).permutation(256)
    image = Image.fromarray(np.argsort(order)[pixels].astype(np.uint8))
    image.putpalette(vocabulary(names).colors[order].tobytes())
    return image


def as_foreign_palette(pixels: Map, names: str) -> Image.Image:
    image = Image.fromarray(pixels)
    image.putpalette(np.random.default_rng(2).integers(0, 256, 768, dtype=np.uint8).tobytes())
    return image


FORMS: dict[str, tuple[Callable[[Map, str], Image.Image], str]] = {
    "grey": (as_grey, "ids"),
    "16 bits": (as_16_bits, "ids"),
    "grey saved as RGB": (as_grey_in_rgb, "ids"),
    "colours": (as_colors, "colours"),
    "colours with alpha": (as_colors_with_alpha, "colours"),
    "an indexed picture in another order": (as_shuffled_palette, "colours"),
    "indexed with a foreign palette": (as_foreign_palette, "ids"),
}


@pytest.mark.parametrize("name", VOCABULARIES)
@pytest.mark.parametrize(("save", "form"), FORMS.values(), ids=FORMS.keys())
def test_ids_and_colours_are_told_apart(
    save: Callable[[Map, str], Image.Image], form: str, name: str, tmp_path: Path
) -> None:
    pixels = some_map(name)
    save(pixels, name).save(tmp_path / "a.png")
    reading = read_label_png(tmp_path / "a.png", vocabulary(name))
    assert reading.form == form
    assert (reading.pixels == pixels).all()
    assert reading.snapped == 0


def test_colours_tell_their_vocabulary(tmp_path: Path) -> None:
    for name in VOCABULARIES:
        as_colors(some_map(name), name).save(tmp_path / "a.png")
        assert read_label_png(tmp_path / "a.png").vocabulary.name == name


def test_near_colours_snap_and_are_counted(tmp_path: Path) -> None:
    pixels = np.full((10, 10), vocabulary("scene").label("sand").pixel, np.uint8)
    colors = vocabulary("scene").colors[pixels].astype(int)
    colors[:3] += (3, -3, 2)
    Image.fromarray(colors.astype(np.uint8)).save(tmp_path / "a.png")
    reading = read_label_png(tmp_path / "a.png", vocabulary("scene"))
    assert (reading.pixels == pixels).all()
    assert reading.snapped == 30
    assert reading.worst == pytest.approx(22**0.5)
    assert "30 px snapped" in str(reading)
    assert reading.worst < TOLERANCE


def test_a_foreign_colour_is_named_with_its_place_or_dropped(tmp_path: Path) -> None:
    colors = vocabulary("scene").colors[some_map("scene")]
    colors[7, 11] = (0, 255, 0)
    Image.fromarray(colors).save(tmp_path / "a.png")
    with pytest.raises(FormatError, match=r"a\.png: the colour #00ff00 at x 11, y 7 is .* 1 px"):
        read_label_png(tmp_path / "a.png", vocabulary("scene"))
    reading = read_label_png(tmp_path / "a.png", vocabulary("scene"), refuse_unknown=False)
    assert reading.unknown == 1
    assert reading.pixels[7, 11] == UNLABELLED


def test_ade20ks_own_files_count_from_one(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, 1, 150]], np.uint8)).save(tmp_path / "a.png")
    reading = read_label_png(tmp_path / "a.png", vocabulary("ade20k"), zero_is_none=True)
    assert reading.pixels.tolist() == [[UNLABELLED, 0, 149]]


def broken(folder: Path, name: str) -> Path:
    """A file that cannot be read as labels of COCO-Stuff."""
    path = folder / "bad.png"
    wide = np.zeros((4, 5), np.uint16)
    if name == "an id beyond":
        wide[2, 3] = 182
        Image.fromarray(wide.astype(np.uint8)).save(path)
    elif name == "16 bits beyond":
        wide[1, 4] = 24_576
        Image.fromarray(wide).save(path)
    elif name == "a photo":
        noise = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
        Image.fromarray(noise).save(path)
    elif name == "cut short":
        write_label_png(path, some_map("cocostuff"), vocabulary("cocostuff"))
        path.write_bytes(path.read_bytes()[:200])
    elif name == "another vocabulary":
        write_label_png(path, some_map("scene"), vocabulary("scene"))
    elif name == "text":
        path.write_text("hello")
    elif name == "a folder":
        path.mkdir()
    return path


BROKEN = {
    "an id beyond": "the value 182 at x 3, y 2",
    "16 bits beyond": "the value 24576 at x 4, y 1",
    "a photo": "the colour #",
    "cut short": "not a picture that can be read",
    "another vocabulary": "holds labels of scene, not cocostuff",
    "text": "not a picture that can be read",
    "a folder": "is a folder",
    "missing": "no such file",
}


@pytest.mark.parametrize(("name", "said"), BROKEN.items(), ids=BROKEN.keys())
def test_bad_files_are_refused_by_name_and_value(name: str, said: str, tmp_path: Path) -> None:
    path = broken(tmp_path, name)
    with pytest.raises(LineworkError, match=said) as error:
        read_label_png(path, vocabulary("cocostuff"))
    assert "bad.png" in str(error.value)


def test_colours_are_not_taken_for_ids(tmp_path: Path) -> None:
    as_grey(some_map("cocostuff"), "cocostuff").save(tmp_path / "a.png")
    with pytest.raises(FormatError, match="is no label of scene"):
        read_label_png(tmp_path / "a.png", vocabulary("scene"))
    with pytest.raises(LineworkError, match="does not say which vocabulary"):
        read_label_png(tmp_path / "a.png")


@pytest.mark.parametrize("value", [41, 254, 300, -1])
def test_what_is_no_label_is_not_written(value: int, tmp_path: Path) -> None:
    pixels = np.full((3, 3), UNLABELLED)
    pixels[1, 2] = value
    with pytest.raises(FormatError, match=f"the value {value} at x 2, y 1"):
        write_label_png(tmp_path / "a.png", pixels, vocabulary("cityscapes"))
    assert not (tmp_path / "a.png").exists()


def test_sizes_that_differ(tmp_path: Path) -> None:
    with pytest.raises(LineworkError, match=r"a\.png: is 60 x 40 px, a\.jpg 60 x 41"):
        check_same_size("a.png", some_map("scene"), "a.jpg", (60, 41))
    check_same_size("a.png", some_map("scene"), "a.jpg", (60, 40))


def test_coco_stuffs_own_files(real_data: Path) -> None:
    files = sorted((real_data / "seg" / "coco_stuff" / "train_label").glob("*.png"))
    assert files
    for path in files:
        assert read_label_png(path, vocabulary("cocostuff")).form == "ids"
