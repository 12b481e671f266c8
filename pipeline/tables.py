"""Drawings of any form as the table that training and evaluation read."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from ..datasets.info import sample_sheet
from ..datasets.pack import pack
from ..strokes import DrawingTable
from ..strokes.errors import LineworkError
from ..strokes.files import suffix_of
from ..strokes.png import write_png
from ..strokes.svg_write import write_svg

TABLE = ".arrow"
SHEETS = (".svg", ".png")


@contextmanager
def open_table(path: str | os.PathLike[str]) -> Iterator[DrawingTable]:
    """A table as it is; any other form, or a folder, packed into one that is deleted afterwards.

    Packing splits by hash as `linework data pack` does; an .npz keeps its own split.

    Raises:
        LineworkError: there is no such file, or nothing in it.
        FormatError: content that is not what its suffix says.
    """
    file = Path(path)
    if file.suffix.lower() == TABLE:
        if not file.is_file():
            raise LineworkError(f"{path}: there is no such table; `linework data pack` makes one")
        yield DrawingTable.open(file)
        return
    with tempfile.TemporaryDirectory(prefix="linework-") as folder:
        packed = Path(folder, f"{file.stem}{TABLE}")
        pack(file, packed)
        table = DrawingTable.open(packed)
        table.name = str(path)  # what errors and figures are about
        yield table


def write_samples(table: DrawingTable, path: str | os.PathLike[str], seed: int = 0) -> None:
    """A sheet of a table's drawings, picked at random, a row a word, as SVG or PNG.

    Raises:
        LineworkError: another suffix, or a place that cannot be written.
    """
    suffix = suffix_of(path, SHEETS)
    page, captions = sample_sheet(table, np.random.default_rng(seed))
    if suffix == ".png":
        write_png(page, path, captions=captions)
    else:
        write_svg(page, path, captions=captions)
