"""A pattern, more of it: any size, from a small sample, without training.

`quilt` lays blocks of the sample side by side and cuts them along the line where they agree; fast,
and every px is one of the sample's. `synthesise` goes from coarse to fine and replaces each patch
by the nearest of the sample's, which repeats less. `compare_patches` says how much was copied, and
how near the result's patches are to the sample's.
"""

from .nearest import PATCH, synthesise
from .patches import PatchReport, compare_patches
from .quilting import quilt

__all__ = ["PATCH", "PatchReport", "compare_patches", "quilt", "synthesise"]
