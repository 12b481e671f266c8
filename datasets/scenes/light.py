"""Light and colour: a mood is a few colours that go together, a season what grows in it.

The painter works as painters do: an object has a colour of its own, the sun adds warm
light on one side, the sky fills the shadows with its own cool colour, and the air between
drowns what is far. A mood holds these few colours, chosen by hand so that any scene in
them is in harmony; the season chooses the objects' own colours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .camera import Camera

FloatArray = npt.NDArray[np.float32]
RGB = tuple[float, float, float]


def rgb(text: str) -> RGB:
    """A colour of a table, "#rrggbb", as 0 to 1."""
    return (int(text[1:3], 16) / 255, int(text[3:5], 16) / 255, int(text[5:7], 16) / 255)


@dataclass(frozen=True, slots=True)
class Mood:
    """A time of day and its weather.

    Args:
        sky: colours from the zenith to the horizon, evenly spaced.
        sun: colour that the sun adds to what it shines on.
        ambient: colour of the light in shadows.
        glow: colour of the sky around the sun.
        cloud_light, cloud_shade: of clouds, towards the sun and away from it.
        haze: the colour that far things take.
        clear: distance at which haze has taken two thirds of a colour, m.
        height: degrees of the sun above the horizon, from and to.
        in_view: how often the sun (or moon) stands in the picture.
        clouds: how much of the sky they may cover, from and to.
        saturation: of the finished picture.
        shadows, lights: tints of the finished picture's darks and brights.
        night: whether stars and lit windows show.
    """

    sky: tuple[str, ...]
    sun: str
    ambient: str
    glow: str
    cloud_light: str
    cloud_shade: str
    haze: str
    clear: float
    height: tuple[float, float]
    in_view: float = 0.0
    clouds: tuple[float, float] = (0.1, 0.6)
    saturation: float = 1.0
    shadows: str = "#000000"
    lights: str = "#000000"
    night: bool = False


MOODS: dict[str, Mood] = {
    "morning": Mood(
        ("#5f9acb", "#93c1de", "#cfe3e2", "#fbeccb"), "#a8916a", "#8398b8", "#fff0c4",
        "#fffaf0", "#b4c1d2", "#d3dfe2", 2600, (16, 34), 0.25, (0.05, 0.5),
        shadows="#0a1020", lights="#100a00",
    ),
    "noon": Mood(
        ("#2f77bd", "#5f9fd6", "#9fcbe8", "#dcedf0"), "#9a8d78", "#8796a8", "#f4f6ea",
        "#ffffff", "#b0c0d4", "#c4d8e6", 3800, (42, 60), 0.0, (0.1, 0.65),
        shadows="#060c18", lights="#080400",
    ),
    "golden": Mood(
        ("#5a82a8", "#93aebb", "#e6cda2", "#ffcf86"), "#c98f4a", "#7a7c90", "#ffdc96",
        "#ffe9bd", "#b29a98", "#e3c79c", 1900, (8, 18), 0.4, (0.1, 0.6),
        shadows="#0c0a1c", lights="#140a00",
    ),
    "sunset": Mood(
        ("#35406f", "#6d5a8c", "#d0777b", "#f79a62", "#ffd083"), "#c56a35", "#5e567c", "#ffb765",
        "#ffb27f", "#74587f", "#c98a80", 1500, (2.5, 8), 0.75, (0.2, 0.75), 1.05,
        shadows="#0c0820", lights="#140600",
    ),
    "rose": Mood(
        ("#6f86bd", "#a3a1cd", "#dfb3c6", "#fbd3bf", "#fff0d2"), "#b98d74", "#8087ac", "#ffe3c8",
        "#ffe6dc", "#a79abd", "#d9c3cc", 1500, (5, 12), 0.5, (0.1, 0.6),
        shadows="#0a0a1e", lights="#0c0402",
    ),
    "dusk": Mood(
        ("#16264d", "#2f4878", "#6a6f9b", "#c08f97", "#f0b48c"), "#5a4650", "#4c5b85", "#f7bd92",
        "#c79aa0", "#3c4a72", "#7d7f9f", 1300, (1.5, 5), 0.3, (0.1, 0.6),
        shadows="#060a1c", lights="#080200",
    ),
    "night": Mood(
        ("#0a1430", "#122650", "#23456f", "#4a7391"), "#3d5068", "#22345a", "#9fc0d2",
        "#7f9bb6", "#1d3156", "#2f4f74", 1100, (18, 45), 0.7, (0.05, 0.45), 0.95,
        shadows="#02061a", lights="#040804", night=True,
    ),
    "overcast": Mood(
        ("#8f9eac", "#adb9c1", "#cbd2d2", "#e4e4da"), "#4e4c46", "#8f979e", "#eeece0",
        "#e9ebe9", "#9aa5af", "#cfd4d3", 1500, (35, 55), 0.0, (0.55, 0.9), 0.85,
        shadows="#080c14", lights="#040200",
    ),
    "mist": Mood(
        ("#a9bac6", "#c2ccd0", "#dcdcd4", "#efe4d0"), "#77654c", "#919aa5", "#fbeacb",
        "#f4efe6", "#b6bec6", "#dcdad0", 420, (9, 22), 0.35, (0.0, 0.3), 0.85,
        shadows="#0c1018", lights="#0a0600",
    ),
    "storm": Mood(
        ("#33445a", "#566a80", "#8c9ba3", "#dccfa8"), "#b49a5e", "#5f6c7e", "#f0dda6",
        "#c4c3bd", "#4c5c70", "#8f9ca2", 1900, (14, 26), 0.0, (0.6, 0.95), 0.95,
        shadows="#060a18", lights="#0e0800",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Season:
    """The colours of what grows, and what lies on the ground.

    Args:
        grass: dry or lit, usual, deep.
        leaves: of broadleaf trees; a scene takes a few of them.
        needles: of conifers.
        hill: of hills from afar.
        flowers: of blossoms in the grass.
        bloom: how often a broadleaf tree is in blossom.
        bare: how often it has no leaves.
        snow: whether snow lies.
    """

    grass: tuple[str, str, str]
    leaves: tuple[str, ...]
    needles: tuple[str, ...]
    hill: tuple[str, ...]
    flowers: tuple[str, ...]
    bloom: float = 0.0
    bare: float = 0.0
    snow: bool = False


SEASONS: dict[str, Season] = {
    "spring": Season(
        ("#b4c46a", "#86ab4e", "#5d8a46"), ("#9dbb52", "#86ad4f", "#7aa35a", "#b3c163"),
        ("#4c7350", "#3f6a55"), ("#8fae62", "#7fa468", "#9db56b"),
        ("#f7e07a", "#ffffff", "#f3b2c6", "#d78fc0", "#f08a7a"), bloom=0.35,
    ),
    "summer": Season(
        ("#c6bb6b", "#7f9d45", "#4f7a3c"), ("#5f8a3e", "#6f9444", "#4c7a41", "#7f9a4c"),
        ("#38604a", "#2f5547"), ("#6f9450", "#5c8752", "#879a58"),
        ("#d94f3d", "#f2c14a", "#ffffff", "#7b6fc0", "#e98aa8"),
    ),
    "autumn": Season(
        ("#d3b066", "#b09a50", "#7d7f42"),
        ("#d98a33", "#c65f2e", "#e2b042", "#a9432f", "#b98a3e", "#8a8a45"),
        ("#43614a", "#4b6650"), ("#b08a4c", "#a3774a", "#8f8850"),
        ("#e0a24a", "#b86fa0", "#efe2c0"), bare=0.12,
    ),
    "winter": Season(
        ("#f4f3ee", "#e9edf2", "#d3dde8"), ("#8c7a66", "#75675c"),
        ("#3f5f58", "#365450"), ("#dfe6ec", "#d3dde6", "#e6e9ec"), ("#c9d3dc",),
        bare=0.85, snow=True,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Light:
    """A mood as numbers, with the sun where it stands in this scene.

    Args:
        direction: unit vector towards the sun, x right, y up, z into the picture.
        spot: column and row of the sun, px, whether in the picture or beside it.
        visible: whether its disc shows.
        Others: as in `Mood`, float32 (3,).
    """

    mood: Mood
    sky: FloatArray
    sun: FloatArray
    ambient: FloatArray
    glow: FloatArray
    cloud_light: FloatArray
    cloud_shade: FloatArray
    haze: FloatArray
    direction: tuple[float, float, float]
    spot: tuple[float, float]
    visible: bool

    @property
    def form(self) -> FloatArray:
        """Where light comes from as far as the shape of things shows it.

        A sun in the picture leaves all in front of it dark; painters cheat, and let it
        come from the side that it stands on.
        """
        x, y, z = self.direction
        cheat = np.array([x * 1.3 + np.copysign(0.25, x), max(y, 0.35), min(z * 0.35, -0.15)])
        return np.asarray(cheat / np.linalg.norm(cheat), np.float32)

    @property
    def level(self) -> float:
        """How much of the sun level ground gets: little when it stands low."""
        return 0.50 + 0.42 * min(self.direction[1] / 0.55, 1.0)

    def shade(self, color: npt.ArrayLike, lit: FloatArray | float) -> FloatArray:
        """A colour (..., 3) of an object under this light, of which `lit` (...) says how much."""
        lit = np.asarray(lit, np.float32)[..., None]
        return np.asarray(np.asarray(color, np.float32) * (self.ambient + self.sun * lit))

    def air(self, z: float) -> float:
        """Share of an object's colour that the air takes at distance z."""
        return float(1 - np.exp(-max(z - 8.0, 0.0) / self.mood.clear))


def light_of(
    name: str, camera: Camera, spot: tuple[float, float], visible: bool, rng: np.random.Generator
) -> Light:
    """The light of a mood.

    Args:
        spot: where the sun stands: share of the width from the left (may lie beyond 0 to 1)
            and degrees above the horizon.
        visible: whether it is in front of the viewer; else it shines from behind him.
        rng: shifts all colours together a little, so that no two evenings are alike.
    """
    mood = MOODS[name]
    shift = np.exp(0.035 * rng.standard_normal(3)).astype(np.float32)
    shift /= shift.mean()

    def color(text: str) -> FloatArray:
        return np.asarray(np.array(rgb(text), np.float32) * shift, np.float32)

    column = spot[0] * camera.width
    height = math.tan(math.radians(spot[1]))
    across = (column - camera.width / 2) / camera.focal
    vector = np.array([across, height, 1.0 if visible else -0.8])
    if not visible:  # beside and behind: light falls across the scene
        vector[0] = np.copysign(1.0, across)
        vector[1] = height * math.hypot(1.0, 0.8)
    vector /= np.linalg.norm(vector)
    return Light(
        mood,
        np.stack([color(c) for c in mood.sky]),
        color(mood.sun),
        color(mood.ambient),
        color(mood.glow),
        color(mood.cloud_light),
        color(mood.cloud_shade),
        color(mood.haze),
        (float(vector[0]), float(vector[1]), float(vector[2])),
        (column, camera.horizon - camera.focal * height),
        visible,
    )
