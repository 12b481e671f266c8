"""Borders, frames and cuts of panels: what tells a panel when its gutter does not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from linework.datasets.panels import find_panels
from linework.datasets.panels.borders import on_border
from linework.datasets.panels.cuts import SLOT, best_cut
from linework.datasets.panels.edges import find_edge, gutter_ends
from linework.datasets.panels.frames import framed
from linework.datasets.panels.outlines import outline
from linework.datasets.panels.parts import connected_parts
from panel_score import score


def white(height: int = 400, width: int = 600) -> np.ndarray:
    return np.full((height, width, 3), 255, np.uint8)


def box(x0: float, y0: float, x1: float, y1: float) -> np.ndarray:
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float64)


def f1(page: np.ndarray, truth: list[np.ndarray]) -> float:
    return score(truth, [panel.polygon for panel in find_panels(page)], page.shape).f1


@pytest.mark.parametrize("thick", [3, 9])
def test_a_side_lies_on_the_middle_of_its_border(thick: int) -> None:
    page = white()
    cv2.rectangle(page, (100, 80), (300, 240), (0, 0, 0), thick)
    half = thick / 2
    outside = box(100 - half, 80 - half, 300 + half, 240 + half)
    assert np.abs(on_border(outside, page) - box(100, 80, 300, 240)).max() < 1


def test_a_side_without_a_border_stays() -> None:
    page = white()
    page[80:240, 100:300] = 60
    truth = box(100, 80, 300, 240)
    assert np.array_equal(on_border(truth, page), truth)


def leaking(gap: int) -> np.ndarray:
    """A hatched panel with a gap in its border, beside one that is toned."""
    page = white()
    cv2.rectangle(page, (20, 20), (280, 380), (0, 0, 0), 3)
    for x in range(-360, 260, 11):
        cv2.line(page, (20 + max(x, 0), 380 + min(x, 0)),
                 (min(20 + x + 360, 280), max(20, 380 + x - 260)), (60,) * 3, 1)  # fmt: skip
    page[19:22, 140 : 140 + gap] = 255
    cv2.rectangle(page, (310, 20), (580, 380), (150, 170, 190), -1)
    cv2.rectangle(page, (310, 20), (580, 380), (0, 0, 0), 3)
    return page


@pytest.mark.parametrize("gap", [0, 14, 40])
def test_a_gap_in_the_border_of_a_hatched_panel(gap: int) -> None:
    assert f1(leaking(gap), [box(20, 20, 280, 380), box(310, 20, 580, 380)]) == 1


def test_a_frame_of_which_a_corner_is_covered() -> None:
    region = np.zeros((300, 300), bool)
    region[20:202, 20:202] = True
    region[24:198, 24:198] = False
    region[140:] &= np.arange(300) < 140
    region[150:250, 150:250] = True
    frame, over = sorted(connected_parts(region), key=lambda part: part.box)
    found = framed(frame, [frame, over], region.shape)
    truth = np.zeros_like(region)
    truth[20:202, 20:202] = True
    truth[140:, 140:] = False
    assert found is not None
    assert (found & truth).sum() > 0.95 * (found | truth).sum()


def test_two_lines_are_no_frame() -> None:
    region = np.zeros((300, 300), bool)
    region[20:202, 20:24] = region[198:202, 20:202] = True
    [part] = connected_parts(region)
    assert framed(part, [part], region.shape) is None


@pytest.mark.parametrize(("beside", "cut"), [(0, True), (50, False)], ids=["a figure", "a T"])
def test_a_cut_goes_on_under_a_figure_and_not_into_a_panel(beside: int, cut: bool) -> None:
    gutter = np.zeros((400, 600), bool)
    gutter[200:, 300:320] = True
    gutter[200:220, 300 - beside : 320 + beside] = True
    region = np.ones_like(gutter)
    found = best_cut(gutter, gutter, region, page=600, least=24, kind=SLOT)
    assert (found is not None) == cut


def test_a_balloon_over_most_of_a_side_does_not_move_it() -> None:
    mask = np.zeros((260, 260), np.uint8)
    mask[60:240, 20:240] = 1
    cv2.ellipse(mask, (130, 60), (85, 14), 0, 0, 360, 1, -1)
    assert np.abs(outline(mask > 0) - box(20, 60, 240, 240)).max() < 4


def test_ends_of_gutters_are_bands() -> None:
    paper = np.zeros((400, 400), bool)
    paper[:, 100:112] = True  # a gutter
    paper[:, 200:280] = True  # a white panel's ground
    paper[:6, 320:332] = True  # a nick
    kept = np.flatnonzero(gutter_ends(paper, find_edge(paper)))
    assert kept.tolist() == list(range(100, 112))
