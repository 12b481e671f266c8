"""Label maps as PNG files that are ids and colours at once, and back from either.

Written: an indexed PNG whose pixel is id - 1, 255 unlabelled, with the vocabulary's colours
as its palette and its name in a text chunk. Any viewer shows colours, any loader reads ids.

Read: that, other people's id maps (grey, 16-bit, indexed with a foreign palette) and
colour maps (RGB, or indexed in any order); `Reading` says which it was. Colours that
lie off the vocabulary's (JPEG, resampled edges) go to the nearest one within a
tolerance and are counted; beyond it they are refused with their place and value.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..strokes.atomic import write_atomically
from ..strokes.errors import FormatError, LineworkError
from ..strokes.images import MAX_PIXELS
from ..strokes.png_bytes import indexed_png
from .labels import (
    UNLABELLED,
    UNLABELLED_RGB,
    VOCABULARIES,
    UInt8Array,
    Vocabulary,
    vocabulary,
)

# How far a colour may lie off a label's, Euclidean in RGB of 0 to 255. The nearest colours
# of COCO-Stuff, Cityscapes and the scenes are 19 apart, so that up to here none is a toss-up.
TOLERANCE = 9.0
# The text chunk that names the vocabulary.
TEXT_KEY = "linework:vocabulary"
IDS, COLORS = "ids", "colours"
# Colours compared with all labels at a time: 150 labels x 4,096 x 3 floats are 7 MB.
_CHUNK = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A label map that was read, and how.

    Args:
        pixels: uint8 (H, W), id - 1 in `vocabulary`, or 255.
        form: "ids" or "colours", what the file's numbers were.
        why: what told.
        snapped: pixels whose colour was not exactly a label's.
        worst: how far the farthest of them was.
        unknown: pixels left unlabelled because their colour lies beyond the tolerance.
    """

    pixels: UInt8Array
    vocabulary: Vocabulary
    form: str
    why: str
    snapped: int = 0
    worst: float = 0.0
    unknown: int = 0

    def __str__(self) -> str:
        text = f"{self.form} of {self.vocabulary.name} ({self.why})"
        if self.snapped:
            text += f"; {self.snapped:,} px snapped to the nearest colour, up to {self.worst:.1f}"
        if self.unknown:
            text += f"; {self.unknown:,} px of other colours left unlabelled"
        return text


def write_label_png(
    path: str | os.PathLike[str], pixels: npt.NDArray[Any], names: Vocabulary
) -> None:
    """`label_png_bytes` as a file, whole or not at all. Raises as it and `atomic_path` do."""
    write_atomically(path, label_png_bytes(path, pixels, names))


def label_png_bytes(
    path: str | os.PathLike[str], pixels: npt.NDArray[Any], names: Vocabulary
) -> bytes:
    """A label map as an indexed PNG; equal input gives equal bytes.

    Args:
        path: what to call it in errors.
        pixels: integer (H, W), id - 1 in `names`, or 255.

    Raises:
        LineworkError: pixels that are no label; says which and where.
    """
    from PIL.PngImagePlugin import PngInfo

    array = np.asarray(pixels)
    if array.ndim != 2 or array.size == 0 or not np.issubdtype(array.dtype, np.integer):
        raise LineworkError(
            f"{path}: a label map of shape {array.shape}, {array.dtype}; wanted integers (H, W)"
        )
    _check_ids(array, names, str(path))
    text = PngInfo()
    text.add_itxt(TEXT_KEY, names.name)
    return indexed_png(array.astype(np.uint8), names.colors, info=text)


def read_label_png(
    path: str | os.PathLike[str],
    names: Vocabulary | None = None,
    *,
    form: str | None = None,
    tolerance: float = TOLERANCE,
    zero_is_none: bool = False,
    refuse_unknown: bool = True,
) -> Reading:
    """A label map from a picture file.

    Args:
        names: the vocabulary; None is the one that the file names or whose colours it has.
        form: "ids" or "colours" where the file must not be asked.
        tolerance: how far a colour may lie off a label's, Euclidean in RGB of 0 to 255.
        zero_is_none: for id maps whose pixel is the id itself and 0 nothing, as ADE20K's own.
        refuse_unknown: whether colours beyond the tolerance are an error; else they are unlabelled.

    Raises:
        LineworkError: no such file, a vocabulary that cannot be told, or not the one named.
        FormatError: not a picture, ids beyond the vocabulary, colours beyond the tolerance;
            says the value, its place and how many there are.
    """
    raw = _load(path)
    if names is None:
        names = _guess(path, raw, tolerance)
    elif raw.named is not None and raw.named != names.name and names.name in VOCABULARIES:
        raise LineworkError(
            f"{path}: says that it holds labels of {raw.named}, not {names.name}; read it as that, "
            "and convert it with `linework labels convert`"
        )
    found, why = _form(raw, names, tolerance) if form is None else (form, "as asked")
    if found == IDS:
        values = raw.values if raw.values.ndim == 2 else raw.values[:, :, 0]
        values = values.astype(np.int64)
        if zero_is_none:
            values = np.where(values == 0, UNLABELLED, values - 1)
        _check_ids(values, names, str(path))
        return Reading(values.astype(np.uint8), names, IDS, why)
    rgb = raw.rgb
    if rgb is None:
        raise FormatError(
            f"{path}: is grey, {_bits(raw)} bits; its values are no colours; read it as ids"
        )
    pixels, off = _snap(rgb, names)
    unknown = off > tolerance
    if unknown.any() and refuse_unknown:
        raise _foreign_color(path, rgb, unknown, off, names, tolerance)
    snapped = (off > 0) & ~unknown
    return Reading(
        np.where(unknown, np.uint8(UNLABELLED), pixels),
        names,
        COLORS,
        why,
        int(snapped.sum()),
        float(off[snapped].max(initial=0.0)),
        int(unknown.sum()),
    )


def check_same_size(
    label_path: str | os.PathLike[str], pixels: UInt8Array, other: str, size: tuple[int, int]
) -> None:
    """Raises a LineworkError unless a label map is as large as `other`, (width, height) px."""
    height, width = pixels.shape
    if (width, height) != size:
        raise LineworkError(
            f"{label_path}: is {width} x {height} px, {other} {size[0]} x {size[1]}; wanted equal "
            "sizes (scale label maps by nearest neighbour, never smoothly)"
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Raw:
    """What stands in a file.

    Args:
        values: integer (H, W) as stored, or uint8 (H, W, 3).
        palette: uint8 (256, 3) of an indexed file, else None.
        named: the vocabulary its text chunk names.
    """

    values: npt.NDArray[Any]
    palette: UInt8Array | None
    named: str | None

    @property
    def rgb(self) -> UInt8Array | None:
        """uint8 (H, W, 3), or None for values of more than 8 bits."""
        if self.palette is not None:
            return self.palette[self.values]
        if self.values.ndim == 3:
            return self.values
        if self.values.dtype != np.uint8:
            return None
        return np.repeat(self.values[:, :, None], 3, axis=2)


def _load(path: str | os.PathLike[str]) -> _Raw:
    from PIL import Image

    if os.path.isdir(path):
        raise LineworkError(f"{path}: is a folder; wanted a label map")
    if not os.path.exists(path):
        raise LineworkError(f"{path}: there is no such file")
    try:
        with Image.open(path) as image:
            if image.width * image.height > MAX_PIXELS:
                raise LineworkError(
                    f"{path}: {image.width:,} x {image.height:,} px are more than {MAX_PIXELS:,} px"
                )
            image.load()
            named = image.info.get(TEXT_KEY)
            if image.mode == "P":
                palette = np.zeros((256, 3), np.uint8)
                colors = image.getpalette("RGB") or []
                palette.reshape(-1)[: len(colors)] = colors
                return _Raw(np.asarray(image, np.uint8), palette, named)
            if image.mode in ("L", "1"):
                return _Raw(np.asarray(image.convert("L"), np.uint8), None, named)
            if image.mode.startswith("I"):
                return _Raw(np.asarray(image).astype(np.int64), None, named)
            return _Raw(np.asarray(image.convert("RGB"), np.uint8), None, named)
    except LineworkError:
        raise
    except (OSError, SyntaxError, ValueError, EOFError, IndexError) as error:
        reason = str(error) or type(error).__name__
        raise FormatError(
            f"{path}: is not a picture that can be read ({reason}); wanted a label map as PNG"
        ) from error


def _guess(path: str | os.PathLike[str], raw: _Raw, tolerance: float) -> Vocabulary:
    """The vocabulary that a file names, or the one whose colours it has."""
    if raw.named in VOCABULARIES:
        return vocabulary(raw.named)
    rgb = raw.rgb
    if rgb is not None and not _is_grey(rgb):
        fits = []
        for name in VOCABULARIES:
            _, off = _snap(rgb, vocabulary(name))
            if float(np.mean(off > tolerance)) == 0:
                fits.append((float(off.mean()), name))
        if fits:
            return vocabulary(min(fits)[1])
    raise LineworkError(
        f"{path}: does not say which vocabulary its labels are of, and its colours fit none; "
        f"wanted --vocabulary {', '.join(VOCABULARIES)} or a .csv of id,name,rgb"
    )


def _form(raw: _Raw, names: Vocabulary, tolerance: float) -> tuple[str, str]:
    """Whether the numbers of a file are ids or colours, and what told."""
    if raw.palette is not None:
        used = np.unique(raw.values)
        colors = raw.palette[used]
        if raw.named == names.name or (names.colors[used] == colors).all():
            return IDS, "indexed, with this vocabulary's palette"
        if _is_grey(colors[:, None]):
            return IDS, "indexed, with grey for a palette"
        _, off = _snap(colors[:, None], names)
        if (off <= tolerance).all():
            return COLORS, "indexed in another order than the vocabulary's"
        return IDS, "indexed, with a foreign palette"
    if raw.values.ndim == 2:
        return IDS, f"grey, {_bits(raw)} bits"
    if _is_grey(raw.values) and names.is_pixel[np.unique(raw.values[:, :, 0])].all():
        _, off = _snap(raw.values, names)
        if not (off == 0).all():
            return IDS, "grey saved as RGB"
    return COLORS, "RGB"


def _bits(raw: _Raw) -> int:
    return 8 if raw.values.dtype == np.uint8 else 16


def _is_grey(rgb: UInt8Array) -> bool:
    return bool((rgb[..., 0] == rgb[..., 1]).all() and (rgb[..., 1] == rgb[..., 2]).all())


def _snap(rgb: UInt8Array, names: Vocabulary) -> tuple[UInt8Array, npt.NDArray[np.float32]]:
    """The nearest label's pixel of each colour, and its distance; both (H, W)."""
    wide = rgb.astype(np.uint32)
    packed = wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2]
    unique, where = np.unique(packed, return_inverse=True)
    values = np.stack([unique >> 16, unique >> 8 & 255, unique & 255], axis=1).astype(np.float32)
    pixels = np.array([*(label.pixel for label in names.labels), UNLABELLED], np.uint8)
    colors = np.array([*(label.rgb for label in names.labels), UNLABELLED_RGB], np.float32)
    nearest = np.empty(len(values), np.uint8)
    off = np.empty(len(values), np.float32)
    for first in range(0, len(values), _CHUNK):
        part = values[first : first + _CHUNK]
        distance = np.linalg.norm(part[:, None] - colors[None], axis=2)
        best = distance.argmin(axis=1)
        nearest[first : first + _CHUNK] = pixels[best]
        off[first : first + _CHUNK] = distance[np.arange(len(part)), best]
    shape = rgb.shape[:2]
    return nearest[where].reshape(shape), off[where].reshape(shape)


def _check_ids(values: npt.NDArray[Any], names: Vocabulary, path: str) -> None:
    """Raises a FormatError that names the first value that is no label's, and its place."""
    present = np.unique(values)
    bad = [int(v) for v in present if not (0 <= v <= UNLABELLED and names.is_pixel[v])]
    if not bad:
        return
    at = values == bad[0]
    y, x = (int(i) for i in np.argwhere(at)[0])
    ids = [label.id for label in names.labels]
    others = f", and {len(bad) - 1} other values up to {bad[-1]}" if len(bad) > 1 else ""
    raise FormatError(
        f"{path}: the value {bad[0]} at x {x}, y {y} ({int(at.sum()):,} px{others}) is no label of "
        f"{names.name}; wanted id - 1, {min(ids) - 1} to {max(ids) - 1}, or {UNLABELLED} for "
        "unlabelled; if the picture holds another vocabulary or colours, say so"
    )


def _foreign_color(
    path: str | os.PathLike[str],
    rgb: UInt8Array,
    unknown: npt.NDArray[np.bool_],
    off: npt.NDArray[np.float32],
    names: Vocabulary,
    tolerance: float,
) -> FormatError:
    y, x = np.unravel_index(int(np.where(unknown, off, -1).argmax()), off.shape)
    pixel = int(_snap(rgb[y : y + 1, x : x + 1], names)[0][0, 0])
    near = names.at(pixel)
    seen = "#{:02x}{:02x}{:02x}".format(*rgb[y, x].tolist())
    share = float(unknown.mean())
    return FormatError(
        f"{path}: the colour {seen} at x {x}, y {y} is {off[y, x]:.0f} from the nearest of "
        f"{names.name} ({near.name if near else 'unlabelled'}), the tolerance is {tolerance:g}; "
        f"{int(unknown.sum()):,} px ({share:.1%}) are such; give another vocabulary, a larger "
        "tolerance, or leave them unlabelled"
    )
