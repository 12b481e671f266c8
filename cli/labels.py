"""`linework labels`: what label maps mean, what a file holds, from one vocabulary to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from . import options
from .fill import complete_vocabulary

if TYPE_CHECKING:
    from ..pipeline.labelling import ReadOptions

# As datasets.label_png has it; a test compares.
TOLERANCE = 9.0

_READING = (
    click.option(
        "--vocabulary",
        "names",
        metavar="NAME",
        shell_complete=complete_vocabulary,
        help="Of the file, where it does not say: cocostuff, ade20k, cityscapes, scene, or a .csv.",
    ),
    click.option(
        "--as",
        "form",
        type=click.Choice(("ids", "colours")),
        help="What its numbers are; else the file tells.",
    ),
    click.option(
        "--tolerance",
        metavar="D",
        type=click.FloatRange(0),
        default=TOLERANCE,
        show_default=True,
        help="How far a colour may lie off a label's, in RGB of 0 to 255.",
    ),
    click.option(
        "--zero-is-none", is_flag=True, help="Its pixel is the id and 0 nothing: ADE20K's own."
    ),
    click.option(
        "--drop-unknown", is_flag=True, help="Colours farther off become unlabelled, no error."
    ),
)


def reading_options(function: options.Function) -> options.Function:
    """How a label map's numbers are taken; the body asks `_reading`."""
    for option in reversed(_READING):
        function = option(function)
    return function


@click.group()
def labels() -> None:
    """Label maps: what they mean, hold, and become."""


@labels.command("list")
@click.argument("name", metavar="[NAME]", default="scene", shell_complete=complete_vocabulary)
@click.option("--json", "as_json", is_flag=True, help="As JSON, with the words that draw each.")
def list_labels(name: str, as_json: bool) -> None:
    """List a vocabulary: id, pixel, colour, name.

    NAME is cocostuff, ade20k, cityscapes, scene (the default), or a .csv with id,name,rgb.
    """
    import json

    from ..datasets.labels import vocabulary
    from ..pipeline.labelling import vocabulary_rows

    rows = vocabulary_rows(vocabulary(name))
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        words = f"  ({', '.join(row['words'])})" if row["words"] else ""
        click.echo(f"{row['id']:>4} {row['pixel']:>4}  {row['rgb']}  {row['name']}{words}")


@labels.command()
@click.argument("source", metavar="LABELS.png", type=click.Path())
@reading_options
@click.option("-o", "--output", "out", metavar="OUT.png", type=click.Path(), help="Its colours.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def show(source: str, out: str | None, as_json: bool, **reading: Any) -> None:
    """Say what a label map holds.

    Whether its numbers are ids or colours, of which vocabulary, and how much of each label.
    """
    from ..pipeline.labelling import labels_of_file, write_colors
    from .show import as_text

    settings = _reading(**reading)
    facts = labels_of_file(source, settings)
    if out is not None:
        write_colors(source, out, settings)
    click.echo(as_text(facts, as_json))


@labels.command()
@click.argument("source", metavar="IN", type=click.Path())
@click.option(
    "-o", "--output", "out", metavar="OUT", required=True, type=click.Path(), help="PNG or folder."
)
@click.option(
    "--to",
    "target",
    metavar="NAME",
    shell_complete=complete_vocabulary,
    help="The vocabulary to convert to; else the file's own, with ids and palette.",
)
@reading_options
def convert(source: str, out: str, target: str | None, **reading: Any) -> None:
    """Convert label maps to another vocabulary.

    IN is a label map, ids or colours, or a folder of them. Written are indexed PNGs, pixel =
    id - 1, 255 unlabelled, with the colours as palette. What maps to nothing is said.
    """
    from ..pipeline.labelling import convert_files

    convert_files(source, out, target, _reading(**reading), lambda text: click.echo(text, err=True))


def _reading(
    names: str | None, form: str | None, tolerance: float, zero_is_none: bool, drop_unknown: bool
) -> ReadOptions:
    from ..pipeline.labelling import ReadOptions

    return ReadOptions(names, form, tolerance, zero_is_none, not drop_unknown)
