"""Painting a scene: every thing by its painter, from the back to the front, then the varnish.

`paint_scene` gives the picture and, from the same strokes of the brush, whose every px is.
Nothing here chooses what a scene shows: that is layout.py. Randomness comes from the
seeds that the things carry, so a thing looks the same whatever stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from . import painters_land as land
from . import painters_water as water
from .canvas import Canvas, Mask
from .ground import Ground
from .light import SEASONS, light_of
from .mesh import Model
from .painters_standing import BUILT, SPRITES, paint_built, paint_sprite, sprite_key
from .scene import Scene
from .shadows import cast_shadows
from .sky import sky_colors
from .studio import Painter, Studio
from .varnish import varnish

UInt8Array = npt.NDArray[np.uint8]

PAINTERS: dict[str, Painter] = {
    "sky": land.paint_sky,
    "sun": land.paint_sun,
    "cloud": land.paint_cloud,
    "streaks": land.paint_streaks,
    "range": land.paint_range,
    "ground": land.paint_ground,
    "path": land.paint_path,
    "patch": land.paint_patch,
    "sea": water.paint_sea,
    "lake": water.paint_lake,
    "river": water.paint_river,
    **dict.fromkeys(SPRITES, paint_sprite),
    **dict.fromkeys(BUILT, paint_built),
}
# Kinds that are painted after the shadows have fallen.
STANDING = (*BUILT, *SPRITES, "lake")


@dataclass(frozen=True, slots=True)
class Painting:
    """A painted scene.

    Args:
        scene: what was painted.
        picture: uint8 (H, W, 3), red, green, blue.
        owner: uint8 (H, W), the id of the thing that each px shows.
        masks: where each thing is, hidden parts included, by id; what is nowhere is left out.
        models: faces, bars and lines of the things that are built, by id.
    """

    scene: Scene
    picture: UInt8Array
    owner: UInt8Array
    masks: dict[int, Mask]
    models: dict[int, Model]


def paint_scene(scene: Scene) -> Painting:
    """Paints a scene. Equal scenes give equal paintings, byte for byte."""
    camera = scene.camera
    light = light_of(
        scene.mood, camera, scene.sun, scene.sun_in_view, np.random.default_rng(scene.seed)
    )
    sky = sky_colors(camera, light, np.random.default_rng(scene.seed + 1))
    studio = Studio(
        scene, camera, light, SEASONS[scene.season], sky, Ground.of(camera),
        Canvas(camera.height, camera.width),
        {t.id: BUILT[t.kind](t).placed(t.x, t.z, t.more.get("turn", 0.0))
         for t in scene.things if t.kind in BUILT},
    )  # fmt: skip
    for thing in scene.things:
        if thing.kind in SPRITES:
            key = sprite_key(thing)
            tall = round(thing.height * camera.scale(thing.z))
            studio.tallest[key] = max(studio.tallest.get(key, 0), tall)
    shaded = False
    for thing in scene.things:
        if thing.kind in STANDING and not shaded:  # the ground is done; now its shadows
            cast_shadows(studio)
            shaded = True
        PAINTERS[thing.kind](studio, thing)
    picture = varnish(studio)
    return Painting(scene, picture, studio.canvas.owner, studio.canvas.masks, studio.models)
