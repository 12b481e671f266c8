"""`Scene`: what stands where, before a px of it is painted.

A scene is plain frozen data: a camera, a mood, a season and objects from the back to the
front. Painting it twice gives the same picture; what is drawn of it (doodle.py) and what is
written of it (export.py) come from the same objects.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .camera import Camera

# Names of the scene vocabulary; ids are looked up in it when labels are written.
NAMES = (
    "sky", "sun", "clouds", "mountain", "hill", "grass", "tree", "bush", "flower", "river", "water",
    "sea", "boat", "sand", "snow", "rock", "road", "dirt", "house", "building", "fence", "bridge",
    "slide", "swing", "bench",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Thing:
    """One object of a scene.

    Args:
        id: its place among the scene's objects, from 0; instance maps hold it.
        name: its word of the vocabulary, one of `NAMES`.
        kind: which painter paints it, a key of `render.PAINTERS`.
        z: distance at which it stands, m; far things are painted first.
        x: its middle, m to the right of the picture's.
        width, height: m.
        seed: of all that is random about it.
        more: what only its painter knows: colours, a species, the course of a path.
    """

    id: int
    name: str
    kind: str
    z: float = 0.0
    x: float = 0.0
    width: float = 0.0
    height: float = 0.0
    seed: int = 0
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scene:
    """A whole scene.

    Args:
        seed: of the scene.
        theme: "landscape", "seaside", "town" or "playground".
        season, mood: keys of `light.SEASONS` and `light.MOODS`.
        camera: from where it is seen.
        sun: share of the width from the left and degrees above the horizon.
        sun_in_view: whether the sun is before the viewer.
        things: in the order in which they are painted, `things[i].id == i`.
    """

    seed: int
    theme: str
    season: str
    mood: str
    camera: Camera
    sun: tuple[float, float]
    sun_in_view: bool
    things: tuple[Thing, ...]
