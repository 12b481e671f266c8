"""Lines of a text file in chunks, plain or gzip, with their numbers; memory stays small.

Whether a file is gzip is told by its first bytes, not by its name.
"""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, cast

from .errors import FormatError

# About 500 drawings: fewer cost more calls a drawing, more cost memory and gain nothing.
CHUNK_BYTES = 1 << 18
# A stroke of 100,000 points takes 2 MB; beyond this the file has no lines.
MAX_LINE_BYTES = 64 << 20
GZIP_MAGIC = b"\x1f\x8b"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class LineChunk:
    """Consecutive lines without their line ends.

    Args:
        number: of the first line, from 1.
        lines: the lines, 1 or more, blank ones too.
        position: bytes of the file read so far (compressed, where it is).
    """

    number: int
    lines: list[bytes]
    position: int


def line_chunks(path: str | os.PathLike[str], size: int = CHUNK_BYTES) -> Iterator[LineChunk]:
    """The lines of a file, a chunk at a time.

    Raises:
        FormatError: gzip that is cut short or damaged, or a line beyond
            `MAX_LINE_BYTES`; the lines before it have been given by then.
        OSError: the file cannot be read.
    """
    with open(path, "rb") as file:
        if file.peek(2)[:2] == GZIP_MAGIC:
            with gzip.GzipFile(fileobj=file) as unpacked:
                yield from stream_chunks(cast(BinaryIO, unpacked), str(path), size, file)
        else:
            yield from stream_chunks(file, str(path), size, file)


def stream_chunks(
    stream: BinaryIO, name: str, size: int = CHUNK_BYTES, counted: BinaryIO | None = None
) -> Iterator[LineChunk]:
    """The lines of an open stream; `name` stands in errors, `counted` tells the position."""
    number, rest = 1, b""
    while True:
        try:
            block = stream.read(size)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise FormatError(
                f"{name}:{number}: gzip data cut short or damaged here ({error}); "
                "download or write the file again"
            ) from error
        lines = (rest + block).split(b"\n")
        if number == 1 and lines[0].startswith(BYTE_ORDER_MARK):
            lines[0] = lines[0][len(BYTE_ORDER_MARK) :]
        if block:
            rest = lines.pop()
            if len(rest) > MAX_LINE_BYTES:
                raise FormatError(
                    f"{name}:{number + len(lines)}: a line of more than "
                    f"{MAX_LINE_BYTES >> 20} MiB; wanted one JSON record a line"
                )
        if not block and not lines[-1]:
            lines.pop()  # the file ended with a line end
        if lines:
            yield LineChunk(number, lines, counted.tell() if counted is not None else 0)
        number += len(lines)
        if not block:
            return
