"""`atomic_path`: a file appears whole under its name, or not at all.

The bytes go to a hidden file beside the target, which is flushed to the disk and
then renamed over it (POSIX rename is atomic within one folder). On any failure,
Ctrl-C included, the hidden file is removed and an older target stays as it was.
Devices and pipes (`/dev/stdout`) cannot be renamed over and are written directly.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import LineworkError

_WAY_OUT = {
    errno.ENOSPC: "the disk is full; free some space or write elsewhere",
    errno.EDQUOT: "the disk quota is used up; free some space or write elsewhere",
    errno.EACCES: "no permission to write here; choose another place",
    errno.EPERM: "no permission to write here; choose another place",
    errno.EROFS: "the disk is mounted read-only; write elsewhere",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
}


@contextmanager
def atomic_path(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A path to write to; when the block ends well, the file is at `path`.

    The yielded path lies in the same folder and has the same suffix. Nothing is
    there yet, so the block creates it.

    Raises:
        LineworkError: the folder is missing, the target is a folder, or writing
            fails (a full disk, no permission). Nothing half-written stays behind.
    """
    # A link keeps pointing where it did: the file it names is what is replaced.
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise LineworkError(f"{path}: is a folder; wanted the name of a file to write")
    if not target.parent.is_dir():
        raise LineworkError(f"{path}: the folder {target.parent} does not exist; create it first")
    in_place = target.exists() and not target.is_file()
    beside = target.with_name(f".{target.stem[:100]}.{secrets.token_hex(4)}.part{target.suffix}")
    part = target if in_place else beside
    try:
        try:
            yield part
            if not in_place:
                _flush(part)
                if target.exists():
                    shutil.copymode(target, part)
                os.replace(part, target)
        except OSError as error:
            # An error about some other file, read meanwhile, is not ours to explain.
            if error.filename is not None and os.fspath(error.filename) != os.fspath(part):
                raise
            why = _WAY_OUT.get(error.errno or 0, error.strerror or str(error))
            raise LineworkError(f"{path}: cannot be written: {why}") from error
    finally:
        with suppress(OSError):
            beside.unlink()


def write_atomically(path: str | os.PathLike[str], content: bytes) -> None:
    """`content` as the file `path`, through `atomic_path` and with its errors."""
    with atomic_path(path) as part:
        part.write_bytes(content)


def _flush(path: Path) -> None:
    """Forces the bytes to the disk: without it a crash can leave an empty file under the name."""
    with open(path, "rb+") as handle:
        os.fsync(handle.fileno())
