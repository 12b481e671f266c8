"""Rough pictures to clean lines: `linework clean` as functions.

The picture is brought to the size that the network was trained on (lines of about
`LINE` px), its paper is made white where it is not, the network draws the lines that the
strokes mean, and the result is brought back to the picture's own size. `.svg` and
the other drawing formats are traced from it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from ..models.processes import inference_context, pick_device
from ..models.registry import load_model
from ..models.residual import fused
from ..models.simplification2016 import Simplification2016
from ..models.simplifier import MULTIPLE, Simplifier, simplify
from ..models.tiling import TILE, Tile, apply_tiled, tiles
from ..strokes.images import to_grey
from ..strokes.trace.ink import find_ink

Grey = npt.NDArray[np.uint8]
Progress = Callable[[int, int], None]

MODEL = "simplifier"
STRENGTH = 0.5
# px: pictures whose thinnest common lines are wider or thinner than these are brought to
# `LINE`: a pen of 3.4 px on a page of 1000 px, as trained on at 0.7 of its size.
WIDEST, THINNEST, LINE = 2.6, 1.9, 2.4
# Larger than this a picture only grows dear.
LARGEST_SCALE = 1.5
# px that the network sees, sigma: its doubts come px by px, and a line that it doubts would be
# torn into dots. On held-out oversketches it halves the number of strokes traced, at the same F.
SMOOTHING = 0.7
# px that the network sees: marks smaller than this, a dot of the line's width and a half, are
# grain of the paper. A mark is what has a probability above a quarter.
SPECK, MARK_LOGIT = 10, -1.0
# Logit of what is surely paper.
PAPER_LOGIT = -12.0
# Ink below this is paper: what a sigmoid leaves of a certain "no".
FAINT = 8
# Rows of a page that are turned from logits into ink at a time.
BAND = 512
# Side of a tile's middle on a GPU, px: its memory holds a whole page, and halos cost work.
GPU_TILE = 8192
# px read around a tile: all that the network's default shape reaches (`SimplifierConfig.reach`,
# 492), so that tiles and the whole are the same. With 256 they differed by 8 of 255.
HALO = 496


@dataclass(frozen=True, slots=True)
class Cleaner:
    """A simplification network ready for pictures.

    Args:
        network: gives logits of ink, normalisation folded in.
        device: where it runs.
    """

    network: nn.Module
    device: torch.device

    @classmethod
    def load(
        cls, model: str | os.PathLike[str] = MODEL, device: str | torch.device | None = None
    ) -> Cleaner:
        """Bundled weights by name, a training folder or a weights file.

        Raises:
            LineworkError, FormatError: as `load_model`, or it holds no simplifier.
        """
        place = pick_device(None if device is None else str(device))
        network, _ = load_model(model, wanted=("simplifier", "simplification2016"), device=place)
        assert isinstance(network, Simplifier | Simplification2016)
        return cls(fused(network), place)

    def clean(
        self,
        picture: npt.ArrayLike,
        strength: float = STRENGTH,
        *,
        scale: float | None = None,
        tile: int | None = None,
        progress: Progress = lambda done, of: None,
    ) -> Grey:
        """The clean lines of a picture.

        Args:
            picture, scale, tile, progress: as `look`.
            strength: as `drawn_lines`.

        Returns:
            uint8 (H, W), 0 ink, 255 paper.
        """
        return drawn_lines(self.look(picture, scale=scale, tile=tile, progress=progress), strength)

    def look(
        self,
        picture: npt.ArrayLike,
        *,
        scale: float | None = None,
        tile: int | None = None,
        progress: Progress = lambda done, of: None,
    ) -> npt.NDArray[np.float32]:
        """What the network thinks of each px, from which lines of any strength are drawn.

        Args:
            picture: as `strokes.images.to_grey` takes it.
            scale: size at which the network sees the picture; None chooses by its lines.
            tile: px of a tile's side; None chooses by the device.
            progress: is told how many tiles are done, of how many.

        Returns:
            float32 (H, W), logits of ink.
        """
        grey = to_grey(picture)
        seen, working = prepare(grey, scale)
        side = GPU_TILE if self.device.type == "cuda" else TILE
        logits = self._logits(seen, side if tile is None else tile, progress)
        logits = _without_specks(cv2.GaussianBlur(logits, (0, 0), SMOOTHING))
        if working != 1:
            height, width = grey.shape
            logits = np.asarray(
                cv2.resize(logits, (width, height), interpolation=cv2.INTER_CUBIC), np.float32
            )
        return logits

    def _logits(self, seen: Grey, tile: int, progress: Progress) -> npt.NDArray[np.float32]:
        height, width = seen.shape
        out = np.empty((height, width), np.float32)

        def read(place: Tile) -> Tensor:
            rows = slice(place.read_top, place.read_bottom)
            part = torch.from_numpy(seen[rows, place.read_left : place.read_right].copy())
            return part.to(self.device)[None, None].float() / 255

        def network(ink: Tensor) -> Tensor:
            with inference_context(self.device):
                found: Tensor = self.network(ink)
            return found

        count = len(tiles(height, width, tile=tile, halo=HALO, multiple=MULTIPLE))
        for done, (place, part) in enumerate(
            apply_tiled(network, read, (height, width), tile=tile, halo=HALO, multiple=MULTIPLE)
        ):
            rows = slice(place.top, place.bottom)
            out[rows, place.left : place.right] = part[0, 0].float().cpu().numpy()
            progress(done + 1, count)
        return out


def drawn_lines(logits: npt.NDArray[np.float32], strength: float = STRENGTH) -> Grey:
    """Clean lines, uint8 (H, W), 0 ink, 255 paper.

    Args:
        logits: as `Cleaner.look` gives them.
        strength: 0 keeps whatever may be a line, 1 only what surely is; no pixel gains
            ink as it grows.
    """
    ink = _ink(logits, strength)
    ink[ink < FAINT] = 0
    return 255 - ink


def prepare(grey: Grey, scale: float | None = None) -> tuple[Grey, float]:
    """What the network sees of a picture, and at which scale.

    Uneven paper, shadows and rulings are taken out and light lines on dark turned round
    (`strokes.trace.ink`), for a network that has seen clean paper for most of its time
    should not spend itself on them.

    Args:
        grey: uint8 (H, W), 255 white.
        scale: None brings lines that are too wide or too thin to `LINE` px.

    Returns:
        uint8 (h, w), 0 paper, 255 black; all 0 where nothing stands out of the paper.
    """
    found = find_ink(grey)
    if found is None:
        return np.zeros_like(grey), 1.0
    if scale is None:
        width = found.line_width / found.scale
        fits = THINNEST <= width <= WIDEST
        scale = 1.0 if fits else min(LARGEST_SCALE, LINE / width)
    if scale == 1:
        return found.density, 1.0
    rows, columns = grey.shape
    size = max(1, round(columns * scale)), max(1, round(rows * scale))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(found.density, size, interpolation=way), np.uint8), scale


def _without_specks(logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Logits (H, W), small marks taken for paper: whatever the strength, so ink stays monotone."""
    marks = (logits > MARK_LOGIT).astype(np.uint8)
    _, label, stats, _ = cv2.connectedComponentsWithStats(marks, connectivity=8)
    small = stats[:, cv2.CC_STAT_AREA] < SPECK
    small[0] = False  # the paper
    if not small.any():
        return logits
    # Their grey rims go with them.
    rims = cv2.dilate(small[label].astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    return np.where(rims & ((label == 0) | small[label]), np.float32(PAPER_LOGIT), logits)


def _ink(logits: npt.NDArray[np.float32], strength: float) -> Grey:
    """Logits (H, W) as ink, uint8 (H, W), 255 black; in bands, for a page has many px."""
    out = np.empty(logits.shape, np.uint8)
    for top in range(0, len(logits), BAND):
        band = torch.from_numpy(logits[top : top + BAND])
        out[top : top + BAND] = (simplify(band, strength) * 255).round().to(torch.uint8).numpy()
    return out
