"""The picture that an annotation file is about: where it is, how large, which way up.

Only headers are read and bytes are never changed: a picture is copied as it is, or its
embedded bytes are written out. Sizes are of the upright picture, the camera's rotation
(EXIF) applied, because that is what labelme shows and what every reader of this suite
loads. Files that were annotated on the picture as stored have their shapes turned.
"""

from __future__ import annotations

import base64
import binascii
import io
import os
import unicodedata
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any, BinaryIO

from ...strokes.errors import FormatError
from .report import readable

if TYPE_CHECKING:
    from PIL.Image import Image

PICTURE_SUFFIXES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".bmp", ".gif")
_SUFFIX_OF = {"JPEG": ".jpg", "MPO": ".jpg", "TIFF": ".tif"}
_ORIENTATION = 0x0112  # the EXIF tag
UPRIGHT = 1
# Orientations that swap width and height.
LYING = (5, 6, 7, 8)

Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Header:
    """What a picture's header says.

    Args:
        stored: width and height, px, of the px as stored.
        orientation: EXIF, 1 to 8; 1 is upright.
        suffix: the usual one of its format.
    """

    stored: Size
    orientation: int
    suffix: str

    @property
    def upright(self) -> Size:
        """Width and height, px, as it is to be seen."""
        width, height = self.stored
        return (height, width) if self.orientation in LYING else (width, height)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture found, or known by its size alone.

    Args:
        size: width, height, px, upright.
        turn: orientation to apply to the shapes; 1 leaves them.
        file: where it lies, or None.
        data: its bytes, where the annotation file holds them and no file serves.
        name: of the file in the output, without folder.
        remarks: pairs of what was found and what was done.
        missing: whether there is neither file nor data.
    """

    size: Size
    turn: int
    file: Path | None
    data: bytes | None
    name: str
    remarks: tuple[tuple[str, str], ...] = ()
    missing: bool = False


@contextmanager
def open_picture(
    source: str | os.PathLike[str] | BinaryIO, name: str, max_pixels: int | None = None
) -> Iterator[Image]:
    """A picture, its header read and nothing decoded yet.

    Args:
        name: for messages.
        max_pixels: larger ones are refused.

    Raises:
        FormatError: not a picture, cut short, or too large.
        OSError: the file cannot be read.
    """
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of sizes that are judged here, and odd metadata
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            with Image.open(source) as picture:
                width, height = picture.size
                if max_pixels is not None and width * height > max_pixels:
                    raise FormatError(
                        f"{name} of {width:,} x {height:,} px; wanted {max_pixels:,} px at most"
                    )
                yield picture
        except FormatError:
            raise
        except OSError as error:
            if error.errno is not None:
                raise
            raise FormatError(f"{name} cannot be read ({error})") from error
        except (SyntaxError, ValueError, EOFError, IndexError) as error:
            raise FormatError(f"{name} cannot be read ({error})") from error
        finally:
            Image.MAX_IMAGE_PIXELS = limit


def read_header(source: str | os.PathLike[str] | BinaryIO, name: str) -> Header:
    """Size and orientation of a picture, without decoding it.

    Args:
        name: of the picture, for the message.

    Raises:
        FormatError: not a picture.
        OSError: the file cannot be read.
    """
    with open_picture(source, name) as picture:
        kind = picture.format or ""
        # Pillow turns TIFF by itself, and decodes a PNG whole to look for tags behind its px.
        untold = kind == "TIFF" or (kind == "PNG" and "exif" not in picture.info)
        tag = UPRIGHT if untold else picture.getexif().get(_ORIENTATION, UPRIGHT)
        orientation = tag if tag in range(1, 9) else UPRIGHT
        suffix = _SUFFIX_OF.get(kind, f".{kind.lower()}")
        return Header(picture.size, orientation, suffix)


def find_picture(annotations: Path, image_path: Any, image_data: Any, declared: Any) -> Picture:
    """The picture of a labelme file.

    Args:
        annotations: the labelme file.
        image_path, image_data: as they stand in it.
        declared: its imageWidth and imageHeight.

    Raises:
        FormatError: a picture of another size than the one that was annotated, or neither
            picture nor size.
    """
    remarks: list[tuple[str, str]] = []
    stated = _stated_size(declared)
    name, file = _locate(annotations, image_path, remarks)
    data = _decoded(image_data, remarks)
    on_disk = _header_of(file, remarks) if file is not None else None
    inside = None
    if data is not None:
        try:
            inside = read_header(io.BytesIO(data), "the image data")
        except FormatError:
            remarks.append(("image data that is not a picture", "not used"))
    header = inside or on_disk
    if header is None:
        if stated is None:
            raise FormatError(
                f"its picture {name} is missing and it states no size; put the picture beside it"
            )
        return Picture(stated, UPRIGHT, None, None, name, tuple(remarks), missing=True)
    size, turn = _frame(header, stated, embedded=inside is not None, remarks=remarks)
    stem = PurePosixPath(name).stem or annotations.stem
    if on_disk is not None and on_disk.upright == size:
        return Picture(size, turn, file, None, name, tuple(remarks))
    if on_disk is not None:
        remarks.append(
            (f"the picture on disk has another size than the embedded one ({_by(size)})",
             "the embedded one was written")
        )  # fmt: skip
    else:
        remarks.append(("no picture file", "the embedded picture was written, byte for byte"))
    return Picture(size, turn, None, data, f"{stem}{header.suffix}", tuple(remarks))


def _frame(
    header: Header, stated: Size | None, *, embedded: bool, remarks: list[tuple[str, str]]
) -> tuple[Size, int]:
    """The upright size, and how shapes must turn to lie on it."""
    size = header.upright
    if header.orientation != UPRIGHT:
        remarks.append(
            (f"the camera's rotation is EXIF orientation {header.orientation}",
             f"masks lie on the upright picture of {_by(size)} px; read it with EXIF applied")
        )  # fmt: skip
    if stated is None or stated == size:
        return size, UPRIGHT
    if stated == header.stored:
        remarks.append(("annotated on the picture as stored, not upright", "shapes were turned"))
        return size, header.orientation
    if embedded:
        remarks.append((f"it states {_by(stated)} px, its picture has {_by(size)}",
                        "the picture's own size was taken"))  # fmt: skip
        return size, UPRIGHT
    raise FormatError(
        f"it was annotated on {_by(stated)} px, its picture has {_by(size)}: shapes would lie "
        "wrongly; put back the picture that was annotated, or correct imageWidth and imageHeight"
    )


def _stated_size(declared: Any) -> Size | None:
    """imageWidth and imageHeight, where both are numbers of px."""
    good = all(
        isinstance(value, (int, float)) and not isinstance(value, bool) and 1 <= value < 1e6
        for value in declared
    )
    return (int(declared[0]), int(declared[1])) if good else None


def _decoded(text: Any, remarks: list[tuple[str, str]]) -> bytes | None:
    if text is None or text == "":
        return None
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError, TypeError):
        remarks.append(("image data that is not base64", "not used"))
        return None


def _header_of(file: Path, remarks: list[tuple[str, str]]) -> Header | None:
    try:
        return read_header(file, file.name)
    except (FormatError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not a picture"
        remarks.append((f"{readable(file.name)} cannot be read: {reason}", "not used"))
        return None


def _locate(
    annotations: Path, image_path: Any, remarks: list[tuple[str, str]]
) -> tuple[str, Path | None]:
    """The picture's name, and its place where it has one."""
    folder = annotations.parent
    text = image_path if isinstance(image_path, str) and image_path.strip() else ""
    said = PureWindowsPath(text).as_posix() if "\\" in text else text
    windows = PureWindowsPath(said)
    name = windows.name or annotations.stem
    tried = [folder / said] if said and not windows.drive else []
    tried += [folder / name] if text else []
    tried += [annotations.with_suffix(suffix) for suffix in PICTURE_SUFFIXES] if not text else []
    for number, path in enumerate(tried):
        found = path if _is_file(path) else _same_name(path)
        if found is not None:
            if "\\" in text or number:
                remarks.append((f"its path is {text!r}", f"found as {readable(found.name)}"))
            return readable(found.name), found
    return readable(name), None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that no disk has: too long, or with a NUL
        return False


def _same_name(path: Path) -> Path | None:
    """The file of that name in other case or composed otherwise (é or e and ´), if only one."""
    names = _names(path.parent).get(_key(path.name), ())
    return path.parent / names[0] if len(names) == 1 else None


@lru_cache(maxsize=64)
def _names(folder: Path) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    try:
        entries = sorted(os.listdir(folder))
    except (OSError, ValueError):
        return {}
    for name in entries:
        found[_key(name)] = (*found.get(_key(name), ()), name)
    return found


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _by(size: Size) -> str:
    return f"{size[0]} x {size[1]}"
