"""`linework paint`: a label map, or a sketch, to a picture."""

from __future__ import annotations

import click

from . import options

# As pipeline.painting has it, which --help must not import; a test compares.
MODEL = "painter-scenes"


def parse_regions(
    ctx: click.Context, param: click.Parameter, values: tuple[str, ...]
) -> dict[str, int]:
    """NAME=SEED, several times, as a dictionary."""
    regions = {}
    for value in values:
        name, equals, seed = value.rpartition("=")
        if not equals or not name or not seed.isdecimal():
            raise click.BadParameter(f"{value}: wanted NAME=SEED, such as sky=7")
        regions[name] = int(seed)
    return regions


@click.command()
@click.argument("source", metavar="SOURCE", type=click.Path())
@click.option(
    "-o",
    "--output",
    "out",
    metavar="IMG",
    required=True,
    type=click.Path(),
    help="A .png, .jpg or .webp, of the label map's size; of a sketch, as large as it is painted.",
)
@click.option(
    "--model",
    metavar="MODEL",
    default=MODEL,
    show_default=True,
    shell_complete=options.complete_model,
    help="Bundled weights by name, a training folder, or a weights file.",
)
@options.seed
@click.option(
    "--region",
    "regions",
    metavar="NAME=SEED",
    multiple=True,
    callback=parse_regions,
    help="Paint this label alone by another seed: another sky over the same land.",
)
@click.option(
    "--style",
    metavar="IMG",
    type=click.Path(),
    help="Take the light and the colours of this picture.",
)
@click.option(
    "--style-labels",
    metavar="LABELS.png",
    type=click.Path(),
    help="What --style shows where: each label then takes its look from there.",
)
@click.option(
    "--side",
    metavar="PX",
    type=click.IntRange(1),
    help="Paint the shorter side at so many px; else as in the label map, between once and "
    "twice what the painter learnt. Larger is sharper, and small in its forms.",
)
@options.device
def paint(
    source: str,
    out: str,
    model: str,
    regions: dict[str, int],
    style: str | None,
    style_labels: str | None,
    side: int | None,
    device: str | None,
) -> None:
    """Paint a picture of a label map or of a sketch.

    SOURCE is a label map: ids or colours of the vocabulary that the model learnt, the scene
    vocabulary for the one that ships. `linework train painter` makes others, from pictures with
    label maps. With a --model that `linework train painter --input sketch` made, SOURCE is a
    sketch: .svg, .ndjson, or a picture of one.

    \b
    linework paint labels.png -o picture.png --seed 3
    linework paint labels.png -o other.png --seed 3 --region sky=4
    linework paint labels.png -o evening.png --style sunset.jpg
    linework paint doodle.svg --model run -o picture.png
    """
    from ..pipeline.painting import PaintOptions
    from ..pipeline.painting_sketches import paint_any

    paint_any(
        source,
        out,
        PaintOptions(model, options.chosen_seed(), regions, style, style_labels, side, device),
        note=lambda text: click.echo(text, err=True),
    )
