"""What a drawing is, and all that needs no training. Never imports torch."""

from typing import TYPE_CHECKING, Any

from .binary import read_bin, write_bin
from .bitmap import quickdraw_bitmap
from .drawing import Drawing, Stroke
from .errors import DrawingError, FormatError, LineworkError
from .files import Layout, read_drawings, write_drawings
from .npz import read_npz, write_npz
from .quickdraw import decode_line, encode_line, read_ndjson, write_ndjson
from .quickdraw_recipe import simplify_raw
from .raster import draw_color, draw_ink
from .simplify import resample
from .stroke3 import from_stroke3, from_stroke5, to_stroke3, to_stroke5
from .svg_read import read_svg
from .svg_write import svg_text, write_svg
from .transform import fit_to_canvas, scale, smooth, translate

if TYPE_CHECKING:
    from .table import DrawingTable, TableWriter


def __getattr__(name: str) -> Any:
    """Tables when they are asked for: pyarrow takes a tenth of a second to import."""
    if name in ("DrawingTable", "TableWriter"):
        from . import table

        return getattr(table, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "Drawing",
    "DrawingError",
    "DrawingTable",
    "FormatError",
    "Layout",
    "LineworkError",
    "Stroke",
    "TableWriter",
    "decode_line",
    "draw_color",
    "draw_ink",
    "encode_line",
    "fit_to_canvas",
    "from_stroke3",
    "from_stroke5",
    "quickdraw_bitmap",
    "read_bin",
    "read_drawings",
    "read_ndjson",
    "read_npz",
    "read_svg",
    "resample",
    "scale",
    "simplify_raw",
    "smooth",
    "svg_text",
    "to_stroke3",
    "to_stroke5",
    "translate",
    "write_bin",
    "write_drawings",
    "write_ndjson",
    "write_npz",
    "write_svg",
]
