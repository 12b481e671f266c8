"""Things built of faces and bars: seen in perspective, lit by their direction, with shadows.

A model is a handful of flat faces and round bars in metres around its own foot. It is turned,
put into the world, projected, and painted from the back to the front with anti-aliased
polygons. Its shadow is the same faces thrown to the ground along the light.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

import cv2
import numpy as np
import numpy.typing as npt

from .camera import Camera
from .canvas import Canvas, Mask
from .light import Light
from .noise import sample

FloatArray = npt.NDArray[np.float32]
Points = npt.NDArray[np.float64]
RGB = tuple[float, float, float]

_SHIFT = 5
# A low sun throws shadows without end; beyond this slope they are cut short.
LEAST_SLOPE = 0.38
# A bar thinner than this many px is drawn this thick and paler.
THINNEST = 1.1
# Faces whose order is a whole multiple of this are bodies; others are details upon them.
BODY = 10
# How far tones of a surface wander, one standard deviation.
WEAR = 0.035
# What is nearer than this, m, is behind the viewer's eyes and left out.
NEAREST = 0.2
# Faces that are nowhere this long on the picture, px, are details that nobody sees.
SMALLEST = 1.2


@dataclass(frozen=True, slots=True)
class Face:
    """A flat polygon (k, 3), its corners counter-clockwise seen from outside.

    Args:
        color: of the surface.
        glow: light of its own, 0 to 1: lit windows.
        two_sided: seen from behind as well.
        order: what is higher is painted later, whatever the distances: a window on its wall.
    """

    points: Points
    color: RGB
    glow: float = 0.0
    two_sided: bool = False
    order: int = 0


@dataclass(frozen=True, slots=True)
class Bar:
    """A round bar from a to b, thickness m."""

    a: tuple[float, float, float]
    b: tuple[float, float, float]
    thick: float
    color: RGB
    order: int = 0


@dataclass(frozen=True, slots=True)
class Model:
    """Faces and bars around a foot, and the lines that a person would draw of it."""

    faces: Sequence[Face] = ()
    bars: Sequence[Bar] = ()
    lines: Sequence[Points] = field(default_factory=tuple)

    def placed(self, x: float, z: float, turn: float) -> Model:
        """The model turned (radians, about its upright) and put at x, z."""
        cos, sin = math.cos(turn), math.sin(turn)

        def move(points: Points) -> Points:
            moved = np.empty_like(points)
            moved[:, 0] = points[:, 0] * cos + points[:, 2] * sin + x
            moved[:, 1] = points[:, 1]
            moved[:, 2] = points[:, 2] * cos - points[:, 0] * sin + z
            return moved

        groups = [f.points for f in self.faces] + list(self.lines)
        if self.bars:
            groups.append(np.array([end for b in self.bars for end in (b.a, b.b)], np.float64))
        if not groups:
            return self
        moved = move(np.concatenate(groups))
        parts = _apart(moved, [len(g) for g in groups])
        n, m = len(self.faces), len(self.lines)
        ends = parts[-1].tolist() if self.bars else []
        return Model(
            [Face(p, f.color, f.glow, f.two_sided, f.order)
             for p, f in zip(parts[:n], self.faces, strict=True)],
            [Bar(tuple(ends[2 * i]), tuple(ends[2 * i + 1]), b.thick, b.color, b.order)
             for i, b in enumerate(self.bars)],
            parts[n : n + m],
        )  # fmt: skip


def box(
    x: float, y: float, z: float, w: float, h: float, d: float, color: RGB, order: int = 0
) -> list[Face]:
    """A box with its foot's middle at x, y, z: five faces, the lowest left out."""
    x0, x1, y0, y1, z0, z1 = x - w / 2, x + w / 2, y, y + h, z - d / 2, z + d / 2
    corners = [
        [(x0, y0, z0), (x0, y1, z0), (x1, y1, z0), (x1, y0, z0)],
        [(x1, y0, z1), (x1, y1, z1), (x0, y1, z1), (x0, y0, z1)],
        [(x0, y0, z1), (x0, y1, z1), (x0, y1, z0), (x0, y0, z0)],
        [(x1, y0, z0), (x1, y1, z0), (x1, y1, z1), (x1, y0, z1)],
        [(x0, y1, z0), (x0, y1, z1), (x1, y1, z1), (x1, y1, z0)],
    ]
    return [Face(np.array(c), color, order=order) for c in corners]


def paint_model(
    canvas: Canvas, owner: int, model: Model, camera: Camera, light: Light, air: float,
    far: FloatArray,
) -> None:  # fmt: skip
    """Paints a placed model.

    Args:
        air, far: share of the colours that the air takes, and what it turns them to.
    """
    marks: list[tuple[int, float, npt.NDArray[np.float64], FloatArray]] = []
    faces = [f for f in model.faces if f.points[:, 2].min() >= NEAREST]
    if faces:
        flat = np.concatenate([f.points for f in faces])
        begins = np.concatenate([[0], np.cumsum([len(f.points) for f in faces])])
        sizes = np.diff(begins)[:, None]
        middles = np.add.reduceat(flat, begins[:-1]) / sizes
        a, b = (
            flat[begins[:-1] + 1] - flat[begins[:-1]],
            flat[begins[:-1] + 2] - flat[begins[:-1] + 1],
        )
        normals = np.stack(
            [a[:, 1] * b[:, 2] - a[:, 2] * b[:, 1], a[:, 2] * b[:, 0] - a[:, 0] * b[:, 2],
             a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]], axis=1,
        )  # fmt: skip
        normals /= np.maximum(np.sqrt((normals**2).sum(axis=1, keepdims=True)), 1e-9)
        away = (normals * (middles - (0.0, camera.eye, 0.0))).sum(axis=1) > 0
        normals[away] *= -1
        lit = np.clip(0.32 + 0.75 * (normals @ light.form.astype(np.float64)), 0, 1.1)
        own = np.array([f.color for f in faces], np.float32)
        glow = np.array([f.glow for f in faces], np.float32)[:, None]
        colors = light.shade(own, lit.astype(np.float32))
        colors += glow * (own - colors)
        reach = -np.hypot(middles[:, 0], middles[:, 2])
        projected = camera.project(flat)
        spans = np.maximum.reduceat(projected, begins[:-1]) - np.minimum.reduceat(
            projected, begins[:-1]
        )
        large = spans.max(axis=1) >= SMALLEST
        seen = _apart(projected, [len(f.points) for f in faces])
        marks += [
            (f.order, float(reach[i]), seen[i], colors[i])
            for i, f in enumerate(faces)
            if (f.two_sided or not away[i]) and large[i]
        ]
    for bar in model.bars:
        ends = np.array([bar.a, bar.b])
        if ends[:, 2].min() < NEAREST:
            continue
        marks.append(
            (
                bar.order,
                -float(np.hypot(*ends[:, ::2].mean(axis=0))),
                *_bar(bar, ends, camera, light),
            )
        )
    if not marks:
        return
    marks.sort(key=lambda mark: (mark[0], mark[1]))
    everything = np.concatenate([m[2] for m in marks])
    low = np.floor(everything.min(axis=0)).astype(int) - 2
    high = np.ceil(everything.max(axis=0)).astype(int) + 3
    x0, y0 = max(int(low[0]), 0), max(int(low[1]), 0)
    x1, y1 = min(int(high[0]), camera.width), min(int(high[1]), camera.height)
    if x0 >= x1 or y0 >= y1:
        return
    region = canvas.picture[y0:y1, x0:x1]
    # OpenCV blends edges in bytes alone.
    drawn = np.asarray(cv2.convertScaleAbs(region, alpha=255), np.uint8)
    cover = np.zeros(drawn.shape[:2], np.uint8)
    for _, _, points, color in marks:
        tone = np.clip((color + air * (far - color)) * 255, 0, 255).tolist()
        at = np.round((points - (x0 + 0.5, y0 + 0.5)) * 2**_SHIFT).astype(np.int32)
        if len(at) == 2:  # a hair
            cv2.line(drawn, at[0].tolist(), at[1].tolist(), tone, 1, cv2.LINE_AA, _SHIFT)
            cv2.line(cover, at[0].tolist(), at[1].tolist(), 255, 1, cv2.LINE_AA, _SHIFT)
        else:
            cv2.fillPoly(drawn, [at], tone, cv2.LINE_AA, _SHIFT)
            cv2.fillPoly(cover, [at], 255, cv2.LINE_AA, _SHIFT)
    # Nothing that is built is quite of one tone: plaster, stone and planks weather.
    scale = 24.0 * camera.height / 256
    worn = sample(
        "cloudy", np.arange(x0, x1)[None] / (6 * scale), np.arange(y0, y1)[:, None] / (3 * scale)
    )
    worn *= WEAR / 255
    worn += 1 / 255
    np.copyto(region, drawn * worn[..., None], where=(cover > 0)[..., None])
    canvas.own(owner, cover >= 128, x0, y0)


def _bar(
    bar: Bar, ends: Points, camera: Camera, light: Light
) -> tuple[npt.NDArray[np.float64], FloatArray]:
    """The outline of a bar on the picture, and its colour."""
    a, b = camera.project(ends)
    along = b - a
    length = math.hypot(*along) or 1.0
    widths = [max(bar.thick * camera.scale(z), THINNEST) for z in ends[:, 2]]
    across = np.array([-along[1], along[0]]) / length / 2
    upright = abs(bar.b[1] - bar.a[1]) / (np.linalg.norm(ends[1] - ends[0]) or 1.0)
    lit = 0.45 + 0.25 * (1 - upright) + 0.1 * upright
    color = light.shade(np.array(bar.color, np.float32), float(lit))
    if max(widths) <= THINNEST:
        return np.stack([a, b]), color
    outline = np.stack([a + across * widths[0], b + across * widths[1], b - across * widths[1],
                        a - across * widths[0]])  # fmt: skip
    return outline, color


def model_mask(model: Model, camera: Camera) -> Mask | None:
    """Where a placed model is on the picture, hidden parts included; None where nowhere."""
    full = np.zeros((camera.height, camera.width), np.uint8)
    for face in model.faces:
        if face.points[:, 2].min() >= NEAREST:
            _fill(full, camera.project(face.points))
    for bar in model.bars:
        ends = np.array([bar.a, bar.b])
        if ends[:, 2].min() >= NEAREST:
            a, b = camera.project(ends)
            width = max(1, round(bar.thick * camera.scale(float(ends[:, 2].mean()))))
            cv2.line(full, [round(v) for v in a], [round(v) for v in b], 255, width)
    rows, columns = np.flatnonzero(full.any(axis=1)), np.flatnonzero(full.any(axis=0))
    if not len(rows):
        return None
    y0, x0 = int(rows[0]), int(columns[0])
    return Mask(x0, y0, full[y0 : rows[-1] + 1, x0 : columns[-1] + 1] > 0)


def thrown(points: npt.ArrayLike, light: Light, camera: Camera) -> npt.NDArray[np.float64]:
    """World points (..., 3) thrown to the ground along the light, as px of the picture."""
    p = np.asarray(points, np.float64)
    x, y, z = light.direction
    level = math.hypot(x, z)
    slope = max(y / level, LEAST_SLOPE)
    length = p[..., 1] / slope
    ground = np.stack(
        [p[..., 0] - length * x / level, np.zeros_like(length),
         np.maximum(p[..., 2] - length * z / level, 0.6 * camera.nearest)], axis=-1,
    )  # fmt: skip
    return camera.project(ground)


def throw_shadow(shadow: npt.NDArray[np.uint8], model: Model, camera: Camera, light: Light) -> None:
    """Adds a placed model's shadow to a picture of shadows, in place."""
    faces = [f.points for f in model.faces if f.order % BODY == 0]
    if faces:
        thrown_points = thrown(np.concatenate(faces), light, camera)
        for part in _apart(thrown_points, [len(f) for f in faces]):
            _fill(shadow, part)
    for bar in model.bars:
        a, b = thrown(np.array([bar.a, bar.b]), light, camera)
        width = bar.thick * camera.scale(max(bar.a[2], 1.0))
        if width < 1:
            _hair(shadow, a, b)
            continue
        along = b - a
        norm = math.hypot(*along) or 1.0
        across = np.array([-along[1], along[0]]) / norm * width / 2
        _fill(shadow, np.stack([a + across, b + across, b - across, a - across]))


def _apart(points: Points, lengths: Sequence[int]) -> list[Points]:
    """Points (n, ...) as views of these lengths; numpy's own split takes ten times as long."""
    ends = list(accumulate(lengths))
    return [points[end - length : end] for end, length in zip(ends, lengths, strict=True)]


def _fill(mask: npt.NDArray[np.uint8], points: npt.NDArray[np.float64]) -> None:
    at = np.clip(np.round((points - 0.5) * 2**_SHIFT), -(2**28), 2**28).astype(np.int32)
    cv2.fillPoly(mask, [at], 255, cv2.LINE_AA, _SHIFT)


def _hair(
    mask: npt.NDArray[np.uint8], a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]
) -> None:
    at = np.clip(np.round((np.stack([a, b]) - 0.5) * 2**_SHIFT), -(2**28), 2**28).astype(int)
    cv2.line(mask, at[0].tolist(), at[1].tolist(), 255, 1, cv2.LINE_AA, _SHIFT)
