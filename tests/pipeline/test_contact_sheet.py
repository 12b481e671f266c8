"""The page of all stages: everything is on it, whatever there is to show."""

from __future__ import annotations

import numpy as np
import pytest
from linework.pipeline.contact_sheet import GAP, MARGIN, PANEL, Panel, contact_sheet

RED = (200, 10, 20)
LABELS = [(f"label {k}", (k * 9, 200 - k * 5, 60), 1 / (k + 1)) for k in range(25)]
TIMES = [(stage, 0.1 + k) for k, stage in enumerate(("clean", "trace", "fill", "paint"))]


def panel(height: int, width: int, note: str = "a note") -> Panel:
    picture = np.full((height, width, 3), RED, np.uint8)
    return Panel("sketch", note, picture)


def shown(page: np.ndarray) -> int:
    """Px of the panels' colour."""
    return int((page == RED).all(axis=2).sum())


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6, 7])
@pytest.mark.parametrize("size", [(60, 90), (90, 60)])
def test_every_panel_is_shown_whole(count: int, size: tuple[int, int]) -> None:
    page = contact_sheet([panel(*size)] * count, LABELS[:3], TIMES, "scene.svg")
    box = [round(side * PANEL / max(size)) for side in size]
    assert page.dtype == np.uint8
    assert shown(page) >= count * box[0] * box[1] * 0.99
    assert page.shape[1] >= 2 * MARGIN + 640


def test_labels_and_times_are_on_it() -> None:
    five = contact_sheet([panel(60, 90)] * 5, LABELS[:4], TIMES, "scene.svg")
    four = contact_sheet([panel(60, 90)] * 4, LABELS[:4], TIMES, "scene.svg")
    for page in (five, four):
        for _, color, _ in LABELS[:4]:
            assert (page == color).all(axis=2).sum() > 100, color


def test_nothing_runs_over_the_edge() -> None:
    plain = contact_sheet([panel(60, 90)] * 3, LABELS, TIMES, "scene.svg")
    long = contact_sheet([panel(60, 90, "word " * 80)] * 3, LABELS, TIMES, "scene.svg")
    assert long.shape == plain.shape
    margin = long[:, -MARGIN + GAP // 2 :]
    assert (margin == margin[0, 0]).all()


def test_a_grey_picture_without_labels_or_times() -> None:
    grey = Panel("sketch", "", np.zeros((40, 40), np.uint8))
    assert contact_sheet([grey], [], [], "x").shape[2] == 3
