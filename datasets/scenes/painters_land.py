"""Painters of the sky and the land: each takes a thing of its kind and paints it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from . import small
from .clouds import heap, streaks
from .ground import Course, blot, cover_colors, ribbon
from .light import rgb
from .noise import sample, smoothstep
from .painters_water import shore_of
from .scene import Thing
from .sky import DISC
from .studio import Studio
from .terrain import view_range

FloatArray = npt.NDArray[np.float32]


def paint_sky(studio: Studio, thing: Thing) -> None:
    """The sky without clouds."""
    studio.canvas.picture[:] = studio.sky
    studio.canvas.own(thing.id, np.ones(studio.canvas.shape, np.bool_))


def paint_sun(studio: Studio, thing: Thing) -> None:
    """The sun is part of the painted sky; its px become its own."""
    height, width = studio.canvas.shape
    column, row = studio.light.spot
    x = np.arange(width, dtype=np.float32)[None] + 0.5 - column
    y = np.arange(height, dtype=np.float32)[:, None] + 0.5 - row
    disc = x * x + y * y <= (0.5 * DISC * studio.camera.focal) ** 2
    studio.canvas.own(thing.id, disc)


def paint_cloud(studio: Studio, thing: Thing) -> None:
    """A heap of clouds."""
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


def paint_streaks(studio: Studio, thing: Thing) -> None:
    """A sheet of streaks."""
    camera = studio.camera
    layer = streaks(
        0, int(np.ceil(camera.horizon)), camera.width, camera.horizon, thing.more["cover"],
        studio.light, np.random.default_rng(thing.seed),
    )  # fmt: skip
    studio.canvas.put(thing.id, layer.color, layer.alpha, premultiplied=True)


def paint_range(studio: Studio, thing: Thing) -> None:
    """Mountains or hills."""
    view = view_range(
        thing.more["land"], studio.camera, studio.light, studio.sky,
        np.random.default_rng(thing.seed),
    )  # fmt: skip
    studio.canvas.put(thing.id, view.color, view.alpha, 0, view.top)


def paint_ground(studio: Studio, thing: Thing) -> None:
    """The ground, up to the horizon or a shore."""
    rng = np.random.default_rng(thing.seed)
    ground, camera = studio.ground, studio.camera
    cover = str(thing.more["cover"])
    color = cover_colors(cover, ground, camera, studio.light, studio.season, studio.sky, rng)
    wave = sample("soft", ground.x[:1] / (2.5 * ground.x[0, -1]) + 0.5, rng.random())
    alpha = np.clip(ground.rows - camera.horizon - camera.height * (0.007 + 0.004 * wave), 0, 1)
    if "shore" in thing.more:
        shore = shore_of(thing, studio)
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
    tones = light.shade(tones, np.linspace(1.0, 0.55, len(tones)))
    small.draw_tufts(
        studio.canvas.picture, (studio.ground.top, camera.height),
        np.stack([columns, rows], axis=1), tall, tones,
        studio.canvas.owner == thing.id, rng,
    )  # fmt: skip


def paint_path(studio: Studio, thing: Thing) -> None:
    """A road or path."""
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
        color += studio.airs(ground.z) * (studio.far - color)
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


def paint_patch(studio: Studio, thing: Thing) -> None:
    """A bed of flowers, or another ground within the ground."""
    rng = np.random.default_rng(thing.seed)
    ground = studio.ground
    cover = blot(thing.x, thing.z, thing.width, thing.height, ground, rng, 0.22)
    ways = [t.id for t in studio.scene.things if t.kind in ("path", "river")]
    if thing.name != "sand" and ways:  # nothing grows on a way
        cover = cover * ~np.isin(studio.canvas.owner[ground.top :], ways)
    if not (cover > 0).any():
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
        color = color + studio.airs(ground.z) * (studio.far - color)
    else:
        if thing.name == "grass":  # it ends in tufts
            tuft = sample("leafy", ground.x / 9, np.log(ground.z) * 1.6)
            cover = cover * smoothstep(-0.3, 0.5, (cover - 0.5) * 3.0 + 0.5 * tuft)
        color = cover_colors(
            str(thing.more["cover"]), ground, studio.camera, studio.light, studio.season,
            studio.sky, rng,
        )  # fmt: skip
    studio.canvas.put(thing.id, np.asarray(color, np.float32), cover, 0, ground.top)
