"""Portraits that nobody sat for: sheets, walks, and how near they are to what was learned from."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..models.fastgan import FastGAN
from ..models.frozen_features import FrozenFeatures, kernel_width, mean_discrepancy
from ..models.picture_batches import as_bytes, as_tanh
from ..models.portrait_task import BATCH
from ..models.processes import pick_device
from ..models.registry import load_model
from ..strokes.atomic import write_atomically
from ..strokes.errors import LineworkError
from ..strokes.png_bytes import write_array
from .portrait_training import HELD_EVERY, read_portraits

UInt8Array = npt.NDArray[np.uint8]
Path_ = str | os.PathLike[str]
Note = Callable[[str], None]

# Frames from one latent to the next, and hundredths of a second each.
FRAMES, FRAME = 16, 8
# A sample nearer to a picture than this share of what held-out pictures are from theirs is a copy.
COPY = 0.5


@dataclass(frozen=True, slots=True)
class CopyReport:
    """How near samples are to the pictures that were learned from, in an untrained encoder.

    Args:
        samples: made.
        nearest: the median distance of a sample from its nearest picture.
        usual: the same of pictures that were held out: what distance has another picture.
        copies: share of samples nearer than half of the usual.
        mmd: discrepancy of samples from the held-out pictures.
        encoder: fingerprint; figures compare where it is the same.
    """

    samples: int
    nearest: float
    usual: float
    copies: float
    mmd: float
    encoder: str

    def __str__(self) -> str:
        """A line for a terminal."""
        return (
            f"{self.samples} samples: nearest training picture at {self.nearest:.3f} (held-out "
            f"pictures: {self.usual:.3f}), {self.copies:.0%} nearer than half of that; MMD "
            f"{self.mmd:.4f} from held-out pictures (encoder {self.encoder})"
        )


def sample_portraits(
    model: Path_,
    out: Path_,
    *,
    count: int = 16,
    seed: int = 0,
    spread: float = 1.0,
    data: Path_ | None = None,
    device: str | None = None,
    note: Note = lambda text: None,
) -> CopyReport | None:
    """New portraits on a sheet (.png), or a walk between them (.gif).

    Args:
        model: a training folder or weights.
        spread: of the latents; below 1 the usual becomes likelier. Needs no retraining.
        data: what it was trained on, for a copy report; the nearest pictures stand beside the
            samples on the sheet.

    Raises:
        LineworkError: no such model, another suffix, or data that cannot be read.
    """
    suffix = Path(out).suffix.lower()
    if suffix not in (".png", ".gif"):
        raise LineworkError(f"{out}: portraits are written as .png (a sheet) or .gif (a walk)")
    network, _ = load_model(model, wanted="portraits", device=pick_device(device))
    assert isinstance(network, FastGAN)
    place = next(network.parameters()).device
    generator = torch.Generator(place).manual_seed(seed)
    latents = spread * torch.randn(count, network.config.latent, generator=generator, device=place)
    if suffix == ".gif":
        _write_walk(out, _painted(network, _walk(latents)))
        return None
    made = _painted(network, latents)
    if data is None:
        _write_sheet(out, made, None)
        return None
    pictures = read_portraits(data, network.config.size, note)
    report, nearest = copy_report(made, pictures)
    _write_sheet(out, made, nearest)
    note(str(report))
    return report


def copy_report(made: UInt8Array, pictures: UInt8Array) -> tuple[CopyReport, UInt8Array]:
    """The report, and each sample's nearest training picture.

    Args:
        made, pictures: uint8 (N, 3, S, S), the pictures as `read_portraits` gives them, those held
            out among them.
    """
    encoder = FrozenFeatures()

    def features(some: UInt8Array) -> npt.NDArray[np.float64]:
        parts = torch.from_numpy(np.ascontiguousarray(some)).split(BATCH)
        return np.concatenate([encoder(as_tanh(part)) for part in parts])

    held, learnt = pictures[::HELD_EVERY], np.delete(pictures, np.s_[::HELD_EVERY], axis=0)
    of_made, of_held, of_learnt = features(made), features(held), features(learnt)
    away, nearest = _nearest(of_made, of_learnt)
    usual, _ = _nearest(of_held, of_learnt)
    report = CopyReport(
        samples=len(made),
        nearest=float(np.median(away)),
        usual=float(np.median(usual)),
        copies=float(np.mean(away < COPY * np.median(usual))),
        mmd=mean_discrepancy(of_made, of_held, kernel_width(of_held)) if len(made) > 1 else 0.0,
        encoder=encoder.fingerprint,
    )
    return report, learnt[nearest]


def _nearest(
    some: npt.NDArray[np.float64], others: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    from scipy.spatial import cKDTree

    away, index = cKDTree(others).query(some)
    return away, index


def _painted(network: FastGAN, latents: Tensor) -> UInt8Array:
    """uint8 (N, 3, S, S)."""
    with torch.no_grad():
        made = [as_bytes(network(part)).cpu().numpy() for part in latents.split(BATCH)]
    return np.concatenate(made)


def _walk(latents: Tensor) -> Tensor:
    """Latents from each to the next and back to the first, on the sphere, where they lie."""
    following = latents.roll(-1, 0)
    a, b = (v / v.norm(dim=1, keepdim=True) for v in (latents, following))
    angle = (a * b).sum(1, keepdim=True).clamp(-1 + 1e-6, 1 - 1e-6).arccos()
    share = torch.linspace(0, 1, FRAMES + 1, device=latents.device)[:-1, None, None]
    on_way = (((1 - share) * angle).sin() * a + (share * angle).sin() * b) / angle.sin()
    lengths = (1 - share) * latents.norm(dim=1, keepdim=True)
    lengths = lengths + share * following.norm(dim=1, keepdim=True)
    return (on_way * lengths).transpose(0, 1).flatten(0, 1)


def _write_walk(out: Path_, made: UInt8Array) -> None:
    from PIL import Image

    first, *rest = (Image.fromarray(picture) for picture in made.transpose(0, 2, 3, 1))
    buffer = io.BytesIO()
    first.save(buffer, "GIF", save_all=True, append_images=rest, duration=FRAME * 10, loop=0)
    write_atomically(out, buffer.getvalue())


def _write_sheet(out: Path_, made: UInt8Array, nearest: UInt8Array | None) -> None:
    """Rows of portraits; below each its nearest training picture, where those are known."""
    columns = int(np.ceil(np.sqrt(len(made))))
    if nearest is not None:
        made = np.concatenate([made, nearest], axis=2)  # (N, 3, 2 S, S)
    missing = -len(made) % columns
    made = np.concatenate([made, np.full((missing, *made.shape[1:]), 255, np.uint8)])
    rows = made.reshape(-1, columns, *made.shape[1:]).transpose(0, 3, 1, 4, 2)
    page = rows.reshape(rows.shape[0] * rows.shape[1], -1, 3)
    write_array(out, page)
