"""Turning shapes as a camera's EXIF orientation turns the picture (1 is upright).

The eight orientations are those of the Exif standard, tag 0x0112: 2 to 4 mirror and turn
about, 5 to 8 lay width along height. Sizes are width, height, px.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .images import LYING, Size
from .polygons import FloatArray
from .record import Piece, flat, piece_mask
from .rle import BoolArray, Rle
from .shapes import encode_mask, read_shape


def stored_size(upright: Size, orientation: int) -> Size:
    """The size before turning."""
    return (upright[1], upright[0]) if orientation in LYING else upright


def turn_points(points: FloatArray, orientation: int, upright: Size) -> FloatArray:
    """Where points (n, 2) of the stored picture lie on the upright one."""
    width, height = stored_size(upright, orientation)
    x, y = points[:, 0], points[:, 1]
    turned = {
        1: (x, y),
        2: (width - x, y),
        3: (width - x, height - y),
        4: (x, height - y),
        5: (y, x),
        6: (height - y, x),
        7: (height - y, width - x),
        8: (y, width - x),
    }[orientation]
    return np.stack(turned, axis=1)


def turn_bitmap(bitmap: BoolArray, orientation: int) -> BoolArray:
    """A stored mask (H, W) as it lies on the upright picture."""
    return {
        1: bitmap,
        2: bitmap[:, ::-1],
        3: bitmap[::-1, ::-1],
        4: bitmap[::-1],
        5: bitmap.T,
        6: bitmap[::-1].T,
        7: bitmap[::-1, ::-1].T,
        8: bitmap.T[::-1],
    }[orientation]


def turn_shape(shape: dict[str, Any], orientation: int, upright: Size) -> dict[str, Any]:
    """A labelme shape drawn on the stored picture, where it lies on the upright one.

    Raises:
        ShapeError: as `read_shape`.
    """
    width, height = stored_size(upright, orientation)
    outline = read_shape(shape, 0, height, width)  # says what is wrong with it, if anything is
    if outline.piece.counts is None:
        points = turn_points(np.array(shape["points"], np.float64), orientation, upright)
        return shape | {"points": points.tolist()}
    bitmap = turn_bitmap(piece_mask(outline.piece, height, width).to_bitmap(), orientation)
    corners, mask = encode_mask(Rle.of_bitmap(bitmap))
    return shape | {"points": corners, "mask": mask}


def turn_piece(piece: Piece, orientation: int, upright: Size) -> Piece:
    """A piece of the stored picture, where it lies on the upright one; without its shape."""
    width, height = stored_size(upright, orientation)
    if piece.counts is None:
        polygons = (np.reshape(polygon, (-1, 2)) for polygon in piece.polygons)
        turned = tuple(flat(turn_points(polygon, orientation, upright)) for polygon in polygons)
        return Piece(piece.at, turned)
    bitmap = turn_bitmap(piece_mask(piece, height, width).to_bitmap(), orientation)
    return Piece(piece.at, counts=Rle.of_bitmap(bitmap).to_text())
