"""Quick, Draw! lines -> columns, with no object per point or stroke: the way in bulk.

msgspec checks each line and hands over the text of its "drawing" unparsed;
numpy then reads the digits of some 500 drawings at once. That works for the
simplified form exactly as Google writes it, which is verified bracket by
bracket. Any other line of the chunk (raw, spaces, floats, negative or long
numbers) goes the slow way through `quickdraw.Record`, with the same result.

Simplified drawings (whole numbers 0..255) are taken as they stand; raw ones, and
any with other numbers, are simplified by `quickdraw_recipe`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt

from .columns import UNKNOWN_TIME, Columns, to_microseconds
from .errors import FormatError
from .int_strokes import IntStrokes, own_key, strokes_from_arrays, take
from .lines import LineChunk
from .quickdraw import (
    JSON_ERRORS,
    TIMESTAMP,
    Strokes,
    check_strokes,
    not_a_record,
    parse_key,
    parse_timestamp,
)
from .quickdraw_recipe import BOX


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
    bad: dict[int, str] = {}
    numbers: Sequence[int] = range(chunk.number, chunk.number + len(chunk.lines))
    try:
        lines = list(map(_decode_line, chunk.lines))
    except JSON_ERRORS:
        lines, numbers = _decode_one_by_one(chunk, name, bad)
    shapes = _read_digits([line.drawing for line in lines])
    if shapes is None:
        shapes, usable = _read_one_by_one(lines, numbers, name, bad)
        lines = [lines[i] for i in usable]
        numbers = [numbers[i] for i in usable]
    keys, created = _keys(lines, shapes), _times(lines)
    if keys is None or created is None:  # some line's is bad: find it
        usable, keys, created = _metadata_one_by_one(lines, numbers, shapes, name, bad)
        lines = [lines[i] for i in usable]
        shapes = take(shapes, usable)
    columns = Columns(
        points=shapes.points,
        stroke_offsets=shapes.stroke_offsets.astype(np.int32),
        drawing_offsets=shapes.drawing_offsets.astype(np.int32),
        words=[word if line.word is None else line.word for line in lines],
        keys=keys,
        countries=[line.countrycode for line in lines],
        created=created,
        recognized=[line.recognized for line in lines],
        splits=[""] * len(lines),
    )
    return Parsed(columns, [bad[number] for number in sorted(bad)])


# ------------------------------------------------------------------ the fast way

_OPEN, _CLOSE, _COMMA, _NEWLINE, _ZERO = (ord(c) for c in "[],\n0")
# [ [x...] , [y...] ] without the numbers and commas, and how far each bracket
# stands from the one before where nothing but brackets and commas is allowed.
_STROKE = np.array([_OPEN, _OPEN, _CLOSE, _OPEN, _CLOSE, _CLOSE], np.uint8)


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

    last = np.flatnonzero(is_digit[:-1] > is_digit[1:])  # of each number
    values = _values(digit, is_digit, last)
    if values is None:
        return None

    # A list ends with the number before its ]; an empty one has none.
    list_ends = np.flatnonzero(text[last + 1] == _CLOSE) + 1
    if len(list_ends) != 2 * len(stroke):
        return None
    counts = np.diff(list_ends, prepend=0).reshape(-1, 2)
    n = counts[:, 0]
    if (n != counts[:, 1]).any():
        return None
    stroke_offsets = np.concatenate([[0], np.cumsum(n)])
    # Before a stroke's x there stand all x and y of the strokes before it.
    x_at = np.arange(stroke_offsets[-1]) + np.repeat(stroke_offsets[:-1], n)
    points = np.empty((len(x_at), 2), np.int16)
    points[:, 0] = values[x_at]
    points[:, 1] = values[x_at + np.repeat(n, n)]
    return IntStrokes(points, stroke_offsets, drawing_offsets)


def _values(
    digit: npt.NDArray[np.uint8],
    is_digit: npt.NDArray[np.bool_],
    last: npt.NDArray[np.int64],
) -> npt.NDArray[np.uint8] | None:
    """The numbers whose last digits stand at `last`; None where one is above 255.

    Worked out at every character, in bytes: 20 of them cost what one index does.
    """
    one = is_digit.view(np.uint8)
    if (one[3:] & one[2:-1] & one[1:-2] & one[:-3]).any():  # four digits
        return None
    clean = digit * one
    two_digits = clean[1:] + clean[:-1] * np.uint8(10)
    hundreds = clean[:-2] * one[1:-1]
    low, high = two_digits[last - 1], hundreds[last - 2]
    if ((high > BOX // 100) | ((high == BOX // 100) & (low > BOX % 100))).any():
        return None
    values: npt.NDArray[np.uint8] = low + high * np.uint8(100)
    return values


# ------------------------------------------------------------------ the slow way


def _decode_one_by_one(
    chunk: LineChunk, name: str, bad: dict[int, str]
) -> tuple[list[_Line], list[int]]:
    """The lines that are records, and their numbers; sentences about others go to `bad`."""
    lines: list[_Line] = []
    numbers: list[int] = []
    for number, text in enumerate(chunk.lines, chunk.number):
        try:
            lines.append(_decode_line(text))
            numbers.append(number)
        except JSON_ERRORS as error:
            if text.strip():
                bad[number] = not_a_record(f"{name}:{number}", text, error)
    return lines, numbers


def _read_one_by_one(
    lines: list[_Line], numbers: Sequence[int], name: str, bad: dict[int, str]
) -> tuple[IntStrokes, list[int]]:
    """Any drawings, a line at a time, and which lines were usable; sentences go to `bad`."""
    usable: list[int] = []
    drawings: list[list[npt.NDArray[np.float64]]] = []
    whole: list[bool] = []
    for i, (line, number) in enumerate(zip(lines, numbers, strict=True)):
        where = f"{name}:{number}"
        try:
            strokes = _decode_strokes(line.drawing)
            if not strokes:
                raise FormatError(f"{where}: a drawing without strokes; wanted 1 or more")
            check_strokes(strokes, where)
        except JSON_ERRORS as error:
            bad[number] = not_a_record(where, bytes(line.drawing), error)
        except FormatError as error:
            bad[number] = str(error)
        else:
            arrays = [np.array(lists[:2], np.float64).T for lists in strokes]
            usable.append(i)
            drawings.append(arrays)
            whole.append(all(len(s) == 2 for s in strokes) and all(map(_is_simplified, arrays)))
    shapes, refused = strokes_from_arrays(drawings, whole, [f"{name}:{numbers[i]}" for i in usable])
    bad |= {numbers[usable[k]]: why for k, why in refused.items()}
    return shapes, [i for k, i in enumerate(usable) if k not in refused]


def _is_simplified(array: npt.NDArray[np.float64]) -> bool:
    return bool((array >= 0).all() and (array <= BOX).all() and (array == np.rint(array)).all())


# ------------------------------------------------------------------ keys and times


def _keys(lines: list[_Line], shapes: IntStrokes) -> npt.NDArray[np.uint64] | None:
    """The keys, those of the content where a line has none; None where one is no key."""
    texts = [line.key_id for line in lines]
    try:
        digits = "".join(texts)  # type: ignore[arg-type]
        if digits.isascii() and digits.isdigit():
            return np.array(list(map(int, texts)), np.uint64)  # type: ignore[arg-type]
    except (TypeError, OverflowError, ValueError):  # a number, none, or no key at all
        pass
    try:
        keys = [parse_key(text, "") for text in texts]
    except FormatError:
        return None
    own = [own_key(shapes, i) if key is None else key for i, key in enumerate(keys)]
    return np.array(own, np.uint64)


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


def _metadata_one_by_one(
    lines: list[_Line], numbers: Sequence[int], shapes: IntStrokes, name: str, bad: dict[int, str]
) -> tuple[list[int], npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """Which lines have a good key and time, and these; sentences about others go to `bad`."""
    usable: list[int] = []
    keys: list[int] = []
    created: list[int] = []
    for i, (line, number) in enumerate(zip(lines, numbers, strict=True)):
        where = f"{name}:{number}"
        try:
            key = parse_key(line.key_id, where)
            time = UNKNOWN_TIME
            if line.timestamp is not None:
                time = to_microseconds(parse_timestamp(line.timestamp, where))
        except FormatError as error:
            bad[number] = str(error)
            continue
        usable.append(i)
        keys.append(own_key(shapes, i) if key is None else key)
        created.append(time)
    return usable, np.array(keys, np.uint64), np.array(created, np.int64)
