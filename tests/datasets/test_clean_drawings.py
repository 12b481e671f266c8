"""Clean drawings from SVG, zips, fonts and folders; folders of pairs made from them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from linework.datasets.clean_drawings import read_clean_drawings
from linework.datasets.hershey import read_hershey
from linework.datasets.rough_folder import rough_pair, write_rough_pairs
from linework.datasets.roughening import RoughenedDrawings
from linework.strokes.errors import FormatError, LineworkError

EMPTY_SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"/>'
SVG = EMPTY_SVG.replace("/>", '><path d="M2 2L22 2" stroke="#000"/></svg>')
# "!" of rowmans, and a record broken over two lines, as James Hurt's distribution has them.
JHF = "  714  9MWRFRT RRYQZR[SZRY\n  733 12H]SBLb RYBRb RL\nOZO RKUYU\n"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_hershey_glyphs(tmp_path: Path) -> None:
    first, second = read_hershey(write(tmp_path / "font.jhf", JHF))
    assert first.size == (10, 32)
    bar, dot = (s.points.tolist() for s in first.strokes)
    # The left edge M is 5 left of R; rows are counted from the middle.
    assert bar == [[5, 4], [5, 18]]
    assert dot == [[5, 23], [4, 24], [5, 25], [6, 24], [5, 23]]
    assert [len(s) for s in second.strokes] == [2, 2, 2, 2]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("  714  9MWRFRT", "cut short"),
        ("  714 xxMWRFRT", "line 1: columns 6 to 8"),
        ("  714  9MWRFRT RRYQZR[SZRY\n<html>\n", "line 2"),
    ],
)
def test_fonts_that_are_none(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=message):
        read_hershey(write(tmp_path / "font.jhf", text))


def test_a_font_of_bytes(tmp_path: Path) -> None:
    path = tmp_path / "font.jhf"
    path.write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(FormatError, match="Hershey"):
        read_hershey(path)


def test_real_fonts(real_data: Path) -> None:
    folder = real_data / "vector_svg" / "hershey"
    if not folder.is_dir():
        pytest.skip(f"no fonts at {folder}")
    assert len(read_hershey(folder / "rowmans.jhf")) == 95  # all of printable ASCII but the space
    assert sum(len(read_hershey(path)) for path in folder.glob("*.jhf")) > 2500


def test_folders_zips_and_files(tmp_path: Path) -> None:
    write(tmp_path / "in" / "a.svg", SVG)
    write(tmp_path / "in" / "deep" / "empty.svg", EMPTY_SVG)
    write(tmp_path / "in" / "deep" / "font.jhf", JHF)
    write(tmp_path / "in" / "readme.txt", "not a drawing")
    with zipfile.ZipFile(tmp_path / "icons.zip", "w") as archive:
        archive.writestr("icons/b.svg", SVG)
        archive.writestr("icons/c.svg", SVG)
        archive.writestr("icons/LICENSE", "ISC")
    assert len(read_clean_drawings([tmp_path / "in"])) == 3
    assert len(read_clean_drawings([tmp_path / "in", tmp_path / "icons.zip"])) == 5
    assert read_clean_drawings([]) == []


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("nowhere.zip", None, "no such file"),
        ("nowhere.svg", None, "no such file"),
        ("empty.svg", EMPTY_SVG, "no drawing with a line"),
        ("text.zip", "PK but not", "not a zip"),
        ("picture.tiff", "II*", "format"),
        ("folder", ..., "without drawings"),
    ],
)
def test_sources_that_cannot_be_used(
    name: str, content: str | None, message: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    if content is ...:
        path.mkdir()
    elif content is not None:
        write(path, content)
    with pytest.raises(LineworkError, match=message):
        read_clean_drawings([path])


def test_a_folder_of_pairs(tmp_path: Path) -> None:
    source = write(tmp_path / "a.svg", SVG)
    seen: list[tuple[int, int]] = []
    write_rough_pairs(
        [source], tmp_path / "out", 3, size=64, seed=9, progress=lambda *at: seen.append(at)
    )
    assert seen == [(3, 3)]
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["clean", "rough"]
    wanted = rough_pair(RoughenedDrawings(read_clean_drawings([source])), 64, 9, 2)
    for part, picture in (("rough", wanted.rough), ("clean", wanted.clean)):
        read = cv2.imread(str(tmp_path / "out" / part / "000003.png"), cv2.IMREAD_UNCHANGED)
        assert np.array_equal(read, picture)


@pytest.mark.slow
def test_processes_write_the_same(tmp_path: Path) -> None:
    for jobs in (1, 2):
        write_rough_pairs([], tmp_path / str(jobs), 20, size=64, seed=1, jobs=jobs)
    for path in sorted((tmp_path / "1").rglob("*.png")):
        other = tmp_path / "2" / path.relative_to(tmp_path / "1")
        assert path.read_bytes() == other.read_bytes()


def test_pairs_that_cannot_be_written(tmp_path: Path) -> None:
    blocked = write(tmp_path / "file", "in the way")
    with pytest.raises(LineworkError, match=r"file.rough"):
        write_rough_pairs([], blocked, 1, size=64)
    with pytest.raises(LineworkError, match="size of 8 px"):
        write_rough_pairs([], tmp_path, 1, size=8)
