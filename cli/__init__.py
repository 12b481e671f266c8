"""The linework command: verbs with an input and -o OUTPUT.

Modules here import nothing heavier than click before a command runs, so that
`linework --help` and the shell's completion answer at once.
"""

import click

from .annotations import labelled
from .clean import clean
from .completion import completion
from .convert import convert
from .data import data
from .demo import demo
from .exchange import export_model, import_model, models
from .fill import fill
from .labels import labels
from .markov import markov
from .paint import paint
from .pipeline import pipeline
from .program import Program
from .recognise import recognise
from .segment import segment
from .sketch import complete, interpolate, mimic, reconstruct, sample
from .studio import studio
from .trace import trace
from .train import evaluate, train
from .zentangle import zentangle

__all__ = ["main"]


@click.group(cls=Program)
@click.version_option(package_name="linework")
def main() -> None:
    """Draw a few strokes: linework finishes them.

    Start with `linework demo`. A suffix says the format (.svg .png .gif .ndjson .npz
    .bin .arrow), - is ndjson on stdin or stdout, notes go to stderr.
    """


for command in (
    demo,
    studio,
    sample,
    complete,
    reconstruct,
    interpolate,
    mimic,
    recognise,
    clean,
    trace,
    segment,
    fill,
    labels,
    paint,
    pipeline,
    zentangle,
    markov,
    convert,
    data,
    labelled,
    train,
    evaluate,
    export_model,
    import_model,
    models,
    completion,
):
    main.add_command(command)
