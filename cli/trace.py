"""`linework trace`: a picture of a drawing to its strokes."""

from __future__ import annotations

import click

from . import options

# As strokes.trace and strokes.images have them, which --help must not import; a test compares.
GAP, ACCURACY, MAX_PIXELS = 2.6, 0.2, 100_000_000


@click.command()
@click.argument("source", metavar="IMG")
@options.output
@click.option(
    "--gap",
    metavar="N",
    type=click.FloatRange(0),
    default=GAP,
    show_default=True,
    help="Close gaps up to N line widths; 0 closes none.",
)
@click.option(
    "--accuracy",
    metavar="PX",
    type=click.FloatRange(0, min_open=True),
    default=ACCURACY,
    show_default=True,
    help="How far curves may lie off the ink; more makes fewer.",
)
@click.option(
    "--line-width",
    metavar="PX",
    type=click.FloatRange(0, min_open=True),
    help="Of every stroke, px of the picture; else each is measured.",
)
@click.option("--layers", is_flag=True, help="A layer for each pen's colour.")
@click.option(
    "--max-pixels",
    metavar="N",
    type=click.IntRange(1),
    default=MAX_PIXELS,
    show_default=True,
    help="Refuse larger pictures.",
)
@options.layout_options
def trace(
    source: str,
    out: str,
    gap: float,
    accuracy: float,
    line_width: float | None,
    layers: bool,
    max_pixels: int,
) -> None:
    """Turn a picture of a drawing into strokes.

    IMG is a scan, photo or export of dark lines on light paper: .png .jpg .tif .webp .gif.
    Strokes run along the middle of the lines, on through crossings, and keep their width.

    \b
    linework trace scan.png -o drawing.svg --width 150mm
    linework trace scan.png | linework complete - --word cat -o finished.svg
    """
    from ..pipeline.tracing import trace_file

    trace_file(
        source,
        out,
        gap=gap,
        line_width=line_width,
        accuracy=accuracy,
        layers=layers,
        max_pixels=max_pixels,
        layout=options.layout(),
        note=lambda text: click.echo(text, err=True),
    )
