"""The average of a network over its training steps.

Exponential, with a warm-up: at first the average follows, or it would keep the beginning.
What is averaged of a weight that is parametrised (spectral norm) is its value, so that the
average is the plain network, and no norm has to be known to use it.
"""

from __future__ import annotations

import torch
from torch import nn

# After step t at most the share (1 + t) / (WARM_UP + t) of the average stays: of the first, 10 %.
WARM_UP = 10.0


@torch.no_grad()
def average_in(average: nn.Module, module: nn.Module, step: int, decay: float) -> None:
    """Moves the tensors of `average` towards those of `module`, of the same names.

    Running statistics are averaged with the weights; counts are copied.

    Args:
        step: from 0.
        decay: share of the average that stays, once it is warm.
    """
    share = 1 - min(decay, (1 + step) / (WARM_UP + step))
    training = module.training
    module.eval()  # asking for a spectral norm in training would change it
    try:
        for name, old in average.state_dict(keep_vars=True).items():
            path, _, last = name.rpartition(".")
            new = getattr(module.get_submodule(path), last)
            if old.is_floating_point():
                old.lerp_(new, share)
            else:
                old.copy_(new)
    finally:
        module.train(training)
