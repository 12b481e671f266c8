"""`linework recognise`: what a doodle shows."""

from __future__ import annotations

import click

from . import options


@click.command()
@click.argument("source", metavar="IN")
@click.option(
    "--model",
    metavar="MODEL",
    default="recogniser",
    show_default=True,
    shell_complete=options.complete_model,
    help="Bundled weights by name, a training folder, or a weights file (.safetensors).",
)
@click.option(
    "-k",
    "k",
    metavar="N",
    type=click.IntRange(1),
    default=5,
    show_default=True,
    help="Answers of each, the likeliest first.",
)
@click.option("--scene", is_flag=True, help="Several objects on one canvas: tell them apart first.")
@click.option("--json", "as_lines", is_flag=True, help="A line of JSON for each.")
@options.first
@options.device
def recognise(source: str, first: int | None, as_lines: bool, **choices: object) -> None:
    """Say what drawings show.

    Each answer comes with how sure it is; the answers are words of Quick, Draw!, or those of the
    table that the model learnt from. With --scene, layers are the objects where there are two
    or more; else strokes are grouped by place and the order in which they were drawn.

    \b
    linework recognise doodle.svg -k 3
    linework recognise scene.svg --scene --json
    """
    from ..pipeline.recognising import as_json, recognise_drawings
    from ..pipeline.sources import some_drawings

    drawings = some_drawings(source, first)
    for found in recognise_drawings(drawings, **choices):  # type: ignore[arg-type]
        click.echo(as_json(found) if as_lines else found)
