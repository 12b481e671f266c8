"""`linework fill`: drawings and line art to regions, labels or flat colours."""

from __future__ import annotations

import click

from . import options

# As strokes.fill and strokes.images have them, which --help must not import; a test compares.
METHODS = ("closed", "bridged", "ball", "stretched", "alpha", "hull")
TOLERANCE, GAP = 4.0, 4.0
VOCABULARIES = ("cocostuff", "ade20k", "cityscapes", "scene")

complete_vocabulary = options.completing(lambda: list(VOCABULARIES), paths=True)


@click.command()
@click.argument("source", metavar="IN")
@click.option(
    "-o", "--output", "out", metavar="OUT.png", required=True, type=click.Path(), help="A PNG."
)
@click.option("--flat", is_flag=True, help="Colour every region below the lines, instead of a map.")
@click.option(
    "--tolerance",
    metavar="PERCENT",
    type=click.FloatRange(0, 100),
    default=TOLERANCE,
    show_default=True,
    help="Drawings: close gaps up to this, of the diagonal of an object's box.",
)
@click.option(
    "--gap",
    metavar="N",
    type=click.FloatRange(0),
    default=GAP,
    show_default=True,
    help="Pictures: bridge gaps up to N line widths; 0 bridges none.",
)
@click.option(
    "--until",
    "last",
    type=click.Choice(METHODS),
    default=METHODS[-1],
    show_default=True,
    help="The last way to try on outlines that are still open.",
)
@click.option("--inner", is_flag=True, help="Regions within objects, too: a window in a house.")
@click.option(
    "--vocabulary",
    "names",
    metavar="NAME",
    default="scene",
    show_default=True,
    shell_complete=complete_vocabulary,
    help="What layers and words are looked up in: cocostuff, ade20k, cityscapes, scene, or a .csv.",
)
@click.option("--numbers", is_flag=True, help="Write regions' numbers, whatever they are called.")
@click.option("--word", metavar="WORD", help="What a drawing shows that has no label.")
@click.option(
    "--size", metavar="PX", type=click.IntRange(1), help="Longer side of a drawing's map."
)
@click.option(
    "--background", metavar="COLOUR", default="white", show_default=True, help="Of --flat, outside."
)
@click.option(
    "--seed", metavar="N", type=click.IntRange(0), default=0, show_default=True, help="Of --flat."
)
@options.max_pixels()
def fill(
    source: str,
    out: str,
    flat: bool,
    tolerance: float,
    word: str | None,
    max_pixels: int,
    **choices: object,
) -> None:
    """Turn outlines into regions.

    IN is a drawing (.svg .ndjson .npz .bin .arrow, or - for ndjson on stdin) or a picture of
    line art. A drawing's layers, or its label, are its objects: where they are called what the
    vocabulary knows ("tree 2" is a tree), the map holds labels, pixel = id - 1, else the
    numbers of the regions. OUT.json beside it says what each is and how it was closed.

    \b
    linework fill scene.svg -o labels.png --size 512
    linework fill lineart.png --flat -o coloured.png
    """
    from ..pipeline.filling import FillOptions, fill_file

    settings = FillOptions(tolerance=tolerance / 100, **choices)  # type: ignore[arg-type]
    fill_file(
        source,
        out,
        settings,
        flat=flat,
        word=word,
        max_pixels=max_pixels,
        note=lambda text: click.echo(text, err=True),
    )
