"""Comic and storyboard pages: their panels, reading order, lettering and duplicates."""

from .duplicates import Print, Prints, fingerprint
from .find import Panel, find_panels
from .lettering import erase_lettering, find_lettering
from .order import reading_order

__all__ = [
    "Panel",
    "Print",
    "Prints",
    "erase_lettering",
    "find_lettering",
    "find_panels",
    "fingerprint",
    "reading_order",
]
