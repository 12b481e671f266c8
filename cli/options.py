"""Options that several commands share, each with one meaning everywhere."""

from __future__ import annotations

import math
import re
import secrets
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from ..models.sketchrnn_sampling import Temperatures
    from ..strokes.files import Layout

Function = TypeVar("Function", bound=Callable[..., Any])
Decorator = Callable[[Any], Any]

STREAM = "-"
# As strokes.trace and strokes.images have them, which --help must not import; a test compares.
GAP, ACCURACY, MAX_PIXELS = 2.6, 0.2, 100_000_000
# Seeds that are chosen here: short enough to type again.
LARGEST_SEED = 999_999
_DEVICE = re.compile(r"cpu|cuda(:\d+)?", re.ASCII)


def shipped(package: str, folder: str, suffix: str) -> list[str]:
    """Names of the files of a suffix in a package's folder, without importing the package."""
    spec = find_spec(package)
    places = (spec.submodule_search_locations or ()) if spec else ()
    found = (path for place in places for path in Path(place, folder).glob(f"*{suffix}"))
    return sorted(path.name.removesuffix(suffix) for path in found)


def quickdraw_words() -> list[str]:
    """The words of Quick, Draw!, without importing what reads them."""
    spec = find_spec("linework.datasets")
    places = (spec.submodule_search_locations or ()) if spec else ()
    texts = (Path(place, "quickdraw_words.txt").read_text("utf-8") for place in places)
    return [word for text in texts for word in text.splitlines()]


def completing(names: Callable[[], list[str]], *, paths: bool = False) -> Callable[..., Any]:
    """What the shell offers: those of `names()` that begin as typed, and files where asked."""

    def complete(
        ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        items = [CompletionItem(name) for name in names() if name.startswith(incomplete)]
        return [*items, CompletionItem(incomplete, type="file")] if paths else items

    return complete


complete_model = completing(
    lambda: shipped("linework.models", "weights", ".safetensors"), paths=True
)
complete_recipe = completing(lambda: shipped("linework.models", "recipes", ".toml"))
complete_word = completing(quickdraw_words)


def check_device(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """A device that torch knows the name of; whether the machine has it shows later."""
    if value is not None and not _DEVICE.fullmatch(value):
        raise click.BadParameter(f"{value!r} is not a device; wanted cpu, cuda or cuda:N")
    return value


output = click.option(
    "-o",
    "--output",
    "out",
    metavar="OUT",
    type=click.Path(),
    default=STREAM,
    show_default="ndjson on stdout",
    help="Where to; the suffix says the format (.svg .png .gif .ndjson .npz .bin .arrow), "
    "{} in the name makes a file of each drawing.",
)
model = click.option(
    "--model",
    metavar="MODEL",
    default="doodles",
    show_default=True,
    shell_complete=complete_model,
    help="Bundled weights by name, a training folder, or a weights file (.safetensors, .json).",
)
word = click.option(
    "--word",
    metavar="WORD",
    shell_complete=complete_word,
    help="What it shows; else the drawing's own label, or the model's only word.",
)
first = click.option(
    "--first", metavar="N", type=click.IntRange(1), help="Take only the first N drawings."
)
device = click.option(
    "--device",
    callback=check_device,
    metavar="DEVICE",
    help="cpu, cuda or cuda:N; else CUDA where there is one.",
)
drawing_device = click.option(
    "--device",
    callback=check_device,
    metavar="DEVICE",
    help="cpu, cuda or cuda:N, where one seed draws another drawing; else the CPU, or for "
    "portraits CUDA where there is one.",
)


def count(default: int, help: str = "How many.") -> Decorator:
    """-n, as the keyword `count`."""
    return click.option(
        "-n",
        "count",
        metavar="N",
        type=click.IntRange(1),
        default=default,
        show_default=True,
        help=help,
    )


def jobs(help: str) -> Decorator:
    """-j, processes; one where it is not given."""
    return click.option(
        "-j",
        "--jobs",
        metavar="N",
        type=click.IntRange(1),
        default=1,
        show_default=True,
        help=help,
    )


def max_pixels(help: str = "Refuse larger pictures.") -> Decorator:
    """--max-pixels."""
    return click.option(
        "--max-pixels",
        metavar="N",
        type=click.IntRange(1),
        default=MAX_PIXELS,
        show_default=True,
        help=help,
    )


def stroke_options(function: Function) -> Function:
    """--gap and --accuracy: how strokes are found in a picture."""
    decorated: Function = _all(_STROKES)(function)
    return decorated


def seed(function: Function) -> Function:
    """--seed; the command's body asks `chosen_seed()`, which says it."""
    return click.option(
        "--seed",
        metavar="N",
        type=click.IntRange(0),
        help="Makes it repeatable; without it one is chosen. The seed used is printed.",
        **_UNSEEN,
    )(function)


def chosen_seed() -> int:
    """The seed given, else one of its own; either way it is said, so that it can be repeated."""
    chosen: int | None = _recalled()["seed"]
    if chosen is None:
        chosen = secrets.randbelow(LARGEST_SEED + 1)
    click.echo(f"seed {chosen}", err=True)
    return chosen


def parse_temperatures(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> tuple[float | None, dict[str, float]]:
    """ "0.4,cat=0.3" as the usual temperature, None where it is left open, and those of words."""
    usual, words = None, {}
    for part in value.split(",") if value is not None else ():
        word, _, number = part.rpartition("=")
        try:
            found = float(number)
        except ValueError:
            found = math.nan
        if not 0 <= found < math.inf:
            raise click.BadParameter(f"{part!r}; wanted a number from 0 up, or WORD=number")
        if word:
            words[word.strip()] = found
        else:
            usual = found
    return usual, words


def sampling_options(function: Function) -> Function:
    """How a model draws; the command's body asks `sampling()`."""
    decorated: Function = _all(_SAMPLING)(function)
    return decorated


def sampling(own: Temperatures) -> dict[str, Any]:
    """The keywords temperatures, max_points and seed of the functions of `pipeline.sketching`.

    Args:
        own: the temperatures of the model or the command, for what is not given.
    """
    given = _recalled()
    usual, words = given["temperature"]
    pen = own.pen if given["pen_temperature"] is None else given["pen_temperature"]
    if usual is None:
        heat = replace(own, pen=pen, words={**own.words, **words})
    else:  # the model's own for some words would not be what was asked for
        heat = replace(own, offset=usual, pen=pen, words=words)
    return {"temperatures": heat, "max_points": given["max_points"], "seed": chosen_seed()}


def layout_options(function: Function) -> Function:
    """How drawings become pictures and sheets; the command's body asks `layout()`."""
    decorated: Function = _all(_LAYOUT)(function)
    return decorated


def layout(columns: int | None = None, *, aligned: bool = False) -> Layout:
    """The layout that this command was called with; `columns` where it does not say.

    Args:
        aligned: as in `Layout`, for drawings that share their coordinates.
    """
    from ..strokes.files import Layout

    given = {name: _recalled()[name] for name in _LAYOUT_NAMES}
    chosen = {name: value for name, value in given.items() if value is not None}
    return Layout(**({"columns": columns, "aligned": aligned} | chosen))


def _remember(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    ctx.meta.setdefault(__name__, {})[param.name] = value


def _remember_temperatures(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    _remember(ctx, param, parse_temperatures(ctx, param, value))


def _recalled() -> dict[str, Any]:
    remembered: dict[str, Any] = click.get_current_context().meta[__name__]
    return remembered


def _all(decorators: tuple[Decorator, ...]) -> Decorator:
    def decorate(function: Function) -> Function:
        for option in reversed(decorators):
            function = option(function)
        return function

    return decorate


# An option that many commands share does not pass through each one's parameters.
_UNSEEN: dict[str, Any] = {"expose_value": False, "callback": _remember}
_SAMPLING: tuple[Decorator, ...] = (
    click.option(
        "--temperature",
        metavar="T",
        expose_value=False,
        callback=_remember_temperatures,
        help="0 draws what is likeliest, 1 as varied as the training drawings; else .4, and .1 "
        "where a drawing is drawn again. Words can have their own: 0.4,cat=0.3",
    ),
    click.option(
        "--pen-temperature",
        metavar="T",
        type=click.FloatRange(0),
        help="The same for lifting the pen and ending; else 1, below which drawings tend not "
        "to end.",
        **_UNSEEN,
    ),
    click.option(
        "--max-points",
        metavar="N",
        type=click.IntRange(1),
        default=250,
        show_default=True,
        help="End a drawing here, if the model does not.",
        **_UNSEEN,
    ),
    seed,
)
_STROKES: tuple[Decorator, ...] = (
    click.option(
        "--gap",
        metavar="N",
        type=click.FloatRange(0),
        default=GAP,
        show_default=True,
        help="Of strokes: close gaps up to N line widths; 0 closes none.",
    ),
    click.option(
        "--accuracy",
        metavar="PX",
        type=click.FloatRange(0, min_open=True),
        default=ACCURACY,
        show_default=True,
        help="Of strokes: how far curves may lie off the ink; more makes fewer.",
    ),
)
_LAYOUT: tuple[Decorator, ...] = (
    click.option("--width", metavar="LENGTH", help="Of an SVG page: 150mm, 6in, 400px.", **_UNSEEN),
    click.option("--pen-width", metavar="LENGTH", help="Of strokes without one; 0.5mm.", **_UNSEEN),
    click.option(
        "--size",
        metavar="PX",
        type=click.IntRange(1),
        help="Longer side of PNG and GIF.",
        **_UNSEEN,
    ),
    click.option(
        "--columns",
        metavar="N",
        type=click.IntRange(1),
        help="Drawings a row of a sheet.",
        **_UNSEEN,
    ),
    click.option("--captions", is_flag=True, help="Labels below them on a sheet.", **_UNSEEN),
    click.option("--background", metavar="COLOUR", help="Of the paper.", **_UNSEEN),
    click.option(
        "--seconds",
        metavar="S",
        type=click.FloatRange(0, min_open=True),
        help="Length of a GIF.",
        **_UNSEEN,
    ),
)
_LAYOUT_NAMES = ("width", "pen_width", "size", "columns", "captions", "background", "seconds")
