"""Pictures with sketches to train on: `SketchFolder`, the pairs of "edges to anything".

    pictures/ sketches/             the user's own pairs, by name; val_pictures/ val_sketches/
    train_img/ train_doodle/        `linework data scenes`; val_img/ val_doodle/
    pictures right in it, or train/ and val/   without sketches: hands draw them, human_strokes.py

A sketch is a drawing (.svg, .ndjson) or a picture of one. As pix2pix has pairs, a picture may
hold both side by side; `HALVES` says which half is what. Crops of sketches that are strokes are
drawn anew each time, with a pen of another width and some strokes forgotten; pictures of
sketches are taken as they are.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ..strokes import Drawing
from ..strokes.errors import FormatError, LineworkError
from ..strokes.files import read_drawings
from ..strokes.images import UInt8Array, read_image
from ..strokes.raster import draw_color, draw_ink
from .human_strokes import draw_by_hand, find_outlines
from .label_folder import brought
from .pictures import KEPT_BYTES, find_pictures

# What a file of a folder holds: "" one picture; "left" or "right", a picture in that half, and
# nothing of use in the other; or a sketch and a picture side by side.
HALVES = ("", "left", "right", "sketch-picture", "picture-sketch")
DRAWN = (".svg", ".ndjson")
# Folders of pictures and of sketches, to learn from and held out.
LAYOUTS = (
    (("pictures", "sketches"), ("val_pictures", "val_sketches")),
    (("train_img", "train_doodle"), ("val_img", "val_doodle")),
)
TRAIN, HELD_OUT = "train", "val"
# A pen's width, in shares of the side of a crop: 1 to 2 px of 128.
PEN = (0.008, 0.016)
# The width at which a finished sketch is drawn, to be painted.
USUAL_PEN = 0.012
# Share of a sketch's strokes that a crop goes without.
SKIPPED = 0.06
# Hands that draw each picture; a crop takes one of them.
HANDS = 2
HAND_SEED = 20_170_7
# Shares of crops that show the whole shorter side, and the least that others show of it.
WHOLE_SHARE, LEAST_SHOWN = 0.5, 0.6
MIRRORED_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class SketchPair:
    """Where a pair lies; without a sketch, hands draw one. `half` is one of `HALVES`."""

    picture: Path
    sketch: Path | None = None
    half: str = ""

    @property
    def strokes(self) -> bool:
        """Whether its sketch is strokes, not a picture of some."""
        if self.sketch is not None:
            return self.sketch.suffix.lower() in DRAWN
        return self.half not in ("sketch-picture", "picture-sketch")


@dataclass(frozen=True, slots=True, eq=False)
class Sketched:
    """A crop: sketch uint8 (S, S, 1 or 3), 255 paper; picture uint8 (S, S, 3)."""

    sketch: UInt8Array
    picture: UInt8Array


@dataclass(frozen=True, slots=True, eq=False)
class _Whole:
    picture: UInt8Array
    sketches: tuple[Drawing | UInt8Array, ...]

    @property
    def nbytes(self) -> int:
        drawn = [8 * s.n_points if isinstance(s, Drawing) else s.nbytes for s in self.sketches]
        return int(self.picture.nbytes + sum(drawn))


class SketchFolder:
    """Augmented crops of pictures with their sketches.

    Args:
        pairs: what to cut from; `find_sketch_pairs`.
        channels: of sketches, 1 or 3.
        limit: bytes of pictures and sketches to keep in memory.
    """

    def __init__(
        self, pairs: Sequence[SketchPair], channels: int = 1, *, limit: int = KEPT_BYTES
    ) -> None:
        self.pairs, self.channels, self._limit = tuple(pairs), channels, limit
        self._kept: OrderedDict[int, _Whole] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self.pairs)

    def patch(self, size: int, rng: np.random.Generator) -> Sketched:
        """A square crop of a random picture, mirrored or not, at `size` px.

        Raises:
            LineworkError, FormatError: files that cannot be read or do not fit together.
        """
        whole = self._read(int(rng.integers(len(self.pairs))))
        sketch = whole.sketches[int(rng.integers(len(whole.sketches)))]
        height, width = whole.picture.shape[:2]
        share = 1.0 if rng.random() < WHOLE_SHARE else float(rng.uniform(LEAST_SHOWN, 1))
        side = max(1, round(share * min(height, width)))
        top = int(rng.integers(height - side + 1))
        left = int(rng.integers(width - side + 1))
        mirrored = rng.random() < MIRRORED_SHARE
        place = np.s_[top : top + side, left : left + side]
        if isinstance(sketch, Drawing):
            seen = _without_some(_window(sketch, left, top, side), rng)
            ink = sketch_px(seen, size, self.channels, float(rng.uniform(*PEN)))
            ink = np.ascontiguousarray(ink[:, ::-1] if mirrored else ink)
        else:
            ink = brought(sketch[place], size, mirrored, smooth=True).reshape(size, size, -1)
        return Sketched(ink, brought(whole.picture[place], size, mirrored, smooth=True))

    def _read(self, number: int) -> _Whole:
        if number in self._kept:
            self._kept.move_to_end(number)
            return self._kept[number]
        found = _read_pair(self.pairs[number], number, self.channels)
        self._kept[number] = found
        self._bytes += found.nbytes
        while self._bytes > self._limit and len(self._kept) > 1:
            self._bytes -= self._kept.popitem(last=False)[1].nbytes
        return found


def sketch_px(
    drawing: Drawing, size: int | tuple[int, int], channels: int, pen: float = USUAL_PEN
) -> UInt8Array:
    """A sketch as a painter of sketches sees it: uint8 (H, W, channels), 255 paper.

    Args:
        size: px, or width and height.
        pen: width of the line in shares of the shorter side.
    """
    shorter = size if isinstance(size, int) else min(size)
    draw = draw_ink if channels == 1 else draw_color
    drawn = draw(drawing, size, line_width=max(pen * shorter, 1.0))
    return drawn.reshape(*drawn.shape[:2], channels)


def as_channels(picture: UInt8Array, channels: int) -> UInt8Array:
    """A grey or RGB picture as uint8 (H, W, channels)."""
    if channels == 3:
        return np.repeat(picture[:, :, None], 3, axis=2) if picture.ndim == 2 else picture
    if picture.ndim == 3:
        picture = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
    return picture[:, :, None]


def find_sketch_pairs(
    folder: str | Path, halves: str = ""
) -> tuple[list[SketchPair], list[SketchPair]]:
    """Pairs to learn from and pairs held out, perhaps none.

    Args:
        halves: one of `HALVES`: what each picture of a folder holds.

    Raises:
        LineworkError: no such folder, no pictures, one without its sketch, halves that there
            are not.
    """
    if halves not in HALVES:
        raise LineworkError(f"pictures.halves is '{halves}'; wanted {', '.join(HALVES[1:])}")
    base = Path(folder)
    if not base.is_dir():
        raise LineworkError(f"{folder}: there is no such folder")
    for learnt, held_out in LAYOUTS:
        if all((base / part).is_dir() for part in learnt):
            if halves:
                raise LineworkError(
                    f"pictures.halves is '{halves}', but {folder} has {learnt[1]}/ beside "
                    f"{learnt[0]}/; leave it out"
                )
            both = all((base / part).is_dir() for part in held_out)
            both = both and bool(find_pictures(base / held_out[0]))
            return _pairs(base, *learnt), _pairs(base, *held_out) if both else []
    for part in (p for layout in LAYOUTS for p in layout[0]):
        if (base / part).is_dir():
            names = " or ".join(f"{a}/ and {b}/" for (a, b), _ in LAYOUTS)
            raise LineworkError(
                f"{folder}: has {part}/ alone; wanted {names}, or pictures right in the folder"
            )
    inside = base / TRAIN if (base / TRAIN).is_dir() else base
    train = [SketchPair(path, half=halves) for path in find_pictures(inside)]
    if not train:
        raise LineworkError(f"{inside}: holds no pictures to make sketches of")
    beside = inside != base and (base / HELD_OUT).is_dir()
    held = find_pictures(base / HELD_OUT) if beside else []
    return train, [SketchPair(path, half=halves) for path in held]


def read_sketch(path: str | Path) -> Drawing:
    """The one drawing of a file.

    Raises:
        LineworkError, FormatError: as `read_drawings`; a file of none or of several.
    """
    found = []
    for drawing in read_drawings(path):
        found.append(drawing)
        if len(found) > 1:
            raise FormatError(f"{path}: holds several drawings; wanted one a file")
    if not found:
        raise FormatError(f"{path}: holds no drawing")
    return found[0]


def _pairs(base: Path, pictures: str, sketches: str) -> list[SketchPair]:
    by_name = {
        path.stem: path
        for path in sorted((base / sketches).iterdir())
        if path.suffix.lower() in DRAWN and not path.name.startswith(".")
    }
    by_name = {path.stem: path for path in find_pictures(base / sketches)} | by_name
    found = find_pictures(base / pictures)
    if not found:
        raise LineworkError(f"{base / pictures}: holds no pictures")
    alone = [path.name for path in found if path.stem not in by_name]
    if alone:
        more = f" and {len(alone) - 1} more pictures have" if len(alone) > 1 else " has"
        raise LineworkError(
            f"{base / pictures}: {alone[0]}{more} no sketch of that name in {sketches}/; draw it, "
            "or take the picture away"
        )
    return [SketchPair(path, by_name[path.stem]) for path in found]


def _read_pair(pair: SketchPair, number: int, channels: int) -> _Whole:
    picture = as_channels(read_image(pair.picture), 3)
    height, width = picture.shape[:2]
    if pair.sketch is not None:
        sketch: Drawing | UInt8Array
        if pair.strokes:
            sketch = _on_canvas(read_sketch(pair.sketch), (width, height), pair)
        else:
            sketch = as_channels(read_image(pair.sketch), channels)
            _check_aspect((sketch.shape[1], sketch.shape[0]), (width, height), pair)
            way = cv2.INTER_AREA if sketch.shape[0] > height else cv2.INTER_CUBIC
            sketch = cv2.resize(sketch, (width, height), interpolation=way)
            sketch = np.asarray(sketch, np.uint8).reshape(height, width, channels)
        return _Whole(picture, (sketch,))
    if pair.half:
        if width < 2:
            raise FormatError(f"{pair.picture}: is {width} px wide; wanted two halves")
        left, right = picture[:, : width // 2], picture[:, width - width // 2 :]
        picture = left if pair.half in ("left", "picture-sketch") else right
        if not pair.strokes:
            other = right if pair.half == "picture-sketch" else left
            return _Whole(picture, (as_channels(other, channels),))
    outlines = find_outlines(picture)
    hands = [np.random.default_rng((HAND_SEED, number, hand)) for hand in range(HANDS)]
    return _Whole(picture, tuple(draw_by_hand(outlines, rng) for rng in hands))


def _on_canvas(drawing: Drawing, size: tuple[int, int], pair: SketchPair) -> Drawing:
    _check_aspect(drawing.size, size, pair)
    factor = np.divide(size, drawing.size).astype(np.float32)
    return drawing.map_points(lambda points: points * factor).replace(size=size)


def _check_aspect(sketch: tuple[float, float], picture: tuple[int, int], pair: SketchPair) -> None:
    """Raises a FormatError where a sketch is of another aspect, by more than a rounded px."""
    wide, high = (a / b for a, b in zip(sketch, picture, strict=True))
    if abs(wide / high - 1) > 1.5 / min(*sketch, *picture):
        raise FormatError(
            f"{pair.sketch}: is {sketch[0]:g} x {sketch[1]:g} px and {pair.picture} is "
            f"{picture[0]} x {picture[1]}; wanted one aspect"
        )


def _window(drawing: Drawing, left: int, top: int, side: int) -> Drawing:
    corner = np.array([left, top], np.float32)
    touching = [
        stroke.replace(points=stroke.points - corner)
        for stroke in drawing.strokes
        if (stroke.points.max(axis=0) >= corner).all()
        and (stroke.points.min(axis=0) <= corner + side).all()
    ]
    return drawing.replace(strokes=tuple(touching), size=(side, side))


def _without_some(drawing: Drawing, rng: np.random.Generator) -> Drawing:
    kept = rng.random(len(drawing.strokes)) >= SKIPPED
    return drawing.with_strokes([s for s, keep in zip(drawing.strokes, kept, strict=True) if keep])
