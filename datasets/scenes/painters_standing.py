"""Painters of what stands on the ground: plants and rocks as sprites, what is built as models."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from . import buildings, foliage, playground, small
from .church import church
from .foliage import Sprite
from .light import rgb
from .mesh import Model, paint_model
from .noise import sample
from .scene import Thing
from .studio import Studio

SPRITES = ("tree", "bush", "rock", "flower")


def sprite_key(thing: Thing) -> tuple[object, ...]:
    """What things that share a sprite have in common."""
    return (thing.kind, thing.more.get("species"), thing.more.get("leaf"), thing.more.get("fruit"),
            thing.more.get("variant", 0))  # fmt: skip


def _new_sprite(studio: Studio, thing: Thing, tall: int) -> Sprite:
    """Paints a tree, bush, rock or flower at its largest."""
    light, snow = studio.light, studio.season.snow
    rng = np.random.default_rng(thing.more.get("look", thing.seed))
    more = thing.more
    species = more.get("species", "")
    leaf = np.array(rgb(str(more.get("leaf", "#808080"))), np.float32)
    fruit = np.array(rgb(str(more["fruit"])), np.float32) if more.get("fruit") else None
    if thing.kind == "rock":
        return small.rock(tall, thing.width / thing.height, small.stone(rng), light, rng, snow)
    if thing.kind == "flower":
        return small.flower(tall, leaf, str(species), light, rng)
    if thing.kind == "bush":
        return foliage.bush(tall, float(more["aspect"]), leaf, light, rng, snow, fruit)
    if species == "conifer":
        return foliage.conifer(tall, float(more["slim"]), leaf, light, rng, snow)
    if species == "bare":
        return foliage.bare_tree(tall, light, rng, snow)
    if species == "palm":
        return foliage.palm(tall, light, rng)
    return foliage.broadleaf(tall, str(species), leaf, light, rng, snow, fruit)


def paint_sprite(studio: Studio, thing: Thing) -> None:
    """A tree, bush, rock or flower: a sprite, smaller as it is farther."""
    key = sprite_key(thing)
    camera = studio.camera
    tall = max(round(thing.height * camera.scale(thing.z)), 2)
    if key not in studio.sprites:
        studio.sprites[key] = _new_sprite(studio, thing, max(studio.tallest[key], 6))
    sprite = studio.sprites[key]
    flipped = thing.seed % 2 == 1 and thing.kind in ("tree", "bush")
    if flipped or sprite.alpha.shape[0] != tall:
        sprite = sprite.resized(tall, False)
    sprite = sprite.hazed(studio.air(thing.z), studio.far)
    h, w = sprite.alpha.shape
    foot = camera.row(thing.z)
    x = round(camera.column(thing.x, thing.z) - w / 2)
    studio.canvas.put(thing.id, sprite.color, sprite.alpha, x, round(foot - h), premultiplied=True)


def paint_built(studio: Studio, thing: Thing) -> None:
    """What is built: a model of faces and bars."""
    paint_model(
        studio.canvas, thing.id, studio.models[thing.id], studio.camera, studio.light,
        studio.air(thing.z), studio.far,
    )  # fmt: skip
    if thing.kind in ("bridge", "boat"):
        _mirror_below(studio, thing)


def _mirror_below(studio: Studio, thing: Thing) -> None:
    """A bridge or boat upside down in the water before it."""
    canvas, camera = studio.canvas, studio.camera
    foot = round(camera.row(thing.z - (0.5 * thing.width if thing.kind == "bridge" else 0)))
    mask = canvas.masks.get(thing.id)
    waters = [t.id for t in studio.scene.things if t.kind in ("river", "lake", "sea")]
    if mask is None or not waters or foot >= camera.height:
        return
    tall = min(foot - mask.y, camera.height - foot)
    if tall < 2:
        return
    region = canvas.picture[foot : foot + tall]
    below = np.arange(tall, dtype=np.float32)[:, None]
    columns = np.arange(camera.width, dtype=np.float32)[None]
    # Each row of ripples throws it a little to the side, the more the nearer.
    ripple = sample("fine", columns / 900 + 0.3, (foot + below) / (0.35 * camera.height))
    across = columns + ripple * (0.02 * camera.height) * (0.2 + below / tall)
    up = np.broadcast_to(foot - 1 - below * 1.12, across.shape)
    own = (canvas.owner == thing.id).astype(np.float32)
    share = cv2.remap(own, across, np.ascontiguousarray(up), cv2.INTER_LINEAR)
    seen = cv2.remap(canvas.picture, across, np.ascontiguousarray(up), cv2.INTER_LINEAR)
    share *= np.isin(canvas.owner[foot : foot + tall], waters) * (0.65 - 0.35 * below / tall)
    region += share[..., None] * (0.85 * seen - region)


def _house_model(thing: Thing) -> Model:
    more = thing.more
    return buildings.house(
        thing.width, more["depth"], thing.height, more["rise"], more["wall"], more["roof"],
        np.random.default_rng(thing.seed), lit=more["lit"], snow=more["snow"],
        chimney=more["chimney"],
    )  # fmt: skip


def _church_model(thing: Thing) -> Model:
    more = thing.more
    return church(
        thing.width, more["wall"], more["roof"], rgb(more["spire"]), more["turn"],
        np.random.default_rng(thing.seed), lit=more["lit"], snow=more["snow"],
    )  # fmt: skip


def _fence_model(thing: Thing) -> Model:
    more = thing.more
    return buildings.fence(more["course"], thing.height, rgb(more["color"]), more["pickets"])


def _bridge_model(thing: Thing) -> Model:
    more = thing.more
    return buildings.bridge(
        more["span"], thing.width, thing.height, more["arches"], more["color"],
        np.random.default_rng(thing.seed),
    )  # fmt: skip


def _slide_model(thing: Thing) -> Model:
    more = thing.more
    return playground.slide(thing.height, more["chute"], more["frame"], more["roof"])


def _swing_model(thing: Thing) -> Model:
    more = thing.more
    return playground.swing(
        thing.height, more["seats"], more["frame"], more["seat"], np.random.default_rng(thing.seed)
    )


def _boat_model(thing: Thing) -> Model:
    return playground.boat(thing.width, thing.more["hull"], thing.more["sail"])


def _bench_model(thing: Thing) -> Model:
    return playground.bench(thing.width, thing.more["color"])


BUILT: dict[str, Callable[[Thing], Model]] = {
    "house": _house_model,
    "church": _church_model,
    "fence": _fence_model,
    "bridge": _bridge_model,
    "slide": _slide_model,
    "swing": _swing_model,
    "bench": _bench_model,
    "boat": _boat_model,
}
