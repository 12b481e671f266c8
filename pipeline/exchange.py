"""Weights to and from other programs, and what ships with linework."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

from ..models.checkpoint import save_tensors
from ..models.registry import bundled_models, find_weights, load_model
from ..models.sketchrnn import SketchRNN
from ..models.sketchrnn_js import read_sketchrnn_js, write_sketchrnn_js
from ..strokes.errors import LineworkError
from .sketcher import measure_drawn_box

# Where the header of imported weights keeps the info of the file they came from, so
# that exporting them again gives the same file.
JS_INFO = "sketchrnn_js"


def import_sketchrnn_js(source: str | os.PathLike[str], out: str | os.PathLike[str]) -> str:
    """Published JSON as a weights file of ours; returns a sentence about it.

    Raises:
        FormatError: not such a file.
        LineworkError: `out` does not end in .safetensors, or cannot be written.
    """
    if Path(out).suffix != ".safetensors":
        raise LineworkError(f"{out}: weights are written as .safetensors; name it so")
    model, info = read_sketchrnn_js(source)
    header: dict[str, Any] = {
        "model": "sketchrnn",
        "config": dataclasses.asdict(model.config),
        "box": measure_drawn_box(model),
        JS_INFO: info,
    }
    save_tensors(out, model.state_dict(), header)
    kind = "an encoder and a decoder" if model.config.variational else "a decoder"
    return f"{out}: {kind} of {', '.join(model.config.words)}; use it as --model {out}"


def export_sketchrnn_js(model: str | os.PathLike[str], out: str | os.PathLike[str]) -> None:
    """A model as the JSON that sketch-rnn-js, magenta-js and ml5 run.

    Raises:
        LineworkError: there is no such model, it has parts that those do not know, or
            `out` does not end in .json.
    """
    if Path(out).suffix != ".json":
        raise LineworkError(f"{out}: sketchrnn-js is JSON; name it .json")
    if str(model).endswith(".json"):
        network, info = read_sketchrnn_js(model)
    else:
        loaded, header = load_model(model, wanted="sketchrnn")
        assert isinstance(loaded, SketchRNN)
        network, info = loaded, header.get(JS_INFO, {})
    write_sketchrnn_js(network, out, info)


def bundled_summaries() -> dict[str, str]:
    """Name -> the `summary` of its card, for the weights that ship with linework."""
    summaries = {}
    for name in bundled_models():
        card = find_weights(name).with_suffix(".json")
        content = json.loads(card.read_text("utf-8")) if card.is_file() else {}
        summaries[name] = str(content.get("summary", ""))
    return summaries
