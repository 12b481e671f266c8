"""A rough picture beside the clean one it means, and what gives such pairs: `PairSource`.

Training a simplification network reads nothing else. Sources: human oversketches
(`oversketches.py`), clean drawings made rough (`roughening.py`) and the user's own folders
(`pair_folder.py`). Mixing sources and batching are not here.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
"""A grey picture, uint8 (H, W): 0 is black ink, 255 is paper."""


@dataclass(frozen=True, slots=True)
class Pair:
    """`rough` and `clean`: uint8 (H, W), 0 ink and 255 paper, of one size, in registration."""

    rough: Grey
    clean: Grey


class PairSource(Protocol):
    """Something that gives augmented patches for training."""

    @property
    def name(self) -> str:
        """What messages, logs and cards call this source."""
        ...

    def patch(self, size: int, rng: np.random.Generator) -> Pair:
        """A patch of `size` by `size` px; the same state of `rng` gives the same patch."""
        ...
