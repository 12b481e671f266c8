"""One step of a normalised recurrent cell but for its matrix products, as Triton kernels.

The same two functions as models/fused_pointwise.py, which says what they compute, and equal
to them. A program takes a drawing (a row of the batch) at a time: its four gates stay in
registers from the load to the new state, all reductions are over that row, and nothing is
added up by atomics, so that the same inputs give the same bits. Sums over the batch are
kept per program, in the order of the rows, and added up by the caller.

Needs Triton (Tillet et al. 2019), and so a GPU, or a CPU with TRITON_INTERPRET=1 set before
this is imported, which is how it is tested. Arithmetic is float32 whatever the buffers hold.
"""

from __future__ import annotations

import triton
import triton.language as tl
from torch import Tensor

from .cells import LAYER_NORM_EPSILON
from .fused_pointwise import SUMS, Dropout, Norms, Scaled

# Programs that `retreat` runs at most: two a multiprocessor on the largest cards, so that
# sums are written by few.
MAX_PROGRAMS = 256
# Units of a row that a warp holds: 2 a thread. With 4, `_retreat` of scaled gates takes all
# 255 registers of a thread of compute capability 9.0 and spills.
UNITS_A_WARP = 64
MAX_WARPS = 16


def sum_rows(rows: int) -> int:
    """Partial sums that `retreat` wants for a batch of so many rows."""
    return min(rows, MAX_PROGRAMS)


def advance(
    gates: Tensor | Scaled,
    c: Tensor,
    norms: Norms | None,
    dropout: Dropout | None,
    h_next: Tensor,
    c_next: Tensor,
) -> None:
    """As models.fused_pointwise.advance."""
    rows, size = c.shape
    _advance[(rows,)](
        *_gates(gates),
        *(norms or (None,) * 4),
        c,
        *(dropout or (None, 1.0)),
        h_next,
        c_next,
        rows,
        size,
        h_next.stride(0),
        epsilon=LAYER_NORM_EPSILON,
        NORM=norms is not None,
        SCALED=isinstance(gates, Scaled),
        DROP=dropout is not None,
        **_shape(size),
    )


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
    """As models.fused_pointwise.retreat."""
    rows, size = c.shape
    programs = sum_rows(rows)
    _retreat[(programs,)](
        *_gates(gates),
        *(norms or (None,) * 4),
        c,
        c_next,
        *(dropout or (None, 1.0)),
        dh,
        dout,
        dc,
        *_gates(dgates)[:3],
        sums,
        rows,
        size,
        dh.stride(0),
        dgates.scales.stride(0) if isinstance(dgates, Scaled) else 0,
        epsilon=LAYER_NORM_EPSILON,
        NORM=norms is not None,
        SCALED=isinstance(gates, Scaled),
        DROP=dropout is not None,
        OUT=dout is not None,
        PROGRAMS=programs,
        SUMS=SUMS,
        **_shape(size),
    )


def _gates(gates: Tensor | Scaled) -> tuple[Tensor | None, ...]:
    return tuple(gates) if isinstance(gates, Scaled) else (gates, None, None, None)


def _shape(size: int) -> dict[str, int]:
    block = triton.next_power_of_2(size)
    return {"BLOCK": block, "num_warps": max(1, min(MAX_WARPS, block // UNITS_A_WARP))}


@triton.jit
def _load(pointer, at, inside):
    return tl.load(pointer + at, mask=inside, other=0.0).to(tl.float32)


@triton.jit
def _tanh(x):
    return 2 * tl.sigmoid(2 * x) - 1


@triton.jit
def _normalised(x, inside, size, epsilon):
    """A row without mean and with variance 1, and 1 / std; 0 outside."""
    centred = tl.where(inside, x - tl.sum(x, 0) / size, 0.0)
    rstd = 1 / tl.sqrt(tl.sum(centred * centred, 0) / size + epsilon)
    return centred * rstd, rstd


@triton.jit
def _norm_backward(dn, n, rstd, inside, size):
    dn = tl.where(inside, dn, 0.0)
    return rstd * (dn - tl.sum(dn, 0) / size - n * (tl.sum(dn * n, 0) / size))


@triton.jit
def _gained(x, gain, bias, line, size, unit, inside, epsilon, NORM: tl.constexpr):
    """A row normalised, with gain and bias; the row normalised alone, and 1 / std."""
    n, rstd = x, 1.0
    if NORM:
        n, rstd = _normalised(x, inside, size, epsilon)
        at = line * size + unit
        x = n * _load(gain, at, inside) + _load(bias, at, inside)
    return x, n, rstd


@triton.jit
def _gate(
    gate: tl.constexpr,
    gates,
    from_h,
    scales,
    inner,
    gain,
    bias,
    row,
    rows,
    size,
    unit,
    inside,
    epsilon,
    NORM: tl.constexpr,
    SCALED: tl.constexpr,
):
    """A gate of a row, ready for its activation; itself normalised alone, and 1 / std."""
    x = _load(gates, (row * 4 + gate) * size + unit, inside)
    if SCALED:
        x *= _load(scales, (gate * rows + row) * size + unit, inside)
        h = _load(from_h, (row * 4 + gate) * size + unit, inside)
        x += h * _load(scales, ((4 + gate) * rows + row) * size + unit, inside)
        x += _load(scales, ((8 + gate) * rows + row) * size + unit, inside)
        x += _load(inner, gate * size + unit, inside)
    return _gained(x, gain, bias, gate, size, unit, inside, epsilon, NORM)


@triton.jit
def _advance(
    gates,
    from_h,
    scales,
    inner,
    gain,
    bias,
    out_gain,
    out_bias,
    cells,
    keep,
    keep_scale,
    h_next,
    c_next,
    rows,
    size,
    h_stride,
    epsilon: tl.constexpr,
    NORM: tl.constexpr,
    SCALED: tl.constexpr,
    DROP: tl.constexpr,
    BLOCK: tl.constexpr,
):
    row = tl.program_id(0).to(tl.int64)
    unit = tl.arange(0, BLOCK)
    inside = unit < size
    here = row * size + unit
    # fmt: off
    i, _, _ = _gate(0, gates, from_h, scales, inner, gain, bias,
                    row, rows, size, unit, inside, epsilon, NORM, SCALED)
    f, _, _ = _gate(1, gates, from_h, scales, inner, gain, bias,
                    row, rows, size, unit, inside, epsilon, NORM, SCALED)
    g, _, _ = _gate(2, gates, from_h, scales, inner, gain, bias,
                    row, rows, size, unit, inside, epsilon, NORM, SCALED)
    o, _, _ = _gate(3, gates, from_h, scales, inner, gain, bias,
                    row, rows, size, unit, inside, epsilon, NORM, SCALED)
    # fmt: on
    candidate = tl.sigmoid(i) * _tanh(g)
    if DROP:
        candidate *= _load(keep, here, inside) * keep_scale
    c = _load(cells, here, inside) * tl.sigmoid(f) + candidate
    c = tl.where(inside, c, 0.0)
    tl.store(c_next + here, c, mask=inside)
    u, _, _ = _gained(c, out_gain, out_bias, 0, size, unit, inside, epsilon, NORM)
    tl.store(h_next + row * h_stride + unit, _tanh(u) * tl.sigmoid(o), mask=inside)


@triton.jit
def _give(
    gate: tl.constexpr,
    dy,
    n,
    rstd,
    gates,
    from_h,
    scales,
    gain,
    dgates,
    dfrom_h,
    dscales,
    row,
    rows,
    size,
    dscale_stride,
    unit,
    inside,
    NORM: tl.constexpr,
    SCALED: tl.constexpr,
):
    """Writes what a gate's gradient comes to before its norm, and returns that."""
    at = (row * 4 + gate) * size + unit
    d = dy
    if NORM:
        dn = dy * _load(gain, gate * size + unit, inside)
        d = _norm_backward(dn, n, rstd, inside, size)
    if SCALED:
        scale_x = _load(scales, (gate * rows + row) * size + unit, inside)
        scale_h = _load(scales, ((4 + gate) * rows + row) * size + unit, inside)
        tl.store(dgates + at, d * scale_x, mask=inside)
        tl.store(dfrom_h + at, d * scale_h, mask=inside)
        to = dscales + gate * dscale_stride + row * size + unit
        tl.store(to, d * _load(gates, at, inside), mask=inside)
        tl.store(to + 4 * dscale_stride, d * _load(from_h, at, inside), mask=inside)
        tl.store(to + 8 * dscale_stride, d, mask=inside)
    else:
        tl.store(dgates + at, d, mask=inside)
    return d


@triton.jit
def _add(sums, line: tl.constexpr, size, unit, inside, value):
    at = sums + line * size + unit
    tl.store(at, tl.load(at, mask=inside, other=0.0) + value, mask=inside)


@triton.jit
def _retreat(
    gates,
    from_h,
    scales,
    inner,
    gain,
    bias,
    out_gain,
    out_bias,
    cells,
    c_next,
    keep,
    keep_scale,
    dh,
    dout,
    dc,
    dgates,
    dfrom_h,
    dscales,
    sums,
    rows,
    size,
    dh_stride,
    dscale_stride,
    epsilon: tl.constexpr,
    NORM: tl.constexpr,
    SCALED: tl.constexpr,
    DROP: tl.constexpr,
    OUT: tl.constexpr,
    PROGRAMS: tl.constexpr,
    SUMS: tl.constexpr,
    BLOCK: tl.constexpr,
):
    program = tl.program_id(0)
    unit = tl.arange(0, BLOCK)
    inside = unit < size
    zero = tl.zeros([BLOCK], tl.float32)
    # Sums over this program's rows, in registers until the end.
    gain_i, gain_f, gain_g, gain_o, gain_out = zero, zero, zero, zero, zero
    bias_i, bias_f, bias_g, bias_o, bias_out = zero, zero, zero, zero, zero
    inner_i, inner_f, inner_g, inner_o = zero, zero, zero, zero
    for turn in range(tl.cdiv(rows - program, PROGRAMS)):
        row = program.to(tl.int64) + turn * PROGRAMS
        here = row * size + unit
        # fmt: off
        i, n_i, rstd_i = _gate(0, gates, from_h, scales, inner, gain, bias,
                               row, rows, size, unit, inside, epsilon, NORM, SCALED)
        f, n_f, rstd_f = _gate(1, gates, from_h, scales, inner, gain, bias,
                               row, rows, size, unit, inside, epsilon, NORM, SCALED)
        g, n_g, rstd_g = _gate(2, gates, from_h, scales, inner, gain, bias,
                               row, rows, size, unit, inside, epsilon, NORM, SCALED)
        o, n_o, rstd_o = _gate(3, gates, from_h, scales, inner, gain, bias,
                               row, rows, size, unit, inside, epsilon, NORM, SCALED)
        # fmt: on
        i, f, g, o = tl.sigmoid(i), tl.sigmoid(f), _tanh(g), tl.sigmoid(o)
        new = _load(c_next, here, inside)
        u, n, rstd = _gained(new, out_gain, out_bias, 0, size, unit, inside, epsilon, NORM)
        tanh_u = _tanh(u)
        whole = _load(dh, row * dh_stride + unit, inside)
        if OUT:
            whole += _load(dout, here, inside)
        du = whole * o * (1 - tanh_u * tanh_u)
        dnew = du
        if NORM:
            dnew = _norm_backward(du * _load(out_gain, unit, inside), n, rstd, inside, size)
            gain_out += du * n
            bias_out += du
        dnew += _load(dc, here, inside)
        tl.store(dc + here, dnew * f, mask=inside)
        kept = 1.0
        if DROP:
            kept = _load(keep, here, inside) * keep_scale
        dy_i = dnew * g * kept * i * (1 - i)
        dy_f = dnew * _load(cells, here, inside) * f * (1 - f)
        dy_g = dnew * i * kept * (1 - g * g)
        dy_o = whole * tanh_u * o * (1 - o)
        # fmt: off
        d_i = _give(0, dy_i, n_i, rstd_i, gates, from_h, scales, gain, dgates, dfrom_h, dscales,
                    row, rows, size, dscale_stride, unit, inside, NORM, SCALED)
        d_f = _give(1, dy_f, n_f, rstd_f, gates, from_h, scales, gain, dgates, dfrom_h, dscales,
                    row, rows, size, dscale_stride, unit, inside, NORM, SCALED)
        d_g = _give(2, dy_g, n_g, rstd_g, gates, from_h, scales, gain, dgates, dfrom_h, dscales,
                    row, rows, size, dscale_stride, unit, inside, NORM, SCALED)
        d_o = _give(3, dy_o, n_o, rstd_o, gates, from_h, scales, gain, dgates, dfrom_h, dscales,
                    row, rows, size, dscale_stride, unit, inside, NORM, SCALED)
        # fmt: on
        if NORM:
            gain_i, gain_f = gain_i + dy_i * n_i, gain_f + dy_f * n_f
            gain_g, gain_o = gain_g + dy_g * n_g, gain_o + dy_o * n_o
            bias_i, bias_f = bias_i + dy_i, bias_f + dy_f
            bias_g, bias_o = bias_g + dy_g, bias_o + dy_o
        if SCALED:
            inner_i, inner_f = inner_i + d_i, inner_f + d_f
            inner_g, inner_o = inner_g + d_g, inner_o + d_o
    mine = sums + program * SUMS * size
    # fmt: off
    if NORM:
        _add(mine, 0, size, unit, inside, gain_i)
        _add(mine, 1, size, unit, inside, gain_f)
        _add(mine, 2, size, unit, inside, gain_g)
        _add(mine, 3, size, unit, inside, gain_o)
        _add(mine, 4, size, unit, inside, bias_i)
        _add(mine, 5, size, unit, inside, bias_f)
        _add(mine, 6, size, unit, inside, bias_g)
        _add(mine, 7, size, unit, inside, bias_o)
        _add(mine, 8, size, unit, inside, gain_out)
        _add(mine, 9, size, unit, inside, bias_out)
    if SCALED:
        _add(mine, 10, size, unit, inside, inner_i)
        _add(mine, 11, size, unit, inside, inner_f)
        _add(mine, 12, size, unit, inside, inner_g)
        _add(mine, 13, size, unit, inside, inner_o)
    # fmt: on
