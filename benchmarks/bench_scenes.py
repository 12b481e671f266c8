"""Scenes a CPU-second: painting with labels, instances and doodle, and writing them to a folder.

    python benchmarks/bench_scenes.py [--size 256] [-n 60]

CPU time of one process, noise tiles and doodles by rules made before the clock starts, as in
any run of more than a few scenes. Prints a table for docs/benchmarks.md, by theme.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import cv2
from linework.datasets.scenes import THEMES
from linework.datasets.scenes.folder import Recipe, make_scene, write_scenes


def seconds(recipe: Recipe, n: int) -> float:
    """CPU-seconds of a scene with its doodle, nothing written."""
    begin = time.process_time()
    for number in range(n):
        make_scene(recipe, number)
    return (time.process_time() - begin) / n


def written(recipe: Recipe, n: int) -> float:
    """CPU-seconds of a scene in a folder, all files."""
    with tempfile.TemporaryDirectory() as folder:
        begin = time.process_time()
        write_scenes(Path(folder), n, recipe)
        return (time.process_time() - begin) / n


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("-n", type=int, default=60, help="scenes of each theme")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    warm = Recipe(1, options.size, options.size)
    for number in range(24):  # every tile and doodle that is made once a process
        make_scene(warm, number)
    print(f"| {options.size} px | ms a scene | scenes a CPU-second |\n|---|---|---|")
    for theme in THEMES:
        each = seconds(Recipe(0, options.size, options.size, (theme,)), options.n)
        print(f"| {theme} | {each * 1e3:.0f} | {1 / each:.1f} |")
    for name, measure in (("all themes", seconds), ("all themes, written", written)):
        each = measure(Recipe(2, options.size, options.size), 2 * options.n)
        print(f"| {name} | {each * 1e3:.0f} | {1 / each:.1f} |")


if __name__ == "__main__":
    main()
