"""`linework export`, `import` and `models`: weights to and from others, and those that ship."""

from __future__ import annotations

import click

from . import options

FORMATS = click.Choice(("sketchrnn-js",))


@click.command("export")
@click.argument("model", metavar="MODEL", shell_complete=options.complete_model)
@click.option("--to", "form", type=FORMATS, required=True)
@click.option("-o", "--output", "out", metavar="F.json", type=click.Path(), required=True)
def export_model(model: str, form: str, out: str) -> None:
    """Write a model for other programs.

    sketchrnn-js is what sketch-rnn-js, magenta-js and ml5 run. They have no position
    inputs and one word a model: train with --recipe published.
    """
    from ..pipeline.exchange import export_sketchrnn_js

    export_sketchrnn_js(model, out)


@click.command("import")
@click.argument("form", metavar="FORMAT", type=FORMATS)
@click.argument("source", metavar="F.json", type=click.Path())
@click.option("-o", "--output", "out", metavar="F.safetensors", type=click.Path(), required=True)
def import_model(form: str, source: str, out: str) -> None:
    """Read a model of other programs.

    FORMAT is sketchrnn-js, the published JSON. What comes out serves wherever --model does.
    """
    from ..pipeline.exchange import import_sketchrnn_js

    click.echo(import_sketchrnn_js(source, out), err=True)


@click.command()
def models() -> None:
    """List the weights that ship with linework."""
    from ..pipeline.exchange import bundled_summaries

    summaries = bundled_summaries()
    for name, summary in summaries.items():
        click.echo(f"{name}  {summary}")
    if not summaries:
        click.echo("no weights ship with this copy of linework; train some", err=True)
