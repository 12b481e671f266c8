"""Quick, Draw! binary records (`full/binary/WORD.bin`) <-> columns and drawings.

Little-endian, packed: u64 key_id, 2 bytes of country code, i8 recognized, u32
seconds since 1970, u16 number of strokes; each stroke u16 n, n bytes of x, n
bytes of y (https://github.com/googlecreativelab/quickdraw-dataset, "Binary files").

The word is not in the file. A record read and written is the same bytes. From
other drawings it keeps the time to the second; an unknown country or time is
written as zeros, an unknown `recognized` as 0, a missing key as the content's own.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from .atomic import atomic_path
from .columns import (
    UNKNOWN_TIME,
    Columns,
    content_key,
    offsets_from_lengths,
    to_microseconds,
)
from .drawing import Drawing, Stroke
from .errors import FormatError

HEADER = struct.Struct("<Q2sbIH")
COUNT = struct.Struct("<H")
NO_COUNTRY = b"\0\0"
# About 10,000 drawings: a bounded part of the file is in memory at a time.
BLOCK_BYTES = 1 << 20
# A record holds at most 65,535 strokes of 65,535 points, 8 GB. A damaged length
# must not make us wait for that; real records stay below 10 kB.
MAX_RECORD_BYTES = 32 << 20


def read_bin(path: str | os.PathLike[str], word: str | None = None) -> Iterator[Drawing]:
    """The drawings of a file, one at a time.

    Args:
        word: what they show; the file's own name ("cat.bin") where none is given.

    Raises:
        FormatError: cut short, or not such records; the message says at which byte.
        OSError: the file cannot be read.
    """
    from .table import DrawingTable, record_batch

    word = Path(path).stem if word is None else word
    for columns, _ in bin_columns(path, word):
        yield from DrawingTable([record_batch(columns)])


def write_bin(path: str | os.PathLike[str], drawings: Iterable[Drawing]) -> int:
    """Write drawings with coordinates 0..255; the file appears only when complete.

    Returns:
        how many were written.

    Raises:
        FormatError: a drawing that a record cannot hold; the message says which.
    """
    count = 0
    with atomic_path(path) as part, open(part, "wb") as file:
        for drawing in drawings:
            file.write(encode_record(drawing, f"drawing {count}"))
            count += 1
    return count


def encode_record(drawing: Drawing, where: str = "drawing") -> bytes:
    """The record of one drawing.

    Raises:
        FormatError: coordinates that are not whole numbers 0..255, more than
            65,535 strokes or points in one, or a country that is not two letters.
    """
    country = NO_COUNTRY if drawing.country is None else drawing.country.encode()
    if len(country) != len(NO_COUNTRY):
        raise FormatError(f"{where}: country {drawing.country!r}; wanted two letters")
    if len(drawing.strokes) > 0xFFFF:
        raise FormatError(f"{where}: {len(drawing.strokes):,} strokes; a record holds 65,535")
    arrays = [_as_bytes(stroke, f"{where}: stroke {i}") for i, stroke in enumerate(drawing.strokes)]
    seconds = 0 if drawing.created is None else to_microseconds(drawing.created) // 1_000_000
    if not 0 <= seconds < 1 << 32:
        raise FormatError(f"{where}: created {drawing.created}; a record holds 1970 to 2106")
    key = drawing.key
    if key is None:
        flat = np.concatenate(arrays) if arrays else np.zeros((0, 2), np.uint8)
        key = content_key(flat.astype(np.int16), np.cumsum([len(a) for a in arrays]))
    pieces = [HEADER.pack(key, country, bool(drawing.recognized), seconds, len(arrays))]
    for array in arrays:
        pieces += [COUNT.pack(len(array)), array[:, 0].tobytes(), array[:, 1].tobytes()]
    return b"".join(pieces)


def bin_columns(path: str | os.PathLike[str], word: str | None) -> Iterator[tuple[Columns, int]]:
    """The drawings of a file as columns, a block at a time, and the bytes read so far.

    The split of every row is "", not yet given. Raises as `read_bin`.
    """
    with open(path, "rb") as file:
        yield from _stream_columns(file, str(path), word)


def _stream_columns(file: BinaryIO, name: str, word: str | None) -> Iterator[tuple[Columns, int]]:
    position, rest = 0, b""
    while block := file.read(BLOCK_BYTES):
        data = rest + block
        columns, used = _parse(data, f"{name}: byte {position:,}", word)
        rest = data[used:]
        position += used
        if len(columns):
            yield columns, position + len(rest)
        if len(rest) > MAX_RECORD_BYTES:
            raise FormatError(
                f"{name}: byte {position:,}: a record of more than {MAX_RECORD_BYTES:,} bytes; "
                "this is not a Quick, Draw! binary file, or it is damaged here"
            )
    if rest:
        raise FormatError(
            f"{name}: byte {position:,}: the file ends within a record, after {len(rest)} bytes "
            "of it; download the file again"
        )


def _parse(data: bytes, where: str, word: str | None) -> tuple[Columns, int]:
    """Columns of the complete records at the beginning of `data`, and the bytes they take."""
    headers: list[tuple[int, bytes, int, int, int]] = []
    begins: list[int] = []  # of each stroke's x
    lengths: list[int] = []
    size, used = len(data), 0
    while used + HEADER.size <= size:
        header = HEADER.unpack_from(data, used)
        if header[2] not in (0, 1):
            raise FormatError(
                f"{where} + {used:,}: recognized is {header[2]}; wanted 0 or 1: this is not a "
                "Quick, Draw! binary file, or it is damaged here"
            )
        at, seen = used + HEADER.size, len(begins)
        for _ in range(header[4]):
            if at + COUNT.size > size:
                break
            (n,) = COUNT.unpack_from(data, at)
            at += COUNT.size
            begins.append(at)
            lengths.append(n)
            at += 2 * n
        if len(begins) - seen < header[4] or at > size:  # goes on in the next block
            del begins[seen:], lengths[seen:]
            break
        headers.append(header)
        used = at
    n = np.array(lengths, np.int64)
    total = int(n.sum())
    x_at = np.arange(total) + np.repeat(np.array(begins, np.int64) - (np.cumsum(n) - n), n)
    buffer = np.frombuffer(data, np.uint8)
    seconds = np.array([h[3] for h in headers], np.int64)
    return (
        Columns(
            points=np.stack([buffer[x_at], buffer[x_at + np.repeat(n, n)]], axis=1).astype(
                np.int16
            ),
            stroke_offsets=offsets_from_lengths(lengths),
            drawing_offsets=offsets_from_lengths([h[4] for h in headers]),
            words=[word] * len(headers),
            keys=np.array([h[0] for h in headers], np.uint64),
            countries=[None if h[1] == NO_COUNTRY else h[1].decode("latin1") for h in headers],
            created=np.where(seconds == 0, UNKNOWN_TIME, seconds * 1_000_000),
            recognized=[bool(h[2]) for h in headers],
            splits=[""] * len(headers),
        ),
        used,
    )


def _as_bytes(stroke: Stroke, where: str) -> npt.NDArray[np.uint8]:
    points = stroke.points
    exact = points.astype(np.uint8) if (points.min() >= 0 and points.max() <= 255) else None
    if exact is None or (exact != points).any():
        raise FormatError(
            f"{where}: coordinates that are not whole numbers 0..255; "
            "simplify the drawing to the Quick, Draw! box first"
        )
    if len(points) > 0xFFFF:
        raise FormatError(f"{where}: {len(points):,} points; a record holds 65,535")
    return exact
