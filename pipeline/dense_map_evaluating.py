"""Measuring a dense-map network on held-out scenes: `linework evaluate densemap`."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ..datasets.doodled_scenes import DoodledScenes, open_scenes
from ..models.dense_map import DenseMap
from ..models.dense_map_task import map_figures, read_maps, stacked
from ..models.processes import pick_device
from ..models.registry import bundled_models, load_model
from ..strokes.errors import LineworkError
from .pair_sources import Path_

BUNDLED = "densemap"
# Shares of the objects whose label is withheld.
WITHHELD = (0.0, 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class DenseMapEvaluation:
    """Figures of a dense-map network on held-out scenes, from ink and labels alone.

    Args:
        model: its name or path.
        data: the folder's name.
        scenes: how many.
        figures: mIoU and accuracy by the share of objects whose label is withheld, "0%" and so
            on: {"miou": , "accuracy": }.
        by_label: intersection over union of each label where all are known.
    """

    model: str
    data: str
    scenes: int
    figures: dict[str, dict[str, float]]
    by_label: dict[str, float]

    def __str__(self) -> str:
        """Aligned lines for a terminal."""
        lines = [
            f"{self.model} on {self.data}: {self.scenes:,} held-out scenes",
            "",
            "labels withheld   mIoU  accuracy",
        ]
        lines += [
            f"{share:>15}  {found['miou']:5.3f}  {found['accuracy']:8.3f}"
            for share, found in self.figures.items()
        ]
        lines.append("")
        ordered = sorted(self.by_label.items(), key=lambda item: -item[1])
        lines += [f"{label:15}  {value:5.3f}" for label, value in ordered]
        return "\n".join(lines)


def load_dense_map(model: Path_ = BUNDLED, device: torch.device | None = None) -> DenseMap:
    """A dense-map network in evaluation mode.

    Raises:
        LineworkError: no such model; where none ships, how to train one.
    """
    try:
        network, _ = load_model(model, wanted="densemap", device=device or "cpu")
    except LineworkError as error:
        if str(model) != BUNDLED or BUNDLED in bundled_models():
            raise
        raise LineworkError(
            "no densemap ships with this version; train one with `linework data scenes -n 2400 "
            "--size 128 -o scenes` and `linework train densemap --data scenes --out run`, and "
            "name it: --densemap run"
        ) from error
    assert isinstance(network, DenseMap)
    return network


def evaluate_dense_map(
    model: Path_, data: Path_, *, device: str | None = None
) -> DenseMapEvaluation:
    """Figures of a dense-map network on the held-out scenes of a folder.

    Args:
        model: bundled weights, a training folder, or a weights file.
        data: a folder as `linework data scenes` writes it.

    Raises:
        LineworkError: no such model; scenes that cannot be used.
    """
    network = load_dense_map(model, pick_device(device))
    _, found = open_scenes(data)
    # In the network's own order; what it does not know is left out of the figures.
    held_out = DoodledScenes(found.name, found.pairs, network.config.labels)
    figures = {}
    by_label: dict[str, float] = {}
    for withheld in WITHHELD:
        side = network.config.side
        samples = [held_out.plain(k, side, withheld) for k in range(len(held_out))]
        ink, area, truth = stacked(samples)
        said = read_maps(network, ink, area)
        got = map_figures(said, truth[:, ::2, ::2].numpy(), network.config.labels)
        figures[f"{withheld:.0%}"] = {"miou": got.miou, "accuracy": got.accuracy}
        by_label = by_label or got.by_label
    return DenseMapEvaluation(str(model), str(data), len(held_out), figures, by_label)
