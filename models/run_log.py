"""What a training run writes down: log.csv, curves.svg, times.csv, TensorBoard events if asked.

The log is rewritten whole and atomically at each row: it has a row an evaluation, not a
step. Rows beyond a checkpoint are forgotten when the run is resumed from it, for they
are about to happen again.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..strokes.atomic import write_atomically
from ..strokes.errors import LineworkError
from .run_times import RunTimes
from .training_curves import curves_svg

LOG, CURVES, EVENTS = "log.csv", "curves.svg", "tensorboard"


class RunLog:
    """The log of a run folder."""

    def __init__(self, folder: Path, step: int, tensorboard: bool) -> None:
        """Opens the log of a run that stands at `step`.

        Raises:
            LineworkError: TensorBoard is asked for and not installed.
        """
        self.folder = folder
        self.rows = [row for row in _read(folder / LOG) if float(row["step"]) <= step]
        self._write()
        self.times = RunTimes(folder, step)
        self.events = _event_writer(folder / EVENTS, step) if tensorboard else None

    def add(self, step: int, figures: Mapping[str, float]) -> None:
        """One row: written to the log, the curves redrawn."""
        self.rows.append({"step": str(step), **{k: f"{v:.6g}" for k, v in figures.items()}})
        self._write()
        self.times.add(step)
        series = {
            name: [(float(r["step"]), float(r[name])) for r in self.rows if r.get(name)]
            for name in figures
        }
        write_atomically(self.folder / CURVES, curves_svg(series, "step").encode())
        if self.events is not None:
            for name, value in figures.items():
                self.events.add_scalar(name, value, step)
            self.events.flush()

    def _write(self) -> None:
        if not self.rows:
            (self.folder / LOG).unlink(missing_ok=True)
            return
        text = io.StringIO()
        writer = csv.DictWriter(text, list(self.rows[-1]), extrasaction="ignore", restval="")
        writer.writeheader()
        writer.writerows(self.rows)
        write_atomically(self.folder / LOG, text.getvalue().encode())


def _read(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _event_writer(folder: Path, step: int) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise LineworkError(
            "tensorboard is not installed: pip install tensorboard, or leave train.tensorboard "
            "off; log.csv and curves.svg hold the same"
        ) from error
    return SummaryWriter(str(folder), purge_step=step + 1)
