"""`linework convert`: any drawing format to any other."""

from __future__ import annotations

import click

from . import options


@click.command()
@click.argument("source", metavar="IN")
@options.output
@click.option("--word", help="Label of drawings that have none.")
@options.first
@click.option(
    "--simplify",
    is_flag=True,
    help="As Quick, Draw! does: longer side 255, few points, whole numbers. "
    ".bin and .arrow need it for drawings that are not so yet.",
)
@options.layout_options
def convert(source: str, out: str, word: str | None, first: int | None, simplify: bool) -> None:
    """Turn drawings into another format.

    IN is .ndjson (also .gz), .bin, .npz, .arrow or .svg; - is ndjson on stdin.
    Many drawings become one sheet in SVG and PNG, and an animation in GIF.

    \b
    linework convert cat.ndjson --first 20 -o cats.svg
    linework sample cat -n 9 --seed 7 | linework convert - -o cats.png
    """
    from ..pipeline.quickdraw_form import as_quickdraw
    from ..pipeline.sources import some_drawings
    from ..strokes.files import write_drawings

    drawings = some_drawings(source, first, word)
    simplified = map(as_quickdraw, drawings) if simplify else drawings
    write_drawings(simplified, out, options.layout())
