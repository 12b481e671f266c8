"""Labelled pictures that people really have, each a case with what must become of it.

`CASES` are labelme files in a folder of their own; `write_all` makes the torture folder.
A case is kept, with the px it must have, or refused, with words that its report line says.
Px are told by slices and formulas, never by the code that is tested.
"""

from __future__ import annotations

import base64
import io
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 60, 40
BOX = [[10, 10], [30, 10], [30, 20], [10, 20]]  # 200 px


@dataclass(frozen=True)
class Case:
    """A file and its fate.

    Args:
        write: makes it in a folder.
        masks: label -> what the masks of that label must be, together; a bool array (H, W) is
            exact, a number is an area within 4 % or 3 px.
        count: annotations; None is one a label.
        lost: words of a report line on something not converted.
        note: words of another report line.
        at: index of the shape in that line.
    """

    write: Callable[[Path], None]
    masks: dict[str, Any] = field(default_factory=dict)
    count: int | None = None
    lost: tuple[str, ...] = ()
    note: tuple[str, ...] = ()
    at: int | None = None


def photo(
    path: Path, size: tuple[int, int] = (WIDTH, HEIGHT), orientation: int | None = None
) -> Path:
    """A picture of that stored size, as its suffix says."""
    image = Image.new("RGB", size, (90, 120, 150))
    exif = image.getexif()
    if orientation is not None:
        exif[0x0112] = orientation
    image.save(path, exif=exif)
    return path


def shape(label: Any, points: Any, kind: Any = "polygon", **more: Any) -> dict[str, Any]:
    """A shape as labelme writes it."""
    usual = {"group_id": None, "description": "", "flags": {}, "mask": None}
    return {"label": label, "points": points, "shape_type": kind} | usual | more


def content(*shapes: Any, **changes: Any) -> dict[str, Any]:
    """A labelme file."""
    return {
        "version": "5.5.0",
        "flags": {},
        "shapes": list(shapes),
        "imagePath": "a.jpg",
        "imageData": None,
        "imageHeight": HEIGHT,
        "imageWidth": WIDTH,
    } | changes


def png(bitmap: Any) -> str:
    """A picture in base64."""
    buffer = io.BytesIO()
    Image.fromarray(np.asarray(bitmap)).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def box(x0: int, y0: int, x1: int, y1: int) -> np.ndarray[Any, Any]:
    """The mask of a box, to but not with x1 and y1."""
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[y0:y1, x0:x1] = True
    return mask


def file(*shapes: Any, **changes: Any) -> Callable[[Path], None]:
    """a.json with shapes, beside a.jpg."""

    def write(folder: Path) -> None:
        photo(folder / "a.jpg")
        (folder / "a.json").write_text(json.dumps(content(*shapes, **changes)), "utf-8")

    return write


def raw(data: bytes) -> Callable[[Path], None]:
    """a.json of those bytes, beside a.jpg."""

    def write(folder: Path) -> None:
        photo(folder / "a.jpg")
        (folder / "a.json").write_bytes(data)

    return write


def without_picture(**changes: Any) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / "a.json").write_text(json.dumps(content(shape("cat", BOX), **changes)))

    return write


def turned(orientation: int, stated: tuple[int, int], points: Any) -> Callable[[Path], None]:
    """A picture stored lying, 40 x 60 seen upright as 60 x 40."""

    def write(folder: Path) -> None:
        photo(folder / "a.jpg", (HEIGHT, WIDTH), orientation)
        body = content(shape("cat", points), imageWidth=stated[0], imageHeight=stated[1])
        (folder / "a.json").write_text(json.dumps(body))

    return write


def named(picture: str, path: str, annotations: str = "a.json") -> Callable[[Path], None]:
    """A picture of one name, called otherwise in the file."""

    def write(folder: Path) -> None:
        photo(folder / picture)
        body = content(shape("cat", BOX), imagePath=path)
        (folder / annotations).write_text(json.dumps(body, ensure_ascii=False), "utf-8")

    return write


def embedded(folder: Path) -> None:
    data = base64.b64encode(photo(folder / "gone.jpg").read_bytes()).decode()
    (folder / "gone.jpg").unlink()
    (folder / "a.json").write_text(json.dumps(content(shape("cat", BOX), imageData=data)))


def embedded_upright(folder: Path) -> None:
    """labelme 4 and 5: the file lies, the embedded copy is upright."""
    photo(folder / "a.jpg", (HEIGHT, WIDTH), 6)
    data = base64.b64encode(photo(folder / "copy.png").read_bytes()).decode()
    (folder / "copy.png").unlink()
    (folder / "a.json").write_text(json.dumps(content(shape("cat", BOX), imageData=data)))


def two_of_one_picture(folder: Path) -> None:
    file(shape("cat", BOX))(folder)
    (folder / "b.json").write_text(json.dumps(content(shape("cat", BOX))))


def hidden(folder: Path) -> None:
    file(shape("cat", BOX))(folder)
    (folder / "._a.json").write_bytes(b"\x00\x05\x16\x07")


def ring() -> np.ndarray[Any, Any]:
    """A mask with a hole, 12 x 10 px."""
    mask = np.ones((10, 12), bool)
    mask[3:7, 4:8] = False
    return mask


def placed(mask: np.ndarray[Any, Any], x: int, y: int) -> np.ndarray[Any, Any]:
    """A small mask on the picture, cut at its border."""
    large = np.zeros((HEIGHT + 40, WIDTH + 40), bool)
    large[y + 20 : y + 20 + mask.shape[0], x + 20 : x + 20 + mask.shape[1]] = mask
    return large[20 : 20 + HEIGHT, 20 : 20 + WIDTH]


def ai_mask(points: Any, picture: Any) -> dict[str, Any]:
    return shape("cat", points, "mask", mask=picture)


CAT = shape("cat", BOX)
FULL = box(10, 10, 30, 20)
KEYHOLE = [[5, 5], [35, 5], [35, 35], [5, 35], [5, 5], [15, 15], [15, 25], [25, 25], [25, 15],
           [15, 15]]  # fmt: skip
HOLED = box(5, 5, 35, 35) & ~box(15, 15, 25, 25)

CASES: dict[str, Case] = {
    # the eight shapes
    "polygon": Case(file(CAT), {"cat": FULL}),
    "rectangle": Case(file(shape("cat", [[10, 10], [30, 20]], "rectangle")), {"cat": FULL}),
    "rectangle from its last corner": Case(
        file(shape("cat", [[30, 20], [10, 10]], "rectangle")), {"cat": FULL}
    ),
    "rectangle of four corners": Case(file(shape("cat", BOX, "rectangle")), {"cat": FULL}),
    "oriented rectangle": Case(
        file(shape("cat", [[20, 5], [35, 20], [25, 30], [10, 15]], "oriented_rectangle")),
        {"cat": 300},
    ),
    "rotation, as other programs call it": Case(
        file(shape("cat", [[20, 5], [35, 20], [25, 30], [10, 15]], "rotation")), {"cat": 300}
    ),
    "circle": Case(file(shape("cat", [[30, 20], [30, 32]], "circle")), {"cat": np.pi * 12 * 12}),
    "line": Case(
        file(shape("cat", [[10, 20], [50, 20]], "line")),
        {"cat": box(10, 15, 50, 25)},
        note=("has no width", "10 px"),
        at=0,
    ),
    "linestrip": Case(
        file(shape("cat", [[10, 10], [40, 10], [40, 30]], "linestrip")),
        {"cat": 30 * 10 + 20 * 10 - 25 + np.pi * 25 / 4},
        note=("has no width", "10 px"),
    ),
    "point": Case(
        file(shape("cat", [[30, 20]], "point")), {"cat": np.pi * 25}, note=("has no size", "5 px")
    ),
    "mask with a hole": Case(
        file(ai_mask([[8, 9], [19, 18]], png(ring().astype(np.uint8)))),
        {"cat": placed(ring(), 8, 9)},
    ),
    # masks of the AI tools
    "mask at fractions of px": Case(
        file(ai_mask([[8.4, 8.6], [19.4, 17.6]], png(ring()))), {"cat": placed(ring(), 8, 9)}
    ),
    "mask that leaves the picture": Case(
        file(ai_mask([[-3, 33], [8, 42]], png(ring()))),
        {"cat": placed(ring(), -3, 33)},
        note=("outside", "cut off"),
    ),
    "mask in colour": Case(
        file(ai_mask([[8, 9], [19, 18]], png(np.repeat(ring()[..., None], 3, 2) * np.uint8(255)))),
        {"cat": placed(ring(), 8, 9)},
    ),
    "mask with transparency": Case(
        file(
            ai_mask(
                [[8, 9], [19, 18]],
                png(np.stack([ring() * np.uint8(255), np.full((10, 12), 255, np.uint8)], 2)),
            )
        ),
        {"cat": placed(ring(), 8, 9)},
    ),
    "mask in a box of another size": Case(
        file(ai_mask([[8, 9], [30, 18]], png(ring()))),
        {"cat": placed(ring(), 8, 9)},
        note=("12 x 10", "23 x 10"),
    ),
    "mask without its picture": Case(
        file(ai_mask([[8, 9], [19, 18]], None)), lost=("base64",), at=0
    ),
    "mask that is no picture": Case(
        file(ai_mask([[8, 9], [19, 18]], "aGVsbG8=")), lost=("cannot be read",), at=0
    ),
    "mask of nothing": Case(
        file(ai_mask([[8, 9], [9, 10]], png(np.zeros((2, 2), np.uint8)))), lost=("empty",), at=0
    ),
    # objects of several shapes, holes
    "group": Case(
        file(
            shape("cat", BOX, group_id=1),
            shape("dog", BOX),
            shape("cat", [[40, 10], [50, 30]], "rectangle", group_id=1),
        ),
        {"cat": FULL | box(40, 10, 50, 30), "dog": FULL},
    ),
    "group whose shapes overlap": Case(
        file(
            shape("cat", BOX, group_id=1),
            shape("cat", [[20, 5], [40, 15]], "rectangle", group_id=1),
        ),
        {"cat": FULL | box(20, 5, 40, 15)},
    ),
    "group of polygon and mask": Case(
        file(
            shape("cat", BOX, group_id="x"),
            ai_mask([[40, 20], [51, 29]], png(ring())) | {"group_id": "x"},
        ),
        {"cat": FULL | placed(ring(), 40, 20)},
    ),
    "group of two labels": Case(
        file(shape("cat", BOX, group_id=0), shape("dog", BOX, group_id=0)),
        {"cat": FULL, "dog": FULL},
    ),
    "group_id that is none": Case(
        file(shape("cat", BOX, group_id=True)), {"cat": FULL}, note=("group_id",), at=0
    ),
    "hole through a slit": Case(file(shape("cat", KEYHOLE)), {"cat": HOLED}),
    "outline that crosses itself": Case(
        file(shape("cat", [[10, 10], [30, 30], [30, 10], [10, 30]])), {"cat": 200}
    ),
    # labels
    "__ignore__": Case(
        file(CAT, shape("__ignore__", [[40, 5], [50, 15]], "rectangle")),
        {"cat": FULL},
        note=("__ignore__",),
        at=1,
    ),
    "_background_": Case(
        file(CAT, shape("_background_", [[40, 5], [50, 15]], "rectangle")),
        {"cat": FULL},
        note=("_background_",),
        at=1,
    ),
    "label in Unicode": Case(file(shape("кошка 🐈", BOX)), {"кошка 🐈": FULL}),
    "label composed of two": Case(
        file(shape("Cafe\u0301", BOX)), {"Caf\u00e9": FULL}, note=("taken as",)
    ),
    "label among spaces": Case(
        file(shape("  cat\n", BOX)), {"cat": FULL}, note=("taken as 'cat'",)
    ),
    "label that is a number": Case(file(shape(7, BOX)), {"7": FULL}, note=("taken as '7'",)),
    "label that is empty": Case(
        file(CAT, shape(" ", BOX)), {"cat": FULL}, lost=("label is empty",), at=1
    ),
    "label that is null": Case(
        file(CAT, shape(None, BOX)), {"cat": FULL}, lost=("wanted a text",), at=1
    ),
    # points
    "points outside": Case(
        file(shape("cat", [[-20, -10], [30, -10], [30, 20], [-20, 20]])),
        {"cat": box(0, 0, 30, 20)},
        note=("outside", "cut off"),
        at=0,
    ),
    "shape that leaves and comes back": Case(
        file(
            shape(
                "cat",
                [[10, 10], [80, 10], [80, 30], [10, 30], [10, 25], [70, 25], [70, 15], [10, 15]],
            )
        ),
        {"cat": box(10, 10, 60, 15) | box(10, 25, 60, 30)},
        note=("cut off",),
    ),
    "all outside": Case(
        file(shape("cat", [[-30, 5], [-10, 5], [-10, 25]])), lost=("outside the picture",), at=0
    ),
    "zero area": Case(
        file(CAT, shape("dog", [[5, 5], [15, 15], [25, 25]])), {"cat": FULL}, lost=("no px",), at=1
    ),
    "one point thrice": Case(file(shape("dog", [[5, 5], [5, 5], [5, 5]])), lost=("all one",), at=0),
    "sliver": Case(file(shape("dog", [[5, 5.0], [55, 5.02], [55, 5.04]])), lost=("no px",), at=0),
    "polygon of two points": Case(
        file(CAT, shape("dog", [[5, 5], [15, 15]])), {"cat": FULL}, lost=("2 points",), at=1
    ),
    "rectangle of one point": Case(
        file(shape("dog", [[5, 5]], "rectangle")), lost=("1 points",), at=0
    ),
    "circle of no radius": Case(
        file(shape("dog", [[5, 5], [5, 5]], "circle")), lost=("all one", "no area"), at=0
    ),
    "linestrip of one point": Case(
        file(shape("dog", [[5, 5]], "linestrip")), lost=("1 point",), at=0
    ),
    "line of no length": Case(
        file(shape("dog", [[5, 5], [5, 5]], "line")), lost=("no length",), at=0
    ),
    "no points": Case(file(shape("dog", [])), lost=("no points",), at=0),
    "points that are null": Case(file(shape("dog", None)), lost=("wanted a list",), at=0),
    "points of text": Case(file(shape("dog", [["1", "2"]] * 3)), lost=("wanted a list",), at=0),
    "points of three numbers": Case(file(shape("dog", [[1, 2, 3]] * 3)), lost=("[x, y]",), at=0),
    "NaN": Case(
        file(CAT, shape("dog", [[float("nan"), 5], [20, 5], [20, 20]])),
        {"cat": FULL},
        lost=("not finite",),
        at=1,
    ),
    "1e30": Case(
        file(CAT, shape("dog", [[1e30, 5], [20, 5], [20, 20]])),
        {"cat": FULL},
        lost=("beyond",),
        at=1,
    ),
    "an integer of 400 digits": Case(
        file(CAT, shape("dog", [[10**400, 5], [20, 5], [20, 20]])),
        {"cat": FULL},
        lost=("beyond",),
        at=1,
    ),
    "shape type of another program": Case(
        file(CAT, shape("dog", BOX, "cuboid")), {"cat": FULL}, lost=("'cuboid'", "polygon"), at=1
    ),
    "no shape type, as labelme 2 wrote": Case(
        file({"label": "cat", "points": BOX, "line_color": None}), {"cat": FULL}
    ),
    "a shape that is null": Case(file(None, CAT), {"cat": FULL}, lost=("wanted an object",), at=0),
    # files
    "no shapes but flags": Case(file(flags={"cat": True}), count=0),
    "shapes that are null": Case(raw(json.dumps(content() | {"shapes": None}).encode()), count=0),
    "no key shapes": Case(raw(b'{"hello": 1}'), lost=("not a labelme file",)),
    "a list": Case(raw(b"[1, 2]"), lost=("not a labelme file",)),
    "an empty file": Case(raw(b""), lost=("is empty",)),
    "cut short": Case(raw(json.dumps(content(CAT)).encode()[:150]), lost=("cut short",)),
    "not JSON": Case(raw(b"hello"), lost=("not JSON",)),
    "nested without end": Case(raw(b'{"shapes":' + b"[" * 100_000), lost=("nested",)),
    "Latin-1": Case(
        raw(json.dumps(content(shape("Köter", BOX)), ensure_ascii=False).encode("latin-1")),
        lost=("not UTF-8",),
    ),
    "UTF-8 with a mark": Case(
        raw(b"\xef\xbb\xbf" + json.dumps(content(CAT)).encode()), {"cat": FULL}
    ),
    "UTF-16": Case(raw(json.dumps(content(CAT)).encode("utf-16")), {"cat": FULL}),
    "a hidden file of a Mac": Case(hidden, {"cat": FULL}),
    "two files of one picture": Case(two_of_one_picture, {"cat": FULL}, count=2),
    # pictures
    "EXIF 6, annotated upright": Case(
        turned(6, (WIDTH, HEIGHT), BOX), {"cat": FULL}, note=("EXIF orientation 6",)
    ),
    "EXIF 6, annotated as stored": Case(
        turned(6, (HEIGHT, WIDTH), [[10, 10], [20, 10], [20, 30], [10, 30]]),
        {"cat": box(30, 10, 50, 20)},
        note=("turned",),
    ),
    "EXIF 8, annotated as stored": Case(
        turned(8, (HEIGHT, WIDTH), [[10, 10], [20, 10], [20, 30], [10, 30]]),
        {"cat": box(10, 20, 30, 30)},
        note=("turned",),
    ),
    "EXIF 6, no size stated": Case(
        turned(6, (None, None), BOX),
        {"cat": FULL},  # type: ignore[arg-type]
    ),
    "EXIF 6, an upright copy embedded": Case(embedded_upright, {"cat": FULL}),
    "embedded picture alone": Case(embedded, {"cat": FULL}, note=("byte for byte",)),
    "embedded data that is no picture": Case(
        file(CAT, imageData="aGVsbG8="), {"cat": FULL}, note=("not a picture",)
    ),
    "embedded data that is not base64": Case(
        file(CAT, imageData="é"), {"cat": FULL}, note=("not base64",)
    ),
    "missing picture": Case(without_picture(), {"cat": FULL}, lost=("a.jpg is missing",)),
    "missing picture and size": Case(
        without_picture(imageWidth=None, imageHeight=None), lost=("missing", "no size")
    ),
    "picture of another size": Case(
        file(CAT, imageWidth=120, imageHeight=80), lost=("120 x 80", "60 x 40")
    ),
    "picture that is a text": Case(
        lambda folder: (file(CAT)(folder), (folder / "a.jpg").write_text("hello"), None)[-1],
        {"cat": FULL},
        lost=("is missing",),
        note=("not a picture",),
    ),
    "Windows path": Case(
        named("a.jpg", "..\\photos\\a.jpg"), {"cat": FULL}, note=("photos", "found as a.jpg")
    ),
    "Windows path with a drive": Case(
        named("a.jpg", "C:\\Users\\me\\a.jpg"), {"cat": FULL}, note=("found as a.jpg",)
    ),
    "path in other case": Case(named("IMG_1.JPG", "img_1.jpg"), {"cat": FULL}),
    "path composed of two": Case(named("caf\u00e9.jpg", "cafe\u0301.jpg"), {"cat": FULL}),
    "names in Unicode": Case(named("фото 1.jpg", "фото 1.jpg", "фото 1.json"), {"cat": FULL}),
    "name with a dot": Case(named("a.v2.jpg", "a.v2.jpg", "a.v2.json"), {"cat": FULL}),
    "name like a formula": Case(named("=1+1.png", "=1+1.png", "=1+1.json"), {"cat": FULL}),
    "names that are not UTF-8": Case(
        named(os.fsdecode(b"\xff.jpg"), "", os.fsdecode(b"\xff.json")), {"cat": FULL}
    ),
    "half a character": Case(
        raw(json.dumps(content(shape("cat \ud800", BOX))).encode()), lost=("JSON",)
    ),
    "a number too large for most": Case(file(CAT, more=10**400), {"cat": FULL}),
    "no path": Case(named("a.jpg", ""), {"cat": FULL}),
    "path of a thousand letters": Case(
        named("a.jpg", "x" * 1000 + ".jpg"), {"cat": FULL}, lost=("is missing",)
    ),
}


def folder_of(number: int) -> str:
    """The folder of a case: its number."""
    return f"case{number:02d}"


def write_all(root: Path) -> Path:
    """The torture folder."""
    for number, case in enumerate(CASES.values()):
        folder = root / folder_of(number)
        folder.mkdir(parents=True)
        case.write(folder)
    return root
