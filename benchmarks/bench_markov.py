"""Markov chains: time, held-out figures by order, and sketch-rnn on the same drawings.

    python benchmarks/bench_markov.py
    python benchmarks/bench_markov.py --drawings real.arrow --model doodles

Pixels: the sample set as it is, and ten pictures of 512 px like it for the times. Strokes: nats a
point of the mass of the integer cell, pen and end included, on the test split, in px of the table;
a sketch-rnn's "cell" has 2 ln(scale) taken off, which is put back here.
"""

from __future__ import annotations

import argparse
import math
import time

import numpy as np
from linework.datasets.bauhaus import bauhaus
from linework.models.copied_runs import longest_copied_run
from linework.models.markov_pixels import learn_pixels
from linework.pipeline.markov_drawings import measure_strokes
from linework.pipeline.markov_pictures import sample_pictures
from linework.strokes import DrawingTable
from linework.strokes.palette import find_palette, to_palette

ORDERS = (0, 1, 2, 3, 4, 6, 8, 12, 18, 24)


def pixels() -> None:
    """Bits a px and copied runs by order, then the times."""
    pictures = sample_pictures()
    palette = find_palette(pictures, 16, np.random.default_rng(0))
    maps = [to_palette(picture, palette) for picture in pictures]
    learned, held = maps[:9], maps[9:]
    usual = longest_copied_run(held, learned)
    print(f"held-out rows share runs of {usual} px with the nine pictures learned from")
    print("| order | held-out bits a px | longest copied run, px |\n|---|---|---|")
    for order in ORDERS:
        chain = learn_pixels(learned, palette, order)
        painted = chain.paint(256, 256, np.random.default_rng(1))
        print(f"| {order} | {chain.bits(held):.3f} | {longest_copied_run([painted], learned)} |")
    large = [bauhaus(np.random.default_rng((1, k)), squares=8, side=64) for k in range(10)]
    start = time.process_time()
    palette = find_palette(large, 16, np.random.default_rng(0))
    maps = [to_palette(picture, palette) for picture in large]
    quantised = time.process_time()
    chain = learn_pixels(maps, palette, 6)
    learnt = time.process_time()
    chain.paint(512, 512, np.random.default_rng(0))
    painted_at = time.process_time()
    print(
        f"ten pictures of 512 px, order 6: palette {quantised - start:.2f}, learning "
        f"{learnt - quantised:.2f}, painting 512 x 512 {painted_at - learnt:.2f} CPU-seconds"
    )


def strokes(drawings: str, model: str | None) -> None:
    """Nats a point by order, and a sketch-rnn's."""
    table = DrawingTable.open(drawings)
    start = time.process_time()
    report, _ = measure_strokes(table, 4)
    spent = time.process_time() - start
    print(f"{report} ({spent:.0f} CPU-seconds)")
    if model is None:
        return
    from linework.models.registry import load_model
    from linework.pipeline.evaluating import evaluate_sketchrnn

    network, _ = load_model(model, wanted="sketchrnn")
    units = 2 * math.log(network.config.scale)
    found = evaluate_sketchrnn(model, drawings, split=report.split or "test", samples=0)
    blind = found.without_latent or found.figures
    print(
        f"{model}: {blind['cell'] + units:.3f} nats a point without the latent, with it "
        f"{found.figures['cell'] + units:.3f} and {found.figures.get('kl', 0):.3f} of KL"
    )


def main() -> None:
    """See the head of the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drawings", metavar="TABLE.arrow")
    parser.add_argument("--model", metavar="MODEL")
    given = parser.parse_args()
    if given.drawings:
        strokes(given.drawings, given.model)
    else:
        pixels()


if __name__ == "__main__":
    main()
