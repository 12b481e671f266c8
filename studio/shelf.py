"""The pictures that pages have opened: the last few, in a folder of the server's own.

A page names them by the number that it was given. Files are called what the server calls
them; of the page's name for a file nothing but the suffix is looked at, in a fixed list.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
import tempfile
from collections import OrderedDict
from pathlib import Path

from ..strokes.errors import LineworkError
from . import limits
from .opening import SUFFIXES

_NUMBER = re.compile(r"p[0-9]{1,12}")


class Shelf:
    """The folder, and which of its files are pictures to be found again."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._numbers = itertools.count(1)
        self._kept: OrderedDict[str, Path] = OrderedDict()

    def close(self) -> None:
        """Removes the folder with all that is in it."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def place(self, name: str) -> tuple[str, Path]:
        """A number, and where a file of a suffix is to be written.

        Args:
            name: what the page calls the file.

        Raises:
            LineworkError: a suffix that the studio does not open.
        """
        lower = name.lower()
        suffix = next((suffix for suffix in SUFFIXES if lower.endswith(suffix)), None)
        if suffix is None:
            raise LineworkError(
                f"{shown(name)}: the studio opens {', '.join(SUFFIXES)}; convert it to one of them"
            )
        number = f"p{next(self._numbers)}"
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="linework-studio-"))
        return number, self._folder / f"{number}{suffix}"

    def keep(self, number: str, path: Path) -> None:
        """A picture that a page may name; the oldest goes where there are too many."""
        self._kept[number] = path
        while len(self._kept) > limits.KEPT_PICTURES:
            _, old = self._kept.popitem(last=False)
            self.drop(old)

    def drop(self, path: Path) -> None:
        """Removes a file that nobody needs."""
        path.unlink(missing_ok=True)

    def find(self, number: str) -> Path:
        """Where a picture lies.

        Raises:
            LineworkError: it is not kept, or no longer.
        """
        if not _NUMBER.fullmatch(number) or number not in self._kept:
            raise LineworkError("the studio no longer has this picture; open it again")
        self._kept.move_to_end(number)
        return self._kept[number]


def shown(name: str) -> str:
    """A page's name for a file as it may stand in a sentence: its last part, on one line."""
    last = os.path.basename(name.replace("\\", "/").rstrip("/")) or "the file"
    printable = "".join(c if c.isprintable() else " " for c in last)
    return printable if len(printable) <= limits.NAME else f"{printable[: limits.NAME]}..."
