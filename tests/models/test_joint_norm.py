"""Batch normalisation over processes: the values, gradients and statistics of one process."""

from __future__ import annotations

from typing import Any

import torch
from linework.models.joint_norm import JointNorm, with_joint_norm
from linework.models.processes import Processes
from ranks import in_ranks
from torch import Tensor, nn

BATCH = 5  # two processes have 3 and 2 of it


def network() -> nn.Module:
    torch.manual_seed(0)
    layers = nn.Sequential(
        nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.BatchNorm2d(4, affine=False)
    )
    nn.init.normal_(layers[1].weight)
    nn.init.normal_(layers[1].bias)
    return layers


def pictures() -> Tensor:
    # Far from zero beside its spread: where careless statistics lose their digits.
    return 50 + torch.randn(BATCH, 2, 8, 7, generator=torch.Generator().manual_seed(1))


def learnt(layers: nn.Module, rows: slice) -> dict[str, Any]:
    shown = pictures()[rows].requires_grad_()
    weights = torch.randn(BATCH, 4, 6, 5, generator=torch.Generator().manual_seed(2))[rows]
    out = layers(shown)
    (out * weights).sum().backward()
    grads = {name: p.grad.clone() for name, p in layers.named_parameters()}
    assert shown.grad is not None
    return {"out": out.detach(), "shown": shown.grad, **grads}


def test_two_processes_normalise_as_one() -> None:
    whole = network()
    wanted = learnt(whole, slice(None))

    def share(processes: Processes) -> tuple[dict[str, Any], dict[str, Any]]:
        layers = with_joint_norm(network(), torch.device("cpu"))
        return learnt(layers, slice(processes.rank, None, 2)), dict(layers.state_dict())

    shares = in_ranks(2, share)
    for name in ("out", "shown"):
        for rank, (found, _) in enumerate(shares):
            torch.testing.assert_close(found[name], wanted[name][rank::2], rtol=1e-3, atol=1e-4)
    for name, _ in whole.named_parameters():
        total = shares[0][0][name] + shares[1][0][name]
        torch.testing.assert_close(total, wanted[name], rtol=1e-3, atol=1e-3)
    for _, state in shares:
        for name, value in whole.state_dict().items():
            torch.testing.assert_close(state[name], value, rtol=1e-4, atol=1e-5)


def test_names_weights_and_mode_stay_and_evaluating_asks_nobody() -> None:
    plain = network().eval()
    state = {name: value.clone() for name, value in plain.state_dict().items()}
    wanted = plain(pictures())
    joint = with_joint_norm(plain, torch.device("cpu"))
    assert [type(part) for part in joint] == [nn.Conv2d, JointNorm, nn.ReLU, JointNorm]
    assert joint.state_dict().keys() == state.keys()
    torch.testing.assert_close(joint(pictures()), wanted)  # there is no group to ask


def test_bfloat16_comes_out_as_it_went_in() -> None:
    def share(processes: Processes) -> torch.dtype:
        norm = JointNorm.like(nn.BatchNorm2d(2))
        return norm(pictures()[processes.rank :: 2].bfloat16()).dtype

    assert in_ranks(2, share) == [torch.bfloat16] * 2
