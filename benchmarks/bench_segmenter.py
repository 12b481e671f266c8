"""A segmenter beside plain baselines on a labelled folder: mean IoU, pixel accuracy, IoU a label.

    python benchmarks/bench_segmenter.py ../shared/data/seg/camvid --names \\
        benchmarks/camvid_labels.csv --out runs

Three rows, as Markdown: at each place the label that stands there most often in the training
pictures (a per-pixel class prior); the U-Net trained without augmentation; the same U-Net, steps
and settings with it. All are measured on the pictures that the folder holds out, at their own
size; what is void counts nowhere. Trainings that are in `--out` already are not done again.
"""

from __future__ import annotations

import time
from pathlib import Path

import click
import cv2
import numpy as np
from linework.datasets.label_folder import LabelPair, find_label_pairs, read_labels
from linework.datasets.label_score import LabelScore, count_pairs, no_counts, score_counts
from linework.datasets.labels import UNLABELLED, Vocabulary, vocabulary
from linework.models.training import BEST
from linework.pipeline.segmenter_evaluating import score_pictures
from linework.pipeline.segmenter_training import train_segmenter
from linework.pipeline.segmenting import Labeller

# Rows and columns of places of the prior.
GRID = (90, 120)
# Both U-Nets see the street at two thirds of its size on average.
SETTINGS = (
    "sizes=144",
    "least_shown=0.6",
    "most_shown=0.6",
    "batch_size=8",
    "evaluate_every=100",
    "sample_every=0",
)
AUGMENTED = ("least_shown=0.4", "most_shown=0.8")
PLAIN = ("mirrored=0", "colour=0", "blurred=0", "noisy=0", "compressed=0")
VOID = "void"


@click.command()
@click.argument("data", type=click.Path(exists=True))
@click.option("--names", required=True, help="What the labels mean: a vocabulary or a .csv.")
@click.option("--out", type=click.Path(), required=True, help="A folder for the trainings.")
@click.option("--steps", default=600, show_default=True)
def main(data: str, names: str, out: str, steps: int) -> None:
    """Train what is not there, measure, print a table."""
    learnt, held_out, _ = find_label_pairs(data)
    meaning = vocabulary(names)
    rows = {"class prior of each place": prior_score(learnt, held_out, meaning)}
    for title, run, more in (
        ("U-Net, no augmentation", "plain", PLAIN),
        ("U-Net, augmented", "augmented", AUGMENTED),
    ):
        folder = Path(out) / run
        if not (folder / BEST).exists():
            began = time.process_time()
            settings = (*SETTINGS, f"names={names}", f"steps={steps}", *more)
            train_segmenter([data], folder, assignments=settings)
            click.echo(f"{title}: {(time.process_time() - began) / 60:.1f} CPU-minutes", err=True)
        rows[title] = score_pictures(held_out, Labeller.load(folder), meaning)
    labels = [name for name in rows["U-Net, augmented"].shares if name != VOID]
    click.echo(f"| {len(held_out)} pictures | mean IoU | px right | {' | '.join(labels)} |")
    click.echo("|---|" + "---|" * (len(labels) + 2))
    for title, score in rows.items():
        each = " | ".join(f"{score.iou.get(name, 0):.2f}" for name in labels)
        mean = f"{score.mean_iou:.3f} | {score.pixel_accuracy:.3f}"
        click.echo(f"| {title} | {mean} | {each} |")


def prior_score(
    learnt: list[LabelPair], held_out: list[LabelPair], names: Vocabulary
) -> LabelScore:
    """How well the commonest label of each place does."""
    votes = np.zeros((256, *GRID), np.int64)
    for pair in learnt:
        small = _resized(_without_void(read_labels(pair, names), names), GRID)
        np.add.at(votes, (small, *np.indices(GRID)), 1)
    votes[UNLABELLED] = 0
    commonest = votes.argmax(axis=0).astype(np.uint8)
    counts = no_counts()
    for pair in held_out:
        true = _without_void(read_labels(pair, names), names)
        counts += count_pairs(true, _resized(commonest, true.shape))
    return score_counts(counts, names)


def _without_void(pixels: np.ndarray, names: Vocabulary) -> np.ndarray:
    void = names.find(VOID)
    return pixels if void is None else np.where(pixels == void.pixel, UNLABELLED, pixels)


def _resized(labels: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    way = cv2.INTER_NEAREST_EXACT
    return np.asarray(cv2.resize(labels.astype(np.uint8), size[::-1], interpolation=way), np.uint8)


if __name__ == "__main__":
    main()
