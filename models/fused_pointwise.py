"""One step of a normalised recurrent cell but for its matrix products, forward and back.

What models/fused_cells.py does between two products of a step: the four gates normalised
and activated, dropout on the candidate, the new cell, its norm, the output; and by hand the
gradients of all that (layer norm: Ba et al. 2016, arXiv 1607.06450; the cells: magenta's
sketch_rnn/rnn.py, see models/cells.py). Here in plain torch, in the dtype of the cell state:
the form that tests check with finite differences, and that the Triton kernels of
models/fused_kernels.py, which have the same two functions, are held to.

Results go into buffers that the caller has, so that a whole sequence writes to fixed
addresses and a CUDA graph can replay it.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from .cells import LAYER_NORM_EPSILON

# Rows of `sums`: what is summed over steps and drawings for the gradients of the norms.
GAIN, BIAS, OUT_GAIN, OUT_BIAS, INNER_BIAS = (
    slice(0, 4),
    slice(4, 8),
    slice(8, 9),
    slice(9, 10),
    slice(10, 14),
)
SUMS = 14


class Norms(NamedTuple):
    """Gain and bias (4, H) of the gates' norms, and (H,) of the cell's on its way out."""

    gain: Tensor
    bias: Tensor
    out_gain: Tensor
    out_bias: Tensor


class Scaled(NamedTuple):
    """Gates of a HyperLSTM: what x and h give, each scaled, and a shift.

    Args:
        from_x, from_h: (B, 4 H).
        scales: (12, B, H), four each that scale `from_x`, that scale `from_h`, that are added.
        inner_bias: (4, H); None among gradients, where `sums` has it.
    """

    from_x: Tensor
    from_h: Tensor
    scales: Tensor
    inner_bias: Tensor | None = None


class Dropout(NamedTuple):
    """Which candidates are kept, uint8 (B, H) of 0 and 1, and what those are multiplied by."""

    keep: Tensor
    scale: float


def sum_rows(rows: int) -> int:
    """Partial sums that `retreat` wants for a batch of so many rows."""
    return 1


def advance(
    gates: Tensor | Scaled,
    c: Tensor,
    norms: Norms | None,
    dropout: Dropout | None,
    h_next: Tensor,
    c_next: Tensor,
) -> None:
    """A step: writes the output and the new cell.

    Args:
        gates: (B, 4 H) before norm and activation, or what they are scaled from.
        c: (B, H), the cell before the step.
        norms: None is a plain LSTM, its biases in the gates already.
        h_next, c_next: (B, H) to write to.
    """
    (i, f, g, o), _, _ = _activated(gates, c, norms)
    new = c * f + i * _dropped(g, dropout)
    c_next.copy_(new)
    h_next.copy_(o * torch.tanh(_out_norm(new, norms)[0]))


def retreat(
    gates: Tensor | Scaled,
    c: Tensor,
    c_next: Tensor,
    norms: Norms | None,
    dropout: Dropout | None,
    dh: Tensor,
    dout: Tensor | None,
    dc: Tensor,
    dgates: Tensor | Scaled,
    sums: Tensor,
) -> None:
    """The step's gradients: of gates and cell, and what the norms' sum up to.

    Args:
        gates, c, c_next, norms, dropout: as `advance` had or wrote them.
        dh: (B, H), gradient of the output by way of the next step.
        dout: (B, H), the rest of it, or None.
        dc: (B, H), gradient of the new cell; that of the old one is written over it.
        dgates: of the form of `gates`, to write to.
        sums: (`sum_rows`, SUMS, H), added to.
    """
    (i, f, g, o), n, rstd = _activated(gates, c, norms)
    u, n_out, rstd_out = _out_norm(c_next, norms)
    tanh_u = torch.tanh(u)
    whole = dh.to(c.dtype) if dout is None else dh.to(c.dtype) + dout.to(c.dtype)
    du = whole * o * (1 - tanh_u * tanh_u)
    if norms is None or n_out is None or rstd_out is None:
        dnew = dc + du
    else:
        dnew = dc + _norm_backward(du * norms.out_gain.to(c.dtype), n_out, rstd_out)
        sums[0, OUT_GAIN] += (du * n_out).sum(0)
        sums[0, OUT_BIAS] += du.sum(0)
    kept = _dropped(torch.ones_like(g), dropout)
    dy = torch.stack(
        [
            dnew * g * kept * i * (1 - i),
            dnew * c * f * (1 - f),
            dnew * i * kept * (1 - g * g),
            whole * tanh_u * o * (1 - o),
        ],
        dim=1,
    )  # (B, 4, H)
    dc.copy_(dnew * f)
    if norms is None or n is None or rstd is None:
        draw = dy
    else:
        sums[0, GAIN] += (dy * n).sum(0)
        sums[0, BIAS] += dy.sum(0)
        draw = _norm_backward(dy * norms.gain.to(c.dtype), n, rstd)
    if isinstance(gates, Tensor):
        assert isinstance(dgates, Tensor)
        dgates.copy_(draw.flatten(1))
        return
    assert isinstance(dgates, Scaled)
    from_x, from_h, scale_x, scale_h, _ = _parts(gates, c.dtype)
    dgates.from_x.copy_((draw * scale_x).flatten(1))
    dgates.from_h.copy_((draw * scale_h).flatten(1))
    dgates.scales.copy_(torch.cat([draw * from_x, draw * from_h, draw], dim=1).transpose(0, 1))
    sums[0, INNER_BIAS] += draw.sum(0)


def _activated(
    gates: Tensor | Scaled, like: Tensor, norms: Norms | None
) -> tuple[tuple[Tensor, ...], Tensor | None, Tensor | None]:
    """Activated gates (B, H) i, f, g, o; normalised ones (B, 4, H) and 1 / std (B, 4, 1)."""
    if isinstance(gates, Tensor):
        y = gates.to(like.dtype).unflatten(1, (4, -1))
    else:
        from_x, from_h, scale_x, scale_h, shift = _parts(gates, like.dtype)
        y = from_x * scale_x + from_h * scale_h + shift
    n = rstd = None
    if norms is not None:
        n, rstd = _normalised(y)
        y = n * norms.gain.to(like.dtype) + norms.bias.to(like.dtype)
    i, f, g, o = y.unbind(1)
    return (torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)), n, rstd


def _parts(gates: Scaled, dtype: torch.dtype) -> tuple[Tensor, ...]:
    """from_x, from_h, their scales and the whole shift: (B, 4, H) each."""
    scale_x, scale_h, shift = gates.scales.to(dtype).transpose(0, 1).chunk(3, dim=1)
    if gates.inner_bias is not None:
        shift = shift + gates.inner_bias.to(dtype)
    from_x, from_h = (part.to(dtype).unflatten(1, (4, -1)) for part in gates[:2])
    return from_x, from_h, scale_x, scale_h, shift


def _out_norm(c: Tensor, norms: Norms | None) -> tuple[Tensor, Tensor | None, Tensor | None]:
    """What tanh is taken of, (B, H); the normalised cell and 1 / std (B, 1)."""
    if norms is None:
        return c, None, None
    n, rstd = _normalised(c)
    return n * norms.out_gain.to(c.dtype) + norms.out_bias.to(c.dtype), n, rstd


def _normalised(x: Tensor) -> tuple[Tensor, Tensor]:
    centred = x - x.mean(-1, keepdim=True)
    rstd = torch.rsqrt(centred.square().mean(-1, keepdim=True) + LAYER_NORM_EPSILON)
    return centred * rstd, rstd


def _norm_backward(dn: Tensor, n: Tensor, rstd: Tensor) -> Tensor:
    """Gradient before a norm from that of its result `n`."""
    return rstd * (dn - dn.mean(-1, keepdim=True) - n * (dn * n).mean(-1, keepdim=True))


def _dropped(candidate: Tensor, dropout: Dropout | None) -> Tensor:
    if dropout is None:
        return candidate
    return candidate * dropout.keep.to(candidate.dtype) * dropout.scale
