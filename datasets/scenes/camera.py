"""Where the painter stands: a level pinhole camera above flat ground.

World coordinates are metres: X to the right, Y up from the ground, Z into the picture.
A level camera keeps verticals vertical and gives the ground a simple rule: the row of a
point on it says how far away it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Camera:
    """A level camera.

    Args:
        width, height: of the picture, px.
        horizon: row of the horizon, px from the top.
        focal: px that one metre takes at one metre's distance.
        eye: height of the eye above the ground, m.
    """

    width: int
    height: int
    horizon: float
    focal: float
    eye: float

    @property
    def nearest(self) -> float:
        """Distance of the ground at the picture's lower edge, m."""
        return self.distance(self.height)

    def distance(self, row: float) -> float:
        """How far away the ground is at a row below the horizon, m."""
        return self.focal * self.eye / max(row - self.horizon, 1e-3)

    def row(self, z: float) -> float:
        """The row of the ground at distance z, px."""
        return self.horizon + self.focal * self.eye / z

    def scale(self, z: float) -> float:
        """Px of one metre at distance z."""
        return self.focal / z

    def x_at(self, column: float, z: float) -> float:
        """World X of a column at distance z."""
        return (column - self.width / 2) * z / self.focal

    def column(self, x: float, z: float) -> float:
        """Column of a world X at distance z."""
        return self.width / 2 + self.focal * x / z

    def project(self, points: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """World points (..., 3) as px (..., 2); what is nearer than 0.1 m is pushed there."""
        p = np.asarray(points, np.float64)
        scale = self.focal / np.maximum(p[..., 2], 0.1)
        return np.stack(
            [self.width / 2 + p[..., 0] * scale, self.horizon + (self.eye - p[..., 1]) * scale],
            axis=-1,
        )

    def ground(self, top: int, bottom: int) -> tuple[FloatArray, FloatArray]:
        """World X (rows, width) and Z (rows, 1) of the ground at rows top to bottom - 1."""
        rows = np.arange(top, bottom, dtype=np.float32) + 0.5
        z = (self.focal * self.eye / np.maximum(rows - self.horizon, 0.25))[:, None]
        columns = np.arange(self.width, dtype=np.float32)[None] + 0.5
        return (columns - self.width / 2) * z / self.focal, z
