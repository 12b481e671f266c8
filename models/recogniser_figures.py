"""Figures of a recogniser: how often it is right, and whether it knows how often.

Calibration is by temperature scaling (Guo et al. 2017, "On calibration of modern neural
networks"): one number that divides all logits, fitted on drawings that were not learnt from.
The error is theirs, too: over 15 bins of confidence, the mean gap to the accuracy.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from .recogniser import DoodleBatch

BINS = 15
# Temperatures tried; a finer step changes the error by less than its own noise.
_LEAST, _MOST, _TRIED = 0.2, 5.0, 200


def read_all(module: nn.Module, batches: Iterable[DoodleBatch]) -> tuple[Tensor, Tensor]:
    """Logits (N, words) and words (N,) of all batches, on the CPU; the module is left in eval."""
    device = next(module.parameters()).device
    module.eval()
    logits, words = [], []
    with torch.inference_mode():
        for batch in batches:
            logits.append(module(batch.to(device)).float().cpu())
            words.append(batch.words)
    return torch.cat(logits), torch.cat(words)


def fit_temperature(logits: Tensor, words: Tensor) -> float:
    """The temperature at which the words are likeliest."""
    tried = torch.logspace(*torch.tensor([_LEAST, _MOST]).log10().tolist(), _TRIED)
    losses = [nn.functional.cross_entropy(logits / t, words).item() for t in tried]
    return float(tried[int(torch.tensor(losses).argmin())])


def ranks(logits: Tensor, words: Tensor) -> Tensor:
    """The place of each drawing's true word among its answers, from 0: int64 (N,).

    Of equal answers the true one counts as the last, so that a constant earns nothing.
    """
    true = logits.gather(1, words[:, None])
    return (logits >= true).sum(1) - 1


def calibration_error(logits: Tensor, words: Tensor, bins: int = BINS) -> float:
    """Expected calibration error of the first answers: 0 to 1."""
    sure, answer = torch.softmax(logits, dim=1).max(1)
    right = (answer == words).double()
    place = (sure * bins).long().clamp(max=bins - 1)
    gap = torch.zeros(bins, dtype=torch.float64).index_add_(0, place, right - sure.double())
    return float(gap.abs().sum() / len(words))


def recogniser_figures(logits: Tensor, words: Tensor, temperature: float) -> dict[str, float]:
    """All figures of logits (N, words) for the true words (N,).

    Returns:
        top1, top3: share of drawings whose word is the first, one of the first three answers;
        map3: mean of 1, 1/2, 1/3 for those (one word is true, so that is MAP@3);
        word_top1, word_top3: the same, means over words, however many drawings each has;
        nats: cross-entropy at the temperature;
        ece, ece_unscaled: calibration error at the temperature, and without it.
    """
    place = ranks(logits, words)
    count = torch.bincount(words)
    seen = count > 0

    def by_word(hit: Tensor) -> float:
        hits = torch.bincount(words, hit.double())
        return float((hits[seen] / count[seen]).mean())

    first, third = place < 1, place < 3
    return {
        "top1": float(first.double().mean()),
        "top3": float(third.double().mean()),
        "map3": float(torch.where(third, 1 / (place + 1.0), 0.0).mean()),
        "word_top1": by_word(first),
        "word_top3": by_word(third),
        "nats": float(nn.functional.cross_entropy(logits / temperature, words)),
        "ece": calibration_error(logits / temperature, words),
        "ece_unscaled": calibration_error(logits, words),
    }
