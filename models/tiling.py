"""A fully convolutional network over a picture of any size, a tile at a time.

Every tile is read with a margin around it (the halo) and only its middle is kept. Where
the halo is as wide as an output pixel sees, tiles and the whole give the same to rounding;
a picture's own edge is never cut, so padding there is the same too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

# Side of a tile's middle, px: its tensors take some hundred MB.
TILE = 1536


@dataclass(frozen=True, slots=True)
class Tile:
    """Where one tile lies in the picture: what is read and, within that, what is kept; px."""

    top: int
    left: int
    bottom: int
    right: int
    read_top: int
    read_left: int
    read_bottom: int
    read_right: int


def tiles(height: int, width: int, *, tile: int = TILE, halo: int, multiple: int) -> list[Tile]:
    """Tiles that cover a picture, row by row; they are read from multiples of `multiple` px."""
    side = max(multiple, tile - tile % multiple)
    margin = halo + -halo % multiple
    return [
        Tile(
            top,
            left,
            bottom := min(top + side, height),
            right := min(left + side, width),
            max(0, top - margin),
            max(0, left - margin),
            min(bottom + margin, height),
            min(right + margin, width),
        )
        for top in range(0, height, side)
        for left in range(0, width, side)
    ]


def apply_tiled(
    network: Callable[[Tensor], Tensor],
    ink: Callable[[Tile], Tensor],
    size: tuple[int, int],
    *,
    tile: int = TILE,
    halo: int,
    multiple: int,
) -> Iterator[tuple[Tile, Tensor]]:
    """The network's output over a picture, tile by tile.

    Args:
        network: (1, C, h, w) to (1, K, h, w).
        ink: reads what the network sees of a tile, (1, C, h, w).
        size: height and width of the picture, px.
        halo: px read around a tile.
        multiple: px that the network halves its input by in all.

    Yields:
        each tile and its kept output (1, K, bottom - top, right - left).
    """
    for place in tiles(*size, tile=tile, halo=halo, multiple=multiple):
        with torch.inference_mode():
            out = network(ink(place))
        rows = slice(place.top - place.read_top, place.bottom - place.read_top)
        columns = slice(place.left - place.read_left, place.right - place.read_left)
        yield place, out[..., rows, columns]
