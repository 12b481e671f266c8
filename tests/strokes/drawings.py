"""Drawings for tests: the awkward ones by name, and any at all for hypothesis."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from hypothesis import strategies as st
from linework.strokes import Drawing, Stroke

_spiral = np.linspace(0, 60, 10_000)
AWKWARD = {
    "empty": Drawing(),
    "a dot": Drawing.from_arrays([[[10, 20]]]),
    "a dot of two points": Drawing.from_arrays([[[10, 20], [10, 20]]]),
    "one line": Drawing.from_arrays([[[0, 0], [255, 255]]]),
    "10,000 points": Drawing.from_arrays(
        [128 + 2 * _spiral[:, None] * np.stack([np.cos(_spiral), np.sin(_spiral)], axis=1)]
    ),
    "huge coordinates": Drawing.from_arrays([[[-1e6, -1e6], [1e6, 1e6]]]),
    "outside the canvas": Drawing.from_arrays([[[-50, -50], [300, 300]]], size=(100, 100)),
    "a canvas far from square": Drawing.from_arrays([[[0, 0], [4000, 2]]], size=(4000, 2)),
    "unicode label": Drawing.from_arrays([[[1, 1], [2, 2]]], label='猫 "<&>" \t\n🐱'),
    "everything": Drawing(
        (
            Stroke(np.array([[0, 0], [9.5, 9.125]]), color="#d04020", width=3, layer="1 röd"),
            Stroke(
                np.array([[5, 5], [6, 7], [8, 9]]),
                time=np.array([0, 16.5, 40]),
                pressure=np.array([0.25, 0.5, 1]),
            ),
            Stroke(np.array([[1, 1], [2, 2]]), color="#d04020", width=1.5, layer="1 röd"),
            Stroke(np.array([[3, 3]]), time=np.array([7]), color="navy"),
        ),
        size=(120.5, 80),
        label="cat",
        key=2**64 - 1,
        country="SE",
        created=datetime(2017, 3, 18, 9, 36, 8, 290570, UTC),
        recognized=False,
    ),
}

_coordinate = st.floats(-1e6, 1e6, width=32) | st.integers(0, 255).map(float)
_points = st.lists(st.tuples(_coordinate, _coordinate), min_size=1, max_size=6)
_text = st.none() | st.text(max_size=6)


@st.composite
def strokes(draw: st.DrawFn) -> Stroke:
    """Any stroke."""
    points = draw(_points)
    per_point = st.none() | st.lists(
        st.floats(0, 1e5, width=32), min_size=len(points), max_size=len(points)
    )
    time, pressure = draw(per_point), draw(per_point)
    return Stroke(
        np.array(points, np.float32),
        time=None if time is None else np.array(time, np.float32),
        pressure=None if pressure is None else np.array(pressure, np.float32),
        color=draw(st.none() | st.sampled_from(["red", "#00f", "#123456"])),
        width=draw(st.none() | st.floats(1e-4, 100)),
        layer=draw(_text),
        fill=draw(st.booleans()),
    )


@st.composite
def drawings(draw: st.DrawFn) -> Drawing:
    """Any drawing."""
    side = st.floats(0.01, 1e4)
    return Drawing(
        tuple(draw(st.lists(strokes(), max_size=5))),
        size=(draw(side), draw(side)),
        label=draw(_text),
        key=draw(st.none() | st.integers(0, 2**64 - 1)),
        country=draw(st.none() | st.just("SE")),
        created=draw(st.none() | st.datetimes(timezones=st.just(UTC))),
        recognized=draw(st.none() | st.booleans()),
    )
