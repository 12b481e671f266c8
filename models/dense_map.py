"""A scene's dense label map, proposed from its ink and from what is known of it.

A small U-Net (Ronneberger et al. 2015) over the doodle, stretched to a square: the lines, each px
as the label of its object where that is known; the areas that are known already, because
an outline was filled or a user put a brush there; and where in the picture a px lies. Labels come
in through one table of codes. At the coarsest level each place hears the mean of all places, so
that the sea at the bottom knows of the boat at the top.

It proposes a label for every px. What is known stays: that is for the caller to see to
(pipeline/labelling_scenes.py). The map has half the side of the ink.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..strokes.errors import LineworkError
from .settings import check_ranges


@dataclass(frozen=True)
class DenseMapConfig:
    """The shape of a dense-map network."""

    labels: tuple[str, ...] = ("ground", "sky")
    """Names of the labels that it proposes; measured from the data."""
    side: int = 128
    """Of the square that a scene is stretched to, px."""
    embedding: int = 12
    """Channels of a label's code."""
    channels: tuple[int, ...] = (32, 64, 96, 160)
    """At each level, the first at half the side, each at half of the one before."""

    def __post_init__(self) -> None:
        check_ranges(self, {"side": (16, 1024), "embedding": (1, 256)})
        if not self.channels or min(self.channels) < 1:
            raise LineworkError(f"channels is {self.channels}; wanted one number a level, above 0")
        if self.side % (1 << len(self.channels)):
            raise LineworkError(
                f"side is {self.side}; wanted a multiple of {1 << len(self.channels)}"
            )

    @property
    def unknown(self) -> int:
        """Index of what is drawn, and nobody said what it is."""
        return len(self.labels)

    @property
    def nothing(self) -> int:
        """Index of where nothing is drawn or known."""
        return len(self.labels) + 1


class DenseMap(nn.Module):
    """Logits of labels for each px of a scene."""

    def __init__(self, config: DenseMapConfig) -> None:
        super().__init__()
        self.config = config
        self.code = nn.Embedding(len(config.labels) + 2, config.embedding)
        stem = config.channels[0]
        # Two maps of codes, and x and y.
        self.stem = _block(2 * config.embedding + 2, stem, 4, 2)
        self.down = nn.ModuleList(
            nn.Sequential(_block(a, b, 3, 2), _block(b, b, 3, 1))
            for a, b in pairwise(config.channels)
        )
        last = config.channels[-1]
        self.whole = nn.Sequential(nn.Linear(last, last), nn.ReLU(inplace=True))
        self.deep = _block(last, last, 3, 1)
        self.up = nn.ModuleList(
            _block(a + b, b, 3, 1) for b, a in reversed(list(pairwise(config.channels)))
        )
        self.last = _block(stem, stem, 3, 1)
        self.head = nn.Conv2d(stem, len(config.labels), 1)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, ink: Tensor, area: Tensor) -> Tensor:
        """Indices int64 (B, S, S), twice -> logits float32 (B, labels, S/2, S/2)."""
        codes = [self.code(indices).permute(0, 3, 1, 2) for indices in (ink, area)]
        batch, side = ink.shape[0], ink.shape[1]
        place = torch.linspace(-1, 1, side, device=ink.device, dtype=codes[0].dtype)
        x = place.expand(batch, 1, side, side)
        found = self.stem(torch.cat([*codes, x, x.transpose(2, 3)], dim=1))
        seen = [found]
        for level in self.down:
            found = level(found)
            seen.append(found)
        heard = self.whole(found.mean((2, 3)))
        found = self.deep(found + heard[:, :, None, None])
        for level, beside in zip(self.up, reversed(seen[:-1]), strict=True):
            found = F.interpolate(found, scale_factor=2.0, mode="nearest")
            found = level(torch.cat([found, beside], dim=1))
        logits: Tensor = self.head(self.last(found))
        return logits.float()


def _block(before: int, after: int, size: int, stride: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(before, after, size, stride, padding=(size - 1) // 2, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(inplace=True),
    )
