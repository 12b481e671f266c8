"""`linework markov`: pictures px by px, or drawings point by point, each after the last few."""

from __future__ import annotations

import click

from . import options
from .data import parse_size

# As models.markov_pixels has them, which --help must not import; a test compares.
HIGHEST_ORDER, MOST_COLORS = 24, 16
# Suffixes of files that hold drawings to learn from.
DRAWINGS = (".arrow", ".ndjson", ".ndjson.gz", ".bin", ".npz")


@click.command()
@click.argument("sources", metavar="IN...", nargs=-1, required=True, type=click.Path())
@click.option(
    "-o",
    "--output",
    "out",
    metavar="OUT",
    required=True,
    type=click.Path(),
    help="A .png; of drawings any form that linework writes.",
)
@click.option(
    "--order",
    metavar="N",
    type=click.IntRange(0, HIGHEST_ORDER),
    help="How many nearest px, or last points, one depends on.  [default: 6; drawings: 2]",
)
@click.option(
    "--size",
    metavar="WxH",
    default="256",
    show_default=True,
    callback=parse_size,
    help="Of the picture, px.",
)
@click.option(
    "--zoom",
    metavar="N",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Write every px N times across and down.",
)
@click.option(
    "--colors",
    metavar="N",
    type=click.IntRange(1, MOST_COLORS),
    default=MOST_COLORS,
    show_default=True,
    help="Of the palette; pictures that have no more keep theirs.",
)
@click.option(
    "--longest",
    metavar="PX",
    type=click.IntRange(1),
    default=512,
    show_default=True,
    help="Make larger pictures as small as this first.",
)
@click.option(
    "--temperature",
    metavar="T",
    type=click.FloatRange(0),
    default=1.0,
    show_default=True,
    help="Below 1 the likely becomes likelier.",
)
@options.count(20, "Drawings to make, from drawings.")
@options.seed
@options.max_pixels()
def markov(
    sources: tuple[str, ...],
    out: str,
    order: int | None,
    count: int,
    temperature: float,
    **choices: object,
) -> None:
    """Paint or draw by a Markov chain.

    Learns which colour follows which nearest px in pictures (or folders of them; `bauhaus` is a set
    that linework makes) and paints a new one. Of drawings (.ndjson .arrow .npz .bin) it
    learns which offset follows which, and draws. Says what it is worth on what was held out,
    and how long a stretch of a row it copied: high orders copy.

    \b
    linework markov bauhaus --order 6 --zoom 3 -o new.png
    linework markov photos/ one_more.png --order 4 --colors 8 -o new.png
    linework markov cats.ndjson --order 2 -o cats.svg
    """
    seed = options.chosen_seed()

    def note(text: str) -> None:
        click.echo(text, err=True)

    if all(source.lower().endswith(DRAWINGS) for source in sources):
        if len(sources) > 1:
            raise click.UsageError("one file of drawings; `linework data pack` joins several")
        from ..pipeline.markov_drawings import markov_drawings

        markov_drawings(
            sources[0],
            out,
            order=2 if order is None else order,
            count=count,
            seed=seed,
            temperature=temperature,
            note=note,
        )
        return
    from ..pipeline.markov_pictures import MarkovOptions, markov_file

    choices["temperature"] = temperature
    settings = MarkovOptions(order=6 if order is None else order, seed=seed, **choices)  # type: ignore[arg-type]
    markov_file(sources, out, settings, note=note)
