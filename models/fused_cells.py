"""The published cells over whole sequences, with gradients by hand: what a GPU waits for least.

`DropoutLSTM`, `LayerNormLSTM` and `HyperLSTM` (models/cells.py) go step by step, 50 small
kernels there and back a step (a HyperLSTM 150), and a GPU spends nearly all of the time between
them. Here a step is its matrix products and one kernel for all the rest
(models/fused_kernels.py): 2 launches each way for the LSTMs, 6 and 7 for a HyperLSTM. What
needs no recurrence is outside the loop: the products with the inputs, one for all steps, and
the gradients of all weights, one product each over all steps at the end.
Why not one kernel for everything: docs/decisions/0061.

The layer takes and gives what the cell does and reads the cell's own parameters. The loops
launch the same kernels on buffers of the same call in the same order, and never ask the
GPU for a value, so that `Graphed` can capture them. Off unless asked for (`fuse`): written
and checked on a CPU, where Triton's interpreter runs the kernels, and not yet measured.
"""

from __future__ import annotations

import contextlib
import importlib.util
from types import ModuleType
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from ..strokes.errors import LineworkError
from .cells import (
    DropoutLSTM,
    HyperLSTM,
    HyperScale,
    LayerNormLSTM,
    State,
    SteppedCell,
    autocast_dtype,
)
from .fused_pointwise import (
    BIAS,
    GAIN,
    INNER_BIAS,
    OUT_BIAS,
    OUT_GAIN,
    SUMS,
    Dropout,
    Norms,
    Scaled,
)

# Scalings of a HyperLSTM: of the gates from x, of those from h, and shifts, four each.
SCALINGS = 12
# Rows (steps x drawings) whose gradients of the scales are kept for one product: 100 MB at
# 512 units in bfloat16, and few enough products.
CHUNK_ROWS = 8192


def fuse(model: nn.Module) -> None:
    """Lets the published cells of a model train by the fused kernels from now on.

    Raises:
        LineworkError: no CUDA device, no Triton, or no cell that this is for.
    """
    cells = [module for module in model.modules() if isinstance(module, SteppedCell)]
    if not cells:
        raise LineworkError(
            "fused=true: the model has no cell of kind lstm, layernorm or hyper; kind fused runs "
            "in one kernel already, so leave it out"
        )
    _kernels(torch.device("cuda" if torch.cuda.is_available() else "cpu"))
    for cell in cells:
        cell.fused = True


def fused_layer(
    cell: SteppedCell, x: Tensor, state: State | None = None, pointwise: ModuleType | None = None
) -> tuple[Tensor, State]:
    """As `cell(x, state)`: x (T, B, I) -> outputs (T, B, H), last state.

    Args:
        pointwise: models.fused_pointwise or models.fused_kernels; None is the latter.

    Raises:
        LineworkError: no `pointwise`, and x is not on a GPU, or Triton is not there.
    """
    kernels = pointwise or _kernels(x.device)
    if state is None:
        zeros = x.new_zeros(x.shape[1], cell.state_size)
        state = (zeros, zeros)
    return _run(cell, x, state, _draw_mask(cell, x), kernels)


class Graphed:
    """`fused_layer` for inputs of one shape, as a CUDA graph each way.

    A call repeats the captured launches on its own inputs, weights as they are now, and
    masks drawn anew. What it returns holds until the next call.
    """

    def __init__(self, cell: SteppedCell, x: Tensor, state: State) -> None:
        """x (T, B, I) and state as the calls will have them, gradients asked for or not.

        Under autocast its cache must be off (`cache_enabled=False`): it would leave the graph
        with weights of now.
        """
        self.cell = cell
        mask = _draw_mask(cell, x)
        inputs = (x, *state) if mask is None else (x, *state, mask)
        layer = _Layer(cell, _kernels(x.device))
        self.layer = cast(Any, torch.cuda.make_graphed_callables(layer, inputs))

    def __call__(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """x and state of the captured shapes -> outputs (T, B, H), last state."""
        mask = _draw_mask(self.cell, x)
        inputs = (x, *state) if mask is None else (x, *state, mask)
        return cast(tuple[Tensor, State], self.layer(*inputs))


class _Layer(nn.Module):
    """What is captured, with the cell's parameters as its own."""

    def __init__(self, cell: SteppedCell, kernels: ModuleType) -> None:
        super().__init__()
        self.cell, self.kernels = cell, kernels

    def forward(
        self, x: Tensor, h: Tensor, c: Tensor, mask: Tensor | None = None
    ) -> tuple[Tensor, State]:
        return _run(self.cell, x, (h, c), mask, self.kernels)


def _kernels(device: torch.device) -> ModuleType:
    """The Triton kernels, where they can run."""
    way_out = "leave fused=true out: the plain cells give the same"
    if device.type != "cuda":
        raise LineworkError(
            f"fused cells run on a CUDA device, and this is {device.type}; {way_out}"
        )
    if importlib.util.find_spec("triton") is None:
        raise LineworkError(
            "fused cells need Triton, which torch for CUDA brings along on Linux, and it is not "
            f"installed; pip install triton, or {way_out}"
        )
    from . import fused_kernels

    return fused_kernels


def _draw_mask(cell: SteppedCell, x: Tensor) -> Tensor | None:
    """All steps' masks, uint8 (T, B, H), by torch's generator: they follow from its seed."""
    if not (cell.dropout and cell.training):
        return None
    keep = torch.empty(*x.shape[:2], cell.hidden_size, dtype=torch.uint8, device=x.device)
    return keep.bernoulli_(1 - cell.dropout)


def _run(
    cell: SteppedCell, x: Tensor, state: State, mask: Tensor | None, kernels: ModuleType
) -> tuple[Tensor, State]:
    dropout = None if mask is None else Dropout(mask, 1 / (1 - cell.dropout))
    layer = _hyper_layer if isinstance(cell, HyperLSTM) else _lstm_layer
    with torch.cuda.device(x.device) if x.is_cuda else contextlib.nullcontext():
        return layer(cast(Any, cell), x, state, dropout, kernels)


def _at(dropout: Dropout | None, t: int) -> Dropout | None:
    return None if dropout is None else Dropout(dropout.keep[t], dropout.scale)


def _accumulator(x: Tensor) -> torch.dtype:
    """What cell states and sums over steps are kept in, whatever the products are in."""
    return torch.float64 if x.dtype == torch.float64 else torch.float32


# -- LSTM, with or without norms


def _lstm_layer(
    cell: SteppedCell, x: Tensor, state: State, dropout: Dropout | None, kernels: ModuleType
) -> tuple[Tensor, State]:
    dtype, wide = autocast_dtype(x), _accumulator(x)
    if isinstance(cell, LayerNormLSTM):
        from_x = F.linear(x, cell.weight_ih)
        norms = [cell.gain, cell.bias.view(4, -1), cell.norm_c.weight, cell.norm_c.bias]
    else:
        assert isinstance(cell, DropoutLSTM)
        from_x = F.linear(x, cell.weight_ih, cell.bias)
        norms = []
    h, c = state
    weight_hh = cell.weight_hh.to(dtype)
    out, c = _LSTM.apply(
        kernels, dropout, from_x, weight_hh, h.to(dtype), c.to(wide), *[n.to(wide) for n in norms]
    )
    return out.to(x.dtype), (out[-1].to(x.dtype), c.to(x.dtype))


class _LSTM(torch.autograd.Function):
    """(T, B, 4 H) from the inputs -> outputs (T, B, H), last cell (B, H)."""

    @staticmethod
    def forward(
        ctx: Any,
        kernels: ModuleType,
        dropout: Dropout | None,
        from_x: Tensor,
        weight_hh: Tensor,
        h: Tensor,
        c: Tensor,
        *norms: Tensor,
    ) -> tuple[Tensor, Tensor]:
        steps, _, size = from_x.shape[0], *h.shape
        from_x = from_x.contiguous()
        gates = torch.empty_like(from_x)
        outs = h.new_empty(steps + 1, *h.shape)
        cells = c.new_empty(steps + 1, *c.shape)
        outs[0], cells[0] = h, c
        pair = Norms(*norms) if norms else None
        transposed = weight_hh.T
        for t in range(steps):
            torch.addmm(from_x[t], outs[t], transposed, out=gates[t])
            kernels.advance(gates[t], cells[t], pair, _at(dropout, t), outs[t + 1], cells[t + 1])
        ctx.kernels, ctx.dropout, ctx.size = kernels, dropout, size
        ctx.save_for_backward(gates, outs, cells, weight_hh, *norms)
        return outs[1:], cells[steps]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dout: Tensor, dlast: Tensor) -> tuple[Tensor | None, ...]:
        gates, outs, cells, weight_hh, *norms = ctx.saved_tensors
        pair = Norms(*norms) if norms else None
        dout = dout.contiguous()
        dgates = torch.empty_like(gates)
        dh, dc = torch.zeros_like(outs[0]), dlast.clone()
        sums = cells.new_zeros(ctx.kernels.sum_rows(len(dh)), SUMS, ctx.size)
        for t in reversed(range(len(gates))):
            ctx.kernels.retreat(
                gates[t],
                cells[t],
                cells[t + 1],
                pair,
                _at(ctx.dropout, t),
                dh,
                dout[t],
                dc,
                dgates[t],
                sums,
            )
            torch.mm(dgates[t], weight_hh, out=dh)
        dweight = dgates.flatten(0, 1).T @ outs[:-1].flatten(0, 1)
        dnorms = _of_norms(sums.sum(0)) if norms else ()
        return None, None, dgates, dweight, dh, dc, *dnorms


def _of_norms(sums: Tensor) -> tuple[Tensor, ...]:
    return sums[GAIN], sums[BIAS], sums[OUT_GAIN][0], sums[OUT_BIAS][0]


# -- HyperLSTM


def _hyper_layer(
    cell: HyperLSTM, x: Tensor, state: State, dropout: Dropout | None, kernels: ModuleType
) -> tuple[Tensor, State]:
    dtype, wide = autocast_dtype(x), _accumulator(x)
    hyper, inputs = cell.hyper, x.shape[2]
    # The hyper cell reads [x, h] and its own output: the part with x for all steps at once.
    weight_x, weight_h = hyper.weight_ih.split([inputs, cell.hidden_size], dim=1)
    scale_in, scale_bias, scale_out = _scalings(cell.scale_x, cell.scale_h)
    (h, hyper_h), (c, hyper_c) = (
        part.split([cell.hidden_size, hyper.hidden_size], dim=1) for part in state
    )
    heavy = [
        F.linear(x, cell.weight_ih),
        F.linear(x, weight_x),
        cell.weight_hh,
        torch.cat([weight_h, hyper.weight_hh], dim=1),
        scale_in,
        scale_bias,
        scale_out,
        torch.cat([h, hyper_h], dim=1),
    ]
    fine = [
        c,
        hyper_c,
        cell.inner_bias,
        *(cell.gain, cell.bias.view(4, -1), cell.norm_c.weight, cell.norm_c.bias),
        *(hyper.gain, hyper.bias.view(4, -1), hyper.norm_c.weight, hyper.norm_c.bias),
    ]
    out, last_hyper, c, hyper_c = _Hyper.apply(
        kernels, dropout, *[part.to(dtype) for part in heavy], *[part.to(wide) for part in fine]
    )
    last_h = torch.cat([out[-1], last_hyper], dim=1).to(x.dtype)
    return out.to(x.dtype), (last_h, torch.cat([c, hyper_c], dim=1).to(x.dtype))


def _scalings(scale_x: HyperScale, scale_h: HyperScale) -> tuple[Tensor, Tensor, Tensor]:
    """Both projections stacked: (12 E, S) into embeddings, (12 E,) biases, (12, H, E) out."""
    into = torch.cat([scale_x.scale_in, scale_h.scale_in, scale_h.shift_in])
    bias = torch.cat([scale_x.scale_bias, scale_h.scale_bias, torch.zeros_like(scale_h.scale_bias)])
    out = torch.cat([scale_x.scale_out, scale_h.scale_out, scale_h.shift_out])
    return into.flatten(0, 1), bias.flatten(), out


def _by_scaling(z: Tensor) -> Tensor:
    """(N, 12 E) -> a view (12, N, E)."""
    return z.unflatten(1, (SCALINGS, -1)).transpose(0, 1)


class _Hyper(torch.autograd.Function):
    """Gates from the inputs of both cells -> outputs (T, B, H), and the last states.

    Outputs of both cells stand side by side, (B, H + S), as the hyper cell reads them.
    """

    @staticmethod
    def forward(
        ctx: Any,
        kernels: ModuleType,
        dropout: Dropout | None,
        from_x: Tensor,
        hyper_x: Tensor,
        weight_hh: Tensor,
        weight_hyper: Tensor,
        scale_in: Tensor,
        scale_bias: Tensor,
        scale_out: Tensor,
        h: Tensor,
        c: Tensor,
        hyper_c: Tensor,
        inner_bias: Tensor,
        *norms: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        from_x, hyper_x = from_x.contiguous(), hyper_x.contiguous()
        steps, rows, size = len(from_x), *c.shape
        main, small = Norms(*norms[:4]), Norms(*norms[4:])
        from_h, hyper_gates = torch.empty_like(from_x), torch.empty_like(hyper_x)
        z = h.new_empty(steps, rows, len(scale_in))
        scales = h.new_empty(SCALINGS, rows, size)
        outs = h.new_empty(steps + 1, *h.shape)
        cells, hyper_cells = (part.new_empty(steps + 1, *part.shape) for part in (c, hyper_c))
        outs[0], cells[0], hyper_cells[0] = h, c, hyper_c
        for t in range(steps):
            own, said = outs[t + 1, :, :size], outs[t + 1, :, size:]
            torch.addmm(hyper_x[t], outs[t], weight_hyper.T, out=hyper_gates[t])
            torch.mm(outs[t, :, :size], weight_hh.T, out=from_h[t])
            kernels.advance(hyper_gates[t], hyper_cells[t], small, None, said, hyper_cells[t + 1])
            torch.addmm(scale_bias, said, scale_in.T, out=z[t])
            torch.bmm(_by_scaling(z[t]), scale_out.transpose(1, 2), out=scales)
            gates = Scaled(from_x[t], from_h[t], scales, inner_bias)
            kernels.advance(gates, cells[t], main, _at(dropout, t), own, cells[t + 1])
        ctx.kernels, ctx.dropout = kernels, dropout
        ctx.save_for_backward(
            *(from_x, from_h, hyper_gates, z, outs, cells, hyper_cells),
            *(weight_hh, weight_hyper, scale_in, scale_out, inner_bias),
            *norms,
        )
        return outs[1:, :, :size], outs[steps, :, size:].clone(), cells[steps], hyper_cells[steps]

    @staticmethod
    @once_differentiable
    def backward(
        ctx: Any, dout: Tensor, dlast_said: Tensor, dlast: Tensor, dlast_hyper: Tensor
    ) -> tuple[Tensor | None, ...]:
        from_x, from_h, hyper_gates, z, outs, cells, hyper_cells, *rest = ctx.saved_tensors
        weight_hh, weight_hyper, scale_in, scale_out, inner_bias, *norms = rest
        main, small = Norms(*norms[:4]), Norms(*norms[4:])
        kernels, dout = ctx.kernels, dout.contiguous()
        steps, rows, size = dout.shape
        dfrom_x, dfrom_h, dhyper_gates, dz = (
            torch.empty_like(part) for part in (from_x, from_h, hyper_gates, z)
        )
        dstate = torch.zeros_like(outs[0])  # of [h, said], by way of the next step
        dh, dsaid = dstate[:, :size], dstate[:, size:]
        dsaid.copy_(dlast_said)
        dc, dhyper_c = dlast.clone(), dlast_hyper.clone()
        sums = cells.new_zeros(kernels.sum_rows(rows), SUMS, size)
        hyper_sums = cells.new_zeros(kernels.sum_rows(rows), SUMS, dsaid.shape[1])
        scales = outs.new_empty(SCALINGS, rows, size)
        chunk = max(1, min(steps, CHUNK_ROWS // rows))
        dscales = outs.new_empty(SCALINGS, chunk, rows, size)
        dscale_out = cells.new_zeros(scale_out.shape)
        for t in reversed(range(steps)):
            slot = dscales[:, t % chunk]
            torch.bmm(_by_scaling(z[t]), scale_out.transpose(1, 2), out=scales)
            kernels.retreat(
                Scaled(from_x[t], from_h[t], scales, inner_bias),
                cells[t],
                cells[t + 1],
                main,
                _at(ctx.dropout, t),
                dh,
                dout[t],
                dc,
                Scaled(dfrom_x[t], dfrom_h[t], slot),
                sums,
            )
            torch.bmm(slot, scale_out, out=_by_scaling(dz[t]))
            dsaid.addmm_(dz[t], scale_in)
            kernels.retreat(
                *(hyper_gates[t], hyper_cells[t], hyper_cells[t + 1], small, None),
                *(dsaid, None, dhyper_c, dhyper_gates[t], hyper_sums),
            )
            torch.mm(dhyper_gates[t], weight_hyper, out=dstate)
            dh.addmm_(dfrom_h[t], weight_hh)
            if t % chunk == 0:  # the chunk's first step is the last that is gone through
                part = min(chunk, steps - t)
                embedded = _by_scaling(z[t : t + part].flatten(0, 1))
                dscale_out += dscales[:, :part].flatten(1, 2).transpose(1, 2) @ embedded
        before = outs[:-1].flatten(0, 1)
        dz = dz.flatten(0, 1)
        return (
            *(None, None, dfrom_x, dhyper_gates),
            dfrom_h.flatten(0, 1).T @ before[:, :size],
            dhyper_gates.flatten(0, 1).T @ before,
            dz.T @ outs[1:, :, size:].flatten(0, 1),
            dz.sum(0, dtype=cells.dtype).to(dz.dtype),
            dscale_out.to(scale_out.dtype),
            *(dstate, dc, dhyper_c),
            sums.sum(0)[INNER_BIAS],
            *_of_norms(sums.sum(0)),
            *_of_norms(hyper_sums.sum(0)),
        )
