"""A matrix product with fixed weights, packed once for the CPU's own kernels.

torch multiplies float32 on a CPU with MKL, which leaves most of an AMD core unused: for
(100, 521) x (521, 2048) oneDNN with packed weights takes 1.0 ms where MKL takes 2.4
[benchmarks/bench_sketchrnn.py]. For little work, a single row or a narrow layer, MKL is the
faster one. The two agree to float32 rounding.
"""

from __future__ import annotations

import torch
from torch import Tensor

# Multiplications from which on oneDNN is asked: each of its calls costs some 45 microseconds
# more, in which the slower kernel does about as many.
LEAST_WORK = 4_000_000


class PackedLinear:
    """`x @ weight.T`, and `added` to it, without gradients, for weights that stand still."""

    def __init__(self, weight: Tensor) -> None:
        """weight: float (out, in), on any device."""
        self.weight = weight.detach().T.contiguous()
        self.packed = _pack(weight.detach())

    def __call__(self, x: Tensor, added: Tensor | None = None) -> Tensor:
        """x (n, in), added (out,) or (n, out) or nothing -> (n, out)."""
        if self.packed is None or len(x) * self.weight.numel() < LEAST_WORK:
            return x @ self.weight if added is None else torch.addmm(added, x, self.weight)
        onednn = torch.ops.mkldnn._linear_pointwise
        out: Tensor
        if added is None or added.dim() == 1:
            out = onednn(x, self.packed, added, "none", [], "")
        else:
            out = onednn.binary(x, added, self.packed, None, "add")
        return out


def _pack(weight: Tensor) -> Tensor | None:
    """The weights in oneDNN's own order; None where torch was built without it."""
    fit = (
        weight.device.type == "cpu"
        and weight.dtype == torch.float32
        and torch.backends.mkldnn.is_available()
        and hasattr(torch.ops.mkldnn, "_linear_pointwise")
    )
    if not fit:
        return None
    packed: Tensor = torch.ops.mkldnn._reorder_linear_weight(weight.contiguous())
    return packed
