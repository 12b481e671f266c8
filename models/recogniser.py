"""A recogniser: which of its words a doodle shows, from its strokes and from its picture.

Two readers, joined: convolutions over the points in the order in which they were drawn (Google's
Quick, Draw! tutorial has such before its LSTM; a GRU instead took twelve times as long here),
and a small VGG-like network over a picture of the same drawing (Simonyan and Zisserman 2014,
with batch normalisation). The strokes know order and direction, the picture knows what lies beside
what. Either can be left out, which is how the benchmark has its plain CNN.

What a drawing is to it stands in doodle_batches.py. It knows its own words only: whatever it is
given, it says one of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from ..strokes.errors import LineworkError
from .settings import check_ranges

# x, y, dx, dy, pen lifts after the point, pen came down before it.
FEATURES = 6
# Drawings read together: few enough to be of like length, enough to keep the processor busy.
TOGETHER = 16


@dataclass(frozen=True)
class RecogniserConfig:
    """The shape of a recogniser."""

    words: tuple[str, ...] = ("doodle",)
    """What it tells apart; measured from the data."""
    inputs: Literal["both", "strokes", "picture"] = "both"
    """What it looks at."""
    side: int = 32
    """Of the picture, px."""
    channels: tuple[int, ...] = (32, 64, 160)
    """Of the picture's stages, the first at half its size, each at half of the one before."""
    widths: tuple[int, ...] = (48, 96, 128, 160)
    """Of the layers over points; the second and third halve their number."""
    joint: int = 256
    """Units in which the two readers meet."""
    dropout: float = 0.3
    """Of what both say, while training."""

    def __post_init__(self) -> None:
        check_ranges(
            self,
            {
                "side": (16, 512),
                "joint": (1, 8192),
                "dropout": (0, 0.95),
            },
        )
        for name in ("channels", "widths"):
            sizes = getattr(self, name)
            if not sizes or min(sizes) < 1 or max(sizes) > 4096:
                raise LineworkError(f"{name} is {sizes}; wanted numbers from 1 to 4096")


class DoodleBatch(NamedTuple):
    """B drawings, the longest of T points.

    Args:
        points: float32 (B, T, 6), columns as `FEATURES` says; zeros behind the last point.
        lengths: int64 (B,), points of each, 1 or more.
        pictures: float32 (B, 1, S, S), 0 paper to 1 ink.
        words: int64 (B,), index among the model's words.
    """

    points: Tensor
    lengths: Tensor
    pictures: Tensor
    words: Tensor

    def to(self, device: torch.device) -> DoodleBatch:
        """The batch on a device."""
        return DoodleBatch(
            self.points.to(device),
            self.lengths.to(device),
            self.pictures.to(device).contiguous(memory_format=torch.channels_last),
            self.words.to(device),
        )


class StrokeReader(nn.Module):
    """Points in their order -> (B, 2 C): mean and maximum over time of the last layer."""

    def __init__(self, config: RecogniserConfig) -> None:
        super().__init__()
        widths = (FEATURES, *config.widths)
        self.layers = nn.ModuleList(
            nn.Conv1d(before, after, 5, 1 if k == 0 else 2 if k < 3 else 1, padding=2)
            for k, (before, after) in enumerate(pairwise(widths))
        )
        # Over channels, point by point, so that padding changes nothing.
        self.norms = nn.ModuleList(nn.LayerNorm(width) for width in config.widths)
        self.size = 2 * config.widths[-1]

    def forward(self, points: Tensor, lengths: Tensor) -> Tensor:
        """(B, T, 6) -> (B, 2 C); what stands behind a drawing's last point has no effect.

        Drawings of like length are read together: padded to the longest of a batch, most rows
        would be padding.
        """
        order = lengths.argsort()
        parts = [
            self._read(points[some, : int(lengths[some].max())], lengths[some])
            for some in order.split(TOGETHER)
        ]
        return torch.cat(parts)[order.argsort()]

    def _read(self, points: Tensor, left: Tensor) -> Tensor:
        near = points
        for layer, norm in zip(self.layers, self.norms, strict=True):
            near = layer(near.transpose(1, 2)).transpose(1, 2)  # (B, T or T / 2, C)
            left = torch.div(left + layer.stride[0] - 1, layer.stride[0], rounding_mode="floor")
            real = (torch.arange(near.shape[1], device=near.device) < left[:, None])[..., None]
            near = torch.relu(norm(near)) * real
        mean = near.sum(1) / left[:, None]
        return torch.cat([mean, near.amax(1)], dim=1)  # none is below 0, so padding is no maximum


class PictureReader(nn.Module):
    """A picture -> (B, 2 C): mean and maximum of the last stage's C channels."""

    def __init__(self, config: RecogniserConfig) -> None:
        super().__init__()
        stem, *rest = config.channels
        stages = [*_convolved(1, stem, 5, stride=2), *_convolved(stem, stem, 3)]
        for before, channels in pairwise((stem, *rest)):
            stages.append(nn.MaxPool2d(2))
            stages += [*_convolved(before, channels, 3), *_convolved(channels, channels, 3)]
        self.stages = nn.Sequential(*stages).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.size = 2 * config.channels[-1]

    def forward(self, pictures: Tensor) -> Tensor:
        """(B, 1, S, S) -> (B, 2 C)."""
        found = self.stages(pictures)
        return torch.cat([found.mean((2, 3)), found.amax((2, 3))], dim=1)


def _convolved(before: int, after: int, size: int, stride: int = 1) -> list[nn.Module]:
    return [
        nn.Conv2d(before, after, size, stride, padding=size // 2, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(inplace=True),
    ]


class Recogniser(nn.Module):
    """Logits of the words for each drawing of a batch."""

    def __init__(self, config: RecogniserConfig) -> None:
        super().__init__()
        self.config = config
        self.strokes = StrokeReader(config) if config.inputs != "picture" else None
        self.picture = PictureReader(config) if config.inputs != "strokes" else None
        size = sum(reader.size for reader in (self.strokes, self.picture) if reader is not None)
        self.joint = nn.Sequential(
            nn.Dropout(config.dropout),
            nn.Linear(size, config.joint),
            nn.ReLU(inplace=True),
            nn.Dropout(config.dropout),
            nn.Linear(config.joint, len(config.words)),
        )

    def forward(self, batch: DoodleBatch) -> Tensor:
        """(B, words), float32."""
        said = []
        if self.strokes is not None:
            said.append(self.strokes(batch.points, batch.lengths))
        if self.picture is not None:
            said.append(self.picture(batch.pictures))
        logits: Tensor = self.joint(torch.cat([s.float() for s in said], dim=1))
        return logits.float()
