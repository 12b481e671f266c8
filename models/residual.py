"""Residual blocks of dense 3 x 3 convolutions: what the simplifier and the segmenter are built of.

He et al., "Deep Residual Learning for Image Recognition" (2016), with batch normalisation that
`fused` folds away for inference, so that a picture may be cut into tiles. On a CPU dense
convolutions with channels last are the fast ones; depthwise ones wait for memory.
"""

from __future__ import annotations

import copy

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def fused(module: nn.Module) -> nn.Module:
    """A copy for inference, every batch normalisation folded into its convolution."""
    out = copy.deepcopy(module).eval()
    for part in out.modules():
        if isinstance(part, Conv) and isinstance(part.norm, nn.BatchNorm2d):
            part.conv = torch.nn.utils.fuse_conv_bn_eval(part.conv, part.norm)
            part.norm = nn.Identity()
    return out.to(memory_format=torch.channels_last)


def pad_to_multiple(picture: Tensor, multiple: int) -> Tensor:
    """(..., H, W) padded below and right by repeating the edge."""
    height, width = picture.shape[-2:]
    below, right = -height % multiple, -width % multiple
    return F.pad(picture, (0, right, 0, below), mode="replicate") if below or right else picture


class Conv(nn.Module):
    """Convolution, batch normalisation, ReLU."""

    def __init__(
        self,
        before: int,
        after: int,
        *,
        kernel: int = 3,
        stride: int = 1,
        dilation: int = 1,
        relu: bool = True,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            before,
            after,
            kernel,
            stride,
            padding=dilation * (kernel // 2),
            dilation=dilation,
            bias=False,
            padding_mode="zeros",
        )
        self.norm: nn.Module = nn.BatchNorm2d(after)
        self.relu = relu

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.norm(self.conv(x))
        return F.relu(y) if self.relu else y


class Residual(nn.Module):
    """x + two convolutions of it, the first dilated."""

    def __init__(self, channels: int, dilation: int = 1) -> None:
        super().__init__()
        self.first = Conv(channels, channels, dilation=dilation)
        self.second = Conv(channels, channels, relu=False)
        # Blocks begin as the identity: deep stacks then train from the first step.
        assert isinstance(self.second.norm, nn.BatchNorm2d)
        nn.init.zeros_(self.second.norm.weight)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.second(self.first(x)))


def chain(channels: int, count: int) -> nn.Sequential:
    """Residual blocks one after another."""
    return nn.Sequential(*(Residual(channels) for _ in range(count)))


def double(x: Tensor) -> Tensor:
    """Twice as high and wide, each value repeated."""
    return F.interpolate(x, scale_factor=2.0, mode="nearest")
