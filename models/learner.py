"""A module that learns: with its optimiser, and wrapped where several processes train it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from .checkpoint import load_optimizer, load_weights, optimizer_tensors
from .joint_norm import with_joint_norm
from .processes import Processes


class Learner:
    """A module on its device, AdamW over what of it is trained, and gradients clipped by value.

    Args:
        name: of the module in a checkpoint: its tensors are "name.…".
        optimizer_name: the same for the optimiser's state.
    """

    def __init__(
        self,
        module: nn.Module,
        processes: Processes,
        *,
        beta2: float,
        weight_decay: float,
        clip_value: float,
        name: str = "model",
        optimizer_name: str = "optimizer",
        beta1: float = 0.9,
    ) -> None:
        self.name, self.optimizer_name, self.clip_value = name, optimizer_name, clip_value
        if processes.world > 1:
            module = with_joint_norm(module, processes.device)
        self.module = module.to(processes.device)
        self.parameters = [p for p in module.parameters() if p.requires_grad]
        self.optimizer = torch.optim.AdamW(
            self.parameters,
            betas=(beta1, beta2),
            weight_decay=weight_decay,
            fused=True,
        )
        self.wrapped = self.module
        if processes.world > 1:
            self.wrapped = nn.parallel.DistributedDataParallel(self.module)

    def descend(self, loss: Tensor, rate: float) -> None:
        """One step down the loss's gradient."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_value_(self.parameters, self.clip_value)
        self.optimizer.step()

    def tensors(self) -> dict[str, Tensor]:
        """Weights and the optimiser's state, for a checkpoint."""
        state = {f"{self.name}.{k}": v for k, v in self.module.state_dict().items()}
        return state | {
            f"{self.optimizer_name}.{k}": v for k, v in optimizer_tensors(self.optimizer).items()
        }

    def load(self, parts: Mapping[str, Mapping[str, Tensor]], path: Path) -> None:
        """Takes up what `tensors` gave, split at the first dot.

        Raises:
            FormatError: tensors that do not fit.
        """
        load_weights(self.module, parts.get(self.name, {}), path)
        load_optimizer(self.optimizer, dict(parts.get(self.optimizer_name, {})))
        # The fused optimiser walks memory in order: moments must lie as the weights do,
        # channels last where those are; a file keeps plain order.
        for parameter, state in self.optimizer.state.items():
            for name, value in state.items():
                if value.shape == parameter.shape:
                    state[name] = torch.empty_like(parameter).copy_(value)
