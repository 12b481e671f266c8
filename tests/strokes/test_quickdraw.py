"""Quick, Draw! lines: read, written, simplified, and in bulk."""

from __future__ import annotations

import gzip
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from linework.strokes import (
    Drawing,
    DrawingError,
    DrawingTable,
    FormatError,
    Stroke,
    decode_line,
    encode_line,
    read_ndjson,
    simplify_raw,
    write_ndjson,
)
from linework.strokes.lines import LineChunk, line_chunks
from linework.strokes.quickdraw import decode_record, read_stream, write_stream
from linework.strokes.quickdraw_columns import columns_from_lines
from linework.strokes.table import record_batch

LINE = (
    b'{"word":"cat","countrycode":"RO","timestamp":"2017-03-18 09:36:08.29057 UTC",'
    b'"recognized":true,"key_id":"6411036099870720","drawing":[[[65,71],[64,67]],[[9,9],[8,8]]]}'
)
OWN_LINE = b'{"drawing":[[[1],[2]]]}'
RAW_LINE = b'{"word":"caf\xc3\xa9","drawing":[[[1.5,2],[3,4],[0,120]]]}'

byte = st.integers(0, 255)
lengths = st.integers(1, 6)
stroke = lengths.flatmap(
    lambda n: st.tuples(
        st.lists(byte, min_size=n, max_size=n), st.lists(byte, min_size=n, max_size=n)
    ).map(list)
)
record = st.fixed_dictionaries(
    {"drawing": st.lists(stroke, min_size=1, max_size=4)},
    optional={
        "word": st.text(max_size=8),
        "countrycode": st.sampled_from(["US", "RO"]),
        "timestamp": st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)).map(
            lambda t: f"{t:%Y-%m-%d %H:%M:%S}.{t.microsecond:06d}".rstrip("0").rstrip(".") + " UTC"
        ),
        "recognized": st.booleans(),
        "key_id": st.integers(0, 2**64 - 1).map(str),
    },
)

BAD_LINES = {
    "not JSON": (b"cat,65,71", "not JSON"),
    "half a line": (LINE[:90], "cut short after 90 bytes"),
    "an array": (b"[1,2]", "Expected `object`"),
    "no drawing": (b'{"word":"cat"}', "missing required field `drawing`"),
    "unequal x and y": (b'{"drawing":[[[1,2],[3]]]}', "stroke 0 has 2 x and 1 y"),
    "unequal t": (b'{"drawing":[[[1,2],[3,4],[0]]]}', "2 x and 2 y and 1 t"),
    "one list": (b'{"drawing":[[[1,2]]]}', "1 lists"),
    "four lists": (b'{"drawing":[[[1],[2],[3],[4]]]}', "4 lists"),
    "empty stroke": (b'{"drawing":[[[],[]]]}', "0 x and 0 y"),
    "NaN": (b'{"drawing":[[[NaN],[1]]]}', "not JSON"),
    "1e30": (b'{"drawing":[[[1e30],[1]]]}', "1e+30"),
    "beyond a double": (b'{"drawing":[[[1e999],[1]]]}', "out of range"),
    "text for a number": (b'{"drawing":[[["1"],[1]]]}', "got `str`"),
    "too shallow": (b'{"drawing":[[1,2],[3,4]]}', "got `int`"),
    "a number between": (b'{"drawing":[[[1],[2]],5,[[1],[2]]]}', "got `int`"),
    "nested without end": (b'{"drawing":' + b"[" * 100_000, "wanted a Quick, Draw! record"),
    "broken UTF-8": (b'{"word":"\xff","drawing":[[[1],[2]]]}', "not JSON"),
    "no key": (b'{"drawing":[[[1],[2]]],"key_id":"cat"}', "key_id 'cat'"),
    "a key of 65 bits": (b'{"drawing":[[[1],[2]]],"key_id":"18446744073709551616"}', "64 bits"),
    "no such day": (
        b'{"drawing":[[[1],[2]]],"timestamp":"2017-02-30 00:00:00 UTC"}',
        "timestamp '2017-02-30",
    ),
    "no time": (b'{"drawing":[[[1],[2]]],"timestamp":"yesterday"}', "timestamp 'yesterday'"),
}


@pytest.mark.parametrize(("line", "message"), BAD_LINES.values(), ids=BAD_LINES.keys())
def test_a_bad_line_is_refused_by_place_and_content(line: bytes, message: str) -> None:
    with pytest.raises(FormatError) as caught:
        decode_line(line, "cat.ndjson:17")
    assert str(caught.value).startswith("cat.ndjson:17: ")
    assert message in str(caught.value)


@pytest.mark.parametrize(("line", "message"), BAD_LINES.values(), ids=BAD_LINES.keys())
def test_in_bulk_a_bad_line_says_the_same_and_harms_no_other(line: bytes, message: str) -> None:
    parsed = columns_from_lines(LineChunk(16, [LINE, line, OWN_LINE], 0), "cat.ndjson")
    assert len(parsed.bad) == 1
    assert parsed.bad[0].startswith("cat.ndjson:17: ")
    assert message in parsed.bad[0]
    table = DrawingTable([record_batch(parsed.columns)])
    assert table[0] == decode_line(LINE)
    assert table[1].strokes == decode_line(OWN_LINE).strokes


def test_bad_lines_are_told_in_their_order() -> None:
    lines = [line for line, _ in BAD_LINES.values()]
    bad = columns_from_lines(LineChunk(1, [*lines, LINE], 0), "f").bad
    assert [int(sentence.split(":")[1]) for sentence in bad] == list(range(1, len(lines) + 1))


def test_what_a_line_says() -> None:
    drawing = decode_line(LINE)
    assert drawing.label == "cat"
    assert drawing.key == 6411036099870720
    assert drawing.country == "RO"
    assert drawing.created == datetime(2017, 3, 18, 9, 36, 8, 290570, UTC)
    assert drawing.recognized is True
    assert drawing.size == (256, 256)
    assert drawing.strokes == Drawing.from_arrays([[[65, 64], [71, 67]], [[9, 8], [9, 8]]]).strokes
    assert encode_line(drawing) == LINE


def test_raw_lines_keep_their_times() -> None:
    drawing = decode_line(RAW_LINE)
    assert drawing.strokes == (Stroke([[1.5, 3], [2, 4]], time=[0, 120]),)
    assert encode_line(drawing) == RAW_LINE


def test_a_drawing_beyond_the_box_has_a_larger_canvas() -> None:
    assert decode_line(b'{"drawing":[[[0,799.5],[0,300]]]}').size == (800, 300)


def test_an_empty_drawing_is_one() -> None:
    drawing = decode_line(b'{"word":"cat","drawing":[]}')
    assert drawing == Drawing(label="cat")
    assert encode_line(drawing) == b'{"word":"cat","drawing":[]}'


@given(record)
def test_text_comes_back_byte_for_byte(fields: dict[str, Any]) -> None:
    order = ["word", "countrycode", "timestamp", "recognized", "key_id", "drawing"]
    ordered = {name: fields[name] for name in order if name in fields}
    line = json.dumps(ordered, separators=(",", ":"), ensure_ascii=False).encode()
    assert json.loads(encode_line(decode_line(line))) == ordered
    out = io.BytesIO()
    write_stream(out, [decode_line(line)])
    assert out.getvalue() == line + b"\n"


@given(
    st.lists(st.tuples(st.floats(-1e6, 1e6, width=32), st.floats(-1e6, 1e6, width=32)), min_size=1)
)
def test_any_float32_comes_back(points: list[tuple[float, float]]) -> None:
    drawing = Drawing.from_arrays([points])
    assert decode_line(encode_line(drawing)).strokes == drawing.strokes


@given(st.lists(record, min_size=1, max_size=6), st.randoms())
def test_in_bulk_is_line_by_line(records: list[dict[str, Any]], random: Any) -> None:
    lines = []
    for fields in records:  # the plain form and, now and then, another spelling of it
        plain = random.random() < 0.8
        lines.append(json.dumps(fields, separators=(",", ":") if plain else (", ", ": ")).encode())
    parsed = columns_from_lines(LineChunk(1, lines, 0), "f")
    assert parsed.bad == []
    table = DrawingTable([record_batch(parsed.columns)])
    for row, line in zip(table, lines, strict=True):
        wanted = decode_line(line)
        if wanted.key is None:
            row = row.replace(key=None)
        assert row == wanted


def test_files_and_streams(tmp_path: Path) -> None:
    drawings = [decode_line(LINE), decode_line(RAW_LINE), Drawing(label="nothing")]
    for name in ("a.ndjson", "a.ndjson.gz"):
        path = tmp_path / name
        assert write_ndjson(path, drawings) == 3
        assert list(read_ndjson(path)) == drawings
        first = path.read_bytes()
        write_ndjson(path, drawings)
        assert path.read_bytes() == first
    assert gzip.decompress(first) == (tmp_path / "a.ndjson").read_bytes()
    stream = io.BytesIO(b"\xef\xbb\xbf" + LINE + b"\r\n\n  \n" + RAW_LINE)
    assert list(read_stream(stream)) == drawings[:2]


def test_writing_leaves_the_old_file_where_it_fails(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    write_ndjson(path, [decode_line(LINE)])

    def failing() -> Any:
        yield decode_line(LINE)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_ndjson(path, failing())
    assert path.read_bytes() == LINE + b"\n"
    assert list(tmp_path.iterdir()) == [path]


def test_gzip_cut_short_is_told_after_what_was_read(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    lines = [
        json.dumps({"drawing": [rng.integers(0, 256, (2, 20)).tolist()]}).encode()
        for _ in range(2000)
    ]
    path = tmp_path / "a.ndjson.gz"
    path.write_bytes(gzip.compress(b"\n".join(lines))[:-5000])
    read: list[Drawing] = []
    with pytest.raises(FormatError, match=r"a\.ndjson\.gz:\d+: gzip data cut short"):
        read.extend(read_ndjson(path))
    assert len(read) > 1000


def test_chunks_count_lines_whatever_their_size(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    lines = [b"x" * (i % 50) for i in range(500)]
    path.write_bytes(b"\n".join(lines))
    for size in (1, 7, 100, 1 << 20):
        seen = {
            number: line
            for chunk in line_chunks(path, size)
            for number, line in enumerate(chunk.lines, chunk.number)
        }
        assert all(lines[number - 1] == line for number, line in seen.items())
        assert sum(map(len, seen.values())) == sum(map(len, lines))


# ------------------------------------------------------------------ the recipe

coordinate = st.integers(-300, 300)
raw_stroke = st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=12)
raw_drawing = st.lists(raw_stroke, min_size=1, max_size=4)


def recipe(drawing: list[list[tuple[float, float]]]) -> list[list[list[int]]]:
    pairs = [([p[0] for p in s], [p[1] for p in s]) for s in drawing]
    return [a.tolist() for a in simplify_raw(pairs)]


@pytest.mark.parametrize(
    ("drawing", "wanted"),
    [
        pytest.param([[(5, 9)]], [[[0, 0], [0, 0]]], id="a dot"),
        pytest.param([[(5, 9)] * 4], [[[0, 0], [0, 0]]], id="a dot held"),
        pytest.param([[(3, 3), (13, 8)]], [[[0, 0], [255, 128]]], id="one line, half to even"),
        pytest.param(
            [[(0, 0), (10, 0)], [(5, 5)]],
            [[[0, 0], [255, 0]], [[128, 128], [128, 128]]],
            id="a line and a dot",
        ),
        pytest.param(
            [[(0, 0), (0, 0), (10, 0), (10, 0), (10, 10)]],
            [[[0, 0], [255, 0], [255, 255]]],
            id="points held on the way",
        ),
    ],
)
def test_simplified_by_hand(
    drawing: list[list[tuple[float, float]]], wanted: list[list[list[int]]]
) -> None:
    assert recipe(drawing) == wanted


@given(raw_drawing)
def test_simplified_drawings_fill_the_box(drawing: list[list[tuple[float, float]]]) -> None:
    strokes = recipe(drawing)
    assert len(strokes) == len(drawing)
    assert all(len(s) >= 2 for s in strokes)
    flat = np.concatenate([np.array(s) for s in strokes])
    assert flat.min() >= 0
    assert flat.max() <= 255
    assert flat.min(axis=0).tolist() == [0, 0] or len(flat) > 2


@given(raw_drawing, st.integers(-500, 500), st.sampled_from([0.5, 2.0, 4.0]))
def test_simplifying_forgets_place_and_scale(
    drawing: list[list[tuple[float, float]]], offset: int, factor: float
) -> None:
    moved = [[(x * factor + offset, y * factor + offset) for x, y in s] for s in drawing]
    assert recipe(moved) == recipe(drawing)


@given(st.lists(raw_drawing, min_size=1, max_size=5))
def test_simplified_together_is_simplified_alone(
    drawings: list[list[list[tuple[float, float]]]],
) -> None:
    lines = []
    for drawing in drawings:
        strokes = [[[p[0] for p in s], [p[1] for p in s], [0] * len(s)] for s in drawing]
        lines.append(json.dumps({"drawing": strokes}).encode())
    columns = columns_from_lines(LineChunk(1, lines, 0), "f").columns
    for row, drawing in zip(DrawingTable([record_batch(columns)]), drawings, strict=True):
        assert [s.points.tolist() for s in row.strokes] == recipe(drawing)


@pytest.mark.parametrize(
    ("strokes", "message"),
    [
        ([], "without strokes"),
        ([([1, 2], [1])], "2 x and 1 y"),
        ([([], [])], "0 x and 0 y"),
        ([([1], [float("nan")])], "not finite"),
        ([([1e30, 0], [0, 0])], "not finite or beyond"),
        ([(np.arange(100_000) % 2, np.zeros(100_000))], "px of line"),
    ],
)
def test_the_recipe_refuses(strokes: Any, message: str) -> None:
    with pytest.raises(DrawingError, match=message):
        simplify_raw(strokes)


def test_a_hundred_thousand_points_become_a_few() -> None:
    t = np.linspace(0, 20 * np.pi, 100_000)
    (stroke,) = simplify_raw([(t * np.cos(t), t * np.sin(t))])
    assert 100 < len(stroke) < 1000


# ------------------------------------------------------------------ real drawings


def test_real_simplified_lines_come_back_byte_for_byte(real_data: Path) -> None:
    lines = 0
    for path in sorted((real_data / "quickdraw/simplified").glob("*.ndjson"))[::8]:
        text = path.read_bytes()
        out = io.BytesIO()
        lines += write_stream(out, read_ndjson(path))
        assert out.getvalue() == text, path.name
    assert lines > 1000


def test_real_raw_drawings_become_the_real_simplified_ones(real_data: Path) -> None:
    """One pair in eight; `benchmarks/bench_simplify.py` does all 6,285."""
    pairs = strokes = 0
    for path in sorted((real_data / "quickdraw/simplified").glob("*.ndjson"))[::8]:
        raw_path = real_data / "quickdraw/raw" / f"{path.name}.gz"
        if not raw_path.exists():
            continue
        wanted = {
            record.key_id: record.drawing
            for record in (decode_record(line, "") for line in path.read_bytes().splitlines())
        }
        for line in gzip.decompress(raw_path.read_bytes()).splitlines():
            raw = decode_record(line, raw_path.name)
            if raw.key_id not in wanted:
                continue
            simple = simplify_raw([(s[0], s[1]) for s in raw.drawing])
            assert [a.T.tolist() for a in simple] == wanted[raw.key_id], raw.key_id
            pairs += 1
            strokes += len(simple)
    assert pairs > 500
    assert strokes > 2500


def test_real_raw_files_packed_in_bulk_are_the_simplified_ones(real_data: Path) -> None:
    simple = {d.key: d for d in read_ndjson(real_data / "quickdraw/simplified/cat.ndjson")}
    matched = 0
    for chunk in line_chunks(real_data / "quickdraw/raw/cat.ndjson.gz"):
        parsed = columns_from_lines(chunk, "cat")
        for row in DrawingTable([record_batch(parsed.columns)]):
            if row.key in simple:
                assert row == simple[row.key]
                matched += 1
    assert matched > 5
