"""The published cells by fused kernels beside step by step, in several sizes.

    python benchmarks/bench_gpu_cells.py
    python benchmarks/bench_gpu_cells.py --precision bfloat16 --kinds layernorm --batches 4096
    python benchmarks/bench_gpu_cells.py --device cpu --small

For each size the time of a sequence forward and back with all gradients: of the plain cell, of
models/fused_cells.py as it is launched, and of the same as a CUDA graph each way; and how far
outputs and gradients lie apart (largest relative error). Everything in one run, in turn,
medians, clocks as found. Prints Markdown. On a CPU there is no graph, and the kernels' algebra
is carried out by torch: a test of this code, whose times say nothing. Goals: 5 times the plain
cell, apart by 1e-3 at most in float32.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext

import torch
from gpu_measure import Bench
from linework.models import fused_pointwise
from linework.models.cells import SteppedCell, make_cell
from linework.models.fused_cells import Graphed, fused_layer
from linework.models.processes import pick_device
from torch import Tensor

KINDS = ("lstm", "layernorm", "hyper")
# A decoder reads 9 numbers of a row, and z of 128.
INPUTS = 137

Layer = Callable[[Tensor], Tensor]


def main(arguments: Sequence[str] | None = None) -> None:
    """Reads the arguments, prints a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--device", help="as `linework --device`; else CUDA where there is one")
    parser.add_argument("--small", action="store_true", help="a test of this code; no figures")
    parser.add_argument("--repeats", type=int, default=0, help="timed calls of each kind")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=("layernorm", "hyper"))
    parser.add_argument("--steps", nargs="+", type=int, default=(60, 250), metavar="T")
    parser.add_argument("--batches", nargs="+", type=int, default=(100, 1024, 4096), metavar="B")
    parser.add_argument("--units", nargs="+", type=int, default=(256, 512), metavar="H")
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="float32")
    given = parser.parse_args(arguments)
    bench = Bench(
        pick_device(given.device), given.small, given.repeats or (1 if given.small else 10)
    )
    sizes = ((3,), (2,), (8,)) if given.small else (given.steps, given.batches, given.units)
    print(f"{bench.name}, torch {torch.__version__}, {given.precision}, median of {bench.repeats}")
    print("\n| cell | H | T | B | plain, ms | fused, ms | times | as graphs, ms | times | apart |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for kind, steps, batch, units in itertools.product(given.kinds, *sizes):
        line = measured(bench, kind, steps, batch, units, given.dropout, given.precision)
        print(f"| {kind} | {units} | {steps} | {batch} | {line} |", flush=True)


def measured(
    bench: Bench, kind: str, steps: int, batch: int, units: int, dropout: float, precision: str
) -> str:
    """The last columns of a line."""
    torch.manual_seed(0)
    cell = make_cell(kind, INPUTS, units, dropout).to(bench.device)
    assert isinstance(cell, SteppedCell)
    x = torch.randn(steps, batch, INPUTS, device=bench.device, requires_grad=True)
    weights = torch.randn(steps, batch, units, device=bench.device)
    layers = dict(_layers(bench, cell, x, precision))

    def back(layer: Layer) -> None:
        for leaf in (x, *cell.parameters()):
            leaf.grad = None
        # Summed in float: what a sum of bfloat16 loses is no part of the comparison.
        (layer(x).float() * weights).sum().backward()

    # Masks are drawn otherwise by the plain cell, so what they give is compared without any.
    cell.dropout = 0.0
    bare = dict(_layers(bench, cell, x, precision))
    apart = _apart(bare, back, cell, x)
    cell.dropout = dropout
    seconds = bench.medians({name: lambda f=f: back(f) for name, f in layers.items()})
    columns = [f"{1e3 * seconds['plain']:.2f}"]
    for name in ("fused", "graphed"):
        if name in seconds:
            times = seconds["plain"] / seconds[name]
            columns += [f"{1e3 * seconds[name]:.2f}", f"{times:.1f}"]
        else:
            columns += ["", ""]
    return " | ".join([*columns, f"{apart:.1e}"])


def _layers(
    bench: Bench, cell: SteppedCell, x: Tensor, precision: str
) -> Iterator[tuple[str, Layer]]:
    """Ways to get the outputs (T, B, H) of a sequence, by name."""
    kernels = None if bench.on_gpu else fused_pointwise

    def within(layer: Layer, cache: bool = True) -> Layer:
        def run(x: Tensor) -> Tensor:
            with context(cache):
                return layer(x)

        return run

    def context(cache: bool) -> AbstractContextManager[object]:
        if precision == "float32":
            return nullcontext()
        return torch.autocast(bench.device.type, torch.bfloat16, cache_enabled=cache)

    yield "plain", within(lambda x: cell(x)[0])
    yield "fused", within(lambda x: fused_layer(cell, x, None, kernels)[0])
    if bench.on_gpu:
        zeros = x.new_zeros(x.shape[1], cell.state_size)
        with context(cache=False):  # a graph must not keep the weights' casts of now
            graph = Graphed(cell, x.detach().requires_grad_(), (zeros, zeros))
        yield "graphed", within(lambda x: graph(x, (zeros, zeros))[0], cache=False)


def _apart(
    layers: dict[str, Layer], back: Callable[[Layer], None], cell: SteppedCell, x: Tensor
) -> float:
    """The largest relative error of the others' outputs and gradients from the plain ones."""
    found = []
    for layer in layers.values():
        with torch.no_grad():
            parts = [layer(x).clone()] if layer is not layers.get("graphed") else []
        back(layer)
        leaves = [leaf.grad for leaf in (x, *cell.parameters())]
        gradients = [gradient.clone() for gradient in leaves if gradient is not None]
        found.append((parts, gradients))
    plain, *others = found
    errors = [
        float((mine - wanted).norm() / wanted.norm().clamp(min=1e-12))
        for parts, gradients in others
        for mine, wanted in (
            *zip(parts, plain[0], strict=False),
            *zip(gradients, plain[1], strict=True),
        )
    ]
    return max(errors)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
