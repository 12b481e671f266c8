"""The painter's time beside that of SPADE's generator, in one run.

    python benchmarks/bench_painter.py --model painter-scenes --size 128 --size 256

SPADE's generator is written here from its paper (Park et al. 2019, appendix A, figures 11 to 14;
64 channels at the picture's size, no instance map): plain torch layers with random weights, whose
time does not depend on what they are. Spectral norm is left out: it is no work once trained. Each
makes one picture of one label map at a time; the median of several passes after one to warm up.
Both lie channels last in memory.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import torch
import torch.nn.functional as F
from linework.models.painter import random_style
from linework.pipeline.painting import load_painter
from torch import Tensor, nn

# Channels of SPADE's residual blocks from 1/32 of the picture on, in units of 64, and before
# which of them the picture doubles.
WIDTHS = (16, 16, 16, 8, 4, 2, 1)
DOUBLES = (False, True, False, True, True, True, True)
UNIT, HIDDEN = 64, 128


class Spade(nn.Module):
    """Normalised, then scaled and shifted by two layers of convolutions of the label map."""

    def __init__(self, channels: int, labels: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, affine=False)
        self.see = nn.Conv2d(labels, HIDDEN, 3, padding=1)
        self.scale = nn.Conv2d(HIDDEN, channels, 3, padding=1)
        self.shift = nn.Conv2d(HIDDEN, channels, 3, padding=1)

    def forward(self, x: Tensor, one_hot: Tensor) -> Tensor:
        seen = F.relu(self.see(F.interpolate(one_hot, size=x.shape[-2:], mode="nearest")))
        told: Tensor = self.norm(x) * (1 + self.scale(seen)) + self.shift(seen)
        return told


class SpadeBlock(nn.Module):
    """Two convolutions, each after SPADE and a leaky ReLU; a third on the way past."""

    def __init__(self, before: int, after: int, labels: int) -> None:
        super().__init__()
        between = min(before, after)
        self.tell = nn.ModuleList(Spade(c, labels) for c in (before, between))
        self.first = nn.Conv2d(before, between, 3, padding=1)
        self.second = nn.Conv2d(between, after, 3, padding=1)
        self.tell_past: Spade | None = None
        if before != after:
            self.tell_past = Spade(before, labels)
            self.past = nn.Conv2d(before, after, 1, bias=False)

    def forward(self, x: Tensor, one_hot: Tensor) -> Tensor:
        y = self.first(F.leaky_relu(self.tell[0](x, one_hot), 0.2))
        y = self.second(F.leaky_relu(self.tell[1](y, one_hot), 0.2))
        total: Tensor = y + (x if self.tell_past is None else self.past(self.tell_past(x, one_hot)))
        return total


class SpadeGenerator(nn.Module):
    """One-hot label maps (B, labels, S, S) to pictures (B, 3, S, S).

    Args:
        unit: channels at the picture's size; published 64.
    """

    def __init__(self, labels: int, unit: int = UNIT) -> None:
        super().__init__()
        widths = [unit * width for width in WIDTHS]
        self.begin = nn.Conv2d(labels, widths[0], 3, padding=1)
        self.blocks = nn.ModuleList(
            SpadeBlock(before, after, labels)
            for before, after in zip([widths[0], *widths[:-1]], widths, strict=True)
        )
        self.color = nn.Conv2d(widths[-1], 3, 3, padding=1)

    def forward(self, one_hot: Tensor) -> Tensor:
        small = one_hot.shape[-1] // 2 ** sum(DOUBLES)
        x = self.begin(F.interpolate(one_hot, size=(small, small), mode="nearest"))
        for block, doubles in zip(self.blocks, DOUBLES, strict=True):
            if doubles:
                x = F.interpolate(x, scale_factor=2.0, mode="nearest")
            x = block(x, one_hot)
        picture: Tensor = torch.tanh(self.color(F.leaky_relu(x, 0.2)))
        return picture


def median_seconds(run: Callable[[], object], times: int) -> float:
    """The median time of a call, after one that does not count."""
    found = []
    for _ in range(times + 1):
        began = time.perf_counter()
        run()
        found.append(time.perf_counter() - began)
    return statistics.median(found[1:])


@torch.inference_mode()
def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="painter-scenes")
    parser.add_argument("--size", type=int, action="append")
    parser.add_argument("--times", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    painter, palette = load_painter(chosen.model, torch.device("cpu"))
    labels = len(palette.pixels)
    spade = SpadeGenerator(labels).eval().to(memory_format=torch.channels_last)
    for name, network in (("painter", painter), ("SPADE", spade)):
        count = sum(p.numel() for p in network.parameters())
        print(f"{name}: {count / 1e6:.1f} M parameters")
    print(f"\n| px | SPADE, s | {chosen.model}, s | share |\n| --- | --- | --- | --- |")
    for size in chosen.size or (128, 256):
        seeded = torch.Generator().manual_seed(0)
        squares = torch.randint(labels, (1, size // 16, size // 16), generator=seeded)
        placed = squares.repeat_interleave(16, 1).repeat_interleave(16, 2)
        style = random_style(painter.config, (1, size, size), seeded)
        one_hot = F.one_hot(placed, labels).permute(0, 3, 1, 2).float()
        theirs = median_seconds(lambda x=one_hot: spade(x), chosen.times)
        ours = median_seconds(
            lambda x=placed, s=style: painter(x, painter.prior(s.latent), s.noise), chosen.times
        )
        print(f"| {size} | {theirs:.3f} | {ours:.3f} | {ours / theirs:.3f} |")


if __name__ == "__main__":
    main()
