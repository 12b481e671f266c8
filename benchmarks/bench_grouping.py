"""How well strokes are grouped into objects, on scenes composed of Quick, Draw! drawings.

    python benchmarks/bench_grouping.py real.arrow
    python benchmarks/bench_grouping.py real.arrow --choose    # on the train split

`real.arrow` is a table that `linework data pack` made. Scenes hold 3 to 7 drawings of the split.
Beside it: place alone (strokes within 4 % of the scene's diagonal are one object, which is what
`linework fill` does), and every stroke for itself. An object is right where a group holds all
of its strokes and no other.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from linework.datasets.composing import compose_scene
from linework.strokes import Drawing, DrawingTable
from linework.strokes.fill import groups_of
from linework.strokes.grouping import group_strokes

Groups = Iterable[tuple[int, ...]]
SPARE = 10
CHOICES = {
    "in_turn": (0.04, 0.07, 0.10, 0.14, 0.2),
    "again": (0.005, 0.02, 0.05),
    "part": (0.35, 0.5, 0.7),
    "inside": (0.8, 0.9, 1.01),
}


def scenes(table: DrawingTable, split: str, count: int, seed: int) -> list[Drawing]:
    rng = np.random.default_rng(seed)
    rows = table.rows_of(split)
    return [
        compose_scene([table[int(i)] for i in rng.choice(rows, int(rng.integers(3, 8)))], rng)
        for _ in range(count)
    ]


def bare(scene: Drawing) -> Drawing:
    return scene.with_strokes([s.replace(layer=None) for s in scene.strokes])


def score(scenes: list[Drawing], grouped: Callable[[Drawing], Groups]) -> tuple[float, ...]:
    """Objects right, scenes all right, pair precision, recall, ms a scene."""
    right = objects = whole = 0
    both = found_pairs = true_pairs = 0
    spent = 0.0
    for scene in scenes:
        begin = time.process_time()
        found = {frozenset(group) for group in grouped(bare(scene))}
        spent += time.process_time() - begin
        layers: dict[str | None, set[int]] = {}
        for k, stroke in enumerate(scene.strokes):
            layers.setdefault(stroke.layer, set()).add(k)
        truth = {frozenset(own) for own in layers.values()}
        right += len(truth & found)
        objects += len(truth)
        whole += truth == found
        pairs = [
            {pair for own in side for pair in itertools.combinations(sorted(own), 2)}
            for side in (truth, found)
        ]
        both += len(pairs[0] & pairs[1])
        true_pairs += len(pairs[0])
        found_pairs += len(pairs[1])
    return (
        right / objects,
        whole / len(scenes),
        both / max(found_pairs, 1),
        both / max(true_pairs, 1),
        1e3 * spent / len(scenes),
    )


def ours(scene: Drawing, **settings: Any) -> Groups:
    return (group.strokes for group in group_strokes(scene, **settings))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table")
    parser.add_argument("-n", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--choose", action="store_true")
    given = parser.parse_args()
    table = DrawingTable.open(given.table)
    if given.choose:
        some = scenes(table, "train", given.n, given.seed)
        rows = []
        for values in itertools.product(*CHOICES.values()):
            settings = dict(zip(CHOICES, values, strict=True))
            rows.append((score(some, lambda s, how=settings: ours(s, **how))[0], settings))
        for share, settings in sorted(rows, key=lambda row: -row[0])[:SPARE]:
            print(f"{share:.3f}", settings)
        return
    some = scenes(table, "test", given.n, given.seed)
    objects = sum(len({s.layer for s in scene.strokes}) for scene in some)
    print(f"{len(some)} scenes of {objects} objects, seed {given.seed}, test split\n")
    print("| way | objects right | scenes all right | pair precision | pair recall | ms a scene |")
    print("|---|---|---|---|---|---|")
    ways: dict[str, Callable[[Drawing], Groups]] = {
        "by time and place": ours,
        "by place alone": lambda scene: (group.strokes for group in groups_of(scene)),
        "each stroke alone": lambda scene: ((k,) for k in range(len(scene.strokes))),
    }
    for name, way in ways.items():
        objects_right, whole, precision, recall, ms = score(some, way)
        print(
            f"| {name} | {objects_right:.1%} | {whole:.1%} | {precision:.3f} | {recall:.3f} | "
            f"{ms:.1f} |"
        )


if __name__ == "__main__":
    main()
