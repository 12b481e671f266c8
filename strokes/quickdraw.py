"""Quick, Draw! ndjson, raw and simplified: one JSON record a line <-> `Drawing`.

A record is {"word", "countrycode", "timestamp", "recognized", "key_id",
"drawing"} (https://github.com/googlecreativelab/quickdraw-dataset). In the
simplified files a stroke is [[x...], [y...]], integers 0..255; in the raw ones
[[x...], [y...], [t...]], any numbers, t in ms since the drawing began. Only
"drawing" is required here, so that people's own files read as well.

Simplified lines come back byte for byte. Raw coordinates go through float32,
which moves them by at most 1/16 px. Pressure, colour, width, layer and canvas stand
in a field of our own (`record_extras`); `quickdraw_recipe` makes simplified from raw.
"""

from __future__ import annotations

import gzip
import io
import os
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from math import ceil
from typing import Any, BinaryIO, cast

import msgspec
import ndjson
import numpy as np
import numpy.typing as npt

from .atomic import atomic_path
from .columns import QUICKDRAW_SIZE
from .drawing import MAX_COORDINATE, Drawing, FloatArray, Stroke
from .errors import DrawingError, FormatError
from .lines import LineChunk, line_chunks, stream_chunks
from .record_extras import Extras, extras_of, with_extras

MAX_KEY = 2**64 - 1
# What msgspec raises for bytes that are no such JSON: deep nesting and broken UTF-8 as well.
JSON_ERRORS = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)
# Years from 1000 on: what datetime and numpy both know.
TIMESTAMP = re.compile(r"[1-9]\d{3}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})? UTC")
TIMESTAMP_EXAMPLE = "2017-03-18 09:36:08.29057 UTC"

Number = int | float
Strokes = list[list[list[Number]]]


class Record(msgspec.Struct, gc=False):
    """A line as it stands; the fields in the order in which Google writes them."""

    drawing: Strokes
    word: str | None = None
    countrycode: str | None = None
    timestamp: str | None = None
    recognized: bool | None = None
    key_id: str | int | None = None
    linework: Extras | None = None


_decode = msgspec.json.Decoder(Record).decode


def read_ndjson(path: str | os.PathLike[str]) -> Iterator[Drawing]:
    """The drawings of a file, plain or gzip, one at a time; blank lines are passed over.

    Raises:
        FormatError: naming file and line, what was found and what was wanted.
        OSError: the file cannot be read.
    """
    return _drawings(line_chunks(path), str(path))


def read_stream(stream: BinaryIO, name: str = "stdin") -> Iterator[Drawing]:
    """The drawings of an open stream of bytes; `name` stands in errors. Raises as `read_ndjson`."""
    return _drawings(stream_chunks(stream, name), name)


def write_ndjson(path: str | os.PathLike[str], drawings: Iterable[Drawing]) -> int:
    """Write drawings, gzip where the name ends in .gz; the file appears only when complete.

    Returns:
        how many were written.
    """
    with atomic_path(path) as part, open(part, "wb") as file:
        if not str(path).endswith(".gz"):
            return write_stream(file, drawings)
        # No name and time in the header: equal drawings give equal bytes.
        with gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as packed:
            return write_stream(cast(BinaryIO, packed), drawings)


def write_stream(stream: BinaryIO, drawings: Iterable[Drawing]) -> int:
    """Write drawings to an open stream of bytes, a line each; returns how many."""
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="\n", write_through=True)
    try:
        writer = ndjson.writer(text, ensure_ascii=False, separators=(",", ":"))
        count = 0
        for drawing in drawings:
            writer.writerow(record_from_drawing(drawing))
            count += 1
        return count
    finally:
        text.detach()  # the stream stays open: it is the caller's


def decode_line(line: bytes | str, where: str = "line") -> Drawing:
    """The drawing of one record.

    Args:
        line: the JSON text.
        where: stands first in errors, "cat.ndjson:17".

    Raises:
        FormatError: not such a record.
    """
    return drawing_from_record(decode_record(line, where), where)


def encode_line(drawing: Drawing) -> bytes:
    """The record of one drawing as JSON, without a line end. Raises as `record_from_drawing`."""
    return msgspec.json.encode(record_from_drawing(drawing))


def decode_record(line: bytes | str, where: str) -> Record:
    """The record of a line, its strokes checked.

    Every stroke has 2 or 3 lists of equal length, 1 or more, with numbers
    within ±`MAX_COORDINATE`; there may be no strokes.

    Raises:
        FormatError: not such a record.
    """
    try:
        record = _decode(line)
    except JSON_ERRORS as error:
        raise FormatError(not_a_record(where, line, error)) from error
    check_strokes(record.drawing, where)
    return record


def not_a_record(where: str, line: bytes | str, error: Exception) -> str:
    """The sentence for a line that msgspec refuses."""
    if "truncated" in str(error):
        found = f"a line cut short after {len(line):,} bytes"
    elif isinstance(error, msgspec.ValidationError):
        found = f"a record with another content ({error})"
    else:
        found = f"not JSON ({error})"
    return f'{where}: {found}; wanted a Quick, Draw! record, {{"drawing":[[[x...],[y...]],...]}}'


def check_strokes(strokes: Strokes, where: str) -> None:
    """Raises FormatError where a stroke's lists are not as `decode_record` says."""
    for i, stroke in enumerate(strokes):
        if len(stroke) not in (2, 3):
            raise FormatError(
                f"{where}: stroke {i} has {len(stroke)} lists; wanted [x, y] or [x, y, t]"
            )
        lengths = [len(values) for values in stroke]
        if min(lengths) != max(lengths) or lengths[0] == 0:
            found = " and ".join(f"{n} {a}" for n, a in zip(lengths, "xyt", strict=False))
            raise FormatError(f"{where}: stroke {i} has {found}; wanted as many of each, 1 or more")
        low, high = min(map(min, stroke[:2])), max(map(max, stroke[:2]))
        if not (low >= -MAX_COORDINATE and high <= MAX_COORDINATE):
            raise FormatError(
                f"{where}: stroke {i} reaches from {low:g} to {high:g}; "
                f"wanted coordinates within ±{MAX_COORDINATE:g}"
            )


def drawing_from_record(record: Record, where: str = "record") -> Drawing:
    """The drawing of a record.

    Integers within 0..255 stand on Quick, Draw!'s 256 px canvas; anything else
    on the smallest canvas of whole px from 0, 0 that holds it.

    Raises:
        FormatError: a key, a time or a timestamp that is not one.
    """
    strokes = tuple(
        _stroke(lists, f"{where}: stroke {i}") for i, lists in enumerate(record.drawing)
    )
    drawing = Drawing(
        strokes,
        size=_canvas(strokes),
        label=record.word,
        key=parse_key(record.key_id, where),
        country=record.countrycode,
        created=None if record.timestamp is None else parse_timestamp(record.timestamp, where),
        recognized=record.recognized,
    )
    if record.linework is None:
        return drawing
    try:
        return with_extras(drawing, record.linework)
    except DrawingError as error:
        raise FormatError(f"{where}: {error}") from error


def record_from_drawing(drawing: Drawing) -> dict[str, Any]:
    """The record of a drawing, ready for a JSON writer; what is unknown is left out.

    With a time in every stroke it is in the raw form, else in the simplified
    one. Whole numbers are written as integers.
    """
    raw = bool(drawing.strokes) and all(s.time is not None for s in drawing.strokes)
    record = {
        "word": drawing.label,
        "countrycode": drawing.country,
        "timestamp": None if drawing.created is None else format_timestamp(drawing.created),
        "recognized": drawing.recognized,
        "key_id": None if drawing.key is None else str(drawing.key),
    }
    record = {name: value for name, value in record.items() if value is not None}
    extras = extras_of(drawing, _canvas(drawing.strokes))
    return (
        record
        | {
            "drawing": [
                [_numbers(s.points[:, 0]), _numbers(s.points[:, 1])]
                + ([_numbers(s.time)] if raw and s.time is not None else [])
                for s in drawing.strokes
            ]
        }
        | ({} if extras is None else {"linework": extras})
    )


def parse_key(key: str | int | None, where: str) -> int | None:
    """The key_id as a number, or None.

    Raises:
        FormatError: not a whole number of 64 bits.
    """
    if key is None:
        return None
    if isinstance(key, str):
        # 64 bits are at most 20 digits; int() of thousands would be slow.
        number = int(key) if key.isascii() and key.isdigit() and len(key) <= 20 else -1
    else:
        number = key
    if not 0 <= number <= MAX_KEY:
        raise FormatError(f"{where}: key_id {key!r}; wanted a whole number of at most 64 bits")
    return number


def parse_timestamp(text: str, where: str) -> datetime:
    """The time that a record's timestamp says.

    Raises:
        FormatError: another form, or no such day.
    """
    try:
        if not TIMESTAMP.fullmatch(text):
            raise ValueError("another form")
        return datetime.fromisoformat(text[: -len(" UTC")]).replace(tzinfo=UTC)
    except ValueError as error:
        raise FormatError(
            f"{where}: timestamp {text!r}; wanted one such as {TIMESTAMP_EXAMPLE!r}"
        ) from error


def format_timestamp(when: datetime) -> str:
    """The timestamp as Google writes it: UTC, the fraction without trailing zeros.

    >>> format_timestamp(datetime(2017, 3, 18, 9, 36, 8, 290570, UTC))
    '2017-03-18 09:36:08.29057 UTC'
    """
    when = when.astimezone(UTC)
    fraction = f".{when.microsecond:06d}".rstrip("0").rstrip(".")
    return f"{when:%Y-%m-%d %H:%M:%S}{fraction} UTC"


def _drawings(chunks: Iterable[LineChunk], name: str) -> Iterator[Drawing]:
    for chunk in chunks:
        for number, line in enumerate(chunk.lines, chunk.number):
            if line.strip():
                yield decode_line(line, f"{name}:{number}")


def _stroke(lists: list[list[Number]], where: str) -> Stroke:
    try:
        points = np.array(lists[:2], np.float32).T
        return Stroke(points, time=np.array(lists[2], np.float32) if len(lists) == 3 else None)
    except (DrawingError, OverflowError) as error:
        raise FormatError(f"{where}: {error}") from error


def _canvas(strokes: tuple[Stroke, ...]) -> tuple[float, float]:
    width, height = QUICKDRAW_SIZE
    for stroke in strokes:
        x, y = stroke.points.max(axis=0).tolist()
        width, height = max(width, ceil(x)), max(height, ceil(y))
    return (width, height)


def _numbers(values: FloatArray) -> list[Number]:
    """The shortest decimals that are these float32 again, whole ones as int."""
    if (values == np.rint(values)).all():
        return cast(list[Number], values.astype(np.int64).tolist())
    exact: npt.NDArray[np.float64] = values.astype(np.str_).astype(np.float64)
    return [int(v) if v.is_integer() else v for v in exact.tolist()]
