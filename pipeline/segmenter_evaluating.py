"""Measuring a segmenter on pictures whose labels are known: `linework evaluate segmenter`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..datasets.label_folder import (
    LabelPair,
    Layout,
    find_label_pairs,
    read_labels,
    read_names,
)
from ..datasets.label_png import check_same_size
from ..datasets.label_score import LabelScore, count_pairs, no_counts, score_counts
from ..datasets.labels import UNLABELLED, Vocabulary
from ..strokes.errors import LineworkError
from ..strokes.images import read_image
from .segmenting import Labeller, Path_


@dataclass(frozen=True, slots=True)
class SegmenterEvaluation:
    """Figures of a segmenter, over all px of all pictures together.

    Args:
        model: its name or path.
        data: the folder's name.
        split: "train", "test" or "all".
        pictures: how many.
        mean_iou: mean over the labels that are there or were found.
        pixel_accuracy: share of the labelled px that were found right.
        iou: intersection over union by label.
        shares: share of the labelled px by label.
    """

    model: str
    data: str
    split: str
    pictures: int
    mean_iou: float
    pixel_accuracy: float
    iou: dict[str, float]
    shares: dict[str, float]

    def __str__(self) -> str:
        """Aligned lines for a terminal, the worst label last."""
        width = max(len("pixel accuracy"), *(len(name) for name in self.iou))
        lines = [
            f"{self.model} on {self.data}, {self.split}: {self.pictures} pictures",
            "",
            f"{'mean IoU':{width}}  {self.mean_iou:.3f}",
            f"{'pixel accuracy':{width}}  {self.pixel_accuracy:.3f}",
            "",
            f"{'':{width}}  {'IoU':>5}  share of px",
        ]
        for name in sorted(self.iou, key=lambda name: -self.iou[name]):
            lines.append(f"{name:{width}}  {self.iou[name]:.3f}  {self.shares[name]:11.2%}")
        return "\n".join(lines)


def evaluate_segmenter(
    model: Path_,
    data: Path_,
    *,
    split: str = "test",
    device: str | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> SegmenterEvaluation:
    """All figures of a segmenter on the pictures of a folder, each in its own size.

    Labels that the model leaves out in training (`crops.ignored`) are not counted; labels that it
    never saw are, as not found.

    Args:
        data: a folder as `find_label_pairs` takes it.
        split: "test" takes the pictures held out in the folder, "train" the others; of a
            folder that holds none out, both take all.
        progress: is told how many pictures are done, of how many.

    Raises:
        LineworkError: no such model or folder; labels of another vocabulary.
        FormatError: a file that is damaged.
    """
    labeller = Labeller.load(model, device)
    learnt, held_out, layout = find_label_pairs(data)
    pairs = held_out if held_out and split != "train" else learnt
    part = ("train" if split == "train" else "test") if held_out else "all"
    names = _same_names(labeller, data, pairs, layout)
    score = score_pictures(
        pairs, labeller, names, zero_is_none=layout.zero_is_none, progress=progress
    )
    return SegmenterEvaluation(
        str(model),
        Path(data).name,
        part,
        len(pairs),
        score.mean_iou,
        score.pixel_accuracy,
        score.iou,
        score.shares,
    )


def score_pictures(
    pairs: Sequence[LabelPair],
    labeller: Labeller,
    names: Vocabulary,
    *,
    zero_is_none: bool = False,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> LabelScore:
    """How well a network finds the labels of pictures. Raises as `evaluate_segmenter`."""
    counts = no_counts()
    for done, pair in enumerate(pairs, 1):
        true = read_labels(pair, names, zero_is_none=zero_is_none)
        picture = read_image(pair.picture)
        height, width = picture.shape[:2]
        check_same_size(pair.labels, true, str(pair.picture), (width, height))
        counts += count_pairs(_counted(true, labeller), labeller.labels(picture))
        progress(done, len(pairs))
    return score_counts(counts, names)


def _counted(true: np.ndarray, labeller: Labeller) -> np.ndarray:
    """A label map without the px whose labels were left out of the training."""
    table = np.arange(256, dtype=np.uint8)
    table[list(labeller.ignored)] = UNLABELLED
    return table[true]


def _same_names(
    labeller: Labeller, data: Path_, pairs: Sequence[LabelPair], layout: Layout
) -> Vocabulary:
    """The vocabulary of a folder, if it is the model's."""
    own = read_names(data, pairs, layout)
    known = labeller.names
    if own.name == known.name and len(own) == len(known):
        return own
    if own.labels[0].name == "label 0":  # numbers without names: the model's are meant
        return known
    if [(label.id, label.name) for label in own.labels] != [
        (label.id, label.name) for label in known.labels
    ]:
        raise LineworkError(
            f"{data}: holds labels of {own.name}, and {labeller.model} knows those of "
            f"{known.name}; convert the maps with `linework labels convert`"
        )
    return known
