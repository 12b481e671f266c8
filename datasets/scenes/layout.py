"""What a scene shows: four themes, each composed anew for every seed.

The rules are a painter's: the horizon off the middle, a main motif at a third, something
near at the edge that frames it, a way that leads in, few kinds of trees in one picture,
things in groups that thin out. Distances are metres; a theme places things where the
ground is free of water and ways.
"""

from __future__ import annotations

import numpy as np

from ...strokes.errors import LineworkError
from .camera import Camera
from .composer import Composer
from .light import MOODS, SEASONS
from .scene import Scene
from .themes import RULES, THEMES

# How often each mood is chosen.
MOOD_ODDS = {
    "morning": 3, "noon": 3, "golden": 4, "sunset": 3, "rose": 2, "dusk": 1.5, "night": 1.5,
    "overcast": 1.2, "mist": 1.6, "storm": 1.2,
}  # fmt: skip
SEASON_ODDS = {"spring": 3, "summer": 4, "autumn": 3, "winter": 2}


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
    RULES[theme](composer)
    return Scene(seed, theme, season, mood, camera, sun, in_view, composer.things())


def _pick(odds: dict[str, float], rng: np.random.Generator) -> str:
    names = list(odds)
    weights = np.array([odds[n] for n in names])
    return names[int(rng.choice(len(names), p=weights / weights.sum()))]
