"""Pictures that people give, as functions that write one: for every command that reads pictures.

`BLANK` have nothing on them, `ODD` show one line (level, at mid-height), `BROKEN` cannot be read.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

Write = Callable[[Path], Path]
Picture = npt.NDArray[np.uint8]


def line() -> Picture:
    """A level line on white."""
    image = np.full((90, 160), 250, np.uint8)
    cv2.line(image, (20, 45), (140, 45), 15, 4, cv2.LINE_AA)
    return image


def rgb(image: Picture) -> Picture:
    return np.repeat(image[..., None], 3, axis=2)


def saved(name: str, image: npt.NDArray[np.generic], mode: str = "", **options: object) -> Write:
    def write(folder: Path) -> Path:
        picture = Image.fromarray(image)
        (picture.convert(mode) if mode else picture).save(folder / name, **options)
        return folder / name

    return write


def content(name: str, data: bytes) -> Write:
    def write(folder: Path) -> Path:
        (folder / name).write_bytes(data)
        return folder / name

    return write


def png_header(width: int, height: int) -> bytes:
    """A PNG of a hundred bytes that claims a size."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def bomb(folder: Path) -> Path:
    """30,000 x 30,000 px of white that are there, in a megabyte."""
    row = b"\0" + bytes(30_000 // 8)
    packer = zlib.compressobj(1)
    body = b"".join(packer.compress(row) for _ in range(30_000)) + packer.flush()
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    parts = b""
    for kind, data in ((b"IHDR", header), (b"IDAT", body), (b"IEND", b"")):
        parts += struct.pack(">I", len(data)) + kind + data
        parts += struct.pack(">I", zlib.crc32(kind + data))
    (folder / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + parts)
    return folder / "bomb.png"


def cut_short(suffix: str) -> Write:
    def write(folder: Path) -> Path:
        path = folder / f"cut{suffix}"
        noise = np.random.default_rng(0).integers(0, 255, (64, 64), np.uint8)
        Image.fromarray(noise).save(path)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        return path

    return write


def turned(folder: Path) -> Path:
    """Stored on its side, with a note that says so."""
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.rot90(line())).save(folder / "t.jpg", exif=exif, quality=95)
    return folder / "t.jpg"


def animated(folder: Path) -> Path:
    frames = [Image.fromarray(f) for f in (line(), np.full_like(line(), 250))]
    frames[0].save(folder / "a.gif", save_all=True, append_images=frames[1:])
    return folder / "a.gif"


def sixteen_bit_colour(folder: Path) -> Path:
    cv2.imwrite(str(folder / "16.png"), rgb(line()).astype(np.uint16) * 257)
    return folder / "16.png"


def float_tiff(folder: Path) -> Path:
    values = (line() / 255).astype(np.float32)
    values[0, 0] = np.nan
    Image.fromarray(values).save(folder / "f.tif")
    return folder / "f.tif"


def clear(ink: int) -> Picture:
    """Lines of a brightness on nothing."""
    return np.stack([*[np.full_like(line(), ink)] * 3, 255 - line()], axis=2)


def noise(mean: float, deviation: float) -> Picture:
    values = np.random.default_rng(0).normal(mean, deviation, (200, 260))
    return np.clip(values, 0, 255).astype(np.uint8)


def folder(at: Path) -> Path:
    (at / "folder.png").mkdir()
    return at / "folder.png"


BLANK: dict[str, Write] = {
    "blank page": saved("in.png", np.full((60, 90), 255, np.uint8)),
    "noisy blank page": saved("in.png", noise(230, 9)),
    "very noisy blank page": saved("in.png", noise(128, 40)),
    "noisy blank page, JPEG": saved("in.jpg", noise(230, 9), quality=20),
    "dust": saved("in.png", np.where(noise(100, 10) > 132, 0, 240).astype(np.uint8)),
    "all black": saved("in.png", np.zeros((60, 90), np.uint8)),
    "1 x 1": saved("in.png", np.full((1, 1), 255, np.uint8)),
    "a black px": saved("in.png", np.zeros((1, 1), np.uint8)),
    "1 x 10,000": saved("in.png", np.full((1, 10_000), 255, np.uint8)),
    "10,000 x 1": saved("in.png", np.full((10_000, 1), 200, np.uint8)),
    "all transparent": saved("in.png", np.zeros((60, 90, 4), np.uint8)),
}

ODD: dict[str, Write] = {
    "grey": saved("in.png", line()),
    "one bit": saved("in.png", line(), "1"),
    "palette": saved("in.png", line(), "P"),
    "CMYK": saved("in.jpg", rgb(line()), "CMYK", quality=95),
    "CMYK TIFF": saved("in.tif", rgb(line()), "CMYK"),
    "LAB": saved("in.tif", rgb(line()), "LAB"),
    "16 bit": saved("in.png", line().astype(np.uint16) * 257),
    "16 bit colour": sixteen_bit_colour,
    "float TIFF with NaN": float_tiff,
    "alpha": saved("in.png", clear(0)),
    "white ink on nothing": saved("in.png", clear(255)),
    "EXIF rotation": turned,
    "animated GIF": animated,
    "light on dark": saved("in.png", 255 - line()),
    "a name that is not ASCII": saved("рисунок 🐈.png", line()),
    "a suffix in capitals": saved("IN.PNG", line()),
    "JPEG named .png": saved("in.png", line(), format="JPEG"),
}

BROKEN: dict[str, tuple[Write, str]] = {
    "30,000 x 30,000": (bomb, "--max-pixels"),
    "a decompression bomb": (content("in.png", png_header(2**31 - 1, 2**31 - 1)), "--max-pixels"),
    "truncated PNG": (cut_short(".png"), "cut.png"),
    "truncated JPEG": (cut_short(".jpg"), "cut.jpg"),
    "a header alone": (content("in.png", png_header(90, 60)), "in.png"),
    "a text": (content("in.png", b"hello"), "wanted PNG"),
    "an empty file": (content("in.png", b""), "is empty"),
    "an SVG": (content("in.png", b"<svg xmlns='x'/>"), "linework convert"),
    "a PDF": (content("in.png", b"%PDF-1.7\n"), "export its page"),
    "HEIC": (content("in.jpg", b"\0\0\0\x18ftypheic\0\0\0\0"), "HEIC"),
    "no file": (lambda at: at / "no.png", "no such file"),
    "a folder without pictures": (folder, "no pictures"),
}
