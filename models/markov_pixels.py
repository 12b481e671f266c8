"""A Markov chain that paints: each px is drawn by chance after those painted before it.

Pictures become maps of at most 16 colours. The context of a px are the `order` nearest px above
it and left of it (OFFSETS, nearest first), as in Shannon's order-n approximations to English
("A Mathematical Theory of Communication", 1948) but in the plane; what lies outside the
picture is a colour of its own. Painting runs along slanted fronts: all px whose contexts are done
are drawn at once.

It knows nothing beyond its context: at order 6 that is two px to the left, two above and two
corners. It makes texture, edges and blots, not objects; at high orders it copies.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..strokes.errors import LineworkError
from .context_tree import ContextTree, count_contexts

UInt8Array = npt.NDArray[np.uint8]

MOST_COLORS = 16
# Beyond it nearly every context was seen at most once, in any number of pictures one has.
HIGHEST_ORDER = 24
# px that a neighbour of the highest order is away at most: what maps are padded by.
_REACH = 5


def _nearest_first() -> tuple[tuple[int, int], ...]:
    """(dy, dx) of the px before one, in reading order, by distance; ties leftmost row last."""
    before = [
        (dy, dx)
        for dy in range(-_REACH, 1)
        for dx in range(-_REACH, _REACH + 1)
        if dy < 0 or dx < 0
    ]
    return tuple(sorted(before, key=lambda p: (math.hypot(*p), -p[0], p[1])))[:HIGHEST_ORDER]


OFFSETS = _nearest_first()


@dataclass(frozen=True, slots=True, eq=False)
class MarkovPixels:
    """A chain over the colours of pictures.

    Args:
        palette: uint8 (C, 3), its colours.
        tree: what follows what; symbol C is outside of the picture.
    """

    palette: UInt8Array
    tree: ContextTree

    @property
    def order(self) -> int:
        """px that a px depends on."""
        return self.tree.order

    def bits(self, maps: Sequence[UInt8Array], order: int | None = None) -> float:
        """Mean cost of a px of other maps, by contexts of `order` px or all.

        Args:
            maps: (H, W) each, colours of the palette.
        """
        cost = [
            self.tree.bits(*contexts(m, self.order, len(self.palette)), order=order) for m in maps
        ]
        return float(np.concatenate(cost).mean())

    def paint(
        self, width: int, height: int, rng: np.random.Generator, temperature: float = 1.0
    ) -> UInt8Array:
        """A new map, (height, width).

        Args:
            temperature: below 1 the likely becomes likelier; 0 takes the likeliest.

        Raises:
            LineworkError: a size below 1 px, or a temperature below 0.
        """
        if min(width, height) < 1:
            raise LineworkError(f"a picture of {width} x {height} px; wanted 1 px or more")
        if not 0 <= temperature < math.inf:
            raise LineworkError(f"temperature is {temperature:g}; wanted 0 or more")
        ladder = _ladder(self.tree.shares, temperature)
        chance = rng.random((height, width), np.float32)
        colors = len(self.palette)
        padded = np.full((height + _REACH, width + 2 * _REACH), colors, np.uint8)
        flat, row = padded.ravel(), padded.shape[1]
        offsets = np.array(OFFSETS[: self.order], np.int64).reshape(-1, 2)
        steps = offsets[:, 0] * row + offsets[:, 1]
        # A row's px waits until the row above is as far ahead as a context reaches to the right.
        ahead = max((dx // -dy + 1 for dy, dx in offsets.tolist() if dy < 0), default=1)
        ahead = max(ahead, 1)
        for front in range(width + ahead * (height - 1)):
            first = max(0, -(-(front - width + 1) // ahead))
            y = np.arange(first, min(height, front // ahead + 1))
            x = front - ahead * y
            at = (y + _REACH) * row + x + _REACH
            nodes = self.tree.find(flat[at[:, None] + steps])
            flat[at] = (chance[y, x][:, None] >= ladder[nodes]).sum(axis=1)
        return padded[_REACH:, _REACH:-_REACH].copy()


def learn_pixels(maps: Sequence[UInt8Array], palette: npt.ArrayLike, order: int) -> MarkovPixels:
    """Counts the contexts of all px of some maps.

    Args:
        maps: (H, W) each, colours of the palette.
        palette: uint8 (C, 3), C from 1 to 16.
        order: px that a px depends on, 0 to 24.

    Raises:
        LineworkError: another order, no px, too many colours, or a colour beyond the palette.
    """
    colors = np.array(palette, np.uint8).reshape(-1, 3)
    if not 0 <= order <= HIGHEST_ORDER:
        raise LineworkError(
            f"order is {order}; wanted 0 to {HIGHEST_ORDER}: longer contexts were seen once each, "
            "and the chain would only copy"
        )
    if not 1 <= len(colors) <= MOST_COLORS:
        raise LineworkError(f"{len(colors)} colours; wanted 1 to {MOST_COLORS}")
    if not sum(m.size for m in maps):
        raise LineworkError("no px to learn from; wanted a picture")
    most = max(int(m.max()) for m in maps if m.size)
    if most >= len(colors):
        raise LineworkError(f"a map has colour {most}; the palette ends with {len(colors) - 1}")
    seen = [contexts(m, order, len(colors)) for m in maps]
    tree = count_contexts(
        np.concatenate([c for c, _ in seen]),
        np.concatenate([o for _, o in seen]),
        alphabet=len(colors) + 1,
        kinds=len(colors),
    )
    return MarkovPixels(colors, tree)


def contexts(colors: UInt8Array, order: int, outside: int) -> tuple[UInt8Array, UInt8Array]:
    """The contexts of all px of a map, (H * W, order), and the px themselves, (H * W,)."""
    height, width = colors.shape
    padded = np.pad(colors, ((_REACH, 0), (_REACH, _REACH)), constant_values=outside)
    found = np.empty((height * width, order), np.uint8)
    for k, (dy, dx) in enumerate(OFFSETS[:order]):
        y, x = _REACH + dy, _REACH + dx
        found[:, k] = padded[y : y + height, x : x + width].ravel()
    return found, colors.ravel()


def _ladder(shares: npt.NDArray[np.float32], temperature: float) -> npt.NDArray[np.float32]:
    """For each node the sums of its shares up to each colour but the last."""
    if temperature == 0:
        heated = (np.arange(shares.shape[1]) == shares.argmax(axis=1)[:, None]).astype(np.float32)
    else:
        # By the largest first, so that no power underflows to a row of zeros.
        heated = (shares / shares.max(axis=1, keepdims=True)) ** np.float32(1 / temperature)
    sums = heated.cumsum(axis=1)
    steps: npt.NDArray[np.float32] = sums[:, :-1] / sums[:, -1:]
    return steps
