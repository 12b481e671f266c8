"""sketch-rnn .npz: read without trust, written for others to load."""

from __future__ import annotations

import io
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from linework.strokes import FormatError, from_stroke3, npz, read_npz, to_stroke3, write_npz

rows = hnp.arrays(np.int16, st.tuples(st.integers(0, 12), st.just(3)))
splits = st.dictionaries(st.sampled_from(npz.SPLITS), st.lists(rows, max_size=4))


def object_array(items: list[Any]) -> npt.NDArray[Any]:
    array = np.empty(len(items), object)
    for i, item in enumerate(items):
        array[i] = item
    return array


def npy(pickled: bytes, shape: tuple[int, ...] = (1,)) -> bytes:
    out = io.BytesIO()
    header = {"descr": "|O", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(out, header)
    return out.getvalue() + pickled


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


class Hostile:
    def __init__(self, *call: Any) -> None:
        self.call = call

    def __reduce__(self) -> Any:
        return self.call


@given(splits)
def test_comes_back_and_numpy_reads_it(
    tmp_path_factory: pytest.TempPathFactory, data: dict[str, list[Any]]
) -> None:
    path = tmp_path_factory.mktemp("npz") / "a.npz"
    write_npz(path, data)
    mine = read_npz(path)
    theirs = np.load(path, allow_pickle=True, encoding="latin1")
    assert list(mine) == list(npz.SPLITS) == theirs.files
    for name in npz.SPLITS:
        wanted = data.get(name, [])
        assert len(mine[name]) == len(theirs[name]) == len(wanted)
        for a, b, c in zip(mine[name], theirs[name], wanted, strict=True):
            assert a.dtype == b.dtype == np.int16
            assert np.array_equal(a, c)
            assert np.array_equal(b, c)
    first = path.read_bytes()
    write_npz(path, data)
    assert path.read_bytes() == first


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("dtype", ["<i2", ">i2", "<f4", "<f8", "i8", "u1"])
def test_every_pickle_protocol_and_type(tmp_path: Path, protocol: int, dtype: str) -> None:
    arrays = [np.arange(12).reshape(4, 3).astype(dtype), np.ones((2, 3), dtype)]
    data = npy(pickle.dumps(object_array(arrays), protocol=protocol), (2,))
    (read,) = read_npz(zipped(tmp_path / "a.npz", {"train.npy": data})).values()
    for mine, wanted in zip(read, arrays, strict=True):
        assert np.array_equal(mine, wanted)
        assert mine.dtype == (np.float64 if "f" in dtype else np.int16)


def test_columns_first_and_drawings_of_one_length(tmp_path: Path) -> None:
    array = np.asfortranarray(np.arange(12).reshape(4, 3))
    data = npy(pickle.dumps(object_array([array]), protocol=3))
    assert np.array_equal(
        read_npz(zipped(tmp_path / "a.npz", {"train.npy": data}))["train"][0], array
    )
    np.savez(tmp_path / "b.npz", valid=np.arange(24).reshape(2, 4, 3))
    assert [a.shape for a in read_npz(tmp_path / "b.npz")["valid"]] == [(4, 3), (4, 3)]


HOSTILE = {
    "a command": (Hostile(os.system, ("touch hacked",)), "posix.system"),
    "eval": (Hostile(eval, ("1+1",)), r"builtins?(__)?\.eval"),
    "getattr": (Hostile(getattr, (dict, "pop")), r"builtins?(__)?\.(getattr|dict)"),
    "numpy's own loader": (Hostile(np.load, ("x",)), "numpy.load"),
    "another class": (Path("x"), "pathlib"),
}


@pytest.mark.parametrize(("thing", "name"), HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_a_hostile_pickle_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, thing: Any, name: str, protocol: int
) -> None:
    monkeypatch.chdir(tmp_path)
    data = npy(pickle.dumps(object_array([np.zeros((1, 3)), thing]), protocol=protocol), (2,))
    with pytest.raises(FormatError, match=name) as caught:
        read_npz(zipped(tmp_path / "a.npz", {"train.npy": data}))
    assert "a.npz: train.npy" in str(caught.value)
    assert not (tmp_path / "hacked").exists()


BAD_PICKLES: dict[str, tuple[Any, str]] = {
    "no array": ({"a": 1}, "a pickled dict"),
    "a number in the array": (object_array([5]), "int; wanted stroke-3"),
    "text in the array": (object_array([np.array(["a"])]), "wanted integers or floats"),
    "objects in objects": (
        object_array([object_array([1, 2])]),
        "wants 16 bytes|wanted stroke-3|found list",
    ),
    "two columns": (object_array([np.zeros((4, 2))]), r"shape \(4, 2\)"),
    "one column": (object_array([np.zeros(3)]), r"shape \(3,\)"),
    "NaN": (object_array([np.full((2, 3), np.nan)]), "not finite"),
    "beyond int16": (object_array([np.full((2, 3), 40_000)]), "beyond"),
    "complex": (object_array([np.zeros((2, 3), complex)]), "wanted integers or floats"),
    "more than announced": (object_array([np.zeros((2, 3))] * 2), "holds 2 arrays"),
}


@pytest.mark.parametrize(("thing", "message"), BAD_PICKLES.values(), ids=BAD_PICKLES.keys())
def test_other_pickles_are_refused(tmp_path: Path, thing: Any, message: str) -> None:
    path = zipped(tmp_path / "a.npz", {"valid.npy": npy(pickle.dumps(thing, protocol=4))})
    with pytest.raises(FormatError, match=message) as caught:
        read_npz(path)
    assert "a.npz: valid.npy" in str(caught.value)


def _not_zip(path: Path) -> None:
    path.write_bytes(b"x" * 1000)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _cut_short(path: Path) -> None:
    write_npz(path, {"train": [np.ones((50, 3), np.int16)] * 50})
    path.write_bytes(path.read_bytes()[:-60])


def _damaged(path: Path) -> None:
    rng = np.random.default_rng(0)
    write_npz(path, {"train": [rng.integers(-99, 99, (200, 3)) for _ in range(50)]})
    data = bytearray(path.read_bytes())
    data[5000:5050] = bytes(50)
    path.write_bytes(data)


def _no_split(path: Path) -> None:
    np.savez(path, x=np.zeros(3))


def _not_npy(path: Path) -> None:
    zipped(path, {"train.npy": b"hello"})


def _bomb(path: Path) -> None:
    zipped(path, {"train.npy": bytes(32 << 20)})


def _cut_pickle(path: Path) -> None:
    good = pickle.dumps(object_array([np.zeros((4, 3))]), protocol=3)
    zipped(path, {"train.npy": npy(good[:-20])})


def _forged(path: Path) -> None:
    good = pickle.dumps(object_array([np.zeros((4, 3))]), protocol=3)
    forged = good.replace(b"K\x04K\x03\x86", b"K\x5aK\x03\x86")
    assert forged != good
    zipped(path, {"train.npy": npy(forged)})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (_not_zip, "not a complete .npz"),
        (_empty, "not a complete .npz"),
        (_cut_short, "not a complete .npz"),
        (_damaged, "not a complete .npz"),
        (_no_split, "holds x.npy; wanted train.npy"),
        (_not_npy, "not a numpy array"),
        (_bomb, "decompression bomb"),
        (_cut_pickle, "a pickle that cannot be read"),
        (_forged, r"wants 2160 bytes; found 96"),
    ],
)
def test_damaged_files_are_refused(
    tmp_path: Path, make: Callable[[Path], None], message: str
) -> None:
    path = tmp_path / "a.npz"
    make(path)
    with pytest.raises(FormatError, match=message) as caught:
        read_npz(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"test2": []}, "split 'test2'"),
        ({"train": [np.zeros((2, 2))]}, r"train\[0\]: shape \(2, 2\)"),
        ({"train": [np.full((2, 3), 0.5)]}, "not integers"),
        ({"train": [np.full((2, 3), 40_000)]}, "within"),
        ({"train": [np.full((2, 3), np.nan)]}, "not integers"),
    ],
)
def test_what_cannot_be_written(tmp_path: Path, data: Any, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        write_npz(tmp_path / "a.npz", data)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "counts", "dtype"),
    [
        ("aaron_sheep", {"train": 7400, "valid": 300}, np.int16),
        ("kanji.rdp200", {"train": 10358, "valid": 600}, np.float64),
    ],
)
def test_the_official_sets(real_data: Path, name: str, counts: dict[str, int], dtype: type) -> None:
    path = real_data / "sketchrnn_npz" / f"{name}.npz"
    mine = read_npz(path)
    assert {split: len(arrays) for split, arrays in mine.items()} == counts
    theirs = np.load(path, allow_pickle=True, encoding="latin1")
    for split in counts:
        for a, b in zip(mine[split][:200], theirs[split][:200], strict=True):
            assert a.dtype == dtype
            assert np.array_equal(a, b)
    rows = mine["valid"][0]
    assert np.allclose(to_stroke3(from_stroke3(rows)), rows, atol=1e-4)
