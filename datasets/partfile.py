"""The files beside a download that let it stop at any moment and go on later.

`NAME.part` holds the bytes so far, `NAME.part.json` what the server said of the
file they belong to. The part takes its name by an atomic rename when complete.
What the disk refuses becomes an error that names the file.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from ..strokes import LineworkError

if sys.platform != "win32":
    import fcntl


class FetchError(LineworkError):
    """A file could not be fetched; the message names it, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Remote:
    """What the server says of a file: enough to resume it and to check it.

    Args:
        url: where it is.
        size: bytes, or None where the server does not say.
        md5: 32 hex digits, or None.
        etag: a strong ETag as sent, quotes and all, or None.
    """

    url: str
    size: int | None
    md5: str | None
    etag: str | None


class PartFile:
    """The files beside `path` that hold a download under way."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file = path.with_name(path.name + ".part")
        self.note = path.with_name(path.name + ".part.json")

    def size(self) -> int:
        """Bytes fetched so far."""
        return self.file.stat().st_size if self.file.exists() else 0

    def remote(self) -> Remote | None:
        """The file that the part began as, or None where that is not known."""
        try:
            return Remote(**json.loads(self.note.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def matches(self, remote: Remote) -> bool:
        """Whether the part is all of `remote`."""
        return matches(self.file, remote)

    def require_space(self, wanted: int) -> None:
        """Raise `FetchError` where fewer than `wanted` bytes are free."""
        free = shutil.disk_usage(self.path.parent).free
        if wanted > free:
            raise _disk_full(self.path, f"{wanted:,} bytes to come, {free:,} free")

    def begin(self, remote: Remote) -> None:
        """Start an empty part of `remote`."""
        with disk(self.path):
            # The part is emptied first: bytes never stand beside another file's note.
            os.truncate(self.file, 0)
            self.note.write_text(json.dumps(asdict(remote)), "utf-8")

    def append(self) -> BinaryIO:
        """The part, open for writing at its end."""
        with disk(self.path):
            return self.file.open("ab")

    def discard(self) -> None:
        """Forget what was fetched."""
        if self.file.exists():
            os.truncate(self.file, 0)
        self.note.unlink(missing_ok=True)

    def drop_if_empty(self) -> None:
        """Leave no empty part behind."""
        if self.file.exists() and self.size() == 0:
            self.file.unlink()
            self.note.unlink(missing_ok=True)

    def finish(self) -> None:
        """Give the complete part its name."""
        with disk(self.path):
            with self.file.open("rb") as file:
                os.fsync(file.fileno())
            os.replace(self.file, self.path)
            self.note.unlink(missing_ok=True)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the part for this process alone, where the system has flock.

        Raises:
            FetchError: another process is fetching the same file.
        """
        if sys.platform == "win32":
            # It renames no open file; two processes at once end as a wrong MD5 there.
            self.append().close()
            yield
            return
        with self.append() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise FetchError(
                    f"{self.path}: another process is fetching this file; wait for it"
                ) from error
            yield


def matches(path: Path, remote: Remote) -> bool:
    """Whether the file has the size and MD5 of the server's; unknown ones are not compared."""
    if remote.size is None or not path.exists() or path.stat().st_size != remote.size:
        return False
    return remote.md5 is None or md5_of(path) == remote.md5


def md5_of(path: Path) -> str:
    """The MD5 of a file, 32 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


@contextlib.contextmanager
def disk(path: Path) -> Iterator[None]:
    """Turn what the disk does into a `FetchError` that names the file."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _disk_full(path, "nothing more can be written") from error
        raise FetchError(f"{path}: the disk refused: {error.strerror}") from error


def _disk_full(path: Path, detail: str) -> FetchError:
    return FetchError(
        f"{path}: the disk is full ({detail}); free some space and run the same "
        "command again: it resumes where it stopped"
    )
