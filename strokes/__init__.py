"""What a drawing is, and all that needs no training. Never imports torch."""

from .binary import read_bin, write_bin
from .drawing import Drawing, Stroke
from .errors import DrawingError, FormatError, LineworkError
from .npz import read_npz, write_npz
from .quickdraw import decode_line, encode_line, read_ndjson, write_ndjson
from .quickdraw_recipe import simplify_raw
from .simplify import resample
from .stroke3 import from_stroke3, from_stroke5, to_stroke3, to_stroke5
from .table import DrawingTable, TableWriter
from .transform import fit_to_canvas, scale, smooth, translate

__all__ = [
    "Drawing",
    "DrawingError",
    "DrawingTable",
    "FormatError",
    "LineworkError",
    "Stroke",
    "TableWriter",
    "decode_line",
    "encode_line",
    "fit_to_canvas",
    "from_stroke3",
    "from_stroke5",
    "read_bin",
    "read_ndjson",
    "read_npz",
    "resample",
    "scale",
    "simplify_raw",
    "smooth",
    "to_stroke3",
    "to_stroke5",
    "translate",
    "write_bin",
    "write_ndjson",
    "write_npz",
]
