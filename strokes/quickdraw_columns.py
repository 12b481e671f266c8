"""Quick, Draw! lines -> columns, with no object per point or stroke: the way in bulk.

msgspec checks each line and hands over the text of its "drawing" unparsed;
numpy then reads the digits of some 2,000 drawings at once. That works for the
simplified form exactly as Google writes it, which is verified bracket by
bracket. Any other line of the chunk (raw, spaces, floats, negative or long
numbers) goes the slow way through `quickdraw.Record`, with the same result.

Raw drawings, and strokes with a number that is not whole, become simplified by
`quickdraw_recipe`; whole numbers are taken as they stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt

from .errors import FormatError
from .int_strokes import IntStrokes, is_whole, own_key, strokes_from_arrays, take
from .lines import LineChunk
from .quickdraw import (
    TIMESTAMP,
    Strokes,
    check_strokes,
    not_a_record,
    parse_key,
    parse_timestamp,
)
from .table import UNKNOWN_TIME, Columns


class _Line(msgspec.Struct, gc=False):
    """A record whose drawing stays text."""

    drawing: msgspec.Raw
    word: str | None = None
    countrycode: str | None = None
    timestamp: str | None = None
    recognized: bool | None = None
    key_id: str | int | None = None


_decode_line = msgspec.json.Decoder(_Line).decode
_decode_strokes = msgspec.json.Decoder(Strokes).decode


@dataclass(frozen=True, slots=True)
class Parsed:
    """Drawings of a chunk.

    Args:
        columns: the drawings; their splits are "", not yet given.
        bad: a sentence for each line that could not be used, file and line first.
    """

    columns: Columns
    bad: list[str]


def columns_from_lines(chunk: LineChunk, name: str, word: str | None = None) -> Parsed:
    """The drawings of a chunk of lines; blank lines are passed over.

    Args:
        name: of the file, for the sentences about bad lines.
        word: of records that hold none.
    """
    numbers: list[int] = []
    lines: list[_Line] = []
    bad: list[str] = []
    for number, text in enumerate(chunk.lines, chunk.number):
        try:
            lines.append(_decode_line(text))
            numbers.append(number)
        except msgspec.MsgspecError as error:
            if text.strip():
                bad.append(not_a_record(f"{name}:{number}", text, error))
    shapes = _read_digits([line.drawing for line in lines])
    if shapes is None:
        wheres = [f"{name}:{number}" for number in numbers]
        shapes, usable = _read_one_by_one(lines, wheres, bad)
        lines = [lines[i] for i in usable]
        numbers = [numbers[i] for i in usable]
    return _with_metadata(shapes, lines, numbers, name, word, bad)


def _with_metadata(
    shapes: IntStrokes,
    lines: list[_Line],
    numbers: list[int],
    name: str,
    word: str | None,
    bad: list[str],
) -> Parsed:
    keys = _keys(lines, shapes)
    created = _times(lines)
    if keys is None or created is None:  # some line is bad: find it
        usable = []
        for i, (line, number) in enumerate(zip(lines, numbers, strict=True)):
            try:
                parse_key(line.key_id, f"{name}:{number}")
                if line.timestamp is not None:
                    parse_timestamp(line.timestamp, f"{name}:{number}")
                usable.append(i)
            except FormatError as error:
                bad.append(str(error))
        shapes = take(shapes, usable)
        lines = [lines[i] for i in usable]
        keys, created = _keys(lines, shapes), _times(lines)
        if keys is None or created is None:
            raise AssertionError("a key or time that is good alone and bad among others")
    return Parsed(
        Columns(
            points=shapes.points,
            stroke_offsets=shapes.stroke_offsets.astype(np.int32),
            drawing_offsets=shapes.drawing_offsets.astype(np.int32),
            words=[line.word or word for line in lines],
            keys=keys,
            countries=[line.countrycode for line in lines],
            created=created,
            recognized=[line.recognized for line in lines],
            splits=[""] * len(lines),
        ),
        bad,
    )


# ------------------------------------------------------------------ the fast way

_OPEN, _CLOSE, _COMMA, _NEWLINE, _ZERO = (ord(c) for c in "[],\n0")
# [ [x...] , [y...] ] without the numbers and commas, and how far each bracket
# stands from the one before where nothing but brackets and commas is allowed.
_STROKE = np.array([_OPEN, _OPEN, _CLOSE, _OPEN, _CLOSE, _CLOSE], np.uint8)
_MAX_DIGITS = 3


def _read_digits(drawings: Sequence[msgspec.Raw]) -> IntStrokes | None:
    """The numbers of drawings in the plain simplified form; None where one is in another form.

    The texts are known to be JSON, so that numbers and commas alternate; what is
    verified here is the characters, the nesting and the counts.
    """
    if not drawings:
        return IntStrokes(np.zeros((0, 2), np.int16), np.zeros(1, np.int64), np.zeros(1, np.int64))
    text = np.frombuffer(b"\n".join(drawings) + b"\n", np.uint8)
    digit = text - _ZERO  # wraps: anything but a digit is 10 or more
    is_digit = digit < 10
    place = np.flatnonzero(~is_digit & (text != _COMMA))  # brackets and newlines
    mark = text[place]

    # A drawing's marks: [, six for each stroke, ], newline.
    line_end = np.flatnonzero(mark == _NEWLINE)
    line_begin = np.concatenate([[0], line_end[:-1] + 1])
    inner = line_end - line_begin - 2
    n_strokes = inner // 6
    if (inner % 6).any() or (n_strokes < 1).any():
        return None
    drawing_offsets = np.concatenate([[0], np.cumsum(n_strokes)])
    stroke = np.arange(drawing_offsets[-1])
    begin = 6 * stroke + np.repeat(3 * np.arange(len(inner)) + 1, n_strokes)
    rows = begin[:, None] + np.arange(6)
    at = place[rows]
    is_first = np.zeros(len(stroke), np.bool_)
    is_first[drawing_offsets[:-1]] = True
    if not (
        (mark[line_begin] == _OPEN).all()
        and (mark[line_end - 1] == _CLOSE).all()
        and (mark[rows] == _STROKE).all()
        # [[ touch, ],[ have a comma between, ]] touch: no number stands outside the lists.
        and (at[:, 1] - at[:, 0] == 1).all()
        and (at[:, 3] - at[:, 2] == 2).all()
        and (at[:, 5] - at[:, 4] == 1).all()
        and (at[:, 0] - place[begin - 1] == np.where(is_first, 1, 2)).all()
        and (place[line_end - 1] - place[line_end - 2] == 1).all()
        and (place[line_end] - place[line_end - 1] == 1).all()
    ):
        return None

    last_digit = np.flatnonzero(is_digit[:-1] & ~is_digit[1:])
    values = digit[last_digit].astype(np.int16)
    more = is_digit[last_digit - 1]
    weight = 10
    for back in range(1, _MAX_DIGITS):
        values += np.where(more, digit[last_digit - back].astype(np.int16) * weight, 0)
        weight *= 10
        more &= is_digit[last_digit - back - 1]
    if more.any():
        return None

    # Of each list, the count of numbers that end before its closing bracket.
    upto = np.searchsorted(last_digit, at[:, [2, 4]].reshape(-1))
    counts = np.diff(np.concatenate([[0], upto])).reshape(-1, 2)
    n = counts[:, 0]
    if (n != counts[:, 1]).any() or (n == 0).any():
        return None
    stroke_offsets = np.concatenate([[0], np.cumsum(n)])
    # Before a stroke's x there stand all x and y of the strokes before it.
    x_at = np.arange(stroke_offsets[-1]) + np.repeat(stroke_offsets[:-1], n)
    points = np.empty((len(x_at), 2), np.int16)
    points[:, 0] = values[x_at]
    points[:, 1] = values[x_at + np.repeat(n, n)]
    return IntStrokes(points, stroke_offsets, drawing_offsets)


# ------------------------------------------------------------------ the slow way


def _read_one_by_one(
    lines: list[_Line], wheres: list[str], bad: list[str]
) -> tuple[IntStrokes, list[int]]:
    """Any drawings, a line at a time, and which lines were usable; sentences go to `bad`."""
    usable: list[int] = []
    drawings: list[list[npt.NDArray[np.float64]]] = []
    whole: list[bool] = []
    for i, (line, where) in enumerate(zip(lines, wheres, strict=True)):
        try:
            strokes = _decode_strokes(line.drawing)
            if not strokes:
                raise FormatError(f"{where}: a drawing without strokes; wanted 1 or more")
            check_strokes(strokes, where)
        except msgspec.MsgspecError as error:
            bad.append(not_a_record(where, bytes(line.drawing), error))
        except FormatError as error:
            bad.append(str(error))
        else:
            arrays = [np.array(lists[:2], np.float64).T for lists in strokes]
            usable.append(i)
            drawings.append(arrays)
            whole.append(all(len(s) == 2 for s in strokes) and all(map(is_whole, arrays)))
    shapes, refused = strokes_from_arrays(drawings, whole, [wheres[i] for i in usable])
    bad.extend(refused.values())
    return shapes, [line for k, line in enumerate(usable) if k not in refused]


# ------------------------------------------------------------------ keys and times


def _keys(lines: list[_Line], shapes: IntStrokes) -> npt.NDArray[np.uint64] | None:
    """The keys, those of the content where a line has none; None where one is no key."""
    try:
        keys: list[int] = []
        for i, line in enumerate(lines):
            key = line.key_id
            if key.__class__ is str and key.isdigit() and key.isascii():
                keys.append(int(key))
            else:
                parsed = parse_key(key, "")
                keys.append(own_key(shapes, i) if parsed is None else parsed)
        return np.array(keys, np.uint64)
    except (FormatError, OverflowError, ValueError):
        return None


def _times(lines: list[_Line]) -> npt.NDArray[np.int64] | None:
    """Microseconds since 1970; None where a timestamp is not one."""
    texts = [line.timestamp for line in lines]
    try:
        known = [text for text in texts if text is not None]
        if not all(map(TIMESTAMP.fullmatch, known)):
            return None
        # numpy reads the rest of the text as it stands, 10 times faster than datetime.
        times = np.array([text[:-4] for text in known], "datetime64[us]").astype(np.int64)
    except ValueError:  # the 31st of February
        return None
    if len(known) == len(texts):
        return times
    created = np.full(len(texts), UNKNOWN_TIME, np.int64)
    created[[i for i, text in enumerate(texts) if text is not None]] = times
    return created
