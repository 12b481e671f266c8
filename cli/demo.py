"""`linework demo`: the whole tour on bundled examples and weights."""

from __future__ import annotations

import click

from . import options


@click.command()
@click.option(
    "-o",
    "--output",
    "folder",
    metavar="DIR",
    type=click.Path(),
    default="linework-demo",
    show_default=True,
)
@options.model
def demo(folder: str, model: str) -> None:
    """Draw the whole tour onto one page.

    From bundled examples and weights, in under a minute: a half-drawn cat finished five
    ways, drawings by word, what lies between two and four drawings, one drawn again as
    another, one being drawn. Prints the page's path.
    """
    from ..pipeline.demo import run_demo

    click.echo(run_demo(folder, model, say=lambda text: click.echo(text, err=True)))
