"""A label map painted: `linework paint`.

The picture has the size of the label map, px for px. In between it is painted at about the
scale that the painter learnt: the shorter side as long as a training picture's to twice as long,
the longer in proportion. Everything random comes from a seed, unless a picture lends its style:
its light and its seasons, and where a label map of it is given, how each label looks in it. Where a
region is painted anew, all px outside it stay as they were.
"""

from __future__ import annotations

import io
import os
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage

from ..datasets.label_png import check_same_size, read_label_png
from ..datasets.labels import (
    UNLABELLED,
    VOCABULARIES,
    Label,
    UInt8Array,
    Vocabulary,
    vocabulary,
)
from ..datasets.words import join_or, nearest_words
from ..models.painter import Painter, PainterConfig, Style, random_style, with_region
from ..models.picture_batches import as_bytes, as_tanh
from ..models.processes import inference_context, pick_device
from ..models.registry import bundled_models, load_model
from ..strokes.atomic import write_atomically
from ..strokes.errors import FormatError, LineworkError
from ..strokes.images import read_image

Path_ = str | os.PathLike[str]
# The weights that ship, once they do.
MODEL = "painter-scenes"
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
# Pictures longer than this many times their shorter side would take much memory.
LONGEST = 8.0
# What was learnt at 128 px is sharper at 256, and still whole; beyond, forms get too small.
GROWTH = 2
# px: the shorter side of pictures as they are painted; more takes gigabytes.
LARGEST = 1024
# Of JPEG and WebP, of 100.
QUALITY = 92
# px over which a region that is painted anew begins, inward from its edge.
BLEND = 3.0
# Apart from the seeds of pictures.
_REGION_SALT = 7


@dataclass(frozen=True, slots=True)
class PaintOptions:
    """How label maps are painted.

    Args:
        model: weights: bundled, a training folder or a file.
        seed: of the picture.
        regions: label's name -> another seed, for it alone.
        style: a picture that lends its style, or None.
        style_labels: its label map, so that it lends each label's style too.
        side: px of the shorter side as it is painted; None as `working_size` has it.
        device: None is CUDA where there is one.
    """

    model: Path_ = MODEL
    seed: int = 0
    regions: Mapping[str, int] = field(default_factory=dict)
    style: Path_ | None = None
    style_labels: Path_ | None = None
    side: int | None = None
    device: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Palette:
    """What a painter's labels are, from the header of its weights.

    Args:
        names: the vocabulary of the labels that it knows.
        pixels: the pixel of each index; `UNLABELLED` may be one.
    """

    names: Vocabulary
    pixels: tuple[int, ...]

    @property
    def known(self) -> Vocabulary:
        """All labels of the vocabulary, those too that this painter never saw."""
        return vocabulary(self.names.name) if self.names.name in VOCABULARIES else self.names

    def index_of(self, region: str) -> int:
        """The index of a label by name.

        Raises:
            LineworkError: it knows no such label; names the nearest.
        """
        label = self.names.find(region)
        if label is None:
            known = [known.name for known in self.names.labels]
            near = nearest_words(region, known)
            hint = f"did you mean {join_or(near)}?" if near else f"it knows {', '.join(known)}"
            raise LineworkError(f"--region {region}: no label of this painter; {hint}")
        return self.pixels.index(label.pixel)


@dataclass(frozen=True, slots=True, eq=False)
class Lent:
    """The style of a picture.

    Args:
        mean: float32 (1, classes, latent), where it lies.
        known: the labels whose own half of it is known; the picture's half always is.
    """

    mean: torch.Tensor
    known: tuple[int, ...] = ()


def load_painter(model: Path_, device: torch.device) -> tuple[Painter, Palette]:
    """A painter and what its labels are.

    Raises:
        LineworkError: no such weights, or of another architecture; where none ship, how to
            train some.
        FormatError: weights whose header does not say what their labels are.
    """
    if str(model) == MODEL and MODEL not in bundled_models() and not os.path.exists(model):
        raise LineworkError(
            "no painter ships with this version; train one with `linework data scenes -n 2000 -o "
            "scenes` and `linework train painter --data scenes --out run`, and name it: "
            "--model run"
        )
    painter, header = load_model(model, wanted="painter", device=device)
    assert isinstance(painter, Painter)
    return painter.to(memory_format=torch.channels_last), _palette(header, str(model))


def paint_labels(
    labels: UInt8Array,
    painter: Painter,
    seed: int,
    regions: Mapping[int, int],
    lent: Lent | None = None,
    side: int | None = None,
) -> UInt8Array:
    """A picture of a label map.

    Args:
        labels: uint8 (H, W), indices of the painter's labels.
        regions: index -> another seed for that label.
        lent: a picture's style, as `read_style` reads it; the seed draws the rest.
        side: px of the shorter side as it is painted; None as `working_size` has it.

    Returns:
        uint8 (H, W, 3), red, green, blue.
    """
    config = painter.config
    height, width = labels.shape
    device = next(painter.parameters()).device
    placed = _placed(labels, working_size(height, width, config, side)).to(device)
    style = _settled(painter, _style(config, placed, seed), lent)
    picture = _brought(_run(painter, placed, style), (height, width))
    for index, other in regions.items():
        # Around another light than the picture's: else a sky would hardly be another one.
        drawn = _settled(painter, _style(config, placed, other, _REGION_SALT), None)
        style = with_region(style, drawn, placed, index)
        anew = _brought(_run(painter, placed, style), (height, width))
        picture = _blended(picture, anew, labels == index)
    return picture


def read_style(picture: UInt8Array, labels: UInt8Array | None, painter: Painter) -> Lent:
    """The style that a picture lends.

    Args:
        picture: uint8 (H, W, 3), red, green, blue.
        labels: uint8 (H, W), indices of the painter's labels; None lends the picture's half alone.

    Raises:
        LineworkError: a painter that reads no styles; a picture too long for its shorter side.
    """
    size = working_size(*picture.shape[:2], painter.config, painter.config.size)
    device = next(painter.parameters()).device
    # A copy: what came from a file may be read-only, which torch warns of.
    pixels = torch.from_numpy(_brought(picture, size).copy()).permute(2, 0, 1)[None]
    known = () if labels is None else tuple(int(index) for index in np.unique(labels))
    placed = torch.zeros((1, *size), dtype=torch.long)
    if labels is not None:
        placed = _placed(labels, size)
    with torch.inference_mode():
        code = painter.read_style(as_tanh(pixels).to(device), placed.to(device))
    # What is too small for the encoder's grid is not known after all.
    shown = code.shown[0].tolist()
    return Lent(code.mean.cpu(), tuple(index for index in known if shown[index]))


def working_size(
    height: int, width: int, config: PainterConfig, side: int | None = None
) -> tuple[int, int]:
    """Height and width at which a picture is painted, multiples of `config.multiple`, px.

    Args:
        side: of the shorter, brought to such a multiple; None is that of the picture itself,
            between `config.size` and `GROWTH` times as much.

    Raises:
        LineworkError: a picture too long for its shorter side; a side beyond `LARGEST`.
    """
    if side is not None and not config.multiple <= side <= LARGEST:
        raise LineworkError(
            f"--side is {side} px; wanted {config.multiple} to {LARGEST}, the painter learnt "
            f"{config.size}"
        )
    if max(height, width) > LONGEST * min(height, width):
        raise LineworkError(
            f"a label map of {width} x {height} px; wanted a longer side of at most {LONGEST:g} "
            "times the shorter: cut it"
        )
    short = min(height, width)
    scale = (side or min(max(short, config.size), GROWTH * config.size)) / short
    step = config.multiple
    rows, columns = (max(step, round(side * scale / step) * step) for side in (height, width))
    return rows, columns


def paint_file(
    path: Path_,
    out: Path_,
    options: PaintOptions,
    note: Callable[[str], None] = lambda text: None,
) -> None:
    """Paints a label map into a picture file.

    Args:
        path: a label map, ids or colours of the painter's vocabulary.
        out: .png, .jpg or .webp.
        note: is told what the painter had to make up.

    Raises:
        LineworkError: no painter, a region that it does not know or that is not there, a style
            that cannot be read, an output of another kind.
        FormatError: a label map that is none, or with labels beyond the painter's.
    """
    suffix = os.path.splitext(out)[1].lower()
    if suffix not in SUFFIXES:
        raise LineworkError(f"{out}: wanted a picture's name, {join_or(SUFFIXES)}")
    painter, palette = load_painter(options.model, pick_device(options.device))
    labels = _read_labels(path, palette, note)
    regions = {palette.index_of(name): seed for name, seed in options.regions.items()}
    for name, index in zip(options.regions, regions, strict=True):
        if not (labels == index).any():
            raise LineworkError(f"--region {name}: {path} shows none of it")
    lent = _lent(options, painter, palette, note)
    picture = paint_labels(labels, painter, options.seed, regions, lent, options.side)
    write_atomically(out, encoded(picture, suffix))


def _palette(header: Mapping[str, Any], where: str) -> Palette:
    try:
        classes = header["classes"]
        rows = [(int(r["pixel"]), str(r["name"]), tuple(r["rgb"])) for r in classes["labels"]]
        labels = tuple(Label(p + 1, name, rgb) for p, name, rgb in rows if p != UNLABELLED)
        return Palette(Vocabulary(str(classes["vocabulary"]), labels), tuple(r[0] for r in rows))
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(f"{where}: its header does not say what its labels are") from error


def _read_labels(path: Path_, palette: Palette, note: Callable[[str], None]) -> UInt8Array:
    """A label map as the painter's indices; what is unlabelled takes a neighbour's."""
    labels, filled = map_indices(read_label_png(path, palette.known).pixels, palette, path)
    if filled:
        note(f"{path}: {filled:,} px are unlabelled; they take the label that is nearest")
    return labels


def _lent(
    options: PaintOptions, painter: Painter, palette: Palette, note: Callable[[str], None]
) -> Lent | None:
    """What the options' picture lends, read from its files."""
    if options.style is None:
        if options.style_labels is not None:
            raise LineworkError("--style-labels: says what is where in --style, which is missing")
        return None
    picture = read_image(options.style)
    if picture.ndim == 2:
        picture = np.repeat(picture[:, :, None], 3, axis=2)
    labels = None
    if options.style_labels is not None:
        labels = _read_labels(options.style_labels, palette, note)
        seen = picture.shape[:2]
        check_same_size(options.style_labels, labels, str(options.style), (seen[1], seen[0]))
    return read_style(picture, labels, painter)


def _placed(labels: UInt8Array, size: tuple[int, int]) -> torch.Tensor:
    """Labels int64 (1, h, w) at a size, of the nearest px."""
    way = cv2.INTER_NEAREST_EXACT
    small = np.asarray(cv2.resize(labels, size[::-1], interpolation=way), np.uint8)
    return torch.from_numpy(small).long()[None]


def map_indices(pixels: UInt8Array, palette: Palette, path: Path_) -> tuple[UInt8Array, int]:
    """Pixels as the painter's indices, and how many unlabelled ones took a neighbour's.

    Raises:
        LineworkError: labels that the painter never saw, or none at all; names `path`.
    """
    table = np.full(256, -1, np.int16)
    table[list(palette.pixels)] = np.arange(len(palette.pixels))
    found = table[pixels]
    missing = found < 0
    unseen = np.unique(pixels[missing & (pixels != UNLABELLED)]).tolist()
    if unseen:
        name = palette.known.at(unseen[0])
        known = ", ".join(label.name for label in palette.names.labels)
        raise LineworkError(
            f"{path}: shows {name.name if name else 'something'} (pixel {unseen[0]}), which this "
            f"painter never saw; it knows {known}"
        )
    if missing.all():
        raise LineworkError(f"{path}: nothing in it is labelled")
    if missing.any():  # unlabelled, which this painter never saw
        nearest = ndimage.distance_transform_edt(
            missing, return_distances=False, return_indices=True
        )
        found = found[tuple(nearest)]
    return found.astype(np.uint8), int(missing.sum())


def _style(config: PainterConfig, labels: torch.Tensor, seed: int, salt: int = 0) -> Style:
    mixed = zlib.crc32(f"{seed}/{salt}".encode())
    return random_style(config, tuple(labels.shape), torch.Generator().manual_seed(mixed))


def _settled(painter: Painter, style: Style, lent: Lent | None) -> Style:
    """A style that is drawn as pictures have it, but for what is lent; on the painter's device."""
    device = next(painter.parameters()).device
    normal = style.latent.to(device)
    noise = tuple(level.to(device) for level in style.noise)
    with torch.inference_mode():
        if lent is None:
            return Style(painter.prior(normal), noise)
        shared = normal.shape[2] // 2
        mean = lent.mean.to(device)
        latent: torch.Tensor = painter.prior(normal, mean[:, 0, :shared])
        known = list(lent.known)
        latent[:, known, shared:] = mean[:, known, shared:]
        return Style(latent, noise)


def _run(painter: Painter, labels: torch.Tensor, style: Style) -> UInt8Array:
    with torch.inference_mode(), inference_context(style.latent.device):
        picture = painter(labels, style.latent, style.noise)
    return np.asarray(as_bytes(picture)[0].permute(1, 2, 0).cpu().numpy(), np.uint8)


def _brought(picture: UInt8Array, size: tuple[int, int]) -> UInt8Array:
    if picture.shape[:2] == size:
        return picture
    way = cv2.INTER_AREA if picture.shape[0] > size[0] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, size[::-1], interpolation=way), np.uint8)


def _blended(old: UInt8Array, new: UInt8Array, here: npt.NDArray[np.bool_]) -> UInt8Array:
    """The new picture inside a region, the old one outside, softly from the edge inward."""
    # A frame of the region's own kind: the picture's border is no edge.
    depth = ndimage.distance_transform_edt(np.pad(here, 1, mode="edge"))[1:-1, 1:-1]
    share = np.clip(depth / BLEND, 0, 1)[:, :, None]
    return np.asarray(np.rint(old * (1 - share) + new * share), np.uint8)


def encoded(picture: UInt8Array, suffix: str) -> bytes:
    """A picture as the file that a suffix asks for: PNG, WebP, else JPEG."""
    from PIL import Image

    buffer = io.BytesIO()
    kinds = {".png": "PNG", ".webp": "WEBP"}
    Image.fromarray(picture).save(buffer, kinds.get(suffix, "JPEG"), quality=QUALITY)
    return buffer.getvalue()
