"""Models by name: what builds each architecture, and where weights are found.

`load_model("doodles")` finds bundled weights, `load_model("run")` the best weights of
a training folder, `load_model("x.safetensors")` a file. The header of the file says
which architecture it is; the config it was built with travels in it.
"""

from __future__ import annotations

import dataclasses
import difflib
import os
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ..strokes.errors import FormatError, LineworkError
from .checkpoint import load_tensors, load_weights
from .dense_map import DenseMap, DenseMapConfig
from .fastgan import FastGAN, FastGANConfig
from .painter import Painter, PainterConfig
from .recogniser import Recogniser, RecogniserConfig
from .segmenter import Segmenter, SegmenterConfig
from .settings import with_settings
from .simplification2016 import Simplification2016, Simplification2016Config
from .simplifier import Simplifier, SimplifierConfig
from .sketch_painter import SketchPainter, SketchPainterConfig
from .sketchrnn import SketchRNN, SketchRNNConfig
from .training import BEST, LAST

BUILDERS: dict[str, tuple[Callable[[Any], nn.Module], type]] = {
    "densemap": (DenseMap, DenseMapConfig),
    "painter": (Painter, PainterConfig),
    "portraits": (FastGAN, FastGANConfig),
    "recogniser": (Recogniser, RecogniserConfig),
    "segmenter": (Segmenter, SegmenterConfig),
    "simplification2016": (Simplification2016, Simplification2016Config),
    "simplifier": (Simplifier, SimplifierConfig),
    "sketchpainter": (SketchPainter, SketchPainterConfig),
    "sketchrnn": (SketchRNN, SketchRNNConfig),
}
"""Architecture name -> (module class, config class)."""


def bundled_models() -> list[str]:
    """Names of the weights that ship with linework."""
    folder = resources.files(__package__) / "weights"
    if not folder.is_dir():
        return []
    return sorted(
        f.name.removesuffix(".safetensors")
        for f in folder.iterdir()
        if f.name.endswith(".safetensors")
    )


def find_weights(name_or_path: str | os.PathLike[str]) -> Path:
    """The weights file that a name, a training folder or a path stands for.

    Raises:
        LineworkError: there is none.
    """
    path = Path(name_or_path)
    if path.is_dir():
        if (path / BEST).is_file():
            return path / BEST
        raise LineworkError(
            f"{path}: holds no {BEST}; "
            + (
                "its training has not reached an evaluation yet"
                if (path / LAST).is_file()
                else "name a folder that `linework train` wrote"
            )
        )
    if path.is_file():
        return path
    bundled = bundled_models()
    if str(name_or_path) in bundled:
        return Path(str(resources.files(__package__) / "weights" / f"{name_or_path}.safetensors"))
    near = difflib.get_close_matches(str(name_or_path), bundled, n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"bundled: {', '.join(bundled) or 'none'}"
    raise LineworkError(f"{name_or_path}: no such model, training folder or file; {hint}")


def load_model(
    name_or_path: str | os.PathLike[str],
    wanted: str | Sequence[str] | None = None,
    device: str | torch.device = "cpu",
) -> tuple[nn.Module, dict[str, Any]]:
    """A model in evaluation mode and the header of its weights.

    Args:
        wanted: the architecture that the caller can use, or several, or None for any.

    Raises:
        LineworkError: there is no such file, or it holds another architecture.
        FormatError: the file is damaged, or does not fit its own config.
    """
    path = find_weights(name_or_path)
    tensors, header = load_tensors(path, device)
    kind = header["model"]
    allowed = (wanted,) if isinstance(wanted, str) else wanted
    if allowed is not None and kind not in allowed:
        raise LineworkError(f"{path}: holds a {kind}, and this needs a {' or '.join(allowed)}")
    if kind not in BUILDERS:
        raise FormatError(f"{path}: holds a '{kind}', which this version of linework does not know")
    module_class, config_class = BUILDERS[kind]
    known = {field.name for field in dataclasses.fields(config_class)}
    stored = header.get("config")
    if not isinstance(stored, dict):
        raise FormatError(f"{path}: its header has no config")
    unknown = sorted(stored.keys() - known)
    if unknown:
        raise FormatError(
            f"{path}: its config has {', '.join(unknown)}, which this version of linework "
            "does not know; it was written by a newer one"
        )
    config = with_settings({"config": config_class()}, stored, str(path))["config"]
    if path.name == LAST:
        # Where the weights are averaged over the steps, that is what is evaluated.
        averaged = any(k.startswith("average.") for k in tensors)
        part = "average." if averaged else "model."
        tensors = {k.removeprefix(part): v for k, v in tensors.items() if k.startswith(part)}
    module = module_class(config).to(device)
    load_weights(module, tensors, path)
    return module.eval(), header
