"""Cleaning around the network: sizes, scales, tiles, strength, blank pages."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from linework.models.residual import fused
from linework.models.simplifier import Simplifier, SimplifierConfig
from linework.pipeline.cleaning import Cleaner, prepare

sys.path.insert(0, str(Path(__file__).parents[1]))
from copying_network import copying

RANDOM = SimplifierConfig(channels=(8, 8, 8), blocks=(1, 1, 2), dilations=(1, 2), detail=4)


@pytest.fixture(scope="module")
def cleaner() -> Cleaner:
    return Cleaner(fused(copying()), torch.device("cpu"))


def page(height: int = 200, width: int = 300, line: int = 3, ink: int = 0) -> np.ndarray:
    picture = np.full((height, width), 255, np.uint8)
    cv2.line(picture, (20, 30), (width - 30, height - 40), ink, line, cv2.LINE_AA)
    cv2.circle(picture, (width // 2, height // 2), 40, ink, line, cv2.LINE_AA)
    return picture


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    a, b = one < 128, other < 128
    return float((a & b).sum() / (a | b).sum())


@pytest.mark.parametrize("line", [1, 2, 5, 12, 24])
def test_lines_keep_place_and_width_at_any_scale(cleaner: Cleaner, line: int) -> None:
    picture = page(400, 500, line)
    clean = cleaner.clean(picture)
    assert clean.shape == picture.shape
    assert clean.dtype == np.uint8
    assert overlap(clean, picture) > (0.9 if line > 2 else 0.6)


@pytest.mark.parametrize("ink", [0, 120, 200])
def test_the_network_sees_paper_as_nothing_and_lines_of_one_width(ink: int) -> None:
    shade = np.linspace(1, 0.6, 500)[None, :] * np.ones((400, 1))
    picture = (page(400, 500, 9, ink) * shade).astype(np.uint8)
    seen, scale = prepare(picture)
    assert scale < 0.5
    assert seen.shape == (round(400 * scale), round(500 * scale))
    paper = np.asarray(cv2.resize(page(400, 500, 15), seen.shape[::-1])) > 254
    assert seen[paper].mean() < 3
    assert seen.max() > 0.8 * (255 - ink)


@pytest.mark.parametrize("scale", [0.3, 1.0, 1.7])
def test_a_scale_that_is_given_is_kept(cleaner: Cleaner, scale: float) -> None:
    assert prepare(page(), scale)[1] == scale
    assert cleaner.clean(page(), scale=scale).shape == (200, 300)


def test_black_areas_stay_black_and_specks_go(cleaner: Cleaner) -> None:
    picture = page(400, 500)
    cv2.rectangle(picture, (50, 250), (180, 370), 0, -1)
    cv2.circle(picture, (400, 100), 4, 0, -1)
    with_dust = picture.copy()
    with_dust[50:52, 250:252] = 0
    clean = cleaner.clean(with_dust)
    assert (clean[255:365, 55:175] < 10).all()
    assert clean[100, 400] < 10
    assert (clean[45:57, 245:257] == 255).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 400), (60, 90)])
def test_nothing_on_the_page_gives_white(cleaner: Cleaner, size: tuple[int, int]) -> None:
    assert (cleaner.clean(np.full(size, 240, np.uint8)) == 255).all()


def test_tiles_leave_no_seam() -> None:
    torch.manual_seed(0)
    model = Simplifier(RANDOM)
    model(torch.rand(2, 1, 64, 64))
    cleaner = Cleaner(fused(model), torch.device("cpu"))
    picture = page(700, 900)
    whole = cleaner.clean(picture, scale=1.0, tile=1024).astype(int)
    assert np.ptp(whole) > 10
    pieces = cleaner.clean(picture, scale=1.0, tile=128).astype(int)
    assert np.abs(whole - pieces).max() <= 2


def test_progress_counts_tiles(cleaner: Cleaner) -> None:
    said: list[tuple[int, int]] = []
    cleaner.clean(page(), scale=1.0, tile=128, progress=lambda *done: said.append(done))
    assert said == [(k, 6) for k in range(1, 7)]


def test_ink_never_grows_with_strength(cleaner: Cleaner) -> None:
    picture = cv2.GaussianBlur(page(), (0, 0), 1.2)
    found = [cleaner.clean(picture, s) for s in (0.0, 0.25, 0.5, 0.75, 1.0)]
    for gentle, strong in pairwise(found):
        assert (strong >= gentle).all()
    dark = [int((f < 128).sum()) for f in found]
    assert dark[0] > dark[2] > dark[4] > 0
