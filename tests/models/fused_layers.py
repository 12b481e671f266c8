"""Small cells, and what holds a fused layer to the plain one: for two test files."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
import torch
from linework.models import fused_cells
from linework.models.cells import HyperLSTM, SteppedCell, make_cell
from linework.models.fused_cells import fused_layer

KINDS = ("lstm", "layernorm", "hyper")
INPUTS, HIDDEN, BATCH, STEPS = 4, 6, 3, 5
# The bound on the relative error in float32.
RELATIVE = 1e-3


def small_cell(kind: str, dropout: float = 0.0, size: int = HIDDEN) -> SteppedCell:
    """A cell with every parameter moved off its start, so that none is without effect."""
    torch.manual_seed(0)
    cell = (
        HyperLSTM(INPUTS, size, dropout, hyper_size=5, embedding=2)
        if kind == "hyper"
        else make_cell(kind, INPUTS, size, dropout)
    )
    assert isinstance(cell, SteppedCell)
    with torch.no_grad():
        for parameter in cell.parameters():
            parameter += 0.3 * torch.randn(parameter.shape)
    return cell


def sequence(cell: SteppedCell, rows: int = BATCH, steps: int = STEPS) -> tuple[Any, ...]:
    """x, h and c to begin with, of the dtype of the cell."""
    like = next(cell.parameters())
    shapes = ((steps, rows, INPUTS), (rows, cell.state_size), (rows, cell.state_size))
    return tuple(torch.randn(shape).to(like).requires_grad_() for shape in shapes)


def with_masks(cell: SteppedCell, x: torch.Tensor, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plain cell drops what a fused layer drops of `x` after seed 7."""
    torch.manual_seed(7)
    masks = fused_cells._draw_mask(cell, x)
    assert masks is not None
    waiting = iter(masks.double() / (1 - cell.dropout))
    monkeypatch.setattr(cell, "_drop", lambda candidate: candidate * next(waiting).to(candidate))


def gradients(cell: SteppedCell, result: Any, inputs: tuple[Any, ...]) -> list[torch.Tensor]:
    """Of a function of all that a layer gives, by all inputs and parameters."""
    out, (h, c) = result
    total = (out * out.detach().cos()).sum() + (h * h.detach().sin()).sum() + c.square().sum()
    return list(torch.autograd.grad(total, [*inputs, *cell.parameters()]))


def assert_near(found: torch.Tensor, wanted: torch.Tensor, relative: float, name: str) -> None:
    error = (found - wanted).norm() / wanted.norm()
    assert found.dtype == wanted.dtype
    assert error < relative, f"{name}: relative error {error:.2g}"


def assert_same_layer(
    cell: SteppedCell,
    inputs: tuple[Any, ...],
    pointwise: ModuleType,
    relative: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Values and all gradients of the fused layer are those of the plain cell."""
    x, h, c = inputs
    torch.manual_seed(7)
    fused = fused_layer(cell, x, (h, c), pointwise)
    if cell.dropout:
        with_masks(cell, x, monkeypatch)
    plain = cell(x, (h, c))
    values = zip((fused[0], *fused[1]), (plain[0], *plain[1]), strict=True)
    for name, (a, b) in zip(("out", "h", "c"), values, strict=True):
        assert_near(a, b, relative, name)
    names = ["x", "h", "c", *(name for name, _ in cell.named_parameters())]
    pairs = zip(gradients(cell, fused, inputs), gradients(cell, plain, inputs), strict=True)
    for name, (a, b) in zip(names, pairs, strict=True):
        assert b.abs().max() > 0, f"{name}: nothing to compare"
        assert_near(a, b, relative, f"gradient of {name}")
