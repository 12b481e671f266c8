"""Measuring a simplification network on rough pictures whose lines are known."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..datasets.known_lines import KnownLines, read_known_lines
from ..datasets.line_score import TOLERANCES, score_picture
from ..datasets.oversketches import split_oversketches
from ..strokes.errors import LineworkError
from ..strokes.trace import trace
from .cleaning import STRENGTH, Cleaner
from .tracing import Path_

# Strokes within this share of the true number make a drawing usable as it is.
NEAR_COUNT = 0.3


@dataclass(frozen=True, slots=True)
class SimplifierEvaluation:
    """Figures of a simplifier, means over drawings unless said otherwise.

    Args:
        model: its name or path.
        data: the folder's name.
        split: "train", "test" or "all".
        drawings: how many.
        f: F-score of the thinned lines at 2, 4 and 8 per mille of the long edge.
        chamfer: distance in per mille of the long edge.
        strokes: traced strokes over true ones, of the median drawing.
        near_count: share of the drawings with a number of strokes within 30 % of the true one.
        by_drawing: for each name its F at 4 per mille, Chamfer and strokes.
    """

    model: str
    data: str
    split: str
    drawings: int
    f: tuple[float, ...]
    chamfer: float
    strokes: float
    near_count: float
    by_drawing: dict[str, tuple[float, float, float]]

    def __str__(self) -> str:
        """Aligned lines for a terminal."""
        lines = [
            f"{self.model} on {self.data}, {self.split}: {self.drawings} drawings",
            "",
            *(
                f"F at {mille:g} per mille of the long edge {value:8.3f}"
                for mille, value in zip(TOLERANCES, self.f, strict=True)
            ),
            f"Chamfer, per mille                {self.chamfer:8.2f}",
            f"strokes over true ones, median    {self.strokes:8.2f}",
            f"within 30 % of the true number    {self.near_count:8.0%}",
        ]
        return "\n".join(lines)


def evaluate_simplifier(
    model: Path_,
    data: Path_,
    *,
    split: str = "test",
    strength: float = STRENGTH,
    device: str | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> SimplifierEvaluation:
    """All figures of a simplifier on the pictures of a folder.

    Args:
        data: a folder as `read_known_lines` takes it.
        split: "test" takes of human oversketches those that training leaves out, "train" the
            others; of other folders, which have no split, all.
        progress: is told how many drawings are done, of how many.

    Raises:
        LineworkError: no such model, or no drawing to measure on.
        FormatError: a file that is damaged.
    """
    cleaner = Cleaner.load(model, device)
    pages, part = _pages(data, split)
    figures = {}
    for done, page in enumerate(pages):
        figures[page.name] = _measure(cleaner, page, strength)
        progress(done + 1, len(pages))
    shares = [f for f, _, _ in figures.values()]
    ratios = [ratio for _, _, ratio in figures.values()]
    return SimplifierEvaluation(
        model=str(model),
        data=Path(data).name,
        split=part,
        drawings=len(pages),
        f=tuple(statistics.mean(f[k] for f in shares) for k in range(len(TOLERANCES))),
        chamfer=statistics.mean(chamfer for _, chamfer, _ in figures.values()),
        strokes=statistics.median(ratios),
        near_count=statistics.mean(abs(ratio - 1) <= NEAR_COUNT for ratio in ratios),
        by_drawing={name: (f[1], chamfer, ratio) for name, (f, chamfer, ratio) in figures.items()},
    )


def _pages(data: Path_, split: str) -> tuple[list[KnownLines], str]:
    pages = list(read_known_lines(data))
    train, test = split_oversketches([page.name for page in pages])
    if not (train and test):
        return pages, "all"
    chosen = set(test if split == "test" else train)
    pages = [page for page in pages if page.name in chosen]
    if not pages:
        raise LineworkError(f"{data}: no drawing in its {split} split")
    return pages, "test" if split == "test" else "train"


def _measure(
    cleaner: Cleaner, page: KnownLines, strength: float
) -> tuple[tuple[float, ...], float, float]:
    clean = cleaner.clean(page.rough, strength)
    score = score_picture(clean, page.lines)
    count = len(trace(clean).strokes)
    return score.f, score.chamfer, count / len(page.lines) if page.lines else math.nan
