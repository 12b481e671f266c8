"""Moving, scaling, fitting and smoothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from linework.strokes import (
    Drawing,
    DrawingError,
    Stroke,
    fit_to_canvas,
    scale,
    smooth,
    translate,
)

coordinate = st.floats(-1000, 1000, width=32)
stroke = st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=8)
strokes = st.lists(stroke, max_size=4)

RICH = Drawing(
    (
        Stroke(
            [[0, 0], [10, 5], [20, 0]],
            time=[0, 10, 20],
            pressure=[0.5, 0.6, 0.7],
            color="#102030",
            width=2,
            layer="ink",
        ),
    ),
    size=(100, 50),
    label="猫",
    key=7,
    country="JP",
    recognized=True,
)

CASES = {
    "translate": lambda d: translate(d, 3, -2),
    "scale": lambda d: scale(d, 2),
    "scale by axis": lambda d: scale(d, 2, 0.5),
    "fit": lambda d: fit_to_canvas(d, (300, 200), 10),
    "smooth": lambda d: smooth(d, 4),
}


@pytest.mark.parametrize("change", CASES.values(), ids=CASES.keys())
@pytest.mark.parametrize(
    "drawing",
    [
        pytest.param(Drawing(), id="empty"),
        pytest.param(Drawing.from_arrays([[[5, 5]]]), id="dot"),
        pytest.param(Drawing.from_arrays([[[5, 5], [5, 5]]]), id="dot of two points"),
        pytest.param(Drawing.from_arrays([[[5, 5], [9, 9]]]), id="one line"),
        pytest.param(Drawing.from_arrays([np.arange(20_000).reshape(-1, 2) % 97]), id="long"),
        pytest.param(RICH, id="rich"),
    ],
)
def test_nothing_but_the_places_changes(
    drawing: Drawing, change: Callable[[Drawing], Drawing]
) -> None:
    after = change(drawing)
    assert [len(s) for s in after.strokes] == [len(s) for s in drawing.strokes]
    assert after.replace(strokes=(), size=(1, 1)) == drawing.replace(strokes=(), size=(1, 1))
    for mine, theirs in zip(after.strokes, drawing.strokes, strict=True):
        keeps = {"points": theirs.points, "width": theirs.width}
        assert mine.replace(**keeps) == theirs


@pytest.mark.parametrize(
    "change",
    [
        lambda d: translate(d, 1e7, 0),
        lambda d: translate(d, float("nan"), 0),
        lambda d: scale(d, 0),
        lambda d: scale(d, -1),
        lambda d: scale(d, 1e5),
        lambda d: fit_to_canvas(d, (10, 10), 5),
        lambda d: fit_to_canvas(d, (10, 10), -1),
        lambda d: smooth(d, -1),
        lambda d: smooth(d, float("inf")),
        lambda d: smooth(d, 1e-9),
    ],
)
def test_refused(change: Callable[[Drawing], Drawing]) -> None:
    with pytest.raises(DrawingError):
        change(RICH)


@given(strokes, st.integers(-100, 100), st.integers(-100, 100))
def test_there_and_back(points: list[list[tuple[float, float]]], dx: int, dy: int) -> None:
    drawing = Drawing.from_arrays(points)
    back = translate(translate(drawing, dx, dy), -dx, -dy)
    for mine, theirs in zip(back.strokes, drawing.strokes, strict=True):
        assert np.allclose(mine.points, theirs.points, atol=2e-4)


@given(
    st.lists(st.lists(st.tuples(st.integers(-9999, 9999), st.integers(-9999, 9999)), min_size=1)),
    st.sampled_from([0.25, 0.5, 2.0, 4.0]),
)
def test_scaling_by_powers_of_two_is_exact(
    points: list[list[tuple[int, int]]], factor: float
) -> None:
    drawing = Drawing.from_arrays(points)
    assert scale(scale(drawing, factor), 1 / factor) == drawing


@given(strokes, st.sampled_from([(256, 256), (300, 40), (7, 900)]), st.sampled_from([0.0, 2.5]))
def test_fitted_drawings_touch_the_margin(
    points: list[list[tuple[float, float]]], size: tuple[float, float], margin: float
) -> None:
    drawing = Drawing.from_arrays(points)
    fitted = fit_to_canvas(drawing, size, margin)
    assert fitted.size == size
    if not fitted.strokes:
        return
    left, top, right, bottom = fitted.bounds
    assert left + right == pytest.approx(size[0], abs=1e-2)
    assert top + bottom == pytest.approx(size[1], abs=1e-2)
    before = drawing.bounds
    if max(before[2] - before[0], before[3] - before[1]) > 1e-3:
        room = (size[0] - 2 * margin - (right - left), size[1] - 2 * margin - (bottom - top))
        assert min(room) == pytest.approx(0, abs=1e-2)


def test_widths_scale_with_the_drawing() -> None:
    assert scale(RICH, 3).strokes[0].width == pytest.approx(6)
    assert scale(RICH, 4, 1).strokes[0].width == pytest.approx(4)
    assert scale(RICH, 3).size == (300, 150)


@given(stroke, st.floats(0.5, 500))
def test_smoothing_holds_the_ends_and_stays_in_reach(
    points: list[tuple[float, float]], sigma: float
) -> None:
    before = Drawing.from_arrays([points]).strokes[0].points
    after = smooth(Drawing.from_arrays([points]), sigma).strokes[0].points
    assert np.array_equal(after[[0, -1]], before[[0, -1]])
    # Turning round both ends reaches at most one extent further on each side.
    span = before.max(axis=0) - before.min(axis=0)
    assert (after >= before.min(axis=0) - span - 1e-2).all()
    assert (after <= before.max(axis=0) + span + 1e-2).all()


def test_a_straight_line_stays_straight() -> None:
    line = np.stack([np.arange(50.0), 2 * np.arange(50.0)], axis=1)
    after = smooth(Drawing.from_arrays([line]), 5).strokes[0].points
    assert np.abs(after - line).max() < 1e-3


def test_jitter_goes_and_the_shape_stays() -> None:
    rng = np.random.default_rng(0)
    t = np.linspace(0, np.pi, 400)
    arc = 100 * np.stack([np.cos(t), np.sin(t)], axis=1)
    rough = arc + rng.normal(0, 0.5, arc.shape)
    after = smooth(Drawing.from_arrays([rough]), 6).strokes[0].points
    assert np.abs(np.hypot(*after.T) - 100).mean() < 0.35 * np.abs(np.hypot(*rough.T) - 100).mean()


@given(stroke, st.integers(-50, 50))
def test_smoothing_moves_with_the_drawing(points: list[tuple[float, float]], offset: int) -> None:
    drawing = Drawing.from_arrays([points])
    a = translate(smooth(drawing, 10), offset, 0).strokes[0].points
    b = smooth(translate(drawing, offset, 0), 10).strokes[0].points
    assert np.allclose(a, b, atol=2e-2)


def test_no_sigma_is_no_change() -> None:
    assert smooth(RICH, 0) is RICH
