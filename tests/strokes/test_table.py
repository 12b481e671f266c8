"""`DrawingTable` and `TableWriter`."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from linework.strokes import (
    Drawing,
    DrawingError,
    DrawingTable,
    FormatError,
    LineworkError,
    TableWriter,
)
from linework.strokes.table import SCHEMA, columns_from_drawings

coordinate = st.integers(-32_767, 32_767)
drawing = st.builds(
    Drawing.from_arrays,
    st.lists(st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=6), max_size=4),
    label=st.none() | st.text(max_size=5),
    key=st.integers(0, 2**64 - 1),
    country=st.none() | st.sampled_from(["US", "DE"]),
    created=st.none() | st.datetimes(datetime(1900, 1, 1), timezones=st.just(UTC)),
    recognized=st.none() | st.booleans(),
)

CATS = [
    Drawing.from_arrays([[[0, 0], [9, 9]]], label="cat", key=1),
    Drawing.from_arrays([[[1, 2]], [[3, 4], [5, 6], [7, 8]]], label="dog", key=2),
    Drawing(key=3),
]


@given(st.lists(drawing, max_size=5), st.integers(1, 3))
def test_rows_come_back(
    tmp_path_factory: pytest.TempPathFactory, drawings: list[Drawing], group: int
) -> None:
    path = tmp_path_factory.mktemp("table") / "a.arrow"
    with TableWriter(path) as writer:
        for begin in range(0, len(drawings), group):
            writer.write(columns_from_drawings(drawings[begin : begin + group]))
    table = DrawingTable.open(path)
    assert list(table) == drawings
    assert table.n_points().tolist() == [d.n_points for d in drawings]
    assert table.n_strokes().tolist() == [len(d.strokes) for d in drawings]
    for row, wanted in enumerate(drawings):
        points, ends = table.flat(row)
        assert len(points) == wanted.n_points
        assert ends.tolist() == np.cumsum([len(s) for s in wanted.strokes]).tolist()


def test_indexing() -> None:
    table = DrawingTable.from_drawings(CATS, ["train", "valid", "train"])
    assert len(table) == 3
    assert table[-1] == CATS[2]
    assert table[1:] == CATS[1:]
    assert table.rows_of("train").tolist() == [0, 2]
    assert table.rows_of("test").tolist() == []
    assert table.rows_of().tolist() == [0, 1, 2]
    names, indices = table.words()
    assert names == ["cat", "dog"]
    assert indices.tolist() == [0, 1, -1]
    for row in (3, -4):
        with pytest.raises(IndexError, match="of a table of 3"):
            table[row]


def test_rows_are_frozen_as_other_drawings_are() -> None:
    stroke = DrawingTable.from_drawings(CATS)[0].strokes[0]
    assert stroke == CATS[0].strokes[0]
    with pytest.raises(ValueError, match="read-only"):
        stroke.points[0] = 1
    assert stroke.replace(color="#fff").color == "#fff"


@pytest.mark.parametrize("points", [[[0.5, 0]], [[40_000, 0]], [[0, -32_768]]])
def test_only_int16_goes_in(points: list[list[float]]) -> None:
    with pytest.raises(DrawingError, match="drawing 1 has coordinates"):
        DrawingTable.from_drawings([CATS[0], Drawing.from_arrays([points])])


def test_equal_drawings_without_a_key_get_equal_keys() -> None:
    a, b = Drawing.from_arrays([[[1, 2], [3, 4]]]), Drawing.from_arrays([[[1, 2]], [[3, 4]]])
    keys = [row.key for row in DrawingTable.from_drawings([a, b, a])]
    assert keys[0] == keys[2] != keys[1]


def test_pyarrow_reads_it_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.arrow"
    with TableWriter(path) as writer:
        writer.write(columns_from_drawings(CATS))
    rows = pa.ipc.open_file(path).read_all().to_pylist()
    assert rows[1]["strokes"] == [[[1, 2]], [[3, 4], [5, 6], [7, 8]]]
    assert rows[0]["word"] == "cat"


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _text(path: Path) -> None:
    path.write_text("not a table")


def _other(path: Path) -> None:
    with pa.ipc.new_file(path, pa.schema([("a", pa.int8())])):
        pass


def _version(path: Path) -> None:
    with pa.ipc.new_file(path, SCHEMA.with_metadata({"linework.table": "99"})):
        pass


@pytest.mark.parametrize("damage", [_cut, _empty, _text, _other, _version])
def test_other_files_are_refused(tmp_path: Path, damage: object) -> None:
    path = tmp_path / "a.arrow"
    with TableWriter(path) as writer:
        writer.write(columns_from_drawings(CATS))
    damage(path)  # type: ignore[operator]
    with pytest.raises(FormatError, match="linework data pack") as caught:
        DrawingTable.open(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_failure_leaves_what_was_there(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "a.arrow"
    path.write_text("before")

    def fail() -> None:
        with TableWriter(path) as writer:
            writer.write(columns_from_drawings(CATS))
            raise error

    with pytest.raises(error):
        fail()
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(LineworkError, match="does not exist"), TableWriter(tmp_path / "no/a.arrow"):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    """A limit on file size stands for the full disk: both fail in write()."""
    code = """
        import resource, sys
        from linework.strokes import Drawing, LineworkError, TableWriter
        from linework.strokes.table import columns_from_drawings
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
        drawings = [Drawing.from_arrays([[[i % 99, j] for j in range(99)]]) for i in range(999)]
        try:
            with TableWriter(sys.argv[1]) as writer:
                writer.write(columns_from_drawings(drawings))
        except LineworkError as error:
            print(error)
    """
    path = tmp_path / "a.arrow"
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(path)], capture_output=True, text=True
    )
    assert run.stderr == ""
    assert run.stdout.startswith(f"{path}: cannot be written")
    assert list(tmp_path.iterdir()) == []
