"""Drawings from published sketch-rnn decoders, as Quick, Draw! simplified ndjson.

    python examples/decoder_drawings.py decoders/*.gen.json -o made/

What the bundled model `doodles` was trained on beside real drawings: 2,500 of each
decoder, at three temperatures in turn, of which those are kept that end by themselves and
are neither a scrap nor a scribble.
"""

from __future__ import annotations

from pathlib import Path

import click
import torch
from linework.models.sketchrnn_js import read_sketchrnn_js
from linework.models.sketchrnn_sampling import Sampler, Temperatures
from linework.strokes import Drawing, from_stroke3
from linework.strokes.quickdraw import write_ndjson
from linework.strokes.quickdraw_recipe import simplify_raw

TEMPERATURES = (0.25, 0.4, 0.55)
SEED = 11
BATCH = 250
SHORTEST, LONGEST = 10, 200  # points


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True), required=True)
@click.option("-n", "count", default=2500, show_default=True)
@click.option("-o", "out", type=click.Path(file_okay=False), required=True)
def main(files: tuple[str, ...], count: int, out: str) -> None:
    """Sample every decoder of FILES into the folder OUT."""
    Path(out).mkdir(parents=True, exist_ok=True)
    for file in files:
        model, info = read_sketchrnn_js(file)
        word = info["name"].replace("_", " ")
        sampler, generator = Sampler(model), torch.Generator().manual_seed(SEED)
        kept: list[Drawing] = []
        batches = 0
        while len(kept) < count:
            heat = Temperatures(TEMPERATURES[batches % len(TEMPERATURES)])
            sampled = sampler.draw(torch.zeros(BATCH, 0), temperatures=heat, generator=generator)
            batches += 1
            for rows, ended in zip(sampled.rows, sampled.ended, strict=True):
                if not ended or len(rows) < SHORTEST:
                    continue
                strokes = [s.points.T for s in from_stroke3(rows).strokes]
                drawing = Drawing.from_arrays(simplify_raw(strokes), label=word)
                if drawing.n_points <= LONGEST:
                    kept.append(drawing)
        write_ndjson(Path(out) / f"{info['name']}.ndjson", kept[:count])
        click.echo(f"{word}: kept {len(kept[:count])} of {batches * BATCH}", err=True)


if __name__ == "__main__":
    main()
