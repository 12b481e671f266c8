"""What a sketch-rnn does for a person: sample, complete, reconstruct, interpolate, mimic."""

from __future__ import annotations

import click

from . import options


@click.command()
@click.argument("words", metavar="[WORD]...", nargs=-1, shell_complete=options.complete_word)
@options.model
@options.count(9, "How many a word.")
@click.option(
    "--copies-of",
    "data",
    metavar="FOLDER",
    type=click.Path(),
    help="Portraits: what the model was trained on; its nearest pictures stand below.",
)
@options.drawing_device
@options.sampling_options
@options.output
@options.layout_options
def sample(
    words: tuple[str, ...], model: str, count: int, data: str | None, device: str | None, out: str
) -> None:
    """Draw new drawings of a word, or of several.

    A model of one word needs none. `portraits` with a --model of `linework train portraits`
    paints a sheet (.png), or a walk from one to the next (.gif).

    \b
    linework sample cat -n 9 -o cats.svg
    linework sample cat "hot air balloon" --temperature 0.8 -o drawn.png
    linework sample portraits --model run -o sheet.png
    """
    if words == ("portraits",):
        from ..pipeline.portraits import sample_portraits

        def note(text: str) -> None:
            click.echo(text, err=True)

        seed = options.chosen_seed()
        sample_portraits(model, out, count=count, seed=seed, data=data, device=device, note=note)
        return
    from ..pipeline import sketching
    from ..strokes.files import write_drawings

    sketcher = sketching.Sketcher.load(model, device or "cpu")
    how = options.sampling(sketcher.temperatures)
    drawn = sketching.sample_words(sketcher, words, count, **how)
    write_drawings(drawn, out, options.layout(count if len(words) > 1 else None))


@click.command()
@click.argument("source", metavar="IN")
@options.model
@options.word
@options.count(5)
@click.option(
    "--extent",
    metavar="SHARE",
    type=click.FloatRange(0, 1, min_open=True),
    help="Long side of what is there as a share of the finished drawing's; else .95, and 1 "
    "where the drawing is in the model's own units.",
)
@click.option("--color", metavar="COLOUR", help="Of the new strokes; else as the last one.")
@options.first
@options.sampling_options
@options.output
@options.layout_options
def complete(
    source: str,
    model: str,
    word: str | None,
    count: int,
    extent: float | None,
    color: str | None,
    first: int | None,
    out: str,
) -> None:
    """Finish a drawing, in several ways.

    The strokes that are there stay as they are, to the last bit; the model's follow.

    \b
    linework complete half_cat.svg --word cat -n 5 -o endings.svg
    linework complete half_cat.svg --word cat -n 1 -o cat.gif
    """
    from ..pipeline import sketching
    from ..pipeline.sources import some_drawings
    from ..strokes.files import write_drawings

    sketcher = sketching.Sketcher.load(model)
    begun = some_drawings(source, first)
    how = {"n": count, "share": extent, "color": color, **options.sampling(sketcher.temperatures)}
    endings = list(sketching.of_each(sketching.complete, sketcher, begun, word=word, **how))
    # Endings of one drawing stand side by side with what they share at the same place.
    write_drawings(endings, out, options.layout(count, aligned=len(endings) == count))


@click.command()
@click.argument("source", metavar="IN")
@options.model
@options.word
@options.count(1)
@options.first
@options.sampling_options
@options.output
@options.layout_options
def reconstruct(
    source: str, model: str, word: str | None, count: int, first: int | None, out: str
) -> None:
    """Read a drawing, and draw it again.

    Through the model's latent: it shows what the model took the drawing for; a shaky
    hand comes out steadier.
    """
    from ..pipeline import sketching
    from ..pipeline.sources import some_drawings
    from ..strokes.files import write_drawings

    sketcher = sketching.Sketcher.load(model)
    given = some_drawings(source, first)
    how = {"n": count, "word": word, **options.sampling(sketching.FAITHFUL)}
    drawn = sketching.of_each(sketching.reconstruct, sketcher, given, **how)
    write_drawings(drawn, out, options.layout(count if count > 1 else None))


@click.command()
@click.argument("source", metavar="IN")
@click.option(
    "--word",
    metavar="WORD",
    required=True,
    shell_complete=options.complete_word,
    help="What to draw it as.",
)
@options.model
@options.count(5)
@options.first
@options.sampling_options
@options.output
@options.layout_options
def mimic(source: str, word: str, model: str, count: int, first: int | None, out: str) -> None:
    """Draw a drawing again as another word.

    A rabbit in the manner of this cat.

    \b
    linework mimic cat.svg --word rabbit -n 5 -o rabbits.svg
    """
    from ..pipeline import sketching
    from ..pipeline.sources import some_drawings
    from ..strokes.files import write_drawings

    sketcher = sketching.Sketcher.load(model)
    given = some_drawings(source, first)
    how = {"n": count, "word": word, **options.sampling(sketching.FAITHFUL)}
    drawn = sketching.of_each(sketching.mimic, sketcher, given, **how)
    write_drawings(drawn, out, options.layout(count))


@click.command()
@click.argument("sources", metavar="A [B [C D]]", nargs=-1, required=True)
@options.model
@options.word
@click.option(
    "--steps",
    metavar="N",
    type=click.IntRange(2),
    default=10,
    show_default=True,
    help="Drawings from A to B, ends included; with C and D a grid of steps x steps.",
)
@options.sampling_options
@options.output
@options.layout_options
def interpolate(
    sources: tuple[str, ...], model: str, word: str | None, steps: int, out: str
) -> None:
    """Draw what lies between two drawings.

    Or between the four corners of a grid.

    A, B, C, D are files, of which the first drawing counts, or one file or stream of
    two or four. Their labels are their words; --word is for all. A .gif is an animation.

    \b
    linework interpolate cat.svg rabbit.svg -o between.svg
    linework interpolate a.svg b.svg c.svg d.svg --steps 7 -o grid.svg
    linework interpolate cat.svg rabbit.svg --steps 30 --seconds 4 -o morph.gif
    """
    from ..pipeline import sketching
    from ..pipeline.sources import some_ends
    from ..strokes.files import write_drawings

    sketcher = sketching.Sketcher.load(model)
    ends = some_ends(sources)
    how = options.sampling(sketching.FAITHFUL)
    rows = sketching.interpolate(sketcher, ends, steps, word=word, **how)
    drawn = [drawing for row in rows for drawing in row]
    write_drawings(drawn, out, options.layout(steps))
