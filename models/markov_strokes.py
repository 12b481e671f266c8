"""A Markov chain that draws: each point is drawn by chance after the last few.

The baseline that a sketch-rnn must beat. Stroke-3 rows become symbols: the offset's direction (24
sectors), its length (bins that grow by half) and what the pen does after it. The context of a row
are the `order` rows before it. Within a symbol all integer offsets are alike likely, so that
a drawing's probability is exact and its nats per point stand beside the "cell" of
`sketchrnn_figures`. It forgets where the drawing is: it makes handwriting of a kind, not cats.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..strokes.errors import LineworkError
from .context_tree import ContextTree, count_contexts

Rows = npt.NDArray[np.int64]
Codes = npt.NDArray[np.uint16]

# Offsets are clipped to this, px of a canvas of 256 to either side.
MOST = 255
SECTORS = 24
# Lengths at which a bin begins, px: fine where hands are fine.
RINGS = np.array([0.5, 1.7, 3.0, 4.5, 7.0, 10.5, 16.0, 24.0, 36.0, 54.0, 81.0, 122.0, 182.0])
HIGHEST_ORDER = 8
# What the pen does after a row: goes on, lifts, or lifts for good.
PEN_STATES = 3
# Rows of a sample at most.
LONGEST = 400


def _grid() -> tuple[Codes, npt.NDArray[np.int64]]:
    """The code of each integer offset, (2 MOST + 1, 2 MOST + 1) by dy and dx; offsets of each."""
    y, x = np.mgrid[-MOST : MOST + 1, -MOST : MOST + 1].astype(np.float64)
    ring = np.searchsorted(RINGS, np.hypot(x, y), side="right") - 1  # -1 where it stays
    turn = np.arctan2(y, x) / (2 * np.pi) * SECTORS
    sector = np.floor(turn + 0.5).astype(np.int64) % SECTORS
    code = np.where(ring < 0, 0, 1 + ring * SECTORS + sector)
    # Short rings have fewer offsets than sectors: codes without any are closed up.
    _, dense = np.unique(code, return_inverse=True)
    dense = dense.reshape(code.shape)
    return dense.astype(np.uint16), np.bincount(dense.ravel())


CODES, CELLS = _grid()
KINDS = len(CELLS) * PEN_STATES
# Contexts that came fewer times say less than shorter ones do.
SEEN = 8
# Before the first row of a drawing.
START = KINDS


@dataclass(frozen=True, slots=True, eq=False)
class MarkovStrokes:
    """A chain over quantised stroke-3 rows.

    Args:
        tree: what follows what; symbols are code * 3 + pen.
    """

    tree: ContextTree

    @property
    def order(self) -> int:
        """Rows that a row depends on."""
        return self.tree.order

    def nats(self, drawings: Iterable[Rows], order: int | None = None) -> float:
        """Mean cost of a row of other drawings, pen and end included.

        Args:
            drawings: int (n, 3) each: dx, dy, and 1 where the pen lifts after it.
            order: rows to look back; None is all that the chain knows.
        """
        seen = [_symbols(rows) for rows in drawings]
        spent, rows = 0.0, 0
        for symbols in seen:
            bits = self.tree.bits(_contexts(symbols, self.order), symbols, order)
            spent += float(bits.sum()) * np.log(2) + float(np.log(_cells(symbols)).sum())
            rows += len(symbols)
        return spent / max(rows, 1)

    def draw(self, count: int, rng: np.random.Generator, temperature: float = 1.0) -> list[Rows]:
        """New drawings, int (n, 3) each; those that do not end are cut at 400 rows.

        Raises:
            LineworkError: a temperature of 0 or below.
        """
        if not temperature > 0:
            raise LineworkError(f"temperature is {temperature:g}; wanted above 0")
        context = np.full((count, self.order), START, np.uint16)
        drawn: list[list[tuple[int, int, int]]] = [[] for _ in range(count)]
        alive = np.arange(count)
        offsets = _offsets_of()
        for _ in range(LONGEST):
            shares = self.tree.shares[self.tree.find(context[alive])] ** (1 / temperature)
            sums = shares.cumsum(axis=1)
            chance = rng.random((len(alive), 1)) * sums[:, -1:]
            symbols = np.minimum((sums < chance).sum(axis=1), KINDS - 1)
            for k, symbol in zip(alive.tolist(), symbols.tolist(), strict=True):
                code, pen = divmod(symbol, PEN_STATES)
                dx, dy = offsets[code][int(rng.integers(len(offsets[code])))].tolist()
                drawn[k].append((dx, dy, int(pen > 0)))
            if self.order:
                context[alive, 1:] = context[alive, :-1]
                context[alive, 0] = symbols
            alive = alive[symbols % PEN_STATES != PEN_STATES - 1]
            if not len(alive):
                break
        return [np.array(rows, np.int64).reshape(-1, 3) for rows in drawn]


def learn_strokes(drawings: Sequence[Rows], order: int) -> MarkovStrokes:
    """Counts what follows what in some drawings.

    Args:
        drawings: int (n, 3) each: dx, dy, and 1 where the pen lifts after it.
        order: rows that a row depends on, 0 to 8.

    Raises:
        LineworkError: another order, or no row.
    """
    if not 0 <= order <= HIGHEST_ORDER:
        raise LineworkError(
            f"order is {order}; wanted 0 to {HIGHEST_ORDER}: longer contexts of strokes were "
            "seen once each"
        )
    seen = [_symbols(rows) for rows in drawings if len(rows)]
    if not seen:
        raise LineworkError("no drawing to learn from; wanted one of two points or more")
    tree = count_contexts(
        np.concatenate([_contexts(s, order) for s in seen]),
        np.concatenate(seen),
        alphabet=KINDS + 1,
        kinds=KINDS,
        seen=SEEN,
    )
    return MarkovStrokes(tree)


def _symbols(rows: Rows) -> Codes:
    offsets = np.clip(rows[:, :2], -MOST, MOST) + MOST
    pen = rows[:, 2].copy()
    pen[-1:] = PEN_STATES - 1
    return np.asarray(CODES[offsets[:, 1], offsets[:, 0]] * np.uint16(PEN_STATES) + pen, np.uint16)


def _contexts(symbols: Codes, order: int) -> Codes:
    """(n, order): the symbols before each, the last first."""
    padded = np.concatenate([np.full(order, START, np.uint16), symbols])
    found = np.empty((len(symbols), order), np.uint16)
    for back in range(order):
        found[:, back] = padded[order - 1 - back : len(padded) - 1 - back]
    return found


def _cells(symbols: Codes) -> npt.NDArray[np.int64]:
    """Integer offsets that each symbol stands for."""
    counts: npt.NDArray[np.int64] = CELLS[symbols // PEN_STATES]
    return counts


def _offsets_of() -> list[npt.NDArray[np.int64]]:
    """The integer offsets (n, 2), dx and dy, of each code."""
    order = np.argsort(CODES.ravel(), kind="stable")
    y, x = np.divmod(order, 2 * MOST + 1)
    both = np.stack([x - MOST, y - MOST], axis=1)
    return np.split(both, np.cumsum(CELLS)[:-1])
