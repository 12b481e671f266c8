"""`atomic_path`: whole or not at all, and a sentence when the disk says no."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from linework.strokes.atomic import atomic_path, write_atomically
from linework.strokes.errors import LineworkError


def test_appears_at_the_end_only(tmp_path: Path) -> None:
    target = tmp_path / "cat.svg"
    with atomic_path(target) as part:
        part.write_text("new")
        assert not target.exists()
        assert (part.parent, part.suffix) == (target.parent, target.suffix)
    assert target.read_text() == "new"
    assert os.listdir(tmp_path) == ["cat.svg"]


@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt, LineworkError])
def test_failure_keeps_the_old_file(tmp_path: Path, failure: type[BaseException]) -> None:
    target = tmp_path / "cat.svg"
    target.write_text("old")
    with pytest.raises(failure):
        _write_half(target, failure())
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["cat.svg"]


def test_full_disk(tmp_path: Path) -> None:
    with pytest.raises(LineworkError, match=r"cat\.svg: .* disk is full"):
        _write_half(tmp_path / "cat.svg", OSError(errno.ENOSPC, "No space left on device"))
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_device_that_is_full() -> None:
    with pytest.raises(LineworkError, match="disk is full"):
        write_atomically("/dev/full", b"x")


def test_error_about_another_file_is_left_alone(tmp_path: Path) -> None:
    other = FileNotFoundError(errno.ENOENT, "No such file", str(tmp_path / "missing"))
    with pytest.raises(FileNotFoundError):
        _write_half(tmp_path / "out", other)
    assert os.listdir(tmp_path) == []


def _write_half(target: Path, failure: BaseException) -> None:
    with atomic_path(target) as part:
        part.write_text("half")
        raise failure


def test_missing_folder_and_folder_as_target(tmp_path: Path) -> None:
    with pytest.raises(LineworkError, match="does not exist"):
        write_atomically(tmp_path / "no" / "cat.svg", b"")
    with pytest.raises(LineworkError, match="is a folder"):
        write_atomically(tmp_path, b"")


def test_link_and_mode_survive(tmp_path: Path) -> None:
    target, link = tmp_path / "real", tmp_path / "link"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o777 == 0o640


def test_device_is_written_directly() -> None:
    write_atomically("/dev/null", b"x")
    assert not Path("/dev/null").is_file()
