"""Polylines to cubics and back."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linework.strokes import Drawing, LineworkError
from linework.strokes.curves import curves_of, fit_curves, flatten_curves, is_straight
from linework.strokes.svg_read import read_svg
from linework.strokes.svg_write import svg_text

FloatArray = npt.NDArray[np.float64]


def distances(points: FloatArray, line: FloatArray) -> FloatArray:
    """From each point to a polyline, px."""
    a, b = line[:-1], line[1:]
    along = b - a
    t = ((points[:, None] - a) * along).sum(axis=2) / np.maximum((along**2).sum(axis=1), 1e-12)
    foot = a + np.clip(t, 0, 1)[..., None] * along
    return np.asarray(np.hypot(*np.moveaxis(points[:, None] - foot, 2, 0)).min(axis=1))


def wave(n: int = 200) -> FloatArray:
    x = np.linspace(0, 300, n)
    return np.stack([x, 40 * np.sin(x / 30)], axis=1)


def test_a_straight_line_is_one_straight_piece() -> None:
    curves = fit_curves(np.linspace((3, 4), (90, 60), 50))
    assert curves.shape == (1, 4, 2)
    assert is_straight(curves).all()
    assert flatten_curves(curves).tolist() == [[3, 4], [90, 60]]


def test_a_corner_stays_sharp() -> None:
    legs = np.concatenate([np.linspace((0, 0), (50, 0), 30), np.linspace((50, 0), (50, 50), 30)])
    curves = fit_curves(legs)
    assert len(curves) == 2
    np.testing.assert_allclose(curves[0, 3], (50, 0))


@pytest.mark.parametrize("accuracy", [0.1, 0.5, 2.0])
def test_a_wave_is_few_pieces_that_keep_to_it(accuracy: float) -> None:
    curves = fit_curves(wave(), accuracy)
    assert len(curves) <= 14
    away = distances(wave(), flatten_curves(curves, 0.01))
    assert float(np.sqrt((away**2).mean())) <= accuracy
    assert len(curves) >= len(fit_curves(wave(), accuracy * 4))


def test_pieces_of_a_smooth_line_meet_smoothly() -> None:
    curves = fit_curves(wave(), 0.2)
    for before, after in pairwise(curves):
        np.testing.assert_allclose(before[3], after[0])
        u, v = before[3] - before[2], after[1] - after[0]
        assert abs(np.arctan2(u[0] * v[1] - u[1] * v[0], u @ v)) < 0.1


def test_a_closed_line_ends_where_it_begins() -> None:
    t = np.linspace(0, 2 * np.pi, 80, endpoint=False)
    circle = np.stack([50 * np.cos(t), 50 * np.sin(t)], axis=1)
    curves = fit_curves(circle, 0.1, closed=True)
    np.testing.assert_allclose(curves[0, 0], curves[-1, 3])
    assert abs(np.hypot(*flatten_curves(curves, 0.01).T) - 50).max() < 0.3


@pytest.mark.parametrize("points", [[(5, 6)], [(5, 6), (5, 6)], [(5, 6)] * 9])
def test_a_dot(points: list[tuple[int, int]]) -> None:
    assert fit_curves(points).tolist() == [[[5, 6]] * 4]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(-1e3, 1e3, width=32), st.floats(-1e3, 1e3, width=32)),
        min_size=1,
        max_size=30,
    )
)
def test_any_line_keeps_its_ends_and_finite_controls(points: list[tuple[float, float]]) -> None:
    curves = fit_curves(points)
    assert np.isfinite(curves).all()
    np.testing.assert_allclose(curves[0, 0], points[0], atol=1e-6)
    np.testing.assert_allclose(curves[-1, 3], points[-1], atol=1e-6)


def test_svg_holds_the_curves() -> None:
    drawing = Drawing.from_arrays([wave() + 50, [(9, 9)]], size=(400, 100))
    text = svg_text(drawing, curves=curves_of(drawing, 0.2))
    assert "C" in text
    back = read_svg(text.encode(), accuracy=0.01)
    assert [s.is_dot for s in back.strokes] == [False, True]
    away = distances(wave() + 50, back.strokes[0].points.astype(np.float64))
    assert float(away.max()) < 0.8


def test_accuracy_below_zero_is_refused() -> None:
    with pytest.raises(LineworkError, match="accuracy"):
        fit_curves(wave(), 0)
