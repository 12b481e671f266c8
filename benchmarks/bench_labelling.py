"""Doodled scenes to dense label maps: objects alone, with the horizon rule, with the network.

    linework data scenes -n 2400 --size 128 -o scenes
    python benchmarks/bench_labelling.py scenes --model densemap -n 40
    python benchmarks/bench_labelling.py scenes --model densemap -n 40 --choose

Held-out scenes, each doodle's layers its objects, of a share of which the label is withheld: their
strokes are there, and nobody says what they are. Objects are filled as `linework pipeline` fills
them, once a scene, by one process. A px that is left unlabelled is wrong. mIoU is over all px of
all scenes together, a label that never occurs in the truth does not count; "ground and sky" is
the mean over what lies behind objects: sky, land, water and ways. --choose takes scenes that were
learnt from, and prints what the rule's word should be worth.
"""

from __future__ import annotations

import argparse
import time

import cv2
import numpy as np
import torch
from linework.datasets.doodled_scenes import DoodledScenes, open_scenes
from linework.datasets.horizon import LAND, SKY
from linework.datasets.label_png import read_label_png
from linework.datasets.labels import vocabulary
from linework.models.dense_map import DenseMap
from linework.models.dense_map_task import MapFigures, map_figures
from linework.pipeline.dense_map_evaluating import load_dense_map
from linework.pipeline.labelling_scenes import (
    RULE,
    WAYS,
    fill_scene,
    known_pixels,
    lay_by_network,
    lay_by_rule,
    propose,
)
from linework.pipeline.scene_objects import SceneObject, find_objects
from linework.strokes import Drawing
from linework.strokes.files import read_drawings

SIDE = 256
WITHHELD = (0.0, 0.5)
WORTH = (0.0, 1.0, 2.0, 3.0, 4.0, 6.0)
BEHIND = (SKY, *LAND, *WAYS)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("scenes")
    parser.add_argument("--model", default="densemap")
    parser.add_argument("-n", type=int, default=40)
    parser.add_argument("--choose", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    train, held_out = open_scenes(given.scenes)
    network = load_dense_map(given.model)
    scenes = train if given.choose else held_out
    places = np.unique(np.linspace(0, len(scenes) - 1, given.n).astype(int)).tolist()
    filled = [scene_of(scenes, k) for k in places]
    truth = np.stack([one[3] for one in filled])
    for withheld in WITHHELD:
        print(f"\n{len(places)} scenes, {withheld:.0%} of the labels withheld\n")
        print("| | mIoU | ground and sky | accuracy | ms a scene |\n|---|---|---|---|---|")
        hidden = [
            hide(objects, withheld, k) for k, (_, objects, _, _) in zip(places, filled, strict=True)
        ]
        for name, maps, seconds in methods(network, filled, hidden, given.choose):
            row(name, score(maps, truth, network), seconds / len(places))


def methods(
    network: DenseMap,
    filled: list[tuple[Drawing, tuple[SceneObject, ...], np.ndarray, np.ndarray]],
    hidden: list[tuple[SceneObject, ...]],
    choose: bool,
) -> list[tuple[str, list[np.ndarray], float]]:
    """Name, maps and seconds of each way."""
    scenes = [
        (drawing, objects, numbers, known_pixels(numbers, objects, None))
        for (drawing, _, numbers, _), objects in zip(filled, hidden, strict=True)
    ]
    found = []
    if not choose:
        found.append(("filled objects alone", [known for *_, known in scenes], 0.0))
    begun = time.process_time()
    by_rule = [lay_by_rule(drawing, objects, known) for drawing, objects, _, known in scenes]
    found.append(("with the horizon rule", by_rule, time.process_time() - begun))
    begun = time.process_time()
    chances = [
        said
        for first in range(0, len(scenes), 16)
        for said in propose(
            network, [(d, objects, known) for d, objects, _, known in scenes[first : first + 16]]
        )
    ]
    asked = time.process_time() - begun
    for worth in WORTH if choose else (0.0, RULE):
        begun = time.process_time()
        maps = [
            lay_by_network(network, said, drawing, objects, numbers, known, worth)[0]
            for said, (drawing, objects, numbers, known) in zip(chances, scenes, strict=True)
        ]
        name = "with the network alone" if worth == 0 else f"with both, the rule's word {worth:g}"
        found.append((name, maps, asked + time.process_time() - begun))
    return found


def scene_of(
    scenes: DoodledScenes, number: int
) -> tuple[Drawing, tuple[SceneObject, ...], np.ndarray, np.ndarray]:
    """A scene's drawing, objects, regions' numbers and true map, (SIDE, SIDE)."""
    doodle, labels = scenes.pairs[number]
    drawing = next(read_drawings(doodle))
    (objects,) = find_objects([drawing], lambda parts: [()] * len(parts))
    numbers = fill_scene(drawing, objects, (SIDE, SIDE)).numbers
    truth = read_label_png(labels).pixels
    large = cv2.resize(truth, (SIDE, SIDE), interpolation=cv2.INTER_NEAREST_EXACT)
    return drawing, objects, numbers, np.asarray(large, np.uint8)


def hide(objects: tuple[SceneObject, ...], withheld: float, seed: int) -> tuple[SceneObject, ...]:
    """The objects, some without their label."""
    from dataclasses import replace

    coins = np.random.default_rng(seed).random(len(objects))
    return tuple(
        replace(one, label=None, id=None) if coin < withheld else one
        for one, coin in zip(objects, coins, strict=True)
    )


def score(maps: list[np.ndarray], truth: np.ndarray, network: DenseMap) -> MapFigures:
    """Figures over all maps; pixels become indices, what is no label of the network 254."""
    names = vocabulary("scene")
    table = np.full(256, 254, np.uint8)
    for index, label in enumerate(network.config.labels):
        table[names.label(label).pixel] = index
    wanted = np.where(table[truth] == 254, np.uint8(255), table[truth])
    return map_figures(table[np.stack(maps)], wanted, network.config.labels)


def row(name: str, figures: MapFigures, seconds: float) -> None:
    """A line of the table."""
    behind = np.mean([value for label, value in figures.by_label.items() if label in BEHIND])
    print(
        f"| {name} | {figures.miou:.3f} | {behind:.3f} | {figures.accuracy:.3f} | "
        f"{1000 * seconds:.0f} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
