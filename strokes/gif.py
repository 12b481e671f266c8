"""Animated GIFs: a drawing being drawn, or one drawing after another.

A drawing whose strokes carry times is drawn as it was, long waits shortened; any
other is drawn by an even pen that rests a moment where it lifts. Frames are greys,
or one palette of colours taken from the finished drawing.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from .atomic import write_atomically
from .color import BLACK
from .drawing import Drawing, FloatArray
from .errors import LineworkError
from .raster import (
    FloatPoints,
    UInt8Array,
    add_line,
    average,
    draw_color,
    fit_canvas,
    picture_size,
    stroke_color,
    stroke_width,
)
from .simplify import arc_length

if TYPE_CHECKING:
    from PIL.Image import Image

SIZE = 256
SECONDS = 4.0
# GIF counts in hundredths of a second and browsers slow down what is faster than 1/50.
FRAMES_A_SECOND = 20
HOLD_SECONDS = 1.5
# A lifted pen rests this long; all rests together take at most this share of the time.
_REST_SECONDS = 0.15
_REST_SHARE = 0.3
# A recorded wait between strokes is played for no more than this share of the whole.
_WAIT_SHARE = 0.05
# A dot is a touch of this many px of an even pen's way.
_DOT_WAY = 4.0
# px: a shorter way is a dot's.
_LEAST_WAY = 1e-6
_MAX_SECONDS = 120.0
_GREYS = 16
_COLORS = 64
# Frames whose colours make the palette of an animation.
_PALETTE_FRAMES = 8
_SUPERSAMPLE = 4


def write_gif(
    drawing: Drawing,
    path: str | os.PathLike[str],
    *,
    size: int = SIZE,
    seconds: float = SECONDS,
    line_width: float | None = None,
    hold: float = HOLD_SECONDS,
) -> None:
    """The drawing being drawn, as a GIF that repeats.

    Args:
        size: longer side, px.
        seconds: from the first touch to the last.
        line_width: px, or None for each stroke's own.
        hold: seconds that the finished drawing stays.

    Raises:
        LineworkError: a size or time that is not positive or too long; as `atomic_path`.
    """
    frames = drawing_frames(drawing, size=size, seconds=seconds, line_width=line_width)
    colors = None if _is_grey(drawing) else draw_color(drawing, _picture(size, drawing.size))
    write_atomically(path, _encode(frames, 1 / FRAMES_A_SECOND, hold, colors))


def write_animation(
    drawings: Sequence[Drawing],
    path: str | os.PathLike[str],
    *,
    size: int = SIZE,
    seconds: float | None = None,
    line_width: float | None = None,
    hold: float = 0.5,
) -> None:
    """One drawing after another (an interpolation), as a GIF that repeats.

    Args:
        size: longer side, px, of the largest canvas; all are drawn to one scale.
        seconds: the whole without `hold`; None is a tenth of a second a drawing.
        hold: seconds that the last one stays.

    Raises:
        LineworkError: no drawings; as `write_gif`.
    """
    if not drawings:
        raise LineworkError(f"{path}: no drawings to animate; wanted one or more")
    step = 0.1 if seconds is None else seconds / len(drawings)
    _check_time(step * len(drawings))
    canvas = (max(d.size[0] for d in drawings), max(d.size[1] for d in drawings))
    picture = _picture(size, canvas)
    frames = (
        draw_color(drawing.replace(size=canvas), picture, line_width=line_width)
        for drawing in drawings
    )
    colors = None
    if not all(map(_is_grey, drawings)):
        some = drawings[:: max(1, len(drawings) // _PALETTE_FRAMES)]
        colors = np.concatenate([draw_color(d.replace(size=canvas), picture) for d in some])
    write_atomically(path, _encode(frames, step, hold, colors))


def drawing_frames(
    drawing: Drawing,
    *,
    size: int = SIZE,
    seconds: float = SECONDS,
    line_width: float | None = None,
) -> Iterator[UInt8Array]:
    """The pictures of a drawing being drawn, `FRAMES_A_SECOND`, the last one complete.

    Args and errors as `write_gif`.

    Yields:
        uint8 (H, W, 3), red, green, blue.
    """
    _check_time(seconds)
    picture = _picture(size, drawing.size)
    return _frames(drawing, picture, seconds, line_width)


def _frames(
    drawing: Drawing, picture: tuple[int, int], seconds: float, line_width: float | None
) -> Iterator[UInt8Array]:
    width, height = picture
    scale, left, top = fit_canvas(drawing.size, picture)
    samples = np.full((height * _SUPERSAMPLE, width * _SUPERSAMPLE, 3), 255, np.uint8)
    clocks = pen_clocks(drawing, seconds)
    begun = 0.0
    count = max(1, round(seconds * FRAMES_A_SECOND))
    for frame in range(1, count + 1):
        until = np.inf if frame == count else seconds * frame / count
        for stroke, clock in zip(drawing.strokes, clocks, strict=True):
            if clock[0] > until or clock[-1] < begun:
                continue
            points, pressure = _part(stroke.points, stroke.pressure, clock, begun, until)
            add_line(
                samples,
                points * scale + (left, top),
                line_width or stroke_width(stroke, scale),
                supersample=_SUPERSAMPLE,
                color=stroke_color(stroke, BLACK),
                pressure=pressure,
            )
        begun = until
        yield average(samples, _SUPERSAMPLE)


def pen_clocks(drawing: Drawing, seconds: float) -> list[FloatPoints]:
    """When the pen passes each point.

    Returns:
        a stroke's seconds, float64 (n,), never falling, from 0 to `seconds`.
    """
    if not drawing.strokes:
        return []
    if all(stroke.time is not None for stroke in drawing.strokes):
        clocks = _recorded(drawing)
    else:
        clocks = _even(drawing, seconds)
    first, last = clocks[0][0], clocks[-1][-1]
    return [(clock - first) * (seconds / max(last - first, 1e-9)) for clock in clocks]


def _recorded(drawing: Drawing) -> list[FloatPoints]:
    times = [np.asarray(stroke.time, np.float64) for stroke in drawing.strokes]
    flat = np.maximum.accumulate(np.concatenate(times))
    steps = np.diff(flat, prepend=flat[0])
    # Waiting (for an idea, between two strokes) is no fun to watch.
    most = max(_WAIT_SHARE * (flat[-1] - flat[0]), 1e-9)
    clock = np.cumsum(np.minimum(steps, most))
    return np.split(clock, np.cumsum([len(t) for t in times])[:-1])


def _even(drawing: Drawing, seconds: float) -> list[FloatPoints]:
    ways = [arc_length(stroke.points) for stroke in drawing.strokes]
    ways = [way if way[-1] > _LEAST_WAY else np.linspace(0, _DOT_WAY, len(way)) for way in ways]
    total = sum(max(way[-1], _DOT_WAY) for way in ways)
    rests = len(ways) - 1
    share = min(rests * _REST_SECONDS / seconds, _REST_SHARE)
    rest = total * share / (1 - share) / rests if rests else 0.0
    clocks, now = [], 0.0
    for way in ways:
        clocks.append(now + way)
        now += max(way[-1], _DOT_WAY) + rest
    return clocks


def _part(
    points: FloatArray,
    pressure: FloatArray | None,
    clock: FloatPoints,
    begun: float,
    until: float,
) -> tuple[FloatPoints, FloatArray | None]:
    """The piece of a stroke drawn between two times: its points then, and interpolated ends."""
    inside = (clock >= begun) & (clock <= until)
    at = clock[inside]
    before = [begun] if clock[0] < begun and not (len(at) and at[0] == begun) else []
    after = [until] if clock[-1] > until and not (len(at) and at[-1] == until) else []

    def piece(values: FloatArray) -> FloatPoints:
        ends = [np.interp(ends, clock, values) for ends in (before, after)]
        return np.concatenate([ends[0], values[inside], ends[1]])

    part = np.stack([piece(points[:, 0]), piece(points[:, 1])], axis=1)
    return part, None if pressure is None else piece(pressure).astype(np.float32)


def _picture(size: int, canvas: tuple[float, float]) -> tuple[int, int]:
    """Width and height with the longer side `size`."""
    picture_size(size, canvas)  # refuses a size that cannot be
    longer = max(canvas)
    width, height = (max(1, round(side * size / longer)) for side in canvas)
    return picture_size((width, height), canvas)


def _check_time(seconds: float) -> None:
    if not 0 < seconds <= _MAX_SECONDS:
        raise LineworkError(f"an animation of {seconds:g} s; wanted up to {_MAX_SECONDS:g} s")


def _is_grey(drawing: Drawing) -> bool:
    return all(len(set(stroke_color(stroke, BLACK))) == 1 for stroke in drawing.strokes)


def _encode(
    frames: Iterable[UInt8Array], step: float, hold: float, colors_of: UInt8Array | None
) -> bytes:
    """The GIF of frames.

    Args:
        frames: uint8 (H, W, 3).
        step, hold: seconds of each frame, and of the last one beyond that.
        colors_of: a picture with all the colours, or None for greys.
    """
    from PIL import Image

    if colors_of is None:
        images = [_grey_image(frame) for frame in frames]
    else:
        palette = Image.fromarray(colors_of).quantize(_COLORS)
        images = [
            Image.fromarray(frame).quantize(palette=palette, dither=Image.Dither.NONE)
            for frame in frames
        ]
    durations = [round(step * 100) * 10] * len(images)
    durations[-1] += round(hold * 100) * 10
    buffer = io.BytesIO()
    images[0].save(
        buffer, "GIF", save_all=True, append_images=images[1:], duration=durations, loop=0
    )
    return buffer.getvalue()


def _grey_image(frame: UInt8Array) -> Image:
    """A frame in `_GREYS` even greys: a quarter of the bytes, and no difference to the eye."""
    from PIL import Image

    step = 255 // (_GREYS - 1)
    image = Image.fromarray(
        ((frame[..., 0].astype(np.uint16) + step // 2) // step).astype(np.uint8)
    )
    image.putpalette([level * step for level in range(_GREYS) for _ in "rgb"])
    return image
