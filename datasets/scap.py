"""Human oversketches with the human grouping of their strokes: .scap files in, `Oversketch`.

The format of the StrokeStrip and StrokeAggregator data sets: `#W H` and `@thickness`, then for each
stroke, between braces, `#number cluster`, `@thickness` and rows of x, y and pressure,
separated by blanks, in px. Strokes of one cluster mean one line.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..strokes.errors import FormatError, LineworkError

SUFFIX = ".scap"
_ENDINGS = ("_cluster", "_SA")  # what the published files' names end with
MOST_COORDINATE = 1_000_000.0


@dataclass(frozen=True, slots=True, eq=False)
class Oversketch:
    """A drawing whose lines were drawn several times.

    Args:
        name: of the file, without what all names end with.
        strokes: float64 (n, 2) each, n >= 1, x, y in px, y down.
        clusters: for each stroke the number of the line that it means.
    """

    name: str
    strokes: tuple[npt.NDArray[np.float64], ...]
    clusters: tuple[int, ...]

    def lines(self) -> list[list[npt.NDArray[np.float64]]]:
        """The strokes of every line, by number of cluster."""
        return [
            [s for s, c in zip(self.strokes, self.clusters, strict=True) if c == cluster]
            for cluster in sorted(set(self.clusters))
        ]


def read_scap(path: str | os.PathLike[str]) -> Oversketch:
    """The oversketch in a .scap file.

    Raises:
        LineworkError: no such file.
        FormatError: not such a file, or one that is cut short or damaged.
    """
    try:
        text = Path(path).read_text("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(f"{path}: is not text; wanted a .scap file") from error
    except OSError as error:
        raise LineworkError(f"{path}: cannot be read: {error.strerror or error}") from error
    strokes: list[npt.NDArray[np.float64]] = []
    clusters: list[int] = []
    rows: list[tuple[float, float]] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("@"):
            continue
        if words[0] == "{":
            if rows is not None:
                raise FormatError(f"{path}:{number}: a stroke begins before the last one's }}")
            rows, cluster = [], None
            words = words[1:]
        if words and words[0] == "}":
            if rows is None:
                raise FormatError(f"{path}:{number}: }} without a stroke before it")
            if rows:
                if cluster is None:
                    raise FormatError(
                        f"{path}:{number}: a stroke without `#number cluster`; wanted strokes "
                        "grouped into lines"
                    )
                strokes.append(np.array(rows))
                clusters.append(cluster)
            rows = None
        elif words and rows is not None and words[0].startswith("#"):
            cluster = _cluster(words, f"{path}:{number}")
        elif words and rows is not None and not words[0].startswith("@"):
            rows.append(_point(words, f"{path}:{number}"))
    if rows is not None:
        raise FormatError(f"{path}: ends within a stroke; the file is cut short")
    if not strokes:
        raise FormatError(f"{path}: holds no strokes; wanted a .scap file with `{{ ... }}` blocks")
    if max(np.ptp(np.concatenate(strokes), axis=0)) == 0:
        raise FormatError(f"{path}: all points are one; wanted a drawing")
    return Oversketch(_name(Path(path).stem), tuple(strokes), tuple(clusters))


def read_scaps(folder: str | os.PathLike[str]) -> list[Oversketch]:
    """All oversketches of a folder, by name.

    Raises:
        LineworkError: no such folder, or none in it.
        FormatError: a file that is damaged.
    """
    paths: Sequence[Path] = sorted(Path(folder).glob(f"*{SUFFIX}"))
    if not paths:
        raise LineworkError(f"{folder}: holds no {SUFFIX} files; wanted a folder of oversketches")
    return [read_scap(path) for path in paths]


def _cluster(words: list[str], where: str) -> int:
    try:
        return int(words[-1]) if len(words) == 2 else int(words[2])
    except (ValueError, IndexError):
        raise FormatError(
            f"{where}: {' '.join(words)!r} where a stroke's `#number cluster` was wanted"
        ) from None


def _point(words: list[str], where: str) -> tuple[float, float]:
    try:
        x, y = float(words[0]), float(words[1])
    except (ValueError, IndexError):
        x = y = np.nan
    if not (abs(x) <= MOST_COORDINATE and abs(y) <= MOST_COORDINATE):
        raise FormatError(f"{where}: {' '.join(words)!r} where x, y and pressure were wanted")
    return x, y


def _name(stem: str) -> str:
    for ending in _ENDINGS:
        stem = stem.removesuffix(ending)
    return stem
