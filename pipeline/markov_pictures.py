"""Pictures to a new one by a Markov chain over their px: `linework markov` as functions."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..datasets.bauhaus import bauhaus
from ..models.copied_runs import longest_copied_run
from ..models.markov_pixels import MOST_COLORS, learn_pixels
from ..strokes.atomic import write_atomically
from ..strokes.errors import FormatError, LineworkError
from ..strokes.images import MAX_PIXELS, read_image
from ..strokes.palette import find_palette, to_palette
from ..strokes.png_bytes import indexed_png
from .folders import find_pictures

UInt8Array = npt.NDArray[np.uint8]
Path_ = str | os.PathLike[str]
Note = Callable[[str], None]

# The name of what can be learned from without a picture of one's own.
SAMPLES = "bauhaus"
# Pictures of it, and the seed they are made from.
SAMPLE_COUNT, SAMPLE_SEED = 12, 1919
# Of the pictures, those held out to measure by; of a single one its lower rows.
HELD_OUT = 0.25
# px that may be painted: some 30 s.
LARGEST = 16_000_000
# px learned from at most, of pictures taken evenly: 30 of 512 px square, some 20 s.
LEARNED = 8_000_000


@dataclass(frozen=True, slots=True)
class MarkovOptions:
    """How to learn and to paint.

    Args:
        order: px that a px depends on, 0 to 24.
        colors: of the palette, 1 to 16.
        size: of the result, (width, height) px.
        zoom: times that every px of the result is written across and down.
        temperature: below 1 the likely becomes likelier.
        seed: of palette and painting.
        longest: pictures of a longer side than this, px, are made smaller first.
        max_pixels: larger pictures are refused.
    """

    order: int = 6
    colors: int = MOST_COLORS
    size: tuple[int, int] = (256, 256)
    zoom: int = 1
    temperature: float = 1.0
    seed: int = 0
    longest: int = 512
    max_pixels: int = MAX_PIXELS


@dataclass(frozen=True, slots=True)
class MarkovReport:
    """What a chain is worth, from pictures it did not learn from, and what it copied.

    Args:
        pictures: learned from, held-out ones among them.
        colors: of the palette.
        bits: held-out bits a px, by contexts of 0, 1, 2 ... px.
        copied: px of the longest stretch of a row of the result that a picture has.
        usual: the same of the held-out pictures and the others: what is alike by itself.
    """

    pictures: int
    colors: int
    bits: tuple[float, ...]
    copied: int
    usual: int

    def __str__(self) -> str:
        """Two lines for a terminal."""
        bits = ", ".join(f"{b:.3f}" for b in self.bits)
        return (
            f"{self.pictures} pictures in {self.colors} colours; held out, bits a px by order "
            f"from 0: {bits}\n"
            f"the longest run of a row that stands in a picture: {self.copied} px; of held-out "
            f"rows: {self.usual} px"
        )


def markov_file(
    sources: Sequence[Path_],
    out: Path_,
    options: MarkovOptions | None = None,
    *,
    note: Note = lambda text: None,
) -> MarkovReport:
    """Learns from pictures and paints a new one, a PNG.

    Args:
        sources: pictures and folders of them; "bauhaus" is the sample set.
        note: is told of files of a folder that are left out, and of what was measured.

    Raises:
        LineworkError, FormatError: options out of range, a picture that cannot be read, an
            output that is no .png.
    """
    options = MarkovOptions() if options is None else options
    if Path(out).suffix.lower() != ".png":
        raise LineworkError(f"{out}: pictures of few colours are written as .png; wanted such")
    width, height = options.size
    if width * height * options.zoom**2 > LARGEST:
        raise LineworkError(
            f"{width} x {height} px, {options.zoom} times as large, are more than {LARGEST:,} px"
        )
    pictures = read_pictures(sources, options, note)
    painted, palette, report = markov_picture(pictures, options)
    large = painted.repeat(options.zoom, 0).repeat(options.zoom, 1)
    write_atomically(out, indexed_png(large, palette))
    note(str(report))
    return report


def markov_picture(
    pictures: Sequence[UInt8Array], options: MarkovOptions
) -> tuple[UInt8Array, UInt8Array, MarkovReport]:
    """A new picture after some: a map (height, width), its palette (C, 3), and the report."""
    rng = np.random.default_rng(options.seed)
    palette = find_palette(pictures, options.colors, rng)
    maps = [to_palette(picture, palette) for picture in pictures]
    chain = learn_pixels(maps, palette, options.order)
    painted = chain.paint(*options.size, rng, options.temperature)
    learned, held = _parted(maps)
    bits: tuple[float, ...] = ()
    if learned and held:
        part = learn_pixels(learned, palette, options.order)
        bits = tuple(part.bits(held, order) for order in range(options.order + 1))
    report = MarkovReport(
        pictures=len(pictures),
        colors=len(palette),
        bits=bits,
        copied=longest_copied_run([painted], maps),
        usual=longest_copied_run(held, learned),
    )
    return painted, palette, report


def read_pictures(
    sources: Sequence[Path_], options: MarkovOptions, note: Note = lambda text: None
) -> list[UInt8Array]:
    """Pictures (H, W) or (H, W, 3), none of a longer side than `options.longest`.

    A file that was named must be a picture; of a folder, what is none is told and left out.

    Raises:
        LineworkError, FormatError: as `read_image`; a folder without a readable picture.
    """
    found = []
    for source in sources:
        if os.fspath(source) == SAMPLES and not Path(source).exists():
            found += sample_pictures()
            continue
        inside = Path(source).is_dir()
        before = len(found)
        for path in find_pictures([source]):
            try:
                picture = read_image(path, max_pixels=options.max_pixels)
            except FormatError as error:
                if not inside:
                    raise
                note(f"left out: {error}")
                continue
            found.append(_smaller(picture, options.longest))
        if len(found) == before:
            raise LineworkError(f"{source}: none of its pictures can be read")
    pixels = sum(picture.shape[0] * picture.shape[1] for picture in found)
    if pixels > LEARNED:
        kept = max(1, len(found) * LEARNED // pixels)
        note(f"{pixels:,} px are more than {LEARNED:,}: {kept} of {len(found)} pictures are read")
        found = [found[k * len(found) // kept] for k in range(kept)]
    return found


def sample_pictures() -> list[UInt8Array]:
    """The sample set: twelve small pictures after the Bauhaus, made by rules."""
    return [bauhaus(np.random.default_rng((SAMPLE_SEED, k))) for k in range(SAMPLE_COUNT)]


def _parted(maps: Sequence[UInt8Array]) -> tuple[list[UInt8Array], list[UInt8Array]]:
    """What a chain that is measured learns from, and what it is measured by."""
    if len(maps) == 1:
        cut = round(maps[0].shape[0] * (1 - HELD_OUT))
        parts = [maps[0][:cut]], [maps[0][cut:]]
    else:
        cut = len(maps) - max(1, round(len(maps) * HELD_OUT))
        parts = list(maps[:cut]), list(maps[cut:])
    learned, held = ([m for m in part if m.size] for part in parts)
    return learned, held


def _smaller(picture: UInt8Array, longest: int) -> UInt8Array:
    import cv2

    side = max(picture.shape[:2])
    if side <= longest:
        return picture
    height, width = (max(1, round(n * longest / side)) for n in picture.shape[:2])
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
