"""How much one request may ask for. The page reads the same numbers in `about.limits`."""

from __future__ import annotations

from typing import Any

# A drawing of all the points below is 2 MB of JSON, a label map of the largest size 1.4.
MESSAGE_BYTES = 8 * 2**20
# A page of A4 at 600 dpi as PNG.
FILE_BYTES = 48 * 2**20
# The same, decoded: about 1 GB while it is traced.
PIXELS = 40_000_000
STROKES = 2_000
POINTS = 50_000
# Characters of a word, a label, a layer or a colour.
NAME = 200
DRAWINGS = 100
ENDINGS = 12
# px of a label map's longer side, and of an exported picture's.
MAP = 1024
PICTURE = 2048
GIF = 1024
# px of the longer side of what is shown of a picture.
PREVIEW = 1600
# Requests of one page that are under way, pages, opened pictures kept.
IN_FLIGHT = 16
PAGES = 64
KEPT_PICTURES = 8
# Drawings that are shown of a file of many, and that are counted.
SHOWN_DRAWINGS = 64
COUNTED_DRAWINGS = 10_000
# Messages that wait for a page that does not read them; then it is hung up on.
WAITING_MESSAGES = 4_096
# Seconds that a body may take to arrive.
BODY_SECONDS = 30.0
# Seconds that a request may take, waiting included.
SECONDS: dict[str, float] = {
    "complete": 20,
    "sample": 20,
    "mimic": 20,
    "interpolate": 60,
    "recognise": 20,
    "clean": 300,
    "fill": 120,
    "regions": 120,
    "paint": 120,
    "open": 30,
    "export": 60,
}


def as_json() -> dict[str, Any]:
    """The limits by the names that the protocol gives them."""
    return {
        "message_bytes": MESSAGE_BYTES,
        "file_bytes": FILE_BYTES,
        "pixels": PIXELS,
        "strokes": STROKES,
        "points": POINTS,
        "drawings": DRAWINGS,
        "endings": ENDINGS,
        "map": MAP,
        "picture": PICTURE,
        "gif": GIF,
        "in_flight": IN_FLIGHT,
        "pages": PAGES,
        "seconds": SECONDS,
    }
