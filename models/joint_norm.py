"""Batch normalisation over the batches of all processes of a torchrun.

Each process sees its share of a batch. Statistics of a share are not those of the batch, and a
network normalised by them is another one: with 1 picture a process there is nothing to normalise
by. Here mean and variance are those of the whole batch, as Peng et al. 2018 (MegDet, section 3.3)
have them, so that several processes train what one would. On a GPU torch's own `SyncBatchNorm`
does this in fused kernels; it refuses a CPU, for which `JointNorm` is.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


def with_joint_norm(module: nn.Module, device: torch.device) -> nn.Module:
    """The module, whose batch normalisations ask all processes while they are trained.

    Weights, statistics and names stay as they are.
    """
    if device.type == "cuda":
        converted: nn.Module = nn.SyncBatchNorm.convert_sync_batchnorm(module)
        return converted
    for part in list(module.modules()):
        for name, child in part.named_children():
            if type(child) is nn.BatchNorm2d:
                setattr(part, name, JointNorm.like(child))
    return module


class JointNorm(nn.BatchNorm2d):
    """`BatchNorm2d` (B, C, H, W), where B is the sum over the processes.

    In training all processes must come here equally often. Evaluating asks nobody.
    """

    @classmethod
    def like(cls, norm: nn.BatchNorm2d) -> JointNorm:
        """One with the weights and statistics of another, which it shares."""
        assert norm.track_running_stats
        assert norm.momentum is not None
        found = cls(norm.num_features, norm.eps, norm.momentum, norm.affine)
        found.weight, found.bias = norm.weight, norm.bias
        found.running_mean, found.running_var = norm.running_mean, norm.running_var
        found.num_batches_tracked = norm.num_batches_tracked
        return found.train(norm.training)

    def forward(self, x: Tensor) -> Tensor:
        """x normalised, of its dtype."""
        if not self.training:
            return super().forward(x)
        values = x.float()
        count = values.new_full((1,), values.numel() / self.num_features)
        total: Tensor = _Sum.apply(torch.cat([values.sum((0, 2, 3)), count]))
        count = total[-1].detach()
        mean = total[:-1] / count
        # In two passes: the mean of squares less the square of the mean loses what is small.
        apart = values - mean[:, None, None]
        variance: Tensor = _Sum.apply(apart.square().sum((0, 2, 3))) / count
        self._follow(mean.detach(), variance.detach() * (count / (count - 1)))
        scale = torch.rsqrt(variance + self.eps)
        if self.affine:
            scale = scale * self.weight
        out = apart * scale[:, None, None]
        if self.affine:
            out = out + self.bias[:, None, None]
        return out.to(x.dtype)

    @torch.no_grad()
    def _follow(self, mean: Tensor, variance: Tensor) -> None:
        assert self.running_mean is not None
        assert self.running_var is not None
        assert self.num_batches_tracked is not None
        self.running_mean.lerp_(mean, self.momentum)
        self.running_var.lerp_(variance, self.momentum)
        self.num_batches_tracked += 1


class _Sum(torch.autograd.Function):
    """The sum of a tensor over all processes; each one's gradient is the sum of theirs."""

    @staticmethod
    def forward(ctx: object, x: Tensor) -> Tensor:
        total = x.clone()
        torch.distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: object, *gradients: Tensor) -> Tensor:
        (gradient,) = gradients
        total = gradient.contiguous().clone()
        torch.distributed.all_reduce(total)
        return total
