"""`linework annotations`: labelled pictures from one format to another, and checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from . import options

# As datasets.annotations has them, which --help must not import; a test compares.
TARGETS = ("coco", "panoptic", "stuff", "labels", "labelme")
PICTURES = ("copy", "link", "none")
LINE_WIDTH, POINT_RADIUS = 10.0, 5.0

images = click.option(
    "--images", metavar="DIR", type=click.Path(), help="Pictures of a COCO file, if not beside it."
)
labels = click.option(
    "--labels",
    metavar="FILE",
    help="The labels and their order: a text with one a line, a .csv vocabulary, or cocostuff, "
    "ade20k, cityscapes, scene.",
)


@click.group("annotations")
def labelled() -> None:
    """Labelled pictures: convert between formats, verify."""


@labelled.command()
@click.argument("sources", metavar="SRC...", nargs=-1, required=True, type=click.Path())
@click.option("-o", "--output", "out", metavar="DIR", required=True, help="A new or empty folder.")
@click.option("--to", "target", type=click.Choice(TARGETS), required=True)
@labels
@click.option("--stuff", metavar="A,B", help="Labels that are stuff: sky,grass.")
@click.option(
    "--line-width",
    metavar="PX",
    type=click.FloatRange(0, min_open=True),
    default=LINE_WIDTH,
    show_default=True,
    help="Of lines, for labelme states none.",
)
@click.option(
    "--point-radius",
    metavar="PX",
    type=click.FloatRange(0, min_open=True),
    default=POINT_RADIUS,
    show_default=True,
    help="Of points.",
)
@click.option(
    "--pictures",
    type=click.Choice(PICTURES),
    default="copy",
    show_default=True,
    help="Copy them byte for byte, link them, or leave them where they are.",
)
@click.option(
    "--val",
    metavar="SHARE",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.0,
    show_default="none",
    help="Of the pictures, held out in DIR/val_* (labels): 0.1.",
)
@images
@options.max_pixels("Draw no larger ones (panoptic, stuff, labels).")
@click.option("--allow-skips", is_flag=True, help="Exit 0 even if something was not converted.")
@click.option(
    "-j", "--jobs", metavar="N", type=click.IntRange(1), help="Processes; else one a processor."
)
def convert(
    sources: tuple[str, ...], out: str, allow_skips: bool, jobs: int | None, **choices: Any
) -> None:
    """Convert labelled pictures.

    SRC is a folder of labelme files (several are merged), a COCO instances, stuff or
    panoptic file, or a folder with train_img and train_label. report.csv in DIR has a line for
    everything that was not taken as it stood. If stopped, the same command goes on.

    \b
    linework annotations convert photos -o coco --to coco
    linework annotations convert photos -o data --to labels --labels labels.txt --val 0.1
    """
    from ..datasets.annotations import Options, convert_annotations
    from .show import count_bar

    folder, stuff = choices.pop("images"), choices.pop("stuff") or ""
    options = Options(
        **choices,
        images=None if folder is None else Path(folder),
        stuff=tuple(name for name in stuff.split(",") if name.strip()),
    )
    with count_bar("pictures") as progress:
        report = convert_annotations(sources, out, options, jobs=jobs, progress=progress)
    click.echo(report, err=True)
    if report.lost and not allow_skips:
        click.get_current_context().exit(1)


@labelled.command()
@click.argument("path", metavar="PATH", type=click.Path())
@images
@labels
def verify(path: str, **choices: Any) -> None:
    """Check labelled pictures.

    PATH is a COCO or panoptic file, or a folder of any format that `convert` knows.
    pycocotools draws every annotation; area, box and px must agree, and the file scored
    against itself must give AP 1 or PQ 1. Exit 1 where anything is wrong.
    """
    from ..datasets.annotations import verify_annotations
    from .show import count_bar

    with count_bar("checked") as progress:
        findings = verify_annotations(path, **choices, progress=progress)
    click.echo(findings)
    if not findings.good:
        click.get_current_context().exit(1)
