"""`Journal`: results of a long run, a line each, so that a killed run goes on where it was.

A line is written when its result is complete; a line cut short by a kill is dropped when
the journal is opened again. The first line says with what settings it was made: with
others it begins anew. Where lines lie is kept in memory, the lines are not.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType

import msgspec


class _Head(msgspec.Struct):
    settings: str


class _Line(msgspec.Struct):
    key: str
    stamp: str
    value: msgspec.Raw


class Journal:
    """A file of keyed results.

    Args:
        path: of the file; made with its folder.
        settings: what results depend on beside their own input.
    """

    def __init__(self, path: Path, settings: str) -> None:
        self._places: dict[str, tuple[int, int, str]] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = open(path, "a+b")  # noqa: SIM115, open as long as the journal
        end = self._load(settings)
        self._file.truncate(end)
        self._file.seek(0, os.SEEK_END)
        if end == 0:
            self._file.write(msgspec.json.encode(_Head(settings)) + b"\n")
            # A run that is killed over its very first item is known for what it was.
            self._file.flush()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def has(self, key: str, stamp: str) -> bool:
        """Whether there is a result for the key, of input with that stamp."""
        found = self._places.get(key)
        return found is not None and found[2] == stamp

    def add(self, results: Iterable[tuple[str, str, bytes]]) -> None:
        """Keys, stamps and results as JSON; on disk when this returns, but for a power cut."""
        self._file.seek(0, os.SEEK_END)
        for key, stamp, value in results:
            line = msgspec.json.encode(_Line(key, stamp, msgspec.Raw(value))) + b"\n"
            self._places[key] = (self._file.tell(), len(line), stamp)
            self._file.write(line)
        self._file.flush()

    def values(self, keys: Iterable[str]) -> Iterator[bytes]:
        """The results of keys, in their order; keys without one are passed over."""
        self._file.flush()
        for key in keys:
            if key in self._places:
                start, length, _ = self._places[key]
                self._file.seek(start)
                line = self._file.read(length)
                yield bytes(msgspec.json.decode(line, type=_Line).value)

    def _load(self, settings: str) -> int:
        """Finds the lines; returns where the last whole one ends, 0 to begin anew."""
        self._file.seek(0)
        try:
            head = msgspec.json.decode(self._file.readline(), type=_Head)
        except msgspec.DecodeError:
            return 0
        if head.settings != settings:
            return 0
        end = self._file.tell()
        for line in self._file:
            try:
                found = msgspec.json.decode(line, type=_Line)
            except msgspec.DecodeError:
                break
            if not line.endswith(b"\n"):
                break
            self._places[found.key] = (end, len(line), found.stamp)
            end += len(line)
        return end
