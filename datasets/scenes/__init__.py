"""Synthetic scenes: a picture, whose every px is, and the doodle a person might have drawn of it.

`compose` lays a scene out, `paint_scene` paints it, `doodle_scene` draws it with a shaky hand,
and `write_scenes` fills a folder with them for training. numpy, OpenCV and nothing learnt.
"""

from .doodle import doodle_scene
from .layout import compose
from .render import Painting, paint_scene
from .scene import Scene, Thing
from .themes import THEMES

__all__ = ["THEMES", "Painting", "Scene", "Thing", "compose", "doodle_scene", "paint_scene"]
