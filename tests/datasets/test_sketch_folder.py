"""Folders of pictures with sketches: layouts, crops that fit, what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from linework.datasets.sketch_folder import SketchFolder, find_sketch_pairs
from linework.strokes import Drawing
from linework.strokes.errors import LineworkError
from linework.strokes.files import write_drawings
from linework.strokes.raster import draw_ink
from PIL import Image

SIDE = 48


def box(at: int) -> tuple[np.ndarray, Drawing]:
    """A dark square on grey, and the sketch of it."""
    picture = np.full((SIDE, SIDE, 3), 180, np.uint8)
    picture[at : at + 16, at : at + 16] = 40
    line = np.array([[0, 0], [16, 0], [16, 16], [0, 16], [0, 0]], np.float32) + at
    return picture, Drawing.from_arrays([line], size=(SIDE, SIDE))


def save(picture: np.ndarray, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path)


def write_pairs(base: Path, suffix: str = ".svg", n: int = 3) -> Path:
    (base / "sketches").mkdir(parents=True)
    for k in range(n):
        picture, drawing = box(8 + 4 * k)
        save(picture, base / "pictures" / f"{k}.png")
        if suffix == ".png":
            save(draw_ink(drawing, SIDE, line_width=1.5), base / "sketches" / f"{k}.png")
        else:
            write_drawings([drawing], base / "sketches" / f"{k}{suffix}")
    return base


@pytest.mark.parametrize("suffix", [".svg", ".ndjson", ".png"])
def test_sketches_lie_on_their_pictures(suffix: str, tmp_path: Path) -> None:
    learnt, held_out = find_sketch_pairs(write_pairs(tmp_path, suffix))
    assert (len(learnt), held_out) == (3, [])
    assert all(pair.strokes == (suffix != ".png") for pair in learnt)
    folder = SketchFolder(learnt)
    seen = 0
    for seed in range(12):
        crop = folder.patch(32, np.random.default_rng(seed))
        assert crop.sketch.shape == (32, 32, 1)
        assert crop.picture.shape == (32, 32, 3)
        edges = np.abs(np.diff(crop.picture[:, :, 0].astype(int), axis=1)).max() > 60
        ink = crop.sketch[:, :, 0] < 160
        if not (edges and ink.any()):
            continue  # cropped away, or the stroke was forgotten
        seen += 1
        columns = np.flatnonzero(ink.any(axis=0))
        dark = np.flatnonzero((crop.picture[:, :, 0] < 110).any(axis=0))
        assert abs(columns.min() - dark.min()) <= 3
        assert abs(columns.max() - dark.max()) <= 3
    assert seen > 6


def test_the_same_rng_cuts_the_same(tmp_path: Path) -> None:
    learnt, _ = find_sketch_pairs(write_pairs(tmp_path))
    one, two = (SketchFolder(learnt).patch(32, np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(one.sketch, two.sketch)
    assert np.array_equal(one.picture, two.picture)


@pytest.mark.parametrize("halves", ["sketch-picture", "picture-sketch"])
def test_pairs_side_by_side(halves: str, tmp_path: Path) -> None:
    picture = np.full((SIDE, SIDE, 3), (200, 60, 60), np.uint8)
    sketch = np.full((SIDE, SIDE, 3), 255, np.uint8)
    sketch[20:23] = 0
    parts = (sketch, picture) if halves == "sketch-picture" else (picture, sketch)
    save(np.hstack(parts), tmp_path / "train" / "a.png")
    save(np.hstack(parts), tmp_path / "val" / "b.png")
    learnt, held_out = find_sketch_pairs(tmp_path, halves)
    assert (len(learnt), len(held_out)) == (1, 1)
    crop = SketchFolder(learnt, 3).patch(SIDE, np.random.default_rng(1))
    assert (crop.picture == (200, 60, 60)).all()
    assert crop.sketch.min() < 60
    assert crop.sketch.max() == 255


def test_pictures_alone_are_drawn_by_hands(tmp_path: Path) -> None:
    for k in range(2):
        save(
            np.hstack([box(8 + 8 * k)[0], np.zeros((SIDE, SIDE, 3), np.uint8)]),
            tmp_path / f"{k}.png",
        )
    learnt, _ = find_sketch_pairs(tmp_path, "left")
    folder = SketchFolder(learnt)
    crops = [folder.patch(32, np.random.default_rng(seed)) for seed in range(8)]
    assert sum((crop.sketch < 128).any() for crop in crops) >= 5
    assert all(crop.picture.min() >= 30 for crop in crops)  # the right half is nowhere


def lay_nothing(base: Path) -> str:
    return ""


def lay_alone(base: Path) -> str:
    save(box(8)[0], base / "pictures" / "a.png")
    return ""


def lay_unmatched(base: Path) -> str:
    write_pairs(base)
    save(box(8)[0], base / "pictures" / "new.png")
    return ""


def lay_halves_of_pairs(base: Path) -> str:
    write_pairs(base)
    return "left"


def lay_wrong_halves(base: Path) -> str:
    save(box(8)[0], base / "a.png")
    return "top"


@pytest.mark.parametrize(
    ("lay", "said"),
    [
        (lay_nothing, "holds no pictures to make sketches of"),
        (lay_alone, "has pictures/ alone; wanted pictures/ and sketches/"),
        (lay_unmatched, "new.png has no sketch of that name in sketches/"),
        (lay_halves_of_pairs, "leave it out"),
        (lay_wrong_halves, "pictures.halves is 'top'; wanted left"),
    ],
)
def test_folders_that_are_none(lay: object, said: str, tmp_path: Path) -> None:
    with pytest.raises(LineworkError, match=said):
        find_sketch_pairs(tmp_path, lay(tmp_path))  # type: ignore[operator]
    with pytest.raises(LineworkError, match="no such folder"):
        find_sketch_pairs(tmp_path / "none")


def test_a_sketch_of_another_aspect_or_of_several_drawings_is_refused(tmp_path: Path) -> None:
    write_pairs(tmp_path, ".ndjson", 1)
    _, drawing = box(8)
    write_drawings([drawing.replace(size=(90, 48))], tmp_path / "sketches" / "0.svg")
    (tmp_path / "sketches" / "0.ndjson").unlink()
    folder = SketchFolder(find_sketch_pairs(tmp_path)[0])
    with pytest.raises(LineworkError, match="wanted one aspect"):
        folder.patch(32, np.random.default_rng(0))
    (tmp_path / "sketches" / "0.svg").unlink()
    write_drawings([drawing, drawing], tmp_path / "sketches" / "0.ndjson")
    folder = SketchFolder(find_sketch_pairs(tmp_path)[0])
    with pytest.raises(LineworkError, match="several drawings; wanted one a file"):
        folder.patch(32, np.random.default_rng(0))
