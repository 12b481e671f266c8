"""What a person might have drawn of a picture: strokes, made from its edges.

Machine edges follow every pixel, never miss, and end nowhere; what is drawn later to be painted
does not look like them. So here a picture is flattened, its edges between areas found (Canny on
colour), traced to strokes as `strokes.trace` does, and the little ones
left out: `find_outlines`, once a picture. Then a hand draws them anew each time: it leaves
out some, the shorter the likelier; simplifies; errs, breaks off, overshoots and goes over a
line again, as `rough_strokes` has it of people: `draw_by_hand`.

No likeness of style: nobody hatches here, and what a person would know without seeing an edge
is not drawn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ..strokes import Drawing, Stroke
from ..strokes.errors import LineworkError
from ..strokes.images import UInt8Array
from ..strokes.simplify import arc_length, simplify
from ..strokes.trace import trace
from .rough_strokes import roughen_strokes
from .sketching_habits import Habits

Float32Array = npt.NDArray[np.float32]

# px of the shorter side at which edges are found: what is smaller nobody draws.
SIDE = 192
# px of the longer side at most.
LONGEST = 4 * SIDE
# Of the bilateral filter that flattens leaves and bricks: px, and levels of colour.
FLAT_REACH, FLAT_COLORS = 7, 30.0
FLAT_TIMES = 2
# An edge begins where the colours change by so much (Sobel, 3 x 3, of bytes), in pictures that
# are pale and in those that are strong; between, where this share of the px does; and it
# goes on where they change half as much.
EDGE, MOST_EDGES, GOES_ON = (70.0, 400.0), 0.07, 0.5
# Edges shorter than this, px at `SIDE`, are grain.
SHORTEST = 11.0
# Edges are traced at twice their size, as lines 3 px wide.
UP = 2
# Simplified to within 1 to 3 px of `SIDE`: what a hand takes for a straight line.
SIMPLEST = (0.7, 2.2)
# px of a stroke of which half are left out by somebody of a usual zeal.
MISSED = (6.0, 30.0)
# Share of what is otherwise drawn that is forgotten.
FORGOTTEN = 0.12


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody who draws a picture. Lengths are px of a picture whose shorter side is `SIDE`.

    Args:
        missed: strokes of this length are left out every second time.
        forgotten: share of strokes that is left out whatever its length.
        simplest: how far a simplified stroke may lie off.
        habits: how the strokes are drawn.
    """

    missed: float
    forgotten: float
    simplest: float
    habits: Habits


def find_outlines(picture: UInt8Array) -> Drawing:
    """The strokes along the edges of a picture, before a hand draws them.

    Args:
        picture: uint8 (H, W) or (H, W, 3), red, green, blue.

    Returns:
        a drawing whose canvas is the picture; without strokes where nothing stands out.

    Raises:
        LineworkError: a picture of another shape.
    """
    if picture.ndim not in (2, 3) or picture.dtype != np.uint8 or not picture.size:
        raise LineworkError(f"a picture of shape {picture.shape}; wanted uint8 (H, W, 3)")
    height, width = picture.shape[:2]
    scale = min(SIDE / min(height, width), LONGEST / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    small = np.asarray(cv2.resize(picture, size, interpolation=way), np.uint8)
    edges = _edges(small if small.ndim == 3 else np.repeat(small[:, :, None], 3, axis=2))
    if not edges.any():
        return Drawing((), (width, height))
    large = cv2.resize(edges, None, fx=UP, fy=UP, interpolation=cv2.INTER_NEAREST)
    paper = 255 - cv2.GaussianBlur(cv2.dilate(large, np.ones((2, 2), np.uint8)), (3, 3), 0)
    found = trace(paper, width=1.0)
    back = np.array([width / size[0], height / size[1]], np.float32) / UP
    kept = tuple(
        Stroke((stroke.points * back).astype(np.float32))
        for stroke in found.strokes
        if len(stroke) > 1 and not stroke.fill and _length(stroke) > UP * SHORTEST
    )
    return Drawing(kept, (width, height))


def random_hand(rng: np.random.Generator) -> Hand:
    """Somebody: quick or thorough, careful or not; most draw a line once."""
    wild = float(rng.beta(1.4, 2.5))
    twice = rng.random() < 0.2
    return Hand(
        missed=float(math.exp(rng.uniform(*np.log(MISSED)))),
        forgotten=FORGOTTEN * float(rng.uniform(0, 2)),
        simplest=float(rng.uniform(*SIMPLEST)),
        habits=Habits(
            arc=float(math.exp(rng.uniform(math.log(60), math.log(500)))),
            cover=1.0 + (float(rng.uniform(0.2, 1.0)) if twice else 0.0),
            scatter=0.4 + 2.0 * wild,
            turn=float(rng.uniform(0.4, 1.2)),
            flatten=float(rng.uniform(0.0, 0.5)),
            drift=float(rng.uniform(0.1, 0.5)),
            tremor=float(abs(rng.normal(0, 0.05))),
            overlap=float(rng.uniform(-0.12, 0.15)),
            overshoot=float(rng.uniform(0.5, 2.0 + 5.0 * wild)),
            hook=float(rng.uniform(0.0, 0.1)),
            taper=6.0,
            unit=0.7,
        ),
    )


def draw_by_hand(outlines: Drawing, rng: np.random.Generator, hand: Hand | None = None) -> Drawing:
    """Outlines as a hand draws them, on the same canvas.

    Args:
        outlines: as `find_outlines` has them, or anybody's clean lines.
        hand: whose; None is `random_hand`.
    """
    hand = random_hand(rng) if hand is None else hand
    scale = SIDE / min(outlines.size)
    drawn = [stroke for stroke in outlines.strokes if not _left_out(stroke, scale, hand, rng)]
    if not drawn:
        return outlines.with_strokes(())
    unit = outlines.with_strokes(
        [stroke.replace(points=stroke.points * np.float32(scale)) for stroke in drawn]
    )
    rough = roughen_strokes(simplify(unit, hand.simplest), hand.habits, rng)
    return outlines.with_strokes(
        [Stroke((s.points / np.float32(scale)).astype(np.float32)) for s in rough.strokes]
    )


def _left_out(stroke: Stroke, scale: float, hand: Hand, rng: np.random.Generator) -> bool:
    length = _length(stroke) * scale
    by_size = 1 / (1 + (length / hand.missed) ** 2)
    return bool(rng.random() < 1 - (1 - by_size) * (1 - hand.forgotten))


def _length(stroke: Stroke) -> float:
    return float(arc_length(stroke.points)[-1])


def _edges(picture: UInt8Array) -> UInt8Array:
    """Where areas meet: uint8 (H, W), 255 on a line 1 px wide."""
    flat = picture
    for _ in range(FLAT_TIMES):
        flat = np.asarray(cv2.bilateralFilter(flat, FLAT_REACH, FLAT_COLORS, FLAT_REACH), np.uint8)
    flat = np.asarray(cv2.GaussianBlur(flat, (0, 0), 1.0), np.uint8)
    across, down = (
        cv2.Sobel(flat, cv2.CV_32F, x, 1 - x, borderType=cv2.BORDER_REPLICATE) for x in (1, 0)
    )
    size = np.hypot(across, down)  # (H, W, 3)
    strongest = size.argmax(axis=2)[:, :, None]
    dx, dy = (np.take_along_axis(a, strongest, 2)[:, :, 0] for a in (across, down))
    begins = float(np.clip(np.quantile(size.max(axis=2), 1 - MOST_EDGES), *EDGE))
    limit = np.iinfo(np.int16).max
    dx, dy = (np.clip(d, -limit, limit).astype(np.int16) for d in (dx, dy))
    return np.asarray(cv2.Canny(dx, dy, GOES_ON * begins, begins, L2gradient=True), np.uint8)
