"""`linework data panels`: files, masks, duplicates, report, sheets; killed, full, broken."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from conftest import Run
from linework.cli.panels import LETTERINGS
from linework.pipeline import panels as pipeline
from linework.pipeline.panels import PanelOptions, cut_pages
from linework.strokes.errors import LineworkError
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1] / "datasets"))
from drawn_art import balloon, scene

# Kills itself, as the kernel would, at the n-th file written.
KILLER = """
import os, signal, sys
from linework.pipeline import panels
original, calls = panels.write_atomically, []
def dying(path, content):
    calls.append(path)
    if len(calls) == int(sys.argv[3]):
        path.with_name(".half.part" + path.suffix).write_bytes(content[:9])
        os.kill(os.getpid(), signal.SIGKILL)
    original(path, content)
panels.write_atomically = dying
panels.cut_pages([sys.argv[1]], sys.argv[2])
"""


def page(seeds: tuple[int, ...], lettered: bool = False) -> np.ndarray:
    """A small page: panels side by side, each the scene of a seed."""
    picture = np.full((240, 20 + 200 * len(seeds), 3), 255, np.uint8)
    for place, seed in enumerate(seeds):
        rng = np.random.default_rng(seed)
        art = scene(rng, 180, 200, "tone")
        if lettered:
            balloon(art, rng, (90, 60), 11)
        cv2.rectangle(art, (0, 0), (179, 199), (0, 0, 0), 2)
        picture[20:220, 20 + 200 * place : 200 + 200 * place] = art
    return picture


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Three pages, the second with a panel of the first."""
    folder = tmp_path / "book"
    folder.mkdir()
    for number, seeds in enumerate([(1, 2), (3, 1, 4), (5, 6)], 1):
        Image.fromarray(page(seeds, lettered=number == 3)).save(folder / f"p{number}.png")
    return folder


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != pipeline.REPORT
    }


def test_choices_that_help_shows_are_the_functions() -> None:
    assert LETTERINGS == pipeline.LETTERINGS
    assert PanelOptions().lettering == LETTERINGS[0]


def test_a_book(book: Path, run: Run) -> None:
    result = run("data", "panels", "book", "-o", "out")
    assert result.exit_code == 0, result.stderr
    assert "out: 6 panels (0 insets, 0 slanted) of 3 pages" in result.stderr
    assert "1 duplicates" in result.stderr
    names = [path.name for path in sorted(Path("out/panels").iterdir())]
    assert names == ["p1_01.png", "p1_02.png", "p2_01.png", "p2_03.png", "p3_01.png", "p3_02.png"]
    assert sorted(p.name for p in Path("out/duplicates/panels").iterdir()) == ["p2_02.png"]
    with Image.open("out/panels/p1_01.png") as first, Image.open("out/lettering/p3_01.png") as mask:
        assert max(abs(first.size[0] - 180), abs(first.size[1] - 200)) <= 3
        assert set(np.unique(np.asarray(mask))) == {0, 255}
    report = json.loads(Path("out/report.json").read_text())
    assert report["totals"]["duplicates"] == 1
    assert [row["duplicate_of"] for row in report["pages"][1]["panels"]] == [
        None, "p1_01.png", None,
    ]  # fmt: skip
    left, top, right, bottom = report["pages"][0]["panels"][1]["box"]
    assert max(abs(left - 220), abs(top - 20), abs(right - 400), abs(bottom - 220)) <= 3
    assert not Path("out/.linework").exists()
    with Image.open("out/sheet_001.jpg") as sheet:
        assert sheet.size[0] > 900


def test_from_the_right_with_duplicates_and_without_words(book: Path, run: Run) -> None:
    wanted = ("data", "panels", "book/p2.png", "book/p1.png", "-o", "out")
    result = run(*wanted, "--right-to-left", "--keep-duplicates", "--lettering", "erase")
    assert result.exit_code == 0, result.stderr
    assert not Path("out/duplicates").exists()
    report = json.loads(Path("out/report.json").read_text())
    lefts = [row["box"][0] for row in report["pages"][0]["panels"]]
    assert lefts == sorted(lefts, reverse=True)
    assert [row["duplicate_of"] for row in report["pages"][1]["panels"]] == [None, "p2_02.png"]
    assert report["options"]["lettering"] == "erase"


def test_one_bad_page_stops_no_other(book: Path, run: Run) -> None:
    (book / "p0.png").write_bytes(b"no picture")
    (book / "p9.jpg").write_bytes(b"")
    Image.new("RGB", (90, 60), "white").save(book / "p4.png")
    result = run("data", "panels", "book", "-o", "out", "-j", 2)
    assert result.exit_code == 1
    assert "p0.png: is not a picture" in result.stderr
    assert "1 pages without a panel, 2 pages could not be read" in result.stderr
    report = json.loads(Path("out/report.json").read_text())
    assert [page["name"] for page in report["pages"] if "error" in page] == ["p0", "p9"]
    assert len(list(Path("out/panels").iterdir())) == 6


@pytest.mark.parametrize("at", [2, 7, 18], ids=["first page", "second page", "a sheet"])
def test_killed_and_resumed(at: int, book: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = [sys.executable, "-c", KILLER, str(book), str(out), str(at)]
    assert subprocess.run(arguments, check=False).returncode == -9
    assert not (out / pipeline.REPORT).exists()
    for file in out.rglob("*.png"):  # what has its final name is whole
        if not file.name.startswith("."):
            with Image.open(file) as picture:
                picture.load()
    cut_pages([book], out)
    cut_pages([book], tmp_path / "whole")
    assert tree(out) == tree(tmp_path / "whole")
    assert (out / pipeline.REPORT).read_text() == (
        (tmp_path / "whole" / pipeline.REPORT).read_text()
    )


def test_what_was_cut_is_not_cut_again(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes) -> None:
        if "p3" in path.name:
            raise LineworkError(f"{path}: cannot be written: {errno.ENOSPC}")
        path.write_bytes(content)

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "write_atomically", full)
        with pytest.raises(LineworkError, match="it goes on where it stopped"):
            cut_pages([book], tmp_path / "out")
    seen = []
    original = pipeline.read_image
    monkeypatch.setattr(
        pipeline, "read_image", lambda path, **more: (seen.append(path.name), original(path))[1]
    )
    assert cut_pages([book], tmp_path / "out").panels == 6
    assert seen == ["p3.png"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("book", "-o", "full"), "holds files already"),
        (("book", "-o", "file"), "is a file"),
        (("nowhere", "-o", "out"), "there is no such file"),
        (("empty", "-o", "out"), "holds no pictures"),
        (("book", "-o", "out", "--max-pixels", 100), "more than 100 px"),
        (("book",), "-o"),
        (("book", "-o", "out", "--lettering", "x"), "'x' is not one of"),
    ],
)
def test_called_wrongly(arguments: tuple[object, ...], said: str, book: Path, run: Run) -> None:
    Path("full").mkdir()
    Path("full/x").write_text("")
    Path("file").write_text("")
    Path("empty").mkdir()
    result = run("data", "panels", *arguments)
    assert result.exit_code in (1, 2)
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_other_options_do_not_go_on_with_a_stopped_run(book: Path, tmp_path: Path) -> None:
    arguments = [sys.executable, "-c", KILLER, str(book), str(tmp_path / "out"), "8"]
    subprocess.run(arguments, check=False)
    with pytest.raises(LineworkError, match="other pages or options"):
        cut_pages([book], tmp_path / "out", PanelOptions(right_to_left=True))
