"""`linework pipeline`: a sketch to a picture, every stage saved."""

from __future__ import annotations

from typing import Any

import click

from . import options

# As pipeline.whole_record and whole_stages have them, which --help must not import; a test
# compares.
STAGES = ("clean", "trace", "recognise", "fill", "labels", "paint")
BACKGROUNDS = ("network", "rule")
SIZE, SEED, TOLERANCE = 512, 0, 4.0

_NETWORKS = {
    "simplifier": ("simplifier", "Cleans pictures."),
    "recogniser": ("recogniser", "Says what objects are that no layer names."),
    "densemap": ("densemap", "Proposes what lies behind the objects."),
    "painter": ("painter-scenes", "Paints the label map."),
}


def _network_options(function: options.Function) -> options.Function:
    for name, (default, help) in reversed(_NETWORKS.items()):
        function = click.option(
            f"--{name}",
            metavar="MODEL",
            default=default,
            show_default=True,
            shell_complete=options.complete_model,
            help=f"{help} Bundled weights by name, a training folder, or a weights file.",
        )(function)
    return function


@click.command()
@click.argument("sketches", metavar="SKETCH...", nargs=-1)
@click.option(
    "-o", "--output", "out", metavar="DIR", required=True, type=click.Path(), help="A folder."
)
@click.option(
    "--from",
    "start",
    type=click.Choice(STAGES),
    help="Go on from this stage with the files in DIR, as they are now.",
)
@click.option(
    "--word",
    "words",
    metavar="WORD",
    multiple=True,
    shell_complete=options.complete_word,
    help="What the sketch shows, several times: objects are taken for one of these.",
)
@click.option(
    "--size",
    metavar="PX",
    type=click.IntRange(32, 4096),
    show_default=str(SIZE),
    help="Longer side of the label map and the picture.",
)
@click.option(
    "--seed", metavar="N", type=click.IntRange(0), show_default=str(SEED), help="Of the picture."
)
@click.option(
    "--style", metavar="IMG", type=click.Path(), help="A picture that lends its light and season."
)
@click.option(
    "--labels",
    metavar="LABELS.png",
    type=click.Path(),
    help="A label map of your own, 255 where it is open: what it says counts.",
)
@click.option(
    "--background",
    type=click.Choice(BACKGROUNDS),
    show_default="network, where there is one",
    help="What lies behind the objects: by the network, or by the horizon rule.",
)
@click.option(
    "--tolerance",
    metavar="PERCENT",
    type=click.FloatRange(0, 100),
    show_default=f"{TOLERANCE:g}",
    help="Close gaps of outlines up to this, of the diagonal of an object's box.",
)
@click.option(
    "--clean/--no-clean", default=None, help="Whether pictures are cleaned before tracing."
)
@_network_options
@options.max_pixels("Refuse larger pictures; each megapixel takes about 20 MB.")
@options.device
def pipeline(
    sketches: tuple[str, ...],
    out: str,
    start: str | None,
    device: str | None,
    simplifier: str,
    recogniser: str,
    densemap: str,
    painter: str,
    **given: Any,
) -> None:
    """Take a sketch all the way to a picture.

    SKETCH is a photo, a scan, a drawing (.svg .ndjson .npz ...) or a folder of them: cleaned,
    traced, recognised, filled, labelled, painted. DIR gets every stage as files in that order;
    for several sketches, a folder of each. Edit one, a word in 3-objects.json or a colour in
    5-labels.png, and go on with --from; what you edited is never written over. Layers that are
    called what they show ("tree 2", "grass") are believed.

    \b
    linework pipeline examples/doodle_scene.svg -o scene
    linework pipeline -o scene --from fill
    linework pipeline photo.jpg -o park --word tree --word bench --seed 3
    """
    from ..pipeline.whole_models import Models
    from ..pipeline.whole_way import run_pipeline
    from .show import count_bar

    chosen = {name: value for name, value in given.items() if value not in (None, ())}
    if "tolerance" in chosen:
        chosen["tolerance"] /= 100
    if not sketches and start is None:
        raise click.UsageError("wanted a SKETCH, or --from a stage with a DIR that holds work")
    with count_bar("sketch") as progress:
        report = run_pipeline(
            sketches,
            out,
            chosen,
            Models(simplifier, recogniser, densemap, painter, device),
            start=start,
            note=lambda text: click.echo(text, err=True),
            progress=progress,
        )
    click.echo(report, err=True)
    for folder in report.folders:
        click.echo(folder)
    if report.failed:
        click.get_current_context().exit(1)
