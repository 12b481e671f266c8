"""Lengths as people write them ("150mm", "2.5cm", "3in", "40px", "12pt") and px.

A px is 1/96 inch, as in CSS and SVG; a bare number is px. Percentages and font
units (em, ex) need something to refer to and are refused.
"""

from __future__ import annotations

import math
import re

from .errors import LineworkError

PX_PER_INCH = 96.0
MM_PER_INCH = 25.4

# CSS Values 4, section 6.2: the absolute lengths, in px.
PX_PER_UNIT = {
    "": 1.0,
    "px": 1.0,
    "mm": PX_PER_INCH / MM_PER_INCH,
    "cm": 10 * PX_PER_INCH / MM_PER_INCH,
    "q": 0.25 * PX_PER_INCH / MM_PER_INCH,
    "in": PX_PER_INCH,
    "pt": PX_PER_INCH / 72,
    "pc": PX_PER_INCH / 6,
}

# A fineliner, the pen of strokes that have no width of their own: visible on a screen
# at 96 px an inch, and one that everybody owns.
PEN_WIDTH = "0.5mm"

# The widest sheet of paper that a length may mean; beyond it the unit is surely wrong.
MAX_LENGTH_PX = 1_000_000.0

_LENGTH = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([a-zA-Z%]*)\s*", re.ASCII)


def to_px(length: str | float, name: str = "length") -> float:
    """A length in px.

    Args:
        length: a number with or without a unit of mm, cm, Q, in, pt, pc, px.
        name: what the length is for; the error says it.

    Raises:
        LineworkError: not a number, an unknown unit, not finite or beyond 10^6 px.

    >>> to_px("1in"), to_px("25.4mm"), to_px(40)
    (96.0, 96.0, 40.0)
    """
    if isinstance(length, int | float):
        value, unit = float(length), ""
    else:
        match = _LENGTH.fullmatch(length)
        if match is None:
            raise LineworkError(
                f"{name} {length!r} is not a length; write a number and a unit, such as "
                "150mm, 15cm, 6in or 400px"
            )
        value, unit = float(match[1]), match[2].lower()
    if unit not in PX_PER_UNIT:
        raise LineworkError(
            f"{name} {length!r} has the unit {unit!r}; wanted one of mm, cm, in, pt, px"
        )
    px = value * PX_PER_UNIT[unit]
    if not (math.isfinite(px) and abs(px) <= MAX_LENGTH_PX):
        raise LineworkError(
            f"{name} {length!r} is beyond {MAX_LENGTH_PX:,.0f} px ({to_mm(MAX_LENGTH_PX):,.0f} mm)"
        )
    return px


def to_positive_px(length: str | float, name: str = "length") -> float:
    """As `to_px`, for lengths that must be above 0: paper sizes and pen widths."""
    px = to_px(length, name)
    if px <= 0:
        raise LineworkError(f"{name} {length!r} is not above 0")
    return px


def to_mm(px: float) -> float:
    """Millimetres of a length in px.

    >>> to_mm(96)
    25.4
    """
    return px / PX_PER_INCH * MM_PER_INCH


def format_mm(px: float) -> str:
    """A length in px as millimetres with at most three decimals.

    >>> format_mm(96)
    '25.4mm'
    """
    return f"{format_number(to_mm(px))}mm"


def format_number(value: float) -> str:
    """At most three decimals, no trailing zeros, no exponent and no minus zero.

    >>> format_number(2.50), format_number(-0.0001), format_number(3)
    ('2.5', '0', '3')
    """
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
