"""`linework clean`: a rough picture to clean lines."""

from __future__ import annotations

from typing import Any

import click

from . import options

# As pipeline.cleaning has them, which --help must not import; a test compares.
MODEL, STRENGTH = "simplifier", 0.5


@click.command()
@click.argument("sources", metavar="IMG...", nargs=-1, required=True)
@options.output
@click.option(
    "--strength",
    metavar="S",
    type=click.FloatRange(0, 1),
    default=STRENGTH,
    show_default=True,
    help="0 keeps whatever may be a line, 1 only what surely is.",
)
@click.option(
    "--scale",
    metavar="S",
    type=click.FloatRange(0, 8, min_open=True),
    help="Size at which the network sees the picture; else it goes by the width of its lines.",
)
@click.option(
    "--model",
    metavar="MODEL",
    default=MODEL,
    show_default=True,
    shell_complete=options.complete_model,
    help="Bundled weights by name, a training folder, or a weights file.",
)
@options.stroke_options
@click.option("--word", metavar="WORD", help="What they show, as the drawings' label.")
@options.max_pixels()
@options.jobs("Pictures at a time, each in a process of its own.")
@options.layout_options
@options.device
def clean(
    sources: tuple[str, ...],
    out: str,
    gap: float,
    accuracy: float,
    word: str | None,
    max_pixels: int,
    jobs: int,
    **given: Any,
) -> None:
    """Turn rough pictures into clean lines.

    IMG is a scan or photo of a rough sketch, or a folder of them. To .png, or a folder, goes
    the picture that the network drew, of the same size; elsewhere the strokes that are
    traced from it.

    \b
    linework clean photo.jpg -o clean.png --strength 0.3
    linework clean photo.jpg -o drawing.svg --width 150mm
    linework clean scans -o cleaned -j 4                (cleaned/NAME.png for each)
    linework clean scans -o drawings.ndjson --word cat  (all in one file, to train on)
    """
    from ..pipeline.clean_files import CleanOptions, clean_files
    from ..pipeline.tracing import TraceOptions
    from .show import count_bar

    with count_bar("part") as progress:
        strokes = TraceOptions(gap=gap, accuracy=accuracy, word=word, max_pixels=max_pixels)
        failed = clean_files(
            sources,
            out,
            CleanOptions(**given, trace=strokes),
            layout=options.layout(),
            jobs=jobs,
            note=lambda text: click.echo(text, err=True),
            progress=progress,
        )
    if failed:
        click.echo(f"{failed} of the pictures could not be cleaned", err=True)
        click.get_current_context().exit(1)
