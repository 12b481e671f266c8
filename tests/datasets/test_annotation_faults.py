"""Killed, full, unreadable, endless, huge: what a conversion does when the world is against it."""

from __future__ import annotations

import errno
import filecmp
import json
import os
import shutil
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
import torture
from linework.datasets.annotations import Options, convert_annotations, reading, sources
from linework.datasets.annotations.journal import Journal
from linework.strokes.errors import LineworkError
from torture import BOX, content, photo, shape

# Kills itself, as the kernel would, at the n-th call of a function of a module.
KILLER = """
import importlib, os, signal, sys
from linework.datasets.annotations import Options, convert_annotations
module, name, count = sys.argv[3], sys.argv[4], int(sys.argv[5])
owner = importlib.import_module("linework.datasets.annotations." + module)
*path, last = name.split(".")
for part in path:
    owner = getattr(owner, part)
original, calls = getattr(owner, last), []
def dying(*arguments, **more):
    calls.append(1)
    if len(calls) == count:
        os.kill(os.getpid(), signal.SIGKILL)
    return original(*arguments, **more)
setattr(owner, last, dying)
convert_annotations(sys.argv[1], sys.argv[2], Options(sys.argv[6]))
"""


SKY = [[0, 0], [60, 0], [60, 8]]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Six labelled pictures in two folders."""
    for number in range(6):
        folder = tmp_path / "photos" / "ab"[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        photo(folder / f"{number}.jpg")
        body = content(shape("cat", BOX), shape("sky", SKY), imagePath=f"{number}.jpg")
        (folder / f"{number}.json").write_text(json.dumps(body))
    return tmp_path / "photos"


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize(
    ("where", "count", "target"),
    [
        (("reading", "os.replace"), 1, "coco"),  # before anything is in place
        (("reading", "os.replace"), 2, "coco"),  # before the second, the first being noted
        (("reading", "os.replace"), 4, "coco"),  # while reading, a picture half in place
        (("journal", "Journal.add"), 9, "labels"),  # while writing
        (("convert", "shutil.rmtree"), 1, "coco"),  # complete, but for the journal
    ],
    ids=["the first", "the second", "reading", "writing", "the last file"],
)
def test_killed_and_resumed(
    where: tuple[str, str], count: int, target: str, photos: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    arguments = [photos, out, *where, count, target]
    killed = subprocess.run([sys.executable, "-c", KILLER, *map(str, arguments)], check=False)
    assert killed.returncode == -9
    last = {"coco": "annotations.json", "labels": "vocabulary.csv"}[target]
    assert (out / ".linework").is_dir()
    if where[1] != "shutil.rmtree":
        assert not (out / last).exists()
    for path in out.rglob("*"):  # what has its final name is whole
        if path.suffix == ".jpg" and not path.name.startswith("."):
            assert path.stat().st_size == (photos / "a" / "0.jpg").stat().st_size
    convert_annotations(photos, out, Options(target))
    convert_annotations(photos, tmp_path / "whole", Options(target))
    assert tree(out) == tree(tmp_path / "whole")


def test_killed_while_pictures_are_held_out(photos: Path, tmp_path: Path) -> None:
    out, options = tmp_path / "out", Options("labels", val=0.5)
    script = KILLER.replace("Options(sys.argv[6])", "Options(sys.argv[6], val=0.5)")
    arguments = [photos, out, "label_maps", "os.replace", 5, "labels"]
    killed = subprocess.run([sys.executable, "-c", script, *map(str, arguments)], check=False)
    assert killed.returncode == -9
    assert not (out / "vocabulary.csv").exists()
    convert_annotations(photos, out, options)
    convert_annotations(photos, tmp_path / "whole", options)
    assert tree(out) == tree(tmp_path / "whole")


def test_what_was_read_is_not_read_again(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("linework.datasets.annotations.convert.write_record", _fail)
        with pytest.raises(RuntimeError):
            convert_annotations(photos, tmp_path / "out", Options("coco"))
    seen: list[str] = []
    original = reading.read_labelme

    def counted(path: Path, *arguments: Any, **more: Any) -> Any:
        seen.append(path.name)
        return original(path, *arguments, **more)

    monkeypatch.setattr(reading, "read_labelme", counted)
    changed = photos / "a" / "0.json"
    body = content(shape("dog", BOX), imagePath="0.jpg", version="6")
    changed.write_text(json.dumps(body))
    report = convert_annotations(photos, tmp_path / "out", Options("coco"))
    assert seen == ["0.json"]
    assert (report.pictures, report.annotations, report.labels) == (6, 11, 3)


def _fail(*arguments: object) -> None:
    raise RuntimeError


def test_a_stopped_conversion_is_not_mixed_with_another(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr("linework.datasets.annotations.convert.write_record", _fail)
        with pytest.raises(RuntimeError):
            convert_annotations(photos, out, Options("coco"))
    with pytest.raises(LineworkError, match="other sources or options"):
        convert_annotations(photos, out, Options("coco", line_width=3))


def test_two_at_once_do_not_write_into_one_folder(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = []
    original = reading.read_labelme

    def meanwhile(*arguments: Any, **more: Any) -> Any:
        if not said:
            with pytest.raises(LineworkError, match="another process is converting") as error:
                convert_annotations(photos, tmp_path / "out", Options("coco"))
            said.append(error)
        return original(*arguments, **more)

    monkeypatch.setattr(reading, "read_labelme", meanwhile)
    report = convert_annotations(photos, tmp_path / "out", Options("coco"))
    assert said
    assert (report.pictures, report.lost) == (6, 0)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "annotations.json", "images", "report.csv",
    }  # fmt: skip


def test_a_journal_drops_a_line_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "j" / "x.ndjson"
    with Journal(path, "s") as journal:
        journal.add([("a", "1", b"[1]"), ("b", "1", b"[2]")])
    path.write_bytes(path.read_bytes()[:-5])
    with Journal(path, "s") as journal:
        assert (journal.has("a", "1"), journal.has("a", "2"), journal.has("b", "1")) == (
            True, False, False,
        )  # fmt: skip
        journal.add([("b", "1", b"[3]")])
        assert list(journal.values(["b", "a", "c"])) == [b"[3]", b"[1]"]
    with Journal(path, "other") as journal:
        assert not journal.has("a", "1")


def test_several_processes_write_the_same_bytes(photos: Path, tmp_path: Path) -> None:
    options = Options("labels", labels="cocostuff")  # vocabularies cannot be pickled
    for path in photos.rglob("*.json"):
        path.write_text(path.read_text().replace('"sky"', '"sky-other"'))
    convert_annotations(photos, tmp_path / "one", options, jobs=1)
    convert_annotations(photos, tmp_path / "two", options, jobs=2)
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


@pytest.mark.parametrize("what", ["shutil.copyfile", "Path.write_bytes", "Image.Image.save"])
def test_full_disk(
    what: str, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object, **more: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    places = {
        "shutil.copyfile": ("shutil.copyfile", "coco"),
        "Path.write_bytes": ("pathlib.Path.write_bytes", "panoptic"),
        "Image.Image.save": ("PIL.Image.Image.save", "labels"),
    }
    name, target = places[what]
    with monkeypatch.context() as patch:
        patch.setattr(name, full)
        with pytest.raises(LineworkError, match=r"No space left|disk is full"):
            convert_annotations(photos, tmp_path / "out", Options(target))
    assert not any(path.name.endswith(".part") for path in (tmp_path / "out").rglob("*"))
    report = convert_annotations(photos, tmp_path / "out", Options(target))  # it goes on
    assert (report.pictures, report.lost) == (6, 0)


def test_a_journal_on_a_full_disk(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Journal, results: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Journal, "add", full)
    with pytest.raises(LineworkError, match="make room"):
        convert_annotations(photos, tmp_path / "out", Options("coco"))


def test_an_unreadable_folder_is_named(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = os.scandir

    def scandir(path: Any) -> Any:
        if isinstance(path, Path) and path.name == "b":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return original(path)

    monkeypatch.setattr(sources.os, "scandir", scandir)
    report = convert_annotations(photos, tmp_path / "out", Options("coco"))
    assert (report.pictures, report.lost) == (3, 1)
    assert "b: the folder cannot be read: Permission denied" in str(report)


def test_an_unreadable_file_is_named(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Path.read_bytes

    def read_bytes(path: Path) -> bytes:
        if path.name == "3.json":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return original(path)

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    report = convert_annotations(photos, tmp_path / "out", Options("coco"))
    assert (report.pictures, report.lost) == (5, 1)
    assert "b/3.json: cannot be read: Permission denied" in str(report)


def test_links_that_lead_back(photos: Path, tmp_path: Path) -> None:
    (photos / "a" / "up").symlink_to(photos)
    (photos / "again").symlink_to(photos / "b")
    (photos / "broken.json").symlink_to(photos / "nowhere.json")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    photo(elsewhere / "x.jpg")
    (elsewhere / "x.json").write_text(json.dumps(content(shape("cat", BOX), imagePath="x.jpg")))
    (photos / "linked").symlink_to(elsewhere)
    report = convert_annotations(photos, tmp_path / "out", Options("coco"))
    assert report.pictures == 7
    assert report.lost == 1
    assert "broken.json: cannot be read" in str(report)
    assert "a/up: leads to a folder seen before; passed over" in str(report)


def huge_png(path: Path, width: int, height: int) -> None:
    """A picture whose header says its size, and that holds nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


@pytest.fixture
def gigantic(tmp_path: Path) -> Path:
    folder = tmp_path / "gigantic"
    folder.mkdir()
    huge_png(folder / "a.png", 20_000, 10_000)
    corners = [[0, 0], [20_000, 0], [20_000, 10_000], [0, 10_000]]
    body = content(shape("sky", corners), imagePath="a.png", imageWidth=20_000, imageHeight=10_000)
    (folder / "a.json").write_text(json.dumps(body))
    return folder


def test_200_megapixels_need_no_memory(gigantic: Path, tmp_path: Path) -> None:
    convert_annotations(gigantic, tmp_path / "out", Options("coco"))
    [annotation] = json.loads((tmp_path / "out" / "annotations.json").read_text())["annotations"]
    assert (annotation["area"], annotation["bbox"]) == (200_000_000, [0, 0, 20_000, 10_000])


@pytest.mark.parametrize("target", ["labels", "panoptic", "stuff"])
def test_200_megapixels_are_not_drawn(target: str, gigantic: Path, tmp_path: Path) -> None:
    report = convert_annotations(gigantic, tmp_path / "out", Options(target))
    assert report.lost == 1
    assert "20,000 x 10,000 px are more than 100,000,000 px" in str(report)
    assert "--max-pixels" in str(report)


def test_a_mask_that_claims_200_megapixels(tmp_path: Path) -> None:
    import base64

    huge_png(tmp_path / "mask.png", 20_000, 10_000)
    text = base64.b64encode((tmp_path / "mask.png").read_bytes()).decode()
    (tmp_path / "in").mkdir()
    torture.file(torture.CAT, shape("dog", [[0, 0], [9, 9]], "mask", mask=text))(tmp_path / "in")
    report = convert_annotations(tmp_path / "in", tmp_path / "out", Options("coco"))
    assert (report.annotations, report.lost) == (1, 1)
    assert "a mask of 20,000 x 10,000 px" in str(report)


def test_a_json_of_500_megabytes(photos: Path, tmp_path: Path) -> None:
    with open(photos / "a" / "large.json", "wb") as file:
        file.write(b'{"shapes": [')
        file.truncate(500_000_000)
    report = convert_annotations(photos, tmp_path / "out", Options("coco"))
    assert (report.pictures, report.lost) == (6, 1)
    assert "a/large.json: has 500 MB; wanted 268 MB at most" in str(report)


def test_out_within_the_source_is_no_source(photos: Path) -> None:
    report = convert_annotations(photos, photos / "out", Options("labelme"))
    assert report.pictures == 6


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (lambda f: (f / "out").mkdir() or (f / "out" / "x").write_text(""), "holds files already"),
        (lambda f: (f / "out").write_text(""), "is a file"),
        (lambda f: shutil.rmtree(f / "photos"), "no such file or folder"),
        (lambda f: [p.unlink() for p in (f / "photos").rglob("*.json")], "holds no annotations"),
        (
            lambda f: [p.write_text("{}") for p in (f / "photos").rglob("*.json")],
            "nothing could be converted",
        ),
    ],
)
def test_refused(prepare: Any, said: str, photos: Path, tmp_path: Path) -> None:
    prepare(tmp_path)
    with pytest.raises(LineworkError, match=said):
        convert_annotations(photos, tmp_path / "out", Options("coco"))


def test_pictures_may_be_linked_or_left(photos: Path, tmp_path: Path) -> None:
    convert_annotations(photos, tmp_path / "link", Options("coco", pictures="link"))
    assert os.path.samefile(tmp_path / "link" / "images" / "a" / "0.jpg", photos / "a" / "0.jpg")
    convert_annotations(photos, tmp_path / "none", Options("coco", pictures="none"))
    data = json.loads((tmp_path / "none" / "annotations.json").read_text())
    named = tmp_path / "none" / "images" / data["images"][0]["file_name"]
    assert filecmp.cmp(os.path.normpath(named), photos / "a" / "0.jpg")
