"""`Studio`: what the painters of one scene share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .camera import Camera
from .canvas import Canvas
from .foliage import Sprite
from .ground import Ground
from .light import Light, Season
from .mesh import Model
from .scene import Scene, Thing

FloatArray = npt.NDArray[np.float32]

# However far, what stands on the ground keeps this much less than all of the air.
MOST_AIR = 0.8
# Near the ground the air is thicker: its clear distance is this share of the mood's.
GROUND_CLEAR = 0.35


@dataclass(frozen=True, slots=True)
class Studio:
    """What painters share while one scene is painted.

    Args:
        scene, camera, light, season: what is painted, and how it is lit.
        sky: float32 (H, W, 3), the sky without clouds, over the whole picture.
        ground: where each px of the ground is.
        canvas: the picture, which changes under the brush.
        models: of the things that are built, placed, by id.
        sprites: of plants and rocks, painted once each.
        tallest: how tall each of them is needed, px.
    """

    scene: Scene
    camera: Camera
    light: Light
    season: Season
    sky: FloatArray
    ground: Ground
    canvas: Canvas
    models: dict[int, Model]
    sprites: dict[tuple[object, ...], Sprite] = field(default_factory=dict)
    tallest: dict[tuple[object, ...], int] = field(default_factory=dict)

    @property
    def far(self) -> FloatArray:
        """What the air adds to what stands on the ground."""
        row = min(max(int(self.camera.horizon) - 2, 0), self.camera.height - 1)
        return np.asarray(0.5 * self.light.haze + 0.5 * self.sky[row].mean(axis=0), np.float32)

    def air(self, z: float) -> float:
        """Share of colour that the air takes of things at z."""
        clear = GROUND_CLEAR * self.light.mood.clear
        return MOST_AIR * float(1 - np.exp(-max(z - 10, 0) / clear))

    def airs(self, z: FloatArray) -> FloatArray:
        """The same of ground at z, for colours (..., 3)."""
        return np.asarray(MOST_AIR * (1 - np.exp(-z / (GROUND_CLEAR * self.light.mood.clear))))[
            ..., None
        ]


Painter = Callable[[Studio, Thing], None]
