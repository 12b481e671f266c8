"""What `--data` of a simplifier's training names, as sources of pairs: to learn from, to watch.

    a folder with rough/ and clean/    the user's own pairs
    a folder of .scap                  human oversketches; those kept for tests are left out
    drawings of any form               clean ones, made rough as they are drawn

A tenth of each, by the hash of the names, is not learnt from: the evaluations that choose
the best weights see that alone.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..datasets.clean_drawings import read_clean_drawings
from ..datasets.oversketches import NO_ONE_LINE, OversketchPairs, fit_sketch, split_oversketches
from ..datasets.pair_folder import CLEAN, ROUGH, PairFolder, check_pairs, pair_names
from ..datasets.pairs import PairSource
from ..datasets.roughening import RoughenedDrawings
from ..datasets.scap import read_scaps
from ..models.picture_batches import PairMix
from ..strokes.errors import LineworkError

Path_ = str | os.PathLike[str]
Note = Callable[[str], None]

# Share of the names that are watched and not learnt from; at least one of more than one.
WATCHED = 0.1


@dataclass(frozen=True, slots=True)
class PairSources:
    """Pairs to learn from and pairs of other drawings to watch."""

    train: PairSource
    watched: PairSource


def open_pairs(
    paths: Sequence[Path_], shares: Sequence[float] = (), note: Note = lambda text: None
) -> PairSources:
    """The sources that paths name, mixed.

    Args:
        shares: how often each is drawn from; none takes them equally often.
        note: is told what the user should know of the pairs: which do not fit.

    Raises:
        LineworkError: a path that is nothing of the kind, or shares that do not fit.
        FormatError: files that are damaged.
    """
    if shares and (len(shares) != len(paths) or min(shares) < 0 or sum(shares) <= 0):
        raise LineworkError(
            f"patches.shares is {', '.join(f'{s:g}' for s in shares)} for {len(paths)} --data; "
            "wanted a number for each, 0 or more"
        )
    opened = [_open(Path(path), note) for path in paths]
    weights = list(shares) or [1.0] * len(opened)
    return PairSources(
        PairMix([pair.train for pair in opened], weights),
        PairMix([pair.watched for pair in opened], weights),
    )


def split_names(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Names to learn from and names to watch, the same whatever their order.

    >>> split_names([f"page {i}" for i in range(10)])[1]
    ['page 3']
    """
    ordered = sorted(names, key=lambda name: hashlib.sha256(name.encode()).digest())
    count = min(max(1, round(WATCHED * len(ordered))), len(ordered) - 1)
    # A single pair is learnt from and watched: its evaluation shows that it is learnt.
    watched = ordered[:count] or ordered
    learnt = ordered[count:]
    return sorted(learnt), sorted(watched)


def _open(path: Path, note: Note) -> PairSources:
    if (path / ROUGH).is_dir() and (path / CLEAN).is_dir():
        return _own_pairs(path, note)
    if path.is_dir() and any(path.glob("*.scap")):
        return _oversketches(path)
    drawings = read_clean_drawings([path])
    learnt, watched = split_names([str(i) for i in range(len(drawings))])
    return PairSources(
        RoughenedDrawings([drawings[int(i)] for i in learnt], name=str(path)),
        RoughenedDrawings([drawings[int(i)] for i in watched], name=str(path)),
    )


def _own_pairs(path: Path, note: Note) -> PairSources:
    report = check_pairs(path)
    note(str(report))
    usable = {pair.name for pair in report.pairs}
    learnt, watched = split_names([name for name in pair_names(path) if name in usable])
    return PairSources(PairFolder(path, names=learnt), PairFolder(path, names=watched))


def _oversketches(path: Path) -> PairSources:
    drawings = {drawing.name: drawing for drawing in read_scaps(path)}
    names = [name for name in split_oversketches(drawings)[0] if name not in NO_ONE_LINE]
    if not names:
        raise LineworkError(f"{path}: holds only drawings that are kept for tests")
    learnt, watched = split_names(names)
    fitted = {name: fit_sketch(drawings[name]) for name in names}
    return PairSources(
        OversketchPairs([fitted[name] for name in learnt], name=str(path)),
        OversketchPairs([fitted[name] for name in watched], name=str(path)),
    )
