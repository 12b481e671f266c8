"""`linework data`: fetch drawings, pack them into a table, look at it, make some, roughen some."""

from __future__ import annotations

from typing import Any

import click

from . import options
from .panels import panels

# The keys of linework.datasets.fetch.FORMS; a test compares.
FORMS = ("raw", "simplified", "binary", "bitmap", "sketchrnn")
SHARES = "90,5,5"
# The themes of linework.datasets.scenes; a test compares.
THEMES = ("landscape", "seaside", "town", "playground")


def parse_shares(ctx: click.Context, param: click.Parameter, value: str) -> tuple[float, ...]:
    """Three numbers between commas."""
    try:
        shares = tuple(float(part) for part in value.split(","))
    except ValueError:
        shares = ()
    if len(shares) != 3 or not (min(shares) >= 0 and 0 < sum(shares) < float("inf")):
        raise click.BadParameter(f"{value!r} is not train,valid,test; wanted such as {SHARES}")
    return shares


def parse_size(ctx: click.Context, param: click.Parameter, value: str) -> tuple[int, int]:
    """Width and height from "256" or "384x256"."""
    width, _, height = value.lower().partition("x")
    if not (width.isdecimal() and (height or width).isdecimal()):
        raise click.BadParameter(f"{value!r} is no size in px; wanted such as 256 or 384x256")
    return int(width), int(height or width)


@click.group()
def data() -> None:
    """Drawings to train on: fetch, pack, look at, or make."""


@data.command()
@click.argument(
    "words", metavar="WORD...", nargs=-1, required=True, shell_complete=options.complete_word
)
@click.option("--form", type=click.Choice(FORMS), default="simplified", show_default=True)
@click.option(
    "-o",
    "--output",
    "folder",
    metavar="DIR",
    type=click.Path(),
    default=".",
    show_default="here",
    help="Files land at DIR/FORM/WORD.*",
)
def fetch(words: tuple[str, ...], form: str, folder: str) -> None:
    """Fetch Quick, Draw! by word.

    From Google's public bucket, or the mirror in $LINEWORK_DATA_URL. What was begun is
    resumed, what is there is checked. Prints the paths.
    """
    from ..datasets.fetch import fetch as fetch_words

    for path in fetch_words(words, form, folder):
        click.echo(path)


@data.command()
@click.argument("sources", metavar="SRC...", nargs=-1, required=True, type=click.Path())
@click.option("-o", "--output", "out", metavar="TABLE.arrow", required=True, type=click.Path())
@click.option("--recognized-only", is_flag=True, help="Leave out what the game did not recognise.")
@click.option(
    "--max-points", metavar="N", type=click.IntRange(1), help="Leave out drawings of more points."
)
@click.option(
    "--split",
    "shares",
    metavar="A,B,C",
    default=SHARES,
    show_default=True,
    callback=parse_shares,
    help="Shares of train, valid and test, by a hash of each drawing's key.",
)
@click.option("--skip-bad", is_flag=True, help="Leave out rows that cannot be used, and say so.")
@click.option("--word", help="Of drawings whose form holds none; else the file's name.")
@click.option(
    "-j", "--jobs", metavar="N", type=click.IntRange(1), help="Processes; else one a processor."
)
def pack(sources: tuple[str, ...], out: str, **choices: Any) -> None:
    """Pack drawings of any form into one table.

    That is what training reads. SRC is .ndjson (also .gz, raw or simplified), .bin,
    .npz, .arrow, .svg, a folder of these, or - for ndjson on stdin.
    """
    from ..datasets.pack import pack as pack_table
    from ..strokes.files import STREAM, read_drawings
    from .show import bytes_bar

    streamed = [read_drawings(name) if name == STREAM else name for name in sources]
    with bytes_bar() as progress:
        report = pack_table(streamed, out, progress=progress, **choices)
    for message in report.messages:
        click.echo(f"left out: {message}", err=True)
    click.echo(report, err=True)


@data.command()
@click.argument("table", metavar="TABLE", type=click.Path())
@click.option("--sheet", metavar="OUT", type=click.Path(), help="Samples as .svg or .png.")
@click.option(
    "--seed",
    metavar="N",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Of the sheet.",
)
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON.")
def info(table: str, sheet: str | None, seed: int, as_json: bool) -> None:
    """Count and measure the drawings of a table.

    TABLE may be any form that `data pack` reads.
    """
    from ..datasets.info import table_info
    from ..pipeline.tables import open_table, write_samples
    from .show import as_text

    with open_table(table) as opened:
        facts = table_info(opened)
        if sheet is not None:
            write_samples(opened, sheet, seed)
    click.echo(as_text(facts, as_json))


@data.command()
@click.argument("words", metavar="[WORD]...", nargs=-1)
@options.count(1000, "How many in all.")
@options.seed
@click.option(
    "-o", "--output", "out", metavar="OUT", type=click.Path(), default="-", show_default="stdout"
)
def doodles(words: tuple[str, ...], count: int, out: str) -> None:
    """Draw doodles by rules.

    For who has no drawings yet: 28 words, in the form of Quick, Draw! simplified
    drawings. Without words, all of them in turn.
    """
    import numpy as np

    from ..datasets.doodles import DOODLE_WORDS, procedural_doodles
    from ..strokes.files import write_drawings

    rng = np.random.default_rng(options.chosen_seed())
    write_drawings(procedural_doodles(words or DOODLE_WORDS, count, rng), out)


@data.command()
@click.argument("sources", metavar="[SRC]...", nargs=-1, type=click.Path())
@options.count(1000, "How many pairs.")
@click.option(
    "--size",
    metavar="PX",
    type=click.IntRange(16),
    default=256,
    show_default=True,
    help="Side of the pictures.",
)
@options.seed
@click.option(
    "-o", "--output", "folder", metavar="DIR", required=True, type=click.Path(), help="Made anew."
)
@options.jobs("Processes.")
def rough(sources: tuple[str, ...], count: int, size: int, folder: str, jobs: int) -> None:
    """Make pairs of a rough picture and the clean one it means.

    To train a simplifier: DIR/rough/000001.png beside DIR/clean/000001.png. SRC are clean
    drawings: .svg, .jhf, .ndjson, .arrow, a .zip of SVG or a folder of these; without any,
    figures drawn by rules.
    """
    from ..datasets.rough_folder import write_rough_pairs
    from .show import count_bar

    seed = options.chosen_seed()
    with count_bar("pair") as progress:
        write_rough_pairs(
            sources, folder, count, size=size, seed=seed, jobs=jobs, progress=progress
        )


@data.command()
@click.argument("folder", metavar="FOLDER", type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON.")
def pairs(folder: str, as_json: bool) -> None:
    """Check pairs of rough and clean pictures.

    FOLDER holds rough/ and clean/ with pictures of the same names. Tells how many there are,
    which have no counterpart or cannot be used, and which do not lie on each other.
    """
    from ..datasets.pair_folder import check_pairs
    from .show import as_text, count_bar

    with count_bar("pair") as progress:
        report = check_pairs(folder, progress)
    click.echo(as_text(report, as_json))


@data.command()
@options.count(1000, "How many in all.")
@options.seed
@click.option(
    "--size",
    metavar="WxH",
    default="256",
    show_default=True,
    callback=parse_size,
    help="Of the pictures, px.",
)
@click.option(
    "--theme",
    "themes",
    type=click.Choice(THEMES),
    multiple=True,
    default=THEMES,
    show_default="all in turn",
)
@click.option(
    "--val",
    metavar="SHARE",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.1,
    show_default=True,
    help="Of the scenes, held out in DIR/val_*.",
)
@click.option(
    "--drawings",
    metavar="TABLE.arrow",
    type=click.Path(),
    help="Real drawings for the doodles, packed; else by rules.",
)
@options.jobs("Processes.")
@click.option("-o", "--output", "folder", metavar="DIR", type=click.Path(), required=True)
def scenes(count: int, folder: str, jobs: int, size: tuple[int, int], **choices: Any) -> None:
    """Paint synthetic scenes with their label maps.

    Landscapes, seasides, towns and playgrounds in SPADE's layout: DIR/train_img, train_label,
    train_inst, train_doodle, the same for val, and COCO panoptic. Going on where it was
    interrupted takes the same --seed.
    """
    from ..datasets.scenes.folder import Recipe, write_scenes
    from .show import count_bar

    recipe = Recipe(options.chosen_seed(), *size, **choices)
    with count_bar("scene") as progress:
        made = write_scenes(folder, count, recipe, jobs=jobs, progress=progress)
    click.echo(f"{made} scenes painted, {count} in {folder}", err=True)


data.add_command(panels)
