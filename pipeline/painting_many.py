"""Label maps of scenes painted together: what the painter never saw, and pictures in batches.

A map's labels are those of the scene vocabulary; a painter knows those it was trained on. What it
does not know becomes what is most like it, such as a path a road, else what lies around it, and
the caller is told. Maps of one working size go through the painter together; each picture's
randomness comes from the seed alone, so that a batch paints what one after another would.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence

import cv2
import numpy as np
import torch
from scipy import ndimage

from ..datasets.labels import (
    UNLABELLED,
    VOCABULARIES,
    UInt8Array,
    Vocabulary,
    conversion,
    vocabulary,
)
from ..models.painter import Painter, random_style
from ..models.picture_batches import as_bytes
from ..models.processes import inference_context
from ..strokes.errors import LineworkError
from .painting import Palette, working_size

# What is painted as what, where the painter knows the first alone; the first that it knows.
LIKE = {
    "path": ("road", "dirt"),
    "road": ("path", "dirt"),
    "playing field": ("grass",),
    "plant": ("bush", "grass"),
    "bush": ("tree", "grass"),
    "skyscraper": ("building", "house"),
    "building": ("house",),
    "house": ("building",),
    "tent": ("house",),
    "river": ("water", "sea"),
    "water": ("river", "sea"),
    "sea": ("water", "river"),
    "fog": ("clouds", "sky"),
    "sand": ("dirt",),
    "dirt": ("sand",),
    "mountain": ("hill", "rock"),
    "hill": ("mountain", "grass"),
    "sun": ("sky",),
    "clouds": ("sky",),
}
# Pictures painted at a time: on a CPU more only take more memory, a GPU wants more to do.
BATCH, GPU_BATCH = 4, 32


def as_indices(
    pixels: UInt8Array, names: Vocabulary, palette: Palette, note: Callable[[str], None]
) -> UInt8Array:
    """A label map as the painter's indices, uint8 (H, W).

    Args:
        pixels: id - 1 in `names`, or 255.
        note: is told what is painted as something else.

    Raises:
        LineworkError: nothing of it that the painter knows.
    """
    if palette.names.name != names.name and palette.names.name in VOCABULARIES:
        way = conversion(names, vocabulary(palette.names.name))
        here = [(label, int(way.table[label.pixel])) for label in names.labels]
    else:
        own = {label.name: label.pixel for label in palette.names.labels}
        here = [(label, own.get(label.name, UNLABELLED)) for label in names.labels]
    places = {pixel: index for index, pixel in enumerate(palette.pixels) if pixel != UNLABELLED}
    known = {label.name: places[pixel] for label, pixel in here if pixel in places}
    present = set(np.unique(pixels).tolist())
    table = np.full(256, -1, np.int16)
    for label in names.labels:
        if label.pixel not in present:
            continue
        alike = next((name for name in LIKE.get(label.name, ()) if name in known), None)
        if label.name in known:
            table[label.pixel] = known[label.name]
        elif alike is not None:
            table[label.pixel] = known[alike]
            note(f"the painter never saw {label.name}; it is painted as {alike}")
        else:
            note(f"the painter never saw {label.name}; what lies around it is painted there")
    found = table[pixels]
    missing = found < 0
    if missing.all():
        raise LineworkError(
            f"nothing in it is labelled that this painter knows; it knows {', '.join(known)}"
        )
    if missing.any():
        nearest = ndimage.distance_transform_edt(
            missing, return_distances=False, return_indices=True
        )
        found = found[tuple(nearest)]
    return found.astype(np.uint8)


def paint_many(
    maps: Sequence[UInt8Array], painter: Painter, seed: int, shared: torch.Tensor | None = None
) -> list[UInt8Array]:
    """A picture of each map, of its size: uint8 (H, W, 3), red, green, blue.

    Args:
        maps: uint8 (H, W), indices of the painter's labels.
        shared: float32 (latent / 2,), what a picture lends of its style; None is the seed's own.
    """
    config = painter.config
    device = next(painter.parameters()).device
    batch = GPU_BATCH if device.type == "cuda" else BATCH
    sizes = [working_size(*labels.shape, config) for labels in maps]
    out: list[UInt8Array | None] = [None] * len(maps)
    for size in dict.fromkeys(sizes):
        alike = [k for k, own in enumerate(sizes) if own == size]
        for first in range(0, len(alike), batch):
            some = alike[first : first + batch]
            for k, picture in zip(
                some, _painted([maps[k] for k in some], painter, size, seed, shared), strict=True
            ):
                height, width = maps[k].shape
                way = cv2.INTER_AREA if picture.shape[0] > height else cv2.INTER_CUBIC
                out[k] = np.asarray(
                    cv2.resize(picture, (width, height), interpolation=way), np.uint8
                )
    return [picture for picture in out if picture is not None]


def _painted(
    maps: Sequence[UInt8Array],
    painter: Painter,
    size: tuple[int, int],
    seed: int,
    shared: torch.Tensor | None,
) -> list[UInt8Array]:
    """Pictures uint8 (h, w, 3) of one working size."""
    device = next(painter.parameters()).device
    way = cv2.INTER_NEAREST_EXACT
    small = [cv2.resize(labels, size[::-1], interpolation=way) for labels in maps]
    placed = torch.from_numpy(np.stack(small)).to(device).long()
    # As `paint_labels` seeds it, so that `linework paint` paints the same picture.
    mixed = zlib.crc32(f"{seed}/0".encode())
    one = random_style(painter.config, (1, *size), torch.Generator().manual_seed(mixed))
    # One picture's numbers travel; on the device they are all pictures'.
    noise = [level.to(device).expand(len(maps), -1, -1, -1) for level in one.noise]
    normal = one.latent.to(device).expand(len(maps), -1, -1)
    with torch.inference_mode():
        latent = painter.prior(normal, None if shared is None else shared.to(device))
        with inference_context(device):
            pictures = as_bytes(painter(placed, latent, noise))
    return list(pictures.permute(0, 2, 3, 1).cpu().numpy())
