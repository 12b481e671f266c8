"""The Triton kernels against the plain cells: on a GPU where there is one, else interpreted."""

from __future__ import annotations

import os
from typing import Any

import pytest
import torch

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
if DEVICE == "cpu" and os.environ.get("TRITON_INTERPRET") != "1":  # conftest.py sets it
    pytest.skip("no GPU, and Triton is not to interpret its kernels", allow_module_level=True)
pytest.importorskip("triton", reason="no Triton: its kernels are not checked")

from fused_layers import (  # noqa: E402
    RELATIVE,
    assert_same_layer,
    gradients,
    sequence,
    small_cell,
)
from linework.models import fused_kernels, fused_pointwise  # noqa: E402
from linework.models.fused_cells import Graphed, fused_layer  # noqa: E402
from linework.models.fused_pointwise import Dropout, Norms, Scaled  # noqa: E402

# Of Triton 3.9, when it compiles: which way of multiplying and adding will be usual.
pytestmark = pytest.mark.filterwarnings("ignore:TRITON_DEFAULT_FP_FUSION")


@pytest.mark.parametrize(("kind", "dropout"), [("lstm", 0.0), ("hyper", 0.4)])
def test_kernels_are_the_plain_cell(
    kind: str, dropout: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A HyperLSTM holds a layer-normalised one, so that all three forms are here."""
    cell = small_cell(kind, dropout).to(DEVICE)
    inputs = sequence(cell, rows=1, steps=2)
    assert_same_layer(cell, inputs, fused_kernels, RELATIVE, monkeypatch)


@pytest.mark.parametrize(
    ("size", "scaled", "out"), [(8, False, False), (13, False, True), (13, True, True)]
)
def test_kernels_are_the_torch_form(
    size: int, scaled: bool, out: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one step, buffers wider than the state and sums that hold something included."""
    rows = 3
    # Fewer programs than drawings: one goes through two.
    monkeypatch.setattr(fused_kernels, "MAX_PROGRAMS", 2)
    torch.manual_seed(0)

    def gates(make: Any, inner: Any) -> Any:
        flat = make(rows, 4 * size)
        return Scaled(flat, make(rows, 4 * size), make(12, rows, size), inner) if scaled else flat

    found = []
    with torch.device(DEVICE):
        given = gates(torch.randn, torch.randn(4, size))
        norms = Norms(*(torch.randn(shape) for shape in ((4, size), (4, size), (size,), (size,))))
        dropout = Dropout(torch.randint(0, 2, (rows, size), dtype=torch.uint8), 1.25)
        c, dh, dout, dc = torch.randn(4, rows, size)
        for ops in (fused_pointwise, fused_kernels):
            wide, c_next = torch.zeros(rows, size + 2), torch.zeros(rows, size)
            ops.advance(given, c, norms, dropout, wide[:, :size], c_next)
            dgates, before = gates(torch.zeros, None), dc.clone()
            sums = torch.zeros(ops.sum_rows(rows), 14, size)
            sums[0] = 1
            rest = dh, dout if out else None, before, dgates, sums
            ops.retreat(given, c, c_next, norms, dropout, *rest)
            parts = dgates[:3] if scaled else (dgates,)
            found.append((wide, c_next, before, sums.sum(0), *parts))
    for torch_form, kernel in zip(*found, strict=True):
        assert torch_form.abs().max() > 0
        torch.testing.assert_close(kernel, torch_form, rtol=1e-4, atol=1e-5)


@pytest.mark.gpu
@pytest.mark.parametrize("dropout", [0.0, 0.4])
@pytest.mark.parametrize("kind", ["lstm", "layernorm", "hyper"])
def test_a_graph_is_the_layer(kind: str, dropout: float) -> None:
    """Replayed on other inputs and other weights than it was captured with."""
    cell = small_cell(kind, dropout).cuda()
    captured = sequence(cell)
    graph = Graphed(cell, captured[0], captured[1:])
    with torch.no_grad():
        for parameter in cell.parameters():
            parameter.mul_(0.9)
    x, h, c = sequence(cell)
    found = []
    for layer in (lambda: graph(x, (h, c)), lambda: fused_layer(cell, x, (h, c))):
        torch.manual_seed(3)
        result = layer()
        out = result[0].detach().clone()
        found.append((out, *gradients(cell, result, (x, h, c))))
    for mine, wanted in zip(*found, strict=True):
        torch.testing.assert_close(mine, wanted, rtol=1e-4, atol=1e-5)
