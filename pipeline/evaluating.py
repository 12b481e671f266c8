"""Measuring a trained model on held-out drawings, every figure with its convention."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch

from ..models.batches import Sequences, evaluation_batches, select
from ..models.processes import pick_device
from ..models.registry import load_model
from ..models.sketchrnn import SketchRNN
from ..models.sketchrnn_figures import sketchrnn_figures
from ..models.sketchrnn_js import read_sketchrnn_js
from ..models.sketchrnn_sampling import Sampler, Temperatures
from ..strokes import DrawingTable
from ..strokes.errors import LineworkError
from .tables import open_table

# Without a limit in the model's header: the published one.
MAX_POINTS = 250

Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures of a sketch-rnn on a split; their names are those of `sketchrnn_figures`.

    Args:
        model: its name or path.
        data: the table's name.
        split: "train", "valid" or "test".
        drawings, points: evaluated, points being stroke-3 rows.
        n_max: rows a drawing counts in L_R: the longest of the whole table.
        figures: with the latent, where there is one.
        without_latent: the same with z withheld, for models trained to do without; else None.
        samples: drawn to see how many end.
        ended: share of them that ended by themselves; None of no samples.
        by_word: as `figures`, for each word that the split has.
    """

    model: str
    data: str
    split: str
    drawings: int
    points: int
    n_max: int
    figures: Figures
    without_latent: Figures | None
    samples: int
    ended: float | None
    by_word: dict[str, Figures] = field(default_factory=dict)

    def __str__(self) -> str:
        """Aligned lines for a terminal."""
        return "\n".join([*_head(self), *_table(self), *_words(self)])


def evaluate_sketchrnn(
    model: str | os.PathLike[str],
    data: str | os.PathLike[str],
    *,
    split: str = "test",
    by_word: bool = False,
    samples: int = 200,
    device: str | None = None,
    seed: int = 0,
) -> Evaluation:
    """All figures of a model on the drawings of a split.

    Args:
        model: bundled weights, a training folder, a weights file, or published JSON.
        data: a table, or what packs into one.
        by_word: also each word's own figures.
        samples: drawn from the model at temperature .4 (pen 1), the words in turn.

    Raises:
        LineworkError: no such model, or no drawing that it can read in the split.
    """
    network, max_points = _load(model, pick_device(device))
    with open_table(data) as table:
        sequences = _readable(table, split, network, max_points)
        n_max = int(_readable(table, None, network, max_points).lengths.max())
        figures = _figures(network, sequences, n_max)
        config = network.config
        without = None
        if config.variational and config.latent_dropout > 0:
            without = _figures(network, sequences, n_max, with_latent=False)
        words = config.words if by_word else ()
        each = {word: _where(sequences, sequences.words == i) for i, word in enumerate(words)}
        return Evaluation(
            model=str(model),
            data=str(data),
            split=split,
            drawings=len(sequences),
            points=int(sequences.lengths.sum()),
            n_max=n_max,
            figures=figures,
            without_latent=without,
            samples=samples,
            ended=_share_that_ends(network, samples, max_points, seed) if samples else None,
            by_word={w: _figures(network, s, n_max) for w, s in each.items() if len(s)},
        )


def _load(model: str | os.PathLike[str], device: torch.device) -> tuple[SketchRNN, int]:
    """The model, and the most points that it was trained on."""
    if str(model).endswith(".json"):
        network, info = read_sketchrnn_js(model)
        return network.to(device), int(info.get("max_seq_len", MAX_POINTS))
    loaded, header = load_model(model, wanted="sketchrnn", device=device)
    assert isinstance(loaded, SketchRNN)
    return loaded, int(header.get("data", {}).get("max_points", MAX_POINTS))


def _readable(
    table: DrawingTable, split: str | None, model: SketchRNN, max_points: int
) -> Sequences:
    """The drawings of a split that the model was made for."""
    words = model.config.words
    sequences = select(table, split, words, max_points)
    names, of_row = table.words()
    if len(words) != 1 or words[0] not in names:
        return sequences
    # A model of one word reads whatever it is given; its figures are of its own word.
    own = _where(sequences, of_row[sequences.rows] == names.index(words[0]))
    if not len(own):
        raise LineworkError(
            f"{table.name}: no drawing of {words[0]} in split {split or 'any'}; "
            "`linework data info` lists words and splits"
        )
    return own


def _where(sequences: Sequences, keep: npt.NDArray[np.bool_]) -> Sequences:
    rows, lengths, words = sequences.rows, sequences.lengths, sequences.words
    return Sequences(sequences.table, rows[keep], lengths[keep], words[keep])


def _figures(
    model: SketchRNN, sequences: Sequences, n_max: int, *, with_latent: bool = True
) -> Figures:
    batches = evaluation_batches(sequences, model.config)
    return sketchrnn_figures(model, batches, n_max=n_max, with_latent=with_latent)


def _share_that_ends(model: SketchRNN, n: int, max_points: int, seed: int) -> float:
    config = model.config
    device = next(model.parameters()).device
    generator = torch.Generator(device).manual_seed(seed)
    words = torch.arange(n, device=device) % max(len(config.words), 1)
    z = None
    if config.variational and not config.latent_dropout:
        z = torch.randn(n, config.latent_size, device=device, generator=generator)
    with torch.inference_mode():
        condition = model.condition(z, words)
    sampled = Sampler(model).draw(
        condition, temperatures=Temperatures(), generator=generator, max_points=max_points
    )
    return float(sampled.ended.mean())


def _head(evaluation: Evaluation) -> list[str]:
    return [
        f"{evaluation.model} on the {evaluation.split} split of {evaluation.data}: "
        f"{evaluation.drawings:,} drawings, {evaluation.points:,} points",
        "",
    ]


def _table(evaluation: Evaluation) -> list[str]:
    """A line for each figure, with a second column where the latent was withheld."""
    first, second = evaluation.figures, evaluation.without_latent
    rows = [
        ("cell", "cell mass, nats a point"),
        ("cell_with_kl", "  with KL"),
        ("kl", "KL, nats a point"),
        ("kl_dimension", "KL, nats a dimension (mean over drawings)"),
        ("density", "density, nats a point (can be gamed)"),
        ("pen", "pen, nats a point, part of both"),
        ("lr", f"L_R (density over drawings x N_max of {evaluation.n_max})"),
    ]
    width = max(len(text) for _, text in rows)
    lines = []
    if second is not None:
        lines.append(f"{'':{width}}  {'with z':>9}  {'without':>9}")
    for name, text in rows:
        if name not in first:
            continue
        line = f"{text:{width}}  {first[name]:9.4f}"
        if second is not None and name in second:
            line += f"  {second[name]:9.4f}"
        lines.append(line)
    if evaluation.ended is not None:
        lines.append(
            f"{'samples that end by themselves':{width}}  {evaluation.ended:9.1%}  "
            f"of {evaluation.samples}, at temperature {Temperatures().offset:g}"
        )
    return lines


def _words(evaluation: Evaluation) -> list[str]:
    """A line for each word, the dearest last."""
    if not evaluation.by_word:
        return []
    width = max(map(len, evaluation.by_word))
    names: Sequence[str] = sorted(
        evaluation.by_word, key=lambda word: evaluation.by_word[word]["cell"]
    )
    lines = ["", f"{'':{width}}  drawings  cell mass  with KL"]
    for word in names:
        figures = evaluation.by_word[word]
        with_kl = f"{figures['cell_with_kl']:7.3f}" if "cell_with_kl" in figures else f"{'-':>7}"
        lines.append(
            f"{word:{width}}  {figures['drawings']:8,.0f}  {figures['cell']:9.3f}  {with_kl}"
        )
    return lines
