"""Pictures of plain shapes in a few colours, after the Bauhaus: something for a chain to learn.

A grid of squares, some joined to larger ones, each with one motif: quarter circles, discs,
rings, triangles, bars, steps, dots, arcs. No edge is smoothed, so that a picture has its
palette's colours and no others. All by rules: nothing of anybody's work is in them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

UInt8Array = npt.NDArray[np.uint8]
BoolArray = npt.NDArray[np.bool_]
# Positions of a square's px middles, 0 to 1: across and down.
Grid = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]
Motif = Callable[[Grid, np.random.Generator], BoolArray]

# Paper, ink, and the colours of the school's posters, each paler or duller than pure.
PALETTE = (
    ("paper", "#f1e9d8"),
    ("ink", "#1f1d1e"),
    ("red", "#c8372d"),
    ("yellow", "#e8b12a"),
    ("blue", "#23508e"),
    ("grey", "#a9a294"),
    ("teal", "#4f8a83"),
    ("rose", "#e2a48d"),
)
# How often a square is painted in each, ground and figure.
_GROUND = np.array([0.5, 0.08, 0.08, 0.08, 0.08, 0.08, 0.05, 0.05])
_FIGURE = np.array([0.08, 0.27, 0.2, 0.15, 0.15, 0.05, 0.05, 0.05])
# Share of squares that are joined with three neighbours, and of those left bare.
_JOINED, _BARE = 0.22, 0.12


def bauhaus(rng: np.random.Generator, *, squares: int = 6, side: int = 16) -> UInt8Array:
    """One picture, uint8 (squares * side, squares * side, 3).

    Args:
        squares: across and down.
        side: of a square, px.
    """
    colors = np.array([[int(c[k : k + 2], 16) for k in (1, 3, 5)] for _, c in PALETTE], np.uint8)
    picture = np.zeros((squares * side, squares * side), np.uint8)
    free = np.ones((squares, squares), np.bool_)
    for row in range(squares):
        for column in range(squares):
            if not free[row, column]:
                continue
            wide = 1
            whole = free[row : row + 2, column : column + 2]
            if whole.size == 4 and whole.all() and rng.random() < _JOINED:
                wide = 2
            free[row : row + wide, column : column + wide] = False
            y, x = row * side, column * side
            picture[y : y + wide * side, x : x + wide * side] = _square(wide * side, rng)
    return colors[picture]


def _square(side: int, rng: np.random.Generator) -> UInt8Array:
    """A square with its motif: (side, side), colours of the palette."""
    ground = int(rng.choice(len(PALETTE), p=_GROUND))
    weights = np.where(np.arange(len(PALETTE)) == ground, 0, _FIGURE)
    figure = int(rng.choice(len(PALETTE), p=weights / weights.sum()))
    painted = np.full((side, side), ground, np.uint8)
    if rng.random() < _BARE:
        return painted
    middles = (np.arange(side) + 0.5) / side
    x, y = np.meshgrid(middles, middles)
    shape = MOTIFS[int(rng.integers(len(MOTIFS)))]((x, y), rng)
    painted[np.rot90(shape, int(rng.integers(4)))] = figure
    return painted


def _distance(grid: Grid, x: float, y: float) -> npt.NDArray[np.float64]:
    return np.hypot(grid[0] - x, grid[1] - y)


def _quarter(grid: Grid, rng: np.random.Generator) -> BoolArray:
    return _distance(grid, 0, 0) < 1


def _half(grid: Grid, rng: np.random.Generator) -> BoolArray:
    return _distance(grid, 0.5, 0) < 0.5


def _disc(grid: Grid, rng: np.random.Generator) -> BoolArray:
    return _distance(grid, 0.5, 0.5) < rng.choice([0.5, 0.32])


def _ring(grid: Grid, rng: np.random.Generator) -> BoolArray:
    away = _distance(grid, 0.5, 0.5)
    return (away < 0.5) & (away > 0.28)


def _arcs(grid: Grid, rng: np.random.Generator) -> BoolArray:
    away = _distance(grid, 0, 0)
    return (away < 1) & (np.floor(away * 4) % 2 == 1)


def _triangle(grid: Grid, rng: np.random.Generator) -> BoolArray:
    return grid[0] + grid[1] < 1


def _peak(grid: Grid, rng: np.random.Generator) -> BoolArray:
    return np.abs(grid[0] - 0.5) * 2 < grid[1]


def _bars(grid: Grid, rng: np.random.Generator) -> BoolArray:
    return np.floor(grid[0] * rng.choice([4, 8])) % 2 == 0


def _board(grid: Grid, rng: np.random.Generator) -> BoolArray:
    cells = rng.choice([2, 4])
    return (np.floor(grid[0] * cells) + np.floor(grid[1] * cells)) % 2 == 0


def _stairs(grid: Grid, rng: np.random.Generator) -> BoolArray:
    return np.floor(grid[0] * 4) <= np.floor(grid[1] * 4)


def _dots(grid: Grid, rng: np.random.Generator) -> BoolArray:
    return np.hypot(grid[0] * 2 % 1 - 0.5, grid[1] * 2 % 1 - 0.5) < 0.3


def _leaf(grid: Grid, rng: np.random.Generator) -> BoolArray:
    return (_distance(grid, 0, 0) < 1) & (_distance(grid, 1, 1) < 1)


def _beam(grid: Grid, rng: np.random.Generator) -> BoolArray:
    return np.abs(grid[0] - 0.5) < 0.13


MOTIFS: tuple[Motif, ...] = (
    _quarter, _half, _disc, _ring, _arcs, _triangle, _peak, _bars, _board, _stairs, _dots, _leaf,
    _beam,
)  # fmt: skip
