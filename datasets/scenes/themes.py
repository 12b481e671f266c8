"""The four themes: what a landscape, a seaside, the edge of a town and a playground hold."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .buildings import STONE
from .composer import Composer
from .ground import Course
from .light import rgb
from .playground import PAINTS, WOOD


def _landscape(c: Composer) -> None:
    c.choose_trees()
    c.sky()
    mountains = c.chance(0.72)
    if mountains:
        c.mountains(c.between(0.16, 0.34))
    if c.chance(0.75) or not mountains:
        c.hills(500, 1500, c.between(0.05, 0.11))
    if c.chance(0.6):
        c.hills(160, 480, c.between(0.02, 0.06))
    c.meadow()
    feature = c.pick(("lake", "lake", "lake", "river", "river", "river", "path", "path", "meadow"))
    if feature == "river":
        course = c.river(c.between(5, 9), c.between(0.02, 0.08))
        if c.chance(0.65):
            _bridge_over(c, course)
    elif feature == "path":
        c.way("dirt", c.between(1.6, 2.6), c.between(0.03, 0.12))
    elif feature == "lake":
        c.add_lake()
    c.flower_beds(int(c.rng.integers(0, 6)), (8, 40))
    if c.chance(0.12):
        _church(c, (50, 100))
    if c.chance(0.35):
        z = c.between(35, 70)
        x = c.spot(c.pick((c.between(0.2, 0.4), c.between(0.6, 0.8))), z)
        if c.free(x, z, 7):
            c.house(x, z, c.between(-0.6, 0.6))
    if c.chance(0.75):
        gap = c.between(0.1, 0.6)
        c.wood_edge(c.between(75, 150), c.between(6, 10), (gap, gap + c.between(0.15, 0.4)))
    for _ in range(int(c.rng.integers(1, 4))):
        c.grove(c.between(0, 1), c.between(35, 80), c.between(0.04, 0.12),
                int(c.rng.integers(3, 9)), c.between(6, 10))  # fmt: skip
    if c.chance(0.6):
        z = c.between(13, 20)
        side = c.pick((c.between(0.02, 0.17), c.between(0.83, 0.98)))
        x = c.spot(side, z)
        if c.free(x, z, 0.8):
            c.tree(x, z, c.between(6.5, 10))
    c.bushes(int(c.rng.integers(0, 7)), (14, 60), (0.8, 2.0))
    if c.chance(0.55):
        c.rocks(int(c.rng.integers(2, 8)), (9, 35), (0.5, 1.6))
    if c.chance(0.25):
        c.fence_across(c.between(14, 30), -0.1, 1.1, pickets=False)
    if c.chance(0.35):
        c.flowers_near(int(c.rng.integers(3, 10)))
    if c.chance(0.4):
        c.corner()


def _church(c: Composer, far: tuple[float, float]) -> None:
    """A church where there is room for one."""
    for _ in range(8):
        z = c.between(*far)
        x = c.spot(c.pick((c.between(0.15, 0.42), c.between(0.58, 0.85))), z)
        if c.free(x, z, 8):
            c.church(x, z, c.pick((-1, 1)) * c.between(0.1, 0.6))
            return


def _bridge_over(c: Composer, course: Course) -> None:
    camera = c.camera
    z = c.between(20, 38)
    row = camera.row(z)
    if row < course.end + 4:
        return
    x = camera.x_at(float(course.column(row, camera)), z)
    span = course.width * 1.15
    c.stand("bridge", "bridge", x=x, z=z, width=c.between(2.5, 4), height=c.between(2.2, 3.4),
            more={"span": span, "arches": int(c.rng.integers(1, 4)) if span > 7 else 1,
                  "color": STONE})  # fmt: skip
    c.take(x, z, 0.7 * span)


def _seaside(c: Composer) -> None:
    warm = not c.season.snow and c.chance(0.55)
    c.choose_trees(palms=warm)
    c.sky()
    if c.chance(0.3):
        c.mountains(c.between(0.08, 0.18))
    if c.chance(0.55):
        c.hills(500, 1600, c.between(0.03, 0.09))
    level = c.between(0.32, 0.66)
    c.shore = (level, c.between(-0.45, 0.45) * min(level, 1 - level) * 1.6, c.between(0.02, 0.08),
               c.between(0, 6.28))  # fmt: skip
    c.flat("sea", "sea", more={"shore": c.shore, "waves": c.between(0.25, 0.9)})
    c.flat("sand", "ground", more={"cover": "sand", "shore": c.shore})
    if c.chance(0.5):
        side = c.pick((-0.05, 1.05))
        z = c.camera.nearest * c.between(1.0, 1.3)
        c.flat("grass" if not c.season.snow else "snow", "patch", x=c.spot(side, z), z=z,
               width=z * c.between(0.6, 1.0), height=z * c.between(0.5, 0.9),
               more={"cover": "grass" if not c.season.snow else "snow"})  # fmt: skip
    nearest = c.camera.nearest
    for _ in range(int(c.rng.integers(0, 4)) if c.chance(0.7) else 0):
        _boat(c)
    c.rocks(int(c.rng.integers(0, 10)), (nearest * 1.05, nearest * 3), (0.4, 1.4))
    for _ in range(int(c.rng.integers(0, 3))):
        _sea_rock(c)
    if c.chance(0.7):
        side = c.pick((0.0, 1.0))
        for _ in range(int(c.rng.integers(1, 5))):
            z = nearest * c.between(1.1, 2.4)
            x = c.spot(side + (0.16 if side < 0.5 else -0.16) * c.between(-0.4, 1.2), z)
            if c.free(x, z, 0.4):
                c.tree(x, z, c.between(5, 8) * (0.8 if warm else 0.9))
    c.bushes(int(c.rng.integers(0, 5)), (nearest * 1.1, nearest * 2.5), (0.5, 1.2))
    if c.chance(0.25):
        c.fence_across(nearest * c.between(1.3, 2.2), -0.1, c.between(0.3, 0.6), pickets=False)
    if c.chance(0.25):
        z = nearest * c.between(1.25, 1.8)
        x = c.spot(c.between(0.25, 0.75), z)
        if c.free(x, z, 0.8):
            c.stand("bench", "bench", x=x, z=z, width=1.7, more={"color": WOOD, "turn": 3.14})


def _sea_rock(c: Composer) -> None:
    """A rock that stands in the sea."""
    z = c.between(60, 220)
    tall = c.between(0.025, 0.10) * c.camera.height / c.camera.scale(z)
    wide = tall * c.between(1.0, 2.2)
    more = {"variant": int(c.rng.integers(2**30))}
    x = c.spot(c.between(0.05, 0.95), z)
    c.stand("rock", "rock", x=x, z=z, height=tall, width=wide, more=more)


def _boat(c: Composer) -> None:
    """A sailing boat well out on the sea."""
    camera = c.camera
    assert c.shore is not None
    row = camera.horizon + (camera.height - camera.horizon) * c.between(0.03, 0.5) * c.shore[0]
    z = camera.distance(row)
    paints = ("#f1ece0", "#c4513f", "#2f5068", "#e0b14a", "#f1ece0")
    sails = ("#f6efe0", "#f6efe0", "#e9d3b0", "#d98a6a")
    x = c.spot(c.between(0.08, 0.92), z)
    if c.free_water(x, z):
        c.stand("boat", "boat", x=x, z=z, width=min(c.between(5, 9), 0.22 * z),
                more={"hull": rgb(c.pick(paints)), "sail": rgb(c.pick(sails)),
                      "turn": c.between(-0.6, 0.6) + c.pick((0.0, 3.14))})  # fmt: skip


def _town(c: Composer) -> None:
    c.choose_trees()
    c.sky()
    if c.chance(0.35):
        c.mountains(c.between(0.10, 0.2))
    c.hills(350, 1200, c.between(0.05, 0.10))
    c.meadow()
    c.way(*(("road", c.between(4.5, 6)) if c.chance(0.65) else ("dirt", c.between(2.2, 3.2))),
          c.between(0.03, 0.10))  # fmt: skip
    course = c.ways[0]
    c.flower_beds(int(c.rng.integers(0, 3)), (8, 25))
    if c.chance(0.4):
        _church(c, (45, 85))
    n = int(c.rng.integers(3, 8))
    for z in np.geomspace(c.between(25, 34), c.between(80, 130), n):
        for side in (-1, 1):
            if not c.chance(0.72):
                continue
            row = c.camera.row(float(z))
            middle = c.camera.x_at(float(course.column(row, c.camera)), float(z))
            x = middle + side * (0.5 * course.width + c.between(6.5, 10))
            if c.free(x, float(z), 5.2):
                c.house(x, float(z), side * c.between(0.0, 0.55) + c.between(-0.15, 0.15),
                        big=c.chance(0.4))  # fmt: skip
    if c.chance(0.7):
        c.wood_edge(c.between(120, 200), c.between(8, 12))
    for _ in range(int(c.rng.integers(2, 5))):
        c.grove(c.between(0, 1), c.between(20, 60), c.between(0.05, 0.2), int(c.rng.integers(2, 6)),
                c.between(5, 8))  # fmt: skip
    c.bushes(int(c.rng.integers(3, 10)), (12, 45), (0.7, 1.6))
    for _ in range(int(c.rng.integers(2, 7))):  # in gardens and along the road
        z = c.between(16, 70)
        x = c.spot(c.between(-0.05, 1.05), z)
        if c.free(x, z, 0.8):
            c.tree(x, z, c.between(4.5, 9))
    if c.chance(0.65):
        side = c.pick(((-0.1, 0.5), (0.5, 1.1), (-0.1, 1.1)))
        c.fence_across(c.between(11, 18), *side, pickets=c.chance(0.7))
    if c.chance(0.35):
        z = c.between(9, 16)
        x = c.spot(c.between(0.1, 0.9), z)
        if c.free(x, z, 1.2):
            c.stand("bench", "bench", x=x, z=z, width=1.7,
                    more={"color": WOOD, "turn": c.between(-0.7, 0.7)})  # fmt: skip
            c.take(x, z, 1.3)
    if c.chance(0.3):
        c.flowers_near(int(c.rng.integers(3, 8)))
    if c.chance(0.3):
        c.corner()


def _playground(c: Composer) -> None:
    c.choose_trees()
    c.sky()
    if c.chance(0.2):
        c.mountains(c.between(0.08, 0.16))
    if c.chance(0.6):
        c.hills(300, 900, c.between(0.04, 0.09))
    c.meadow()
    nearest = c.camera.nearest
    frame = c.pick((*PAINTS, WOOD, WOOD))
    middle = c.pick((0.32, 0.64))
    wanted = [("slide", middle), ("swing", 1 - middle)]
    if c.chance(0.4):  # the first has the better place
        wanted.reverse()
    if c.chance(0.2):
        wanted = wanted[:1]
    for kind, column in wanted:
        for _ in range(25):
            z = max(nearest * c.between(1.55, 2.9), c.between(8.0, 10.0))
            x = c.spot(column + c.between(-0.10, 0.10), z)
            if c.free(x, z, 2.6):
                _device(c, kind, x, z, frame)
                break
    if c.chance(0.45):
        c.way("dirt", c.between(1.5, 2.2), c.between(0.05, 0.15))
    c.flower_beds(int(c.rng.integers(0, 3)), (nearest * 1.5, 25))
    for _ in range(int(c.rng.integers(1, 3))):
        z = nearest * c.between(1.3, 2.6)
        x = c.spot(c.between(0.06, 0.94), z)
        if c.free(x, z, 1.2):
            c.stand("bench", "bench", x=x, z=z, width=1.8,
                    more={"color": WOOD, "turn": c.between(-0.6, 0.6)})  # fmt: skip
            c.take(x, z, 1.2)
    if c.chance(0.6):
        c.fence_across(c.between(22, 32), -0.1, 1.1, pickets=c.chance(0.6))
    for _ in range(int(c.rng.integers(0, 4))):
        z = c.between(36, 70)
        x = c.spot(c.between(0, 1), z)
        if c.free(x, z, 6):
            c.house(x, z, c.between(-0.5, 0.5), big=c.chance(0.5))
    if c.chance(0.7):
        c.wood_edge(c.between(60, 110), c.between(8, 11))
    for _ in range(int(c.rng.integers(1, 4))):
        c.grove(c.between(0, 1), c.between(18, 34), c.between(0.1, 0.3), int(c.rng.integers(2, 5)),
                c.between(6, 9))  # fmt: skip
    c.bushes(int(c.rng.integers(1, 6)), (12, 30), (0.7, 1.5))
    if c.chance(0.3):
        c.flowers_near(int(c.rng.integers(3, 8)))


def _device(c: Composer, kind: str, x: float, z: float, frame: tuple[float, float, float]) -> None:
    """A slide or a swing, on sand or bark where people fall."""
    if kind == "slide":
        height = c.between(1.6, 2.3)
        room, wide = 2.8, 2.9 * height
    else:
        height = c.between(2.2, 2.7)
        room, wide = 2.6, 5.0
    if c.chance(0.6) and not c.season.snow:
        c.flat("sand", "patch", x=x + (0.5 * height if kind == "slide" else 0), z=z,
               width=wide * 1.35, height=wide * 0.75, more={"cover": "sand"})  # fmt: skip
    turn = c.between(-0.5, 0.5)
    if kind == "slide" and x > 0:  # it leads towards the middle of the picture
        turn += 3.14
    paints = c.rng.permutation(len(PAINTS))
    if kind == "slide":
        more = {"chute": PAINTS[paints[0]], "frame": frame, "turn": turn,
                "roof": PAINTS[paints[1]] if c.chance(0.6) else None}  # fmt: skip
    else:
        more = {"seats": int(c.rng.integers(1, 4)), "frame": frame, "seat": PAINTS[paints[0]],
                "turn": turn}  # fmt: skip
    c.stand(kind, kind, x=x, z=z, height=height, width=wide, more=more)
    c.take(x, z, room)


RULES: dict[str, Callable[[Composer], None]] = {
    "landscape": _landscape,
    "seaside": _seaside,
    "town": _town,
    "playground": _playground,
}
THEMES = tuple(RULES)
