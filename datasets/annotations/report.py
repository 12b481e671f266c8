"""What a conversion did, a line for everything that was not taken as it stood.

The lines go to report.csv, which opens in any spreadsheet; a person reads the summary.
"""

from __future__ import annotations

import csv
import io
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .record import Remark

REPORT = "report.csv"
# All remarks are in the file; a screen full of them helps nobody.
SHOWN = 20
_HEAD = ("file", "shape", "label", "found", "done", "converted")


@dataclass(frozen=True, slots=True)
class ConversionReport:
    """A conversion's outcome.

    Args:
        out: the file or folder to go on with.
        pictures: records written.
        annotations: objects written.
        labels: how many categories.
        lost: remarks on what was not converted.
        notes: the other remarks.
        first: the first remarks, those on losses before others.
    """

    out: Path
    pictures: int
    annotations: int
    labels: int
    lost: int
    notes: int
    first: tuple[Remark, ...]

    def __str__(self) -> str:
        lines = [str(remark) for remark in self.first]
        more = self.lost + self.notes - len(self.first)
        if more > 0:
            lines.append(f"and {more:,} more lines in {REPORT}")
        lost = f"{self.lost:,} not converted" if self.lost else "everything converted"
        lines.append(
            f"{self.out}: {self.pictures:,} pictures, {self.annotations:,} annotations of "
            f"{self.labels:,} labels; {lost}, {self.notes:,} notes"
        )
        return "\n".join(lines)


def report_csv(remarks: Iterable[Remark]) -> tuple[bytes, int, int, tuple[Remark, ...]]:
    """The file's content, the numbers of losses and notes, and the first remarks to show."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(_HEAD)
    counts: Counter[bool] = Counter()
    lost: list[Remark] = []
    notes: list[Remark] = []
    for remark in remarks:
        shape = "" if remark.shape is None else remark.shape
        row = (remark.file, shape, remark.label, remark.what, remark.done)
        rows.writerow([*(_safe(cell) for cell in row), "no" if remark.lost else "yes"])
        counts[remark.lost] += 1
        shown = lost if remark.lost else notes
        if len(shown) < SHOWN:
            shown.append(remark)
    first = tuple([*lost, *notes][:SHOWN])
    return text.getvalue().encode("utf-8", "backslashreplace"), counts[True], counts[False], first


def _safe(cell: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    text = str(cell)
    return f"'{text}" if text[:1] in "=+-@" and text not in ("", "-") else cell


def shown_name(path: os.PathLike[str] | str, root: Path) -> str:
    """A path as messages name it: within its source where it lies there."""
    try:
        return readable(Path(path).relative_to(root).as_posix())
    except ValueError:
        return readable(Path(path).as_posix())


def readable(name: str) -> str:
    """A file name of any bytes as text that JSON and terminals take."""
    return name.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
