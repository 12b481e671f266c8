"""Weights and training states on disk: safetensors, written whole or not at all.

One file holds everything that must agree, with what it is as JSON in its header:
`model` (the architecture's name), `config`, and free fields. Nothing is pickled.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from ..strokes.atomic import atomic_path
from ..strokes.errors import FormatError

HEADER_KEY = "linework"
# In front of a safetensors file's JSON: how long that is.
LENGTH_BYTES = 8


def save_tensors(
    path: str | os.PathLike[str], tensors: Mapping[str, Tensor], header: Mapping[str, Any]
) -> None:
    """Write tensors and a JSON header as one safetensors file, atomically.

    Raises:
        LineworkError: the file cannot be written (a full disk, a missing folder).
    """
    plain = {name: t.detach().cpu().contiguous() for name, t in tensors.items()}
    content = safetensors.torch.save(plain, {HEADER_KEY: json.dumps(header, sort_keys=True)})
    with atomic_path(path) as part:
        part.write_bytes(content)


def read_header(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The JSON header of a file that `save_tensors` wrote.

    Raises:
        FormatError: not a safetensors file, cut short, or not linework's.
    """
    with _opened(path) as file:
        return _header(file, path)


def load_tensors(
    path: str | os.PathLike[str], device: str | torch.device = "cpu"
) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors and header of a file that `save_tensors` wrote.

    Both are read from the file as it was when it was opened: a training that puts a newer one in
    its place meanwhile mixes nothing.

    Raises:
        FormatError: as `read_header`.
    """
    with _opened(path) as file:
        header = _header(file, path)
        file.seek(0)
        content = file.read()
    try:
        tensors = safetensors.torch.load(content)
    except SafetensorError as error:
        raise FormatError(f"{path}: not a complete safetensors file ({error})") from error
    return {name: tensor.to(device) for name, tensor in tensors.items()}, header


@contextmanager
def _opened(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    try:
        with open(path, "rb") as file:
            yield file
    except FileNotFoundError as error:
        raise FormatError(f"{path}: no such file") from error
    except OSError as error:
        raise FormatError(f"{path}: cannot be read ({error.strerror})") from error


def _header(file: BinaryIO, path: str | os.PathLike[str]) -> dict[str, Any]:
    """What `save_tensors` was told, from the start of a file that is all there."""
    metadata = _metadata(file, path)
    if HEADER_KEY not in metadata:
        raise FormatError(f"{path}: a safetensors file, but not one that linework wrote")
    try:
        header = json.loads(metadata[HEADER_KEY])
    except (json.JSONDecodeError, RecursionError) as error:
        raise FormatError(f"{path}: its header is not JSON ({error})") from error
    if not isinstance(header, dict) or "model" not in header:
        raise FormatError(f"{path}: its header does not say which model it is")
    return header


def _metadata(file: BinaryIO, path: str | os.PathLike[str]) -> dict[str, str]:
    """The free texts of a safetensors file.

    Its form: 8 bytes that say how long the JSON behind them is (little-endian), the JSON, and the
    tensors' bytes, of which the JSON says where each ends.
    """
    broken = f"{path}: not a complete safetensors file"
    size = os.fstat(file.fileno()).st_size
    length = int.from_bytes(file.read(LENGTH_BYTES), "little")
    if size < LENGTH_BYTES + length:
        raise FormatError(f"{broken} ({size:,} bytes)")
    try:
        described = json.loads(file.read(length))
        metadata = described.pop("__metadata__", {})
        ends = [tensor["data_offsets"][1] for tensor in described.values()]
        wanted = LENGTH_BYTES + length + max(ends, default=0)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise FormatError(f"{broken} ({error})") from error
    if size != wanted:
        raise FormatError(f"{broken} ({size:,} bytes of {wanted:,})")
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise FormatError(f"{broken} (its metadata are no texts)")
    return metadata


def load_weights(module: torch.nn.Module, tensors: Mapping[str, Tensor], name: str | Path) -> None:
    """Fill a module with tensors of any float dtype, every one of them and no other.

    Raises:
        FormatError: names or shapes that are not this module's.
    """
    own = module.state_dict()
    missing, extra = sorted(own.keys() - tensors.keys()), sorted(tensors.keys() - own.keys())
    shapes = [k for k in own if k in tensors and own[k].shape != tensors[k].shape]
    if missing or extra or shapes:
        what = [
            f"{label} {', '.join(found[:3])}"
            for label, found in (("lacks", missing), ("has unknown", extra), ("misshapes", shapes))
            if found
        ]
        raise FormatError(f"{name}: the weights do not fit the model: {'; '.join(what)}")
    module.load_state_dict({k: v.to(own[k].dtype) for k, v in tensors.items()})


def optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """An optimiser's state as flat tensors "index.name"."""
    state = optimizer.state_dict()["state"]
    return {
        f"{index}.{name}": torch.as_tensor(value)
        for index, values in state.items()
        for name, value in values.items()
    }


def load_optimizer(optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Fill an optimiser with what `optimizer_tensors` gave."""
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        index, name = key.split(".", 1)
        state.setdefault(int(index), {})[name] = value
    optimizer.load_state_dict(
        {"state": state, "param_groups": optimizer.state_dict()["param_groups"]}
    )
