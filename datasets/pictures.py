"""Folders of pictures to train on, and patches cut out of them: `PictureFolder`.

A patch is a square window at some scale, angle and reflection. Scales go down to 1 / 3.5, as
those of Simo-Serra et al. (2016, "Learning to Simplify"); shrinking is by area, so that thin
lines fade and do not break up. What lies beyond a picture's edge is its reflection.

Pictures stay in memory as grey bytes up to a limit and are read again beyond it.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from ..strokes.errors import FormatError, LineworkError
from ..strokes.images import read_image, to_grey
from .pairs import Grey
from .scan_look import scan

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp", ".gif")
KEPT_BYTES = 1 << 30  # of grey pictures: some 120 pages of A4 at 300 dpi
LEAST_SCALE = 1 / 3.5
LEAST_INK = 0.005  # share of px; emptier patches teach little
FAINTEST = 25  # grey levels from paper to ink: below it are noise and stains
DARKEST = 0.002  # share of px: the black of a clean picture, of which lines are a hundredth
TRIES = 8
TONE_SHARE = 0.7  # of rough patches that are given another tone, noise and blur
_ORIENTATION = 0x0112  # EXIF tag; from 5 on, width and height change places


def find_pictures(folder: str | os.PathLike[str]) -> list[Path]:
    """The pictures right in a folder, by name; hidden files and other files are passed over.

    Raises:
        LineworkError: no such folder.
    """
    path = Path(folder)
    if not path.is_dir():
        raise LineworkError(f"{folder}: there is no such folder")
    return sorted(
        p
        for p in path.iterdir()
        if p.suffix.lower() in SUFFIXES and not p.name.startswith(".") and p.is_file()
    )


def picture_size(path: str | os.PathLike[str]) -> tuple[int, int]:
    """Width and height in px as `read_image` will give them, from the header alone.

    Raises:
        FormatError: not a picture.
    """
    from PIL import Image

    try:
        with Image.open(path) as picture:
            width, height = picture.size
            turned = picture.getexif().get(_ORIENTATION, 1) >= 5
    except (OSError, SyntaxError, ValueError) as error:
        raise FormatError(f"{path}: is not a picture that can be read ({error})") from error
    return (height, width) if turned else (width, height)


class PictureStore:
    """Grey pictures by path, the latest used kept in memory.

    Args:
        limit: bytes to keep; at least the picture just read stays.
        change: what is done to a picture once it is read, such as `leveled`.
    """

    def __init__(
        self, limit: int = KEPT_BYTES, change: Callable[[Grey], Grey] | None = None
    ) -> None:
        self._limit = limit
        self._change = change
        self._kept: OrderedDict[Path, Grey] = OrderedDict()
        self._bytes = 0

    def read(self, path: Path) -> Grey:
        """The picture as uint8 (H, W). Raises as `read_image`."""
        if path in self._kept:
            self._kept.move_to_end(path)
            return self._kept[path]
        grey = to_grey(read_image(path))
        if self._change is not None:
            grey = self._change(grey)
        self._kept[path] = grey
        self._bytes += grey.nbytes
        while self._bytes > self._limit and len(self._kept) > 1:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= dropped.nbytes
        return grey


@dataclass(frozen=True, slots=True)
class Window:
    """A square of `size` px seen in a picture around `centre` (x, y), turned and mirrored."""

    centre: tuple[float, float]
    scale: float
    angle: float
    mirrored: bool
    size: int

    def cut(self, picture: Grey) -> Grey:
        """The patch, uint8 (size, size)."""
        # The part of the picture that the window can show, shrunk by area, then turned.
        half = self.size / self.scale * np.sqrt(0.5) + 2
        x0, y0 = (int(np.floor(c - half)) for c in self.centre)
        side = int(np.ceil(2 * half)) + 1
        part = _reflected(picture, x0, y0, side)
        shrunk = max(1, round(side * self.scale))
        way = cv2.INTER_AREA if self.scale < 1 else cv2.INTER_CUBIC
        part = cv2.resize(part, (shrunk, shrunk), interpolation=way)
        scale = shrunk / side
        middle = [(c + 0.5 - o) * scale - 0.5 for c, o in zip(self.centre, (x0, y0), strict=True)]
        turn = self.scale / scale * _rotation(self.angle, self.mirrored)
        shift = (self.size - 1) / 2 - turn @ middle
        matrix = np.hstack([turn, shift[:, None]])
        patch = cv2.warpAffine(
            part,
            matrix,
            (self.size, self.size),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REFLECT_101,
        )
        return np.asarray(patch, np.uint8)


def _rotation(angle: float, mirrored: bool) -> npt.NDArray[np.float64]:
    cos, sin = np.cos(angle), np.sin(angle)
    way = -1.0 if mirrored else 1.0
    return np.array([[way * cos, -sin], [way * sin, cos]])


def _reflected(picture: Grey, x0: int, y0: int, side: int) -> Grey:
    """A square part of a picture; beyond its edges, its reflection."""
    height, width = picture.shape
    if x0 >= 0 and y0 >= 0 and x0 + side <= width and y0 + side <= height:
        return picture[y0 : y0 + side, x0 : x0 + side]
    rows, columns = (
        np.abs((np.arange(start, start + side) + n - 1) % max(2 * n - 2, 1) - (n - 1))
        for start, n in ((y0, height), (x0, width))
    )
    return picture[np.ix_(rows, columns)]


def choose_window(shape: tuple[int, ...], size: int, rng: np.random.Generator) -> Window:
    """A window at a random place, scale, angle and reflection; inside the picture if it fits.

    Args:
        shape: height and width of the picture.
    """
    height, width = shape[:2]
    whole = size / min(height, width)  # the scale at which a window shows the shorter side
    low, high = min(max(LEAST_SCALE, whole), 2.0), min(max(1.0, whole), 2.0)
    scale = float(np.exp(rng.uniform(np.log(low), np.log(high))))
    angle = float(rng.uniform(0, 2 * np.pi))
    if rng.random() < 0.3:
        angle = float(rng.integers(4) * np.pi / 2)
    half = size / scale * (abs(np.cos(angle)) + abs(np.sin(angle))) / 2
    centre = tuple(
        float(rng.uniform(half, n - half)) if n > 2 * half else float(rng.uniform(0.3, 0.7) * n)
        for n in (width, height)
    )
    return Window((centre[0], centre[1]), scale, angle, bool(rng.random() < 0.5), size)


def has_ink(patch: Grey) -> bool:
    """Whether something on a patch is darker than its paper, be it faint."""
    dark, paper = np.percentile(patch[::2, ::2], [100 * LEAST_INK, 90])
    return bool(paper - dark > FAINTEST)


def leveled(clean: Grey) -> Grey:
    """A clean picture whose paper is white and whose darkest lines are black.

    What is learnt from is drawn again as it is: a scan's paper of 240 would be learnt too.
    """
    paper, dark = (float(v) for v in np.percentile(clean, [95, 100 * DARKEST]))
    if paper - dark < FAINTEST:
        dark = 0.0  # a page without lines
    table = np.clip((np.arange(256) - dark) * (255 / max(paper - dark, 1)), 0, 255)
    return np.asarray(np.rint(table), np.uint8)[clean]


class PictureFolder:
    """Patches of pictures that have no counterpart: rough ones alone, or clean ones alone.

    Args:
        folder: pictures right in it.
        toned: give patches another tone, blur and noise: for rough pictures. Clean ones
            are leveled instead.
        limit: bytes of pictures to keep in memory.

    Raises:
        LineworkError: no such folder, or no pictures in it.
    """

    def __init__(
        self, folder: str | os.PathLike[str], *, toned: bool, limit: int = KEPT_BYTES
    ) -> None:
        self.name = str(folder)
        self.paths: Sequence[Path] = find_pictures(folder)
        if not self.paths:
            raise LineworkError(
                f"{folder}: holds no pictures; wanted {', '.join(SUFFIXES)} files in it"
            )
        self._toned = toned
        self._store = PictureStore(limit, None if toned else leveled)

    def __len__(self) -> int:
        return len(self.paths)

    def patch(self, size: int, rng: np.random.Generator) -> Grey:
        """A patch, uint8 (size, size), with ink in it as a rule; raises as `read_image`."""
        for _ in range(TRIES):
            picture = self._store.read(self.paths[int(rng.integers(len(self.paths)))])
            patch = choose_window(picture.shape, size, rng).cut(picture)
            if has_ink(patch):
                break
        return toned(patch, rng) if self._toned else patch


def toned(patch: Grey, rng: np.random.Generator) -> Grey:
    """A rough patch as it is, or in another tone."""
    if rng.random() >= TONE_SHARE:
        return patch
    return scan(patch.astype(np.float32) / 255, rng)
