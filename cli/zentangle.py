"""`linework zentangle`: silhouettes filled with patterns."""

from __future__ import annotations

import click

from . import options

# As datasets.tangles and pipeline.zentangle have them, which --help must not import; a test
# compares.
PATTERNS = ("hatch", "scales", "bubbles", "waves", "leaves", "paradox", "florets", "bricks")
METHODS = ("quilt", "patches", "neural")
PAGE, OUTLINE = 768, 4.0


@click.command()
@click.argument("sources", metavar="[SILHOUETTE] PATTERN...", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    "out",
    metavar="OUT",
    required=True,
    type=click.Path(),
    help="A .png; .svg and other forms of drawings hold its strokes.",
)
@options.word
@click.option(
    "--method",
    type=click.Choice(METHODS),
    default=METHODS[0],
    show_default=True,
    help="quilt lays and cuts blocks, the quickest; patches goes from coarse to fine, the freest; "
    "neural descends by random filters.",
)
@click.option("--follow", is_flag=True, help="Bend the pattern along the outline.")
@click.option(
    "--regions", is_flag=True, help="Fill the regions of a line drawing, with the patterns in turn."
)
@click.option(
    "--size",
    metavar="PX",
    type=click.IntRange(32, 4096),
    default=PAGE,
    show_default=True,
    help="Longer side of the result.",
)
@click.option(
    "--scale",
    metavar="X",
    type=click.FloatRange(0.05, 20),
    default=1.0,
    show_default=True,
    help="Of the pattern.",
)
@click.option(
    "--outline",
    metavar="PX",
    type=click.FloatRange(0),
    default=OUTLINE,
    show_default=True,
    help="Width of the outline on a page of 768 px; 0 draws none.",
)
@options.seed
@options.max_pixels()
@options.device
@click.option("--width", metavar="LENGTH", help="Of an .svg page (150mm); else px as --size has.")
def zentangle(
    sources: tuple[str, ...], out: str, word: str | None, width: str | None, **choices: object
) -> None:
    """Fill a silhouette with a pattern.

    SILHOUETTE is a picture or a drawing; with --word it is a doodle, and all that is named are
    patterns. PATTERN is a picture, a drawing of a tile, a file of several doodles, or one of
    hatch, scales, bubbles, waves, leaves, paradox, florets, bricks.

    \b
    linework zentangle bubbles --word cat -o cat.png
    linework zentangle shape.png scales --follow -o shape.svg
    linework zentangle house.svg bricks leaves waves --regions -o house.png
    """
    from ..pipeline.zentangle import ZentangleOptions, zentangle_file
    from ..strokes.files import Layout

    if word is None and len(sources) < 2:
        raise click.UsageError("a silhouette and a pattern; with --word WORD a pattern alone")
    silhouette, patterns = (sources[0], sources[1:]) if word is None else (None, sources)
    zentangle_file(
        silhouette,
        patterns,
        out,
        ZentangleOptions(seed=options.chosen_seed(), **choices),  # type: ignore[arg-type]
        word=word,
        layout=Layout(width=width),
        note=lambda text: click.echo(text, err=True),
    )
