"""Published sketch-rnn weights: the JSON that sketch-rnn-js, magenta-js and ml5 read.

A file is `[info, shapes, [base64, ...]]`, each array little-endian int16 with
w = int16 / 32767 * 10. Decoder-only files hold out_w, out_b, W_xh, W_hh, bias; VAE
files put before the decoder: forward and backward encoder (W_xh, W_hh, bias each),
mu, sigma, initial state as [c|h], out. Gates stand in the order i, candidate, forget,
o, and the forget bias of 1 is not stored. The file's scale_factor is part of the
model: it is not the std of the simplified drawings and must not be recomputed.

Weights on that int16 grid come back to the same bytes. Other weights are rounded to
it, and those beyond ±10 cannot be written.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..strokes.atomic import write_atomically
from ..strokes.errors import FormatError, LineworkError
from .cells import FORGET_BIAS
from .sketchrnn import PEN_STATES, STROKE5, Decoder, Encoder, SketchRNN, SketchRNNConfig

INT16_LIMIT = 32767
WEIGHT_LIMIT = 10.0
# The tanh on z went away with version 6 of the files.
VERSION = 6
LAST_TANH_VERSION = 5
DECODER_MODES = (2, "2", "gen")
# Cells that are an LSTM once trained.
PLAIN_CELLS = ("fused", "lstm")
# A published file is 3 MB (decoder only) to 13 MB; more is not one.
MAX_BYTES = 256 << 20

Arrays = Iterator[npt.NDArray[np.float64]]


def read_sketchrnn_js(path: str | os.PathLike[str]) -> tuple[SketchRNN, dict[str, Any]]:
    """A published model and its info (name, mode, version, max_seq_len, scale_factor).

    Raises:
        FormatError: not such a file, cut short, or of shapes that no sketch-rnn has.
    """
    name = str(path)
    info, arrays = _parse(path)
    decoder_only = info.get("mode", "gen") in DECODER_MODES
    try:
        scale, version = float(info["scale_factor"]), int(info.get("version", VERSION))
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(f"{name}: its info has no scale_factor, or no usable one") from error
    if not (math.isfinite(scale) and scale > 0):
        raise FormatError(f"{name}: its scale_factor is {scale}; wanted one above 0")
    shapes = [a.shape for a in arrays]
    try:
        encoder, hidden, latent, mixtures = _sizes(shapes, decoder_only)
    except (IndexError, ValueError) as error:
        raise FormatError(
            f"{name}: arrays of {', '.join(map(str, shapes[:20]))} are not those of a sketch-rnn "
            f"of mode {info.get('mode')!r}"
        ) from error
    config = SketchRNNConfig(
        variational=not decoder_only,
        encoder_size=encoder,
        decoder_size=hidden,
        latent_size=latent,
        mixtures=mixtures,
        words=(str(info.get("name", Path(path).stem)),),
        positions=False,
        encoder_dropout=0.0,
        decoder_dropout=0.0,
        likelihood="density",
        latent_tanh=version <= LAST_TANH_VERSION,
        scale=scale,
    )
    model = SketchRNN(config).eval()
    with torch.no_grad():
        _load(model, iter(arrays))
    return model, info


def _sizes(shapes: list[tuple[int, ...]], decoder_only: bool) -> tuple[int, int, int, int]:
    """Units of an encoder's direction, of the decoder, of z, and mixtures (0 for what is absent).

    Raises:
        IndexError, ValueError: the shapes are not those that such sizes give.
    """
    encoder, latent = (0, 0) if decoder_only else (shapes[1][0], shapes[6][1])
    hidden, head = shapes[0 if decoder_only else 12]
    mixtures = (head - PEN_STATES) // 6
    direction = [(STROKE5, 4 * encoder), (encoder, 4 * encoder), (4 * encoder,)]
    z = [(2 * encoder, latent), (latent,)]
    inputs = STROKE5 + latent
    wanted = [(hidden, PEN_STATES + 6 * mixtures), (PEN_STATES + 6 * mixtures,)]
    wanted += [(inputs, 4 * hidden), (hidden, 4 * hidden), (4 * hidden,)]
    if not decoder_only:
        wanted = [*direction, *direction, *z, *z, (latent, 2 * hidden), (2 * hidden,), *wanted]
    if shapes != wanted or min(hidden, mixtures) < 1:
        raise ValueError("shapes")
    return encoder, hidden, latent, mixtures


def write_sketchrnn_js(
    model: SketchRNN, path: str | os.PathLike[str], info: dict[str, Any] | None = None
) -> None:
    """Write a model for sketch-rnn-js, magenta-js and ml5.

    Args:
        info: fields to keep (name, max_seq_len); mode, version and scale_factor are set.

    Raises:
        LineworkError: the model has what those readers do not (positions, words, other
            cells), or weights beyond ±10.
    """
    config = model.config
    unfit = [
        text
        for wrong, text in (
            (config.positions, "position inputs"),
            (config.conditional, "a word embedding"),
            (config.decoder_cell == "transformer", "a Transformer decoder"),
            (
                config.decoder_cell not in (*PLAIN_CELLS, "transformer"),
                f"a {config.decoder_cell} decoder cell",
            ),
            (
                config.variational and config.encoder_cell not in PLAIN_CELLS,
                f"a {config.encoder_cell} encoder cell",
            ),
        )
        if wrong
    ]
    if unfit:
        raise LineworkError(
            f"sketch-rnn-js cannot run a model with {' and '.join(unfit)}; train one with "
            "--recipe published"
        )
    full: dict[str, Any] = {"max_seq_len": 250, **(info or {})}
    full.setdefault("name", config.words[0] if config.words else "sketch")
    full.setdefault("mode", 0 if config.variational else 2)
    full["version"] = full.get("version", VERSION) if config.latent_tanh else VERSION
    full["scale_factor"] = config.scale
    arrays = [a.detach().cpu().numpy().astype(np.float64) for a in _arrays(model)]
    largest = float(np.max([np.abs(a).max() for a in arrays]))
    if not largest <= WEIGHT_LIMIT:  # nor is a NaN
        raise LineworkError(
            f"a weight of {largest:.2f} does not fit the format, which ends at ±{WEIGHT_LIMIT:g}"
        )
    coded = [np.rint(a / WEIGHT_LIMIT * INT16_LIMIT).astype("<i2") for a in arrays]
    content = [
        full,
        [list(a.shape) for a in coded],
        [base64.b64encode(a.tobytes()).decode("ascii") for a in coded],
    ]
    write_atomically(path, json.dumps(content).encode("ascii"))


def _parse(path: str | os.PathLike[str]) -> tuple[dict[str, Any], list[npt.NDArray[np.float64]]]:
    file = Path(path)
    if not file.is_file():
        raise FormatError(f"{path}: no such file")
    if file.stat().st_size > MAX_BYTES:
        raise FormatError(f"{path}: larger than any published model ({MAX_BYTES >> 20} MiB)")
    try:
        content = json.loads(file.read_bytes())
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FormatError(f"{path}: not JSON, or cut short ({error})") from error
    if not (isinstance(content, list) and len(content) == 3 and isinstance(content[0], dict)):
        raise FormatError(f"{path}: not a sketch-rnn-js model; wanted [info, shapes, arrays]")
    info, shapes, coded = content
    if not isinstance(shapes, list) or not isinstance(coded, list) or len(shapes) != len(coded):
        raise FormatError(f"{path}: as many shapes as arrays are wanted")
    arrays = []
    for index, (shape, text) in enumerate(zip(shapes, coded, strict=True)):
        try:
            raw = np.frombuffer(base64.b64decode(text, validate=True), "<i2").reshape(shape)
            if list(raw.shape) != shape:
                raise ValueError("a length of -1")
            arrays.append(raw.astype(np.float64) / INT16_LIMIT * WEIGHT_LIMIT)
        except (binascii.Error, TypeError, ValueError) as error:
            raise FormatError(f"{path}: array {index} does not fit its shape {shape}") from error
    return info, arrays


def _load(model: SketchRNN, arrays: Arrays) -> None:
    """Fill a model from the file's arrays, in their order."""
    decoder = model.decoder
    assert isinstance(decoder, Decoder)
    if model.config.variational:
        for cell in (model.encoder.forwards, model.encoder.backwards):
            _load_cell(cell, arrays)
        for head in (model.encoder.mu, model.encoder.presigma):
            _load_linear(head, arrays)
        weight, bias = _tensor(next(arrays)), _tensor(next(arrays))
        decoder.initial.weight.copy_(_swap_halves(weight).T)
        decoder.initial.bias.copy_(_swap_halves(bias))
    _load_linear(decoder.head, arrays)
    _load_cell(decoder.cell, arrays)


def _load_cell(cell: Any, arrays: Arrays) -> None:
    w_xh, w_hh, bias = (_swap_gates(_tensor(next(arrays))) for _ in range(3))
    cell.weight_ih.copy_(w_xh.T)
    cell.weight_hh.copy_(w_hh.T)
    hidden = cell.hidden_size
    bias[hidden : 2 * hidden] += FORGET_BIAS
    cell.bias.copy_(bias)


def _load_linear(head: torch.nn.Linear, arrays: Arrays) -> None:
    head.weight.copy_(_tensor(next(arrays)).T)
    head.bias.copy_(_tensor(next(arrays)))


def _arrays(model: SketchRNN) -> Iterator[Tensor]:
    """The file's arrays, in its order."""
    decoder = model.decoder
    assert isinstance(decoder, Decoder)
    if model.config.variational:
        encoder: Encoder = model.encoder
        yield from _cell_arrays(encoder.forwards)
        yield from _cell_arrays(encoder.backwards)
        for head in (encoder.mu, encoder.presigma):
            yield from (head.weight.T, head.bias)
        yield _swap_halves(decoder.initial.weight.T)
        yield _swap_halves(decoder.initial.bias)
    yield from (decoder.head.weight.T, decoder.head.bias)
    yield from _cell_arrays(decoder.cell)


def _cell_arrays(cell: Any) -> Iterator[Tensor]:
    hidden = cell.hidden_size
    bias = cell.bias.detach().double()
    bias[hidden : 2 * hidden] -= FORGET_BIAS
    yield _swap_gates(cell.weight_ih.T)
    yield _swap_gates(cell.weight_hh.T)
    yield _swap_gates(bias)


def _swap_gates(array: Tensor) -> Tensor:
    """Last axis from i, candidate, forget, o to i, forget, candidate, o, or back."""
    i, second, third, o = array.chunk(4, dim=-1)
    return torch.cat([i, third, second, o], dim=-1)


def _swap_halves(array: Tensor) -> Tensor:
    """Last axis from [c|h] to [h|c], or back."""
    first, second = array.chunk(2, dim=-1)
    return torch.cat([second, first], dim=-1)


def _tensor(array: npt.NDArray[np.float64]) -> Tensor:
    return torch.from_numpy(array.copy())
