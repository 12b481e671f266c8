"""How long a training run has taken, over all its sessions: times.csv beside its log.

A row an evaluation: the step, seconds by the clock, and CPU-seconds of process 0 (not of the
processes that make its batches). Apart from log.csv, which is the same to the byte however often
a run was stopped. What a session did after its last evaluation is counted at the pace before it.
"""

from __future__ import annotations

import csv
import io
import time
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from ..strokes.atomic import write_atomically

TIMES = "times.csv"


@dataclass(frozen=True, slots=True)
class Spent:
    """Time since the run was begun, until `step`."""

    step: int
    seconds: float
    cpu_seconds: float


class RunTimes:
    """The times of a run folder, while it trains."""

    def __init__(self, folder: Path, step: int) -> None:
        """Goes on with a run that stands at `step`; what was spent beyond it is forgotten."""
        self.file = folder / TIMES
        self.rows = [row for row in read_times(folder) if row.step <= step]
        self.before = Spent(step, 0.0, 0.0)
        if self.rows:
            last = self.rows[-1]
            share = step / last.step
            self.before = Spent(step, share * last.seconds, share * last.cpu_seconds)
        self.began = time.monotonic(), time.process_time()

    def add(self, step: int) -> None:
        """One row."""
        seconds = self.before.seconds + time.monotonic() - self.began[0]
        cpu = self.before.cpu_seconds + time.process_time() - self.began[1]
        self.rows.append(Spent(step, round(seconds, 1), round(cpu, 1)))
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(field.name for field in fields(Spent))
        writer.writerows(map(astuple, self.rows))
        write_atomically(self.file, text.getvalue().encode())


def read_times(folder: Path) -> list[Spent]:
    """The times of a run folder, by step; none where it has no such file."""
    path = folder / TIMES
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [
            Spent(int(row["step"]), float(row["seconds"]), float(row["cpu_seconds"]))
            for row in csv.DictReader(file)
        ]
