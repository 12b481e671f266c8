"""Trapped ball: what a ball that cannot pass the gaps does not reach is inside.

A ball is rolled in from the border. Paper that it cannot touch is a chamber if a ball of its size
has room there, too, and a notch of the outline if not: notches stay outside. Small balls
go first, since the wider the ball, the less of the outline it feels. The method is the
trapped-ball segmentation of Zhang et al., "Vectorizing Cartoon Animations" (TVCG 2009), section
4.1, as a silhouette.
"""

from __future__ import annotations

import cv2
import numpy as np

from .lines import BoolArray

# Balls are tried from this radius, px, up to the one asked for, each wider by this factor.
_SMALLEST = 1.5
_GROWTH = 1.5
# A chamber has room for the ball and this much more: else every notch as wide as the ball is one.
_ROOM = 1.15


def trapped(walls: BoolArray, radius: float) -> BoolArray:
    """bool (H, W): the chambers that no ball of up to `radius` px gets into, without walls.

    Args:
        walls: what stops the ball.
        radius: px; gaps of up to twice that are closed.
    """
    away = cv2.distanceTransform((~walls).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    found = np.zeros(walls.shape, np.bool_)
    r = min(_SMALLEST, radius)
    while True:
        found |= _chambers(away, walls | found, r)
        if r >= radius:
            return found
        r = min(r * _GROWTH, radius)


def _chambers(away: np.ndarray, walls: BoolArray, r: float) -> BoolArray:
    count, cores = cv2.connectedComponents((away > r).astype(np.uint8), connectivity=4)
    outer = np.zeros(count, np.bool_)
    for edge in (cores[0], cores[-1], cores[:, 0], cores[:, -1]):
        outer[edge] = True
    outer[0] = False
    reached = outer[cores]
    swept = (
        cv2.distanceTransform((~reached).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE) <= r
    )
    room = (away > _ROOM * r) & ~reached & ~swept
    rest = ~swept & ~walls
    count, parts = cv2.connectedComponents(rest.view(np.uint8), connectivity=4)
    keeps = np.zeros(count, np.bool_)
    keeps[parts[room & rest]] = True
    keeps[0] = False
    return np.asarray(keeps[parts], np.bool_)
