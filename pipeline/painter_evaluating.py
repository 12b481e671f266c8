"""Measuring a painter on label maps that it never saw: `linework evaluate painter`.

The held-out label maps of a folder are painted twice, in styles drawn at random and in the
styles of their true pictures. A segmenter that never saw a painted picture then looks at both
and at the true ones: what it finds of the label maps, beside what it finds in the true pictures,
says whether the painter painted what it was told to. How the pictures look is measured by distances
in an encoder of our own (`models/frozen_features.py`; not an FID); whether one label map gives
different pictures, by the distances between several of it; whether pictures were copied, by the
nearest one that was learnt from. All at the size that the painter works at.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch

from ..datasets.label_folder import Labelled, LabelPair, find_label_pairs, read_labels
from ..datasets.label_score import LabelScore, count_pairs, no_counts, score_counts
from ..datasets.labels import UInt8Array
from ..models.frozen_features import (
    Features,
    FrozenFeatures,
    frechet_distance,
    kernel_width,
    mean_discrepancy,
    mean_distance,
)
from ..models.painter import Painter
from ..models.picture_batches import as_tanh
from ..models.processes import pick_device
from ..strokes.errors import LineworkError
from ..strokes.images import read_image
from .painting import Palette, load_painter, map_indices, paint_labels, read_style, working_size
from .segmenting import MODEL as SEGMENTER
from .segmenting import Labeller

Path_ = str | Path
# Pictures that are measured at most: some 2 minutes on a core.
MOST = 160
# Label maps that are painted several times, and how often.
SEVERAL, TIMES = 24, 4
# Side, px, at which pictures are compared with those that were learnt from.
THUMBNAIL = 32
WITHOUT = "none"

DRAWN, READ, TRUE = "styles drawn", "styles read", "true pictures"


@dataclass(frozen=True, slots=True)
class PainterEvaluation:
    """Figures of a painter on held-out label maps.

    Args:
        model, data, segmenter: names or paths; segmenter "none" asks none.
        encoder: fingerprint of the encoder; distances of other encoders do not compare.
        pictures: how many.
        found: for `DRAWN`, `READ` and `TRUE`, what the segmenter finds: "miou", "accuracy".
        by_label: each label's intersection over union, for the same three.
        distances: of the painted from the true, for `DRAWN` and `READ`: "frechet", "mmd"; for
            `TRUE` of other true pictures, those learnt from, as many.
        diversity: mean distance between pictures of one label map in several styles, in shares
            of that between the true pictures.
        nearest: mean over pictures of the root mean square to the nearest that was learnt
            from, of 255, for `DRAWN` and `TRUE`; empty where the folder has none.
        seconds: mean time that a picture takes.
    """

    model: str
    data: str
    segmenter: str
    encoder: str
    pictures: int
    found: dict[str, dict[str, float]]
    by_label: dict[str, dict[str, float]]
    distances: dict[str, dict[str, float]]
    diversity: float
    nearest: dict[str, float]
    seconds: float

    @property
    def kept(self) -> float:
        """What a segmenter still finds, mIoU of drawn styles over that of true pictures."""
        return self.found[DRAWN]["miou"] / max(self.found[TRUE]["miou"], 1e-9)

    def __str__(self) -> str:
        """Aligned lines for a terminal."""
        lines = [
            f"{self.model} on {self.data}: {self.pictures:,} label maps, {self.seconds:.3f} s "
            "a picture",
            f"segmenter {self.segmenter}; encoder {self.encoder} (own, never trained)",
            "",
            f"{'':15}   mIoU  accuracy  Fréchet       MMD²  nearest learnt",
        ]
        for name in (DRAWN, READ, TRUE):
            found, apart = self.found.get(name), self.distances.get(name)
            if found is None and apart is None:
                continue
            near = self.nearest.get(name)
            lines.append(
                f"{name:15}  "
                + (f"{found['miou']:5.3f}  {found['accuracy']:8.3f}" if found else f"{'':15}")
                + (f"  {apart['frechet']:7.4f}  {apart['mmd']:9.5f}" if apart else f"{'':20}")
                + (f"  {near:14.1f}" if near is not None else "")
            )
        if self.found:
            lines += ["", f"of the true pictures' mIoU: {self.kept:.2f}"]
        lines.append(f"diversity: {self.diversity:.2f} of that between true pictures")
        if self.by_label:
            lines += ["", f"{'label':15}  drawn   true"]
            true = self.by_label[TRUE]
            for label in sorted(true, key=lambda name: -true[name]):
                drawn = self.by_label[DRAWN].get(label, 0.0)
                lines.append(f"{label:15}  {drawn:5.3f}  {true[label]:5.3f}")
        return "\n".join(lines)


def evaluate_painter(
    model: Path_,
    data: Path_,
    *,
    segmenter: Path_ = SEGMENTER,
    device: str | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> PainterEvaluation:
    """All figures of a painter on the held-out pictures of a folder.

    Args:
        model: bundled weights, a training folder, or a weights file.
        data: a folder of pictures and label maps; without a held-out part all are measured.
        segmenter: of the same labels, or "none".
        progress: is told how many pictures are done, of how many.

    Raises:
        LineworkError: no such model or folder, labels that the painter never saw, a segmenter
            of other labels, fewer than two pictures.
        FormatError: files that are damaged.
    """
    painter, palette = load_painter(model, pick_device(device))
    judge = None if str(segmenter) == WITHOUT else _judge(segmenter, palette, device)
    learnt, held_out, layout = find_label_pairs(data)
    pairs = _some(held_out or learnt)
    if len(pairs) < 2:
        raise LineworkError(f"{data}: holds one picture only; wanted two or more to compare")
    read = _Reader(painter, palette, zero_is_none=layout.zero_is_none)
    names = [DRAWN, READ, TRUE] if painter.encoder is not None else [DRAWN, TRUE]
    sets = {name: _Set(judge, palette) for name in names}
    seconds, several = 0.0, []
    for number, pair in enumerate(pairs):
        true = read(pair)
        began = time.perf_counter()
        drawn = paint_labels(true.labels, painter, number, {})
        seconds += time.perf_counter() - began
        sets[DRAWN].add(drawn, true.labels)
        sets[TRUE].add(true.picture, true.labels)
        if READ in sets:
            lent = read_style(true.picture, true.labels, painter)
            sets[READ].add(paint_labels(true.labels, painter, number, {}, lent), true.labels)
        if number < SEVERAL:
            others = [
                paint_labels(true.labels, painter, number + k * len(pairs), {})
                for k in range(1, TIMES)
            ]
            several.append([drawn, *others])
        progress(number + 1, len(pairs))
    encoder = FrozenFeatures()
    features = {name: _features(encoder, found.pictures) for name, found in sets.items()}
    width = kernel_width(features[TRUE])
    # How far true pictures lie from true ones, and how near to those that were learnt from.
    known = [read(pair).picture for pair in _some(learnt, len(pairs))] if held_out else []
    features["learnt"] = _features(encoder, known) if len(known) > 1 else features[TRUE]
    distances = {
        name: {
            "frechet": frechet_distance(features[other], features[TRUE]),
            "mmd": mean_discrepancy(features[other], features[TRUE], width),
        }
        for name, other in ((DRAWN, DRAWN), (READ, READ), (TRUE, "learnt"))
        if other in features and (other != "learnt" or len(known) > 1)
    }
    thumbnails = [_thumbnail(read(pair).picture) for pair in learnt] if held_out else []
    nearest = {
        name: float(np.mean([_nearest(p, thumbnails) for p in sets[name].pictures]))
        for name in (DRAWN, TRUE)
        if thumbnails
    }
    apart = [mean_distance(_features(encoder, pictures)) for pictures in several]
    scores = {name: found.score() for name, found in sets.items()} if judge else {}
    return PainterEvaluation(
        model=str(model),
        data=str(data),
        segmenter=str(segmenter),
        encoder=encoder.fingerprint,
        pictures=len(pairs),
        found={
            name: {"miou": score.mean_iou, "accuracy": score.pixel_accuracy}
            for name, score in scores.items()
        },
        by_label={name: score.iou for name, score in scores.items()},
        distances=distances,
        diversity=float(np.mean(apart) / mean_distance(features[TRUE])),
        nearest=nearest,
        seconds=seconds / len(pairs),
    )


class _Reader:
    """Reads pictures with their label maps at the painter's working size."""

    def __init__(self, painter: Painter, palette: Palette, *, zero_is_none: bool) -> None:
        self.painter, self.palette, self.zero_is_none = painter, palette, zero_is_none

    def __call__(self, pair: LabelPair) -> Labelled:
        picture = read_image(pair.picture)
        if picture.ndim == 2:
            picture = np.repeat(picture[:, :, None], 3, axis=2)
        pixels = read_labels(pair, self.palette.known, zero_is_none=self.zero_is_none)
        if pixels.shape != picture.shape[:2]:
            raise LineworkError(
                f"{pair.labels}: is {pixels.shape[1]} x {pixels.shape[0]} px, {pair.picture} "
                f"{picture.shape[1]} x {picture.shape[0]}; wanted equal sizes"
            )
        labels, _ = map_indices(pixels, self.palette, pair.labels)
        height, width = working_size(*labels.shape, self.painter.config)
        way = cv2.INTER_AREA if height < labels.shape[0] else cv2.INTER_CUBIC
        return Labelled(
            np.asarray(cv2.resize(picture, (width, height), interpolation=way), np.uint8),
            np.asarray(
                cv2.resize(labels, (width, height), interpolation=cv2.INTER_NEAREST_EXACT), np.uint8
            ),
        )


class _Set:
    """Pictures, and what the segmenter finds in them."""

    def __init__(self, judge: Labeller | None, palette: Palette) -> None:
        self.judge, self.palette = judge, palette
        self.pixels = np.asarray(palette.pixels, np.uint8)
        self.pictures: list[UInt8Array] = []
        self.counts = no_counts()

    def add(self, picture: UInt8Array, labels: UInt8Array) -> None:
        self.pictures.append(picture)
        if self.judge is not None:
            self.counts += count_pairs(self.pixels[labels], self.judge.labels(picture))

    def score(self) -> LabelScore:
        return score_counts(self.counts, self.palette.known)


def _judge(segmenter: Path_, palette: Palette, device: str | None) -> Labeller:
    """The segmenter, of the painter's vocabulary."""
    judge = Labeller.load(segmenter, device)
    if judge.names.name != palette.names.name:
        raise LineworkError(
            f"--segmenter {segmenter}: finds labels of {judge.names.name}, and this painter paints "
            f"those of {palette.names.name}; train one with `linework train segmenter` on the same "
            f"data, or measure without: --segmenter {WITHOUT}"
        )
    return judge


def _some(pairs: Sequence[LabelPair], most: int = MOST) -> list[LabelPair]:
    """At most so many, the same each time; at random, for folders have their rhythms."""
    chosen = np.random.default_rng(0).permutation(len(pairs))[:most]
    return [pairs[k] for k in sorted(chosen)]


def _features(encoder: FrozenFeatures, pictures: Sequence[UInt8Array]) -> Features:
    with torch.inference_mode():
        found = [
            encoder(as_tanh(torch.from_numpy(picture.copy()).permute(2, 0, 1)[None]))
            for picture in pictures
        ]
    return np.concatenate(found)


def _thumbnail(picture: UInt8Array) -> npt.NDArray[np.float32]:
    small = cv2.resize(picture, (THUMBNAIL, THUMBNAIL), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)


def _nearest(picture: UInt8Array, others: Sequence[npt.NDArray[np.float32]]) -> float:
    """Root mean square difference to the nearest of the others, of 255."""
    mine = _thumbnail(picture)
    return float(np.sqrt(min(float(((mine - other) ** 2).mean()) for other in others)))
