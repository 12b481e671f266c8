"""Ramer-Douglas-Peucker beside a plain recursive one, and evenly spaced points."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from linework.strokes import Drawing, DrawingError, Stroke
from linework.strokes.simplify import (
    Distance,
    arc_length,
    fma_square,
    rdp_keep,
    resample,
    simplify,
)

# Whole numbers make distances that tie, which is where "the first maximum" counts.
point = st.tuples(st.integers(-20, 20), st.integers(-20, 20))
polyline = st.lists(point, min_size=1, max_size=25)
either = st.sampled_from(["line", "segment"])


def plain_rdp(points: npt.NDArray[np.float64], epsilon: float, distance: str) -> list[int]:
    """The textbook's recursion, a point at a time."""
    if len(points) < 3:
        return list(range(len(points)))
    a, b = points[0], points[-1]
    chord = b - a
    norm = math.hypot(*chord)
    away = []
    for p in points[1:-1]:
        w = p - a
        if norm == 0 or (distance == "segment" and w @ chord < 0):
            away.append(math.hypot(*w))
        elif distance == "segment" and w @ chord > chord @ chord:
            away.append(math.hypot(*(p - b)))
        else:
            away.append(abs(chord[0] * w[1] - chord[1] * w[0]) / norm)
    far = int(np.argmax(away))
    if away[far] <= epsilon:
        return [0, len(points) - 1]
    far += 1
    left = plain_rdp(points[: far + 1], epsilon, distance)
    return left[:-1] + [i + far for i in plain_rdp(points[far:], epsilon, distance)]


@given(st.lists(polyline, min_size=1, max_size=4), st.sampled_from([0.3, 1.1, 2.7, 7.3]), either)
def test_many_at_once_is_each_alone_is_the_textbook(
    lines: list[list[tuple[int, int]]], epsilon: float, distance: Distance
) -> None:
    arrays = [np.array(line, np.float64) for line in lines]
    ends = np.cumsum([len(a) for a in arrays])
    keep = rdp_keep(np.concatenate(arrays), ends, epsilon, distance)
    for array, mine in zip(arrays, np.split(keep, ends[:-1]), strict=True):
        assert np.flatnonzero(mine).tolist() == sorted(set(plain_rdp(array, epsilon, distance)))


@given(polyline, st.floats(0, 10))
def test_no_dropped_point_is_farther_than_epsilon(
    line: list[tuple[int, int]], epsilon: float
) -> None:
    stroke = simplify(Drawing.from_arrays([line]), epsilon).strokes[0]
    kept = stroke.points.astype(np.float64)
    for p in np.array(line, np.float64):
        assert distance_to_polyline(p, kept) <= epsilon + 1e-9


def distance_to_polyline(p: npt.NDArray[np.float64], line: npt.NDArray[np.float64]) -> float:
    if len(line) == 1:
        return math.dist(p, line[0])
    best = math.inf
    for a, b in pairwise(line):
        chord = b - a
        square = float(chord @ chord)
        t = 0.0 if square == 0 else min(1.0, max(0.0, float((p - a) @ chord) / square))
        best = min(best, math.dist(p, a + t * chord))
    return best


@given(polyline, st.floats(0, 10), either)
def test_twice_is_once(line: list[tuple[int, int]], epsilon: float, distance: Distance) -> None:
    once = simplify(Drawing.from_arrays([line]), epsilon, distance)
    assert simplify(once, epsilon, distance) == once


@given(polyline, st.integers(-1000, 1000), st.sampled_from([0.25, 2.0, 8.0]))
def test_moved_and_scaled_lines_keep_the_same_points(
    line: list[tuple[int, int]], offset: int, factor: float
) -> None:
    array = np.array(line, np.float64)
    ends = [len(array)]
    assert np.array_equal(
        rdp_keep(array, ends, 1.3), rdp_keep(array * factor + offset, ends, 1.3 * factor)
    )


def test_time_and_pressure_stay_with_their_points() -> None:
    stroke = Stroke(
        [[0, 0], [5, 0.1], [10, 0], [10, 10]],
        time=[0, 1, 2, 3],
        pressure=[0.1, 0.2, 0.3, 0.4],
        color="#ff0000",
        width=2,
        layer="pen",
    )
    simple = simplify(Drawing((stroke,)), 1.0).strokes[0]
    assert simple.time is not None
    assert simple.time.tolist() == [0, 2, 3]
    assert simple.pressure is not None
    assert simple.pressure.tolist() == pytest.approx([0.1, 0.3, 0.4])
    assert (simple.color, simple.width, simple.layer) == ("#ff0000", 2, "pen")


def test_a_line_that_doubles_back_is_kept_as_a_segment_only() -> None:
    spike = [[0, 0], [100, 0], [10, 0]]
    assert rdp_keep(spike, [3], 2.0, "line").tolist() == [True, False, True]
    assert rdp_keep(spike, [3], 2.0, "segment").tolist() == [True, True, True]


def test_a_hundred_thousand_points() -> None:
    t = np.linspace(0, 40 * np.pi, 100_000)
    spiral = np.stack([t * np.cos(t), t * np.sin(t)], axis=1)
    simple = simplify(Drawing.from_arrays([spiral]), 0.5)
    assert 100 < simple.n_points < 2_000


def test_nothing_to_simplify() -> None:
    assert simplify(Drawing()) == Drawing()
    assert rdp_keep(np.zeros((0, 2)), [], 1.0).tolist() == []
    dots = Drawing.from_arrays([[[1, 1]], [[2, 2], [2, 2]]])
    assert simplify(dots) == dots


@pytest.mark.parametrize("epsilon", [-1, float("nan"), float("inf")])
def test_epsilon_is_a_distance(epsilon: float) -> None:
    with pytest.raises(DrawingError, match="epsilon"):
        simplify(Drawing(), epsilon)


@given(st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(0, 1e6)), min_size=1))
def test_fma_is_rounded_once(pairs: list[tuple[float, float]]) -> None:
    # Where a square or its error is below the normal numbers the method does not hold.
    pairs = [(a if abs(a) > 1e-100 else 0.0, c) for a, c in pairs]
    a, c = (np.array(column, np.float64) for column in zip(*pairs, strict=True))
    exact = [float(Fraction(x) * Fraction(x) + Fraction(y)) for x, y in pairs]
    assert fma_square(a, c).tolist() == exact


@given(polyline, st.floats(0.5, 20))
def test_resampled_points_are_evenly_spaced_on_the_line(
    line: list[tuple[int, int]], spacing: float
) -> None:
    drawing = Drawing.from_arrays([line])
    points = resample(drawing, spacing).strokes[0].points.astype(np.float64)
    array = np.array(line, np.float64)
    total = arc_length(array)[-1]
    assert points[0].tolist() == array[0].tolist()
    assert points[-1].tolist() == array[-1].tolist()
    assert all(distance_to_polyline(p, array) < 1e-4 for p in points)
    # A chord is never longer than the line it cuts.
    steps = np.hypot(*np.diff(points, axis=0).T)
    assert (steps <= spacing + 1e-4).all()
    assert abs(len(points) - 1 - math.ceil(total / spacing - 1e-9)) <= (1 if total else 0)


def test_resampling_a_straight_line() -> None:
    drawing = Drawing((Stroke([[0, 0], [10, 0]], time=[0, 100]),))
    even = resample(drawing, 3).strokes[0]
    assert even.points[:, 0].tolist() == [0, 3, 6, 9, 10]
    assert even.time is not None
    assert even.time.tolist() == [0, 30, 60, 90, 100]


@pytest.mark.parametrize("spacing", [0, -1, float("nan"), 1e-9])
def test_spacing_makes_sense(spacing: float) -> None:
    with pytest.raises(DrawingError, match="spacing"):
        resample(Drawing.from_arrays([[[0, 0], [100, 0]]]), spacing)
