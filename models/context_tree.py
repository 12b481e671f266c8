"""What follows a context, counted: a Markov chain of order n that backs off.

Contexts are rows of symbols, the nearest first. Each is a path down a tree, whose nodes know how
often each symbol followed there. A context that was never seen is answered by the
deepest node on its way, and each node's shares are smoothed by its parent's: absolute discounting
with three discounts estimated from what was seen once to four times (Chen and Goodman, "An
empirical study of smoothing techniques for language modeling", 1999).
A context seen once has no deeper ones: they would only say the same with more certainty.

The whole tree is one sorted array of keys and one table of shares, so that many contexts are looked
up, and all of a picture's px counted, without a loop over them. No pictures and no strokes here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Symbols = npt.NDArray[np.unsignedinteger[Any]]
FloatArray = npt.NDArray[np.float32]

# A context seen fewer times is no node, unless told otherwise.
SEEN = 2
# Taken off a count at least, and of it at most, so that every node leaves its parent a say.
LEAST_DISCOUNT, MOST_DISCOUNT = 0.02, 0.95
# Discounts where too little was seen to estimate them.
UNMEASURED = np.array([0.0, 0.5, 0.5, 0.5])
# Share of chance in every node, so that nothing costs more than some 24 bits.
CHANCE = 1e-6
_ROOT = 0


@dataclass(frozen=True, slots=True, eq=False)
class ContextTree:
    """A chain that was counted.

    Args:
        keys: int64 (nodes - 1,), sorted; node k + 1 is the child of node keys[k] // alphabet by
            symbol keys[k] % alphabet. Node 0 is the empty context.
        shares: float32 (nodes, outcomes), each row sums to 1: what follows.
        firsts: for each order from 0, the number of its first node; then the count of nodes.
        alphabet: symbols of contexts run from 0 to below this.
    """

    keys: npt.NDArray[np.int64]
    shares: FloatArray
    firsts: tuple[int, ...]
    alphabet: int

    @property
    def order(self) -> int:
        """The length of the longest contexts it knows."""
        return len(self.firsts) - 2

    def find(self, contexts: Symbols, order: int | None = None) -> npt.NDArray[np.int64]:
        """The deepest node of each context.

        Args:
            contexts: (N, order or more), the nearest symbol first.
            order: symbols to look at; None is all that the tree knows.
        """
        nodes = np.zeros(len(contexts), np.int64)
        if not len(self.keys):
            return nodes
        alive = np.arange(len(contexts))
        for depth in range(self.order if order is None else min(order, self.order)):
            wanted = nodes[alive] * self.alphabet + contexts[alive, depth]
            # Only this depth's stretch of keys can hold it.
            first, last = self.firsts[depth + 1] - 1, self.firsts[depth + 2] - 1
            at = first + np.searchsorted(self.keys[first:last], wanted)
            found = self.keys[np.minimum(at, len(self.keys) - 1)] == wanted
            alive = alive[found]
            if not len(alive):
                break
            nodes[alive] = at[found] + 1
        return nodes

    def bits(self, contexts: Symbols, outcomes: Symbols, order: int | None = None) -> FloatArray:
        """What each outcome costs after its context, float32 (N,)."""
        shares = self.shares[self.find(contexts, order), outcomes]
        return np.asarray(-np.log2(shares), np.float32)


def count_contexts(
    contexts: Symbols, outcomes: Symbols, *, alphabet: int, kinds: int, seen: int = SEEN
) -> ContextTree:
    """Counts what follows what.

    Args:
        contexts: (N, order), the nearest symbol first, each below `alphabet`.
        outcomes: (N,), each below `kinds`.
        seen: a context that comes fewer times is answered by a shorter one.
    """
    rows = np.arange(len(outcomes))
    place = np.zeros(len(outcomes), np.int64)  # the node of each row, within its depth
    even = np.full((1, kinds), 1 / kinds)
    shares = [_smoothed(_counts(place, outcomes, 1, kinds), even)]
    keys: list[npt.NDArray[np.int64]] = []
    firsts = [_ROOT, 1]
    for depth in range(contexts.shape[1]):
        wide = place * alphabet + contexts[rows, depth]
        times = np.bincount(wide, minlength=len(shares[-1]) * alphabet)
        kept = np.flatnonzero(times >= seen)
        number = np.full(len(times), -1, np.int64)
        number[kept] = np.arange(len(kept))
        place = number[wide]
        deeper = place >= 0
        rows, place = rows[deeper], place[deeper]
        counts = _counts(place, outcomes[rows], len(kept), kinds)
        shares.append(_smoothed(counts, shares[-1][kept // alphabet]))
        keys.append(kept + firsts[-2] * alphabet)
        firsts.append(firsts[-1] + len(kept))
    return ContextTree(
        np.concatenate(keys) if keys else np.empty(0, np.int64),
        (np.concatenate(shares) * (1 - CHANCE) + CHANCE / kinds).astype(np.float32),
        tuple(firsts),
        alphabet,
    )


def _counts(
    place: npt.NDArray[np.int64], outcomes: Symbols, nodes: int, kinds: int
) -> npt.NDArray[np.int64]:
    return np.bincount(place * kinds + outcomes, minlength=nodes * kinds).reshape(nodes, kinds)


def _smoothed(
    counts: npt.NDArray[np.int64], before: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Shares of what follows: counts less a discount, which is dealt out as `before` says."""
    discounts = _discounts(counts)
    total = np.maximum(counts.sum(axis=1, keepdims=True), 1)
    left = (counts - discounts[np.minimum(counts, len(discounts) - 1)]) / total
    given: npt.NDArray[np.float64] = left + (1 - left.sum(axis=1, keepdims=True)) * before
    return given


def _discounts(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """What is taken off counts of 0, 1, 2, and 3 and more (Chen and Goodman's eq. 17)."""
    n1, n2, n3, n4 = (int((counts == k).sum()) for k in range(1, 5))
    if not (n1 and n2 and n3):
        return UNMEASURED
    base = n1 / (n1 + 2 * n2)
    found = np.array([0, 1 - 2 * base * n2 / n1, 2 - 3 * base * n3 / n2, 3 - 4 * base * n4 / n3])
    return np.clip(found, LEAST_DISCOUNT * np.sign([0, 1, 2, 3]), MOST_DISCOUNT * np.arange(4))
