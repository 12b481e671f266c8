"""Quick, Draw! binary records."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linework.strokes import (
    Drawing,
    FormatError,
    binary,
    read_bin,
    read_ndjson,
    simplify_raw,
    write_bin,
)
from linework.strokes.binary import bin_columns, encode_record

byte = st.integers(0, 255)
drawing = st.builds(
    Drawing.from_arrays,
    st.lists(st.lists(st.tuples(byte, byte), min_size=1, max_size=9), max_size=4),
    label=st.just("cat"),
    key=st.integers(0, 2**64 - 1),
    country=st.none() | st.sampled_from(["US", "DE"]),
    created=st.none()
    | st.integers(1, 2**32 - 1).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    recognized=st.booleans(),
)


@given(st.lists(drawing, max_size=6), st.sampled_from([20, 64, 1 << 20]))
def test_comes_back_whatever_the_block(
    tmp_path_factory: pytest.TempPathFactory, drawings: list[Drawing], block: int
) -> None:
    path = tmp_path_factory.mktemp("bin") / "cat.bin"
    assert write_bin(path, drawings) == len(drawings)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(binary, "BLOCK_BYTES", block)
        assert list(read_bin(path)) == drawings
    again = path.with_name("again.bin")
    write_bin(again, read_bin(path))
    assert again.read_bytes() == path.read_bytes()


def test_a_record_by_hand() -> None:
    record = encode_record(
        Drawing.from_arrays(
            [[[1, 2], [3, 4]]],
            key=5,
            country="US",
            created=datetime(1970, 1, 1, 0, 0, 9, tzinfo=UTC),
            recognized=True,
        )
    )
    assert record == struct.pack("<Q2sbIH", 5, b"US", 1, 9, 1) + b"\x02\x00\x01\x03\x02\x04"


def test_a_drawing_without_a_key_gets_the_same_one_again() -> None:
    plain = Drawing.from_arrays([[[1, 2], [3, 4]]])
    assert encode_record(plain) == encode_record(plain)
    assert encode_record(plain) != encode_record(Drawing.from_arrays([[[1, 2], [3, 5]]]))


@pytest.mark.parametrize(
    ("drawing", "message"),
    [
        pytest.param(Drawing.from_arrays([[[0.5, 1]]]), "stroke 0: coordinates", id="fraction"),
        pytest.param(Drawing.from_arrays([[[0, 256]]]), "0..255", id="beyond the box"),
        pytest.param(Drawing.from_arrays([[[0, -1]]]), "0..255", id="below the box"),
        pytest.param(Drawing.from_arrays([[[1, 1]] * 65_536]), "65,536 points", id="long stroke"),
        pytest.param(Drawing(country="USA"), "country 'USA'", id="country"),
        pytest.param(
            Drawing(created=datetime(2200, 1, 1, tzinfo=UTC)), "1970 to 2106", id="future"
        ),
    ],
)
def test_what_a_record_cannot_hold(tmp_path: Path, drawing: Drawing, message: str) -> None:
    path = tmp_path / "a.bin"
    with pytest.raises(FormatError, match=message) as caught:
        write_bin(path, [Drawing(), drawing])
    assert str(caught.value).startswith("drawing 1")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("cut", [1, 10, 16, 17, 18, 20])
def test_a_file_cut_short_is_told_with_its_place(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "a.bin"
    record = encode_record(Drawing.from_arrays([[[1, 2], [3, 4]]], key=5))
    path.write_bytes(record * 3 + record[:cut])
    read: list[Drawing] = []
    with pytest.raises(FormatError, match=f"a.bin: byte {3 * len(record)}: the file ends"):
        read.extend(read_bin(path))
    assert len(read) == 3


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9)
    with pytest.raises(FormatError, match="not a Quick, Draw! binary file"):
        list(read_bin(path))


def test_a_damaged_length_does_not_swallow_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binary, "MAX_RECORD_BYTES", 10_000)
    monkeypatch.setattr(binary, "BLOCK_BYTES", 4_000)
    path = tmp_path / "a.bin"
    path.write_bytes(struct.pack("<Q2sbIH", 5, b"US", 1, 9, 65_535) + b"\xff" * 30_000)
    with pytest.raises(FormatError, match="damaged here"):
        list(bin_columns(path, None))


def test_the_official_sample(real_data: Path, tmp_path: Path) -> None:
    folder = real_data / "quickdraw/bin_sample"
    (mine,) = read_bin(folder / "bed_simplified.bin", word="bed")
    (raw,) = read_ndjson(folder / "bed_raw.ndjson")
    simple = simplify_raw([(s.points[:, 0], s.points[:, 1]) for s in raw.strokes])
    assert raw.created is not None
    assert mine == Drawing.from_arrays(
        simple,
        label="bed",
        key=raw.key,
        country=raw.country,
        created=raw.created.replace(microsecond=0),
        recognized=raw.recognized,
    )
    write_bin(tmp_path / "bed.bin", [mine])
    assert (tmp_path / "bed.bin").read_bytes() == (folder / "bed_simplified.bin").read_bytes()
