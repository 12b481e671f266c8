"""Published sketch-rnn files: do they load, draw, and end by themselves?

    python benchmarks/bench_published.py DIR/*.gen.json

100 drawings of each at temperature 1 and at .25 (pen 1), of at most 250 points.
"""

from __future__ import annotations

import sys

import torch
from linework.models.sketchrnn_js import read_sketchrnn_js
from linework.models.sketchrnn_sampling import Sampler, Temperatures

torch.set_num_threads(1)
N = 100


def main(files: list[str]) -> None:
    """Print a row for each file."""
    print("| model | ended, T 1 | T .25 | points, T 1 | T .25 |")
    print("|---|---|---|---|---|")
    for file in files:
        model, info = read_sketchrnn_js(file)
        ended, points = [], []
        for heat in (1.0, 0.25):
            drawn = Sampler(model).draw(
                torch.zeros(N, 0),
                temperatures=Temperatures(heat),
                generator=torch.Generator().manual_seed(0),
            )
            ended.append(f"{drawn.ended.mean():.2f}")
            points.append(f"{sum(map(len, drawn.rows)) / N:.0f}")
        print("|", " | ".join([info["name"], *ended, *points]), "|")


if __name__ == "__main__":
    main(sys.argv[1:])
