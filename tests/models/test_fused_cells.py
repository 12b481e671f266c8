"""The fused layers against the plain cells: values, gradients, masks, refusals.

By the algebra in torch; the Triton kernels are in test_fused_kernels.py.
"""

from __future__ import annotations

from typing import Any, cast

import pytest
import torch
from fused_layers import (
    BATCH,
    INPUTS,
    KINDS,
    RELATIVE,
    assert_same_layer,
    gradients,
    sequence,
    small_cell,
)
from linework.models import fused_cells, fused_pointwise
from linework.models.cells import CELLS, SteppedCell, make_cell
from linework.models.fused_cells import _Layer, fuse, fused_layer
from linework.models.sketchrnn import SketchRNN
from linework.models.sketchrnn_task import DataConfig, KernelConfig, LossConfig, SketchRNNTask
from linework.models.training import TrainConfig
from linework.strokes.errors import LineworkError
from sketches import random_batch, random_table, small_config
from torch.utils._python_dispatch import TorchDispatchMode


@pytest.mark.parametrize(("dtype", "relative"), [("float32", RELATIVE), ("float64", 1e-11)])
@pytest.mark.parametrize("dropout", [0.0, 0.4])
@pytest.mark.parametrize("kind", KINDS)
def test_it_is_the_plain_cell(
    kind: str, dropout: float, dtype: str, relative: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    cell = small_cell(kind, dropout).to(getattr(torch, dtype))
    assert_same_layer(cell, sequence(cell), fused_pointwise, relative, monkeypatch)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_those_of_finite_differences(kind: str) -> None:
    cell = small_cell(kind, size=3).double()
    layer = _Layer(cell, fused_pointwise)
    names = [name for name, _ in layer.named_parameters()]

    def run(x: Any, h: Any, c: Any, *parameters: Any) -> Any:
        weights = dict(zip(names, parameters, strict=True))
        out, state = torch.func.functional_call(layer, weights, (x, h, c))
        return out, *state

    inputs = sequence(cell, rows=2, steps=2)
    assert torch.autograd.gradcheck(run, (*inputs, *cell.parameters()), fast_mode=True)


class Launches(TorchDispatchMode):
    """Counts what a GPU would launch a kernel for: all operations but views and allocations."""

    FREE = ("view", "unbind", "split", "select", "slice", "transpose", "expand", "permute", "empty")

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = func.overloadpacket.__name__
        self.count += name not in ("t", "detach", "unsqueeze") and not any(
            free in name for free in self.FREE
        )
        return func(*args, **(kwargs or {}))


class OneLaunch:
    """Stands for the kernels, each of which is one launch."""

    def __init__(self, launches: Launches) -> None:
        self.launches = launches

    def sum_rows(self, rows: int) -> int:
        return 1

    def advance(self, *_: Any) -> None:
        self.launches.count += 1

    retreat = advance


@pytest.mark.parametrize(("kind", "forward", "back"), [("layernorm", 2, 2), ("hyper", 6, 7)])
def test_a_step_is_few_launches(kind: str, forward: int, back: int) -> None:
    """What each further step adds; of the plain cells it is 50 and 150, there and back."""
    counts = []
    for steps in (3, 7):
        cell = small_cell(kind, 0.1)
        x, h, c = sequence(cell, steps=steps)
        with Launches() as launches:
            out, _ = fused_layer(cell, x, (h, c), cast(Any, OneLaunch(launches)))
            there = launches.count
            out.sum().backward()
        counts.append((there, launches.count - there))
    assert counts[1][0] - counts[0][0] == 4 * forward
    assert counts[1][1] - counts[0][1] == 4 * back


def test_chunks_of_steps_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """More rows than one chunk holds: 5 steps by twos, the last one short."""
    cell = small_cell("hyper")
    monkeypatch.setattr(fused_cells, "CHUNK_ROWS", 2 * BATCH)
    assert_same_layer(cell, sequence(cell), fused_pointwise, RELATIVE, monkeypatch)


@pytest.mark.parametrize("kind", KINDS)
def test_under_autocast_it_is_as_near_as_the_plain_cell(kind: str) -> None:
    """Both err from float32 by what bfloat16 products lose, and no more."""
    cell = small_cell(kind, size=32)
    x, h, c = sequence(cell, rows=8, steps=12)
    exact = cell(x, (h, c))
    with torch.autocast("cpu", torch.bfloat16):
        plain, fused = cell(x, (h, c)), fused_layer(cell, x, (h, c), fused_pointwise)
    wanted = gradients(cell, exact, (x, h, c))
    for result in (plain, fused):
        errors = [
            ((a.float() - b).norm() / b.norm()).item()
            for a, b in zip(gradients(cell, result, (x, h, c)), wanted, strict=True)
        ]
        assert max(errors) < 0.1
    assert fused[0].dtype == fused[1][1].dtype == torch.float32


@pytest.mark.parametrize("kind", KINDS)
def test_masks_follow_from_the_seed(kind: str) -> None:
    cell = small_cell(kind, 0.5)
    x, h, c = sequence(cell)

    def run(seed: int) -> torch.Tensor:
        torch.manual_seed(seed)
        return fused_layer(cell, x, (h, c), fused_pointwise)[0]

    assert torch.equal(run(1), run(1))
    assert not torch.equal(run(1), run(2))
    cell.eval()
    assert torch.equal(run(1), run(2))


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_state_it_starts_from_zeros(kind: str) -> None:
    cell = small_cell(kind)
    x, h, c = sequence(cell)
    zeros = (torch.zeros_like(h), torch.zeros_like(c))
    found = fused_layer(cell, x, None, fused_pointwise)[0]
    assert torch.equal(found, fused_layer(cell, x, zeros, fused_pointwise)[0])


def test_a_whole_model_trains_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Losses and gradients of a sketch-rnn are the plain ones when its cells are told to."""
    torch.manual_seed(0)
    model = SketchRNN(small_config(encoder_cell="layernorm", decoder_cell="hyper")).train()
    for cell in model.modules():
        if isinstance(cell, SteppedCell):
            cell.dropout = 0.0
    batch = random_batch(model.config, (7, 4, 9))
    found = []
    for fused in (False, True):
        if fused:
            monkeypatch.setattr(fused_cells, "_kernels", lambda device: fused_pointwise)
            fuse(model)
        model.zero_grad()
        losses = model(batch)
        (losses.offset + losses.pen + losses.kl.sum()).backward()
        found.append([losses.offset, *(p.grad for p in model.parameters() if p.grad is not None)])
    for plain, other in zip(*found, strict=True):
        torch.testing.assert_close(other, plain, rtol=RELATIVE, atol=1e-4)


def test_the_setting_reaches_the_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    """And stands in the header, from which a run goes on; a step's loss follows from its seed."""
    monkeypatch.setattr(fused_cells, "_kernels", lambda device: fused_pointwise)
    sizes = small_config(decoder_cell="layernorm", decoder_dropout=0.3)
    task = SketchRNNTask(
        random_table(20),
        *(sizes, DataConfig(), LossConfig(), TrainConfig(batch_size=6), KernelConfig(fused=True)),
    )
    assert task.header()["kernels"] == {"fused": True}
    assert [c.fused for c in task.module.modules() if isinstance(c, SteppedCell)] == [True]
    losses = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        losses.append(task.loss(task.module.train(), 3, 0, 1).loss)
    assert torch.equal(losses[0], losses[1])
    assert not torch.equal(losses[0], losses[2])


# -- where it cannot run


def test_without_cuda_it_is_refused() -> None:
    cell = small_cell("layernorm")
    with pytest.raises(LineworkError, match="run on a CUDA device, and this is cpu; leave"):
        fused_layer(cell, torch.zeros(2, 2, INPUTS))


@pytest.mark.skipif(torch.cuda.is_available(), reason="for machines without a CUDA device")
def test_a_model_is_not_told_to_where_it_cannot() -> None:
    model = SketchRNN(small_config(encoder_cell="layernorm", decoder_cell="hyper"))
    with pytest.raises(LineworkError, match="run on a CUDA device"):
        fuse(model)
    assert not any(getattr(cell, "fused", False) for cell in model.modules())


def test_a_model_without_such_cells_is_told_so() -> None:
    with pytest.raises(LineworkError, match="no cell of kind lstm, layernorm or hyper"):
        fuse(SketchRNN(small_config()))


def test_triton_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(LineworkError, match=r"need Triton.*pip install triton"):
        fused_cells._kernels(torch.device("cuda"))


def test_all_stepped_kinds_are_here() -> None:
    stepped = {kind for kind in CELLS if isinstance(make_cell(kind, 2, 2, 0.0), SteppedCell)}
    assert stepped == set(KINDS)
