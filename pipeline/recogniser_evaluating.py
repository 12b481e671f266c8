"""Measuring a recogniser on held-out drawings: `linework evaluate recogniser`."""

from __future__ import annotations

from dataclasses import dataclass

from ..models.doodle_batches import DoodleConfig, doodles, whole_batches
from ..models.processes import pick_device
from ..models.recogniser_figures import ranks, read_all, recogniser_figures
from .pair_sources import Path_
from .recognising import load_recogniser
from .tables import open_table

TEXT = {
    "top1": "right at once",
    "top3": "among three",
    "map3": "MAP@3",
    "word_top1": "right at once, mean over words",
    "word_top3": "among three, mean over words",
    "nats": "cross-entropy, nats",
    "ece": "calibration error",
    "ece_unscaled": "calibration error without the temperature",
}


@dataclass(frozen=True, slots=True)
class RecogniserEvaluation:
    """Figures of a recogniser on a split; their names are those of `recogniser_figures`.

    Args:
        model: its name or path.
        data: the table's name.
        split: "train", "valid" or "test".
        drawings: how many were recognised.
        words: how many words the model tells apart.
        temperature: what its logits are divided by.
        figures: over all drawings.
        by_word: for each word that was asked for: "drawings", "top1" and "top3".
    """

    model: str
    data: str
    split: str
    drawings: int
    words: int
    temperature: float
    figures: dict[str, float]
    by_word: dict[str, dict[str, float]]

    def __str__(self) -> str:
        """Aligned lines for a terminal."""
        width = max(map(len, TEXT.values()))
        lines = [
            f"{self.model} on {self.data}, {self.split}: {self.drawings:,} drawings, one of "
            f"{self.words} words each",
            "",
            *(f"{text:{width}}  {self.figures[name]:8.4f}" for name, text in TEXT.items()),
        ]
        if self.by_word:
            longest = max(map(len, self.by_word))
            lines += ["", f"{'':{longest}}  drawings  at once  among three"]
            for word in sorted(self.by_word, key=lambda w: -self.by_word[w]["top1"]):
                found = self.by_word[word]
                lines.append(
                    f"{word:{longest}}  {found['drawings']:8,.0f}  {found['top1']:7.2f}  "
                    f"{found['top3']:11.2f}"
                )
        return "\n".join(lines)


def evaluate_recogniser(
    model: Path_,
    data: Path_,
    *,
    split: str = "test",
    by_word: bool = False,
    device: str | None = None,
) -> RecogniserEvaluation:
    """All figures of a recogniser on the drawings of a split.

    Args:
        model: bundled weights, a training folder, or a weights file.
        data: a table, or what packs into one; drawings of words that the model does not know
            are left out.
        by_word: also each word's own.

    Raises:
        LineworkError: no such model, or no drawing of its words in the split.
    """
    network, temperature = load_recogniser(model, pick_device(device))
    words = network.config.words
    with open_table(data) as table:
        found = doodles(table, split, words, DoodleConfig(balance=0, max_points=10**9))
        logits, truth = read_all(network, whole_batches(found, network.config.side))
    place = ranks(logits, truth)
    each = {}
    for index, word in enumerate(words if by_word else ()):
        mine = place[truth == index]
        if len(mine):
            each[word] = {
                "drawings": float(len(mine)),
                "top1": float((mine < 1).double().mean()),
                "top3": float((mine < 3).double().mean()),
            }
    return RecogniserEvaluation(
        model=str(model),
        data=str(data),
        split=split,
        drawings=len(truth),
        words=len(words),
        temperature=temperature,
        figures=recogniser_figures(logits, truth, temperature),
        by_word=each,
    )
