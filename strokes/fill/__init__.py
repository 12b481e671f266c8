"""Strokes to regions: outlines closed and filled (`objects`), line art in flat colours (`flat`)."""

from .flat import GAP, PALETTE, Regions, colored, find_regions, flat_colors
from .objects import Filling, Group, Region, fill_drawing, groups_of
from .open_lines import is_open_by_nature
from .silhouette import METHODS, TOLERANCE

__all__ = [
    "GAP",
    "METHODS",
    "PALETTE",
    "TOLERANCE",
    "Filling",
    "Group",
    "Region",
    "Regions",
    "colored",
    "fill_drawing",
    "find_regions",
    "flat_colors",
    "groups_of",
    "is_open_by_nature",
]
