"""Weights and training states on disk: safetensors, written whole or not at all.

One file holds everything that must agree, with what it is as JSON in its header:
`model` (the architecture's name), `config`, and free fields. Nothing is pickled.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from ..strokes.atomic import atomic_path
from ..strokes.errors import FormatError

HEADER_KEY = "linework"


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
    try:
        with safe_open(str(path), framework="pt") as file:
            metadata = file.metadata() or {}
    except (SafetensorError, OSError) as error:
        if isinstance(error, FileNotFoundError):
            raise FormatError(f"{path}: no such file") from error
        raise FormatError(f"{path}: not a complete safetensors file ({error})") from error
    if HEADER_KEY not in metadata:
        raise FormatError(f"{path}: a safetensors file, but not one that linework wrote")
    try:
        header = json.loads(metadata[HEADER_KEY])
    except (json.JSONDecodeError, RecursionError) as error:
        raise FormatError(f"{path}: its header is not JSON ({error})") from error
    if not isinstance(header, dict) or "model" not in header:
        raise FormatError(f"{path}: its header does not say which model it is")
    return header


def load_tensors(
    path: str | os.PathLike[str], device: str | torch.device = "cpu"
) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors and header of a file that `save_tensors` wrote.

    Raises:
        FormatError: as `read_header`.
    """
    header = read_header(path)
    try:
        return safetensors.torch.load_file(str(path), device=str(device)), header
    except SafetensorError as error:
        raise FormatError(f"{path}: not a complete safetensors file ({error})") from error


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
