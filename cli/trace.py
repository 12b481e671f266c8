"""`linework trace`: pictures of drawings to their strokes."""

from __future__ import annotations

import click

from . import options


@click.command()
@click.argument("sources", metavar="IMG...", nargs=-1, required=True)
@options.output
@options.stroke_options
@click.option(
    "--line-width",
    metavar="PX",
    type=click.FloatRange(0, min_open=True),
    help="Of every stroke, px of the picture; else each is measured.",
)
@click.option(
    "--vary-width",
    is_flag=True,
    help="Measure width along each stroke: pressures in .ndjson, filled outlines in .svg.",
)
@click.option("--layers", is_flag=True, help="A layer for each pen's colour.")
@click.option("--word", metavar="WORD", help="What they show, as the drawings' label.")
@options.jobs("Pictures at a time, each in a process of its own.")
@options.max_pixels("Refuse larger pictures; each megapixel takes about 20 MB.")
@options.layout_options
def trace(
    sources: tuple[str, ...],
    out: str,
    jobs: int,
    **given: float | bool | int | str | None,
) -> None:
    """Turn pictures of drawings into strokes.

    IMG is a scan, photo or export of line art (.png .jpg .tif .webp .gif .bmp), or a folder
    of them. Strokes run along the middle of the lines, on through crossings, and keep their
    width. Shadows, squared or ruled paper and noise are taken off; light lines on dark are found.
    .npz, .bin and .arrow hold the strokes simplified in a box of 255 px, as Quick, Draw! does.

    \b
    linework trace scan.png -o drawing.svg --width 150mm
    linework trace photo.jpg -o pens.svg --layers
    linework trace scans -o traced -j 4                 (traced/NAME.svg for each)
    linework trace scans -o drawings.ndjson --word cat  (all in one file, to train on)
    linework trace scan.png | linework complete - --word cat -o finished.svg
    """
    from ..pipeline.tracing import TraceOptions, trace_files
    from .show import count_bar

    with count_bar("picture") as progress:
        failed = trace_files(
            sources,
            out,
            TraceOptions(**given),  # type: ignore[arg-type]
            layout=options.layout(),
            jobs=jobs,
            note=lambda text: click.echo(text, err=True),
            progress=progress,
        )
    if failed:
        click.echo(f"{failed} of the pictures could not be traced", err=True)
        click.get_current_context().exit(1)
