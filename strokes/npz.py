"""sketch-rnn .npz: stroke-3 arrays in train, valid and test, read without trusting the file.

Such a file is a zip of `train.npy`, `valid.npy` and `test.npy`, each a numpy
object array of (n, 3) arrays, and numpy stores object arrays as a pickle: a
program that may do anything. Here numpy's own names in that pickle stand for
inert holders, every other name is refused, and the arrays are built from the
held bytes once their type and length have been checked (the format is numpy's
NEP 1; the stand-ins follow `ndarray.__reduce__`).

The first point of a drawing is the origin and has no row, as in `stroke3`.
"""

from __future__ import annotations

import io
import os
import pickle
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .atomic import atomic_path
from .errors import FormatError

SPLITS = ("train", "valid", "test")
# The largest official file (a `.full.npz`) unpacks to under 200 MB; ten times
# that is an attack or a mistake.
MAX_MEMBER_BYTES = 2 << 30
# Deflate gives 3 to 10 on stroke-3 and at most 1,032 on zeros; small members
# may do as they like.
MAX_RATIO = 200
SMALL_MEMBER_BYTES = 16 << 20
# Zip's own epoch: equal input gives equal bytes, whenever it is written.
ZIP_DATE = (1980, 1, 1, 0, 0, 0)

Stroke3 = npt.NDArray[np.int16] | npt.NDArray[np.float64]


def read_npz(path: str | os.PathLike[str]) -> dict[str, list[Stroke3]]:
    """The drawings of a sketch-rnn file, by split.

    Returns:
        For each split in the file a list of (n, 3) arrays, columns dx, dy, pen
        lifted: int16 where the file holds integers, else float64.

    Raises:
        FormatError: not a zip, cut short, no split in it, too large when unpacked,
            a pickle that names anything but numpy arrays (the message says
            what), or arrays that are not stroke-3.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = {
                info.filename.removesuffix(".npy"): info
                for info in archive.infolist()
                if info.filename.removesuffix(".npy") in SPLITS
            }
            if not members:
                found = ", ".join(archive.namelist()[:5]) or "nothing"
                raise FormatError(
                    f"{path}: holds {found}; wanted train.npy, valid.npy or test.npy, "
                    "as sketch-rnn's files have"
                )
            return {
                name: _read_member(f"{path}: {name}.npy", archive, members[name])
                for name in SPLITS
                if name in members
            }
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise FormatError(
            f"{path}: not a complete .npz file ({error}); download or write it again"
        ) from error
    except NotImplementedError as error:  # zipfile: an unknown compression or encryption
        raise FormatError(f"{path}: a zip that this cannot unpack ({error})") from error


def write_npz(path: str | os.PathLike[str], splits: Mapping[str, Sequence[npt.ArrayLike]]) -> None:
    """Write stroke-3 arrays as sketch-rnn's readers load them: object arrays of int16.

    Args:
        path: the file; it appears only when complete.
        splits: "train", "valid" and "test" to sequences of (n, 3) arrays with
            integer values within int16. A missing split is written empty.

    Raises:
        FormatError: another split, or values that int16 does not hold exactly.
    """
    unknown = set(splits) - set(SPLITS)
    if unknown:
        raise FormatError(f"split {sorted(unknown)[0]!r}; wanted train, valid or test")
    with atomic_path(path) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in SPLITS:
            info = zipfile.ZipInfo(f"{name}.npy", ZIP_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            arrays = [_as_int16(f"{name}[{i}]", a) for i, a in enumerate(splits.get(name, ()))]
            archive.writestr(info, _object_npy(arrays))


def _read_member(where: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> list[Stroke3]:
    ratio = info.file_size / max(info.compress_size, 1)
    if info.file_size > MAX_MEMBER_BYTES or (
        info.file_size > SMALL_MEMBER_BYTES and ratio > MAX_RATIO
    ):
        raise FormatError(
            f"{where}: unpacks to {info.file_size:,} bytes from {info.compress_size:,}; "
            f"refused as a decompression bomb (at most {MAX_MEMBER_BYTES:,} bytes, "
            f"{MAX_RATIO} to 1)"
        )
    # zipfile stops at the announced size and checks the sum, so it bounds the memory.
    data = io.BytesIO(archive.read(info))
    try:
        version = np.lib.format.read_magic(data)
        read_header = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, _, dtype = read_header(data)
    except (ValueError, KeyError) as error:
        raise FormatError(f"{where}: not a numpy array ({error})") from error
    items: list[Any]
    if dtype.hasobject:
        items = _flatten(where, _unpickle(where, data))
        if len(items) != int(np.prod(shape)):
            raise FormatError(f"{where}: holds {len(items)} arrays, but its header says {shape}")
    elif len(shape) == 3 or 0 in shape:
        # Drawings of one length: numpy made one array of them, without a pickle.
        held = _Array()
        held.__setstate__((1, shape, dtype, False, data.read()))
        items = list(held.build(where)) if 0 not in shape else []
    else:
        raise FormatError(f"{where}: an array of shape {shape}; wanted one (n, 3) array a drawing")
    return [_checked(f"{where}[{i}]", item) for i, item in enumerate(items)]


def _checked(where: str, item: Any) -> Stroke3:
    array = item.build(where) if isinstance(item, _Array) else item
    if not isinstance(array, np.ndarray) or array.ndim != 2 or array.shape[1] != 3:
        found = f"shape {array.shape}" if isinstance(array, np.ndarray) else type(item).__name__
        raise FormatError(f"{where}: {found}; wanted stroke-3, an (n, 3) array of dx, dy, pen")
    if array.dtype.kind in "iu":
        if len(array) and (array.min() < -32_768 or array.max() > 32_767):
            raise FormatError(f"{where}: offsets beyond ±32767")
        return array.astype(np.int16)
    if not np.isfinite(array).all():
        raise FormatError(f"{where}: offsets that are not finite")
    return array.astype(np.float64)


# ------------------------------------------------------------------ reading pickles


class _DType:
    """Stands for numpy.dtype in a pickle: keeps its code, "i2", and byte order."""

    def __init__(self, code: str | bytes = "", *_: object) -> None:
        self.code = code.decode("latin1") if isinstance(code, bytes) else str(code)
        self.order = "|"

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        order = state[1] if isinstance(state, tuple) and len(state) > 1 else "|"
        self.order = order.decode("latin1") if isinstance(order, bytes) else str(order)

    def build(self, where: str) -> np.dtype[Any]:
        # Integers and floats of a fixed size; never objects, records or strings.
        if not re.fullmatch(r"[iuf][1248]|O8?", self.code) or self.order not in "<>|=":
            raise FormatError(f"{where}: an array of type {self.code!r}; wanted integers or floats")
        return np.dtype(self.code[:1] if self.code[0] == "O" else self.code).newbyteorder(
            "<" if self.order in "|=" else self.order  # type: ignore[arg-type]
        )


class _Array:
    """Stands for numpy.ndarray in a pickle: keeps what `__setstate__` was given."""

    state: tuple[Any, ...] = ()

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.state = state

    def parts(self, where: str) -> tuple[tuple[int, ...], np.dtype[Any], bool, Any]:
        """Shape, type, whether columns come first, and the bytes or the list of objects."""
        if not isinstance(self.state, tuple) or len(self.state) != 5:
            raise FormatError(f"{where}: a pickled array without its contents")
        _, shape, dtype, columns_first, data = self.state
        if not isinstance(shape, tuple) or not all(isinstance(n, int) and n >= 0 for n in shape):
            raise FormatError(f"{where}: an array of shape {shape!r}")
        if isinstance(dtype, _DType):
            dtype = dtype.build(where)
        if not isinstance(dtype, np.dtype):
            raise FormatError(f"{where}: a pickled array without a type")
        return shape, dtype, bool(columns_first), data

    def build(self, where: str) -> npt.NDArray[Any]:
        shape, dtype, columns_first, data = self.parts(where)
        if isinstance(data, str):  # written by Python 2
            data = data.encode("latin1")
        if isinstance(data, bytearray):  # protocol 5, an array that could be written to
            data = bytes(data)
        size = int(np.prod(shape, dtype=object)) * dtype.itemsize
        if dtype.kind not in "iuf" or not isinstance(data, bytes) or len(data) != size:
            raise FormatError(
                f"{where}: a {dtype} array of shape {shape} wants {size} bytes; "
                f"found {len(data) if isinstance(data, bytes) else type(data).__name__}"
            )
        return np.frombuffer(data, dtype).reshape(shape, order="F" if columns_first else "C")


def _reconstruct(kind: object, *_: object) -> _Array:
    """Stands for numpy.core.multiarray._reconstruct."""
    if kind is not _Array:
        raise pickle.UnpicklingError("an array of another class than numpy.ndarray")
    return _Array()


def _frombuffer(data: object, dtype: object, shape: object, order: object = "C") -> _Array:
    """Stands for numpy.core.numeric._frombuffer, which pickle protocol 5 uses."""
    array = _Array()
    array.state = (1, shape, dtype, order == "F", data)
    return array


def _encode(text: object, encoding: object = "latin1") -> bytes:
    """Stands for _codecs.encode, by which pickle protocol 2 writes bytes from Python 3."""
    if not isinstance(text, str) or encoding != "latin1":
        raise pickle.UnpicklingError("text in another encoding than latin1")
    return text.encode("latin1")


ADMITTED: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _DType,
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy.core.numeric", "_frombuffer"): _frombuffer,
    ("numpy._core.numeric", "_frombuffer"): _frombuffer,
    ("_codecs", "encode"): _encode,
}


class _NumpyOnly(pickle.Unpickler):
    def find_class(self, module_name: str, global_name: str) -> Any:
        try:
            return ADMITTED[module_name, global_name]
        except KeyError:
            raise _Refused(f"{module_name}.{global_name}") from None


class _Refused(Exception):
    """The name of a global that is not part of a numpy array."""


def _unpickle(where: str, data: io.BytesIO) -> Any:
    try:
        return _NumpyOnly(data, encoding="latin1").load()
    except _Refused as refused:
        raise FormatError(
            f"{where}: its pickle asks for {refused}, which is no part of a numpy array; "
            "refused, nothing of it was run. Do not open this file with other tools"
        ) from None
    # A hostile or damaged pickle can fail in any way that Python code can.
    except (Exception, MemoryError) as error:
        raise FormatError(f"{where}: a pickle that cannot be read ({error})") from error


def _flatten(where: str, top: Any) -> list[Any]:
    """The drawings in the outer object array."""
    if not isinstance(top, _Array):
        raise FormatError(f"{where}: a pickled {type(top).__name__}; wanted a numpy array")
    _, dtype, _, items = top.parts(where)
    if not dtype.hasobject or not isinstance(items, list):
        raise FormatError(f"{where}: a pickled {dtype} array; wanted an array of arrays")
    return items


# ------------------------------------------------------------------ writing


def _as_int16(where: str, values: npt.ArrayLike) -> npt.NDArray[np.int16]:
    array = np.asarray(values)
    if array.ndim != 2 or array.shape[1] != 3:
        raise FormatError(f"{where}: shape {array.shape}; wanted stroke-3, (n, 3)")
    if not ((np.abs(array) <= 32_767).all() and (array == np.rint(array)).all()):
        raise FormatError(
            f"{where}: offsets that are not integers within ±32767, which is what sketch-rnn's "
            "files hold; scale and round the drawing first"
        )
    return array.astype("<i2")


def _object_npy(arrays: Sequence[npt.NDArray[np.int16]]) -> bytes:
    held = np.empty(len(arrays), object)
    for i, array in enumerate(arrays):
        held[i] = array
    out = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        out, {"descr": "|O", "fortran_order": False, "shape": held.shape}
    )
    # Protocol 3 and numpy's old module name: what readers on Python 3 load with
    # any numpy, before and after version 2 moved the module.
    pickled = pickle.dumps(held, protocol=3)
    out.write(pickled.replace(b"cnumpy._core.multiarray\n", b"cnumpy.core.multiarray\n", 1))
    return out.getvalue()
