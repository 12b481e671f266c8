"""Lines through strokes that mean one line: known shapes, drawn over by a trembling hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from linework.datasets.principal_curve import Curve, principal_curves
from scipy.spatial import cKDTree

Points = npt.NDArray[np.float64]
Shape = Callable[[Points], Points]


def line(t: Points) -> Points:
    return np.stack([100 + 600 * t, 200 + 100 * t], axis=1)


def arch(t: Points) -> Points:
    return np.stack([400 - 300 * np.cos(np.pi * t), 500 - 300 * np.sin(np.pi * t)], axis=1)


def circle(t: Points) -> Points:
    return 400 + 200 * np.stack([np.cos(2 * np.pi * t), np.sin(2 * np.pi * t)], axis=1)


def loop(t: Points) -> Points:
    """Crosses itself once."""
    a = np.pi * (2.6 * t - 1.3)
    return np.stack([500 + 300 * np.sin(a) + 120 * a, 500 - 260 * np.cos(a)], axis=1)


def eight(t: Points) -> Points:
    a = 2 * np.pi * t
    return np.stack([500 + 400 * np.sin(a), 500 + 200 * np.sin(2 * a)], axis=1)


def spiral(t: Points) -> Points:
    a = 2 * np.pi * 2.5 * t
    r = 60 + 300 * t
    return np.stack([500 + r * np.cos(a), 500 + r * np.sin(a)], axis=1)


def oversketched(
    shape: Shape, pieces: list[tuple[float, float]], rng: np.random.Generator, drift: float = 3.0
) -> list[Points]:
    """Strokes over pieces of a shape, each a little off, some of them backwards."""
    strokes = []
    for begin, end in pieces:
        p = shape(np.linspace(begin, end, 80)) + rng.normal(0, drift, 2)
        p = p + np.cumsum(rng.normal(0, 0.15, p.shape), axis=0)
        strokes.append(p[::-1] if rng.random() < 0.5 else p)
    return strokes


OVERLAPPING = [(0, 0.4), (0.25, 0.65), (0.5, 1), (0.1, 0.5), (0.45, 0.95), (0, 0.3), (0.7, 1)]
ROUND = [(0, 0.4), (0.3, 0.7), (0.6, 1.1), (0.1, 0.6), (0.5, 0.9), (0.8, 1.3)]


def far(a: Points, b: Points) -> float:
    """How far the farthest hundredth of a lies from b."""
    return float(np.percentile(cKDTree(b).query(a)[0], 99))


def drawn(curves: list[Curve]) -> Points:
    return np.concatenate([c.points for c in curves])


@pytest.mark.parametrize(
    ("shape", "pieces", "closed"),
    [
        (line, OVERLAPPING, False),
        (arch, OVERLAPPING, False),
        (loop, OVERLAPPING, False),
        (spiral, OVERLAPPING, False),
        (circle, ROUND, True),
        (eight, ROUND, True),
    ],
)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_one_line_where_the_hand_meant_it(
    shape: Shape, pieces: list[tuple[float, float]], closed: bool, seed: int
) -> None:
    strokes = oversketched(shape, pieces, np.random.default_rng(seed))
    curves = principal_curves(strokes)
    truth = shape(np.linspace(0, 1, 2000))
    assert [c.closed for c in curves] == [closed]
    assert far(drawn(curves), truth) < 12
    assert far(truth, drawn(curves)) < 12
    assert cKDTree(truth).query(drawn(curves))[0].mean() < 4


def test_a_single_stroke_stays_itself() -> None:
    stroke = loop(np.linspace(0, 1, 200))
    (curve,) = principal_curves([stroke])
    assert far(curve.points, loop(np.linspace(0, 1, 4000))) < 1.5
    assert np.hypot(*(curve.points[0] - stroke[0])) < 3
    assert np.hypot(*(curve.points[-1] - stroke[-1])) < 3


def test_moving_and_turning_the_strokes_moves_and_turns_the_line() -> None:
    strokes = oversketched(arch, OVERLAPPING, np.random.default_rng(3))
    turn = np.array([[0.6, 0.8], [-0.8, 0.6]])
    (before,) = principal_curves(strokes)
    (after,) = principal_curves([s @ turn + [70, -20] for s in strokes])
    assert far(after.points, before.points @ turn + [70, -20]) < 2.5


def test_pieces_that_do_not_meet() -> None:
    upper = line(np.linspace(0, 1, 50))
    lower = upper + np.array([0, 300])
    assert len(principal_curves([upper, lower])) == 2
    corner = [np.array([[0.0, 0], [200, 0]]), np.array([[205.0, 4], [205, 200]])]
    (curve,) = principal_curves(corner)
    assert len(curve.points) > 50


def test_dots_and_nothing() -> None:
    assert principal_curves([]) == []
    (dot,) = principal_curves([np.array([[3.0, 4]]), np.array([[5.0, 4]])])
    assert dot.points.tolist() == [[4, 4]]
    (line_only,) = principal_curves([np.array([[3.0, 4]]), np.array([[5.0, 4], [50, 4]])])
    assert len(line_only.points) > 5
    (short,) = principal_curves([np.array([[3.0, 4], [3.5, 4]])])
    assert np.isfinite(short.points).all()
