"""`linework studio`: the local page."""

from __future__ import annotations

import click

from . import options


@click.command()
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(0, 65535),
    help="Else 8136, or the next that is free; 0 is any. A browser keeps what was drawn by it.",
)
@click.option("--no-browser", is_flag=True, help="Print the address, and open nothing.")
@click.option(
    "--model",
    metavar="MODEL",
    default="doodles",
    show_default=True,
    shell_complete=options.complete_model,
    help="What finishes drawings: bundled weights by name, a training folder, or a weights file.",
)
@click.option(
    "--recogniser",
    metavar="MODEL",
    default="recogniser",
    show_default=True,
    shell_complete=options.complete_model,
    help="What says what a drawing shows.",
)
@click.option(
    "--cleaner",
    metavar="MODEL",
    default="simplifier",
    show_default=True,
    shell_complete=options.complete_model,
    help="What cleans pictures.",
)
@click.option(
    "--painter",
    metavar="MODEL",
    default="painter-scenes",
    show_default=True,
    shell_complete=options.complete_model,
    help="What paints label maps.",
)
def studio(
    port: int | None, no_browser: bool, model: str, recogniser: str, cleaner: str, painter: str
) -> None:
    """Open the studio: a page to draw on.

    Doodle, and endings appear; morph between drawings; clean a scan; paint a scene. The page is
    served to this machine alone, works without a network, and keeps what was drawn in the browser.

    \b
    linework studio
    linework studio --model run --no-browser
    """
    from ..studio.choices import Choices
    from ..studio.serving import serve

    choices = Choices(model, recogniser, cleaner, painter)
    serve(choices, port, browser=not no_browser, note=lambda text: click.echo(text, err=True))
