"""The tour: what linework does, on examples and weights that ship with it.

Everything is made by the functions behind the commands, with fixed seeds, so that the
commands on the page draw the same again. A model that is not a variational one, or that
lacks a word, gets a shorter tour.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from importlib import resources
from itertools import chain, cycle
from pathlib import Path

import numpy as np

from ..datasets.doodles import DOODLE_WORDS, procedural_doodles
from ..strokes import Drawing
from ..strokes.atomic import write_atomically
from ..strokes.errors import LineworkError
from ..strokes.files import Layout, read_drawings, write_drawings
from ..strokes.png import png_bytes
from .demo_page import Picture, Section, page_html, shared_box
from .sketching import Sketcher, complete, interpolate, mimic, reconstruct, sample_words

# Of what is drawn, of endings, and of the hand that draws what goes in.
SEED, ENDING_SEED, HAND_SEED = 7, 6, 3
# Words that the bundled model draws well, in the order in which they are shown.
BEGUN = ("cat", "bicycle", "bird", "monkey")
SAMPLED = ("cat", "bicycle", "eye", "rabbit", "octopus", "snail", "sailboat", "butterfly")
CORNERS = ("cat", "rabbit", "fish", "octopus")
MIMIC, MIMICKED = "octopus", ("cat", "rabbit", "monkey", "snail", "hot air balloon", "light bulb")
REDRAWN = ("hedgehog", "octopus", "sailboat", "umbrella", "snail", "tree", "star")
# The user's part in the black of the page, the model's in this.
NEW_INK = "#c2452d"
ENDINGS, EACH, STEPS, GRID, MORPH = 5, 4, 9, 6, 24
# Drawn by rules (examples/rough_photo.py); px shown, and px of the pen on its 720.
PHOTO, PHOTO_SIZE, PHOTO_PEN = "photo.jpg", 480, 5.0
STROKE_INKS = ("#1d2430", "#d1495b", "#00798c", "#edae49", "#66a182", "#8d5a97", "#c0643c")

Say = Callable[[str], None]


class _Tour:
    """What the sections share: the model, the folder, and how to name the model in a command."""

    def __init__(self, sketcher: Sketcher, folder: Path, name: str) -> None:
        self.sketcher, self.folder = sketcher, folder
        self.flag = "" if name == "doodles" else f" --model {name}"
        self.redraws = sketcher.model.config.variational
        self.words = [word for word in SAMPLED if word in sketcher.words]
        self.words = self.words or list(sketcher.words[: len(SAMPLED)])

    def knows(self, word: str) -> bool:
        """Whether the model can draw the word; of one that knows none, everything is drawn."""
        return not self.sketcher.words or word in self.sketcher.words

    def word_of(self, drawing: Drawing) -> str | None:
        """What to draw it as; None for a model without words."""
        return drawing.label if self.sketcher.words else None

    def save(self, drawings: Sequence[Drawing], name: str, layout: Layout | None = None) -> None:
        write_drawings(drawings, self.folder / name, layout)

    def film(self, drawings: Sequence[Drawing], name: str, layout: Layout) -> bytes:
        """A GIF that is saved and shown."""
        self.save(drawings, name, layout)
        return (self.folder / name).read_bytes()

    def doodles(self, words: Sequence[str]) -> list[Drawing]:
        """A drawing of each word, or of others that the model knows, saved as WORD.svg."""
        known = [w for w in dict.fromkeys((*words, *DOODLE_WORDS)) if self.knows(w)][: len(words)]
        if not known:
            return []
        # Each by a generator of its own, so that a word looks the same in every section.
        drawn = [next(procedural_doodles([w], 1, np.random.default_rng(HAND_SEED))) for w in known]
        for drawing in drawn:
            self.save([drawing], f"{drawing.label}.svg")
        return drawn


def run_demo(folder: str | os.PathLike[str], model: str = "doodles", say: Say = print) -> Path:
    """Draw the tour into a folder; the path of its page, index.html.

    Args:
        say: told what is being drawn.

    Raises:
        LineworkError: no such model, or a folder that cannot be written.
    """
    began = time.perf_counter()
    tour = _Tour(Sketcher.load(model), _folder(folder), model)
    sections = []
    for part in (_endings, _samples, _between, _redrawn, _films, _paper):
        say(part.__doc__ or "")
        sections += list(part(tour))
    seconds = time.perf_counter() - began
    note = (
        f"Drawn on this machine just now, in {seconds:.0f} seconds, by the model {model}. "
        "The files stand beside this page; the commands, run in that folder, draw them again."
    )
    page = tour.folder / "index.html"
    write_atomically(page, page_html(sections, note).encode())
    return page


def _endings(tour: _Tour) -> Iterator[Section]:
    """drawings begun, and finished"""
    rows, commands = [], []
    for begun in _begun_drawings(tour):
        word = begun.label or ""
        tour.save([begun], f"half_{word}.svg")
        endings = complete(
            tour.sketcher, begun, ENDINGS, word=tour.word_of(begun), seed=ENDING_SEED
        )
        tour.save(endings, f"endings_{word}.svg", Layout(columns=ENDINGS, aligned=True))
        box, given = shared_box([begun, *endings]), len(begun.strokes)
        first = Picture(begun, f"{word}, begun", box=box)
        rows.append((first, *(Picture(e, given=given, box=box) for e in endings)))
        commands.append(
            f"linework complete half_{word}.svg --word {word} -n {ENDINGS} --seed {ENDING_SEED}"
            f"{tour.flag} -o endings_{word}.svg"
        )
    if rows:
        yield Section(
            "Half a drawing, finished five ways",
            "The black strokes were there, and come back untouched; the model drew the rest, "
            "each time another way. Pick the one you like.",
            tuple(rows),
            commands=tuple(commands[:1]),
        )


def _samples(tour: _Tour) -> Iterator[Section]:
    """drawings from a word alone"""
    drawn = sample_words(tour.sketcher, tour.words, EACH, seed=SEED)
    each = [drawn[i : i + EACH] for i in range(0, len(drawn), EACH)]
    tour.save(drawn, "samples.svg", Layout(columns=EACH, captions=True))
    # Two words a row: eight small pictures side by side.
    rows = [
        tuple(Picture(drawing, drawing.label or "") for drawing in chain(*each[i : i + 2]))
        for i in range(0, len(each), 2)
    ]
    words = " ".join(f'"{word}"' if " " in word else word for word in tour.words)
    yield Section(
        "Drawings of a word",
        "Nothing was given but the word. A higher temperature is bolder, a lower one tamer.",
        tuple(rows),
        commands=(
            f"linework sample {words} -n {EACH} --seed {SEED}{tour.flag} --captions -o samples.svg",
        ),
    )


def _between(tour: _Tour) -> Iterator[Section]:
    """what lies between two drawings, and between four"""
    ends = tour.doodles(CORNERS) if tour.redraws else []
    if len(ends) >= 2:
        (strip,) = interpolate(tour.sketcher, ends[:2], STEPS, seed=SEED)
        tour.save(strip, "between.svg", Layout(columns=STEPS))
        names = " ".join(f"{end.label}.svg" for end in ends[:2])
        yield Section(
            "From one to the other",
            "Two drawings are read into the model's latent space; what stands between them "
            "there is drawn.",
            (tuple(Picture(drawing) for drawing in strip),),
            commands=(
                f"linework interpolate {names} --steps {STEPS} --seed {SEED}{tour.flag} "
                "-o between.svg",
            ),
        )
    if len(ends) == len(CORNERS):
        grid = interpolate(tour.sketcher, ends, GRID, seed=SEED)
        cells = [drawing for row in grid for drawing in row]
        tour.save(cells, "grid.svg", Layout(columns=GRID))
        names = " ".join(f"{end.label}.svg" for end in ends)
        yield Section(
            "Between four corners",
            "The same in two directions.",
            tuple(tuple(Picture(d) for d in row) for row in grid),
            commands=(
                f"linework interpolate {names} --steps {GRID} --seed {SEED}{tour.flag} -o grid.svg",
            ),
        )


def _redrawn(tour: _Tour) -> Iterator[Section]:
    """drawings read and drawn again, as they are and as something else"""
    given = tour.doodles(REDRAWN) if tour.redraws else []
    if not given:
        return
    words = [word for word in MIMICKED if word in tour.sketcher.words]
    if words:
        (one,) = tour.doodles([MIMIC])
        again = [mimic(tour.sketcher, one, w, seed=SEED)[0] for w in words]
        tour.save(again, "mimics.svg", Layout(columns=len(again), captions=True))
        yield Section(
            f"The same {one.label}, as something else",
            "Read as it is, decoded as another word: what one hands on to the others.",
            ((Picture(one, "what went in"), *(Picture(d, d.label or "") for d in again)),),
            commands=tuple(
                f"linework mimic {one.label}.svg --word {word} -n 1 --seed {SEED}{tour.flag} "
                f"-o as_{word}.svg"
                for word in words[:1]
            ),
        )
    back = [reconstruct(tour.sketcher, drawing, seed=SEED)[0] for drawing in given]
    tour.save([*given, *back], "reconstructions.svg", Layout(columns=len(given)))
    yield Section(
        "Read, and drawn again",
        "Above what went in, below what the model took it for.",
        (
            tuple(Picture(drawing) for drawing in given),
            tuple(Picture(drawing, drawing.label or "") for drawing in back),
        ),
        commands=(
            f"linework reconstruct {given[0].label}.svg --seed {SEED}{tour.flag} "
            f"-o again_{given[0].label}.svg",
        ),
    )


def _films(tour: _Tour) -> Iterator[Section]:
    """a drawing being drawn"""
    films, commands = [], []
    for begun in _begun_drawings(tour)[:1]:
        word = begun.label or ""
        (whole,) = complete(
            tour.sketcher,
            begun,
            1,
            word=tour.word_of(begun),
            color=NEW_INK,
            seed=ENDING_SEED,
        )
        films.append(tour.film([whole], f"{word}.gif", Layout(size=320, seconds=3)))
        commands.append(
            f'linework complete half_{word}.svg --word {word} -n 1 --color "{NEW_INK}" '
            f"--seed {ENDING_SEED}{tour.flag} --size 320 --seconds 3 -o {word}.gif"
        )
    ends = tour.doodles(CORNERS[:2]) if tour.redraws else []
    if len(ends) == 2:
        (morph,) = interpolate(tour.sketcher, ends, MORPH, seed=SEED)
        there_and_back = [*morph, *reversed(morph)]
        films.append(tour.film(there_and_back, "morph.gif", Layout(size=320, seconds=5)))
    if films:
        yield Section(
            "In motion",
            "A drawing being finished, and one turning into another and back.",
            films=tuple(films),
            commands=tuple(commands),
        )


def _paper(tour: _Tour) -> Iterator[Section]:
    """a photo, cleaned and traced"""
    from .clean_files import CleanOptions, clean_files

    photo = (resources.files(__package__) / "examples" / PHOTO).read_bytes()
    write_atomically(tour.folder / PHOTO, photo)
    options = CleanOptions()
    for out in ("clean.png", "drawing.svg"):
        clean_files([tour.folder / PHOTO], tour.folder / out, options)
    drawing = next(read_drawings(tour.folder / "drawing.svg"))
    yield Section(
        "From paper to strokes",
        "A sketch on ruled paper, photographed; the lines that it means; and the strokes traced "
        f"from them, {len(drawing.strokes)} in all, for a plotter, an editor or a model.",
        films=(
            photo,
            (tour.folder / "clean.png").read_bytes(),
            png_bytes(_in_colours(drawing), size=PHOTO_SIZE),
        ),
        commands=(
            f"linework clean {PHOTO} -o clean.png",
            f"linework clean {PHOTO} -o drawing.svg --width 150mm",
        ),
    )


def _in_colours(drawing: Drawing) -> Drawing:
    """Each stroke in a colour of its own, so that one sees where it ends."""
    return drawing.with_strokes(
        [
            stroke.replace(color=color, width=PHOTO_PEN)
            for stroke, color in zip(drawing.strokes, cycle(STROKE_INKS), strict=False)
        ]
    )


def _begun_drawings(tour: _Tour) -> list[Drawing]:
    """The examples whose word the model knows."""
    folder = resources.files(__package__) / "examples"
    files = [Path(str(folder / f"half_{word}.svg")) for word in BEGUN if tour.knows(word)]
    return [drawing for file in files for drawing in read_drawings(file)]


def _folder(folder: str | os.PathLike[str]) -> Path:
    path = Path(folder)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LineworkError(f"{path}: cannot be made a folder: {error.strerror}") from error
    return path
