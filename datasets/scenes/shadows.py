"""Shadows on the ground: what stands is thrown along the light, softened, and laid over it."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from .mesh import throw_shadow, thrown
from .painters_standing import BUILT
from .studio import Studio

UInt8Array = npt.NDArray[np.uint8]

# Breadth of a tree's shadow over its height.
_CROWNS = {"wide": 1.15, "round": 0.8, "birch": 0.5, "tall": 0.3, "conifer": 0.4, "bare": 0.7,
           "palm": 0.6}  # fmt: skip


def cast_shadows(studio: Studio) -> None:
    """The shadows of all that stands, on the ground painted so far."""
    camera, light = studio.camera, studio.light
    shadow = np.zeros(studio.canvas.shape, np.uint8)
    for thing in studio.scene.things:
        if thing.kind in BUILT and thing.kind != "boat":  # it floats; water shows no shadow
            throw_shadow(shadow, studio.models[thing.id], camera, light)
    _throw_sprites(shadow, studio)
    top = studio.ground.top
    soft = cv2.GaussianBlur(shadow[top:], (0, 0), max(0.004 * camera.height, 0.5))
    amount = soft.astype(np.float32) / 255
    full = light.ambient + 0.85 * light.sun
    dark = light.ambient * np.array([0.94, 0.98, 1.06], np.float32) / full
    near = 1 - 0.5 * np.clip(studio.ground.z / (0.2 * light.mood.clear), 0, 1)
    region = studio.canvas.picture[top:]
    region *= 1 - (0.85 * amount * near)[..., None] * (1 - dark)


def _throw_sprites(shadow: UInt8Array, studio: Studio) -> None:
    """A tree's shadow is that of a ball on a stick, a bush's or rock's that of a dome."""
    things = [t for t in studio.scene.things if t.kind in ("tree", "bush", "rock")]
    if not things:
        return
    tree = np.array([t.kind == "tree" for t in things])
    x, z, height = np.array([(t.x, t.z, t.height) for t in things]).T
    crown = np.array([_CROWNS.get(str(t.more.get("species")), 0.8) for t in things])
    r = 0.5 * np.where(tree, height * crown, [max(t.width, t.height) for t in things])
    middle = np.where(tree, 0.62, 0.35) * height
    up = np.where(tree, 0.38, 0.5) * height
    turn = np.linspace(0, 2 * np.pi, 14, endpoint=False)
    cos, sin = np.cos(turn), np.sin(turn)
    shapes = np.zeros((len(things), 3, 14, 3))
    shapes[..., 0], shapes[..., 2] = x[:, None, None], z[:, None, None]
    shapes[:, :2, :, 1] = (middle[:, None] + up[:, None] * sin)[:, None]
    shapes[:, 0, :, 0] += r[:, None] * cos
    shapes[:, 1, :, 2] += 0.8 * r[:, None] * cos
    # Where a bush or rock meets the ground, it is dark all around.
    low = r[:, None] * ~tree[:, None]
    shapes[:, 2, :, 0] += low * cos
    shapes[:, 2, :, 2] += 0.22 * low * sin
    stick = 0.02 * height * tree
    shapes[:, 2, :, 0] += stick[:, None] * np.where(sin > 0, 1.0, -1.0)
    shapes[:, 2, :, 1] = (middle * tree)[:, None] * (cos > 0)
    # Round the stick, not across it.
    around = np.argsort(np.arctan2(cos > 0, sin > 0), kind="stable")
    shapes[tree, 2] = shapes[tree, 2][:, around]
    shapes[..., 1] = np.maximum(shapes[..., 1], 0)
    at = np.clip(
        np.round((thrown(shapes, studio.light, studio.camera) - 0.5) * 32), -(2**26), 2**26
    )
    bare = [t.more.get("species") == "bare" for t in things]
    rings = at.astype(np.int32)
    for thing in np.argsort(~np.array(bare), kind="stable"):
        for part, ring in enumerate(rings[thing]):
            # Light falls through bare branches.
            dark = 90 if bare[thing] and part < 2 else 255
            cv2.fillPoly(shadow, [ring], dark, cv2.LINE_AA, 5)
