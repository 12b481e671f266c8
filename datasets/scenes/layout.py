"""What a scene shows: four themes, each composed anew for every seed.

The rules are a painter's: the horizon off the middle, a main motif at a third, something
near at the edge that frames it, a way that leads in, few kinds of trees in one picture,
things in groups that thin out. Distances are metres; a theme places things where the
ground is free of water and ways.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...strokes.errors import LineworkError
from .buildings import ROOFS, STONE, WALLS
from .camera import Camera
from .ground import Course
from .light import MOODS, SEASONS, Mood, Season, rgb
from .playground import PAINTS, WOOD
from .scene import Scene, Thing
from .terrain import Land

THEMES = ("landscape", "seaside", "town", "playground")
# How often each mood is chosen.
MOOD_ODDS = {
    "morning": 3, "noon": 3, "golden": 4, "sunset": 3, "rose": 2, "dusk": 1.5, "night": 1.5,
    "overcast": 1.2, "mist": 1.6, "storm": 1.2,
}  # fmt: skip
SEASON_ODDS = {"spring": 3, "summer": 4, "autumn": 3, "winter": 2}
# Instance maps are bytes.
MOST_THINGS = 250


def compose(
    seed: int, width: int = 256, height: int = 256, *, theme: str | None = None,
    season: str | None = None, mood: str | None = None,
) -> Scene:  # fmt: skip
    """A scene.

    Args:
        seed: equal seeds and sizes give equal scenes.
        width, height: of its picture, px.
        theme, season, mood: chosen by the seed where None.

    Raises:
        LineworkError: a theme, season or mood that there is not.
    """
    for what, value, known in (
        ("theme", theme, THEMES), ("season", season, SEASONS), ("mood", mood, MOODS),
    ):  # fmt: skip
        if value is not None and value not in known:
            raise LineworkError(f"there is no {what} {value!r}; wanted one of {', '.join(known)}")
    rng = np.random.default_rng(seed)
    chosen = [_pick(odds, rng) for odds in (dict.fromkeys(THEMES, 1.0), SEASON_ODDS, MOOD_ODDS)]
    theme, season, mood = theme or chosen[0], season or chosen[1], mood or chosen[2]
    low, high = {"landscape": (0.40, 0.60), "seaside": (0.34, 0.56), "town": (0.40, 0.52),
                 "playground": (0.34, 0.46)}[theme]  # fmt: skip
    horizon = rng.uniform(low, high) * height
    eyes = {"landscape": (2.5, 6.0), "seaside": (2.5, 7.0), "town": (2.2, 4.5),
            "playground": (2.0, 3.2)}[theme]  # fmt: skip
    focal = rng.uniform(0.95, 1.2) * min(height, 1.4 * width)
    camera = Camera(width, height, float(horizon), float(focal), float(rng.uniform(*eyes)))
    light = MOODS[mood]
    in_view = bool(rng.random() < light.in_view)
    degrees = float(rng.uniform(*light.height))
    if in_view:
        # As high as the picture reaches, at most.
        reach = float(np.degrees(np.arctan(0.82 * horizon / focal)))
        sun = (float(rng.choice([rng.uniform(0.12, 0.4), rng.uniform(0.6, 0.88)])),
               min(degrees, reach))  # fmt: skip
    else:
        sun = (float(rng.choice([-0.5, 1.5])), degrees)
    composer = Composer(camera, SEASONS[season], light, in_view and not light.night, rng)
    _THEMES[theme](composer)
    return Scene(seed, theme, season, mood, camera, sun, in_view, composer.things())


class Composer:
    """Collects the things of one scene, and knows where the ground is free."""

    def __init__(
        self, camera: Camera, season: Season, mood: Mood, sun_shows: bool, rng: np.random.Generator
    ) -> None:
        self.camera, self.season, self.mood, self.rng = camera, season, mood, rng
        self.sun_shows = sun_shows
        self._flat: list[dict[str, Any]] = []
        self._standing: list[dict[str, Any]] = []
        self.ways: list[Course] = []
        self.lake: tuple[float, float, float, float] | None = None  # x, width, far z, near z
        self.shore: tuple[float, float, float, float] | None = None
        self._taken: list[tuple[float, float, float]] = []
        self.leaves = [str(c) for c in rng.permutation(season.leaves)[: int(rng.integers(2, 4))]]
        self.needle = str(rng.choice(season.needles))

    # --- chance ----------------------------------------------------------------------

    def chance(self, p: float) -> bool:
        """True with probability p."""
        return bool(self.rng.random() < p)

    def between(self, low: float, high: float) -> float:
        """A number from low to high."""
        return float(self.rng.uniform(low, high))

    def pick(self, values: Any) -> Any:
        """One of several."""
        return values[int(self.rng.integers(len(values)))]

    # --- collecting ------------------------------------------------------------------

    def flat(self, name: str, kind: str, **fields: Any) -> None:
        """Something that lies behind or on the ground, painted in this order."""
        self._flat.append({"name": name, "kind": kind, "seed": self._seed(), **fields})

    def stand(self, name: str, kind: str, *, z: float, x: float, **fields: Any) -> None:
        """Something that stands, painted by its distance."""
        if len(self._flat) + len(self._standing) < MOST_THINGS:
            self._standing.append(
                {"name": name, "kind": kind, "seed": self._seed(), "z": z, "x": x, **fields}
            )

    def things(self) -> tuple[Thing, ...]:
        """All of them, numbered from the back."""
        standing = sorted(self._standing, key=lambda t: -t["z"])
        return tuple(Thing(id=i, **fields) for i, fields in enumerate([*self._flat, *standing]))

    def _seed(self) -> int:
        return int(self.rng.integers(2**31))

    # --- places ----------------------------------------------------------------------

    def spot(self, column: float, z: float) -> float:
        """World X of a column (share of the width) at z."""
        return self.camera.x_at(column * self.camera.width, z)

    def free(self, x: float, z: float, room: float) -> bool:
        """Whether the ground is free around a place: no water, no way, nothing else."""
        camera = self.camera
        row, column = camera.row(z), camera.column(x, z)
        px = camera.scale(z)
        for way in self.ways:
            if row > way.end - 1:
                middle = float(way.column(row, camera))
                if abs(column - middle) < (0.5 * way.width * 1.25 + room) * px + 1:
                    return False
        if self.lake is not None:
            lx, lw, far, near = self.lake
            inside = abs(column / camera.width - lx) < lw / 2 + room * px / camera.width
            if inside and near - 0.06 * (far - near) - room < z < far + room:
                return False
        if self.shore is not None:
            level, slant, wave, phase = self.shore
            t = column / camera.width
            bend = slant * (t - 0.5) + wave * np.sin(phase + 4.2 * t)
            bend += 0.3 * wave * np.sin(9.1 * t + 2 * phase)
            shore = camera.horizon + (camera.height - camera.horizon) * float(level + bend)
            if row < shore + 0.02 * camera.height + room * px * 0.3:
                return False
        return all((x - a) ** 2 + (z - b) ** 2 > (room + r) ** 2 for a, b, r in self._taken)

    def free_water(self, x: float, z: float) -> bool:
        """Whether a boat has room before the shore."""
        if self.shore is None:
            return False
        level, slant, wave, phase = self.shore
        t = self.camera.column(x, z) / self.camera.width
        end = level + slant * (t - 0.5) + wave * float(np.sin(phase + 4.2 * t))
        below = self.camera.height - self.camera.horizon
        return self.camera.row(z) < self.camera.horizon + below * (end - 0.35 * wave) * 0.8

    def take(self, x: float, z: float, room: float) -> None:
        """Marks ground as taken."""
        self._taken.append((x, z, room))

    # --- the sky and the far -----------------------------------------------------------

    def sky(self) -> None:
        """The sky with its clouds."""
        self.flat("sky", "sky")
        if self.sun_shows:
            self.flat("sun", "sun")
        cover = self.between(*self.mood.clouds)
        if self.chance(0.35 + 0.6 * cover):
            self.flat("clouds", "streaks", more={"cover": cover * self.between(0.55, 1.0)})
        heaps = 0
        if self.chance(0.35 + 0.5 * cover) and not (self.mood.night and self.chance(0.5)):
            heaps = int(self.rng.integers(1, 4 + round(3 * cover)))
        for floor in sorted(self.rng.uniform(0.35, 0.97, heaps))[::-1]:
            # What is lower is farther, and smaller.
            width = self.between(0.16, 0.50) * (1.25 - float(floor) * 0.75)
            self.flat(
                "clouds", "cloud", x=self.between(-0.05, 1.05), width=width,
                height=width * self.between(0.22, 0.46), more={"floor": float(floor)},
            )  # fmt: skip

    def mountains(self, tall: float) -> None:
        """A mountain range; `tall` is the height of its peak over the horizon as seen, shares
        of the picture's height."""
        near, far = self.between(1500, 2200), self.between(4200, 5600)
        middle = (near * far) ** 0.5
        height = tall * self.camera.height / self.camera.focal * middle * 1.45
        main = self.pick((self.between(0.2, 0.42), self.between(0.58, 0.8)))
        peaks = [(main, self.between(0.22, 0.34), 1.0),
                 (main + self.pick((-1, 1)) * self.between(0.3, 0.5), self.between(0.25, 0.4),
                  self.between(0.5, 0.8)), (0.5, 1.3, self.between(0.25, 0.45))]  # fmt: skip
        snow = self.between(0.25, 0.5) if self.season.snow else self.between(0.5, 1.2)
        self.flat(
            "mountain", "range", z=middle,
            more={"land": Land(
                near, far, height, height * self.between(1.9, 3.0), tuple(peaks),
                self.between(0.8, 1.0), rgb(self._hill()), rgb(self.needle),
                self._rock(), self.between(0.2, 0.7), snow if snow < 1.0 else 2.0,
            )},
        )  # fmt: skip

    def hills(self, near: float, far: float, tall: float) -> None:
        """Rolling hills between two distances."""
        middle = (near * far) ** 0.5
        height = tall * self.camera.height / self.camera.focal * middle * 1.5
        peaks = ((self.between(-0.1, 0.4), self.between(0.35, 0.6), 1.0),
                 (self.between(0.6, 1.1), self.between(0.35, 0.6), self.between(0.5, 1.0)),
                 (0.5, 1.6, self.between(0.35, 0.6)))  # fmt: skip
        forest = self.leaves[0] if self.chance(0.5) and not self.season.bare > 0.5 else self.needle
        dark = tuple(0.85 * c for c in rgb(forest))
        self.flat(
            "hill", "range", z=middle,
            more={"land": Land(
                near, far, height, height * self.between(5, 8), peaks, 0.0, rgb(self._hill()),
                (dark[0], dark[1], dark[2]), self._rock(), self.between(0.0, 0.6), 2.0,
            )},
        )  # fmt: skip

    def _hill(self) -> str:
        return str(self.pick(self.season.hill))

    def _rock(self) -> tuple[float, float, float]:
        return rgb(str(self.pick(("#8d8a90", "#9a8f88", "#85888f", "#98928a"))))

    # --- plants ------------------------------------------------------------------------

    def tree(self, x: float, z: float, height: float, species: str | None = None) -> None:
        """A tree of one of the scene's kinds."""
        if species is None:
            species = str(self.pick(self.kinds))
        more: dict[str, Any] = {"species": species, "variant": int(self.rng.integers(2))}
        more["look"] = 17 + more["variant"]
        if species == "conifer":
            more |= {"leaf": self.needle, "slim": 0.46 if more["variant"] else 0.38}
        elif species in ("bare", "palm"):
            more["look"] += int(self.rng.integers(2)) * 10
            more["variant"] = more["look"]
        else:
            more["leaf"] = str(self.pick(self.leaves))
            if self.blossom is not None:
                more["fruit"] = self.blossom
        self.stand("tree", "tree", x=x, z=z, height=height, more=more)

    def choose_trees(self, *, palms: bool = False) -> None:
        """Settles which kinds of trees this scene has."""
        self.blossom = None
        if palms:
            self.kinds = ["palm"]
            return
        kinds = [str(k) for k in self.rng.permutation(["round", "wide", "tall", "birch"])[:2]]
        if self.chance(0.55):
            kinds = [*kinds[: int(self.rng.integers(0, 2))], "conifer", "conifer"]
        if self.chance(self.season.bare):
            kinds = ["bare" if k != "conifer" else k for k in kinds]
        if self.chance(self.season.bloom):
            self.blossom = str(self.pick(("#f5c6d6", "#fbe9ee", "#f3d3e2")))
        self.kinds = kinds

    def grove(
        self, column: float, z: float, spread: float, n: int, height: float, species: str | None = None
    ) -> None:  # fmt: skip
        """Trees around a place, thinning out to the sides."""
        for _ in range(n):
            away = z * float(np.exp(0.16 * self.rng.standard_normal()))
            x = self.spot(column + spread * float(self.rng.standard_normal()), away)
            tall = height * self.between(0.65, 1.1)
            if self.free(x, away, 0.10 * tall):
                self.tree(x, away, tall, species)

    def wood_edge(self, z: float, tall: float, gap: tuple[float, float] | None = None) -> None:
        """A row of trees across the picture, with a gap to look through."""
        step = tall * 0.42
        half = self.camera.width / 2 / self.camera.scale(z) * 1.1
        for x in np.arange(-half, half, step):
            column = self.camera.column(float(x), z) / self.camera.width
            if gap is not None and gap[0] < column < gap[1]:
                continue
            px, pz = float(x) + self.between(-0.3, 0.3) * step, z * self.between(0.9, 1.12)
            if self.free(px, pz, 0.5) and self.chance(0.85):
                self.tree(px, pz, tall * self.between(0.6, 1.1))

    def bush(self, x: float, z: float, height: float) -> None:
        """A bush."""
        aspect = self.between(1.3, 2.1)
        leaf = str(self.pick(self.leaves))
        variant = int(self.rng.integers(3))
        aspect = (1.35, 1.6, 2.0)[variant]
        more: dict[str, Any] = {
            "leaf": leaf,
            "aspect": aspect,
            "variant": variant,
            "look": 40 + variant,
        }
        if not self.season.snow and variant == 2 and self.chance(0.4):
            more["fruit"] = str(self.pick(self.season.flowers))
        if self.season.bare > 0.5:
            more["leaf"] = str(self.pick(("#7d6f5c", "#6a6a55", "#8a7660")))
        self.stand("bush", "bush", x=x, z=z, width=aspect * height, height=height, more=more)

    def bushes(self, n: int, z: tuple[float, float], height: tuple[float, float]) -> None:
        """Bushes here and there."""
        for _ in range(n):
            away = self.between(*z)
            x = self.spot(self.between(-0.02, 1.02), away)
            tall = self.between(*height)
            if self.free(x, away, 0.8 * tall):
                self.bush(x, away, tall)

    def rocks(self, n: int, z: tuple[float, float], height: tuple[float, float]) -> None:
        """Rocks in a few groups."""
        column, away = self.between(0.05, 0.95), self.between(*z)
        for i in range(n):
            if i % 3 == 0:
                column, away = self.between(0.05, 0.95), self.between(*z)
            size = self.between(*height) * (1.0 if i % 3 == 0 else 0.55)
            pz = away * self.between(0.93, 1.07)
            x = self.spot(column, away) + self.between(-1, 1) * size * 2.2
            if self.free(x, pz, 0.5 * size):
                self.stand("rock", "rock", x=x, z=pz, height=size, width=size * self.between(1.2, 2.0),
                           more={"variant": int(self.rng.integers(2**30))})  # fmt: skip

    def flower_beds(self, n: int, z: tuple[float, float]) -> None:
        """Drifts of flowers in the grass."""
        if self.season.snow:
            return
        for _ in range(n):
            away = self.between(*z)
            wide = away * self.between(0.25, 0.7)
            x = self.spot(self.between(0.0, 1.0), away)
            if self.free(x, away, wide * 0.4):
                colors = [str(c) for c in self.rng.permutation(self.season.flowers)[:2]]
                self.flat("flower", "patch", x=x, z=away, width=wide,
                          height=away * self.between(0.16, 0.34), more={"colors": colors})  # fmt: skip

    def flowers_near(self, n: int) -> None:
        """Single flowers at the lower edge."""
        if self.season.snow or n == 0:
            return
        kind = str(self.pick(("daisy", "daisy", "tulip", "poppy")))
        colors = [str(c) for c in self.rng.permutation(self.season.flowers)[:2]]
        if kind == "poppy":
            colors = ["#d9432f", "#e2603a"]
        middle, nearest = self.between(0.1, 0.9), self.camera.nearest
        for _ in range(n):
            z = nearest * self.between(1.0, 1.4)
            x = self.spot(middle + 0.16 * float(self.rng.standard_normal()), z)
            if self.free(x, z, 0.3):
                tall = (
                    0.13
                    * z
                    / nearest**0
                    * self.between(0.8, 1.3)
                    * self.camera.height
                    / self.camera.focal
                )
                self.stand("flower", "flower", x=x, z=z, height=tall,
                           more={"leaf": str(self.pick(colors)), "species": kind,
                                 "variant": int(self.rng.integers(3))})  # fmt: skip

    # --- ways, water, buildings ----------------------------------------------------------

    def course(self, width: float, end: float) -> Course:
        """A way that leads in, from the lower edge to `end` (share from horizon to edge)."""
        camera = self.camera
        far = self.pick((self.between(0.28, 0.45), self.between(0.55, 0.72))) * camera.width
        near = self.between(0.15, 0.85) * camera.width
        row = camera.horizon + end * (camera.height - camera.horizon)
        return Course(near, far, row, self.between(0.08, 0.26) * camera.width,
                      self.between(1.6, 3.4), self.between(0, 6.28), width)  # fmt: skip

    def way(self, name: str, width: float, end: float, cover: str = "dirt") -> None:
        """A path or road."""
        course = self.course(width, end)
        self.flat(name, "path", z=self.camera.distance(course.end), width=width,
                  more={"course": course, "cover": cover})  # fmt: skip
        self.ways.append(course)

    def river(self, width: float, end: float) -> Course:
        """A river that comes from afar."""
        course = self.course(width, end)
        self.flat("river", "river", z=self.camera.distance(course.end), width=width,
                  more={"course": course, "waves": self.between(0.05, 0.4)})  # fmt: skip
        self.ways.append(course)
        return course

    def add_lake(self) -> None:
        """A lake in the middle distance."""
        camera = self.camera
        below = camera.height - camera.horizon
        far = camera.distance(camera.horizon + self.between(0.06, 0.16) * below)
        near = camera.distance(camera.horizon + self.between(0.4, 0.8) * below)
        x, width = self.between(0.2, 0.8), self.between(1.1, 2.6)
        self.stand("water", "lake", x=x, z=far, width=width,
                   more={"near": near, "waves": self.between(0.0, 0.35)})  # fmt: skip
        self.lake = (x, width, far, near)

    def house(self, x: float, z: float, turn: float, *, big: bool = False) -> None:
        """A house whose front looks to the viewer when `turn` is 0."""
        width, depth = self.between(7, 11), self.between(6, 8)
        walls = self.between(5.2, 7.8) if big else self.between(2.9, 4.6)
        lit = 0.75 if self.mood.night else 0.35 if self.mood.height[1] < 6 else 0.0
        self.stand(
            "house", "house", x=x, z=z, width=width, height=walls,
            more={"depth": depth, "rise": self.between(2.2, 4.2), "wall": self.pick(WALLS),
                  "roof": self.pick(ROOFS), "turn": turn, "lit": lit, "snow": self.season.snow,
                  "chimney": self.chance(0.7)},
        )  # fmt: skip
        self.take(x, z, 0.62 * (width**2 + depth**2) ** 0.5)

    def fence_across(self, z: float, left: float, right: float, *, pickets: bool) -> None:
        """A fence along the picture at about z, between two columns, leaving ways open."""
        n = 14
        run: list[tuple[float, float]] = []
        color = (
            str(self.pick(("#efebe2", "#c9b79c")))
            if pickets
            else str(self.pick(("#8c7a63", "#a08c70")))
        )
        height = 1.0 if pickets else 1.15
        lean = self.between(-0.25, 0.25)
        for i in range(n + 1):
            t = i / n
            away = z * (1 + lean * (t - 0.5))
            x = self.spot(left + (right - left) * t, away)
            if self.free(x, away, 0.4):
                run.append((x, away))
                if i < n:
                    continue
            if len(run) >= 2:
                cx, cz = run[len(run) // 2]
                course = [(a - cx, b - cz) for a, b in run]
                self.stand("fence", "fence", x=cx, z=cz, height=height,
                           more={"course": course, "color": color, "pickets": pickets})  # fmt: skip
            run = []


# --- the four themes -----------------------------------------------------------------


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
    c.flat("snow" if c.season.snow else "grass", "ground",
           more={"cover": "snow" if c.season.snow else "grass"})  # fmt: skip
    feature = c.pick(("lake", "lake", "river", "river", "path", "path", "meadow"))
    if feature == "river":
        course = c.river(c.between(5, 9), c.between(0.02, 0.08))
        if c.chance(0.4):
            _bridge_over(c, course)
    elif feature == "path":
        c.way("dirt", c.between(1.6, 2.6), c.between(0.03, 0.12))
    elif feature == "lake":
        c.add_lake()
    c.flower_beds(int(c.rng.integers(0, 6)), (8, 40))
    if c.chance(0.35):
        z = c.between(35, 70)
        x = c.spot(c.pick((c.between(0.2, 0.4), c.between(0.6, 0.8))), z)
        if c.free(x, z, 7):
            c.house(x, z, c.between(-0.6, 0.6))
    if c.chance(0.65):
        gap = c.between(0.1, 0.6)
        c.wood_edge(c.between(90, 160), c.between(7, 11), (gap, gap + c.between(0.2, 0.5)))
    for _ in range(int(c.rng.integers(1, 4))):
        c.grove(c.between(0, 1), c.between(35, 80), c.between(0.04, 0.12), int(c.rng.integers(3, 9)),
                c.between(6, 10))  # fmt: skip
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
    c.stand("rock", "rock", x=c.spot(c.between(0.05, 0.95), z), z=z, height=tall,
            width=tall * c.between(1.0, 2.2), more={"variant": int(c.rng.integers(2**30))})  # fmt: skip


def _boat(c: Composer) -> None:
    """A sailing boat well out on the sea."""
    camera = c.camera
    assert c.shore is not None
    row = camera.horizon + (camera.height - camera.horizon) * c.between(0.03, 0.5) * c.shore[0]
    z = camera.distance(row)
    paints = ("#f1ece0", "#c4513f", "#2f5068", "#e0b14a", "#f1ece0")
    x = c.spot(c.between(0.08, 0.92), z)
    if c.free_water(x, z):
        c.stand("boat", "boat", x=x, z=z, width=min(c.between(5, 9), 0.22 * z),
                more={"hull": rgb(c.pick(paints)), "sail": rgb(c.pick(("#f6efe0", "#f6efe0", "#e9d3b0", "#d98a6a"))),
                      "turn": c.between(-0.6, 0.6) + c.pick((0.0, 3.14))})  # fmt: skip


def _town(c: Composer) -> None:
    c.choose_trees()
    c.sky()
    if c.chance(0.35):
        c.mountains(c.between(0.10, 0.2))
    c.hills(350, 1200, c.between(0.05, 0.10))
    snow = c.season.snow
    c.flat("snow" if snow else "grass", "ground", more={"cover": "snow" if snow else "grass"})
    c.way(*(("road", c.between(4.5, 6)) if c.chance(0.65) else ("dirt", c.between(2.2, 3.2))),
          c.between(0.03, 0.10))  # fmt: skip
    course = c.ways[0]
    c.flower_beds(int(c.rng.integers(0, 3)), (8, 25))
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


def _playground(c: Composer) -> None:
    c.choose_trees()
    c.sky()
    if c.chance(0.2):
        c.mountains(c.between(0.08, 0.16))
    if c.chance(0.6):
        c.hills(300, 900, c.between(0.04, 0.09))
    snow = c.season.snow
    c.flat("snow" if snow else "grass", "ground", more={"cover": "snow" if snow else "grass"})
    if c.chance(0.45):
        c.way("dirt", c.between(1.5, 2.2), c.between(0.05, 0.15))
    nearest = c.camera.nearest
    c.flower_beds(int(c.rng.integers(0, 3)), (nearest * 1.5, 25))
    frame = c.pick((*PAINTS, WOOD, WOOD))
    middle = c.pick((0.3, 0.7))
    wanted = [("slide", middle), ("swing", 1 - middle)]
    if c.chance(0.25):
        wanted = wanted[:1]
    if c.chance(0.12):
        wanted = [("swing", middle)]
    for kind, column in wanted:
        for _ in range(12):
            z = nearest * c.between(1.45, 2.7)
            x = c.spot(column + c.between(-0.12, 0.12), z)
            if c.free(x, z, 2.6):
                _device(c, kind, x, z, frame)
                break
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
    turn = c.between(-0.5, 0.5) + (3.14 if kind == "slide" and c.chance(0.5) else 0)
    paints = c.rng.permutation(len(PAINTS))
    if kind == "slide":
        more = {"chute": PAINTS[paints[0]], "frame": frame, "turn": turn,
                "roof": PAINTS[paints[1]] if c.chance(0.6) else None}  # fmt: skip
    else:
        more = {"seats": int(c.rng.integers(1, 4)), "frame": frame, "seat": PAINTS[paints[0]],
                "turn": turn}  # fmt: skip
    c.stand(kind, kind, x=x, z=z, height=height, width=wide, more=more)
    c.take(x, z, room)


_THEMES: dict[str, Callable[[Composer], None]] = {
    "landscape": _landscape,
    "seaside": _seaside,
    "town": _town,
    "playground": _playground,
}


def _pick(odds: dict[str, float], rng: np.random.Generator) -> str:
    names = list(odds)
    weights = np.array([odds[n] for n in names])
    return names[int(rng.choice(len(names), p=weights / weights.sum()))]
