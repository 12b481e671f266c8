"""How somebody sketches: how long strokes are, how often they go over a line, how far they stray.

The ranges of `random_habits` were set by measuring 48 human oversketches (strokes a line 1 to
12, ink over length 1 to 4, docs/decisions/0013) and by looking at sheets of both.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

# Scatter grows with the line's length, and is as stated at this many px.
USUAL_LENGTH = 250.0


@dataclass(frozen=True, slots=True)
class Habits:
    """How somebody sketches. Lengths are px of the picture.

    Args:
        arc: typical length of one stroke; longer lines are made of several.
        cover: how often each place of a line is drawn, on average; 1 is a single pass.
        scatter: standard deviation of an arc's place from the line, for lines of `USUAL_LENGTH`.
        growth: power of its length by which a line's scatter grows; 0 is the same for all.
        room: greatest scatter, px: who draws lines side by side keeps them apart.
        turn: how far an arc's ends stray against each other, in scatters.
        flatten: how much straighter than the line arcs may be, 0 to 1.
        drift: slow wandering, in scatters.
        tremor: fast wandering, px.
        overlap: share of an arc by which first arcs run into the next; below 0 leaves gaps.
        overshoot: typical length by which strokes run past a corner.
        hook: chance that an end of a stroke hooks.
        taper: typical length over which pressure comes and goes.
        pressure: standard deviation of the strokes' pressure around 0.6.
        unit: px of what is 1 px in a drawing of 1000 px; scales the constants here.
    """

    arc: float = 220.0
    cover: float = 2.2
    scatter: float = 2.0
    growth: float = 0.4
    room: float = math.inf
    turn: float = 0.8
    flatten: float = 0.35
    drift: float = 0.35
    tremor: float = 0.25
    overlap: float = 0.12
    overshoot: float = 6.0
    hook: float = 0.12
    taper: float = 18.0
    pressure: float = 0.15
    unit: float = 1.0


NO_STRAY = Habits(cover=1.0, scatter=0.0, tremor=0.0, overshoot=0.0, hook=0.0, flatten=0.0)


def random_habits(rng: np.random.Generator, unit: float = 1.0) -> Habits:
    """The habits of somebody: careful or searching, in dabs or in sweeps."""
    wild = float(rng.beta(1.3, 2.2))  # 0 careful, 1 wild
    arc = math.exp(rng.uniform(math.log(55), math.log(1000)))
    # Short strokes sit closer to the line than long sweeps.
    scatter = (1.5 + 10.0 * wild) * (0.55 + 0.45 * min(arc / 250, 1.6))
    gaps = rng.random() < 0.12
    if rng.random() < 0.07:  # who draws with the arm lays sweeps far from each other
        arc, scatter = arc + 500, scatter * rng.uniform(1.5, 4)
    return Habits(
        arc=arc * unit,
        cover=1.0 if rng.random() < 0.08 else 1 + float(rng.gamma(2.2, 0.75)),
        scatter=scatter * unit,
        turn=rng.uniform(0.5, 1.6),
        flatten=rng.uniform(0.0, 0.6),
        drift=rng.uniform(0.05, 0.4),
        tremor=unit * abs(float(rng.normal(0, 0.18))),
        overlap=rng.uniform(-0.15, 0.05) if gaps else rng.uniform(0.02, 0.3),
        overshoot=unit * rng.uniform(1, 5 + 14 * wild),
        hook=rng.uniform(0.0, 0.15),
        taper=unit * rng.uniform(3, 40),
        pressure=rng.uniform(0.05, 0.22),
        unit=unit,
    )
