"""A label map painted: `linework paint`.

The picture has the size of the label map, px for px. In between it is painted at the scale
that the painter learnt: the shorter side as long as a training picture's, the longer in
proportion. Everything random comes from a seed; each label's share of it depends on the seed and
the label's name alone. Where a region is painted anew, all px outside it stay as they were.
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

from ..datasets.label_png import read_label_png
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
from ..models.painter_task import as_bytes
from ..models.processes import pick_device
from ..models.registry import bundled_models, load_model
from ..strokes.atomic import write_atomically
from ..strokes.errors import FormatError, LineworkError

Path_ = str | os.PathLike[str]
# The weights that ship, once they do.
MODEL = "painter-scenes"
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
# Pictures longer than this many times their shorter side would take much memory.
LONGEST = 8.0
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
        device: None is CUDA where there is one.
    """

    model: Path_ = MODEL
    seed: int = 0
    regions: Mapping[str, int] = field(default_factory=dict)
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
    labels: UInt8Array, painter: Painter, seed: int, regions: Mapping[int, int]
) -> UInt8Array:
    """A picture of a label map.

    Args:
        labels: uint8 (H, W), indices of the painter's labels.
        regions: index -> another seed for that label.

    Returns:
        uint8 (H, W, 3), red, green, blue.
    """
    config = painter.config
    height, width = labels.shape
    size = working_size(height, width, config)
    way = cv2.INTER_NEAREST_EXACT
    small = np.asarray(cv2.resize(labels, size[::-1], interpolation=way), np.uint8)
    device = next(painter.parameters()).device
    placed = torch.from_numpy(small).long()[None]
    style = _style(config, placed, seed)
    picture = _brought(_run(painter, placed, style, device), (height, width))
    for index, other in regions.items():
        style = with_region(style, _style(config, placed, other, _REGION_SALT), placed, index)
        anew = _brought(_run(painter, placed, style, device), (height, width))
        picture = _blended(picture, anew, labels == index)
    return picture


def working_size(height: int, width: int, config: PainterConfig) -> tuple[int, int]:
    """Height and width at which a picture is painted, multiples of `config.multiple`, px.

    Raises:
        LineworkError: a picture too long for its shorter side.
    """
    if max(height, width) > LONGEST * min(height, width):
        raise LineworkError(
            f"a label map of {width} x {height} px; wanted a longer side of at most {LONGEST:g} "
            "times the shorter: cut it"
        )
    scale = config.size / min(height, width)
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
        LineworkError: no painter, a region that it does not know or that is not there, an
            output of another kind.
        FormatError: a label map that is none, or with labels beyond the painter's.
    """
    suffix = os.path.splitext(out)[1].lower()
    if suffix not in SUFFIXES:
        raise LineworkError(f"{out}: wanted a picture's name, {join_or(SUFFIXES)}")
    painter, palette = load_painter(options.model, pick_device(options.device))
    whole = palette.names.name in VOCABULARIES
    reading = read_label_png(path, vocabulary(palette.names.name) if whole else palette.names)
    labels, filled = _indices(reading.pixels, palette, path)
    if filled:
        note(f"{path}: {filled:,} px are unlabelled; they take the label that is nearest")
    regions = {palette.index_of(name): seed for name, seed in options.regions.items()}
    for name, index in zip(options.regions, regions, strict=True):
        if not (labels == index).any():
            raise LineworkError(f"--region {name}: {path} shows none of it")
    picture = paint_labels(labels, painter, options.seed, regions)
    write_atomically(out, _encoded(picture, suffix))


def _palette(header: Mapping[str, Any], where: str) -> Palette:
    try:
        classes = header["classes"]
        rows = [(int(r["pixel"]), str(r["name"]), tuple(r["rgb"])) for r in classes["labels"]]
        labels = tuple(Label(p + 1, name, rgb) for p, name, rgb in rows if p != UNLABELLED)
        return Palette(Vocabulary(str(classes["vocabulary"]), labels), tuple(r[0] for r in rows))
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(f"{where}: its header does not say what its labels are") from error


def _indices(pixels: UInt8Array, palette: Palette, path: Path_) -> tuple[UInt8Array, int]:
    """Pixels as the painter's indices, and how many unlabelled ones took a neighbour's."""
    table = np.full(256, -1, np.int16)
    table[list(palette.pixels)] = np.arange(len(palette.pixels))
    found = table[pixels]
    missing = found < 0
    unseen = np.unique(pixels[missing & (pixels != UNLABELLED)]).tolist()
    if unseen:
        name = vocabulary(palette.names.name).at(unseen[0])
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


def _run(painter: Painter, labels: torch.Tensor, style: Style, device: torch.device) -> UInt8Array:
    with torch.inference_mode():
        noise = [level.to(device) for level in style.noise]
        picture = painter(labels.to(device), style.latent.to(device), noise)
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


def _encoded(picture: UInt8Array, suffix: str) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    kinds = {".png": "PNG", ".webp": "WEBP"}
    Image.fromarray(picture).save(buffer, kinds.get(suffix, "JPEG"), quality=92)
    return buffer.getvalue()
