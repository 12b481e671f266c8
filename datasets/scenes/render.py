"""Painting a scene: every thing by its painter, from the back to the front, then the varnish.

`paint_scene` gives the picture and, from the same strokes of the brush, whose every px is.
Nothing here chooses what a scene shows: that is layout.py. Randomness comes from the
seeds that the things carry, so a thing looks the same whatever stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from . import buildings, foliage, playground, small, water
from .camera import Camera
from .canvas import Canvas, Mask
from .clouds import heap, streaks
from .foliage import Sprite
from .ground import Course, Ground, blot, cover_colors, ribbon
from .light import SEASONS, Light, Season, light_of, rgb
from .mesh import Model, paint_model, throw_shadow, thrown
from .noise import sample, smoothstep
from .scene import Scene, Thing
from .sky import DISC, gradient, sky_colors
from .terrain import view_range

FloatArray = npt.NDArray[np.float32]
UInt8Array = npt.NDArray[np.uint8]


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


@dataclass
class Studio:
    """What painters share while one scene is painted."""

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
    shaded: bool = False

    @property
    def far(self) -> FloatArray:
        """What the air adds to what stands on the ground."""
        row = min(max(int(self.camera.horizon) - 2, 0), self.camera.height - 1)
        return np.asarray(0.5 * self.light.haze + 0.5 * self.sky[row].mean(axis=0), np.float32)

    def air(self, z: float) -> float:
        """Share of colour that the air takes of things at z."""
        return 0.8 * float(1 - np.exp(-max(z - 10, 0) / (0.35 * self.light.mood.clear)))


# Strength of the paper's grain and of the darker corners of the finished picture.
GRAIN, VIGNETTE = 0.007, 0.09

Painter = Callable[[Studio, Thing], None]


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
            key = _sprite_key(thing)
            tall = round(thing.height * camera.scale(thing.z))
            studio.tallest[key] = max(studio.tallest.get(key, 0), tall)
    for thing in scene.things:
        if thing.kind in STANDING and not studio.shaded:
            _cast_shadows(studio)
        PAINTERS[thing.kind](studio, thing)
    picture = _varnish(studio)
    return Painting(scene, picture, studio.canvas.owner, studio.canvas.masks, studio.models)


# --- the sky and the land ----------------------------------------------------------


def _sky(studio: Studio, thing: Thing) -> None:
    studio.canvas.picture[:] = studio.sky
    studio.canvas.own(thing.id, np.ones(studio.canvas.shape, np.bool_))


def _sun(studio: Studio, thing: Thing) -> None:
    """The sun is part of the painted sky; its px become its own."""
    height, width = studio.canvas.shape
    column, row = studio.light.spot
    x = np.arange(width, dtype=np.float32)[None] + 0.5 - column
    y = np.arange(height, dtype=np.float32)[:, None] + 0.5 - row
    disc = x * x + y * y <= (0.5 * DISC * studio.camera.focal) ** 2
    studio.canvas.own(thing.id, disc)


def _cloud(studio: Studio, thing: Thing) -> None:
    camera, rng = studio.camera, np.random.default_rng(thing.seed)
    layer = heap(
        thing.x * camera.width, thing.more["floor"] * camera.horizon, thing.width * camera.width,
        thing.height * camera.width, studio.light, rng,
    )  # fmt: skip
    # Far clouds, low in the sky, sink into the air.
    air = 0.55 * float(thing.more["floor"]) ** 3
    row = min(max(int(camera.horizon * 0.9), 0), camera.height - 1)
    tone = studio.sky[row].mean(axis=0)
    color = layer.color * (1 - air) + (air * tone) * layer.alpha[..., None]
    studio.canvas.put(thing.id, color, layer.alpha, layer.x, layer.y, premultiplied=True)


def _streaks(studio: Studio, thing: Thing) -> None:
    camera = studio.camera
    layer = streaks(
        0, int(np.ceil(camera.horizon)), camera.width, camera.horizon, thing.more["cover"],
        studio.light, np.random.default_rng(thing.seed),
    )  # fmt: skip
    studio.canvas.put(thing.id, layer.color, layer.alpha, premultiplied=True)


def _range(studio: Studio, thing: Thing) -> None:
    view = view_range(
        thing.more["land"], studio.camera, studio.light, studio.sky,
        np.random.default_rng(thing.seed),
    )  # fmt: skip
    studio.canvas.put(thing.id, view.color, view.alpha, 0, view.top)


def _ground(studio: Studio, thing: Thing) -> None:
    rng = np.random.default_rng(thing.seed)
    ground, camera = studio.ground, studio.camera
    cover = str(thing.more["cover"])
    color = cover_colors(cover, ground, camera, studio.light, studio.season, studio.sky, rng)
    alpha = np.ones(color.shape[:2], np.float32)
    if "shore" in thing.more:
        shore = _shore(thing, studio)
        alpha = np.clip(ground.rows - shore + 0.5, 0, 1)
        # Wet sand is darker, and shines.
        wet = smoothstep(0.11 * camera.height, 0.0, ground.rows - shore)[..., None]
        shine = 0.35 * studio.sky[int(0.75 * camera.horizon)][None]
        color = color * (1 - 0.42 * wet) + 0.30 * wet * shine
    studio.canvas.put(thing.id, color, alpha, 0, ground.top)
    if cover in ("grass", "snow"):
        _tufts(studio, thing, cover, rng)


def _tufts(studio: Studio, thing: Thing, cover: str, rng: np.random.Generator) -> None:
    """Single blades over the nearer ground: many on a meadow, few dry ones through snow."""
    camera, light = studio.camera, studio.light
    area = camera.width * (camera.height - studio.ground.top) / 256**2
    n = int((1500 if cover == "grass" else 45) * area * (256 / camera.height) ** 0.5 + 1)
    near = rng.random(n) ** 0.8
    rows = np.sort(studio.ground.top + (0.12 + 0.90 * near) * (camera.height - studio.ground.top))
    columns = rng.uniform(0, camera.width, n)
    clump = sample("cloudy", columns[None] / 420, rows[None] / 160)[0]
    keep = clump > rng.uniform(-0.9, 1.6, n)
    rows, columns = rows[keep], columns[keep]
    z = camera.focal * camera.eye / (rows - camera.horizon)
    tall = np.clip(0.20 * camera.focal / z, 1.2, 0.06 * camera.height)
    if cover == "snow":
        tall = tall * 1.2
        tones = light.shade(np.array([rgb("#a8946e"), rgb("#8c7a60")], np.float32), 0.6)
    else:
        pale, usual, deep = (np.array(rgb(t), np.float32) for t in studio.season.grass)
        tones = np.stack([0.5 * (pale + usual), usual, 0.5 * (usual + deep), deep])
    tones = light.shade(tones, np.linspace(0.95, 0.45, len(tones)))
    small.draw_tufts(
        studio.canvas.picture, (studio.ground.top, camera.height),
        np.stack([columns, rows], axis=1), tall, tones,
        studio.canvas.owner == thing.id, rng,
    )  # fmt: skip


def _path(studio: Studio, thing: Thing) -> None:
    rng = np.random.default_rng(thing.seed)
    ground, camera, light = studio.ground, studio.camera, studio.light
    course: Course = thing.more["course"]
    paved = thing.name == "road"
    alpha, across = ribbon(course, ground, camera, 0.0 if paved else 0.16, rng)
    if paved:
        grain = sample("fine", ground.x / 6, np.log(ground.z) * 1.5)
        broad = sample("cloudy", ground.x / 30, ground.z / 60)
        base = np.array(rgb("#77757a"), np.float32)
        near = np.clip(ground.px / (0.2 * camera.height), 0.1, 1)
        color = base * (1 + 0.05 * grain * near + 0.05 * broad)[..., None]
        line = smoothstep(0.035, 0.02, np.abs(across)) * (np.sin(ground.z * 0.9) > -0.1)
        rim = smoothstep(0.025, 0.01, np.abs(np.abs(across) - 0.90))
        paint = np.maximum(line, rim)[..., None]
        color += paint * (np.array([0.88, 0.87, 0.82], np.float32) - color)
        color = light.shade(color, 0.85 * np.ones_like(alpha))
        air = 0.8 * (1 - np.exp(-ground.z / (0.35 * light.mood.clear)))[..., None]
        color += air * (studio.far - color)
    else:
        color = cover_colors(
            str(thing.more.get("cover", "dirt")), ground, camera, light, studio.season,
            studio.sky, rng,
        )  # fmt: skip
        # Ruts and a worn middle.
        rut = smoothstep(0.28, 0.1, np.abs(np.abs(across) - 0.45))
        color *= (1 - 0.10 * rut)[..., None]
    if studio.season.snow:
        drift = smoothstep(0.35, 0.8, np.abs(across) + 0.2 * sample(
            "cloudy", ground.x / 25, ground.z / 25))[..., None] * 0.8  # fmt: skip
        color += drift * (light.shade(np.array([0.95, 0.96, 0.98], np.float32), 0.8) - color)
    studio.canvas.put(thing.id, np.asarray(color, np.float32), alpha, 0, ground.top)


def _patch(studio: Studio, thing: Thing) -> None:
    rng = np.random.default_rng(thing.seed)
    ground = studio.ground
    cover = blot(thing.x, thing.z, thing.width, thing.height, ground, rng, 0.22)
    rows = np.flatnonzero((cover > 0).any(axis=1))
    if not len(rows):
        return
    if thing.name == "flower":
        colors = np.array([rgb(c) for c in thing.more["colors"]], np.float32)
        color, cover = small.bed(
            cover,
            ground.x,
            ground.z,
            ground.px,
            colors,
            rgb(studio.season.grass[2]),
            studio.light,
            rng,
        )
        air = 0.8 * (1 - np.exp(-ground.z / (0.35 * studio.light.mood.clear)))[..., None]
        color = color + air * (studio.far - color)
    else:
        color = cover_colors(
            str(thing.more["cover"]), ground, studio.camera, studio.light, studio.season,
            studio.sky, rng,
        )  # fmt: skip
    studio.canvas.put(thing.id, np.asarray(color, np.float32), cover, 0, ground.top)


# --- water -------------------------------------------------------------------------


def _shore(thing: Thing, studio: Studio) -> FloatArray:
    """Row of a sea's near shore at every column, (1, W)."""
    camera = studio.camera
    row, slant, wave, phase = thing.more["shore"]
    t = (np.arange(camera.width, dtype=np.float32)[None] + 0.5) / camera.width
    below = camera.height - camera.horizon
    bend = (
        slant * (t - 0.5)
        + wave * np.sin(phase + 4.2 * t)
        + 0.3 * wave * np.sin(9.1 * t + 2 * phase)
    )
    return np.asarray(camera.horizon + below * np.clip(row + bend, 0.12, 0.97), np.float32)


def _sea(studio: Studio, thing: Thing) -> None:
    rng = np.random.default_rng(thing.seed)
    camera, ground = studio.camera, studio.ground
    shore = _shore(thing, studio)
    color = water.water_colors(
        studio.canvas.picture, camera.horizon, ground, camera, studio.light, water.SEA,
        thing.more["waves"], rng,
    )  # fmt: skip
    color = water.surf(color, shore, ground, camera, studio.light, rng)
    air = 0.45 * (1 - np.exp(-ground.z / (0.6 * studio.light.mood.clear)))[..., None]
    color = color + air * (studio.far - color)
    alpha = np.clip(ground.rows - camera.horizon + 0.5, 0, 1) * np.ones_like(ground.x)
    studio.canvas.put(thing.id, color, alpha, 0, ground.top)


def _lake(studio: Studio, thing: Thing) -> None:
    rng = np.random.default_rng(thing.seed)
    camera, ground = studio.camera, studio.ground
    far, near = camera.row(thing.z), camera.row(thing.more["near"])
    t = (np.arange(camera.width, dtype=np.float32)[None] + 0.5) / camera.width
    bulge = np.clip(1 - ((t - thing.x) / (thing.width / 2)) ** 4, 0, 1) ** 0.7
    wander = sample("cloudy", t * 0.05 + rng.random(), rng.random())
    other = sample("cloudy", t * 0.09 + rng.random(), rng.random())
    deep = near - far
    top = far + deep * (0.16 * (1 - bulge) + 0.03 * other)
    low = far + deep * (0.16 * (1 - bulge) + np.clip(bulge * (0.66 + 0.17 * wander), 0, 0.95))
    color = water.water_colors(
        studio.canvas.picture, top.mean(), ground, camera, studio.light, water.LAKE,
        thing.more["waves"], rng,
    )  # fmt: skip
    edge = np.minimum(ground.rows - top, low - ground.rows)
    # The bank's dark line, and the shade of what grows on it.
    bank = smoothstep(0.03 * camera.height, 0.0, ground.rows - top)[..., None]
    color = color * (1 - 0.30 * bank)
    alpha = np.clip(edge + 0.5, 0, 1)
    _bank(studio, smoothstep(-2.2 * camera.height / 256, 0.0, edge), alpha)
    studio.canvas.put(thing.id, color, alpha, 0, ground.top)


def _river(studio: Studio, thing: Thing) -> None:
    rng = np.random.default_rng(thing.seed)
    camera, ground = studio.camera, studio.ground
    alpha, across = ribbon(thing.more["course"], ground, camera, 0.20, rng)
    color = water.water_colors(
        studio.canvas.picture, camera.horizon, ground, camera, studio.light, water.RIVER,
        thing.more["waves"], rng,
    )  # fmt: skip
    shade = smoothstep(0.72, 1.05, np.abs(across))[..., None]
    color = color * (1 - 0.35 * shade)
    rim = smoothstep(1.28, 1.0, np.abs(across)) * (ground.rows > thing.more["course"].end)
    _bank(studio, np.asarray(rim, np.float32), alpha)
    studio.canvas.put(thing.id, color, alpha, 0, ground.top)


def _bank(studio: Studio, rim: FloatArray, water_alpha: FloatArray) -> None:
    """Darkens the ground along a shore, in place."""
    region = studio.canvas.picture[studio.ground.top :]
    region *= (1 - 0.32 * rim * (1 - water_alpha))[..., None]


# --- what stands -------------------------------------------------------------------


def _sprite_key(thing: Thing) -> tuple[object, ...]:
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


def _sprite(studio: Studio, thing: Thing) -> None:
    key = _sprite_key(thing)
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


def _built(studio: Studio, thing: Thing) -> None:
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
    rows = slice(foot, foot + tall)
    above = canvas.picture[foot - tall : foot][::-1]
    own = (canvas.owner[foot - tall : foot] == thing.id)[::-1].astype(np.float32)
    water_px = np.isin(canvas.owner[rows], waters)
    share = cv2.blur(own, (3, 3)) * water_px * 0.6
    canvas.picture[rows] += share[..., None] * (
        cv2.blur(above, (3, 1)) * 0.85 - canvas.picture[rows]
    )


def _cast_shadows(studio: Studio) -> None:
    """The shadows of all that stands, on the ground painted so far."""
    studio.shaded = True
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


# Breadth of a tree's shadow over its height.
_CROWNS = {"wide": 1.15, "round": 0.8, "birch": 0.5, "tall": 0.3, "conifer": 0.4, "bare": 0.5,
           "palm": 0.6}  # fmt: skip


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
    stick = 0.02 * height * tree
    shapes[:, 2, :, 0] += stick[:, None] * np.where(sin > 0, 1.0, -1.0)
    shapes[:, 2, :, 1] = middle[:, None] * (cos > 0)
    # Round the stick, not across it.
    shapes[:, 2] = shapes[:, 2, np.argsort(np.arctan2(cos > 0, sin > 0), kind="stable")]
    shapes[..., 1] = np.maximum(shapes[..., 1], 0)
    at = np.clip(np.round((thrown(shapes, studio.light, studio.camera) - 0.5) * 32), -(2**26), 2**26)
    for ring in at.astype(np.int32).reshape(-1, 14, 2):
        cv2.fillPoly(shadow, [ring], 255, cv2.LINE_AA, 5)


# --- models ------------------------------------------------------------------------


def _house_model(thing: Thing) -> Model:
    more = thing.more
    return buildings.house(
        thing.width, more["depth"], thing.height, more["rise"], more["wall"], more["roof"],
        np.random.default_rng(thing.seed), lit=more["lit"], snow=more["snow"],
        chimney=more["chimney"],
    )  # fmt: skip


def _fence_model(thing: Thing) -> Model:
    more = thing.more
    return buildings.fence(more["course"], thing.height, rgb(more["color"]), more["pickets"])


def _bridge_model(thing: Thing) -> Model:
    more = thing.more
    return buildings.bridge(more["span"], thing.width, thing.height, more["arches"], more["color"])


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
    "fence": _fence_model,
    "bridge": _bridge_model,
    "slide": _slide_model,
    "swing": _swing_model,
    "bench": _bench_model,
    "boat": _boat_model,
}
SPRITES = ("tree", "bush", "rock", "flower")
STANDING = (*BUILT, *SPRITES, "lake")
PAINTERS: dict[str, Painter] = {
    "sky": _sky,
    "sun": _sun,
    "cloud": _cloud,
    "streaks": _streaks,
    "range": _range,
    "ground": _ground,
    "path": _path,
    "patch": _patch,
    "sea": _sea,
    "lake": _lake,
    "river": _river,
    **dict.fromkeys(SPRITES, _sprite),
    **dict.fromkeys(BUILT, _built),
}


# --- the varnish -------------------------------------------------------------------


def _varnish(studio: Studio) -> UInt8Array:
    """The finished picture: glow, tints of darks and brights, a soft shoulder, grain of paper."""
    light = studio.light
    picture = studio.canvas.picture
    height, width = studio.canvas.shape
    if light.visible:  # the sun dazzles
        columns = (np.arange(width, dtype=np.float32) - light.spot[0])[None] / height
        rows = (np.arange(height, dtype=np.float32) - light.spot[1])[:, None] / height
        veil = np.exp(-(columns**2) / 0.10) * np.exp(-(rows**2) / 0.10)
        veil = (veil * (0.08 if light.mood.night else 0.13))[..., None]
        picture = picture * (1 - 0.6 * veil) + veil * light.glow
    value = np.clip(cv2.transform(picture, np.array([[0.3, 0.55, 0.15]], np.float32)), 0, 1)
    dark = 0.9 * np.array(rgb(light.mood.shadows), np.float32)
    bright = 0.9 * np.array(rgb(light.mood.lights), np.float32)
    # What the value adds is a curve for each channel: looked up, as a gradient is.
    steps = np.linspace(0, 1, 65, dtype=np.float32)[:, None]
    curve = (1 - steps) ** 2 * dark + steps**2 * bright + (1 - light.mood.saturation) * steps
    toned = gradient(curve, value)
    toned += light.mood.saturation * picture
    # Film's shoulder: brights bend over instead of breaking off.
    over = np.maximum(toned - 0.8, 0)
    rest = over + 0.25
    over *= over
    over /= rest
    toned -= over
    x = np.linspace(-1, 1, width, dtype=np.float32)[None]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    grain = sample(
        "fine", np.arange(width, dtype=np.float32)[None] / 640,
        np.arange(height, dtype=np.float32)[:, None] / 640,
    )  # fmt: skip
    finish = GRAIN * grain
    finish += 1
    finish *= 255 * (1 - VIGNETTE * np.maximum(x * x + y * y - 0.5, 0))
    toned *= finish[..., None]
    return np.asarray(cv2.convertScaleAbs(np.maximum(toned, 0)), np.uint8)
