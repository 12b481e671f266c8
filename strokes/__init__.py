"""What a drawing is, and all that needs no training. Never imports torch."""

from .drawing import Drawing, Stroke
from .errors import DrawingError, FormatError, LineworkError
from .stroke3 import from_stroke3, from_stroke5, to_stroke3, to_stroke5
from .table import DrawingTable, TableWriter

__all__ = [
    "Drawing",
    "DrawingError",
    "DrawingTable",
    "FormatError",
    "LineworkError",
    "Stroke",
    "TableWriter",
    "from_stroke3",
    "from_stroke5",
    "to_stroke3",
    "to_stroke5",
]
