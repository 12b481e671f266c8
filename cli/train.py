"""`linework train` and `linework evaluate`."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from . import options

SIMPLIFIERS = ("simplifier", "simplification2016")
MODELS = click.Choice(
    ("sketchrnn", *SIMPLIFIERS, "recogniser", "painter", "segmenter", "densemap", "portraits")
)
KINDS = ("sketchrnn", "simplifier", "recogniser", "segmenter", "painter", "densemap")
# As pipeline.segmenting has it, which --help must not import; a test compares.
SEGMENTER = "segmenter-scenes"
SPLITS = click.Choice(("train", "valid", "test"))


@click.command()
@click.argument("model", metavar="MODEL", type=MODELS)
@click.option(
    "--data",
    required=True,
    multiple=True,
    type=click.Path(),
    help="sketchrnn, recogniser: a table, or what packs into one. Simplifiers: a folder with "
    "rough/ and clean/ pictures, a folder of .scap, or clean drawings; several are mixed. painter, "
    "segmenter: a folder with train_img/ and train_label/, images/ and labels/, or as ADE20K or "
    "CamVid; for a segmenter several are mixed. densemap: a folder of `linework data scenes`. "
    "portraits: a folder of pictures, or `portraits`, which linework paints.",
)
@click.option("--out", "run", metavar="RUN", required=True, type=click.Path(), help="A folder.")
@click.option(
    "--recipe",
    metavar="NAME",
    shell_complete=options.complete_recipe,
    help="Settings that ship with linework; else `default`, or that of MODEL's name.",
)
@click.option("--config", metavar="FILE.toml", type=click.Path(), help="Settings of your own.")
@click.option(
    "--set",
    "assignments",
    metavar="KEY=VALUE",
    multiple=True,
    help="One setting, over those of recipe and config: --set steps=200.",
)
@click.option(
    "--resume", is_flag=True, help="Go on with RUN, with its own settings; --set may change some."
)
@click.option(
    "--from",
    "start",
    metavar="MODEL",
    shell_complete=options.complete_model,
    help="Simplifiers, segmenter: begin with these weights.",
)
@click.option(
    "--rough",
    metavar="FOLDER",
    type=click.Path(),
    help="Simplifiers: rough pictures without clean ones, for the adversarial recipe.",
)
@click.option(
    "--clean",
    metavar="FOLDER",
    type=click.Path(),
    help="Simplifiers: clean pictures without rough ones, for the same.",
)
@click.option(
    "--input",
    "source",
    type=click.Choice(("labels", "sketch")),
    help="painter: what it paints from. sketch: --data is a folder with pictures/ and sketches/, "
    "or pictures alone, of which linework draws sketches; --set halves=sketch-picture where "
    "both lie side by side in a file.",
)
@click.option(
    "--processes",
    metavar="N",
    type=click.IntRange(1),
    default=1,
    help="Processes on this machine that share each batch, one a GPU; on several, torchrun.",
)
@options.device
def train(model: str, data: tuple[str, ...], run: str, processes: int, **choices: Any) -> None:
    """Train a model on drawings, or on pictures with label maps.

    MODEL is sketchrnn, simplifier, recogniser, painter, segmenter, densemap (doodles to label
    maps), portraits, or simplification2016, the network that the simplifier is measured against.
    RUN gets the weights, checkpoints, a log, curves and sheets of samples. It stops at Ctrl-C with
    a checkpoint, and goes on exactly there with --resume, after a crash too. What the data say
    (words, labels, offset std) is measured, not set.

    \b
    linework train sketchrnn --data cat.arrow --out run --set steps=2000
    linework train sketchrnn --data cat.arrow --out run --resume --set steps=4000
    linework train simplifier --data my_pairs --from simplifier --out run --set steps=500
    linework train recogniser --data doodles.arrow --out run
    linework train painter --data scenes --out run
    linework train painter --input sketch --data photos --out run
    linework train segmenter --data my_photos --out run
    linework train portraits --data pictures --out run
    """
    if processes > 1:
        from ..pipeline.launching import launch, launched

        if not launched():
            launch(processes, sys.argv[1:])
            return
    trained = _train(model, data, run, choices)
    if trained.chief:
        click.echo(trained, err=True)
    if trained.stopped == "signal":
        raise KeyboardInterrupt


def _note(text: str) -> None:
    """Said once, by the first of several processes."""
    if os.environ.get("RANK", "0") == "0":
        click.echo(text, err=True)


def _train(model: str, data: tuple[str, ...], run: str, choices: dict[str, Any]) -> Any:
    source = choices.pop("source")
    if source is not None and model != "painter":
        raise click.UsageError("--input is for a painter")
    if model in SIMPLIFIERS:
        from ..pipeline.simplifier_training import train_simplifier

        return train_simplifier(data, run, model=model, note=_note, **choices)
    if model == "segmenter" and choices["rough"] is choices["clean"] is None:
        from ..pipeline.segmenter_training import train_segmenter

        del choices["rough"], choices["clean"]
        return train_segmenter(data, run, note=_note, **choices)
    for name in ("start", "rough", "clean"):
        if choices.pop(name) is not None:
            raise click.UsageError(
                "--rough and --clean are for simplifiers, --from for those and a segmenter"
            )
    if len(data) > 1:
        join = "" if model in ("painter", "densemap") else "; `linework data pack` joins files"
        raise click.UsageError(f"{model} learns from one --data{join}")
    if source == "sketch":
        from ..pipeline.sketch_painter_training import train_sketch_painter

        return train_sketch_painter(data[0], run, note=_note, **choices)
    if model == "painter":
        from ..pipeline.painter_training import train_painter

        return train_painter(data[0], run, note=_note, **choices)
    if model == "portraits":
        from ..pipeline.portrait_training import train_portraits

        return train_portraits(data[0], run, note=_note, **choices)
    if model == "densemap":
        from ..pipeline.dense_map_training import train_dense_map

        return train_dense_map(data[0], run, note=_note, **choices)
    if model == "recogniser":
        from ..pipeline.recogniser_training import train_recogniser

        return train_recogniser(data[0], run, **choices)
    from ..pipeline.training import train_sketchrnn

    return train_sketchrnn(data[0], run, **choices)


@click.command()
@click.argument("kind", metavar="MODEL", type=click.Choice(KINDS))
@click.option(
    "--model",
    metavar="MODEL",
    show_default="doodles, simplifier, recogniser, segmenter-scenes, painter-scenes or densemap",
    shell_complete=options.complete_model,
    help="Bundled weights by name, a training folder, or a weights file (.safetensors, .json).",
)
@click.option(
    "--data",
    required=True,
    type=click.Path(),
    help="sketchrnn, recogniser: a table, or what packs into one. simplifier: a folder of .scap, "
    "of raster/ beside svg/, or of NAME_rough.png with NAME_truth.json. segmenter, "
    "painter: as for training. densemap: a folder of `linework data scenes`. portraits: a "
    "folder of pictures, or `portraits`, which linework paints.",
)
@click.option("--split", type=SPLITS, default="test", show_default=True)
@click.option("--by-word", is_flag=True, help="sketchrnn, recogniser: also for each word alone.")
@click.option(
    "--samples",
    metavar="N",
    type=click.IntRange(0),
    default=200,
    show_default=True,
    help="sketchrnn: drawn to see how many end by themselves.",
)
@click.option(
    "--segmenter",
    metavar="MODEL",
    default=SEGMENTER,
    show_default=True,
    help="painter: what looks at the painted pictures; none asks none.",
)
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON.")
@options.device
def evaluate(kind: str, model: str | None, as_json: bool, **choices: Any) -> None:
    """Measure a model on held-out drawings or pictures.

    MODEL is sketchrnn, simplifier, recogniser, segmenter, painter or densemap. Of a sketch-rnn,
    cell mass is what compares: nats a point for the integer offset that was drawn. The published
    L_R and the density depend on the longest drawing and can be gamed. Of a simplifier, of either
    architecture, it is how the lines that it draws lie on the true ones. Of a recogniser, how
    often it is right, and whether it knows how often. Of a segmenter and of a densemap, how the
    label maps agree with the true ones. Of a painter, what a segmenter finds of the label maps
    in its pictures, beside the true ones; how far its pictures lie from those, and how they differ.
    """
    from .show import as_text, count_bar

    segmenter = choices.pop("segmenter")
    if kind == "simplifier":
        from ..pipeline.simplifier_evaluating import evaluate_simplifier

        chosen = {name: choices[name] for name in ("data", "split", "device")}
        click.echo(as_text(evaluate_simplifier(model or "simplifier", **chosen), as_json))
        return
    if kind == "recogniser":
        from ..pipeline.recogniser_evaluating import evaluate_recogniser

        chosen = {name: choices[name] for name in ("data", "split", "by_word", "device")}
        click.echo(as_text(evaluate_recogniser(model or "recogniser", **chosen), as_json))
        return
    if kind == "segmenter":
        from ..pipeline.segmenter_evaluating import evaluate_segmenter

        chosen = {name: choices[name] for name in ("data", "split", "device")}
        with count_bar("picture") as progress:
            figures = evaluate_segmenter(model or "segmenter-scenes", **chosen, progress=progress)
        click.echo(as_text(figures, as_json))
        return
    if kind == "painter":
        from ..pipeline.painter_evaluating import evaluate_painter

        chosen = {"segmenter": segmenter, "data": choices["data"], "device": choices["device"]}
        with count_bar("picture") as progress:
            found = evaluate_painter(model or "painter-scenes", **chosen, progress=progress)
        click.echo(as_text(found, as_json))
        return
    if kind == "densemap":
        from ..pipeline.dense_map_evaluating import evaluate_dense_map

        chosen = {name: choices[name] for name in ("data", "device")}
        click.echo(as_text(evaluate_dense_map(model or "densemap", **chosen), as_json))
        return
    from ..pipeline.evaluating import evaluate_sketchrnn

    click.echo(as_text(evaluate_sketchrnn(model or "doodles", **choices), as_json))
