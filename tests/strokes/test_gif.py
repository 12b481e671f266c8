"""GIFs: the pen's clock, what each frame shows, and what the file says."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from drawings import AWKWARD, drawings
from hypothesis import given
from linework.strokes import Drawing, Stroke
from linework.strokes.errors import LineworkError
from linework.strokes.gif import drawing_frames, pen_clocks, write_animation, write_gif
from linework.strokes.raster import draw_color
from PIL import Image, ImageSequence

TWO = Drawing.from_arrays([[[0, 20], [80, 20]], [[0, 60], [40, 60], [80, 60]]], size=(80, 80))


def _read(path: Path) -> list[tuple[np.ndarray, int]]:
    with Image.open(path) as image:
        return [
            (np.asarray(frame.convert("RGB")), int(frame.info["duration"]))
            for frame in ImageSequence.Iterator(image)
        ]


def test_even_pen() -> None:
    first, second = pen_clocks(TWO, 4.0)
    assert first[0] == 0
    assert second[-1] == pytest.approx(4)
    # Equal lengths take equal times, and the pen rests in between.
    assert first[-1] - first[0] == pytest.approx(second[-1] - second[0])
    assert second[1] == pytest.approx((second[0] + second[2]) / 2)
    assert second[0] - first[-1] == pytest.approx(0.15, abs=0.01)


def test_recorded_pen_with_long_waits_cut() -> None:
    strokes = (
        Stroke([[0, 0], [1, 0], [2, 0]], time=[0, 10, 30]),
        Stroke([[0, 5], [1, 5]], time=[60_000, 60_010]),
    )
    first, second = pen_clocks(Drawing(strokes), 1.0)
    assert first[2] - first[1] == pytest.approx(2 * (first[1] - first[0]))
    assert second[0] - first[2] < 1
    assert second[1] == pytest.approx(1)


@given(drawings())
def test_clock_never_runs_back(drawing: Drawing) -> None:
    clocks = pen_clocks(drawing, 2.0)
    assert len(clocks) == len(drawing.strokes)
    if clocks:
        flat = np.concatenate(clocks)
        assert (np.diff(flat) >= -1e-9).all()
        assert flat[0] == 0
        assert flat[-1] == pytest.approx(2.0) or flat[-1] == 0


@pytest.mark.parametrize("drawing", AWKWARD.values(), ids=AWKWARD)
def test_last_frame_is_the_drawing(drawing: Drawing) -> None:
    plain = drawing.with_strokes([s.replace(pressure=None) for s in drawing.strokes])
    frames = list(drawing_frames(plain, size=64, seconds=0.5))
    assert len(frames) == 10
    height, width = frames[0].shape[:2]
    whole = draw_color(plain, (width, height))
    # A line drawn in pieces has its cuts rounded to sixteenths of a sample.
    assert np.abs(frames[-1].astype(int) - whole).mean() < 0.5


def test_ink_only_grows() -> None:
    frames = list(drawing_frames(TWO, size=80, seconds=1))
    for before, after in itertools.pairwise(frames):
        assert (after <= before).all()
    half = frames[len(frames) // 2 - 1]
    assert (half[20, 5:75] < 255).all()
    assert (half[60] == 255).all()


def test_points_of_one_moment_are_all_drawn() -> None:
    drawing = Drawing((Stroke([[0, 10], [40, 10], [40, 70]], time=[0, 0, 0]),), size=(80, 80))
    (*_, last) = drawing_frames(drawing, size=80, seconds=0.3)
    assert np.array_equal(last, draw_color(drawing, 80))


def test_file(tmp_path: Path) -> None:
    write_gif(TWO, tmp_path / "x.gif", size=80, seconds=1, hold=1)
    frames = _read(tmp_path / "x.gif")
    assert sum(duration for _, duration in frames) == 2000
    assert frames[-1][1] >= 1000
    assert frames[0][0].shape == (80, 80, 3)
    assert np.abs(frames[-1][0].astype(int) - draw_color(TWO, 80)).max() <= 9
    assert (tmp_path / "x.gif").stat().st_size < 20_000


def test_colors_survive(tmp_path: Path) -> None:
    red = TWO.with_strokes([s.replace(color="red", width=6) for s in TWO.strokes])
    write_gif(red, tmp_path / "x.gif", size=80, seconds=0.2)
    assert _read(tmp_path / "x.gif")[-1][0][20, 40].tolist() == [255, 0, 0]


def test_animation(tmp_path: Path) -> None:
    steps = [Drawing.from_arrays([[[x, 0], [x, 40]]], size=(40 + x, 40)) for x in range(0, 40, 10)]
    write_animation(steps, tmp_path / "x.gif", size=70, seconds=2, hold=1)
    frames = _read(tmp_path / "x.gif")
    assert [duration for _, duration in frames] == [500, 500, 500, 1500]
    assert frames[0][0].shape == (40, 70, 3)
    write_animation([steps[0].with_strokes([]), *map(_blue, steps)], tmp_path / "y.gif")
    assert (_read(tmp_path / "y.gif")[-1][0].min(axis=(0, 1)) <= [10, 10, 255]).all()


def _blue(drawing: Drawing) -> Drawing:
    return drawing.with_strokes([s.replace(color="blue") for s in drawing.strokes])


@pytest.mark.parametrize("drawing", AWKWARD.values(), ids=AWKWARD)
def test_awkward(tmp_path: Path, drawing: Drawing) -> None:
    write_gif(drawing, tmp_path / "x.gif", size=48, seconds=0.2)
    assert _read(tmp_path / "x.gif")


@pytest.mark.parametrize(
    ("options", "message"),
    [({"seconds": 0}, "0 s"), ({"seconds": 1e9}, "1e\\+09 s"), ({"size": 0}, "picture of")],
    ids=str,
)
def test_bad_options(tmp_path: Path, options: dict[str, float], message: str) -> None:
    with pytest.raises(LineworkError, match=message):
        write_gif(TWO, tmp_path / "x.gif", **options)
    with pytest.raises(LineworkError, match="no drawings"):
        write_animation([], tmp_path / "x.gif")
    assert not list(tmp_path.iterdir())
