"""Pictures with known lines, and how a cleaned picture is scored on them."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from linework.datasets.known_lines import read_known_lines
from linework.datasets.line_score import NOTHING, score_picture, score_points
from linework.datasets.oversketches import draw_lines
from linework.datasets.principal_curve import Curve
from linework.strokes import Drawing, FormatError, LineworkError
from linework.strokes.files import write_drawings

LINE = Curve(np.array([[20.0, 100.0], [180.0, 100.0]]), False)
RING = Curve(np.array([[50.0, 40.0], [150.0, 40.0], [100.0, 80.0]]), True)


def drawn(*lines: Curve, shift: float = 0.0) -> np.ndarray:
    fixed = [
        (np.round((c.points + np.array([0, shift])) * 16).astype(np.int32), c.closed) for c in lines
    ]
    return draw_lines(fixed, 200, 3.0)


# ------------------------------------------------------------------ the score


def test_the_truth_itself_scores_full() -> None:
    score = score_picture(drawn(LINE, RING), [LINE, RING])
    assert score.f[0] > 0.6  # 2 per mille are 0.4 px, less than a px grid resolves
    assert score.f[1:] == pytest.approx((1, 1), abs=0.03)
    assert score.chamfer < 2


def test_a_shift_costs_below_its_tolerance() -> None:
    score = score_picture(drawn(LINE, shift=1.2), [LINE])  # 6 per mille
    assert score.f[0] < 0.05
    assert score.f[2] > 0.97
    assert score.chamfer == pytest.approx(6, abs=2)


def test_half_of_the_lines_is_recall_of_a_half() -> None:
    other = Curve(LINE.points - [0, 50], False)
    assert score_picture(drawn(LINE), [LINE, other]).f[2] == pytest.approx(2 / 3, abs=0.02)


def test_nothing_found_or_nothing_there() -> None:
    blank = np.full((200, 200), 255, np.uint8)
    assert score_picture(blank, [LINE]).f == (0, 0, 0)
    assert score_picture(blank, [LINE]).chamfer == NOTHING
    assert score_picture(drawn(LINE), []).f == (0, 0, 0)
    assert score_picture(blank, []).f == (1, 1, 1)
    dot = Curve(np.array([[3.0, 4.0]]), False)
    assert score_points(np.array([[3.0, 4.0]]), [dot], 100).chamfer == 0


# ------------------------------------------------------------------ the readers


def test_pictures_beside_drawings(tmp_path: Path) -> None:
    (tmp_path / "raster").mkdir()
    (tmp_path / "svg").mkdir()
    drawing = Drawing.from_arrays([LINE.points, RING.points], size=(400, 400))
    write_drawings([drawing], tmp_path / "svg" / "a.svg")
    for name in ("a", "a-later"):
        cv2.imwrite(str(tmp_path / "raster" / f"{name}.png"), drawn(LINE))
    (known,) = read_known_lines(tmp_path)
    assert known.name == "a"
    assert known.rough.shape == (200, 200)
    # The drawing's 400 px are the picture's 200; its corner is a corner, not a middle of a px.
    assert known.lines[0].points[0].tolist() == pytest.approx([9.5, 49.5], abs=0.01)
    (tmp_path / "svg" / "a.svg").unlink()
    with pytest.raises(LineworkError, match="has a drawing"):
        list(read_known_lines(tmp_path))


def test_a_benchmark_folder(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "b_rough.png"), drawn(LINE))
    truth = tmp_path / "b_truth.json"
    rows = {"size": [200, 200], "strokes": [RING.points.tolist()], "closed": [True]}
    truth.write_text(json.dumps(rows))
    (known,) = read_known_lines(tmp_path)
    assert known.lines[0].closed
    assert known.lines[0].points.tolist() == RING.points.tolist()
    for bad in ("{", "{}", '{"strokes": [[1, 2]], "closed": [true]}', '{"strokes": 3}'):
        truth.write_text(bad)
        with pytest.raises(FormatError, match=r"b_truth\.json"):
            list(read_known_lines(tmp_path))


def test_an_oversketch_is_a_page_of_1000_px(tmp_path: Path) -> None:
    rows = ["{", "#0 4", "0 0 0", "50 10 0", "}", "{", "#1 4", "0 1 0", "50 11 0", "}"]
    (tmp_path / "line_SA_cluster.scap").write_text("\n".join(rows))
    (known,) = read_known_lines(tmp_path)
    assert known.rough.shape[1] == 1000
    assert known.name == "line"
    assert len(known.lines) == 1
    dark = np.argwhere(known.rough < 200)
    assert dark.min() >= 20
    assert np.abs(known.lines[0].points[:, 0].max() - 976) < 3


def test_nothing_of_the_kind(tmp_path: Path) -> None:
    with pytest.raises(LineworkError, match="no pictures with known lines"):
        read_known_lines(tmp_path)


def test_the_real_frames(real_data: Path) -> None:
    known = list(read_known_lines(real_data / "lineart" / "jostc" / "rough"))
    assert len(known) == 7
    for page in known:
        points = np.concatenate([c.points for c in page.lines]).round().astype(int)
        ink = page.rough < 0.6 * np.median(page.rough)
        near = cv2.dilate(ink.astype(np.uint8), np.ones((9, 9))) > 0
        inside = (points >= 0).all(axis=1) & (points < page.rough.shape[0]).all(axis=1)
        assert near[points[inside, 1], points[inside, 0]].mean() > 0.9
