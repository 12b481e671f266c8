"""The record of a run: what was edited is told from what was written, whenever the run died."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from linework.pipeline import whole_record
from linework.pipeline.whole_record import Folder, check_files, find_folders, open_folder
from linework.strokes.atomic import write_atomically
from linework.strokes.errors import FormatError, LineworkError


def fresh(path: Path, **changes: object) -> Folder:
    path.mkdir(exist_ok=True)
    folder = Folder(path, "in.svg", 1, bool(changes.get("picture", False)), {"size": 64})
    folder.save()
    return folder


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    folder.write("5-labels.png", b"one", print)
    folder.done("labels", 0.25, method="rule")
    assert open_folder(tmp_path) == folder
    assert json.loads((tmp_path / "pipeline.json").read_text())["stages"]["labels"] == {
        "seconds": 0.25,
        "method": "rule",
    }


def test_a_stage_done_again_forgets_those_after_it(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    for stage in ("fill", "labels", "paint"):
        folder.done(stage, 1.0)
    folder.done("fill", 2.0)
    assert list(folder.stages) == ["fill"]


def test_only_what_was_edited_is_moved_aside(tmp_path: Path) -> None:
    folder, notes = fresh(tmp_path), []
    for content in (b"one", b"two"):
        folder.write("a.png", content, notes.append)
    assert notes == []
    for content in (b"mine", b"mine too"):
        (tmp_path / "a.png").write_bytes(content)
        folder.write("a.png", b"three", notes.append)
    assert (tmp_path / "a.edited.png").read_bytes() == b"mine"
    assert (tmp_path / "a.edited-2.png").read_bytes() == b"mine too"
    assert (tmp_path / "a.png").read_bytes() == b"three"
    assert len(notes) == 2


def test_a_file_that_was_there_before_us_is_not_lost(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"a holiday")
    fresh(tmp_path).write("a.png", b"ours", lambda text: None)
    assert (tmp_path / "a.edited.png").read_bytes() == b"a holiday"


@pytest.mark.parametrize("survives", range(4))
def test_a_run_that_died_at_any_write_leaves_nothing_that_looks_edited(
    survives: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh(tmp_path).write("a.png", b"old", print)
    left = [survives]

    def dying(path: Path, content: bytes) -> None:
        if left[0] == 0:
            raise KeyboardInterrupt
        left[0] -= 1
        write_atomically(path, content)

    folder = open_folder(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(whole_record, "write_atomically", dying)
        try:
            folder.write("a.png", b"new", print)
            folder.done("fill", 1.0)
        except KeyboardInterrupt:
            pass
    again = open_folder(tmp_path)
    assert (tmp_path / "a.png").read_bytes() in (b"old", b"new")
    assert not again.is_edited("a.png")
    again.write("a.png", b"new", print)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "pipeline.json"]


def test_folders_are_found_alone_or_among_others(tmp_path: Path) -> None:
    fresh(tmp_path / "b")
    fresh(tmp_path / "a")
    (tmp_path / "other").mkdir()
    assert [folder.path.name for folder in find_folders(tmp_path)] == ["a", "b"]
    assert [folder.path.name for folder in find_folders(tmp_path / "a")] == ["a"]
    with pytest.raises(LineworkError, match=r"holds no pipeline\.json"):
        find_folders(tmp_path / "other")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"source": 1}', '{"sha256": 3}'])
def test_a_record_that_is_none_is_a_sentence(text: str, tmp_path: Path) -> None:
    (tmp_path / "pipeline.json").write_text(text)
    with pytest.raises(FormatError, match="is no record of a run"):
        open_folder(tmp_path)


def test_what_a_stage_needs_is_named(tmp_path: Path) -> None:
    picture = fresh(tmp_path, picture=True)
    with pytest.raises(LineworkError, match=r"1-clean\.png: there is no such file; .* clean"):
        check_files(picture, "trace")
    check_files(picture, "clean")
