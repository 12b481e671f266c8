"""Pictures as people have them, and files that are none."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from linework.strokes import FormatError, LineworkError
from linework.strokes.images import read_image
from PIL import Image

Write = Callable[[Path], Path]
# White with a black row at the top.
GREY = np.full((6, 10), 255, np.uint8)
GREY[0] = 0


def saved(name: str, mode: str, **options: object) -> Write:
    def write(folder: Path) -> Path:
        path = folder / name
        Image.fromarray(GREY).convert(mode).save(path, **options)
        return path

    return write


def transparent(folder: Path) -> Path:
    rgba = np.zeros((6, 10, 4), np.uint8)
    rgba[..., 3] = 255 - GREY
    Image.fromarray(rgba).save(folder / "a.png")
    return folder / "a.png"


def sixteen_bits(folder: Path) -> Path:
    Image.fromarray(GREY.astype(np.uint16) * 257).save(folder / "16.png")
    return folder / "16.png"


def turned(folder: Path) -> Path:
    """Stored on its side, with a note that says so."""
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.rot90(GREY)).save(folder / "t.png", exif=exif)
    return folder / "t.png"


def animated(folder: Path) -> Path:
    frames = [Image.fromarray(f) for f in (GREY, np.full_like(GREY, 128))]
    frames[0].save(folder / "a.gif", save_all=True, append_images=frames[1:])
    return folder / "a.gif"


GOOD: dict[str, Write] = {
    "grey png": saved("g.png", "L"),
    "one bit": saved("b.png", "1"),
    "palette": saved("p.png", "P"),
    "rgb": saved("c.png", "RGB"),
    "cmyk jpeg": saved("c.jpg", "CMYK", quality=100),
    "tiff": saved("t.tif", "L"),
    "alpha": transparent,
    "16 bit": sixteen_bits,
    "exif rotation": turned,
    "animated gif": animated,
}


@pytest.mark.parametrize("write", GOOD.values(), ids=GOOD.keys())
def test_pictures_come_out_upright_on_white(write: Write, tmp_path: Path) -> None:
    image = read_image(write(tmp_path))
    assert image.shape[:2] == GREY.shape
    grey = image if image.ndim == 2 else image.mean(axis=2)
    assert grey[0].max() < 60
    assert grey[2:].min() > 200


def huge_header(side: int) -> Write:
    """A PNG of a hundred bytes that claims to be huge."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    def write(folder: Path) -> Path:
        header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
        content = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
        (folder / "huge.png").write_bytes(b"\x89PNG\r\n\x1a\n" + content)
        return folder / "huge.png"

    return write


def cut_short(folder: Path) -> Path:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64), np.uint8)
    Image.fromarray(noise).save(folder / "cut.png")
    content = (folder / "cut.png").read_bytes()
    (folder / "cut.png").write_bytes(content[: len(content) // 2])
    return folder / "cut.png"


def text(folder: Path) -> Path:
    (folder / "text.png").write_text("not a picture")
    return folder / "text.png"


def nothing(folder: Path) -> Path:
    (folder / "empty.png").write_bytes(b"")
    return folder / "empty.png"


BAD: dict[str, tuple[Write, type[Exception], str]] = {
    "30,000 x 30,000": (huge_header(30_000), LineworkError, "--max-pixels"),
    "a decompression bomb": (huge_header(2**31 - 1), LineworkError, "--max-pixels"),
    "cut short": (cut_short, FormatError, "cut.png"),
    "a text": (text, FormatError, "wanted PNG"),
    "an empty file": (nothing, FormatError, "empty.png"),
    "no file": (lambda folder: folder / "no.png", LineworkError, "no such file"),
    "a folder": (lambda folder: folder, LineworkError, "is a folder"),
}


@pytest.mark.parametrize(("write", "error", "says"), BAD.values(), ids=BAD.keys())
def test_what_is_no_picture(
    write: Write, error: type[Exception], says: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=says):
        read_image(write(tmp_path))


def test_the_limit_can_be_lifted(tmp_path: Path) -> None:
    path = saved("g.png", "L")(tmp_path)
    with pytest.raises(LineworkError, match="10 x 6"):
        read_image(path, max_pixels=59)
    assert read_image(path, max_pixels=60).shape == (6, 10)
