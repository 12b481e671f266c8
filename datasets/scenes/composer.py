"""`Composer`: collects the things of one scene, and knows where the ground is free.

Its verbs are those of who lays a picture out: some hills, a grove here, a way that leads in.
What is chosen freely is chosen by the scene's generator; themes.py says what is wanted.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .buildings import ROOFS, WALLS
from .camera import Camera
from .ground import Course
from .light import Mood, Season, rgb
from .scene import Thing
from .terrain import Land

# Instance maps are bytes.
MOST_THINGS = 250


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
        if cover > 0.5 or self.chance(0.35 + 0.6 * cover):
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

    def hills(
        self, near: float, far: float, tall: float,
        base: tuple[float, float, float] | None = None,
    ) -> None:  # fmt: skip
        """Rolling hills between two distances, as high as `mountains` has it; `base` is their
        colour, else the season's."""
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
                near, far, height, height * self.between(5, 8), peaks, 0.0,
                base or rgb(self._hill()), (dark[0], dark[1], dark[2]), self._rock(),
                self.between(0.0, 0.6), 2.0,
            )},
        )  # fmt: skip

    def meadow(self) -> None:
        """Grass or snow, and the low waves behind it that hide its straight end."""
        self.hills(75, 280, self.between(0.012, 0.030), rgb(self.season.grass[1]))
        cover = "snow" if self.season.snow else "grass"
        self.flat(cover, "ground", more={"cover": cover})

    def corner(self) -> None:
        """Something dark and near in a lower corner: it holds the picture."""
        z = self.camera.nearest * self.between(1.02, 1.25)
        side = self.pick((self.between(-0.04, 0.10), self.between(0.90, 1.04)))
        for i in range(int(self.rng.integers(1, 4))):
            away = z * (1 + 0.12 * i)
            x = self.spot(side + 0.05 * float(self.rng.standard_normal()), away)
            tall = self.between(0.05, 0.13) * self.camera.height / self.camera.scale(away)
            if self.free(x, away, 0.3):
                self.bush(x, away, tall)

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
        self, column: float, z: float, spread: float, n: int, height: float,
        species: str | None = None,
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
                wide = size * self.between(1.2, 2.0)
                more = {"variant": int(self.rng.integers(2**30))}
                self.stand("rock", "rock", x=x, z=pz, height=size, width=wide, more=more)

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
                deep = away * self.between(0.16, 0.34)
                more = {"colors": colors}
                self.flat("flower", "patch", x=x, z=away, width=wide, height=deep, more=more)

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
                tall = self.between(0.08, 0.13) * self.camera.height / self.camera.scale(z)
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
        """A path or road, around what stands already; none where there is no way through."""
        courses = (self.course(width, end) for _ in range(10))
        course = next((c for c in courses if self._passes(c)), None)
        if course is None:
            return
        self.flat(name, "path", z=self.camera.distance(course.end), width=width,
                  more={"course": course, "cover": cover})  # fmt: skip
        self.ways.append(course)

    def _passes(self, course: Course) -> bool:
        """Whether a way touches nothing that has been given room."""
        camera = self.camera
        for x, z, room in self._taken:
            row = min(camera.row(z), float(camera.height))
            middle = float(course.column(row, camera))
            if row > course.end and abs(camera.column(x, z) - middle) < (
                (0.5 * course.width + 0.8 * room) * camera.scale(z)
            ):
                return False
        return True

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
        self.stand(
            "house", "house", x=x, z=z, width=width, height=walls,
            more={"depth": depth, "rise": self.between(2.2, 4.2), "wall": self.pick(WALLS),
                  "roof": self.pick(ROOFS), "turn": turn, "lit": self._lit(),
                  "snow": self.season.snow,
                  "chimney": self.chance(0.7)},
        )  # fmt: skip
        self.take(x, z, 0.62 * (width**2 + depth**2) ** 0.5)

    def church(self, x: float, z: float, turn: float) -> None:
        """A church; it looks over the houses."""
        length = self.between(9, 12)
        self.stand(
            "building", "church", x=x, z=z, width=length, height=2.2 * length,
            more={"wall": self.pick(WALLS[:5]), "roof": self.pick(ROOFS), "turn": turn,
                  "spire": self.pick(("#5b6673", "#6b7d74", "#7a4b3c", "#586a72")),
                  "lit": self._lit(), "snow": self.season.snow},
        )  # fmt: skip
        self.take(x, z, 0.75 * length)

    def _lit(self) -> float:
        """Share of the windows with light in them at this time of day."""
        return 0.75 if self.mood.night else 0.35 if self.mood.height[1] < 6 else 0.0

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
