"""Rows of bench_gpu.py: the simplifier and the painter beside the networks that they are after.

Each pair under the same conditions: bf16 by autocast, channels last, normalisations folded where
the network can, the input on the device already. The 2016 simplification network and SPADE's
generator have random weights: their time does not depend on them. F-scores, of weights that
were trained, are bench_clean.py's.
"""

from __future__ import annotations

from contextlib import AbstractContextManager

import torch
import torch.nn.functional as F
from bench_painter import SpadeGenerator
from gpu_measure import Bench, Call, Row, operations
from linework.models.painter import Painter, PainterConfig, random_style
from linework.models.residual import fused
from linework.models.simplification2016 import Simplification2016, Simplification2016Config
from linework.models.simplifier import Simplifier, SimplifierConfig
from torch import Tensor, nn

LABELS = 38  # of painted scenes
# Px of a square of one label, as in bench_painter.py.
SQUARE = 16


def half(bench: Bench) -> AbstractContextManager[object]:
    """What both networks of a row run under."""
    return torch.autocast(bench.device.type, torch.bfloat16)


def simplifier_rows(bench: Bench, sides: tuple[int, ...]) -> list[Row]:
    """Megapixels a second of square pictures."""
    torch.manual_seed(0)
    ours = _placed(fused(Simplifier(SimplifierConfig())), bench)
    share = 0.1 if bench.small else 1.0
    theirs = _placed(_folded(Simplification2016(Simplification2016Config(width=share))), bench)
    rows = []
    for side in sides:
        ink = torch.rand(1, 1, side, side, device=bench.device)
        calls = {name: _run(net, ink, bench) for name, net in (("ours", ours), ("2016", theirs))}
        seconds = bench.medians(calls)
        pixels = side * side / 1e6
        rows.append(
            Row(
                f"simplifier, {side} px square",
                "megapixels/s",
                pixels / seconds["ours"],
                pixels / seconds["2016"],
                10,
                operations(calls["ours"]) / seconds["ours"],
                str(bench.busy(calls["ours"])),
            )
        )
    return rows


def painter_rows(bench: Bench, counts: tuple[int, ...]) -> list[Row]:
    """Pictures a second, several in a batch."""
    side = bench.choose(256, 32)
    labels = bench.choose(LABELS, 5)
    config = PainterConfig(classes=labels, size=side)
    if bench.small:
        config = PainterConfig(classes=labels, channels=(8, 8, 8), spade_levels=2, size=side)
    torch.manual_seed(0)
    painter = _placed(Painter(config), bench)
    spade = _placed(SpadeGenerator(labels, 4 if bench.small else 64), bench)
    rows = []
    for count in counts:
        generator = torch.Generator(bench.device).manual_seed(0)
        shape = (count, side // SQUARE, side // SQUARE)
        squares = torch.randint(labels, shape, generator=generator, device=bench.device)
        placed = squares.repeat_interleave(SQUARE, 1).repeat_interleave(SQUARE, 2)
        one_hot = F.one_hot(placed, labels).permute(0, 3, 1, 2).float()
        style = random_style(config, (count, side, side), generator)

        def paint(placed: Tensor = placed, style: object = style) -> Tensor:
            with torch.inference_mode(), half(bench):
                latent = painter.prior(style.latent)  # type: ignore[attr-defined]
                return painter(placed, latent, style.noise)  # type: ignore[attr-defined]

        calls: dict[str, Call] = {"ours": paint, "SPADE": _run(spade, one_hot, bench)}
        seconds = bench.medians(calls)
        rows.append(
            Row(
                f"painter, {side} px square, batch {count}",
                "pictures/s",
                count / seconds["ours"],
                count / seconds["SPADE"],
                4,
                operations(paint) / seconds["ours"],
                str(bench.busy(paint)),
            )
        )
    return rows


def _run(network: nn.Module, given: Tensor, bench: Bench) -> Call:
    def call() -> object:
        with torch.inference_mode(), half(bench):
            return network(given)

    return call


def _placed(network: nn.Module, bench: Bench) -> nn.Module:
    placed: nn.Module = network.eval().to(bench.device)
    return placed.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def _folded(network: Simplification2016) -> nn.Module:
    """Its normalisations folded into the convolutions before them, as ours are."""
    layers: list[nn.Module] = []
    for layer in network.eval().layers:
        if isinstance(layer, nn.BatchNorm2d):
            transposed = isinstance(layers[-1], nn.ConvTranspose2d)
            layers[-1] = torch.nn.utils.fuse_conv_bn_eval(layers[-1], layer, transpose=transposed)
        else:
            layers.append(layer)
    network.layers = nn.Sequential(*layers)
    return network
