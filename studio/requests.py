"""The messages of a page, read and checked; PROTOCOL.md says what each means.

Types, ranges and lengths are part of the classes, so that what is not of the form never comes
farther than here. What a drawing may not be is checked when it is made one (`drawing_of`).
"""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta

from ..strokes import Drawing
from ..strokes.errors import FormatError, LineworkError
from ..strokes.page_json import PageDrawing, from_page
from . import limits

# What msgspec raises for bytes that are no such JSON: deep nesting and broken UTF-8 as well.
JSON_ERRORS = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)

Id = Annotated[int, Meta(ge=0, le=2**53)]
Text = Annotated[str, Meta(max_length=limits.NAME)]
Seed = Annotated[int, Meta(ge=0, le=999_999_999)]
Temperature = Annotated[float, Meta(ge=0, le=2)]
Endings = Annotated[int, Meta(ge=1, le=limits.ENDINGS)]
MaxPoints = Annotated[int, Meta(ge=1, le=250)]
# Of a grid of four, a side; a strip may be longer.
GRID_STEPS = 9
MapSize = Annotated[int, Meta(ge=64, le=limits.MAP)]
Tolerance = Annotated[float, Meta(ge=0, le=0.5)]


class LabelMap(msgspec.Struct):
    """A label map as it stands."""

    size: tuple[
        Annotated[int, Meta(ge=1, le=limits.MAP)], Annotated[int, Meta(ge=1, le=limits.MAP)]
    ]
    pixels: str
    vocabulary: Text = "scene"


class Request(msgspec.Struct, kw_only=True, tag_field="type"):
    """What all requests have."""

    id: Id
    slot: Text | None = None


class Cancel(Request, tag="cancel", kw_only=True):
    """One request is no longer wanted."""


class Drawn(Request, kw_only=True):
    """What all that draw have."""

    word: Text | None = None
    n: Endings = 1
    temperature: Temperature | None = None
    seed: Seed | None = None
    max_points: MaxPoints = 250


class Complete(Drawn, tag="complete", kw_only=True):
    """Endings of a drawing."""

    drawing: PageDrawing
    n: Endings = 5
    max_points: MaxPoints = 120


class Sample(Drawn, tag="sample", kw_only=True):
    """New drawings."""


class Mimic(Drawn, tag="mimic", kw_only=True):
    """A drawing as another word."""

    drawing: PageDrawing
    word: Text


class Interpolate(Drawn, tag="interpolate", kw_only=True):
    """Drawings between two or four."""

    ends: Annotated[list[PageDrawing], Meta(min_length=2, max_length=4)]
    steps: Annotated[int, Meta(ge=2, le=24)] = 10


class Recognise(Request, tag="recognise", kw_only=True):
    """What a drawing shows."""

    drawing: PageDrawing
    k: Annotated[int, Meta(ge=1, le=20)] = 5
    scene: bool = False


class Clean(Request, tag="clean", kw_only=True):
    """A picture to strokes."""

    picture: Text
    clean: bool = True
    strength: Annotated[float, Meta(ge=0, le=1)] = 0.5
    gap: Annotated[float, Meta(ge=0, le=20)] = 2.6
    accuracy: Annotated[float, Meta(ge=0.01, le=20)] = 0.2
    line_width: Annotated[float, Meta(gt=0, le=1000)] | None = None
    vary_width: bool = False
    layers: bool = False


class Fill(Request, tag="fill", kw_only=True):
    """A doodled scene to a label map."""

    drawing: PageDrawing
    size: MapSize = 512
    vocabulary: Text = "scene"
    tolerance: Tolerance = 0.05
    recognise: bool = True


class Regions(Request, tag="regions", kw_only=True):
    """What the lines part."""

    drawing: PageDrawing
    size: MapSize = 512
    tolerance: Tolerance = 0.05


class Paint(Request, tag="paint", kw_only=True):
    """A label map to a picture."""

    labels: LabelMap
    seed: Seed | None = None
    regions: Annotated[dict[Text, Seed], Meta(max_length=64)] = {}
    style: Text | None = None


class Export(msgspec.Struct, tag=False):
    """The body of an export."""

    format: Text
    drawings: Annotated[list[PageDrawing], Meta(max_length=limits.DRAWINGS)] = []
    labels: LabelMap | None = None
    width: Text | None = None
    pen_width: Text = "0.5mm"
    background: Text | None = None
    size: Annotated[int, Meta(ge=1, le=limits.PICTURE)] | None = None
    seconds: Annotated[float, Meta(gt=0, le=20)] | None = None


Message = (
    Complete | Sample | Mimic | Interpolate | Recognise | Clean | Fill | Regions | Paint | Cancel
)


class _Numbered(msgspec.Struct):
    """The one thing that is asked of a message which is wrong otherwise."""

    id: Id


_message = msgspec.json.Decoder(Message)
_export = msgspec.json.Decoder(Export)
_numbered = msgspec.json.Decoder(_Numbered)


def read_message(text: str | bytes) -> Message:
    """A page's message.

    Raises:
        FormatError: not one; says what is wrong with it.
    """
    try:
        return _message.decode(text)
    except JSON_ERRORS as error:
        raise FormatError(f"the studio cannot read this request: {_reason(error)}") from error


def read_export(text: bytes) -> Export:
    """The body of an export. Raises as `read_message`."""
    try:
        return _export.decode(text)
    except JSON_ERRORS as error:
        raise FormatError(f"the studio cannot read this request: {_reason(error)}") from error


def number_of(text: str | bytes) -> int | None:
    """The `id` of a message that is otherwise wrong, or None."""
    try:
        return _numbered.decode(text).id
    except JSON_ERRORS:
        return None


def drawing_of(page: PageDrawing, where: str = "the drawing") -> Drawing:
    """A drawing that a page sent, within the limits.

    Raises:
        LineworkError: more than the limits allow; or as `from_page`.
    """
    if len(page.strokes) > limits.STROKES:
        raise LineworkError(
            f"{where} has {len(page.strokes):,} strokes; the studio takes {limits.STROKES:,}: "
            "simplify it, or use the command line"
        )
    points = sum(len(stroke.points) for stroke in page.strokes)
    if points > limits.POINTS:
        raise LineworkError(
            f"{where} has {points:,} points; the studio takes {limits.POINTS:,}: simplify it, or "
            "use the command line"
        )
    names = [page.label, page.country, page.created]
    names += [text for stroke in page.strokes for text in (stroke.color, stroke.layer)]
    longest = max((len(name) for name in names if name), default=0)
    if longest > limits.NAME:
        raise LineworkError(
            f"{where} has a name of {longest:,} characters; wanted {limits.NAME} at most"
        )
    return from_page(page, where)


def pixels_of(labels: LabelMap) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """The pixels of a label map, uint8 (H, W).

    Raises:
        FormatError: not base64, or of another length than the size says.
    """
    width, height = labels.size
    try:
        content = base64.b64decode(labels.pixels, validate=True)
    except (binascii.Error, ValueError) as error:
        raise FormatError(f"the label map's pixels are not base64 ({error})") from error
    if len(content) != width * height:
        raise FormatError(
            f"the label map has {len(content):,} pixels; its size, {width} x {height}, wants "
            f"{width * height:,}"
        )
    return np.frombuffer(content, np.uint8).reshape(height, width)


def page_labels(pixels: np.ndarray[Any, np.dtype[np.uint8]], vocabulary: str) -> LabelMap:
    """A label map, uint8 (H, W), as a page takes it."""
    height, width = pixels.shape
    return LabelMap((width, height), base64.b64encode(pixels.tobytes()).decode(), vocabulary)


def _reason(error: Exception) -> str:
    """What msgspec says, without its quotation of long content."""
    text = str(error) or type(error).__name__
    return text if len(text) <= limits.NAME else f"{text[: limits.NAME]} ..."
