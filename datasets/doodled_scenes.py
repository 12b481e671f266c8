"""Doodles with their label maps to learn from: what was drawn, what is known of it, what is meant.

    train_doodle/NAME.ndjson   a doodle whose layers say what each stroke belongs to, "tree#12"
    train_label/NAME.png       its label map

as `linework data scenes` writes them; held-out ones lie in val_doodle/ and val_label/. A sample
is cut, mirrored and stretched at random; labels of some objects are withheld, the areas of some
are given, as if filled already, and now and then a brush has been at work. Indices run over the
labels that occur: 0 to C - 1, C for ink or areas whose label nobody said, C + 1 for nothing.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from ..strokes.errors import FormatError, LineworkError
from ..strokes.files import read_drawings
from .horizon import GROUND, LAND, SKY
from .label_png import read_label_png
from .labels import UNLABELLED, UInt8Array, Vocabulary, vocabulary
from .scenes.doodle import parse_layer

FloatArray = npt.NDArray[np.float32]
SPLITS = ("train", "val")
NAMES = "scene"
# Shares of a scene's objects that are withheld, areas given, each with its probability.
WITHHELD = ((0.0, 0.35), (0.25, 0.3), (0.5, 0.2), (1.0, 0.15))
GIVEN = ((0.0, 0.3), (0.5, 0.3), (0.9, 0.4))
# Of whole scenes; others show a window of at least this share of each side.
WHOLE_SHARE, LEAST_SHOWN = 0.4, 0.6
# Doodles without the line of the ground, and without anything drawn on it.
NO_LINE, NO_GROUND = 0.2, 0.2
# Strokes wider than this share of the canvas are the ground's line, not marks on it.
LINE_SHARE = 0.4
# Scenes with a brush, its strokes at most, their width as a share of the side.
BRUSHED, BRUSHES, BRUSH_WIDTH = 0.25, 3, (0.03, 0.12)
CLOUDS = "clouds"
_SHIFT = 4  # fraction bits of OpenCV's coordinates


@dataclass(frozen=True, slots=True, eq=False)
class Doodled:
    """A doodle and its label map.

    Args:
        lines: of each stroke, float32 (n, 2), x, y as shares of the canvas.
        objects: number of each stroke's object, from 0.
        labels: index of each object's label.
        truth: uint8 (H, W), indices of labels.
    """

    lines: tuple[FloatArray, ...]
    objects: tuple[int, ...]
    labels: tuple[int, ...]
    truth: UInt8Array


@dataclass(frozen=True, slots=True, eq=False)
class MapSample:
    """What a network sees and what it should say, all uint8 (S, S), indices.

    Args:
        ink: of lines, by their label.
        area: of what is known already.
        truth: labels.
    """

    ink: UInt8Array
    area: UInt8Array
    truth: UInt8Array


class DoodledScenes:
    """The doodles of one split of a folder, read when asked for and kept.

    Args:
        pairs: doodle and label map of each.
        labels: names of the labels, in the order of their indices.
    """

    def __init__(
        self, name: str, pairs: Sequence[tuple[Path, Path]], labels: tuple[str, ...]
    ) -> None:
        self.name, self.pairs, self.labels = name, tuple(pairs), labels
        self._kept: dict[int, Doodled] = {}

    def __len__(self) -> int:
        return len(self.pairs)

    @cached_property
    def table(self) -> UInt8Array:
        """uint8 (256,), the index of each pixel of a label map; 255 of those not in `labels`."""
        table = np.full(256, 255, np.uint8)
        names = vocabulary(NAMES)
        for index, label in enumerate(self.labels):
            table[names.label(label).pixel] = index
        return table

    @cached_property
    def ground(self) -> frozenset[int]:
        """Indices of what ground is made of."""
        return frozenset(k for k, label in enumerate(self.labels) if label in GROUND)

    @cached_property
    def land(self) -> frozenset[int]:
        """Indices of what is drawn as a line with no area of its own."""
        return frozenset(k for k, label in enumerate(self.labels) if label in LAND)

    def read(self, number: int) -> Doodled:
        """A doodle and its label map.

        Raises:
            LineworkError, FormatError: files that cannot be read, layers that say no label.
        """
        if number not in self._kept:
            self._kept[number] = self._read(*self.pairs[number])
        return self._kept[number]

    def sample(self, side: int, rng: np.random.Generator) -> MapSample:
        """A random scene, augmented as the head of the file says, `side` px a side."""
        scene = self.read(int(rng.integers(len(self))))
        hidden = rng.random(len(scene.labels)) < _drawn(WITHHELD, rng)
        given = rng.random(len(scene.labels)) < _drawn(GIVEN, rng)
        left, top, width, height = _window(rng)
        kept = _kept_strokes(scene, self.ground, rng)
        shift, scale = np.float32([left, top]), np.float32([1 / width, 1 / height])
        lines = [(scene.lines[k] - shift) * scale for k in kept]
        rows, columns = scene.truth.shape
        y = ((np.arange(side) + 0.5) / side * height + top) * rows
        x = ((np.arange(side) + 0.5) / side * width + left) * columns
        truth = scene.truth[np.ix_(y.astype(np.int64), x.astype(np.int64))]
        unknown = len(self.labels)
        said = [unknown if h else label for h, label in zip(hidden, scene.labels, strict=True)]
        owners = [scene.objects[k] for k in kept]
        ink = index_map(lines, [said[o] for o in owners], side, unknown + 1)
        truth = self._clouds_as_drawn(
            truth, [(line, scene.labels[o]) for line, o in zip(lines, owners, strict=True)]
        )
        area = np.full((side, side), unknown + 1, np.uint8)
        for o, label in enumerate(scene.labels):
            own = [line for line, owner in zip(lines, owners, strict=True) if owner == o]
            if given[o] and own and label not in self.land:
                _reveal(area, truth, own, label, said[o])
        if rng.random() < BRUSHED:
            _brush(area, truth, rng)
        if rng.random() < 0.5:
            ink, area, truth = (np.ascontiguousarray(a[:, ::-1]) for a in (ink, area, truth))
        return MapSample(ink, area, truth)

    def plain(self, number: int, side: int, withheld: float = 0.0) -> MapSample:
        """A whole scene as it is, the areas of nothing given.

        Args:
            withheld: share of the objects whose label is not said; which, its number decides.
        """
        scene = self.read(number)
        hidden = np.random.default_rng(number).random(len(scene.labels)) < withheld
        unknown = len(self.labels)
        said = [unknown if hidden[owner] else scene.labels[owner] for owner in scene.objects]
        ink = index_map(scene.lines, said, side, unknown + 1)
        truth = cv2.resize(scene.truth, (side, side), interpolation=cv2.INTER_NEAREST_EXACT)
        return MapSample(ink, np.full_like(ink, unknown + 1), np.asarray(truth, np.uint8))

    def _clouds_as_drawn(
        self, truth: UInt8Array, lines: Sequence[tuple[FloatArray, int]]
    ) -> UInt8Array:
        """The truth, clouds where they were drawn: no doodle could tell a scene's streaks."""
        if not {SKY, CLOUDS} <= set(self.labels):
            return truth
        sky, clouds = self.labels.index(SKY), self.labels.index(CLOUDS)
        drawn = np.zeros_like(truth)
        for line, label in lines:
            if label == clouds:
                fixed = np.rint((line * len(truth) - 0.5) * (1 << _SHIFT)).astype(np.int32)
                cv2.fillPoly(drawn, [fixed], 1, cv2.LINE_8, _SHIFT)
        bare = np.where(truth == clouds, np.uint8(sky), truth)
        return np.where((bare == sky) & (drawn > 0), np.uint8(clouds), bare)

    def _read(self, doodle: Path, labels: Path) -> Doodled:
        names = vocabulary(NAMES)
        drawing = next(read_drawings(doodle), None)
        if drawing is None:
            raise LineworkError(f"{doodle}: holds no drawing; wanted the doodle of {labels.name}")
        truth = self.table[read_label_png(labels, names).pixels]
        layers = list(dict.fromkeys(stroke.layer or "" for stroke in drawing.strokes))
        indices = []
        for layer in layers:
            try:
                label = names.find(parse_layer(layer)[0])
            except FormatError as error:
                raise FormatError(f"{doodle}: {error}") from None
            index = 255 if label is None else int(self.table[label.pixel])
            # Drawn, and seen in no label map: something.
            indices.append(len(self.labels) if index == 255 else index)
        size = np.float32(drawing.size)
        return Doodled(
            tuple(stroke.points / size for stroke in drawing.strokes),
            tuple(layers.index(stroke.layer or "") for stroke in drawing.strokes),
            tuple(indices),
            truth,
        )


def open_scenes(folder: str | os.PathLike[str]) -> tuple[DoodledScenes, DoodledScenes]:
    """The doodles of a folder to learn from and those held out, of the same labels.

    Raises:
        LineworkError: no folder of that layout, no held-out scenes, a doodle without a label map.
        FormatError: a label map that is none.
    """
    base = Path(folder)
    found = [_pairs(base, split) for split in SPLITS]
    names = vocabulary(NAMES)
    seen = np.zeros(256, np.bool_)
    for _, labels in (*found[0], *found[1]):
        seen |= np.bincount(read_label_png(labels, names).pixels.ravel(), minlength=256) > 0
    seen[UNLABELLED] = False
    occur = _names(names, np.flatnonzero(seen).tolist())
    if len(occur) < 2:
        raise LineworkError(
            f"{base}: the label maps hold {occur[0] if occur else 'nothing'} alone; wanted two "
            "labels or more"
        )
    train, held_out = (DoodledScenes(str(folder), pairs, occur) for pairs in found)
    return train, held_out


def index_map(
    lines: Sequence[FloatArray], indices: Sequence[int], side: int, nothing: int
) -> UInt8Array:
    """Lines a px wide, each as its index, later ones above: uint8 (S, S).

    Args:
        lines: float32 (n, 2) as shares of the canvas, which is stretched to the square.
    """
    out = np.full((side, side), nothing, np.uint8)
    for line, index in zip(lines, indices, strict=True):
        points = np.clip(line * side - 0.5, -4 * side, 5 * side)
        fixed = np.rint(points * (1 << _SHIFT)).astype(np.int32)
        if len(fixed) == 1:
            fixed = np.repeat(fixed, 2, axis=0)
        cv2.polylines(out, [fixed], False, int(index), 1, cv2.LINE_8, _SHIFT)
    return out


def _names(names: Vocabulary, pixels: list[int]) -> tuple[str, ...]:
    return tuple(label.name for label in names.labels if label.pixel in pixels)


def _pairs(base: Path, split: str) -> list[tuple[Path, Path]]:
    doodles, labels = base / f"{split}_doodle", base / f"{split}_label"
    if not (doodles.is_dir() and labels.is_dir()):
        raise LineworkError(
            f"{base}: holds no {split}_doodle/ and {split}_label/; `linework data scenes -n 1000 "
            "-o DIR` makes such a folder"
        )
    pairs = [(path, labels / f"{path.stem}.png") for path in sorted(doodles.glob("*.ndjson"))]
    alone = next((path for path, label in pairs if not label.is_file()), None)
    if alone is not None:
        raise LineworkError(f"{alone}: has no label map {labels.name}/{alone.stem}.png")
    if not pairs:
        raise LineworkError(f"{doodles}: holds no doodles (.ndjson)")
    return pairs


def _drawn(choices: tuple[tuple[float, float], ...], rng: np.random.Generator) -> float:
    values, shares = zip(*choices, strict=True)
    return float(rng.choice(values, p=shares))


def _window(rng: np.random.Generator) -> tuple[float, float, float, float]:
    """Left, top, width, height of what is shown, as shares of the scene."""
    if rng.random() < WHOLE_SHARE:
        return 0.0, 0.0, 1.0, 1.0
    width, height = rng.uniform(LEAST_SHOWN, 1, 2)
    return float(rng.uniform(0, 1 - width)), float(rng.uniform(0, 1 - height)), width, height


def _kept_strokes(scene: Doodled, ground: frozenset[int], rng: np.random.Generator) -> list[int]:
    """Numbers of the strokes that were drawn: not everybody draws the ground's far edge."""
    coin = rng.random()
    if coin >= NO_LINE + NO_GROUND:
        return list(range(len(scene.lines)))

    def is_left_out(k: int) -> bool:
        if scene.labels[scene.objects[k]] not in ground:
            return False
        return coin < NO_GROUND or float(np.ptp(scene.lines[k][:, 0])) > LINE_SHARE

    return [k for k in range(len(scene.lines)) if not is_left_out(k)]


def _reveal(
    area: UInt8Array, truth: UInt8Array, lines: list[FloatArray], label: int, said: int
) -> None:
    """Writes into `area` what of a label lies in the box around its object's lines."""
    side = len(area)
    points = np.concatenate(lines)
    x0, y0 = np.clip(np.floor(points.min(axis=0) * side), 0, side).astype(int)
    x1, y1 = np.clip(np.ceil(points.max(axis=0) * side), 0, side).astype(int)
    box = np.s_[y0:y1, x0:x1]
    area[box][truth[box] == label] = said


def _brush(area: UInt8Array, truth: UInt8Array, rng: np.random.Generator) -> None:
    """Writes into `area` a few wide strokes of what is true below them."""
    side = len(area)
    for _ in range(int(rng.integers(1, BRUSHES + 1))):
        begin = rng.integers(0, side, 2)
        label = int(truth[begin[1], begin[0]])
        if label == 255:
            continue
        end = np.clip(begin + rng.normal(0, 0.2 * side, 2), 0, side - 1).astype(int)
        wide = max(1, round(side * float(rng.uniform(*BRUSH_WIDTH))))
        stroke = np.zeros((side, side), np.uint8)
        cv2.line(stroke, begin.tolist(), end.tolist(), 1, wide)
        area[(stroke > 0) & (truth == label)] = label
