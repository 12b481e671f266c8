"""What pipes of ndjson must not lose."""

from __future__ import annotations

import json

import pytest
from drawings import AWKWARD, drawings
from hypothesis import given
from linework.strokes import Drawing, FormatError
from linework.strokes.quickdraw import decode_line, encode_line


@given(drawings().filter(lambda d: d.created is None or d.created.year >= 1000))
def test_a_line_keeps_all_of_a_drawing(drawing: Drawing) -> None:
    assert decode_line(encode_line(drawing)) == drawing


@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_drawings_come_back(name: str) -> None:
    assert decode_line(encode_line(AWKWARD[name])) == AWKWARD[name]


def test_plain_doodles_carry_no_field_of_ours() -> None:
    plain = Drawing.from_arrays([[[0, 0], [255, 9]]], label="cat")
    assert "linework" not in json.loads(encode_line(plain))


@pytest.mark.parametrize(
    ("extras", "found"),
    [
        ('{"colors": []}', "colors has 0 entries for 1 strokes"),
        ('{"widths": [-1]}', "width is -1"),
        ('{"pressures": [[1, 2, 3]]}', "pressure of shape"),
        ('{"size": [0, 5]}', "canvas of 0 x 5"),
        ('{"hue": 3}', "hue"),
    ],
)
def test_wrong_fields_are_named(extras: str, found: str) -> None:
    line = '{"drawing": [[[0, 1], [2, 3]]], "linework": ' + extras + "}"
    with pytest.raises(FormatError, match=found) as caught:
        decode_line(line, "cat.ndjson:7")
    assert "cat.ndjson:7" in str(caught.value)
