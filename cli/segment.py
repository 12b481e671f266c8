"""`linework segment`: a picture to its label map, or cut out of its background."""

from __future__ import annotations

from typing import Any

import click

from . import options

# As pipeline.segmenting has it, which --help must not import; a test compares.
MODEL = "segmenter-scenes"


@click.command()
@click.argument("sources", metavar="IMG...", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    "labels",
    metavar="LABELS.png",
    type=click.Path(),
    help="The label map, of the picture's size: a .png, a folder, or a name with {}.",
)
@click.option(
    "--alpha",
    "cutout",
    metavar="CUTOUT.png",
    type=click.Path(),
    help="The picture itself, whose background is transparent: for models of two labels.",
)
@click.option(
    "--foreground",
    metavar="NAME",
    help="The label that --alpha keeps; else the one that is no background.",
)
@click.option(
    "--model",
    metavar="MODEL",
    default=MODEL,
    show_default=True,
    shell_complete=options.complete_model,
    help="Bundled weights by name, a training folder, or a weights file.",
)
@click.option(
    "--scale",
    metavar="S",
    type=click.FloatRange(0, 8, min_open=True),
    help="Size at which the network sees the picture; else that of its training pictures.",
)
@options.max_pixels()
@options.jobs("Pictures at a time, each in a process of its own.")
@options.device
def segment(
    sources: tuple[str, ...], labels: str | None, cutout: str | None, jobs: int, **given: Any
) -> None:
    """Find what each px of pictures shows.

    IMG is a photo or a painting, or a folder of them. LABELS.png is an indexed PNG in the model's
    vocabulary, pixel = id - 1, which `linework paint` and `linework labels` read. The weights that
    ship know painted scenes, not photographs; `linework train segmenter` makes others from pictures
    with label maps.

    \b
    linework segment scene.png -o labels.png
    linework segment photos -o labels -j 4 --model run      (labels/NAME.png for each)
    linework segment photo.jpg --alpha cutout.png --model my_two_labels
    """
    from ..pipeline.segment_files import SegmentOptions, segment_files
    from .show import count_bar

    if labels is None and cutout is None:
        raise click.UsageError("wanted -o LABELS.png, --alpha CUTOUT.png or both")
    with count_bar("part") as progress:
        failed = segment_files(
            sources,
            labels,
            cutout,
            SegmentOptions(**given),
            jobs=jobs,
            note=lambda text: click.echo(text, err=True),
            progress=progress,
        )
    if failed:
        click.echo(f"{failed} of the pictures could not be segmented", err=True)
        click.get_current_context().exit(1)
