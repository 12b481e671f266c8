"""`linework trace` on every kind of picture, on folders, and to every format."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from bad_pictures import BLANK, BROKEN, ODD, Write, line, saved
from conftest import Run
from linework.strokes.files import read_drawings
from PIL import Image


@pytest.mark.parametrize("write", BLANK.values(), ids=BLANK.keys())
def test_nothing_drawn_is_an_empty_drawing_and_said_to_be(
    write: Write, run: Run, tmp_path: Path
) -> None:
    result = run("trace", write(tmp_path), "-o", "out.svg")
    assert result.exit_code == 0, result.stderr
    assert "no lines stand out" in result.stderr
    [drawing] = read_drawings("out.svg")
    assert drawing.strokes == ()


@pytest.mark.parametrize("write", ODD.values(), ids=ODD.keys())
def test_one_line_is_one_stroke_however_it_is_stored(
    write: Write, run: Run, tmp_path: Path
) -> None:
    result = run("trace", write(tmp_path), "-o", "out.ndjson")
    assert result.exit_code == 0, result.stderr
    [drawing] = read_drawings("out.ndjson")
    [stroke] = drawing.strokes
    assert drawing.size == (160, 90)
    assert np.abs(stroke.points[:, 1] - 45.5).max() < 1
    assert abs(float(np.ptp(stroke.points[:, 0])) - 120) < 3


@pytest.mark.parametrize(("write", "says"), BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_picture_is_a_sentence(
    write: Write, says: str, run: Run, tmp_path: Path
) -> None:
    path = write(tmp_path)
    result = run("trace", path, "-o", "out.svg")
    assert result.exit_code == 1
    assert says in result.stderr
    assert path.name in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not Path("out.svg").exists()


def test_the_limit_can_be_lifted_and_lowered(run: Run, tmp_path: Path) -> None:
    picture = ODD["grey"](tmp_path)
    assert run("trace", picture, "--max-pixels", 100).exit_code == 1
    assert run("trace", picture, "--max-pixels", 160 * 90).exit_code == 0


@pytest.mark.parametrize("suffix", [".svg", ".ndjson", ".npz", ".bin", ".arrow"])
def test_every_format_holds_the_strokes(suffix: str, run: Run, tmp_path: Path) -> None:
    picture = ODD["grey"](tmp_path)
    result = run("trace", picture, "-o", f"out{suffix}", "--word", "line")
    assert result.exit_code == 0, result.stderr
    [drawing] = read_drawings(f"out{suffix}")
    [stroke] = drawing.strokes
    (x0, y0), (x1, y1) = stroke.points[0], stroke.points[-1]
    assert x1 - x0 > 100
    assert abs(y1 - y0) < 2
    if suffix not in (".npz", ".bin"):
        assert drawing.label == "line"


def many(folder: Path) -> Path:
    """A folder with two good pictures, a blank one, two bad ones, and what is no picture."""
    at = folder / "scans"
    at.mkdir()
    saved("a.png", line())(at)
    saved("b.tif", 255 - line())(at)
    saved("c.png", np.full((60, 90), 255, np.uint8))(at)
    (at / "d.png").write_text("hello")
    (at / "e.jpg").write_bytes(b"")
    (at / "notes.txt").write_text("not for tracing")
    return at


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_bad_picture_does_not_stop_the_others(jobs: int, run: Run, tmp_path: Path) -> None:
    result = run("trace", many(tmp_path), "-o", "traced", "-j", jobs)
    assert result.exit_code == 1
    assert sorted(p.name for p in Path("traced").iterdir()) == ["a.svg", "b.svg", "c.svg"]
    for name in ("d.png", "e.jpg", "c.png"):
        assert name in result.stderr
    assert "2 of the pictures" in result.stderr
    assert [len(next(read_drawings(f"traced/{n}.svg")).strokes) for n in "abc"] == [1, 1, 0]


def test_a_folder_into_one_file(run: Run, tmp_path: Path) -> None:
    result = run("trace", many(tmp_path), "-o", "all.ndjson", "--word", "line")
    assert result.exit_code == 1
    drawings = list(read_drawings("all.ndjson"))
    assert [len(d.strokes) for d in drawings] == [1, 1, 0]
    assert {d.label for d in drawings} == {"line"}


def test_a_name_with_braces_gets_the_pictures_name(run: Run, tmp_path: Path) -> None:
    at = tmp_path / "p"
    at.mkdir()
    for name in ("one.png", "two.png", "two.tif"):
        saved(name, line())(at)
    result = run("trace", at, "-o", "out/{}-traced.npz")
    assert result.exit_code == 0, result.stderr
    found = sorted(p.name for p in Path("out").iterdir())
    assert found == ["one-traced.npz", "two.png-traced.npz", "two.tif-traced.npz"]


def test_only_bad_pictures_write_nothing(run: Run, tmp_path: Path) -> None:
    at = tmp_path / "p"
    at.mkdir()
    for name in ("a.png", "b.png"):
        (at / name).write_text("hello")
    result = run("trace", at, "-o", "all.ndjson")
    assert result.exit_code == 1
    assert "none of 2 pictures" in result.stderr
    assert not Path("all.ndjson").exists()


def test_a_width_in_millimetres_scales_strokes_with_the_page(run: Run, tmp_path: Path) -> None:
    picture = ODD["grey"](tmp_path)
    assert run("trace", picture, "-o", "out.svg", "--width", "150mm").exit_code == 0
    assert run("trace", picture, "-o", "plain.svg").exit_code == 0
    [drawing] = read_drawings("out.svg")
    [stroke] = drawing.strokes
    [plain] = next(read_drawings("plain.svg")).strokes
    scale = 150 * 96 / 25.4 / 160
    assert drawing.size[0] == pytest.approx(160 * scale, abs=0.01)
    assert stroke.width == pytest.approx(plain.width * scale, rel=0.001)
    assert float(np.ptp(stroke.points[:, 0])) == pytest.approx(120 * scale, rel=0.03)


def test_layers_are_inkscapes(run: Run, tmp_path: Path) -> None:
    image = np.full((90, 160, 3), 250, np.uint8)
    image[20:24, 20:140] = (20, 20, 24)
    image[45:49, 20:140] = (205, 40, 40)
    image[70:74, 20:140] = (40, 70, 200)
    Image.fromarray(image).save(tmp_path / "in.png")
    assert run("trace", tmp_path / "in.png", "-o", "out.svg", "--layers").exit_code == 0
    inkscape = "{http://www.inkscape.org/namespaces/inkscape}"
    groups = [
        g for g in ElementTree.parse("out.svg").iter() if g.get(f"{inkscape}groupmode") == "layer"
    ]
    assert [g.get(f"{inkscape}label") for g in groups] == ["black", "red", "blue"]
    assert [len(list(g)) for g in groups] == [1, 1, 1]


def test_width_along_the_stroke(run: Run, tmp_path: Path) -> None:
    """A wedge: pressures in ndjson, an outline in SVG."""
    wedge = np.full((90, 400), 250, np.uint8)
    for x in range(40, 360):
        half = 2 + 3 * (x - 40) / 320
        wedge[round(45 - half) : round(45 + half), x] = 15
    Image.fromarray(wedge).save(tmp_path / "in.png")
    assert run("trace", tmp_path / "in.png", "-o", "out.ndjson", "--vary-width").exit_code == 0
    [stroke] = next(read_drawings("out.ndjson")).strokes
    assert stroke.pressure is not None
    begin, end = float(stroke.pressure[:5].mean()), float(stroke.pressure[-5:].mean())
    if stroke.points[0, 0] > stroke.points[-1, 0]:
        begin, end = end, begin
    assert end - begin > 0.3
    assert run("trace", tmp_path / "in.png", "-o", "out.svg", "--vary-width").exit_code == 0
    [shape] = next(read_drawings("out.svg")).strokes
    assert shape.fill
