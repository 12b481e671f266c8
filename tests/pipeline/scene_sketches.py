"""Small scenes, and networks of a blink, for the tests of the whole way."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from linework.datasets.labels import vocabulary
from linework.models.checkpoint import save_tensors
from linework.models.dense_map import DenseMap, DenseMapConfig
from linework.models.painter import Painter, PainterConfig
from linework.models.recogniser import Recogniser, RecogniserConfig
from linework.strokes import Drawing, Stroke

CANVAS = (240.0, 160.0)
LABELS = ("clouds", "grass", "house", "mountain", "road", "sky", "sun", "tree")
WORDS = ("house", "tree", "sun", "cloud", "cat", "circle")
PAINTED = ("clouds", "grass", "house", "mountain", "sky", "sun", "tree")


def ring(x: float, y: float, radius: float) -> np.ndarray:
    turn = np.linspace(0, 2 * np.pi, 25)
    return np.stack([x + radius * np.cos(turn), y + radius * np.sin(turn)], axis=1)


def box(x: float, y: float, width: float, height: float) -> np.ndarray:
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]
    return np.array(corners, float)


# Layer, lines: what a child draws.
PARK: tuple[tuple[str, tuple[np.ndarray, ...]], ...] = (
    ("sun", (ring(200, 30, 14),)),
    ("cloud", (ring(60, 28, 16),)),
    ("mountain", (np.array([(70, 100), (120, 40), (170, 100)], float),)),
    ("house", (box(20, 80, 50, 40),)),
    ("tree", (ring(190, 80, 18), np.array([(190, 98), (190, 125)], float))),
    ("tree 2", (ring(120, 105, 12), np.array([(120, 117), (120, 130)], float))),
)


def park(named: bool = True, **layers: str) -> Drawing:
    """The scene of `PARK`: 6 objects.

    Args:
        named: whether the layers are called what they show; without, there are none.
        layers: other names for some.
    """
    strokes = [
        Stroke(line, layer=layers.get(name, name) if named else None, width=2.0)
        for name, lines in PARK
        for line in lines
    ]
    return Drawing(tuple(strokes), size=CANVAS)


def write_networks(folder: Path) -> dict[str, str]:
    """A densemap, a recogniser and a painter with random weights; option -> file."""
    torch.manual_seed(3)
    names = vocabulary("scene")
    dense = DenseMapConfig(labels=LABELS, side=16, embedding=4, channels=(8, 8))
    reader = RecogniserConfig(words=WORDS, side=16, channels=(4, 4), widths=(4, 4, 4), joint=8)
    painter = PainterConfig(
        classes=len(PAINTED), channels=(6, 6, 4), spade_levels=2, latent=4, embedding=4, size=32
    )
    pixels = sorted(names.label(name).pixel for name in PAINTED)
    rows = [
        {"pixel": p, "name": label.name, "rgb": list(label.rgb)}
        for p in pixels
        if (label := names.at(p)) is not None
    ]
    classes = {"vocabulary": "scene", "labels": rows}
    made = {
        "densemap": (DenseMap(dense), {"config": asdict(dense)}),
        "recogniser": (Recogniser(reader), {"config": asdict(reader), "temperature": 1.0}),
        "painter": (Painter(painter), {"config": asdict(painter), "classes": classes}),
    }
    found = {}
    for kind, (network, header) in made.items():
        path = folder / f"{kind}.safetensors"
        save_tensors(path, network.state_dict(), {"model": kind, **header})
        found[kind] = str(path)
    return found
