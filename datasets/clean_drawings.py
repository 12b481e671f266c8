"""Clean vector drawings from wherever they lie: folders and zips of SVG, fonts, any form.

What is read here is made rough by roughening.py. Drawings without lines are passed over.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from ..strokes import Drawing
from ..strokes.errors import FormatError, LineworkError
from ..strokes.files import READABLE, read_drawings
from ..strokes.svg_read import read_svg
from .hershey import read_hershey

# Of a file with many drawings (Quick, Draw! words) this many are enough: more of the same
# word teach nothing new about lines.
MOST_A_FILE = 500
# An SVG within a zip that unpacks to more bytes than this is not an icon.
_MAX_MEMBER = 8_000_000
_ALSO = (".zip", ".jhf")


def read_clean_drawings(
    sources: Iterable[str | os.PathLike[str]], *, most: int = MOST_A_FILE
) -> list[Drawing]:
    """The drawings of files, zips and folders, by name.

    Args:
        sources: .svg, .jhf, .ndjson (also .gz), .bin, .npz, .arrow, a .zip of SVG, or a
            folder of these.
        most: drawings taken of one file; all SVG of a zip are taken.

    Raises:
        LineworkError: no such file, a suffix that is not known, or nothing to draw in all of them.
        FormatError: a file that is not what its suffix says.
    """
    found: list[Drawing] = []
    paths = [Path(source) for source in sources]
    for path in paths:
        for file in _files(path):
            found += [drawing for drawing in _read(file, most) if drawing.strokes]
    if paths and not found:
        raise LineworkError(f"{', '.join(map(str, paths))}: no drawing with a line in it")
    return found


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    inside = (p for p in path.rglob("*") if p.is_file() and p.name[0] != ".")
    known = sorted(p for p in inside if p.name.lower().endswith((*READABLE, *_ALSO)))
    if not known:
        raise LineworkError(
            f"{path}: a folder without drawings; wanted {', '.join((*READABLE, *_ALSO))} in it"
        )
    return known


def _read(path: Path, most: int) -> Iterator[Drawing]:
    name = path.name.lower()
    if not name.endswith(_ALSO):
        return islice(read_drawings(path), most)
    if not path.exists():
        raise LineworkError(f"{path}: there is no such file")
    if name.endswith(".jhf"):
        return iter(read_hershey(path))
    return _read_zip(path)


def _read_zip(path: Path) -> Iterator[Drawing]:
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                if not member.filename.lower().endswith(".svg"):
                    continue
                if member.file_size > _MAX_MEMBER:
                    raise FormatError(
                        f"{path}: {member.filename} unpacks to {member.file_size:,} bytes; wanted "
                        f"at most {_MAX_MEMBER:,}: unpack it and name the folder instead"
                    )
                yield read_svg(archive.read(member), name=f"{path}: {member.filename}")
    except zipfile.BadZipFile as error:
        raise FormatError(f"{path}: is not a zip that can be read ({error})") from error
