"""Lengths: every unit, and the sentence for everything that is none."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linework.strokes.errors import LineworkError
from linework.strokes.units import format_mm, format_number, to_mm, to_positive_px, to_px

LENGTHS = {
    "bare": ("40", 40.0),
    "number": (40, 40.0),
    "px": ("40px", 40.0),
    "mm": ("25.4mm", 96.0),
    "cm": ("2.54cm", 96.0),
    "in": ("1in", 96.0),
    "pt": ("72pt", 96.0),
    "pc": ("6pc", 96.0),
    "Q": ("101.6Q", 96.0),
    "space between": (" 2.54 cm ", 96.0),
    "upper case": ("1IN", 96.0),
    "no leading digit": (".5in", 48.0),
    "exponent": ("1e1px", 10.0),
    "negative": ("-10px", -10.0),
}

NOT_LENGTHS = {
    "empty": "",
    "a word": "wide",
    "unit alone": "mm",
    "unknown unit": "3furlongs",
    "percent": "50%",
    "em": "2em",
    "nan": "nan",
    "two numbers": "3 4",
    "too long": "1e30mm",
    "overflow": "1e999",
    "infinite": math.inf,
    "not a number": math.nan,
}


@pytest.mark.parametrize(("length", "px"), LENGTHS.values(), ids=LENGTHS)
def test_length(length: str | float, px: float) -> None:
    assert to_px(length) == pytest.approx(px, rel=1e-12)


@pytest.mark.parametrize("length", NOT_LENGTHS.values(), ids=NOT_LENGTHS)
def test_not_a_length(length: str | float) -> None:
    with pytest.raises(LineworkError, match="pen width"):
        to_px(length, "pen width")


@pytest.mark.parametrize("length", [0, "-1mm", "0mm"])
def test_not_positive(length: str | float) -> None:
    with pytest.raises(LineworkError, match="not above 0"):
        to_positive_px(length)


@given(st.floats(-1e6, 1e6))
def test_number_within_half_a_thousandth(value: float) -> None:
    text = format_number(value)
    assert abs(float(text) - value) <= 0.0005 * (1 + 1e-9) + 1e-9
    assert format_number(float(text)) == text
    assert "e" not in text
    assert text != "-0"


@given(st.floats(0, 1e5))
def test_mm_there_and_back(px: float) -> None:
    assert to_px(format_mm(px)) == pytest.approx(px, abs=0.002)
    assert to_px(f"{to_mm(px)!r}mm") == pytest.approx(px, rel=1e-9)
